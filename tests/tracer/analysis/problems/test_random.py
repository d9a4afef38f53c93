"""Random programs: what is said of each leaf agrees with what backward() then does."""

import random
import warnings

import pytest
import torch

import tracer
from tests.tracer.analysis.problems.agreement import ran_as_forecast, said_as_is
from tracer.analysis.problems.why import answers


class Twice(torch.autograd.Function):
    """Doubles a tensor; gives back no gradient."""

    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, gradient):
        return None


def without_gradients(x):
    with torch.no_grad():
        return x * 2


def with_inference(x):
    with torch.inference_mode():
        y = x * 2
    return y.clone()


ONE = [
    *(lambda x: x * 2, lambda x: x.tanh(), lambda x: x.relu(), lambda x: x.view(1, -1)[0], lambda x: x.clone()),
    *(lambda x: x.detach(), lambda x: x.data, without_gradients, with_inference, lambda x: x.round(), lambda x: x * 0),
    *(lambda x: x.long().float(), lambda x: x * float(x.detach().sum()), lambda x: x.argmax().float().expand(3)),
    *(Twice.apply, lambda x: torch.cat([x, x])[:3]),
    *(lambda x: x.clone().mul_(2), lambda x: torch.zeros(3).copy_(x), lambda x: torch.stack(x.unbind())),
    *(lambda x: x.detach().requires_grad_(), torch.nn.Parameter),
    *(lambda x: torch.tensor(x.tolist()), lambda x: torch.from_numpy(x.detach().numpy().copy()), lambda x: x.sign()),
]
TWO = [
    *(lambda a, b: a + b, lambda a, b: a * b, lambda a, b: torch.where(a > 0, a, b), torch.maximum),
    lambda a, b: torch.stack([a, b]).sum(0),
]
MISSING = {"no gradient"}


def program(seed: int):
    """Make a random program of six leaves, some of them frozen, before or after it; give its loss and them."""
    rng = random.Random(seed)
    torch.manual_seed(seed)
    leaves = [torch.randn(3, requires_grad=rng.random() < 0.8) for _ in range(6)]
    values = list(leaves)
    for _ in range(rng.randint(4, 16)):
        if rng.random() < 0.6:
            values.append(rng.choice(ONE)(rng.choice(values)))
        else:
            values.append(rng.choice(TWO)(rng.choice(values), rng.choice(values)))
        if values[-1].is_leaf and values[-1].requires_grad:
            leaves.append(values[-1])  # made in the middle
    loss = torch.stack([values[-1], *rng.sample(values, 2)]).sum()
    for leaf in leaves:
        if rng.random() < 0.1:
            leaf.requires_grad_(not leaf.requires_grad)
    return loss, leaves


def check(seed: int, *, notes: bool) -> int:
    """Compare what is said with backward(); give the number of leaves without a gradient whose cause is certain."""
    with warnings.catch_warnings(), tracer.record(reads=True) as recorded:
        warnings.simplefilter("ignore")
        loss, leaves = program(seed)
    if not loss.requires_grad:
        return 0
    names = {f"l{number}": leaf for number, leaf in enumerate(leaves)}
    recording = tracer.trace({"loss": loss}, names=names, notes=recorded if notes else None, gradients=True)
    listed = {name: problem for problem in recording.problems() for name in problem.names}
    ran_as_forecast(loss)
    sure = 0
    for name, leaf in names.items():
        (answer,) = answers(recording.facts, name)
        missing = [finding for finding in answer.findings if finding.problem in MISSING]
        said_as_is(recording, name, leaf)
        assert not leaf.requires_grad or (name in listed) == (not answer.is_fine)
        sure += bool(missing) and leaf.requires_grad and not any(finding.possible for finding in missing)
    return sure


@pytest.mark.parametrize("notes", [True, False])
def test_it_agrees_with_backward(notes):
    sure = sum(check(seed, notes=notes) for seed in range(60))
    assert sure > 20 if notes else sure < 10
