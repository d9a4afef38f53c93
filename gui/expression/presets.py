"""Ready-made programs with their inputs."""

from __future__ import annotations

import msgspec

from tracer.experiment import Expression, Input

X = Input([[1, 2], [3, 4]])

LESSON = Expression("y = x - 2\nz = y*y*3\na = z.mean()", {"x": X})

PRESETS: dict[str, Expression] = {
    "y*y*3": LESSON,
    "3*y**2": Expression("y = x - 2\nz = 3*y**2\na = z.mean()", {"x": X}),
    "w·x": Expression("z = w @ x", {"w": Input([1, 1, 1]), "x": Input([1, 2, 3])}),
    "Softmax": Expression("p = x.softmax(0)\nloss = -p[1].log()", {"x": Input([1, 2, 3])}),
    "Broadcast": Expression("y = x + b\na = (y * y).sum()", {"x": X, "b": Input([10, 20])}),
    "Linear layer": Expression(
        "h = torch.relu(W @ x + b)\nloss = ((h - t) ** 2).mean()",
        {
            "W": Input([[1, -1], [0.5, 1]]),
            "x": Input([2, 1], requires_grad=False),
            "b": Input([0, 1]),
            "t": Input([1, 1], requires_grad=False),
        },
    ),
    "Vector output": Expression("y = x * x", {"x": Input([1, 2, 3])}),
}


def with_preset(experiment: Expression, name: str) -> Expression:
    """Take a preset's program and inputs; device and seed stay."""
    return msgspec.structs.replace(PRESETS[name], device=experiment.device, seed=experiment.seed)


def preset_of(experiment: Expression) -> str:
    """Name the preset that an experiment is; empty where it is none."""
    return next((name for name in PRESETS if with_preset(experiment, name) == experiment), "")
