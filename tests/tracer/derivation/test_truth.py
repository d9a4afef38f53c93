"""Everything that stands between two = is equal: each form of each line is computed by itself and compared."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from golden_programs import PROGRAMS, Program
from reading_numbers import numbers_of
from small_programs import array, derived

from tracer.algebra.evaluate import evaluate
from tracer.algebra.reading import read
from tracer.derivation.adjoints import number_of
from tracer.derivation.derive import ByHand
from tracer.derivation.sentences import Links, Sentence, sentences

SQUARE = "L = (y**2).sum()"
MORE = (
    Program("slices", ("y = x[:, 1:] * x[:, :-1]", SQUARE), {"x": "3x4"}, "x"),
    Program("a shared leaf", ("y = x * x", "z = y + x", "L = (y * z).mean()"), {"x": "2x3"}, "x"),
    Program("einsum", ("y = torch.einsum('bij,bjk->bik', a, b)", SQUARE), {"a": "2x2x3", "b": "2x3x2"}, "a"),
    Program("reshaped", ("y = x.reshape(3, 4) @ w", SQUARE), {"x": "2x6", "w": "4"}, "x"),
    Program("gathered", ("y = x[i] * x", SQUARE), {"x": "3", "i": [2, 0, 2]}, "x", "i"),
    Program("strides", ("y = F.conv1d(x, w, stride=2, padding=1)", SQUARE), {"x": "1x2x7", "w": "3x2x3"}, "x"),
    Program("inverse", ("y = torch.linalg.solve(A + 5*torch.eye(3), b)", SQUARE), {"A": "3x3", "b": "3"}, "A"),
    Program("products", ("y = x.prod(1) + x.cumprod(1).sum(1)", SQUARE), {"x": "2x3"}, "x"),
    Program("chosen", ("y = torch.where(x > 0, x**2, -x)", "z = y.clamp(0.1, 2)", "L = z.mean()"), {"x": "2x3"}, "x"),
    Program("extremes", ("v, k = x.max(1)", "s = x.sort(0).values", "L = (v * s[0, 0]).sum()"), {"x": "2x3"}, "x"),
    Program("attention", ("y = F.scaled_dot_product_attention(q, k, v)",), dict.fromkeys("qkv", "1x2x3"), "q"),
    Program("scaled rows", ("y = x / x.norm(dim=1, keepdim=True)", "L = (y @ w).sum()"), {"x": "2x3", "w": "3"}, "x"),
)


def cases(programs: tuple[Program, ...]) -> list[Any]:
    return [pytest.param(program, id=program.title) for program in programs]


def by_hand(program: Program) -> ByHand:
    return derived("\n".join(program.lines), program.inputs, program.constants, gradient=program.gradient)


def lines(found: ByHand) -> list[Sentence]:
    return [line for one in found.derived for line in sentences(found.ran, found.steps, found.ran.inputs[one.name])]


@pytest.mark.parametrize("program", cases(PROGRAMS + MORE))
def test_every_form_of_every_line_is_equal(program: Program) -> None:
    found = by_hand(program)
    compared = 0
    for line in lines(found):
        forms = [evaluate(e, line.over, number_of) for e in line.right if not isinstance(e, Links)]
        if line.left[0][2] is None:
            forms.append(line.left[0][0].value)
        if line.decimals is not None:
            forms.append(evaluate(line.decimals, line.over, number_of))
        for a, b in itertools.pairwise(forms):
            np.testing.assert_allclose(a, b, 1e-9, 1e-9, err_msg=str(line.left))
            compared += 1
    assert compared > 0


@pytest.mark.parametrize("program", cases(PROGRAMS + MORE))
def test_the_reading_in_matrices_is_equal_too(program: Program) -> None:
    for line in lines(by_hand(program)):
        over = tuple(one for one in line.over if one.size != 1)
        for e in line.right:
            reading = None if isinstance(e, Links) or len(over) < len(line.over) else read(e, over)
            if reading is not None:
                expected = evaluate(e, line.over, number_of)
                np.testing.assert_allclose(numbers_of(reading, expected.shape), expected, 1e-9, 1e-9)


def test_there_are_readings() -> None:
    program = next(one for one in PROGRAMS if one.title == "A network of two layers")
    found = by_hand(program)
    told = [line.text for line in found.derived[0].lines if line.kind == "tensors"]
    assert "∂L/∂W = Xᵀ (∂L/∂h ⊙ (1 − h∘²)) = ¼ Xᵀ (((y − t) Vᵀ) ⊙ (1 − h∘²))" in told


def test_the_numbers_of_an_input_are_those_of_the_last_form_shown() -> None:
    found = derived("y = x - 2; z = 3*y**2; a = z.mean()", {"x": "2x2"})
    expected = 1.5 * (array("2x2") - 2)
    np.testing.assert_allclose(found.derived[0].value, expected)
