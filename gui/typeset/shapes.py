"""LaTeX → the shape of a formula: its outline, how wide it is, and how far it reaches above and below its line."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainterPath

EM = 24.0  # the size at which formulas are shaped; painted, they are scaled from here
_TOKEN = re.compile(r"[MLQZ]|-?[\d.]+(?:e-?\d+)?")


class Shape(NamedTuple):
    """The outline of a formula around its baseline, in units of which `EM` are the size of its font."""

    outline: QPainterPath
    width: float
    above: float
    below: float


def shape(latex: str) -> Shape | None:
    """Give the shape of a formula; `None` where the font has no such sign, or the LaTeX is not understood."""
    ziamath, latex = _ziamath(), latex.replace(r"\boldsymbol{1}", "𝟏")  # it draws the one as any other
    if any(ord(sign) > 127 and not _font().glyphindex(sign) for sign in latex):
        return None
    try:
        drawn = ziamath.Latex(latex, size=EM, margin=0)
    except Exception:  # its refusals have no class in common, and there always is the text to be shown instead
        return None
    box = drawn.node.bbox
    outline = QPainterPath()
    outline.setFillRule(Qt.FillRule.WindingFill)
    for part in drawn.svgxml():
        if part.tag == "path":
            _trace(outline, part.attrib["d"])
        elif part.tag == "rect":
            outline.addRect(*(float(part.attrib[side]) for side in ("x", "y", "width", "height")))
    return Shape(outline.translated(-box.xmin, 0), box.xmax - box.xmin, box.ymax, -box.ymin)


def _trace(outline: QPainterPath, commands: str) -> None:
    """Add the outline of a sign: moves, lines and quadratic curves, all at absolute places."""
    tokens = iter(_TOKEN.findall(commands))
    for command in tokens:
        if command == "Z":
            outline.closeSubpath()
        elif command == "Q":
            outline.quadTo(*(float(next(tokens)) for _ in range(4)))
        else:
            go = outline.moveTo if command == "M" else outline.lineTo
            go(float(next(tokens)), float(next(tokens)))


@lru_cache(maxsize=1)
def _ziamath() -> Any:
    """Load the typesetter, which takes a while, when the first formula is wanted."""
    import ziamath
    from ziafont.config import config

    config.svg2 = False  # outlines where they stand, not by reference
    return ziamath


@lru_cache(maxsize=1)
def _font() -> Any:
    return _ziamath().Latex("x").font
