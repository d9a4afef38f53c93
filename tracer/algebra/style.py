"""How the parts of an expression are put on paper: as plain text with Unicode, or as LaTeX that ziamath draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from tracer.algebra.functions import FUNCTIONS
from tracer.algebra.letters import lowered, raised

VULGAR = {
    (1, 2): "½", (1, 3): "⅓", (2, 3): "⅔", (1, 4): "¼", (3, 4): "¾", (1, 5): "⅕", (2, 5): "⅖", (3, 5): "⅗",
    (4, 5): "⅘", (1, 6): "⅙", (5, 6): "⅚", (1, 7): "⅐", (1, 8): "⅛", (3, 8): "⅜", (5, 8): "⅝", (7, 8): "⅞",
    (1, 9): "⅑", (1, 10): "⅒",
}  # fmt: skip


class Name(NamedTuple):
    """The name of a tensor: in text, in LaTeX, the number of its version where it has one in brackets above; `over` of
    what, where it is the gradient ∂over/∂name; and whether it is ours, then without the indices of axes of 1."""

    text: str
    latex: str
    version: str = ""
    over: Name | None = None
    ours: bool = False


class Style(NamedTuple):
    """How to write a number, an element, a fraction, a sum, and so on; each is given finished parts."""

    number: Callable[[Fraction], str]
    element: Callable[[Name, Sequence[str]], str]
    fraction: Callable[[str, str, bool], str]
    total: Callable[[str, Sequence[str], str], str]
    power: Callable[[str, Fraction], str]
    root: Callable[[str], str]
    call: Callable[[str, Sequence[str]], str]
    grouped: Callable[[str], str]
    bracket: Callable[[str], str]
    times: str
    signs: dict[str, str]


def decimal(value: Fraction) -> str | None:
    """Write a fraction as a decimal number of up to six digits; `None` where it is none."""
    text = f"{float(value):.6g}"
    return text.replace("-", "−") if "e" not in text and Fraction(text) == value else None


def number(value: Fraction) -> str:
    """Write a rational number: 3, ¼, 3⁄2, −7; one of many digits as a decimal number."""
    if value.denominator == 1 and abs(value) < 10**9:
        return str(value).replace("-", "−")
    sign, size = "−" if value < 0 else "", abs(value)
    if size.numerator == 1 and size.denominator > 1000 and set(str(size.denominator)) == {"1", "0"}:
        return f"{sign}10{raised(str(1 - len(str(size.denominator))))}"
    if size.denominator > 1000 or size >= 10**9:
        return sign + (decimal(size) or f"{float(size):.12g}".replace("e-", "e−"))
    return sign + VULGAR.get((size.numerator, size.denominator), f"{size.numerator}⁄{size.denominator}")


def _element(name: Name, at: Sequence[str]) -> str:
    whole = name.text + (f"⁽{raised(name.version)}⁾" if name.version else "")
    if name.over is not None:
        whole = f"∂{_element(name.over, ())}/∂{whole}"
    if not at:
        return whole
    low = [lowered(one) for one in at]
    if all(one is not None and len(one) == 1 for one in low):
        return whole + "".join(map(str, low))
    return f"{whole}[{','.join(at)}]"


def _total(sign: str, symbols: Sequence[str], body: str) -> str:
    low = lowered("".join(symbols))
    return f"{sign}{low} {body}" if low is not None and "≠" not in low else f"{sign}[{', '.join(symbols)}] {body}"


def _power(base: str, p: Fraction) -> str:
    return base + raised(str(p)) if p.denominator == 1 else f"{base}^({number(p)})"


def _call(name: str, arguments: Sequence[str]) -> str:
    return f"|{arguments[0]}|" if name == "abs" else f"{name}({', '.join(arguments)})"


TEXT = Style(
    number=number,
    element=_element,
    fraction=lambda top, bottom, simple: f"{top} / {bottom if simple else f'({bottom})'}",
    total=_total,
    power=_power,
    root=lambda inner: f"√{inner}" if inner.isalnum() else f"√({inner})",
    call=_call,
    grouped=lambda inner: f"({inner})",
    bracket=lambda inner: f"[{inner}]",
    times="·",
    signs={
        "Σ": "Σ",
        "Π": "Π",
        ">": ">",
        "<": "<",
        "≥": "≥",
        "≤": "≤",
        "=": "=",
        "≠": "≠",
        "¬": "¬",
        "π": "π",
        "−": "−",
        "e": "e",
        "∞": "∞",
    },
)


def latex_number(value: Fraction) -> str:
    """Write a rational number in LaTeX."""
    sign, size = "-" if value < 0 else "", abs(value)
    if size.numerator == 1 and size.denominator > 1000 and set(str(size.denominator)) == {"1", "0"}:
        return f"{sign}10^{{{1 - len(str(size.denominator))}}}"
    if size.denominator == 1 or size.denominator > 1000 or size >= 10**9:
        return (sign + number(size)).replace("−", "-")
    return rf"{sign}\frac{{{size.numerator}}}{{{size.denominator}}}"


def _fenced(opening: str, inner: str, closing: str) -> str:
    r"""Put brackets around, larger ones around what is tall; with \left and \right ziamath's sums lose their size."""
    size = r"\Big" if any(sign in inner for sign in _TALL) else ""
    return f"{size}{opening} {inner} {size}{closing}"


_TALL = (r"\frac", r"\sum", r"\prod", r"\sqrt", r"\begin")


def _latex_element(name: Name, at: Sequence[str]) -> str:
    whole = name.latex + (f"^{{({name.version})}}" if name.version else "")
    inner = "".join(at) if all(len(one) == 1 for one in at) else ",".join(at)
    whole = f"{whole}_{{{inner}}}".replace("−", "-") if at else whole
    over = "" if name.over is None else _latex_element(name.over, ())
    return whole if name.over is None else rf"\frac{{\partial {over}}}{{\partial {whole}}}"


def _latex_total(sign: str, symbols: Sequence[str], body: str) -> str:
    under = "".join(symbols) if all(len(one) == 1 for one in symbols) else ", ".join(symbols)
    return rf"{sign}_{{{under}}} {body}"


def _latex_power(base: str, p: Fraction) -> str:
    exponent = str(p) if p.denominator == 1 else latex_number(p)
    return rf"{{{base}}}^{{{exponent}}}"


def _latex_call(name: str, arguments: Sequence[str]) -> str:
    if name == "abs":
        return _fenced("|", arguments[0], "|")
    known = FUNCTIONS[name].latex if name in FUNCTIONS else {"max": r"\max", "min": r"\min"}.get(name, "")
    word = known or rf"\operatorname{{{name}}}"
    return word + _fenced("(", ", ".join(arguments), ")")


LATEX = Style(
    number=latex_number,
    element=_latex_element,
    fraction=lambda top, bottom, simple: rf"\frac{{{top}}}{{{bottom}}}",
    total=_latex_total,
    power=_latex_power,
    root=lambda inner: rf"\sqrt{{{inner}}}",
    call=_latex_call,
    grouped=lambda inner: _fenced("(", inner, ")"),
    bracket=lambda inner: _fenced("[", inner, "]"),
    times=r" \cdot ",
    signs={
        "Σ": r"\sum", "Π": r"\prod", ">": ">", "<": "<", "≥": r"\ge", "≤": r"\le", "=": "=", "≠": r"\ne",
        "¬": r"\lnot ", "π": r"\pi", "−": "-", "e": "e", "∞": r"\infty",
    },
)  # fmt: skip
