"""Readings in vectors and matrices → text or LaTeX: Xᵀ (p − y), (∂L/∂h ⊙ [h > 0]) xᵀ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from tracer.algebra.reading import Reading
from tracer.algebra.style import TEXT
from tracer.algebra.write import ATOM, POWER, PRODUCT, SUM, Pen, Piece


def write(pen: Pen, a: Reading) -> str:
    """Write a reading."""
    return _piece(pen, a)[0]


def _piece(pen: Pen, a: Reading) -> Piece:
    return _WRITERS[a[0]](pen, a)


def _at(pen: Pen, a: Reading, least: int) -> str:
    text, level = _piece(pen, a)
    return text if level >= least else pen.style.grouped(text)


def _is_text(pen: Pen) -> bool:
    return pen.style is TEXT


def _name(pen: Pen, a: Reading) -> Piece:
    name = pen.name(a[1])
    return pen.style.element(name, ()), POWER if name.version or name.over else ATOM


def _turned(pen: Pen, a: Reading) -> Piece:
    inner = _at(pen, a[1], ATOM)
    return (f"{inner}ᵀ" if _is_text(pen) else rf"{{{inner}}}^{{\top}}"), ATOM


def _matrix_product(pen: Pen, a: Reading) -> Piece:
    return (" " if _is_text(pen) else r" \, ").join(_at(pen, one, POWER) for one in a[1]), PRODUCT


def _joined(sign: str, latex: str) -> Callable[[Pen, Reading], Piece]:
    def write_(pen: Pen, a: Reading) -> Piece:
        return f" {sign if _is_text(pen) else latex} ".join(_at(pen, one, POWER) for one in a[1]), SUM

    return write_


def _times(pen: Pen, a: Reading) -> Piece:
    return pen.style.times.join(_at(pen, one, POWER) for one in a[1]), PRODUCT


def _sum(pen: Pen, a: Reading) -> Piece:
    text = ""
    for c, one in a[1]:
        piece = _scaled(pen, abs(c), one)
        sign = pen.style.signs["−"] if c < 0 else "+"
        text += f" {sign} {piece}" if text else (sign if c < 0 else "") + piece
    return text, SUM


def _scaled(pen: Pen, c: Fraction, a: Reading) -> str:
    if a[0] == "n":
        return pen.style.number(c * a[1])
    if c == 1:
        return _at(pen, a, PRODUCT)
    return f"{pen.style.number(c)} {_at(pen, a, PRODUCT)}"


def _scalar(pen: Pen, a: Reading) -> Piece:
    c, scalars, inner = a[1:]
    sign = pen.style.signs["−"] if c < 0 else ""
    number = "" if abs(c) == 1 else pen.style.number(abs(c))
    told = [
        pen.style.grouped(_piece(pen, one)[0]) if _piece(pen, one)[1] < ATOM else write(pen, one) for one in scalars
    ]
    parts = [part for part in (number, *told, _at(pen, inner, PRODUCT)) if part]
    return sign + " ".join(parts), PRODUCT if not sign else SUM


def _power(pen: Pen, a: Reading) -> Piece:
    inner = _at(pen, a[1], ATOM)
    if _is_text(pen):
        return pen.style.power(f"{inner}∘", a[2]), POWER
    return rf"{{{inner}}}^{{\circ {a[2]}}}", POWER


def _relation(pen: Pen, a: Reading) -> Piece:
    return pen.style.bracket(f"{write(pen, a[2])} {pen.style.signs[a[1]]} {pen.style.number(a[3])}"), ATOM


_WRITERS: Mapping[str, Callable[[Pen, Reading], Piece]] = {
    "t": _name,
    "T": _turned,
    "@": _matrix_product,
    "⊙": _joined("⊙", r"\odot"),
    "·": _times,
    "+": _sum,
    "c": _scalar,
    "^": _power,
    "f": lambda pen, a: (pen.style.call(a[1], [write(pen, a[2])]), ATOM),
    "v": _relation,
    "1": lambda pen, a: ("𝟏" if _is_text(pen) else r"\boldsymbol{1}", ATOM),
    "n": lambda pen, a: (pen.style.number(a[1]), ATOM),
    "diag": lambda pen, a: (pen.style.call("diag", [write(pen, a[1])]), ATOM),
}
