"""Causes for a tensor that backward gives no gradient: barred from one, or not in the graph."""

from __future__ import annotations

from collections.abc import Iterator

from tracer.analysis.problems.finding import Case, Cause, Finding, at, listed, of
from tracer.facts import Cut, Read, Tensor
from tracer.quantities import count

MISSING, NO_GRAPH = "no gradient", "no graph"
CHECKPOINT = "checkpoint"  # what a cut by a reentrant checkpoint is called
HOW_TO_RECORD = (
    "To know which, record while the model runs: with tracer.record(model, reads=True) as notes: …, then trace with "
    "notes=notes; or run the script with gradtrace why"
)
LATE = ", and set requires_grad before that"
TURN_ON = "Set requires_grad to True before the forward pass, if it is to be trained"


def no_numbers_for_it(case: Case) -> Iterator[Finding]:
    """Its dtype can have no gradient."""
    dtype = case.tensor.dtype
    if not dtype.startswith(("float", "bfloat", "complex")):
        why = f"it holds {dtype} numbers, and only floating-point and complex tensors can have gradients"
        yield Finding(MISSING, why, "Make it floating-point before the forward pass, for example with .float()")


def given_by_a_cut(case: Case) -> Iterator[Finding]:
    """It came of something that cut the graph."""
    for cut in case.evidence.facts.cuts or ():
        if case.number in cut.gave:
            why = f"it has no history, since {at(cut.operation, cut.module, cut.source)} cut off what it was made of"
            yield Finding(MISSING, why, CURES[cut.kind], cut.operation, cut.source)


def frozen(case: Case) -> Iterator[Finding]:
    """Its requires_grad is False."""
    standing = case.standing
    if standing is None or standing.requires_grad or not standing.leaf:
        return
    line = standing.switched
    why = "its requires_grad is False" + (f", last set at {line}" if line else "") + _frozen_with(case)
    if case.tensor.node is not None:
        why += "; it was so only after the forward pass, and backward leaves it out"
    cure = TURN_ON if case.tensor.role == "parameter" else f"{TURN_ON}; if it was computed, look for what cut it off"
    yield Finding(MISSING, why, cure, "requires_grad_" if line else None, line)


def _frozen_with(case: Case) -> str:
    """Tell of the largest module around it all of whose parameters are frozen too."""
    parameters = [tensor for tensor in case.evidence.facts.tensors if tensor.role == "parameter"]
    path = case.module if case.tensor.role == "parameter" else ""
    best: tuple[str, int] | None = None
    while path:
        inside = [tensor for tensor in parameters if (tensor.name or "").startswith(path + ".")]
        if not all(map(_is_frozen, inside)):
            break
        best, path = (path, len(inside)), path.rpartition(".")[0]
    if not path and case.tensor.role == "parameter" and len(parameters) > 1 and all(map(_is_frozen, parameters)):
        return f", as is that of all {count(len(parameters))} parameters of the model"
    return f", as is that of all {count(best[1])} parameters of {best[0]}" if best and best[1] > 1 else ""


def _is_frozen(tensor: Tensor) -> bool:
    return tensor.standing is not None and not tensor.standing.requires_grad


def made_anew(case: Case) -> Iterator[Finding]:
    """Its module had another tensor in its place when it ran."""
    if case.standing is not None and case.standing.replaced:
        why = (
            f"when {_module(case)} ran, it had another tensor in this place, so this one is not what "
            f"{case.evidence.ends} was made of: it was put there afterwards, or others were lent for that call, as "
            "torch.func.functional_call does"
        )
        yield Finding(
            MISSING,
            why,
            "Assign it before the forward pass, and give the optimizer the new parameter; of lent ones, ask for theirs",
        )


def turned_on_late(case: Case) -> Iterator[Finding]:
    """It was read while its requires_grad was False."""
    read = case.standing.read if case.standing is not None and case.standing.requires_grad else None
    if read is not None and read.taken == "not required":
        late = case.standing.switched if case.standing is not None else None
        why = (
            f"its requires_grad was False when {_reading(read)} read it, and was set to True only afterwards"
            f"{f', at {late}' if late else ''}, so nothing was recorded for it"
        )
        yield Finding(MISSING, why, TURN_ON, read.operation, read.source)


def cut_off(case: Case) -> Iterator[Finding]:
    """What came of it was cut off before it went on to what was traced."""
    for cut in case.cuts:
        if (cut.nodes or cut.outputs) and cut.operation != CHECKPOINT:
            place = at(cut.operation, cut.module, cut.source)
            why = f"the graph was cut between it and {case.evidence.ends} by {place}, {_used(case, cut)}"
            group = f"{cut.operation}, {cut.source}" if cut.source else ""
            yield Finding(MISSING, why, CURES[cut.kind], cut.operation, cut.source, group=group)


def in_a_dead_checkpoint(case: Case) -> Iterator[Finding]:
    """It is used in a reentrant checkpoint none of whose inputs required gradients."""
    for cut in case.cuts:
        if (cut.nodes or cut.outputs) and cut.operation == CHECKPOINT:
            why = (
                f"it is used inside a reentrant checkpoint{f' ({cut.source})' if cut.source else ''}, and none of the "
                "tensors that were passed to that required gradients, so it gave a result without a graph"
            )
            cure = "Use checkpoint(…, use_reentrant=False), or pass it an input that requires gradients"
            yield Finding(MISSING, why, cure, cut.operation, cut.source)


def in_a_checkpoint(case: Case) -> Iterator[Finding]:
    """It is in a reentrant checkpoint, or may be."""
    node = case.evidence.checkpoint
    if node is None or _surely_unread(case):
        return
    inside = any(cut.operation == CHECKPOINT for cut in case.cuts)
    seen = "it is used" if inside else "it is not in the graph, but may be used"
    why = (
        f"{seen} inside a reentrant checkpoint, {of(node)}, which hides its parameters from the graph, so its gradient "
        "is not measured; backward() computes it when it runs that part again"
    )
    cure = "Use checkpoint(…, use_reentrant=False), which keeps the parameters visible"
    yield Finding(None, why, cure, CHECKPOINT, node.source, possible=not inside)


def unread(case: Case) -> Iterator[Finding]:
    """No operation read it."""
    if not _surely_unread(case):
        return
    called, read = (case.standing.called, case.standing.read) if case.standing is not None else (None, None)
    ways = {
        False: f"{_module(case)}, which has it, was not called, and autograd recorded no operation that read it",
        True: f"{_module(case)}, which has it, was called, but autograd recorded no operation that read it: the "
        "forward pass took a way around it",
        None: "autograd recorded no operation that read it",
    }
    where = f" (only {_reading(read)} did, where nothing is recorded)" if read is not None else ""
    cure = "Use it in the forward pass, or leave it out of the model" if called is not None else "Use it in the program"
    late = case.standing.switched if case.standing is not None and called is None else None
    where += f"; possibly its requires_grad, last set at {late}, was set only after it was used" if late else ""
    yield Finding(MISSING, ways[called] + where, f"{cure}{LATE if late else ''}", possible=late is not None)


def without_effect(case: Case) -> Iterator[Finding]:
    """It was read, and nothing that came of it went on to what was traced, as far as was seen."""
    read = case.standing.read if case.standing is not None and case.standing.recorded else None
    if read is None or read.taken != "recorded":
        return
    left = [cut for cut in case.cuts if cut.kind == "left torch"]
    why = (
        f"{_reading(read)} used it, but nothing that came of it went into {case.evidence.ends}, as far as was recorded"
    )
    cure = "Use the result of that operation in the loss"
    if left:
        places = listed(list(dict.fromkeys(at(cut.operation, cut.source) for cut in left)))
        why += f"; it is possible that it came back after it left torch at {places}, where its history ends"
        cure += ", and let it stay a tensor on the way"
    yield Finding(MISSING, why, cure, read.operation, read.source, possible=bool(left))


def no_graph(case: Case) -> Iterator[Finding]:
    """It is a traced tensor that nothing was recorded for."""
    name = case.tensor.name
    if not any(end.node is None and end.name == name for end in case.evidence.facts.graph.outputs):
        return
    cuts = [cut for cut in case.evidence.facts.cuts or () if name in cut.outputs]
    for cut in cuts:
        why = f"it has no graph, since {at(cut.operation, cut.module, cut.source)} cut off what it was made of"
        yield Finding(NO_GRAPH, why, CURES[cut.kind], cut.operation, cut.source)
    if not cuts:
        why = "it has no graph: either nothing that it was made of requires gradients, or something cut the graph"
        cure = (
            HOW_TO_RECORD if case.evidence.facts.cuts is None else "Let a tensor that it is made of require gradients"
        )
        yield Finding(NO_GRAPH, why, cure, possible=True)


def unknown(case: Case) -> Iterator[Finding]:
    """Nothing is known but that it is not in the graph."""
    covered = case.standing is not None and case.standing.recorded
    why = (
        f"it is not in the graph of {case.evidence.ends}. Possible causes: it was not used; what came of it was cut "
        "off (detach, .data, no_grad, a conversion to integers, .item(), a copy by torch.tensor) or not used; it was "
        "made, or set to require gradients, only after the forward pass"
    )
    cuts = [at(cut.operation, cut.module, cut.source) for cut in case.evidence.facts.cuts or () if not _is_aside(cut)]
    if cuts:
        why += f". The graph was cut at {listed(list(dict.fromkeys(cuts)))}; what lies behind was not recorded"
    yield Finding(MISSING, why, "" if covered else HOW_TO_RECORD, possible=True)


BARRED: tuple[Cause, ...] = (no_graph, no_numbers_for_it, given_by_a_cut, frozen)
ABSENT: tuple[Cause, ...] = (
    *(made_anew, turned_on_late, cut_off, in_a_dead_checkpoint, in_a_checkpoint, unread, without_effect),
    unknown,
)

CURES = {
    "detach": "Take that detach out, if the gradient is to go on here",
    "no_grad": "Move that computation out of it, if the gradient is to go on here",
    "inference_mode": "Move that computation out of inference mode, if the gradient is to go on here",
    "copied": "Use the tensor itself instead of a copy, or .clone(), which keeps its history",
    "left torch": "Keep it a tensor instead of a number, a list or an array",
    "not differentiable": "Use an operation that has a derivative, for example a softmax instead of an argmax",
}


def _surely_unread(case: Case) -> bool:
    standing = case.standing
    if standing is None or not standing.recorded or case.cuts:
        return False
    return standing.read is None or standing.read.taken == "not recorded"


def _is_aside(cut: Cut) -> bool:
    return not (cut.nodes or cut.outputs)


def _module(case: Case) -> str:
    return case.module or "the model"


def _reading(read: Read) -> str:
    return at(read.operation, read.module, read.source)


def _used(case: Case, cut: Cut) -> str:
    nodes = case.evidence.facts.graph.nodes
    users = [f"{name} itself" for name in cut.outputs] + [of(nodes[index]) for index in cut.nodes]
    return f"whose result went into {listed(users, 1)}"
