"""How far a person is in each lesson, and what they answered; kept on this computer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from gui.session import storage
from tracer.errors import TracerError

SHOWN = ""  # what stands for the answer of a question that the person let be shown


class Place(msgspec.Struct, frozen=True):
    """Where a person is in a lesson: the title of the step, which steps they have been at, and what they answered, by
    the step's title and the prediction's number."""

    step: str = ""
    seen: tuple[str, ...] = ()
    answers: dict[str, dict[int, str]] = {}


class Progress:
    """Holds the places by the name of the lesson, and writes each change to a file; with no file, nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._places: dict[str, Place] = {}
        self.problem = ""  # why the last could not be read or written
        if path is not None and path.exists():
            self._read(path)

    @property
    def kept(self) -> bool:
        """Whether it is written to a file."""
        return self._path is not None

    def of(self, lesson: str) -> Place:
        """Give the place in a lesson."""
        return self._places.get(lesson, Place())

    def answers(self, lesson: str, step: str) -> Mapping[int, str]:
        """Give what was answered at a step."""
        return self.of(lesson).answers.get(step, {})

    def go(self, lesson: str, step: str) -> None:
        """Note that the person is at a step."""
        place = self.of(lesson)
        seen = place.seen if step in place.seen else (*place.seen, step)
        self._set(lesson, msgspec.structs.replace(place, step=step, seen=seen))

    def note(self, lesson: str, step: str, number: int, answer: str) -> None:
        """Note an answer."""
        place = self.of(lesson)
        answers = {**place.answers, step: {**place.answers.get(step, {}), number: answer}}
        self._set(lesson, msgspec.structs.replace(place, answers=answers))

    def forget(self, lesson: str, step: str) -> None:
        """Forget what was answered at a step."""
        place = self.of(lesson)
        answers = {title: given for title, given in place.answers.items() if title != step}
        self._set(lesson, msgspec.structs.replace(place, answers=answers))

    def _set(self, lesson: str, place: Place) -> None:
        if place == self._places.get(lesson):
            return
        self._places[lesson] = place
        if self._path is not None:
            try:
                storage.put(self._path, msgspec.json.encode(self._places), "progress in the lessons")
            except TracerError as error:
                self.problem = str(error)

    def _read(self, path: Path) -> None:
        """Read what is kept; a damaged file is put aside, never thrown away."""
        try:
            self._places = msgspec.json.decode(path.read_bytes(), type=dict[str, Place])
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            aside = path.with_name(f"damaged-{path.name}")
            path.replace(aside)
            self.problem = f"The progress in the lessons could not be read and is kept as {aside}: {error}"
