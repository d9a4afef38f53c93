"""How the graph grew over training steps, and the sentences that say so."""

from __future__ import annotations

import msgspec

from tracer import quantities

CURE_CHAIN = "Detach what one step hands on to the next, or add up loss.item() where only the number is wanted"
CURE_HELD = "Keep loss.item() or loss.detach() instead, where only the number is wanted"


class Reach(msgspec.Struct, frozen=True):
    """Where a step's graph goes into what was recorded earlier: into step `into` (0: before the first), through the
    tensor that `operation` made in `module` at `source`, and through others on to step `back_to`."""

    into: int
    back_to: int
    operation: str
    module: str | None = None
    source: str | None = None


class Step(msgspec.Struct, frozen=True):
    """One step: `nodes` is how many operations it added to the graph of its loss, `kept` how many earlier steps still
    had operations alive then."""

    number: int
    nodes: int
    kept: int
    reach: Reach | None = None


class Holder(msgspec.Struct, frozen=True):
    """A thing in the person's program that keeps graphs of earlier steps alive: a `kind` ("list") under a `name`
    ("losses"), found at `where` ("train.py"), that keeps those of `steps` steps."""

    name: str
    kind: str
    where: str
    steps: int

    def __str__(self) -> str:
        graphs = f"{quantities.count(self.steps)} earlier step{'' if self.steps == 1 else 's'}"
        return f"the {self.kind} `{self.name}` in {self.where} keeps the graphs of {graphs}"


class Growth(msgspec.Struct, frozen=True):
    """What was seen over all steps. True where the graph grows from step to step.

    `live` is how many operations of earlier steps are alive at the end, `bytes` what those keep for backward
    (parameters that they saved among it; `None` where nothing could be found that holds them).
    """

    steps: tuple[Step, ...]
    holders: tuple[Holder, ...] = ()
    live: int = 0
    bytes: int | None = None

    def __bool__(self) -> bool:
        return self.grows

    @property
    def grows(self) -> bool:
        """Tell whether the steps reach back farther and farther, or more and more of them are kept."""
        distances = [step.number - step.reach.back_to if step.reach and step.reach.into else 0 for step in self.steps]
        return _rises(distances) or _rises([step.kept for step in self.steps])

    def __str__(self) -> str:
        sentences = [*self._reaching(), *self._holding()]
        if not sentences:
            sentences = [f"Nothing of an earlier step was kept in {_steps(len(self.steps))}."]
        return "\n".join(sentences)

    def _reaching(self) -> list[str]:
        last = self.steps[-1] if self.steps else None
        if last is None or last.reach is None:
            return []
        reach = last.reach
        module = f" in {reach.module}" if reach.module else ""
        line = f" at {reach.source}" if reach.source else " (its line is not known: pass notes of tracer.record)"
        into = f"step {reach.into}" if reach.into else "what was recorded before the first step"
        text = [
            f"The graph of step {last.number} reaches back into {into}, "
            f"through the tensor made by {reach.operation}{module}{line}."
        ]
        if reach.into and reach.back_to < reach.into:
            on = f"step {reach.back_to}" if reach.back_to else "before the first step"
            text.append(f"From there it goes on back to {on}. {CURE_CHAIN}.")
        return text

    def _holding(self) -> list[str]:
        if not self.steps or self.steps[-1].kept == 0 or (not self.grows and self.steps[-1].kept < 2):
            return []
        size = "" if self.bytes is None else f", and {quantities.size(self.bytes)} that they saved for backward"
        nodes = f"{quantities.count(self.live)} operation{'' if self.live == 1 else 's'}"
        kept = f"{_steps(self.steps[-1].kept, 'earlier ')} {'is' if self.steps[-1].kept == 1 else 'are'} still alive"
        holders = [f"{str(holder)[:1].upper()}{str(holder)[1:]}." for holder in self.holders]
        cure = [f"{CURE_HELD}."] if holders and not self._reaching() else []
        unseen = [] if holders else ["What holds on to them was not found."]
        return [f"Graphs of {kept}: {nodes}{size}.", *holders, *unseen, *cure]


def _rises(series: list[int]) -> bool:
    """Tell whether a series ends at its most, at two or more, above where it was halfway."""
    last = series[-1] if series else 0
    return last >= 2 and last == max(series) and last > series[(len(series) - 1) // 2]


def _steps(count: int, which: str = "") -> str:
    return f"{quantities.count(count)} {which}step{'' if count == 1 else 's'}"
