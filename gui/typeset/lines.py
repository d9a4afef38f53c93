"""Lines of a derivation → where each of their parts stands: aligned at =, and broken at = where the page is narrow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from tracer.derived import Derivation, Line

Role = Literal["formula", "words", "told", "agrees", "differs"]
EDGE, GAP, LEAD, ROW = 14.0, 7.0, 11.0, 5.0  # around the page, beside =, between lines, between rows of one line
WIDEST_LEFT = 0.4  # of the page: a longer left side does not move the = of all other lines


class Size(NamedTuple):
    """How wide a piece is, and how far it reaches above and below its baseline."""

    width: float
    above: float
    below: float


class Piece(NamedTuple):
    """A formula (`latex`), or words."""

    text: str
    latex: str | None
    role: Role


class Placed(NamedTuple):
    """A piece and where its baseline begins. `line` is the number of its line."""

    piece: Piece
    x: float
    baseline: float
    line: int


class Page(NamedTuple):
    """All pieces where they stand, from where to where each line reaches, and the size of the whole."""

    pieces: tuple[Placed, ...]
    spans: tuple[tuple[float, float], ...]
    width: float
    height: float


EQUALS = Piece("=", "=", "formula")
_ROLES: dict[str, Role] = {"verdict": "agrees", "missing": "told", "note": "words", "flow": "words"}


def rows_of(one: Derivation) -> list[list[Piece]]:
    """Give the lines of a derivation as pieces, a sentence as one; and what is missing, or differs, as the last."""
    rows = [row_of(line) for line in one.lines]
    if one.why is not None:
        rows.append([Piece(f"Not complete: {one.why}.", None, "differs" if one.differs else "told")])
    return rows


def row_of(line: Line) -> list[Piece]:
    """Give a line as pieces, what is equal one after the other."""
    sentence = len(line.parts) == 1 and line.parts[0].latex is None
    role = _ROLES.get(line.kind, "formula" if not sentence else "words")
    sign = "✓ " if line.kind == "verdict" else ""
    return [Piece(sign + part.text, part.latex, role) for part in line.parts]


def formulas(rows: Sequence[Sequence[Piece]]) -> list[str]:
    """List the formulas that are to be typeset."""
    found = [piece.latex for row in rows for piece in row if piece.latex is not None]
    return list(dict.fromkeys([*found, *([EQUALS.latex or ""] if any(len(row) > 1 for row in rows) else [])]))


def page(
    rows: Sequence[Sequence[Piece]],
    width: float,
    size: Callable[[Piece], Size],
    broken: Callable[[str, float], Sequence[str]],
    edge: float = EDGE,
) -> Page:
    """Place the lines on a page; `broken` breaks words into rows that are no wider than the page."""
    lefts = [size(row[0]).width for row in rows if len(row) > 1]
    most = WIDEST_LEFT * width
    equals = edge + max([left for left in lefts if left <= most], default=0.0) + GAP
    placed, spans, y = list[Placed](), list[tuple[float, float]](), edge
    for number, row in enumerate(rows):
        top = y
        if len(row) > 1:
            found = _formula_rows(row, equals, width - edge, edge, size)
        else:
            found = [
                [(edge, Piece(text, row[0].latex, row[0].role))] for text in _words(row[0], width - 2 * edge, broken)
            ]
        for pieces in found:
            above = max(size(piece).above for _, piece in pieces)
            below = max(size(piece).below for _, piece in pieces)
            placed += [Placed(piece, x, y + above, number) for x, piece in pieces]
            y += above + below + ROW
        spans.append((top - LEAD / 2, y - ROW + LEAD / 2))
        y += LEAD - ROW
    right = max((one.x + size(one.piece).width for one in placed), default=0.0) + edge
    return Page(tuple(placed), tuple(spans), right, y - LEAD + edge if rows else 0.0)


def _words(piece: Piece, width: float, broken: Callable[[str, float], Sequence[str]]) -> Sequence[str]:
    return [piece.text] if piece.latex is not None else broken(piece.text, width)


def _formula_rows(
    row: Sequence[Piece], equals: float, right: float, edge: float, size: Callable[[Piece], Size]
) -> list[list[tuple[float, Piece]]]:
    """Put the left side before the =, and as many of the others beside it as there is room for."""
    left, sign = size(row[0]).width, size(EQUALS).width
    long = edge + left + GAP > equals
    rows: list[list[tuple[float, Piece]]] = [[(edge if long else equals - GAP - left, row[0])]]
    x = edge + left + GAP if long else equals
    for part in row[1:]:
        wide = sign + GAP + size(part).width
        if x + wide > right and (x > equals or long):
            rows.append([])
            x = equals
        rows[-1] += [(x, EQUALS), (x + sign + GAP, part)]
        x += wide + GAP
    return rows
