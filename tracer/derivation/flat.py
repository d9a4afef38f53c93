"""One index in the place of several, where a whole derivation reads its tensors only element by element: xᵢ for xᵢⱼ."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tracer.algebra import index
from tracer.algebra.expressions import Expr, every, parts, rebuilt
from tracer.algebra.index import Index, Symbol
from tracer.derivation.sentences import Links, Sentence

Group = tuple[Symbol, ...]


def flat(sentences: Sequence[Sentence]) -> tuple[tuple[Sentence, ...], int]:
    """Give the sentences with one index in the place of each group of them, and how many elements that runs over; the
    same sentences and 0 where some line needs the axes apart."""
    new = dict[Group, Symbol]()
    for sentence in sentences:
        groups = {_several(sentence.over), *(_several(e[1]) for e in _all(sentence) if e[0] in ("S", "P"))} - {()}
        if not all(_fits(where, groups) for where in _accesses(sentence)) or _apart(sentence, groups):
            return tuple(sentences), 0
        new |= {group: index.symbol(math.prod(one.size for one in group)) for group in groups if group not in new}
    sizes = {one.size for one in new.values()}
    if len(sizes) != 1:
        return tuple(sentences), 0
    return tuple(_rewritten(sentence, new) for sentence in sentences), sizes.pop()


def _several(over: Sequence[Symbol]) -> Group:
    found = tuple(one for one in over if one.size != 1)
    return found if len(found) > 1 else ()


def _all(sentence: Sentence) -> Iterator[Expr]:
    for e in (*sentence.right, *filter(None, [sentence.decimals])):
        if not isinstance(e, Links):
            yield from every(e)


def _accesses(sentence: Sentence) -> Iterator[tuple[Index, ...]]:
    yield from (e[2] for e in _all(sentence) if e[0] == "x")


def _fits(where: tuple[Index, ...], groups: set[Group]) -> bool:
    """Tell whether an access reads a whole group in its order, or nothing of any group."""
    used = {one for at in where for one in index.index_symbols(at)}
    touched = [group for group in groups if used & set(group)]
    return not touched or (len(touched) == 1 and _stripped(where) == index.indices(touched[0]))


def _stripped(where: tuple[Index, ...]) -> tuple[Index, ...]:
    return tuple(at for at in where if at != index.ZERO)


def _apart(sentence: Sentence, groups: set[Group]) -> bool:
    """Tell whether an index of a group stands by itself, in a bracket or as a number."""
    alone = {one for group in groups for one in group}
    return any(
        set(index.index_symbols(at)) & alone
        for e in _all(sentence)
        for at in ((e[1],) if e[0] in ("d", "g", "i") else e[2] if e[0] == "P" else ())
    )


def _rewritten(sentence: Sentence, new: Mapping[Group, Symbol]) -> Sentence:
    over = new.get(_several(sentence.over))
    left = tuple((a, _one(j, new), b, _one(i, new)) for a, j, b, i in sentence.left)
    right = tuple(_links(e, new) if isinstance(e, Links) else _expression(e, new) for e in sentence.right)
    decimals = None if sentence.decimals is None else _expression(sentence.decimals, new)
    return replace(sentence, left=left, right=right, decimals=decimals, over=(over,) if over else sentence.over)


def _links(links: Links, new: Mapping[Group, Symbol]) -> Any:
    return Links((a, _one(j, new), b, _one(i, new)) for a, j, b, i in links)


def _one(where: tuple[Index, ...], new: Mapping[Group, Symbol]) -> tuple[Index, ...]:
    for group, one in new.items():
        if _stripped(where) == index.indices(group):
            return (index.atom(one),)
    return where


def _expression(e: Expr, new: Mapping[Group, Symbol]) -> Expr:
    if e[0] == "x":
        return "x", e[1], _one(e[2], new)
    inner = parts(e)
    if not inner:
        return e
    if e[0] in ("S", "P") and _several(e[1]) in new:
        body = _expression(e[-1], new)
        over = (new[_several(e[1])],)
        return ("S", over, body) if e[0] == "S" else ("P", over, e[2], body)
    return rebuilt(e, tuple(_expression(part, new) for part in inner))
