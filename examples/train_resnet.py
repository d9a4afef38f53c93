"""Trains ResNet-18 on random images, in a loop like any other.

python examples/train_resnet.py --steps 3
gradtrace run examples/train_resnet.py --save resnet.svg
"""

from __future__ import annotations

import argparse

import torch
from resnet18 import ResNet18
from torch.nn import functional as F


def batches(steps: int, size: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Make random images and random classes, so that nothing need be downloaded."""
    return [(torch.randn(size, 3, 64, 64), torch.randint(10, (size,))) for _ in range(steps)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Train ResNet-18 on random images.")
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--batch", type=int, default=2)
    options = parser.parse_args()

    torch.manual_seed(0)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = ResNet18().to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

    for step, (images, classes) in enumerate(batches(options.steps, options.batch)):
        scores = model(images.to(device))
        loss = F.cross_entropy(scores, classes.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"step {step}: loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
