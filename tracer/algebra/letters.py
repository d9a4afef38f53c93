"""Letters for index symbols, given in the order in which they are met, and not those that the person uses as names."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tracer.algebra.index import Symbol

ALPHABET = "ijklmprstuvaeohnx"  # those that Unicode has as subscripts
_DOWN = str.maketrans("0123456789-−+()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₋₋₊₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_UP = str.maketrans("0123456789-−+()itn", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁺⁽⁾ⁱᵗⁿ")


class Letters:
    """Gives each symbol of a line its letter; the same symbol has the same letter as long as this lives."""

    def __init__(self, taken: Collection[str] = (), given: Mapping[Symbol, str] | None = None) -> None:
        self._free = [letter for letter in ALPHABET if letter not in taken]
        self._given: dict[Symbol, str] = dict(given or {})
        self._count = 0

    def of(self, symbol: Symbol) -> str:
        """Give the letter of a symbol."""
        if symbol not in self._given:
            number = self._count
            self._count += 1
            first = self._free or list(ALPHABET)
            again = number // len(first)
            self._given[symbol] = first[number % len(first)] + (str(again) if again else "")
        return self._given[symbol]


def lowered(text: str) -> str | None:
    """Write as subscripts; `None` where Unicode has none."""
    return text.translate(_DOWN) if all(ord(sign) in _DOWN for sign in text) else None


def raised(text: str) -> str:
    """Write as superscripts, those that Unicode has."""
    return text.translate(_UP)
