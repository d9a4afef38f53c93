"""The worker of the Model workspace: runs scripts, and answers for what was recorded. It needs no torch."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from tracer.runners.channel import private_channel
from tracer.worker.inbox import Inbox
from tracer.worker.messages import FromWorker, Ready, Refused, encode
from tracer.worker.model import messages as said
from tracer.worker.model.running import Runner
from tracer.worker.model.shelf import Shelf
from tracer.worker.refusal import refusal


def main() -> None:
    """Say Ready, and answer until the window goes; a script that is running then is ended."""
    source, target = private_channel()
    worker = Worker(Inbox(source, said.topic), target)
    try:
        worker.serve()
    except BrokenPipeError:
        sys.exit(0)  # the window has gone
    finally:
        worker.end()


class Worker:
    """Answers messages in their order, but of those about the same thing only the newest. A script runs beside."""

    def __init__(self, inbox: Inbox, target: BinaryIO) -> None:
        self._inbox, self._target = inbox, target
        self._lock = threading.Lock()
        self._shelf = Shelf()
        self._runner = Runner(self._send, self._ran)

    def serve(self) -> None:
        """Say Ready, then answer each message until there are no more."""
        self._send(Ready("", (), ()))
        answers: Mapping[type, Callable[[Any], FromWorker | None]] = {
            said.Run: self._runner.run,
            said.Cancel: lambda message: self._runner.cancel(message.edit),
            said.Load: self._shelf.load,
            said.Forget: self._shelf.forget,
            Refused: lambda message: message,
            **self._shelf.answers,
        }
        for message in self._inbox:
            if not isinstance(message, Refused) and self._inbox.overtaken(message):
                continue
            try:
                answer = answers[type(message)](message)
            except Exception as error:  # whatever goes wrong is an answer; the worker lives on
                answer = refusal(message.edit, error)
            if answer is not None:
                self._send(answer)

    def end(self) -> None:
        """End the script that is running."""
        self._runner.end()

    def _ran(self, asked: said.Run, ran: said.Ran) -> None:
        """Tell how a script ended, and open what it recorded."""
        self._send(ran)
        if ran.recorded:
            self._send(said.Progress(ran.edit, "Reading what was recorded"))
            self._inbox.put(said.Load(ran.edit, asked.spool, ran.files))

    def _send(self, message: FromWorker) -> None:
        line = encode(message)
        with self._lock:
            self._target.write(line)
            self._target.flush()
