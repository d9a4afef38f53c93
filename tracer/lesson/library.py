"""Where lessons are: those that the program ships, by name, and files of a person's own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path

import msgspec

from tracer.errors import UnreadableFile
from tracer.lesson.steps import Lesson, Slip

SUFFIX = ".toml"
SHIPPED = ("convolutions", "dynamic_graphs")  # in the order in which they are taught
FIRST = SHIPPED[0]


def load(lesson: str | Path) -> Lesson:
    """Read a lesson that the program ships, by its name, or one from a file.

    Raises:
        UnreadableFile: there is none of that name, the file can't be read, or it is no lesson; says where and the cure.
    """
    from tracer.lesson.reading import parse  # late, since it loads numpy

    return parse(*text(lesson), slips())


def text(lesson: str | Path) -> tuple[str, str]:
    """Give the text of a lesson, and the name of its file.

    Raises:
        UnreadableFile: there is none, or the file can't be read.
    """
    if lesson in SHIPPED:
        name = f"{lesson}{SUFFIX}"
        return (_folder() / name).read_text("utf-8"), name
    path = Path(lesson)
    if not path.suffix and not path.exists():
        what = f"There is no lesson “{str(lesson)[:40]}”"
        raise UnreadableFile(what, cure=f"Use {', '.join(SHIPPED)}, or the path of a file that ends in {SUFFIX}")
    try:
        return path.read_text("utf-8-sig"), str(path)
    except UnicodeDecodeError as error:
        raise UnreadableFile("This file is no text in UTF-8", str(path), "Save it as UTF-8") from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UnreadableFile(f"This file can't be read: {why}", str(path)) from error


def titles() -> Mapping[str, str]:
    """List the lessons that the program ships: their names and titles, without checking them."""
    return {name: str(tomllib.loads(text(name)[0]).get("title", name)) for name in SHIPPED}


@cache
def slips() -> Mapping[str, Slip]:
    """Give the slips that every lesson knows, by name."""
    plain = tomllib.loads((_folder() / f"slips{SUFFIX}").read_text("utf-8"))
    return msgspec.convert(plain, dict[str, Slip])


def _folder() -> resources.abc.Traversable:
    return resources.files("tracer.resources") / "lessons"
