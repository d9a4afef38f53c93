"""Presets, and what a change of layer does."""

import msgspec
import pytest
import torch

from gui.convolution.fields import check
from gui.convolution.presets import LESSON, OWN, PRESETS, preset_of, with_layer, with_preset
from tracer.convolution import python_source
from tracer.convolution.layer import LAYERS
from tracer.convolution.shapes import input_shape, output_shape
from tracer.errors import InvalidSetting

OUTPUTS = {
    "Lesson 2D": (1, 16, 62, 124),
    "Lesson 2D padded": (1, 16, 64, 128),
    "Lesson 1D": (1, 16, 62),
    "Lesson 1D padded": (1, 16, 64),
    "Lesson 1D, k = 5": (1, 16, 60),
    "Toeplitz 7, 3": (1, 2, 5),
    "Strided": (1, 8, 16, 16),
    "Dilated": (1, 8, 28, 28),
    "Grouped": (1, 8, 30, 30),
    "Depthwise": (1, 8, 30, 30),
    "1×1": (1, 8, 32, 32),
    "Transposed": (1, 8, 65, 65),
    "AlexNet layer 1": (1, 64, 55, 55),
    "ResNet stem": (1, 64, 112, 112),
    "WaveNet dilated": (1, 64, 1536),
    "DCGAN upsampling": (1, 64, 32, 32),
}


def test_every_preset_is_valid_and_known_by_its_name():
    assert {name: output_shape(check(preset)) for name, preset in PRESETS.items()} == OUTPUTS
    assert [preset_of(preset) for preset in PRESETS.values()] == list(PRESETS)


@pytest.mark.parametrize("name", list(PRESETS))
def test_torch_gives_every_preset_its_output_shape(name):
    assert OUTPUTS[name] == run_shape(PRESETS[name])


def run_shape(experiment):
    """Build the layer with torch alone and put an empty input through it."""
    settings = check(experiment)
    layer = eval(f"torch.nn.{python_source.layer(settings)}", {"torch": torch})
    with torch.no_grad():
        return tuple(layer(torch.zeros(input_shape(settings))).shape)


def test_a_preset_leaves_device_dtype_and_seed():
    mine = msgspec.structs.replace(LESSON, device="cpu", dtype="float64", seed=7, stride=2)
    assert preset_of(mine) == OWN
    taken = with_preset(mine, "Strided")
    assert (taken.device, taken.dtype, taken.seed, taken.stride) == ("cpu", "float64", 7, (2, 2))


@pytest.mark.parametrize("before", [*PRESETS])
@pytest.mark.parametrize("layer", list(LAYERS))
def test_every_change_of_layer_gives_something_valid(before, layer):
    changed = with_layer(PRESETS[before], layer)
    assert check(changed).layer == layer


def test_words_of_padding_that_a_transposed_layer_lacks_are_put_back():
    same = msgspec.structs.replace(LESSON, padding="same")
    assert with_layer(same, "ConvTranspose2d").padding == (0, 0)
    assert with_layer(same, "Conv1d").padding == "same"


@pytest.mark.parametrize("field", ["batch", "stride", "kernel_size"])
def test_an_empty_field_is_named(field):
    value = "" if field == "batch" else ("", 1)
    with pytest.raises(InvalidSetting) as refused:
        check(msgspec.structs.replace(LESSON, **{field: value}))
    assert refused.value.where == field


def test_weights_that_a_transposed_layer_holds_the_other_way_round_are_drawn_anew():
    assert with_layer(PRESETS["Toeplitz 7, 3"], "ConvTranspose1d").weight is None


def test_a_dilation_that_fits_no_more_is_put_back():
    assert with_layer(PRESETS["WaveNet dilated"], "Conv2d").dilation == (1, 1)
    assert with_layer(PRESETS["Dilated"], "Conv3d").dilation == (2, 2, 2)
