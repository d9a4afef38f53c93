"""The left side: the form, and under it the modules with what they keep for backward."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.widgets.labels import heading


def side(form: Sequence[QWidget], tree: QWidget, kept: QWidget) -> QWidget:
    """Place the form above the modules, which take what room there is."""
    made = QWidget()
    made.setObjectName("form")
    made.setAccessibleName("Script and modules")
    box = QVBoxLayout(made)
    box.setContentsMargins(14, 6, 14, 12)
    box.setSpacing(0)
    for section in form:
        box.addWidget(section)
    box.addWidget(heading("Modules"))
    box.addWidget(tree, 1)
    box.addWidget(kept)
    return made
