"""Facts → the places where the graph was cut."""

from __future__ import annotations

from tracer.errors import TracerError
from tracer.facts import Cut, Facts


def cuts(facts: Facts) -> tuple[Cut, ...]:
    """List the places where the graph was cut, in the order in which they ran.

    Raises:
        TracerError: nothing was recorded while the model ran.
    """
    if facts.cuts is None:
        raise TracerError(
            "Where the graph was cut is not known, since nothing was recorded while it was made",
            cure="Run the model inside `with tracer.record(model) as notes:` and trace with notes=notes",
        )
    return facts.cuts
