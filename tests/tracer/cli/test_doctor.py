"""`gradtrace doctor`: what is here is found; what is missing has a cure and exit 1."""

from __future__ import annotations

import importlib.metadata
import json

import pytest
import torch

from tracer.cli import doctor
from tracer.cli.main import DONE, NO, answer


def test_this_machine_has_what_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    code = answer(["doctor", "--json"])
    found = {row["thing"]: row for row in json.loads(capsys.readouterr().out)}
    assert code == DONE, found
    assert found["PyTorch"]["found"] == torch.__version__
    assert found["PySide6 (the window)"]["found"] == importlib.metadata.version("PySide6-Essentials")
    assert "version" in found["Graphviz"]["found"]
    assert found["CUDA devices"]["state"] == ("ok" if torch.cuda.is_available() else "optional")
    assert "Inter-Regular.otf" in found["Fonts"]["found"]
    assert all(row["state"] in ("ok", "optional") for row in found.values())


def test_what_is_missing_is_the_answer_no_with_its_cure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "FONTS", {*doctor.FONTS, "Lost.otf"})
    monkeypatch.setattr(doctor, "EXAMINATIONS", (doctor._python, doctor._fonts))
    assert answer(["doctor"]) == NO
    said = capsys.readouterr().out
    assert "missing: Lost.otf" in said and "Install gradtrace again" in said


def test_a_qt_that_cannot_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "no-such-platform")
    found = doctor._qt()
    assert found.state == "missing"
    assert found.found.startswith("Qt can't start: ")
