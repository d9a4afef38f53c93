"""The notes' second example: what autograd records for a = mean(3 (x − 2)²), and what flows back through it.

python examples/lesson_autograd.py [autograd.svg]
"""

from __future__ import annotations

import sys

import torch

import tracer

x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
y = x - 2
z = y * y * 3
a = z.mean()

# Autograd wrote down every operation. y is used twice in y * y, so two arrows run from Sub to Mul.
recording = tracer.trace({"a": a}, names={"x": x, "y": y, "z": z}, gradients=True)

print("What autograd recorded, inputs first")
for node in recording.graph.nodes:
    print(f"  {node.index}  {node.name:15} {node.label or ''}")
print("Who hands on to whom")
for edge in recording.graph.edges:
    print(f"  {edge.producer} → {edge.consumer}")

# By hand: ∂a/∂x = ¼ · 3 · 2 (x − 2) = 1.5 x − 3. Tracing has not touched x.grad; backward() fills it.
flowed = next(row for row in recording.gradients() if row.name == "x")
a.backward()
print("The gradient of x")
print(f"  traced   {list(flowed.values)}")
print(f"  by hand  {(1.5 * x.detach() - 3).flatten().tolist()}")
print(f"  x.grad   {x.grad.flatten().tolist()}")

# The same as a program: it runs in a process of its own, and is checked with finite differences.
program = tracer.run(tracer.Expression("y = x - 2\nz = y * y * 3\na = z.mean()", inputs={"x": [[1, 2], [3, 4]]}))
check = next(row.check for row in program.gradients() if row.name == "x")
print(f"  checked  {check.agreed} of {check.tried} elements agree with finite differences")

if len(sys.argv) > 1:
    recording.save(sys.argv[1])
