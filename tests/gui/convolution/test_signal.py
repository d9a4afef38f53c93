"""The Signal tab in the window, and sound without the part of Qt for it."""

import pytest
from PySide6.QtCore import Qt

from gui.convolution import sound
from gui.convolution.presets import PRESETS


@pytest.fixture
def canvas(front, part, session, settled):
    session.edit("convolution", PRESETS["Lesson 1D"])
    settled()
    front("Signal")
    return part("convolution.signal.canvas")


def shown(part):
    tabs = part("convolution.pictures")
    return [tabs.tabText(at) for at in range(tabs.count()) if tabs.isTabVisible(at)]


def test_only_signals_have_the_tab(window, part, session):
    assert "Signal" not in shown(part)
    session.edit("convolution", PRESETS["Lesson 1D"])
    assert "Signal" in shown(part)
    session.edit("convolution.in_channels", 3)
    assert "Signal" not in shown(part)


def test_keys_pointer_and_wheel_choose_output_and_kernel(canvas, part, qtbot):
    assert "kernel 0 reads samples 30–32 of 64" in canvas.picture.title
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    for _ in range(20):
        qtbot.keyClick(canvas, Qt.Key.Key_Down)
    assert "kernel 15 reads samples 1–3 of 64" in canvas.picture.title
    assert "y 15 1" in {area.owner for area in canvas.picture.areas}
    canvas.hovered.emit("y 14 7")
    assert "kernel 14 reads samples 7–9" in canvas.picture.title
    canvas.pressed.emit("x 0 63")
    assert "reads samples 61–63" in canvas.picture.title
    canvas.hovered.emit("y 14 7")
    assert "reads samples 61–63" in canvas.picture.title
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)


def test_zoom_keeps_the_output_in_view_and_arrows_take_it_along(canvas, part, qtbot):
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    for _ in range(2):
        qtbot.mouseClick(part("convolution.signal.zoom_in"), Qt.MouseButton.LeftButton)
    owners = {area.owner for area in canvas.picture.areas}
    assert "x 0 0" in owners and "x 0 63" not in owners
    qtbot.keyClick(canvas, Qt.Key.Key_End)
    owners = {area.owner for area in canvas.picture.areas}
    assert "x 0 63" in owners and "x 0 0" not in owners
    for _ in range(2):
        qtbot.mouseClick(part("convolution.signal.zoom_out"), Qt.MouseButton.LeftButton)
    assert {"x 0 0", "x 0 63"} <= {area.owner for area in canvas.picture.areas}


def test_the_values_are_those_of_y(canvas, part):
    labels = {area.owner: area.label for area in canvas.picture.areas}
    assert labels["x 1 0"].startswith("x right, sample 0 = ")


def test_without_the_extra_play_is_off_and_says_how_to_get_it(canvas, part, monkeypatch):
    if sound.absence():
        assert not part("convolution.signal.play").isEnabled()
        assert 'pip install "gradtrace[sound]"' in part("convolution.signal.absence").text()
    monkeypatch.setattr(sound, "MODULE", "json")
    assert sound.absence() == ""
    monkeypatch.setattr(sound, "MODULE", "PySide6.NoSuchModule")
    assert sound.absence() == sound.ABSENT
    assert "NoSuchModule" in sound.Player(canvas).play(b"", 1, 8000)


def test_it_gives_way_where_the_layer_has_no_signal_any_more(canvas, part, session, settled):
    tabs = part("convolution.pictures")
    assert tabs.tabText(tabs.currentIndex()) == "Signal"
    part("convolution.layer").chosen.emit("Conv2d")
    settled()
    assert tabs.tabText(tabs.currentIndex()) != "Signal"
    part("convolution.layer").chosen.emit("Conv1d")
    settled()
    assert tabs.isTabVisible([tabs.tabText(at) for at in range(tabs.count())].index("Signal"))
