import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from tracer.drawing.display_list import Area, DisplayList, Rect, Text
from tracer.drawing.palette import PALETTES
from tracer.drawing.picture import draw
from tracer.export.svg import svg
from tracer.facts import Facts, read

GOLDEN = Path(__file__).parents[2] / "golden"
LESSON = read(GOLDEN / "lesson.json")
SVG = "{http://www.w3.org/2000/svg}"


def named(name: str) -> Facts:
    """The lesson, its input called so."""
    nodes = (replace(LESSON.graph.nodes[0], label=name), *LESSON.graph.nodes[1:])
    tensors = tuple(replace(tensor, name=name) if tensor.name == "x" else tensor for tensor in LESSON.tensors)
    return replace(LESSON, graph=replace(LESSON.graph, nodes=nodes), tensors=tensors)


def test_text_stays_as_it_was_written() -> None:
    root = ElementTree.fromstring(svg(draw(named("a&b <c> \\n"))))
    assert "a&b <c> \\n" in [element.text for element in root.iter(f"{SVG}text")]


def test_the_lesson_as_a_golden() -> None:
    """To renew it: python -c 'import tracer; tracer.Recording.load("tests/golden/lesson.json").save(...svg)'."""
    assert svg(draw(LESSON)) == (GOLDEN / "lesson.svg").read_text()


def test_a_picture_says_what_it_is_and_its_parts_have_tooltips() -> None:
    root = ElementTree.fromstring(svg(draw(LESSON)))
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == "The autograd graph of a: 5 nodes"
    titles = [title.text for group in root.iter(f"{SVG}g") for title in group.iter(f"{SVG}title")]
    assert len(titles) == 10
    assert any(title and title.startswith("SubBackward0, y = x − 2") for title in titles)


def test_texts_have_their_measured_length() -> None:
    for text in ElementTree.fromstring(svg(draw(LESSON))).iter(f"{SVG}text"):
        assert float(text.attrib["textLength"]) > 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_only_the_colours_of_the_theme_are_used(theme) -> None:
    used = set(re.findall(r"#[0-9a-f]{6}", svg(draw(LESSON), theme)))
    assert used <= set(PALETTES[theme].values())


def test_an_unknown_theme_is_refused() -> None:
    with pytest.raises(ValueError, match="theme must be one of light, dark, and is 'blue'"):
        svg(draw(LESSON), "blue")  # type: ignore[arg-type]


def test_an_empty_picture_is_a_picture() -> None:
    root = ElementTree.fromstring(svg(DisplayList(0, 0, ())))
    assert [element.tag for element in root] == [f"{SVG}title", f"{SVG}rect"]


def test_whatever_a_display_list_says_the_file_is_xml() -> None:
    marks = (Text(0, 0, "a\x00<b>\ud800", 20.0),)
    areas = (Area("node 0", 0, 0, 1, 1, "\x01&", (0, 1)),)
    root = ElementTree.fromstring(svg(DisplayList(9, 9, marks, areas, title='"\uffff<')))
    assert [text.text for text in root.iter(f"{SVG}text")] == ["a‹U+0000›<b>‹U+D800›"]


def test_marks_of_no_area_are_written_too() -> None:
    marks = (Rect(0, 0, 10, 10, fill="card"), Text(1, 2, "loose", 20.0))
    root = ElementTree.fromstring(svg(DisplayList(20, 20, marks, (Area("node 0", 0, 0, 10, 10, "first", (0, 1)),))))
    assert [element.text for element in root.findall(f"{SVG}text")] == ["loose"]
    assert len(root.findall(f"{SVG}g")) == 1
