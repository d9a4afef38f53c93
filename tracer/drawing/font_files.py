"""The bundled fonts as files."""

from __future__ import annotations

import contextlib
import importlib.resources
from collections.abc import Iterator

SUFFIXES = (".otf", ".ttf")


@contextlib.contextmanager
def bundled() -> Iterator[list[str]]:
    """Give the paths of the bundled font files, for as long as the block runs."""
    folder = importlib.resources.files("tracer.resources").joinpath("fonts")
    with contextlib.ExitStack() as stack:
        fonts = sorted((file for file in folder.iterdir() if file.name.endswith(SUFFIXES)), key=lambda file: file.name)
        yield [str(stack.enter_context(importlib.resources.as_file(file))) for file in fonts]
