"""A transformer with 24 blocks and hundreds of parameters; in each block one of them never gets a gradient.

gradtrace why examples/problems/lost_in_a_big_model.py blocks.11.attention.reach

Without knowing which one it is, `gradtrace run examples/problems/lost_in_a_big_model.py` lists it under “Problems”.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

BUCKETS = 8


class Attention(nn.Module):
    """Attention whose scores have a bias that is learned for each distance; how far a bucket reaches is learned too."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.reach = nn.Parameter(torch.tensor(2.0))
        self.bias = nn.Parameter(torch.zeros(BUCKETS))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        places = torch.arange(x.shape[1])
        distance = (places[:, None] - places[None]).abs()
        bucket = (distance / self.reach).long().clamp(max=BUCKETS - 1)  # whole numbers, and so no derivative
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5 + self.bias[bucket]
        return self.out(scores.softmax(dim=-1) @ v)


class Block(nn.Module):
    """Attention, then a small network for each token; both are added to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Model(nn.Module):
    """Tokens (N, T) → scores of the next ones (N, T, V)."""

    def __init__(self, vocabulary: int = 50, width: int = 32, blocks: int = 24) -> None:
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.blocks = nn.Sequential(*(Block(width) for _ in range(blocks)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.head(self.norm(self.blocks(self.tokens(tokens))))


def main() -> None:
    torch.manual_seed(0)
    model = Model()
    tokens = torch.randint(50, (2, 17))
    loss = F.cross_entropy(model(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())
    loss.backward()
    print(f"loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
