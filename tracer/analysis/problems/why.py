"""Facts → why a tensor has, or lacks, a gradient, and the problems of all that should have one."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from tracer.analysis.problems.finding import Case, Evidence, Finding, listed
from tracer.analysis.problems.missing import ABSENT, BARRED, MISSING, NO_GRAPH
from tracer.analysis.problems.present import PRESENT
from tracer.errors import TracerError, sentence
from tracer.facts import Facts, Tensor

NEAR = 8  # names that are offered for one that is not known


class Problem(msgspec.Struct, frozen=True):
    """A problem with one or more gradients: `where` names the tensors in short, `names` has them all.

    `why` and `cure` are sentences, `operation` and `source` the place that it comes from, where known; `possible` says
    that it is not certain.
    """

    problem: str
    where: str
    why: str
    source: str | None
    cure: str
    operation: str | None
    possible: bool
    names: tuple[str, ...]


class Answer(msgspec.Struct, frozen=True):
    """Why one tensor has, or lacks, a gradient: sentences, and what they rest on."""

    name: str
    sentences: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def is_fine(self) -> bool:
        """Whether no problem was found."""
        return all(finding.problem is None for finding in self.findings)


def why(facts: Facts, name: str) -> tuple[str, ...]:
    """Say why a tensor has, or lacks, a gradient: what is known, what remains possible, and the cures.

    Raises:
        TracerError: there is no such tensor; names those that are near.
    """
    return tuple(dict.fromkeys(text for answer in answers(facts, name) for text in answer.sentences))


def answers(facts: Facts, name: str) -> tuple[Answer, ...]:
    """Answer for each tensor that has this name.

    Raises:
        TracerError: there is no such tensor; names those that are near.
    """
    evidence = Evidence(facts)
    return tuple(_answer(case) for case in _called(_cases(evidence), name))


def problems(facts: Facts) -> tuple[Problem, ...]:
    """List the problems of the gradients of parameters, of what requires gradients, and of what was traced; tensors
    that share a problem and its cause share a row."""
    return tuple(map(_problem, _together(facts, _should_have_one, lambda finding: finding.problem is not None)))


def not_reached(facts: Facts) -> tuple[str, ...]:
    """Say which parameters backward does not reach, or possibly does not, which traced tensors have no graph, and why;
    those that share a cause share a text."""
    found = _together(facts, _is_asked_of, lambda finding: finding.problem in (MISSING, NO_GRAPH) or finding.possible)
    named = ((_speaking(rows), ", ".join(name for _, name in rows)) for rows in found)
    return tuple(" ".join(_sentences(names, finding, NOT_REACHED)) for finding, names in named)


def _speaking(found: Sequence[tuple[Finding, str]]) -> Finding:
    """Give the finding that speaks for those that share a cause, the largest; it says whose it is where they differ."""
    finding, name = max(found, key=lambda one: one[0].size)
    if all(other.why == finding.why for other, _ in found):
        return finding
    return msgspec.structs.replace(finding, why=f"{finding.why} (so it is for {name}; the others are alike)")


def _together(
    facts: Facts, asked: Callable[[Case], bool], counts: Callable[[Finding], bool]
) -> Iterable[list[tuple[Finding, str]]]:
    """Give what is found of the tensors that are asked of and counts, together where problem and cause are the same."""
    found: dict[tuple[str | None, str], list[tuple[Finding, str]]] = {}
    for case in _cases(Evidence(facts)):
        for finding in filter(counts, _findings(case)) if asked(case) else ():
            key = finding.problem, finding.group or finding.why
            found.setdefault(key, []).append((finding, case.tensor.name or ""))
    return found.values()


def _is_asked_of(case: Case) -> bool:
    return case.tensor.role in ("parameter", "output") or case.number < 0


def _should_have_one(case: Case) -> bool:
    standing = case.standing
    followed = standing is not None and standing.requires_grad
    return case.tensor.role in ("parameter", "output") or followed or case.place is not None or case.number < 0


def _cases(evidence: Evidence) -> list[Case]:
    """Take the tensors that have a name, and the traced ones that have none but in the graph."""
    tensors = evidence.facts.tensors
    named = [Case(evidence, number, tensor) for number, tensor in enumerate(tensors) if tensor.name is not None]
    known = {tensor.name for tensor in tensors}
    ends = [
        Case(evidence, -1, Tensor(end.name, "output", None, "float", "", None, node=end.node, output_nr=end.output_nr))
        for end in evidence.facts.graph.outputs
        if end.name not in known
    ]
    return named + ends


def _findings(case: Case) -> list[Finding]:
    for cause in BARRED:
        if barred := list(cause(case)):
            return barred
    if case.place is not None:
        return [finding for cause in PRESENT for finding in cause(case)]
    return next((found for cause in ABSENT if (found := list(cause(case)))), [])


LEADS = {
    None: "{name}: {why}",
    MISSING: "{name} gets no gradient: {why}",
    NO_GRAPH: "{name} has no gradient to give: {why}",
    "zero gradient": "The gradient of {name} is all zero: {why}",
    "NaN or infinity": "The gradient of {name} holds NaN or infinities: {why}",
    "vanishing gradient": "The gradient of {name} vanishes with depth: {why}",
    "exploding gradient": "The gradient of {name} explodes with depth: {why}",
    "other shape": "The gradient of {name} has another shape: {why}",
}
NOT_REACHED = {
    MISSING: "Backward does not reach {name}: {why}",
    NO_GRAPH: LEADS[NO_GRAPH],
    None: "It is not known whether backward reaches {name}: {why}",
}


def _answer(case: Case) -> Answer:
    name, findings = case.tensor.name or "", _findings(case)
    return Answer(name, tuple(text for finding in findings for text in _sentences(name, finding)), tuple(findings))


def _sentences(name: str, finding: Finding, leads: Mapping[str | None, str] = LEADS) -> Iterator[str]:
    yield sentence(leads[finding.problem].format(name=name, why=finding.why))
    if finding.cure:
        yield sentence(finding.cure)


def _problem(found: Sequence[tuple[Finding, str]]) -> Problem:
    finding, names = _speaking(found), [name for _, name in found]
    return Problem(
        problem=("possibly " if finding.possible else "") + (finding.problem or ""),
        where=listed(names),
        why=sentence(finding.why[:1].upper() + finding.why[1:]),
        source=finding.source,
        cure=sentence(finding.cure),
        operation=finding.operation,
        possible=finding.possible,
        names=tuple(names),
    )


def _called(cases: Sequence[Case], name: str) -> list[Case]:
    """Find the tensors of a name: in full, one of several that a tensor has, or with or without a model's before it."""
    for fits in (_is_full, _is_one, _ends_alike):
        found = [case for case in cases if fits(case.tensor.name or "", name)]
        if len(found) == 1 or (found and fits is not _ends_alike):
            return found
    known = list(dict.fromkeys(case.tensor.name or "" for case in cases))
    near = [case.tensor.name or "" for case in cases if _ends_alike(case.tensor.name or "", name)]
    near = near or difflib.get_close_matches(name, known, NEAR, 0.5) or known
    raise TracerError(
        f"This recording has no tensor “{name}”" if name not in near else f"“{name}” is not clear",
        cure=f"Use one of {', '.join(near[:NEAR])}" if near else "Give it names: trace(…, model=model, names={…})",
    )


def _is_full(known: str, name: str) -> bool:
    return known == name


def _is_one(known: str, name: str) -> bool:
    return name in known.split(" = ")


def _ends_alike(known: str, name: str) -> bool:
    return any(one.endswith("." + name) or name.endswith("." + one) for one in known.split(" = ") if one)
