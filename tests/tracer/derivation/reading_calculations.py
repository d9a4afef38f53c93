"""Reads a calculation as it is written, 0.75 · 2 · (−1), and works it out: what is shown must be what it says."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from tracer.algebra.functions import FUNCTIONS, FUNCTIONS_2
from tracer.algebra.style import VULGAR

_SIGNS = {"·": "*", "−": "-", "⁄": "/", "≥": ">=", "≤": "<=", "≠": "!=", "^": "**", "π": str(math.pi)}
_UP = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_WORDS = {"1/": "inverse", "σ": "sigma", "ψ′": "trigamma", "ψ": "digamma"}


def worked_out(text: str) -> float:
    """Compute what stands before the = or ≈."""
    for (above, below), sign in VULGAR.items():
        text = text.replace(sign, f"({above}/{below})")
    for word, name in _WORDS.items():
        text = text.replace(f"{word}(", f"{name}(")
    text = re.sub(r"\[([^\[\]]* )= ([^\[\]]*)\]", r"[\1== \2]", text)
    text = re.sub(r"([⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda found: "**" + found[1].translate(_UP), text)
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text)
    for sign, python in _SIGNS.items():
        text = text.replace(sign, python)
    text = re.sub(r"√(\w[\w.]*)", r"root(\1)", text).replace("√", "root")
    text = re.sub(r"\[([^\[\]]*)\]", r"float(\1)", text)
    text = re.sub(r"(?<![\w.(])-(\d[\d.e-]*)\*\*", r"-1*\1**", text)
    known: dict[str, Any] = {name: _one(rule.compute) for name, rule in FUNCTIONS.items()}
    known |= {_WORDS[name]: known[name] for name in _WORDS} | {name: _two(two) for name, two in FUNCTIONS_2.items()}
    return float(eval(text, {"root": math.sqrt, "inf": math.inf, "∞": math.inf, **known}))


def _one(compute: Any) -> Any:
    return lambda u: float(compute(np.asarray(float(u))))


def _two(rule: Any) -> Any:
    return lambda a, b: float(rule.compute(np.asarray(float(a)), np.asarray(float(b))))


def is_right(calculation: str, tolerance: float = 0.01) -> bool | None:
    """Tell whether a calculation gives its result; `None` where it is only a number, or leaves terms out."""
    left, sign, right = calculation.replace(" ≈ ", " = ").rpartition(" = ")
    if not sign or "…" in left:
        return None
    value, result = worked_out(left), worked_out(right)
    tolerance = tolerance if " ≈ " in calculation else 1e-6
    return abs(value - result) <= tolerance * (1 + abs(result))
