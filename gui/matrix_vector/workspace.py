"""The Matrix × vector workspace: A and x, both readings, the graph, tables and inspector."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from gui.graph_view.view import GraphView
from gui.inspector.section import NodeSection
from gui.matrix_vector import presets, tables
from gui.matrix_vector.form import Form
from gui.matrix_vector.inspector import About
from gui.matrix_vector.readings import Readings
from gui.matrix_vector.scenes import views
from gui.session.session import Session
from gui.tables.counts import Counts
from gui.tables.view import Table
from gui.theme.theme import Theme
from gui.widgets.column import column
from gui.workspace import GRAPH, Frame, Result, tabs
from tracer.analysis.readings import agreement
from tracer.drawing.display_list import DisplayList
from tracer.errors import TracerError, sentence
from tracer.experiment import MatrixVector
from tracer.lesson.steps import View
from tracer.matrix_vector.bank import as_convolution
from tracer.matrix_vector.python_source import as_expression, python_source
from tracer.matrix_vector.settings import Settings, resolve
from tracer.worker.messages import Answer, Found, Refused

NAME, READINGS, COUNTS = "matvec", "Two readings", "Counts"


class MatrixVectorWorkspace(QObject):
    """Shows both readings at once, which need no torch; torch's numbers and the gradients follow from the worker."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self._session = session
        self.form, self.readings, self.about = Form(session), Readings(theme), About()
        self.both = Table("matvec.both", "Both readings", tables.BOTH, theme)
        self.gradients = Table("matvec.gradients", "Gradients", tables.GRADIENTS, theme)
        node, graph = NodeSection("matvec.node"), GraphView()
        graph.setObjectName("matvec.graph")
        self.result = Result(graph, [self.both, self.gradients], node, theme)
        self.scenes = views(theme)
        moving: list[tuple[str, QWidget]] = [(title, view.widget) for title, view in self.scenes.items()]
        self.pictures = tabs("matvec.pictures", "Pictures", [(READINGS, self.readings.canvas), *moving, (GRAPH, graph)])
        self.counts = Counts("matvec.counts", theme)
        strip: list[tuple[str, QWidget]] = [
            ("Both readings", self.both),
            ("Gradients of sum(y)", self.gradients),
            (COUNTS, self.counts),
        ]
        self._found = tabs("matvec.found", "What was found", strip)
        sections = [view.section for view in self.scenes.values()]
        self.frame = Frame(
            NAME,
            column("matvec.form", "Matrix and vector", self.form.sections, "form"),
            [(self.pictures, 600), (self._found, 191)],
            column("matvec.inspector", "Inspector", [node, *sections, self.about], "inspector"),
        )
        self.offers: Mapping[str, Callable[[], object]] = {
            "copy_program": self.copy_program,
            "open_expression": lambda: self._open("expression"),
        }
        self._node = node
        self._connect()
        self._turn()

    def show(self, experiment: MatrixVector, waiting: str) -> None:
        """Show an experiment, and both readings of it."""
        self.form.show(experiment)
        try:
            settings = resolve(experiment)
        except TracerError:
            return  # the session says the same as its answer; the last valid result stays
        self.form.say_problem("", "")
        self._dim(False)
        self.readings.show_settings(settings)
        self._show_scenes(settings)
        self.about.code.show_text(python_source(experiment).rstrip("\n"))
        self.about.wait(waiting)
        self.result.wait(waiting)

    def take(self, message: Answer) -> str:
        """Show an answer; give what no field can show, for the status bar."""
        self.result.take(message)
        if not isinstance(message, Refused):
            return " ".join(map(sentence, message.notes)) if isinstance(message, Found) else ""
        self._dim(True)
        self.about.wait("")
        said = " ".join(part for part in (sentence(message.what), sentence(message.cure)) if part)
        return "" if self.form.say_problem(message.where, said) else said

    def in_view(self) -> tuple[str, DisplayList | None]:
        """Name the picture in view, and give it for a file; the worker has that of the graph."""
        front = self.pictures.tabText(self.pictures.currentIndex())
        if front in self.scenes:
            return front, self.scenes[front].canvas.picture
        return front, self.readings.picture if front == READINGS else None

    def look(self, view: View) -> None:
        """Light a row, and add so many columns."""
        if view.row is not None:
            self.readings.go_to_row(view.row)
        if view.added is not None:
            self.readings.add(view.added)

    def copy_program(self) -> None:
        """Put the program on the clipboard."""
        QGuiApplication.clipboard().setText(python_source(self._session.value(NAME)))
        self._session.told.emit("The program is on the clipboard")

    def _connect(self) -> None:
        self.form.adding.connect(self.readings.add)
        self.readings.looked.connect(self._looked)
        self.result.found_now.connect(self._show_found)
        self.both.picked.connect(lambda row: self.readings.go_to_row(row.output))
        self.gradients.picked.connect(lambda row: self.result.pick_label(row.name))
        self.about.wanted.connect(self._open_or_say)
        self.pictures.currentChanged.connect(lambda _: self._come_to_front())

    def _looked(self) -> None:
        found, look = self.readings.found, self.readings.look
        self.form.show_added(look.added, len(found.columns))
        self.about.show_look(found, look)

    def _show_found(self, found: Found) -> None:
        settings = resolve(self._session.value(NAME))
        y = next(row for row in found.shapes if row.name == "y")
        self.gradients.set_rows(found.gradients)
        self.about.show_found(found)
        self.both.set_rows(agreement(settings, [float(value) for value in y.values or ()]))

    def _show_scenes(self, settings: Settings) -> None:
        """Show the numbers in every tab; where A is typed those that need kernels give way to both readings."""
        for view in self.scenes.values():
            view.show(settings)
        front = self.scenes.get(self.in_view()[0])
        if front is not None and front.settings is None:
            self.pictures.setCurrentIndex(0)
        self._found.setTabVisible(self._found.indexOf(self.counts), settings.bank is not None)
        if settings.bank is not None:
            self.counts.show_settings(settings.bank.layer)

    def _come_to_front(self) -> None:
        """Show what the tab is about: one that needs kernels makes A of some, which can be undone."""
        front = self.scenes.get(self.in_view()[0])
        if front is not None and front.scene.of_kernels and self._session.value(NAME).kernels is None:
            self._session.end_gesture()
            self._session.edit(NAME, presets.made(self._session.value(NAME), of_kernels=True), "A of kernels")
            self._session.told.emit("A is made of kernels now. Undo gives back what it was.")
        self._turn()

    def _turn(self) -> None:
        front = self.in_view()[0]
        self._node.setVisible(front == GRAPH)
        for title, view in self.scenes.items():
            view.section.setVisible(title == front)
        self.frame.turned.emit()

    def _dim(self, dimmed: bool) -> None:
        for canvas in (self.readings.canvas, *(view.canvas for view in self.scenes.values())):
            canvas.set_dimmed(dimmed)
        self.counts.set_dimmed(dimmed)

    def _open(self, workspace: str) -> None:
        """Open the same numbers as a program, or the kernels (the lesson's, where A is typed) as a convolution.

        Raises:
            TracerError: they do not work.
        """
        experiment = self._session.value(NAME)
        kernels = presets.made(experiment, of_kernels=True) if workspace == "convolution" else experiment
        asked = as_convolution(kernels) if workspace == "convolution" else as_expression(experiment)
        self._session.end_gesture()
        self._session.edit(workspace, asked, "open")
        self._session.show(workspace)

    def _open_or_say(self, workspace: str) -> None:
        try:
            self._open(workspace)
        except TracerError as error:
            self._session.told.emit(str(error))
