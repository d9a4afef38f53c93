"""Exact values beside those of torch: every operation of a program on fractions, where its operands are known so.

A value is followed by identity: a float that was typed is known as the decimal it was typed as, wherever it is handed
on. What torch computed decides: fractions that are not what it found, but for rounding, are let go.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import msgspec
import numpy as np
import torch

from tracer.analysis.closeness import RTOL
from tracer.expression import exact
from tracer.facts import Values

ELEMENTS = 100  # of a tensor that is followed
MOST = 500  # values that are followed
OPERATORS: Mapping[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow", ast.MatMult: "matmul",
    ast.USub: "neg", ast.UAdd: "positive",
}  # fmt: skip


@dataclass(frozen=True)
class Operand:
    """A tensor that went into an operation, and what it exactly was."""

    tensor: torch.Tensor
    known: exact.Array


@dataclass(frozen=True)
class Done:
    """An operation that was followed: its name, what went in (`Operand`s and plain arguments), and what came out."""

    operation: str
    given: tuple[Any, ...]
    options: Mapping[str, Any]
    results: tuple[torch.Tensor, ...]

    def operands(self) -> list[Operand]:
        """List the tensors that went in, in the order in which they were written."""
        return list(_operands(self.given))

    def compute(self, known: Callable[[Operand, int], exact.Array]) -> tuple[exact.Array, ...] | None:
        """Compute it again with other arrays for its operands, which are told with their number."""
        numbers = {id(operand): number for number, operand in enumerate(self.operands())}
        given = [_filled(value, lambda operand: known(operand, numbers[id(operand)])) for value in self.given]
        found = exact.compute(self.operation, given, self.options)
        return found if found is None or isinstance(found, tuple) else (found,)


class Shadows:
    """Holds what is exactly known of the values of one run, and by which operations it came to be."""

    def __init__(self, given: Mapping[str, torch.Tensor], known: Mapping[str, exact.Array] | None) -> None:
        self._held: dict[int, tuple[Any, int, Any]] = {}
        self.done: dict[int, Done] = {}
        self._follows = known is not None
        for name, found in (known or {}).items():
            self._hold(given[name], found)

    def of(self, value: Any) -> Any:
        """Give what is exactly known of a tensor or a float; `None`: nothing."""
        held = self._held.get(id(value))
        return held[2] if held is not None and held[1] == _version(value) else None

    def typed(self, node: ast.Constant, text: str) -> None:
        """Note a number as the program spells it."""
        if self._follows and isinstance(node.value, float) and len(self._held) < MOST:
            found = exact.number(text.replace("_", ""))
            if found is not None:
                self._held[id(node.value)] = node.value, 0, found

    def follow(self, operation: str, values: Sequence[Any], options: Mapping[str, Any], result: Any) -> None:
        """Compute an operation of the program exactly too, where all that went in is exactly known."""
        name = _name(operation)
        if not self._follows or name not in exact.RULES or len(self._held) >= MOST:
            return
        results = result if isinstance(result, tuple) else (result,)
        if not all(_can_be_held(one) and self.of(one) is None for one in results):
            return
        given = tuple(self._given(value) for value in values)
        if any(_is_unknown(value) for value in [*given, *options.values()]):
            return
        done = Done(name, given, dict(options), results)
        found = done.compute(lambda operand, _: operand.known)
        if found is not None and len(found) == len(results):
            held = [self._hold(one, array) for one, array in zip(results, found, strict=True)]
            if all(held) and isinstance(results[0], torch.Tensor):
                self.done.update({id(one): done for one in results})

    def _hold(self, value: Any, found: exact.Array) -> bool:
        shape: tuple[int, ...] = ()
        numbers, dtype = [value], "float64"
        if isinstance(value, torch.Tensor):
            shape, dtype = tuple(value.shape), str(value.dtype).removeprefix("torch.")
            numbers = value.detach().flatten().tolist() if value.numel() <= ELEMENTS else []
        if found.shape != shape or not exact.fits(found) or not exact.close(found, numbers, RTOL.get(dtype, 0)):
            return False
        plain = found if isinstance(value, torch.Tensor) else Fraction(found.item())
        self._held[id(value)] = value, _version(value), plain
        return True

    def _given(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return type(value)(map(self._given, value)) if type(value) in (list, tuple) else _UNKNOWN
        if not isinstance(value, torch.Tensor | float):
            return value
        known = self.of(value)
        if known is None:
            return _UNKNOWN
        return Operand(value, known) if isinstance(value, torch.Tensor) else known


_UNKNOWN = object()


def _can_be_held(value: Any) -> bool:
    if isinstance(value, torch.Tensor):
        return value.numel() <= ELEMENTS and not value.is_complex() and value.dtype is not torch.bool
    return type(value) is float


def _is_unknown(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_is_unknown, value))
    return value is _UNKNOWN


def _name(operation: str) -> str:
    """Take the name of a function of torch without its path; one of torch.linalg or math is another function."""
    path, _, name = operation.rpartition(".")
    return name if path in ("", "torch", "F", "torch.nn.functional") else operation


def _operands(value: Any) -> Iterator[Operand]:
    if isinstance(value, Operand):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _operands(item)


def _filled(value: Any, known: Callable[[Operand], exact.Array]) -> Any:
    if isinstance(value, Operand):
        return known(value)
    return type(value)(_filled(item, known) for item in value) if isinstance(value, list | tuple) else value


def _version(value: Any) -> int:
    if not isinstance(value, torch.Tensor):
        return 0
    return -1 if value.is_inference() else value._version


def written(values: Values | None, found: Any) -> Values | None:
    """Write fractions beside the numbers that they are; only where they are those, but for rounding."""
    if values is None or found is None or not is_written(found, values):
        return values
    return msgspec.structs.replace(values, exact=exact.text(np.asarray(found, dtype=object)))


def agreeing(values: Values, exact_: Sequence[str]) -> Values:
    """Write fractions in text beside other numbers, where they are those too."""
    found = np.array([Fraction(text) for text in exact_] or [], dtype=object)
    return written(values, found.reshape(values.shape)) or values if found.size == len(values.numbers) else values


def is_written(found: Any, values: Values) -> bool:
    """Tell whether fractions are these numbers, but for rounding, and short enough to be shown."""
    array = np.asarray(found, dtype=object)
    same = exact.close(array, values.numbers, RTOL.get(values.dtype, 0))
    return array.shape == values.shape and exact.fits(array) and same
