"""Real worker processes: killed, hung, missing."""

import os
import signal
import sys
import time

import pytest

from gui.session.worker import PATIENCE_MS, Workers
from tracer.experiment import Expression, Input
from tracer.worker.messages import Drawn, Found, Refused

QUICK = Expression("a = x.sum()", {"x": Input([1, 2])})
OTHER = Expression("a = x.mean()", {"x": Input([1, 2])})
SLOW = Expression("y = torch.ones(2500, 2500)\nfor i in range(90):\n    y = torch.matmul(y, y) / 2500\na = y.sum()", {})
WAIT_MS = 60_000


@pytest.fixture
def workers(qapp):
    made = []

    def make(**options):
        workers = Workers(**options)
        workers.said, workers.told = [], []
        workers.answered.connect(workers.said.append)
        workers.changed.connect(lambda state, words: workers.told.append(words) if words else None)
        workers.start()
        made.append(workers)
        return workers

    yield make
    for workers in made:
        workers.stop()


def kinds(workers, edit):
    return [type(message) for message in workers.said if message.edit == edit]


def test_a_killed_worker_is_replaced_and_gives_results_again(workers, qtbot):
    pair = workers()
    edit = pair.ask(QUICK)
    qtbot.waitUntil(lambda: kinds(pair, edit) == [Found, Drawn], timeout=WAIT_MS)
    first = pair.pair.active.pid
    os.kill(first, signal.SIGKILL)
    qtbot.waitUntil(lambda: kinds(pair, edit) == [Found, Drawn] * 2, timeout=WAIT_MS)  # so that it can be saved
    assert pair.pair.active.pid != first
    assert "another took its place" in pair.told[0]
    edit = pair.ask(OTHER)
    qtbot.waitUntil(lambda: kinds(pair, edit) == [Found, Drawn], timeout=WAIT_MS)


def test_the_time_of_an_answer_leaves_out_how_long_torch_took_to_start(workers, qtbot):
    pair, drawn = workers(), []
    pair.answered.connect(lambda message: isinstance(message, Drawn) and drawn.append(pair.milliseconds))
    start = time.perf_counter()
    edit = pair.ask(QUICK)
    qtbot.waitUntil(lambda: kinds(pair, edit) == [Found, Drawn], timeout=WAIT_MS)
    whole, found = 1000 * (time.perf_counter() - start), pair.said[0]
    assert 1000 * found.seconds - 2 <= drawn[0] < 1000 * found.seconds + whole / 4


def test_a_worker_that_hangs_is_ended_and_its_question_is_not_asked_again(workers, qtbot):
    pair = workers(seconds=4)
    edit = pair.ask(SLOW)
    qtbot.waitUntil(lambda: kinds(pair, edit) == [Refused], timeout=WAIT_MS)
    assert pair.said[-1].what == "This ran for more than 4 seconds, and was ended"
    edit = pair.ask(QUICK)
    qtbot.waitUntil(lambda: kinds(pair, edit) == [Found, Drawn], timeout=WAIT_MS)


def test_late_answers_are_dropped(workers, qtbot):
    pair = workers()
    edits = [pair.ask(experiment) for experiment in (QUICK, OTHER, QUICK)]
    qtbot.waitUntil(lambda: kinds(pair, edits[-1]) == [Found, Drawn], timeout=WAIT_MS)
    late = [pair.ask(OTHER), pair.ask(QUICK)]
    qtbot.waitUntil(lambda: kinds(pair, late[-1]) == [Found, Drawn], timeout=WAIT_MS)
    assert {message.edit for message in pair.said} == {edits[-1], late[-1]}


MISSING = (sys.executable, "-c", "raise ModuleNotFoundError(\"No module named 'torch'\")")


def test_a_worker_that_cannot_start_is_told_and_not_tried_for_ever(workers, qtbot):
    pair = workers(program=MISSING)
    qtbot.waitUntil(lambda: pair.state == "failed", timeout=WAIT_MS)
    assert pair.told[-1] == "PyTorch can't be started: ModuleNotFoundError: No module named 'torch'"


def test_work_that_is_overtaken_after_a_while_makes_place_at_once(workers, qtbot):
    pair = workers(seconds=100)
    pair.ask(SLOW)
    qtbot.waitUntil(lambda: pair.pair.spare_ready and pair._age.elapsed() > PATIENCE_MS, timeout=WAIT_MS)
    edit = pair.ask(QUICK)
    qtbot.waitUntil(lambda: kinds(pair, edit) == [Found, Drawn], timeout=WAIT_MS)
    assert pair.told == ["The last run was still going on, and was ended; another took its place"]
    assert {message.edit for message in pair.said} == {edit}


def test_a_picture_that_is_on_its_way_is_waited_for(qapp):
    from tracer.analysis.rolling import Roll
    from tracer.worker.messages import Look, Refused, Rolled

    workers, looked = Workers(), []
    workers.looked.connect(looked.append)
    for answer in (Rolled(1, Roll(3, 2), None), Refused(1, "no", "", "")):
        workers.look(Look(1, Roll(3, 2)))
        assert workers.looking
        workers._hear(answer)
        assert not workers.looking
    assert looked == [Rolled(1, Roll(3, 2), None)]
    workers.look(Look(1, Roll(3, 2)))
    workers.replaced.emit()  # nobody is left to draw it
    assert not workers.looking
