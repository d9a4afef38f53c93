"""What a derivation by hand costs: reading the program, all steps, their text and LaTeX, and their numbers.

    python tests/benchmarks/derivation.py [--times 20]

Run by hand. Each row is one program, derived by each of its inputs; the figure is the median of all times.
"""

from __future__ import annotations

import argparse
import pathlib
import statistics
import sys
import time
from itertools import pairwise

ROOT = pathlib.Path(__file__).parents[1] / "tracer" / "derivation"
sys.path[0] = str(ROOT)  # in the place of this folder, whose tracer.py would hide the package

from golden_programs import PROGRAMS, Program  # noqa: E402
from small_programs import derived  # noqa: E402

SQUARE = {"x": "4x4", "W": "4x4", "V": "4x4"}
MIXED = """a = x * W
b = torch.sin(a) + x
c = a * b
d = torch.exp(-c * c)
e = d / (1 + a * a)
f = torch.relu(e - b)
g = f @ W
h = torch.softmax(g, 1)
k = h * c
l = k.sum(1, keepdim=True) * V
m = torch.sigmoid(l)
n = m.mean(0) + b
o = n.cumsum(1)
p = torch.where(o > 0, o, e)
q = p.T @ V
r = q / q.norm()
s = r.abs() + m
t = torch.log(1 + s * s)
u = t * r - d
L = (u ** 2).mean()"""


def deep(line: str) -> tuple[str, ...]:
    """Repeat a line 19 times, each on what the one before gave, and add up at the end."""
    names = ["V", *(f"h{n}" for n in range(19))]
    return (*(f"{new} = {line.format(old)}" for old, new in pairwise(names)), "L = (h18 * V).mean()")


LONG = (
    Program("20 lines of layers", deep("torch.tanh({} @ W)"), SQUARE, "x"),
    Program("20 lines, x used in each", deep("torch.tanh({} + x)"), SQUARE, "x"),
    Program("20 lines, all of all", tuple(MIXED.split("\n")), SQUARE, "x"),
    Program("a loop of 100 passes", ("y = x * 2", "for k in range(100):", "    y = torch.tanh(y @ W)"), SQUARE, "x"),
)


def median(program: Program, times: int) -> float:
    """Give the median time of a derivation in milliseconds."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        derived("\n".join(program.lines), program.inputs, program.constants, gradient=program.gradient)
        found.append(1000 * (time.perf_counter() - start))
    return statistics.median(found)


def main() -> None:
    """Print a row for each program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    times = parser.parse_args().times
    for program in (*PROGRAMS, *LONG):
        lines = len(program.lines)
        print(f"{program.title:28} {lines:3} lines  {median(program, times):8.1f} ms")


if __name__ == "__main__":
    main()
