"""What torch allocates in a forward and still holds after it."""

import gc

import torch
from torch import nn


def forward(model: nn.Module, x: torch.Tensor) -> torch.Tensor:
    return model(x).pow(2).mean()


def alive_after(model: nn.Module, x: torch.Tensor) -> int:
    """Count, by what torch allocates and frees, the bytes that are still held after a forward."""
    gc.collect()
    gc.disable()  # or it would free, in between, what an earlier checkpoint left
    try:
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profile:
            loss = forward(model, x)
    finally:
        gc.enable()
    assert loss.requires_grad
    events = profile.profiler.kineto_results.events()
    return sum(event.nbytes() for event in events if event.name() == "[memory]")
