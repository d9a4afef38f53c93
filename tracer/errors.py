"""What is said when something cannot be done: what happened, where, and what cures it."""

from __future__ import annotations


class TracerError(Exception):
    """A thing that cannot be done, in one to three sentences that a student understands.

    `what` says what happened, `where` names the place (a field such as "kernel_size", or "line 2, column 5"),
    `cure` says what to do instead. The text is the three as sentences.
    """

    def __init__(self, what: str, where: str = "", cure: str = "") -> None:
        self.what, self.where, self.cure = what, where, cure
        super().__init__(what, where, cure)

    def __str__(self) -> str:
        place = f"{self.where[:1].upper()}{self.where[1:]}: " if " " in self.where else f"{self.where}: "
        return " ".join(
            part for part in ((place if self.where else "") + sentence(self.what), sentence(self.cure)) if part
        )


class InvalidSetting(TracerError):
    """A field of an experiment holds a value that does not work; `where` is the field's name."""


class ProgramError(TracerError):
    """A program that was typed in is refused or failed; `where` is its line and column."""


class ScriptError(TracerError):
    """A script ended without giving what was asked of it."""


class LimitPassed(TracerError):
    """A limit on time, memory or steps was reached."""


class UnreadableFile(TracerError):
    """A file is unknown, damaged, or from a newer version; `where` is its path and line."""


class DrawingError(TracerError):
    """A picture could not be made."""


def sentence(text: str) -> str:
    """End a text with a full stop, unless it has an end of its own."""
    text = text.strip()
    return text if not text or text[-1] in ".!?:…" else text + "."


_OUT_OF_MEMORY = ("can't allocate memory", "not enough memory", "out of memory", "storage size calculation overflowed")


def is_out_of_memory(error: BaseException) -> bool:
    """Tell by its words whether an error of Python or torch says that there is not enough memory."""
    return isinstance(error, MemoryError) or any(words in str(error).lower() for words in _OUT_OF_MEMORY)
