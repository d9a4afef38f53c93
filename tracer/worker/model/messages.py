"""What the worker of the Model workspace answers; the lines are those of `tracer.worker.messages`.

The questions are those of `questions`, and can be had from here too.
"""

from __future__ import annotations

import msgspec

from tracer.analysis.colouring import Colour
from tracer.analysis.folding import Fold
from tracer.analysis.module_tree import TreeRow
from tracer.drawing.display_list import DisplayList
from tracer.experiment import Script
from tracer.runners.script_report import BackwardCall, Failure, LeftTensor
from tracer.worker.model.questions import (
    AskChart as AskChart,
)  # fmt: skip
from tracer.worker.model.questions import (
    AskPicture as AskPicture,
)
from tracer.worker.model.questions import (
    AskReach as AskReach,
)
from tracer.worker.model.questions import (
    AskRows as AskRows,
)
from tracer.worker.model.questions import (
    AskSource as AskSource,
)
from tracer.worker.model.questions import (
    AskTold as AskTold,
)
from tracer.worker.model.questions import (
    AskTree as AskTree,
)
from tracer.worker.model.questions import (
    Cancel as Cancel,
)
from tracer.worker.model.questions import (
    Chart as Chart,
)
from tracer.worker.model.questions import (
    Forget as Forget,
)
from tracer.worker.model.questions import (
    Keep as Keep,
)
from tracer.worker.model.questions import (
    Load as Load,
)
from tracer.worker.model.questions import (
    Reach as Reach,
)
from tracer.worker.model.questions import (
    Run as Run,
)
from tracer.worker.model.questions import (
    Table as Table,
)
from tracer.worker.model.questions import (
    ToModel as ToModel,
)
from tracer.worker.model.questions import (
    topic as topic,
)


class Output(msgspec.Struct, frozen=True, tag="output"):
    """Worker: what the script has printed since the last one, as it printed it. Beyond a cap only the end is given,
    after a sentence about what is left out."""

    edit: int
    text: str


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """Worker: what is being done for that edit, for the status line."""

    edit: int
    words: str


class Ran(msgspec.Struct, frozen=True, tag="ran"):
    """Worker: the script has ended, or was ended. `calls` are those of backward() that it came to (`more` of them are
    not listed), `left` the tensors that it left where it went to its end. `failure` says why it ended other than well;
    even then something may be `recorded`: Opened follows. `files` are the paths of its source files by their names."""

    edit: int
    seconds: float
    recorded: bool
    failure: Failure | None = None
    calls: tuple[BackwardCall, ...] = ()
    more: int = 0
    left: tuple[LeftTensor, ...] = ()
    files: dict[str, str] = {}


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    """Worker: a recording is open. `name` is that of the file or script and what was traced, `modules` the number of
    modules, `colours` how its picture can be coloured; `kept` are the bytes that backward keeps (`None`: not known),
    `parameters` the number of their elements. `tables` are those that it can fill, and why it can't fill the others."""

    edit: int
    name: str
    path: str
    nodes: int
    edges: int
    operations: int
    modules: int
    parameters: int
    kept: int | None
    device: str
    gradients: bool
    ends: tuple[str, ...]
    colours: tuple[Colour, ...]
    tables: dict[str, str]
    seconds: float
    notes: tuple[str, ...] = ()
    script: Script | None = None


class ShownBox(msgspec.Struct, frozen=True):
    """A card of the picture: its area's `owner`, how many nodes are in it, the one that stands for it, its `module`,
    and what to put into `Fold.opened` to see inside ("": there is nothing inside, or it can't be opened)."""

    owner: str
    nodes: int
    node: int
    module: str | None = None
    opens: str = ""


class Pictured(msgspec.Struct, frozen=True, tag="pictured"):
    """Worker: the picture of a recording; `legend` says what its colours mean. `boxes` are its cards, without frames
    and lanes; `how` is what was asked for."""

    edit: int
    recording: int
    how: Fold
    colour: Colour
    picture: DisplayList
    boxes: tuple[ShownBox, ...]
    legend: DisplayList | None
    seconds: float


class Tree(msgspec.Struct, frozen=True, tag="tree"):
    """Worker: the modules, each before its parts; `left_out` deeper ones are not listed. Problems are `marked` once the
    table of problems was asked for, since looking for them takes seconds in a very large graph."""

    edit: int
    recording: int
    rows: tuple[TreeRow, ...]
    left_out: int = 0
    marked: bool = False


class PageColumn(msgspec.Struct, frozen=True):
    """A column: its title, whether numbers stand in it, and what it means."""

    title: str
    number: bool = False
    tooltip: str = ""


class PageRow(msgspec.Struct, frozen=True):
    """A row as it is shown; `owner` is what it is about, `source` its line; `mark` is "problem", "possible" or ""."""

    cells: tuple[str, ...]
    owner: str = ""
    source: str = ""
    mark: str = ""


class Page(msgspec.Struct, frozen=True, tag="page"):
    """Worker: rows of a table from `first` on, of `found` that pass the filter, of `total`. `notes` are sentences."""

    edit: int
    recording: int
    table: Table
    columns: tuple[PageColumn, ...]
    rows: tuple[PageRow, ...]
    first: int
    found: int
    total: int
    notes: tuple[str, ...] = ()


class Told(msgspec.Struct, frozen=True, tag="told"):
    """Worker: what is known of a part: a title, facts as label and text, its source line and module. `shown` is the
    area of the picture that holds it ("": it is in none), `nodes` how many nodes it has."""

    edit: int
    recording: int
    owner: str
    title: str
    facts: tuple[tuple[str, str], ...]
    shown: str = ""
    nodes: int = 0
    module: str | None = None
    source: str | None = None
    problems: tuple[str, ...] = ()


class Reached(msgspec.Struct, frozen=True, tag="reached"):
    """Worker: how many nodes were asked for, the first of them, and the areas of the picture that hold any."""

    edit: int
    recording: int
    found: int
    nodes: tuple[int, ...]
    shown: tuple[str, ...]
    words: str


class SourceText(msgspec.Struct, frozen=True, tag="sourcetext"):
    """Worker: lines of a file, the first of them numbered `first`; `marked` are the numbers of those that made nodes,
    with how many. `note` says that the file has changed since it ran."""

    edit: int
    recording: int
    source: str
    path: str
    first: int
    lines: tuple[str, ...]
    marked: tuple[tuple[int, int], ...]
    note: str = ""


class Charted(msgspec.Struct, frozen=True, tag="charted"):
    """Worker: a chart. The areas of a treemap and of bars are owned by "module …" or "node …"; `words` say its sum."""

    edit: int
    recording: int
    chart: Chart
    owner: str
    picture: DisplayList
    words: str = ""


FromModel = Output | Progress | Ran | Opened | Pictured | Tree | Page | Told | Reached | SourceText | Charted
