"""The interpreter against Python itself: the same programs give the same values, gradients and kinds of nodes."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from tracer.errors import LimitPassed, ProgramError
from tracer.expression.syntax import read
from tracer.runners.interpreter.run import STEPS
from tracer.runners.interpreter.statements import run

PROGRAMS = [
    "y = x + 1 - 2 * x / 3 // 1 % 5",
    "y = -x ** 2; z = +x; w = ~(x > 0)",
    "y = x[0]; z = x[-1, 1]; w = x[:, ::2]; v = x[..., None]; u = x[x > 1]",
    "a, b = x; y = a * b",
    "(a, b), c = x, 3; y = a + b * c",
    "a = b = x * 2; y = a is b",
    "[a, b] = [x, 2]; y = a ** b",
    "y = x * 1\ny += 2\ny *= x\ny -= 1\ny /= 3",
    "y = x * 1\ny[0] = 5\ny[1, 1] += x[0, 0]",
    "n = 3\nn += 1\nn **= 2\ny = x * n",
    "s = [1, 2] + [3]\ns += [4]\ns[0] = 10\ny = x * s[0] + len(s)",
    "y = 0\nfor i in range(3):\n    for j in range(3):\n        if j > i:\n            break\n        y = y + x * j",
    "y = x\nfor i, r in enumerate(x):\n    y = y + i * r",
    "y = 0\nfor a, b in zip(x, x * 2):\n    y = y + a @ b",
    "rows = []\nfor r in x:\n    rows.append(r * r)\ny = torch.stack(rows)",
    "n = 0\nwhile n < 5:\n    n += 1\n    if n == 2:\n        continue\n    if n == 4:\n        break\ny = x * n",
    "if x.sum() > 100:\n    y = x\nelif x.mean() > 2:\n    y = x * 2\nelse:\n    y = x * 3",
    "y = x if x.sum() > 0 else -x",
    "y = 1 < 2 < 3; z = 1 < 0 < 1 / 1; w = 3 in [1, 2, 3]; v = 4 not in (1, 2); u = None is None",
    "y = 0 or 3; z = 2 and 4; w = not 0; v = 1 and 0 or 5",
    "y = max(1, 5, 3) + min([4, 2]) + sum([1, 2, 3]) + abs(-2) + round(2.6) + pow(2, 5) + len(x) + int(3.9)",
    "y = float('1.5') + bool(0) + complex(1, 2).imag",
    "y = x.T @ x; z = x.mT; n = x.ndim; s = x.shape[0] * 2; d = x.dtype is torch.float64",
    "y = x.max(dim=1).values + x.min(1)[0]; i = x.max(dim=1).indices",
    "u, s, v = torch.linalg.svd(x); y = s.sum()",
    "q, r = torch.linalg.qr(x); y = (q @ r).sum()",
    "with torch.no_grad():\n    c = x.sum()\n    with torch.enable_grad():\n        d = x.mean()\ny = c * d",
    "y = x.reshape(*x.shape, 1).expand(*[2, 2, 3])",
    "y = torch.einsum('ij,jk->ik', x, x); z = F.pad(x, (1, 1), value=2.0)",
    "y = x * math.pi + math.sqrt(2) + torch.pi + math.floor(2.5)",
    "θ = x * 2; σ = θ.sigmoid(); y = σ",
    "y = x[1:][0] * [1, 2, 3][-1] * (4, 5)[0]",
    "y = x.clone(); y[:, 0] *= 3",
    "y = (x > 1) & (x < 4) | (x == 0) ^ (x != 2)",
    "y = 5 & 3 | 8 ^ 2; z = 1 << 4 >> 2; w = 7 // 2 * 7 % 4",
    "pass\ny = x",
    "y = (x * x).sum()\ny.backward()\ng = x.grad",
    "y = (x * x).sum()\ny.backward(retain_graph=True)\ny.backward()\ng = x.grad.clone()\nx.grad.zero_()\nh = x.grad",
    "y = x * x\ny.backward(torch.ones(2, 2))\nx.grad = None\n(x * 3).sum().backward()\ng = x.grad",
    "y = x * x\ny.backward(gradient=x.detach())\nx.grad += 1\nx.grad[0] = 7\ng = x.grad",
    "y = x * 2\ny.retain_grad()\ny.sum().backward()\ng = y.grad; h = x.grad",
    "y = (x ** 3).sum()\ny.backward(create_graph=True)\ng = x.grad.sum()",
    "w = torch.ones(2, 2, dtype=torch.float64).requires_grad_()\nfor i in range(3):\n    loss = (w * x.detach()).sum()"
    "\n    loss.backward()\n    with torch.no_grad():\n        w -= 0.1 * w.grad\n    w.grad = None",
    "with torch.inference_mode():\n    y = x * 2\nf = y.is_inference()",
]


def values() -> dict[str, torch.Tensor]:
    return {"x": torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64, requires_grad=True)}


def nodes(tensor: torch.Tensor) -> list[str]:
    found, stack = [], [tensor.grad_fn]
    while stack:
        node = stack.pop()
        if node is not None:
            found.append(node.name())
            stack += [child for child, _ in node.next_functions]
    return sorted(found)


def same(ours: Any, pythons: Any) -> bool:
    if isinstance(pythons, torch.Tensor):
        return (
            isinstance(ours, torch.Tensor)
            and ours.dtype == pythons.dtype
            and ours.requires_grad == pythons.requires_grad
            and torch.equal(ours, pythons)
            and nodes(ours) == nodes(pythons)
        )
    if isinstance(pythons, list | tuple):
        return len(ours) == len(pythons) and all(map(same, ours, pythons))
    return type(ours) is type(pythons) and ours == pythons


@pytest.mark.filterwarnings("ignore:Using backward")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program[:40])
def test_as_python_does(program: str) -> None:
    names: dict[str, Any] = {**values(), "torch": torch, "F": F, "math": math}
    exec(program, names)
    ours = run(read(program, ["x"]), values()).values
    assert ours.keys() == names.keys() - {"torch", "F", "math", "__builtins__"}
    different = [name for name, value in ours.items() if not same(value, names[name])]
    assert different == []


def test_a_tensor_taken_from_another_grad_mode_is_left_as_it_was() -> None:
    with pytest.raises(ProgramError):
        run(read("with torch.no_grad():\n    y = x.reshape(7)", ["x"]), values())
    assert torch.is_grad_enabled()


def test_names_of_grad_modes_need_no_torch_before_them() -> None:
    ran = run(read("with no_grad():\n    y = x * 2\n    with enable_grad():\n        z = x * 2", ["x"]), values())
    assert (ran.values["y"].requires_grad, ran.values["z"].requires_grad) == (False, True)


CUSTOM = [
    # program, y, gradient of x: the lesson's numbers, and what is told of ties there
    ("y = Add(x, torch.tensor([4.0, 5.0, 6.0])).mean()", [1, 2, 3], 7, [1 / 3] * 3),
    ("y = Add.apply(torch.tensor([4.0, 5.0, 6.0]), x).mean()", [1, 2, 3], 7, [1 / 3] * 3),
    ("a, b = Split(x)\ny = (a + b).mean()", [1, 2, 3, 4], 5, [0.5] * 4),
    ("y = Max(x)", [1, 5, 2, 4, 0], 5, [0, 1, 0, 0, 0]),
    ("y = Max(x)", [1, 5, 2, 5, 0], 5, [0, 1, 0, 1, 0]),
    ("y = x.max()", [1, 5, 2, 5, 0], 5, [0, 0.5, 0, 0.5, 0]),
    ("y = x.max(0).values", [1, 5, 2, 5, 0], 5, [0, 1, 0, 0, 0]),
]


@pytest.mark.parametrize(("program", "x", "y", "gradient"), CUSTOM)
def test_the_lessons_custom_functions(program: str, x: list[float], y: float, gradient: list[float]) -> None:
    leaf = torch.tensor(x, dtype=torch.float32, requires_grad=True)
    ran = run(read(f"{program}\ny.backward()", ["x"]), {"x": leaf})
    assert ran.values["y"].item() == y
    assert leaf.grad is not None and torch.allclose(leaf.grad, torch.tensor(gradient, dtype=torch.float32))


FAILING = [
    # program, kind of error, place, a piece of what is said, a piece of the cure
    ("y = x\nz = x.reshape(7)", ProgramError, "line 2, column 5", "is invalid for input of size 4", "product"),
    ("y = x + torch.ones(3)", ProgramError, "line 1, column 5", "must match the size", "same size"),
    ("y = x @ torch.ones(3, 3)", ProgramError, "line 1, column 5", "", ""),
    ("x += 1", ProgramError, "line 1, column 1", "A leaf Variable", "y = x + 1"),
    ("if x:\n    y = x", ProgramError, "line 1, column 1", "ambiguous", ".any()"),
    ("y = 1 / 0", ProgramError, "line 1, column 5", "Division by zero", "not zero"),
    ("if x.sum() < 0:\n    z = x\ny = z", ProgramError, "line 3, column 5", "“z” has no value yet", "runs before"),
    ("y = x * x\ny.backward()", ProgramError, "line 2, column 1", "only for scalar outputs", ".sum()"),
    ("y = x * x\ny.backward(torch.ones(3))", ProgramError, "line 2, column 1", "Mismatch in shape", "of the shape"),
    ("y = x.detach().sum()\ny.backward()", ProgramError, "line 2, column 1", "does not require grad", "requires_grad"),
    (
        "y = (x * x).sum()\ny.backward()\ny.backward()",
        ProgramError,
        "line 3, column 1",
        "a second time",
        "retain_graph=True",
    ),
    ("x.grad = torch.ones(3).double()", ProgramError, "line 1, column 1", "assign a gradient of size", "shape"),
    ("n = 3\nn.grad = x", ProgramError, "line 2, column 1", "A number has no .grad", ""),
    ("y = Split(3)", ProgramError, "line 1, column 5", "Split takes one tensor", ""),
    ("y = Max(x[:0])", ProgramError, "line 1, column 5", "at least one element", ""),
    ("y = Add(x, x[0])", ProgramError, "line 1, column 5", "two tensors of one shape", ""),
    ("y, = 1, 2", ProgramError, "line 1, column 1", "2 values for 1 name", "2 names"),
    ("y = (1).relu()", ProgramError, "line 1, column 5", "A number has no method “relu”", "torch.tensor"),
    ("y = [x].mean()", ProgramError, "line 1, column 5", "A list has no method “mean”", "torch.tensor"),
    ("y = 'a' * 3", ProgramError, "line 1, column 5", "A text can't be calculated with", ""),
    ("y = x.sum().values", ProgramError, "line 1, column 5", "A tensor has no “.values”", ""),
    ("for i in 3:\n    y = x", ProgramError, "line 1, column 1", "A number has no entries", ""),
    ("y = x ^ 2", ProgramError, "line 1, column 5", "not implemented", "**"),
    ("while True:\n    pass", LimitPassed, "line 2", "more than", "loop"),
    ("y = x\nfor i in range(10**9):\n    y = y + 1", LimitPassed, "line 3", "more than", "loop"),
    ("y = 10**10**10", LimitPassed, "line 1, column 5", "digits", "10.0**3"),
    ("y = pow(10, 10**10)", LimitPassed, "line 1, column 5", "digits", "10.0**3"),
    ("y = 1 << 10**12", LimitPassed, "line 1, column 5", "digits", "10.0**3"),
    ("n = 3\nwhile True:\n    n *= n", LimitPassed, "line 3, column 5", "digits", ""),
    ("y = [1] * 10**6", LimitPassed, "line 1, column 5", "entries", "tensor"),
    ("s = [1]\nwhile True:\n    s += s", LimitPassed, "line 3, column 5", "entries", "tensor"),
    ("y = sum(range(10**9))", LimitPassed, "line 1, column 5", "entries", "tensor"),
]


@pytest.mark.parametrize(("program", "kind", "where", "what", "cure"), FAILING, ids=[case[0][:40] for case in FAILING])
def test_failing(program: str, kind: type, where: str, what: str, cure: str) -> None:
    with pytest.raises(kind) as caught:
        run(read(program, ["x"]), values())
    assert caught.value.where == where
    assert what in caught.value.what and cure in caught.value.cure


def test_a_program_may_take_so_many_steps() -> None:
    assert run(read(f"y = 0\nfor i in range({STEPS // 3 - 2}):\n    y = y + 1"), {}).values["y"] == STEPS // 3 - 2


def test_what_is_kept_of_each_tensor() -> None:
    ran = run(read("y = x * 1\ny.add_(1)\nz = (y *\n     y).sum()\ny += z\ny[0] = 5\nv = y", ["x"]), values())
    kept = {made.text: (made.line, made.name) for made in ran.tracked.values()}
    assert kept == {
        "y * y": ("line 3", None),
        "(y * y).sum()": ("line 3", "z"),
        "y with y[0] = 5": ("line 6", "y"),
    }


def test_what_only_hands_a_tensor_on_leaves_its_text() -> None:
    ran = run(read("y = x * 2\nz = y.contiguous()\nw = z", ["x"]), values())
    assert [(made.text, made.line, made.name) for made in ran.tracked.values()] == [("x * 2", "line 1", "y")]


@pytest.mark.filterwarnings("ignore:Converting a tensor with requires_grad")
@pytest.mark.parametrize(
    ("program", "cuts", "random"),
    [
        ("y = x * 2", {}, False),
        ("y = x.detach()", {"line 1": "x.detach()"}, False),
        ("y = x\nc = float(x.sum())", {"line 2": "float(x.sum())"}, False),
        ("c = math.sqrt(2)", {}, False),
        ("with torch.no_grad():\n    y = x", {"line 1": "with torch.no_grad()"}, False),
        ("y = x * torch.rand(2)", {}, True),
        ("y = F.dropout(x, 0.5)", {}, True),
        ("y = F.dropout(x, 0.5, training=False)", {}, False),
        ("y = x.float()", {}, False),
    ],
)
def test_what_autograd_loses_and_what_is_random(program: str, cuts: dict[str, str], random: bool) -> None:
    ran = run(read(program, ["x"]), values())
    assert (ran.cuts, ran.random) == (cuts, random)
