"""Every preset is known again once it is taken."""

import msgspec
import pytest

from gui.expression.presets import PRESETS, preset_of, with_preset


@pytest.mark.parametrize("name", list(PRESETS))
def test_a_preset_is_known_again(name):
    taken = with_preset(msgspec.structs.replace(PRESETS["Max"], seed=7), name)
    assert preset_of(taken) == name and taken.seed == 7
    assert preset_of(msgspec.structs.replace(taken, program="y = 1")) == ""
