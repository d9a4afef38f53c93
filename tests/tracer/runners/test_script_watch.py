"""The watch in front of torch.autograd.backward, in this process."""

from __future__ import annotations

import os

import pytest
import torch

from tracer.facts import Facts
from tracer.graph import Graph
from tracer.runners.script_watch import Watch


class Ended(BaseException):
    """Stands for the end of the process."""


def end(answer: Facts | Exception) -> None:
    raise Ended(answer)


def test_nothing_of_torch_stays_changed() -> None:
    original = torch.autograd.backward
    x = torch.ones(2, requires_grad=True)
    with pytest.raises(Ended), Watch(1, lambda ends, start: Facts(Graph()), end) as watch:
        assert torch.autograd.backward is not original and torch.autograd.backward.__doc__ == original.__doc__
        (x * 2).sum().backward()
    assert torch.autograd.backward is original and watch.calls == 1 and x.grad is None


@pytest.mark.parametrize("failure", [ValueError("ours"), KeyError("ours")])
def test_what_fails_while_recording_is_the_answer_and_never_reaches_the_script(failure: Exception) -> None:
    def recorder(ends: object, start: object) -> Facts:
        raise failure

    answers: list[Facts | Exception] = []
    x = torch.ones(2, requires_grad=True)
    with Watch(1, recorder, answers.append):
        (x * 2).sum().backward()
    assert answers == [failure] and x.grad is not None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform can't fork")
def test_a_forked_process_is_left_alone() -> None:
    x = torch.ones(2, requires_grad=True)
    with Watch(1, lambda ends, start: Facts(Graph()), lambda answer: os._exit(3)) as watch:
        child = os.fork()
        if child == 0:
            (x * 2).sum().backward()
            os._exit(0 if watch.calls == 0 else 4)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
