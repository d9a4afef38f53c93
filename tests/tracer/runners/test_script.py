"""Scripts run unchanged in a process of their own: as Python would, and recorded before their backward()."""

from __future__ import annotations

import pathlib
import textwrap
import time
from typing import Any

import pytest

import tracer
from tracer.analysis.gradients import gradients
from tracer.errors import InvalidSetting, LimitPassed, ScriptError
from tracer.experiment import Script
from tracer.facts import Facts
from tracer.runners.script import find

OURS = str(pathlib.Path(tracer.__file__).parent)

MODEL = """
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, target = torch.ones(2, 3), torch.zeros(2, 1)
"""


def written(folder: pathlib.Path, text: str, name: str = "train.py") -> str:
    path = folder / name
    path.write_text(textwrap.dedent(text))
    return str(path)


def run(folder: pathlib.Path, text: str, **fields: Any) -> Facts:
    return find(Script(written(folder, text), **fields))


def failure(folder: pathlib.Path, text: str, **fields: Any) -> ScriptError:
    with pytest.raises(ScriptError) as caught:
        run(folder, text, **fields)
    return caught.value


LOOP = (
    MODEL
    + """
for step in range(3):
    loss = nn.functional.mse_loss(model(x), target)
    print("loss", loss.item())
    optimizer.zero_grad()
    loss.backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    optimizer.step()
print("ended")
"""
)


def test_the_first_backward_is_recorded_before_it_runs(
    tmp_path: pathlib.Path, capfd: pytest.CaptureFixture[str]
) -> None:
    facts = run(tmp_path, LOOP)
    assert [end.name for end in facts.graph.outputs] == ["loss"]
    assert {row.name for row in gradients(facts)} == {"loss", "0.weight", "0.bias", "2.weight", "2.bias"}
    assert [(node.name, node.module, node.source) for node in facts.graph.nodes if node.kind == "operation"] == [
        ("TBackward0", "0", "train.py:10"),
        ("AddmmBackward0", "0", "train.py:10"),
        ("ReluBackward0", "1", "train.py:10"),
        ("TBackward0", "2", "train.py:10"),
        ("AddmmBackward0", "2", "train.py:10"),
        ("MseLossBackward0", None, "train.py:10"),
    ]
    printed = capfd.readouterr()
    assert printed.out == "" and printed.err.count("loss") == 1 and "ended" not in printed.err
    assert facts.saved and facts.experiment == Script(str(tmp_path / "train.py"))


def test_a_later_backward_is_another_loss_and_the_script_goes_on(
    tmp_path: pathlib.Path, capfd: pytest.CaptureFixture[str]
) -> None:
    facts = run(tmp_path, LOOP, step=3, stop=False)
    printed = capfd.readouterr().err
    losses = [float(line.split()[1]) for line in printed.splitlines() if line.startswith("loss")]
    recorded = next(tensor.values.nested() for tensor in facts.tensors if tensor.name == "loss" and tensor.values)
    assert len(losses) == 3 and losses[0] > losses[1] > losses[2] == pytest.approx(recorded)
    assert printed.endswith("ended\n")


AS_PYTHON = """
import os, pickle, sys, __main__
import neighbour, tracer
assert sys.argv == [{path!r}, "--steps", "2"], sys.argv
assert __name__ == "__main__" and __main__.__dict__ is globals()
assert __file__ == os.path.abspath({path!r})
assert sys.path[0] == {folder!r}
assert neighbour.VALUE == 7 and tracer.OURS == "no"
assert sys.stdin.read() == ""
class Mine: pass
assert isinstance(pickle.loads(pickle.dumps(Mine())), Mine)
assert __annotations__ == {{}} if "__annotations__" in globals() else True
def annotated(a: int): pass
assert annotated.__annotations__["a"] is int
os.write(1, b"straight to the terminal\\n")
import torch
x = torch.ones(2, requires_grad=True)
total = (x * 3).sum()
if __name__ == "__main__":
    total.backward()
"""


def test_a_script_finds_itself_as_python_would_start_it(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    written(folder, "VALUE = 7", "neighbour.py")
    written(folder, "OURS = 'no'", "tracer.py")
    monkeypatch.chdir(tmp_path)
    path = "a folder/train.py"
    written(folder, AS_PYTHON.format(path=path, folder=str(folder.resolve())))
    facts = find(Script(path, arguments=("--steps", "2")))
    assert [end.name for end in facts.graph.outputs] == ["total"]
    assert "straight to the terminal" in capfd.readouterr().err


SEVERAL = """
import torch
from torch import nn
class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(2, 1)
    def forward(self, x):
        return self.body(x)
def train():
    generator, critic = nn.Linear(2, 2), Critic()
    nn.MSELoss()(critic(generator(torch.ones(1, 2))), torch.zeros(1, 1)).backward()
train()
"""


def test_several_models_are_told_apart_by_the_scripts_names(tmp_path: pathlib.Path) -> None:
    facts = run(tmp_path, SEVERAL)
    leaves = {node.label for node in facts.graph.nodes if node.kind == "leaf"}
    assert leaves == {"generator.weight", "generator.bias", "critic.body.weight", "critic.body.bias"}
    assert {node.module for node in facts.graph.nodes if node.kind == "operation"} >= {"generator", "critic.body"}
    assert [end.name for end in facts.graph.outputs] == ["output"]


@pytest.mark.parametrize(
    ("call", "names", "flowed"),
    [
        ("y.backward(torch.tensor([1.0, 10.0]))", ["y"], (3.0, 30.0)),
        ("torch.autograd.backward([y, z], [torch.ones(2), torch.ones(2)])", ["y", "z"], (4.0, 4.0)),
        ("torch.autograd.backward(y.sum())", ["output"], (3.0, 3.0)),
    ],
)
def test_each_way_to_call_backward(tmp_path: pathlib.Path, call: str, names: list[str], flowed: Any) -> None:
    facts = run(tmp_path, f"import torch\nx = torch.ones(2, requires_grad=True)\ny = 3 * x\nz = x * 1\n{call}")
    assert [end.name for end in facts.graph.outputs] == names
    leaf = next(row for row in facts.gradients or () if facts.graph.nodes[row.node].kind == "leaf")
    assert leaf.values is not None and leaf.values.numbers == flowed


STUBBORN = """
import torch
x = torch.ones(2, requires_grad=True)
for _ in range(3):
    try:
        (x * 2).sum().backward()
    except Exception:
        print("swallowed")
print("went on")
"""


def test_a_script_that_catches_exceptions_is_stopped_all_the_same(
    tmp_path: pathlib.Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, STUBBORN).graph.nodes
    printed = capfd.readouterr().err
    assert "swallowed" not in printed and "went on" not in printed


def test_a_target_is_what_the_script_leaves(tmp_path: pathlib.Path) -> None:
    text = "import torch\nx = torch.ones(2, requires_grad=True)\nloss = (x * 2).sum()\nscore = x * 3\nn = 3"
    facts = run(tmp_path, text, target="score")
    assert [end.name for end in facts.graph.outputs] == ["score"] and facts.gradients
    error = failure(tmp_path, text, target="n")
    assert error.what == "The script leaves no tensor “n”" and error.cure == "Use one of x, loss, score"


def test_a_target_whose_backward_has_run_keeps_its_graph(tmp_path: pathlib.Path) -> None:
    facts = run(tmp_path, LOOP, target="loss")
    assert facts.graph.nodes and facts.gradients is None and "has run already" in facts.notes[-1]


FAILING = [
    # script, fields, where, a piece of what, a piece of the cure
    (
        "import torch\n\nx = torch.ones(2)\nraise ValueError('of mine\\nmore')",
        {},
        "train.py:4",
        "ValueError: of mine",
        "python",
    ),
    ("import torch\nx = torch.ones(2, 3) @ torch.ones(2, 3)", {}, "train.py:2", "RuntimeError", "python"),
    ("import torch\nx = torch.ones(2)\nx.sum().backward()", {}, "train.py:3", "does not require grad", "python"),
    ("def f(:\n    pass", {}, "train.py:1", "SyntaxError", "python"),
    ("import sys\nsys.exit(3)", {}, "train.py", "exit code 3", "arguments"),
    ("import sys\nsys.exit()", {}, "train.py", "never called backward()", "target"),
    (LOOP, {"step": 4}, "train.py", "called backward() 3 times only", "a step from 1 to 3"),
    ("x = 1", {"target": "loss"}, "train.py", "leaves no tensor “loss”", "outside any function"),
]


@pytest.mark.parametrize(("text", "fields", "where", "what", "cure"), FAILING, ids=[case[3] for case in FAILING])
def test_failing(
    tmp_path: pathlib.Path,
    capfd: pytest.CaptureFixture[str],
    text: str,
    fields: dict[str, Any],
    where: str,
    what: str,
    cure: str,
) -> None:
    error = failure(tmp_path, text, **fields)
    assert error.where == where and what in error.what and cure in error.cure
    printed = capfd.readouterr().err
    assert ("Error" in printed) is ("failed" in error.what) and OURS not in printed


def test_a_failure_in_another_file_of_the_folder_is_told_there(tmp_path: pathlib.Path) -> None:
    written(tmp_path, "import torch\ndef f():\n    return torch.ones(2).reshape(3)", "parts.py")
    assert failure(tmp_path, "import parts\nparts.f()").where == "parts.py:3"


def test_what_was_recorded_outlives_a_later_failure(tmp_path: pathlib.Path) -> None:
    text = "import torch\nx = torch.ones(2, requires_grad=True)\n(x * 2).sum().backward()\n1 / 0"
    facts = run(tmp_path, text, stop=False)
    assert facts.graph.nodes and "ZeroDivisionError" in facts.notes[-1]


def test_a_script_has_so_many_seconds(tmp_path: pathlib.Path) -> None:
    start = time.perf_counter()
    with pytest.raises(LimitPassed, match=r"train\.py took longer than the 0\.5 seconds"):
        run(tmp_path, "while True: pass", seconds=0.5)
    assert time.perf_counter() - start < 20


def test_no_file(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ScriptError, match="There is no file"):
        find(Script(str(tmp_path / "nothing.py")))


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("step", 0, "count from 1, and this is 0"),
        ("step", -1, "count from 1, and this is −1"),
        ("seconds", 0, "“0” is no number of seconds"),
        ("seconds", -1.5, "“−1.5” is no number of seconds"),
        ("seconds", float("nan"), "“NaN” is no number of seconds"),
        ("seconds", float("inf"), "“∞” is no number of seconds"),
    ],
)
def test_a_setting_that_can_t_be_is_refused_before_the_script_starts(
    tmp_path: pathlib.Path, capfd: pytest.CaptureFixture[str], field: str, value: float, what: str
) -> None:
    with pytest.raises(InvalidSetting) as caught:
        run(tmp_path, "print('ran')", **{field: value})
    assert what in caught.value.what and caught.value.where == field and caught.value.cure
    assert capfd.readouterr().err == ""
