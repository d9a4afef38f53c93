"""Random settings, good and bad: torch on the CPU and we accept and refuse alike, and each cure leads to what works.

GRADTRACE_TEST_SETTINGS sets how many are tried.
"""

from __future__ import annotations

import itertools
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import torch
from torch import nn

from tracer.convolution.layer import LAYERS, PADDING_MODES
from tracer.convolution.settings import resolve
from tracer.convolution.shapes import output_shape, weight_shape
from tracer.errors import InvalidSetting, LimitPassed, TracerError
from tracer.experiment import Convolution

TRIED = int(os.environ.get("GRADTRACE_TEST_SETTINGS", "4000"))
NUMBERS = ("in_channels", "out_channels", "kernel_size", "input_size", "stride", "dilation", "output_padding", "groups")
WRONG = (0, -1, -3, 2**31, 2**40, 2**63 - 1, 2**63, True, False, 2.0, 1.5, "2", None, (), (1,), (2, 1), (1, 2, 3, 1))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Little memory, so that nothing large is run; and one thread, which is quicker for what is small."""
    monkeypatch.setenv("GRADTRACE_MEMORY", "64MiB")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def any_settings(draw: random.Random) -> Convolution:
    """Draw a layer whose numbers often fit together; in every third, one of them is of a wrong kind or size."""
    layer = draw.choice(list(LAYERS))
    dims, transposed = LAYERS[layer]

    def sizes(*numbers: int) -> int | tuple[int, ...]:
        return draw.choice(numbers) if draw.random() < 0.6 else tuple(draw.choice(numbers) for _ in range(dims))

    asked = Convolution(
        layer=layer,  # type: ignore[arg-type]
        in_channels=draw.choice((1, 2, 4, 6)),
        out_channels=draw.choice((1, 2, 4, 6)),
        kernel_size=sizes(1, 2, 3, 4),
        input_size=sizes(1, 2, 3, 4, 5, 6, 7),
        stride=sizes(1, 1, 2, 3),
        padding=draw.choice(("valid", "same")) if draw.random() < 0.2 else sizes(0, 0, 1, 2, 3, 4),
        output_padding=sizes(0, 0, 1, 2) if transposed and draw.random() < 0.5 else 0,
        dilation=sizes(1, 1, 2, 3),
        groups=draw.choice((1, 1, 1, 2, 3)),
        bias=draw.random() < 0.7,
        padding_mode=draw.choice(("zeros", "zeros", "zeros" if transposed else "reflect", "replicate", "circular")),
        batch=draw.choice((None, 1, 2)),
    )
    return spoiled(asked, draw) if draw.random() < 1 / 3 else asked


def spoiled(asked: Convolution, draw: random.Random) -> Convolution:
    field = draw.choice((*NUMBERS, "padding", "bias", "padding_mode", "batch"))
    words = {"padding_mode": ("mirror", "Zeros", "constant"), "bias": (0, 1, None), "batch": (0, -1, 1.5)}
    wrong = draw.choice(words.get(field, (*WRONG, "Same", "full") if field == "padding" else WRONG))
    return msgspec.structs.replace(asked, **{field: wrong})


def by_torch(asked: Convolution, device: str) -> tuple[tuple[int, ...], tuple[int, ...]] | str:
    """Build and run the layer by torch: the shapes of weight and output, or torch's words."""
    dims, transposed = LAYERS[asked.layer]
    wanted = ["stride", "padding", "dilation", "groups", "bias", "padding_mode"]
    if transposed:
        wanted.append("output_padding")
    elif asked.output_padding != 0:
        return "only a transposed layer has output_padding"
    size = asked.input_size if isinstance(asked.input_size, tuple) else (asked.input_size,) * dims
    batch = () if asked.batch is None else (asked.batch,)
    if len(size) != dims:
        return "x has another number of axes"
    arguments = {name: getattr(asked, name) for name in wanted}
    try:
        layer = getattr(nn, asked.layer)(
            asked.in_channels, asked.out_channels, asked.kernel_size, device=device, **arguments
        )
        with torch.no_grad():
            y = layer(torch.zeros(*batch, asked.in_channels, *size, device=device))
    except (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError) as error:
        return str(error) or "refused"
    return tuple(layer.weight.shape), tuple(y.shape)


def ours_alone(asked: Convolution) -> bool:
    """Tell whether torch may accept what we refuse: the list at the head of tracer.convolution.settings, but for an
    output with no numbers, which the shape tells."""
    fields = {name: getattr(asked, name) for name in (*NUMBERS, "padding", "batch")}
    each = [n for value in fields.values() for n in (value if isinstance(value, tuple) else (value,))]
    padding = asked.padding if isinstance(asked.padding, tuple) else (asked.padding,)
    lists = (asked.padding, asked.dilation if asked.padding == "same" else None)
    fewer = any(isinstance(each, tuple) and len(each) != LAYERS[asked.layer].dims for each in lists)
    dilation = asked.dilation if isinstance(asked.dilation, tuple) else (asked.dilation,)
    return (
        any(isinstance(n, bool) for n in each)
        or any(isinstance(n, int) and n > 2**31 - 1 for n in each)
        or not isinstance(asked.bias, bool)
        or 0 in (asked.batch, asked.in_channels)
        or (LAYERS[asked.layer].transposed and any(isinstance(d, int) and d < 1 for d in dilation))
        or (asked.padding_mode != "zeros" and (fewer or any(isinstance(p, int) and p < 0 for p in padding)))
    )


def test_torch_and_we_accept_and_refuse_alike() -> None:
    draw, seen = random.Random(5), Counter[str]()
    for _ in range(TRIED):
        asked = any_settings(draw)
        try:
            ours = resolve(asked)
        except LimitPassed:
            seen["too much memory"] += 1
        except TracerError as error:
            seen["refused"] += 1
            theirs = "refused" if ours_alone(asked) else by_torch(asked, "cpu")
            assert isinstance(theirs, str) or 0 in theirs[1], f"by us alone: {error} {asked}"
        else:
            seen["accepted"] += 1
            shapes = (weight_shape(ours), output_shape(ours))
            assert shapes == by_torch(asked, "cpu") == by_torch(asked, "meta"), asked
    assert min(seen["refused"], seen["accepted"]) > TRIED / 5, seen


@pytest.mark.parametrize("layer", LAYERS)
def test_one_number_in_a_list_stands_for_all_axes_where_it_does_in_torch(layer: Any) -> None:
    fields = ("kernel_size", "stride", "padding", "dilation", "output_padding")
    for field, padding, mode in itertools.product(fields, (1, "same", "valid"), PADDING_MODES):
        number = 0 if field == "output_padding" and "Transpose" not in layer else 1
        asked = Convolution(layer, 1, 1, 3, 5, padding=padding, padding_mode=mode, stride=1 if padding == "same" else 2)
        asked = msgspec.structs.replace(asked, **{field: (number,)})
        if asked.output_padding == (0,):
            assert str(refusal(asked)) == str(refusal(msgspec.structs.replace(asked, output_padding=0)))
            continue
        theirs, error = by_torch(asked, "cpu"), refusal(asked)
        assert (error is not None) == (isinstance(theirs, str) or ours_alone(asked)), (asked, theirs)


def test_each_cure_leads_to_what_works() -> None:
    """Do what the cures say, one after the other: no refusal comes twice, and the end is a layer that works."""
    draw, cured = random.Random(7), 0
    for _ in range(TRIED // 2):
        asked, said = any_settings(draw), list[str]()
        while (error := refusal(asked)) is not None and error.cure not in NO_NUMBER:
            said.append(str(error))
            assert len(said) < 12, said
            asked = draw.choice(cures(error, asked))
            after = refusal(asked)
            assert after is None or str(after) != said[-1], said
        cured += error is None and len(said) > 0
    assert cured > TRIED / 10


def test_a_single_wrong_field_is_cured_by_each_value_that_is_named() -> None:
    good = (
        Convolution("Conv2d", 4, 4, 3, (5, 6), padding=1),
        Convolution("Conv1d", 4, 4, 3, 5, padding=1, padding_mode="reflect"),
        Convolution("ConvTranspose2d", 4, 4, 3, (5, 6), stride=2, padding=1),
    )
    fields = [(name, wrong) for name in NUMBERS for wrong in (*WRONG, 7, 50)]
    tried = 0
    for asked in good:
        for name, wrong in [*fields, ("padding", "full"), ("padding", -2), ("padding", 9), ("padding_mode", "mirror")]:
            spoilt = msgspec.structs.replace(asked, **{name: wrong})
            error = refusal(spoilt)
            if error is None or error.cure in NO_NUMBER:
                continue
            for cured in cures(error, spoilt):
                tried += 1
                after = refusal(cured)
                # two axes can be wrong at once; then the same cure is said of the other one
                assert after is None or (" along " in after.what and after.what != error.what), (str(error), str(after))
    assert tried > 100


def refusal(asked: Convolution) -> TracerError | None:
    try:
        resolve(asked)
    except TracerError as error:
        return error
    return None


NO_NUMBER = ("Use smaller sizes, or raise the limit GRADTRACE_MEMORY", "Use a smaller number")


def cures(error: TracerError, asked: Convolution) -> list[Convolution]:
    """Do what a cure says, each of its ways; a way that is not understood fails the test."""
    assert isinstance(error, InvalidSetting)
    text, field = error.cure, error.where
    found: list[dict[str, Any]] = []
    for word, bound, number in re.findall(r"(kernel|dilation|padding) of at (most|least) (\d+)", text):
        name = "kernel_size" if word == "kernel" else word
        found.append({name: bounded(asked, name, error, bound, int(number))})
    for number in re.findall(r"^Use (?:padding )?(\d+) or less", text):
        found.append({field: bounded(asked, field, error, "most", int(number))})
    for numbers in re.findall(r"^Use (?:groups |padding )?((?:\d+(?:, | or )?)+)(?:$|, or )", text):
        found += [{field: replaced(asked, field, int(number))} for number in re.findall(r"\d+", numbers)]
    for number in re.findall(r"^Use a whole number from (\d+) up", text):
        found.append({field: int(number)})
    for word in re.findall(r"“(\w+)”", text):
        found.append({"padding_mode" if word == "zeros" else field: word})
    for layer in re.findall(r"the layer (\w+)", text):
        found.append({"layer": layer})
    if "one an axis" in text or "Use 1 number" in text:
        found.append({field: 0 if "padding" in field else 1})
    if "stride 1" in text:
        found += [{"stride": 1}, {"padding": 0}]
    if text.startswith(("Use a number", "Use True or False")):
        found.append({field: 0 if "number" in text else True})
    assert found, f"a cure that is not understood: {error}"
    return [msgspec.structs.replace(asked, **fields) for fields in found]


def bounded(asked: Convolution, name: str, error: TracerError, bound: str, number: int) -> Any:
    """Bring a field to a bound: along the axis that is named, or all at once."""
    dims = LAYERS[asked.layer].dims
    value = getattr(asked, name)
    if not isinstance(value, tuple):
        value = (0 if isinstance(value, str) else value,) * dims
    axis = re.search(r"along ([LDHW])\b", error.what)
    at = {1: "L", 2: "HW", 3: "DHW"}[dims].index(axis[1]) if axis else None
    to = min if bound == "most" else max
    return tuple(
        to(size, number) if at in (None, place) else size for place, size in enumerate(value * (dims // len(value)))
    )


def replaced(asked: Convolution, name: str, number: int) -> Any:
    """Put a number in the place of each that does not work by itself, or of the largest."""
    value = getattr(asked, name)
    if not isinstance(value, tuple) or not value:
        return number
    least = 0 if "padding" in name else 1
    wrong = [type(size) is not int or size < least for size in value]
    return tuple(number if bad or not any(wrong) else size for bad, size in zip(wrong, value, strict=True))
