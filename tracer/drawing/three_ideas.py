"""Sparsity, stationarity and compositionality, each as a picture that moves: which input reaches which output.

Sparsity: of all arrows to an output those from outside its window fade. Stationarity: the arrows that are left carry
the same numbers at each place, in the same colours. Compositionality: layers on one another see further at each step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracer.drawing import stacked_layers
from tracer.drawing.cells import line, within
from tracer.drawing.display_list import Area, Colour, DisplayList, Path, Rect, Text
from tracer.drawing.font_widths import width as text_width
from tracer.drawing.moment import Moment, bank_of, paragraph, written
from tracer.drawing.number_table import part, shortened, told
from tracer.drawing.sheets import hue
from tracer.matrix_vector.readings import total
from tracer.matrix_vector.settings import Bank, Settings
from tracer.quantities import count

Mark = Rect | Path | Text
KINDS = {"sparsity": "Sparsity", "stationarity": "Stationarity", "compositionality": "Compositionality"}
MARGIN, NAMES, TOP, FOOT, CELL = 22.0, 66.0, 84.0, 62.0, 24.0
UNIT = (30.0, 84.0)  # points from one number to the next, at least and at most
STROKES: tuple[Colour, ...] = ("forward", "backward", "leaf")  # of the numbers of a kernel; the next three are dashed


def steps(settings: Settings, kind: str) -> int:
    """Count the steps: a step an output, or one a layer."""
    bank = bank_of(settings)
    return len(stacked_layers.stack(bank)) if kind == "compositionality" else bank.height


def picture(settings: Settings, moment: Moment, width: float, height: float) -> DisplayList:
    """Draw one of the three."""
    marks: list[Mark] = [line(MARGIN, 30, KINDS[moment.kind], 14.0, "semibold")]
    areas: list[Area] = []
    said = sentence(settings, moment)
    marks += paragraph(said, MARGIN, 50, width - 2 * MARGIN, 2, 12.0, "muted")
    layers = moment.kind == "compositionality"
    draw = (
        stacked_layers.drawn(bank_of(settings), moment, width, height)
        if layers
        else _arrows(settings, moment, width, height)
    )
    for mark in draw:
        (areas if isinstance(mark, Area) else marks).append(mark)  # type: ignore[arg-type]
    return DisplayList(width, height, tuple(marks), tuple(areas), "", said)


def sentence(settings: Settings, moment: Moment) -> str:
    """Say what the picture shows at its step, in numbers that are counted."""
    return SENTENCES[moment.kind](bank_of(settings), moment)


def _sparsity(bank: Bank, moment: Moment) -> str:
    dense, entries = bank.height * len(bank.weights[0]), _entries(bank, range(bank.height))
    left = (bank.height - moment.step) * len(bank.weights[0]) + _entries(bank, range(moment.step))
    kernels, end = len(bank.kernels), "" if moment.step == bank.height else f" now, {entries} at the end"
    whole = "" if kernels == 1 else f"; in {kernels} kernels {count(dense * kernels)} → {count(entries * kernels)}"
    return (
        f"A local output reads its window alone, not all {len(bank.weights[0])} inputs: {left} of {dense} arrows "
        f"are left{end}{whole}."
    )


def _stationarity(bank: Bank, moment: Moment) -> str:
    taps = len(bank.flat) // len(bank.kernels)
    own = _entries(bank, range(moment.step, bank.height)) + (taps if moment.step else 0)
    colours = "equal colours are the same number" if taps <= 2 * len(STROKES) else "colours repeat after 6 numbers"
    arrows, places = _entries(bank, range(bank.height)), f"{bank.height} place{'' if bank.height == 1 else 's'}"
    end = "" if moment.step == bank.height else f" now, {taps} at the end"
    return (
        f"The same {taps} numbers stand at each of {places}: {colours}. "
        f"The {arrows} arrows carry {own} free numbers{end}."
    )


SENTENCES = {"sparsity": _sparsity, "stationarity": _stationarity, "compositionality": stacked_layers.sentence}


def _entries(bank: Bank, rows: Sequence[int]) -> int:
    """Count the cells of the first kernel's sheet in which a weight stands: each kernel has as many."""
    return sum(at >= 0 for row in rows for at in bank.weights[row])


def _arrows(settings: Settings, moment: Moment, width: float, height: float) -> Iterator[Mark | Area]:
    """Draw the inputs over the outputs of the kernel in front, and an arrow for each that reaches one."""
    bank, kernel = bank_of(settings), moment.kernel
    inputs, room = len(settings.vector), width - 2 * MARGIN - NAMES
    lit = moment.lit if moment.lit is not None else moment.step - 1
    reads = [[column for column, at in enumerate(bank.weights[row]) if at >= 0] for row in range(bank.height)]
    near = reads[max(lit, 0)]
    shown = part(inputs, int(room // UNIT[0]), near[len(near) // 2] if near else 0)
    rows = [row for row in range(bank.height) if reads[row] and set(reads[row]) <= set(shown)]
    unit, left = min(UNIT[1], room / len(shown)), MARGIN + NAMES
    top, bottom = TOP + 8, max(height - FOOT - CELL, TOP + 90)
    bottom = min(bottom, top + 320)
    across = {column: left + (column - shown.start + 0.5) * unit for column in shown}
    places = {row: sum(across[column] for column in reads[row]) / len(reads[row]) for row in rows}
    for row in sorted(rows, key=lambda row: row == lit):
        yield from _to(settings, moment, row, row == lit, across, places[row], (top + CELL, bottom))
    yield line(MARGIN, top + 16, "x", 12.0, "semibold")
    yield line(MARGIN, bottom + 16, f"y({kernel + 1})", 12.0, "semibold")
    for column in shown:
        at, wide = across[column], min(unit - 4, 44.0)
        taken = lit >= 0 and column in near and moment.step > 0
        yield Rect(at - wide / 2, top, wide, CELL, 4.0, "taken" if taken else "cell")
        text = written(settings, settings.vector[column])
        yield within(at, top, CELL, shortened(text, wide - 2, 11.0, "mono"))
    for row in rows:
        at, wide = places[row], min(unit - 4, 44.0)
        yield Rect(at - wide / 2, bottom, wide, CELL, 4.0, hue(kernel, row == lit))
        text = written(settings, total(settings, kernel * bank.height + row))
        yield within(at, bottom, CELL, shortened(text, wide - 2, 11.0, "mono"))
        yield Area(f"step {row + 1}", at - unit / 2, bottom, unit, CELL, f"y({kernel + 1})[{row}] = {text}")
    yield from _legend(settings, moment, left, bottom + CELL + 20, left + room)
    words = told("inputs", shown, inputs)
    if words:
        yield line(width - MARGIN, top - 6, words, 10.5, colour="muted", anchor="end")


def _to(
    settings: Settings,
    moment: Moment,
    row: int,
    lit: bool,
    across: dict[int, float],
    x: float,
    ends: tuple[float, float],
) -> Iterator[Path]:
    """Draw the arrows to one output: all while it is dense, then those of its window, in one colour a number."""
    bank, done = bank_of(settings), row < moment.step
    for column, start in across.items():
        at = bank.weights[moment.kernel * bank.height + row][column]
        if at < 0 and (done or moment.kind != "sparsity"):
            continue
        colour: Colour = "border"
        if moment.kind == "stationarity" and done:
            colour = stroke(bank, at)
        elif moment.kind == "sparsity" and done:
            colour = "forward"
        elif moment.kind == "stationarity":
            colour = "muted"
        thick = 2.6 if lit and done else 1.6 if done else 1.0
        yield Path(
            ((start, ends[0] + 2), (x, ends[1] - 2)), False, stroke=colour, line=thick, dashed=_dashed(moment, bank, at)
        )


def stroke(bank: Bank, at: int) -> Colour:
    """Give the colour of a number of a kernel, the same wherever it stands."""
    return STROKES[_tap(bank, at) % len(STROKES)]


def _tap(bank: Bank, at: int) -> int:
    return at % (len(bank.flat) // len(bank.kernels))


def _dashed(moment: Moment, bank: Bank, at: int) -> bool:
    """Tell the numbers apart by a dash too, where there are more of them than colours."""
    return moment.kind == "stationarity" and at >= 0 and _tap(bank, at) // len(STROKES) % 2 == 1


def _legend(settings: Settings, moment: Moment, x: float, y: float, right: float) -> Iterator[Mark]:
    """Name the numbers of the kernel beside their colours."""
    bank = bank_of(settings)
    if moment.kind == "sparsity":
        yield Path(((x, y - 4), (x + 22, y - 4)), False, stroke="forward", line=1.6)
        yield line(x + 28, y, "local: window", 11.0, colour="muted")
        yield Path(((x + 130, y - 4), (x + 152, y - 4)), False, stroke="border", line=1.0)
        yield line(x + 158, y, "dense: all", 11.0, colour="muted")
        return
    taps = len(bank.flat) // len(bank.kernels)
    for tap in range(taps):
        at = moment.kernel * taps + tap
        text = f"w[{tap}] = {written(settings, bank.flat[at])}"
        wide = text_width(text, 11.0, "mono")
        if x + 28 + wide > right:
            return
        dashed = _dashed(moment, bank, at)
        yield Path(((x, y - 4), (x + 22, y - 4)), False, stroke=stroke(bank, at), line=2.6, dashed=dashed)
        yield line(x + 28, y, text, 11.0, "mono")
        x += 46 + wide
