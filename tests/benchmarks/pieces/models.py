"""The models that are measured; each gives a scalar loss of one input."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn


def made(name: str, size: int) -> tuple[nn.Module, torch.Tensor]:
    """Build a model and its input; `size` counts layers or steps."""
    torch.manual_seed(0)
    return MODELS[name](size)


class Bottleneck(nn.Module):
    """Three convolutions beside a way past them, as in ResNet-50."""

    def __init__(self, channels: int, middle: int, stride: int) -> None:
        super().__init__()
        wide = 4 * middle
        self.body = nn.Sequential(
            *_normed(channels, middle, 1, 1), nn.ReLU(), *_normed(middle, middle, 3, stride), nn.ReLU()
        )
        self.widen = nn.Sequential(*_normed(middle, wide, 1, 1))
        same = stride == 1 and channels == wide
        self.past = nn.Identity() if same else nn.Sequential(*_normed(channels, wide, 1, stride))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.widen(self.body(x)) + self.past(x))


def _normed(channels: int, wide: int, kernel: int, stride: int) -> tuple[nn.Module, nn.Module]:
    return nn.Conv2d(channels, wide, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(wide)


class Block(nn.Module):
    """One layer of a transformer."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads, self.first, self.second = heads, nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, length, width = x.shape
        thirds = self.qkv(self.first(x)).chunk(3, -1)
        query, key, value = (third.view(batch, length, self.heads, -1).transpose(1, 2) for third in thirds)
        attention = (query @ key.transpose(-2, -1) * (width // self.heads) ** -0.5).softmax(-1) @ value
        x = x + self.out(attention.transpose(1, 2).reshape(batch, length, width))
        return x + self.mlp(self.second(x))


class Mean(nn.Module):
    """A model's output as a scalar."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body(x).mean()


class Repeated(nn.Module):
    """One step done many times, each on what the last one gave: a graph as deep as it is large."""

    def __init__(self, step: Callable[..., torch.Tensor], steps: int, width: int = 16) -> None:
        super().__init__()
        self.weight, self.step, self.steps = nn.Parameter(torch.randn(width, width) / width), step, steps

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        state = self.weight @ x
        for _ in range(self.steps):
            state = self.step(self.weight, state, x)
        return state.mean()


def _resnet50(blocks: int) -> tuple[nn.Module, torch.Tensor]:
    layers: list[nn.Module] = [*_normed(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    stages = ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2))
    plan = [(middle, stride if block == 0 else 1) for middle, count, stride in stages for block in range(count)]
    channels = 64
    for middle, stride in plan[:blocks]:
        layers.append(Bottleneck(channels, middle, stride))
        channels = 4 * middle
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 1000)]
    return Mean(nn.Sequential(*layers, *head)), torch.randn(1, 3, 64, 64)


def _transformer(layers: int) -> tuple[nn.Module, torch.Tensor]:
    return Mean(nn.Sequential(*(Block(256, 8) for _ in range(layers)), nn.Linear(256, 256))), torch.randn(1, 64, 256)


MODELS: dict[str, Callable[[int], tuple[nn.Module, torch.Tensor]]] = {
    "resnet50": _resnet50,
    "transformer": _transformer,
    "rnn": lambda steps: (Repeated(lambda w, h, x: torch.tanh(w @ h + x), steps), torch.randn(16)),
    "chain": lambda steps: (Repeated(lambda w, h, x: h * 1.0001, steps), torch.randn(16)),
    "layers": lambda steps: (nn.Sequential(*(nn.Linear(16, 16) for _ in range(steps))), torch.randn(16)),
}
