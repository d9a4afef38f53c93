"""Facts → the derivation by hand of one input's gradient."""

from __future__ import annotations

from tracer.derivation.layout import LAYOUTS, laid_out
from tracer.derived import Derivation, Layout
from tracer.errors import TracerError
from tracer.facts import Facts


def derivation(facts: Facts, name: str, layout: Layout = "shape") -> Derivation:
    """Give the derivation of the gradient of an input, its numbers set out in a layout.

    Raises:
        ValueError: there is no such layout.
        TracerError: the recording is of no program that has gradients, or the program has no such input.
    """
    if layout not in LAYOUTS:
        raise ValueError(f"layout is one of {', '.join(LAYOUTS)}, not {layout!r:.40}")
    if not facts.derivations:
        cure = "Run tracer.Expression(…) with an input that has requires_grad"
        raise TracerError("Only a program whose output has a gradient is derived by hand", cure=cure)
    found = next((one for one in facts.derivations if one.name == name), None)
    if found is None:
        names = ", ".join(one.name for one in facts.derivations)
        raise TracerError(f"There is no derivation for “{name[:40]}”", cure=f"Choose one of {names}")
    return laid_out(found, layout)
