"""Backward of s = Σ y as moving readings: x.grad is the transpose at work, A.grad an outer product.

Of a matrix made of kernels it is not A that is learnt: a number of a kernel stands in many cells, and its gradient is
the sum over them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from tracer.drawing import number_table
from tracer.drawing.cells import line, within
from tracer.drawing.display_list import Area, Colour, DisplayList, Path, Rect, Text
from tracer.drawing.kernel_words import weight
from tracer.drawing.moment import Moment, bank_of, paragraph, written
from tracer.drawing.number_table import Table, part, shortened
from tracer.drawing.sheets import hue
from tracer.matrix_vector.readings import sum_of
from tracer.matrix_vector.settings import Exact, Settings
from tracer.quantities import factor

Mark = Rect | Path | Text
MARGIN, TOP, FOOT, NAMES = 22.0, 96.0, 92.0, 64.0
LEAST, MOST, BELOW = 20.0, 44.0, 30.0  # heights of a cell, and the room between a matrix and what is under it


class Shown(NamedTuple):
    """What stands where: a matrix, the gradients of y on its left, and over it x, or under it x.grad.

    `lit` are the cells that the step is about, `blank` those in which no weight stands, `around` the one that stays in
    view; `hues` are the kernels of the rows, and `steps` says which of the two vectors a click goes along.
    """

    title: str
    rule: str
    name: str
    table: Sequence[Sequence[str]]
    lit: set[tuple[int, int]]
    blank: set[tuple[int, int]]
    hues: Sequence[int]
    row_name: str
    row: Sequence[str]
    around: tuple[int, int]
    steps: str
    sum: str
    sentence: str


def kinds(settings: Settings) -> dict[str, str]:
    """Name the two gradients: that of x, and that of what is learnt."""
    return {"x": "x.grad", "w": "A.grad" if settings.bank is None else "w.grad"}


def steps(settings: Settings, kind: str) -> int:
    """Count the steps: a number of x, a row of A, or a number of a kernel."""
    if kind == "x":
        return len(settings.vector)
    return len(settings.matrix) if settings.bank is None else len(settings.bank.flat) // len(settings.bank.kernels)


def picture(settings: Settings, moment: Moment, width: float, height: float) -> DisplayList:
    """Draw one of the gradients as far as it has come."""
    make = _of_x if moment.kind == "x" else _of_matrix if settings.bank is None else _of_kernel
    shown = make(settings, moment)
    marks: list[Mark] = [line(MARGIN, 30, shown.title, 14.0, "semibold")]
    marks.append(line(MARGIN, 50, shortened(shown.rule, width - 2 * MARGIN, 12.0, "mono"), 12.0, "mono", "muted"))
    areas: list[Area] = []
    for mark in _tables(shown, width, height):
        (areas if isinstance(mark, Area) else marks).append(mark)  # type: ignore[arg-type]
    y = min(height - 62, max(mark.y + mark.height for mark in marks if isinstance(mark, Rect)) + 44)
    added = shortened(shown.sum, width - 2 * MARGIN, 12.0, "mono")
    marks.append(line(MARGIN, y, added, 12.0, "mono", "backward_text"))
    marks += paragraph(shown.sentence, MARGIN, y + 24, width - 2 * MARGIN, 2)
    return DisplayList(width, height, tuple(marks), tuple(areas), "", f"{shown.title}. {shown.sum}. {shown.sentence}")


def gradient_of_x(settings: Settings, column: int) -> Exact:
    """Give the gradient of one number of x: the sum of its column."""
    return sum_of([row[column] for row in settings.matrix])


def gradient_of_weight(settings: Settings, at: int) -> Exact:
    """Give the gradient of one number of a kernel: the sum of the numbers of x that it is multiplied with."""
    return sum_of([settings.vector[column] for _, column in cells_of(settings, at)])


def cells_of(settings: Settings, at: int) -> list[tuple[int, int]]:
    """List the cells of A in which a number of the bank stands."""
    weights = bank_of(settings).weights
    return [(row, column) for row, numbers in enumerate(weights) for column, one in enumerate(numbers) if one == at]


def _of_x(settings: Settings, moment: Moment) -> Shown:
    """x.grad = Aᵀ·1: a column of A, which is a row of Aᵀ, for each number of x."""
    column, rows = max(moment.step - 1, 0), len(settings.matrix)
    found = [written(settings, gradient_of_x(settings, at)) for at in range(len(settings.vector))]
    numbers = [row[column] for row in settings.matrix]
    reads = [at for at in range(rows) if settings.bank is None or settings.bank.weights[at][column] >= 0]
    text = _sum([numbers[at] for at in reads], settings, found[column])
    done = moment.step > 0
    name = _x_name(settings, column)
    return Shown(
        title="x.grad is the transpose at work",
        rule="x.grad[j] = Σ A[i, j]·g[i], with g = y.grad = 1 for s = Σ y",
        name="A",
        table=_texts(settings),
        lit={(at, column) for at in reads} if done else set(),
        blank=_blank(settings),
        hues=[0 if settings.bank is None else at // settings.bank.height for at in range(rows)],
        steps="row",
        row=[text if at < moment.step else "·" for at, text in enumerate(found)],
        row_name="x.grad",
        sum=f"{name}.grad = {text}" if done else "No number of x yet: play, or step on.",
        sentence=(
            f"Column {column} of A is row {column} of its transpose: through its numbers {name} went into "
            f"{len(reads)} output{'' if len(reads) == 1 else 's'}, and through them its gradient comes back."
        ),
        around=(reads[len(reads) // 2] if reads else 0, column),
    )


def _of_matrix(settings: Settings, moment: Moment) -> Shown:
    """A.grad = 1·xᵀ: each row is x once more."""
    row, rows, x = max(moment.step - 1, 0), len(settings.matrix), [written(settings, at) for at in settings.vector]
    done = moment.step > 0
    return Shown(
        title="A.grad is an outer product",
        rule="A.grad[i, j] = g[i]·x[j], with g = y.grad = 1 for s = Σ y",
        name="A.grad",
        table=[x if at < moment.step else ["·"] * len(x) for at in range(rows)],
        lit={(row, column) for column in range(len(x))} if done else set(),
        blank=set(),
        hues=[],
        steps="side",
        row=x,
        row_name="x",
        sum=f"A.grad[{row}] = 1·[{', '.join(x)}]" if done else "No row yet: play, or step on.",
        sentence=(
            f"A[{row}, j] is multiplied with x[j] and goes into y[{row}] alone, so its gradient is g[{row}]·x[j]: "
            f"{rows} × {len(x)} gradients from {rows} + {len(x)} numbers."
        ),
        around=(row, 0),
    )


def _of_kernel(settings: Settings, moment: Moment) -> Shown:
    """w.grad: the sum over all cells in which the number stands."""
    bank, taps = bank_of(settings), steps(settings, "w")
    tap, done = max(moment.step - 1, 0), moment.step > 0
    first = moment.kernel * taps
    cells, rows = cells_of(settings, first + tap), range(moment.kernel * bank.height, (moment.kernel + 1) * bank.height)
    found = [written(settings, gradient_of_weight(settings, first + at)) for at in range(taps)]
    numbers = [settings.vector[column] for _, column in cells]
    named, one = f"w({moment.kernel + 1})", weight(bank, first + tap)
    texts = _texts(settings)
    return Shown(
        title=f"{named}.grad is a sum over all places",
        rule=f"{named}.grad[t] = Σ g[i]·x[j] over the cells A[i, j] = {named}[t], with g = 1 for s = Σ y",
        name=f"T({moment.kernel + 1})",
        table=[texts[row] for row in rows],
        lit={(row - rows.start, column) for row, column in cells} if done else set(),
        blank={(row - rows.start, column) for row, column in _blank(settings) if row in rows},
        hues=[moment.kernel] * len(rows),
        steps="",
        row=[written(settings, number) for number in settings.vector],
        row_name="x",
        sum=f"{one.replace('[', '.grad[')} = {_sum(numbers, settings, found[tap])}   "
        f"so far [{', '.join(text if at < moment.step else '·' for at, text in enumerate(found))}]"
        if done
        else "No number of the kernel yet: play, or step on.",
        sentence=(
            f"{one} stands in {len(cells)} cell{'' if len(cells) == 1 else 's'} of A, one a place: "
            f"its gradient is the sum of what each of them would have alone."
        ),
        around=(cells[len(cells) // 2][0] - rows.start, cells[len(cells) // 2][1]) if cells else (0, 0),
    )


def _x_name(settings: Settings, column: int) -> str:
    """Name a number of x: x[2], or with its channel x[0, 2]."""
    if settings.bank is None or len(settings.bank.signal) == 1:
        return f"x[{column}]"
    channel, sample = divmod(column, len(settings.bank.signal[0]))
    return f"x[{channel}, {sample}]"


def _texts(settings: Settings) -> list[list[str]]:
    return [[written(settings, number) for number in row] for row in settings.matrix]


def _blank(settings: Settings) -> set[tuple[int, int]]:
    """Give the cells in which no weight stands."""
    rows = () if settings.bank is None else settings.bank.weights
    return {(row, column) for row, numbers in enumerate(rows) for column, at in enumerate(numbers) if at < 0}


def _sum(terms: Sequence[Exact], settings: Settings, whole: str) -> str:
    """Write a sum of numbers, each times a gradient of 1."""
    return f"{' + '.join('1·' + factor(written(settings, number)) for number in terms) or '0'} = {whole}"


def _tables(shown: Shown, width: float, height: float) -> Iterator[Mark | Area]:
    """Draw g beside the matrix, and x over or x.grad under it, as much of all as has room around what is lit."""
    below = shown.row_name != "x"
    texts = [*shown.table, shown.row]
    wide = number_table.widest(texts, 56.0)
    left = MARGIN + NAMES + 40
    columns = part(len(shown.row), max(1, int((width - left - MARGIN) // wide)), shown.around[1])
    tall = height - TOP - FOOT - BELOW - LEAST
    high = min(MOST, max(LEAST, tall / (len(shown.table) + 1)))
    rows = part(len(shown.table), max(1, int((tall - high) // high) + 1), shown.around[0])
    wide = max(wide, min(high, (width - left - MARGIN) / len(shown.row)))
    top = TOP if below else TOP + high - 4
    matrix = Table(shown.table, rows, columns, left, top, wide, high)
    side = Table([["1"]] * len(shown.table), rows, range(1), left - 40, top, 30.0, high)
    y = matrix.bottom + BELOW if below else TOP - 12
    row = Table([shown.row], range(1), columns, left, y, wide, high)
    side_lit, row_lit = {at for at, _ in shown.lit}, {at for _, at in shown.lit}
    for x, middle, words in (
        (MARGIN, matrix.y + 16, shown.name),
        (side.x + 9, side.y - 8, "g"),
        (MARGIN, row.y + high / 2 + 4, shown.row_name),
    ):
        yield line(x, middle, words, 12.0, "semibold")
    yield from _cells(matrix, shown)
    yield from _gradients(side, lambda at, _: at in side_lit)
    yield from (
        _gradients(row, lambda _, at: at in row_lit)
        if below
        else number_table.cells(row, lambda _, at: "taken" if at in row_lit else "cell")
    )
    yield from _told(shown, matrix, side, row)


def _cells(table: Table, shown: Shown) -> Iterator[Mark]:
    """Draw the matrix; cells in which no weight stands are left empty."""
    if not shown.hues:
        yield from _gradients(table, lambda row, column: (row, column) in shown.lit)
        return
    for row in table.rows:
        for column in table.columns:
            x, y, wide, high = table.box(row, column)
            if (row, column) in shown.blank:
                yield within(x + wide / 2, y, high, "∅", "muted", 10.0)
                continue
            lit = (row, column) in shown.lit
            yield Rect(x, y, wide, high, 3.0, hue(shown.hues[row], lit), "backward" if lit else None, 1.6)
            yield within(x + wide / 2, y, high, shortened(table.texts[row][column], wide - 2, 11.0, "mono"))


def _gradients(table: Table, lit: Callable[[int, int], bool]) -> Iterator[Mark]:
    """Draw cells of gradients; those that are lit are framed."""
    for row in table.rows:
        for column in table.columns:
            x, y, wide, high = table.box(row, column)
            stroke: Colour = "backward" if lit(row, column) else "border"
            yield Rect(x, y, wide, high, 3.0, "backward_fill", stroke, 2.0 if lit(row, column) else 1.0)
            text = shortened(table.texts[row][column], wide - 2, 11.0, "mono")
            yield within(x + wide / 2, y, high, text, "backward_text")


def _told(shown: Shown, matrix: Table, side: Table, row: Table) -> Iterator[Mark | Area]:
    """Say which part is in view, and what each cell is."""
    words = [number_table.told("rows", matrix.rows, len(shown.table))]
    words.append(number_table.told("columns", matrix.columns, len(shown.row)))
    if any(words):
        yield line(matrix.x, matrix.bottom + 14, ", ".join(filter(None, words)), 10.5, colour="muted")
    stepped = {"row": lambda _, at: f"step {at + 1}", "side": lambda at, _: f"step {at + 1}"}.get(shown.steps)
    owner = stepped or (lambda _row, _column: "")
    texts = shown.table
    yield from number_table.areas(matrix, owner, lambda at, to: f"{shown.name}[{at}, {to}] = {texts[at][to]}")
    yield from number_table.areas(side, owner if shown.steps == "side" else lambda *_: "", lambda at, _: f"g[{at}] = 1")
    named = lambda _, at: f"{shown.row_name}[{at}] = {shown.row[at]}"  # noqa: E731
    yield from number_table.areas(row, owner if shown.steps == "row" else lambda *_: "", named)
