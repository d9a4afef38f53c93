"""What the table of operators tells of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

TORCH = "https://docs.pytorch.org/docs/stable/generated/torch."
FUNCTIONAL = TORCH + "nn.functional."
RULES = "https://github.com/pytorch/pytorch/blob/main/tools/autograd/derivatives.yaml"


def nothing(*arguments: Any, **options: Any) -> str | None:
    """There is nothing to tell."""
    return None


class Operator(NamedTuple):
    """An operator: its rule (tensors → how the elements of the result are made), its formula in words of the rule, the
    address of its definition, and what there is to tell at these arguments: a kink or a tie, and what torch chooses."""

    rule: Callable[..., Any]
    label: str
    source: str
    told: Callable[..., str | None] = nothing
