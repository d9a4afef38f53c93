"""The worker as a process: it starts without torch, goes with its window, and takes the script with it."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from tracer.experiment import Expression, Script
from tracer.worker.messages import Ask, Refused, encode, from_worker
from tracer.worker.model.messages import AskChart, AskPicture, AskRows, AskTree, Cancel, Load, Output, Run, topic

ROOT = pathlib.Path(__file__).parents[4]
FORKING = """
import os, time
child = os.fork()
print("pids", os.getpid(), child or os.getpid(), flush=True) if child else time.sleep(60)
time.sleep(60)
"""


def test_it_needs_no_torch_and_refuses_what_it_cannot_read_or_do(tmp_path: pathlib.Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tracer.worker.model.server import main; main(); "
        "sys.exit('torch' in sys.modules or 'PySide6' in sys.modules)"
    )
    questions = [b"rubbish\n", encode(AskTree(3, 1)), encode(Load(4, str(tmp_path / "none"))), encode(Cancel(5))]
    given = b"".join([*questions, encode(Ask(6, Expression("y = x")))])
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], input=given, capture_output=True, timeout=60, cwd=tmp_path
    )
    heard = [from_worker(line) for line in done.stdout.splitlines()][1:]
    assert all(isinstance(message, Refused) and message.what for message in heard) and done.returncode == 0
    assert [message.edit for message in heard if isinstance(message, Refused)] == [0, 3, 4, 6]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.parametrize("how", ["window goes", "worker is killed"])
def test_a_script_ends_with_the_worker(script: Callable[..., Script], start: Callable[[], Any], how: str) -> None:
    model = start()
    model.hear()
    model.say(Run(1, script(FORKING)))
    while not isinstance(message := model.hear(), Output):
        pass
    pids = [int(pid) for pid in message.text.split()[1:]]
    assert all(map(_is_there, pids))
    model.process.kill() if how == "worker is killed" else model.process.stdin.close()
    model.process.wait(10)
    until = time.monotonic() + 5
    while any(map(_is_there, pids)) and time.monotonic() < until:
        time.sleep(0.02)
    assert not any(map(_is_there, pids))


def _is_there(pid: int) -> bool:
    """Tell whether a process runs; one that nobody has waited for does not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_newer_question_overtakes_only_one_about_the_same() -> None:
    assert topic(AskPicture(1, 1)) == topic(AskPicture(2, 1)) != topic(AskPicture(2, 9))
    assert topic(AskRows(1, 1, "shapes")) == topic(AskRows(2, 1, "shapes")) != topic(AskRows(2, 1, "saved"))
    assert topic(AskChart(1, 1, "kept")) != topic(AskChart(1, 1, "depth")) and topic(Cancel(1)) is None
