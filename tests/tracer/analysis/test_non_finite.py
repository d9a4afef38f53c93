"""Where the first NaN or infinity appears, and neighbours where none does."""

import math
import pickle

import pytest
import torch
from torch.utils.checkpoint import checkpoint

import tracer


def first(tensors, start=None, **names):
    return tracer.trace(tensors, names=names, gradients=True, start=start).first_non_finite()


def leaf(*values: float, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.tensor(values, dtype=dtype, requires_grad=True)


def root_of_zero(x):
    return x.sqrt() * 3


def zero_times_infinity(x):
    return x.sqrt() * torch.tensor([0.0, 1.0])


def guarded_root(x):
    return torch.where(x > 0, x.sqrt(), torch.zeros(2))


def overflow_in_half(x):
    return (x.half() * 60000 * 2).float()


def overflow(x):
    return x * 1e30 * 1e30


def norm_at_zero(x):
    return (x * 0).norm() ** 0.5


@pytest.mark.parametrize(
    ("make", "at", "slot", "nan", "infinite"),
    [
        (root_of_zero, "SqrtBackward0", 0, 0, 1),
        (zero_times_infinity, "SqrtBackward0", 0, 1, 0),
        (overflow_in_half, "MulBackward0", 0, 0, 2),
        (overflow, "MulBackward0", 0, 0, 2),
        (norm_at_zero, "PowBackward0", 0, 0, 1),
    ],
)
def test_the_operation_that_makes_it(make, at, slot, nan, infinite):
    found = first(make(leaf(0.0, 4.0)))
    assert (found.what, found.name, found.slot, found.nan, found.infinite) == ("operation", at, slot, nan, infinite)
    assert found.non_finite == nan + infinite
    assert found.then is None


def test_a_guarded_root_is_the_root_and_not_the_where():
    found = first(guarded_root(leaf(-1.0, 4.0)))
    assert (found.what, found.name, found.nan) == ("operation", "SqrtBackward0", 1)


def test_it_is_told_in_a_sentence():
    x = leaf(0.0, 4.0)
    h = x.sqrt()
    with tracer.record() as notes:
        y = h * 3
    recording = tracer.trace({"y": y}, names={"x": x, "h": h}, notes=notes, gradients=True)
    assert recording.first_non_finite().text == (
        "SqrtBackward0 (h) makes it: all that arrives there in backward is finite, and the gradient of its input 0, "
        "which goes to x, holds 1 infinity."
    )


def test_module_and_line_are_told():
    class Root(torch.nn.Module):
        def forward(self, x):
            return x.sqrt()

    net = torch.nn.Sequential(torch.nn.Identity(), Root())
    with tracer.record(net) as notes:
        y = net(leaf(0.0, 4.0))
    found = tracer.trace(y, notes=notes, gradients=True).first_non_finite()
    assert found.module == "1"
    assert found.source.startswith("test_non_finite.py:")
    assert f"SqrtBackward0 (1, {found.source}) makes it" in found.text


@pytest.mark.parametrize(
    "make",
    [
        lambda x: x.sqrt().sum(),
        lambda x: torch.where(x > 0, x, torch.tensor(math.nan)),
        lambda x: x * torch.nan_to_num(torch.tensor([1.0, math.nan])),
        lambda x: x.masked_fill(x > 2, -math.inf).softmax(0),
        lambda x: x * 1e30 * 1e-30 * 1e30,
        lambda x: torch.where(x > 0, torch.where(x > 0, x, torch.ones(2)).sqrt(), torch.zeros(2)),
        lambda x: x.log(),
    ],
    ids=["finite", "NaN not chosen", "NaN replaced", "a mask", "large", "guarded twice", "log"],
)
def test_where_there_is_none(make):
    assert first(make(leaf(1.0, 4.0))) is None


def test_a_value_of_the_forward_pass_comes_first():
    x = leaf(-1.0, 0.0, 2.0)
    y = x.log()
    z = y.exp()
    found = first({"z": z}, x=x, y=y)
    assert (found.what, found.name, found.nan, found.infinite) == ("value", "y", 1, 1)
    assert found.text == (
        "The forward pass has it already: the value of y, made by LogBackward0 (y), holds 1 NaN and 1 infinity."
    )
    assert (found.then.what, found.then.name) == ("operation", "ExpBackward0")


def test_an_input_comes_before_what_was_made_of_it():
    x = leaf(1.0, math.inf)
    y = x * 2
    found = first({"y": y}, y=y, x=x)
    assert (found.what, found.name, found.then) == ("value", "x", None)
    assert found.text == "The forward pass has it already: the value of x holds 1 infinity."


def test_a_value_is_told_without_gradients():
    x = leaf(-1.0, 4.0)
    assert tracer.trace({"y": x.log()}).first_non_finite().name == "y"
    with pytest.raises(tracer.TracerError, match="gradients=True"):
        tracer.trace({"x": x}).first_non_finite()


def test_backward_may_start_from_it():
    x = leaf(1.0, 4.0)
    found = first({"y": x * 2}, start=torch.tensor([math.nan, 1.0]))
    assert (found.what, found.name, found.nan, found.edge) == ("start", "MulBackward0", 1, None)
    assert found.text == "It is there where backward starts: the gradient of MulBackward0 (y) holds 1 NaN."


def test_a_start_inside_the_graph():
    x = leaf(1.0, 4.0)
    y = x * 2
    found = first({"y": y, "z": y * 3}, start=(torch.tensor([math.nan, 1.0]), torch.ones(2)))
    assert (found.what, found.text) == (
        "sum",
        "What backward starts from at MulBackward0 (y) and the finite gradients that come there make 1 NaN.",
    )


def test_a_sum_that_overflows():
    x = leaf(1.0, 4.0, dtype=torch.float16)
    found = first(x * 40000 + x * 50000, x=x)
    assert (found.what, found.name, found.infinite, found.edge) == ("sum", "AccumulateGrad", 2, None)
    assert found.text.startswith("Finite gradients meet at x, and what becomes of them there holds 2 infinities")


def test_a_hook_that_makes_it():
    x = leaf(1.0, 4.0)
    y = x * 2
    y.register_hook(lambda g: g / 0)
    found = first((y * 3).sum(), y=y)
    assert (found.what, found.label) == ("hook", "y")
    assert (
        found.text
        == "A hook changed the gradient of MulBackward0 (y): a finite one came, and now it holds 2 infinities."
    )


def test_behind_what_was_not_measured_it_is_not_told():
    class Both(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            return a + b

        @staticmethod
        def backward(ctx, g):
            return g, g

    x = leaf(0.0, 4.0)
    h = x * 2
    assert first(Both.apply(checkpoint(torch.sqrt, h, use_reentrant=True), h).sum()) is None
    assert first(Both.apply(checkpoint(torch.exp, h, use_reentrant=True), leaf(0, 4.0).sqrt())).name == "SqrtBackward0"
    assert first(torch.ones(2, device="meta", requires_grad=True).sqrt()) is None


def test_past_what_cant_be_read_its_maker_is_not_known():
    x = leaf(0.0, 4.0, 9.0)
    ragged = torch.nested.nested_tensor_from_jagged(x.view(3, 1), torch.tensor([0, 1, 3]))
    found = first(ragged.sqrt().values(), x=x)
    assert (found.what, found.name, found.infinite) == ("unknown", "NestedViewFromJaggedBackward0", 1)
    assert found.text.endswith("holds 1 infinity; what led to it was not measured.")


def test_what_a_hook_wrote_over_is_not_known():
    x = leaf(1.0, 4.0)
    y = x * 2
    y.register_hook(lambda g: g.mul_(math.inf))
    found = first((y * torch.ones(2)).sum(), y=y)
    assert (found.what, found.label, found.infinite) == ("unknown", "y", 2)


def test_the_first_of_several_in_backwards_order():
    x = leaf(0.0, 4.0)
    late = x.sqrt()
    early = (x * 1).rsqrt()
    found = first(late + early, late=late, early=early)
    assert found.what == "value"
    assert found.then.label == "early"


@pytest.mark.parametrize("size", [3, 20_000])
def test_of_a_large_gradient_only_their_number_is_known(size):
    x = torch.zeros(size, requires_grad=True)
    found = first(x.sqrt())
    assert (found.non_finite, found.infinite) == (size, size if size == 3 else None)
    assert found.text.endswith("holds 3 infinities." if size == 3 else "holds 20\u202f000 NaN or infinities.")


def test_a_complex_element_counts_once():
    x = torch.tensor([0j, 1 + 1j], requires_grad=True)
    found = first(x.reciprocal() * 2)
    assert (found.name, found.non_finite) == ("ReciprocalBackward0", 1)
    assert found.nan + found.infinite == 1


def test_a_row_is_frozen_and_pickles():
    found = first(root_of_zero(leaf(0.0, 4.0)))
    assert pickle.loads(pickle.dumps(found)) == found
    with pytest.raises(AttributeError):
        found.name = "other"


def test_a_recording_from_a_file_tells_the_same(tmp_path):
    x = leaf(0.0, 4.0)
    recording = tracer.trace({"y": x.log()}, names={"x": x}, gradients=True)
    recording.save(tmp_path / "a.json")
    assert tracer.Recording.load(tmp_path / "a.json").first_non_finite() == recording.first_non_finite()
