"""Stacks of layers: sizes against torch's own layers, refusals by row and field, and the well-known ones."""

import msgspec
import pytest
import torch

from tracer.convolution import receptive_field
from tracer.convolution.settings import resolve
from tracer.convolution.stack import STACKS, steps, with_stack
from tracer.errors import InvalidSetting
from tracer.experiment import Convolution, Stacked

FIRST = Convolution(
    layer="Conv2d", in_channels=2, out_channels=3, kernel_size=(3, 5), input_size=(20, 30), padding=(1, 0)
)
STACK = (
    Stacked("MaxPool", 3, 2, 1),
    Stacked("Conv", (3, 1), 1, "same", 2),
    Stacked("ConvTranspose", 4, 2, 1),
    Stacked("AvgPool", 2, 2, 0, 9),  # it has no dilation, whatever the number says
)


def test_sizes_are_those_of_torch():
    ran = [
        torch.nn.Conv2d(1, 1, (3, 5), padding=(1, 0)),
        torch.nn.MaxPool2d(3, 2, 1),
        torch.nn.Conv2d(1, 1, (3, 1), padding="same", dilation=2),
        torch.nn.ConvTranspose2d(1, 1, 4, 2, 1),
        torch.nn.AvgPool2d(2, 2),
    ]
    x, sizes = torch.zeros(1, 1, 20, 30), []
    for layer in ran:
        x = layer(x)
        sizes.append(tuple(x.shape[2:]))
    assert [step.size for step in steps(resolve(FIRST), STACK)] == sizes


REFUSED = {
    "no number": (Stacked("Conv", ""), "stack.1.kernel_size", "Type a whole number"),
    "text": (Stacked("MaxPool", 2, "two"), "stack.1.stride", "Use a whole number from 1 up"),
    "a large window": (Stacked("AvgPool", 23), "stack.1.kernel_size", "Use a kernel of 20 or less"),
    "a large kernel": (Stacked("Conv", 99), "stack.1.kernel_size", ""),
    "padding over half": (Stacked("MaxPool", 3, 1, 2), "stack.1.padding", "Use padding 1"),
    "too many axes": (Stacked("Conv", (3, 3, 3)), "stack.1.kernel_size", "Use 1 number, or 2: one an axis"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_work_names_its_row_and_field(case):
    item, where, cure = REFUSED[case]
    with pytest.raises(InvalidSetting) as refused:
        steps(resolve(FIRST), (Stacked("Conv", 1), item))
    assert refused.value.where == where
    assert cure in refused.value.cure and refused.value.cure


FIELDS = {"VGG, first five": (14, 2), "ResNet stem": (11, 4), "WaveNet 1, 2, 4, 8": (16, 1)}


@pytest.mark.parametrize("name", STACKS)
def test_well_known_stacks_have_their_known_fields(name):
    dims = int(STACKS[name].layer[-2])
    start = msgspec.structs.replace(
        FIRST, layer=STACKS[name].layer, input_size=(64,) * dims, kernel_size=1, padding=0, weight=[[1]]
    )
    experiment = with_stack(start, name)
    assert experiment.weight is None
    layers = [step.layer for step in steps(resolve(experiment), experiment.stack)]
    last = receptive_field.fields(layers)[-1]
    assert (last.size, last.jump) == FIELDS[name]


def test_a_stack_goes_through_a_file_and_what_is_typed_stays():
    experiment = msgspec.structs.replace(FIRST, stack=(*STACK, Stacked("Conv", "3,"), Stacked("Conv", "")))
    assert msgspec.json.decode(msgspec.json.encode(experiment), type=Convolution) == experiment
    assert resolve(experiment) == resolve(FIRST)
