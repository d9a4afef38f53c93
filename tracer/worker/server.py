"""The worker: answers experiments with rows, then with a picture, and writes files. One process, one window."""

from __future__ import annotations

import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from tracer.analysis.beside import beside
from tracer.analysis.comparison import compare
from tracer.analysis.gradients import gradients
from tracer.analysis.jacobian import experiments, jacobian
from tracer.analysis.shapes import shapes
from tracer.analysis.stepping import Step, lightened, names_from, steps
from tracer.drawing.picture import draw
from tracer.drawing.side_by_side import draw_beside
from tracer.errors import TracerError, sentence
from tracer.experiment import Expression
from tracer.export.files import save
from tracer.expression.variants import alone, couple, second, titles
from tracer.facts import Facts
from tracer.graph import Graph
from tracer.lesson.hiding import still_hidden
from tracer.lesson.solving import solve
from tracer.lesson.veiling import veiled
from tracer.runners.channel import private_channel
from tracer.runners.experiments import find, load, warm
from tracer.runners.limits import confine_memory
from tracer.worker.inbox import Inbox
from tracer.worker.messages import (
    Ask,
    AskJacobian,
    Compared,
    Drawn,
    Found,
    FromWorker,
    JacobianFound,
    Look,
    Ready,
    Refused,
    Rolled,
    Save,
    Saved,
    Solved,
    encode,
)
from tracer.worker.refusal import refusal
from tracer.worker.spool import Spool

KEPT = 3  # recordings: the newest may be one that the window has not drawn yet, and a person saves what is drawn

GRAPH_NODES = 1000  # a larger graph is not sent beside its picture
STEPPED_NODES, STEPPED_NUMBERS = 400, 64  # the largest graph that is stepped, and the largest tensor with its numbers


def main() -> None:
    """Load torch, say Ready, and answer until the window goes."""
    source, target = private_channel()
    inbox = Inbox(source)  # before torch is loaded, so that the window can be told to have gone at any time
    spool = Spool()
    ready = _load(spool.folder)
    try:
        Worker(inbox, target, spool).serve(ready)
    except BrokenPipeError:
        sys.exit(0)  # the window has gone


def _load(folder: str) -> Ready:
    import torch

    from tracer.runners.devices import devices, names
    from tracer.runners.documentation import docstrings

    load()
    return Ready(str(torch.__version__), devices(), names(), folder, docstrings())


class Worker:
    """Answers messages in their order. An Ask that a newer one has overtaken is not run, or at least not drawn."""

    def __init__(self, inbox: Inbox, target: BinaryIO, spool: Spool) -> None:
        self._inbox, self._target, self._spool = inbox, target, spool
        self._recordings: OrderedDict[int, Facts] = OrderedDict()

    def serve(self, ready: Ready) -> None:
        """Say Ready, then answer each message until there are no more."""
        self._send(ready)
        self._settle()
        answers: Mapping[type, Callable[[Any], None]] = {
            Ask: self._ask,
            Look: self._look,
            Save: self._save,
            AskJacobian: self._jacobian,
            Refused: self._send,
        }
        for message in self._inbox:
            try:
                answers[type(message)](message)
            except Exception as error:  # whatever an experiment raises is an answer; the worker lives on
                self._send(refusal(message.edit, error))

    def _settle(self) -> None:
        """Do what need not be waited for before Ready."""
        try:
            confine_memory()
        except TracerError as error:  # the setting can't be read: work without a limit, and say so
            self._send(refusal(0, error))
        warm()

    def _ask(self, ask: Ask) -> None:
        if self._inbox.overtaken(ask):
            return
        start = time.perf_counter()
        both = couple(ask.experiment)
        facts = find(
            alone(both) if both else ask.experiment, lambda arrays: self._send(self._spool.store(ask.edit, arrays))
        )
        if ask.step is not None:
            solution = solve(ask.step, facts)
            self._send(Solved(ask.edit, solution))
            facts = veiled(facts, still_hidden(solution, set(ask.answered)))
        self._keep(ask.edit, facts)
        self._send(found(ask.edit, facts, time.perf_counter() - start))
        if both is not None and not self._inbox.overtaken(ask):
            self._send(compared(ask.edit, both, facts))
        if self._inbox.overtaken(ask):
            return
        start = time.perf_counter()
        picture = draw(facts)
        self._send(Drawn(ask.edit, picture, time.perf_counter() - start, small(facts)))

    def _jacobian(self, message: AskJacobian) -> None:
        """Run the program once for each row, as long as nothing newer is asked for."""
        if self._inbox.newer(message.edit):
            return
        found = list[Facts]()
        try:
            facts = self._held(message.edit, "Change any setting to ask again")
            for experiment in experiments(facts):
                if self._inbox.newer(message.edit):
                    return
                found.append(find(experiment))
            self._send(JacobianFound(message.edit, jacobian(facts, found)))
        except TracerError as error:
            why = " ".join(map(sentence, filter(None, [error.what, error.cure])))
            self._send(JacobianFound(message.edit, None, why))

    def _look(self, look: Look) -> None:
        facts = self._recordings.get(look.edit)
        self._send(Rolled(look.edit, look.roll, draw(facts, how=look.roll) if facts else None))

    def _save(self, message: Save) -> None:
        save(self._held(message.edit, "Change any setting, then save again"), message.path, message.theme)
        self._send(Saved(message.edit, message.path))

    def _held(self, edit: int, cure: str) -> Facts:
        facts = self._recordings.get(edit)
        if facts is None:
            raise TracerError("The recording of this is no longer held", cure=cure)
        return facts

    def _keep(self, edit: int, facts: Facts) -> None:
        self._recordings[edit] = facts
        while len(self._recordings) > KEPT:
            self._recordings.popitem(last=False)

    def _send(self, message: FromWorker) -> None:
        self._target.write(encode(message))
        self._target.flush()


def found(edit: int, facts: Facts, seconds: float) -> Found:
    """Give the rows and figures of a recording."""
    every = _steps(facts)
    return Found(
        edit=edit,
        shapes=shapes(facts),
        gradients=() if facts.gradients is None else gradients(facts),
        nodes=len(facts.graph.nodes),
        edges=len(facts.graph.edges),
        saved_bytes=sum(storage.bytes for storage in facts.saved or ()),
        device=next((tensor.device for tensor in facts.tensors), "cpu"),
        seconds=seconds,
        notes=facts.notes,
        derivations=facts.derivations,
        steps=lightened(every, STEPPED_NUMBERS),
        whole_from=names_from(facts, every),
        lines=facts.lines,
        saved=facts.saved_values,
        loops=facts.loops,
        rules=facts.rules,
    )


def _steps(facts: Facts) -> tuple[Step, ...]:
    """List the steps of a program's backward, unless they are too many to be gone through."""
    small = isinstance(facts.experiment, Expression) and len(facts.graph.nodes) <= STEPPED_NODES
    return steps(facts) if small and facts.gradients is not None and facts.edge_gradients is not None else ()


def compared(edit: int, both: Expression, facts: Facts) -> Compared:
    """Run the program beside the first, and tell how it differs; whatever it raises is told as its refusal."""
    start = time.perf_counter()
    try:
        theirs = find(second(both) or both)
        seconds = time.perf_counter() - start
        told = beside(facts, theirs, compare(facts, theirs))
        picture = draw_beside(facts, theirs, told, titles(both))
    except Exception as error:
        return Compared(edit, refused=refusal(edit, error))
    return Compared(edit, found(edit, theirs, seconds), told, picture, small(theirs))


def small(facts: Facts) -> Graph | None:
    """Give the graph where it is sent beside its picture."""
    return facts.graph if len(facts.graph.nodes) <= GRAPH_NODES else None
