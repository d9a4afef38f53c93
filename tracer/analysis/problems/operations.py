"""What is known of operations that make a gradient zero or not finite: why, and the cure. One line each.

A `why` that is not certain says "probably"; of an operation that is not listed, no reason is told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from tracer.graph import Node
from tracer.quantities import figure

_BACKWARD = re.compile(r"Backward\d*$")


class Told(NamedTuple):
    """Why an operation does it, and what cures it; `multiplies`: numbers may become too small in it."""

    why: str
    cure: str = ""
    multiplies: bool = False


def zero(node: Node, largest: float | None) -> Told:
    """Tell why this operation hands back only zeros although not only zeros arrive: of magnitudes up to `largest`."""
    told = _ZERO.get(_BACKWARD.sub("", node.name), _ZERO_UNKNOWN)
    if told.multiplies and largest is not None and largest < 100 * _SMALLEST.get(node.dtype or "", 0):
        arrives = f"what arrives there is at most {figure(largest, 3)}"
        return Told(f"{arrives}, and what it makes of that is too small for {node.dtype}", _TOO_SMALL)
    return told


def non_finite(node: Node) -> Told:
    """Tell why this operation hands back NaN or infinities although what arrives is finite."""
    told = _NON_FINITE.get(_BACKWARD.sub("", node.name), _NON_FINITE_UNKNOWN)
    return Told(told.why + _IN_HALF, told.cure) if node.dtype == "float16" else told


def _each(told: Told, *names: str) -> dict[str, Told]:
    return dict.fromkeys(names, told)


_SMALLEST = {"float64": 2.2e-308, "float32": 1.2e-38, "bfloat16": 1.2e-38, "float16": 6.1e-5}  # normal numbers
_TOO_SMALL = "Scale the loss (torch.amp.GradScaler), use a wider dtype, or see why it becomes so small on its way"
_ZERO_UNKNOWN = Told("why it does is not known here", "Look at that operation's inputs", multiplies=True)
_ZERO: Mapping[str, Told] = {
    **_each(
        Told(
            "its derivative is zero everywhere",
            "Use a smooth function, or let the gradient past it on purpose: x + (f(x) - x).detach()",
        ),
        *("Round", "Sign", "Sgn", "Floor", "Ceil", "Trunc"),
    ),
    **_each(
        Told(
            "none of the elements that a gradient arrives for is above its threshold",
            "Look at what goes into it: a smaller learning rate, another initialisation or a leaky ReLU keep it alive",
        ),
        *("Relu", "Threshold"),
    ),
    **_each(
        Told(
            "each element that a gradient arrives for lies outside its limits",
            "Widen the limits, or scale what goes into it",
        ),
        *("Clamp", "ClampMin", "ClampMax", "Hardtanh", "Hardsigmoid", "Hardswish"),
    ),
    **_each(
        Told(
            "what it is multiplied with is zero wherever a gradient arrives, or the product is too small for its dtype",
            "Look at the other factor",
            multiplies=True,
        ),
        *("Mul", "Div"),
    ),
    **_each(
        Told(
            "the other factor is probably zero where it counts (weights or inputs that are all zero)",
            "Look at the other factor",
            multiplies=True,
        ),
        *("Mm", "Mv", "Dot", "Bmm", "Addmm", "Addmv", "Baddbmm", "Convolution", "Linear"),
    ),
    **_each(
        Told(
            "no element of that input is chosen where a gradient arrives",
            "Look at the condition or the mask",
        ),
        *("Where", "MaskedFill", "MaskedScatter", "MaskedSelect"),
    ),
    **_each(
        Told(
            "no element of that input is chosen where a gradient arrives",
            "Look at what it is compared with",
        ),
        *("Maximum", "Minimum", "Max", "Min", "Amax", "Amin", "Topk", "Sort", "Kthvalue", "Median"),
    ),
    **_each(
        Told(
            "no gradient arrives for the part of its result that this input became",
            "Use that part of the result in the loss",
        ),
        *("Cat", "Stack"),
    ),
    **_each(
        Told("that input's elements are probably overwritten", "Do not overwrite what is to be trained"),
        *("CopySlices", "IndexPut", "IndexCopy", "Copy", "SliceScatter"),
    ),
    **_each(
        Told(
            "its input is zero wherever a gradient arrives, where autograd takes its derivative as zero",
            "Start from numbers that are not zero",
        ),
        *("Abs", "Norm", "LinalgVectorNorm"),
    ),
    **_each(
        Told(
            "its input is probably where it is flat, so that its derivative is too small for its dtype",
            "Scale what goes into it, or use a loss that takes logits, such as binary_cross_entropy_with_logits",
            multiplies=True,
        ),
        *("Sigmoid", "Tanh", "Softmax", "LogSoftmax", "Gelu", "Silu", "Exp", "Erf", "Softplus", "LogSigmoid"),
    ),
    "Pow": Told("probably its input is zero, where its derivative is zero", "Start from numbers that are not zero"),
    "NativeDropout": Told("all that a gradient arrives for was dropped", "Use a smaller p"),
}

_IN_HALF = ", or the result is too large for float16"
_GUARD = "a where() after it does not help, since zero times infinity is NaN"
_AWAY = f"Keep its input away from there before the operation, for example with clamp(min=1e-12); {_GUARD}"
_NON_FINITE_UNKNOWN = Told("why it does is not known here", "Look at the values that go into that operation")
_NON_FINITE: Mapping[str, Told] = {
    "Sqrt": Told("the derivative of a square root at 0 is infinite, and below 0 it is NaN", _AWAY),
    "Rsqrt": Told("the derivative of 1/√x at 0 is infinite, and below 0 it is NaN", _AWAY),
    **_each(Told("the derivative of a logarithm at 0 is infinite", _AWAY), "Log", "Log2", "Log10"),
    "Log1P": Told("the derivative of log(1 + x) at −1 is infinite", _AWAY),
    **_each(Told("it probably divides by 0", f"Keep the divisor away from 0 before it; {_GUARD}"), "Div", "Reciprocal"),
    "Pow": Told("the derivative of a power below 1 at 0 is infinite; so is that of a negative power", _AWAY),
    **_each(
        Told("the derivative at −1 and 1 is infinite", "Keep its input inside, for example clamp(-0.999999, 0.999999)"),
        *("Acos", "Asin", "Atanh"),
    ),
    "Atan2": Told("it has no derivative where both inputs are 0", "Keep one of them away from 0"),
    **_each(
        Told("the derivative of a distance or a norm at 0 is not finite", "Add a small number before it"),
        *("Norm", "LinalgVectorNorm", "Cdist", "PairwiseDistance"),
    ),
    **_each(
        Told("its result is probably too large for its dtype", "Subtract the maximum before it, or clamp its input"),
        *("Exp", "Exp2", "Expm1", "Sinh", "Cosh"),
    ),
    **_each(
        Told(
            "the other factor is probably infinite or NaN, or the product too large for its dtype",
            "Look at the other factor",
        ),
        *("Mul", "Mm", "Mv", "Dot", "Bmm", "Addmm", "Baddbmm", "Convolution"),
    ),
    **_each(
        Told(
            "probably a whole row of its input is −∞, as where a mask hides every element",
            "Leave at least one element of each row unmasked",
        ),
        *("Softmax", "LogSoftmax", "Logsumexp"),
    ),
}
