"""Numbers as a person types them: read exactly, and refused in one sentence."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from tracer.errors import InvalidSetting


def read(text: str) -> Fraction | float:
    """Read a number: 0.1 is one tenth, "1/3" a third, the true minus sign a minus. What is not finite is a float.

    Raises:
        ValueError: it is none, or too large for a float.
    """
    plain = text.strip().replace("−", "-")
    try:
        value = float(Fraction(plain) if "/" in plain else plain)
        return Fraction(plain) if math.isfinite(value) else value
    except (ZeroDivisionError, OverflowError) as error:
        raise ValueError(str(error)) from error


def refusal(where: str, item: Any) -> InvalidSetting:
    """Say that something is no number; `where` names the field."""
    return InvalidSetting(f"“{str(item)[:40]}” is no number", where, "Use numbers such as 2, 0.5, 1e-3 or 1/3")
