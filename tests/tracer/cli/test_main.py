"""The command as a whole: help without torch, exit codes, one sentence for every failure."""

from __future__ import annotations

import subprocess
import sys

import pytest

import tracer
from tracer.cli.main import DONE, REFUSED, answer

WRONG = [
    (["conf"], "No such command 'conf'"),
    (["conv", "--kernel"], "Option '--kernel' requires an argument."),
    (["conv", "--in", "many"], "Invalid value for '--in'"),
    (["conv", "--kernel", "3y5"], "kernel_size: “3y5” is no size. Write one number, such as 3, or one an axis"),
    (["conv", "--groups", "3"], "groups: in_channels (20) can't be divided by groups (3). Use groups 1, 2 or 4."),
    (["conv", "--kernel", "99999999999999999999"], "kernel_size: The number can be at most 2147483647"),
    (["conv", "--out", "1000000000"], "This would need about"),
    (["conv", "--layer", "Conv2"], "layer: “Conv2” is no layer. Did you mean “Conv2d”?"),
    (["expr"], "Missing argument"),
    (["expr", "y = x", "--set", "x"], "--set: “x” names no input."),
    (["expr", "y = x", "--set", "x=[1,"], "x: “[1,” can't be read as numbers."),
    (["run", "there-is-no-such-script.py"], "there-is-no-such-script.py"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "sentence"), WRONG, ids=[" ".join(row[0]) for row in WRONG])
def test_what_cannot_be_done_is_one_sentence_and_exit_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = answer(arguments)
    said = capsys.readouterr()
    assert (code, said.out) == (REFUSED, "")
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err


def test_a_fault_of_ours_is_a_sentence_too_and_a_traceback_only_when_debugging(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(tracer, "run", fail)
    assert answer(["conv"]) == REFUSED
    failed = "Gradtrace failed: ZeroDivisionError: division by zero. GRADTRACE_DEBUG=1 shows where.\n"
    assert capsys.readouterr().err == failed
    monkeypatch.setenv("GRADTRACE_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        answer(["conv"])


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["--version"]) == DONE
    assert capsys.readouterr().out == f"gradtrace {tracer.__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["conv", "--help"], ["run", "--help"], ["--version"]])
def test_help_never_waits_for_torch(arguments: list[str]) -> None:
    program = (
        "import sys; from tracer.cli.main import answer; code = answer(sys.argv[1:]);"
        "late = {'torch', 'PySide6', 'numpy'} & set(sys.modules); sys.exit(f'loaded {late}' if late else code)"
    )
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_module_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "tracer", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"gradtrace {tracer.__version__}\n"


def test_a_refusal_comes_without_torch() -> None:
    program = (
        "import sys; from tracer.cli.main import answer; code = answer(['conv', '--groups', '3']);"
        "sys.exit('torch was loaded' if 'torch' in sys.modules else code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
