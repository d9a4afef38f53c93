"""What each node saved, by torch's name of it: the lesson's table, settings, and what is not unpacked."""

import torch
from torch.utils.checkpoint import checkpoint

from tracer.capture.names import Named
from tracer.capture.saved_values import NODES, saved_values
from tracer.capture.walk import walk


def told(tensor, **named):
    walked = walk([("a", tensor)])
    rows = saved_values(walked, [Named(one, name) for name, one in named.items()])
    return {(walked.nodes[row.node].name(), row.name): (row.tensor or row.text, row.shape, row.bytes) for row in rows}


def test_the_lessons_table():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = x - 2
    u = y * y
    assert told(u, y=y) == {
        ("SubBackward0", "alpha"): ("1", None, None),
        ("MulBackward0", "self"): ("y", (2, 2), 16),
        ("MulBackward0", "other"): ("y", (2, 2), 16),
    }
    assert told((u * 3).mean())["MeanBackward0", "numel"] == ("4", None, None)
    assert told((u * 3).mean())["MeanBackward0", "sizes"] == ("(2, 2)", None, None)
    assert told(x * 3) == {
        ("MulBackward0", "self"): ("None", None, None),
        ("MulBackward0", "other"): ("3", (), 8),
    }


def test_a_view_is_not_taken_for_the_tensor_that_it_is_a_view_of():
    x = torch.ones(4, requires_grad=True)
    y = x.exp()
    assert told((y[:2] * 2 * y[:2]).sum(), y=y)["MulBackward0", "other"][0] in (None, "2")


def test_a_checkpoint_is_not_unpacked():
    runs = []

    def part(x):
        runs.append(1)
        return x.exp().sin()

    x = torch.ones(2, requires_grad=True)
    found = told(checkpoint(part, x, use_reentrant=False))
    assert found["SinBackward0", "self"] == ("packed by a hook", None, None)
    assert len(runs) == 1


def test_of_a_large_graph_nothing_is_told():
    x = torch.ones(1, requires_grad=True)
    y = x
    for _ in range(NODES + 1):
        y = y * 1
    assert told(y) == {}
