"""What can be asked of a recording: the functions and names of queries, read from the facts alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from typing import Any

import msgspec
import numpy as np

from tracer import quantities
from tracer.convolution import receptive_field, stack, taps, toeplitz
from tracer.convolution.cost import cost
from tracer.convolution.layer import Settings
from tracer.convolution.settings import resolve
from tracer.errors import InvalidSetting
from tracer.experiment import Convolution
from tracer.facts import Facts, Tensor
from tracer.graph import Node
from tracer.lesson.list_functions import LIST_FUNCTIONS
from tracer.lesson.query_syntax import Function, Value, array, evaluate, whole
from tracer.values import Values


def ask(facts: Facts, query: str, expected: Value | None = None) -> Value:
    """Give what a query finds in a recording; `expected` is the right answer, for the query of a slip.

    Raises:
        InvalidSetting: it can't be read, or finds nothing; `where` is the query.
    """
    functions: dict[str, Function] = {
        **LIST_FUNCTIONS,
        **{name: partial(function, facts) for name, function in OF_FACTS.items()},
    }
    return evaluate(query, functions, partial(_name, facts, expected))


def _name(facts: Facts, expected: Value | None, name: str) -> Value:
    """Give what a bare name stands for: the right answer, the size of the graph, or a setting of the layer."""
    if name == "expected" and expected is not None:
        return expected
    if isinstance(facts.experiment, Convolution) and name in SETTINGS:
        found = SETTINGS[name](_settings(facts))
        return array([Fraction(number) for number in found]) if isinstance(found, tuple) else Fraction(found)
    raise InvalidSetting(f"There is no “{name}” here", "", "Write value(…), grad(…), shape(…) around a tensor's name")


SETTINGS: Mapping[str, Callable[[Settings], Any]] = {
    "batch": lambda settings: settings.batch or 1,
    "in_channels": lambda settings: settings.in_channels,
    "out_channels": lambda settings: settings.out_channels,
    "groups": lambda settings: settings.groups,
    "input_size": lambda settings: settings.input_size,
    "kernel_size": lambda settings: settings.kernel_size,
    "stride": lambda settings: settings.stride,
    "dilation": lambda settings: settings.dilation,
    "padding": lambda settings: tuple(before for before, _ in settings.padding),
}


def _settings(facts: Facts) -> Settings:
    if not isinstance(facts.experiment, Convolution):
        raise InvalidSetting("Only a layer can be asked for this", "", "Use it in a step with a Convolution")
    return resolve(facts.experiment)


def _tensor(facts: Facts, name: str) -> Tensor:
    found = next((tensor for tensor in facts.tensors if tensor.name == name), None)
    if found is None:
        names = ", ".join(dict.fromkeys(tensor.name for tensor in facts.tensors if tensor.name))
        raise InvalidSetting(f"The recording has no tensor “{name[:40]}”", "", f"Use one of {names}")
    return found


def _numbers(values: Values | None, name: str) -> Value:
    """Give numbers, exact where they are known so: as fractions, or as whole numbers."""
    if values is None:
        cure = "Numbers are held of tensors of up to 10,000 elements"
        raise InvalidSetting(f"The numbers of “{name[:40]}” are not in the recording", "", cure)
    if values.dtype.startswith("complex"):
        raise InvalidSetting("Complex numbers can't be asked for", "", "Use real ones")
    if values.exact is not None:
        found = [Fraction(text) for text in values.exact]
    else:
        found = [_number(number, values.dtype) for number in values.numbers]
    return array(found).reshape(values.shape) if values.shape else found[0]


def _number(number: float, dtype: str) -> Any:
    """Read a number of a tensor: a whole one is exact, another is the shortest decimal that gives it back."""
    if not math.isfinite(number):
        raise InvalidSetting("A number that is asked for is not finite", "", "Ask for another")
    if number == int(number):
        return Fraction(int(number))
    return float(quantities.number(number, dtype).replace(quantities.MINUS, "-"))


def _value(facts: Facts, name: str) -> Value:
    """value(y): the numbers of a tensor, or of what a line of the program gave to a name last."""
    if not any(tensor.name == name and tensor.values for tensor in facts.tensors):
        line = next((line for line in reversed(facts.lines) if line.name == name and line.values), None)
        if line is not None:
            return _numbers(line.values, name)
    return _numbers(_tensor(facts, name).values, name)


def _gradient(facts: Facts, name: str) -> Any:
    tensor = _tensor(facts, name)
    here = (row for row in facts.gradients or () if (row.node, row.output_nr) == (tensor.node, tensor.output_nr))
    found = next(here, None)
    if found is None or found.state != "measured":
        raise InvalidSetting(f"“{name[:40]}” has no gradient here", "", "Ask for one that has")
    return found


def _grad(facts: Facts, name: str) -> Value:
    """grad(y): ∂(output)/∂y, in the shape of y."""
    return _numbers(_gradient(facts, name).values, f"{name}.grad")


def _differences(facts: Facts, name: str) -> Value:
    """differences(x): the same by central finite differences."""
    check = _gradient(facts, name).check
    return _numbers(None if check is None else check.values, f"the finite differences of {name}")


def _shape(facts: Facts, name: str) -> Value:
    """shape(y): its sizes, one an axis."""
    found = _tensor(facts, name).shape
    if found is None:
        raise InvalidSetting(f"The shape of “{name[:40]}” is not known", "", "Ask for another")
    return array([Fraction(length) for length in found])


def _count(facts: Facts, name: str) -> Value:
    """count(weight): how many numbers it has."""
    found = _tensor(facts, name).shape
    return Fraction(math.prod(found or ()))


def _node(facts: Facts, name: str) -> Node:
    at = _tensor(facts, name).node
    if at is None:
        raise InvalidSetting(f"“{name[:40]}” is not in the graph: autograd does not follow it", "", "Ask for another")
    return facts.graph.nodes[at]


def _grad_fn(facts: Facts, name: str) -> Value:
    """grad_fn(y): its backward function by torch's name; None for a leaf and for what is not followed."""
    at = _tensor(facts, name).node
    return "None" if at is None or facts.graph.nodes[at].kind == "leaf" else facts.graph.nodes[at].name


def _tracked(facts: Facts, name: str) -> Value:
    """tracked(y): True where autograd follows it, else False."""
    return str(_tensor(facts, name).node is not None)


def _arriving(facts: Facts, name: str) -> Value:
    """arriving(y): what comes back along each of the edges that leave y, in their order."""
    tensor = _tensor(facts, name)
    ends = (tensor.node, tensor.output_nr)
    edges = {number for number, edge in enumerate(facts.graph.edges) if (edge.producer, edge.output_nr) == ends}
    found = [_numbers(row.values, name) for row in facts.edge_gradients or () if row.edge in edges]
    if not found:
        raise InvalidSetting(f"Nothing is known of what comes back to “{name[:40]}”", "", "Ask for another")
    return array(found)


def _arrows(facts: Facts, *names: str) -> Value:
    """arrows(): the edges of the graph; arrows(y, u): those from y to u; arrows(y): those that leave y."""
    ends = [_node(facts, name).index for name in names[1:]]
    start = (_node(facts, names[0]).index, _tensor(facts, names[0]).output_nr) if names else None
    return Fraction(
        sum(
            (start is None or (edge.producer, edge.output_nr) == start) and edge.consumer in (ends or [edge.consumer])
            for edge in facts.graph.edges
        )
    )


def _nodes(facts: Facts, *names: str) -> Value:
    """nodes(): how many nodes the graph has; nodes(MulBackward0): how many of that name."""
    return Fraction(sum(not names or node.name in names for node in facts.graph.nodes))


def _constants(facts: Facts) -> Value:
    """constants(): inputs of operations that no edge comes to: torch shows them as (None, 0)."""
    return Fraction(sum(node.slots for node in facts.graph.nodes) - len(facts.graph.edges))


def _notes(facts: Facts) -> Value:
    """notes(): what was noted of the run, in words."""
    return " ".join(facts.notes)


def _passes(facts: Facts, line: Value) -> Value:
    """passes(3): how often line 3 of the program ran."""
    at = whole(line)
    found = [row.passes for row in facts.lines if row.number == at]
    if not found:
        raise InvalidSetting(f"Nothing is known of line {at}", "", "Use a line of the program, counted from 1")
    return Fraction(max(found))


def _cost(facts: Facts, field: str) -> Value:
    """cost(multiply_adds): a figure of the layer's cost."""
    found = msgspec.structs.asdict(cost(_settings(facts)))
    if found.get(field) is None:
        raise InvalidSetting(f"The cost has no “{field[:40]}”", "", f"Use one of {', '.join(found)}")
    return Fraction(found[field]) if isinstance(found[field], int) else float(found[field])


def _toeplitz(facts: Facts, kernel: Value) -> Value:
    """toeplitz(0): the sheet of kernel 0, one row for each of its outputs."""
    settings, weight = _settings(facts), _value(facts, "weight")
    rows = toeplitz.sheet(settings, whole(kernel))
    inputs = settings.in_channels * math.prod(settings.input_size)
    if len(rows) * inputs > 10_000:
        raise InvalidSetting("This matrix has too many cells to be asked for", "", "Use a smaller layer")
    matrix = toeplitz.toeplitz(settings, np.asarray(weight, np.float64))
    cells = matrix.window(rows, range(inputs))
    return array([_number(float(cell), "float64") for cell in cells.flat]).reshape(cells.shape)


def _real_taps(facts: Facts, *place: Value) -> Value:
    """real_taps(0, 0): how many numbers of one channel the output at that place reads, padding left out."""
    return Fraction(taps.at(_settings(facts), [whole(number) for number in place]))


def _with_real_taps(facts: Facts, number: Value) -> Value:
    """with_real_taps(6): how many outputs of a kernel read so many numbers of one channel."""
    rows = taps.histogram(_settings(facts)) or ()
    return Fraction(sum(row.outputs for row in rows if row.real == whole(number)))


def _sees(facts: Facts, layers: Value) -> Value:
    """sees(2): how many numbers of the input, along its first axis, an output of the second layer depends on."""
    settings, asked = _settings(facts), facts.experiment
    steps = stack.steps(settings, asked.stack if isinstance(asked, Convolution) else ())
    found = receptive_field.fields([step.layer for step in steps[: whole(layers)]])
    size = found[-settings.dims].size
    if size is None:
        raise InvalidSetting("The outputs of this layer differ in what they see", "", "Ask for another layer")
    return Fraction(size)


OF_FACTS: Mapping[str, Callable[..., Value]] = {
    "value": _value,
    "grad": _grad,
    "differences": _differences,
    "shape": _shape,
    "count": _count,
    "grad_fn": _grad_fn,
    "tracked": _tracked,
    "arriving": _arriving,
    "arrows": _arrows,
    "nodes": _nodes,
    "constants": _constants,
    "notes": _notes,
    "passes": _passes,
    "cost": _cost,
    "toeplitz": _toeplitz,
    "real_taps": _real_taps,
    "sees": _sees,
    "with_real_taps": _with_real_taps,
}


def functions() -> Mapping[str, str]:
    """List the functions of the facts with what each gives, for the documentation."""
    return {name: (function.__doc__ or "").strip().partition("\n")[0] for name, function in OF_FACTS.items()}
