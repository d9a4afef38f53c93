"""Which ready-made program an experiment is, and how one is taken."""

from __future__ import annotations

import msgspec

from tracer.experiment import Expression
from tracer.expression.presets import LESSON as LESSON
from tracer.expression.presets import PAIRS
from tracer.expression.presets import PRESETS as SINGLE

PRESETS = {**SINGLE, **PAIRS}


def with_preset(experiment: Expression, name: str) -> Expression:
    """Take a preset's program and inputs; device, seed and how numbers are written stay."""
    return msgspec.structs.replace(
        PRESETS[name], device=experiment.device, seed=experiment.seed, exact=experiment.exact
    )


def preset_of(experiment: Expression) -> str:
    """Name the preset that an experiment is; empty where it is none."""
    return next((name for name in PRESETS if with_preset(experiment, name) == experiment), "")
