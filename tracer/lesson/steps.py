"""A lesson as frozen values: what its file holds, and what a step's recording makes of it."""

from __future__ import annotations

from typing import Literal

import msgspec

from tracer.experiment import Convolution, Expression, MatrixVector

Taught = Convolution | Expression | MatrixVector
Kind = Literal["number", "shape", "list", "word"]
WORKSPACES: dict[type, str] = {Convolution: "convolution", Expression: "expression", MatrixVector: "matvec"}


class Slip(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"gives": "is"}):
    """A wrong answer that tells how it came about. `slip` names one of the lesson's or the common table, whose sentence
    (`says`) and query (`is`) hold where they are not given here, and are filled in when the lesson is read; in a query,
    `expected` is the right answer."""

    slip: str = ""
    says: str = ""
    gives: str = ""


class Prediction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question to be answered before it is shown. `expect` is a query into the recording of the step's experiment,
    never the result itself; `choices` are the words among which one is chosen; `shows` is what is said afterwards."""

    asks: str
    kind: Kind
    expect: str
    slips: tuple[Slip, ...] = ()
    choices: tuple[str, ...] = ()
    shows: str = ""


class Number(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"gives": "is"}):
    """A number of the step, with what it is; shown when every prediction of the step is answered."""

    says: str
    gives: str


class Try(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another experiment to open from a step. `refused` is a part of the sentence with which it is refused, where that
    is what it shows; `numbers` are queries into its recording."""

    label: str
    experiment: Taught
    says: str = ""
    refused: str = ""
    numbers: tuple[Number, ...] = ()


class View(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is in view when a step opens. `tab` is the title of a picture's tab (empty: the first), `select` the name of
    a tensor; `output` is the element of y that is looked at, `input` that of x (a layer), `row` the row and `added` how
    many columns are added (a matrix)."""

    tab: str = ""
    select: str = ""
    output: tuple[int, ...] = ()
    input: tuple[int, ...] = ()
    row: int | None = None
    added: int | None = None


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"tries": "try"}):
    """One thing that is said, shown and asked. `figures` are those of the notes, `notes` what they say, `exact` what is
    exact where they are loose; `program` is shown as "In PyTorch" (empty: the one that follows from the experiment).
    """

    title: str
    says: str
    experiment: Taught
    view: View = View()
    figures: tuple[int, ...] = ()
    notes: str = ""
    exact: str = ""
    program: str = ""
    predict: tuple[Prediction, ...] = ()
    numbers: tuple[Number, ...] = ()
    tries: tuple[Try, ...] = ()

    @property
    def workspace(self) -> str:
        """The workspace that the step sets up: "convolution", "expression" or "matvec"."""
        return WORKSPACES[type(self.experiment)]


class Lesson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A lesson: its steps in order. `slips` extends the common table of slips by name."""

    format: str
    version: int
    title: str
    steps: tuple[Step, ...]
    about: str = ""
    slips: dict[str, Slip] = {}


class Result(msgspec.Struct, frozen=True):
    """What a query gave: numbers in row-major order, as text ("−" is "-"): whole numbers and fractions ("3/2") where
    `exact`, else decimals; or a word."""

    shape: tuple[int, ...] = ()
    numbers: tuple[str, ...] = ()
    exact: bool = True
    word: str = ""
    text: str = ""


class Hidden(msgspec.Struct, frozen=True):
    """What must stay off the screen until a prediction is answered: the names of tensors whose shape, value or gradient
    would tell, the same by node and edge of the graph (values and gradients), and whether the graph as a whole, the
    cost, the lines of the program (how often they ran), the derivation or the matrix of the layer would.

    What is asked for is hidden, and what follows from it on the way: forward from a value, backward from a gradient;
    a gradient comes after every value.
    """

    shapes: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    gradients: tuple[str, ...] = ()
    value_nodes: tuple[int, ...] = ()
    gradient_nodes: tuple[int, ...] = ()
    gradient_edges: tuple[int, ...] = ()
    graph: bool = False
    cost: bool = False
    lines: bool = False
    derivation: bool = False
    matrix: bool = False


class Wrong(msgspec.Struct, frozen=True):
    """A slip with the answer that it gives."""

    name: str
    says: str
    result: Result


class Solved(msgspec.Struct, frozen=True):
    """A prediction with what a recording makes of it: the right answer, the wrong ones that are known, what is hidden
    until then, and what is said afterwards."""

    kind: Kind
    expected: Result
    slips: tuple[Wrong, ...]
    hidden: Hidden
    shows: str


class Solution(msgspec.Struct, frozen=True):
    """A step with what its recording makes of it: its predictions in order, and its numbers as (what, number)."""

    predictions: tuple[Solved, ...]
    numbers: tuple[tuple[str, str], ...]


class Verdict(msgspec.Struct, frozen=True):
    """What an answer is: right, a slip (`slip` names it, `says` tells which), wrong, or not to be read as one (`says`
    is then the cure)."""

    state: Literal["right", "slip", "wrong", "unreadable"]
    says: str
    slip: str = ""
