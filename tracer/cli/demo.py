"""What `gradtrace` does where there is no display: the lesson's two examples as tables, graphs and pictures."""

from __future__ import annotations

from pathlib import Path

import tracer
from tracer.cli import conv, expr, screenshot, window
from tracer.cli.tables import say, tell
from tracer.convolution.settings import resolve
from tracer.errors import TracerError

FOLDER = Path("gradtrace-demo")
PICTURED = ("convolution", "expression", "matvec", "lesson")  # the model has nothing to show before one is opened
CONVOLUTION = tracer.Convolution(
    layer="Conv2d", in_channels=20, out_channels=16, kernel_size=(3, 5), input_size=(64, 128)
)
EXPRESSION = tracer.Expression("y = x - 2\nz = y*y*3\na = z.mean()", inputs={"x": [[1, 2], [3, 4]]})


def demo() -> int:
    """Print the tables of both examples, save their graphs and a picture of each workspace, and name the files."""
    tell("There is no display here, so the two examples of the lesson are shown as tables, and saved as pictures.")
    convolution, expression = tracer.run(CONVOLUTION), tracer.run(EXPRESSION)
    conv.show(resolve(CONVOLUTION), convolution)
    say("")
    expr.show(EXPRESSION.program, expression)
    FOLDER.mkdir(exist_ok=True)
    files = [*_graphs({"convolution": convolution, "expression": expression}), *_pictures()]
    say("\nSaved:")
    for file in files:
        say(f"  {file}")
    return 0


def _graphs(recordings: dict[str, tracer.Recording]) -> list[Path]:
    files = []
    for name, recording in recordings.items():
        for suffix in ("svg", "png"):
            files.append(FOLDER / f"{name}-graph.{suffix}")
            recording.save(files[-1])
    return files


def _pictures() -> list[Path]:
    """Take a picture of each workspace; where the window can't be drawn, say so and go on."""
    try:
        window.need_window()
    except TracerError as error:
        tell(f"There are no pictures of the window: {error}")
        return []
    taken = []
    for workspace in PICTURED:
        file = FOLDER / f"{workspace}-window.png"
        try:
            code, said = screenshot.take(file, workspace)
        except TracerError as error:
            code, said = 2, str(error)
        if code:
            tell(f"No picture of the {workspace} workspace: {said.splitlines()[-1] if said else 'the window ended'}")
        else:
            taken.append(file)
    return taken
