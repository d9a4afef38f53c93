"""What a matrix made of kernels says in words and in numbers: its title, its cells, its sums, its counts."""

from __future__ import annotations

from collections.abc import Iterator

from tracer.convolution.readings import counts_rows
from tracer.convolution.shapes import formula
from tracer.drawing.cells import line
from tracer.drawing.display_list import Area, Colour, Path, Rect, Text
from tracer.drawing.moment import Moment, bank_of, product, written
from tracer.drawing.number_table import shortened
from tracer.matrix_vector.readings import total
from tracer.matrix_vector.settings import Bank, Settings
from tracer.quantities import count, factor

Mark = Rect | Path | Text
KINDS = {"dense": "Dense", "local": "Local", "shared": "Shared"}
MARGIN = 22.0


def title(bank: Bank, inputs: int, width: float) -> Iterator[Text]:
    """Say what A is, and how its height comes about."""
    yield line(MARGIN, 30, "A is the kernels, stacked and shifted", 14.0, "semibold")
    simple = bank.layer.stride == (1,) and bank.layer.dilation == (1,) and not bank.layer.padding[0][0]
    n, k = bank.layer.input_size[0], bank.layer.kernel_size[0]
    size = f"n − k + 1 = {n} − {k} + 1 = {bank.height}" if simple else formula(bank.layer)[0].text
    words, font = (
        f"{_sheets(len(bank.kernels))} of {bank.height} × {inputs}; height {size}",
        "sans" if simple else "mono",
    )
    yield line(MARGIN, 50, shortened(words, width - 2 * MARGIN, 11.5, font), 11.5, font, "muted")  # type: ignore[arg-type]


def _sheets(kernels: int) -> str:
    return "one sheet" if kernels == 1 else f"m = {kernels} sheets"


def weight(bank: Bank, at: int) -> str:
    """Name a number of the bank: w(1)[2], or with its channel w(1)[0, 2]."""
    taps = len(bank.kernels[0][0])
    channel, tap = divmod(at % (taps * len(bank.signal)), taps)
    place = f"{channel}, {tap}" if len(bank.signal) > 1 else str(tap)
    return f"w({at // (taps * len(bank.signal)) + 1})[{place}]"


def cell_words(bank: Bank, kind: str, cell: tuple[int, int], value: str) -> str:
    """Say what a cell is: a number of its own, a shared one, or a zero by structure or by value."""
    at, name = bank.weights[cell[0]][cell[1]], f"A[{cell[0]}, {cell[1]}]"
    if kind == "dense":
        return f"{name} = {value}: a number of its own, which happens to be this"
    if at < 0:
        return f"{name} is zero by structure: no weight stands here"
    if kind == "local":
        return f"{name} = {value}: a number of its own"
    zero = ", zero by value" if value == "0" else ""
    return f"{name} = {weight(bank, at)} = {value}{zero}: the same number at every place"


def sentence(settings: Settings, moment: Moment) -> str:
    """Say what the reading in view means, in numbers."""
    bank, (dense, local, shared) = bank_of(settings), counts_rows(bank_of(settings).layer)
    outputs, inputs, height = len(settings.matrix), len(settings.vector), bank.height
    taps, m = len(bank.flat) // len(bank.kernels), len(bank.kernels)
    if moment.kind == "dense":
        return (
            f"Dense: each of the {outputs} outputs has a weight of its own for each of the {inputs} inputs: "
            f"{outputs} × {inputs} = {count(dense.stored or 0)} numbers to learn, and none has to be 0."
        )
    zeros = f"{count(local.zeros or 0)} cells are zero by structure (∅): no weight stands there."
    if moment.kind == "local":
        most = "at most " if bank.layer.padding[0][0] else ""
        return (
            f"Local: an output reads {most}{taps} of {inputs} inputs, each through a weight of its own: "
            f"{count(local.stored or 0)} numbers. {zeros}"
        )
    biases = f", and {m} bias{'' if m == 1 else 'es'}" if bank.bias else ""
    by_value = sum(bank.flat[at] == 0 for row in bank.weights for at in row if at >= 0)
    values = f" {by_value} more are 0 by value: a number of a kernel that is 0." if by_value else ""
    places = f"{height} place{'' if height == 1 else 's'}"
    return (
        f"Shared: the {taps} numbers of a kernel stand at each of its {places}: {m} × {taps} = "
        f"{count(shared.stored or 0)} numbers{biases}. {zeros}{values}"
    )


def sum_text(settings: Settings, kernel: int, row: int, whole: bool = False) -> str:
    """Write an output as the products of its kernel's numbers, or of the whole row, and its bias."""
    bank = bank_of(settings)
    index = kernel * bank.height + row
    reads = [column for column, at in enumerate(bank.weights[index]) if at >= 0 or whole]
    terms = [product(settings, settings.matrix[index][column], settings.vector[column]) for column in reads]
    terms += [factor(written(settings, bank.bias[kernel]))] if bank.bias else []
    return f"{' + '.join(terms) or '0'} = {written(settings, total(settings, index))}"


def counts(bank: Bank, moment: Moment, margin: float, width: float, y: float) -> Iterator[Mark | Area]:
    """Draw the three readings with their numbers as bars to scale; the one in view is framed."""
    rows, wide = counts_rows(bank.layer), (width - 2 * margin - 2 * 26) / 3
    most = max(row.stored or 1 for row in rows)
    for at, (kind, row) in enumerate(zip(KINDS, rows, strict=True)):
        x, stored = margin + at * (wide + 26), row.stored or 0
        own = kind == moment.kind
        colour: Colour = "forward_text" if own else "muted"
        yield Rect(x, y, wide, 34, 6.0, "badge" if own else "card", "forward" if own else "border", 1.6 if own else 1.0)
        number = count(stored)
        yield line(x + 10, y + 17, KINDS[kind], 12.0, "semibold" if own else "sans", colour)
        yield line(x + wide - 10, y + 17, number, 12.0, "mono", colour, "end")
        yield Rect(x + 10, y + 24, max(2.0, (wide - 20) * stored / most), 4, 2.0, "forward" if own else "muted")
        if at:
            yield line(x - 13, y + 21, "→", 13.0, colour="muted", anchor="middle")
        yield Area(f"kind {kind}", x, y, wide, 34, f"{KINDS[kind]}: {number} numbers; {row.why}")
