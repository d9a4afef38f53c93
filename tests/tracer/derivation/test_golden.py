"""Twenty derivations as a person reads them, in tests/golden/derivations.txt; DERIVATIONS_UPDATE=1 writes it anew."""

from __future__ import annotations

import os
import pathlib
import re

from golden_programs import PROGRAMS, Program
from small_programs import derived, text

GOLDEN = pathlib.Path(__file__).parents[2] / "golden" / "derivations.txt"


def written(program: Program) -> str:
    found = derived("\n".join(program.lines), program.inputs, program.constants, gradient=program.gradient)
    lines = [f"    {line}" for line in program.lines]
    return "\n".join([program.title, "", *lines, "", *text(found, program.by)])


def test_the_derivations_read_as_they_did() -> None:
    found = "\n\n\n".join(map(written, PROGRAMS)) + "\n"
    if os.environ.get("DERIVATIONS_UPDATE"):
        GOLDEN.write_text(found, encoding="utf-8")
    assert len(PROGRAMS) == 20
    assert found == GOLDEN.read_text(encoding="utf-8")


def test_the_lesson_reads_as_on_the_blackboard() -> None:
    """Figure 11, in whichever spelling the square is written."""
    for square in ("z = 3*y**2", "z = y*y*3", "z = 3*y.pow(2)", "z = 3*y.square()"):
        found = derived(f"y = x - 2\n{square}\na = z.mean()", {"x": [[1.0, 2.0], [3.0, 4.0]]})
        assert text(found, "x") == [
            "i runs over all 4 elements",
            "yᵢ = xᵢ − 2",
            "zᵢ = 3yᵢ² = 3(xᵢ − 2)²",
            "a = ¼ Σᵢ zᵢ = ¼ Σᵢ 3(xᵢ − 2)²",
            "∂a/∂xᵢ = ∂a/∂zᵢ·∂zᵢ/∂yᵢ·∂yᵢ/∂xᵢ = ¼·3·2yᵢ",
            "∂a/∂xᵢ = ¼·3·2(xᵢ − 2) = 3⁄2·(xᵢ − 2) = 1.5xᵢ − 3",
        ]
        assert found.derived[0].value is not None
        assert found.derived[0].value.tolist() == [[-1.5, 0], [1.5, 3]]


COMMANDS = """, \\ frac sum prod partial cdot sqrt top odot boldsymbol operatorname mathrm exp log tanh max
min ge le ne lnot pi mu ell hat quad circ infty begin end Big"""


def test_latex_holds_only_commands_that_are_drawn() -> None:
    for program in PROGRAMS:
        found = derived("\n".join(program.lines), program.inputs, program.constants, gradient=program.gradient)
        for line in (line for one in found.derived for line in one.lines):
            for part in line.parts:
                if part.latex is not None:
                    assert set(re.findall(r"\\([a-zA-Z]+|.)", part.latex)) <= set(COMMANDS.split()), part.latex
                    assert part.latex.count("{") == part.latex.count("}")
                    assert part.latex.count(r"\Big(") == part.latex.count(r"\Big)")
                    assert not re.search(r"[₀-₉ᵢⱼₖ⁰-⁹Σ∂−]", part.latex), part.latex
