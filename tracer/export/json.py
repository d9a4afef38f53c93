"""Facts as JSON, from which they can be read again without loss."""

from __future__ import annotations

from tracer.facts import Facts, to_json


def json(facts: Facts) -> str:
    """Write everything that was found as JSON."""
    return to_json(facts) + "\n"
