"""The devices that this machine has, and what a person calls them."""

from __future__ import annotations

import torch

from tracer.convolution.reading import either
from tracer.errors import InvalidSetting


def resolve(device: str) -> torch.device:
    """Give the device of that name; "auto" is CUDA where there is one, otherwise the CPU.

    Raises:
        InvalidSetting: there is no such device here; the cure names those there are.
    """
    present = devices()
    if device == "auto":
        return torch.device(present[1] if len(present) > 1 else "cpu")
    if device == "cuda" and len(present) > 1:
        return torch.device("cuda", torch.cuda.current_device())
    if device in present:
        return torch.device(device)
    said = (
        "There is no CUDA device here"
        if device.startswith("cuda") and len(present) == 1
        else f"There is no device “{device}” here"
    )
    raise InvalidSetting(said, "device", f"Use {either([f'“{name}”' for name in ('auto', *present)])}")


def devices() -> tuple[str, ...]:
    """List the devices as torch names them: "cpu", then "cuda:0" and so on."""
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return ("cpu", *(f"cuda:{number}" for number in range(count)))


def names() -> tuple[str, ...]:
    """List the same devices as a person calls them: "CPU", then the names of the graphics cards."""
    return ("CPU", *(torch.cuda.get_device_name(device) for device in devices()[1:]))
