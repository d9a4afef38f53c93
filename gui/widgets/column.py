"""A column of sections that scrolls: the form on the left, the inspector on the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget


def column(path: str, accessible: str, sections: Sequence[QWidget], kind: str) -> QScrollArea:
    """Place sections under one another in an area that scrolls."""
    inside = QWidget()
    inside.setObjectName(kind)
    box = QVBoxLayout(inside)
    box.setContentsMargins(14, 6, 14, 14)
    box.setSpacing(0)
    for section in sections:
        box.addWidget(section)
    box.addStretch(1)
    area = QScrollArea()
    area.setObjectName(path)
    area.setAccessibleName(accessible)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    return area
