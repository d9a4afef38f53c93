"""Variables of two programs side by side: the same numbers only where they agree, else where and by how much."""

from __future__ import annotations

import pytest

from tracer.analysis.beside import Beside, beside, in_words
from tracer.analysis.comparison import compare
from tracer.experiment import Expression, Input
from tracer.expression.edits import detached, frozen
from tracer.expression.presets import PAIRS, PRESETS
from tracer.expression.variants import alone, second
from tracer.runners.expression import find

CUBE = Expression("y = x * x\nz = (y * x).sum()", {"x": Input([1, 2])})
BOTH = Expression("h = w * x\nz = (h * w).sum()", {"x": Input([1, 2]), "w": Input([3, 4])})


def told(one: Expression, other: Expression) -> Beside:
    a, b = find(one), find(other)
    return beside(a, b, compare(a, b))


def rows(found: Beside) -> dict[str, tuple[str | None, str | None]]:
    """Give what differs in value and gradient, by the names on both sides."""
    names = ["→".join(dict.fromkeys(side.name for side in (row.this, row.other) if side)) for row in found.couples]
    return dict(zip(names, [(row.value, row.gradient) for row in found.couples], strict=True))


def pair(name: str) -> Beside:
    both = PAIRS[name]
    other = second(both)
    assert other is not None
    return told(alone(both), other)


def test_two_spellings_have_the_same_numbers_and_one_other_operation() -> None:
    found = pair("Two spellings")
    assert rows(found) == dict.fromkeys("azyx", ("", ""))
    assert [(row.kind, row.before, row.after) for row in found.rows] == [("operation", "MulBackward0", "PowBackward0")]
    assert in_words(found) == (
        "The same numbers: 4 variables, within 0.01\u202f% + 1.4e−5. Another operation: MulBackward0 → PowBackward0."
    )
    x = found.couples[-1]
    assert x.this and x.other and x.this.gradient and x.other.gradient
    assert x.this.gradient.numbers == x.other.gradient.numbers == (-1.5, 0, 1.5, 3)


def test_two_starts_differ_by_a_factor_of_two() -> None:
    found = pair("Two starts")
    assert rows(found) == {"y": ("1 of 3, by 2048", ""), "x": ("3 of 3, by up to 3", "3 of 3, by up to 512")}
    x = found.couples[-1]
    assert x.this and x.other and x.this.gradient and x.other.gradient
    assert x.this.gradient.numbers == pytest.approx((51.2, 512, 0.0512))
    assert x.other.gradient.numbers == pytest.approx((102.4, 1024, 0.1024))
    assert in_words(found).startswith("Other values of y, x and gradients of x (more than 0.01\u202f% + 0.0012 apart).")


WHAT_IFS = [
    (CUBE, detached(CUBE, "y", 1), {"z": ("", ""), "y": ("", "only on the left"), "x": ("", "2 of 2, by up to 8")}),
    (BOTH, frozen(BOTH, "w"), {"z": ("", ""), "h": ("", ""), "w": ("", "only on the left"), "x": ("", "")}),
    (frozen(BOTH, "w"), BOTH, {"z": ("", ""), "h": ("", ""), "w": ("", "only on the right"), "x": ("", "")}),
]


@pytest.mark.parametrize(("one", "other", "expected"), WHAT_IFS)
def test_what_a_cut_changes(one: Expression, other: Expression, expected: dict[str, tuple[str, str]]) -> None:
    assert rows(told(one, other)) == expected


def test_variables_that_were_renamed_go_together_and_others_stay_alone() -> None:
    found = told(CUBE, Expression("q = x * x\nz = (q * x).sum()\nc = torch.ones(2)", CUBE.inputs, output="z"))
    assert rows(found) == {"z": ("", ""), "y→q": ("", ""), "x": ("", ""), "c": (None, None)}


CLOSE = [
    # dtype, the other number, whether that is the same number as 1
    ("float32", 1 + 2e-5, True),
    ("float32", 1 + 1e-3, False),
    ("float64", 1 + 1e-9, True),
    ("float64", 1 + 1e-5, False),
    ("int64", 2, False),
]


@pytest.mark.parametrize(("dtype", "number", "same"), CLOSE)
def test_values_are_the_same_within_the_tolerance_of_their_dtype(dtype: str, number: float, same: bool) -> None:
    one, other = (Expression("y = x * 1", {"x": Input([value], dtype)}) for value in (1, number))
    assert (rows(told(one, other))["x"][0] == "") is same


def test_what_is_no_number_equals_itself_and_an_infinite_distance_is_not_written() -> None:
    one, other = (Expression("y = x * 1", {"x": Input(values)}) for values in (["NaN", 1], ["NaN", "Infinity"]))
    assert rows(told(one, one))["x"][0] == ""
    assert rows(told(one, other))["x"][0] == "1 of 2"


def test_complex_numbers_are_counted_whole() -> None:
    one, other = (Expression("y = x * 1", {"x": Input([v, "1+1j"], "complex64")}) for v in ("1+2j", "2+3j"))
    assert rows(told(one, other))["x"][0] == "1 of 2, by 1.414"


def test_other_shapes_and_programs_that_share_nothing_are_said() -> None:
    longer = Expression(CUBE.program, {"x": Input([1, 2, 3])})
    assert rows(told(CUBE, longer))["x"] == ("another shape", "another shape")
    strangers = told(Expression("p = u * 2", {"u": Input(1)}), Expression("q = torch.ones(2)"))
    assert in_words(strangers).startswith("No variable is in both programs, so no numbers were compared.")


def test_the_same_program_has_the_same_graph() -> None:
    assert in_words(told(CUBE, CUBE)).endswith("The graphs have the same nodes and edges.")
    assert not any(row.changed for row in told(PRESETS["Softmax"], PRESETS["Softmax"]).couples)
