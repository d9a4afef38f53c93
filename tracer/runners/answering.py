"""The child's side: waits with torch loaded, answers one experiment a line, and ends when its parent is gone."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import msgspec

from tracer.experiment import Experiment, Expression, Script
from tracer.facts import Facts
from tracer.runners import answers
from tracer.runners.channel import private_channel
from tracer.runners.experiments import warm


def main() -> None:
    """Load torch, say so, and answer until the parent is gone."""
    source, target = private_channel()
    questions: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(source, questions), daemon=True).start()
    finders = _finders()
    target.write(answers.READY)
    target.flush()
    warm()
    while True:
        target.write(_answer(finders, questions.get()))
        target.flush()


def _read(source: BinaryIO, questions: queue.SimpleQueue[bytes]) -> None:
    """Take questions; when the parent is gone no one waits for an answer, however long it would take."""
    for line in source:
        questions.put(line)
    os._exit(0)


def _finders() -> Mapping[type, Callable[[Any], Facts]]:
    """Import everything that answering needs, before any folder of a person joins the path."""
    from tracer.runners import expression, script_run
    from tracer.runners.limits import confine_memory

    confine_memory()
    return {Expression: expression.find, Script: script_run.find}


def _answer(finders: Mapping[type, Callable[[Any], Facts]], question: bytes) -> bytes:
    try:
        experiment: Experiment = msgspec.json.decode(question, type=Experiment)
        return answers.facts(finders[type(experiment)](experiment))
    except Exception as error:  # whatever went wrong is the answer
        return answers.failed(error)
