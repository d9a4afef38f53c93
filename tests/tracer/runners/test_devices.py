"""The devices of this machine."""

from __future__ import annotations

import pytest
import torch

from tracer.errors import InvalidSetting
from tracer.runners.devices import devices, names, resolve


def test_the_cpu_is_always_there_and_first() -> None:
    assert devices()[0] == "cpu"
    assert names()[0] == "CPU"
    assert len(devices()) == len(names()) == 1 + torch.cuda.device_count()
    assert resolve("cpu") == torch.device("cpu")


def test_auto_is_cuda_where_there_is_one() -> None:
    assert resolve("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize("name", ["cuda:99", "mps", "tpu", "cuda:x"])
def test_what_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(InvalidSetting, match=r"There is no .* here") as refused:
        resolve(name)
    assert refused.value.where == "device"
