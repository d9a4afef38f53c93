# ruff: noqa: E501 - tables of texts and sentences
"""A layer as text: as it is written, as torch prints it, and what can't be read refused with its column."""

from __future__ import annotations

import inspect
import itertools
from typing import Any

import msgspec
import pytest
import torch
from torch import nn

from tracer.convolution.calls import LONGEST
from tracer.convolution.layer import LAYERS
from tracer.convolution.pasted import ARGUMENTS, POOLING_ARGUMENTS, USUAL, paste, stacked
from tracer.convolution.python_source import python_source
from tracer.convolution.receptive_field import POOLINGS, layer_of, pooling
from tracer.convolution.settings import resolve
from tracer.errors import InvalidSetting, ProgramError
from tracer.experiment import Convolution

BEFORE = Convolution("Conv2d", 3, 8, 7, (64, 128), stride=2, groups=1, batch=4, seed=5, fill="sine", dtype="float64")
LESSON = msgspec.structs.replace(BEFORE, in_channels=20, out_channels=16, kernel_size=(3, 5), stride=1, padding=(1, 2))


@pytest.mark.parametrize("layer", LAYERS)
def test_arguments_have_torchs_order_and_torchs_defaults(layer: str) -> None:
    parameters = list(inspect.signature(getattr(nn, layer).__init__).parameters.values())[1:]
    assert tuple(parameter.name for parameter in parameters) == ARGUMENTS[LAYERS[layer].transposed]
    theirs = {parameter.name: parameter.default for parameter in parameters}
    assert all(theirs.get(name, value) == value for name, value in USUAL.items())
    assert set(USUAL) == {"stride", "padding", "output_padding", "dilation", "groups", "bias", "padding_mode"}


WRITTEN: list[tuple[str, dict[str, Any]]] = [
    ("nn.Conv2d(20, 16, (3, 5), padding=(1, 2))", {}),
    ("Conv2d(20, 16, (3, 5), padding=(1, 2))", {}),
    ("torch.nn.Conv2d(20, 16, [3, 5], 1, (1, 2))", {}),
    ("  conv = nn.Conv2d(in_channels=20, out_channels=16, kernel_size=(3, 5), padding=(1, 2))  # the lesson's\n", {}),
    ("self.conv: nn.Module = nn.Conv2d(20, 16,\n    kernel_size=(3, 5),\n    padding=(1, 2),\n)", {}),
    ("nn.Conv2d(20, 16, (3, 5), padding=(1, 2)),", {}),
    ("Conv2d(20, 16, kernel_size=(3, 5), stride=(1, 1), padding=(1, 2))", {"stride": (1, 1)}),
    ("  (conv1): Conv2d(20, 16, kernel_size=(3, 5), stride=(1, 1), padding=(1, 2))", {"stride": (1, 1)}),
    ("Conv2d(20, 16, kernel_size=(3, 5), stride=(1, 1), padding=same, padding_mode=reflect)", {"stride": (1, 1), "padding": "same", "padding_mode": "reflect"}),
    ("nn.Conv2d(20, 16, (3, 5), 2, 'valid', 1, 4, False, 'circular', None, torch.half)", {"stride": 2, "padding": "valid", "groups": 4, "bias": False, "padding_mode": "circular", "dtype": "float16"}),
    ("nn.Conv2d(20, 16, (3, 5), padding=(1, 2), device='cuda:1', dtype=torch.float32)", {"device": "cuda:1", "dtype": "float32"}),
    ("nn.Conv2d(20, 16, (3, 5), padding=(1, 2), device=torch.device('cuda', 0))", {"device": "cuda:0"}),
    ("nn.Conv2d(20, 16, (3, 5), padding=-1)", {"padding": -1}),  # read; refused when it is resolved
    ("nn.ConvTranspose2d(20, 16, (3, 5), 2, (1, 2), 1, 4, True, 3)", {"layer": "ConvTranspose2d", "stride": 2, "output_padding": 1, "groups": 4, "dilation": 3}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fields"), WRITTEN, ids=[row[0][:50] for row in WRITTEN])
def test_layers_are_read(text: str, fields: dict[str, Any]) -> None:
    assert paste(text, BEFORE) == msgspec.structs.replace(LESSON, **fields)


REFUSED = [
    ("", "Column 1: There is no layer. Write it as in PyTorch: nn.Conv2d(20, 16, (3, 5))."),
    ("Conv2d", "Column 1: This is no layer with its arguments. Write it as in PyTorch: nn.Conv2d(20, 16, (3, 5))."),
    ("nn.Conv2d(20, 16, 3); import os", "Column 23: Here a second statement begins. Give one layer."),
    ("import os", "Column 1: This is no layer with its arguments. Write it as in PyTorch: nn.Conv2d(20, 16, (3, 5))."),
    ("nn.LazyConv2d(16, 3)", "Column 1: LazyConv2d learns in_channels only when it runs. Use Conv2d with in_channels."),
    ("nn.Linear(20, 16)", "Column 1: “Linear” is no convolution layer. Use Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d or ConvTranspose3d."),
    ("x = nn.Conv2D(20, 16, 3)", "Column 5: “Conv2D” is no convolution layer. Did you mean Conv2d?"),
    ("keras.Conv2d(20, 16, 3)", "Column 1: The Conv2d of “keras” is not known here. Use nn.Conv2d."),
    ("nn.Conv2d(20, 16, 3)(x)", "Column 1: The layer is called or changed further. Give the layer alone, without what follows."),
    ("nn.Conv2d(20, 16, 3).cuda()", "Column 1: The layer is called or changed further. Give the layer alone, without what follows."),
    ("nn.Conv2d(*sizes)", "Column 11: What a star stands for is not known here. Write the arguments out."),
    ("nn.Conv2d(20, 16, **rest)", "Column 21: What two stars stand for is not known here. Write the arguments out."),
    ("nn.Conv2d(20, 16, 3, 1, 0, 1, 1, True, 'zeros', None, None, 7)", "Column 61: Conv2d takes at most 11 arguments. Leave out the rest."),
    ("nn.Conv2d(20, 16, 3, strides=2)", "Column 22: Conv2d has no argument “strides”. Did you mean stride?"),
    ("nn.Conv2d(20, 16, 3, output_padding=2)", "Column 22: Conv2d has no argument “output_padding”. Did you mean padding?"),
    ("nn.Conv2d(20, 16, 3, kernel_size=2)", "Column 22: kernel_size is given twice. Give it once."),
    ("nn.Conv2d(20, 16)", "Column 1: Conv2d needs in_channels, out_channels and kernel_size; kernel_size is missing. Write it as in PyTorch: nn.Conv2d(20, 16, (3, 5))."),
    ("nn.Conv2d(channels, 16, 3)", "Column 11: The value of “channels” is not known here. Write out the value of in_channels."),
    ("nn.Conv2d(20, 16, 2 + 1)", "Column 19: kernel_size is no number, word, True or False. Write it out, such as 3 or (3, 5)."),
    ("nn.Conv2d(20, 16, (3, f()))", "Column 23: kernel_size is no number, word, True or False. Write it out, such as 3 or (3, 5)."),
    ("nn.Conv2d(20, 16, 3, dtype=torch.int8)", "Column 28: This dtype is not known here: torch.int8. Use torch.float16, torch.bfloat16, torch.float32 or torch.float64."),
    ("nn.Conv2d(20, 16, 3, device=x.device)", "Column 29: This device is not known here: x.device. Write it as text, such as “cpu” or “cuda:0”."),
    ("nn.Conv2d(20, 16,\n          3, bias=use)", "Line 2, column 19: The value of “use” is not known here. Write out the value of bias."),
    ("\n (conv): Conv2d(20, n, 3)", "Line 2, column 21: The value of “n” is not known here. Write out the value of out_channels."),
    (" " * 5 + "x" * LONGEST, "Column 6: The text has more than 10000 characters. Write it as in PyTorch: nn.Conv2d(20, 16, (3, 5))."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), REFUSED, ids=[row[0][:40] for row in REFUSED])
def test_refusals(text: str, sentence: str) -> None:
    with pytest.raises(ProgramError) as refused:
        paste(text, BEFORE)
    assert str(refused.value) == sentence


UNREADABLE = [  # the words are Python's, and differ from version to version
    ("  nn.Conv2d(20, 16", 12),
    ("ü = nn.Conv2d(20, é é)", 19),
    ("nn.Conv2d(20, 16, " + "9" * 5000 + ")", 1),
    ("(" * 3000 + ")" * 3000, None),
    ("nn.Conv2d(20, \0)", 1),
    ("nn.Conv2d(kernel_size=3, 20, 16)", None),
]


@pytest.mark.parametrize(("text", "column"), UNREADABLE, ids=[row[0][:40] for row in UNREADABLE])
def test_what_python_cannot_read(text: str, column: int | None) -> None:
    with pytest.raises(ProgramError, match="This can't be read as Python") as refused:
        paste(text, BEFORE)
    assert len(str(refused.value)) < 200
    assert refused.value.where.startswith("column ") and column in (None, int(refused.value.where.split()[1]))


DEEP = [
    "nn.Conv2d(20, 16, " + "-" * 900 + "3)",
    "nn.Conv2d(20, 16, x" + ".x" * 900 + ")",
    "x" + ".x" * 900 + ".Conv2d(1)",
]


@pytest.mark.parametrize("text", [*DEEP, "nn.Conv2d(20, 16, " + "-" * 5000 + "3)", "nn.Conv2d(1" + "+1" * 4000 + ")"])
def test_deep_texts_are_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ProgramError) as refused:
        paste(text, BEFORE)
    assert len(str(refused.value)) < 300


def test_nothing_of_the_text_is_run() -> None:
    with pytest.raises(ProgramError):
        paste("nn.Conv2d(20, 16, __import__('sys').exit(3))", BEFORE)


OTHER_AXES = [
    ("nn.Conv1d(2, 16, 3)", (64, 128), (128,)),
    ("nn.Conv3d(2, 16, 3)", (64, 128), (64, 64, 128)),
    ("nn.Conv3d(2, 16, 3)", 64, 64),
    ("nn.Conv2d(2, 16, 3)", (64, 128), (64, 128)),
]


@pytest.mark.parametrize(("text", "size", "after"), OTHER_AXES)
def test_the_input_keeps_its_size_as_far_as_the_axes_go(text: str, size: Any, after: Any) -> None:
    found = paste(text, msgspec.structs.replace(BEFORE, input_size=size, loss=(0, 0, 1, 1)))
    assert found.input_size == after
    assert found.loss == ((0, 0, 1, 1) if "2d" in text else "mean")
    resolve(found)


def test_given_values_stay_where_their_shape_does() -> None:
    given = Convolution("Conv1d", 1, 2, 2, 3, input=[[[1, 2, 3]]], weight=[[[1, 2]], [[3, 4]]], bias_values=[5, 6])
    kept = paste("nn.Conv1d(1, 2, 2, padding=1)", given)
    assert (kept.input, kept.weight, kept.bias_values) == (given.input, given.weight, given.bias_values)
    for text in (
        "nn.Conv1d(1, 2, 3)",
        "nn.Conv1d(1, 4, 2)",
        "nn.ConvTranspose1d(1, 2, 2)",
        "nn.Conv2d(1, 2, 2)",
        "nn.Conv1d(1, 2, 2, bias=False)",
        "nn.Conv1d(2, 2, 2)",
    ):
        resolve(paste(text, given))


PRINTED = [
    dict(zip(("stride", "padding", "dilation", "groups", "bias"), values, strict=True))
    for values in itertools.product((1, 2), (0, 1), (1, 2), (1, 2), (True, False))
]


@pytest.mark.parametrize("layer", LAYERS)
def test_what_torch_prints_is_read_back(layer: str) -> None:
    more = (
        [{"output_padding": 1, "stride": 2}]
        if "Transpose" in layer
        else [{"padding": "same"}, {"padding_mode": "reflect", "padding": 1}]
    )
    for arguments in (*PRINTED, *more):
        module = getattr(nn, layer)(4, 6, 3, device="meta", **arguments)
        found = resolve(paste(repr(module), msgspec.structs.replace(BEFORE, input_size=9)))
        assert (found.layer, found.in_channels, found.out_channels, found.groups) == (layer, 4, 6, module.groups)
        assert (found.kernel_size, found.stride, found.dilation) == (module.kernel_size, module.stride, module.dilation)
        assert (found.padding_word or tuple(p for p, _ in found.padding)) == module.padding
        assert (found.output_padding, found.padding_mode) == (module.output_padding, module.padding_mode)
        assert found.bias == (module.bias is not None)


def test_the_layer_of_our_own_program_is_read_back() -> None:
    asked = Convolution(
        "ConvTranspose3d", 4, 6, (1, 2, 3), 5, stride=(1, 2, 2), output_padding=(0, 1, 0), dtype="bfloat16", groups=2
    )
    line = next(line for line in python_source(asked).splitlines() if line.startswith("conv ="))
    other = Convolution("ConvTranspose3d", 1, 1, 1, 5)
    assert resolve(paste(line, other)) == resolve(asked)
    assert getattr(torch, paste(line, other).dtype) == torch.bfloat16


@pytest.mark.parametrize("name", POOLINGS)
def test_poolings_are_read_for_a_stack(name: str) -> None:
    parameters = list(inspect.signature(getattr(nn, name).__init__).parameters)[1:]
    assert tuple(parameters) == POOLING_ARGUMENTS[name[:7]][: len(parameters)]  # a 1-d average has no divisor
    assert stacked(f"nn.{name}(3, padding=1, ceil_mode=True)") == pooling(name, 3, padding=1)
    assert stacked(f"nn.{name}(4, None, 2)") == pooling(name, 4, padding=2)
    assert stacked(repr(getattr(nn, name)(3, 2, 1))) == pooling(name, 3, 2, 1)


def test_convolutions_are_read_for_a_stack_whatever_their_channels_and_input() -> None:
    settings = resolve(Convolution("Conv2d", 1, 1, 50, 99, padding="same"))
    assert stacked("nn.Conv2d(7, 5, 50, padding='same')") == layer_of(settings)
    with pytest.raises(ProgramError, match="“ReLU” is no convolution or pooling layer"):
        stacked("nn.ReLU()")
    with pytest.raises(InvalidSetting, match="dilation: The number must be at least 1"):
        stacked("nn.Conv2d(1, 1, 3, dilation=0)")
