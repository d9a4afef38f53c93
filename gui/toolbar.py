"""The toolbar: workspaces, undo and redo, device · dtype · seed, and what the workspace offers."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from gui.session.session import Session
from gui.stepping_bar import SteppingBar
from gui.theme import icons
from gui.theme.theme import Theme
from gui.widgets.choice import Choice
from gui.widgets.entry import NumberEntry, read
from gui.widgets.labels import label, mark, name
from tracer.convolution.layer import DTYPES
from tracer.experiment import Convolution, Experiment, Expression, MatrixVector
from tracer.matrix_vector.settings import DTYPES as SINGLE_AND_DOUBLE
from tracer.worker.messages import Ready

SHORT = {  # what stands on the buttons of a narrow window
    "convolution": "Conv",
    "expression": "Expr",
    "matvec": "A × x",
    "solve": "Solve…",
    "open_expression": "As expr.",
    "copy_program": "Copy",
    "step_back": "◀",
    "step_on": "▶",
    "lecture": "Lecture",
}
NARROW, AROUND = 1100, 18  # below, all is tight; pixels around the words of a tight button
OFFERED = {  # what not every workspace has
    "solve": (Convolution,),
    "open_expression": (MatrixVector,),
    "copy_program": (Convolution, MatrixVector),
}
WORDS = {  # where not the menu's
    "export": "Export",
    "step_back": "◀ Step",
    "step_on": "Step ▶",
    "handout": "Handout",
    "open_model": "Open…",
}
OF_LESSON = ("step_back", "step_on", "lecture", "handout")
OF_MODEL = ("open_model", "run_again")
OWN = {"lesson": OF_LESSON, "model": OF_MODEL}  # what a workspace has in place of device, dtype and seed
KINDS = {Convolution: tuple(DTYPES), MatrixVector: SINGLE_AND_DOUBLE}  # dtypes that a toolbar offers
STARTING = "starting PyTorch…"


class Toolbar(QWidget):
    """Shows the device, dtype and seed of the experiment that is shown; edits go to the session."""

    def __init__(self, session: Session, theme: Theme, actions: dict[str, QAction]) -> None:
        super().__init__()
        name(self, "toolbar", "Toolbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session, self._actions, self._theme = session, actions, theme
        self._ready: Ready | None = None
        self.device = Choice("toolbar.device", "Device", [("", STARTING)], "tool")
        self.device.setToolTip("Where the experiment runs; CUDA where there is one, unless you choose")
        self.dtype = Choice("toolbar.dtype", "dtype", [(dtype, dtype) for dtype in DTYPES], "tool")
        self.dtype.setToolTip("The kind of numbers that the layer works with")
        self._seed_label = label("seed", "muted")
        self._seed_label.setMinimumWidth(1)  # it gives way in a narrow window
        self.seed = NumberEntry("toolbar.seed", "Seed of the random numbers")
        self.seed.setProperty("kind", "tool")
        self.seed.setToolTip("Where the random numbers start; the same seed gives the same numbers")
        self.seed.setFixedWidth(52)
        self.device.setMinimumWidth(78)  # so that all of the toolbar fits a window of 900
        self.device.chosen.connect(partial(self._edit, "device"))
        self.dtype.chosen.connect(partial(self._edit, "dtype"))
        self.seed.edited.connect(self._edit_seed)
        workspaces = ("convolution", "expression", "matvec", "model", "lesson")
        commands = (*workspaces, "undo", "redo", *OF_MODEL, *OF_LESSON, *OFFERED, "export")
        self._buttons = {command: self._button(command) for command in commands}
        for command, button in self._buttons.items():
            words = SHORT.get(command, button.text())
            if command not in ("undo", "redo"):
                button.setMinimumWidth(button.fontMetrics().horizontalAdvance(words) + AROUND)
        self.stepping = SteppingBar(theme, actions)
        self._place()
        self._draw_icons()
        theme.changed.connect(lambda _: self._draw_icons())

    def show_experiment(self, experiment: Experiment | None) -> None:
        """Show an experiment's device, dtype and seed; the lesson has steps in their place, the model a script."""
        self.stepping.setVisible(False)  # before others show up, so that a narrow window need not grow
        self.device.setVisible(experiment is not None)
        for command in (*OF_LESSON, *OF_MODEL):
            self._buttons[command].setVisible(command in OWN.get(self._session.workspace, ()))
        self.device.show_value(self._device(getattr(experiment, "device", "auto")))
        kinds = () if experiment is None else KINDS.get(type(experiment), ())
        self.dtype.setVisible(bool(kinds))
        self.dtype.set_options([(dtype, dtype) for dtype in kinds])
        self.dtype.show_value(getattr(experiment, "dtype", ""))
        for command, offering in OFFERED.items():
            self._buttons[command].setVisible(isinstance(experiment, offering))
        self.seed.setVisible(hasattr(experiment, "seed"))
        self._seed_label.setVisible(hasattr(experiment, "seed") and self.width() >= NARROW)
        self.stepping.setVisible(isinstance(experiment, Expression))
        self.seed.show_number(getattr(experiment, "seed", 0))
        mark(self.seed, False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for command, words in SHORT.items():
            action = self._actions[command]
            action.setIconText(words if self.width() < NARROW else WORDS.get(command, action.text()))
        self._tighten(self.width() < NARROW)
        self._seed_label.setVisible(not self.seed.isHidden() and self.width() >= NARROW)
        self.stepping.set_short(self.width() < NARROW)

    def _tighten(self, tight: bool) -> None:
        """Take less room around the words, or more again."""
        if bool(self.property("tight")) == tight:
            return
        self.setProperty("tight", tight)
        for button in self._buttons.values():
            button.style().unpolish(button)
            button.style().polish(button)

    def show_devices(self, ready: Ready) -> None:
        """Offer the devices that the worker found."""
        self._ready = ready
        self.device.set_options(list(zip(ready.devices, ready.names, strict=True)))
        self.device.setEnabled(True)
        self.show_experiment(self._session.experiments.get(self._session.workspace))

    def show_failed(self) -> None:
        """Say that there are no devices to choose from."""
        self._ready = None
        self.device.set_options([("", "no PyTorch")])
        self.device.show_value("")
        self.device.setEnabled(False)

    def _device(self, device: str) -> str:
        """Say which device a name means here: "auto" and "cuda" are the first CUDA device where there is one."""
        if self._ready is None:
            return ""
        first = self._ready.devices[min(1, len(self._ready.devices) - 1)]
        return first if device in ("auto", "cuda") else device

    def _edit(self, field: str, value: object) -> None:
        self._session.edit(f"{self._session.workspace}.{field}", value)

    def _edit_seed(self, text: str) -> None:
        seed = read(text)
        mark(self.seed, not isinstance(seed, int))
        if isinstance(seed, int):
            self._edit("seed", seed)
        else:
            self._session.told.emit("Seed: There is no number yet. Type a whole number.")

    def _button(self, command: str) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(self._actions[command])
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        words = WORDS.get(command, self._actions[command].text())
        self._actions[command].setIconText(words)  # what the button shows, whatever the action is called in its menu
        name(button, f"toolbar.{command}", words)
        return button

    def _draw_icons(self) -> None:
        for command, back in (("undo", True), ("redo", False)):
            self._actions[command].setIcon(icons.turn(self._theme, back=back))
            self._buttons[command].setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)

    def _place(self) -> None:
        self.device.setEnabled(False)
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 7, 12, 8)
        line.setSpacing(8)
        workspaces, more = (
            ("convolution", "expression", "matvec", "model", "lesson"),
            (*OF_MODEL, "step_back", "step_on"),
        )
        for part in (*workspaces, "|", "undo", "redo", "|", *more):
            line.addWidget(_separator() if part == "|" else self._buttons[part])
        line.addWidget(self.stepping)
        for widget in (self.device, self.dtype, self._seed_label, self.seed):
            line.addWidget(widget)
        line.addStretch(1)
        for command in ("lecture", "handout", *OFFERED):
            line.addWidget(self._buttons[command])
        line.addWidget(self._buttons["export"])


def _separator() -> QFrame:
    line = QFrame()
    line.setObjectName("separator")
    line.setFixedSize(1, 20)
    return line
