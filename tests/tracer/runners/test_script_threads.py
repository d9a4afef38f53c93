"""Scripts that run their model, or call backward(), in another thread than the main one."""

from __future__ import annotations

import pathlib

import pytest

from tracer.analysis.gradients import gradients
from tracer.experiment import Script
from tracer.runners.script import find
from tracer.runners.script_threads import BACKWARD_ELSEWHERE, FORWARD_ELSEWHERE

MODEL = """
import threading, torch
model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 1))
model(torch.ones(1, 2))
def forward():
    global loss
    loss = model(torch.ones(1, 2)).sum()
def work():
    forward()
    loss.backward()
    print("went on")
"""
WAYS = [
    (
        "joined",
        "thread = threading.Thread(target=work); thread.start(); thread.join()",
        None,
        BACKWARD_ELSEWHERE,
        "went on",
    ),
    ("left running", "threading.Thread(target=work).start()", None, BACKWARD_ELSEWHERE, "went on"),
    (
        "forward alone",
        "t = threading.Thread(target=forward); t.start(); t.join(); loss.backward()",
        None,
        FORWARD_ELSEWHERE,
        "",
    ),
    ("a target", "t = threading.Thread(target=forward); t.start(); t.join()", "loss", FORWARD_ELSEWHERE, ""),
]


@pytest.mark.parametrize("stop", [True, False])
@pytest.mark.parametrize(("call", "target", "note", "after"), [row[1:] for row in WAYS], ids=[row[0] for row in WAYS])
def test_another_thread(
    tmp_path: pathlib.Path,
    capfd: pytest.CaptureFixture[str],
    call: str,
    target: str | None,
    note: str,
    after: str,
    stop: bool,
) -> None:
    path = tmp_path / "train.py"
    path.write_text(f"{MODEL}{call}")
    facts = find(Script(str(path), target=target, stop=stop))
    assert {row.name for row in gradients(facts)} == {"loss", "0.weight", "0.bias", "1.weight", "1.bias"}
    assert facts.notes == (note,)
    assert not any(node.module or node.source for node in facts.graph.nodes)  # those of the main thread would be wrong
    assert capfd.readouterr().err == (f"{after}\n" if after and not stop else "")


def test_the_main_thread_alone_is_recorded_whole(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "train.py"
    path.write_text(f"{MODEL}threading.Thread(target=print).start(); work()")
    facts = find(Script(str(path)))
    assert facts.notes == () and all(node.source for node in facts.graph.nodes if node.kind == "operation")
