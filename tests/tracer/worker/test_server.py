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
from tracer.experiment import Convolution, Experiment, Expression, Variant
from tracer.expression.presets import PAIRS, PRESETS
from tracer.facts import read
from tracer.lesson.answers import check
from tracer.lesson.steps import Prediction, Slip, Step
from tracer.worker.messages import (
    Arrays,
    Ask,
    AskJacobian,
    Compared,
    Drawn,
    Found,
    FromWorker,
    JacobianFound,
    Look,
    Ready,
    Refused,
    Rolled,
    Save,
    Saved,
    Solved,
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


def test_the_step_of_a_lesson_is_solved_before_anything_is_shown(window: Window) -> None:
    slip = Slip("half", "Half of it.", "expected / 2")
    step = Step("Square", "Say.", LESSON, predict=(Prediction("What?", "list", "grad(y)", (slip,)),))
    window.say(Ask(51, LESSON, step))
    solved = window.hear()
    assert isinstance(solved, Solved) and solved.edit == 51
    (prediction,) = solved.solution.predictions
    assert check(prediction, "[[-3/2, 0], [3/2, 3]]").state == "right"
    assert check(prediction, "[[-3/4, 0], [3/4, 3/2]]").slip == "half"
    assert set(prediction.hidden.gradients) == {"x", "y"}
    assert isinstance(window.hear(), Found) and isinstance(window.hear(), Drawn)


def test_a_step_that_asks_for_nothing_there_is_is_refused(window: Window) -> None:
    step = Step("Square", "Say.", LESSON, predict=(Prediction("What?", "list", "grad(q)"),))
    window.say(Ask(52, LESSON, step))
    refused = window.hear()
    assert isinstance(refused, Refused) and (refused.edit, refused.where) == (52, "grad(q)")


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


def test_a_program_beside_is_answered_between_the_rows_and_the_picture(window: Window) -> None:
    window.say(Ask(20, PAIRS["Two spellings"]))
    found, compared, drawn = window.hear(), window.hear(), window.hear()
    assert isinstance(found, Found) and isinstance(compared, Compared) and isinstance(drawn, Drawn)
    assert (found.edit, compared.edit, drawn.edit, compared.refused) == (20, 20, 20, None)
    assert compared.found and compared.beside and compared.picture and compared.graph
    assert [node.name for node in compared.graph.nodes][2] == "PowBackward0" and found.nodes == compared.found.nodes
    assert compared.beside.pairs == tuple((at, at) for at in range(5))
    assert not any(couple.changed for couple in compared.beside.couples)
    assert {"node 2", "node b2"} <= {area.owner for area in compared.picture.areas}


WRONG = [
    (Variant("y = q", {"x": [1.0]}), "line 1, column 5"),
    (Variant("y = (", {"x": [1.0]}), "line 1, column 5"),
    (Variant("y = x", {"x": [[1.0], [1.0, 2.0]]}), "inputs.x"),
    (Variant("y = x", {"x": {"dtype": "int3"}}), "inputs.x"),
    (Variant("y = x\nwhile True:\n    y = y * 1", {"x": [1.0]}), "line 2, column 1"),
]


@pytest.mark.parametrize(("other", "where"), WRONG)
def test_a_program_beside_that_is_refused_leaves_the_first_as_it_is(window: Window, other: Variant, where: str) -> None:
    window.say(Ask(21, Expression(LESSON.program, LESSON.inputs, beside=other)))
    found, compared, drawn = window.hear(), window.hear(), window.hear()
    assert isinstance(found, Found) and isinstance(drawn, Drawn) and found.nodes == 5
    assert isinstance(compared, Compared) and compared.refused is not None and compared.picture is None
    assert compared.refused.where.startswith(where.partition(",")[0]) and compared.refused.what


def test_numbers_beside_that_json_does_not_have(window: Window) -> None:
    window.say(Ask(22, Expression("y = x / 0", {"x": [1]}, beside=Variant("y = x / 0", {"x": ["NaN"]}))))
    compared = window.until(22, Drawn)[1]
    assert isinstance(compared, Compared) and compared.beside is not None
    values = [side.value for couple in compared.beside.couples for side in (couple.this, couple.other) if side]
    assert [str(value.numbers[0]) for value in values if value] == ["inf", "nan", "1.0", "nan"]


def test_a_newer_ask_overtakes_what_is_beside_too(window: Window) -> None:
    window.say(Ask(23, Expression(SLOW.program, SLOW.inputs, beside=Variant(SLOW.program, SLOW.inputs))))
    time.sleep(0.05)
    window.say(Ask(24, LESSON))
    heard = window.until(24, Drawn)
    assert [(type(message), message.edit) for message in heard] == [(Found, 23), (Found, 24), (Drawn, 24)]  # type: ignore[union-attr]


def test_what_is_saved_is_the_first_program_alone(window: Window, tmp_path: pathlib.Path) -> None:
    window.say(Ask(25, PAIRS["Two spellings"]), Save(25, str(tmp_path / "first.json")))
    assert isinstance(window.until(25, Saved)[-1], Saved)
    saved = read(tmp_path / "first.json").experiment
    assert isinstance(saved, Expression) and saved.beside is None and saved.program == LESSON.program


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


def test_a_jacobian_is_given_when_it_is_asked_for(window: Window) -> None:
    window.say(Ask(701, LESSON), AskJacobian(701))
    *_, answer = window.until(701, JacobianFound)
    assert isinstance(answer, JacobianFound) and answer.jacobian is not None
    assert answer.jacobian.numbers == (("−3/2", "0", "3/2", "3"),)


def test_one_that_there_is_not_says_why_and_an_overtaken_one_is_not_answered(window: Window) -> None:
    nothing = Expression("y = x.detach()", {"x": [1.0]})
    window.say(Ask(702, nothing), AskJacobian(702))
    *_, answer = window.until(702, JacobianFound)
    assert isinstance(answer, JacobianFound) and "recorded nothing" in answer.why
    window.say(Ask(703, LESSON), AskJacobian(702), AskJacobian(999))
    heard = [message for message in window.until(999, JacobianFound) if isinstance(message, JacobianFound)]
    assert [message.edit for message in heard] == [999] and "no longer held" in heard[0].why
