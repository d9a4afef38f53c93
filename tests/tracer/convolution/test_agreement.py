import numpy as np
import pytest

from tracer.convolution.agreement import agreement


@pytest.mark.parametrize(
    ("expected", "gave", "exact", "wrong"),
    [
        ([1.0, 2.0], [1.0, 2.0], True, 0),
        ([0.1, 2.0], np.array([0.1, 2.0], np.float32), True, 0),
        ([1.0, 2.0], [1.0000002, 2.0], False, 0),
        ([1.0, 2.0], [1.0, 2.1], False, 1),
        ([1.0, np.nan], [1.0, np.nan], True, 0),
        ([1.0, np.nan], [1.0, 3.0], False, 1),
        ([np.inf], [np.inf], True, 0),
    ],
)
def test_numbers_agree_exactly_within_rounding_or_not(expected, gave, exact, wrong):
    found = agreement(expected, np.nan_to_num(np.abs(expected), posinf=1.0), gave, 3, "float32")
    assert (found.compared, found.exact, found.wrong) == (len(expected), exact, wrong)


def test_the_worst_is_one_of_the_wrong_ones():
    found = agreement([1000.0, 1.0], [1e9, 1.0], [1001.0, 1.5], 3, "float32")
    assert (found.wrong, found.at, found.apart) == (1, 1, 0.5)


def test_what_overflows_in_a_small_dtype_is_infinite_there():
    assert agreement([1e6], [1e6], [np.inf], 3, "float16").exact
