"""A sample of the random programs: every derivation that is given equals autograd."""

from __future__ import annotations

import derivations


def test_a_sample_of_random_programs_is_derived() -> None:
    counts = derivations.sweep(0, 20)
    assert counts.differed == ()
    assert counts.complete >= 35
