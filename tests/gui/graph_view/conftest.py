import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from gui.graph_view.view import GraphView
from gui.theme import fonts
from tracer.drawing.display_list import DisplayList
from tracer.drawing.picture import draw
from tracer.facts import read


@pytest.fixture(scope="session")
def lesson() -> DisplayList:
    return draw(read(Path(__file__).parents[2] / "golden" / "lesson.json"))


@pytest.fixture
def view(qtbot) -> Iterator[GraphView]:
    fonts.register()
    made = GraphView()
    qtbot.addWidget(made)
    made.resize(800, 560)
    with qtbot.waitExposed(made):
        made.show()
    yield made
