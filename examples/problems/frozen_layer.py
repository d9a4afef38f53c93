"""Fine-tunes the head of a model, and freezes one layer more than it means to.

gradtrace why examples/problems/frozen_layer.py layers.6.bias
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F


class Network(nn.Module):
    """Three layers to keep, and a head to train."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU()),
            nn.Linear(16, 4),
        )
        self.scale = nn.Parameter(torch.ones(4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x) * self.scale


def freeze(model: Network) -> None:
    """Freeze all but the head, which is a part of the layers too."""
    model.layers.requires_grad_(False)


def main() -> None:
    torch.manual_seed(0)
    model = Network()
    freeze(model)
    loss = F.cross_entropy(model(torch.randn(8, 10)), torch.randint(4, (8,)))
    loss.backward()
    print(f"loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
