"""What is told beside a matrix picture: what is selected, the check, backward, the zeros, and the flip."""

from __future__ import annotations

import math

from tracer import quantities
from tracer.convolution import reads, shapes, toeplitz
from tracer.convolution.agreement import Agreement
from tracer.convolution.by_channel import names
from tracer.convolution.checked import Checked
from tracer.convolution.chosen import Chosen
from tracer.convolution.layer import Settings
from tracer.drawing.matrix_layout import column_of, row_of
from tracer.drawing.matrix_words import squeezed, unknown
from tracer.drawing.sheets import Sheets, superscript

NO_BREAK = "\u00a0"
FEW = 12  # numbers of a vector that are written out
NAMED = 4  # inputs that are named


def selected(sheets: Sheets, chosen: Chosen) -> tuple[str, str]:
    """Say what is selected: a title, and where it stands in the matrix."""
    settings, count = sheets.settings, quantities.count
    if chosen.leads == "input":
        column, fed = column_of(settings, chosen), reads.feeds(settings, chosen.input)
        title = f"Selected: input {quantities.brackets(chosen.input)}"
        if not len(fed.outputs):
            return title, f"Column {count(column)} of T is empty: no output reads it."
        where = f"Column {count(column)} of T. It feeds {count(len(fed.outputs))} outputs: "
        return title, where + _listed(settings, "y", sorted(fed.outputs.tolist()))
    kernel, row = divmod(row_of(settings, chosen), sheets.local)
    read = reads.reads(settings, chosen.output)
    inside = [place for place in read.inputs.tolist() if place >= 0]
    padding = f" and {count(read.padding)} zeros of the padding" if read.padding else ""
    where = f"Row {count(row)} of {superscript('T', kernel)}. It reads {_listed(settings, 'x', inside)}{padding}"
    return f"Selected: output {quantities.brackets(chosen.output)}", where


def _listed(settings: Settings, element: str, places: list[int]) -> str:
    """Name the first and the last of some elements."""
    shown = places if len(places) <= NAMED else [*places[: NAMED - 1], places[-1]]
    parts = [names(settings, element, place) for place in shown]
    if len(places) > NAMED:
        parts.insert(NAMED - 1, "…")
    return ", ".join(part.replace(", ", f",{NO_BREAK}") for part in parts)


def check(sheets: Sheets, told: Checked | None) -> tuple[str, str]:
    """Say whether A·x + bias is what the layer gave, and a word that judges it: "good", "bad" or ""."""
    settings = sheets.settings
    if told is None:
        return "comparing…" if sheets.numbered else unknown(sheets.came), ""
    if told.y is None:
        return "Not checked on all outputs: that would be too many multiplications here.", ""
    left = "A·x + bias" if settings.bias else "A·x"
    return _judged(f"{left} equals {settings.layer} on all {quantities.count(told.y.compared)} outputs", left, told.y)


def _judged(good: str, left: str, told: Agreement) -> tuple[str, str]:
    if told.exact:
        return f"{good} ✓ exact", "good"
    apart = quantities.figure(told.apart, 2)
    if not told.wrong:
        return f"{good} within rounding ✓ (at most {apart} apart)", "good"
    count = quantities.count
    return f"{left} differs at {count(told.wrong)} of {count(told.compared)} numbers, by up to {apart} ✗", "bad"


def backward(sheets: Sheets, told: Checked | None) -> tuple[str, str]:
    """Say how the gradient goes back through the transpose, and whether that is what autograd gave."""
    gradient = sheets.arrays.get("x.grad")
    if gradient is None or not sheets.numbered:
        return "x.grad = Tᵀ·y.grad", ""
    few = gradient.size <= FEW
    text = "x.grad = Tᵀ·y.grad"
    if few:
        text += f" = {quantities.values(gradient.reshape(-1).tolist(), sheets.settings.dtype)}"
    if told is None or told.gradient is None:
        return text, ""
    good = f"{text}\nequals autograd's on all {quantities.count(told.gradient.compared)} inputs"
    return _judged(good, text, told.gradient)


def sparsity(settings: Settings) -> str:
    """Tell the zeros in numbers, and what groups or a transposed layer make of the matrix."""
    found, count = toeplitz.counts(settings), quantities.count
    text = f"The matrix has {count(found.cells)} cells."
    if found.entries is not None:
        text = (
            f"A kernel number stands in {count(found.entries)} of {count(found.cells)} cells "
            f"({quantities.share(found.share)}); {count(found.zeros)} are zero by structure."
        )
    weights = math.prod(shapes.weight_shape(settings))
    text += f" All of them are {count(weights)} weight{'' if weights == 1 else 's'}, used again and again."
    if settings.dims > 1 or settings.in_channels > 1:
        text += " x and y are flattened channel by channel, each in row-major order."
    if settings.groups > 1:
        text += f" The {settings.groups} groups are {settings.groups} blocks: outside of them all is zero."
    if settings.transposed and all(
        extra < stride for extra, stride in zip(settings.output_padding, settings.stride, strict=True)
    ):
        forward = settings.layer.replace("Transpose", "")
        text += f" It is the transpose of the matrix of the {forward} that goes from y's size back to x's."
    return text


def flip(sheets: Sheets, told: Checked | None) -> str:
    """Say that torch does not flip the kernel, and what a flipped one gives."""
    if sheets.settings.transposed:
        text = "A transposed layer spreads x over the kernel: that is a convolution. Flipped, the correlation"
    else:
        text = "PyTorch does not flip the kernel: it computes a correlation. Flipped, the convolution"
    if told is None or told.flipped is None:
        return f"{text} of the textbooks, gives other numbers."
    if told.flipped.size <= FEW:
        return f"{text}, gives {quantities.values(squeezed(told.flipped.tolist()), sheets.settings.dtype)}."
    return f"{text}, gives other numbers."
