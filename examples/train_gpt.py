"""Trains a small GPT to write on a sentence, character by character.

python examples/train_gpt.py --steps 20
gradtrace run examples/train_gpt.py --step 2 --save gpt.svg
"""

from __future__ import annotations

import argparse

import torch
from gpt import GPT
from torch.nn import functional as F

TEXT = "The gradient of a sum is the sum of the gradients; the gradient of a chain is the product along the chain. " * 4


def batch(data: torch.Tensor, size: int, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Cut random pieces out of the text: characters (N, T), and the ones that follow each of them (N, T)."""
    starts = torch.randint(len(data) - length - 1, (size,))
    pieces = torch.stack([data[start : start + length + 1] for start in starts])
    return pieces[:, :-1], pieces[:, 1:]


def main() -> None:
    parser = argparse.ArgumentParser(description="Train a small GPT on one sentence.")
    parser.add_argument("--steps", type=int, default=20)
    options = parser.parse_args()

    torch.manual_seed(0)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    data = torch.tensor([ord(character) - 32 for character in TEXT])
    model = GPT().to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)

    for step in range(options.steps):
        tokens, following = batch(data, size=4, length=32)
        scores = model(tokens.to(device))
        loss = F.cross_entropy(scores.flatten(0, 1), following.to(device).flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        print(f"step {step}: loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
