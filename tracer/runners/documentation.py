"""The layers' own documentation, as the installed torch has it."""

from __future__ import annotations

import torch

from tracer.convolution.layer import LAYERS


def docstrings() -> dict[str, str]:
    """Give the docstring of each layer by its name; a torch whose docstrings were taken out has none."""
    found = {name: getattr(torch.nn, name).__doc__ for name in LAYERS}
    return {name: text for name, text in found.items() if text}
