from __future__ import annotations

import pytest

from tracer.lesson.answers import check
from tracer.lesson.steps import Hidden, Result, Solved, Wrong


def solved(kind, result, *slips):
    return Solved(kind, result, tuple(slips), Hidden(), "")


def number(text, exact=True):
    return solved("number", Result((), (text,), exact, text=text))


MATRIX = solved("list", Result((2, 2), ("-3/2", "0", "3/2", "3"), True))
SHAPE = solved("shape", Result((3,), ("1", "16", "62"), True))

RIGHT = [
    (number("3/2"), ["3/2", "1.5", "6/4", " 3 / 2 ", "+1.5", "1.50", "[1.5]", "(3/2)", "15e-1"]),
    (number("-1"), ["-1", "−1", "– 1", "-1.0"]),
    (number("1/3"), ["1/3", "0.333", "0.3333", "2/6", ".333"]),
    (number("36902400"), ["36902400", "36 902 400", "36\u202f902\u202f400", "36_902_400"]),
    (number("0"), ["0", "-0", "0.0"]),
    (number("0.6428571428571429", exact=False), ["0.643", "0.642857", "0.6428571", "0.64286"]),
    (number("51.2", exact=False), ["51.2", "256/5"]),
    (SHAPE, ["1×16×62", "1 x 16 x 62", "(1, 16, 62)", "[1,16,62]", "1, 16, 62", "1 16 62", "torch.Size([1, 16, 62])"]),
    (
        MATRIX,
        [
            "[[-1.5, 0], [1.5, 3]]", "[[−3/2, 0], [3/2, 3]]", "-1.5 0; 1.5 3", "((-1.5,0),(1.5,3))",
            "[-1.5, 0][1.5, 3]",
            "tensor([[-1.5000, 0.0000], [1.5000, 3.0000]])", "-1.5 0\n1.5 3", "{-1.5 0; 1.5 3}",
        ],
    ),
    (solved("list", Result((3,), ("0", "1", "0"), True)), ["0 1 0", "[0, 1, 0]", "0,1,0", "(0 1 0)", "[0. 1. 0.]"]),
    (solved("list", Result((1, 3), ("5", "7", "9"), True)), ["[[5, 7, 9]]"]),
    (solved("list", Result((1, 2, 1), ("5", "7"), True)), ["[[[5], [7]]]", "tensor([[[5.],\n         [7.]]])"]),
    (solved("word", Result(word="SubBackward0")), ["SubBackward0", "subbackward0", "<SubBackward0 object>"]),
]  # fmt: skip
WRONG = [
    (number("3/2"), ["1.501", "15", "3", "-1.5"]),
    (number("1/3"), ["0.33", "0.334", "0.3", "1/4", "0.3330"]),
    (number("1/30000"), ["0.000", "0.0000"]),
    (number("36902400"), ["36902401", "36902400.4"]),
    (number("0.6428571428571429", exact=False), ["0.64", "0.644", "0.6"]),
    (SHAPE, ["16 × 62", "1 × 62 × 16", "1 × 16 × 61"]),
    (MATRIX, ["[[-1.5, 1.5], [0, 3]]", "[[1, 2, 3]]", "-1.5"]),
    (solved("list", Result((3,), ("5", "7", "9"), True)), ["[[5, 7, 9]]", "5 7"]),
    (solved("word", Result(word="True")), ["False", "x"]),
]
UNREADABLE = [
    (
        number("3/2"),
        ["", "  ", "1,5", "three", "3//2", "1/0", "1 1/2", "nan", "inf", "0x10", "int()", "9" * 3000],
    ),
    (SHAPE, ["", "1 × −2", "a × b", "1.5 × 2", "()", "9" * 30]),
    (MATRIX, ["", "[]", "[[1, 2]", "1, 2]", "[" * 1500, "[[1, 2], [3]]", "x y", "[[1, nan]]"]),
]


def cases(table):
    return [(one, text) for one, texts in table for text in texts]


@pytest.mark.parametrize("one, text", cases(RIGHT))
def test_right_answers_are_taken_however_they_are_written(one, text):
    assert check(one, text).state == "right"


@pytest.mark.parametrize("one, text", cases(WRONG))
def test_wrong_answers_are_not(one, text):
    assert check(one, text).state in ("wrong", "slip")


@pytest.mark.parametrize("one, text", cases(UNREADABLE))
def test_what_is_no_answer_is_told_how_to_write_one(one, text):
    verdict = check(one, text)
    assert verdict.state == "unreadable"
    assert verdict.says.endswith(".")


def test_a_comma_is_told():
    assert "write 1.5" in check(number("3/2"), "1,5").says


def test_the_slip_that_was_made_is_told():
    slips = [Wrong("one of two paths", "Both arrows bring something.", Result((), ("3/2",), True))]
    verdict = check(solved("number", Result((), ("3",), True), *slips), "1.5")
    assert (verdict.state, verdict.slip) == ("slip", "one of two paths")
    assert verdict.says == "Not yet. Both arrows bring something."


def test_right_numbers_without_their_shape_are_told_so():
    verdict = check(MATRIX, "-1.5 0 1.5 3")
    assert (verdict.state, verdict.slip) == ("slip", "flat")
    assert "brackets" in verdict.says
