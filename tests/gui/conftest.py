"""A window with a real worker, shared by the tests of this folder; the person's own settings are never touched."""

import os
import pathlib
import shutil
import tempfile

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
HOME = tempfile.mkdtemp(prefix="gradtrace-tests-")
for folder in ("CONFIG", "DATA", "CACHE"):
    os.environ[f"XDG_{folder}_HOME"] = os.path.join(HOME, folder.lower())

WAIT_MS = 60_000


@pytest.fixture(scope="session", autouse=True)
def _clean_home():
    yield
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def shared_window(qapp):
    from gui.app import build

    window = build(("--size", "1440x900"))
    window.show()
    yield window
    window.close()


@pytest.fixture
def window(shared_window, qtbot):
    """The shared window as it opens for the first time, active, with nothing to undo."""
    from gui.convolution.presets import LESSON as CONVOLUTION
    from gui.expression.presets import LESSON as EXPRESSION
    from gui.matrix_vector.presets import LESSON as MATVEC
    from gui.session.session import Session

    shared_window.activateWindow()  # a window of another test may have been, and then no control has the focus
    qtbot.waitUntil(shared_window.isActiveWindow, timeout=WAIT_MS)
    shared_window.resize(1440, 900)
    session = shared_window.findChild(Session)
    session.show("convolution")
    session.edit("", {"convolution": CONVOLUTION, "expression": EXPRESSION, "matvec": MATVEC})
    session.history.clear()
    session.end_gesture()
    settle(shared_window, qtbot)
    return shared_window


@pytest.fixture
def session(window):
    from gui.session.session import Session

    return window.findChild(Session)


def settle(window, qtbot):
    qtbot.waitUntil(window.is_idle, timeout=WAIT_MS)


@pytest.fixture
def settled(window, qtbot):
    """A function that waits until the newest edit is answered and drawn."""
    return lambda: settle(window, qtbot)


@pytest.fixture
def part(window):
    """A function that finds a control by its stable name."""
    from PySide6.QtWidgets import QWidget

    def find(name):
        found = window.findChild(QWidget, name)
        assert found is not None, f"there is no control {name}"
        return found

    return find


@pytest.fixture
def workspace(window):
    """The Convolution workspace of the window."""
    from gui.join import Join

    return next(child for child in window.children() if isinstance(child, Join)).workspaces["convolution"]


@pytest.fixture
def folder(tmp_path) -> pathlib.Path:
    return tmp_path


@pytest.fixture
def front(window, part):
    """A function that brings a tab to the front; what was in front before is so again afterwards."""
    before = {}

    def bring(title, strip="convolution.pictures"):
        tabs = part(strip)
        before.setdefault(strip, tabs.currentIndex())
        tabs.setCurrentIndex([tabs.tabText(at) for at in range(tabs.count())].index(title))

    yield bring
    for strip, index in before.items():
        part(strip).setCurrentIndex(index)
