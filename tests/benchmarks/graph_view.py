"""Frame time of the graph view, in ms (least and median): python tests/benchmarks/graph_view.py"""

from __future__ import annotations

import os
import pathlib
import statistics
import sys
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

sys.path[0] = str(pathlib.Path(__file__).parents[2])  # in the place of this folder, whose tracer.py would hide ours

from PySide6.QtGui import QPixmap  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from gui.graph_view.view import GraphView  # noqa: E402
from gui.theme import fonts  # noqa: E402
from tracer.drawing.display_list import Area, DisplayList, Path, Rect, Text  # noqa: E402

ACROSS, STEP = 100, (150.0, 100.0)
ROUNDS = 9


def picture(cards: int) -> DisplayList:
    """Make a graph of so many cards, each joined to the one above it."""
    marks, areas = list[Rect | Path | Text](), list[Area]()
    for number in range(cards):
        x, y = number % ACROSS * STEP[0], number // ACROSS * STEP[1]
        at = len(marks)
        if number >= ACROSS:
            marks.append(Path(((x + 50, y - 40), (x + 50, y - 20), (x + 50, y - 20), (x + 50, y)), stroke="forward"))
            joins = f"node {number - ACROSS}", f"node {number}"
            areas.append(Area(f"edge {number}", x + 49, y - 40, 2, 40, "an edge", (at, at + 1), joins))
            at += 1
        marks += [Rect(x, y, 100, 60, 7, "card", "border"), Text(x + 10, y + 24, "MulBackward0", 80)]
        areas.append(Area(f"node {number}", x, y, 100, 60, f"MulBackward0, y{number}, shape 2 × 2", (at, at + 2)))
    size = ACROSS * STEP[0], -(-cards // ACROSS) * STEP[1]
    return DisplayList(*size, tuple(marks), tuple(areas))


def timed(work: Callable[[], object]) -> str:
    """Time some work, with a first round that is not counted."""
    work()
    found = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        found.append(1000 * (time.perf_counter() - start))
    return f"{min(found):6.1f} /{statistics.median(found):6.1f}"


def frame(view: GraphView) -> Callable[[], object]:
    """Paint the view and all that lies on it."""
    target = QPixmap(view.size())
    return lambda: view.render(target)


def main() -> None:
    """Print the frame times for three sizes of graph."""
    application = QApplication.instance() or QApplication([])
    fonts.register()
    view = GraphView()
    view.setObjectName("benchmark")
    view.resize(1600, 1000)
    view.show()
    application.processEvents()
    for cards in (1000, 5000, 20_000):
        shown = picture(cards)
        print(f"{cards} cards")
        print("  take the picture  ", timed(lambda shown=shown: view.set_picture(shown)))
        view.fit()
        print("  all of it         ", timed(frame(view)))
        view.actual_size()
        print("  at 100 %          ", timed(frame(view)))
        if hasattr(view, "finder"):
            _of_finding(view)


def _of_finding(view: GraphView) -> None:
    def seek() -> None:
        view.finder.entry.clear()
        view.finder.entry.setText("mul 2x2")

    view.minimap.repaint_picture()
    print("  first of the map  ", timed(lambda: (view.minimap.repaint_picture(), view.minimap.grab())))
    print("  map again         ", timed(view.minimap.grab))
    view.finder.begin()
    print("  find              ", timed(seek))
    print("  100 %, all found  ", timed(frame(view)))
    view.fit()
    print("  all, all found    ", timed(frame(view)))
    view.finder.end()


if __name__ == "__main__":
    main()
