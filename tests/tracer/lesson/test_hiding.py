from __future__ import annotations

from tracer.experiment import Convolution, Expression
from tracer.lesson.hiding import hidden, joined, still_hidden
from tracer.lesson.steps import Hidden, Result, Solution, Solved
from tracer.lesson.veiling import veiled

PROGRAM = Expression("y = x - 2\nu = y*y\nz = 3*u\na = z.mean()", {"x": [[1, 2], [3, 4]]})
LAYER = Convolution("Conv1d", 1, 2, 3, 7, loss="sum")


def test_a_gradient_is_hidden_with_those_it_flows_on_to(run):
    facts = run(PROGRAM)
    found = hidden(facts, "grad(y)[1, 1]")
    assert set(found.gradients) == {"y", "x"}
    assert found.gradient_nodes == (0, 1)
    assert found.gradient_edges == (0, 1, 2)  # into x, and both into y
    assert found.derivation
    assert not found.values and not found.graph


def test_the_gradient_of_a_leaf_hides_all_of_backward(run):
    found = hidden(run(PROGRAM), "grad(x)")
    assert set(found.gradients) == {"x", "y", "u", "z", "a"}
    assert len(found.gradient_edges) == 5
    assert not found.values


def test_a_gradient_with_the_same_numbers_is_hidden_too(run):
    program = Expression("y = x - 2\nz = y + 1\na = (z*z).mean()", {"x": [1, 2]})
    assert set(hidden(run(program), "grad(y)").gradients) == {"x", "y", "z"}


def test_a_value_is_hidden_with_what_follows_from_it_and_every_gradient(run):
    found = hidden(run(PROGRAM), "value(u)[0, 0] + 1")
    assert set(found.values) == {"u", "z", "a"}
    assert set(found.gradients) == {"x", "y", "u", "z", "a"}
    assert not found.shapes


def test_a_shape_is_hidden_with_values_and_cost(run):
    found = hidden(run(LAYER), "shape(y)")
    assert set(found.shapes) == set(found.values) == {"y", "loss"}
    assert found.cost
    assert "weight" in found.gradients and "weight" not in found.shapes


def test_the_cost_hides_the_shapes_that_it_is_counted_from(run):
    assert {"weight", "bias", "y"} <= set(hidden(run(LAYER), "cost(parameters)").shapes)


def test_what_the_graph_tells_hides_the_graph(run):
    for query in ("arrows(y, u)", "nodes()", "grad_fn(x)", "constants()"):
        assert hidden(run(PROGRAM), query).graph, query
    assert hidden(run(PROGRAM), "passes(1)").lines


def test_the_matrix_is_hidden(run):
    assert hidden(run(LAYER), "toeplitz(0)[1]").matrix


def test_settings_and_the_right_answer_hide_nothing(run):
    assert hidden(run(LAYER), "input_size[0] - kernel_size[0] + 1") == Hidden()


def test_what_is_answered_is_hidden_no_longer():
    first, second = Hidden(values=("y",)), Hidden(gradients=("x",), graph=True)
    solution = Solution(tuple(Solved("word", Result(), (), one, "") for one in (first, second)), ())
    assert still_hidden(solution, frozenset()) == joined([first, second])
    assert still_hidden(solution, {0}) == second
    assert still_hidden(solution, {0, 1}) == Hidden()


def test_veiled_facts_have_nothing_that_is_hidden(run):
    facts = run(PROGRAM)
    bare = veiled(facts, hidden(facts, "value(u)"))
    assert {tensor.name for tensor in bare.tensors if tensor.values} == {"x", "y"}
    assert not any(row.values or row.statistics for row in (*(bare.gradients or ()), *(bare.edge_gradients or ())))
    assert not bare.derivations
    assert not {row.name for row in bare.lines} & {"u", "z", "a"}
    assert veiled(facts, Hidden()) == facts
