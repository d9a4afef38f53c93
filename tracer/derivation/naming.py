"""How stages are called on paper: the person's names, with ′ or a number where a name is given again, and ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tracer.algebra.style import TEXT, Name
from tracer.derivation.adjoints import Adjoint
from tracer.derivation.fold import InPass
from tracer.derivation.state import Label
from tracer.ops.tensor import Stage

PRIMES = ("", "′", "″", "‴")
_LATEX = {"n̂": r"\hat{n}", "k*": "k^{*}", "μ": r"\mu ", "λ": r"\lambda ", "ℓ": r"\ell ", "σ": r"\sigma "}


class Names:
    """The names of the stages of one derivation, and those of gradients ∂L/∂x."""

    def __init__(self, labels: Mapping[Stage, Label], used: Iterable[Stage], root: Stage) -> None:
        self.labels = dict(labels)
        self._add_ours(used)
        numbered = {label.name for label in self.labels.values() if label.passes or label.version >= len(PRIMES)}
        self._names = {stage: _name(label, label.name in numbered) for stage, label in self.labels.items()}
        self.root = self._names[root]

    def _add_ours(self, used: Iterable[Stage]) -> None:
        """Name the stages that the person gave no name: h, or h1, h2 … where there are several."""
        ours: dict[str, list[Stage]] = {}
        for stage in sorted(set(used), key=lambda one: one.order):
            if stage not in self.labels:
                ours.setdefault(stage.hint, []).append(stage)
        taken = {label.name for label in self.labels.values()}
        for hint, stages in ours.items():
            for number, stage in enumerate(stages, 1):
                name = hint if len(stages) == 1 and hint not in taken else f"{hint}{number}"
                while name in taken:
                    name += "′"
                taken.add(name)
                self.labels[stage] = Label(name, text=stage.told, ours=True)

    def __call__(self, tensor: Any) -> Name:
        """Give the name of a stage or of a gradient."""
        if isinstance(tensor, InPass):
            shift = f"{tensor.shift:+d}".replace("-", "−") if tensor.shift else ""
            name = Name(tensor.name, _latex(tensor.name), f"t{shift}")
            return name._replace(over=self.root) if tensor.gradient else name
        if isinstance(tensor, Adjoint):
            return self._names[tensor.of]._replace(over=self.root)
        return self._names[tensor]

    def letters_taken(self) -> set[str]:
        """List the letters that can't be indices, since they are names."""
        return {label.name for label in self.labels.values()}


def _name(label: Label, numbered: bool) -> Name:
    primes = 0 if numbered else label.version
    version = str(label.version) if numbered else ""
    return Name(label.name + PRIMES[primes], _latex(label.name) + "'" * primes, version, None, label.ours)


def _latex(name: str) -> str:
    if name in _LATEX or len(name) == 1:
        return _LATEX.get(name, name)
    return rf"\mathrm{{{name.replace('_', chr(92) + '_').replace('′', chr(39))}}}"


def display(name: Name) -> str:
    """Write a name without indices as text."""
    return TEXT.element(name, ())
