"""Looks at one node for what will make backward raise there, without unpacking what hooks have packed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch.autograd.function import BackwardCFunction
from torch.autograd.graph import Node as LiveNode

from tracer.capture.nodes import known_shape
from tracer.capture.saved import RAW, SavedOwner, is_result, raw_names, storage_of
from tracer.graph import Node

SECOND_TIME = "backward through the graph a second time"  # torch's words
IN_PLACE = "has been modified by an inplace operation"  # torch's words
DETACHED = "detached in-place"  # torch's words
MOVED = "leaf variable has been moved into the graph interior"  # torch's words
CHECKPOINT = "CheckpointFunctionBackward"
_TORCHS_OWN = "torch."
_KNOWN_HOOKS = ("save_on_cpu.__init__.<locals>.unpack_from_cpu",)
_CHECKPOINTS_HOOK = "_checkpoint_hook"

OWN_CODE = "The backward of a custom function is code of its own, which may raise"
OWN_CODE_READS = "The backward of a custom function raises if it reads what was saved, which is freed or was changed"
OWN_HOOK = "What was saved was packed by hooks, and code of their own unpacks it, which may raise"
RUNS_AGAIN = "A checkpoint runs its forward again, which may raise"
HIDDEN = "torch shows to no one what a write in place into a view has saved; if that was changed since, backward raises"

# Operations whose derivative has no derivative, of those that run on a CPU; each is tried in the tests
NO_SECOND = frozenset(
    f"{name}Backward0"
    for name in (
        *("Cdist", "CtcLoss", "EmbeddingBag", "Hardsigmoid", "MultiMarginLoss", "MultilabelMarginLoss", "Pdist"),
        *("ScaledDotProductFlashAttentionForCpu", "SegmentReduce"),
    )
)
# The same, where torch records the derivative's derivative and refuses it only when it runs: the name in its words
REFUSED = {
    "CdistBackwardBackward0": "_cdist_backward",
    "EmbeddingBagBackwardBackward0": "_embedding_bag_backward",
    "PdistBackwardBackward0": "_pdist_backward",
}
NOT_IMPLEMENTED = "the derivative for '{name}' is not implemented."  # torch's words
NO_SECOND_WHY = "Its derivative can't be differentiated again: a backward through these gradients raises"
NO_SECOND_SENTENCES = (
    "This goes through the derivative of an operation that has no second derivative.",
    "Leave that operation out of what is differentiated twice, or compute it in another way.",
)
OTHER_SHAPE = "Its .data was replaced by one of another shape after the forward pass: its gradient may not fit it"
ONCE_WHY = "It is marked once_differentiable: a backward through these gradients raises, or does not go on there"


class Seen(NamedTuple):
    """What was seen at a node: torch's words if it will raise, and our sentences; why it may raise in other ways."""

    node: Node
    words: str | None = None
    sentences: tuple[str, ...] = ()
    why: str | None = None


def look(live: Any, node: Node, owners: Mapping[int, SavedOwner]) -> Seen:
    """Tell whether backward will raise at this node."""
    if isinstance(live, BackwardCFunction):
        return _custom(live, node, owners)
    if node.kind == "leaf":
        return _leaf(live, node)
    if node.name in _BY_HAND:
        return _called(live, node)
    every = [_saved(live, node, name, owners) for name in raw_names(live)]
    if node.name in REFUSED:
        every.append(Seen(node, NOT_IMPLEMENTED.format(name=REFUSED[node.name]), NO_SECOND_SENTENCES))
    raising = next((seen for seen in every if seen.words is not None), Seen(node))
    return raising._replace(why=next((seen.why for seen in every if seen.why), None))


def called(node: Node) -> str:
    """Name a node by its module and line: "ExpBackward0 (block.0, train.py:12)"; a leaf by its own name."""
    if node.kind == "leaf" and node.label:
        return node.label
    places = ", ".join(filter(None, (node.module, node.source)))
    return f"{node.name} ({places})" if places else node.name


def second(live: Any, node: Node) -> str | None:
    """Say why the derivative of this node can't be differentiated again; `None` where nothing speaks against it."""
    if node.name in NO_SECOND:
        return NO_SECOND_WHY
    return ONCE_WHY if isinstance(live, BackwardCFunction) and _is_once_differentiable(live) else None


def _is_once_differentiable(live: Any) -> bool:
    return hasattr(live._forward_cls.backward, "__wrapped__")  # left by the decorator


def _saved(live: LiveNode, node: Node, name: str, owners: Mapping[int, SavedOwner]) -> Seen:
    """Tell whether a saved tensor, or a list of them, can still be read, which costs nothing if no hook packed it."""
    try:
        raws = getattr(live, name)
        raws = raws if isinstance(raws, tuple) else (raws,)
        packed = next((raw.unpack_hook for raw in raws if raw.unpack_hook is not None), None)
        if packed is not None:
            return Seen(node, why=_hook(packed))
        values = getattr(live, name.replace(RAW, "_saved_", 1))
        for raw, value in zip(raws, values if isinstance(values, tuple) else (values,), strict=True):
            if isinstance(value, torch.Tensor) and value.is_leaf:
                raw.unpack()  # backward asks without saying for which node, and finds what was detached in place
    except RuntimeError as error:
        words = _first_words(live, name, str(error))
        return Seen(node, words, _sentences(live, node, name.removeprefix(RAW), words, owners))
    return Seen(node)


def _first_words(live: LiveNode, name: str, words: str) -> str:
    """Give the words that backward itself will raise with: of an input it first sees whether it was detached in place,
    then whether it was changed."""
    if IN_PLACE in words and not is_result(live, name.removeprefix(RAW)):
        raws = getattr(live, name)
        try:
            for raw in raws if isinstance(raws, tuple) else (raws,):
                raw.unpack()
        except RuntimeError as error:
            return str(error)
    return words


def _leaf(live: Any, node: Node) -> Seen:
    """Tell whether a leaf has become the result of an operation, by a write in place that torch did not refuse, or has
    another shape than in the forward pass; what torch does then depends on the gradient's layout and on its .grad."""
    if live.variable.grad_fn is None:
        same = node.shape is None or known_shape(live.variable) in (None, node.shape)
        return Seen(node, why=None if same else OTHER_SHAPE)
    sentence = f"{node.label or 'A leaf'} was a leaf, and has become the result of an operation since, in place."
    return Seen(node, MOVED, (sentence, "Let the operation give a new tensor, or compute the loss anew."))


def _hook(hook: Any) -> str | None:
    """Say what is not known of what a hook unpacks; torch's own that move tensors do no more than that."""
    name, module = getattr(hook, "__qualname__", ""), getattr(hook, "__module__", None) or ""
    if module.startswith(_TORCHS_OWN):
        if name in _KNOWN_HOOKS:
            return None
        if name.startswith(_CHECKPOINTS_HOOK):
            return RUNS_AGAIN
    return OWN_HOOK


def _custom(live: Any, node: Node, owners: Mapping[int, SavedOwner]) -> Seen:
    """Look at a function of a person's, or one of torch's that is written in Python."""
    torchs = str(live._forward_cls.__module__).startswith(_TORCHS_OWN)
    try:
        packed = next((raw.unpack_hook for raw in live._raw_saved_tensors if raw.unpack_hook is not None), None)
        if packed is None:
            live.saved_tensors  # noqa: B018  # reading is the check
    except RuntimeError as error:
        if torchs and node.name == CHECKPOINT:
            return Seen(node, str(error), _sentences(live, node, "tensors", str(error), owners))
        return Seen(node, why=OWN_CODE_READS)
    if node.name == CHECKPOINT:
        return Seen(node, why=RUNS_AGAIN)
    return Seen(node, why=None if torchs and packed is None else OWN_CODE)


def _called(live: Any, node: Node) -> Seen:
    """Call a node that does nothing but raise, or that raises, before it does anything, where it was freed."""
    if node.shape is None:
        return Seen(node, why=HIDDEN)
    shape = (2, *(1 for _ in node.shape))  # a tensor of the node's shape can't be filled with one of this
    try:
        live(*(torch.empty(shape, device="meta") for _ in node.outputs))
    except RuntimeError as error:
        if SECOND_TIME in str(error) or node.name != "CopySlices":
            return Seen(node, str(error), _sentences(live, node, "", str(error), {}))
    return Seen(node, why=HIDDEN)


_BY_HAND = frozenset({"Error", "NotImplemented", "CopySlices"})


def _sentences(live: LiveNode, node: Node, name: str, words: str, owners: Mapping[int, SavedOwner]) -> tuple[str, ...]:
    """Say in our words why a node will raise, and what cures it."""
    place = called(node)
    if SECOND_TIME in words:
        return (
            f"A backward went through {place} before, and freed what it had saved.",
            "Give that one retain_graph=True, or compute the loss anew.",
        )
    if IN_PLACE in words:
        return (
            f"{_whose(live, name, owners)} was changed in place after {place} had saved it for backward.",
            "Change a copy (x = x + 1 for x += 1), or change it after backward.",
        )
    if DETACHED in words:
        return (
            f"{_whose(live, name, owners)} was detached in place after {place} had saved it for backward.",
            "Use x = x.detach() for x.detach_().",
        )
    if node.name in _BY_HAND:
        return NO_SECOND_SENTENCES
    return (f"What {place} has saved can't be read any more.",)


def _whose(live: LiveNode, name: str, owners: Mapping[int, SavedOwner]) -> str:
    """Name a saved tensor: by the person's name, as the operation's own result, or by what the operation calls it."""
    raw = getattr(live, RAW + name)
    for item in raw if isinstance(raw, tuple) else (raw,):
        storage = storage_of(item.data) if isinstance(item.data, torch.Tensor) else None
        owner = owners.get(storage._cdata) if storage is not None else None
        if owner is not None and owner.name:
            return owner.name
    return "Its result" if is_result(live, name) else "A tensor" if name == "tensors" else f"Its input “{name}”"
