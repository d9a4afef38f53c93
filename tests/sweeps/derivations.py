"""Derives random programs by hand, and compares every derivation with autograd in float64.

    python tests/sweeps/derivations.py                 1,000 programs, some minutes
    python tests/sweeps/derivations.py --from 0 --to 50

A program has 2 to 12 lines of 32 kinds, loops among them, over three 3 × 3 inputs. Ends with 1 where a derivation
differs from autograd; one that meets numbers that are not finite may say so instead.
"""

from __future__ import annotations

import argparse
import random
import sys
from typing import NamedTuple

import numpy as np

from tracer.experiment import Expression, Input
from tracer.runners.expression import find

INPUTS = ("x", "w", "b")
NAMES = "pqrszhyxw"
LINES = (
    "{a} + {b}", "{a}*{b}", "{a} - 2*{b}", "torch.tanh({a})", "torch.sigmoid({a}) * {b}", "{a}**2 / 3",
    "torch.relu({a} - 0.1)", "{a} @ {b}", "({a} @ {b}.T).tanh()", "torch.softmax({a}, 1) * {b}", "{a}.mean(0) + {b}",
    "{a}.sum(1, keepdim=True) * {b}", "{a} / (1 + {b}*{b})", "torch.exp(-{a}**2)", "{a}.cumsum(1) - {b}",
    "torch.where({a} > 0, {a}, {b}*0.5)", "{a}[[1, 0, 2]] * {b}", "{a}.T + {b}", "{a}.reshape(9)[::2].sum() * {b}",
    "F.layer_norm({a}, (3,)) + {b}", "{a}.max(1).values + {b}", "{a}.norm() * {b}", "torch.cat([{a}, {b}])[1:4]",
    "torch.maximum({a}, {b})", "{a}.roll(1, 0) * {b}", "{a}.flip(1) + {b}", "{a}.var() + {b}",
    "torch.einsum('ij,jk->ik', {a}, {b})", "F.gelu({a})", "{a}.clamp(-0.5, 0.5) + {b}",
    "F.pad({a}, (1, 0))[:, :3] * {b}", "{a}.log_softmax(0) - {b}",
)  # fmt: skip
PASSES = ("{m} = {m}*0.5 + {b}", "{m} = torch.tanh({m} @ {b})", "{m} = {m} - 0.1*{m}**3")


class Counts(NamedTuple):
    """How many derivations were complete, differed (with their seeds), or met numbers that are not finite."""

    complete: int
    differed: tuple[int, ...]
    not_finite: int


def program(seed: int) -> str:
    """Make a program."""
    draw = random.Random(seed)
    names, lines = list(INPUTS), list[str]()
    for _ in range(draw.randint(2, 12)):
        if draw.random() < 0.12:
            lines += _loop(draw, names)
            continue
        name = draw.choice(NAMES)
        lines.append(f"{name} = {draw.choice(LINES).format(a=draw.choice(names), b=draw.choice(names))}")
        names += [] if name in names else [name]
    a, b = draw.choice(names), draw.choice(names)
    lines.append(f"L = ({a} * {b}).mean()" if draw.random() < 0.7 else f"L = {a} * 2")
    return "\n".join(lines)


def _loop(draw: random.Random, names: list[str]) -> list[str]:
    name = draw.choice("pq")
    lines = [] if name in names else [f"{name} = {draw.choice(names)} * 1.5"]
    names += [] if name in names else [name]
    inside = draw.choice(PASSES).format(m=name, b=draw.choice(INPUTS))
    return [*lines, f"for t in range({draw.randint(2, 5)}):", f"    {inside}"]


def sweep(first: int, last: int) -> Counts:
    """Derive the programs of these seeds."""
    complete, not_finite, differed = 0, 0, list[int]()
    for seed in range(first, last):
        numbers = np.random.default_rng(seed).standard_normal((3, 3, 3)).round(2)
        inputs = {name: Input(numbers[n].tolist(), "float64") for n, name in enumerate(INPUTS)}
        for one in find(Expression(program(seed), inputs)).derivations:
            why = one.why or ""
            complete += one.complete
            not_finite += "not all numbers are finite" in why
            differed += [] if one.complete or "no part" in why or "not all numbers are finite" in why else [seed]
    return Counts(complete, tuple(differed), not_finite)


def main() -> int:
    """Sweep and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--to", dest="last", type=int, default=1000)
    given = parser.parse_args()
    counts = sweep(given.first, given.last)
    print(f"{counts.complete} complete, {counts.not_finite} not finite, differed: {list(counts.differed)}")
    return 1 if counts.differed else 0


if __name__ == "__main__":
    sys.exit(main())
