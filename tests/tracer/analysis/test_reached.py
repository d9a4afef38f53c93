import pytest
import torch
from torch import nn

import tracer


def test_all_are_reached() -> None:
    model = nn.Linear(3, 2)
    tracer.assert_all_reached(model(torch.ones(1, 3)).sum(), model)


def test_a_tied_parameter_is_reached_under_all_its_names() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[1].weight = model[0].weight
    tracer.assert_all_reached(model(torch.ones(1, 2)).sum(), model)


def test_a_frozen_and_an_unused_parameter() -> None:
    model = nn.ModuleDict({"a": nn.Linear(2, 2), "b": nn.Linear(2, 2, bias=False)})
    model["a"].bias.requires_grad_(False)
    with pytest.raises(AssertionError) as told:
        tracer.assert_all_reached(model["a"](torch.ones(1, 2)).sum(), model)
    assert str(told.value) == (
        "a.bias is not reached: it is frozen (requires_grad is False).\n"
        "b.weight is not reached: it is not in the graph: it was not used, or what it gave was cut off "
        "(detach, no_grad, .data)."
    )


def test_a_loss_without_a_graph() -> None:
    model = nn.Linear(2, 2, bias=False)
    with pytest.raises(AssertionError, match="autograd recorded nothing for what was traced"):
        tracer.assert_all_reached(model(torch.ones(1, 2)).sum().detach(), model)
