"""How a matrix stands in a cell that is too narrow for one line."""

import pytest

from gui.tables.delegate import broken

CASES = {
    "[[−3/2, 0], [3/2, 3]]": ["[[−3/2, 0],", " [3/2, 3]]"],
    "[[1], [2], [3]]": ["[[1],", " [2],", " [3]]"],
    "[1, 2]": ["[1, 2]"],
    "[[1, 2]]": ["[[1, 2]]"],
    "[[[1], [2]]]": ["[[[1], [2]]]"],
    "[[1], [2], [3], [4], [5]]": ["[[1], [2], [3], [4], [5]]"],
    "": [""],
}


@pytest.mark.parametrize(("text", "lines"), CASES.items())
def test_a_matrix_is_broken_into_its_rows(text, lines):
    assert broken(text) == lines
