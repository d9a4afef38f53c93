"""Learns distances between points; two of them are the same, and every gradient becomes NaN.

gradtrace why examples/problems/where_nan_began.py 0.weight
"""

from __future__ import annotations

import torch
from torch import nn


def distances(points: torch.Tensor) -> torch.Tensor:
    """Give the distance between each two of the points, (N, D) to (N, N)."""
    squares = (points[:, None] - points[None]).square().sum(-1)
    return torch.where(squares > 0, squares.sqrt(), 0.0)


def main() -> None:
    torch.manual_seed(0)
    encoder = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 3))
    x, wanted = torch.randn(5, 6), torch.rand(5, 5)
    loss = (distances(encoder(x)) - wanted).square().mean()
    loss.backward()
    print(f"loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
