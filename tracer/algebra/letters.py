"""Letters for index symbols, given in the order in which they are met, and not those that the person uses as names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count

from tracer.algebra.index import Symbol

ALPHABET = "ijklmprstuvaeohnx"  # those that Unicode has as subscripts
_DOWN = str.maketrans("0123456789-−+()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₋₋₊₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_UP = str.maketrans("0123456789-−+()itn", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁺⁽⁾ⁱᵗⁿ")


class Letters:
    """Gives each symbol of a line its letter. That of a symbol that is summed over is free again after its sum."""

    def __init__(self, taken: Collection[str] = (), given: Mapping[Symbol, str] | None = None) -> None:
        self._letters = [letter for letter in ALPHABET if letter not in taken] or list(ALPHABET)
        self._fixed: dict[Symbol, str] = dict(given or {})
        self._given: dict[Symbol, str] = {}

    def of(self, symbol: Symbol) -> str:
        """Give the letter of a symbol."""
        if symbol in self._fixed:
            return self._fixed[symbol]
        if symbol not in self._given:
            used = set(self._given.values())
            all_ = (letter + (str(again) if again else "") for again in count() for letter in self._letters)
            self._given[symbol] = next(letter for letter in all_ if letter not in used)
        return self._given[symbol]

    @contextmanager
    def summed(self, over: Sequence[Symbol]) -> Iterator[list[str]]:
        """Give the letters of symbols that are summed over, as long as their sum is written."""
        yield [self.of(one) for one in over]
        for one in over:
            self._given.pop(one, None)


def lowered(text: str) -> str | None:
    """Write as subscripts; `None` where Unicode has none."""
    return text.translate(_DOWN) if all(ord(sign) in _DOWN for sign in text) else None


def raised(text: str) -> str:
    """Write as superscripts, those that Unicode has."""
    return text.translate(_UP)
