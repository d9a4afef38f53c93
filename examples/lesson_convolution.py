"""The notes' first example: 20 channels of 64 × 128, 16 kernels of 3 × 5.

python examples/lesson_convolution.py [conv.svg]
"""

from __future__ import annotations

import sys

import tracer

# 20 channels in, 16 kernels of 20 × 3 × 5, one bias a kernel. A position needs 3 rows and 5 columns,
# so 64 − 3 + 1 = 62 rows and 128 − 5 + 1 = 124 columns come out.
layer = tracer.Convolution(
    layer="Conv2d", in_channels=20, out_channels=16, kernel_size=(3, 5), input_size=(64, 128), device="cpu"
)
recording = tracer.run(layer)

print("What goes in, what is learned, what comes out")
for row in recording.shapes():
    print(f"  {row.name:7} {row.role:10} {list(row.shape)}")

print("What flows back from the mean of the output")
for row in recording.gradients():
    print(f"  {row.name:7} {row.made_by:22} norm {row.norm:.6g}")

if len(sys.argv) > 1:
    recording.save(sys.argv[1])
