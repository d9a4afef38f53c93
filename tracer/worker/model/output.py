"""What a script prints, as it prints it: told in pieces, and no more than a window can show."""

from __future__ import annotations

import codecs
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import IO

from tracer.quantities import size
from tracer.worker.messages import FromWorker
from tracer.worker.model import messages

MOST, TAIL = 1 << 20, 1 << 14  # bytes that are told as they come, and of the end of what is more
PIECE, AHEAD, PAUSE = 1 << 16, 16, 0.05  # bytes read at once, pieces read ahead, seconds between two messages
LONGEST = 2.0  # seconds after the script's end in which what others still print is read
END = b""

LEFT_OUT = "\n… {size} of output are left out here; the script prints more than the {most} that are shown.\n"


class Output:
    """Reads a pipe on a thread of its own, to its end, so that no script waits for a reader. Beyond `MOST` bytes only
    the last are told, when the script has ended."""

    def __init__(self, edit: int, stream: IO[bytes], send: Callable[[FromWorker], None]) -> None:
        self._edit, self._stream, self._send = edit, stream, send
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._told = self._left_out = 0
        self._tail = b""
        self._ending = False
        self._pieces: queue.Queue[bytes] = queue.Queue(AHEAD)
        threading.Thread(target=self._read, name="pipe", daemon=True).start()
        self._thread = threading.Thread(target=self._tell, name="output", daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Tell what is still in the pipe. A process left behind may hold it open; that one is not waited for."""
        self._ending = True
        self._thread.join()
        if self._left_out > len(self._tail):
            gone = LEFT_OUT.format(size=size(self._left_out - len(self._tail)), most=size(MOST))
            self._say(gone.encode())
        self._say(self._tail, final=True)

    def _read(self) -> None:
        with self._stream:
            while piece := os.read(self._stream.fileno(), PIECE):
                self._pieces.put(piece)
        self._pieces.put(END)

    def _tell(self) -> None:
        until = time.monotonic() + LONGEST
        while not self._ending or time.monotonic() < until:
            if not self._ending:
                until = time.monotonic() + LONGEST
            pieces = list(self._waiting())
            self._take(b"".join(pieces))
            if END in pieces or (self._ending and not pieces):
                return

    def _waiting(self) -> Iterator[bytes]:
        """Give what comes within a pause."""
        until = time.monotonic() + PAUSE
        while (left := until - time.monotonic()) > 0:
            try:
                piece = self._pieces.get(timeout=left)
            except queue.Empty:
                return
            yield piece
            if piece == END:
                return

    def _take(self, piece: bytes) -> None:
        now, later = piece[: MOST - self._told], piece[max(MOST - self._told, 0) :]
        self._told += len(now)
        self._left_out += len(later)
        self._tail = (self._tail + later)[-TAIL:]
        self._say(now)

    def _say(self, piece: bytes, final: bool = False) -> None:
        text = self._decoder.decode(piece, final)
        if text:
            self._send(messages.Output(self._edit, text.replace("\r\n", "\n")))
