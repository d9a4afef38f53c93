"""How a number, a shape and a size are written: in one way, wherever they are shown."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Any

MINUS = "−"
SHORT_DIGITS, LONG_DIGITS, WHOLE_DIGITS = 2, 4, 15  # of a fraction that is shown, see `texts`
_DIGITS = {"float64": 15, "float32": 6, "float16": 3, "bfloat16": 2}


def number(value: float | complex | None, dtype: str | None = None) -> str:
    """Write a number with the fewest digits that give it back in its dtype: 0.1024, not 0.10239999741315842.

    Zero has no sign; the minus is the true one; what was not measured (`None`) is a dash.
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, complex):
        return f"{number(value.real, dtype)} {MINUS if value.imag < 0 else '+'} {number(abs(value.imag), dtype)}i"
    if isinstance(value, int):
        return str(value).replace("-", MINUS)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else MINUS + "∞"
    if value == 0:
        return "0"
    text = _shortest(value, dtype)
    if text.endswith(".0"):
        text = text[:-2]
    return _signed(text)


def figure(value: float | None, digits: int = 4) -> str:
    """Write a measured figure (a mean, a norm) rounded to so many significant digits: 1.009e−06, 0.0625, 4.5."""
    if value is None:
        return "–"
    if not math.isfinite(value) or value == 0:
        return number(value)
    small_or_large = not 1e-4 <= abs(value) < 1e6
    text = f"{value:.{digits - 1}e}" if small_or_large else f"{value:.{digits}g}"
    return _signed(text)


def rough(value: float) -> str:
    """Write a number with one digit and its power of ten, where there is room for no more: −4e−4."""
    return number(value) if not math.isfinite(value) or value == 0 else _signed(f"{value:.0e}")


def count(value: int | None) -> str:
    """Write a whole number with thin groups of three: 163 840 (a narrow no-break space between).

    What is not known (`None`) is a dash.
    """
    return "–" if value is None else f"{value:,}".replace(",", "\u202f").replace("-", MINUS)


def size(bytes_: int | None) -> str:
    """Write a number of bytes in binary units: 64 B, 18.8 KiB, 480 KiB; what is not known (`None`) is a dash."""
    if bytes_ is None:
        return "–"
    value, units = float(bytes_), ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while value >= 1024 and len(units) > 1:
        value, units = value / 1024, units[1:]
    return f"{value:.3g} {units[0]}" if value < 1000 else f"{value:.0f} {units[0]}"


def share(value: float | None) -> str:
    """Write a share as a percentage: 0 %, 0.18 %, 100 %."""
    return "–" if value is None else f"{figure(100 * value, 3)}\u202f%"


def shape(axes: Sequence[int] | None) -> str:
    """Write a shape: 1 × 20 × 64 × 128; a scalar is "scalar", an unknown shape "shape not known"."""
    if axes is None:
        return "shape not known"
    return " × ".join(map(str, axes)) if axes else "scalar"


def brackets(axes: Sequence[int] | None) -> str:
    """Write a shape as torch prints it: [1, 20, 64, 128]."""
    return "?" if axes is None else f"[{', '.join(map(str, axes))}]"


def factor(text: str) -> str:
    """Write a number that was written already as a factor of a product: what has a sign or a bar goes in brackets."""
    return f"({text})" if text.startswith(MINUS) or "/" in text else text


def values(nested: Any, dtype: str | None = None, fractions: Any = None) -> str:
    """Write nested lists on one line: [[−1.5, 0], [1.5, 3]], or [[−3/2, 0], [3/2, 3]] where those are known."""
    return _joined(texts(nested, dtype, fractions))


def texts(nested: Any, dtype: str | None = None, fractions: Any = None) -> Any:
    """Write each number in nested lists. `fractions` are the same numbers as exact fractions in text, where known.

    The one rule for them: a whole number is written as such; a fraction as p/q where p and q have at most two digits,
    or, where no decimal of finite length is it, at most four. Where one number of a tensor is none of these, such as
    512/5, all of them are decimals: 102.4.
    """
    if fractions is not None and all(map(_reads_well, _flat(fractions))):
        return _each(fractions, lambda text: text.replace("-", MINUS))
    return _each(nested, lambda value: number(value, dtype))


def fractions(nested: Any) -> str:
    """Write nested lists of numbers that are text already on one line, with a true minus: [[−3/2, 0], [3/2, 3]]."""
    return _joined(_each(nested, lambda text: str(text).replace("-", MINUS)))


def _reads_well(fraction: str) -> bool:
    top, bar, bottom = fraction.lstrip("-").partition("/")
    if not bar:
        return len(top) <= WHOLE_DIGITS
    rest = int(bottom)
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    return max(len(top), len(bottom)) <= (SHORT_DIGITS if rest == 1 else LONG_DIGITS)


def _flat(nested: Any) -> Iterator[Any]:
    if isinstance(nested, list | tuple):
        for item in nested:
            yield from _flat(item)
    else:
        yield nested


def _each(nested: Any, write: Callable[[Any], str]) -> Any:
    return [_each(item, write) for item in nested] if isinstance(nested, list | tuple) else write(nested)


def _joined(nested: Any) -> str:
    return f"[{', '.join(map(_joined, nested))}]" if isinstance(nested, list | tuple) else str(nested)


def _shortest(value: float, dtype: str | None) -> str:
    if dtype not in _DIGITS or dtype == "float64":
        return repr(value)
    for digits in range(_DIGITS[dtype], 10):
        text = f"{value:.{digits}g}"
        if _same(float(text), value, dtype):
            return text
    return repr(value)


def _same(a: float, b: float, dtype: str) -> bool:
    if dtype == "bfloat16":  # the upper half of a float32, rounded to nearest even
        return _bfloat16(a) == _bfloat16(b)
    code = {"float32": "f", "float16": "e"}[dtype]
    try:
        return struct.pack(code, a) == struct.pack(code, b)
    except OverflowError:
        return False


def _bfloat16(value: float) -> int:
    bits = struct.unpack("I", struct.pack("f", value))[0]
    return int((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16)


def _signed(text: str) -> str:
    return _plain_exponent(text).replace("-", MINUS)


def _plain_exponent(text: str) -> str:
    mantissa, mark, exponent = text.partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent)}" if mark else text
