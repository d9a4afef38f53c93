"""Several pages as one PDF: the converter gives each as a file of its own, whose objects are numbered anew here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tracer.errors import DrawingError
from tracer.export.pdf import pdf

_REFERENCE = re.compile(rb"\b(\d+) 0 R\b")
_PARENT = re.compile(rb"/Parent \d+ 0 R")
CATALOG, PAGES, INFO = 1, 2, 3


def pdf_pages(svgs: Sequence[str], title: str) -> bytes:
    """Convert pages, each an SVG, to one file.

    Raises:
        DrawingError: a page can't be converted.
    """
    objects: dict[int, bytes] = {}
    kids: list[int] = []
    first = INFO + 1
    for svg in svgs:
        own = dict(_objects(pdf(svg)))
        for number, text in own.items():
            here = first + number
            if b"/Type /Page\n" in text:
                kids.append(here)
            if b"/Type /Catalog" not in text and b"/Type /Pages" not in text and b"/Producer" not in text:
                objects[here] = _moved(text, first)
        first += max(own) + 1
    listed = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[CATALOG] = b"<< /Type /Catalog /Pages %d 0 R >>" % PAGES
    objects[PAGES] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), listed)
    objects[INFO] = b"<< /Title %s /Producer (Gradtrace) >>" % _text(title)
    return _written(objects)


def _objects(file: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the objects of a file by number, as its own table says where they are."""
    found = re.search(rb"startxref\s+(\d+)\s+%%EOF\s*$", file)
    table = re.match(rb"xref\n0 (\d+)\n", file[int(found[1]) :]) if found else None
    if found is None or table is None:
        raise DrawingError("The pages could not be joined: the converter writes another form of PDF than it did")
    start, count = int(found[1]), int(table[1])
    rows = file[start + table.end() :].splitlines()[:count]
    places = {number: int(row[:10]) for number, row in enumerate(rows) if row[17:18] == b"n"}
    ends = sorted([*places.values(), start])
    for place in places.values():
        text = file[place : ends[ends.index(place) + 1]]
        head, _, rest = text.partition(b" obj\n")
        yield int(head.split()[0]), rest[: rest.rindex(b"endobj")].rstrip(b"\n")


def _moved(text: bytes, by: int) -> bytes:
    """Number an object's references anew; what stands in its stream stays as it is."""
    head, mark, stream = text.partition(b"\nstream\n")
    head = _REFERENCE.sub(lambda found: b"%d 0 R" % (int(found[1]) + by), head)
    if b"/Type /Page\n" in head:
        head = _PARENT.sub(b"/Parent %d 0 R" % PAGES, head)
    return head + mark + stream


def _text(title: str) -> bytes:
    return b"<FEFF" + title.encode("utf-16-be", "replace").hex().upper().encode() + b">"


def _written(objects: dict[int, bytes]) -> bytes:
    parts, places, place = [b"%PDF-1.7\n%\x80\x80\x80\x80\n"], {}, 15
    for number, text in sorted(objects.items()):
        whole = b"%d 0 obj\n%s\nendobj\n" % (number, text)
        parts.append(whole)
        places[number] = place
        place += len(whole)
    count = max(objects) + 1
    rows = [b"%010d 00000 n\r\n" % places[at] if at in places else b"0000000000 65535 f\r\n" for at in range(count)]
    tail = b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        count,
        CATALOG,
        INFO,
        place,
    )
    return b"".join([*parts, b"xref\n0 %d\n" % count, *rows, tail])
