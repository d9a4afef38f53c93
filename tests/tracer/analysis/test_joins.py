import pytest
import torch

import tracer
from tracer.analysis.joins import joins


def test_what_is_summed_where_paths_join() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    loss = (y * y).sum() - y.sum()
    found = joins(tracer.trace(loss, gradients=True, names={"y": y}).facts)
    y_bar, through_square = 2 * y.detach() - 1, y.detach()
    expected = float(through_square @ y_bar / (y_bar @ y_bar))
    assert {row.node for row in found} == {1}  # y: twice by the product, once by the sum
    assert [row.slot for row in found] == [0, 1, 0]
    assert [row.share for row in found] == pytest.approx([expected, expected, 1 - 2 * expected])
    assert sum(row.share or 0 for row in found) == pytest.approx(1)


def test_a_chain_joins_nothing() -> None:
    x = torch.ones(2, requires_grad=True)
    assert joins(tracer.trace((x * 2).sum(), gradients=True).facts) == ()


def test_without_gradients_a_sentence_says_how() -> None:
    with pytest.raises(tracer.TracerError, match="gradients=True"):
        joins(tracer.trace(torch.ones(2, requires_grad=True).sum()).facts)
