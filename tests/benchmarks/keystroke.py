"""How long a letter takes to be seen: in a real window, drawn off screen, with its real worker.

    python tests/benchmarks/keystroke.py [--times 40] [--json FILE]

Run by hand. A letter is typed into a field; "shapes" is the time until the window has painted the new shapes, formula
and costs, which need no worker; "values" the time until the numbers of the newest edit have come (Arrays) and the
window has painted with them. "window" is the processor time of the window's process until the shapes are painted,
which other work on the machine leaves almost as it is. The next letter waits until all of the last is answered.
Figures, never asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
AIM_MS = 100
SIZES = ("Toeplitz 7, 3", "Lesson 1D", "Lesson 2D", "Lesson 2D padded")
FIELD, KEYS = "convolution.dilation.0", "12"  # the number is replaced by one of these, in turn
WAIT_S = 60
KINDS = ("window", "shapes", "values")


def measure(times: int) -> list[dict[str, Any]]:
    """Type into the window, a preset after the other."""
    from PySide6.QtWidgets import QWidget

    from gui.app import build
    from gui.convolution.presets import PRESETS
    from gui.session.session import Session
    from tracer.worker.messages import Arrays

    window = build(("--size", "1440x900", "--workspace", "convolution"))
    window.show()
    session, came = window.findChild(Session), [0.0]
    assert session is not None
    session.answered.connect(
        lambda _name, message: came.__setitem__(0, time.perf_counter()) if isinstance(message, Arrays) else None
    )
    found = []
    for name in SIZES:
        session.edit("convolution", PRESETS[name])
        _until(window.is_idle)
        entry = window.findChild(QWidget, FIELD)
        rounds = [_one(window, entry, KEYS[(at + 1) % 2], came) for at in range(times + 3)][3:]  # the first warm up
        found += [_row(name, kind, [each[at] for each in rounds]) for at, kind in enumerate(KINDS)]
    window.close()
    return found


def _one(window: Any, entry: Any, key: str, came: list[float]) -> tuple[float, float, float]:
    """Type one letter; give the milliseconds of each kind."""
    from PySide6.QtTest import QTest

    entry.setFocus()
    entry.selectAll()
    came[0] = 0.0
    start, busy = time.perf_counter(), time.process_time()
    QTest.keyClicks(entry, key)
    window.repaint()
    shapes, worked = time.perf_counter() - start, time.process_time() - busy
    _until(lambda: came[0] > 0)
    window.repaint()
    values = time.perf_counter() - start
    _until(window.is_idle)
    return 1000 * worked, 1000 * shapes, 1000 * values


def _until(ready: Callable[[], bool]) -> None:
    from PySide6.QtCore import QCoreApplication

    limit = time.perf_counter() + WAIT_S
    while not ready():
        if time.perf_counter() > limit:
            raise SystemExit(f"The window did not answer in {WAIT_S} s. Try again on a less busy machine.")
        QCoreApplication.processEvents()
        time.sleep(0.0005)


def _row(name: str, kind: str, milliseconds: list[float]) -> dict[str, Any]:
    worst = statistics.quantiles(milliseconds, n=20, method="inclusive")[-1]
    return {"size": name, "what": kind, "median_ms": statistics.median(milliseconds), "p95_ms": worst}


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=40, help="how many letters for each size")
    parser.add_argument("--json", type=pathlib.Path, help="write the figures here too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gradtrace-") as home:
        for folder in ("CONFIG", "DATA", "CACHE"):
            os.environ[f"XDG_{folder}_HOME"] = os.path.join(home, folder.lower())
        found = measure(options.times)
    print(f"keystroke to paint, {options.times} letters each; aim: {AIM_MS} ms p95")
    for row in found:
        met = "" if row["p95_ms"] <= AIM_MS else "  above the aim"
        print(
            f"{row['size']:<18} {row['what']:<7} median {row['median_ms']:7.1f} ms   p95 {row['p95_ms']:7.1f} ms{met}"
        )
    if options.json:
        options.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))
    main()
