"""The tables of the Model workspace: each a tuple of columns and where its rows come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from tracer import quantities
from tracer.analysis import gradients, joins, saved_memory, shapes
from tracer.analysis.backward_steps import BackwardStep, backward_steps
from tracer.analysis.comparison import compare
from tracer.analysis.problems.why import Problem
from tracer.drawing.wording import inert, operation
from tracer.errors import TracerError
from tracer.graph import Node
from tracer.worker.model.held import Held

Row = Any


class Column(NamedTuple):
    """A column: its title, the text of a row, and the value by which it is sorted (the text, where there is none)."""

    title: str
    text: Callable[[Row], str]
    value: Callable[[Row], Any] | None = None
    tooltip: str = ""

    @property
    def number(self) -> bool:
        """Whether it holds numbers."""
        return self.value is not None


class Table(NamedTuple):
    """A table: its columns, its rows, and of a row its owner, its line and its mark."""

    columns: tuple[Column, ...]
    rows: Callable[[Held, Held | None], Sequence[Row]]
    owner: Callable[[Row], str]
    source: Callable[[Row], str] = lambda _row: ""
    mark: Callable[[Row], str] = lambda _row: ""


def _text(title: str, field: str, tooltip: str = "") -> Column:
    return Column(title, lambda row: inert(str(getattr(row, field) or ""), None), None, tooltip)


def _figure(title: str, field: str, tooltip: str = "") -> Column:
    return Column(title, lambda row: quantities.figure(getattr(row, field)), lambda row: getattr(row, field), tooltip)


def _count(title: str, field: str, tooltip: str = "") -> Column:
    return Column(title, lambda row: quantities.count(getattr(row, field)), lambda row: getattr(row, field), tooltip)


def _size(title: str, field: str, tooltip: str = "") -> Column:
    return Column(title, lambda row: quantities.size(getattr(row, field)), lambda row: getattr(row, field), tooltip)


def _share(title: str, field: str, tooltip: str = "") -> Column:
    return Column(title, lambda row: quantities.share(getattr(row, field)), lambda row: getattr(row, field), tooltip)


def _shape(title: str = "shape") -> Column:
    return Column(title, lambda row: quantities.brackets(row.shape))


class ProblemRow(NamedTuple):
    """A row of the problems, and the node that it is about where that is known."""

    row: Problem
    node: int | None = None


def _problems(held: Held, _other: Held | None) -> list[ProblemRow]:
    """List the problems, and first of all where a NaN or an infinity first appears."""
    found = [ProblemRow(problem) for problem in held.problems]
    first = held.non_finite
    if first is None:
        return found
    where = first.label or ", ".join(filter(None, (first.name, first.module)))
    row = Problem("first NaN or infinity", where, first.text, first.source, "", first.name, False, ())
    return [ProblemRow(row, first.node), *found]


def _of_problem(title: str, field: str) -> Column:
    return Column(title, lambda one: inert(str(getattr(one.row, field) or ""), None))


def _problem_owner(one: ProblemRow) -> str:
    if one.node is not None:
        return f"node {one.node}"
    return f"tensor {one.row.names[0]}" if one.row.names else ""


class SumRow(NamedTuple):
    """A contribution, with the nodes that it is about."""

    row: joins.JoinRow
    at: Node
    user: Node


def _contributions(held: Held, _other: Held | None) -> list[SumRow]:
    nodes = held.facts.graph.nodes
    return [SumRow(row, nodes[row.node], nodes[row.user]) for row in joins.joins(held.facts)]


class NodeRow(NamedTuple):
    """A node as a row: with the norm of what flows back into it, the bytes that it keeps and whether it has a
    problem."""

    node: Node
    norm: float | None
    kept: int | None
    problem: str


def _nodes(held: Held, _other: Held | None) -> list[NodeRow]:
    norms = {g.node: g.statistics.norm for g in reversed(held.facts.gradients or ()) if g.statistics is not None}
    kept: dict[int, int] = {}
    for storage in held.facts.saved or ():
        for node in storage.nodes:
            kept[node] = kept.get(node, 0) + storage.bytes
    troubled, known = held.troubled_so_far, held.facts.saved is not None
    return [
        NodeRow(
            node,
            norms.get(node.index),
            kept.get(node.index, 0) if known else None,
            "problem" if node.label in troubled else "",
        )
        for node in held.facts.graph.nodes
    ]


class StepRow(NamedTuple):
    """A step of backward, with the node that it is at and those that it hands on to."""

    step: BackwardStep
    at: Node
    to: tuple[Node, ...]


def _steps(held: Held, _other: Held | None) -> list[StepRow]:
    nodes = held.facts.graph.nodes
    return [
        StepRow(step, nodes[step.node], tuple(nodes[to] for to, _ in step.to)) for step in backward_steps(held.facts)
    ]


def _handed_on(one: StepRow) -> str:
    """Write what a step hands on: "0.75 to Layer norm, blocks.0.ln1; 0.07 to Add"."""
    pairs = zip(one.step.to, one.to, strict=True)
    return "; ".join(f"{quantities.figure(norm)} to {_called(node)}" for (_, norm), node in pairs)


def _differences(held: Held, other: Held | None) -> Sequence[Row]:
    if other is None:
        raise TracerError("There is no second recording to compare with", cure="Open one with “Compare with…”")
    return compare(other.facts, held.facts).rows


def _called(node: Node) -> str:
    return inert(node.label or ", ".join(filter(None, (operation(node.name), node.module))), None)


TABLES: Mapping[str, Table] = {
    "problems": Table(
        (
            _of_problem("problem", "problem"),
            _of_problem("where", "where"),
            _of_problem("why", "why"),
            _of_problem("cure", "cure"),
            _of_problem("source", "source"),
        ),
        _problems,
        _problem_owner,
        lambda one: one.row.source or "",
        lambda one: "possible" if one.row.possible else "problem",
    ),
    "gradients": Table(
        (
            _text("tensor", "name"),
            _shape(),
            _text("dtype", "dtype"),
            _figure("norm", "norm", "The Euclidean norm of all elements"),
            _figure("max |g|", "max_abs"),
            _figure("mean", "mean"),
            _figure("std", "std"),
            _share("zeros", "zeros", "The share of elements that are exactly zero"),
            _count("NaN or infinite", "non_finite"),
            _text("state", "state"),
        ),
        lambda held, _other: gradients.gradients(held.facts),
        lambda row: f"tensor {row.name}",
        mark=lambda row: "problem" if row.state == "none" or row.non_finite else "",
    ),
    "shapes": Table(
        (
            _text("tensor", "name"),
            _text("role", "role"),
            _shape(),
            _text("dtype", "dtype"),
            _text("device", "device"),
            _count("elements", "elements"),
            _size("memory", "bytes"),
        ),
        lambda held, _other: shapes.shapes(held.facts),
        lambda row: f"tensor {row.name}",
    ),
    "saved": Table(
        (
            _size("memory", "bytes"),
            _size("largest tensor", "own", "A view keeps the whole memory of what it is a view of"),
            _text("kind", "kind"),
            _text("tensor", "name"),
            _text("module", "module"),
            Column("kept by", lambda row: quantities.count(len(row.nodes)), lambda row: len(row.nodes), "Operations"),
            _text("freed by", "frees"),
            _text("device", "device"),
        ),
        lambda held, _other: saved_memory.saved_memory(held.facts),
        lambda row: f"node {row.nodes[0]}" if row.nodes else "",
    ),
    "contributions": Table(
        (
            Column("sum at", lambda one: _called(one.at)),
            Column("from", lambda one: _called(one.user)),
            Column("norm", lambda one: quantities.figure(one.row.norm), lambda one: one.row.norm),
            Column("share", lambda one: quantities.share(one.row.share), lambda one: one.row.share),
            Column("cosine to the sum", lambda one: quantities.figure(one.row.cosine), lambda one: one.row.cosine),
            Column("module", lambda one: inert(one.user.module or "", None)),
            Column("source", lambda one: inert(one.user.source or "", None)),
        ),
        _contributions,
        lambda one: f"node {one.row.user}",
        lambda one: one.user.source or "",
    ),
    "backward": Table(
        (
            Column("step", lambda one: quantities.count(one.step.number), lambda one: one.step.number),
            Column("at", lambda one: _called(one.at)),
            Column("arrives ‖g‖", lambda one: quantities.figure(one.step.norm), lambda one: one.step.norm),
            Column("sum of", lambda one: quantities.count(one.step.parts), lambda one: one.step.parts),
            Column("hands on ‖g‖", _handed_on),
            Column(
                "NaN or infinite", lambda one: quantities.count(one.step.non_finite), lambda one: one.step.non_finite
            ),
            Column("source", lambda one: inert(one.at.source or "", None)),
        ),
        _steps,
        lambda one: f"node {one.at.index}",
        lambda one: one.at.source or "",
        lambda one: "problem" if one.step.non_finite else "",
    ),
    "differences": Table(
        (_text("kind", "kind"), _text("where", "where"), _text("before", "before"), _text("after", "after")),
        _differences,
        lambda row: "" if row.other is None else f"node {row.other}",
        mark=lambda row: "problem" if row.kind == "removed" else "",
    ),
    "nodes": Table(
        (
            Column("node", lambda one: quantities.count(one.node.index), lambda one: one.node.index),
            Column("operation", lambda one: inert(one.node.name, None)),
            Column("tensor", lambda one: inert(one.node.label or "", None)),
            Column("module", lambda one: inert(one.node.module or "", None)),
            Column("shape", lambda one: quantities.brackets(one.node.shape)),
            Column("dtype", lambda one: one.node.dtype or ""),
            Column("‖g‖", lambda one: quantities.figure(one.norm), lambda one: one.norm),
            Column("keeps", lambda one: quantities.size(one.kept), lambda one: one.kept),
            Column("source", lambda one: inert(one.node.source or "", None)),
            Column("problem", lambda one: one.problem),
        ),
        _nodes,
        lambda one: f"node {one.node.index}",
        lambda one: one.node.source or "",
        lambda one: one.problem,
    ),
}
