"""Tabs of the Convolution workspace."""

import pytest


@pytest.fixture
def show_tab(window, part):
    """A function that brings a tab to the front; the graph is in front again afterwards."""

    def show(title, strip="convolution.pictures"):
        tabs = part(strip)
        tabs.setCurrentIndex([tabs.tabText(at) for at in range(tabs.count())].index(title))

    window.activateWindow()
    yield show
    show("Graph")
