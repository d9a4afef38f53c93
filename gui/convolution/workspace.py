"""The Convolution workspace: form, graph and tables, inspector."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from gui.convolution import loading, tables
from gui.convolution.cursor import Cursor
from gui.convolution.fields import check
from gui.convolution.form import Form
from gui.convolution.formula import Formula
from gui.convolution.histogram import Histogram
from gui.convolution.inspector import About
from gui.convolution.paste_sheet import PasteSheet
from gui.convolution.pictures import Pictures
from gui.convolution.sheet import Side
from gui.convolution.solve_sheet import SolveSheet
from gui.convolution.values_sheet import ValuesSheet
from gui.graph_view.view import GraphView
from gui.inspector.section import NodeSection
from gui.session.session import Session
from gui.tables.counts import Counts
from gui.tables.view import Table
from gui.theme.theme import Theme
from gui.widgets.column import column
from gui.workspace import Frame, Result, tabs
from tracer.convolution.cost import cost
from tracer.convolution.layer import LAYERS, Settings
from tracer.convolution.python_source import python_source
from tracer.convolution.shapes import formula, shapes
from tracer.drawing.display_list import DisplayList
from tracer.errors import TracerError, sentence
from tracer.experiment import Convolution
from tracer.lesson.steps import View
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
        self.counts = Counts("convolution.counts", theme)
        node, graph = NodeSection("convolution.node"), GraphView()
        graph.setObjectName("convolution.graph")
        self.result = Result(graph, [self.gradients], node, theme)
        self.cursor = Cursor()
        self.pictures = Pictures(session, theme, self.cursor, graph, node)
        self.solve, self.paste = SolveSheet(session, theme), PasteSheet(session)
        form = column("convolution.form", "Settings", [*self.form.sections, self.formula], "form")
        self.values = ValuesSheet(session, theme)
        sheets = {"solve": self.solve.sheet, "paste": self.paste.sheet, "values": self.values.sheet}
        self.side = Side("convolution.side", form, sheets)
        self.offers: Mapping[str, Callable[[], object]] = {
            "values": lambda: self.side.open_sheet("values"),
            "load_file": self._load,
            "solve": lambda: self.side.open_sheet("solve"),
            "paste_layer": self._paste,
            "copy_program": self.about.copy,
        }
        sizes = [("Shapes", self.shapes), ("Cost", self.cost), ("Counts", self.counts)]
        self._sizes = tabs("convolution.sizes", "Sizes", sizes)
        found: list[tuple[str, QWidget]] = [("Gradients", self.gradients), ("Histogram", self.histogram)]
        self._found = tabs("convolution.found", "What torch found", found)
        self.frame = Frame(
            NAME,
            self.side,
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
        self.pictures.strip.currentChanged.connect(lambda _: self.frame.turned.emit())
        self.solve.previewed.connect(self._preview)
        self.values.load_wanted.connect(self._load)
        self.form.load_wanted.connect(self._load)
        self.form.values_wanted.connect(lambda: self.side.open_sheet("values"))
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
        self.values.show_experiment(experiment, waiting)
        self._title = f"Gradients of {_loss(experiment)}"
        self._place_gradients(self._found.isHidden())
        try:
            settings = check(experiment)
        except TracerError:
            self.solve.show_experiment(experiment)
            return  # the session says the same as its answer; the last valid result stays
        self.form.say_problem("", "")
        self.values.say_problem("", "")
        self._show_settings(experiment, settings)
        self.pictures.show_settings(experiment, settings)
        self.solve.show_experiment(experiment)
        self._dim(False)
        self.result.wait(waiting)

    def in_view(self) -> tuple[str, DisplayList | None]:
        """Name the picture in view, and give it for a file."""
        return self.pictures.title, self.pictures.picture()

    def take(self, message: Answer) -> str:
        """Show an answer; give what no field can show, for the status bar."""
        self.result.take(message)
        if isinstance(message, Arrays):
            arrays = self.pictures.show_arrays(message)
            self.histogram.show_arrays(arrays)
            self.values.show_arrays(arrays)
        if isinstance(message, Found):
            self.form.say_notes(" ".join(map(sentence, message.notes)))
        if not isinstance(message, Refused):
            return " ".join(map(sentence, message.notes)) if isinstance(message, Found) else ""
        self._dim(True)
        said = " ".join(part for part in (sentence(message.what), sentence(message.cure)) if part)
        in_form, in_values = self.form.say_problem(message.where, said), self.values.say_problem(message.where, said)
        return "" if in_form or in_values else said

    def look(self, view: View) -> None:
        """Look at an element of y, or at one of x."""
        if view.output:
            self.cursor.choose("output", view.output)
        if view.input:
            self.cursor.choose("input", view.input)

    def _show_settings(self, experiment: Convolution, settings: Settings) -> None:
        """Show what follows from settings alone."""
        self.shapes.set_rows(shapes(settings))
        self.cost.set_rows(tables.cost_rows(settings, cost(settings)))
        self.counts.show_settings(settings)
        self.formula.show_lines(formula(settings))
        self.about.show_settings(settings, _program(experiment))

    def _preview(self, experiment: Convolution | None) -> None:
        """Show in the tables what settings would give, or again what those of the form do."""
        self._sizes.setTabText(self._sizes.indexOf(self.shapes), "Shapes" if experiment is None else "Shapes · preview")
        shown = self._session.value(NAME) if experiment is None else experiment
        try:
            self._show_settings(shown, check(shown))
        except TracerError:
            return  # what the form holds does not work yet; the last valid result stays

    def _load(self) -> None:
        """Ask for a file and fill the input from it."""
        if path := loading.ask(self.frame, LAYERS[self._session.value(NAME).layer].dims):
            loading.fill_from(self._session, path)

    def _paste(self) -> None:
        """Take the layer on the clipboard, or ask for one."""
        if not self.paste.paste():
            self.side.open_sheet("paste")

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
        self.counts.set_dimmed(dimmed)

    def _light(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Light the number of the formula whose field has the focus."""
        workspace, _, path = (now.objectName() if now else "").partition(".")
        field, _, axis = path.partition(".")
        self.formula.light(field if workspace == NAME else "", int(axis) if axis.isdecimal() else 0)


def _program(experiment: Convolution) -> str:
    """Write the program, or why there is none: a file can be missing, or hold too many numbers."""
    try:
        return python_source(experiment)
    except TracerError as error:
        return f"# {sentence(error.what)}\n# {sentence(error.cure)}\n"


def _loss(experiment: Convolution) -> str:
    """Write the loss as a program would: mean(y), or y[0, 1, 2, 3]."""
    if isinstance(experiment.loss, str):
        return f"{experiment.loss}(y)"
    return f"y[{', '.join(map(str, experiment.loss))}]"
