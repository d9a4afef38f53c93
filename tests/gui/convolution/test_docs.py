"""The Docs tab in the window."""

import pytest
import torch
from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QApplication


@pytest.fixture
def docs(front, part):
    front("Docs")
    return part("convolution.docs.text")


def test_the_docstring_of_the_layer_is_shown_with_the_version(docs, part, settled):
    assert docs.toPlainText().startswith("Applies a 2D convolution")
    assert torch.__version__ in part("convolution.docs.title").text()
    part("convolution.layer").chosen.emit("ConvTranspose1d")
    settled()
    assert docs.toPlainText().startswith("Applies a 1D transposed convolution")


@pytest.mark.parametrize(("argument", "field"), [("kernel_size", "kernel_size.0"), ("groups", "groups")])
def test_an_argument_goes_to_its_field(docs, part, argument, field):
    assert f'href="argument:{argument}"' in docs.toHtml()
    docs.anchorClicked.emit(QUrl(f"argument:{argument}"))
    assert QApplication.focusWidget() is part(f"convolution.{field}")


def test_words_are_found_one_place_after_the_other(docs, part, qtbot):
    docs.setFocus()
    qtbot.keyClick(docs, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    find, count = part("convolution.docs.find"), part("convolution.docs.find.count")
    assert QApplication.focusWidget() is find
    qtbot.keyClicks(find, "dilation")
    places = docs.toPlainText().lower().count("dilation")
    assert count.text() == f"1 of {places}"
    qtbot.keyClick(find, Qt.Key.Key_Return)
    assert count.text() == f"2 of {places}"
    qtbot.keyClick(find, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(find, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert count.text() == f"{places} of {places}"
    find.setText("xyzzy")
    assert count.text() == "none"
    qtbot.keyClick(find, Qt.Key.Key_Escape)
    assert (find.text(), count.text()) == ("", "")
