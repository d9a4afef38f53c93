"""What the window has said and the worker has not answered yet."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO

import msgspec

from tracer.worker.messages import Ask, Refused, ToWorker, to_worker

LOADING = 60.0  # seconds that loading torch may go on after the window has gone
GRACE = 5.0  # seconds in which the work of the moment may then end

UNREADABLE = Refused(
    0,
    "The worker got a message that it can't read",
    "",
    "Restart the program; the window and the worker may be of different versions",
)


def ask_only(message: ToWorker) -> object:
    """Give what a message is about: an Ask overtakes older ones, others none."""
    return Ask if isinstance(message, Ask) else None


class Inbox:
    """Reads messages on a thread of its own, so that a newer Ask is seen while an older one is at work.

    A message that can't be read stands in the queue as its refusal. When the window goes, the process ends, at the
    latest after a grace. `topic` gives what a message is about, in which a newer one overtakes it (`None`: nothing).
    """

    def __init__(self, stream: BinaryIO, topic: Callable[[ToWorker], object] = ask_only) -> None:
        self._stream, self._topic = stream, topic
        self._queue: queue.SimpleQueue[ToWorker | Refused | None] = queue.SimpleQueue()
        self._newest: dict[object, ToWorker] = {}
        self._serving = threading.Event()
        threading.Thread(target=self._read, name="inbox", daemon=True).start()

    def __iter__(self) -> Iterator[ToWorker | Refused]:
        self._serving.set()
        return iter(self._queue.get, None)

    def overtaken(self, message: ToWorker) -> bool:
        """Tell whether a newer one about the same thing has come."""
        topic = self._topic(message)
        return topic is not None and self._newest.get(topic) is not message

    def put(self, message: ToWorker) -> None:
        """Add a message, after those that have come."""
        topic = self._topic(message)
        if topic is not None:
            self._newest[topic] = message
        self._queue.put(message)

    def newer(self, edit: int) -> bool:
        """Tell whether an Ask of a later edit has come."""
        newest = self._newest.get(Ask)
        return newest is not None and newest.edit > edit

    def _read(self) -> None:
        for line in self._stream:
            if not line.strip():
                continue
            try:
                message = to_worker(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                self._queue.put(UNREADABLE)
                continue
            self.put(message)
        self._queue.put(None)
        self._serving.wait(LOADING)
        time.sleep(GRACE)
        os._exit(0)
