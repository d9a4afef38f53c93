"""`assert_all_reached`: which parameters it names, and why."""

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

import tracer

X = torch.ones(1, 2)


def told(tensors, model, notes=None):
    with pytest.raises(AssertionError) as error:
        tracer.assert_all_reached(tensors, model, notes=notes)
    return str(error.value).splitlines()


def test_all_are_reached() -> None:
    model = nn.Linear(3, 2)
    tracer.assert_all_reached(model(torch.ones(1, 3)).sum(), model)
    tracer.assert_all_reached({"loss": model(torch.ones(1, 3)).sum()}, model)


def test_a_tied_parameter_is_reached_under_all_its_names() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[1].weight = model[0].weight
    tracer.assert_all_reached(model(X).sum(), model)


def test_a_frozen_and_an_unused_parameter() -> None:
    model = nn.ModuleDict({"a": nn.Linear(2, 2), "b": nn.Linear(2, 2, bias=False)})
    model["a"].bias.requires_grad_(False)
    frozen, unused = told(model["a"](X).sum(), model)
    assert frozen == (
        "Backward does not reach a.bias: its requires_grad is False. Set requires_grad to True before the forward "
        "pass, if it is to be trained."
    )
    assert unused.startswith("Backward does not reach b.weight: it is not in the graph of output. Possible causes: ")
    assert "tracer.record(model, reads=True)" in unused
    with tracer.record(model, reads=True) as notes:
        loss = model["a"](X).sum()
    assert told(loss, model, notes)[1] == (
        "Backward does not reach b.weight: b, which has it, was not called, and autograd recorded no operation that "
        "read it. Use it in the forward pass, or leave it out of the model."
    )


def test_a_cut_is_named_with_its_line_and_once_for_all_that_it_cut_off() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    with tracer.record(model, reads=True) as notes:
        loss = model[1](model[0](X).detach()).sum()
    (one,) = told(loss, model, notes)
    assert one.startswith("Backward does not reach 0.weight, 0.bias: the graph was cut between it and output by detach")
    assert "(test_reached.py:" in one


def test_a_loss_without_a_graph() -> None:
    model = nn.Linear(2, 2, bias=False)
    parameter, loss = told(model(X).sum().detach(), model)
    assert parameter.startswith("Backward does not reach weight: it is not in the graph of output.")
    assert loss.startswith("output has no gradient to give: it has no graph")


def test_a_parameter_of_integers_can_have_no_gradient() -> None:
    model = nn.Linear(2, 2, bias=False)
    model.steps = nn.Parameter(torch.zeros(2, dtype=torch.long), requires_grad=False)
    (one,) = told(model(X).sum(), model)
    assert one.startswith("Backward does not reach steps: it holds int64 numbers")


def test_a_reentrant_checkpoint_hides_them_unless_reads_were_recorded() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    x = X.clone().requires_grad_()
    (one,) = told(model[1](checkpoint(model[0], x, use_reentrant=True)).sum(), model)
    assert one.startswith("It is not known whether backward reaches 0.weight, 0.bias: ")
    with tracer.record(model, reads=True) as notes:
        loss = model[1](checkpoint(model[0], x, use_reentrant=True)).sum()
    tracer.assert_all_reached(loss, model, notes=notes)
    loss.backward()
    assert model[0].weight.grad is not None
