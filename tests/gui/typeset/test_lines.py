"""Lines stand aligned at their =, break at = where the page is narrow, and nothing lies outside."""

from gui.typeset.lines import EDGE, EQUALS, Piece, Size, formulas, page, rows_of
from tracer.derived import Derivation, Line, Part


def size(piece):
    return Size(10.0 * len(piece.text), 12.0, 4.0)


def broken(text, width):
    most = max(1, int(width // 10))
    return [text[at : at + most] for at in range(0, len(text), most)]


def row(*texts):
    return [Piece(text, text, "formula") for text in texts]


def test_all_lines_have_their_first_equals_at_the_same_place():
    found = page([row("y", "x-2"), row("∂a/∂x", "3", "4")], 400, size, broken)
    firsts = {}
    for placed in found.pieces:
        if placed.piece is EQUALS:
            firsts.setdefault(placed.line, placed.x)
    assert len(firsts) == 2 and len(set(firsts.values())) == 1
    lefts = [placed for placed in found.pieces if placed.piece.text in ("y", "∂a/∂x")]
    assert len({placed.x + size(placed.piece).width for placed in lefts}) == 1


def test_a_line_breaks_before_an_equals_and_stays_on_the_page():
    long = page([row("y", *["x" * 12] * 4)], 320, size, broken)
    assert len({placed.baseline for placed in long.pieces}) > 1
    assert long.width <= 320
    starts = {}
    for placed in long.pieces:
        if placed.piece is EQUALS:
            starts.setdefault(placed.baseline, placed.x)
    assert len(set(starts.values())) == 1


def test_a_part_that_is_wider_than_the_page_is_whole_and_the_page_scrolls():
    found = page([row("y", "x" * 100)], 320, size, broken)
    assert found.width >= 1000 + EDGE


def test_words_are_broken_at_the_width_of_the_page():
    words = [Piece("w" * 70, None, "words")]
    found = page([words], 300, size, broken)
    assert all(placed.x + size(placed.piece).width <= 300 for placed in found.pieces)
    assert "".join(placed.piece.text for placed in found.pieces) == "w" * 70
    assert found.height > 3 * 16


def test_lines_do_not_overlap():
    found = page([row("y", "x"), row("z", "x", "y"), [Piece("said", None, "words")]], 300, size, broken)
    for (_, end), (start, _) in zip(found.spans, found.spans[1:], strict=False):
        assert end <= start


def test_what_agrees_what_is_missing_and_what_differs_have_their_roles():
    lines = (
        Line("note", (Part("i runs over all 4 elements"),)),
        Line("gradient", (Part("∂a/∂x", "l"), Part("3", "3"))),
        Line("verdict", (Part("equals x.grad on all 4 elements"),)),
    )
    rows = rows_of(Derivation("x", "a", True, lines))
    assert [one[0].role for one in rows] == ["words", "formula", "agrees"]
    assert rows[-1][0].text == "✓ equals x.grad on all 4 elements"
    assert formulas(rows) == ["l", "3", "="]
    missing, differs = (Derivation("x", "a", False, (), "no rule", off) for off in (False, True))
    assert rows_of(missing)[-1][0].role == "told" and rows_of(differs)[-1][0].role == "differs"
