"""Which parameters a backward does not reach, and what is known of why."""

from __future__ import annotations

from typing import NamedTuple

from tracer.facts import Facts, Tensor


class Parameter(NamedTuple):
    """A parameter's name, whether it asks for a gradient, and whether its dtype can have one."""

    name: str
    requires_grad: bool
    differentiable: bool = True


def why_not(facts: Facts, parameter: Parameter, tensor: Tensor | None) -> str | None:
    """Say why a parameter is not reached; `None`: it is."""
    if tensor is not None and tensor.node is not None:
        return None
    if not parameter.differentiable:
        return "its dtype can have no gradient"
    if not parameter.requires_grad:
        return "it is frozen (requires_grad is False)"
    ends = [end.name for end in facts.graph.outputs if end.node is None]
    if ends and len(ends) == len(facts.graph.outputs):
        return "autograd recorded nothing for what was traced"
    return "it is not in the graph: it was not used, or what it gave was cut off (detach, no_grad, .data)"


def not_reached(facts: Facts, parameters: list[Parameter]) -> list[str]:
    """List the parameters that are not reached, one sentence each."""
    known = {name: tensor for tensor in facts.tensors if tensor.name for name in tensor.name.split(" = ")}
    rows = [(parameter.name, why_not(facts, parameter, known.get(parameter.name))) for parameter in parameters]
    return [f"{name} is not reached: {reason}." for name, reason in rows if reason is not None]
