"""The session that is kept without asking, and the device that stands in the toolbar."""

import pytest
from PySide6.QtCore import QObject

from gui.convolution.presets import LESSON
from gui.expression.presets import LESSON as PROGRAM
from gui.files import Files
from gui.session import storage
from gui.session.session import Session
from gui.session.worker import Workers
from tracer.worker.messages import Ready


@pytest.fixture
def started(qapp):
    """A function that starts a session as the window does, without a worker."""
    parents = []

    def start():
        parents.append(QObject())
        checks = {"convolution": lambda _: None, "expression": lambda _: None}
        session = Session({"convolution": LESSON, "expression": PROGRAM}, checks, Workers(), parents[-1])
        return session, Files(session, keep=True)

    yield start
    storage.kept().unlink(missing_ok=True)


def test_the_session_comes_back_at_the_next_start(started):
    session, files = started()
    session.edit("convolution.stride", (2, 1))
    session.edit("expression.program", "a = x")
    files.keep_now()
    session, files = started()
    assert session.value("convolution.stride") == 1
    files.restore()
    assert session.value("convolution.stride") == (2, 1)
    assert session.value("expression.program") == "a = x"
    assert session.value("expression.inputs") == PROGRAM.inputs


def test_a_damaged_session_is_put_aside_and_told(started):
    session, files = started()
    told = []
    files.told.connect(told.append)
    storage.kept().parent.mkdir(parents=True, exist_ok=True)
    storage.kept().write_text("{")
    files.restore()
    aside = storage.kept().with_name("damaged-session.gradtrace")
    assert aside.read_text() == "{"
    assert str(aside) in told[0]
    assert session.value("convolution") == LESSON


def test_an_edit_is_kept_by_itself(started, qtbot):
    session, _ = started()
    session.edit("convolution.groups", 2)
    qtbot.waitUntil(lambda: storage.kept().exists() and kept_groups() == 2, timeout=10_000)
    assert kept_groups() == 2


def kept_groups() -> int:
    return storage.read(storage.kept())[0].groups  # an earlier test may have kept a session of its own


def test_a_cuda_device_is_the_default_and_can_be_left(window, part, session):
    toolbar = part("toolbar")
    before = toolbar._ready
    toolbar.show_devices(Ready("2.13.0", ("cpu", "cuda:0"), ("CPU", "NVIDIA H100")))
    device = part("toolbar.device")
    try:
        assert session.value("convolution.device") == "auto"
        assert device.currentText() == "NVIDIA H100"
        device.chosen.emit("cpu")
        assert session.value("convolution.device") == "cpu"
        assert device.currentText() == "CPU"
    finally:
        toolbar.show_devices(before)
