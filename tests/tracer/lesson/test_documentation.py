"""The documentation of the format: its example holds, and it names every field, function and slip there is."""

from __future__ import annotations

import re
from pathlib import Path

from tracer.lesson import library, steps
from tracer.lesson.list_functions import LIST_FUNCTIONS
from tracer.lesson.proving import prove
from tracer.lesson.queries import OF_FACTS
from tracer.lesson.reading import parse
from tracer.lesson.source import Text

TEXT = (Path(__file__).parents[3] / "docs" / "lessons.md").read_text("utf-8")


def test_the_example_holds(run):
    example = re.search(r"```toml\n(.*?)```", TEXT, re.DOTALL)[1]
    lesson = parse(example, "example.toml", library.slips())
    assert not list(prove(lesson, run, Text(example, "example.toml")))


def test_every_field_and_function_is_told():
    kinds = (steps.Lesson, steps.Step, steps.Prediction, steps.Slip, steps.Number, steps.Try, steps.View)
    fields = {field for kind in kinds for field in kind.__struct_encode_fields__} - {"steps", "predict", "slips", "try"}
    assert not {name for name in fields if f"`{name}`" not in TEXT and name not in re.findall(r"\w+", TEXT)}
    assert not {name for name in OF_FACTS if f"`{name}(" not in TEXT}
    assert not {name for name in LIST_FUNCTIONS if f"`{name}`" not in TEXT}


def test_common_slips_say_something():
    assert library.slips()
    assert all(slip.says.strip() and not slip.slip for slip in library.slips().values())
