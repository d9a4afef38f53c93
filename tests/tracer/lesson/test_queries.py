from __future__ import annotations

from fractions import Fraction

import pytest

from tracer.errors import InvalidSetting
from tracer.experiment import Convolution, Expression
from tracer.facts import Facts
from tracer.graph import Graph
from tracer.lesson.queries import OF_FACTS, ask, functions
from tracer.lesson.query_syntax import NAMED, calls
from tracer.lesson.results import both, filled, found, result

PROGRAM = Expression("y = x - 2\nu = y*y\nz = 3*u\na = z.mean()", {"x": [[1, 2], [3, 4]]})
STACK = ({"kind": "Conv", "kernel_size": 3},)
LAYER = Convolution(
    "Conv1d", 1, 2, 3, 7, bias=False, loss="sum", input=[[[1, 3, 2, 0, -1, 4, 5]]], weight=[[[1, 0, -1]], [[1, 2, 1]]]
)

ASKED = [  # of the program
    ("value(a)", "9/2"),
    ("grad(y)[1, 1]", "3"),
    ("grad(x)", "[[−3/2, 0], [3/2, 3]]"),
    ("arriving(y)[0, 1, 1]", "3/2"),
    ("arriving(y)[0] + arriving(y)[1]", "[[−3/2, 0], [3/2, 3]]"),
    ("shape(x)", "2 × 2"),
    ("shape(a)", "scalar"),
    ("count(x)", "4"),
    ("grad_fn(u)", "MulBackward0"),
    ("grad_fn(x)", "None"),
    ("tracked(a)", "True"),
    ("nodes()", "5"),
    ("nodes(MulBackward0)", "2"),
    ("arrows()", "5"),
    ("arrows(y, u)", "2"),
    ("arrows(x)", "1"),
    ("constants()", "2"),
    ("passes(1)", "1"),
    ("differences(x)[0, 0]", "−1.5"),
    ("transpose(value(x))", "[[1, 3], [2, 4]]"),
    ("value(x) @ value(x)", "[[7, 10], [15, 22]]"),
    ("reverse(value(x)[0])", "[2, 1]"),
    ("sum(value(x), 0)", "[4, 6]"),
    ("mean(value(z))", "9/2"),
    ("norm((3, 4))", "5"),
    ("norm(value(x)[0])", "2.236068"),
    ("-value(x)[0, 1] ** 2 // 3", "−2"),
    ("7 % 4 + max((1, 2)) − min((1, 2)) · 2", "3"),
    ("ceil(log2(500 / 3))", "8"),
    ("floor(7/2)", "3"),
    ("length(shape(x))", "2"),
    ("value(x)[:, 0] / 5", "[0.2, 0.6]"),
]


@pytest.mark.parametrize("query, text", ASKED)
def test_what_a_recording_of_a_program_is_asked(query, text, run):
    assert found(run(PROGRAM), query).text == text


OF_LAYER = [
    ("value(y)[0, 1]", "[9, 7, 1, 2, 12]"),
    ("toeplitz(0)[1]", "[0, 1, 0, −1, 0, 0, 0]"),
    ("toeplitz(1) @ value(x)[0, 0]", "[9, 7, 1, 2, 12]"),
    ("(batch, out_channels, input_size[0] - kernel_size[0] + 1)", "[1, 2, 5]"),
    ("cost(joined)", "30"),
    ("stride[0] + padding[0] + dilation[0] + groups + in_channels", "4"),
    ("sees(1)", "3"),
    ("real_taps(0)", "3"),
    ("with_real_taps(3)", "5"),
]


@pytest.mark.parametrize("query, text", OF_LAYER)
def test_what_a_recording_of_a_layer_is_asked(query, text, run):
    assert found(run(LAYER), query).text == text


REFUSED = [
    ("grad(q)", "no tensor “q”"),
    ("grad(x", "can't be read"),
    ("", "can't be read"),
    ("value(x)[5]", "out of bounds"),
    ("value(a)[0]", "one number"),
    ("foo(x)", "no “foo”"),
    ("y", "no “y” here"),
    ("expected", "no “expected” here"),
    ("1/0", "divides by zero"),
    ("2 ** 65", "too large"),
    ("(10**9) ** 60 ** 2", "too large"),
    ("((9**60)**60)**60", "too large"),
    ("grad_fn(x) + 1", "is a word"),
    ("passes(40)", "line 40"),
    ("passes(1/2)", "whole number"),
    ("cost(bias)", "Only a layer"),
    ("True", "numbers and names only"),
    ("x.grad.data", "made of names"),
    ("(lambda: 1)()", "made of names"),
    ("__import__('os').system('true')", "made of names"),
    ("[n for n in (1, 2)]", "made of names"),
    ("grad(1)", "stand names"),
    ("((1, 2), (3,))", "differ in length"),
    ("value(x) @ (1, 2, 3)", "finds nothing"),
    ("sum(1, 2, 3, 4)", "finds nothing"),
    ("-" * 400 + "1", ""),
    ("1+" * 400 + "1", "500 letters"),
]


@pytest.mark.parametrize("query, words", REFUSED)
def test_a_query_that_finds_nothing_says_why(query, words, run):
    if not words:  # as deep as a query can be: whatever comes, it is no crash
        assert ask(run(PROGRAM), query) == Fraction(1)
        return
    with pytest.raises(InvalidSetting) as refused:
        ask(run(PROGRAM), query)
    assert words in str(refused.value)
    assert refused.value.where or not query
    assert refused.value.cure


def test_a_gradient_that_is_none_is_not_asked_for():
    with pytest.raises(InvalidSetting, match="no tensor"):
        ask(Facts(Graph()), "grad(x)")


def test_expected_is_the_right_answer(run):
    assert ask(run(PROGRAM), "expected / 2", Fraction(3)) == Fraction(3, 2)


def test_calls_name_what_is_asked_for():
    assert set(calls("grad(y)[1, 1] + sum(value(x.grad)) - expected + batch * nodes()")) == {
        ("grad", "y"), ("sum", ""), ("value", "x.grad"), ("", "expected"), ("", "batch"), ("nodes", ""),
    }  # fmt: skip


def test_every_function_of_the_facts_says_what_it_gives():
    told = functions()
    assert set(told) == set(OF_FACTS)
    assert all((words.startswith(name) and words.endswith((".", ":"))) or "(" in words for name, words in told.items())
    assert set(NAMED) <= set(OF_FACTS)


def test_texts_are_filled(run):
    assert filled("{grad(y)[1, 1]} of {shape(x)}", run(PROGRAM)) == "3 of 2 × 2"


@pytest.mark.parametrize("kind", ["word", "list", "shape"])
def test_another_kind_is_refused(kind):
    with pytest.raises(InvalidSetting, match="number"):
        result(Fraction(3), kind)


@pytest.mark.parametrize(
    "value, text", [(Fraction(9, 2), "9/2 = 4.5"), (Fraction(1, 3), "1/3"), (Fraction(5), "5"), (0.25, "0.25")]
)
def test_a_fraction_is_written_as_a_decimal_too(value, text):
    assert both(result(value)) == text
