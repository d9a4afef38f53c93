"""Tells, before a backward runs, whether it will raise: in torch's own words and in ours.

Nothing is unpacked that hooks have packed: that would run a person's code, or a checkpointed forward, again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import msgspec
import torch

from tracer.backward.foreseen import Seen, called, look, second
from tracer.capture.nodes import known_shape
from tracer.capture.saved import SavedOwner
from tracer.capture.walk import Walked
from tracer.graph import Node
from tracer.quantities import brackets, count

Verdict = Literal["runs", "raises", "not known"]
Ends = Sequence[tuple[str, torch.Tensor]]
LIMITS = (
    "Hooks of tensors and of nodes can't be listed; one may raise.",
    "A write through .data is not seen by torch: backward then runs, and its gradients may be wrong.",
    "An operation may refuse its own numbers or settings while backward runs, as linalg.qr(mode='r') does.",
)
NO_GRAPH = "element {number} of tensors does not require grad and does not have a grad_fn"  # torch's words
DEVICE = "invalid gradient at index {number} - expected device {wanted} but got {given}"  # torch's words


class Forecast(msgspec.Struct, frozen=True):
    """Whether a backward will raise. `verdict` is about torch's own checks: "runs" says that all of them will pass,
    "raises" that one will not, "not known" that code of a person's runs on the way, or that something is hidden.

    `sentences` say why and what cures it, `words` are torch's own, `node` is where it will raise (`None`: before the
    first), `not_known` what could not be looked at, `twice` what does not allow a second derivative (asked for by
    `create_graph`), `limits` what no forecast can see.
    """

    verdict: Verdict
    sentences: tuple[str, ...] = ()
    words: str | None = None
    node: Node | None = None
    not_known: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    limits: tuple[str, ...] = LIMITS


def forecast(
    walked: Walked,
    nodes: Sequence[Node],
    order: Iterable[int],
    ends: Ends,
    start: Sequence[torch.Tensor | None],
    owners: Mapping[int, SavedOwner],
    *,
    create_graph: bool = False,
) -> Forecast:
    """Forecast the backward from `ends`; `order` is that in which it goes through the nodes, `owners` name storages."""
    refused = _at_the_start(ends, start)
    if refused is not None:
        return Forecast("raises", (refused[0],), refused[1])
    found: Seen | None = None
    unsure: defaultdict[str, list[Node]] = defaultdict(list)
    twice: defaultdict[str, list[Node]] = defaultdict(list)
    for index in order:
        live, node = walked.nodes[index], nodes[index]
        seen = look(live, node, owners)
        if seen.why:
            unsure[seen.why].append(node)
        if seen.words is not None and found is None:
            found = seen
        if create_graph and (why := second(live, node)):
            twice[why].append(node)
    return Forecast(
        "raises" if found else "not known" if unsure else "runs",
        found.sentences if found else (),
        found.words if found else None,
        found.node if found else None,
        tuple(_at(why, there) for why, there in unsure.items()),
        tuple(_at(why, there) for why, there in twice.items()),
    )


def _at(why: str, nodes: Sequence[Node]) -> str:
    """Say a reason with its first place: "…, at ExpBackward0 (block.0, train.py:12) and 3 more."."""
    more = f" and {count(len(nodes) - 1)} more" if len(nodes) > 1 else ""
    return f"{why}, at {called(nodes[0])}{more}."


def _at_the_start(ends: Ends, start: Sequence[torch.Tensor | None]) -> tuple[str, str] | None:
    """Ask torch's own check of what backward starts from; give our sentence and its words where it refuses."""
    try:
        begin = torch.autograd._make_grads([tensor for _, tensor in ends], list(start), is_grads_batched=False)
    except RuntimeError as error:
        for (name, tensor), given in zip(ends, start, strict=True):
            for is_so, sentence in _WRONG_STARTS:
                if is_so(tensor, given):
                    return sentence(name, tensor, given), str(error)
        return f"torch refuses to start from {ends[0][0]}.", str(error)
    for number, ((name, tensor), given) in enumerate(zip(ends, begin, strict=True)):
        if not tensor.requires_grad:
            return _no_graph(name), NO_GRAPH.format(number=number)
        if given is not None and given.device != tensor.device:
            told = DEVICE.format(number=number, wanted=tensor.device, given=given.device)
            return f"The start is on {given.device}, and {name} is on {tensor.device}: move it there with .to().", told
    return None


def _no_graph(name: str) -> str:
    return (
        f"{name} has no graph: nothing that it was made of follows gradients, or it was cut off (detach, no_grad). Let "
        "parameters or inputs require gradients before it is computed."
    )


def _size(name: str, tensor: torch.Tensor, _given: torch.Tensor | None) -> str:
    return (
        f"{name} has {count(tensor.numel())} elements, and backward alone starts from one number: take its sum or "
        "mean, or give a start of its shape."
    )


def _complex(name: str, _tensor: torch.Tensor, _given: torch.Tensor | None) -> str:
    return f"{name} is complex, and backward alone starts from a real number: take .abs() or .real, or give a start."


def _shape(name: str, tensor: torch.Tensor, given: torch.Tensor | None) -> str:
    shapes = [brackets(known_shape(item)) for item in (given, tensor) if item is not None]
    return f"The start has the shape {shapes[0]}, and {name} has {shapes[-1]}: they must be the same."


def _dtype(name: str, tensor: torch.Tensor, given: torch.Tensor | None) -> str:
    dtypes = [str(item.dtype).removeprefix("torch.") for item in (given, tensor) if item is not None]
    return f"The start is {dtypes[0]}, and {name} is {dtypes[-1]}: where one is complex, both must be the same."


Case = tuple[
    Callable[[torch.Tensor, torch.Tensor | None], bool], Callable[[str, torch.Tensor, torch.Tensor | None], str]
]
_WRONG_STARTS: tuple[Case, ...] = (
    (lambda tensor, given: given is not None and known_shape(given) != known_shape(tensor), _shape),
    (lambda tensor, given: given is not None and given.is_complex() != tensor.is_complex(), _dtype),
    (lambda tensor, given: given is None and tensor.requires_grad and tensor.numel() != 1, _size),
    (lambda tensor, given: given is None and tensor.requires_grad and tensor.is_complex(), _complex),
)
