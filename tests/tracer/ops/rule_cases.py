"""The table of operators that are held to torch: for each, arguments drawn at random, with axes of 1 and of all ranks.

A case is an operator's name in our table, torch's function, its arguments, and how it is called. A letter before the
shape says from where numbers are drawn: r normal, p positive, u between 0 and 1, g above 1, s symmetric and positive,
i whole numbers below the last number of the shape, ± signs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

L, TT = torch.linalg, torch.Tensor


class Case(NamedTuple):
    """One operator on arguments of these shapes."""

    name: str
    function: Callable[..., Any]
    arguments: str
    call: Callable[..., Any] = lambda f, *xs: f(*xs)
    smooth: bool = True
    tolerance: float = 1e-9

    def __str__(self) -> str:
        return f"{self.name} {self.arguments}"


def drawn(arguments: str, seed: int) -> list[Any]:
    """Draw the arguments: "r2x3 p3" is a 2 × 3 of normal numbers and a vector of three positive ones."""
    random = np.random.default_rng(seed)
    return [_one(random, part) for part in arguments.split()]


def _one(random: np.random.Generator, text: str) -> Any:
    kind, sizes = text[0], [int(n) for n in re.findall(r"\d+", text[1:])]
    if kind == "i":
        return np.asarray(random.integers(0, sizes[-1], sizes[:-1]))
    normal = np.asarray(random.standard_normal(sizes))
    if kind == "s":
        return normal @ normal.T + len(normal) * np.eye(len(normal))
    unit = np.asarray(random.random(sizes))
    return {
        "r": normal,
        "p": unit + 0.3,
        "u": unit * 0.8 + 0.1,
        "g": unit + 1.2,
        "±": np.sign(normal).astype(np.int64),
    }[kind]


def _with(*more: Any, **options: Any) -> Callable[..., Any]:
    return lambda f, *xs: f(*xs, *more, **options)


def _listed(*more: Any) -> Callable[..., Any]:
    return lambda f, *xs: f(list(xs), *more)


SHAPES = ("3", "2x3", "1x3", "2x1x3", "")
PAIRS = (("2x3", "3"), ("2x1", "1x3"), ("3", ""), ("2x1x3", "4x1"), ("1", "3"))
_UNARY = {
    "r": "neg abs square exp exp2 expm1 sin cos tan atan sinh cosh tanh asinh sigmoid erf erfc reciprocal frac deg2rad",
    "p": "sqrt rsqrt log log2 log10 log1p lgamma digamma",
    "u": "asin acos atanh logit",
    "g": "acosh",
}
_FLAT = "sign floor ceil round trunc"
_ACTIVATIONS = """relu relu6 hardtanh leaky_relu elu selu celu gelu silu mish softplus logsigmoid softsign tanhshrink
softshrink hardshrink hardswish"""
_BINARY = "add sub mul div maximum minimum atan2 hypot rsub logaddexp remainder fmod"
_JUMPS = ("remainder", "fmod", "frac")


def _unary() -> list[Case]:
    named = [(name, kind) for kind, names in _UNARY.items() for name in names.split()]
    named += [(name, "r") for name in _FLAT.split()]
    found = [
        Case(name, getattr(torch, name), kind + shape, smooth=name not in _JUMPS and name not in _FLAT)
        for name, kind in named
        for shape in SHAPES
    ]
    found += [Case(name, getattr(F, name), "r" + shape) for name in _ACTIVATIONS.split() for shape in SHAPES]
    # torch has 1/6 in single precision there, whatever the dtype
    return found + [Case("hardsigmoid", F.hardsigmoid, "r" + shape, tolerance=1e-7) for shape in SHAPES]


def _binary() -> list[Case]:
    found = [
        Case(name, getattr(torch, name), f"r{a} r{b}", smooth=name not in _JUMPS)
        for name in _BINARY.split()
        for a, b in PAIRS
    ]
    found += [Case("pow", torch.pow, f"p{a} r{b}") for a, b in PAIRS]
    return found + [Case("xlogy", torch.xlogy, f"r{a} p{b}") for a, b in PAIRS]


def _along() -> list[Case]:
    found = []
    for name in ("softmax", "log_softmax", "softmin"):
        found += [Case(name, getattr(F, name), "r2x1x3", _with(dim=dim)) for dim in range(3)]
    for name in ("sum", "mean", "amax", "amin", "logsumexp", "norm", "var", "std"):
        for dims in ((0,), (2,), (0, 2)):
            for keep in (False, True):
                found.append(Case(name, getattr(torch, name), "r2x2x3", _with(dim=dims, keepdim=keep)))
        if name != "logsumexp":
            found += [Case(name, getattr(torch, name), "r" + shape) for shape in ("3", "2x1x3")]
    for name in ("prod", "cumsum", "cumprod", "max", "min", "median", "sort"):
        found += [Case(name, getattr(torch, name), "r2x1x3", _with(dim=dim)) for dim in range(3)]
    whole = ("prod", "max", "min", "median")
    return found + [Case(name, getattr(torch, name), "r" + shape) for name in whole for shape in SHAPES]


_PRODUCTS = ("2x3 3x4", "3 3x4", "2x3 3", "3 3", "2x2x3 3x4", "2x1x2x3 3x3x4", "1x3 3x1", "2x1 1x2")
_RESHAPES = (
    ("2x3", (6,)), ("6", (2, 3)), ("2x3x4", (4, 6)), ("2x6", (3, -1)), ("2x1x3", (3, 2)), ("4x6", (2, 3, 2, 2)),
    ("1", (1, 1)), ("", (1,)),
)  # fmt: skip
_EINSUMS = (
    ("ij,jk->ik", "r2x3 r3x4"), ("bij,bjk->bik", "r2x2x3 r2x3x4"), ("i,j", "r2 r3"), ("ij,ij->", "r2x3 r2x3"),
    ("ij,j->i", "r1x3 r3"), ("ii->i", "r3x3"), ("ij->ji", "r2x3"),
)  # fmt: skip


def _linear() -> list[Case]:
    found = [Case("matmul", torch.matmul, "r" + pair.replace(" ", " r")) for pair in _PRODUCTS]
    found += [Case("einsum", torch.einsum, xs, lambda f, *a, e=e: f(e, *a)) for e, xs in _EINSUMS]
    return [
        *found,
        Case("mm", torch.mm, "r2x3 r3x1"),
        Case("mv", torch.mv, "r2x3 r3"),
        Case("bmm", torch.bmm, "r2x3x2 r2x2x4"),
        Case("dot", torch.dot, "r3 r3"),
        Case("outer", torch.outer, "r3 r4"),
        Case("inner", torch.inner, "r2x3 r4x3"),
        Case("linear", F.linear, "r5x3 r4x3 r4"),
        Case("linear", F.linear, "r2x5x3 r4x3"),
        Case("bilinear", F.bilinear, "r2x3 r2x4 r5x3x4 r5"),
        Case("addmm", torch.addmm, "r2x4 r2x3 r3x4", _with(beta=0.5, alpha=2)),
        Case("addmv", torch.addmv, "r2 r2x3 r3"),
        Case("addr", torch.addr, "r2x3 r2 r3"),
        Case("baddbmm", torch.baddbmm, "r2x2x4 r2x2x3 r2x3x4"),
        Case("trace", torch.trace, "r3x3"),
        Case("inverse", torch.inverse, "s3x3"),
        Case("det", torch.det, "r3x3"),
        Case("logdet", torch.logdet, "s3x3"),
        Case("solve", L.solve, "s3x3 r3x2"),
        Case("solve", L.solve, "s3x3 r3"),
        Case("matrix_power", L.matrix_power, "r3x3", _with(3)),
        Case("eigvalsh", L.eigvalsh, "s3x3", smooth=False),  # differences would leave the symmetric matrices
        Case("cdist", torch.cdist, "r2x3 r4x3"),
        Case("kron", torch.kron, "r2x3 r3x2"),
    ]


def _moving() -> list[Case]:
    found = [Case("reshape", torch.reshape, "r" + shape, _with(new)) for shape, new in _RESHAPES]
    found += [Case("roll", torch.roll, "r2x3", _with(by, 1)) for by in (1, -2, 5)]
    return [
        *found,
        Case("roll", torch.roll, "r2x3", _with(1)),
        Case("flatten", torch.flatten, "r2x3x2", _with(1)),
        Case("unflatten", torch.unflatten, "r2x6", _with(1, (2, 3))),
        Case("permute", torch.permute, "r2x3x4", _with((2, 0, 1))),
        Case("transpose", torch.transpose, "r2x1x4", _with(0, 2)),
        Case("t", torch.t, "r2x3"),
        Case("movedim", torch.movedim, "r2x3x4", _with(0, 2)),
        Case("squeeze", torch.squeeze, "r2x1x3"),
        Case("unsqueeze", torch.unsqueeze, "r2x3", _with(1)),
        Case("expand", TT.expand, "r2x1", _with(3, 2, 4)),
        Case("repeat", TT.repeat, "r2x3", _with(2, 1, 2)),
        Case("tile", torch.tile, "r2x3", _with((2,))),
        Case("repeat_interleave", torch.repeat_interleave, "r2x3", _with(2, 1)),
        Case("cat", torch.cat, "r2x3 r2x1 r2x2", _listed(1)),
        Case("stack", torch.stack, "r2 r2", _listed(1)),
        Case("hstack", torch.hstack, "r2 r3", _listed()),
        Case("vstack", torch.vstack, "r2 r2", _listed()),
        Case("narrow", torch.narrow, "r5", _with(0, 1, 3)),
        Case("select", torch.select, "r2x3", _with(1, -1)),
        Case("unbind", torch.unbind, "r2x3"),
        Case("split", torch.split, "r5", _with(2)),
        Case("chunk", torch.chunk, "r5", _with(2)),
        Case("flip", torch.flip, "r2x3", _with((0, 1))),
        Case("tril", torch.tril, "r3x3"),
        Case("triu", torch.triu, "r3x4", _with(1)),
        Case("diagonal", torch.diagonal, "r3x4"),
        Case("diag", torch.diag, "r3"),
        Case("pad", F.pad, "r2x3", _with((1, 2))),
        Case("pad", F.pad, "r2x1", _with((1, 2, 0, 1), value=3.0)),
        Case("unfold", TT.unfold, "r6", _with(0, 3, 2)),
        Case("topk", torch.topk, "r2x4", _with(2)),
        Case("kthvalue", torch.kthvalue, "r2x4", _with(2)),
        Case("gather", torch.gather, "r2x3 i2x3x3", lambda f, x, i: f(x, 1, i)),
        Case("index_select", torch.index_select, "r2x3 i4x3", lambda f, x, i: f(x, 1, i)),
        Case("take", torch.take, "r2x3 i4x6"),
        Case("embedding", F.embedding, "i2x3x5 r5x2"),
        Case("[…]", TT.__getitem__, "r4x3 i3x4"),
        Case("[…]", TT.__getitem__, "r4x3", _with((slice(None, None, 2), None, 1))),
        Case("[…]", TT.__getitem__, "r4x1", _with((..., slice(0, None)))),
    ]


def _networks() -> list[Case]:
    found = [
        Case(name, getattr(F, name), "r2x3 r2x3", _with(reduction=reduction))
        for name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")
        for reduction in ("mean", "sum", "none")
    ]
    convolved = ((1, 0, 1), (1, "same", 2), (2, 1, 1), (2, 0, 2))
    found += [
        Case("conv1d", F.conv1d, "r2x3x7 r4x3x3 r4", _with(stride=s, padding=p, dilation=d)) for s, p, d in convolved
    ]
    return [
        *found,
        Case("clamp", torch.clamp, "r3x4", _with(-0.5, 0.5)),
        Case("clamp", torch.clamp, "r3x4 r4", lambda f, x, y: f(x, max=y)),
        Case("where", torch.where, "r3 r2x3", lambda f, x, y: f(y > 0, x, y), smooth=False),
        Case("lerp", torch.lerp, "r2x3 r3 r2x1"),
        Case("addcmul", torch.addcmul, "r3 r2x3 r2x1", _with(value=0.5)),
        Case("addcdiv", torch.addcdiv, "r3 r2x3 r2x1", _with(value=0.5)),
        Case("prelu", F.prelu, "r3x4 p1"),
        Case("threshold", F.threshold, "r3x4", _with(0.1, 2.0), smooth=False),
        Case("gelu", F.gelu, "r3", _with(approximate="tanh")),
        Case("norm", torch.norm, "r2x3", _with(p=1)),
        Case("norm", torch.norm, "r2x3", _with(p=3)),
        Case("layer_norm", F.layer_norm, "r2x3x4 r3x4 r3x4", lambda f, x, w, b: f(x, (3, 4), w, b)),
        Case("batch_norm", F.batch_norm, "r3x2x4 r2 r2", lambda f, x, w, b: f(x, None, None, w, b, training=True)),
        Case("instance_norm", F.instance_norm, "r2x2x4"),
        Case("group_norm", F.group_norm, "r2x4x3", _with(2)),
        Case("rms_norm", F.rms_norm, "r2x3", _with((3,))),
        Case("normalize", F.normalize, "r2x3"),
        Case("cosine_similarity", F.cosine_similarity, "r2x3 r2x3"),
        Case("scaled_dot_product_attention", F.scaled_dot_product_attention, "r1x2x4 r1x3x4 r1x3x4"),
        Case("binary_cross_entropy", F.binary_cross_entropy, "u4 u4"),
        Case("binary_cross_entropy_with_logits", F.binary_cross_entropy_with_logits, "r4 u4"),
        Case("kl_div", F.kl_div, "r2x3 u2x3", _with(reduction="batchmean")),
        Case("soft_margin_loss", F.soft_margin_loss, "r4 ±4"),
        Case("poisson_nll_loss", F.poisson_nll_loss, "r4 p4"),
        Case("margin_ranking_loss", F.margin_ranking_loss, "r4 r4 ±4"),
        Case("nll_loss", F.nll_loss, "r4x3 i4x3"),
        Case("cross_entropy", F.cross_entropy, "r4x3 i4x3"),
        Case("cross_entropy", F.cross_entropy, "r4x3 u4x3"),
        Case("conv1d", F.conv1d, "r2x4x6 r4x2x3", _with(groups=2)),
        Case("conv1d", F.conv1d, "r3x5 r2x3x1"),
        Case("conv2d", F.conv2d, "r1x2x5x5 r3x2x3x3", _with(stride=2, padding=2, dilation=2)),
        Case("conv_transpose1d", F.conv_transpose1d, "r2x3x4 r3x2x3", _with(stride=2, output_padding=1)),
        Case("conv_transpose2d", F.conv_transpose2d, "r1x2x3x3 r2x1x2x2", _with(stride=2)),
        Case("avg_pool1d", F.avg_pool1d, "r1x2x6", _with(2)),
        Case("avg_pool2d", F.avg_pool2d, "r1x2x4x4", _with(3, 1)),
        Case("max_pool1d", F.max_pool1d, "r1x2x6", _with(2)),
        Case("max_pool2d", F.max_pool2d, "r1x2x4x4", _with(2)),
        Case("adaptive_avg_pool2d", F.adaptive_avg_pool2d, "r1x2x4x4", _with(2)),
    ]


CASES = [*_unary(), *_binary(), *_along(), *_linear(), *_moving(), *_networks()]
