"""Bars of the gradient by depth: from the input on the left to the loss on the right."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tracer.analysis.depth import DepthRow
from tracer.drawing.display_list import Area, DisplayList, Rect, Text
from tracer.drawing.font_widths import fitted, width
from tracer.drawing.wording import inert
from tracer.quantities import count, figure

BAR, GAP, FOOT, TEXT, LEAST = 4.0, 1.0, 16.0, 11.0, 1.0  # points
WIDE_RANGE = 100.0  # from this ratio on, heights are logarithms


def depth_bars(rows: Sequence[DepthRow], wide: float, high: float) -> DisplayList:
    """Draw a bar for each module, or for neighbours together where there are too many: that of the largest norm.

    Each is an area "module …". Heights are in proportion, or logarithms where the norms differ much; the title says
    which.
    """
    groups = _grouped(rows, max(int(wide / (BAR + GAP)), 1))
    norms = [norm for group in groups if (norm := _most(group)) and math.isfinite(norm)]
    low, most = (min(norms), max(norms)) if norms else (1.0, 1.0)
    by_logarithm = most > WIDE_RANGE * low
    step, room = wide / max(len(groups), 1), high - FOOT
    marks: list[Rect | Text] = [Rect(0.0, room, wide, 1.0, fill="border")]
    areas: list[Area] = []
    for number, group in enumerate(groups):
        norm, left = _most(group), number * step
        tall = _height(norm, low, most, by_logarithm) * (room - LEAST)
        broken = norm is not None and not math.isfinite(norm)
        here = len(marks), len(marks) + 1
        areas.append(Area(f"module {group[0].module}", left, 0.0, step, room, _label(group, norm), here))
        marks.append(Rect(left, room - tall, max(step - GAP, 0.5), tall, fill="problem" if broken else "backward"))
    marks += _foot(rows, wide, high)
    scale = "heights are logarithms" if by_logarithm else "heights are in proportion"
    span = f"‖g‖ from {figure(low)} to {figure(most)}" if norms else "no gradient was measured"
    return DisplayList(wide, high, tuple(marks), tuple(areas), "", f"Gradient by depth, {span}; {scale}")


def _grouped(rows: Sequence[DepthRow], most: int) -> list[Sequence[DepthRow]]:
    each = -(-len(rows) // most) or 1
    return [rows[start : start + each] for start in range(0, len(rows), each)]


def _most(group: Sequence[DepthRow]) -> float | None:
    """Give the largest norm of a group; one that is not finite stands out."""
    norms = [row.norm for row in group if row.norm is not None]
    return next((norm for norm in norms if not math.isfinite(norm)), max(norms, default=None))


def _height(norm: float | None, low: float, most: float, by_logarithm: bool) -> float:
    if norm is None or norm <= 0:
        return 0.0
    if not math.isfinite(norm):
        return 1.0
    if by_logarithm:
        return 0.1 + 0.9 * math.log(norm / low) / math.log(most / low)
    return norm / most


def _label(group: Sequence[DepthRow], norm: float | None) -> str:
    names = group[0].module or "the model itself"
    if len(group) > 1:
        names = f"{names} to {group[-1].module}, {count(len(group))} modules, the largest"
    return f"{names}: {'no gradient, or not measured' if norm is None else f'‖g‖ {figure(norm)}'}."


def _foot(rows: Sequence[DepthRow], wide: float, high: float) -> list[Text]:
    if not rows:
        return []
    first, last = (fitted(inert(row.module), TEXT, "sans", wide / 2 - 4) for row in (rows[0], rows[-1]))
    found = [Text(0.0, high - 3, first, width(first, TEXT), TEXT, "sans", "muted")]
    if len(rows) > 1:
        found.append(Text(wide, high - 3, last, width(last, TEXT), TEXT, "sans", "muted", "end"))
    return found
