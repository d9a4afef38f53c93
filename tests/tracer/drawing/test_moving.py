"""The moving pictures of a matrix made of kernels: what they say is counted in a second way, and all of it fits."""

from typing import Any

import pytest

from tests.pictures import assert_inside
from tracer.drawing import backward_readings, kernel_sheets, stacked_layers, thick_signal, three_ideas
from tracer.drawing.display_list import DisplayList, Path, Rect, Text
from tracer.drawing.moment import Moment, bank_of, kept, paragraph
from tracer.experiment import MatrixVector
from tracer.matrix_vector.settings import Settings, resolve

X, KERNELS = [1, 3, 2, 0, -1, 4, 5], [[1, 0, -1], [1, 2, 1]]
LESSON = resolve(MatrixVector(vector=X, kernels=KERNELS))
STEREO = resolve(MatrixVector(vector=[[1, 2, 0, -1, 3], [0, 1, 1, 2, -2]], kernels=[[[1, 0, -1], [2, 1, 0]]]))
PADDED = resolve(MatrixVector(vector=X, kernels=KERNELS, padding=2, stride=2, dilation=2, bias=["1/3", 100]))
LARGE = resolve(
    MatrixVector(vector=list(range(40)), kernels=[["1/3", 0, -1, 2]] * 7, padding=2, stride=2, bias=[1] * 7)
)
SMALL = resolve(MatrixVector(vector=[2], kernels=[[3]]))
HUGE = resolve(MatrixVector(vector=["1e300", "inf", 2], kernels=[["1e300", 1]]))
TYPED = resolve(MatrixVector([[1, 2, 3], [4, 5, 6]], [2, -1, 3]))
WITH_KERNELS = {"lesson": LESSON, "stereo": STEREO, "padded": PADDED, "large": LARGE, "small": SMALL, "huge": HUGE}
PICTURES: dict[str, Any] = {
    **{f"sheets {kind}": (kernel_sheets, kind) for kind in ("dense", "local", "shared")},
    "signal": (thick_signal, ""),
    **{kind: (three_ideas, kind) for kind in three_ideas.KINDS},
    **{f"backward {kind}": (backward_readings, kind) for kind in ("x", "w")},
}


def drawn(
    name: str, settings: Settings, step: int, kernel: int = 0, size: tuple[float, float] = (780, 550)
) -> DisplayList:
    module, kind = PICTURES[name]
    most = module.steps(settings, kind) if module in (three_ideas, backward_readings) else module.steps(settings)
    kernels = len(settings.bank.kernels) if settings.bank else 1
    found: DisplayList = module.picture(settings, kept(Moment(step, kernel, kind), most, kernels, [kind]), *size)
    return found


def texts(shown: DisplayList) -> list[str]:
    return [mark.text for mark in shown.marks if isinstance(mark, Text)]


@pytest.mark.parametrize("size", [(780, 550), (484, 330), (1500, 900), (360, 300)])
@pytest.mark.parametrize("name", PICTURES)
def test_everything_fits_and_every_area_says_something(name: str, size: tuple[float, float]) -> None:
    shown = {**WITH_KERNELS, **({"typed": TYPED} if name.startswith("backward") else {})}
    for settings in shown.values():
        for step in (0, 1, 3, 10**6):
            for kernel in (0, 1):
                picture = drawn(name, settings, step, kernel, size)
                assert_inside(picture, *size)
                assert picture.title and all(area.label for area in picture.areas)


def test_the_sheets_say_the_lessons_counts() -> None:
    said = {kind: drawn(f"sheets {kind}", LESSON, 5).title for kind in ("dense", "local", "shared")}
    assert "10 × 7 = 70 numbers to learn" in said["dense"]
    assert "reads 3 of 7 inputs" in said["local"] and "30 numbers. 40 cells are zero by structure" in said["local"]
    assert "2 × 3 = 6 numbers. 40 cells" in said["shared"] and "5 more are 0 by value" in said["shared"]
    assert "and 2 biases" in drawn("sheets shared", PADDED, 5).title
    for kind in said:
        assert {"70", "30", "6"} <= set(texts(drawn(f"sheets {kind}", LESSON, 5)))


def test_zeros_by_structure_are_told_from_zeros_by_value() -> None:
    shown = drawn("sheets shared", LESSON, 5)
    assert texts(shown).count("∅") == 20
    labels = [area.label for area in shown.areas]
    assert labels.count("A[0, 1] = w(1)[1] = 0, zero by value: the same number at every place") == 1
    assert "A[0, 3] is zero by structure: no weight stands here" in labels
    assert texts(drawn("sheets dense", LESSON, 5)).count("∅") == 0


def test_the_kernel_leaves_its_rows_behind() -> None:
    counted = []
    for step in range(6):
        shown = drawn("sheets shared", LESSON, step)
        counted.append(sum(area.label.startswith("A[") for area in shown.areas))
    assert counted == [0, 7, 14, 21, 28, 35]
    assert "y(1)[2] = 1·2 + 0·0 + (−1)·(−1) = 3" in texts(drawn("sheets shared", LESSON, 3))
    assert "y(2)[4] = 1·(−1) + 2·4 + 1·5 = 12" in texts(drawn("sheets shared", LESSON, 5, 1))
    assert "y(1)[0] = (−1)·1 + (1/3)·0" not in texts(drawn("sheets shared", PADDED, 1))


def test_the_sheet_in_front_is_that_of_the_kernel() -> None:
    for kernel in (0, 1):
        shown = drawn("sheets shared", LESSON, 5, kernel)
        assert any(text.startswith(f"T({kernel + 1})") for text in texts(shown))
        assert any(area.owner == f"kernel {1 - kernel}" and "bring it forward" in area.label for area in shown.areas)


def test_the_stereo_signal_is_summed_over_its_channels() -> None:
    found = [thick_signal.products(STEREO, 0, place) for place in range(3)]
    assert found == [(1, 1), (3, 3), (-3, 4)]
    said = texts(drawn("signal", STEREO, 2))
    for words in ("x: Ω → R²", "⟨w[0], x[0]⟩ = 1·2 + 0·0 + (−1)·(−1) = 3", "y[1] = 3 + 3 = 6"):
        assert words in said
    assert any("stereophonic" in text for text in said)
    assert any("monophonic" in text for text in texts(drawn("signal", LESSON, 2)))


def test_products_of_channels_add_up_to_the_output() -> None:
    """A second way: the sums of channels, and the bias, are what the row of A gives."""
    for settings in (LESSON, STEREO, PADDED, LARGE):
        bank = bank_of(settings)
        rows = [sum(a * x for a, x in zip(row, settings.vector, strict=True)) for row in settings.matrix]
        for at, row in enumerate(rows):
            kernel, place = divmod(at, bank.height)
            assert sum(thick_signal.products(settings, kernel, place)) == row


def test_arrows_fade_to_those_of_the_window() -> None:
    def arrows(name: str, step: int) -> int:
        marks = drawn(name, LESSON, step).marks
        return sum(isinstance(mark, Path) and mark.points[0][1] < mark.points[1][1] - 50 for mark in marks)

    assert [arrows("sparsity", step) for step in (0, 2, 5)] == [35, 27, 15]
    assert "27 of 35 arrows are left now, 15 at the end; in 2 kernels 70 → 30" in drawn("sparsity", LESSON, 2).title
    assert arrows("stationarity", 0) == arrows("stationarity", 5) == 15


def test_the_same_numbers_have_the_same_colours() -> None:
    assert "15 arrows carry 15 free numbers now, 3 at the end" in drawn("stationarity", LESSON, 0).title
    assert "carry 12 free numbers now" in drawn("stationarity", LESSON, 2).title
    assert "carry 3 free numbers." in drawn("stationarity", LESSON, 5).title
    shown = drawn("stationarity", LESSON, 5)
    long = [mark for mark in shown.marks if isinstance(mark, Path) and mark.points[0][1] < mark.points[1][1] - 50]
    assert {colour: sum(mark.stroke == colour for mark in long) for colour in ("forward", "backward", "leaf")} == {
        "forward": 5,
        "backward": 5,
        "leaf": 5,
    }


def _depends_on(kernel: int, stride: int, dilation: int, layers: int) -> int:
    """Count by sets of places, from one output down."""
    places = {0}
    for _ in range(layers):
        places = {place * stride + tap * dilation for place in places for tap in range(kernel)}
    return len(places)


@pytest.mark.parametrize(
    ("k", "stride", "dilation"), [(3, 1, 1), (2, 1, 1), (5, 1, 1), (3, 2, 1), (2, 1, 3), (1, 2, 1), (3, 3, 1)]
)
def test_a_stack_sees_further_with_each_layer(k: int, stride: int, dilation: int) -> None:
    settings = resolve(MatrixVector(vector=[1] * 20, kernels=[[1] * k], stride=stride, dilation=dilation))
    fields = stacked_layers.fields_of(bank_of(settings))
    assert fields == tuple(_depends_on(k, stride, dilation, depth + 1) for depth in range(len(fields)))
    shown = drawn("compositionality", settings, len(fields))
    assert f"depends on {fields[-1]} input" in shown.title


def test_the_lessons_receptive_field_is_3_5_7() -> None:
    assert (
        "After 3 layers of kernel 3 one output depends on 7 inputs: 3 → 5 → 7."
        in drawn("compositionality", LESSON, 3).title
    )
    lit = [
        mark for mark in drawn("compositionality", LESSON, 3).marks if isinstance(mark, Rect) and mark.fill == "forward"
    ]
    assert len(lit) == 1 + 3 + 5 + 7
    assert {"7 of 9", "5 of 7", "3 of 5", "1 output"} <= set(texts(drawn("compositionality", LESSON, 3)))


def test_backward_of_a_typed_matrix_moves_column_by_column() -> None:
    assert "x[1].grad = 1·2 + 1·5 = 7" in texts(drawn("backward x", TYPED, 2))
    assert [str(backward_readings.gradient_of_x(TYPED, at)) for at in range(3)] == ["5", "7", "9"]
    assert "A.grad[1] = 1·[2, −1, 3]" in texts(drawn("backward w", TYPED, 2))
    assert texts(drawn("backward w", TYPED, 1)).count("·") == 3 and texts(drawn("backward x", TYPED, 1)).count("·") == 2


def test_backward_of_kernels_is_the_lessons() -> None:
    assert [int(backward_readings.gradient_of_x(LESSON, at)) for at in range(7)] == [2, 4, 4, 4, 4, 2, 0]  # type: ignore[arg-type]
    for kernel in (0, 1):
        found = [backward_readings.gradient_of_weight(LESSON, 3 * kernel + tap) for tap in range(3)]
        assert found == [5, 8, 10]
    assert any(
        text.startswith("w(1).grad[1] = 1·3 + 1·2 + 1·0 + 1·(−1) + 1·4 = 8")
        for text in texts(drawn("backward w", LESSON, 2))
    )


def test_a_moment_stays_in_range_and_a_paragraph_in_its_lines() -> None:
    assert kept(Moment(9, 5, "other", None), 5, 2, ("a", "b")) == Moment(5, 1, "a", None)
    lines = paragraph("one two three four five six seven", 0, 0, 60, 2)
    assert len(lines) == 2 and lines[-1].text.endswith("…") and all(line.width <= 60 for line in lines)
