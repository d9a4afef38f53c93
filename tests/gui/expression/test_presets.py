"""Every preset runs, and its gradients agree with finite differences."""

import pytest

from gui.expression.presets import PRESETS, preset_of
from tracer.runners.experiments import find


@pytest.mark.parametrize("name", list(PRESETS))
def test_a_preset_runs_and_its_gradients_are_checked(name):
    facts = find(PRESETS[name])
    inputs = [gradient for gradient in facts.gradients if gradient.check is not None]
    assert inputs, facts.notes
    assert all(gradient.check.agreed == gradient.check.tried for gradient in inputs)
    assert preset_of(PRESETS[name]) == name
