"""Session files: written whole, read back the same, refused in words."""

import json

import pytest

from gui.files import by_workspace, with_suffix
from gui.session import storage
from tracer.errors import UnreadableFile
from tracer.experiment import Convolution, Expression, Input

EXPERIMENTS = (
    Convolution("Conv2d", 20, 16, (3, 5), (64, 128), padding="same", loss=(0, 1, 2, 3)),
    Expression("a = x", {"x": Input([["1/3", 2]], "float64", False)}, output="a"),
)


def test_a_session_comes_back_as_it_was(tmp_path):
    path = tmp_path / "folder" / "a.gradtrace"
    storage.write(path, EXPERIMENTS)
    convolution, expression = EXPERIMENTS
    assert by_workspace(storage.read(path)) == {"convolution": convolution, "expression": expression}
    assert [file.name for file in path.parent.iterdir()] == ["a.gradtrace"]
    assert json.loads(path.read_text())["version"] == 1


BROKEN = [
    ("not there", None, "can't be read"),
    ("cut", '{"format": "gradtrace", "vers', "damaged"),
    ("of another program", '{"format": "other", "version": 1}', "no session of Gradtrace"),
    ("newer", '{"format": "gradtrace", "version": 99}', "version 99"),
    (
        "a wrong field",
        '{"format": "gradtrace", "version": 1, "experiments": [{"type": "Expression", "program": 3}]}',
        "experiments[0].program",
    ),
    ("a list", "[]", "damaged"),
]


@pytest.mark.parametrize(("text", "said"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_file_that_cannot_be_opened_says_why(tmp_path, text, said):
    path = tmp_path / "a.gradtrace"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UnreadableFile) as refused:
        storage.read(path)
    assert said in str(refused.value)
    assert str(path) in str(refused.value)


def test_a_session_opens_as_one_edit(window, session, tmp_path):
    from gui.files import Files

    files = session.findChild(Files)
    path = tmp_path / "mine"
    session.edit("convolution.stride", (2, 2))
    files.save(path)
    assert (tmp_path / "mine.gradtrace").exists()
    session.history.undo()
    assert session.value("convolution.stride") == 1
    files.open(tmp_path / "mine.gradtrace")
    assert session.value("convolution.stride") == (2, 2)
    session.history.undo()
    assert session.value("convolution.stride") == 1


def test_what_cannot_be_read_back_is_not_kept(session):
    session.edit("convolution.stride", ("", 2))
    assert session.keepable()[0].stride == 1


@pytest.mark.parametrize(
    ("path", "suffix", "expected"),
    [("a", "svg", "a.svg"), ("a.png", "svg", "a.png"), ("", "svg", ""), ("b/a", "pdf", "b/a.pdf")],
)
def test_the_suffix_is_added_by_itself(path, suffix, expected):
    assert with_suffix(path, suffix) == expected
