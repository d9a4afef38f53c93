"""The lesson in the shared window, with nothing answered; and what a person can read on it."""

import pytest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QTableView, QWidget

from gui.graph_view.view import GraphView
from gui.join import Join
from gui.widgets.canvas import Canvas
from tracer.drawing.display_list import Text


@pytest.fixture
def lesson(window, session, settled):
    """The Lesson workspace in front, at the first step of the first lesson."""
    found = next(child for child in window.children() if isinstance(child, Join)).lesson
    found.library.take("convolutions")
    forget(found)
    session.show("lesson")
    found.go(0)
    settled()
    yield found
    found.end_lecture()
    forget(found)
    session.show("convolution")


def forget(lesson):
    for step in lesson.library.lesson.steps:
        lesson.progress.forget(lesson.library.name, step.title)


def readable(part: QWidget) -> set[str]:
    """All words that can be read in a part of the window, split at spaces and brackets: labels, tables, pictures."""
    texts = [label.text() for label in part.findChildren(QLabel) if label.isVisible()]
    texts += [box.toPlainText() for box in part.findChildren(QPlainTextEdit) if box.isVisible()]
    for table in part.findChildren(QTableView):
        if table.isVisible():
            model = table.model()
            cells = ((row, column) for row in range(model.rowCount()) for column in range(model.columnCount()))
            texts += [str(model.index(row, column).data()) for row, column in cells]
    pictures = [canvas.picture for canvas in part.findChildren(Canvas) if canvas.isVisible()]
    scenes = [view.selection.scene for view in part.findChildren(GraphView) if view.isVisible()]
    pictures += [scene.picture for scene in scenes if scene is not None]
    texts += [mark.text for picture in pictures for mark in picture.marks if isinstance(mark, Text)]
    return {word for text in texts for word in text.replace("[", " ").replace("]", " ").replace(",", " ").split()}
