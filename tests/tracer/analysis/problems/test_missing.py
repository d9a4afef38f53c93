"""Each cause of a missing gradient, brought about by a small program, and a neighbour that must not be reported."""

import inspect
import itertools
import json

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

import tracer
from tests.tracer.analysis.problems.agreement import agree
from tracer.analysis.problems.why import Problem


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def traced(loss, *, model=None, names=None, notes=None, gradients=True):
    """Trace a loss, and hold what is said of it against its backward()."""
    recording = tracer.trace({"loss": loss}, model=model, names=names, notes=notes, gradients=gradients)
    agree(recording, loss, model, names)
    return recording


def recorded(model, program, gradients=True, **names):
    """Record a program of a model and trace what it gives."""
    with tracer.record(model, reads=True) as notes:
        loss = program()
    return traced(loss, model=model, names=names, notes=notes, gradients=gradients)


def of(recording: tracer.Recording, name: str) -> list[Problem]:
    return [problem for problem in recording.problems() if name in problem.names]


def line(program, number: int = 1) -> str:
    """Name a line of a program of this file, counted from its head."""
    return f"test_missing.py:{inspect.getsourcelines(program)[1] + number}"


class Two(nn.Module):
    """Two layers, the second of which uses what `between` makes of the first one's output."""

    def __init__(self, between):
        super().__init__()
        self.first, self.second = nn.Linear(3, 3), nn.Linear(3, 3)
        self.between = between

    def forward(self, x):
        return self.second(self.between(self.first(x))).sum()


X = torch.ones(2, 3)


def under_no_grad(h):
    with torch.no_grad():
        return h * 2


def under_inference_mode(h):
    with torch.inference_mode():
        scaled = h * 2
    return scaled.clone()


def one_of_them(h):
    return nn.functional.one_hot(h.argmax(1), 3).float()


def rounded_to_whole(h):
    return (h * 100).long().float()


def detached(h):
    return h.detach()


def through_data(h):
    return h.data * 2


def copied(h):
    return torch.stack([torch.tensor(row) for row in h.unbind()])


def copied_as_new(h):
    return X.new_tensor(h)


def detached_in_place(h):
    return (h * 2).detach_()


def a_function_without_gradients(h):
    @torch.no_grad()
    def doubled():
        return h * 2

    return doubled()


def a_parameter_of_it(h):
    return nn.Parameter(h * 2)


def compared(h):
    return torch.bucketize(h, torch.zeros(1)).float()


@pytest.mark.filterwarnings("ignore:To copy construct")
@pytest.mark.parametrize(
    ("between", "operation", "offset", "cure"),
    [
        (detached, "detach", 1, "detach"),
        (through_data, "data", 1, "detach"),
        (under_no_grad, "no_grad", 1, "Move that computation out"),
        (under_inference_mode, "mul", 2, "inference mode"),
        (one_of_them, "argmax", 1, "softmax"),
        (rounded_to_whole, "long", 1, "has a derivative"),
        (copied, "tensor", 1, ".clone()"),
        (copied_as_new, "new_tensor", 1, ".clone()"),
        (detached_in_place, "detach_", 1, "detach"),
        (a_function_without_gradients, "no_grad", 5, "Move that computation out"),
        (a_parameter_of_it, "Parameter", 1, ".clone()"),
        (compared, "bucketize", 1, "has a derivative"),
    ],
)
def test_what_was_cut_off_names_the_operation_and_the_line(between, operation, offset, cure):
    model = Two(between)
    recording = recorded(model, lambda: model(X))
    (problem,) = of(recording, "first.weight")
    assert (problem.problem, problem.operation, problem.source) == ("no gradient", operation, line(between, offset))
    assert problem.names == ("first.weight", "first.bias") and not problem.possible
    assert "whose result went into AddmmBackward0 (second" in problem.why and cure in problem.cure
    assert recording.why("first.bias")[0].startswith(
        f"first.bias gets no gradient: the graph was cut between it and loss by {operation} ({problem.source})"
    )
    assert of(recording, "second.weight") == []


@pytest.mark.parametrize(
    "between",
    [
        lambda h: h * 2,
        lambda h: h * (h > -9),
        lambda h: h.clone(),
        lambda h: h * nn.Parameter(torch.ones(3)),
        lambda h: h * nn.Parameter(nn.Parameter(torch.ones(3))),
        lambda h: (h.detach() * 2, h)[1],
        lambda h: h.to(torch.float64).float(),
        lambda h: h[h.argmax(1) % 2],
        lambda h: (torch.no_grad()(lambda: h * 2)(), h)[1],
    ],
)
def test_what_was_not_cut_off_is_not_reported(between):
    model = Two(between)
    assert recorded(model, lambda: model(X)).problems() == ()


def test_a_tensor_that_a_cut_gave_has_none_itself():
    def program():
        kept.append(model.first(X).detach())
        return (kept[0] * w).sum()

    model, kept, w = Two(None), [], torch.ones(3, requires_grad=True)
    with tracer.record(model, reads=True) as notes:
        loss = program()
    recording = traced(loss, names={"kept": kept[0], "w": w}, notes=notes)
    said = f"kept gets no gradient: it has no history, since detach ({line(program)}) cut off what it was made of."
    assert recording.why("kept") == (said, "Take that detach out, if the gradient is to go on here.")
    assert of(recording, "w") == []


def test_a_leaf_that_was_made_of_a_detached_one_has_a_gradient_of_its_own():
    w = torch.ones(3, requires_grad=True)
    with tracer.record(reads=True) as notes:
        x = (w * 2).detach().requires_grad_()
        p = nn.Parameter(w * 3)
        loss = (x * p).sum()
    recording = traced(loss, names={"w": w, "x": x, "p": p}, notes=notes)
    assert [problem.names for problem in recording.problems()] == [("w",), ("w",)]
    assert [problem.operation for problem in recording.problems()] == ["detach", "Parameter"]
    assert all("whose result went into MulBackward0" in problem.why for problem in recording.problems())
    assert recording.why("x")[0].startswith("x: backward of loss gives it a gradient")


def test_a_value_that_left_torch_may_have_come_back():
    def program():
        return model.second(torch.full((2, 3), float(model.first(X).sum()))).sum()

    model = Two(None)
    recording = recorded(model, program)
    (problem,) = of(recording, "first.weight")
    assert problem.possible and problem.problem == "possibly no gradient"
    assert problem.operation == "linear" and f"it left torch at __float__ ({line(program)})" in problem.why
    numpy = Two(lambda h: torch.from_numpy(h.detach().numpy()) * 2)
    (problem,) = of(recorded(numpy, lambda: numpy(X)), "first.weight")
    assert problem.possible and "it left torch at numpy (test_missing.py:" in problem.why


def test_one_of_several_paths_is_a_remark():
    def both(h):
        return h * h.detach().sigmoid()

    model = Two(both)
    recording = recorded(model, lambda: model(X))
    assert recording.problems() == ()
    said = recording.why("first.weight")
    assert said[0].startswith("first.weight: backward of loss gives it a gradient of norm")
    assert any("another path from it, which detach (" + line(both) + ") cut off" in text for text in said)
    assert not any("another path" in text for text in recording.why("second.weight"))


def test_frozen_by_itself_by_its_parent_and_only_after_the_forward_pass():
    model = Two(torch.relu)
    with tracer.record(model, reads=True) as notes:
        model.first.requires_grad_(False)
        loss = model(X)
        model.second.bias.requires_grad = False
    recording = traced(loss, model=model, notes=notes)
    source = line(test_frozen_by_itself_by_its_parent_and_only_after_the_forward_pass, 3)
    assert recording.why("first.weight")[0] == (
        f"first.weight gets no gradient: its requires_grad is False, last set at {source}, as is that of all 2 "
        "parameters of first."
    )
    (late,) = of(recording, "second.bias")
    assert "only after the forward pass" in late.why and "all" not in late.why
    loss.backward()
    assert model.second.bias.grad is None and model.second.weight.grad is not None  # torch says so too
    assert of(recording, "second.weight") == []


def test_turned_on_only_after_the_forward_pass():
    model = Two(torch.relu)
    model.first.requires_grad_(False)
    with tracer.record(model, reads=True) as notes:
        loss = model(X)
        model.requires_grad_(True)
    recording = traced(loss, model=model, notes=notes)
    (problem,) = of(recording, "first.weight")
    assert problem.operation == "linear" and "was set to True only afterwards" in problem.why
    assert line(test_turned_on_only_after_the_forward_pass, 5) in problem.why
    assert of(recording, "second.weight") == []


def test_another_leaf_that_was_turned_on_after_or_before():
    w, x, y = torch.ones(3, requires_grad=True), torch.ones(3), torch.ones(3)
    with tracer.record(reads=True) as notes:
        y.requires_grad_()
        loss = (w * x * y).sum()
        x.requires_grad_()
    recording = traced(loss, names={"w": w, "x": x, "y": y}, notes=notes)
    (problem,) = recording.problems()
    source = line(test_another_leaf_that_was_turned_on_after_or_before, 5)
    assert problem.where == "x" and problem.possible and f"last set at {source}" in problem.why


def test_integers_have_none():
    w, k = torch.ones(3, requires_grad=True), torch.arange(3)
    recording = traced((w * k).sum(), names={"w": w, "k": k})
    assert recording.why("k")[0] == (
        "k gets no gradient: it holds int64 numbers, and only floating-point and complex tensors can have gradients."
    )
    assert recording.problems() == ()  # no one expects it to have one


def test_a_module_that_was_not_called_and_one_that_took_another_way():
    class Branches(Two):
        def forward(self, x):
            return self.first(x).sum() if len(x) > 100 else (x @ self.second.weight).sum()

    class Skips(nn.Linear):
        def forward(self, x):
            return x

    model = nn.Sequential(Skips(3, 3), Branches(None), nn.Linear(3, 3))

    def program():
        return model[1](model[0](X))

    recording = recorded(model, program)
    assert (
        "0, which has it, was called, but autograd recorded no operation that read it"
        in of(recording, "0.weight")[0].why
    )
    assert "1.first, which has it, was not called" in of(recording, "1.first.weight")[0].why
    assert "2, which has it, was not called" in of(recording, "2.bias")[0].why
    assert of(recording, "1.second.weight") == []  # its module was not called either, and yet it was used
    assert not any(problem.possible for problem in recording.problems())


def test_an_output_that_is_not_used():
    class Aside(Two):
        def forward(self, x):
            self.aside = self.first(x)
            return self.second(x).sum()

    model = Aside(None)
    recording = recorded(model, lambda: model(X))
    (problem,) = of(recording, "first.weight")
    assert (problem.operation, problem.possible) == ("linear", False)
    assert "used it, but nothing that came of it went into loss" in problem.why


def test_a_parameter_that_was_made_anew():
    model = Two(torch.relu)
    with tracer.record(model, reads=True) as notes:
        loss = model(X)
        model.first.weight = nn.Parameter(torch.ones(3, 3))
    recording = traced(loss, model=model, notes=notes)
    (problem,) = of(recording, "first.weight")
    assert problem.why.startswith("When first ran, it had another tensor in this place")
    assert of(recording, "first.bias") == []
    loss.backward()
    assert model.first.weight.grad is None


def test_parameters_that_were_lent_for_a_call():
    model = Two(torch.relu)
    lent = {name: value.detach().requires_grad_() for name, value in model.named_parameters()}
    (problem,) = of(recorded(model, lambda: torch.func.functional_call(model, lent, (X,))), "first.weight")
    assert "or others were lent for that call" in problem.why
    followed = {name: value * 1 for name, value in model.named_parameters()}
    assert recorded(model, lambda: torch.func.functional_call(model, followed, (X,))).problems() == ()


def test_data_of_another_shape():
    model = Two(torch.relu)
    with tracer.record(model, reads=True) as notes:
        loss = model(X)
    model.first.weight.data = torch.ones(5, 5)
    recording = traced(loss, model=model, notes=notes, gradients=False)
    (problem,) = recording.problems()
    assert (problem.problem, problem.where) == ("other shape", "first.weight")
    assert "is [5, 5] now and was [3, 3]" in problem.why
    model.first.weight.data = torch.zeros(3, 3)
    assert traced(loss, model=model, notes=notes, gradients=False).problems() == ()


class Gives(torch.autograd.Function):
    """Multiplies two tensors, and gives back no gradient for the second."""

    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(b)
        return a * b

    @staticmethod
    def backward(ctx, gradient):
        return gradient * ctx.saved_tensors[0], None


def test_a_custom_backward_that_gives_none():
    model = Two(lambda h: Gives.apply(h, h * 2))
    a, b = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
    recording = traced(Gives.apply(a, b * 2).sum(), names={"a": a, "b": b})
    (problem,) = recording.problems()
    assert (problem.where, problem.operation) == ("b", "GivesBackward")
    assert problem.why == "GivesBackward hands back nothing (None) for its input 1, which leads to it."
    assert recorded(model, lambda: model(X)).problems() == ()  # there the other path brings one


def test_a_custom_function_is_no_cut():
    model = Two(lambda h: Gives.apply(h, X))
    recording = recorded(model, lambda: model(X))
    assert recording.cuts() == () and recording.problems() == ()
    behind = Two(lambda h: Gives.apply(h, X).detach())
    assert of(recorded(behind, lambda: behind(X)), "first.weight")[0].operation == "detach"


def test_a_reentrant_checkpoint_hides_and_without_a_gradient_to_go_on_gives_none():
    model = Two(None)
    x = torch.ones(2, 3, requires_grad=True)

    def through(start):
        return model.second(checkpoint(model.first, start, use_reentrant=True)).sum()

    recording = recorded(model, lambda: through(x), x=x)
    assert recording.problems() == ()  # backward() computes it
    assert "is used inside a reentrant checkpoint, CheckpointFunctionBackward" in recording.why("first.weight")[0]
    with pytest.warns(UserWarning, match="None of the inputs"):
        dead = recorded(model, lambda: through(X))
    (problem,) = of(dead, "first.weight")
    assert problem.operation == "checkpoint" and problem.source == line(through)
    assert "use_reentrant=False" in problem.cure
    assert of(dead, "second.weight") == []


def test_a_traced_tensor_without_a_graph():
    model = Two(torch.relu)

    def program():
        return model(X).detach() * 2

    recording = recorded(model, program)
    (problem,) = of(recording, "loss")
    assert (problem.problem, problem.operation, problem.source) == ("no graph", "detach", line(program))
    assert of(recording, "first.weight")[0].operation == "detach"
    bare = traced(model(X).detach(), model=model, gradients=False)
    assert of(bare, "loss")[0].possible


def test_without_a_recording_the_causes_are_possible_only():
    model = Two(torch.detach)
    recording = traced(model(X), model=model)
    (problem,) = recording.problems()
    assert problem.possible and problem.names == ("first.weight", "first.bias")
    assert "Possible causes: it was not used" in problem.why and "tracer.record" in problem.cure
    partly = Two(torch.detach)
    h = partly.first(X)
    with tracer.record(partly, reads=True) as notes:
        loss = partly.second(h.sigmoid()).sum()
    assert tracer.trace(loss, model=partly, notes=notes, gradients=True).problems() == ()
    with tracer.record(partly, reads=True) as notes:
        pass
    assert traced(model(X), model=model, notes=notes, gradients=False).problems()[0].possible


def test_a_recording_that_did_not_follow_reads_names_the_cuts_as_possible():
    model = Two(detached)
    with tracer.record(model) as notes:
        loss = model(X)
    assert notes.cuts.reads is None
    recording = traced(loss, model=model, notes=notes)
    (problem,) = recording.problems()
    assert problem.possible and problem.names == ("first.weight", "first.bias")
    assert f"The graph was cut at detach ({line(detached)}); what lies behind was not recorded." in problem.why
    assert "reads=True" in problem.cure
    whole = Two(torch.relu)
    with tracer.record(whole) as notes:
        loss = whole(X)
    assert tracer.trace(loss, model=whole, notes=notes, gradients=True).problems() == ()
    model.first.requires_grad_(False)
    with tracer.record(model) as notes:
        loss = model(X)
    (problem,) = tracer.trace(loss, model=model, notes=notes).problems()
    assert not problem.possible and "requires_grad is False" in problem.why


def test_no_leaf_keeps_no_grad_unless_it_is_asked_to():
    x = torch.ones(3, requires_grad=True)
    h, kept = x * 2, x * 3
    kept.retain_grad()
    recording = traced((h * kept).sum(), names={"x": x, "h": h, "kept": kept})
    assert recording.problems() == ()
    assert recording.why("h")[1:] == (
        "h: its .grad stays None, since it is the result of an operation, MulBackward0, and not a leaf.",
        "Call its retain_grad() before backward().",
    )
    assert len(recording.why("kept")) == len(recording.why("x")) == 1


def test_no_grad_yet_is_not_no_gradient():
    x = torch.ones(3, requires_grad=True)
    loss = (x * 2).sum()
    said = traced(loss, names={"x": x}).why("x")
    assert said == (
        "x: backward of loss gives it a gradient of norm 3.464; its .grad is None until backward() has run, and again "
        "after zero_grad().",
    )
    loss.backward(retain_graph=True)
    assert "None" not in traced(loss, names={"x": x}).why("x")[0]


def test_a_graph_that_is_freed_says_what_is_not_known():
    x = torch.ones(3, requires_grad=True)
    loss = (x * x).sum()
    loss.backward()
    recording = traced(loss, names={"x": x}, gradients=False)
    assert recording.problems() == ()
    assert "was not measured" in recording.why("x")[0]


def test_names_are_found_in_each_of_their_ways_and_near_ones_are_offered():
    model = Two(torch.relu)
    model.tied = model.first.weight
    recording = recorded(model, lambda: model(X))
    assert recording.why("tied") == recording.why("tied = first.weight") == recording.why("model.first.weight")
    with pytest.raises(tracer.TracerError, match=r"no tensor “secnd\.bias”.*second\.bias"):
        recording.why("secnd.bias")
    with pytest.raises(tracer.TracerError, match=r"first\.bias, second\.bias"):
        recording.why("bias")


def test_a_file_tells_the_same_and_one_of_an_older_version_what_it_can(tmp_path):
    model = Two(torch.detach)
    recording = recorded(model, lambda: model(X))
    recording.save(tmp_path / "a.json")
    again = tracer.Recording.load(tmp_path / "a.json")
    assert again.problems() == recording.problems() and again == recording
    text = recording.to_json()
    old = tmp_path / "old.json"
    facts = json.loads(text)
    for tensor in facts["facts"]["tensors"]:
        del tensor["standing"]
    for cut in facts["facts"]["cuts"]:
        del cut["behind"]
    old.write_text(json.dumps(facts))
    assert all(problem.possible for problem in tracer.Recording.load(old).problems())


def test_many_inputs_that_come_and_go_keep_the_masks_short():
    model = Two(torch.detach)
    with tracer.record(model, reads=True) as notes:
        for _ in range(3000):
            x = torch.ones(1, requires_grad=True)
            x * 2
        loss = model(X)
    assert notes.cuts.reads._count < 2500
    assert of(tracer.trace(loss, model=model, notes=notes), "first.weight")[0].operation == "detach"


def test_deep_graphs_are_not_gone_through_again_and_again():
    x = torch.zeros(1, requires_grad=True)
    leaves = [torch.zeros(1, requires_grad=True) for _ in range(300)]
    y = x
    for leaf, _ in zip(itertools.cycle(leaves), range(3000), strict=False):
        y = y * 2 + leaf
    recording = tracer.trace(
        {"y": y * 0}, names={"x": x, **{f"l{i}": one for i, one in enumerate(leaves)}}, gradients=True
    )
    (problem,) = [row for row in recording.problems() if row.problem == "zero gradient"]
    assert problem.operation == "MulBackward0" and len(problem.names) == 301
