"""What a refused allocation is called, in Python's and torch's words."""

from __future__ import annotations

import pytest
import torch

from tracer.errors import InvalidSetting
from tracer.runners.limits import is_out_of_memory, memory, memory_passed, seconds, time_passed

ERRORS = [
    (MemoryError(), True),
    (RuntimeError("[enforce fail at alloc_cpu.cpp:121] . DefaultCPUAllocator: can't allocate memory: you tried"), True),
    (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB."), True),
    (RuntimeError("Storage size calculation overflowed with sizes=[4611686018427387904]"), True),
    (RuntimeError("shape '[7]' is invalid for input of size 3"), False),
    (ValueError("memory"), False),
]


@pytest.mark.parametrize(("error", "memory"), ERRORS)
def test_out_of_memory(error: Exception, memory: bool) -> None:
    assert is_out_of_memory(error) is memory


def test_torchs_own_words_are_known() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.ones(2**60)
    assert is_out_of_memory(caught.value)


def test_each_memory_has_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADTRACE_MEMORY", "3GiB")
    assert "3 GiB" in str(memory_passed(MemoryError(), "line 1"))
    assert "CUDA" in str(memory_passed(torch.OutOfMemoryError("CUDA out of memory")))
    assert memory() == 3 << 30


def test_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADTRACE_SECONDS", raising=False)
    assert seconds() == 20
    monkeypatch.setenv("GRADTRACE_SECONDS", "1.5")
    assert seconds() == 1.5 and "1.5 seconds" in time_passed(1.5).what
    monkeypatch.setenv("GRADTRACE_SECONDS", "-2")
    with pytest.raises(InvalidSetting):
        seconds()
