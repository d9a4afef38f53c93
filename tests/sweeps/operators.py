"""Traces torch's own test databases and our special graphs, and compares with a second reading of autograd.

    python tests/sweeps/operators.py                      all of it, some minutes; writes docs/sweep.md
    python tests/sweeps/operators.py --database op_db --only '^conv' --samples 20
    python tests/sweeps/operators.py --database sample    some of each, chosen by a fixed rule

Each operator runs in a process that may crash or hang without losing the rest: the next one goes on after it. Ends
with 1 where anything differed.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import gc
import json
import os
import pathlib
import queue
import re
import subprocess
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import IO, Any

ROOT = pathlib.Path(__file__).parents[2]
REPORT = ROOT / "docs" / "sweep.md"
NO_GRAPH = "no graph"
DATABASES = ("op_db", "module_db", "autograd_function_db", "custom_op_db", "special")
START = 120  # seconds until the first word of a worker, which loads torch and its databases
Row = dict[str, Any]


def sweep(database: str, *, samples: int = 5, only: str = "", seconds: float = 60) -> list[Row]:
    """Judge every entry of a database, each where it can do no harm, and give a row for each."""
    rows: list[Row] = []
    begin = 0
    while True:
        arguments = [database, str(begin), str(samples), only]
        worker = subprocess.Popen(
            [sys.executable, __file__, "--worker", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        at, why = None, ""
        try:
            for message in _messages(worker, seconds):
                if "begin" in message:
                    at = message
                elif "end" in message:
                    return rows
                else:
                    rows.append(message)
                    at = None if "name" in message else at
        except TimeoutError as late:
            why = str(late)
        finally:
            worker.kill()
            code = worker.wait()
        if at is None:
            raise SystemExit(f"the worker for {database} ended with {code} between two operators")
        rows.append({"name": at["name"], "counts": {}, "differences": [why or f"the process ended with {code}"]})
        begin = at["begin"] + 1


def _messages(worker: subprocess.Popen[str], seconds: float) -> Iterator[Row]:
    """Give what a worker says, one JSON value a line, until it is silent for too long or has ended."""
    lines: queue.Queue[str] = queue.Queue()
    assert worker.stdout is not None
    threading.Thread(target=_read, args=(worker.stdout, lines), daemon=True).start()
    patience: float = START
    while True:
        try:
            line = lines.get(timeout=patience)
        except queue.Empty:
            raise TimeoutError(f"no answer after {patience:g} s") from None
        if not line:
            return
        patience = seconds
        yield json.loads(line)


def _read(pipe: IO[str], lines: queue.Queue[str]) -> None:
    for line in pipe:
        lines.put(line)
    lines.put("")


def work(database: str, begin: int, samples: int, only: str) -> None:
    """Judge the entries of a database from `begin` on, and say what was found, a line each."""
    told = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what an operator prints is no answer
    warnings.simplefilter("ignore")
    import torch
    from comparing import judge
    from graphs import entries

    torch.set_num_threads(1)
    judge(lambda: [torch.ones(1, requires_grad=True) * 2])  # loads what torch loads late, before a word is awaited
    listed = entries(database)
    gc.collect()
    gc.freeze()  # a trace looks at all living objects, and the databases are many
    for number, entry in enumerate(listed):
        if number >= begin and re.search(only, entry.name):
            told.write(json.dumps({"begin": number, "name": entry.name}) + "\n")
            told.write(json.dumps(judged(entry, samples)) + "\n")
    told.write(json.dumps({"end": True}) + "\n")


def judged(entry: Any, samples: int) -> Row:
    """Judge the graphs of an entry together."""
    from comparing import judge

    counts, differences, skipped = Counter[str](), list[str](), ""
    makes = entry.makes(samples)
    while True:
        try:
            make = next(makes, None)
            if make is None:
                break
            make()
        except Exception as error:  # the operator's own sample fails on this build, which is no verdict
            skipped = f"{type(error).__name__}: {str(error).partition(chr(10))[0][:120]}"
            break
        try:
            verdict = judge(make)
        except Exception as error:  # whatever is raised, it is a difference
            differences.append(f"raised {type(error).__name__}: {str(error)[:200]}")
            continue
        counts += verdict.counts
        differences += verdict.differences
    if not counts and not differences and not skipped:
        skipped = NO_GRAPH
    return {"name": entry.name, "counts": counts, "differences": differences[:5], "skipped": skipped}


def report(results: dict[str, list[Row]], seconds: float, command: str) -> str:
    """Write the report: counts by database, what differed, and what was skipped with the reason."""
    import torch
    from comparing import COUNTS

    totals = {database: _total(rows) for database, rows in results.items()}
    date = datetime.datetime.now(datetime.UTC).date()
    lines = [
        "# The sweep: every operator against a second reading of autograd",
        "",
        f"Made by `{command}` on {date} with torch {torch.__version__}, in {seconds:.0f} s. Not edited by hand.",
        "",
        "Each graph is walked a second time, breadth first. Each edge's gradient is compared with what a hook on the",
        "consumer's node sees, number by number; each gradient with what `torch.autograd.grad` finds at that edge;",
        "each share and cosine with their formula; each shape, dtype and device with what the forward pass returned,",
        "seen above and below autograd. NaN equals NaN. “Left as they were”: `.grad`, versions, random state and grad",
        "mode are the same after the trace, and a second backward gives the same.",
        "",
        "| " + " | ".join(["", *results]) + " |",
        "| --- |" + " ---: |" * len(results),
    ]
    for name in ("entries", "entries with a graph", "entries that differ", *COUNTS):
        lines.append(f"| {name} | " + " | ".join(f"{total[name]:,}" for total in totals.values()) + " |")
    for title, part in (("What differed", "differences"), ("What was skipped", "skipped")):
        lines += ["", f"## {title}", ""]
        found = [
            f"- {database}, `{row['name']}`: {row[part] if part == 'skipped' else '; '.join(row[part])}"
            for database, rows in results.items()
            for row in rows
            if row.get(part) and row.get(part) != NO_GRAPH
        ]
        lines += found or ["Nothing."]
    lines += ["", "Entries without a graph are those to which torch's table gives no backward on the CPU."]
    return "\n".join([*lines, ""])


def _total(rows: Sequence[Row]) -> Counter[str]:
    total = Counter[str]()
    for row in rows:
        total.update(row["counts"])
    total["entries"] = len(rows)
    total["entries with a graph"] = sum(bool(row["counts"].get("graphs")) for row in rows)
    total["entries that differ"] = sum(bool(row["differences"]) for row in rows)
    return total


def main() -> int:
    """Sweep what was asked for, and write the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--database", choices=(*DATABASES, "sample"), action="append", help="default: all")
    parser.add_argument("--only", default="", help="a regular expression that names must match")
    parser.add_argument("--samples", type=int, default=5, help="graphs of each entry and dtype (5)")
    parser.add_argument("--seconds", type=float, default=60, help="until an entry counts as hanging (60)")
    parser.add_argument("--json", type=pathlib.Path, help="write all rows there")
    parser.add_argument("--report", type=pathlib.Path, help="write the report there; docs/sweep.md for a whole sweep")
    asked = parser.parse_args()
    clock, results = time.monotonic(), dict[str, list[Row]]()
    for database in asked.database or DATABASES:
        results[database] = sweep(database, samples=asked.samples, only=asked.only, seconds=asked.seconds)
        print(
            database, *(f"{name}: {count}" for name, count in _total(results[database]).items()), sep="\n  ", flush=True
        )
    for database, rows in results.items():
        for row in rows:
            print(*(f"{database} {row['name']}: {difference}\n" for difference in row["differences"]), sep="", end="")
    if asked.json:
        asked.json.write_text(json.dumps(results, indent=1))
    whole = not (asked.database or asked.only)
    path = asked.report or (REPORT if whole else None)
    if path:
        command = f"python tests/sweeps/operators.py --samples {asked.samples}"
        path.write_text(report(results, time.monotonic() - clock, command))
    return int(any(row["differences"] for rows in results.values() for row in rows))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        name, begin, samples, only = sys.argv[2:]
        with contextlib.suppress(BrokenPipeError):
            work(name, int(begin), int(samples), only)
    else:
        raise SystemExit(main())
