"""What a step of the backward debugger costs: the picture as it is stepped, the whole step, and its painting.

    python tests/benchmarks/stepping.py [--rounds 3]

Run by hand; times are those of the processor, since others may use the machine too, and figures, never asserted. Each
program is stepped from its start to its end in a window of 1440 × 900, so many times.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import statistics
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
here = str(pathlib.Path(__file__).parent)
sys.path = [folder for folder in sys.path if folder != here]  # tracer.py beside this file would hide the package

from PySide6.QtCore import QCoreApplication  # noqa: E402

from gui.app import build  # noqa: E402
from gui.join import Join  # noqa: E402
from gui.session.session import Session  # noqa: E402
from gui.window import Window  # noqa: E402
from tracer.experiment import Expression, Input  # noqa: E402
from tracer.expression.presets import PRESETS  # noqa: E402

LOOP = "y = x\nfor i in range({0}):\n    y = y * 1.01\na = y.sum()"
PROGRAMS = {
    **{name: PRESETS[name] for name in ("y*y*3", "Linear layer", "Doubling loop")},
    **{f"a loop of {times}": Expression(LOOP.format(times), {"x": Input([1, 2])}) for times in (40, 300)},
}


def settle(window: Window) -> None:
    """Wait until the window is idle."""
    while not window.is_idle():
        QCoreApplication.processEvents()
        time.sleep(0.005)
    QCoreApplication.processEvents()


def main() -> None:
    """Print a line for each program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    window = build(("--size", "1440x900", "--workspace", "expression"))
    window.show()
    session, join = window.findChild(Session), window.findChild(Join)
    assert session is not None and join is not None
    debugger = join.workspaces["expression"].debugger  # type: ignore[attr-defined]
    for name, program in PROGRAMS.items():
        session.edit("expression", program)
        settle(window)
        figures = {"picture": [], "step": [], "painting": []}
        for _ in range(rounds * (min(40, len(debugger.steps)) + 1)):
            start = time.thread_time()
            debugger.step()
            stepped = time.thread_time()
            QCoreApplication.processEvents()
            painted = time.thread_time()
            debugger.dress(debugger._result.drawn.picture)
            figures["picture"].append(time.thread_time() - painted)
            figures["step"].append(stepped - start)
            figures["painting"].append(painted - stepped)
        told = ", ".join(f"{key} {1e3 * statistics.median(found):.1f} ms" for key, found in figures.items())
        print(f"{name}: {len(debugger.steps)} steps, {told}")
    window.close()


if __name__ == "__main__":
    main()
