"""A picture or a sound as the input."""

from __future__ import annotations

import msgspec
from PySide6.QtWidgets import QFileDialog, QWidget

from gui.session.session import Session
from tracer.convolution.fills import PICTURES, SOUNDS

KINDS = {1: ("Sounds", SOUNDS), 2: ("Pictures", PICTURES)}


def ask(parent: QWidget, dims: int) -> str:
    """Let the person choose a file for an input of so many axes; empty where they don't."""
    words, suffixes = KINDS.get(dims, ("Pictures and sounds", (*PICTURES, *SOUNDS)))
    filters = f"{words} ({' '.join(f'*.{suffix}' for suffix in suffixes)})"
    return QFileDialog.getOpenFileName(parent, "Load a file into the input", "", filters)[0]


def fill_from(session: Session, path: str) -> None:
    """Fill the input from a file, as one step of undo; numbers that were typed give way."""
    experiment = session.value("convolution")
    session.end_gesture()
    session.edit("convolution", msgspec.structs.replace(experiment, fill=path, input=None), "load a file")
    session.end_gesture()
