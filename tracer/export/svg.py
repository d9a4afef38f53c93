"""A display list as SVG, by the standard library alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.sax.saxutils import escape, quoteattr

from tracer.drawing.display_list import Area, DisplayList, Font, Path, Rect, Shades, Text
from tracer.drawing.palette import PALETTES, Theme, shade, step_colour
from tracer.drawing.wording import inert

FAMILIES: dict[Font, str] = {
    "sans": "font-family='Inter, Arial, Helvetica, sans-serif'",
    "semibold": "font-family='Inter, Arial, Helvetica, sans-serif' font-weight='600'",
    "mono": "font-family=\"'JetBrains Mono', Menlo, Consolas, monospace\"",
}
DASHES = "6 4"
MARGIN = 24.0


def svg(picture: DisplayList, theme: Theme = "light") -> str:
    """Write a picture as SVG in the colours of a theme; each area is a group with its sentence as tooltip.

    Texts have their measured length, so that they fit their boxes in whatever font there is.

    Raises:
        ValueError: there is no such theme.
    """
    if theme not in PALETTES:
        raise ValueError(f"theme must be one of {', '.join(PALETTES)}, and is {theme!r}")
    wide, high = picture.width + 2 * MARGIN, picture.height + 2 * MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(wide)}" height="{_n(high)}" '
        f'viewBox="{_n(-MARGIN)} {_n(-MARGIN)} {_n(wide)} {_n(high)}" role="img" '
        f"aria-label={quoteattr(inert(picture.title, most=None))}>",
        f"<title>{escape(inert(picture.title, most=None))}</title>",
        f'<rect x="{_n(-MARGIN)}" y="{_n(-MARGIN)}" width="{_n(wide)}" height="{_n(high)}" '
        f'fill="{PALETTES[theme]["background"]}"/>',
        *body(picture, theme),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def body(picture: DisplayList, theme: Theme) -> Iterator[str]:
    """Write the marks of a picture, without what is around them."""
    opens = {area.marks[0]: area for area in picture.areas if area.marks[1] > area.marks[0]}
    end = -1
    for number, mark in enumerate(picture.marks):
        if number in opens:
            yield _open(opens[number])
            end = opens[number].marks[1]
        yield WRITERS[type(mark)](mark, theme)
        if number + 1 == end:
            yield "</g>"


def _open(area: Area) -> str:
    return f"<g><title>{escape(inert(area.label, most=None))}</title>"


def _rect(mark: Rect, theme: Theme) -> str:
    corner = f' rx="{_n(mark.radius)}"' if mark.radius else ""
    place = f'x="{_n(mark.x)}" y="{_n(mark.y)}" width="{_n(mark.width)}" height="{_n(mark.height)}"'
    return f"<rect {place}{corner}{_paint(mark, theme)}/>"


def _path(mark: Path, theme: Theme) -> str:
    points = [f"{_n(x)} {_n(y)}" for x, y in mark.points]
    draw = f"M{points[0]}{'C' if mark.curved else 'L'}{' '.join(points[1:])}{'Z' if mark.closed else ''}"
    return f'<path d="{draw}"{_paint(mark, theme)}/>'


def _text(mark: Text, theme: Theme) -> str:
    anchor = f' text-anchor="{mark.anchor}"' if mark.anchor != "start" else ""
    length = f' textLength="{_n(mark.width)}" lengthAdjust="spacingAndGlyphs"' if mark.width else ""
    return (
        f'<text x="{_n(mark.x)}" y="{_n(mark.y)}" {FAMILIES[mark.font]} font-size="{_n(mark.size)}" '
        f'fill="{PALETTES[theme][mark.colour]}"{anchor}{length} xml:space="preserve">{escape(inert(mark.text))}</text>'
    )


def _shades(mark: Shades, theme: Theme) -> str:
    rects = []
    for number, step in enumerate(mark.steps):
        row, column = divmod(number, mark.columns)
        x, y = mark.x + column * mark.wide + mark.gap / 2, mark.y + row * mark.tall + mark.gap / 2
        place = f'x="{_n(x)}" y="{_n(y)}" width="{_n(mark.wide - mark.gap)}" height="{_n(mark.tall - mark.gap)}"'
        colour = step_colour(theme, step)
        if colour:
            rects.append(f'<rect {place} fill="{colour}"/>')
    return "\n".join(rects)


def _paint(mark: Rect | Path, theme: Theme) -> str:
    fill = f' fill="{_fill(mark, theme)}"'
    if mark.stroke is None:
        return fill
    dashes = f' stroke-dasharray="{DASHES}"' if mark.dashed else ""
    return f'{fill} stroke="{PALETTES[theme][mark.stroke]}" stroke-width="{_n(mark.line)}"{dashes}'


def _fill(mark: Rect | Path, theme: Theme) -> str:
    if isinstance(mark, Rect) and mark.shade is not None:
        return shade(theme, mark.shade)
    return PALETTES[theme][mark.fill] if mark.fill else "none"


WRITERS: dict[type, Callable[..., str]] = {Rect: _rect, Path: _path, Text: _text, Shades: _shades}


def _n(value: float) -> str:
    """Write a length with at most two digits after the point."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
