"""A·x read in two ways: by rows as scalar products, by columns as a weighted sum. Exact: numbers stay fractions.

By rows, y[i] = ⟨a(i), x⟩ = Σⱼ A[i, j]·x[j], which is how far x reaches along a(i), times ‖a(i)‖: the un-normalised
projection of x on the row. By columns, y = Σⱼ x[j]·A[:, j], added one column at a time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import msgspec

from tracer.matrix_vector.settings import Exact, Settings
from tracer.quantities import MINUS, factor, figure, number


class RowReading(msgspec.Struct, frozen=True):
    """One output as a scalar product. `row`, `products` and `total` are exact numbers as text.

    `norm` is ‖a(i)‖, `cosine` that of the angle between the row and x, `projection` = ⟨a(i), x⟩ / ‖a(i)‖ the length of
    x along the row; these are rounded, and `None` where one of the two is zero or not finite. `scalar` is ⟨a(i), x⟩,
    which differs from y[i] = `total` where a bias is added.
    """

    output: int
    row: tuple[str, ...]
    products: tuple[str, ...]
    scalar: str
    total: str
    norm: float | None
    cosine: float | None
    projection: float | None
    text: str


class ColumnReading(msgspec.Struct, frozen=True):
    """One column, times its number of x, and the sum so far: exact numbers as text."""

    column: int
    factor: str
    numbers: tuple[str, ...]
    added: tuple[str, ...]
    running: tuple[str, ...]
    text: str


class Readings(msgspec.Struct, frozen=True):
    """A·x read in both ways; `start` is the sum before any column is added: zeros, or the bias."""

    rows: tuple[RowReading, ...]
    columns: tuple[ColumnReading, ...]
    start: tuple[str, ...] = ()

    def sum_after(self, columns: int) -> tuple[str, ...]:
        """Give the sum after so many columns."""
        return self.columns[columns - 1].running if columns else self.start


def readings(settings: Settings) -> Readings:
    """Read A·x in both ways."""
    return Readings(by_rows(settings), by_columns(settings), _several(settings, _start(settings)))


def totals_by_rows(settings: Settings) -> tuple[Exact, ...]:
    """Give y, each output as the scalar product of its row with x, and its bias where there is one."""
    return tuple(total(settings, at) for at in range(len(settings.matrix)))


def total(settings: Settings, row: int) -> Exact:
    """Give one output: the scalar product of its row with x, and its bias where there is one."""
    return _plus(_scalar(settings, row), _start(settings)[row])


def _scalar(settings: Settings, row: int) -> Exact:
    return sum_of([times(a, x) for a, x in zip(settings.matrix[row], settings.vector, strict=True)])


def _start(settings: Settings) -> tuple[Exact, ...]:
    return settings.offset or (Fraction(0),) * len(settings.matrix)


def sums_by_columns(settings: Settings) -> tuple[tuple[Exact, ...], ...]:
    """Give the running sum after each column; the last one is y."""
    sums: list[tuple[Exact, ...]] = []
    running = _start(settings)
    for at, x in enumerate(settings.vector):
        running = tuple(_plus(before, times(x, row[at])) for before, row in zip(running, settings.matrix, strict=True))
        sums.append(running)
    return tuple(sums)


def by_rows(settings: Settings) -> tuple[RowReading, ...]:
    """Read A·x by rows."""
    length = _norm(settings.vector)
    return tuple(_row(settings, at, length) for at in range(len(settings.matrix)))


def by_columns(settings: Settings) -> tuple[ColumnReading, ...]:
    """Read A·x by columns, in their order."""

    def column(at: int, running: Sequence[Exact]) -> ColumnReading:
        numbers = tuple(row[at] for row in settings.matrix)
        x = settings.vector[at]
        entries, sums = _several(settings, numbers), _several(settings, running)
        return ColumnReading(
            column=at,
            factor=exact(settings, x),
            numbers=entries,
            added=_several(settings, [times(x, entry) for entry in numbers]),
            running=sums,
            text=f"{factor(exact(settings, x))}·[{', '.join(entries)}] → [{', '.join(sums)}]",
        )

    return tuple(column(at, running) for at, running in enumerate(sums_by_columns(settings)))


def exact(settings: Settings, value: Exact) -> str:
    """Write an exact number: a fraction where the person wrote fractions or where no decimal ends, else a decimal."""
    if not isinstance(value, Fraction):
        return number(value)
    if value.denominator != 1 and (settings.fractions or not _ends(value.denominator)):
        return f"{value.numerator}/{value.denominator}".replace("-", MINUS)
    return _whole(value.numerator) if value.denominator == 1 else _decimal(value)


def _row(settings: Settings, at: int, length: float | None) -> RowReading:
    row, scalar, whole = settings.matrix[at], _scalar(settings, at), total(settings, at)
    norm, found = _norm(row), rounded(scalar)
    usable = bool(norm and length and math.isfinite(found))
    terms = [
        f"{factor(exact(settings, a))}·{factor(exact(settings, x))}" for a, x in zip(row, settings.vector, strict=True)
    ]
    terms += [factor(exact(settings, settings.offset[at]))] if settings.offset else []
    return RowReading(
        output=at,
        row=_several(settings, row),
        products=_several(settings, [times(a, x) for a, x in zip(row, settings.vector, strict=True)]),
        scalar=exact(settings, scalar),
        total=exact(settings, whole),
        norm=norm,
        cosine=found / norm / length if usable and norm and length else None,
        projection=found / norm if usable and norm else None,
        text=f"{' + '.join(terms)} = {exact(settings, whole)}",
    )


def rounded(value: Exact) -> float:
    """Round an exact number to a float; one that is too large is infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def times(a: Exact, b: Exact) -> Exact:
    """Multiply: exactly, or as floats where one of the two is not finite."""
    return a * b if isinstance(a, Fraction) and isinstance(b, Fraction) else rounded(a) * rounded(b)


def _plus(a: Exact, b: Exact) -> Exact:
    return a + b if isinstance(a, Fraction) and isinstance(b, Fraction) else rounded(a) + rounded(b)


def told(reading: RowReading) -> str:
    """Say what a row's scalar product means: the angle, and the length along the row."""
    if reading.cosine is None or reading.projection is None or reading.norm is None:
        return "no angle: the row or the vector is zero or not finite"
    angle = math.degrees(math.acos(min(max(reading.cosine, -1.0), 1.0)))
    return f"cos = {figure(reading.cosine, 6)} ({figure(angle)}°), length along the row {figure(reading.projection, 7)}"


def _several(settings: Settings, values: Sequence[Exact]) -> tuple[str, ...]:
    return tuple(exact(settings, value) for value in values)


def _norm(values: Sequence[Exact]) -> float | None:
    """Give the Euclidean norm; `None` where a number is not finite, or the norm is too large for a float."""
    if not all(isinstance(value, Fraction) for value in values):
        return None
    found = math.hypot(*map(float, values))
    return found if math.isfinite(found) else None


def sum_of(values: Sequence[Exact]) -> Exact:
    """Add numbers up."""
    whole: Exact = Fraction(0)
    for value in values:
        whole = _plus(whole, value)
    return whole


def _ends(denominator: int) -> bool:
    """Tell whether a fraction with that denominator is a decimal that ends, within twelve digits."""
    return 10**12 % denominator == 0


def _whole(value: int) -> str:
    """Write a whole number; one of many zeros with an exponent: 3e29."""
    text = str(value).replace("-", MINUS)
    kept = text.rstrip("0")
    return f"{kept}e{len(text) - len(kept)}" if len(text) > 15 and len(text) - len(kept) > 5 else text


def _decimal(value: Fraction) -> str:
    """Write a fraction whose decimals end after at most twelve digits."""
    whole, rest = divmod(abs(value.numerator) * 10**12 // value.denominator, 10**12)
    return f"{MINUS if value < 0 else ''}{whole}.{f'{rest:012d}'.rstrip('0')}"
