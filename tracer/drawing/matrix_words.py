"""What a matrix picture says in words: its caption, each kernel, and the sum that is looked at, written out."""

from __future__ import annotations

import math
from typing import Any

from tracer import quantities
from tracer.convolution import arithmetic, by_channel, tap_places
from tracer.convolution.agreement import Agreement
from tracer.convolution.chosen import Chosen
from tracer.convolution.reads import batched, feeds, reads
from tracer.drawing.font_widths import width as text_width
from tracer.drawing.matrix_layout import columns_of
from tracer.drawing.sheets import Seen, Sheets

WRITTEN = 9  # numbers of a kernel that are written in the head of its sheet
SIZE = 12.0


def caption(seen: Seen) -> str:
    """Say which part of the matrix is in view, in as many words as there is room for."""
    most = seen.width - 2 * seen.placed.space.edge
    return next((way for way in _captions(seen) if text_width(way, SIZE) <= most), "")


def _captions(seen: Seen) -> tuple[str, ...]:
    settings, placed, part, count = seen.sheets.settings, seen.placed, seen.part, quantities.count
    n, local, kernels = columns_of(settings), seen.sheets.local, settings.out_channels
    size = f"{count(kernels * local)} × {count(n)}"
    if (placed.rows, placed.columns, placed.sheets) == (local, n, kernels):
        text = f"The whole matrix: {size}" + (f", in {count(kernels)} sheets" if kernels > 1 else "")
    else:
        views = (
            ("row", part.row, placed.rows, local),
            ("column", part.column, placed.columns, n),
            ("sheet", part.kernel, placed.sheets, kernels),
        )
        row, column, sheet = (_view(*view) for view in views)
        short = f"Of {size}: {row}, {column}"
        ways = (f"{short}, {sheet}", short, f"{row[0].upper()}{row[1:]}, {column}", f"Part of {size}", size)
        if (settings.batch or 1) > 1:
            return f"{ways[0]}, element {seen.lit.batch} of the batch", *ways
        return ways
    of_batch = f", element {seen.lit.batch} of the batch" if (settings.batch or 1) > 1 else ""
    return f"{text}{of_batch}", text, size


def _view(thing: str, start: int, length: int, whole: int) -> str:
    """Write "rows 4–17 of 7 688", or "all 5 rows"."""
    if length == whole:
        return f"all {quantities.count(whole)} {thing}s" if whole > 1 else f"the one {thing}"
    first, last = quantities.count(start), quantities.count(start + length - 1)
    span = f"{thing}s {first}–{last}" if length > 1 else f"{thing} {first}"
    return f"{span} of {quantities.count(whole)}"


def kernel(sheets: Sheets, number: int, most: float) -> str:
    """Say what stands in the sheet of a kernel, as far as there is room: "kernel 0 = [1, 0, −1], shifted: 5 × 7"."""
    settings = sheets.settings
    size = f"shifted: {quantities.count(sheets.local)} × {quantities.count(columns_of(settings))}"
    group, inside = divmod(number, sheets.matrix.grouped.shape[1])
    values = sheets.matrix.grouped[group, inside]
    named = f"kernel {number} flipped" if sheets.flipped else f"kernel {number}"
    named += f" of group {group}" if settings.groups > 1 else ""
    long = f"{named}, {quantities.shape(values.shape)} numbers"
    ways = [f"{long}, {size}", long, named, f"kernel {number}"]
    if sheets.numbered and values.size <= WRITTEN:
        text = f"{named} = {quantities.values(squeezed(values.tolist()), settings.dtype)}"
        ways = [f"{text}, {size}", text, *ways]
    return next((way for way in ways if text_width(way, SIZE) <= most), "")


def squeezed(nested: Any) -> Any:
    """Take nested lists out of the lists that hold nothing else."""
    while isinstance(nested, list) and len(nested) == 1:
        nested = nested[0]
    return nested


def products(sheets: Sheets, chosen: Chosen, number: int, most: int) -> tuple[str, str] | None:
    """Write what the chosen row of one sheet adds up, or the chosen column of it: the sum, and "= 3"."""
    found = _sum(sheets, chosen, number, most)
    if found is None:
        return None
    for sign in (" = ", " ≈ "):
        before, middle, after = found.rpartition(sign)
        if middle:
            return before, f"{sign.strip()} {after}"
    return None


def _sum(sheets: Sheets, chosen: Chosen, number: int, most: int) -> str | None:
    settings, arrays = sheets.settings, sheets.arrays
    if chosen.leads == "output":
        start = len(chosen.output) - settings.dims
        found = reads(settings, (*chosen.output[: start - 1], number, *chosen.output[start:]))
        return arithmetic.output(found, arrays["x"], arrays["weight"], arrays.get("bias"), settings.dtype, most)[0]
    if "y.grad" not in arrays:
        return None
    fed = feeds(settings, chosen.input)
    groups = tap_places.channels(settings)
    first = batched(settings, chosen.input)[1] // groups.inputs * groups.kernels
    if not first <= number < first + groups.kernels:
        return None
    part = slice((number - first) * fed.positions, (number - first + 1) * fed.positions)
    own = fed._replace(outputs=fed.outputs[part], weights=fed.weights[part], kernels=1)
    return arithmetic.gradient_of_input(own, arrays["y.grad"], arrays["weight"], settings.dtype, most)[0]


def strip(sheets: Sheets, chosen: Chosen, most: float) -> tuple[str, str]:
    """Write the chosen sum on one line as far as it fits, and on another what it reads and what torch gave."""
    settings, arrays = sheets.settings, sheets.arrays
    forward = chosen.leads == "output"
    index = chosen.output if forward else chosen.input
    named = f"{'y' if forward else 'x.grad'}[{', '.join(map(str, index))}]"
    if not sheets.numbered:
        return named, unknown(sheets.came)
    if not forward and "y.grad" not in arrays:
        return named, "The gradient is that of the kernel as it is. Show that again to see it."
    text = _fitting(sheets, chosen, named, most)
    if sheets.flipped:
        return text, "With the kernel flipped. PyTorch computes this with the kernel as it is."
    found = (by_channel.of_output if forward else by_channel.of_input)(settings, arrays, index)
    end = gave(found.gave, found.agreement, settings.dtype)
    ways = (f"{_place(sheets, chosen)} {end}", end, end.replace(", the same within rounding", ""))
    return text, next((way for way in ways if text_width(way, SIZE) <= most), "")


def unknown(came: bool) -> str:
    """Say why numbers are not here: they have not come yet, or an answer came without them."""
    if came:
        return "Its numbers are not shown: there are too many to hand over."
    return "Its numbers come when PyTorch has run the layer."


def gave(value: float, told: Agreement, dtype: str) -> str:
    """Say what torch gave for one number, and whether a sum agrees with it."""
    number = quantities.number(value, dtype)
    if told.exact:
        return "PyTorch gave the same ✓"
    return f"PyTorch gave {number}, {'the same within rounding ✓' if not told.wrong else 'which is another number ✗'}"


def _place(sheets: Sheets, chosen: Chosen) -> str:
    """Say how much of x an output reads, or how many outputs read an input."""
    settings = sheets.settings
    if chosen.leads == "output":
        found = reads(settings, chosen.output)
        taps, padding = len(found.inputs), found.padding
        zeros = f", {quantities.count(padding)} of them zeros of the padding" if padding else ""
        return f"A sum of {_products(taps)}{zeros}{' and the bias' if settings.bias else ''}."
    fed = feeds(settings, chosen.input)
    return f"A sum of {_products(len(fed.outputs))}: column of T times y.grad."


def _products(number: int) -> str:
    return f"{quantities.count(number)} product{'' if number == 1 else 's'}"


def _fitting(sheets: Sheets, chosen: Chosen, named: str, most: float) -> str:
    settings, arrays = sheets.settings, sheets.arrays
    text = ""
    for written in (12, 8, 6, 4, 3, 2, 1):
        if chosen.leads == "output":
            found = reads(settings, chosen.output)
            bias = arrays.get("bias")
            text, whole = arithmetic.output(found, arrays["x"], arrays["weight"], bias, settings.dtype, written)
        else:
            fed = feeds(settings, chosen.input)
            text, whole = arithmetic.gradient_of_input(fed, arrays["y.grad"], arrays["weight"], settings.dtype, written)
        if text_width(f"{named} = {text}", SIZE, "mono") <= most:
            return f"{named} = {text}"
    return f"{named} = {quantities.number(whole, settings.dtype)}"


def sentence(sheets: Sheets, chosen: Chosen) -> str:
    """Say the same to a screen reader."""
    first, second = strip(sheets, chosen, math.inf)
    return f"{first}. {second}"
