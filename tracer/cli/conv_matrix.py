"""What `gradtrace conv` tells beside the tables: the matrix, what an output reads, what an input feeds, the flip."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from tracer import quantities
from tracer.cli import reading, tables
from tracer.cli.answers import counted
from tracer.convolution import shapes
from tracer.convolution.layer import Settings
from tracer.experiment import Convolution

if TYPE_CHECKING:
    from tracer.runners.convolution_numbers import Numbers

HELD = 10_000  # cells and values that go into JSON
ROWS, COLUMNS = 48, 24  # of a matrix that is printed whole
Answer = dict[str, Any]
Matrix = Annotated[bool, typer.Option("--matrix", help="Tell of the layer as one matrix, checked by multiplying.")]
Read = Annotated[str | None, typer.Option(metavar="0,3,5,7", help="Tell what this output reads.")]
Feeds = Annotated[str | None, typer.Option(metavar="0,2,5,5", help="Tell which outputs read this input.")]
Flip = Annotated[bool, typer.Option("--flip", help="Show convolution, its kernel flipped, beside correlation.")]
GivenValues = typer.Option(metavar="LISTS", help="Nested lists, or a file of them (txt, json, npy).")


class Asked(NamedTuple):
    """What is to be told beside the tables."""

    matrix: bool = False
    read: tuple[int, ...] | None = None
    feeds: tuple[int, ...] | None = None
    flip: bool = False


def asked(settings: Settings, matrix: bool, read: str | None, feeds: str | None, flip: bool) -> Asked:
    """Read the options, and check the indices before any work is done.

    Raises:
        InvalidSetting: there is no such element.
    """
    return Asked(matrix, _index(settings, "y", read), _index(settings, "x", feeds), flip)


def find(wanted: Asked, experiment: Convolution) -> Answer:
    """Run the layer for its numbers, and answer what was asked; empty where nothing was."""
    names = [name for name in ANSWERS if getattr(wanted, name) not in (None, False)]
    if not names:
        return {}
    from tracer.runners.convolution_numbers import find as numbers_of

    numbers = numbers_of(experiment)
    return {name: ANSWERS[name][0](numbers, getattr(wanted, name)) for name in names}


def show(found: Answer) -> None:
    """Print the answers."""
    for name, answer in found.items():
        ANSWERS[name][1](answer)


def _index(settings: Settings, name: str, text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    from tracer.convolution.reads import checked

    found = reading.per_axis(text, f"index of {name}", "Write one number an axis, such as 0,3,5,7")
    return checked(settings, name, found if isinstance(found, tuple) else (found,))


def _matrix(numbers: Numbers, _: bool) -> Answer:
    import numpy as np

    from tracer.convolution import sparse, toeplitz

    settings, batch = numbers.settings, numbers.settings.batch or 1
    matrix, told = toeplitz.toeplitz(settings, numbers.exact["weight"]), toeplitz.counts(settings)
    added = toeplitz.positions_bias(settings, numbers.exact.get("bias"))
    signals, upstream = (part.reshape(batch, -1) for part in (numbers.exact["x"], numbers.exact_gradients["y"]))
    y = np.stack([matrix.matvec(x) + added for x in signals])
    dx = np.stack([matrix.rmatvec(g) for g in upstream])
    held = told.cells <= HELD
    return {
        **told._asdict(),
        "kernel_numbers": int(numbers.exact["weight"].size),
        "dense_bytes": told.cells * toeplitz.NUMBER,
        "sparse_bytes": None if told.entries is None else sparse.needed(settings, told.entries),
        "output_error": _apart(y, numbers.exact["y"]),
        "gradient_error": _apart(dx, numbers.exact_gradients["x"]),
        "cells_written": matrix.dense().tolist() if held else None,
        "weights_written": matrix.weights().tolist() if held else None,
    }


def _apart(found: Any, other: Any) -> float:
    """Give the largest difference, relative to the largest number."""
    difference, largest = float(abs(found.reshape(-1) - other.reshape(-1)).max()), float(abs(other).max())
    return difference / largest if largest else difference


def _show_matrix(answer: Answer) -> None:
    count, rows, columns = quantities.count, answer["rows"], answer["columns"]
    height, share = count(rows // answer["kernels"]), quantities.share(answer["share"])
    within = "relative to the largest, against torch in float64"
    tables.show(
        f"\nAs a matrix: {count(rows)} × {count(columns)}",
        FIGURES,
        [
            ("sheets", count(answer["kernels"]), f"one a kernel, {height} × {count(columns)}"),
            ("kernel numbers", count(answer["kernel_numbers"]), "all that is learnt, beside the bias"),
            ("entries", count(answer["entries"]), f"{share} of {count(answer['cells'])} cells"),
            ("structural zeros", count(answer["zeros"]), "cells in which no kernel number stands"),
            ("memory, dense", quantities.size(answer["dense_bytes"]), "of float64"),
            ("memory, sparse", quantities.size(answer["sparse_bytes"]), "entries, their columns, and finding them"),
            ("A·x + bias is off by", quantities.figure(answer["output_error"], 2), f"{within} (y)"),
            ("Aᵀ·∂L/∂y is off by", quantities.figure(answer["gradient_error"], 2), f"{within} (∂L/∂x)"),
        ],
    )
    if answer["cells_written"] is not None and rows <= ROWS and columns <= COLUMNS:
        _show_cells(answer)


def _show_cells(answer: Answer) -> None:
    """Print the matrix, a sheet a kernel, with a dot for each structural zero."""
    texts = [
        ["·" if name == -1 else quantities.figure(cell) for cell, name in zip(row, names, strict=True)]
        for row, names in zip(answer["cells_written"], answer["weights_written"], strict=True)
    ]
    width = max(len(text) for row in texts for text in row)
    height = answer["rows"] // answer["kernels"]
    for at, row in enumerate(texts):
        if at % height == 0:
            tables.say(f"Sheet of kernel {at // height}", bold=True)
        tables.say("  ".join(text.rjust(width) for text in row))


def _read(numbers: Numbers, index: tuple[int, ...]) -> Answer:
    from tracer.convolution import arithmetic, reads

    settings, values = numbers.settings, numbers.values
    found = reads.reads(settings, index)
    text, total = arithmetic.output(found, values["x"], values["weight"], values.get("bias"), settings.dtype)
    return {
        "output": list(index),
        "reads": _pairs(("input", "x", found.inputs, values["x"]), ("weight", "w", found.weights, values["weight"])),
        "padding": found.padding,
        "bias": None if found.bias is None else float(values["bias"][found.bias]),
        "text": text,
        "sum": total,
        "layer": float(values["y"][index]),
        "dtype": settings.dtype,
    }


def _feeds(numbers: Numbers, index: tuple[int, ...]) -> Answer:
    from tracer.convolution import arithmetic, reads

    settings, values, g = numbers.settings, numbers.values, numbers.gradients["y"]
    found = reads.feeds(settings, index)
    text, total = arithmetic.gradient_of_input(found, g, values["weight"], settings.dtype)
    return {
        "input": list(index),
        "positions": found.positions,
        "kernels": found.kernels,
        "outputs": _pairs(("output", "g", found.outputs, g), ("weight", "w", found.weights, values["weight"])),
        "text": text,
        "sum": total,
        "autograd": float(numbers.gradients["x"][index]),
        "dtype": settings.dtype,
    }


def _pairs(*sides: tuple[str, str, Any, Any]) -> list[Answer]:
    """Write pairs of elements as rows: the index of each and its number; `None` and 0 for the padding."""
    import numpy as np

    columns: Answer = {}
    for name, value, flat, array in sides:
        places = np.stack(np.unravel_index(np.maximum(flat, 0), array.shape), axis=-1).tolist()
        columns[name] = [place if at >= 0 else None for place, at in zip(places, flat.tolist(), strict=True)]
        columns[value] = np.where(flat < 0, 0.0, array.reshape(-1)[flat].astype(np.float64)).tolist()
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _show_read(answer: Answer) -> None:
    padding = f", {quantities.count(answer['padding'])} of them padding" if answer["padding"] else ""
    title = f"y{answer['output']} reads {counted(len(answer['reads']), 'input')}{padding}"
    _show_pairs(title, READS, answer, answer["reads"], f"The layer gave {_number(answer, answer['layer'])}.")


def _show_feeds(answer: Answer) -> None:
    positions, kernels = counted(answer["positions"], "position"), counted(answer["kernels"], "kernel")
    outputs = counted(len(answer["outputs"]), "output")
    title = f"x{answer['input']} is read by {outputs}: {positions} × {kernels}"
    gave = f"Autograd gave {_number(answer, answer['autograd'])}."
    _show_pairs(title, FEEDS, answer, answer["outputs"], gave, "∂L/∂x = ")


def _show_pairs(
    title: str, columns: tuple[tables.Column, ...], answer: Answer, rows: list[Answer], gave: str, before: str = ""
) -> None:
    tables.say(f"\n{title}", bold=True)
    tables.show("", columns, [{**row, "dtype": answer["dtype"]} for row in rows[: tables.SHOWN]])
    if len(rows) > tables.SHOWN:
        tables.say(f"… and {quantities.count(len(rows) - tables.SHOWN)} more; --json has all of them.")
    tables.say(before + answer["text"])
    tables.say(gave)


def _number(row: Answer, value: float) -> str:
    return quantities.number(value, row["dtype"])


def _place(index: list[int] | None) -> str:
    return "padding" if index is None else quantities.brackets(index)


def _flip(numbers: Numbers, _: bool) -> Answer:
    from tracer.convolution import flip

    exact, settings = numbers.exact, numbers.settings
    both = flip.both(settings, exact["x"], exact["weight"], exact.get("bias"))
    shape = shapes.output_shape(settings)
    held = math.prod(shape) <= HELD
    return {
        "shape": list(shape),
        "layer_is": "convolution" if settings.transposed else "correlation",
        "largest_difference": float(abs(both.correlation - both.convolution).max()),
        **{name: values.reshape(shape).tolist() if held else None for name, values in both._asdict().items()},
    }


def _show_flip(answer: Answer) -> None:
    other = {"correlation": "convolution", "convolution": "correlation"}[answer["layer_is"]]
    tables.say(f"\ntorch gives the {answer['layer_is']}; with its kernel flipped it is the {other}", bold=True)
    for name in (answer["layer_is"], other):
        values = answer[name]
        few = values is not None and math.prod(answer["shape"]) <= 4 * tables.SHOWN
        text = quantities.values(values) if few else f"{quantities.shape(answer['shape'])} numbers, too many to print"
        tables.say(f"{name}: {text}")
    tables.say(f"They differ by up to {quantities.figure(answer['largest_difference'])}.")


FIGURES = (
    tables.Column("matrix", lambda row: row[0]),
    tables.Column("", lambda row: row[1], number=True),
    tables.Column("", lambda row: row[2]),
)
READS = (
    tables.Column("input", lambda row: _place(row["input"])),
    tables.Column("x", lambda row: _number(row, row["x"]), number=True),
    tables.Column("weight", lambda row: _place(row["weight"])),
    tables.Column("w", lambda row: _number(row, row["w"]), number=True),
)
FEEDS = (
    tables.Column("output", lambda row: _place(row["output"])),
    tables.Column("∂L/∂y", lambda row: _number(row, row["g"]), number=True),
    tables.Column("weight", lambda row: _place(row["weight"])),
    tables.Column("w", lambda row: _number(row, row["w"]), number=True),
)
ANSWERS: dict[str, tuple[Callable[[Numbers, Any], Answer], Callable[[Answer], None]]] = {
    "matrix": (_matrix, _show_matrix),
    "read": (_read, _show_read),
    "feeds": (_feeds, _show_feeds),
    "flip": (_flip, _show_flip),
}
