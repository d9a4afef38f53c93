"""LaTeX becomes an outline; what can't be drawn is none; shaping happens off the window's thread, and once."""

import pathlib
import re

import pytest

from gui.typeset.shapes import shape
from gui.typeset.typesetter import Typesetter

GOLDEN = (r"\frac{1}{4} \sum_{i} 3\left( x_{i}-2 \right)^{2}", r"\begin{bmatrix} -1.5 & 0 \\ 1.5 & 3 \end{bmatrix}")


@pytest.mark.parametrize("latex", GOLDEN)
def test_a_formula_has_an_outline_inside_of_its_size(latex):
    found = shape(latex)
    box = found.outline.boundingRect()
    assert found.width > 50 and found.above > 15 and found.below > 8
    assert box.left() >= -1 and box.right() <= found.width + 1
    assert -found.above - 1 <= box.top() and box.bottom() <= found.below + 1
    assert box.width() > 0.9 * found.width


def test_a_bar_and_the_signs_above_and_below_it_are_there():
    parts = len(shape(r"\frac{a}{b}").outline.toSubpathPolygons())
    assert parts == len(shape("a").outline.toSubpathPolygons()) + len(shape("b").outline.toSubpathPolygons()) + 1


@pytest.mark.parametrize("latex", [r"\mathrm{名}", r"\frac{1", "x_{", "a_b_c"])
def test_what_the_font_or_the_typesetter_does_not_know_has_no_shape(latex):
    assert shape(latex) is None


def test_all_that_the_golden_derivations_hold_can_be_drawn():
    from golden_programs import PROGRAMS
    from small_programs import derived

    found = set()
    for program in PROGRAMS:
        one = derived("\n".join(program.lines), program.inputs, program.constants, gradient=program.gradient)
        found |= {part.latex for by in one.derived for line in by.lines for part in line.parts if part.latex}
    commands = {command for latex in found for command in re.findall(r"\\[a-z]+|[^ -~]", latex)}
    assert len(commands) > 20
    with_each = {min((latex for latex in found if command in latex), key=len) for command in commands}
    assert [latex for latex in with_each if shape(latex) is None] == []


def test_the_window_shapes_nothing_itself_and_nothing_twice(qtbot, monkeypatch):
    import threading

    from gui.typeset import typesetter

    here, seen = threading.get_ident(), []
    monkeypatch.setattr(typesetter, "shape", lambda latex: seen.append((latex, threading.get_ident())))
    made = Typesetter()
    with qtbot.waitSignal(made.ready):
        made.ask(1, ["x", "y"])
        assert not made.is_done() and not made.has(["x"])
    assert made.is_done() and made.has(["x", "y"])
    made.ask(1, ["x", "y"])
    assert made.is_done()
    assert [latex for latex, _ in seen] == ["x", "y"]
    assert all(thread != here for _, thread in seen)


def test_who_asks_anew_takes_back_what_was_not_begun(qtbot, monkeypatch):
    from gui.typeset import typesetter

    seen = []
    monkeypatch.setattr(typesetter, "shape", seen.append)
    made = Typesetter()
    made.ask("page", [f"x_{{{n}}}" for n in range(50)])
    with qtbot.waitSignal(made.ready):
        made.ask("page", ["z"])
    made.stop()
    assert "z" in seen and len(seen) <= 3


def test_no_file_imports_the_typesetter_before_it_is_wanted():
    root = pathlib.Path(__file__).parents[3]
    early = [
        path
        for room in ("gui", "tracer")
        for path in (root / room).rglob("*.py")
        if re.search(r"^(import|from) zia", path.read_text(), re.M)
    ]
    assert early == []
