"""What tracing costs, as ratios to a first bare walk, to torchviz and to a plain backward, on fresh graphs.

    python tests/benchmarks/tracer.py [--quick] [--json FILE]

Run by hand. Every row is measured in a process of its own (tests/benchmarks/pieces/measure.py), in which what is
compared alternates, so that each ratio is of numbers taken on one machine at one moment; ratios are of the fastest
times, and the medians stand in the JSON. Beside what is aimed at stands the least that it can cost, measured in the
same run: a walk that reads shapes and names and does nothing with them, an empty hook on each operation, and the search
of all living objects for tensors that retain their gradient, whose `.grad` must stay as it was. Times are figures,
never asserted: they are noisy, ratios less so.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

HERE = pathlib.Path(__file__).parent
Found = dict[str, Any]


class Column(NamedTuple):
    """A figure of a row: its heading, what is aimed at, and how it reads from what was measured."""

    title: str
    aim: str
    text: Callable[[Found], str]


def figure(key: str, form: str = ".2f") -> Callable[[Found], str]:
    """Give a column's text: a number in a format, a sentence as it is, and a dash where nothing was measured."""
    return lambda found: (
        value if isinstance(value := found.get(key), str) else "–" if value is None else format(value, form)
    )


MODEL = (
    Column("nodes", "", figure("nodes", ",d")),
    Column("bare walk µs/node", "", figure("bare_us")),
    Column("trace ÷ walk", "≤ 4", figure("trace_to_walk")),
    Column("at least", "", figure("plain_to_walk")),
    Column("trace ÷ torchviz", "≤ 0.143", figure("trace_to_torchviz", ".3f")),
    Column("at least", "", figure("plain_to_torchviz", ".3f")),
    Column("backward µs/node", "", figure("backward_us")),
    Column("flow ÷ backward", "≤ 0.3", figure("flow_to_backward")),
    Column("empty hooks", "", figure("hooks_to_backward")),
    Column("search", "", figure("search_to_backward")),
    Column("statistics ÷ backward", "", figure("statistics_to_backward")),
    Column("saved memory ÷ backward", "", figure("memory_to_backward")),
)
RECORDING = (
    Column("plain µs/op", "", figure("plain_us")),
    Column("recorded µs/op", "", figure("recorded_us")),
    Column("recorded ÷ plain", "≤ 2", figure("recorded_to_plain")),
)
SIZE = (
    Column("nodes", "", figure("nodes", ",d")),
    Column("bare walk µs/node", "", figure("bare_us")),
    Column("trace µs/node", "< 6", figure("trace_us")),
    Column("result bytes/node, counted", "< 1,000", figure("counted_bytes", ",.0f")),
    Column("kept bytes/node, RSS", "", figure("kept_bytes", ",.0f")),
)

COLUMNS = {"model": MODEL, "recording": RECORDING, "size": SIZE}


class Row(NamedTuple):
    """What is measured: a kind of measurement, the model, how many layers or steps it has, and how often."""

    name: str
    kind: str
    model: str
    size: int
    rounds: int


LENGTHS = (1_000, 10_000, 100_000, 1_000_000)
ROWS = (
    Row("resnet50", "model", "resnet50", 16, 5),
    Row("transformer", "model", "transformer", 12, 7),
    Row("rnn", "model", "rnn", 3_000, 5),
    Row("chain", "model", "chain", 100_000, 3),
    Row("small operations", "recording", "chain", 2_000, 7),
    Row("layers", "recording", "layers", 500, 7),
    *(Row(f"chain of {length:,}", "size", "chain", length, 2) for length in LENGTHS),
)
QUICK = {"rnn": 500, "chain": 10_000}  # other sizes than those above
TINY = {"resnet50": 1, "transformer": 1}  # all else has 5 steps


def main() -> None:
    """Measure every row and print it as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="smaller graphs, and no chain of a million")
    parser.add_argument("--tiny", action="store_true", help="graphs of a few nodes in one process: does it all run?")
    parser.add_argument("--only", nargs="+", choices=[row.name for row in ROWS], help="these rows alone")
    parser.add_argument("--json", help="also write what was measured to this file")
    asked = parser.parse_args()
    rows = _rows(asked)
    kind, told = None, []
    for row, found in zip(rows, _measured(rows, together=asked.tiny), strict=True):
        told.append({"row": row.name, **found})
        columns = COLUMNS[row.kind]
        if row.kind != kind:
            _line("", columns, [column.title for column in columns], before="\n")
            _line("aim", columns, [column.aim for column in columns])
            kind = row.kind
        _line(row.name, columns, [column.text(found) for column in columns], found.get("failed", ""))
    if asked.json:
        pathlib.Path(asked.json).write_text(json.dumps(told, indent=1))


def _rows(asked: argparse.Namespace) -> list[Row]:
    rows = [row for row in ROWS if row.name in (asked.only or row.name)]
    if asked.tiny:
        return [row._replace(size=TINY.get(row.name, 5), rounds=1) for row in rows]
    if asked.quick:
        rows = [row._replace(size=QUICK.get(row.name, row.size), rounds=min(row.rounds, 3)) for row in rows]
        return [row for row in rows if row.size < LENGTHS[-1]]
    return rows


def _measured(rows: Sequence[Row], together: bool) -> Iterator[Found]:
    """Measure each row in a process of its own, or all `together`; what went wrong there is a figure too."""
    path = os.pathsep.join(filter(None, (str(HERE.parents[1]), os.environ.get("PYTHONPATH"))))
    for some in [rows] if together else [[row] for row in rows]:
        done = subprocess.run(
            [sys.executable, str(HERE / "pieces" / "measure.py"), json.dumps([row[1:] for row in some])],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        words = (done.stderr.strip().splitlines() or [""])[-1]
        yield from map(json.loads, lines)
        yield from [{"failed": f"ended with {done.returncode} {words}"}] * (len(some) - len(lines))


def _line(name: str, columns: Sequence[Column], cells: Sequence[str], after: str = "", before: str = "") -> None:
    widths = [max(len(column.title), 10) + 2 for column in columns]
    shown = "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
    print(f"{before}{name:20}{shown}  {after}".rstrip(), flush=True)


if __name__ == "__main__":
    main()
