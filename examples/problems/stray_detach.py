"""A classifier whose encoder does not learn: somewhere its gradient gets lost.

gradtrace why examples/problems/stray_detach.py encoder.0.weight
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F


class Gated(nn.Module):
    """Weighs features by how much they matter."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.gate = nn.Linear(size, size)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features * self.gate(features).sigmoid()


class Classifier(nn.Module):
    """An encoder, three blocks, and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 32))
        self.blocks = nn.Sequential(*(nn.Sequential(nn.Linear(32, 32), nn.ReLU()) for _ in range(3)))
        self.memory = Gated(32)
        self.head = nn.Linear(32, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        encoded = self.encoder(x)
        self.last = encoded = encoded.detach()  # kept for a plot, and since then it learns no more
        return self.head(self.blocks(self.memory(encoded)))


def main() -> None:
    torch.manual_seed(0)
    model = Classifier()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for step in range(3):
        loss = F.cross_entropy(model(torch.randn(8, 20)), torch.randint(5, (8,)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"step {step}: loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
