"""Expressions of one form, but for the names of tensors and indices: what is worked out for one holds for all.

The layers of a network, or the passes of a loop, give the same expression again and again with other names in it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tracer.algebra import index
from tracer.algebra.expressions import Expr, every, indices_of, parts, rebuilt, substitute
from tracer.algebra.index import Index, Symbol
from tracer.algebra.memory import remembered

How = Callable[[Expr], Expr]


class Slot(NamedTuple):
    """The place of a tensor in a form."""

    number: int


def once_for_a_form(how: How) -> How:
    """Let a function work on the form of an expression, once for each; it must not look at the tensors themselves."""
    on_form = remembered(how)

    @functools.wraps(how)
    def on_any(e: Expr) -> Expr:
        tensors, symbols = dict[Any, None](), set[Symbol]()
        for one in every(e):
            if one[0] == "x":
                tensors[one[1]] = None
            symbols.update(one[1] if one[0] in ("S", "P") else ())
            for at in indices_of(one):
                if any(not isinstance(atom, Symbol) for atom, _ in at[1]):
                    return on_form(e)  # an entry of a table holds a tensor too
                symbols.update(atom for atom, _ in at[1])
        ordered = sorted(symbols)
        new = {old: _symbol(number, old.size) for number, old in enumerate(ordered)}
        slots = {tensor: Slot(number) for number, tensor in enumerate(tensors)}
        found = on_form(_renamed(e, slots, new))
        back = {slot: tensor for tensor, slot in slots.items()}
        return substitute(_named(found, back), {one: index.atom(old) for old, one in new.items()})

    return on_any


@functools.lru_cache(maxsize=4096)
def _symbol(number: int, size: int) -> Symbol:
    """Give the symbol of a place; its number is below all that are fresh, and in the order of the places."""
    return Symbol(number - 1_000_000, size)


def _renamed(e: Expr, slots: Mapping[Any, Slot], new: Mapping[Symbol, Symbol]) -> Expr:
    kind = e[0]
    if kind == "x":
        return "x", slots[e[1]], tuple(_moved(at, new) for at in e[2])
    if kind in ("d", "g", "i"):
        return kind, _moved(e[1], new)
    if kind == "S":
        return "S", tuple(new[one] for one in e[1]), _renamed(e[2], slots, new)
    if kind == "P":
        but = tuple(_moved(at, new) for at in e[2])
        return "P", tuple(new[one] for one in e[1]), but, _renamed(e[3], slots, new)
    inner = parts(e)
    return rebuilt(e, tuple(_renamed(part, slots, new) for part in inner)) if inner else e


def _moved(at: Index, new: Mapping[Symbol, Symbol]) -> Index:
    return at[0], tuple((new[one], c) for one, c in at[1])


def _named(e: Expr, back: Mapping[Slot, Any]) -> Expr:
    if e[0] == "x":
        return "x", back[e[1]], e[2]
    inner = parts(e)
    return rebuilt(e, tuple(_named(part, back) for part in inner)) if inner else e
