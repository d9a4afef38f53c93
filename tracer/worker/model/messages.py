"""What the Model workspace and its worker say to each other; the lines are those of `tracer.worker.messages`.

A recording is called by the number of the edit that opened it. Of several questions about the same thing, only the
newest that waits is answered. An `owner` is a part of a recording: "node 17", "edge 4", "module layer1.0",
"line train.py:41", or an area of the picture drawn as `how` says ("group layer1.0", "frame layer2").
"""

from __future__ import annotations

from typing import Literal

import msgspec

from tracer.analysis.colouring import Colour
from tracer.analysis.folding import AUTO, Fold
from tracer.analysis.module_tree import TreeRow
from tracer.drawing.display_list import DisplayList
from tracer.drawing.palette import Theme
from tracer.experiment import Script
from tracer.runners.script_report import BackwardCall, Failure, LeftTensor

Table = Literal["problems", "gradients", "shapes", "saved", "contributions", "differences", "nodes"]
Chart = Literal["kept", "parameters", "depth", "histogram"]
Reach = Literal["paths", "feeds", "depends", "nodes"]


class Run(msgspec.Struct, frozen=True, tag="run"):
    """Window: run a script, which goes on beside other questions; Output, then Ran, and Opened where something was
    recorded. The recording goes to the file `spool`, which is the window's to remove; without it nothing is recorded:
    the script runs to its end, and Ran lists its calls of backward() and the tensors that it leaves. `folder` is where
    it runs ("": its own), `environment` what is put into its environment, `memory` the bytes that it may take (0: as
    GRADTRACE_MEMORY says)."""

    edit: int
    script: Script
    spool: str = ""
    folder: str = ""
    environment: dict[str, str] = {}
    memory: int = 0


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    """Window: end the script of that edit; its Ran says so. Nothing is answered where it has ended already."""

    edit: int


class Load(msgspec.Struct, frozen=True, tag="load"):
    """Window: open a recording, saved as JSON or spooled; Opened or Refused. Another worker is so given what its
    predecessor had, under the same number. `files` are those of Ran."""

    edit: int
    path: str
    files: dict[str, str] = {}


class Forget(msgspec.Struct, frozen=True, tag="forget"):
    """Window: this recording is closed. Not answered."""

    edit: int
    recording: int


class AskPicture(msgspec.Struct, frozen=True, tag="picture"):
    """Window: draw a recording, folded as `how` says; Pictured or Refused."""

    edit: int
    recording: int
    how: Fold = AUTO
    colour: Colour = "none"


class AskTree(msgspec.Struct, frozen=True, tag="tree"):
    """Window: list the modules; Tree."""

    edit: int
    recording: int


class AskRows(msgspec.Struct, frozen=True, tag="rows"):
    """Window: `count` rows of a table from `first` on; Page or Refused. Only rows in which all words of `filter` occur,
    by the column `sort` (−1: as they come). "differences" are those to the recording `other`. With `filter`, "nodes" is
    the search for a node, "contributions" those of the sum at `owner` alone where one is named."""

    edit: int
    recording: int
    table: Table
    first: int = 0
    count: int = 200
    sort: int = -1
    descending: bool = False
    filter: str = ""
    owner: str = ""
    other: int = 0


class AskTold(msgspec.Struct, frozen=True, tag="tell"):
    """Window: tell about a part of a recording; Told or Refused."""

    edit: int
    recording: int
    owner: str
    how: Fold = AUTO


class AskReach(msgspec.Struct, frozen=True, tag="reach"):
    """Window: which nodes lie on any path from `owner` to `other` ("paths"), are fed by `owner`, or does it depend on,
    or belong to it ("nodes")? Reached or Refused."""

    edit: int
    recording: int
    reach: Reach
    owner: str
    other: str = ""
    how: Fold = AUTO


class AskSource(msgspec.Struct, frozen=True, tag="source"):
    """Window: the file of a line such as "train.py:41", around it; SourceText or Refused."""

    edit: int
    recording: int
    source: str


class AskChart(msgspec.Struct, frozen=True, tag="chart"):
    """Window: draw what the modules within `owner` keep for backward or their parameters ("kept", "parameters": a
    treemap), the gradients by depth, or the histogram of a gradient of `owner`; Charted or Refused."""

    edit: int
    recording: int
    chart: Chart
    owner: str = ""
    width: float = 240.0
    height: float = 80.0
    how: Fold = AUTO


class Keep(msgspec.Struct, frozen=True, tag="keep"):
    """Window: write the recording, or its picture as it is shown, to a file in the format of its suffix; with `table`,
    that table as CSV. Saved or Refused."""

    edit: int
    recording: int
    path: str
    theme: Theme = "light"
    how: Fold = AUTO
    colour: Colour = "none"
    table: Table | None = None
    other: int = 0


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
    """Worker: the modules, each before its parts; `left_out` deeper ones are not listed."""

    edit: int
    recording: int
    rows: tuple[TreeRow, ...]
    left_out: int = 0


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


ToModel = (
    Run
    | Cancel
    | Load
    | Forget
    | AskPicture
    | AskTree
    | AskRows
    | AskTold
    | AskReach
    | AskSource
    | AskChart
    | Keep
)  # fmt: skip
FromModel = Output | Progress | Ran | Opened | Pictured | Tree | Page | Told | Reached | SourceText | Charted


def topic(message: object) -> object:
    """Give what a question is about: of several about the same, only the newest that waits is answered."""
    if not isinstance(message, _OVERTAKEN):
        return None
    which = {AskRows: "table", AskChart: "chart"}.get(type(message), "recording")
    return type(message), getattr(message, which)


_OVERTAKEN = (AskPicture, AskTree, AskRows, AskTold, AskReach, AskSource, AskChart)
