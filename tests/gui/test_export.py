"""Export of the picture in view."""

import pytest
from PySide6.QtWidgets import QFileDialog

from tracer.drawing.display_list import DisplayList, Rect
from tracer.errors import TracerError
from tracer.export.files import save_picture

PICTURE = DisplayList(40, 20, (Rect(2, 3, 10, 10, fill="forward"),), title="A square")


@pytest.fixture
def answered(monkeypatch, folder):
    """What the dialog was asked for; it answers with a name without suffix, and PDF."""
    asked = []

    def answer(_parent, title, proposed, filters):
        asked.append((title, proposed, filters))
        return str(folder / "mine"), "PDF (*.pdf)"

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    return asked


def test_the_graph_is_exported_by_the_worker_and_named(window, answered, folder, front, qtbot):
    front("Graph")
    assert window.commands["export"].text() == "Export the graph…"
    window.commands["export"].trigger()
    assert answered[0][:2] == ("Export the graph", "convolution.svg") and "DOT (*.dot)" in answered[0][2]
    qtbot.waitUntil((folder / "mine.pdf").exists, timeout=30_000)


def test_another_picture_is_written_from_its_display_list(window, part, workspace, answered, folder, monkeypatch):
    pictures = workspace.pictures
    monkeypatch.setattr(type(pictures), "title", property(lambda _: "Slide"))
    monkeypatch.setattr(pictures, "picture", lambda: PICTURE)
    pictures.strip.currentChanged.emit(0)
    assert window.commands["export"].text() == "Export the slide…"
    window.commands["export"].trigger()
    assert answered[0][:2] == ("Export the slide", "convolution-slide.svg") and "DOT" not in answered[0][2]
    assert (folder / "mine.pdf").read_bytes().startswith(b"%PDF")
    assert part("status.sentence").text() == f"Saved {folder / 'mine.pdf'}"


def test_where_there_is_no_picture_that_is_said(window, part, workspace, answered, monkeypatch):
    pictures = workspace.pictures
    monkeypatch.setattr(type(pictures), "title", property(lambda _: "Docs"))
    window.commands["export"].trigger()
    assert part("status.sentence").text() == "There is no picture of Docs to export yet"
    assert answered == []


@pytest.mark.parametrize(("suffix", "start"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_a_picture_is_written_in_the_format_of_its_suffix(folder, suffix, start):
    save_picture(PICTURE, folder / f"mine.{suffix}", "dark")
    assert (folder / f"mine.{suffix}").read_bytes().startswith(start)


def test_a_picture_is_no_graph(folder):
    with pytest.raises(TracerError, match=r"“\.dot” is no format"):
        save_picture(PICTURE, folder / "mine.dot")


def test_a_place_that_is_not_there_is_said(window, part, workspace, monkeypatch, folder):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(folder / "no" / "mine.svg"), ""))
    pictures = workspace.pictures
    monkeypatch.setattr(type(pictures), "title", property(lambda _: "Slide"))
    monkeypatch.setattr(pictures, "picture", lambda: PICTURE)
    window.commands["export"].trigger()
    assert "does not exist" in part("status.sentence").text()
