"""Programs drawn from a grammar, against Python and torch themselves: values, gradients, nodes, steps and fractions.

`python tests/sweeps/programs.py --count 2000` tries so many, and prints each that differs.
"""

from __future__ import annotations

import argparse
import json
import math
import pathlib
import random
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F

from tracer.analysis.stepping import moment, steps
from tracer.errors import TracerError
from tracer.experiment import Expression, Input
from tracer.facts import Facts, Values, from_json, to_json
from tracer.runners.expression import find

CORPORA = pathlib.Path(__file__).parents[1] / "corpora"
NEAR = {"rtol": 1e-9, "atol": 1e-9, "equal_nan": True}

LINES = {  # by what they give: a matrix, a vector, a number
    "m": (
        "{m} + {m}", "{m} * {m}", "{m} @ {m}", "{m} - {v}", "{m} * {s}", "{m}.T", "torch.outer({v}, {v})",
        "{m} / ({m} * {m} + 1)", "torch.sin({m})", "F.relu({m})", "{m} ** 2", "torch.stack([{v}, {v}])",
        "torch.where({m} > 0, {m}, {s})", "{m}.clone()", "{m}.softmax(1)", "{m}.detach() * {m}", "Add({m}, {m})",
        "{m} if {s} > 0 else -{m}", "0.1 * {m} + 1/3", "{m}.clamp(-1, 2)", "{m}.flip(0)", "F.gelu({m})",
    ),
    "v": (
        "{m} @ {v}", "{v} + {v} * {s}", "{m}[0]", "{m}[:, 1]", "{m}.sum(0)", "{m}.mean(dim=1)", "torch.tanh({v})",
        "{v}.exp().log1p()", "{m}.max(1).values", "torch.cat([{v}, {v}])[1:3]", "{m}.diagonal()", "3 - {v}",
        "{v} * torch.arange(2)", "{v}.cumsum(0)", "1 / ({v} * {v} + 0.5)",
    ),
    "s": (
        "{m}.sum()", "{v} @ {v}", "{m}.mean()", "{v}[0] * {v}[-1]", "{m}.norm()", "Max({v})", "{s} * {s} - 1",
        "{m}.trace()", "torch.logsumexp({v}, 0)", "F.mse_loss({v}, {v})", "({m} @ {m}).det()", "{s} ** 3 / 7",
    ),
}  # fmt: skip
BLOCKS = (  # around lines of their own; {n} is a name that is given
    "for i in range({times}):\n    {n} = {n} + {line} * i",
    "k = 0\nwhile k < {times}:\n    k += 1\n    {n} = {n} * 0.5 + {line}",
    "if {s} > {number}:\n    {n} = {line}\nelse:\n    {n} = {n} - {line}",
    "with torch.no_grad():\n    c{count} = {line}\n{n} = {n} + c{count}",
    "{n} = ({line}) * 1\n{n} += {line}",
    "{n} = ({line}) + 0\n{n}.mul_({number})",
)
BACKWARDS = ("", "", "o.backward()", "o.backward(retain_graph=True)\no.backward()", "(o * 2).backward()\ng = x.grad")


def program(seed: int) -> str:
    """Draw a program of some lines, which ends in a number o, and perhaps calls backward on it."""
    dice = random.Random(seed)
    names = {"m": ["x", "w"], "v": ["b"], "s": ["h"]}
    lines = []
    for count in range(dice.randint(3, 9)):
        kind = dice.choice("mmvvs")
        line = _line(dice, names, kind)
        name = f"{kind}{count}"
        lines.append(f"{name} = {line}")
        names[kind].append(name)
        if dice.random() < 0.35:
            given = {"n": name, "line": _line(dice, names, kind), "times": dice.randint(0, 3), "count": count}
            block = dice.choice(BLOCKS).format(**given, number=dice.randint(-2, 3), s=dice.choice(names["s"]))
            lines.append(block)
    used = " + ".join([f"{names['m'][-1]}.sum()", f"{names['v'][-1]}.mean()", names["s"][-1]])
    return "\n".join([*lines, f"o = {used}", *filter(None, [dice.choice(BACKWARDS)])])


def _line(dice: random.Random, names: dict[str, list[str]], kind: str) -> str:
    line = dice.choice(LINES[kind])
    while "{" in line:
        at = line.index("{")
        line = line[:at] + dice.choice(names[line[at + 1]][-4:]) + line[at + 3 :]
    return line


def inputs() -> dict[str, torch.Tensor]:
    """Give the inputs of all programs."""
    made = {"x": [[1.0, -2.0], [0.5, 3.0]], "w": [[2.0, 0.25], [-1.0, 1.5]], "b": [1.5, -0.5], "h": 0.75}
    return {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in made.items()}


def pythons(text: str) -> tuple[dict[str, Any], dict[str, torch.Tensor | None], list[str]]:
    """Run a program as Python: its names, the gradients of its inputs, and the nodes of its last backward."""
    from tracer.runners.interpreter.custom import FUNCTIONS

    given = inputs()
    names: dict[str, Any] = {**given, **FUNCTIONS, "torch": torch, "F": F, "math": math}
    nodes: list[str] = []
    own = torch.Tensor.backward

    def backward(self: torch.Tensor, *arguments: Any, **options: Any) -> None:
        nodes[:] = _nodes(self)
        own(self, *arguments, **options)

    torch.Tensor.backward = backward  # type: ignore[method-assign]
    try:
        exec(text, names)
        if not nodes and names["o"].requires_grad:
            names["o"].backward()
    finally:
        torch.Tensor.backward = own  # type: ignore[method-assign]
    return names, {name: leaf.grad for name, leaf in given.items()}, nodes


def _nodes(tensor: torch.Tensor) -> list[str]:
    found, waiting = dict.fromkeys([tensor.grad_fn]), [tensor.grad_fn]
    for node in waiting:
        for child, _ in node.next_functions if node is not None else ():
            if child is not None and child not in found:
                found[child] = None
                waiting.append(child)
    return sorted(node.name().rpartition("::")[2] for node in found if node is not None)


def differences(text: str) -> Iterator[str]:
    """Tell what of a program differs from what Python and torch make of it."""
    plain = {name: Input(leaf.tolist(), "float64") for name, leaf in inputs().items()}
    try:
        truth = pythons(text)
    except (RuntimeError, ArithmeticError) as error:
        truth = None
        said = str(error)
    try:
        facts = from_json(to_json(find(Expression(text, plain, None if "backward" in text else "o"))))
    except TracerError as error:
        if truth is not None:
            yield f"refused: {error}"
        return
    if truth is None:
        yield f"not refused, and Python says: {said}"
        return
    yield from _compared(facts, *truth)


def _compared(
    facts: Facts, names: dict[str, Any], grads: dict[str, torch.Tensor | None], nodes: list[str]
) -> Iterator[str]:
    if sorted(node.name for node in facts.graph.nodes) != nodes:
        yield "other nodes"
    last = {line.name: line.values for line in facts.lines if line.name and line.kind == "a tensor"}
    for name, values in last.items():
        if name.isidentifier() and not _equal(values, names[name]):
            yield f"another value of {name}"
    every = steps(facts)
    held = moment(facts.graph, every, len(every)).grads
    found = {row.name: held.get(row.node) for row in facts.tensors if row.role == "input" and row.node is not None}
    for name, grad in grads.items():
        if not (_equal(found.get(name), grad) if grad is not None else found.get(name) is None):
            yield f"another gradient of {name}"
    for row in facts.gradients or ():
        odd = any("kink" in note for note in facts.notes) or not row.statistics or row.statistics.non_finite
        if row.check and row.check.agreed < row.check.tried and not odd:
            yield f"finite differences do not agree at {facts.graph.nodes[row.node].label}"


def _equal(values: Values | None, tensor: Any) -> bool:
    if values is None or not isinstance(tensor, torch.Tensor) or values.shape != tuple(tensor.shape):
        return False
    return torch.allclose(torch.tensor(values.numbers, dtype=torch.float64).reshape(values.shape), tensor, **NEAR)


def main() -> int:
    """Try as many programs as asked for, and those of the corpus."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=1000, help="programs that are drawn (1000)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (0)")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    clock, total = time.monotonic(), Counter[str]()
    for seed in range(asked.first, asked.first + asked.count):
        found = list(differences(program(seed)))
        total["differ" if found else "equal"] += 1
        for difference in found:
            print(f"--- seed {seed}: {difference}\n{program(seed)}", flush=True)
    corpus = json.loads((CORPORA / "good_programs.json").read_text())
    print(f"{dict(total)} in {time.monotonic() - clock:.0f} s; the corpus has {len(corpus)} more, tried by the tests")
    return int(bool(total["differ"]))


if __name__ == "__main__":
    raise SystemExit(main())
