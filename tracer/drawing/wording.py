"""What cards say in words: people's text made inert, and operations by their short names."""

from __future__ import annotations

import functools
import re

from tracer.quantities import MINUS

MOST = 200  # characters of a person's text on a card; the whole text stays in the area's label

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # they turn the direction of the text after them
    "\u2028\u2029\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"  # line ends, notes, and what XML forbids
)
_BACKWARD = re.compile(r"(Backward\d*)+$")

SHORT_NAMES = {
    "AccumulateGrad": "Leaf",
    "T": "Transpose",
    "NativeBatchNorm": "Batch norm",
    "CudnnBatchNorm": "Batch norm",
    "NativeLayerNorm": "Layer norm",
    "NativeGroupNorm": "Group norm",
    "NativeDropout": "Dropout",
    "MaxPool2DWithIndices": "Max pool",
    "AdaptiveAvgPool2D": "Average pool",
    "AvgPool2D": "Average pool",
    "ScaledDotProductFlashAttentionForCpu": "Attention",
    "ScaledDotProductFlashAttention": "Attention",
    "ScaledDotProductEfficientAttention": "Attention",
    "LogSoftmax": "Log softmax",
    "NllLoss": "NLL loss",
    "NllLoss2D": "NLL loss",
    "UnsafeView": "View",
    "ReshapeAlias": "Reshape",
}


def inert(text: str, most: int | None = MOST) -> str:
    """Show what could do harm as a sign: a control character becomes ‹U+0001›; then shorten to `most` characters.

    Control characters, lone surrogates and what XML forbids would break a file; bidirectional controls would turn the
    words that follow them.
    """
    shown = _UNSAFE.sub(lambda found: f"‹U+{ord(found[0]):04X}›", text)
    return shown if most is None or len(shown) <= most else shown[: most - 1] + "…"


@functools.cache
def operation(name: str) -> str:
    """Give the short name of an autograd node: "SubBackward0" is "Sub"."""
    short = _BACKWARD.sub("", name) or name
    return SHORT_NAMES.get(short, short)


def program(text: str) -> str:
    """Write a piece of program with the true minus sign."""
    return text.strip().replace("-", MINUS)
