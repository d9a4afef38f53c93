"""The cone of a receptive field: lit numbers against gradients of torch, places by hand."""

import pytest
import torch

from tracer.convolution.receptive_field import layer_of, pooling
from tracer.convolution.settings import resolve
from tracer.drawing.cone import Link, links, rows, runs
from tracer.experiment import Convolution


def conv(layer="Conv1d", size=12, **fields):
    return layer_of(
        resolve(Convolution(**{"layer": layer, "in_channels": 1, "out_channels": 1, "input_size": size, **fields}))
    )


STACKS = {
    "dilated": (
        [conv(kernel_size=3, dilation=2), pooling("MaxPool1d", 2, 2)],
        lambda x: torch.nn.functional.max_pool1d(torch.nn.functional.conv1d(x, torch.ones(1, 1, 3), dilation=2), 2),
        (12, 8, 4),
    ),
    "transposed": (
        [conv("ConvTranspose1d", kernel_size=3, stride=2, padding=1)],
        lambda x: torch.nn.functional.conv_transpose1d(x, torch.ones(1, 1, 3), stride=2, padding=1),
        (12, 23),
    ),
}


@pytest.mark.parametrize("case", ["transposed"])
@pytest.mark.parametrize("place", [0, 7, 22])
def test_what_is_lit_is_what_has_a_gradient(case, place):
    layers, run, sizes = STACKS[case]
    x = torch.ones(1, 1, 12, requires_grad=True)
    run(x)[0, 0, place].backward()
    found = rows(layers, [(size,) for size in sizes], (place,), 0)
    assert found[0].lit == tuple(x.grad[0, 0].nonzero().flatten().tolist())
    assert [row.size for row in found] == list(sizes)
    assert found[-1].lit == (place,)


def test_each_row_is_lit_and_named_down_to_the_input():
    layers, _, sizes = STACKS["dilated"]
    found = rows(layers, [(size,) for size in sizes], (1,), 0)
    assert [(row.name, row.lit) for row in found] == [
        ("input", (2, 3, 4, 5, 6, 7)),
        ("Conv1d", (2, 3)),
        ("MaxPool1d", (1,)),
    ]


PLACES = {
    "kernel 3": ([conv(kernel_size=3)], (12, 10), (1.0, 1.0)),
    "kernel 3, padding 1, stride 2": ([conv(kernel_size=3, padding=1, stride=2)], (12, 6), (0.0, 2.0)),
    "transposed by 2": ([conv("ConvTranspose1d", kernel_size=2, stride=2)], (12, 24), (-0.25, 0.5)),
    "two layers": ([conv(kernel_size=2, stride=2), conv(kernel_size=3)], (12, 6, 4), (2.5, 2.0)),
}


@pytest.mark.parametrize("case", PLACES)
def test_an_output_stands_over_the_middle_of_what_it_reads(case):
    layers, sizes, expected = PLACES[case]
    last = rows(layers, [(size,) for size in sizes], (1,), 0)[-1]
    assert (last.start, last.jump) == expected


def test_links_tell_every_read_and_those_of_padding():
    layer = conv(kernel_size=3, padding=1)
    lower, upper = rows([layer], [(12,), (12,)], (0,), 0)
    assert links(layer, 0, upper, lower, 10) == (Link(0, -1), Link(0, 0), Link(0, 1))
    assert links(layer, 0, upper, lower, 2) is None


def test_neighbours_join():
    assert runs((0, 1, 2, 5, 7, 8)) == ((0, 2), (5, 5), (7, 8))
    assert runs(()) == ()
