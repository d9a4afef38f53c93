import sys
import time
from pathlib import Path

import pytest

from tracer.drawing import graphviz
from tracer.drawing.dot import CLEAR
from tracer.drawing.lanes import Bundle, Lane
from tracer.drawing.layout import Size
from tracer.errors import DrawingError, LimitPassed

SLOW = "import sys, time; sys.stdin.read(); time.sleep(30)"


def bundle(tail: int, head: int, room: float = 0.0) -> Bundle:
    return Bundle(tail, head, (0,), (0,), (Lane(0, False, None, 0.0, 0.0),), 16.0, room)


def test_cards_and_routes_come_back_in_points_with_y_down() -> None:
    sizes = [Size(100, 40), Size(120, 50)]
    [found] = graphviz.place(sizes, [bundle(0, 1)], [], [range(2)], 10)
    upper, lower = found.boxes
    assert (upper.width, upper.height) == pytest.approx((100, 40), abs=0.01)
    assert lower.y > upper.y + upper.height
    [piece] = found.routes[0].pieces
    assert piece[0] == pytest.approx((upper.x + 50, upper.y + 40 + CLEAR), abs=0.5)
    assert piece[-1] == pytest.approx((lower.x + 60, lower.y - CLEAR), abs=0.5)


def test_a_room_for_labels_lies_between_the_cards() -> None:
    [found] = graphviz.place([Size(100, 40)] * 2, [bundle(0, 1, room=30.0)], [], [range(2)], 10)
    assert len(found.routes[0].pieces) == 2
    assert found.routes[0].label is not None
    middle = found.routes[0].label[1]
    assert found.boxes[0].y + 40 + 15 < middle < found.boxes[1].y - 15


def test_columns_are_laid_out_apart() -> None:
    found = graphviz.place([Size(100, 40)] * 2, [bundle(0, 1)], [], [range(1), range(1, 2)], 10)
    assert [part.boxes[number].width for number, part in enumerate(found)] == pytest.approx([100, 100], abs=0.01)
    assert all(part.routes[0].pieces for part in found)


def test_a_text_that_is_no_dot_is_refused_with_graphviz_words() -> None:
    with pytest.raises(DrawingError, match=r"Graphviz could not lay out this graph: .*syntax error"):
        graphviz.run("digraph {", 10)


def test_a_program_that_is_not_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADTRACE_DOT", "/nowhere/dot")
    with pytest.raises(DrawingError, match=r"/nowhere/dot: Graphviz could not be started: .*GRADTRACE_DOT"):
        graphviz.run("digraph {}", 10)


@pytest.mark.skipif(sys.platform == "win32", reason="a script is no program there")
def test_a_program_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / "dot"
    slow.write_text(f"#!{sys.executable}\n{SLOW}\n")
    slow.chmod(0o755)
    monkeypatch.setenv("GRADTRACE_DOT", str(slow))
    started = time.monotonic()
    with pytest.raises(LimitPassed, match=r"within 0\.3 seconds"):
        graphviz.run("digraph {}", 0.3)
    assert time.monotonic() - started < 5
