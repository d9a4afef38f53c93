"""See what PyTorch's autograd recorded. Everything public is listed here."""

from tracer.api import Recording, assert_all_reached, forecast, record, run, trace, watch
from tracer.errors import TracerError
from tracer.experiment import Convolution, Expression, Input, MatrixVector, Script

__all__ = [
    "Convolution",
    "Expression",
    "Input",
    "MatrixVector",
    "Recording",
    "Script",
    "TracerError",
    "assert_all_reached",
    "forecast",
    "record",
    "run",
    "trace",
    "watch",
]
__version__ = "0.1.0"
