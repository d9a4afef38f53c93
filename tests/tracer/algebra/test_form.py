"""What is worked out for one form holds for all of it: with their own names, and with sums that share no index."""

from __future__ import annotations

from typing import Any

from tracer.algebra import index
from tracer.algebra.expressions import Expr, add, element, every, multiply, number, total
from tracer.algebra.form import once_for_a_form
from tracer.algebra.tidy import best


def twice_a_sum(tensor: Any, other: Any) -> Expr:
    """Σⱼ aᵢⱼ·b + Σⱼ aᵢⱼ·b, of which both sums are alike."""
    i, j = index.symbols((2, 3))
    term = multiply(element(tensor, (index.atom(i), index.atom(j))), element(other, ()))
    return add(total((j,), term), total((j,), term))


def test_one_form_is_worked_out_once_whatever_its_names() -> None:
    seen = []
    counted = once_for_a_form(lambda e: seen.append(e) or e)  # type: ignore[func-returns-value]
    assert [counted(twice_a_sum(*names)) for names in ("ab", "cd")] and len(seen) == 1
    counted(twice_a_sum("a", "a"))  # the same tensor twice is another form
    assert len(seen) == 2


def test_each_keeps_its_tensors_and_its_free_symbols() -> None:
    e, other = twice_a_sum("a", "b"), twice_a_sum("c", "d")
    for one, names in ((e, {"a", "b"}), (other, {"c", "d"})):
        found = best(one)
        assert {x[1] for x in every(found) if x[0] == "x"} == names
        assert found[1][0] == number(2)
        free = {x[2][0] for x in every(one) if x[0] == "x" and x[2]}
        assert {x[2][0] for x in every(found) if x[0] == "x" and x[2]} == free


def test_the_sums_of_two_results_share_no_index() -> None:
    bound = [{one for x in every(best(twice_a_sum(*names))) if x[0] == "S" for one in x[1]} for names in ("ab", "cd")]
    assert bound[0] and not bound[0] & bound[1]
