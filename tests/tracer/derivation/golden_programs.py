"""The twenty programs whose derivations stand in tests/golden/derivations.txt, to be read by a person."""

from __future__ import annotations

from typing import Any, NamedTuple


class Program(NamedTuple):
    """A program, its inputs, and the input by which it is derived. Inputs named in `constants` have no gradient."""

    title: str
    lines: tuple[str, ...]
    inputs: dict[str, Any]
    by: str
    constants: str = ""
    gradient: Any = None


X = [[1.0, 2.0], [3.0, 4.0]]
DATA = {"X": "4x2", "w": "2", "y": [1.0, 0.0, 1.0, 1.0]}

PROGRAMS = (
    Program("The lesson", ("y = x - 2", "z = 3*y**2", "a = z.mean()"), {"x": X}, "x"),
    Program("A dot product", ("z = w @ x",), {"w": [1.0, 1, 1], "x": [1.0, 2, 3]}, "w"),
    Program("A matrix product", ("z = w @ x", "L = (z**2).sum()"), {"w": "2x3", "x": "3x4"}, "w", "x"),
    Program("Least squares", ("r = A @ x - b", "L = (r**2).sum()"), {"A": "3x2", "x": "2", "b": "3"}, "x", "A b"),
    Program("A quadratic form", ("q = x @ (A @ x)",), {"A": "3x3", "x": "3"}, "x", "A"),
    Program("A length", ("n = x.norm()", "L = 1/n"), {"x": [3.0, 4.0]}, "x"),
    Program("Softmax", ("s = torch.softmax(x, 0)", "L = (c*s).sum()"), {"x": "4", "c": "4"}, "x", "c"),
    Program("Cross-entropy", ("L = F.cross_entropy(x, t)",), {"x": "4x3", "t": [0, 2, 1, 1]}, "x", "t"),
    Program(
        "Logistic regression",
        ("z = X @ w", "p = torch.sigmoid(z)", "L = -(y*torch.log(p) + (1-y)*torch.log(1-p)).mean()"),
        DATA,
        "w",
        "X y",
    ),
    Program("A layer with relu", ("h = torch.relu(W @ x)", "L = (h**2).sum()"), {"W": "3x2", "x": "2"}, "W", "x"),
    Program(
        "A network of two layers",
        ("h = torch.tanh(X @ W)", "y = h @ V", "L = ((y - t)**2).mean()"),
        {"X": "4x3", "W": "3x5", "V": "5x2", "t": "4x2"},
        "W",
        "X V t",
    ),
    Program("Differences", ("d = x[1:] - x[:-1]", "L = (d**2).sum()"), {"x": "5"}, "x"),
    Program("A running sum", ("s = x.cumsum(0)", "L = (s**2).sum()"), {"x": "4"}, "x"),
    Program(
        "A convolution",
        ("y = F.conv1d(x, w)", "L = (c*y).sum()"),
        {"x": "1x1x5", "w": "1x1x3", "c": "1x1x3"},
        "w",
        "x c",
    ),
    Program("The variance", ("v = x.var()",), {"x": "4"}, "x"),
    Program("Layer norm", ("y = F.layer_norm(x, (3,))", "L = (c*y).sum()"), {"x": "2x3", "c": "2x3"}, "x", "c"),
    Program("Broadcasting", ("y = x / x.sum(dim=1, keepdim=True)", "L = (c*y).sum()"), {"x": X, "c": "2x2"}, "x", "c"),
    Program("The determinant", ("d = torch.det(A)",), {"A": [[2.0, 1], [1, 3]]}, "A"),
    Program(
        "The doubling loop",
        ("y = x*2", "while y.norm() < 1000:", "    y = y*2"),
        {"x": [0.5, -1.0, 1.0]},
        "x",
        "",
        [0.1, 1, 0.0001],
    ),
    Program(
        "A recurrent cell",
        ("for t in range(4):", "    h = torch.tanh(W @ x + U @ h)", "L = (h**2).sum()"),
        {"x": "2", "W": "3x2", "U": "3x3", "h": "3"},
        "U",
        "x W h",
    ),
)
