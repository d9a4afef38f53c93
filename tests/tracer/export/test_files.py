import os
import struct
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tracer.errors import TracerError
from tracer.export import files
from tracer.export.files import replace_file, save
from tracer.facts import read

LESSON = read(Path(__file__).parents[2] / "golden" / "lesson.json")


def test_svg(tmp_path: Path) -> None:
    save(LESSON, tmp_path / "graph.svg")
    assert ElementTree.parse(tmp_path / "graph.svg").getroot().tag.endswith("svg")


def test_png_has_two_pixels_a_point(tmp_path: Path) -> None:
    save(LESSON, tmp_path / "graph.svg")
    save(LESSON, tmp_path / "graph.PNG", "dark")
    content = (tmp_path / "graph.PNG").read_bytes()
    root = ElementTree.parse(tmp_path / "graph.svg").getroot()
    assert content.startswith(b"\x89PNG")
    wide, high = struct.unpack(">II", content[16:24])
    assert wide == pytest.approx(2 * float(root.attrib["width"]), abs=2)
    assert high == pytest.approx(2 * float(root.attrib["height"]), abs=2)


def test_pdf_keeps_text_as_text(tmp_path: Path) -> None:
    save(LESSON, tmp_path / "graph.pdf")
    content = (tmp_path / "graph.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert b"Inter-Regular" in content
    assert b"JetBrainsMono" in content
    assert b"/ToUnicode" in content


def test_json_reads_back_the_same(tmp_path: Path) -> None:
    save(LESSON, str(tmp_path / "graph.json"))
    assert read(tmp_path / "graph.json") == LESSON


def test_dot(tmp_path: Path) -> None:
    save(LESSON, tmp_path / "graph.dot")
    assert (tmp_path / "graph.dot").read_text().startswith("digraph gradtrace {")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        (
            "graph.gif",
            r"“\.gif” is no format that Gradtrace writes\. Choose one of \.svg, \.png, \.pdf, \.dot, \.json\.",
        ),
        ("graph", r"A file name needs a suffix that says its format\. Choose one of \.svg, \.png"),
        ("a" * 300 + ".svg", r"No file can have this name: File name too long"),
        ("nowhere/graph.svg", r"The folder of this file does not exist\. Make it first, or save elsewhere\."),
        ("folder.svg", r"There is a folder of this name"),
    ],
)
def test_what_cannot_be_written_is_said_in_a_sentence(tmp_path: Path, name: str, what: str) -> None:
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(TracerError, match=what) as caught:
        save(LESSON, tmp_path / name)
    assert caught.value.where == str(tmp_path / name)
    assert [file.name for file in tmp_path.iterdir()] == ["folder.svg"]


@pytest.mark.parametrize(("name", "shown"), [("a\0.svg", "a‹U+0000›.svg"), ("a\ud800.svg", "a‹U+D800›.svg")])
def test_a_name_that_no_file_can_have_is_said_with_signs(tmp_path: Path, name: str, shown: str) -> None:
    with pytest.raises(TracerError, match="No file can have this name") as caught:
        save(LESSON, tmp_path / name)
    assert caught.value.where.endswith(shown)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("call", ["fdopen", "fsync", "chmod", "replace"])
def test_a_failure_at_any_step_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    target = tmp_path / "graph.svg"
    target.write_text("old")

    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files.os, call, fail)
        with pytest.raises(TracerError, match="could not be written: No space left on device"):
            replace_file(target, b"new")
    assert target.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["graph.svg"]


@pytest.mark.skipif(sys.platform == "win32", reason="rights and links differ there")
def test_rights_are_kept_and_links_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "real.svg", tmp_path / "link.svg"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    save(LESSON, link)
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert target.read_text().startswith("<svg")


def test_exports_need_no_torch_and_no_qt(tmp_path: Path) -> None:
    recording = os.fspath(Path(__file__).parents[2] / "golden" / "lesson.json")
    program = (
        "import sys; from tracer.facts import read; from tracer.export.files import save\n"
        f"facts, place = read({recording!r}), {os.fspath(tmp_path / 'graph.')!r}\n"
        "for suffix in 'svg png pdf dot json'.split(): save(facts, place + suffix)\n"
        "print([m for m in sys.modules if m.startswith(('torch', 'PySide6'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
