"""Linear algebra: products of matrices and vectors, einsum, and what an inverse is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from tracer.algebra import index
from tracer.algebra.expressions import Expr, add, multiply, negative, subtract, total
from tracer.ops.operator import FUNCTIONAL, TORCH, Operator
from tracer.ops.reductions import norm
from tracer.ops.shape import transpose
from tracer.ops.tensor import At, NoRule, Stage, Tensor, mapped, named, own, staged, tensor


def matmul(x: Any, y: Any) -> Tensor:
    """zᵢⱼ = Σₖ xᵢₖ·yₖⱼ; axes before the last two are broadcast."""
    x, y = tensor(x), tensor(y)
    if not x.rank or not y.rank:
        raise NoRule("matmul needs axes")
    rows, columns = x.shape[-2:-1], y.shape[-1:] if y.rank > 1 else ()
    batch = tuple(np.broadcast_shapes(x.shape[:-2], y.shape[:-2]))
    inner = x.shape[-1]

    def at(place: At) -> Expr:
        q = index.symbol(inner)
        k = index.indices((q,))[0]
        before, after = place[: len(batch)], place[len(batch) :]
        left = (*_batch(before, x.shape[:-2]), *after[: len(rows)], k)
        right = (*_batch(before, y.shape[:-2]), k, *after[len(rows) :]) if y.rank > 1 else (k,)
        return total((q,), multiply(x.at(left), y.at(right)))

    return Tensor(
        (*batch, *rows, *columns), at, x.tracked or y.tracked, "float" if "float" in (x.kind, y.kind) else "int"
    )


def _batch(place: At, shape: Sequence[int]) -> At:
    own_part = place[len(place) - len(shape) :]
    return tuple(index.ZERO if size == 1 else one for one, size in zip(own_part, shape, strict=True))


def einsum(equation: Any, *operands: Any) -> Tensor:
    """y = Σ over the letters that are not in the result, of the product of the operands."""
    xs = [tensor(x) for x in (operands[0] if len(operands) == 1 and isinstance(operands[0], list) else operands)]
    if not isinstance(equation, str) or "." in equation:
        raise NoRule("einsum has a rule for letters only")
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if not arrow:
        right = "".join(sorted(letter for letter in set(left) - {","} if left.count(letter) == 1))
    if len(terms) != len(xs) or any(len(term) != x.rank for term, x in zip(terms, xs, strict=True)):
        raise NoRule("einsum needs a letter for each axis")
    size = {letter: n for term, x in zip(terms, xs, strict=True) for letter, n in zip(term, x.shape, strict=True)}

    def at(place: At) -> Expr:
        summed = [letter for letter in dict.fromkeys("".join(terms)) if letter not in right]
        over = index.symbols([size[letter] for letter in summed])
        by = {**dict(zip(summed, index.indices(over), strict=True)), **dict(zip(right, place, strict=True))}
        return total(over, multiply(*(x.at(tuple(by[one] for one in term)) for term, x in zip(terms, xs, strict=True))))

    return Tensor(tuple(size[letter] for letter in right), at, any(x.tracked for x in xs))


def outer(x: Any, y: Any) -> Tensor:
    """zᵢⱼ = xᵢ·yⱼ."""
    return einsum("i,j->ij", x, y)


def _inner(x: Any, y: Any) -> Tensor:
    x, y = tensor(x), tensor(y)
    return mapped(multiply, x, y) if not x.rank or not y.rank else matmul(x, transpose(y, -1, -2) if y.rank > 1 else y)


def linear(x: Any, weight: Any, bias: Any = None) -> Tensor:
    """y = x·Wᵀ + b."""
    w = tensor(weight)
    y = matmul(x, transpose(w, 0, 1) if w.rank == 2 else w)
    return y if bias is None else mapped(add, y, bias)


def _bilinear(x: Any, y: Any, weight: Any, bias: Any = None) -> Tensor:
    if tensor(x).rank != 2:
        raise NoRule("bilinear has a rule for a batch of vectors")
    z = einsum("ni,oij,nj->no", x, weight, y)
    return z if bias is None else mapped(add, z, bias)


def _scaled(x: Tensor, by: Any) -> Tensor:
    return x if by == 1 else mapped(multiply, by, x)


def _added(product: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """β·c + α·(a·b)."""

    def rule(c: Any, a: Any, b: Any, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
        return mapped(add, _scaled(tensor(c), beta), _scaled(product(a, b), alpha))

    return rule


def trace(x: Any) -> Tensor:
    """y = Σᵢ xᵢᵢ."""
    x = tensor(x)
    if x.rank != 2:
        raise NoRule("trace has a rule for a matrix")

    def at(place: At) -> Expr:
        over = index.symbols((min(x.shape),))
        (i,) = index.indices(over)
        return total(over, x.at((i, i)))

    return Tensor((), at, x.tracked, x.kind)


def inverse(x: Any) -> Tensor:
    """Y = X⁻¹; ∂yᵢⱼ/∂xₖₗ = −yᵢₖ·yₗⱼ."""
    x = staged(tensor(x), "A")
    if x.rank != 2:
        raise NoRule("the inverse has a rule for one matrix")

    def local(j: At, k: At) -> Expr:
        return negative(multiply(y.at((j[0], k[0])), y.at((k[1], j[1]))))

    y = own("V", x.shape, None, {x: local}, lambda: np.linalg.inv(x.value), "the inverse of {0}")
    return y


def det(x: Any) -> Tensor:
    """y = det X; ∂y/∂xₖₗ = y·(X⁻¹)ₗₖ."""
    x = staged(tensor(x), "A")
    v = inverse(x)

    def local(j: At, k: At) -> Expr:
        return multiply(y.at(()), v.at((k[1], k[0])))

    y = own("d", (), None, {x: local}, lambda: np.linalg.det(x.value), "the determinant of {0}")
    return y


def log_det(x: Any) -> Tensor:
    """y = log det X; ∂y/∂xₖₗ = (X⁻¹)ₗₖ."""
    x = staged(tensor(x), "A")
    v = inverse(x)
    told = "the logarithm of the determinant of {0}"
    return own("d", (), None, {x: lambda j, k: v.at((k[1], k[0]))}, lambda: np.log(np.linalg.det(x.value)), told)


def solve(x: Any, b: Any) -> Tensor:
    """Y = X⁻¹·B."""
    return matmul(inverse(x), b)


def matrix_power(x: Any, n: int) -> Tensor:
    """Y = X·X·…·X, or of the inverse."""
    x = staged(tensor(x), "A")
    if n == 0 or abs(n) > 8:
        raise NoRule("matrix_power has a rule for powers from −8 to 8, but 0")
    base = x if n > 0 else inverse(x)
    y = base
    for _ in range(abs(n) - 1):
        y = staged(matmul(y, base), "P")
    return y


def eigvalsh(x: Any, UPLO: Literal["L", "U"] = "L") -> Tensor:
    """λ: the eigenvalues of a symmetric matrix; ∂λₘ/∂xₖₗ = vₖₘ·vₗₘ with the eigenvector v of λₘ."""
    x = staged(tensor(x), "A")
    if x.rank != 2:
        raise NoRule("the eigenvalues have a rule for one matrix")
    over = index.symbols(x.shape)
    told, vectors = "the matrix of eigenvectors", lambda: np.linalg.eigh(x.value, UPLO)[1]
    v = named(Stage(x.shape, over, None, False, "float", "Q", vectors, told=told))
    rule = {x: lambda j, k: multiply(v.at((k[0], j[0])), v.at((k[1], j[0])))}
    return own("λ", x.shape[:1], None, rule, lambda: np.linalg.eigvalsh(x.value, UPLO), "the eigenvalues of {0}")


def cdist(x: Any, y: Any, p: Any = 2.0) -> Tensor:
    """zᵢⱼ = ‖xᵢ − yⱼ‖."""
    x, y = tensor(x), tensor(y)
    if x.rank != 2 or y.rank != 2:
        raise NoRule("cdist has a rule for two matrices")

    def at(place: At) -> Expr:
        i, j, k = place
        return subtract(x.at((i, k)), y.at((j, k)))

    gap = Tensor((x.shape[0], y.shape[0], x.shape[1]), at, x.tracked or y.tracked)
    return norm(gap, p, 2)


def kron(x: Any, y: Any) -> Tensor:
    """z at (i, j) = x at (⌊i/m⌋, ⌊j/n⌋)·y at (i mod m, j mod n)."""
    x, y = tensor(x), tensor(y)
    if x.rank != y.rank:
        raise NoRule("kron has a rule for tensors with as many axes")

    def at(place: At) -> Expr:
        above = tuple(index.floor(one, n) for one, n in zip(place, y.shape, strict=True))
        below = tuple(index.mod(one, n) for one, n in zip(place, y.shape, strict=True))
        return multiply(x.at(above), y.at(below))

    shape = tuple(a * b for a, b in zip(x.shape, y.shape, strict=True))
    return Tensor(shape, at, x.tracked or y.tracked)


_ROWS: Mapping[str, tuple[str, Callable[..., Any], str]] = {
    "matmul": ("Σₖ xᵢₖ·yₖⱼ", matmul, TORCH),
    "mm": ("Σₖ xᵢₖ·yₖⱼ", matmul, TORCH),
    "mv": ("Σₖ xᵢₖ·yₖ", matmul, TORCH),
    "bmm": ("Σₖ xₙᵢₖ·yₙₖⱼ", matmul, TORCH),
    "dot": ("Σₖ xₖ·yₖ", matmul, TORCH),
    "vdot": ("Σₖ xₖ·yₖ", matmul, TORCH),
    "inner": ("Σₖ xᵢₖ·yⱼₖ", _inner, TORCH),
    "outer": ("xᵢ·yⱼ", outer, TORCH),
    "einsum": ("Σ over the letters not in the result", einsum, TORCH),
    "linear": ("Σₖ xₙₖ·Wⱼₖ + bⱼ", linear, FUNCTIONAL),
    "bilinear": ("Σᵢⱼ xₙᵢ·Wₒᵢⱼ·yₙⱼ + bₒ", _bilinear, FUNCTIONAL),
    "addmm": ("β·c + α·Σₖ aᵢₖ·bₖⱼ", _added(matmul), TORCH),
    "addmv": ("β·c + α·Σₖ aᵢₖ·bₖ", _added(matmul), TORCH),
    "addr": ("β·c + α·aᵢ·bⱼ", _added(outer), TORCH),
    "baddbmm": ("β·c + α·Σₖ aₙᵢₖ·bₙₖⱼ", _added(matmul), TORCH),
    "trace": ("Σᵢ xᵢᵢ", trace, TORCH),
    "inverse": ("X⁻¹", inverse, TORCH),
    "det": ("det X", det, TORCH),
    "logdet": ("log det X", log_det, TORCH),
    "solve": ("X⁻¹·B", solve, TORCH + "linalg."),
    "matrix_power": ("X·X·…·X", matrix_power, TORCH + "linalg."),
    "eigvalsh": ("the eigenvalues λ", eigvalsh, TORCH + "linalg."),
    "cdist": ("‖xᵢ − yⱼ‖", cdist, TORCH),
    "kron": ("x·y, block by block", kron, TORCH),
}

TABLE: Mapping[str, Operator] = {
    name: Operator(rule, label, f"{where}{name}.html") for name, (label, rule, where) in _ROWS.items()
}
