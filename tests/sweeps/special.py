"""Graphs that torch's test databases do not have: each a function that gives the tensors to trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.autograd.function import once_differentiable
from torch.utils.checkpoint import checkpoint


def leaf(*shape: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    count = torch.Size(shape or (3,)).numel()
    return torch.linspace(0.5, 2, count, dtype=dtype).reshape(shape or (3,)).requires_grad_()


class Pair(torch.autograd.Function):
    """Two values that can be differentiated, and between them a mask that can't."""

    @staticmethod
    def forward(ctx: Any, a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, ...]:
        ctx.save_for_backward(a, b)
        mask = a > b
        ctx.mark_non_differentiable(mask)
        return a * b, mask, (a - b).sum()

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor, _mask: torch.Tensor, h: torch.Tensor) -> tuple[torch.Tensor, ...]:
        a, b = ctx.saved_tensors
        return g * b + h, g * a - h


class OnlyOnce(torch.autograd.Function):
    """A square whose backward can't be differentiated."""

    @staticmethod
    def forward(ctx: Any, a: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(a)
        return a * a

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
        return 2 * g * ctx.saved_tensors[0]


class Stops(torch.autograd.Function):
    """Hands nothing on."""

    @staticmethod
    def forward(ctx: Any, a: torch.Tensor) -> torch.Tensor:
        return a * 2

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> None:
        return None


class Bare(torch.autograd.Function):
    """Gets `None`, and not zeros, for an output that was not used."""

    @staticmethod
    def forward(ctx: Any, a: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        ctx.set_materialize_grads(False)
        return a * 2, a * 3

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor | None, h: torch.Tensor | None) -> torch.Tensor:
        assert g is None
        assert h is not None
        return h * 3


def repeated(times: int, step: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
    y = leaf()
    for _ in range(times):
        y = step(y)
    return y


def changed_through_a_view() -> torch.Tensor:
    x = leaf(4) * 1
    x[:2].mul_(leaf(2))
    return x


def view_of_what_changed_later() -> torch.Tensor:
    base = leaf(4) * 1
    view = base.view(2, 2)
    base.add_(leaf(4))
    return view


def freed() -> torch.Tensor:
    y = (leaf() * leaf()).sum()
    y.backward()
    return y


def slope(order: int) -> torch.Tensor:
    x = leaf()
    y = (x**4).sum()
    for _ in range(order):
        (y,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    return y


def slope_of_a_convolution() -> torch.Tensor:
    x, w = leaf(1, 2, 5, 5), leaf(3, 2, 3, 3)
    (g,) = torch.autograd.grad(torch.nn.functional.conv2d(x, w).pow(2).sum(), w, create_graph=True)
    return g.square().sum()


def tied() -> torch.Tensor:
    embed, head = torch.nn.Embedding(5, 3), torch.nn.Linear(3, 5, bias=False)
    head.weight = embed.weight
    return head(embed(torch.tensor([1, 4, 1]))).tanh()


def inside_one_another() -> list[torch.Tensor]:
    y = leaf() * 2
    z = y * y
    return [y, z, z.sum(), y]


def hooked(hook: Callable[[torch.Tensor], torch.Tensor | None], of_the_leaf: bool = False) -> torch.Tensor:
    x = leaf()
    y = x * 2
    (x if of_the_leaf else y).register_hook(hook)
    return y * y + y


def retained() -> torch.Tensor:
    y = leaf() * 2
    y.retain_grad()
    return y * y


def sparse_embedding() -> torch.Tensor:
    return torch.nn.Embedding(6, 2, sparse=True)(torch.tensor([1, 1, 3]))


def coo() -> torch.Tensor:
    return torch.sparse_coo_tensor(
        [[0, 1, 1], [1, 0, 1]], [1.0, 2.0, 3.0], (2, 2), dtype=torch.float64
    ).requires_grad_()


def jagged() -> torch.Tensor:
    return torch.nested.nested_tensor([leaf(2, 3), leaf(4, 3)], layout=torch.jagged, requires_grad=True)


def attention() -> torch.Tensor:
    return torch.nn.functional.scaled_dot_product_attention(*(leaf(1, 2, 4, 8) for _ in range(3)))


def packed_lstm() -> torch.Tensor:
    sequences = torch.nn.utils.rnn.pack_sequence([torch.ones(3, 2), torch.ones(1, 2)])
    return torch.nn.LSTM(2, 3, num_layers=2)(sequences)[0].data


def of(*tensors: torch.Tensor) -> list[torch.Tensor]:
    return [tensor for tensor in tensors if tensor.requires_grad]


def squared(x: torch.Tensor) -> torch.Tensor:
    return x * x


SPECIAL: dict[str, Callable[[], list[torch.Tensor]]] = {
    "a leaf alone": lambda: of(leaf()),
    "a leaf that is a scalar": lambda: of(torch.tensor(2.0, requires_grad=True)),
    "a value twice": lambda: of(squared(leaf())),
    "a leaf three times": lambda: (lambda x: of(torch.cat([x, x * 1, x])))(leaf()),
    "a chain of 3000": lambda: of(repeated(3000, lambda y: y * 1.001)),
    "40 diamonds": lambda: of(repeated(40, lambda y: y.sin() * y.cos())),
    "2000 side by side": lambda: of(torch.stack([leaf().sum() for _ in range(2000)])),
    "several outputs, one used": lambda: of((leaf(3, 2) * 2).unbind()[1] * 3),
    "several outputs, crossed": lambda: (lambda a, b, c: of(a * b + b * c))(*(leaf(3) * 2).unbind()),
    "values and indices": lambda: of(*leaf(5).topk(2)),
    "a decomposition": lambda: of(*torch.linalg.svd(leaf(3, 2) ** 2)[:2]),
    "outputs inside one another": inside_one_another,
    "a custom function, one output used": lambda: of(Pair.apply(leaf(), leaf() * 2)[0]),
    "a custom function, all outputs": lambda: of(*Pair.apply(leaf(), leaf() * 2)),
    "a backward that can't be differentiated": lambda: of(OnlyOnce.apply(leaf())),
    "a backward that hands nothing on": lambda: (lambda x: of(Stops.apply(x * 2) + x))(leaf()),
    "a backward that gets None": lambda: of(Bare.apply(leaf())[1]),
    "changed through a view": lambda: of(changed_through_a_view()),
    "a view of what changed later": lambda: of(view_of_what_changed_later()),
    "expanded": lambda: of(leaf(3, 1).expand(3, 4)),
    "a leaf's view": lambda: of(leaf(4).view(2, 2)),
    "freed": lambda: of(freed()),
    "a slope": lambda: of(slope(1)),
    "a slope of a slope": lambda: of(slope(2)),
    "a slope of a convolution": lambda: of(slope_of_a_convolution()),
    "an LSTM": lambda: of(*torch.nn.LSTM(3, 4, 2)(torch.ones(5, 1, 3))[1]),
    "a packed LSTM": lambda: of(packed_lstm()),
    "attention": lambda: of(attention()),
    "tied weights": lambda: of(tied()),
    "a checkpoint": lambda: of(checkpoint(lambda x: x.sin().exp(), leaf() * 2, use_reentrant=False) * 3),
    "two checkpoints, one in the other": lambda: of(
        checkpoint(lambda x: checkpoint(torch.sin, x, use_reentrant=False) * x, leaf(), use_reentrant=False)
    ),
    "complex": lambda: of(leaf(dtype=torch.complex128) * (2 + 1j), leaf().to(torch.complex128).conj().exp()),
    "half precision": lambda: of(leaf(dtype=torch.bfloat16).to(torch.float16).tanh()),
    "sparse gradient of an embedding": lambda: of(sparse_embedding()),
    "sparse COO": lambda: of(torch.sparse.mm(coo(), leaf(2, 2))),
    "sparse COO, summed": lambda: of(torch.sparse.sum(coo() * 2)),
    "sparse CSR": lambda: of(leaf(2, 2).detach().to_sparse_csr().requires_grad_() @ leaf(2, 2)),
    "nested": lambda: of((jagged() * 2).values()),
    "no elements": lambda: of(leaf(3)[:0] * 2, torch.ones(0, 2, requires_grad=True).sum()),
    "zeros that are not stored": lambda: of(torch.sgn(leaf())),
    "infinities": lambda: of((leaf() - 0.5).sqrt(), (leaf() * 0).log()),
    "a hook that looks": lambda: of(hooked(lambda g: None)),
    "a hook that changes": lambda: of(hooked(lambda g: g * 10)),
    "a hook that changes a leaf's": lambda: of(hooked(lambda g: g * 10, of_the_leaf=True)),
    "a retained gradient": lambda: of(retained()),
    "on a subclass": lambda: of(torch.nn.Parameter(leaf().detach().as_subclass(Tagged)).sin()),
    "vmap": lambda: of(torch.vmap(squared)(leaf())),
    "func.grad": lambda: of(torch.func.grad(lambda x: x.pow(3).sum())(leaf())),
    "meta": lambda: of(squared(torch.ones(3, device="meta", requires_grad=True))),
}


class Tagged(torch.Tensor):
    """A subclass that changes nothing."""
