import re
from pathlib import Path
from xml.etree import ElementTree

from msgspec.structs import replace

from tracer.drawing.graphviz import run
from tracer.export.dot import dot
from tracer.facts import Facts, read

GOLDEN = Path(__file__).parents[2] / "golden"
LESSON = read(GOLDEN / "lesson.json")
SVG = "{http://www.w3.org/2000/svg}"


def named(name: str) -> Facts:
    """The lesson, its input called so."""
    nodes = (replace(LESSON.graph.nodes[0], label=name), *LESSON.graph.nodes[1:])
    return replace(LESSON, graph=replace(LESSON.graph, nodes=nodes), tensors=())


def rendered(facts: Facts) -> ElementTree.Element:
    return ElementTree.fromstring(run(dot(facts), 10, "svg"))


def test_a_very_long_name_is_shortened() -> None:
    texts = [element.text or "" for element in rendered(named("x" * 10_000)).iter(f"{SVG}text")]
    assert max(map(len, texts)) < 250


def test_parallel_edges_are_kept() -> None:
    edges = re.findall(r"^(b\d+) -> (b\d+)", dot(LESSON), flags=re.MULTILINE)
    assert edges == [("b0", "b1"), ("b1", "b2"), ("b1", "b2"), ("b2", "b3"), ("b3", "b4")]


def test_the_lesson_as_a_golden() -> None:
    assert dot(LESSON) == (GOLDEN / "lesson.dot").read_text()
