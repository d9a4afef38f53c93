"""What an error says."""

import pickle

from tracer.errors import InvalidSetting, TracerError


def test_the_text_is_the_three_parts_as_sentences():
    error = TracerError("groups is 3", "groups", "Use 1, 2 or 4")
    assert str(error) == "groups: groups is 3. Use 1, 2 or 4."
    assert str(TracerError("This failed.", "line 2, column 5")) == "Line 2, column 5: This failed."
    assert str(TracerError("This failed")) == "This failed."


def test_an_error_pickles_whole():
    error = pickle.loads(pickle.dumps(InvalidSetting("a", "b", "c")))
    assert (type(error), error.what, error.where, error.cure) == (InvalidSetting, "a", "b", "c")
