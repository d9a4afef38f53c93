"""A derivation as plain values: lines of text and LaTeX, as they are kept in a recording."""

from __future__ import annotations

from typing import Literal

import msgspec

from tracer.values import Values

LineKind = Literal[
    "definition", "flow", "note", "chain", "local", "gradient", "tensors", "missing", "numbers", "verdict"
]
Layout = Literal["shape", "numerator", "flat"]
"""How the numbers of a gradient are set out: in the shape of the input as torch does, in numerator layout (transposed),
or flat, as the one row of a Jacobian."""


class Part(msgspec.Struct, frozen=True):
    """What stands between two = of a line. `latex` is `None` for a sentence."""

    text: str
    latex: str | None = None


class Line(msgspec.Struct, frozen=True):
    """A line: its parts are equal to each other. `name` is the tensor that it is about, `source` its line of the
    program."""

    kind: LineKind
    parts: tuple[Part, ...]
    name: str = ""
    source: str | None = None

    @property
    def text(self) -> str:
        """The line as plain text."""
        return " = ".join(part.text for part in self.parts)

    @property
    def latex(self) -> str:
        """The line as LaTeX; a sentence as text."""
        return " = ".join(part.latex or rf"\text{{{part.text}}}" for part in self.parts)


class Derivation(msgspec.Struct, frozen=True):
    """How ∂(of)/∂(name) is found by hand. `complete` says that no step is missing and that its numbers equal those of
    autograd; `why` says what is missing or differs where it is not, and `differs` which of both. `values` are its
    numbers in the shape of the input, where they are few enough to be written."""

    name: str
    of: str
    complete: bool
    lines: tuple[Line, ...] = ()
    why: str | None = None
    differs: bool = False
    values: Values | None = None

    @property
    def text(self) -> str:
        """All lines as plain text."""
        return "\n".join(line.text for line in self.lines)

    @property
    def latex(self) -> str:
        """The formulas as one LaTeX environment, one row a line, aligned at the first =."""
        rows = [line for line in self.lines if line.parts and line.parts[0].latex is not None]
        return r"\begin{aligned}" + r" \\ ".join(_row(line) for line in rows) + r"\end{aligned}"


def _row(line: Line) -> str:
    first, *rest = (part.latex or "" for part in line.parts)
    return f"{first} &= {' = '.join(rest)}" if rest else first


class Term(msgspec.Struct, frozen=True):
    """A piece of a calculation: a gradient that arrives, a value of the forward run, or what stands between."""

    text: str
    role: Literal["gradient", "value", "sign"]


class Path(msgspec.Struct, frozen=True):
    """What a node sends back on one edge: its rule, and the numbers put into it, element by element.

    `worked` are calculations of the first elements, `elements` how many there are, of which `agreed` equal what
    autograd sent there (`None`: not compared).
    """

    edge: int
    line: Line
    worked: tuple[tuple[Term, ...], ...]
    elements: int
    agreed: int | None = None


class Rule(msgspec.Struct, frozen=True):
    """The local rule of a node: how its operator is defined, with the names of the program, and what it sends back.

    `source` is where the operator is defined; `why` says what is not known.
    """

    node: int
    operator: str
    source: str
    lines: tuple[Line, ...] = ()
    paths: tuple[Path, ...] = ()
    why: str | None = None
