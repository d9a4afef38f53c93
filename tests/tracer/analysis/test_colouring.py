"""Colours of boxes: shades by the logarithm of an amount, hues by kind, and words that say the same."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

import tracer
from tracer.analysis.colouring import Tint, colouring, known_by
from tracer.analysis.folding import Box, Fold, Folded, fold
from tracer.drawing.display_list import Rect, Text
from tracer.drawing.palette import PALETTES, shade
from tracer.drawing.picture import draw, draw_folded
from tracer.facts import Facts
from tracer.quantities import size

HOW = Fold(1)


@pytest.fixture(scope="module")
def facts() -> Facts:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 1).double())
    model[1].register_forward_hook(lambda _module, _given, result: result.double())
    with tracer.record(model) as notes:
        loss = model(torch.ones(16, 8)).sum()
    return tracer.trace(loss, model=model, notes=notes, gradients=True).facts


def test_the_largest_norm_has_the_strongest_shade(facts: Facts) -> None:
    folded = fold(facts, HOW)
    found = colouring(facts, folded, "gradient")
    assert found is not None and len(found.tints) == len(folded.boxes)
    norms = {box.module: box.norm for box in folded.boxes}
    shades = {box.module: tint.shade for box, tint in zip(folded.boxes, found.tints, strict=True) if tint}
    largest, smallest = max(norms, key=lambda m: norms[m] or 0), min(norms, key=lambda m: norms[m] or math.inf)
    assert {largest, smallest} == {"0", "2"} and (norms["0"] or 0) > 0
    assert shades[largest] is not None and shades[smallest] is not None
    assert -1 <= shades[largest] < shades[smallest] < 0


def test_bytes_are_those_that_a_box_alone_keeps(facts: Facts) -> None:
    folded = fold(facts, HOW)
    found = colouring(facts, folded, "bytes")
    assert found is not None
    rows = {row.module: row.bytes for row in tracer.Recording(facts).saved_by_module()}
    words = {box.module: tint.words for box, tint in zip(folded.boxes, found.tints, strict=True) if tint}
    assert words["0"] == f"keeps {size(rows['0'])}" and found.legend[-1].shade == 1.0


def test_kinds_have_hues_by_how_often_they_come(facts: Facts) -> None:
    folded = fold(facts, Fold("all"))
    found = colouring(facts, folded, "dtype")
    assert found is not None and {tint.words: tint.hue for tint in found.legend} == {"float32": 1, "float64": 0}
    for box, tint in zip(folded.boxes, found.tints, strict=True):
        assert tint is not None and tint.words == facts.graph.nodes[box.nodes[0]].dtype
    mixed = colouring(facts, Folded((Box(tuple(range(len(facts.graph.nodes)))),), ()), "dtype")
    assert mixed is not None and mixed.tints == (Tint("float32, float64", hue=0),)


def test_what_is_not_finite_has_a_border_and_what_is_zero_no_shade() -> None:
    x = torch.tensor([0.0], requires_grad=True)
    y = torch.tensor([1.0], requires_grad=True)
    facts = tracer.trace(x.sqrt() + y * 0, names={"x": x, "y": y}, gradients=True).facts
    folded = fold(facts, Fold("all"))
    found = colouring(facts, folded, "gradient")
    assert found is not None
    tints = {facts.graph.nodes[box.nodes[0]].label: tint for box, tint in zip(folded.boxes, found.tints, strict=True)}
    assert tints["x"] is not None and (tints["x"].broken, tints["x"].shade) == (True, None)
    assert tints["y"] is not None and (tints["y"].broken, tints["y"].shade) == (False, 0.0)
    assert found.legend[0].words == "‖g‖ 0" and found.legend[-1].broken


def test_a_recording_tells_by_what_it_can_be_coloured(facts: Facts) -> None:
    assert known_by(facts) == ("none", "gradient", "bytes", "dtype", "device")
    assert known_by(Facts(facts.graph)) == ("none", "dtype", "device")


def test_a_coloured_picture_has_its_legend_below(facts: Facts) -> None:
    plain, coloured = draw(facts, how=HOW), draw(facts, how=HOW, colour="bytes")
    assert coloured.height > plain.height and "Kept for backward by this alone" in coloured.title
    texts = [mark for mark in coloured.marks if isinstance(mark, Text)]
    assert all(mark.y <= coloured.height and mark.x <= coloured.width for mark in texts)
    legend = draw_folded(facts, fold(facts, HOW), colour="bytes").legend
    assert legend is not None and max(mark.y for mark in texts) > plain.height
    shades = [mark.shade for mark in coloured.marks if isinstance(mark, Rect) and mark.shade is not None]
    assert len(shades) >= 2 * 3 and draw_folded(facts, fold(facts, HOW)).legend is None
    card = next(area for area in coloured.areas if area.owner.startswith("group"))
    assert "Keeps " in card.label


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_on_each_shade(theme: str) -> None:
    text = _luminance(PALETTES[theme]["text"])  # type: ignore[index]
    for step in range(-48, 49):
        ground = _luminance(shade(theme, step / 48))  # type: ignore[arg-type]
        high, low = max(text, ground), min(text, ground)
        assert (high + 0.05) / (low + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
