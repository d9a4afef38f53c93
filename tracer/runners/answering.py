"""The child's side: waits with torch loaded, answers one experiment a line, and ends when its parent is gone."""

from __future__ import annotations

import contextlib
import functools
import os
import queue
import signal
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
from tracer.runners.script_report import Report, Task


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
    _end_group()
    os._exit(0)


def _end_group() -> None:
    """End what the program has started; nobody is there any more to do that."""
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)


def _finders(target: BinaryIO) -> Mapping[type, Callable[[Any], Facts | Report]]:
    """Import everything that answering needs, before any folder of a person joins the path."""
    from tracer.runners import expression, script_run, script_task
    from tracer.runners.limits import confine_memory

    def finish(answer: Facts | Report | Exception) -> NoReturn:
        """Send an answer and end this process, whatever else is running in it."""
        try:
            line = _written(lambda: answer)
            _flush()
            _send(target, line)
        finally:
            os._exit(0)

    confine_memory()
    return {
        Expression: expression.find,
        Script: functools.partial(script_run.find, finish=finish),
        Task: functools.partial(script_task.run, finish=finish),
    }


def _flush() -> None:
    """Let out what was printed; a stream that a script has closed, or put something else in the place of, may fail."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()


def _answer(finders: Mapping[type, Callable[[Any], Facts | Report]], question: bytes) -> bytes:
    def find() -> Facts | Report:
        asked: Experiment | Task = msgspec.json.decode(question, type=Experiment | Task)
        return finders[type(asked)](asked)

    return _written(find)


def _written(find: Callable[[], Facts | Report | Exception]) -> bytes:
    try:
        found = find()
        return answers.failed(found) if isinstance(found, Exception) else answers.found(found)
    except Exception as error:  # whatever went wrong is the answer
        return answers.failed(error)
