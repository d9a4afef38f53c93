"""What a frame of the Slide costs: the picture is made, then painted, as the kernel goes over the outputs.

    python tests/benchmarks/slide.py [--frames 200]

Run by hand; times are those of the processor, since others may use the machine too, and figures, never asserted.
"lesson" is the window at 1440 × 900, "largest" a canvas that fills a
screen of 2560 × 1440 with the smallest cells, "written" one with numbers in all cells.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import statistics
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
here = str(pathlib.Path(__file__).parent)
sys.path = [folder for folder in sys.path if folder != here]  # tracer.py beside this file would hide the package

import numpy as np  # noqa: E402
from PySide6.QtGui import QImage  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from gui.theme.theme import Theme  # noqa: E402
from gui.widgets.canvas import Canvas  # noqa: E402
from tracer.convolution import chosen as choosing  # noqa: E402
from tracer.convolution import shapes  # noqa: E402
from tracer.convolution.chosen import Numbers  # noqa: E402
from tracer.convolution.layer import Settings  # noqa: E402
from tracer.convolution.settings import resolve  # noqa: E402
from tracer.drawing import slide, slide_layout, slide_sheets  # noqa: E402
from tracer.drawing.slide_layout import Part  # noqa: E402
from tracer.experiment import Convolution  # noqa: E402

LESSON = Convolution(layer="Conv2d", in_channels=20, out_channels=16, kernel_size=(3, 5), input_size=(64, 128))
STEM = Convolution(layer="Conv2d", in_channels=64, out_channels=64, kernel_size=7, input_size=(512, 512), padding=3)


class Case(NamedTuple):
    """A layer, the size of the canvas, and the zoom."""

    experiment: Convolution
    width: int
    height: int
    zoom: float


CASES = {
    "lesson": Case(LESSON, 814, 306, 1.0),
    "lesson, zoomed out": Case(LESSON, 814, 306, 0.5),
    "written": Case(STEM, 1900, 1000, 2.0),
    "largest": Case(STEM, 1900, 1000, 0.25),
}


def numbers_of(settings: Settings) -> Numbers:
    """Draw numbers of the right shapes; what they are does not matter to the time."""
    rng = np.random.default_rng(0)
    made = {row.name: rng.standard_normal(row.shape, np.float32) for row in shapes.shapes(settings)}
    return Numbers(made | {f"{name}.grad": array for name, array in made.items()}, True)


def frames(case: Case, theme: Theme, count: int) -> Iterator[tuple[float, float, int]]:
    """Give of each frame the milliseconds of making and of painting its picture, and its marks."""
    settings = resolve(case.experiment)
    numbers, looked_at, part = numbers_of(settings), choosing.first(settings), Part(zoom=case.zoom)
    canvas = Canvas("benchmark.slide", "Slide", theme)
    canvas.resize(case.width, case.height)
    image = QImage(case.width, case.height, QImage.Format.Format_ARGB32_Premultiplied)
    for _ in range(count):
        looked_at = choosing.next_output(looked_at, settings)
        start = time.process_time()
        sheets = slide_sheets.sheets(settings, looked_at)
        part = slide_layout.followed(sheets, part, case.width, case.height, False)
        picture = slide.picture(settings, numbers, looked_at, part, case.width, case.height)
        canvas.set_picture(picture)
        made = time.process_time()
        canvas.render(image)
        yield (made - start) * 1e3, (time.process_time() - made) * 1e3, len(picture.marks)


def main() -> None:
    """Print a row a case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=200)
    count = parser.parse_args().frames
    application = QApplication([])
    theme = Theme("light", application)
    print(f"{'case':20} {'marks':>6} {'draw ms':>8} {'paint ms':>9} {'median ms':>10} {'p95 ms':>7}   (aim: under 16)")
    for name, case in CASES.items():
        found = list(frames(case, theme, count + 5))[5:]
        whole = sorted(draw + paint for draw, paint, _ in found)
        draw, paint = (statistics.median(row[at] for row in found) for at in (0, 1))
        p95 = whole[int(0.95 * (len(whole) - 1))]
        print(f"{name:20} {found[0][2]:6d} {draw:8.1f} {paint:9.1f} {statistics.median(whole):10.1f} {p95:7.1f}")


if __name__ == "__main__":
    main()
