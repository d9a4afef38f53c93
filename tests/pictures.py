"""What holds for every picture of numbers."""

from tracer.drawing.display_list import DisplayList, Rect, Text


def assert_inside(picture: DisplayList, width: float, height: float) -> None:
    """Assert that no rectangle and no text goes over the edge of the canvas."""
    for mark in picture.marks:
        if isinstance(mark, Rect):
            assert mark.x >= 0 and mark.x + mark.width <= width and mark.y + mark.height <= height
        if isinstance(mark, Text):
            start = mark.x - {"start": 0, "middle": 0.5, "end": 1}[mark.anchor] * mark.width
            assert start >= 0 and start + mark.width <= width and 0 < mark.y <= height
