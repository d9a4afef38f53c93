"""The Histogram tab in the window."""

import pytest


@pytest.fixture
def canvas(front, part, settled):
    settled()
    front("Histogram", "convolution.found")
    return part("convolution.histogram.canvas")


def test_numbers_and_gradients_are_counted_from_what_the_worker_stored(canvas, part):
    choice = part("convolution.histogram.tensor")
    words = [choice.itemText(at) for at in range(choice.count())]
    assert words == ["x", "x.grad", "weight", "weight.grad", "bias", "bias.grad", "y", "y.grad"]
    assert canvas.picture.title.startswith("Histogram of y: 123\u202f008 numbers")
    choice.chosen.emit("bias.grad")
    assert canvas.picture.title.startswith("Histogram of bias.grad: 16 numbers, mean 0.0625, 0 are zero")
    assert part("convolution.histogram.mean").text() == "0.0625"


def test_a_choice_that_is_gone_falls_back_and_newer_numbers_come_in(canvas, part, session, settled):
    choice = part("convolution.histogram.tensor")
    choice.chosen.emit("bias")
    session.edit("convolution.bias", False)
    settled()
    assert choice.currentText() == "y"
    choice.chosen.emit("x")
    session.edit("convolution.fill", "impulse")
    settled()
    assert canvas.picture.title.startswith("Histogram of x: 163\u202f840 numbers")
    assert "163\u202f839 are zero" in canvas.picture.title or "163\u202f820 are zero" in canvas.picture.title
