"""Expressions compared up to the names of the symbols that are summed over."""

from __future__ import annotations

from tracer.algebra.expressions import Expr, kinds, parts, rebuilt, substitute
from tracer.algebra.index import Symbol, atom, replace, symbol
from tracer.algebra.memory import remembered

_names: dict[tuple[int, int], Symbol] = {}


@remembered
def alike(e: Expr) -> Expr:
    """Give an expression in which bound symbols are numbered, so that equal sums are equal."""
    return _numbered(e, 0) if kinds(e) & {"S", "P"} else e


def _numbered(e: Expr, depth: int) -> Expr:
    if not kinds(e) & {"S", "P"}:
        return e
    if e[0] not in ("S", "P"):
        inner = parts(e)
        return rebuilt(e, tuple(_numbered(part, depth) for part in inner)) if inner else e
    new = tuple(_name(depth + place, one.size) for place, one in enumerate(e[1]))
    body = _renamed(e[-1], dict(zip(e[1], new, strict=True)))
    body = _numbered(body, depth + len(new))
    return ("S", new, body) if e[0] == "S" else ("P", new, e[2], body)


def _name(depth: int, size: int) -> Symbol:
    if (depth, size) not in _names:
        _names[depth, size] = symbol(size)
    return _names[depth, size]


def _renamed(e: Expr, new: dict[Symbol, Symbol]) -> Expr:
    at = {old: atom(one) for old, one in new.items()}
    if e[0] in ("S", "P"):
        body = _renamed(e[-1], new)
        return ("S", e[1], body) if e[0] == "S" else ("P", e[1], tuple(replace(a, at) for a in e[2]), body)
    inner = parts(e)
    if inner:
        return rebuilt(e, tuple(_renamed(part, new) for part in inner))
    return substitute(e, at)
