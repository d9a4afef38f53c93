"""A lesson's file, TOML → a Lesson, checked: an error names the file, the line, the field and the cure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

import msgspec

from tracer.errors import UnreadableFile
from tracer.lesson.checks import check
from tracer.lesson.source import Path, Text
from tracer.lesson.steps import WORKSPACES, Lesson, Number, Prediction, Slip, Step, Try, View

FORMAT, VERSION = "gradtrace-lesson", 1
_LISTS: Mapping[str, type] = {"steps": Step, "predict": Prediction, "slips": Slip, "numbers": Number, "try": Try}
_UNKNOWN = re.compile(r"unknown field `(.*)`$")
_MISSING = re.compile(r"missing required field `(.*)`$")


def parse(text: str, name: str, common: Mapping[str, Slip] | None = None) -> Lesson:
    """Read a lesson from TOML. `common` are the slips that every lesson knows; those of its own come before them.

    Raises:
        UnreadableFile: the text is no lesson, from a newer version, or a field does not work; says where and the cure.
    """
    source = Text(text, name)
    plain = _toml(source)
    _check_head(source, plain)
    try:
        lesson = msgspec.convert(_without_batch(plain), Lesson)
    except msgspec.ValidationError as error:
        raise _located(source, plain, str(error)) from None
    lesson = _with_slips(source, lesson, {**(common or {}), **lesson.slips})
    check(source, lesson)
    return lesson


def _toml(source: Text) -> dict[str, Any]:
    try:
        return tomllib.loads(source.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        at = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", str(error))
        place = f", line {at[1]}, column {at[2]}" if at and at[1] else ""
        what = re.sub(r" \(at [^()]*\)$", "", str(error))
        raise UnreadableFile(
            f"This is no TOML: {what}", source.name + place, "See docs/lessons.md for the format"
        ) from None


def _check_head(source: Text, plain: Mapping[str, Any]) -> None:
    if plain.get("format") != FORMAT:
        raise source.refusal(("format",), "This is no lesson of Gradtrace", f'Begin it with format = "{FORMAT}"')
    version = plain.get("version")
    if not isinstance(version, int) or version < 1:
        raise source.refusal(("version",), "The lesson has no version", f"Write version = {VERSION}")
    if version > VERSION:
        what = f"This lesson has version {version}, and this Gradtrace reads up to {VERSION}"
        raise source.refusal(("version",), what, "Update Gradtrace to open it")


def _without_batch(plain: Any) -> Any:
    """Read batch = "none" as no batch: TOML has no word for nothing."""
    if isinstance(plain, dict):
        return {
            key: None if key == "batch" and value == "none" else _without_batch(value) for key, value in plain.items()
        }
    return [_without_batch(item) for item in plain] if isinstance(plain, list) else plain


def _located(source: Text, plain: Any, words: str) -> UnreadableFile:
    """Turn msgspec's words, whose path has no numbers in lists, into what, where and the cure."""
    what, _, rough = words.partition(" - at `")
    path: Path = ()
    key, owner = "", Lesson
    for part in re.findall(r"\.([^.\[`]+)|(\[\.\.\.\]|\[[^\]]*\])", rough):
        if part[0]:
            key, path = part[0], (*path, part[0])
            plain = plain.get(key) if isinstance(plain, dict) else None
        elif key in _LISTS and isinstance(plain, list):
            at = next((number for number, item in enumerate(plain) if _fails(item, _LISTS[key])), 0)
            path, plain, owner = (*path, at), plain[at], _LISTS[key]  # type: ignore[assignment]
    unknown, missing = _UNKNOWN.search(what), _MISSING.search(what)
    if unknown:
        inner = _struct(owner, path, plain)
        fields = ", ".join(inner.__struct_encode_fields__)
        return source.refusal((*path, unknown[1]), f"There is no field “{unknown[1]}” here", f"Use one of {fields}")
    if missing:
        return source.refusal(path, f"The field “{missing[1]}” is missing", f"Write {missing[1]} = …")
    return source.refusal(path, what.replace("`", ""), "See docs/lessons.md for what each field holds")


def _struct(owner: Any, path: Path, plain: Any) -> Any:
    """Find whose field it is: the table's own, or that of an experiment or of a view in it."""
    last = str(path[-1]) if path else ""
    if last == "experiment" and isinstance(plain, dict):
        return {kind.__name__: kind for kind in WORKSPACES}.get(str(plain.get("type")), owner)
    return View if last == "view" else owner


def _fails(plain: Any, type_: type) -> bool:
    try:
        msgspec.convert(_without_batch(plain), type_)
    except msgspec.ValidationError:
        return True
    return False


def _with_slips(source: Text, lesson: Lesson, known: Mapping[str, Slip]) -> Lesson:
    """Fill in what the slips take from the table of slips."""
    steps = tuple(
        msgspec.structs.replace(
            step,
            predict=tuple(
                msgspec.structs.replace(
                    one,
                    slips=tuple(
                        _filled(source, ("steps", at, "predict", number, "slips", place), slip, known)
                        for place, slip in enumerate(one.slips)
                    ),
                )
                for number, one in enumerate(step.predict)
            ),
        )
        for at, step in enumerate(lesson.steps)
    )
    return msgspec.structs.replace(lesson, steps=steps)


def _filled(source: Text, path: Path, slip: Slip, known: Mapping[str, Slip]) -> Slip:
    if slip.slip and slip.slip not in known:
        names = ", ".join(f"“{name}”" for name in known)
        cure = f"Use one of {names}; or add it under [slips]" if known else "Add it under [slips]"
        raise source.refusal((*path, "slip"), f"No slip is called “{slip.slip[:40]}”", cure)
    table = known.get(slip.slip, Slip())
    says, gives = slip.says or table.says, slip.gives or table.gives
    if not says.strip() or not gives.strip():
        missing = "is" if says.strip() else "says"
        cure = "Say which slip it is" if missing == "says" else "Write the query that gives the wrong answer"
        raise source.refusal(path, f"The slip needs the field “{missing}”", cure)
    return Slip(slip.slip, says, gives)
