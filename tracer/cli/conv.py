"""`gradtrace conv`: the shapes, cost and gradients of a convolution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

import tracer
from tracer import quantities
from tracer.cli import conv_layer, conv_matrix, conv_places, conv_solve, reading, tables
from tracer.cli.answers import Device, Json, Save, Seed, check_names, counted, save, summary
from tracer.cli.conv_values import values
from tracer.convolution import python_source, shapes
from tracer.convolution.cost import Cost, cost
from tracer.convolution.layer import Settings
from tracer.convolution.pasted import stacked
from tracer.convolution.receptive_field import Layer
from tracer.convolution.settings import resolve

Size = typer.Option(metavar="3x5", help="One number, or one an axis.")


LAYER = "Conv1d, Conv2d, Conv3d, or ConvTranspose1d, 2d, 3d; or the whole layer, nn.Conv2d(20, 16, (3, 5))."
THEN = "A layer after this one, nn.Conv2d(16, 8, 3) or nn.MaxPool2d(2), for the receptive field. May be given again."


def conv(
    context: typer.Context,
    layer: Annotated[str, typer.Option(help=LAYER)] = "Conv2d",
    in_channels: Annotated[int, typer.Option("--in", help="Channels of the input.")] = 20,
    out_channels: Annotated[int, typer.Option("--out", help="Kernels: channels of the output.")] = 16,
    kernel: Annotated[str, Size] = "3",
    input_size: Annotated[str, typer.Option("--input", metavar="64x128", help="Size of the input.")] = "64",
    stride: Annotated[str, Size] = "1",
    padding: Annotated[str, typer.Option(metavar="1x2", help="Numbers, valid or same.")] = "0",
    output_padding: Annotated[str, Size] = "0",
    dilation: Annotated[str, Size] = "1",
    groups: Annotated[int, typer.Option(help="Groups of channels that don't mix.")] = 1,
    padding_mode: Annotated[str, typer.Option(help="zeros, reflect, replicate or circular.")] = "zeros",
    no_bias: Annotated[bool, typer.Option("--no-bias", help="Without a bias.")] = False,
    batch: Annotated[str, typer.Option(metavar="N", help="Size of the batch, or none for no batch axis.")] = "1",
    fill: Annotated[str, typer.Option(help="noise, ramp, impulse, checker, sine, a picture, a WAV file.")] = "noise",
    loss: Annotated[str, typer.Option(help="mean, sum, or the index of one output, 0,3,5,7.")] = "mean",
    input_values: Annotated[str | None, conv_matrix.GivenValues] = None,
    weight_values: Annotated[str | None, conv_matrix.GivenValues] = None,
    bias_values: Annotated[str | None, conv_matrix.GivenValues] = None,
    matrix: conv_matrix.Matrix = False,
    read: conv_matrix.Read = None,
    feeds: conv_matrix.Feeds = None,
    flip: conv_matrix.Flip = False,
    seed: Seed = 0,
    dtype: Annotated[str, typer.Option(help="float16, bfloat16, float32 or float64.")] = "float32",
    device: Device = "auto",
    then: Annotated[list[str] | None, typer.Option(metavar="LAYER", help=THEN)] = None,
    solve: conv_solve.Solve = "",
    within: conv_solve.Within = None,
    most: conv_solve.Most = 20,
    saved: Save = None,
    json: Json = False,
) -> None:
    """Show the shapes, the size formula, the cost and the gradients of a convolution; or solve for its settings."""
    experiment = tracer.Convolution(
        layer=layer,  # type: ignore[arg-type]  # a wrong name is refused with a sentence when it is resolved
        in_channels=in_channels,
        out_channels=out_channels,
        kernel_size=reading.per_axis(kernel, "kernel_size"),
        input_size=reading.per_axis(input_size, "input_size"),
        stride=reading.per_axis(stride, "stride"),
        padding=reading.padding(padding),
        output_padding=reading.per_axis(output_padding, "output_padding"),
        dilation=reading.per_axis(dilation, "dilation"),
        groups=groups,
        bias=not no_bias,
        padding_mode=padding_mode,
        batch=reading.batch(batch),
        fill=fill,
        loss=reading.loss(loss),
        input=values(input_values, "input"),
        weight=values(weight_values, "weight"),
        bias_values=values(bias_values, "bias_values"),
        seed=seed,
        dtype=dtype,
        device=device,
    )
    experiment = conv_layer.with_layer(experiment, context)
    if solve:
        conv_solve.refuse_saving(saved)
        raise typer.Exit(0 if conv_solve.show(experiment, solve, within or [], most, json) else 1)
    check_names(saved)
    settings = resolve(experiment)  # so that a refusal comes before torch is loaded
    asked = conv_matrix.asked(settings, matrix, read, feeds, flip)
    after = [stacked(text) for text in then or ()]
    recording = tracer.run(experiment)
    save(recording, saved)
    more = conv_matrix.find(asked, experiment)
    if json:
        tables.as_json(_answer(settings, recording) | conv_places.answer(settings, after) | more)
    else:
        show(settings, recording, after)
        conv_matrix.show(more)


def show(settings: Settings, recording: tracer.Recording, then: Sequence[Layer] = ()) -> None:
    """Print the formula and the tables."""
    tables.say(f"{python_source.layer(settings)} on {quantities.shape(shapes.input_shape(settings))}", bold=True)
    for line in shapes.formula(settings):
        tables.say(line.text)
    conv_places.show(settings, then)
    tables.show("\nShapes", tables.SHAPES, (row for row in recording.shapes() if row.axes is not None))
    tables.show("Cost", COST, _cost_rows(settings, cost(settings)))
    loss = settings.loss if isinstance(settings.loss, str) else f"y[{', '.join(map(str, settings.loss))}]"
    title = f"Gradients of {loss}(y)" if isinstance(settings.loss, str) else f"Gradients of {loss}"
    tables.show(title, tables.GRADIENTS, (row for row in recording.gradients() if row.name != "loss"))
    summary(recording)


COST = (
    tables.Column("cost", lambda row: row[0]),
    tables.Column("", lambda row: row[1], number=True),
    tables.Column("", lambda row: row[2]),
)


def _cost_rows(settings: Settings, cost: Cost) -> list[tuple[str, str, str]]:
    count = quantities.count
    taps = "differ from output to output" if cost.taps is None else count(cost.taps)
    cut = "the padding cuts away" if settings.transposed else "with the padding's zeros"
    real = cost.real_multiply_adds
    dense = f"{count(cost.dense_rows)} × {count(cost.dense_columns)}"
    return [
        (
            "parameters",
            count(cost.parameters),
            f"{counted(cost.weights, 'weight')}, {counted(cost.biases, 'bias', 'biases')}",
        ),
        (
            "multiply–adds",
            count(cost.multiply_adds),
            "" if real in (None, cost.multiply_adds) else f"{count(real)} without those {cut}",
        ),
        ("taps of an output", taps, conv_places.real_taps(settings)),
        ("kept for backward", quantities.size(cost.saved_bytes), "by formula"),
        ("as a dense matrix", dense, f"{count(cost.dense_cells)} cells, {quantities.share(cost.share)} hold a weight"),
        ("first weights", f"±{quantities.figure(cost.bound, 6)}", "uniform, as torch draws them"),
    ]


def _answer(settings: Settings, recording: tracer.Recording) -> dict[str, Any]:
    return {
        "formula": [line.text for line in shapes.formula(settings)],
        "shapes": recording.shapes(),
        "cost": cost(settings),
        "gradients": recording.gradients(),
    }
