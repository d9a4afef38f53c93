"""Runs Graphviz as a process of its own, with a time limit, and reads where it put things."""

from __future__ import annotations

import functools
import importlib.metadata
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tracer.analysis.folding import Frame
from tracer.drawing.dot import Column, layout_text
from tracer.drawing.lanes import Bundle
from tracer.drawing.layout import Layout, Piece, Point, Route, Size, Spot
from tracer.errors import DrawingError, LimitPassed

NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows would flash a console


def program() -> str:
    """Find Graphviz: what GRADTRACE_DOT names, or the program in the graphviz-pure package.

    Raises:
        DrawingError: there is none.
    """
    return os.environ.get("GRADTRACE_DOT") or _packaged()


@functools.cache
def _packaged() -> str:
    try:
        files = importlib.metadata.files("graphviz-pure") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        found = Path(str(file.locate()))
        if found.stem == "graphviz-pure" and found.is_file():
            return str(found.resolve())
    raise DrawingError(
        "Graphviz was not found, so no picture can be laid out",
        cure="Install it with pip install graphviz-pure, or set GRADTRACE_DOT to the dot program of your system",
    )


def run(text: str, seconds: float, form: str = "json0") -> bytes:
    """Give a DOT text to Graphviz and return what it writes.

    Raises:
        LimitPassed: it took longer than `seconds`, and was ended.
        DrawingError: it could not be started, or refused the text.
    """
    called = program()
    try:
        done = subprocess.run(
            [called, f"-T{form}"],
            input=text.encode(),
            capture_output=True,
            timeout=seconds,
            creationflags=NO_WINDOW,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise LimitPassed(f"Graphviz did not finish within {seconds:g} seconds") from error
    except OSError as error:
        raise DrawingError(
            f"Graphviz could not be started: {error.strerror or error}",
            called,
            "Set GRADTRACE_DOT to a dot program that can be run, or unset it to use the one that comes with Gradtrace",
        ) from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise DrawingError(f"Graphviz could not lay out this graph: {said or f'exit code {done.returncode}'}", called)
    return done.stdout


def place(
    sizes: Sequence[Size], bundles: Sequence[Bundle], frames: Sequence[Frame], columns: Sequence[Column], seconds: float
) -> list[Layout]:
    """Lay out each column by Graphviz; a layout holds rectangles and routes only for what stands in its column."""
    written = run(layout_text(sizes, bundles, frames, columns), seconds).decode()
    return [_read(found, sizes, len(bundles), len(frames)) for found in _documents(written)]


def _documents(text: str) -> Iterator[dict[str, Any]]:
    decoder, at = json.JSONDecoder(), 0
    while at < len(text.rstrip()):
        found, at = decoder.raw_decode(text, at)
        at += len(text[at:]) - len(text[at:].lstrip())
        yield found


def _read(found: dict[str, Any], sizes: Sequence[Size], bundles: int, frames: int) -> Layout:
    """Read one graph; Graphviz counts y upward, so it is turned over."""
    _, _, wide, high = _numbers(found["bb"])
    spots, framed = [NOWHERE] * len(sizes), list[Spot | None]([None] * frames)
    rooms: dict[int, Point] = {}
    for thing in found.get("objects", ()):
        if "f" in thing:
            left, low, right, top = _numbers(thing["bb"])
            framed[int(thing["f"])] = Spot(left, high - top, right - left, top - low)
        elif "pos" in thing:
            x, y = _numbers(thing["pos"])
            kind, number = thing["name"][0], int(thing["name"][1:])
            if kind == "b":
                w, h = sizes[number]
                spots[number] = Spot(x - w / 2, high - y - h / 2, w, h)
            elif kind == "r":
                rooms[number] = (x, high - y)
    pieces: dict[int, list[Piece]] = {}
    for edge in found.get("edges", ()):
        pieces.setdefault(int(edge["k"]), []).append(_piece(edge["pos"], high))
    routes = [Route(tuple(sorted(pieces.get(k, ()), key=_top)), rooms.get(k)) for k in range(bundles)]
    return Layout(Size(wide, high), tuple(spots), tuple(routes), tuple(framed), "Graphviz")


NOWHERE = Spot(0.0, 0.0, 0.0, 0.0)


def _piece(text: str, high: float) -> Piece:
    """Read a spline, and let it run downward."""
    points = tuple((x, high - y) for x, y in (_numbers(point) for point in text.split()))
    return points if points[0][1] <= points[-1][1] else points[::-1]


def _top(piece: Piece) -> float:
    return piece[0][1]


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.split(",")]
