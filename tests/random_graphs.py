"""Autograd graphs made at random: joins, views, in-place writes, several outputs, cuts."""

from __future__ import annotations

from collections.abc import Callable

import torch

Operation = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
OPERATIONS: list[Operation] = [
    torch.add,
    torch.mul,
    torch.matmul,
    lambda a, b: a.sin() - b.cos(),
    lambda a, b: torch.cat([a, b])[1:4],
    lambda a, b: a.unbind()[0] * b.unbind()[2] + a,
    lambda a, b: torch.linalg.qr(a + b + 4 * torch.eye(3)).R,
    lambda a, b: a.clone().mul_(b),
    lambda a, b: a.detach() * b + a.detach(),
    lambda a, b: torch.where(a > b, a, b / 3),
]


def random_graph(seed: int) -> tuple[torch.Tensor, list[torch.Tensor]]:
    generator = torch.Generator().manual_seed(seed)
    leaves = [torch.randn(3, 3, generator=generator).requires_grad_() for _ in range(3)]
    values = list(leaves)
    for _ in range(10):
        a, b, which = torch.randint(1000, (3,), generator=generator).tolist()
        values.append(OPERATIONS[which % len(OPERATIONS)](values[a % len(values)], values[b % len(values)]))
    return (values[-1] * values[-2]).sum() + values[-3].mean() + leaves[0].sum(), leaves
