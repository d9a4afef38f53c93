"""The table of memory in the terminal: what the modules keep for backward."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import tracer
from tracer import quantities
from tracer.analysis.checkpoint_inputs import HIDES
from tracer.analysis.saved_memory import ModuleRow, SavedRow
from tracer.cli import tables
from tracer.cli.answers import counted
from tracer.cli.graph_tables import named

MOST = 12  # rows that are printed; the JSON has all


def show_saved(recording: tracer.Recording) -> None:
    """Print what backward keeps in memory: by module, or, where no modules were recorded, by storage."""
    storages = recording.saved_memory() if recording.facts.saved is not None else ()
    if not storages:
        return
    modules = sorted(recording.saved_by_module(), key=lambda row: -row.bytes)
    rows: Sequence[ModuleRow | SavedRow] = modules or storages
    tables.show("Saved for backward", MODULES if modules else _storages(recording), rows[:MOST])
    if len(rows) > MOST:
        tables.say(f"and {counted(len(rows) - MOST, 'module' if modules else 'storage')} more: --json lists all")
    tables.say(_sum(storages))
    hidden = sum(node.name == HIDES for node in recording.graph.nodes)
    if hidden:
        tables.say(f"Not counted is what {counted(hidden, 'write')} into views may keep: torch shows that to no one")
    tables.say("")


def saved_rows(recording: tracer.Recording) -> dict[str, Any] | None:
    """Give all rows for JSON; `None` where what is saved was not looked at."""
    if recording.facts.saved is None:
        return None
    return {"storages": recording.saved_memory(), "modules": recording.saved_by_module()}


def _sum(storages: Sequence[SavedRow]) -> str:
    """Say how much is kept in all, and of what kind."""
    kinds: Counter[str] = Counter()
    for row in storages:
        kinds[KINDS[row.kind]] += row.bytes
    parts = ", ".join(f"{name} {quantities.size(kinds[name])}" for name in KINDS.values() if kinds[name])
    return f"In all {quantities.size(kinds.total())} in {counted(len(storages), 'storage')}: {parts}"


KINDS = {
    "activation": "activations",
    "output": "outputs",
    "parameter": "parameters",
    "buffer": "buffers",
    "input": "inputs",
    "not followed": "not followed (data, indices, masks)",
    None: "not known",
}


def _freed(row: ModuleRow) -> str:
    """Write what a checkpoint would free, from what is sure to what may be."""
    if row.checkpoint_frees is None or row.not_told is None:
        return "not known"
    least, most = (_signed(number) for number in (row.checkpoint_frees, row.checkpoint_frees + row.not_told))
    return least if row.not_told == 0 else f"{least} to {most}"


def _signed(bytes_: int) -> str:
    return f"{quantities.MINUS}{quantities.size(-bytes_)}" if bytes_ < 0 else quantities.size(bytes_)


MODULES = (
    tables.Column("module", lambda row: tables.called(row.module)),
    tables.Column("storages", lambda row: quantities.count(row.storages), number=True),
    tables.Column("kept by it alone", lambda row: quantities.size(row.bytes), number=True),
    tables.Column("activations", lambda row: quantities.size(row.activations), number=True),
    tables.Column("a checkpoint would free", _freed, number=True),
)


def _storages(recording: tracer.Recording) -> tuple[tables.Column, ...]:
    return (
        tables.Column("tensor", lambda row: tables.called(row.name or "–")),
        tables.Column("kind", lambda row: row.kind or "not known"),
        tables.Column("kept by", lambda row: _keepers([named(recording, index) for index in row.nodes])),
        tables.Column("memory", lambda row: quantities.size(row.bytes), number=True),
        tables.Column("its own", lambda row: quantities.size(row.own), number=True),
    )


def _keepers(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]}, and {quantities.count(len(names) - 1)} more"
