"""A worker of the Model workspace as a real process, and scripts to give to it."""

from __future__ import annotations

import itertools
import pathlib
import queue
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest

from tracer.experiment import Script
from tracer.worker.messages import FromWorker, Ready, Refused, ToWorker, encode, from_worker
from tracer.worker.model.messages import Opened, Output, Progress, Ran, Run

ROOT = pathlib.Path(__file__).parents[4]
Kind = TypeVar("Kind")


class Told:
    """What was told of a run."""

    def __init__(self, output: str, ran: Ran, opened: Opened | None) -> None:
        self.output, self.ran, self.opened = output, ran, opened

    @property
    def recording(self) -> int:
        assert self.opened is not None, self.ran
        return self.opened.edit

    @property
    def words(self) -> str:
        """Why it failed, as a person reads it."""
        failure = self.ran.failure
        return "" if failure is None else f"{failure.where}: {failure.what}. {failure.cure}"


class Model:
    """The other end of the worker: asks, and waits for what comes."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", START], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
        )
        self.came: queue.Queue[FromWorker | None] = queue.Queue()
        self._numbers = itertools.count(1)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.came.put(from_worker(line))
        self.came.put(None)

    def say(self, message: ToWorker) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(encode(message))
        self.process.stdin.flush()

    def hear(self, seconds: float = 60) -> FromWorker:
        message = self.came.get(timeout=seconds)
        assert message is not None, "the worker has gone"
        return message

    def number(self) -> int:
        return next(self._numbers)

    def ask(self, kind: type[Any], *fields: Any, **named: Any) -> Any:
        """Ask, and give the answer, whatever it is."""
        edit = self.number()
        self.say(kind(edit, *fields, **named))
        answer = self.hear()
        assert not isinstance(answer, Ready) and answer.edit == edit
        return answer

    def run(self, script: Script, spool: pathlib.Path | None, **more: Any) -> Told:
        edit = self.number()
        self.say(Run(edit, script, str(spool or ""), **more))
        return self.until_ran(edit)

    def until_ran(self, edit: int) -> Told:
        """Hear of a run until it is over and, where something was recorded, open."""
        output = ""
        ran: Ran | None = None
        while True:
            message = self.hear()
            if isinstance(message, Output):
                assert ran is None, "output after the end"
                output += message.text
            elif isinstance(message, Ran):
                ran = message
                if not ran.recorded:
                    return Told(output, ran, None)
            elif isinstance(message, Opened):
                assert ran is not None and message.edit == edit == ran.edit
                return Told(output, ran, message)
            else:
                assert isinstance(message, Progress | Refused) and message.edit == edit, message
                assert not isinstance(message, Refused), message


START = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tracer.runners import child; child.LINGERING = 0.5; "
    "from tracer.worker.model.server import main; main()"
)


@pytest.fixture(scope="session")
def model() -> Iterator[Model]:
    made = Model()
    assert made.hear() == Ready("", (), ())
    yield made
    assert made.process.stdin is not None
    made.process.stdin.close()
    assert made.process.wait(10) == 0


@pytest.fixture
def start() -> Iterator[Callable[[], Model]]:
    """Give what starts another worker; all are ended."""
    made: list[Model] = []

    def one() -> Model:
        made.append(Model())
        return made[-1]

    yield one
    for model in made:
        model.process.kill()
        model.process.wait()


@pytest.fixture
def script(tmp_path: pathlib.Path) -> Callable[..., Script]:
    """Give what writes a script into a folder of its own."""

    def written(text: str, **fields: Any) -> Script:
        path = tmp_path / "train.py"
        path.write_text(textwrap.dedent(text))
        return Script(str(path), **fields)

    return written
