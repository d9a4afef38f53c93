"""`gradtrace screenshot`: the window as a picture, no display needed; and the demo where there is none."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tracer.cli.main import DONE, REFUSED, answer


def size(picture: Path) -> tuple[int, int]:
    """Read the width and height from a PNG's header."""
    head = picture.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:24])
    return width, height


TABS = {"convolution": ["--tab", "Matrix (Toeplitz)"], "expression": []}


@pytest.mark.parametrize(("workspace", "theme"), [("convolution", "light"), ("expression", "dark")])
def test_a_picture_of_the_window(
    workspace: str, theme: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "window.png"
    code = answer(
        ["screenshot", str(file), "--workspace", workspace, "--theme", theme, "--size", "1024x700", *TABS[workspace]]
    )
    said = capsys.readouterr()
    assert code == DONE, said.err
    assert size(file) == (1024, 700)
    assert f"Saved {file}" in said.err
    assert said.out == ""


WRONG = [
    (
        ["--workspace", "kitchen"],
        "workspace: “kitchen” is no workspace. Use “convolution”, “expression”, “matvec”, “model” or “lesson”.",
    ),
    (["--theme", "drak"], "theme: “drak” is no theme. Did you mean “dark”?"),
    (["--size", "large"], "size: “large” is no size. Write it as 1440x900."),
    (["--size", "1024"], "size: The size needs a width and a height. Write it as 1440x900."),
    (["--size", "9x9"], "size: Width and height can be 200 to 8000 pixels, and “9x9” is not. Write it as 1440x900."),
    (["--session", "no.gradtrace"], "no.gradtrace: There is no such session. Give the path of a *.gradtrace file."),
    (["--tab", "Ceiling"], "There is no tab “Ceiling”. Use one of Slide, Graph, "),
    (["--tab", "Signal"], "There is no tab “Signal”. Use one of Slide, Graph, "),  # the first layer has two axes
    (["--size", "800x9000"], "200 to 8000 pixels, and “800x9000” is not."),
]


@pytest.mark.parametrize(("options", "text"), WRONG)
def test_what_cannot_be_drawn_is_refused(
    options: list[str], text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer(["screenshot", str(tmp_path / "window.png"), *options]) == REFUSED
    said = capsys.readouterr().err
    assert text in said
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nowhere/window.png", "The folder of this file does not exist. Make it first, or save elsewhere."),
        ("window.jpg", "A picture of the window is a PNG. Give it a name that ends in .png."),
        ("window", "Give it a name that ends in .png."),
        ("folder.png", "There is a folder of this name. Give the file another name."),
    ],
)
def test_a_file_that_can_t_be_written_is_refused_before_the_window_starts(
    name: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder.png").mkdir()
    monkeypatch.setenv("QT_QPA_PLATFORM", "no such platform")  # a window that starts would say so
    assert answer(["screenshot", str(tmp_path / name)]) == REFUSED
    said = capsys.readouterr().err
    assert said == f"{tmp_path / name}: {said.partition(': ')[2]}" and said.endswith(f"{text}\n")


def test_without_a_display_the_examples_are_shown_and_saved(tmp_path: Path) -> None:
    displays = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    blind = {name: text for name, text in os.environ.items() if name not in displays}
    done = subprocess.run(
        [sys.executable, "-m", "tracer"],
        cwd=tmp_path,
        env=blind,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("There is no display here")
    assert "W = ⌊(128 + 2·0 − 1·(5 − 1) − 1) / 1⌋ + 1 = 124" in done.stdout
    assert "[[−1.5, 0], [1.5, 3]]" in done.stdout
    names = {file.name for file in (tmp_path / "gradtrace-demo").iterdir()}
    graphs = {f"{name}-graph.{suffix}" for name in ("convolution", "expression") for suffix in ("svg", "png")}
    assert names == graphs | {
        f"{workspace}-window.png" for workspace in ("convolution", "expression", "matvec", "lesson")
    }
    assert all(f"gradtrace-demo{os.sep}{name}" in done.stdout for name in names)
