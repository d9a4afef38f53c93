"""Derives a program by hand, and holds the derivation to autograd: at every value with a name, in float64."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from tracer.derivation.derive import ByHand, derive
from tracer.derivation.state import NotDerived
from tracer.derivation.verdict import Verdict, derivation, not_derived
from tracer.derivation.walk import walk
from tracer.errors import TracerError
from tracer.expression.program import up_to_backward
from tracer.facts import VALUES_PER_TENSOR, Check, Facts, Values
from tracer.ops.tensor import Stage
from tracer.runners.expression_check import Taken
from tracer.runners.expression_oracle import compute
from tracer.runners.expression_rerun import Rerun, rerun
from tracer.runners.interpreter.run import Run
from tracer.runners.interpreter.shadows import agreeing

Array = NDArray[Any]
STEPS = 5_000  # of a program that is run once more and derived
ELEMENTS = 2_000_000  # of all that it computes


def derived(facts: Facts, taken: Taken) -> Facts:
    """Add to facts the derivation of each input, and to the gradients of named tensors the numbers by hand."""
    ran, place, output, start = taken.ran, taken.name, taken.output, taken.start
    leaves = [name for name, tensor in ran.given.items() if tensor.requires_grad]
    if not leaves or not output.requires_grad or output.is_complex():
        return facts
    try:
        ran = _before_backward(taken)
        _check(ran)
        again = rerun(ran, place, start)
        walked = walk(ran.program, _arrays(ran), place, None if start is None else _array(start), compute)
        measured = again.gradients(walked)
        found = derive(walked, measured.get)
    except (TracerError, RecursionError) as error:
        why = str(error) if isinstance(error, TracerError) else "The program is nested too deep to be derived"
        none = tuple(not_derived(name, place, why) for name in leaves)
        return msgspec.structs.replace(facts, derivations=none)
    dtypes = {name: str(ran.given[name].dtype).removeprefix("torch.") for name in leaves}
    return _with_checks(facts, found, again, measured, dtypes)


def _before_backward(taken: Taken) -> Run:
    """Give the run as one of what the program does before the backward that was traced.

    Raises:
        NotDerived: that is no program of its own, or what backward is called on has no name.
    """
    if not taken.ran.backwards:
        return taken.ran
    program = up_to_backward(taken.ran.program, taken.backward)
    if program is None or taken.ran.values.get(taken.name) is not taken.output:
        raise NotDerived(
            "It is derived only up to a .backward() that stands by itself, outside of loops and branches, and is "
            "called on a name"
        )
    ran = taken.ran.copy()
    ran.program = program
    return ran


def _check(ran: Run) -> None:
    """Refuse what has no derivation, and what would take too long.

    Raises:
        NotDerived: says why.
    """
    if ran.random:
        raise NotDerived("The program draws random numbers, which have no derivation")
    elements = sum(made.tensor.numel() for made in (*ran.tracked.values(), *ran.untracked.values()))
    if ran.steps > STEPS or elements > ELEMENTS:
        raise NotDerived("The program computes too much to be derived by hand")


def _arrays(ran: Run) -> dict[str, tuple[Array, bool]]:
    return {name: (_array(tensor), tensor.requires_grad) for name, tensor in ran.given.items()}


def _array(tensor: torch.Tensor) -> Array:
    """Give the numbers of a tensor, floats in float64.

    Raises:
        NotDerived: it is complex.
    """
    if tensor.is_complex():
        raise NotDerived("Complex numbers have no derivation here")
    wide = tensor.detach().cpu()
    found: Array = (wide.to(torch.float64) if wide.is_floating_point() else wide).numpy()
    return found.astype(np.int64) if found.dtype.kind in "iu" else found


def _differences(facts: Facts) -> dict[str, Array]:
    """Give the finite differences that were taken of all elements, by the names of the inputs."""
    rows = {(row.node, row.output_nr): row.check for row in facts.gradients or ()}
    found = {}
    for tensor in facts.tensors:
        check = rows.get((tensor.node, tensor.output_nr)) if tensor.node is not None else None
        if tensor.role == "input" and tensor.name and check is not None and check.values is not None:
            found[tensor.name] = np.array(check.values.numbers, dtype=np.float64).reshape(check.values.shape)
    return found


def _with_checks(
    facts: Facts, found: ByHand, again: Rerun, measured: Mapping[Stage, Array], leaves: Mapping[str, str]
) -> Facts:
    differences, by_name = _differences(facts), {one.name: one for one in found.derived}
    derivations = []
    for name, dtype in leaves.items():
        if name in by_name:
            one = by_name[name]
            verdict = Verdict.of(one.value, again.inputs.get(name), differences.get(name), again.tolerance)
            derivations.append(derivation(one, verdict, dtype))
        else:
            nothing = f"{name} has no part in {again.output}, so there is nothing to derive"
            derivations.append(not_derived(name, again.output, nothing))
    checks = _checks(found, measured, again.tolerance)
    return msgspec.structs.replace(_put(facts, checks), derivations=tuple(derivations))


def _checks(found: ByHand, measured: Mapping[Stage, Array], tolerance: float) -> dict[str, Check]:
    """Compare what was derived at every named value with autograd; of one name the last counts."""
    shown = {found.ran.inputs[one.name]: one.value for one in found.derived}
    checks: dict[str, Check] = {}
    for stage, step in sorted(found.steps.items(), key=lambda pair: pair[0].order):
        label, value = found.ran.labels.get(stage), shown.get(stage, step.adjoint.value)
        if label is not None and value is not None and stage in measured and not step.missing:
            checks[label.name] = _compared(value, measured[stage], tolerance)
    return checks


def _compared(value: Array, expected: Array, tolerance: float) -> Check:
    apart = np.abs(value - expected)
    same = (value == expected) | (np.isnan(value) & np.isnan(expected)) | (apart <= tolerance * (1 + np.abs(expected)))
    worst = float(np.max(np.where(same & ~np.isfinite(apart), 0.0, apart), initial=0.0))
    values = Values(value.shape, "float64", tuple(value.reshape(-1).tolist()))
    return Check(value.size, int(same.sum()), worst, values if value.size <= VALUES_PER_TENSOR else None)


def _put(facts: Facts, checks: Mapping[str, Check]) -> Facts:
    """Put each check at the gradient of the tensor of that name."""
    places: dict[tuple[int, int], str] = {}
    for row in facts.tensors:
        if row.node is not None and row.name is not None and row.name in checks:
            places.setdefault((row.node, row.output_nr), row.name)
    rows: Sequence[Any] = facts.gradients or ()
    new = tuple(
        msgspec.structs.replace(row, rule=_as_fractions(checks[name], row.values))
        if (name := places.get((row.node, row.output_nr)))
        else row
        for row in rows
    )
    return msgspec.structs.replace(facts, gradients=new if facts.gradients is not None else None)


def _as_fractions(check: Check, gradient: Values | None) -> Check:
    """Write beside what was derived the fractions that the gradient exactly is, where it is those."""
    if check.values is None or gradient is None or gradient.exact is None:
        return check
    return msgspec.structs.replace(check, values=agreeing(check.values, gradient.exact))
