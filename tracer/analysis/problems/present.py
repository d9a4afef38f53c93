"""Causes for a tensor that is in the graph: nothing, zero, or NaN comes to it, or far too little; and remarks."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tracer.analysis.problems import operations
from tracer.analysis.problems.depth import Depth
from tracer.analysis.problems.finding import Case, Cause, Finding, at, listed, of
from tracer.analysis.problems.flow import NON_FINITE, NONE, ZERO, Mark, Origin
from tracer.analysis.problems.missing import CHECKPOINT, MISSING
from tracer.facts import State
from tracer.quantities import brackets, figure, share

UNKNOWN_ORIGIN = "at {place}, where what led to it was not measured"
START_ZERO = "backward starts with zeros at {place}"
START_BAD = "backward starts so at {place}"


def nothing_handed(case: Case) -> Iterator[Finding]:
    """The operations that used it hand back nothing for it."""
    origin = _origin(case, NONE) if _state(case, "none") else None
    if origin is not None and origin.what == "operation":
        node = origin.node
        custom = node.name.endswith("Backward")
        why = f"{of(node)} hands back nothing (None) for its input {origin.slot}, which leads to it"
        cure = "Let its backward() return a gradient for that input" if custom else ""
        yield Finding(MISSING, why, cure, node.name, node.source)
    elif _state(case, "none"):
        yield Finding(MISSING, f"nothing flows to it in the backward of {case.evidence.ends}", possible=True)


def zero(case: Case) -> Iterator[Finding]:
    """All of it is zero."""
    origin = _origin(case, ZERO)
    if origin is not None:
        told = operations.zero(origin.node, _largest(case, origin))
        why = {
            "operation": f"it becomes zero at {of(origin.node)}, input {origin.slot}: {told.why}",
            "sum": f"gradients that are not zero meet at {of(origin.node)} and cancel out",
            "hook": f"a hook made it zero at {of(origin.node)}",
            "start": START_ZERO.format(place=of(origin.node)),
            "unknown": UNKNOWN_ORIGIN.format(place=of(origin.node)),
        }[origin.what]
        cure = told.cure if origin.what == "operation" else ZERO_CURES.get(origin.what, "")
        yield Finding("zero gradient", why, cure, origin.node.name, origin.node.source, group=str(origin.node.index))


ZERO_CURES = {
    "sum": "Look at the paths that join there (gradtrace run shows the share of each)",
    "hook": "Look at the hook",
    "start": "Start backward from a gradient that is not zero",
}


def not_finite(case: Case) -> Iterator[Finding]:
    """It holds NaN or infinities."""
    origin = _origin(case, NON_FINITE)
    if origin is not None:
        told = operations.non_finite(origin.node)
        why = {
            "operation": f"it begins at {of(origin.node)}, input {origin.slot}: what arrives there is finite and what "
            f"is handed on is not; {told.why}",
            "sum": f"finite gradients meet at {of(origin.node)} and their sum is too large, or a hook changes it",
            "hook": f"a hook made it so at {of(origin.node)}",
            "start": START_BAD.format(place=of(origin.node)),
            "unknown": UNKNOWN_ORIGIN.format(place=of(origin.node)),
        }[origin.what]
        cure = told.cure if origin.what == "operation" else ""
        yield Finding("NaN or infinity", why, cure, origin.node.name, origin.node.source, group=str(origin.node.index))


def far_from_the_loss(case: Case) -> Iterator[Finding]:
    """Its norm is far smaller, or far larger, than near the loss."""
    depth = None if case.place is None else case.evidence.depths.get(case.place)
    if depth is not None:
        small = depth.factor < 1
        cure = VANISHING_CURE if small else EXPLODING_CURE
        problem = "vanishing gradient" if small else "exploding gradient"
        size = abs(math.log(depth.factor))
        yield Finding(problem, _ends(depth), cure, depth.early.name, depth.early.source, group=problem, size=size)


VANISHING_CURE = (
    "Use activations that do not flatten (ReLU instead of sigmoid), a fitting initialisation, normalisation layers or "
    "skip connections"
)
EXPLODING_CURE = "Use a smaller initialisation, normalisation layers, or clip the norm (torch.nn.utils.clip_grad_norm_)"


def _ends(depth: Depth) -> str:
    small = depth.factor < 1
    times = 1 / depth.factor if small else depth.factor
    return (
        f"over {depth.layers} layers its norm {'falls' if small else 'grows'} by a factor of {figure(times, 3)}: "
        f"{figure(depth.late_norm, 3)} arrives at {of(depth.late)}, and {figure(depth.early_norm, 3)} at "
        f"{of(depth.early)}"
    )


def other_shape(case: Case) -> Iterator[Finding]:
    """The tensor has another shape now than its gradient will have."""
    if case.place is None or case.standing is None or not case.standing.leaf:
        return
    known = case.evidence.facts.graph.nodes[case.place[0]].outputs[0].shape
    if None not in (known, case.tensor.shape) and known != case.tensor.shape:
        why = (
            f"its shape is {brackets(case.tensor.shape)} now and was {brackets(known)} in the forward pass: its .data "
            "was replaced in between. backward() gives it a gradient of the old shape, or raises"
        )
        yield Finding("other shape", why, "Change the shape of a parameter between steps, before the forward pass")


def a_path_is_missing(case: Case) -> Iterator[Finding]:
    """It has a gradient, but another path from it was cut."""
    for cut in case.cuts:
        if cut.nodes and cut.operation != CHECKPOINT:
            users = [of(case.evidence.facts.graph.nodes[index]) for index in cut.nodes]
            why = (
                f"another path from it, which {at(cut.operation, cut.module, cut.source)} cut off, would have gone on "
                f"from {listed(users, 1)}: what came along there is missing from its gradient"
            )
            yield Finding(None, why, "", cut.operation, cut.source)


def changed_by_a_hook(case: Case) -> Iterator[Finding]:
    """What arrived is not what was sent."""
    kept = case.gradient
    if case.place is None or kept is None or case.place in case.evidence.flow.starts:
        return
    numbers = case.evidence.flow.coming[case.place]
    sent = case.evidence.flow.on_edges[numbers[0]] if len(numbers) == 1 else None
    if NON_FINITE.has(kept) or not (sent and sent.statistics and kept.statistics):
        return  # a NaN is never the same
    if sent.statistics != kept.statistics:
        was, now = figure(sent.statistics.norm), figure(kept.statistics.norm)
        yield Finding(None, f"a hook changes it: its norm was {was} when it came and is {now} afterwards")


def not_kept(case: Case) -> Iterator[Finding]:
    """It is no leaf, so backward keeps nothing in its .grad."""
    standing = case.standing
    if standing is not None and case.place is not None and not standing.leaf and not standing.retains_grad:
        node = case.evidence.facts.graph.nodes[case.place[0]]
        why = f"its .grad stays None, since it is the result of an operation, {of(node)}, and not a leaf"
        yield Finding(None, why, "Call its retain_grad() before backward()", node.name, node.source)


def not_measured(case: Case) -> Iterator[Finding]:
    """It is in the graph, and what flows to it was not measured."""
    if case.gradient is None:
        why = f"it is in the graph of {case.evidence.ends}; whether its gradient is zero or finite was not measured"
        yield Finding(None, why, "Trace with gradients=True before backward() runs")
    elif _state(case, "not measured"):
        node = case.evidence.checkpoint
        why = f"what flows to it was not measured{f': {of(node)} hides it, a reentrant checkpoint' if node else ''}"
        cure = "Use checkpoint(…, use_reentrant=False)" if node else ""
        yield Finding(None, why, cure, CHECKPOINT if node else None, node.source if node else None)


def fine(case: Case) -> Iterator[Finding]:
    """It has a gradient that is neither zero nor infinite."""
    gradient = case.gradient
    bad = gradient is None or gradient.state != "measured" or any(mark.has(gradient) for mark in (ZERO, NON_FINITE))
    if gradient is None or bad:
        return
    statistics = gradient.statistics
    norm = f" of norm {figure(statistics.norm)}" if statistics else ""
    zeros = f", {share(statistics.zeros)} of it zero" if statistics and statistics.zeros else ""
    why = f"backward of {case.evidence.ends} gives it a gradient{norm}{zeros}"
    standing = case.standing
    if standing is not None and standing.leaf and not standing.holds_grad:
        why += "; its .grad is None until backward() has run, and again after zero_grad()"
    yield Finding(None, why)


PRESENT: tuple[Cause, ...] = (
    *(fine, nothing_handed, zero, not_finite, far_from_the_loss, other_shape, not_kept, a_path_is_missing),
    *(changed_by_a_hook, not_measured),
)


def _state(case: Case, state: State) -> bool:
    return case.gradient is not None and case.gradient.state == state


def _largest(case: Case, origin: Origin) -> float | None:
    """Give the largest magnitude that arrives where something begins."""
    known = [gradient.statistics for gradient in case.evidence.flow.arrived[origin.node.index] if gradient.statistics]
    return max((one.max_abs for one in known if one.max_abs is not None), default=None)


def _origin(case: Case, mark: Mark) -> Origin | None:
    return None if case.place is None else case.evidence.origins[mark].get(case.place)
