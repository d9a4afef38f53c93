"""Checks the gradients of a program's inputs by running it again, in float64, with one number changed at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

import msgspec
import torch

from tracer.backward.finite_difference import check
from tracer.errors import TracerError
from tracer.facts import Check, Facts
from tracer.runners.expression_kinks import kink
from tracer.runners.interpreter.run import Run
from tracer.runners.interpreter.statements import run

MOST = 16  # elements that are tried of each input
STEPS = 40_000  # of all runs together
ELEMENTS = 100_000_000  # computed in all runs together

NOT_CHECKED = "The gradients are not checked with finite differences: {why}"


class _Unfit(TracerError):
    """Differences of this program would not show its gradient; `what` says why."""


@dataclass(frozen=True)
class Taken:
    """An output that was traced, in the run as it was then: at its `backward`-th .backward(), or (0) at its end.

    `found` are the gradients of the inputs, which can't be asked for any more where the program ran its backward.
    """

    facts: Facts
    ran: Run
    name: str
    output: torch.Tensor
    start: torch.Tensor | None
    backward: int = 0
    found: Sequence[torch.Tensor | None] | None = None

    def leaves(self) -> dict[str, torch.Tensor]:
        """Give the inputs that have a gradient."""
        return {name: tensor for name, tensor in self.ran.given.items() if tensor.requires_grad}

    def gradients(self) -> Sequence[torch.Tensor | None]:
        """Give the gradients of the inputs."""
        if self.found is not None:
            return self.found
        begin = torch.ones_like(self.output) if self.start is None else self.start
        leaves = list(self.leaves().values())
        return torch.autograd.grad(self.output, leaves, begin, retain_graph=True, allow_unused=True)

    def with_found(self) -> Taken:
        """Keep the gradients of the inputs."""
        asked = self.leaves() and self.output.requires_grad
        return replace(self, found=self.gradients()) if asked else self


def checked(taken: Taken) -> Facts:
    """Add to the gradient of each input its comparison with finite differences, or a note that says why not."""
    facts, leaves = taken.facts, taken.leaves()
    if not leaves or not taken.output.requires_grad:
        return facts
    why = _why_not(taken.ran, taken.output, list(leaves.values()))
    if why is None:
        try:
            checks, kinks = _compare(taken, leaves)
            return _with_checks(msgspec.structs.replace(facts, notes=(*facts.notes, *kinks)), checks)
        except TracerError as error:
            why = error.what if isinstance(error, _Unfit) else "the program does not run in double precision"
    return msgspec.structs.replace(facts, notes=(*facts.notes, NOT_CHECKED.format(why=why)))


def _why_not(ran: Run, output: torch.Tensor, leaves: Sequence[torch.Tensor]) -> str | None:
    runs = 2 * sum(min(MOST, leaf.numel()) for leaf in leaves)
    elements = sum(made.tensor.numel() for made in ran.tracked.values()) + sum(leaf.numel() for leaf in leaves)
    reasons = (
        (output.is_complex() or any(leaf.is_complex() for leaf in leaves), "they are complex"),
        (ran.random, "the program draws random numbers"),
        (ran.second, "the program takes a gradient of a gradient"),
        (bool(ran.cuts), _cut(ran)),
        (runs * ran.steps > STEPS or runs * elements > ELEMENTS, "that would take too long"),
    )
    return next((why for holds, why in reasons if holds), None)


def _cut(ran: Run) -> str:
    """Say which line autograd does not follow; differences would follow it all the same."""
    line, text = next(iter(ran.cuts.items()), ("", ""))
    return f"autograd does not follow {text} on {line}, and differences would"


def _compare(taken: Taken, leaves: Mapping[str, torch.Tensor]) -> tuple[dict[str, Check], list[str]]:
    """Compare what autograd finds in float64 with differences in float64, so that only the rule is in question.

    Where the gradient of the run itself is another than that by more than rounding, it is compared instead. Where
    they do not agree, and the function has a kink or a jump there, a sentence says so.
    """
    begin = torch.ones_like(taken.output) if taken.start is None else taken.start
    weights = begin.detach().to(torch.float64)

    def terms(points: Sequence[torch.Tensor]) -> torch.Tensor:
        """Run the program on these numbers: output · start."""
        given = dict(zip(leaves, points, strict=True))
        values = {name: given[name].clone() if name in given else _double(old) for name, old in taken.ran.given.items()}
        return _again(taken, values) * weights

    with double_by_default():
        points = [leaf.detach().to(torch.float64).requires_grad_() for leaf in leaves.values()]
        base = terms(points)
        if not bool(base.isfinite().all()):
            raise _Unfit("the output is not finite")
        size = base.detach().abs().sum()  # added, so that a sum near zero is known to round as its terms do
        exact = torch.autograd.grad(base.sum(), points, allow_unused=True)
        chosen = [_chosen(taken.facts, *pair) for pair in zip(taken.gradients(), exact, strict=True)]

        def total(points: Sequence[torch.Tensor]) -> torch.Tensor:
            return terms(points).sum() + size

        checks = dict(zip(leaves, check(total, points, chosen, most=MOST), strict=True))
        off = [which for which, row in enumerate(checks.values()) if row.agreed < row.tried]
        kinks = [kink(total, points, which, list(leaves)[which], chosen[which], MOST) for which in off]
        return checks, list(filter(None, kinks))


def _again(taken: Taken, values: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Run the program on other numbers up to the same place, without any backward before it, and give the output."""

    def at_backward(run: Run, *_: object) -> Literal["skip", "stop"]:
        return "stop" if run.backwards == taken.backward else "skip"

    again = run(taken.ran.program, values, _refuse_narrow, at_backward)
    found = again.reached if taken.backward else again.values[taken.name]
    if not isinstance(found, torch.Tensor):
        raise _Unfit("the program takes another way in double precision")
    return found


def _chosen(facts: Facts, found: torch.Tensor | None, exact: torch.Tensor | None) -> torch.Tensor | None:
    """Give the gradient in float64, or the one of the run where it differs by more than what sums of the largest
    gradients round to."""
    if found is None or exact is None:
        return found
    sizes = (row.statistics.max_abs for row in facts.gradients or () if row.statistics)
    largest = max((size for size in sizes if size is not None and math.isfinite(size)), default=0.0)
    return exact if torch.allclose(found.to(torch.float64), exact, rtol=1e-3, atol=1e-3 * largest) else found


def _double(tensor: torch.Tensor) -> torch.Tensor:
    """Copy an input that has no gradient, in float64 if it holds such numbers."""
    return tensor.detach().to(torch.float64 if tensor.is_floating_point() else tensor.dtype, copy=True)


def _refuse_narrow(tensor: torch.Tensor) -> None:
    if (tensor.is_floating_point() or tensor.is_complex()) and tensor.dtype not in (torch.float64, torch.complex128):
        dtype = str(tensor.dtype).removeprefix("torch.")
        raise _Unfit(f"the program computes in {dtype}, whose rounding would hide small differences")


@contextmanager
def double_by_default() -> Iterator[None]:
    """Let the tensors that a program makes be float64 too; put torch's default back."""
    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(default)


def _with_checks(facts: Facts, checks: dict[str, Check]) -> Facts:
    """Put each check at the gradient of its input."""
    places = {
        (row.node, row.output_nr): row.name for row in facts.tensors if row.role == "input" and row.name in checks
    }
    rows = tuple(
        msgspec.structs.replace(row, check=checks[name]) if (name := places.get((row.node, row.output_nr))) else row
        for row in facts.gradients or ()
    )
    return msgspec.structs.replace(facts, gradients=rows)
