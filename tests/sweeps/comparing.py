"""Holds a recording against the reference: structure, what flows, shapes, and that nothing was changed."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from reference import Calls, Flows, Operators, Place, Reference, Seen, flows, read

import tracer
from tracer.facts import EdgeGradient, Gradient, Statistics
from tracer.graph import Edge, Graph

Trace = Callable[..., tracer.Recording]
COUNTS = (
    "graphs",
    "structures equal",
    "edges compared",
    "edges equal",
    "gradients compared",
    "gradients equal",
    "shares compared",
    "shares equal",
    "not measured",
    "refused as torch does",
    "shapes compared",
    "shapes equal",
    "shapes without a second source",
    "left as they were",
)


@dataclass
class Verdict:
    """How often each thing was compared and equal, and what was not."""

    counts: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    def compare(self, what: str, where: Any, difference: str) -> None:
        """Count a comparison; an empty difference is "equal"."""
        self.counts[f"{what} compared"] += 1
        if difference:
            self.differences.append(f"{what} {where}: {difference}")
        else:
            self.counts[f"{what} equal"] += 1


def judge(make: Callable[[], list[torch.Tensor]], trace: Trace = tracer.trace) -> Verdict:
    """Make a graph, trace it, and compare all that can be; then make it again, watched, for the shapes."""
    verdict = Verdict()
    torch.manual_seed(0)
    tensors = make()
    if not tensors:
        return verdict
    verdict.counts["graphs"] += 1
    reference = read(tensors)
    starts = [_start(tensor) for tensor in tensors]
    names = {f"x{number}": leaf for number, leaf in reference.leaves.items()}
    before = _world(reference)
    try:
        expected = flows(reference, starts)
    except RuntimeError as refusal:
        _refused(verdict, trace, tensors, starts, refusal)
        recording, expected = trace(tensors, names=names), None
    else:
        recording = trace(tensors, names=names, gradients=True, start=starts)
    places = matched(reference, recording.graph, verdict)
    if places is not None and expected is not None:
        _compare_edges(verdict, recording, places, expected)
        _compare_gradients(verdict, recording, places, expected)
        _compare_shares(verdict, recording, places, expected, reference.ends, starts)
        again = flows(reference, starts)
        changed = [place for place, tensor in expected.arrived.items() if _differ(tensor, again.arrived[place])]
        verdict.differences += [f"a second backward differs at {changed[0]}"] if changed else []
    after = _world(reference)
    if before == after:
        verdict.counts["left as they were"] += 1
    else:
        verdict.differences.append(f"changed: {before} became {after}")
    _compare_shapes(verdict, make, trace)
    return verdict


def matched(reference: Reference, graph: Graph, verdict: Verdict) -> list[int] | None:
    """Give for each node of the reference the node of the graph that it is, found from the outputs on by slots.

    The graphs are the same where both are gone through in step: each output, and each slot, leads to the same node
    and the same output of it, the names are equal, and neither has anything that the other lacks.
    """
    ours: dict[Place, Edge] = {(edge.consumer, edge.slot): edge for edge in graph.edges}
    slots: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for consumer, slot, producer, output_nr in reference.links:
        slots[consumer].append((slot, producer, output_nr))
    found: dict[int, int] = {}
    try:
        assert len(graph.nodes) == len(reference.nodes), f"{len(graph.nodes)} nodes, not {len(reference.nodes)}"
        assert len(graph.edges) == len(reference.links), f"{len(graph.edges)} edges, not {len(reference.links)}"
        assert len(ours) == len(graph.edges), "two edges in one slot"
        assert all(edge.producer < edge.consumer for edge in graph.edges), "a producer after its consumer"
        assert [output.output_nr for output in graph.outputs] == [nr for _, nr in reference.ends], "output numbers"
        waiting = [(theirs, end.node) for (theirs, _), end in zip(reference.ends, graph.outputs, strict=True)]
        while waiting:
            theirs, own = waiting.pop()
            if found.setdefault(theirs, own) != own:
                raise AssertionError(f"node {own} is one and the same as node {found[theirs]}")
            if len(slots[theirs]) and slots[theirs][0][0] == -1:
                continue
            _same_node(reference.nodes[theirs], graph, own)
            for slot, producer, output_nr in slots[theirs]:
                edge = ours.get((own, slot))
                assert edge is not None, f"no edge in slot {slot} of {graph.nodes[own].name}"
                assert edge.output_nr == output_nr, f"output {edge.output_nr} in slot {slot}, not {output_nr}"
                waiting.append((producer, edge.producer))
            slots[theirs] = [(-1, 0, 0)]  # gone through
        assert len(set(found.values())) == len(graph.nodes), "two nodes are one"
    except AssertionError as difference:
        verdict.differences.append(f"structure: {difference}")
        return None
    verdict.counts["structures equal"] += 1
    return [found[theirs] for theirs in range(len(reference.nodes))]


def _same_node(live: Any, graph: Graph, own: int) -> None:
    node = graph.nodes[own]
    name = live.name().rsplit("::", 1)[-1]
    assert node.name == name, f"{node.name}, not {name}"
    assert node.slots == len(live.next_functions), f"{node.slots} slots of {name}, not {len(live.next_functions)}"
    assert (node.kind == "leaf") == hasattr(live, "variable"), f"{name} is a {node.kind}"
    assert len(node.outputs) == len(live._input_metadata), f"{len(node.outputs)} outputs of {name}"


def _compare_edges(verdict: Verdict, recording: tracer.Recording, places: list[int], expected: Flows) -> None:
    handed = {(places[consumer], slot): tensor for (consumer, slot), tensor in expected.handed.items()}
    flowing = recording.facts.edge_gradients or ()
    if [flow.edge for flow in flowing] != list(range(len(recording.graph.edges))):
        verdict.differences.append("the edges' gradients are not in the order of the edges")
        return
    for edge, flow in zip(recording.graph.edges, flowing, strict=True):
        _compare(verdict, "edges", f"{edge.consumer}→{edge.producer}", flow, handed.get((edge.consumer, edge.slot)))


def _compare_gradients(verdict: Verdict, recording: tracer.Recording, places: list[int], expected: Flows) -> None:
    arrived = {(places[node], output_nr): tensor for (node, output_nr), tensor in expected.arrived.items()}
    found = {(gradient.node, gradient.output_nr): gradient for gradient in recording.facts.gradients or ()}
    if found.keys() != arrived.keys():
        verdict.differences.append(f"gradients of {len(found)} outputs, not of {len(arrived)}")
        return
    for place, gradient in found.items():
        _compare(verdict, "gradients", place, gradient, arrived[place])


def _compare(
    verdict: Verdict, what: str, where: Any, told: EdgeGradient | Gradient, expected: torch.Tensor | None
) -> None:
    if expected is not None and not _readable(expected):
        verdict.counts["not measured"] += 1
        if told.state != "not measured" or told.statistics is not None or told.values is not None:
            verdict.differences.append(f"{what} {where}: {told.state}, and its numbers can't be read")
        return
    if (told.state == "none") != (expected is None):
        verdict.compare(what, where, f"{told.state}, and autograd has {'none' if expected is None else 'one'}")
    elif expected is None:
        verdict.compare(what, where, "")
    else:
        verdict.compare(what, where, _difference(told, expected))


def _difference(told: EdgeGradient | Gradient, expected: torch.Tensor) -> str:
    """Say how what is told differs from a gradient: in shape, values or statistics."""
    flat = _flat(expected)
    if told.state != "measured" or told.statistics is None:
        return f"{told.state}"
    if told.shape != tuple(expected.shape):
        return f"shape {told.shape}, not {tuple(expected.shape)}"
    if told.values is not None and _differ(torch.tensor(told.values.numbers, dtype=torch.float64), flat):
        return f"{told.values.numbers[:4]}, not {flat[:4].tolist()}"
    if told.values is None and expected.numel() <= 10_000:
        return "no values"
    return _statistics_difference(told.statistics, expected)


def _statistics_difference(told: Statistics, expected: torch.Tensor) -> str:
    flat = _flat(expected)
    dense = torch.view_as_complex(flat.reshape(-1, 2)) if expected.is_complex() else flat
    sizes = dense.abs() if expected.is_complex() else dense
    if told.non_finite != int((~dense.isfinite()).sum()):
        return f"{told.non_finite} non-finite, not {int((~dense.isfinite()).sum())}"
    if not dense.numel() or told.non_finite:
        return ""
    wanted = {
        "mean": sizes.mean(),
        "max_abs": sizes.abs().max(),
        "norm": torch.linalg.vector_norm(sizes),
        "zeros": (sizes == 0).double().mean(),
        **({"std": sizes.std()} if sizes.numel() > 1 else {}),
    }
    scale = float(sizes.abs().max())
    for name, value in wanted.items():
        if not math.isclose(getattr(told, name), float(value), rel_tol=1e-9, abs_tol=1e-9 * scale):
            return f"{name} {getattr(told, name)}, not {float(value)}"
    return ""


def _compare_shares(
    verdict: Verdict,
    recording: tracer.Recording,
    places: list[int],
    expected: Flows,
    ends: Sequence[Place],
    starts: Sequence[torch.Tensor],
) -> None:
    """Compare the shares and cosines of the parts that meet, and their sum with what arrives, hooks left out."""
    parts: dict[Place, list[tuple[int | None, torch.Tensor]]] = defaultdict(list)
    handed = {(places[consumer], slot): tensor for (consumer, slot), tensor in expected.handed.items()}
    arrived = {(places[node], output_nr): tensor for (node, output_nr), tensor in expected.arrived.items()}
    for (node, output_nr), start in zip(ends, starts, strict=True):
        parts[places[node], output_nr].append((None, start))
    for number, edge in enumerate(recording.graph.edges):
        tensor = handed.get((edge.consumer, edge.slot))
        if tensor is not None:
            parts[edge.producer, edge.output_nr].append((number, tensor))
    found = {(places[node], output_nr): tensor for (node, output_nr), tensor in expected.found.items()}
    changed = [place for place in parts if _not_the_sum([t for _, t in parts[place]], arrived[place])]
    changed += [place for place, tensor in arrived.items() if _differ(tensor, found[place])]
    hooks = any("hook" in note for note in recording.facts.notes)
    if bool(changed) != hooks:
        verdict.differences.append(f"parts are not summed to what arrives, at {changed}; told of hooks: {hooks}")
    for place, items in parts.items():
        for number, share, cosine in _shares(items) if all(_readable(tensor) for _, tensor in items) else ():
            flow = (recording.facts.edge_gradients or ())[number]
            same = _close(flow.share, share) and _close(flow.cosine, cosine)
            other = f"{flow.share}, {flow.cosine}, not {share}, {cosine}"
            verdict.compare("shares", (number, place), "" if same else other)


def _not_the_sum(parts: Sequence[torch.Tensor], whole: torch.Tensor | None) -> bool:
    """Tell whether parts are, beyond rounding, not summed to a whole."""
    if whole is None or not all(map(_readable, parts)) or not _readable(whole):
        return False
    rows = [_flat(part) for part in parts]
    slack = 4 * len(rows) * torch.finfo(whole.dtype).eps * sum(row.abs() for row in rows)
    total = sum(rows)
    return not bool(((total - _flat(whole)).abs() <= slack).logical_or(~total.isfinite()).all())


def _shares(items: Sequence[tuple[int | None, torch.Tensor]]) -> Iterator[tuple[int, float | None, float | None]]:
    rows = [_flat(tensor) for _, tensor in items]
    total = sum(rows)
    square = float(total @ total)
    finite = math.isfinite(sum(float(row.abs().sum()) for row in rows))
    for (number, _), row in zip(items, rows, strict=True):
        if number is None:
            continue
        own, dot = float(row @ row), float(row @ total)
        if not finite or own == 0 or square == 0:
            yield number, None, None
        elif square > 1e-6 * own:  # where parts all but cancel, rounding decides
            yield number, dot / square, dot / math.sqrt(own * square)


def _close(told: float | None, wanted: float | None) -> bool:
    if told is None or wanted is None:
        return told is wanted
    return math.isclose(told, wanted, rel_tol=1e-6, abs_tol=1e-6)


def _compare_shapes(verdict: Verdict, make: Callable[[], list[torch.Tensor]], trace: Trace) -> None:
    """Run the forward again, watched from above and from below autograd, and compare shapes, dtypes and devices."""
    seen = Seen()
    torch.manual_seed(0)
    with Calls(seen), Operators(seen):
        tensors = make()
    reference, recording = read(tensors), trace(tensors)
    places = matched(reference, recording.graph, Verdict())
    if places is None:
        return
    for theirs, live in enumerate(reference.nodes):
        node = recording.graph.nodes[places[theirs]]
        rest = iter(seen.specs(live) or ())
        for output_nr, told in enumerate(node.outputs):
            wanted, own = seen.spec(live, output_nr), (told.shape, told.dtype, told.device)
            if wanted is not None and _sized(wanted):
                verdict.compare("shapes", (node.name, output_nr), "" if own == wanted else f"{own}, not {wanted}")
            elif seen.specs(live) is not None and told.shape is not None:
                found = any(own == spec for spec in rest)  # each after the one before
                verdict.compare("shapes", (node.name, output_nr), "" if found else f"{own}, not in {seen.specs(live)}")
            else:
                verdict.counts["shapes without a second source"] += 1


def _sized(wanted: tuple[Any, ...]) -> bool:
    return all(type(size) is int for size in wanted[0])


def _refused(
    verdict: Verdict, trace: Trace, tensors: list[torch.Tensor], starts: list[torch.Tensor], refusal: RuntimeError
) -> None:
    """Where torch refuses the backward, the tracer must refuse it too, in torch's words."""
    try:
        trace(tensors, gradients=True, start=starts)
    except tracer.TracerError as error:
        words = str(refusal).strip().partition("\n")[0]
        verdict.counts["refused as torch does"] += 1
        if words not in str(error) and not error.cure:
            verdict.differences.append(f"refused with “{error}”, and torch said “{words}”")
    else:
        verdict.differences.append(f"measured although torch refuses: {refusal}")


def _world(reference: Reference) -> tuple[Any, ...]:
    """Give what a trace must not change."""
    return (
        [leaf.grad is None for leaf in reference.leaves.values()],
        [leaf._version for leaf in reference.leaves.values()],
        hash(torch.get_rng_state().numpy().tobytes()),
        torch.is_grad_enabled(),
        [len(node.metadata) for node in reference.nodes] if len(reference.nodes) < 1000 else None,
    )


def _start(tensor: torch.Tensor) -> torch.Tensor:
    """Give what backward starts from: numbers that differ from one another, so that a mix-up shows."""
    if not _readable(tensor):
        return torch.ones_like(tensor.detach())
    row = torch.linspace(0.5, 1.5, tensor.numel(), dtype=torch.float64).reshape(tensor.shape)
    return torch.complex(row, 1 - row).to(tensor.dtype) if tensor.is_complex() else row.to(tensor.dtype)


def _readable(tensor: torch.Tensor) -> bool:
    return not (tensor.is_meta or tensor.is_nested)


def _flat(tensor: torch.Tensor) -> torch.Tensor:
    dense = tensor.detach().to_dense() if tensor.layout is not torch.strided else tensor.detach()
    dense = dense.resolve_conj().resolve_neg()
    return (torch.view_as_real(dense) if dense.is_complex() else dense).reshape(-1).to(torch.float64)


def _differ(a: torch.Tensor | None, b: torch.Tensor | None) -> bool:
    """Tell whether two gradients differ in any number; NaN is equal to NaN."""
    if a is None or b is None:
        return a is not b
    if not _readable(a):
        return False
    return not torch.equal(_flat(a).nan_to_num(nan=math.pi), _flat(b).nan_to_num(nan=math.pi))
