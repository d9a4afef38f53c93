"""What the window and the worker say to each other: JSON lines, one message a line.

Every message carries the number of the edit that caused it; the window draws an answer only if it is the newest
that it asked for.
"""

from __future__ import annotations

import msgspec

from tracer.analysis.beside import Beside
from tracer.analysis.gradients import GradientRow
from tracer.analysis.jacobian import Jacobian
from tracer.analysis.rolling import Roll
from tracer.analysis.shapes import ShapeRow
from tracer.analysis.stepping import Step
from tracer.derived import Derivation, Rule
from tracer.drawing.display_list import DisplayList
from tracer.drawing.palette import Theme
from tracer.experiment import Experiment
from tracer.facts import Line, spelled
from tracer.graph import Graph
from tracer.lesson import steps as lesson
from tracer.values import Loop, SavedValue
from tracer.worker.model.messages import FromModel, Pictured, ToModel


class Ask(msgspec.Struct, frozen=True, tag="ask"):
    """Window: run this experiment; answered by Arrays where it is a layer, then Found, then Compared where it has a
    program beside it, then Drawn; or by Refused. A newer Ask overtakes it.

    With the `step` of a lesson, Solved comes before Found, and what gives the answers to its predictions away is left
    out of both, but for those that are `answered`.
    """

    edit: int
    experiment: Experiment
    step: lesson.Step | None = None
    answered: tuple[int, ...] = ()


class Save(msgspec.Struct, frozen=True, tag="save"):
    """Window: write the recording of that edit to a file, in the format of its suffix; answered by Saved or Refused."""

    edit: int
    path: str
    theme: Theme = "light"


class AskJacobian(msgspec.Struct, frozen=True, tag="ask jacobian"):
    """Window: give the Jacobian of that edit's program; answered by JacobianFound, unless a newer Ask overtakes it."""

    edit: int


class JacobianFound(msgspec.Struct, frozen=True, tag="jacobian"):
    """Worker: the Jacobian of that edit's program, or why there is none."""

    edit: int
    jacobian: Jacobian | None
    why: str = ""


class Look(msgspec.Struct, frozen=True, tag="look"):
    """Window: draw that edit's loops rolled up, nothing is run; answered by Rolled."""

    edit: int
    roll: Roll


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """Worker: torch is loaded. `devices` are "cpu", then each CUDA device; `names` what a person calls them. `folder`
    is where it stores arrays: whoever ends the worker removes it. `docs` are the layers' own docstrings by name."""

    torch: str
    devices: tuple[str, ...]
    names: tuple[str, ...]
    folder: str = ""
    docs: dict[str, str] = {}


class Stored(msgspec.Struct, frozen=True):
    """An array in a file: its name ("x", "x.grad", …), its shape, its numpy dtype, and the byte where it begins."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    offset: int


class Arrays(msgspec.Struct, frozen=True, tag="arrays"):
    """Worker: all numbers of that edit's layer and their gradients lie in a file, or none where they are too large.

    The file goes when a few newer ones are there, or with the worker. This comes before Found, since the checks that
    Found tells of take longer.
    """

    edit: int
    path: str
    arrays: tuple[Stored, ...]


class Found(msgspec.Struct, frozen=True, tag="found"):
    """Worker: the numbers of that edit. `seconds` is the time the run took, `saved_bytes` what backward keeps.
    A program has a derivation by hand for each input, what each of its `lines` gave, its `loops`, and the steps of its
    backward where they are few; `whole_from` tells how many of them must be done before the gradient of a name is
    whole. `saved` is what each node saved, `rules` are those of the nodes of a small graph."""

    edit: int
    shapes: tuple[ShapeRow, ...]
    gradients: tuple[GradientRow, ...]
    nodes: int
    edges: int
    saved_bytes: int
    device: str
    seconds: float
    notes: tuple[str, ...] = ()
    derivations: tuple[Derivation, ...] = ()
    rules: tuple[Rule, ...] = ()
    steps: tuple[Step, ...] = ()
    whole_from: dict[str, int] = {}
    lines: tuple[Line, ...] = ()
    saved: tuple[SavedValue, ...] = ()
    loops: tuple[Loop, ...] = ()


class Solved(msgspec.Struct, frozen=True, tag="solved"):
    """Worker: what that edit's recording makes of the step of a lesson: what is right, and what must stay hidden."""

    edit: int
    solution: lesson.Solution


class Compared(msgspec.Struct, frozen=True, tag="compared"):
    """Worker: what the program beside that edit's gave, how it differs, and both graphs in one picture; or how it was
    `refused`, which leaves the first program's answers as they are."""

    edit: int
    found: Found | None = None
    beside: Beside | None = None
    picture: DisplayList | None = None
    graph: Graph | None = None
    refused: Refused | None = None


class Drawn(msgspec.Struct, frozen=True, tag="drawn"):
    """Worker: the picture of that edit's graph, and the graph itself where it has up to 1,000 nodes."""

    edit: int
    picture: DisplayList
    seconds: float
    graph: Graph | None = None


class Rolled(msgspec.Struct, frozen=True, tag="rolled"):
    """Worker: the picture of that edit's graph with its loops rolled up; `None` where the recording is not held."""

    edit: int
    roll: Roll
    picture: DisplayList | None


class Saved(msgspec.Struct, frozen=True, tag="saved"):
    """Worker: the file was written."""

    edit: int
    path: str


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Worker: that cannot be done; the three parts of a TracerError. `where` names a field or a line."""

    edit: int
    what: str
    where: str
    cure: str


ToWorker = Ask | Save | AskJacobian | Look | ToModel
Answer = Arrays | Found | Compared | Drawn | Refused | Solved | JacobianFound
FromWorker = Ready | Answer | Saved | Rolled | FromModel


def encode(message: ToWorker | FromWorker) -> bytes:
    """Write a message as one line; non-finite numbers become "NaN", "Infinity" and "-Infinity"."""
    finite = isinstance(message, Drawn | Rolled | Pictured)  # a picture is
    plain = message if finite else spelled(msgspec.to_builtins(message))
    return msgspec.json.encode(plain) + b"\n"


def to_worker(line: bytes) -> ToWorker:
    """Read what the window says.

    Raises:
        msgspec.DecodeError: it is no such message.
    """
    return _TO_WORKER.decode(line)


def from_worker(line: bytes) -> FromWorker:
    """Read what the worker says.

    Raises:
        msgspec.DecodeError: it is no such message.
    """
    return _FROM_WORKER.decode(line)


_TO_WORKER: msgspec.json.Decoder[ToWorker] = msgspec.json.Decoder(ToWorker, strict=False)
_FROM_WORKER: msgspec.json.Decoder[FromWorker] = msgspec.json.Decoder(FromWorker, strict=False)
