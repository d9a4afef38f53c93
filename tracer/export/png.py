"""SVG → PNG, without a display."""

from __future__ import annotations

from tracer.drawing.font_files import bundled
from tracer.errors import DrawingError

SCALE = 2.0  # pixels a point


def png(svg: str, scale: float = SCALE) -> bytes:
    """Render an SVG as a PNG; the bundled fonts come first, the system's stand in for other scripts.

    Raises:
        DrawingError: it can't be rendered.
    """
    import resvg_py

    try:
        with bundled() as fonts:
            return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=scale, font_files=fonts, skip_system_fonts=False))
    except ValueError as error:
        raise DrawingError(f"The picture could not be rendered: {error}", cure="Save it as SVG instead") from error
