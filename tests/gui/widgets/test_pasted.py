"""What is pasted into cells of numbers: pure functions."""

import pytest

from gui.widgets.pasted import MOST_LETTERS, read_pasted, several
from tracer.errors import InvalidSetting

PASTED = [
    ("1\t2\r\n3\t4\r\n", [[1, 2], [3, 4]]),
    ("0.5\n1/3\n", [[0.5], ["1/3"]]),
    ("1;2\n3;4", [[1, 2], [3, 4]]),
    ("1 2 3", [[1, 2, 3]]),
    ("1, 2\n3, 4", [[1, 2], [3, 4]]),
    ("[[1, -2], [1/3, 4.0]]", [[1, -2], ["1/3", 4.0]]),
    ("tensor([[ 0.5000, -1.0000]], requires_grad=True)", [[0.5, -1.0]]),
    ("torch.tensor([1., 2.])", [1.0, 2.0]),
    ("Parameter containing:\ntensor([3.], requires_grad=True)", [3.0]),
    ("np.array([[1, −2]])", [[1, -2]]),
]


@pytest.mark.parametrize(("text", "read"), PASTED)
def test_cells_and_nested_lists_are_read(text, read):
    assert read_pasted(text) == read


REFUSED = [
    ("", "There are no numbers on the clipboard"),
    ("1\t2\n3", "different lengths"),
    ("1\ttwo", "“two” is no number"),
    ("1,5\n2,5", "“1,5” is no number"),
    ("[[1, 2], [", "no nested list"),
    ("[1, open('x')]", "is no number"),
    ("[1, True]", "“True” is no number"),
    ("tensor([[1., ..., 2.]])", "is no number"),
    ("1" * (MOST_LETTERS + 1), "letters"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_what_holds_no_numbers_is_refused(text, said):
    with pytest.raises(InvalidSetting) as refused:
        read_pasted(text)
    assert said in refused.value.what and refused.value.cure


SEVERAL = [
    ("1\t2\n3\t1/3\n", [[1, 2], [3, "1/3"]]),
    ("1\n2\n3", [[1], [2], [3]]),
    ("[[1, 2], [3.5, -4]]", [[1, 2], [3.5, -4]]),
    ("[1, 1/3]", [1, "1/3"]),
    ("tensor([[1., 2.]], requires_grad=True)", [[1.0, 2.0]]),
    ("1, 2, 3", [1, 2, 3]),
    ("1.50", None),
    ("", None),
    ("hello world", None),
    ("[1, [2", None),
    ("1\t2\n3", None),
]


@pytest.mark.parametrize(("text", "values"), SEVERAL)
def test_what_is_pasted_is_read_as_values_where_it_is_more_than_one_number(text, values):
    assert several(text) == values
