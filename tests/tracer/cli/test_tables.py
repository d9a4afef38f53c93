"""Cells of the tables, and rows as JSON."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from tracer.analysis.gradients import GradientRow
from tracer.analysis.shapes import ShapeRow
from tracer.cli import tables
from tracer.facts import Check, Values


def cells(columns: tuple[tables.Column, ...], row: Any) -> dict[str, str]:
    return {column.title: column.text(row) for column in columns}


CHECK = Check(4, 3, 0.5, Values((2, 2), "float64", (-1.49999999999, 0.0, 1.5, 3.0)))
GRADIENTS: list[tuple[GradientRow, dict[str, str]]] = [
    (
        GradientRow("x", "AccumulateGrad", (2, 2), "float32", "measured", values=(-1.5, 0.0, 1.5, 3.0), check=CHECK),
        {"autograd": "[[−1.5, 0], [1.5, 3]]", "finite difference": "[[−1.5, 0], [1.5, 3]]", "agree": "3 of 4"},
    ),
    (
        GradientRow("w", "AccumulateGrad", (2,), "float32", "none"),
        {"autograd": "nothing flows here", "finite difference": "–", "agree": "not checked"},
    ),
    (
        GradientRow("w", "AccumulateGrad", (2,), "float32", "not measured"),
        {"autograd": "not measured", "finite difference": "–", "agree": "not checked"},
    ),
    (
        GradientRow("v", "AccumulateGrad", (100,), "float32", "measured", values=(0.5,) * 100),
        {"autograd": "100 numbers", "finite difference": "–", "agree": "not checked"},
    ),
    (
        GradientRow("v", "AccumulateGrad", (10**6,), "float32", "measured", check=Check(16, 16, 0.0)),
        {"autograd": "too many to hold", "finite difference": "–", "agree": "16 of 16"},
    ),
]


@pytest.mark.parametrize(("row", "wanted"), GRADIENTS)
def test_gradient_cells(row: GradientRow, wanted: dict[str, str]) -> None:
    found = cells(tables.GRADIENT_VALUES, row)
    assert {title: found[title] for title in wanted} == wanted


def test_what_was_not_measured_is_a_dash() -> None:
    found = cells(tables.STATISTICS, GradientRow("w", "AccumulateGrad", None, None, "none"))
    assert found == {
        "gradient of": "w", "shape": "?", "mean": "–", "std": "–", "max abs": "–", "‖g‖₂": "–", "zero": "–",
    }  # fmt: skip


def test_value_cells() -> None:
    row = ShapeRow("a", "output", (), None, 1, 4, "float32", "cpu", (4.5,))
    assert cells(tables.VALUES, row) == {
        "tensor": "a",
        "role": "output",
        "dtype": "float32",
        "shape": "[]",
        "value": "4.5",
    }
    flags = ShapeRow("m", "value", (2,), None, 2, 2, "bool", "cpu", (True, False))
    assert cells(tables.VALUES, flags)["value"] == "[True, False]"


def test_a_table_is_never_cut_and_folds_instead(capsys: pytest.CaptureFixture[str]) -> None:
    tables.show(
        "Title", (tables.Column("one", str), tables.Column("two", str, number=True)), ["[red]x[/red]", "y" * 300]
    )
    said = capsys.readouterr().out
    assert "[red]x[/red]" in said  # what a person typed is no markup
    assert said.count("y") == 600


def test_json_spells_what_is_no_number(capsys: pytest.CaptureFixture[str]) -> None:
    tables.as_json(
        {"rows": (GradientRow("x", "N", (2,), "float32", "measured", mean=math.nan, values=(math.inf, 1.0)),)}
    )
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert (row["mean"], row["values"], row["std"]) == ("NaN", ["Infinity", 1.0], None)


HARM = "a\x1b[31m\x1b]8;;http://x\x07b\u202ec\x9b2J[red]"


def test_what_a_person_typed_is_inert_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    tables.show(f"\nTitle {HARM}", (tables.Column("one", str),), [HARM])
    tables.say(f"said {HARM}")
    tables.tell(f"told {HARM}")
    said = capsys.readouterr()
    for text, times in ((said.out, 3), (said.err, 1)):
        assert not set("\x1b\x07\x9b\u202e") & set(text)
        assert text.count("a‹U+001B›[31m") == times and text.count("[red]") == times
    assert said.out.startswith("  ") or said.out.startswith("\n")  # line ends between words of ours stay


def test_json_is_inert_and_reads_back_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    tables.as_json({"name": HARM + "重み × −1 \U000e0001"})
    printed = capsys.readouterr().out
    assert not set("\x1b\x07\x9b\u202e") & set(printed) and "× −1" in printed
    assert json.loads(printed) == {"name": HARM + "重み × −1 \U000e0001"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [("conv1.weight", "conv1.weight"), ("a\nb", "a‹U+000A›b"), ("x" * 80, "x" * 80)],
)
def test_a_name_as_it_is_called(name: str, shown: str) -> None:
    assert tables.called(name) == shown


def test_a_long_name_keeps_both_ends() -> None:
    shown = tables.called("first." + "x" * 3000 + ".last")
    assert len(shown) == tables.NAME and shown.startswith("first.") and shown.endswith(".last") and "…" in shown
