from __future__ import annotations

from tracer.lesson.prose import Span, paragraphs, plain


def test_paragraphs_and_marks():
    text = "One `x.grad` and\n*two*, **three**.\n\nFour 2*3*4 * 5 <b>\n"
    first, second = paragraphs(text)
    assert first == (
        Span("text", "One "), Span("code", "x.grad"), Span("text", " and "), Span("emphasis", "two"),
        Span("text", ", "), Span("strong", "three"), Span("text", "."),
    )  # fmt: skip
    assert "".join(span.text for span in second) == "Four 234 * 5 <b>"
    assert plain("a `b`\n\nc") == "a b\nc"
    assert paragraphs("  \n\n ") == ()
