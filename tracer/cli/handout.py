"""`gradtrace handout`: a whole lesson as a page to print, every number and picture computed anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from tracer.cli.tables import tell
from tracer.errors import TracerError
from tracer.lesson import library


def handout(
    lesson: Annotated[str, typer.Argument(help="The name of a lesson, or a file (.toml).")] = library.FIRST,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file: .html or .pdf.")] = Path("handout.html"),
    answers: Annotated[bool, typer.Option("--answers", help="Put the answers and all numbers at the end.")] = False,
) -> None:
    """Write a lesson as a handout: HTML or PDF, every number and picture computed anew."""
    from tracer.cli.run_lesson import taught  # late, since it loads numpy
    from tracer.export import files
    from tracer.export.handout import Block, blocks

    writers: dict[str, Callable[[str, Sequence[Block]], bytes]] = {".html": _html, ".pdf": _pdf}
    if output.suffix.lower() not in writers:
        what = f"“{output.suffix}” is no format of a handout" if output.suffix else "The file needs a suffix"
        raise TracerError(what, str(output), f"Choose one of {', '.join(writers)}")
    files.refuse_place(output)
    found = library.load(lesson)
    parts = list(blocks(found, taught(found, lambda title: tell(f"Running {title}")), answers))
    files.replace_file(output, writers[output.suffix.lower()](found.title, parts))
    tell(f"Saved {output}")


def _html(title: str, parts: Sequence[object]) -> bytes:
    from tracer.export.handout_html import page

    return page(title, parts)  # type: ignore[arg-type]  # blocks, whose module is imported late


def _pdf(title: str, parts: Sequence[object]) -> bytes:
    from tracer.export.handout_pages import pages
    from tracer.export.pdf_pages import pdf_pages

    return pdf_pages(pages(parts), title)  # type: ignore[arg-type]  # blocks, whose module is imported late
