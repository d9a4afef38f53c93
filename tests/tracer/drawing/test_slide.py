"""The Slide's picture: its cells are what the reference says, its sums are torch's."""

import itertools
import math

import msgspec
import numpy as np
import pytest
import torch

from tracer.convolution import chosen as choosing
from tracer.convolution import places, shapes
from tracer.convolution.chosen import Numbers
from tracer.convolution.reads import feeds, reads
from tracer.convolution.settings import resolve
from tracer.convolution.tap_places import OUTSIDE
from tracer.drawing import slide, slide_facts, slide_layout, slide_sheets, slide_sum
from tracer.drawing.display_list import Shades, Text
from tracer.drawing.palette import NOTHING, STEPS, step_colour
from tracer.drawing.slide_layout import Part
from tracer.experiment import Convolution
from tracer.export.svg import svg
from tracer.runners import convolution as runner

LESSON = Convolution(layer="Conv2d", in_channels=20, out_channels=16, kernel_size=(3, 5), input_size=(64, 128))
SIGNAL = Convolution(
    layer="Conv1d", in_channels=1, out_channels=2, kernel_size=3, input_size=7, bias=False, loss="sum",
    input=[[[1, 3, 2, 0, -1, 4, 5]]], weight=[[[1, 0, -1]], [[1, 2, 1]]],
)  # fmt: skip
SMALL = {
    "one dimension": SIGNAL,
    "padding": Convolution("Conv2d", 2, 3, (3, 2), (5, 6), padding=(1, 2)),
    "stride and dilation": Convolution("Conv2d", 2, 2, 3, (9, 8), stride=(2, 3), dilation=(1, 2), padding=2, batch=2),
    "circular": Convolution("Conv2d", 2, 2, 3, (5, 4), padding=1, padding_mode="circular"),
    "reflect": Convolution("Conv2d", 1, 2, 3, (5, 4), padding=2, padding_mode="reflect", batch=None),
    "replicate": Convolution("Conv1d", 4, 4, 3, 6, padding=2, padding_mode="replicate", groups=2),
    "depthwise": Convolution("Conv2d", 3, 6, 3, (5, 5), groups=3),
    "three dimensions": Convolution("Conv3d", 2, 2, (3, 2, 2), (4, 3, 3), padding=1),
    "three dimensions, circular": Convolution("Conv3d", 1, 1, 3, (3, 3, 3), padding=1, padding_mode="circular"),
    "transposed": Convolution("ConvTranspose2d", 2, 3, (4, 3), (3, 4), stride=2, padding=1, output_padding=1),
    "transposed, one dimension": Convolution("ConvTranspose1d", 4, 6, 3, 5, stride=3, dilation=2, groups=2),
    "transposed, three dimensions": Convolution("ConvTranspose3d", 1, 2, 2, (2, 3, 2), stride=2),
    "gaps that no kernel fills": Convolution("Conv2d", 1, 1, 1, (5, 5), stride=3),
    "no reads": Convolution("ConvTranspose1d", 1, 1, 1, 3, stride=3),
}
SIDES = ("output", "input")
BOX = (814.0, 366.0)


def looked_at(settings, side):
    """Elements at corners, edges and in the middle of one side, of all channels."""
    shape = shapes.output_shape(settings) if side == "output" else shapes.input_shape(settings)
    along = [sorted({0, length // 2, length - 1}) for length in shape]
    base = choosing.first(settings)
    return [choosing.with_index(base, settings, side, index) for index in itertools.product(*along)]


def elements(sheet):
    """The elements of a sheet that are lit, as often as they are."""
    found = [sheet.element(row, column) for row in sheet.lit_rows for column in sheet.lit_cols]
    return sorted(element for element in found if element is not None)


def of_sheet(flat, shape, sheet):
    """Those of flat numbers that the sheet shows."""
    held = [tuple(map(int, np.unravel_index(at, shape))) for at in flat if at != OUTSIDE]
    shown = {sheet.element(row, column) for row in range(sheet.size[0]) for column in range(sheet.size[1])}
    return sorted(element for element in held if element in shown)


@pytest.mark.parametrize("name", SMALL)
def test_what_is_lit_forward_is_what_the_output_reads(name):
    settings = resolve(SMALL[name])
    for chosen in looked_at(settings, "output"):
        read = reads(settings, chosen.output)
        for tap in slide_sheets.slices(settings, chosen):
            found = slide_sheets.sheets(settings, chosen, tap)
            assert elements(found.y) == [chosen.output]
            weights = of_sheet(read.weights, shapes.weight_shape(settings), found.weight)
            assert elements(found.weight) == sorted(weights)
            pairs = zip(read.inputs, read.weights, strict=True)
            through = [at for at, weight in pairs if of_sheet([weight], shapes.weight_shape(settings), found.weight)]
            assert elements(found.x) == of_sheet(through, shapes.input_shape(settings), found.x)


@pytest.mark.parametrize("name", SMALL)
def test_what_is_lit_backward_is_what_reads_the_input(name):
    settings = resolve(SMALL[name])
    for chosen in looked_at(settings, "input"):
        fed = feeds(settings, chosen.input)
        taps = slide_sheets.slices(settings, chosen)
        through, lit = set(), set()
        for tap in taps:
            found = slide_sheets.sheets(settings, chosen, tap)
            assert found.unread == (len(fed.outputs) == 0)
            if found.unread:
                continue
            assert set(elements(found.x)) == {chosen.input}
            expected = of_sheet(fed.weights, shapes.weight_shape(settings), found.weight)
            assert set(elements(found.weight)) == set(expected)
            assert set(elements(found.y)) == set(of_sheet(fed.outputs, shapes.output_shape(settings), found.y))
            lit |= set(elements(found.y))
            through |= set(of_sheet(fed.outputs, shapes.output_shape(settings), found.y))
        assert lit == through


def test_the_kernel_is_drawn_in_the_order_of_what_lies_under_it():
    for name, side in itertools.product(("padding", "transposed"), SIDES):
        settings = resolve(SMALL[name])
        chosen = choosing.with_index(choosing.first(settings), settings, side, getattr(choosing.first(settings), side))
        found = slide_sheets.sheets(settings, chosen)
        assert found.flipped == (side == "input") ^ settings.transposed
        read = reads(settings, chosen.output) if side == "output" else feeds(settings, chosen.input)
        others = read.inputs if side == "output" else read.outputs
        shape = shapes.input_shape(settings) if side == "output" else shapes.output_shape(settings)
        sheet = found.x if side == "output" else found.y
        pairs = {
            tuple(np.unravel_index(weight, shapes.weight_shape(settings))): tuple(np.unravel_index(at, shape))
            for at, weight in zip(others, read.weights, strict=True)
            if at != OUTSIDE
        }
        under = [sheet.element(r, c) for r in sheet.lit_rows for c in sheet.lit_cols]
        under = [element for element in under if element is not None]
        kernel = [found.weight.element(r, c) for r in found.weight.lit_rows for c in found.weight.lit_cols]
        assert [pairs[weight] for weight in kernel if weight in pairs] == under


def test_places_of_a_padded_and_of_a_stretched_axis():
    padded = places.line(resolve(Convolution("Conv1d", 1, 1, 3, 4, padding=2, padding_mode="reflect")), 0)
    assert (padded.inputs.tolist(), padded.first, padded.own) == ([2, 1, 0, 1, 2, 3, 2, 1], -2, (2, 6))
    stretched = places.line(resolve(Convolution("ConvTranspose1d", 1, 1, 3, 3, stride=2)), 0)
    assert stretched.inputs.tolist() == [-1, -1, 0, -1, 1, -1, 2, -1, -1]


@pytest.fixture(scope="module")
def found():
    """The numbers of each small layer, from torch."""
    torch.set_num_threads(1)

    def numbers(experiment):
        arrays = {}
        runner.find(experiment, arrays.update)
        return Numbers(arrays, True)

    return {name: numbers(experiment) for name, experiment in SMALL.items()}


@pytest.mark.parametrize("name", SMALL)
def test_the_sum_that_is_written_is_torchs_value(name, found):
    settings = resolve(SMALL[name])
    for side in SIDES:
        for chosen in looked_at(settings, side):
            total = slide_sum.of_chosen(settings, found[name], chosen)
            array = found[name].arrays["y" if side == "output" else "x.grad"]
            index = chosen.output if side == "output" else chosen.input
            assert total.torch == array[index]
            assert total.agrees, (side, index, total)
            assert math.isclose(total.value, total.torch, rel_tol=1e-4, abs_tol=1e-6)


def test_a_wrong_value_is_called_wrong(found):
    settings = resolve(SMALL["padding"])
    y = found["padding"].arrays["y"].copy()
    y[0, 1, 2, 3] += 1e-4
    chosen = choosing.with_index(choosing.first(settings), settings, "output", (0, 1, 2, 3))
    total = slide_sum.of_chosen(settings, Numbers({**found["padding"].arrays, "y": y}, True), chosen)
    assert not total.agrees
    assert "✗ differs by 0.0001" in slide_sum.check_words(total, "float32")


def shades(picture):
    return {step for mark in picture.marks if isinstance(mark, Shades) for step in mark.steps}


def words(picture):
    return [mark.text for mark in picture.marks if isinstance(mark, Text)]


def test_the_lessons_signal_is_written_out(found):
    settings, numbers = resolve(SIGNAL), found["one dimension"]
    chosen = choosing.with_index(choosing.first(settings), settings, "output", (0, 0, 3))
    picture = slide.picture(settings, numbers, chosen, Part(), *BOX)
    assert "y[0, 0, 3] = Σ x[0, :, 3:6]·weight[0] = 3 products = −4" in words(picture)
    assert "= 0·1 + (−1)·0 + 4·(−1) = −4" in words(picture)
    assert "torch: y[0, 0, 3] = −4 ✓ the same" in words(picture)
    back = choosing.with_index(chosen, settings, "input", (0, 0, 1))
    picture = slide.picture(settings, numbers, back, Part(), *BOX)
    assert "x.grad[0, 0, 1] = Σ y.grad·weight over the outputs that read it = 4 products = 4" in words(picture)
    assert "= 1·1 + 1·0 + 1·1 + 1·2 = 4" in words(picture)


def test_numbers_that_are_not_fresh_colour_cells_and_give_no_sum(found):
    settings = resolve(SIGNAL)
    old = found["one dimension"]._replace(fresh=False)
    picture = slide.picture(settings, old, choosing.first(settings), Part(), *BOX, "running…")
    assert len(shades(picture)) > 3
    assert "running…" in words(picture)
    assert not any("torch" in text or "= −" in text for text in words(picture))
    empty = slide.picture(settings, Numbers(), choosing.first(settings), Part(), *BOX, "running…")
    assert shades(empty) <= {STEPS, NOTHING}


@pytest.mark.parametrize("box", [BOX, (494.0, 250.0), (494.0, 160.0), (1600.0, 900.0)])
@pytest.mark.parametrize("name", ["lesson", *SMALL])
def test_nothing_is_cut_and_no_texts_overlap(name, box, found):
    settings = resolve(SMALL.get(name, LESSON))
    numbers = found.get(name, Numbers())
    for side in SIDES:
        base = choosing.first(settings)
        chosen = choosing.with_index(base, settings, side, getattr(base, side))
        flat = settings.dims == 1
        part = slide_layout.followed(slide_sheets.sheets(settings, chosen), Part(), *box, flat)
        picture = slide.picture(settings, numbers, chosen, part, *box)
        texts = [mark for mark in picture.marks if isinstance(mark, Text)]
        for text in texts:
            left = text.x - {"start": 0, "middle": 0.5, "end": 1}[text.anchor] * text.width
            assert left >= 0, text
            assert left + text.width <= box[0] + 0.01, text
            assert text.y <= box[1] - 2 or box[1] < 200, text
        starts = [text for text in texts if text.anchor == "start"]
        for a, b in itertools.combinations(starts, 2):
            if abs(a.y - b.y) < 11:
                assert a.x + a.width <= b.x + 0.01 or b.x + b.width <= a.x + 0.01, (a, b)


@pytest.mark.parametrize("place", [(0, 0), (30, 61), (61, 123)])
def test_what_is_in_view_goes_along_with_the_window(place):
    settings = resolve(LESSON)
    part = Part(x=(0, 0), weight=(0, 0), y=(0, 0))
    for side, index in (("output", (0, 7, *place)), ("input", (0, 3, *place))):
        chosen = choosing.with_index(choosing.first(settings), settings, side, index)
        sheets = slide_sheets.sheets(settings, chosen)
        part = slide_layout.followed(sheets, part, *BOX, False)
        layout = slide_layout.laid_out(sheets, part, *BOX, False)
        for placed in (layout.x, layout.y):
            lit = (placed.sheet.lit_rows, placed.sheet.lit_cols)
            for axis in (0, 1):
                first, shown = placed.first[axis], placed.shown[axis]
                assert first <= min(lit[axis]) <= max(lit[axis]) < first + shown


def test_the_lessons_counts_are_told():
    settings = resolve(LESSON)
    chosen = choosing.with_index(choosing.first(settings), settings, "output", (0, 7, 3, 5))
    told = slide_facts.told(settings, Numbers(), chosen)
    assert told.title == "y[0, 7, 3, 5]"
    assert dict(told.facts) == {
        "sees x rows": "3–5",
        "sees x columns": "5–9",
        "channels": "all 20",
        "products": "300",
    }
    assert "15 positions × 16 kernels = 240 outputs" in told.backward
    padded = resolve(msgspec.structs.replace(LESSON, padding=(1, 2)))
    corner = slide_facts.told(padded, Numbers(), choosing.with_index(chosen, padded, "output", (0, 0, 0, 0)))
    assert "full convolution" in told.backward
    assert "full convolution" not in corner.backward  # with padding it is cut
    assert dict(corner.facts)["on the padding"] == "180 of them, × 0"


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_other_dtypes_agree_within_their_rounding(dtype):
    experiment = Convolution("Conv2d", 4, 2, 3, (6, 6), padding=1, dtype=dtype, device="cpu")
    arrays, settings = {}, resolve(experiment)
    runner.find(experiment, arrays.update)
    for side in SIDES:
        for chosen in looked_at(settings, side):
            assert slide_sum.of_chosen(settings, Numbers(arrays, True), chosen).agrees


def test_a_file_has_the_same_cells(found):
    settings = resolve(SIGNAL)
    picture = slide.picture(settings, found["one dimension"], choosing.first(settings), Part(), *BOX)
    cells = [step for mark in picture.marks if isinstance(mark, Shades) for step in mark.steps]
    written = svg(picture, "dark")
    assert len(cells) == 7 + 3 + 2 * 5
    for step in set(cells):
        assert written.count(f'fill="{step_colour("dark", step)}"') >= cells.count(step)
