"""Facts: what was found, as frozen flat values that hold no torch object. A public Recording wraps them."""

from __future__ import annotations

import math
import os
import re
from typing import Any, Literal

import msgspec

from tracer.derived import Derivation, Rule
from tracer.errors import UnreadableFile
from tracer.experiment import Experiment
from tracer.graph import Graph
from tracer.quantities import number
from tracer.values import Line as Line
from tracer.values import Loop, SavedValue, Unfollowed
from tracer.values import Number as Number
from tracer.values import Values as Values

FORMAT, VERSION = "gradtrace-recording", 1
VALUES_PER_TENSOR = 10_000  # larger tensors keep statistics only
VALUES_PER_RECORDING = 1_000_000  # so that a graph of many small tensors stays small
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

State = Literal["measured", "none", "not measured", "hidden"]  # "hidden": a lesson asks for it first
SavedKind = Literal["activation", "parameter", "buffer", "input", "output", "not followed"]
Taken = Literal["recorded", "not recorded", "not required"]
CutKind = Literal["detach", "no_grad", "inference_mode", "copied", "left torch", "not differentiable"]


class Statistics(msgspec.Struct, frozen=True, gc=False):
    """Statistics of all elements of a tensor, computed in float64 (of the absolute values for complex numbers).

    `std` divides by n − 1 as torch does (`None` below two elements), `norm` is the Euclidean norm, `zeros` the share
    of elements that are exactly zero, `non_finite` the count of NaN and infinities. An empty tensor has `None`.
    """

    mean: float | None
    std: float | None
    max_abs: float | None
    norm: float
    zeros: float
    non_finite: int


class Check(msgspec.Struct, frozen=True, gc=False):
    """A gradient compared with a second way of finding it (central finite differences, or the rule of its layer): how
    many elements were tried, how many agree, the worst error, and that way's numbers where all elements were tried."""

    tried: int
    agreed: int
    worst: float
    values: Values | None = None


class Read(msgspec.Struct, frozen=True, gc=False):
    """The operation that first read a tensor while this was recorded, and how autograd took it: it recorded it, or did
    not (as under `no_grad`), or it was "not required", since the tensor's requires_grad was False then."""

    operation: str
    module: str | None
    source: str | None
    taken: Taken


class Standing(msgspec.Struct, frozen=True, gc=False):
    """How a tensor stood to autograd when it was traced. `holds_grad`: a leaf's .grad held something then.

    With `recorded`, all that the graph is made of was recorded: `read` of `None` then says that no operation read the
    tensor, `called` whether a module that has it ran, `replaced` that its module had another tensor in its place when
    it ran. `switched` is the line that last set requires_grad.
    """

    requires_grad: bool
    leaf: bool
    retains_grad: bool = False
    holds_grad: bool = False
    recorded: bool = False
    read: Read | None = None
    called: bool | None = None
    replaced: bool = False
    switched: str | None = None


class Tensor(msgspec.Struct, frozen=True, gc=False):
    """A tensor of the run. `name` is the person's (`None` for a value in between), `made_by` the piece of program or
    the operation that gave it, `axes` the meaning of its axes ("N", "C_in", "H", "W"). `shape` and `bytes` are `None`
    where they are not known, as those of a nested tensor. `grad` is what an input of a program held in its `.grad`
    already, to which backward adds."""

    name: str | None
    role: str | None
    shape: tuple[int, ...] | None
    dtype: str
    device: str
    bytes: int | None
    axes: tuple[str, ...] | None = None
    node: int | None = None
    output_nr: int = 0
    made_by: str | None = None
    values: Values | None = None
    standing: Standing | None = None
    grad: Values | None = None


class Gradient(msgspec.Struct, frozen=True, gc=False):
    """The whole gradient at one output of a node: ∂(traced tensor)/∂(that output), of that output's shape.

    `state` "none" means that nothing flowed there (autograd's `None`, which is not zero). `check` compares it with
    finite differences, `rule` with the analytic rule of a layer, or with what a derivation by hand gives.
    """

    node: int
    output_nr: int
    name: str | None
    shape: tuple[int, ...] | None
    dtype: str | None
    state: State
    statistics: Statistics | None = None
    values: Values | None = None
    check: Check | None = None
    rule: Check | None = None


class EdgeGradient(msgspec.Struct, frozen=True, gc=False):
    """What flows back on one edge, before it is summed at the producer.

    `share` is ⟨g, s⟩ / ⟨s, s⟩ for this gradient g and the sum s of all that arrive there, so shares add up to 1;
    `cosine` is ⟨g, s⟩ / (‖g‖·‖s‖). Both are `None` where s or g is zero or not finite.
    """

    edge: int
    shape: tuple[int, ...] | None
    state: State
    statistics: Statistics | None = None
    values: Values | None = None
    share: float | None = None
    cosine: float | None = None


class SavedStorage(msgspec.Struct, frozen=True, gc=False):
    """Memory that backward keeps: one storage, counted once however many nodes saved it.

    `kind` is what else holds it (a "parameter", a "buffer", an "input", the traced "output"), or "activation" where
    it came to be on the way, or "not followed": data, targets, indices and masks, which autograd does not follow. `own`
    are the bytes of the largest tensor that is saved in it (a view keeps a whole storage), `makers` the tensors one of
    which it was made for: an operation, and which of its outputs. What is not known is `None`, or no makers.
    """

    bytes: int
    device: str
    nodes: tuple[int, ...]
    kind: SavedKind | None = None
    name: str | None = None
    own: int | None = None
    makers: tuple[tuple[int, int], ...] = ()


class Cut(msgspec.Struct, frozen=True):
    """A place of the program at which the graph was cut: `operation` read a tensor that autograd follows, and what it
    gave is not followed. `times` counts how often it ran while this was recorded.

    `nodes` are the operations of the graph that used what it gave, at once or after more that was not recorded: from
    there the gradient would have gone on. `outputs` are the traced tensors that came of it without a graph of their
    own, `gave` those among the named ones, by their places in the list of tensors. Of a value that left torch
    (`item()`) it is not known what became of it, so it has neither. `behind` are the tensors, by their places too,
    whose gradient was cut off here.
    """

    operation: str
    kind: CutKind
    module: str | None
    source: str | None
    times: int
    nodes: tuple[int, ...] = ()
    outputs: tuple[str, ...] = ()
    behind: tuple[int, ...] = ()
    gave: tuple[int, ...] = ()


class Facts(msgspec.Struct, frozen=True):
    """All that was found; what was not asked for, or (`cuts`) not recorded, is `None`. A program has a derivation for
    each input, rules of the nodes of a small graph, its lines and loops, and the tensors that autograd does not
    follow, after what they were made of."""

    graph: Graph
    experiment: Experiment | None = None
    tensors: tuple[Tensor, ...] = ()
    gradients: tuple[Gradient, ...] | None = None
    edge_gradients: tuple[EdgeGradient, ...] | None = None
    saved: tuple[SavedStorage, ...] | None = None
    cuts: tuple[Cut, ...] | None = None
    notes: tuple[str, ...] = ()
    derivations: tuple[Derivation, ...] = ()
    rules: tuple[Rule, ...] = ()
    lines: tuple[Line, ...] = ()
    unfollowed: tuple[Unfollowed, ...] = ()
    saved_values: tuple[SavedValue, ...] = ()
    loops: tuple[Loop, ...] = ()


class _File(msgspec.Struct, frozen=True):
    format: str
    version: int
    facts: Facts


def to_json(facts: Facts) -> str:
    """Write facts as JSON; non-finite numbers become "NaN", "Infinity" and "-Infinity", a lone surrogate ‹U+D800›."""
    try:
        graph = msgspec.Raw(msgspec.json.encode(facts.graph))  # holds no floats, so it needs no second look
    except UnicodeEncodeError:
        graph = msgspec.Raw(msgspec.json.encode(spelled(msgspec.to_builtins(facts.graph))))
    rest = msgspec.to_builtins(msgspec.structs.replace(facts, graph=Graph()))
    body = {**spelled(rest), "graph": graph}
    return msgspec.json.encode({"format": FORMAT, "version": VERSION, "facts": body}).decode()


def from_json(text: str | bytes, where: str = "") -> Facts:
    """Read facts from JSON.

    Raises:
        UnreadableFile: the text is no JSON, not ours, from a newer version, or damaged; says what and where.
    """
    try:
        head = msgspec.json.decode(text, type=_Head)
        if head.format != FORMAT:
            raise UnreadableFile(f"This is no recording of Gradtrace: its format is “{head.format}”", where)
        if head.version < 1:
            raise UnreadableFile(
                f"This recording has version {number(head.version)}, which no Gradtrace writes",
                where,
                "Save it again from the program that made it",
            )
        if head.version > VERSION:
            raise UnreadableFile(
                f"This recording has version {head.version} and this Gradtrace reads up to {VERSION}",
                where,
                "Update Gradtrace to open it",
            )
        return msgspec.json.decode(text, type=_File, strict=False).facts
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableFile(
            f"This recording is damaged: {error}", where, "Save it again from the program that made it"
        ) from error


def read(path: str | os.PathLike[str]) -> Facts:
    """Read facts from a JSON file.

    Raises:
        UnreadableFile: the file can't be read, is no recording, or is damaged; says what and where.
    """
    where = encodable(os.fspath(path))
    try:
        with open(path, "rb") as file:
            text = file.read()
    except OSError as error:
        raise UnreadableFile(f"This file can't be read: {error.strerror}", where) from error
    except ValueError as error:
        raise UnreadableFile("No file can have this name", where, "Give another") from error
    return from_json(text, where)


class _Head(msgspec.Struct, frozen=True):
    format: str
    version: int


def spelled(value: Any) -> Any:
    """Spell in plain data what JSON can't hold: non-finite floats as "NaN" or "Infinity", a lone surrogate ‹U+D800›."""
    if isinstance(value, float):
        return (
            value if math.isfinite(value) else "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        )
    if isinstance(value, dict):
        return {encodable(key) if isinstance(key, str) else key: spelled(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [spelled(item) for item in value]
    return encodable(value) if isinstance(value, str) else value


def encodable(text: str) -> str:
    """Show lone surrogates, which no file can hold, as a sign: ‹U+D800›."""
    return text if text.isascii() else _LONE_SURROGATE.sub(lambda found: f"‹U+{ord(found[0]):04X}›", text)
