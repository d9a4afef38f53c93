"""What is typed on the command line, read or refused with a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from tracer.analysis.folding import Fold
from tracer.cli import reading
from tracer.errors import InvalidSetting

SIZES: list[tuple[str, Any]] = [
    ("3", 3),
    ("3x5", (3, 5)),
    ("3×5", (3, 5)),
    ("3,5", (3, 5)),
    ("3X5x7", (3, 5, 7)),
    (" 3 x 5 ", (3, 5)),
    ("-1", -1),
    ("−1", -1),
    ("9" * 30, int("9" * 30)),
]


@pytest.mark.parametrize(("text", "numbers"), SIZES)
def test_sizes(text: str, numbers: Any) -> None:
    assert reading.per_axis(text, "kernel_size") == numbers


@pytest.mark.parametrize("text", ["", "x", "3x", "3y5", "2.5", "three", "9" * 5000])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(InvalidSetting, match=r"is no size\. Write one number, such as 3, or one an axis") as refused:
        reading.per_axis(text, "stride")
    assert refused.value.where == "stride"
    assert len(str(refused.value)) < 200


WORDS: list[tuple[Any, Any]] = [
    (reading.padding("same"), "same"),
    (reading.padding("1x2"), (1, 2)),
    (reading.batch("none"), None),
    (reading.batch("4"), 4),
    (reading.loss("mean"), "mean"),
    (reading.loss("0,3,5,7"), (0, 3, 5, 7)),
    (reading.loss("3"), (3,)),
]


@pytest.mark.parametrize(("found", "wanted"), WORDS)
def test_words_and_numbers(found: Any, wanted: Any) -> None:
    assert found == wanted


VALUES: list[tuple[str, Any]] = [
    ("3", 3),
    ("-2.5e-3", -2.5e-3),
    ("[[1,2],[3,4]]", [[1, 2], [3, 4]]),
    ("[1/3, −2, -1/2]", ["1/3", -2, "-1/2"]),
    ("1/3", "1/3"),
    ("[nan, -inf, 1]", ["nan", "-inf", 1]),
    ("[True, False]", [True, False]),
    ("[]", []),
]


@pytest.mark.parametrize(("text", "wanted"), VALUES)
def test_values(text: str, wanted: Any) -> None:
    assert reading.values(text, "x") == wanted


@pytest.mark.parametrize("text", ["", "[1,", "open('x')", "{1: 2}", "[" * 5000, "__import__('os')", "None", "b'x'"])
def test_what_is_no_list_of_numbers_is_refused(text: str) -> None:
    with pytest.raises(InvalidSetting, match="can't be read as numbers") as refused:
        reading.values(text, "x")
    assert refused.value.where == "x"


def test_inputs_have_names() -> None:
    assert reading.inputs(["x=[1,2]", " w = 3"]) == {"x": [1, 2], "w": 3}
    for text in ("[1,2]", "=3", "2x=3", "x"):
        with pytest.raises(InvalidSetting, match="names no input"):
            reading.inputs([text])


@pytest.mark.parametrize(("text", "level"), [("auto", "auto"), (" ALL ", "all"), ("2", 2)])
def test_a_level_of_folding(text: str, level: object) -> None:
    assert reading.fold(text, ["blocks.0"]) == Fold(level, ("blocks.0",))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["0", "-1", "deep", "1.5", "", "99999999999"])
def test_what_is_no_level_is_a_sentence(text: str) -> None:
    with pytest.raises(InvalidSetting, match="level"):
        reading.fold(text, None)
