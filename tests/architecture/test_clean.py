"""The linters as tests, so that one command tells all."""

import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]


@pytest.mark.timeout(400)
@pytest.mark.parametrize("command", ["ruff check .", "ruff format --check .", "mypy"])
def test_clean(command):
    program, *arguments = command.split()
    tool = pathlib.Path(sys.executable).with_name(program)
    done = subprocess.run([str(tool), *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
