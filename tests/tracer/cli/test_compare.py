"""`gradtrace compare`: exit 0 where nothing changed, 1 where something did, 2 where that can't be told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

import tracer
from tracer.cli.main import DONE, NO, REFUSED, answer


@pytest.fixture
def saved(tmp_path: Path) -> dict[str, str]:
    paths = {}
    for name, factor, power in (("a", 1.0, False), ("close", 1.01, False), ("power", 1.0, True)):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        y = x * factor
        loss = (y**2 if power else y * y).sum()
        tracer.trace(loss, names={"x": x}, gradients=True).save(tmp_path / f"{name}.json")
        paths[name] = str(tmp_path / f"{name}.json")
    return paths


def test_no_difference(saved: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["compare", saved["a"], saved["a"]]) == DONE
    assert capsys.readouterr().out == "No difference was found.\n"


def test_differences_are_tables_and_exit_1(saved: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["compare", saved["a"], saved["power"]]) == NO
    said = capsys.readouterr().out
    assert "What the graph is made of" in said and "MulBackward0" in said and "PowBackward0" in said
    assert "Gradients" not in said


def test_json_has_every_row(saved: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["compare", saved["a"], saved["close"], "--json"]) == NO
    found = json.loads(capsys.readouterr().out)
    assert found["same"] is False
    assert [row["kind"] for row in found["differences"]] == ["gradient", "gradient"]
    assert found["differences"][-1]["where"] == "x"


def test_tolerances(saved: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["compare", saved["a"], saved["close"], "--rtol", "0.1"]) == DONE
    assert answer(["compare", saved["a"], saved["close"], "--atol", "1"]) == DONE
    assert answer(["compare", saved["a"], saved["close"], "--atol=-1"]) == REFUSED
    assert capsys.readouterr().err == "atol must be a number from 0, and is -1.0. Example: --rtol 1e-3.\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "This file can't be read"),
        ("{", "This recording is damaged"),
        ('{"format": "x", "version": 1}', "This is no"),
    ],
)
def test_a_file_that_is_none_is_a_sentence(
    saved: dict[str, str], tmp_path: Path, text: str | None, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if text is not None:
        (tmp_path / "b.json").write_text(text, encoding="utf-8")
    assert answer(["compare", saved["a"], str(tmp_path / "b.json")]) == REFUSED
    said = capsys.readouterr()
    assert said.out == "" and sentence in said.err and said.err.count("\n") == 1
