"""What owns the memory? Training takes more than the weights suggest.

gradtrace run examples/problems/what_owns_the_memory.py

The table “Saved for backward” answers: `block.attention` alone keeps most, since it saves a score for each pair of
tokens, several times over; checkpointing it, or torch's own scaled_dot_product_attention, lets that go.
"""

from __future__ import annotations

import torch
from torch import nn


class Attention(nn.Module):
    """Attention written out by hand: softmax(q kᵀ / √d) v, and dropout on the scores."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        return nn.functional.dropout(scores.softmax(dim=-1), 0.1) @ v


class Block(nn.Module):
    """Attention, then a small network for each token; both are added to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.attention = Attention(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attention(x)
        return x + self.mlp(x)


class Reader(nn.Module):
    """Tokens (N, T) → one score each (N, T, 1)."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.tokens = nn.Embedding(100, width)
        self.block = Block(width)
        self.score = nn.Linear(width, 1)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.score(self.block(self.tokens(tokens)))


def main() -> None:
    torch.manual_seed(0)
    model = Reader()
    tokens = torch.randint(100, (2, 512))
    loss = model(tokens).square().mean()
    loss.backward()
    print(f"loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
