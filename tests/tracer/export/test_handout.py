from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from tracer.drawing.display_list import Text
from tracer.drawing.font_widths import width
from tracer.drawing.step_pictures import Ran, picture
from tracer.errors import DrawingError, TracerError
from tracer.export.handout import Code, Heading, Rows, Shown, Taught, Words, blocks, figures
from tracer.export.handout_html import page
from tracer.export.handout_pages import ROOM, pages, wrapped
from tracer.export.pdf_pages import pdf_pages
from tracer.lesson import library
from tracer.lesson.hiding import still_hidden
from tracer.lesson.prose import Span
from tracer.lesson.reading import parse
from tracer.lesson.solving import solve
from tracer.runners.experiments import find

LESSON = """
format = "gradtrace-lesson"
version = 1
title = "<script>alert(1)</script> \\u202e & more"

[[steps]]
title = "Rows"
says = "Say <b>one</b> `thing`."
notes = "The notes say 9."
exact = "It is 9 exactly."
figures = [1, 2]
experiment = { type = "MatrixVector", matrix = [[1, 2, 3], [4, 5, 6]], vector = [2, -1, 3] }
[[steps.predict]]
asks = "What is y?"
kind = "list"
expect = "value(y)"
shows = "The sum is {sum(value(y))}."
[[steps.numbers]]
says = "the gradient"
is = "grad(x)"
[[steps.try]]
label = "Refused"
refused = "no"
experiment = { type = "Expression", program = "y = 2 * x\\ny.backward()", inputs = { x = [1, 2] } }

[[steps]]
title = "Backward"
says = "Walk."
experiment = { type = "Expression", program = "y = x - 2\\na = (y*y).mean()", inputs = { x = [[10, 12, 15, 20]] } }
[[steps.predict]]
asks = "What is the gradient of x?"
kind = "list"
expect = "grad(x)"

[[steps]]
title = "Places"
says = "Count."
[steps.experiment]
type = "Convolution"
layer = "Conv1d"
in_channels = 1
out_channels = 1
kernel_size = 2
input_size = 4
[[steps.predict]]
asks = "How many?"
kind = "shape"
expect = "shape(y)"
"""


def taught(lesson):
    found = []
    for step in lesson.steps:
        arrays: dict = {}
        facts = find(step.experiment, arrays.update)
        tried = []
        for other in step.tries:
            with pytest.raises(TracerError) as refused:
                find(other.experiment)
            tried.append(refused.value)
        found.append(Taught(step, Ran(facts, arrays), tuple(tried)))
    return found


@pytest.fixture(scope="module")
def lesson():
    return parse(LESSON, "mine.toml")


@pytest.fixture(scope="module")
def both(lesson):
    ran = taught(lesson)
    return {answers: list(blocks(lesson, ran, answers)) for answers in (False, True)}


def words(parts):
    return " ".join(
        "".join(span.text for span in part.spans) if isinstance(part, Words) else part.text
        for part in parts
        if isinstance(part, Words | Heading)
    )


def test_without_answers_nothing_tells_them(both):
    said = words(both[False])
    assert "What is y?" in said and "Figures 1 and 2 of the notes" in said
    assert "notes say" not in said and "exactly" not in said and "[9, 21]" not in said
    assert not [part for part in both[False] if isinstance(part, Rows)]
    drawn = [part.picture for part in both[False] if isinstance(part, Shown)]
    shown = " ".join(mark.text for one in drawn for mark in one.marks if isinstance(mark, Text))
    assert len(drawn) == 1, "the readings and the places would tell; the graph is shown without the gradient"
    assert "10 12 15 20" in shown and "4 5" not in shown


def test_answers_stand_at_the_end_with_every_number(both):
    said = words(both[True])
    head, _, answers = said.partition(" Answers ")
    assert "[9, 21]" not in head
    for text in (
        "[9, 21]",
        "The sum is 30.",
        "The notes say 9.",
        "It is 9 exactly.",
        "[[4, 5, 13/2, 9]]",
        "1 × 1 × 3",
    ):
        assert text in answers, text
    assert "It is refused" in answers
    rows = [row for part in both[True] if isinstance(part, Rows) for row in part.rows]
    assert ("the gradient", "[5, 7, 9]") in rows
    assert len([part for part in both[True] if isinstance(part, Shown)]) == 4


def test_the_html_is_whole_and_inert(both, lesson):
    text = page(lesson.title, both[True]).decode()
    assert "<script" not in text and "&lt;script&gt;" in text
    assert "\u202e" not in text and "‹U+202E›" in text
    assert "&lt;b&gt;one&lt;/b&gt;" in text and "<code>thing</code>" in text
    assert not re.search(r"(src|href|url\()\s*=?\s*[\"']?(https?:|//|data:)", text)
    assert "default-src 'none'" in text
    assert text.count("<svg") == text.count("</svg>") == 4
    for drawn in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        ET.fromstring(drawn)


def test_the_pages_hold_all_words_inside_their_margins(both):
    found = pages(both[True])
    assert len(found) > 1
    told = " ".join("".join(ET.fromstring(svg).itertext()) for svg in found)
    assert "[9, 21]" in told and f"1 of {len(found)}" in told
    for svg in found:
        for text in ET.fromstring(svg).iterfind("{http://www.w3.org/2000/svg}text"):
            assert 0 < float(text.get("y")) < 842
            start = float(text.get("x"))
            assert text.get("text-anchor") == "end" or start + float(text.get("textLength", 0)) <= 56 + ROOM + 1


def test_lines_are_broken_at_spaces_and_long_words_inside():
    lines = wrapped([("one two three ", "sans"), ("four", "semibold"), ("x" * 100, "mono")], 10.0, 60.0)
    assert all(sum(piece.wide for piece in line) <= 60 for line in lines)
    assert "".join(piece.text for line in lines for piece in line).replace(" ", "") == "onetwothreefour" + "x" * 100
    assert all(abs(piece.wide - width(piece.text, 10.0, piece.font)) < 0.01 for line in lines for piece in line)
    assert wrapped([("    indented", "mono")], 10.0, 600.0, spaces=True)[0][0].text == "    indented"


def test_pages_become_one_pdf():
    text = '<text y="20" font-family="Inter">{}</text>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="50">{text}</svg>'
    file = pdf_pages([svg.format("one"), svg.format("two"), svg.format("three")], "Lesson − ×")
    assert file.startswith(b"%PDF-1.7") and file.endswith(b"%%EOF\n")
    assert b"/Count 3" in file and len(re.findall(rb"/Type /Page\n", file)) == 3
    start = int(re.search(rb"startxref\n(\d+)\n", file)[1])
    rows = file[start:].splitlines()[2:]
    places = {number: int(row[:10]) for number, row in enumerate(rows) if row.endswith(b"n") and len(row) > 15}
    for number, place in places.items():
        assert file[place:].startswith(b"%d 0 obj\n" % number)
    heads = re.sub(rb"stream\n.*?endstream", b"", file, flags=re.DOTALL)
    assert {int(at) for at in re.findall(rb"\b(\d+) 0 R\b", heads)} <= set(places)
    assert len(set(re.findall(rb"/Contents (\d+) 0 R", heads))) == 3


def test_a_pdf_of_another_form_is_refused(monkeypatch):
    monkeypatch.setattr("tracer.export.pdf_pages.pdf", lambda svg: b"%PDF-2.0 something else")
    with pytest.raises(DrawingError, match="joined"):
        pdf_pages(["<svg/>"], "x")


@pytest.mark.parametrize(
    "found, text",
    [
        ((8,), "Figure 8"),
        ((9, 11), "Figures 9 and 11"),
        ((9, 10, 11), "Figures 9 to 11"),
        ((1, 2, 4), "Figures 1, 2 and 4"),
    ],
)
def test_figures_are_named(found, text):
    assert figures(found) == f"{text} of the notes"


def test_every_step_of_the_first_lesson_has_a_picture_once_answered():
    steps = {step.title: step for step in library.load("convolutions").steps if "Sizes" not in step.title}
    for title in ("Stack and shift", "Layer by layer", "Channels: mono, stereo", "Sparse, shared, composed"):
        step, arrays = steps[title], {}
        ran = Ran(find(step.experiment, arrays.update), arrays)
        whole, veiled = picture(step, ran), picture(step, ran, still_hidden(solve(step, ran.facts), frozenset()))
        assert whole is not None and whole.marks, title
        assert veiled != whole, title


def test_what_comes_before_something_stays_with_it():
    line = [Words((Span("text", "filler"),))] * 34
    for look in ("label", "question"):
        for count in range(28, 35):
            told = [*line[:count], Words((Span("text", "goes before"),), look), Code("x = 1\ny = 2\nz = 3")]
            (page_,) = [svg for svg in pages(told) if "goes before" in svg]
            assert "x = 1" in page_, (look, count)
