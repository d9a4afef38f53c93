"""Whether two ways of computing the same numbers agree: to the last bit, within rounding, or not."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

SPACING = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}
SPARE = 4  # roundings beside those of the sum: of the factors, of the bias, and of the result


class Agreement(NamedTuple):
    """How `compared` numbers agree: all `exact`, or all but `wrong` within what rounding explains. `apart` is the
    largest difference, at the flat number `at`: of the wrong ones where there are any."""

    compared: int
    exact: bool
    wrong: int
    apart: float
    at: int


def agreement(expected: Any, absolute: Any, gave: Any, terms: int, dtype: str) -> Agreement:
    """Compare sums that were computed in float64 with those that a layer of some dtype gave.

    `absolute` are the sums of the absolute values of the same terms: a sum of n terms in arithmetic of spacing ε is off
    by at most about n·ε times that, in whatever order they were added.

    Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms, section 4.2.
    """
    wanted, found = (np.asarray(part, np.float64).reshape(-1) for part in (expected, gave))
    with np.errstate(invalid="ignore", over="ignore"):
        rounded = wanted.astype(dtype).astype(np.float64) if dtype != "bfloat16" else wanted
        difference = np.abs(wanted - found)
        same = (rounded == found) | (np.isnan(wanted) & np.isnan(found))
        allowed = (terms + SPARE) * SPACING[dtype] * np.asarray(absolute, np.float64).reshape(-1)
        wrong = ~same & ~(difference <= allowed)
    difference[same] = 0.0
    at = int(np.argmax(_ranked(difference, wrong))) if len(wanted) else 0
    return Agreement(len(wanted), bool(same.all()), int(wrong.sum()), float(difference[at]) if len(wanted) else 0.0, at)


def _ranked(difference: NDArray[np.float64], wrong: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Put what is wrong before what is not, and what is no number before all."""
    return np.nan_to_num(np.where(wrong.any() & ~wrong, -1.0, difference), nan=np.inf)
