"""Documentation without its marks: small cases, and torch's own docstrings of all layers."""

import inspect
import re

import pytest
import torch

from tracer.convolution.docstring import Block, Span, blocks
from tracer.convolution.layer import LAYERS
from tracer.runners.documentation import docstrings

SPANS = {
    ":attr:`stride` controls": (Span("stride", "argument", "stride"), Span(" controls")),
    "a :class:`~torch.nn.Conv2d` here": (Span("a "), Span("Conv2d", "code"), Span(" here")),
    "see :ref:`TensorFloat32<tf32>`.": (Span("see "), Span("TensorFloat32"), Span(".")),
    "see :doc:`/notes/randomness`": (Span("see "), Span("notes/randomness")),
    "``a * b`` and `K`": (Span("a * b", "code"), Span(" and "), Span("K", "code")),
    r"of :math:`C_{in}`": (Span("of "), Span("C_in", "math")),
    "no marks, 2 * 3 and :this": (Span("no marks, 2 * 3 and :this"),),
}

DOCUMENT = """Does something
    in two lines.

    .. math::
        a_{out} = b
        - c
    where `here`_ is more:

    * first
      goes on

        - inner
    Note:
        Take care.
    Args:
        size (int or tuple, optional): How large
            it is
    Attributes:
        weight (Tensor): numbers
    Examples::

        >>> f(1)
        2

    .. _`here`:
        https://example.org/more
"""
READ = (
    Block("paragraph", (Span("Does something in two lines."),)),
    Block("formula", (Span("a_out = b − c", "math"),)),
    Block("paragraph", (Span("where "), Span("here", "link", "https://example.org/more"), Span(" is more:"))),
    Block("item", (Span("first goes on"),)),
    Block("item", (Span("inner"),), 2),
    Block("heading", (Span("Note"),), 0, "Note"),
    Block("paragraph", (Span("Take care."),), 2),
    Block("heading", (Span("Arguments"),), 0, "Arguments"),
    Block("argument", (Span("How large it is"),), 2, "size", "int or tuple, optional"),
    Block("heading", (Span("Attributes"),), 0, "Attributes"),
    Block("attribute", (Span("numbers"),), 2, "weight", "Tensor"),
    Block("heading", (Span("Examples"),), 0, "Examples"),
    Block("code", (Span(">>> f(1)", "code"),), 2),
    Block("code", (Span("2", "code"),), 2),
)


@pytest.mark.parametrize("text", SPANS)
def test_marks_inside_a_line(text):
    assert blocks(text)[0].spans == SPANS[text]


def test_a_whole_document():
    assert blocks(DOCUMENT) == READ
    assert blocks("") == ()


@pytest.mark.parametrize("layer", LAYERS)
def test_torchs_own_docstrings_lose_marks_and_no_words(layer):
    docstring = docstrings()[layer]
    assert docstring == getattr(torch.nn, layer).__doc__
    found = blocks(docstring)
    shown = " ".join(f"{block.name} {block.of} {block.text}" for block in found)
    assert not re.search(r"[`\\{]|:\w+:|\.\. ", shown.replace("{'valid', 'same'}", ""))
    arguments = {block.name for block in found if block.kind == "argument"}
    built = set(inspect.signature(getattr(torch.nn, layer)).parameters) - {"device", "dtype"}
    assert arguments | {"padding_mode"} == built  # the transposed layers do not document padding_mode
    plain = re.sub(
        r":math:`[^`]*`|:\w+:|\.\. math::.*?\n\s*\n", "", docstring.partition("Examples")[0], flags=re.DOTALL
    )
    for word in re.findall(r"(?<![\w`<{\\/.])[a-z]{5,}(?![\w`<}])", plain):
        assert word in shown, word
