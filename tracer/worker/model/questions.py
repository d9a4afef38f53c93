"""What the Model workspace asks of its worker; `messages` has the answers.

A recording is called by the number of the edit that opened it. Of several questions about the same thing, only the
newest that waits is answered. An `owner` is a part of a recording: "node 17", "edge 4", "module layer1.0",
"line train.py:41", "tensor loss", or an area of the picture drawn as `how` says ("group layer1.0", "frame layer2").
"""

from __future__ import annotations

from typing import Literal

import msgspec

from tracer.analysis.colouring import Colour
from tracer.analysis.folding import AUTO, Fold
from tracer.drawing.palette import Theme
from tracer.experiment import Script

Table = Literal["problems", "gradients", "shapes", "saved", "contributions", "differences", "nodes", "backward"]
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
    by the column `sort` (−1: as they come). "differences" are those to the recording `other`, "backward" is a
    row a step, in the engine's order. With `filter`, "nodes" is
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


def topic(message: object) -> object:
    """Give what a question is about: of several about the same, only the newest that waits is answered."""
    if not isinstance(message, _OVERTAKEN):
        return None
    which = {AskRows: "table", AskChart: "chart"}.get(type(message), "recording")
    return type(message), message.recording, getattr(message, which)


_OVERTAKEN = (AskPicture, AskTree, AskRows, AskTold, AskReach, AskSource, AskChart)
