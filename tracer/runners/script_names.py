"""The names that a running script has for its tensors and its models, read from its frames."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType
from typing import Any

import torch

from tracer.capture.names import Named
from tracer.capture.notes import Notes

_NOT_THE_SCRIPTS = (
    os.path.dirname(os.path.abspath(torch.__file__)) + os.sep,
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep,
)


def name_of(wanted: object) -> str | None:
    """Give the name of a value in the innermost frame of the script that has one for it."""
    return next((name for name, value in _names() if value is wanted), None)


def name_roots(notes: Notes, left: Mapping[str, Any] | None = None) -> None:
    """Name the models of a script that has several, so that their parameters have names of their own.

    The names are those of the script's frames, or `left`, the names that it left when it ended.
    """
    roots = [root for root in notes.roots if any(True for _ in root.parameters())]
    if len(roots) < 2:
        return
    taken: set[str] = set()
    for root in roots:
        name = wanted = _name_of_model(root, list(_names() if left is None else left.items()))
        number = 1
        while name in taken:
            number += 1
            name = f"{wanted}_{number}"
        taken.add(name)
        notes.prefixes[id(root)] = name


def models_in_sight() -> list[torch.nn.Module]:
    """List the models that the frames of the script have a name for, without those that are parts of others."""
    found = {id(value): value for _, value in _names() if isinstance(value, torch.nn.Module)}
    parts = {id(part) for root in found.values() for part in root.modules() if part is not root}
    return [root for root in found.values() if id(root) not in parts]


def leaves(left: Mapping[str, Any] | None = None) -> list[Named]:
    """List the tensors that the script made to be followed by autograd, parameters apart, under their names in its
    frames, or in `left`, the names that it left when it ended."""
    names = list(_names() if left is None else left.items())
    found: dict[int, Named] = {}
    for name, value in names:
        if type(value) is torch.Tensor and value.is_leaf and value.requires_grad:
            found.setdefault(id(value), Named(value, name, "input"))
    return list(found.values())


def held_by(error: BaseException, most: int = 64) -> dict[str, torch.Tensor]:
    """List the tensors with a graph, and those to be followed, that the frames of an error hold, the innermost first.

    A name that several of them have for different tensors is numbered.
    """
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    known: set[int] = set()
    found: dict[str, torch.Tensor] = {}
    for frame in reversed(frames):
        if frame.f_code.co_filename.startswith(_NOT_THE_SCRIPTS[1]):
            continue
        for name, value in list(frame.f_locals.items()):
            if isinstance(value, torch.Tensor) and value.requires_grad and id(value) not in known and len(found) < most:
                known.add(id(value))
                found[_free(name, found)] = value
    return found


def _free(name: str, taken: Mapping[str, Any]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free


def _name_of_model(part: torch.nn.Module, names: Sequence[tuple[str, Any]]) -> str:
    """Give the script's name of a model; of a part that was called by itself, its path in the model that has one."""
    for name, value in names:
        if value is part:
            return name
    for name, value in names:
        if isinstance(value, torch.nn.Module):
            path = next((path for path, module in value.named_modules() if module is part), None)
            if path is not None:
                return f"{name}.{path}"
    return type(part).__name__.lower()


def _names() -> Iterator[tuple[str, Any]]:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if not frame.f_code.co_filename.startswith((*_NOT_THE_SCRIPTS, "<")):
            yield from list(frame.f_locals.items())
            if frame.f_locals is not frame.f_globals:
                yield from list(frame.f_globals.items())
        frame = frame.f_back
