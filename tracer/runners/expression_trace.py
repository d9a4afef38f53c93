"""A program as it runs → the facts of its output: traced at its end, or just before its own backward."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import torch

from tracer.backward.statistics import Budget
from tracer.capture.names import Named
from tracer.errors import InvalidSetting, TracerError
from tracer.experiment import Expression
from tracer.facts import Facts
from tracer.runners import expression_inputs, tensors
from tracer.runners.expression_check import Taken
from tracer.runners.expression_exact import exactly
from tracer.runners.expression_untracked import unnamed, with_untracked
from tracer.runners.interpreter.backward import grads_kept
from tracer.runners.interpreter.run import Made, Run

MOST_TRACED = 20  # backwards of one run


class Last:
    """Traces what a program calls .backward() on, just before that runs, and keeps the last: as in a training loop.

    After many, none is traced any more, and `missed` is the number of the last: the program can be run again for it
    alone (`only`).
    """

    def __init__(self, experiment: Expression, only: int = 0) -> None:
        self.taken: Taken | None = None
        self.missed = 0
        self._experiment, self._only = experiment, only

    def take(self, ran: Run, output: torch.Tensor, start: torch.Tensor | None) -> Literal["run"]:
        """Trace an output, unless another one is asked for, or torch refuses its backward at once."""
        asked = self._experiment
        if asked.gradient is not None:
            what = "The program calls .backward() itself, and what that starts from stands there"
            raise InvalidSetting(what, "gradient", "Leave it empty, or remove .backward() from the program")
        if asked.output is None or ran.values.get(asked.output) is output:
            number = ran.backwards
            if not self._only and number > MOST_TRACED:
                self.missed = number
            elif _may_run(output, start) and self._only in (0, number):
                name = asked.output or _called_in(ran, output)
                with grads_kept(ran):
                    facts = _before(asked, ran, name, output, start)
                    self.taken = Taken(facts, ran.copy(), name, output, start, number).with_found()
        return "run"


def _before(experiment: Expression, ran: Run, name: str, output: torch.Tensor, start: torch.Tensor | None) -> Facts:
    """Trace an output before the program's own backward runs; what torch refuses is told as torch does."""
    try:
        return _with_grads(trace(experiment, ran, name, output, start), ran)
    except TracerError as error:
        raise error.__cause__ or error from None


def _may_run(output: torch.Tensor, start: Any) -> bool:
    """Tell whether torch begins a backward at all; where it does not, it says so itself."""
    fits = output.numel() == 1 if start is None else isinstance(start, torch.Tensor) and start.shape == output.shape
    return output.requires_grad and fits


def _called_in(ran: Run, output: torch.Tensor) -> str:
    """Name a tensor by its last name, or by the piece of the program that made it."""
    names = [name for name, value in ran.values.items() if value is output]
    made = ran.tracked.get(id(output))
    return names[-1] if names else made.text if made else "output"


def trace(experiment: Expression, ran: Run, name: str, output: torch.Tensor, start: torch.Tensor | None) -> Facts:
    every = named(ran, name)
    every += unnamed(ran, output, every)
    facts = tensors.find(
        {name: output},
        named=every,
        notes=ran.lines,
        gradients=True,
        start=start,
        saved=True,
        alone=True,
        experiment=experiment,
    )
    typed = experiment.gradient
    if experiment.exact:
        shadow = typed is None and start is not None
        known = ran.shadows.of(start) if shadow else expression_inputs.begin(typed, output)
        facts = exactly(facts, every, ran.shadows, known)
    return with_untracked(facts, every, ran, output)


def _with_grads(facts: Facts, ran: Run) -> Facts:
    """Add what the inputs hold in their .grad before this backward adds to it."""
    held = {name: leaf.grad for name, leaf in ran.given.items() if leaf.is_leaf and leaf.grad is not None}
    budget = Budget()
    rows = tuple(
        msgspec.structs.replace(row, grad=budget.values(held[row.name]))
        if row.role == "input" and row.name in held
        else row
        for row in facts.tensors
    )
    return msgspec.structs.replace(facts, tensors=rows)


def named(ran: Run, output: str) -> list[Named]:
    """List the tensors in the order in which they came to be: inputs, then what each line computed.

    A name belongs to the last tensor that it was given to; one that was an input's name too tells its line.
    """
    names: dict[int, list[str]] = {}
    for name, value in ran.values.items():
        if isinstance(value, torch.Tensor) and value is not ran.given.get(name):
            names.setdefault(id(value), []).append(name)
    found = [Named(tensor, name, "input") for name, tensor in ran.given.items()]
    found += [
        Named(tensor, alias, _role(alias, output), made_by=name)
        for name, tensor in ran.given.items()
        for alias in names.get(id(tensor), [])
    ]
    for made in sorted([*ran.tracked.values(), *_untracked(ran)], key=lambda made: made.when):
        own = names.get(id(made.tensor), [])
        found += [
            Named(made.tensor, _called(ran, name, made), _role(name, output), None, made.text, made.line)
            for name in own
        ]
        if not own:
            text = f"{made.name} = {made.text}" if made.name else made.text
            found.append(Named(made.tensor, None, None, None, text, made.line))
    return found


def _untracked(ran: Run) -> list[Made]:
    last = {id(made.tensor): made for name, made in ran.untracked.items() if ran.values.get(name) is made.tensor}
    return [made for key, made in last.items() if key not in ran.tracked]


def _called(ran: Run, name: str, made: Made) -> str:
    return f"{name} ({made.line})" if name in ran.given else name


def _role(name: str, output: str) -> str | None:
    return "output" if name == output else None
