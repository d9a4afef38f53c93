"""The worker as a real process: what it says, in which order, and that nothing a program does breaks the channel."""

from __future__ import annotations

import os
import pathlib
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from tracer.analysis.rolling import Roll
from tracer.experiment import Convolution, Experiment, Expression
from tracer.expression.presets import PRESETS
from tracer.facts import read
from tracer.worker.messages import (
    Arrays,
    Ask,
    Drawn,
    Found,
    FromWorker,
    Look,
    Ready,
    Refused,
    Rolled,
    Save,
    Saved,
    ToWorker,
    encode,
    from_worker,
)  # fmt: skip
from tracer.worker.spool import look

ROOT = pathlib.Path(__file__).parents[3]
LESSON = Expression("y = x - 2\nz = y*y*3\na = z.mean()", {"x": [[1, 2], [3, 4]]})
SLOW = Expression("y = x\nfor i in range(60):\n    z = torch.rand(900, 900) @ torch.ones(900, 900)", {"x": [1.0]})


class Window:
    """The other end of a worker: sends messages, and waits for what comes."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tracer.worker"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.came: queue.Queue[FromWorker | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.came.put(from_worker(line))
        self.came.put(None)

    def say(self, *messages: ToWorker | bytes) -> None:
        assert self.process.stdin is not None
        for message in messages:
            self.process.stdin.write(message if isinstance(message, bytes) else encode(message))
        self.process.stdin.flush()

    def hear(self) -> FromWorker | None:
        return self.came.get(timeout=60)

    def until(self, edit: int, kind: type) -> list[FromWorker]:
        """Take what comes up to that kind of answer to that edit."""
        heard: list[FromWorker] = []
        while not heard or not (isinstance(heard[-1], kind) and getattr(heard[-1], "edit", None) == edit):
            message = self.hear()
            assert message is not None
            heard.append(message)
        return heard


@pytest.fixture(scope="module")
def window() -> Iterator[Window]:
    made = Window()
    ready = made.hear()
    assert isinstance(ready, Ready) and ready.torch == torch.__version__
    assert ready.devices[0] == "cpu" and len(ready.names) == len(ready.devices)
    yield made
    made.process.kill()


def test_an_ask_is_answered_with_rows_then_with_a_picture(window: Window) -> None:
    window.say(Ask(1, LESSON))
    found, drawn = window.hear(), window.hear()
    assert isinstance(found, Found) and isinstance(drawn, Drawn) and (found.edit, drawn.edit) == (1, 1)
    assert [row.name for row in found.shapes] == ["x", "y", "z", "a"]
    assert next(row.values for row in found.gradients if row.name == "x") == (-1.5, 0, 1.5, 3)
    assert (found.nodes, found.edges, found.device) == (5, 5, "cpu") and found.saved_bytes > 0
    assert drawn.picture.marks and drawn.graph is not None and len(drawn.graph.nodes) == 5
    assert [area.owner for area in drawn.picture.areas if area.owner.startswith("node")]


def test_each_experiment_of_the_window(window: Window) -> None:
    layer = Convolution("Conv2d", 20, 16, (3, 5), (64, 128), device="cpu")
    window.say(Ask(2, layer))
    arrays, found, _ = window.until(2, Drawn)
    assert isinstance(arrays, Arrays) and isinstance(found, Found) and found.notes == ()
    numbers = look(arrays)
    assert numbers["y"].shape == numbers["y.grad"].shape == (1, 16, 62, 124)
    norms = {row.name: row.norm for row in found.gradients}
    for name in ("x", "weight", "bias", "y"):
        assert np.linalg.norm(numbers[f"{name}.grad"].astype(float)) == pytest.approx(norms[name], rel=1e-6)
    assert {row.name: row.shape for row in found.shapes}["y"] == (1, 16, 62, 124)


def test_numbers_that_json_does_not_have(window: Window) -> None:
    window.say(Ask(3, Expression("y = x / 0", {"x": ["NaN", 1, -1, "Infinity"]})))
    found = window.until(3, Drawn)[0]
    assert isinstance(found, Found)
    assert [str(value) for value in found.shapes[1].values or ()] == ["nan", "inf", "-inf", "inf"]


@pytest.mark.parametrize(
    ("experiment", "where", "cure"),
    [
        (Expression("y = q", {"x": [1.0]}), "line 1, column 5", "make it an input"),
        (Expression("y = torch.ones(10**12)"), "line 1, column 5", "GRADTRACE_MEMORY"),
        (Convolution("Conv2d", 3, 4, 5, 4), "kernel_size", "kernel"),
    ],
)
def test_a_refusal_has_the_three_parts_of_the_error(
    window: Window, experiment: Experiment, where: str, cure: str
) -> None:
    window.say(Ask(4, experiment))
    refused = window.hear()
    assert isinstance(refused, Refused) and (refused.edit, refused.where) == (4, where)
    assert refused.what and cure in refused.cure


@pytest.mark.parametrize(
    "line", [b"{}\n", b"not json\n", b'{"type": "ask", "edit": 1}\n', b"\xff\xfe\n", b"[" * 5000 + b"\n"]
)
def test_a_message_that_cannot_be_read_is_refused_and_the_next_one_answered(window: Window, line: bytes) -> None:
    window.say(line, b"\n", Ask(5, LESSON))
    refused = window.hear()
    assert isinstance(refused, Refused) and refused.edit == 0
    assert len(window.until(5, Drawn)) == 2


def test_a_newer_ask_overtakes(window: Window) -> None:
    window.say(Ask(6, SLOW))
    time.sleep(0.05)  # it is at work now
    window.say(Ask(7, LESSON), Ask(8, LESSON), Ask(9, LESSON))
    heard = window.until(9, Drawn)
    assert [(type(message), message.edit) for message in heard] == [(Found, 6), (Found, 9), (Drawn, 9)]  # type: ignore[union-attr]


def test_what_is_at_work_is_answered_before_a_refusal_that_came_later(window: Window) -> None:
    window.say(Ask(10, LESSON), b"rubbish\n")
    assert [type(message) for message in (window.hear(), window.hear(), window.hear())] == [Found, Drawn, Refused]


def test_a_recording_is_saved_and_an_old_one_is_not_held(window: Window, tmp_path: pathlib.Path) -> None:
    window.say(Ask(11, LESSON), Save(11, str(tmp_path / "lesson.json")), Save(1, str(tmp_path / "old.json")))
    heard = window.until(1, Refused)
    assert [type(message) for message in heard] == [Found, Drawn, Saved, Refused]
    assert len(read(tmp_path / "lesson.json").graph.nodes) == 5
    assert isinstance(heard[-1], Refused) and "no longer held" in heard[-1].what
    assert not (tmp_path / "old.json").exists()


def test_loops_are_drawn_rolled_up_without_another_run(window: Window) -> None:
    doubling = PRESETS["Doubling loop"]
    roll = Roll(3, 4)
    window.say(Ask(20, doubling), Look(20, roll), Look(1, roll))
    found, _, rolled, gone = (window.hear() for _ in range(4))
    assert isinstance(found, Found) and [loop.passes for loop in found.loops] == [9]
    assert isinstance(rolled, Rolled) and rolled.picture is not None and rolled.roll == roll
    assert rolled.picture.title.endswith("showing pass 4 of the loop on line 3")
    assert gone == Rolled(1, roll, None)  # that recording is not held


def test_a_file_that_cannot_be_written_is_refused(window: Window, tmp_path: pathlib.Path) -> None:
    window.say(Ask(12, LESSON), Save(12, str(tmp_path / "lesson.xyz")))
    refused = window.until(12, Refused)[-1]
    assert isinstance(refused, Refused) and "svg" in refused.cure + refused.what


@pytest.mark.parametrize("busy", [False, True])
def test_the_worker_ends_with_its_window(busy: bool) -> None:
    window = Window()
    assert isinstance(window.hear(), Ready)
    if busy:
        window.say(Ask(1, endless()))
        time.sleep(0.2)
    assert window.process.stdin is not None
    window.process.stdin.close()
    assert window.process.wait(10) == 0


def endless() -> Expression:
    return Expression(
        "y = x\nfor i in range(6000):\n    z = torch.ones(1500, 1500) @ torch.ones(1500, 1500)", {"x": [1.0]}
    )


def test_what_is_asked_before_the_window_goes_is_answered() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tracer.worker"], cwd=ROOT, input=encode(Ask(1, LESSON)), capture_output=True, timeout=60
    )
    assert [type(from_worker(line)) for line in done.stdout.splitlines()] == [Ready, Found, Drawn]
    assert done.returncode == 0 and done.stderr == b""


def test_a_memory_limit_that_is_none_is_said_and_work_goes_on() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tracer.worker"],
        cwd=ROOT,
        env={**os.environ, "GRADTRACE_MEMORY": "lots"},
        input=encode(Ask(1, LESSON)),
        capture_output=True,
        timeout=60,
    )
    heard = [from_worker(line) for line in done.stdout.splitlines()]
    assert [type(message) for message in heard] == [Ready, Refused, Found, Drawn]
    assert isinstance(heard[1], Refused) and heard[1].where == "GRADTRACE_MEMORY"
