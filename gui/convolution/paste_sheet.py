"""The sheet where a layer is pasted or typed as it is written in PyTorch."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QPushButton

from gui.convolution.fields import check
from gui.convolution.sheet import Sheet
from gui.session.session import Session
from gui.widgets.labels import mark, name, paragraph, say
from gui.widgets.undo_keys import leave_undo_to_the_window
from tracer import quantities
from tracer.convolution.pasted import paste
from tracer.convolution.python_source import layer
from tracer.convolution.shapes import output_shape
from tracer.errors import TracerError, sentence
from tracer.experiment import Convolution

HOW = "Type or paste a layer, such as nn.Conv2d(3, 64, 7, stride=2, padding=3). The input's size stays. Enter takes it."
MOST = 2000  # letters of the clipboard that can be a layer


class PasteSheet(QObject):
    """Reads the text as it is typed and says what it gives, or why it can't be read."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._text = _Text()
        self._told = paragraph("", "muted", "convolution.paste.told")
        self._problem = paragraph("", "problem", "convolution.paste.problem")
        self._take = QPushButton("Take this layer")
        name(self._take, "convolution.paste.take", "Take this layer")
        self._take.setToolTip("Put the layer into the form, as one step of undo (Enter)")
        parts = [paragraph(HOW, "muted"), self._text, self._told, self._problem, self._take]
        self.sheet = Sheet("convolution.paste", "Paste a layer", parts)
        self._text.textChanged.connect(self._read)
        self._text.entered.connect(self._apply)
        self._take.clicked.connect(self._apply)
        self.sheet.begun.connect(self._begin)

    def paste(self) -> bool:
        """Take the layer on the clipboard at once; tell whether there is one."""
        text = QGuiApplication.clipboard().text()
        try:
            pasted = paste(text, self._experiment) if len(text) <= MOST else None
        except TracerError:
            return False  # the sheet opens with it, and says why
        if pasted is None:
            return False
        self._edit(pasted)
        self._session.told.emit(f"Pasted {_words(pasted)}")
        return True

    @property
    def _experiment(self) -> Convolution:
        experiment = self._session.value("convolution")
        assert isinstance(experiment, Convolution)
        return experiment

    def _begin(self) -> None:
        text = QGuiApplication.clipboard().text().strip()
        self._text.setPlainText(text if len(text) <= MOST else "")
        self._text.selectAll()
        self._text.setFocus(Qt.FocusReason.OtherFocusReason)
        self._read()

    def _read(self) -> None:
        """Say what the text gives."""
        text, told, problem = self._text.toPlainText(), "", ""
        if text.strip():
            try:
                told = _gives(paste(text, self._experiment))
            except TracerError as error:
                problem = f"{sentence(error.what)} {sentence(error.cure)}".strip()
        say(self._told, told)
        say(self._problem, problem)
        mark(self._text, bool(problem))
        self._text.setAccessibleDescription(problem)
        self._take.setEnabled(bool(told))

    def _apply(self) -> None:
        self._read()
        if self._take.isEnabled():
            self._edit(paste(self._text.toPlainText(), self._experiment))
            self.sheet.ended.emit()

    def _edit(self, experiment: Convolution) -> None:
        self._session.end_gesture()
        self._session.edit("convolution", experiment, "paste a layer")
        self._session.end_gesture()


class _Text(QPlainTextEdit):
    """A few lines; Enter takes them, Shift+Enter begins another."""

    entered = Signal()

    def __init__(self) -> None:
        super().__init__()
        name(self, "convolution.paste.text", "The layer as it is written in PyTorch")
        self.setToolTip("One layer of torch.nn; it is read, never run")
        self.setTabChangesFocus(True)
        self.setMaximumHeight(96)
        leave_undo_to_the_window(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()  # it closes the sheet
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(120, 96)


def _words(experiment: Convolution) -> str:
    """Write the layer, or only its kind while its numbers do not work yet."""
    try:
        return layer(check(experiment))
    except TracerError:
        return experiment.layer


def _gives(experiment: Convolution) -> str:
    """Say the shape that comes out, or what does not work yet with the input that is there."""
    try:
        return f"y is {quantities.shape(output_shape(check(experiment)))}."
    except TracerError as error:
        return f"With this input it does not work yet: {sentence(error.what)} {sentence(error.cure)}".strip()
