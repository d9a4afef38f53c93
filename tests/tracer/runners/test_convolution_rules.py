"""Gradients compared with their rules: they agree for every kind of layer, and a wrong one is told."""

from __future__ import annotations

import pytest
import torch

from tracer.analysis.gradients import gradients
from tracer.convolution.settings import resolve
from tracer.experiment import Convolution
from tracer.facts import from_json, to_json
from tracer.runners import convolution_rules
from tracer.runners.convolution import find, run

LAYERS = [
    Convolution("Conv1d", 4, 6, 3, 9, batch=None, fill="impulse"),
    Convolution("Conv1d", 4, 6, 3, 9, loss=(0, 3, 2), groups=2),
    Convolution("Conv2d", 4, 6, (3, 2), (9, 8), batch=3, loss="sum", stride=(2, 1), padding=(1, 0), bias=False),
    Convolution("Conv2d", 4, 6, 3, 9, groups=2, padding_mode="circular", padding=2, dilation=2, loss=(0, 1, 0, 0)),
    Convolution("Conv2d", 4, 8, 3, 9, groups=4, padding=3, padding_mode="replicate", dtype="float64"),
    Convolution("Conv2d", 4, 6, 3, 9, loss="sum", fill="sine", dtype="float16"),
    Convolution("Conv2d", 4, 6, 3, 9, fill="ramp", dtype="bfloat16"),
    Convolution("Conv3d", 4, 6, 3, 6, batch=2, fill="checker"),
    Convolution("ConvTranspose2d", 4, 6, 3, 7, groups=2, loss=(1, 4, 3, 3), batch=2, stride=2, output_padding=1),
    Convolution("ConvTranspose3d", 4, 6, 3, 5, groups=2, batch=3, dilation=2, padding=1, dtype="float64"),
]


@pytest.mark.parametrize(
    "experiment", LAYERS, ids=lambda e: f"{e.layer} {e.groups} {e.loss} {e.padding_mode} {e.dtype}"
)
def test_every_kind_of_layer_agrees_with_its_rules(experiment: Convolution) -> None:
    facts = find(experiment)
    rows = [row for row in gradients(facts) if row.name != "loss"]
    assert {row.name for row in rows} >= {"x", "weight", "y"}
    for row in rows:
        assert row.rule is not None and row.check is not None
        assert (row.rule.tried, row.rule.agreed) == (row.check.tried, row.check.tried), row.name
    assert from_json(to_json(facts)) == facts


def test_a_gradient_off_in_its_eleventh_digit_is_told_in_float64() -> None:
    settings = resolve(Convolution("Conv2d", 4, 6, 3, 9, dtype="float64", device="cpu"))
    ran = run(settings, torch.device("cpu"))
    right = torch.autograd.grad(ran.loss, list(ran.named.values()))
    sums = convolution_rules.sums(settings, ran.named)
    assert {check.agreed for check in convolution_rules.check(settings, ran.named, right, sums)} == {16, 6}
    wrong = convolution_rules.check(settings, ran.named, [gradient * (1 + 1e-10) for gradient in right], sums)
    assert {check.agreed for check in wrong} == {0}


def test_the_rules_give_the_lessons_numbers() -> None:
    x, weight = [[[1, 3, 2, 0, -1, 4, 5]]], [[[1, 0, -1]], [[1, 2, 1]]]
    lesson = Convolution("Conv1d", 1, 2, 3, 7, input=x, weight=weight, loss="sum", device="cpu")
    found = {row.name: row.rule.values.nested() for row in gradients(find(lesson)) if row.rule and row.rule.values}
    assert found["x"] == [[[2, 4, 4, 4, 4, 2, 0]]]
    assert found["weight"] == [[[5, 8, 10]], [[5, 8, 10]]]
    assert found["bias"] == [5, 5]
    assert found["y"] == [[[1] * 5] * 2]


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
@pytest.mark.parametrize("layer", ["Conv1d", "ConvTranspose1d"])
def test_a_gradient_whose_products_cancel_is_not_called_wrong(layer: str, dtype: str) -> None:
    experiment = Convolution(layer, 1, 1, 1, 1024, fill="sine", loss="sum", dtype=dtype, device="cpu")  # type: ignore[arg-type]
    row = next(row for row in gradients(find(experiment)) if row.name == "weight")
    assert row.max_abs is not None and row.max_abs < 1e-4  # whole periods of the sine, about 650 in absolute values
    for check in (row.check, row.rule):
        assert check is not None and check.agreed == 1
