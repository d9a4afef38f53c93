from __future__ import annotations

import re

import pytest

from tracer.errors import UnreadableFile
from tracer.experiment import Convolution, Expression, MatrixVector
from tracer.lesson import library
from tracer.lesson.checks import TABS
from tracer.lesson.proving import prove
from tracer.lesson.reading import parse
from tracer.lesson.source import Text, line

GOOD = """\
format = "gradtrace-lesson"
version = 1
title = "A lesson"

[slips."of mine"]
says = "That is twice as much."
is = "expected * 2"

[[steps]]
title = "One"
says = '''
A paragraph
title = "this is no field"
'''
experiment = { type = "Expression", program = "y = x * x\\na = y.sum()", inputs = { x = [1, 2] } }
view = { select = "y" }

[[steps.predict]]
asks = "What is the gradient?"
kind = "list"
expect = "grad(x)"
shows = "It is {grad(x)}."

[[steps.predict.slips]]
slip = "of mine"

[[steps]]
title = "Two"
says = "Say."

[steps.experiment]
type = "Convolution"
layer = "Conv1d"
in_channels = 1
out_channels = 1
kernel_size = 2
input_size = 4
batch = "none"

[[steps.try]]
label = "A matrix"
experiment = { type = "MatrixVector", matrix = [[1]], vector = [2] }
"""


def read(text):
    return parse(text, "mine.toml", library.slips())


def test_a_lesson_is_read():
    lesson = read(GOOD)
    first, second = lesson.steps
    assert isinstance(first.experiment, Expression)
    assert (first.workspace, second.workspace) == ("expression", "convolution")
    assert isinstance(second.experiment, Convolution)
    assert second.experiment.batch is None
    assert isinstance(second.tries[0].experiment, MatrixVector)
    slip = first.predict[0].slips[0]
    assert (slip.slip, slip.says, slip.gives) == ("of mine", "That is twice as much.", "expected * 2")


BROKEN = [  # what stands there, what in its place, and what is said of it: line, words, cure
    ('"gradtrace-lesson"', '"other"', "line 1, format", "no lesson", "Begin it with"),
    ("version = 1", "version = 2", "line 2, version", "reads up to 1", "Update"),
    ("version = 1", "version = 'x'", "line 2, version", "no version", "version = 1"),
    ('title = "A lesson"', 'title = " "', "line 3, title", "no title", "Write title"),
    ('title = "One"', 'title = ""', "line 10, step 1, title", "has no title", "Write title"),
    ('title = "Two"\n', "", "line 27, step 2", "“title” is missing", "Write title"),
    ('title = "Two"', "title = 3", "line 28, step 2, title", "Expected str, got int", "docs/lessons.md"),
    ('says = "Say."', 'says = "Say."\nhint = "x"',
     "line 30, step 2, hint", "no field “hint”", "Use one of title, says"),
    ('kind = "list"', 'kind = "picture"', "line 20, step 1, prediction 1, kind", "Invalid enum value", "docs"),
    ('kind = "list"', "kin = 1", "line 20, step 1, prediction 1, kin", "no field “kin”", "asks, kind, expect"),
    ('slip = "of mine"', 'slip = "none"',
     "line 25, step 1, prediction 1, slip 1, slip", "No slip is called", "“of mine”"),
    ('slip = "of mine"', 'says = "No."', "line 24, step 1, prediction 1, slip 1", "needs the field “is”", "the query"),
    ('slip = "of mine"', 'is = "1"', "line 24, step 1, prediction 1, slip 1", "needs the field “says”", "which slip"),
    ('"grad(x)"', '"grad(x"', "line 21, step 1, prediction 1, expect", "can't be read", "Write such as"),
    ('"grad(x)"', '"slope(x)"', "line 21, step 1, prediction 1, expect", "no “slope”", "grad, grad_fn"),
    ("{grad(x)}", "{slope(x)}", "line 22, step 1, prediction 1, shows", "no “slope”", "grad, grad_fn"),
    ('"expected * 2"', '"expected *"', "line 24, step 1, prediction 1, slip 1", "can't be read", "Write such as"),
    ('select = "y"', 'tab = "Slide"', "line 16, step 1, view", "no tab “Slide”", "Graph"),
    ('select = "y"', 'selct = "y"', "line 16, step 1, view, selct", "no field “selct”", "tab, select, output"),
    ('type = "Convolution"', 'type = "Script"', "step 2, experiment", "Invalid value", "docs/lessons.md"),
    ("kernel_size = 2", "kernel_size = 9", "line 31, step 2, experiment", "larger than", ""),
    ("kernel_size = 2", "kernel = 2", "step 2, experiment, kernel", "no field “kernel”", "layer, in_channels"),
    ("y = x * x", "y = x *", "line 15, step 1, experiment", "does not work: line 1", ""),
    ("inputs = { x = [1, 2] }", "inputs = { x = [1, [2]] }", "line 15, step 1, experiment", "inputs.x", ""),
    ("matrix = [[1]]", "matrix = [[1], [2, 3]]",
     "line 42, step 2, try 1, experiment", "The rows differ", "same length"),
    ('label = "A matrix"', 'label = ""', "line 41, step 2, try 1, label", "no label", "Write label"),
    ('title = "Two"', 'title = "Two', "line 28", "This is no TOML", "docs/lessons.md"),
    ("[[steps]]", "[steps]", "", "", ""),
]  # fmt: skip


@pytest.mark.parametrize("old, new, where, what, cure", BROKEN)
def test_an_error_names_the_file_the_line_the_field_and_the_cure(old, new, where, what, cure):
    assert old in GOOD
    with pytest.raises(UnreadableFile) as refused:
        read(GOOD.replace(old, new, 1))
    assert refused.value.where.startswith("mine.toml")
    assert where in refused.value.where, refused.value.where
    assert what in refused.value.what, refused.value.what
    assert cure in refused.value.cure, refused.value.cure


def test_choices_are_for_words():
    with pytest.raises(UnreadableFile, match="chosen among choices"):
        read(GOOD.replace('kind = "list"', 'kind = "list"\nchoices = ["a"]'))


def test_a_lesson_needs_steps():
    with pytest.raises(UnreadableFile, match="no steps"):
        read('format = "gradtrace-lesson"\nversion = 1\ntitle = "A"\nsteps = []\n')


PROVED = [  # what does not hold once it is run
    ('expect = "grad(x)"', 'expect = "grad(q)"', "prediction 1, expect", "no tensor “q”"),
    ('kind = "list"', 'kind = "number"', "prediction 1, expect", "the query gives a list"),
    ('"expected * 2"', '"expected * 1"', "slip 1", "gives the right answer"),
    ('"expected * 2"', '"sum(expected)"', "slip 1, is", "the query gives a number"),
    ('slip = "of mine"', 'slip = "of mine"\n[[steps.predict.slips]]\nslip = "factor 2 too many"',
     "slip 2", "gives the same"),
    ('select = "y"', 'select = "q"', "view", "no “q” to select"),
    ("{grad(x)}", "{value(x)[7]}", "prediction 1, shows", "out of bounds"),
    ('label = "A matrix"', 'label = "A matrix"\nrefused = "no"', "try 1, refused", "it runs"),
    ("y = x * x", "y = x @ y @ x", "step 1, experiment", "is refused"),
]  # fmt: skip


@pytest.mark.parametrize("old, new, where, what", PROVED)
def test_what_does_not_hold_is_told_with_its_place(old, new, where, what, run):
    text = GOOD.replace(old, new, 1)
    try:
        faults = list(prove(read(text), run, Text(text, "mine.toml")))
    except UnreadableFile as refused:  # told already when it is read
        faults = [refused]
    assert len(faults) == 1, faults
    assert re.match(r"mine\.toml, line \d+, step", faults[0].where)
    assert where in faults[0].where
    assert what in faults[0].what
    assert faults[0].cure


def test_a_lesson_that_holds_has_no_faults(run):
    assert not list(prove(read(GOOD), run, Text(GOOD, "mine.toml")))


def test_lines_of_fields_in_nested_tables():
    places = {("steps", 0, "title"): 10, ("steps", 0, "predict", 0, "slips", 0, "slip"): 25, ("steps", 1): 27}
    assert {path: line(GOOD, path) for path in places} == places
    assert line(GOOD, ("steps", 1, "experiment", "kernel_size")) == 36
    assert line(GOOD, ("steps", 1, "nothing")) == 27


def test_lessons_are_found_by_name_and_by_path(tmp_path):
    assert list(library.titles()) == ["convolutions", "dynamic_graphs"]
    (tmp_path / "mine.toml").write_text(GOOD, "utf-8")
    assert library.load(tmp_path / "mine.toml").title == "A lesson"
    with pytest.raises(UnreadableFile, match="no lesson “other”"):
        library.load("other")
    with pytest.raises(UnreadableFile, match="can't be read"):
        library.load(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UnreadableFile, match="UTF-8"):
        library.load(tmp_path / "bytes.toml")


def test_every_tab_is_one_that_there_is():
    from gui.convolution.pictures import VIEWS
    from gui.matrix_vector.workspace import READINGS
    from gui.workspace import GRAPH

    assert TABS["convolution"] == tuple(VIEWS)
    assert {READINGS, GRAPH} <= set(TABS["matvec"])
    assert TABS["expression"] == (GRAPH,)
