"""Formulas of torch's documentation as a line of text."""

import pytest

from tracer.convolution.plain_math import plain_math

CASES = {
    r"(N, C_{\text{in}}, L)": "(N, C_in, L)",
    r"C_{\text{out}_j}": "C_out_j",
    r"C_\text{in}=C_\text{in} \times \text{K}": "C_in=C_in × K",
    r"\frac{\text{out\_channels}}{\text{in\_channels}}": "out_channels / in_channels",
    r"k = \frac{groups}{C_\text{in} * \text{kernel\_size}}": "k = groups / (C_in × kernel_size)",
    r"\mathcal{U}(-\sqrt{k}, \sqrt{k})": "U(−√k, √k)",
    r"\sum_{k = 0}^{C_{in} - 1} w \star x": "Σ_(k = 0)^(C_in − 1) w ⋆ x",
    r"\prod_{i=0}^{1}\text{kernel\_size}[i]": "Π_(i=0)^1 kernel_size[i]",
    r"L_{out} = \left\lfloor\frac{L_{in} + 2 \times p - 1}{\text{stride}} + 1\right\rfloor": (
        "L_out = ⌊(L_in + 2 × p − 1) / stride + 1⌋"
    ),
    r"\unheard{x}": "unheardx",
    r"a }": "a",
}


@pytest.mark.parametrize("formula", CASES)
def test_a_formula_as_text(formula):
    assert plain_math(formula) == CASES[formula]
