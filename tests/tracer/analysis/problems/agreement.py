"""Holds what is said of a program, and forecast of it, against what its backward() then does."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

import tracer
from tracer.analysis.problems.why import answers


def agree(
    recording: tracer.Recording,
    loss: torch.Tensor,
    model: nn.Module | None = None,
    names: Mapping[str, torch.Tensor] | None = None,
    start: torch.Tensor | None = None,
) -> None:
    """Run the backward: does it raise as forecast, and has each leaf the gradient that it is said to have?"""
    leaves = dict(model.named_parameters()) if model is not None else {}
    leaves |= {name: tensor for name, tensor in (names or {}).items() if tensor.is_leaf}
    held = {name: leaf.grad for name, leaf in leaves.items()}
    for leaf in leaves.values():
        leaf.grad = None
    if ran_as_forecast(loss, start):
        for name, leaf in leaves.items():
            said_as_is(recording, name, leaf)
    for name, leaf in leaves.items():
        leaf.grad = held[name]


def ran_as_forecast(loss: torch.Tensor, start: torch.Tensor | None = None) -> bool:
    """Run the backward, which is to raise, in the words that are forecast, or not; tell whether it ran."""
    forecast = tracer.forecast(loss, start=start)
    try:
        loss.backward(start, retain_graph=True)
    except RuntimeError as error:
        assert forecast.verdict != "runs" and (forecast.words or "") in str(error), (forecast, error)
        return False
    assert forecast.verdict != "raises", forecast
    return True


def said_as_is(recording: tracer.Recording, name: str, leaf: torch.Tensor) -> None:
    """Compare what is said of the gradient of a leaf with the one that it has."""
    (answer,) = answers(recording.facts, name)
    said = {finding.problem for finding in answer.findings}
    assert ("no gradient" in said) == (leaf.grad is None), (name, answer.sentences)
    (tensor,) = (tensor for tensor in recording.facts.tensors if name in (tensor.name or "").split(" = "))
    if leaf.grad is not None and recording.facts.gradients is not None and tensor.node is not None:
        finite = bool(leaf.grad.isfinite().all())
        assert ("zero gradient" in said) == (leaf.grad.numel() > 0 and not leaf.grad.any()), (name, answer.sentences)
        assert ("NaN or infinity" in said) == (not finite), (name, answer.sentences)
