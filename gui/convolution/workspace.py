"""The Convolution workspace: form, graph and tables, inspector."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from gui.convolution import tables
from gui.convolution.cursor import Cursor
from gui.convolution.fields import check
from gui.convolution.form import Form
from gui.convolution.formula import Formula
from gui.convolution.histogram import Histogram
from gui.convolution.inspector import About
from gui.convolution.pictures import Pictures
from gui.graph_view.view import GraphView
from gui.inspector.section import NodeSection
from gui.session.session import Session
from gui.tables.view import Table
from gui.theme.theme import Theme
from gui.widgets.column import column
from gui.workspace import Frame, Result, tabs
from tracer.convolution.cost import cost
from tracer.convolution.python_source import python_source
from tracer.convolution.shapes import formula, shapes
from tracer.errors import TracerError, sentence
from tracer.experiment import Convolution
from tracer.worker.messages import Answer, Arrays, Found, Refused

NAME = "convolution"


class ConvolutionWorkspace(QObject):
    """Shows in the same moment what follows from the settings alone; gradients and graph follow from the worker."""

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self._session = session
        self.form, self.formula, self.about = Form(session), Formula(theme), About()
        self.shapes = Table("convolution.shapes", "Shapes", tables.SHAPES, theme)
        self.cost = Table("convolution.cost", "Cost", tables.COST, theme)
        self.gradients = Table("convolution.gradients", "Gradients", tables.GRADIENTS, theme)
        self.histogram = Histogram(theme)
        node, graph = NodeSection("convolution.node"), GraphView()
        graph.setObjectName("convolution.graph")
        self.result = Result(graph, [self.gradients], node, theme)
        self.cursor = Cursor()
        self.pictures = Pictures(session, theme, self.cursor, graph, node)
        self._sizes = tabs("convolution.sizes", "Sizes", [("Shapes", self.shapes), ("Cost", self.cost)])
        found: list[tuple[str, QWidget]] = [("Gradients", self.gradients), ("Histogram", self.histogram)]
        self._found = tabs("convolution.found", "What torch found", found)
        self.frame = Frame(
            NAME,
            column("convolution.form", "Settings", [*self.form.sections, self.formula], "form"),
            [
                (self.pictures.strip, 470),
                (self._sizes, 174),
                (self._found, 203),
            ],
            column("convolution.inspector", "Inspector", [*self.pictures.sections, self.about], "inspector"),
        )
        self._title = "Gradients"
        self._connect()

    def _connect(self) -> None:
        self.frame.low.connect(self._place_gradients)
        self.about.wanted.connect(lambda padding: self._session.edit("convolution.padding", padding))
        self.shapes.picked.connect(lambda row: self.result.pick_label(row.name))
        self.gradients.picked.connect(lambda row: self.result.pick_label(row.name))
        self.result.found_now.connect(lambda found: self.gradients.set_rows(found.gradients))
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._light)

    def show(self, experiment: Convolution, waiting: str) -> None:
        """Show an experiment and all that is known of it without torch."""
        self.form.show(experiment)
        self._title = f"Gradients of {_loss(experiment)}"
        self._place_gradients(self._found.isHidden())
        try:
            settings = check(experiment)
        except TracerError:
            return  # the session says the same as its answer; the last valid result stays
        self.form.say_problem("", "")
        self.shapes.set_rows(shapes(settings))
        self.cost.set_rows(tables.cost_rows(settings, cost(settings)))
        self.formula.show_lines(formula(settings))
        self.about.show_settings(settings, python_source(experiment))
        self.pictures.show_settings(experiment, settings)
        self._dim(False)
        self.result.wait(waiting)

    def take(self, message: Answer) -> str:
        """Show an answer; give what no field can show, for the status bar."""
        self.result.take(message)
        if isinstance(message, Arrays):
            self.histogram.show_arrays(self.pictures.show_arrays(message))
        if not isinstance(message, Refused):
            return " ".join(map(sentence, message.notes)) if isinstance(message, Found) else ""
        self._dim(True)
        said = " ".join(part for part in (sentence(message.what), sentence(message.cure)) if part)
        return "" if self.form.say_problem(message.where, said) else said

    def _place_gradients(self, low: bool) -> None:
        """Give the gradients and the histogram a strip of their own, or in a low window tabs beside the shapes."""
        strip = self._sizes if low else self._found
        if strip.indexOf(self.gradients) < 0:
            strip.addTab(self.gradients, self._title)
            strip.addTab(self.histogram, "Histogram")
        self._found.setVisible(not low)
        strip.setTabText(strip.indexOf(self.gradients), self._title)

    def _dim(self, dimmed: bool) -> None:
        self.pictures.set_dimmed(dimmed)
        self.histogram.set_dimmed(dimmed)
        self.shapes.set_dimmed(dimmed)
        self.cost.set_dimmed(dimmed)

    def _light(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Light the number of the formula whose field has the focus."""
        workspace, _, path = (now.objectName() if now else "").partition(".")
        field, _, axis = path.partition(".")
        self.formula.light(field if workspace == NAME else "", int(axis) if axis.isdecimal() else 0)


def _loss(experiment: Convolution) -> str:
    """Write the loss as a program would: mean(y), or y[0, 1, 2, 3]."""
    if isinstance(experiment.loss, str):
        return f"{experiment.loss}(y)"
    return f"y[{', '.join(map(str, experiment.loss))}]"
