"""The convolution's own sections of the inspector: cost, program, and the padding that keeps the size."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.convolution.tables import dense
from gui.widgets.choice import link
from gui.widgets.code_box import CodeBox
from gui.widgets.facts_grid import FactsGrid
from gui.widgets.labels import heading, paragraph
from tracer import quantities
from tracer.convolution.cost import Cost, cost
from tracer.convolution.layer import Settings
from tracer.convolution.solver import keep_size

MOST_LETTERS, FIRST_LETTERS = 1200, 160  # of a list of numbers that is shown, and of one that is shortened


class About(QWidget):
    """Tells what follows from the settings alone. `wanted` gives the padding that the person asks to apply."""

    wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._cost = FactsGrid()
        self.code = CodeBox("convolution.code", "The layer as a PyTorch program")
        self._copy = link("convolution.code.copy", "Copy", "Copy the program")
        self._keep = paragraph("", "plain", "convolution.keep_size")
        self._apply = link("convolution.keep_size.apply", "Apply", "Apply the padding that keeps the size")
        self._padding: tuple[int, ...] | None = None
        self._program = ""
        self._copy.clicked.connect(self.copy)
        self._apply.clicked.connect(lambda: self.wanted.emit(self._padding))
        self._place()

    def show_settings(self, settings: Settings, program: str) -> None:
        """Tell about other settings."""
        self._cost.show_facts(cost_facts(cost(settings)))
        self._program = program
        self.code.show_text("\n".join(map(shortened, program.rstrip("\n").split("\n"))))
        self._padding = keep_size(settings)
        sentence, offer = keep_sentence(settings, self._padding)
        self._keep.setText(sentence)
        self._apply.setVisible(offer)

    def copy(self) -> None:
        """Put the program on the clipboard."""
        QGuiApplication.clipboard().setText(self._program)

    def _place(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        title = QHBoxLayout()
        title.addWidget(heading("As PyTorch"), 1, Qt.AlignmentFlag.AlignBottom)
        title.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignBottom)
        box.addWidget(heading("Cost"))
        box.addWidget(self._cost)
        box.addLayout(title)
        box.addWidget(self.code)
        box.addWidget(heading("Keep the size?"))
        box.addWidget(self._keep)
        box.addWidget(self._apply)


def shortened(line: str) -> str:
    """Leave most of the numbers out of a line of the program that holds very many; the copied program has them all."""
    start, end = line.find("["), line.rfind("]")
    if end - start < MOST_LETTERS:
        return line
    first = line[start:end][:FIRST_LETTERS].rpartition(",")[0]
    left_out = line[start:end].count(",") - first.count(",")
    return f"{line[:start]}{first}, … {quantities.count(left_out)} more{line[end:]}"


def cost_facts(cost: Cost) -> tuple[tuple[str, str], ...]:
    """Write the figures of the cost that matter most."""
    return (
        ("parameters", quantities.count(cost.parameters)),
        ("multiply–adds", quantities.count(cost.multiply_adds)),
        ("kept for backward", quantities.size(cost.saved_bytes)),
        ("as a dense matrix", dense(cost)),
        ("non-zero", "not counted" if cost.share is None else quantities.share(cost.share)),
    )


def keep_sentence(settings: Settings, padding: tuple[int, ...] | None) -> tuple[str, bool]:
    """Say which padding keeps the size, and whether it is another than the present one."""
    if padding is None:
        return "No padding keeps the size with these settings.", False
    size = quantities.shape(settings.input_size)
    if settings.padding == tuple((number, number) for number in padding):
        return f"The size stays {size}.", False
    numbers = str(padding[0]) if len(padding) == 1 else f"({', '.join(map(str, padding))})"
    return f"padding = {numbers} gives {size}.", True
