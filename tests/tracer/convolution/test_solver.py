# ruff: noqa: E501 - a table of sentences
"""The solver: its answers are exactly those of trying everything, each has the size in torch, simplest first."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest
import torch
from hypothesis import assume, given, settings, strategies
from torch import nn

from tracer.convolution.settings import resolve
from tracer.convolution.shapes import output_size
from tracer.convolution.solver import FIELDS, Ranges, Solution, Wanted, applied, input_sizes, keep_size, solve
from tracer.errors import InvalidSetting, TracerError
from tracer.experiment import Convolution

LESSON = Convolution("Conv2d", 20, 16, (3, 5), (64, 128))


def test_the_lessons_size_is_kept_by_its_padding() -> None:
    first, second, *_ = solve(LESSON, (64, 128)).solutions
    assert (first.changed, first.padding) == (("padding",), ((1, 1), (2, 2)))
    assert applied(LESSON, first) == msgspec.structs.replace(LESSON, padding=(1, 2))
    assert (second.changed, second.kernel_size) == (("kernel_size",), (1, 1))


FIRST: list[tuple[Convolution, Wanted, dict[str, Any]]] = [
    (LESSON, (62, 124), {}),  # it has that size already
    (LESSON, (32, 64), {"padding": (1, 2), "stride": 2}),
    (LESSON, (64, None), {"padding": (1, 0)}),
    (LESSON, (None, 124), {}),
    (Convolution("Conv1d", 1, 1, 3, 7), 3, {"stride": 2}),
    (Convolution("Conv1d", 1, 1, 200, 64), 60, {"kernel_size": 5, "weight": None}),  # the layer itself does not work
    (Convolution("Conv1d", 1, 1, 4, 9, padding="same"), 9, {}),
    (Convolution("Conv1d", 1, 1, 4, 9, padding="same"), 8, {"padding": 1}),
    (Convolution("Conv1d", 1, 1, 3, 4, padding_mode="circular"), 10, {"padding": 4}),
    (Convolution("ConvTranspose2d", 1, 1, 4, 16, stride=2), 32, {"padding": 1}),
    (Convolution("ConvTranspose1d", 1, 1, 3, 16, stride=2, padding=1), 32, {"output_padding": 1}),
]


@pytest.mark.parametrize(("asked", "wanted", "changes"), FIRST)
def test_the_simplest_comes_first(asked: Convolution, wanted: Wanted, changes: dict[str, Any]) -> None:
    first = solve(asked, wanted).solutions[0]
    assert applied(asked, first) == msgspec.structs.replace(asked, **changes)


def test_simpler_means_fewer_fields_then_their_order_then_smaller_changes() -> None:
    asked = Convolution("Conv1d", 1, 1, 3, 16, stride=2)
    found = solve(asked, 8, Ranges(), most=1000).solutions

    def key(solution: Solution) -> tuple[Any, ...]:
        distance = abs(solution.kernel_size[0] - 3) + abs(solution.stride[0] - 2) + abs(solution.dilation[0] - 1)
        order = tuple(FIELDS.index(name) for name in solution.changed)
        return len(solution.changed), order, distance + solution.padding[0][0]

    assert len(found) > 50
    assert list(map(key, found)) == sorted(map(key, found))


def test_no_more_than_asked_and_told_so() -> None:
    answer = solve(LESSON, (64, None), most=7)
    assert (len(answer.solutions), answer.complete) == (7, False)
    none = solve(LESSON, 1000)
    assert (none.solutions, none.complete) == ((), True)
    everything = solve(Convolution("Conv3d", 1, 1, 3, 16), (None, None, None), most=10**9)
    assert not everything.complete  # the search itself ends as well


def test_a_solution_never_needs_more_memory_than_there_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Convolution("ConvTranspose1d", 1, 1, 3, 100)
    most = max(solution.output_size[0] for solution in solve(asked, None, most=5000).solutions)
    monkeypatch.setenv("GRADTRACE_MEMORY", "4000")
    found = solve(asked, None, most=5000).solutions
    assert found and max(solution.output_size[0] for solution in found) < most
    for solution in found:
        resolve(applied(asked, solution))


REFUSED: list[tuple[dict[str, Any], Wanted, Ranges, str]] = [
    ({}, (64,), Ranges(), "Output size: 1 sizes are wanted, and the output has 2. Give one for each of H, W."),
    ({}, 0, Ranges(), "Output size: The number must be at least 1, and is 0. Use 1."),
    ({}, (64, 2.5), Ranges(), "Output size: The number must be whole, not 2.5. Use 2 or 3."),  # type: ignore[list-item]
    ({}, 64, Ranges(stride=(0, 4)), "Range of stride: The number must be at least 1, and is 0. Use 1."),
    ({}, 64, Ranges(stride=(4, 2)), "Range of stride: The range ends at 2, before it starts at 4. Use 2 to 4."),
    ({}, 64, Ranges((1, 1000), (1, 1000)), "ranges: The ranges hold 48000000 settings for each axis, and at most 30000 are searched. Use narrower ranges."),
    ({"groups": 3}, 64, Ranges(), "groups: in_channels (20) can't be divided by groups (3). Use groups 1, 2 or 4."),
    ({"layer": "ConvTranspose2d", "padding_mode": "reflect"}, 64, Ranges(), "padding_mode: ConvTranspose2d pads only with zeros, not “reflect”. Use “zeros”."),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "wanted", "ranges", "text"), REFUSED, ids=[row[3][:40] for row in REFUSED])
def test_refusals(fields: dict[str, Any], wanted: Wanted, ranges: Ranges, text: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        solve(msgspec.structs.replace(LESSON, **fields), wanted, ranges)
    assert str(refused.value) == text


SMALL = Ranges(kernel_size=(1, 3), stride=(1, 2), padding=(0, 2), dilation=(1, 2), output_padding=(0, 1))
small = strategies.builds(
    Convolution,
    layer=strategies.sampled_from(["Conv1d", "Conv2d", "ConvTranspose1d", "ConvTranspose2d"]),
    in_channels=strategies.just(1),
    out_channels=strategies.just(1),
    kernel_size=strategies.integers(1, 3),
    input_size=strategies.integers(1, 6),
    stride=strategies.integers(1, 2),
    padding=strategies.integers(0, 2),
    output_padding=strategies.sampled_from([0, 0, 1]),
    dilation=strategies.integers(1, 2),
    padding_mode=strategies.sampled_from(["zeros", "reflect", "replicate", "circular"]),
)


@settings(max_examples=40, deadline=None)
@given(small, strategies.lists(strategies.integers(1, 12) | strategies.none(), min_size=2, max_size=2))
def test_the_solutions_are_those_of_trying_everything(asked: Convolution, sizes: list[int | None]) -> None:
    dims, transposed = int(asked.layer[-2]), asked.layer.startswith("ConvTranspose")
    fields = {"padding_mode": "zeros"} if transposed else {"output_padding": 0}
    asked = msgspec.structs.replace(asked, **fields)
    wanted = tuple(sizes[:dims]) if dims == 1 else tuple(size or 3 for size in sizes)
    answer = solve(asked, wanted, SMALL, most=10**6)
    assert answer.complete
    expected = {values for values in every(dims, transposed) if gives(asked, values, wanted)}
    found = [tuple((a, b) if dims == 2 else (a,) for a, b in zip(*each, strict=True)) for each in map(numbers, answer.solutions)]  # fmt: skip
    assert len(found) == len(set(found))
    assert set(found) == expected


NAMES = ("kernel_size", "stride", "padding", "dilation", "output_padding")


def numbers(solution: Solution) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The numbers of the first and of the last axis, in the order of NAMES."""
    fields = [tuple(p for p, _ in solution.padding) if name == "padding" else getattr(solution, name) for name in NAMES]
    return tuple(field[0] for field in fields), tuple(field[-1] for field in fields)


def every(dims: int, transposed: bool) -> itertools.product[Any]:
    """All settings that the small ranges hold, one number an axis."""
    extra = (0, 1) if transposed else (0,)
    one = ((1, 2, 3), (1, 2), (0, 1, 2), (1, 2), extra)
    return itertools.product(*(itertools.product(values, repeat=dims) for values in one))


def gives(asked: Convolution, values: tuple[Any, ...], wanted: tuple[int | None, ...]) -> bool:
    try:
        resolved = resolve(msgspec.structs.replace(asked, **dict(zip(NAMES, values, strict=True))))
    except TracerError:
        return False
    return all(size in (None, has) for size, has in zip(wanted, output_size(resolved), strict=True))


@pytest.mark.parametrize(("asked", "wanted", "changes"), FIRST)
def test_each_solution_has_the_size_in_torch(asked: Convolution, wanted: Wanted, changes: dict[str, Any]) -> None:
    for solution in solve(asked, wanted, most=60).solutions:
        layer = applied(asked, solution)
        fields = ("stride", "padding", "dilation", *(("output_padding",) if "Transpose" in layer.layer else ()))
        arguments: dict[str, Any] = {name: getattr(layer, name) for name in fields}
        module = getattr(nn, layer.layer)(
            layer.in_channels, layer.out_channels, layer.kernel_size, padding_mode=layer.padding_mode, device="meta", **arguments
        )  # fmt: skip
        size = resolve(layer).input_size
        y = module(torch.empty(1, layer.in_channels, *size, device="meta"))
        assert tuple(y.shape[2:]) == solution.output_size == output_size(resolve(layer))
        each = wanted if isinstance(wanted, tuple) else (wanted,) * len(size)
        assert all(want in (None, has) for want, has in zip(each, solution.output_size, strict=True))


def test_the_inputs_of_the_lesson() -> None:
    assert input_sizes(resolve(LESSON)) == (range(64, 65), range(128, 129))
    strided = resolve(Convolution("Conv1d", 1, 1, 3, 7, stride=2))
    assert input_sizes(strided) == (range(7, 9),)
    assert input_sizes(strided, (1,)) == (range(3, 5),)


experiments = strategies.builds(
    Convolution,
    layer=strategies.sampled_from(["Conv1d", "ConvTranspose1d"]),
    in_channels=strategies.just(1),
    out_channels=strategies.just(1),
    kernel_size=strategies.integers(1, 4),
    input_size=strategies.integers(1, 12),
    stride=strategies.integers(1, 4),
    padding=strategies.integers(0, 4) | strategies.just("same"),
    output_padding=strategies.sampled_from([0, 0, 1]),
    dilation=strategies.integers(1, 3),
    padding_mode=strategies.sampled_from(["zeros", "reflect", "replicate", "circular"]),
)


@settings(max_examples=150, deadline=None)
@given(experiments, strategies.integers(-1, 12))
def test_the_inputs_are_exactly_those_that_give_the_output(asked: Convolution, output: int) -> None:
    try:
        resolved = resolve(asked)
    except TracerError:
        assume(False)
    working = []
    for size in range(1, 70):
        try:
            tried = resolve(msgspec.structs.replace(asked, input_size=size))
        except TracerError:
            continue
        if output_size(tried) == (output,):
            working.append(size)
    assert list(input_sizes(resolved, (output,))[0]) == working


KEEPS: list[tuple[Convolution, tuple[int, ...] | None]] = [
    (Convolution("Conv2d", 20, 16, (3, 5), (64, 128)), (1, 2)),
    (Convolution("Conv1d", 2, 16, 3, 64, dilation=3), (3,)),
    (Convolution("Conv1d", 2, 16, 4, 64), None),
    (Convolution("Conv1d", 2, 16, 3, 1, stride=2, padding=2), (1,)),
    (Convolution("Conv1d", 2, 16, 3, 64, stride=2), (33,)),  # half of the places lie in the padding, and still
    (Convolution("Conv1d", 2, 16, 3, 64, stride=4, padding_mode="circular"), None),
    (Convolution("ConvTranspose1d", 2, 16, 3, 64), (1,)),
    (Convolution("ConvTranspose1d", 2, 16, 4, 64), None),
]


@pytest.mark.parametrize(("experiment", "padding"), KEEPS)
def test_padding_that_keeps_the_size(experiment: Convolution, padding: tuple[int, ...] | None) -> None:
    assert keep_size(resolve(experiment)) == padding


@settings(max_examples=200, deadline=None)
@given(experiments)
def test_keep_size_is_the_smallest_that_works(experiment: Convolution) -> None:
    try:
        resolved = resolve(experiment)
    except TracerError:
        assume(False)
    working = []
    for padding in range(40):
        try:
            tried = resolve(msgspec.structs.replace(experiment, padding=padding))
        except TracerError:
            continue
        if output_size(tried) == tried.input_size:
            working.append((padding,) * resolved.dims)
    assert keep_size(resolved) == (working[0] if working else None)


def test_only_the_fields_that_may_change_do() -> None:
    layer = Convolution("Conv2d", 20, 16, (3, 5), (64, 128))
    answer = solve(layer, (64, 128), fields=("stride", "kernel_size"), most=500)
    assert {solution.changed for solution in answer.solutions} == {("kernel_size",)}
    everything = solve(layer, (64, 128), most=500)
    assert [each for each in everything.solutions if each.changed == ("kernel_size",)] == [*answer.solutions]
