"""SVG → PDF: vectors stay vectors, and text stays text."""

from __future__ import annotations

from tracer.drawing.font_files import bundled
from tracer.errors import DrawingError


def pdf(svg: str) -> bytes:
    """Convert an SVG to a PDF page; the bundled fonts are embedded, the system's stand in for other scripts.

    Raises:
        DrawingError: it can't be converted.
    """
    import svg2pdf_py  # type: ignore[import-untyped]  # it ships no types

    fonts = svg2pdf_py.FontDatabase()
    fonts.load_system_fonts()
    with bundled() as files:
        for file in files:
            fonts.load_font_file(file)
        try:
            return bytes(svg2pdf_py.svg_to_pdf(svg, fonts, svg2pdf_py.ConversionOptions(embed_text=True)))
        except (ValueError, RuntimeError) as error:
            raise DrawingError(f"The picture could not be converted: {error}", cure="Save it as SVG instead") from error
