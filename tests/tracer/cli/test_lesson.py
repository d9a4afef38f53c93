from __future__ import annotations

import json

import pytest

from tracer.cli.main import answer

LESSON = """
format = "gradtrace-lesson"
version = 1
title = "Mine"
[[steps]]
title = "One"
says = "Say."
experiment = { type = "MatrixVector", matrix = [[1, 2]], vector = [3, 4] }
[[steps.predict]]
asks = "What is y?"
kind = "list"
expect = "value(y)"
slips = [{ slip = "sign lost" }]
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(LESSON, "utf-8")
    return path


def test_lessons_are_listed(capsys):
    assert answer(["lesson", "list", "--json"]) == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out)["lessons"]] == ["convolutions", "dynamic_graphs"]
    assert answer(["lesson", "list"]) == 0
    assert "Convolutions and automatic gradients" in capsys.readouterr().out


def test_a_lesson_that_holds(file, capsys):
    assert answer(["lesson", "check", str(file)]) == 0
    assert "1 step with 1 prediction hold" in capsys.readouterr().out


def test_a_lesson_that_does_not_hold(file, capsys):
    file.write_text(LESSON.replace("value(y)", "value(q)"), "utf-8")
    assert answer(["lesson", "check", str(file)]) == 1
    assert "line 12, step 1, prediction 1, expect" in capsys.readouterr().err
    assert answer(["lesson", "check", str(file), "--json"]) == 1
    assert "no tensor “q”" in json.loads(capsys.readouterr().out)["faults"][0]["what"]


def test_a_file_that_is_no_lesson(file, capsys):
    file.write_text("x = [", "utf-8")
    assert answer(["lesson", "check", str(file)]) == 2
    assert "This is no TOML" in capsys.readouterr().err


@pytest.mark.parametrize("suffix, begins", [("html", b"<!doctype html>"), ("pdf", b"%PDF-1.7")])
def test_a_handout_is_written(file, tmp_path, suffix, begins):
    target = tmp_path / f"mine.{suffix}"
    assert answer(["handout", str(file), "-o", str(target), "--answers"]) == 0
    assert target.read_bytes().startswith(begins)


@pytest.mark.parametrize("name, words", [("x.docx", "no format of a handout"), ("x", "needs a suffix")])
def test_another_format_is_refused(file, tmp_path, name, words, capsys):
    assert answer(["handout", str(file), "-o", str(tmp_path / name)]) == 2
    assert words in capsys.readouterr().err


def test_no_such_lesson(tmp_path, capsys):
    assert answer(["handout", "other", "-o", str(tmp_path / "x.html")]) == 2
    assert "There is no lesson “other”" in capsys.readouterr().err
