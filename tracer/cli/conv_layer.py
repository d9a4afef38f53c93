"""A layer that is pasted as text on the command line, in the place of its name."""

from __future__ import annotations

import typer

from tracer.convolution.pasted import is_layer, paste
from tracer.errors import InvalidSetting
from tracer.experiment import Convolution

OPTIONS = {  # the field that an option sets
    "in_channels": ("--in", "in_channels"),
    "out_channels": ("--out", "out_channels"),
    "kernel": ("--kernel", "kernel_size"),
    "stride": ("--stride", "stride"),
    "padding": ("--padding", "padding"),
    "output_padding": ("--output-padding", "output_padding"),
    "dilation": ("--dilation", "dilation"),
    "groups": ("--groups", "groups"),
    "padding_mode": ("--padding-mode", "padding_mode"),
    "no_bias": ("--no-bias", "bias"),
    "dtype": ("--dtype", "dtype"),
    "device": ("--device", "device"),
}


def with_layer(experiment: Convolution, context: typer.Context) -> Convolution:
    """Read the layer where it is written with its arguments, nn.Conv2d(20, 16, (3, 5)); a name alone stays.

    Raises:
        ProgramError: the text can't be read.
        InvalidSetting: an option that was given says something else than the text.
    """
    if not is_layer(experiment.layer):
        return experiment
    pasted = paste(experiment.layer, experiment)
    for name, (option, field) in OPTIONS.items():
        source = context.get_parameter_source(name)
        typed = source is not None and source.name == "COMMANDLINE"
        if typed and getattr(pasted, field) != getattr(experiment, field):
            what = f"The layer's text says something else than {option}"
            raise InvalidSetting(what, option, "Leave the option out, or write it into the text")
    return pasted
