"""Numbered questions, late answers, and what a lost worker means for the newest question."""

import pytest

from gui.session.turns import Turns
from tracer.drawing.display_list import DisplayList
from tracer.experiment import Expression
from tracer.worker.messages import Drawn, Found, Refused, Save, Saved

PROGRAM = Expression("a = x")


def found(edit):
    return Found(edit, (), (), 0, 0, 0, "cpu", 0.0)


def drawn(edit):
    return Drawn(edit, DisplayList(1, 1, ()), 0.0)


def refused(edit):
    return Refused(edit, "no", "", "")


def asked(turns, times=1):
    for _ in range(times):
        turns.sent(turns.ask(PROGRAM))
    return turns


STORIES = [
    ("an answer to the only question", 1, [(found(1), "newest"), (drawn(1), "newest")], True),
    ("a late answer", 2, [(found(1), "late"), (drawn(1), "late")], False),
    ("late, then the newest", 2, [(drawn(1), "late"), (found(2), "newest"), (drawn(2), "newest")], True),
    ("numbers without their picture yet", 1, [(found(1), "newest")], False),
    ("a refusal ends a question", 1, [(refused(1), "newest")], True),
    ("a late refusal does not", 2, [(refused(1), "late")], False),
]


@pytest.mark.parametrize(("questions", "answers", "settled"), [s[1:] for s in STORIES], ids=[s[0] for s in STORIES])
def test_answers_are_judged(questions, answers, settled):
    turns = asked(Turns(), questions)
    assert [turns.judge(message) for message, _ in answers] == [verdict for _, verdict in answers]
    assert turns.settled is settled
    assert turns.working is not settled


def test_a_question_that_the_worker_was_busy_with_is_given_up():
    turns = asked(Turns())
    assert turns.replaced() is True
    assert turns.settled and not turns.working


def test_a_newer_question_than_the_one_that_ended_the_worker_is_asked_again():
    turns = asked(Turns(), 2)  # the worker still is at the first
    assert turns.replaced() is False
    assert not turns.settled


def test_an_answered_question_is_open_again_since_its_recording_is_gone():
    turns = asked(Turns())
    turns.judge(drawn(1))
    assert turns.replaced() is False
    assert not turns.settled


def test_answers_about_files_are_told_apart_from_answers_about_experiments():
    turns = asked(Turns())
    turns.judge(drawn(1))
    turns.save(Save(1, "a.svg"))
    assert turns.judge(Saved(1, "a.svg")) == "save"
    turns.save(Save(1, "a.odd"))
    assert turns.judge(refused(1)) == "save"
    assert turns.settled
