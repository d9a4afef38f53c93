import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from tracer.drawing.graphviz import run
from tracer.export.dot import dot
from tracer.facts import Facts, read

GOLDEN = Path(__file__).parents[2] / "golden"
LESSON = read(GOLDEN / "lesson.json")
SVG = "{http://www.w3.org/2000/svg}"

# what a person may call a tensor, from the label table of the reliability baselines, and how the picture shows it
PAYLOADS = [
    ('a"b', 'a"b'),
    ('" URL="javascript:alert(1)', '" URL="javascript:alert(1)'),
    ("] evil [", "] evil ["),
    ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ("<b>bold</b>", "<b>bold</b>"),
    ("<<TABLE HREF='x'><TR><TD>y</TD></TR></TABLE>>", "<<TABLE HREF='x'><TR><TD>y</TD></TR></TABLE>>"),
    ("a&b &bogus; &lt; &#60;", "a&b &bogus; &lt; &#60;"),
    ("\\n \\N \\G \\\\", "\\n \\N \\G \\\\"),
    ("trailing \\", "trailing \\"),
    ('\\"', '\\"'),
    ("NUL\x00 ESC\x1b \ufffe \ud800", "NUL‹U+0000› ESC‹U+001B› ‹U+FFFE› ‹U+D800›"),
    ("\u202etfel", "‹U+202E›tfel"),
    ("node", "node"),
    ("重み 🙂", "重み 🙂"),
    ("javascript:alert(1)", "javascript:alert(1)"),
]  # fmt: skip


def named(name: str) -> Facts:
    """The lesson, its input called so."""
    nodes = (replace(LESSON.graph.nodes[0], label=name), *LESSON.graph.nodes[1:])
    return replace(LESSON, graph=replace(LESSON.graph, nodes=nodes), tensors=())


def rendered(facts: Facts) -> ElementTree.Element:
    return ElementTree.fromstring(run(dot(facts), 10, "svg"))


@pytest.mark.parametrize(("name", "shown"), PAYLOADS)
def test_graphviz_shows_a_name_as_it_was_written(name: str, shown: str) -> None:
    root = rendered(named(name))
    assert f"{shown} (input)" in [element.text for element in root.iter(f"{SVG}text")]
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "g", "title", "text", "polygon", "path", "ellipse", "polyline", "a"}
    assert not [name for element in root.iter() for name in element.attrib if name.endswith("href")]


def test_a_very_long_name_is_shortened() -> None:
    texts = [element.text or "" for element in rendered(named("x" * 10_000)).iter(f"{SVG}text")]
    assert max(map(len, texts)) < 250


def test_parallel_edges_are_kept() -> None:
    edges = re.findall(r"^(b\d+) -> (b\d+)", dot(LESSON), flags=re.MULTILINE)
    assert edges == [("b0", "b1"), ("b1", "b2"), ("b1", "b2"), ("b2", "b3"), ("b3", "b4")]


def test_the_lesson_as_a_golden() -> None:
    assert dot(LESSON) == (GOLDEN / "lesson.dot").read_text()
