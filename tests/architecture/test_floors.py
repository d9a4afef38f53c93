"""The floors of the house as a test: imports go down, never up and never across."""

import ast
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]


def test_the_floors_hold():
    done = subprocess.run(
        [str(pathlib.Path(sys.executable).with_name("lint-imports"))], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def imports_of(path: pathlib.Path, top_only: bool) -> set[str]:
    """List the top-level packages that a file imports; `top_only` leaves out imports inside functions."""
    tree = ast.parse(path.read_text())
    late = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.If)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    }
    found = set()
    for node in ast.walk(tree):
        if top_only and node in late:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


SOURCES = sorted(path for room in ("tracer", "gui") for path in (ROOT / room).rglob("*.py"))
TORCH_ROOMS = {"capture", "backward", "runners"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_torch_and_qt_live_in_their_rooms(path):
    room = path.relative_to(ROOT).parts
    if room[0] != "tracer" or room[1] not in TORCH_ROOMS:
        late_is_fine = room[0] == "tracer"
        assert "torch" not in imports_of(path, top_only=late_is_fine)
    if room[0] != "gui":
        assert not {"PySide6", "gui"} & imports_of(path, top_only=False)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_are_readable_at_one_sitting(path):
    assert path.read_text().count("\n") <= 300
