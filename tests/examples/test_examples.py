"""Every example runs by itself, and the training scripts can be recorded without a change."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from collections import Counter

import pytest

from tracer.analysis.gradients import gradients
from tracer.experiment import Script
from tracer.facts import Facts
from tracer.runners.script import find

ROOT = pathlib.Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"

ALONE = [
    ("train_resnet.py", ["--steps", "1"], "step 0: loss"),
    ("train_gpt.py", ["--steps", "1"], "step 0: loss"),
    ("lesson_convolution.py", [], "y       output     [1, 16, 62, 124]"),
    ("lesson_autograd.py", [], "x.grad   [-1.5, 0.0, 1.5, 3.0]"),
]


@pytest.mark.parametrize(("name", "arguments", "printed"), ALONE, ids=[case[0] for case in ALONE])
def test_it_runs_by_itself(name: str, arguments: list[str], printed: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert printed in done.stdout


def test_every_example_is_run_here() -> None:
    models = {"resnet18.py", "gpt.py"}
    assert {path.name for path in EXAMPLES.glob("*.py")} == {case[0] for case in ALONE} | models


def test_the_lessons_pictures_are_saved(tmp_path: pathlib.Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    picture = tmp_path / "autograd.svg"
    subprocess.run([sys.executable, str(EXAMPLES / "lesson_autograd.py"), str(picture)], env=environment, check=True)
    assert "SubBackward0" in picture.read_text()


def recorded(name: str, **fields: int) -> Facts:
    return find(Script(str(EXAMPLES / name), **fields))  # type: ignore[arg-type]


def operations(facts: Facts) -> Counter[str]:
    return Counter(node.name for node in facts.graph.nodes if node.kind == "operation")


def test_resnet_is_recorded_at_its_first_backward() -> None:
    facts = recorded("train_resnet.py")
    counted = operations(facts)
    assert counted["ConvolutionBackward0"] == counted["NativeBatchNormBackward0"] == 20
    assert counted["AddBackward0"] == 8 and counted["MaxPool2DWithIndicesBackward0"] == 1
    leaves = {node.label for node in facts.graph.nodes if node.kind == "leaf"}
    assert len(leaves) == 62 and {"conv1.weight", "layer4.1.bn2.bias", "fc.bias"} <= leaves
    assert {"layer2.0.downsample.0", "layer1.0", "fc"} <= {node.module for node in facts.graph.nodes}
    assert all(
        node.source and node.source.startswith(("resnet18.py:", "train_resnet.py:"))
        for node in facts.graph.nodes
        if node.kind == "operation"
    )
    rows = {row.name: row for row in gradients(facts)}
    assert rows["loss"].values == (1.0,) and (rows["conv1.weight"].norm or 0) > 0


def test_the_second_step_of_gpt_is_recorded() -> None:
    facts = recorded("train_gpt.py", step=2)
    assert {node.module for node in facts.graph.nodes} >= {f"blocks.{number}.attention.qkv" for number in range(4)}
    shared = next(node for node in facts.graph.nodes if node.label and "head.weight" in node.label)
    assert shared.label == "tokens.weight = head.weight"
    assert len([edge for edge in facts.graph.edges if edge.producer == shared.index]) == 2
    rows = {row.name: row for row in gradients(facts)}
    assert all((row.norm or 0) > 0 for row in rows.values())
