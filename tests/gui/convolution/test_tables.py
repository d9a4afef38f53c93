"""What the cells of the gradients' table say."""

import pytest

from gui.convolution.tables import GRADIENTS
from tracer.analysis.gradients import GradientRow
from tracer.facts import Check

COLUMNS = {column.title: column for column in GRADIENTS}
CASES = {
    "both agree": (Check(16, 16, 0.0), Check(8, 8, 0.0), ("✓ 16 of 16", "leaf_text"), ("✓ 8 of 8", "leaf_text")),
    "the rule does not": (Check(16, 16, 0.0), Check(8, 7, 1.0), ("✓ 16 of 16", "leaf_text"), ("✗ 7 of 8", "problem")),
    "not checked": (None, None, ("not checked", "muted"), ("not checked", "muted")),
}


@pytest.mark.parametrize("case", CASES)
def test_each_check_has_its_own_column_and_colour(case):
    check, rule, by_difference, by_rule = CASES[case]
    row = GradientRow("x", "AccumulateGrad", (2, 8), "float32", "measured", check=check, rule=rule)
    for title, expected in (("finite diff.", by_difference), ("by rule", by_rule)):
        assert (COLUMNS[title].text(row), COLUMNS[title].colour(row)) == expected
    assert COLUMNS["by rule"].tooltip


def test_what_has_no_gradient_has_no_checks():
    row = GradientRow("x", "AccumulateGrad", (2, 8), "float32", "none")
    assert [COLUMNS[title].text(row) for title in ("finite diff.", "by rule")] == ["no gradient"] * 2
