"""Ready-made programs with their inputs: the lesson's, and what else is worth a first look."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from tracer.experiment import Expression, Input, Variant

X = Input([[1, 2], [3, 4]])
THREE = Input([1, 2, 3])

LESSON = Expression("y = x - 2\nz = y*y*3\na = z.mean()", {"x": X})


def _dot(track_w: bool, track_x: bool) -> Expression:
    """Give w·x with only one of them, both, or none followed."""
    inputs = {
        "w": Input([1, 1, 1], requires_grad=None if track_w else False),
        "x": Input([1, 2, 3], requires_grad=None if track_x else False),
    }
    return Expression("z = w @ x", inputs)


PRESETS: Mapping[str, Expression] = {
    "y*y*3": LESSON,
    "3*y**2": Expression("y = x - 2\nz = 3*y**2\na = z.mean()", {"x": X}),
    "w·x": _dot(True, True),
    "w·x, only w": _dot(True, False),
    "w·x, only x": _dot(False, True),
    "w·x, neither": _dot(False, False),
    "Doubling loop": Expression(
        "y = 2 * x\ni = 0\nwhile y.norm() < 1000:\n    y = 2 * y\n    i += 1",
        {"x": Input([0.5, -1, 1])},
        gradient=[0.1, 1, "0.0001"],
    ),
    "Softmax": Expression("p = x.softmax(0)\nloss = -p[1].log()", {"x": THREE}),
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
    "Vector output": Expression("y = x * x", {"x": THREE}),
    "Vector backward": Expression("y = x * x", {"x": THREE}, gradient=[1, 10, 100]),
    "Two backwards": Expression("y = x - 2\na = (3*y*y).mean()\na.backward(retain_graph=True)\na.backward()", {"x": X}),
    "no_grad": Expression("with torch.no_grad():\n    m = x.mean()\ny = x - m\na = (y * y).sum()", {"x": X}),
    "Add": Expression("y = Add(a, b)\nm = y.mean()", {"a": THREE, "b": Input([4, 5, 6])}),
    "Split": Expression("a, b = Split(x)\ny = a + b\nm = y.mean()", {"x": Input([1, 2, 3, 4])}),
    "Max": Expression("y = Max(x)", {"x": Input([1, 5, 2, 4, 0])}),
}
"""By the words on the button."""

_LOOP, _SQUARE = PRESETS["Doubling loop"], PRESETS["3*y**2"]
PAIRS: Mapping[str, Expression] = {
    "Two spellings": replace(LESSON, beside=Variant(_SQUARE.program, _SQUARE.inputs)),
    "Two starts": replace(_LOOP, inputs={"x": Input([1, 2, 2])}, beside=Variant(_LOOP.program, _LOOP.inputs)),
}
"""Two programs side by side, by the words on the button."""
