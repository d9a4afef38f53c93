"""Files let fall on the window."""

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication

import tracer
from gui.convolution.presets import PRESETS
from gui.session import storage
from tracer.experiment import Expression


def drag(window, path):
    """Drag a file over the window and let it fall where that is welcome; tell whether it was."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    given = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPoint(50, 50), *given)
    enter.ignore()
    QApplication.sendEvent(window, enter)
    if enter.isAccepted():
        QApplication.sendEvent(window, QDropEvent(QPointF(50, 50), *given))
    return enter.isAccepted()


def test_a_session_that_is_dropped_on_the_window_opens(window, session, part, folder):
    storage.write(folder / "mine.gradtrace", (Expression("b = x * 2", {"x": tracer.Input([1, 2])}),))
    assert drag(window, folder / "mine.gradtrace")
    assert session.value("expression.program") == "b = x * 2"
    session.history.undo()
    assert session.value("expression.program") != "b = x * 2"
    (folder / "bad.gradtrace").write_text("{}")
    assert drag(window, folder / "bad.gradtrace")
    assert "bad.gradtrace" in part("status.sentence").text()
    assert not drag(window, folder / "notes.txt")


def test_a_picture_that_is_dropped_fills_the_input_and_says_what_was_done(window, session, part, settled, folder):
    QImage(20, 10, QImage.Format.Format_RGB888).save(str(folder / "photo.png"))
    session.edit("convolution", PRESETS["AlexNet layer 1"])
    assert drag(window, folder / "photo.png")
    settled()
    assert session.value("convolution.fill") == str(folder / "photo.png")
    assert part("convolution.fill").currentText() == "photo.png"
    said = "photo.png (20 × 10 pixels) was cut to the input's form and resampled."
    assert part("convolution.fill.notes").text() == said == part("status.sentence").text()
    session.history.undo()
    assert session.value("convolution.fill") == "noise"
    assert part("convolution.fill.notes").isHidden()


def test_a_sound_does_not_fit_two_axes_and_a_missing_file_is_said_at_the_fill(window, session, part, settled, folder):
    assert drag(window, folder / "tone.wav")
    settled()
    assert session.value("convolution.fill") == str(folder / "tone.wav")
    assert "Use a layer such as Conv1d" in part("convolution.fill").accessibleDescription()
    assert part("convolution.shapes").rows_model.rows[-1].shape == (1, 16, 62, 124)  # the last result stays
    session.edit("convolution", PRESETS["Lesson 1D"])
    session.edit("convolution.fill", str(folder / "tone.wav"))
    settled()
    assert "This file can't be read" in part("convolution.fill").accessibleDescription()
