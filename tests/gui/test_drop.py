"""Files let fall on the window."""

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

import tracer
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
    assert not drag(window, folder / "photo.png")
