"""The public face: what `import tracer` gives. torch is imported only when something is traced or run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracer.analysis import saved_memory as _saved
from tracer.analysis import stepping as _stepping
from tracer.analysis.comparison import Comparison
from tracer.analysis.comparison import compare as _compare
from tracer.analysis.cuts import cuts as _cuts
from tracer.analysis.derivation import derivation as _derivation
from tracer.analysis.folding import Fold, Level
from tracer.analysis.gradients import EdgeGradientRow, GradientRow
from tracer.analysis.gradients import edge_gradients as _edge_gradients
from tracer.analysis.gradients import gradients as _gradients
from tracer.analysis.non_finite import NonFinite
from tracer.analysis.non_finite import first_non_finite as _first_non_finite
from tracer.analysis.problems import why as _causes
from tracer.analysis.problems.why import Problem
from tracer.analysis.readings import AgreementRow
from tracer.analysis.readings import readings as _readings
from tracer.analysis.saved_memory import ModuleRow, SavedRow
from tracer.analysis.shapes import ShapeRow
from tracer.analysis.shapes import shapes as _shapes
from tracer.derived import Derivation, Layout
from tracer.drawing.palette import Theme
from tracer.drawing.wording import inert
from tracer.experiment import Experiment, Expression
from tracer.facts import Cut, Facts, Line, read, to_json
from tracer.graph import Graph

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import torch

    from tracer.backward.forecast import Forecast
    from tracer.capture.notes import Notes
    from tracer.capture.watching import Watch


def trace(
    tensors: Any,
    *,
    model: torch.nn.Module | None = None,
    names: Mapping[str, torch.Tensor] | None = None,
    notes: Notes | None = None,
    gradients: bool = False,
    saved: bool = False,
    start: Any = None,
) -> Recording:
    """Trace what autograd recorded for a tensor, or for a nested tuple, list or dict of tensors.

    `model` gives names to parameters and buffers, `names` to other tensors ({"x": x}), `notes` (of `record`) the
    modules and source lines. `gradients` also tells what flows on every edge; backward then starts from `start`, a
    tensor of the output's shape or one for each output (default: ones, so for a non-scalar it is that of its sum).

    `saved` (as `gradients` does) also tells what backward keeps in memory.
    Values are held of tensors of up to 10,000 elements; those of parameters and buffers only with `gradients`.

    The model is not run, no saved tensor is unpacked, and no `.grad`, hook, random state or mode is changed; the graph
    can still be gone through.

    Raises:
        TypeError: there is no tensor in `tensors`.
        TracerError: torch refused the backward, in its words.
    """
    from tracer.runners.tensors import find, inputs

    named, kept = inputs(names), saved or gradients
    return Recording(find(tensors, model=model, named=named, notes=notes, gradients=gradients, start=start, saved=kept))


def forecast(
    loss: Any,
    *,
    model: torch.nn.Module | None = None,
    names: Mapping[str, torch.Tensor] | None = None,
    notes: Notes | None = None,
    start: Any = None,
    create_graph: bool = False,
) -> Forecast:
    """Forecast whether backward from a tensor, or from a nested tuple, list or dict of tensors, will raise, and where.

    Nothing runs, and what hooks or a checkpoint packed is not unpacked. `start` is what backward would be given for the
    output, or for each; `model`, `names` and `notes` are those of `trace`. `create_graph` also tells what would not
    allow a second derivative.

    Raises:
        TypeError: there is no tensor in `loss`, or an argument is of the wrong kind.
        ValueError: `start` has another number of tensors.
    """
    from tracer.runners.forecast import forecast as foresee

    return foresee(loss, model=model, names=names, notes=notes, start=start, create_graph=create_graph)


def record(model: torch.nn.Module | None = None, *, reads: bool = False) -> AbstractContextManager[Notes]:
    """Record, inside a `with` block, the module and the source line of every operation; pass the notes to `trace`.

    `reads` also follows which parameters each operation used, at a further cost, so that `why` can be certain.
    """
    from tracer.capture.recording import record as recording

    return recording(model, reads=reads)


def watch(notes: Notes | None = None) -> Watch:
    """Watch the graph over training steps: `with tracer.watch() as watched:`, `watched.step(loss)` once a step, and
    `watched.report()` tells whether it grows, where a step reaches into earlier ones, and what holds on to them.

    `notes` (of `record`) give the lines. A step is walked only as far as it is new; nothing is held or left behind.
    """
    from tracer.capture.watching import Watch

    return Watch(notes)


def assert_all_reached(tensors: Any, model: torch.nn.Module, *, notes: Notes | None = None) -> None:
    """Fail where a backward from these tensors does not reach every parameter of the model; nothing is run.

    `notes` (of `record`, with `reads` for certain) tell why, with operation and line.

    Raises:
        AssertionError: parameters are not reached; says which and, as far as is known, why.
    """
    missing = _causes.not_reached(trace(tensors, model=model, notes=notes).facts)
    if missing:
        raise AssertionError("\n".join(missing))


def run(experiment: Experiment) -> Recording:
    """Run an experiment. An Expression and a Script run in a process of their own, with limits on time and memory.

    Raises:
        TracerError: it cannot be done; the text says what, where, and what cures it.
    """
    if isinstance(experiment, Expression):
        from tracer.runners.child import find_in_child as find
    else:
        from tracer.runners.experiments import find
    return Recording(find(experiment))


@dataclass(frozen=True, slots=True, repr=False)
class Recording:
    """What was recorded, frozen: it holds no tensor, pickles, compares, and goes to JSON and back without loss."""

    facts: Facts

    def __repr__(self) -> str:
        ends = ", ".join(inert(output.name) for output in self.graph.outputs)
        return f"<Recording of {ends}: {len(self.graph.nodes)} nodes, {len(self.graph.edges)} edges>"

    @property
    def graph(self) -> Graph:
        """The graph: nodes, edges and outputs."""
        return self.facts.graph

    def shapes(self) -> tuple[ShapeRow, ...]:
        """List the named tensors: name, role, shape, axes, elements, bytes."""
        return _shapes(self.facts)

    def value(self, name: str) -> Any:
        """Give the values of a named tensor as nested lists; `None` where they are not held."""
        found = next((tensor.values for tensor in self.facts.tensors if tensor.name == name), None)
        return None if found is None else found.nested()

    def gradients(self) -> tuple[GradientRow, ...]:
        """List the gradients of the named tensors, in the order in which backward finds them."""
        return _gradients(self.facts)

    def edge_gradients(self) -> tuple[EdgeGradientRow, ...]:
        """List what flows back on each edge: norm, share of the sum at the producer, cosine to it."""
        return _edge_gradients(self.facts)

    def steps(self) -> tuple[_stepping.Step, ...]:
        """List backward's steps in the engine's order: what arrives (each part, sums so far), leaves, and is in .grad.

        Raises:
            TracerError: the recording was made without gradients.
        """
        return _stepping.steps(self.facts)

    def lines(self) -> tuple[Line, ...]:
        """List what each line of a program gave last: name, shape, dtype, values, and in how many passes."""
        return self.facts.lines

    def readings(self) -> tuple[AgreementRow, ...]:
        """List the outputs of a matrix times a vector: read by rows, by columns, as torch has them, and if they agree.

        Raises:
            TracerError: this is no recording of a MatrixVector.
        """
        return _readings(self.facts)

    def first_non_finite(self) -> NonFinite | None:
        """Tell where the first NaN or infinity appears, in backward's order; `None`: none in what was measured."""
        return _first_non_finite(self.facts)

    def derivation(self, name: str, layout: Layout = "shape") -> Derivation:
        """Give the derivation by hand of ∂(output)/∂(an input of a program), line by line, as text and LaTeX; its
        numbers in the shape of the input, in "numerator" layout, or "flat" (Raises: ValueError for another layout).

        Raises:
            TracerError: the recording is of no program that has gradients, or the program has no such input.
        """
        return _derivation(self.facts, name, layout)

    def cuts(self) -> tuple[Cut, ...]:
        """List the places where the graph was cut (`detach`, `no_grad`, …), each with the operations that used it.

        Raises:
            TracerError: nothing was recorded while the model ran.
        """
        return _cuts(self.facts)

    def saved_memory(self) -> tuple[SavedRow, ...]:
        """List the storages that backward keeps, each once, the largest first: bytes, who keeps it, what frees it.

        Raises:
            TracerError: what is saved was not looked at.
        """
        return _saved.saved_memory(self.facts)

    def saved_by_module(self) -> tuple[ModuleRow, ...]:
        """List what each module alone keeps for backward, and what would be freed if it were checkpointed.

        Raises:
            TracerError: what is saved was not looked at.
        """
        return _saved.saved_by_module(self.facts)

    def compare(self, other: Recording, *, rtol: float | None = None, atol: float | None = None) -> Comparison:
        """Tell what changed from this recording to another: nodes, shapes, names, saved bytes, and gradients beyond a
        tolerance (default: by their dtype). True where nothing did.

        Raises:
            ValueError: a tolerance is negative or no number.
        """
        return _compare(self.facts, other.facts, rtol, atol)

    def why(self, name: str) -> tuple[str, ...]:
        """Say why a tensor has, or lacks, a gradient, with operation and line where recorded, and the cure; otherwise
        the causes that remain possible, and how to record.

        Raises:
            TracerError: there is no tensor of that name; names those that are near.
        """
        return _causes.why(self.facts, name)

    def problems(self) -> tuple[Problem, ...]:
        """List gradients that are missing, zero, not finite, vanishing or exploding: problem, where, why, source, cure;
        tensors with the same problem from the same cause share a row."""
        return _causes.problems(self.facts)

    def save(
        self, path: str | Path, theme: Theme = "light", *, level: Level = "auto", opened: Sequence[str] = ()
    ) -> None:
        """Write to a file in the format of its suffix: svg, png, pdf, dot or json. Never leaves half a file.

        A picture shows modules down to `level` names of their paths ("auto": as many as can be read; "all": every
        node), and the inside of the modules in `opened`.
        """
        from tracer.export.files import save

        save(self.facts, path, theme, Fold(level, tuple(opened)))

    def to_json(self) -> str:
        """Give the recording as JSON."""
        return to_json(self.facts)

    def to_dot(self, *, level: Level = "auto", opened: Sequence[str] = ()) -> str:
        """Give the graph as a DOT text that Graphviz alone renders; `level` and `opened` are those of `save`."""
        from tracer.export.dot import dot

        return dot(self.facts, Fold(level, tuple(opened)))

    def to_svg(self, theme: Theme = "light", *, level: Level = "auto", opened: Sequence[str] = ()) -> str:
        """Give the picture as SVG; `level` and `opened` are those of `save`."""
        from tracer.drawing.picture import draw
        from tracer.export.svg import svg

        return svg(draw(self.facts, how=Fold(level, tuple(opened))), theme)

    @staticmethod
    def load(path: str | Path) -> Recording:
        """Read a recording that was saved as JSON.

        Raises:
            UnreadableFile: the file is unknown, damaged, or from a newer version; says what and where.
        """
        return Recording(read(path))

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, str]:
        return {"image/svg+xml": self.to_svg(), "text/plain": repr(self)}
