"""Both readings of a matrix times a vector, against the table of the lesson, numpy, and torch."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tracer
from tracer.analysis.readings import told as agreement
from tracer.cli.main import answer
from tracer.facts import from_json
from tracer.matrix_vector.readings import by_columns, by_rows, told
from tracer.matrix_vector.settings import resolve

LESSON = tracer.MatrixVector([[1, 2, 3], [4, 5, 6]], [2, -1, 3])


def test_the_lesson_by_rows() -> None:
    first, second = by_rows(resolve(LESSON))
    assert (first.text, first.total, first.products) == ("1·2 + 2·(−1) + 3·3 = 9", "9", ("2", "−2", "9"))
    assert second.text == "4·2 + 5·(−1) + 6·3 = 21"
    assert (first.norm, first.cosine, first.projection) == pytest.approx((3.741657, 0.642857, 2.405351), abs=1e-6)
    assert (second.norm, second.cosine, second.projection) == pytest.approx((8.774964, 0.639602, 2.393172), abs=1e-6)
    assert told(first) == "cos = 0.642857 (49.99°), length along the row 2.405351"


def test_the_lesson_by_columns() -> None:
    columns = by_columns(resolve(LESSON))
    assert [column.added for column in columns] == [("2", "8"), ("−2", "−5"), ("9", "18")]
    assert [column.running for column in columns] == [("2", "8"), ("0", "3"), ("9", "21")]
    assert columns[1].text == "(−1)·[2, 5] → [0, 3]"


def test_the_lesson_as_torch_has_it() -> None:
    recording = tracer.run(LESSON)
    assert [node.name for node in recording.graph.nodes if "Mv" in node.name] == ["MvBackward0"]
    assert [(row.by_rows, row.by_columns, row.torch, row.agree) for row in recording.readings()] == [
        ("9", "9", 9.0, "exact"),
        ("21", "21", 21.0, "exact"),
    ]
    found = {row.name: row for row in recording.gradients()}
    assert found["x"].values == (5, 7, 9) and found["A"].values == (2, -1, 3, 2, -1, 3)
    for name, elements in (("x", 3), ("A", 6)):
        for check in (found[name].check, found[name].rule):
            assert check is not None and (check.tried, check.agreed) == (elements, elements)


def test_the_slip_of_the_notes_gives_another_answer() -> None:
    rows = by_rows(resolve(tracer.MatrixVector([[1, 1, 3], [4, 5, 6]], [2, -1, 3])))
    assert [row.total for row in rows] == ["10", "21"]


def test_fractions_stay_fractions_and_decimals_decimals() -> None:
    thirds = tracer.MatrixVector([["1/3", 2], [0.5, -4]], [3, "1/7"])
    assert [row.total for row in by_rows(resolve(thirds))] == ["9/7", "13/14"]
    assert by_rows(resolve(thirds))[0].text == "(1/3)·3 + 2·(1/7) = 9/7"
    tenths = resolve(tracer.MatrixVector([[0.1, 0.2]], [0.3, 1]))
    assert by_rows(tenths)[0].text == "0.1·0.3 + 0.2·1 = 0.23"
    row = tracer.run(tracer.MatrixVector([[0.1, 0.2]], [0.3, 1])).readings()[0]
    assert row.agree == "within rounding" and agreement(row).startswith("✓ within rounding, off by ")


def test_what_is_not_finite_is_told_so() -> None:
    recording = tracer.run(tracer.MatrixVector([["inf", 1], [2, 3]], [0, 1]))
    assert [(row.by_rows, row.agree) for row in recording.readings()] == [("NaN", "exact"), ("3", "exact")]
    first = by_rows(resolve(tracer.MatrixVector([["inf", 1], [0, 0]], [0, 1])))
    assert told(first[0]) == told(first[1]) == "no angle: the row or the vector is zero or not finite"
    large = tracer.run(tracer.MatrixVector([[1e30]], [1e30])).readings()[0]
    assert (large.by_rows, large.agree) == ("1e60", "differs"), "float32 overflows, and the table says so"


@given(st.data())
def test_by_rows_and_by_columns_are_the_same_to_the_bit_on_integers(data: st.DataObject) -> None:
    rows, columns = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 5))
    whole = st.integers(-1000, 1000)
    matrix = data.draw(st.lists(st.lists(whole, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
    vector = data.draw(st.lists(whole, min_size=columns, max_size=columns))
    settings = resolve(tracer.MatrixVector(matrix, vector))
    expected = [str(number).replace("-", "−") for number in (np.array(matrix) @ np.array(vector)).tolist()]
    assert [row.total for row in by_rows(settings)] == expected
    assert list(by_columns(settings)[-1].running) == expected


@pytest.mark.parametrize(
    ("matrix", "vector", "words"),
    [
        ([[1, 2], [3]], [1, 2], "one has 1 number, another 2 numbers"),
        ([[1, 2]], [1], "has 2 numbers, and the vector has 1 number"),
        ([], [1], "There is no number in it"),
        ([[]], [1], "There is no number in it"),
        (5, [1], "is no list"),
        ([1, 2], [1, 2], "is no list"),
        ([["a"]], [1], "“a” is no number"),
        ([["1/0"]], [1], "“1/0” is no number"),
        ([[True]], [1], "“True” is no number"),
        ([[None]], [1], "“None” is no number"),
        ([[f"1{'0' * 400}/1"]], [1], "is no number"),
        ([[0] * 400] * 300, [0] * 400, "120\u202f000 numbers"),
    ],
)
def test_what_does_not_work_is_one_sentence_with_a_cure(matrix: object, vector: object, words: str) -> None:
    with pytest.raises(tracer.TracerError) as error:
        tracer.run(tracer.MatrixVector(matrix, vector))
    assert words in str(error.value) and error.value.cure and error.value.where in ("matrix", "vector")


def test_a_recording_of_something_else_has_no_readings() -> None:
    with pytest.raises(tracer.TracerError, match="no recording of a matrix times a vector"):
        tracer.run(tracer.Convolution("Conv1d", 1, 1, 2, 4)).readings()


def test_a_recording_goes_to_json_and_back() -> None:
    recording = tracer.run(LESSON)
    assert tracer.Recording(from_json(recording.to_json())) == recording


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["matvec", "[[1,2,3],[4,5,6]]", "[2,-1,3]"]) == 0
    said = capsys.readouterr().out
    for words in ("1·2 + 2·(−1) + 3·3 = 9", "3·[3, 6] → [9, 21]", "✓ exact", "MvBackward0", "[5, 7, 9]"):
        assert words in said
    assert answer(["matvec", "[[1,2,3],[4,5,6]]", "[2,-1,3]", "--json"]) == 0
    told_json = json.loads(capsys.readouterr().out)
    assert [row["total"] for row in told_json["rows"]] == ["9", "21"]
    assert [column["running"] for column in told_json["columns"]][-1] == ["9", "21"]
    assert answer(["matvec", "[[1,2],[3]]", "[1,2]"]) == 2
    assert capsys.readouterr().err.startswith("matrix: The rows differ")
