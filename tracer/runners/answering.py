"""The child's side: waits with torch loaded, answers one experiment a line, and ends when its parent is gone."""

from __future__ import annotations

import contextlib
import functools
import os
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, NoReturn

import msgspec

from tracer.experiment import Experiment, Expression, Script
from tracer.facts import Facts
from tracer.runners import answers
from tracer.runners.channel import private_channel
from tracer.runners.experiments import warm


def main() -> None:
    """Load torch, say so, and answer until the parent is gone."""
    source, target = private_channel(int(sys.argv.pop(1)))
    questions: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(source, questions), daemon=True).start()
    finders = _finders(target)
    _send(target, answers.READY)
    warm()
    while True:
        _send(target, _answer(finders, questions.get()))


def _send(target: BinaryIO, line: bytes) -> None:
    target.write(line)
    target.flush()


def _read(source: BinaryIO, questions: queue.SimpleQueue[bytes]) -> None:
    """Take questions; when the parent is gone no one waits for an answer, however long it would take."""
    for line in source:
        questions.put(line)
    os._exit(0)


def _finders(target: BinaryIO) -> Mapping[type, Callable[[Any], Facts]]:
    """Import everything that answering needs, before any folder of a person joins the path."""
    from tracer.runners import expression, script_run
    from tracer.runners.limits import confine_memory

    def finish(answer: Facts | Exception) -> NoReturn:
        """Send an answer and end this process, whatever else is running in it."""
        try:
            line = _written(lambda: answer)
            _flush()
            _send(target, line)
        finally:
            os._exit(0)

    confine_memory()
    return {Expression: expression.find, Script: functools.partial(script_run.find, finish=finish)}


def _flush() -> None:
    """Let out what was printed; a stream that a script has closed, or put something else in the place of, may fail."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()


def _answer(finders: Mapping[type, Callable[[Any], Facts]], question: bytes) -> bytes:
    def find() -> Facts:
        experiment: Experiment = msgspec.json.decode(question, type=Experiment)
        return finders[type(experiment)](experiment)

    return _written(find)


def _written(find: Callable[[], Facts | Exception]) -> bytes:
    try:
        found = find()
        return answers.failed(found) if isinstance(found, Exception) else answers.facts(found)
    except Exception as error:  # whatever went wrong is the answer
        return answers.failed(error)
