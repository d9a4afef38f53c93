"""Both lessons, walked: every right answer, every slip, and every number of the fact table against the recordings.

The table's numbers stand here as they were computed by hand and by torch 2.13, apart from the program's own code."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tracer.errors import TracerError
from tracer.lesson import library
from tracer.lesson.answers import check
from tracer.lesson.hiding import still_hidden
from tracer.lesson.proving import prove
from tracer.lesson.solving import numbers, solve
from tracer.lesson.source import Text

LESSONS = {name: library.load(name) for name in library.SHIPPED}
STEPS = {(name, step.title): step for name, lesson in LESSONS.items() for step in lesson.steps}
CONVOLUTIONS, DYNAMIC = library.SHIPPED


@pytest.mark.parametrize("name", library.SHIPPED)
def test_a_lesson_holds(name, run):
    assert list(map(str, prove(LESSONS[name], run, Text(*library.text(name))))) == []


@pytest.mark.parametrize("name, title", STEPS)
def test_right_answers_are_taken_and_slips_are_told(name, title, run):
    step = STEPS[name, title]
    solution = solve(step, run(step.experiment))
    assert step.predict, "a step asks something"
    for solved in solution.predictions:
        assert check(solved, solved.expected.text).state == "right"
        assert solved.slips
        for slip in solved.slips:
            verdict = check(solved, slip.result.text)
            assert (verdict.state, verdict.slip) == ("slip", slip.name)
            assert slip.says in verdict.says
        wrong = {"number": "777", "shape": "7 × 7 × 7", "list": "[7, 7, 7, 7, 7, 7]", "word": "Seven"}[solved.kind]
        assert check(solved, wrong).state == "wrong"
        assert check(solved, "").state == "unreadable"


def test_a_step_that_asks_hides_and_stops_hiding_once_answered(run):
    for step in STEPS.values():
        solution = solve(step, run(step.experiment))
        everything = frozenset(range(len(solution.predictions)))
        if step.title != "Read the documentation":  # its answer is in the documentation, which it is about
            assert still_hidden(solution, frozenset()) != still_hidden(solution, everything), step.title
        assert not any(getattr(still_hidden(solution, everything), field) for field in ("values", "graph", "shapes"))


def test_every_figure_of_the_notes_has_its_step():
    assert {figure for step in LESSONS[CONVOLUTIONS].steps for figure in step.figures} == set(range(1, 12))


def test_what_is_loose_in_the_notes_is_said_exactly():
    exact = " ".join(step.exact for step in LESSONS[CONVOLUTIONS].steps)
    for words in ("second entry is a₁₂", "length of the row", "One bias for each kernel", "Only height and width"):
        assert words in exact
    assert "while the norm is smaller" in " ".join(step.exact for step in LESSONS[DYNAMIC].steps)


# Sections 1 to 7 of the fact table: lesson, step, what can be tried there ("" is the step itself), label, number.
TRUTH = [
    # 1. A matrix times a vector
    (CONVOLUTIONS, "Rows and columns", "", "y, by rows", "[9, 21]"),
    (CONVOLUTIONS, "Rows and columns", "", "products of the first row with x", "[2, −2, 9]"),
    (CONVOLUTIONS, "Rows and columns", "", "products of the second row with x", "[8, −5, 18]"),
    (CONVOLUTIONS, "Rows and columns", "", "length of the first row", "3.741657"),
    (CONVOLUTIONS, "Rows and columns", "", "length of x", "3.741657"),
    (CONVOLUTIONS, "Rows and columns", "", "length of the second row", "8.774964"),
    (CONVOLUTIONS, "Rows and columns", "", "cosine between the first row and x", "0.642857"),
    (CONVOLUTIONS, "Rows and columns", "", "cosine between the second row and x", "0.639602"),
    (CONVOLUTIONS, "Rows and columns", "", "projection of x onto the first row, as a length", "2.405351"),
    (CONVOLUTIONS, "Rows and columns", "", "projection of x onto the second row, as a length", "2.393172"),
    (CONVOLUTIONS, "Rows and columns", "With the slip of the print", "y", "[10, 21]"),
    (CONVOLUTIONS, "Columns, one by one", "", "x[0] · column 0", "[2, 8]"),
    (CONVOLUTIONS, "Columns, one by one", "", "x[1] · column 1", "[−2, −5]"),
    (CONVOLUTIONS, "Columns, one by one", "", "x[2] · column 2", "[9, 18]"),
    (CONVOLUTIONS, "Columns, one by one", "", "sum after two columns", "[0, 3]"),
    (CONVOLUTIONS, "Columns, one by one", "", "sum after all columns", "[9, 21]"),
    (CONVOLUTIONS, "Columns, one by one", "", "backward function of y", "MvBackward0"),
    (CONVOLUTIONS, "Columns, one by one", "", "gradient of x", "[5, 7, 9]"),
    (CONVOLUTIONS, "Columns, one by one", "", "gradient of A", "[[2, −1, 3], [2, −1, 3]]"),
    # 2. Convolution
    (CONVOLUTIONS, "A kernel slides", "", "place 0: window · first kernel", "[1, 0, −2]"),
    (CONVOLUTIONS, "A kernel slides", "", "place 1: window · first kernel", "[3, 0, 0]"),
    (CONVOLUTIONS, "A kernel slides", "", "place 2: window · first kernel", "[2, 0, 1]"),
    (CONVOLUTIONS, "A kernel slides", "", "place 3: window · first kernel", "[0, 0, −4]"),
    (CONVOLUTIONS, "A kernel slides", "", "place 4: window · first kernel", "[−1, 0, −5]"),
    (CONVOLUTIONS, "A kernel slides", "", "place 0: window · second kernel", "[1, 6, 2]"),
    (CONVOLUTIONS, "A kernel slides", "", "place 1: window · second kernel", "[3, 4, 0]"),
    (CONVOLUTIONS, "A kernel slides", "", "place 2: window · second kernel", "[2, 0, −1]"),
    (CONVOLUTIONS, "A kernel slides", "", "place 3: window · second kernel", "[0, −2, 4]"),
    (CONVOLUTIONS, "A kernel slides", "", "place 4: window · second kernel", "[−1, 8, 5]"),
    (CONVOLUTIONS, "A kernel slides", "", "y of the first kernel", "[−1, 3, 3, −4, −6]"),
    (CONVOLUTIONS, "A kernel slides", "", "y of the second kernel", "[9, 7, 1, 2, 12]"),
    (CONVOLUTIONS, "A kernel slides", "Five numbers, a kernel of 2", "places", "4"),
    (CONVOLUTIONS, "A kernel slides", "Five numbers, a kernel of 3", "places", "3"),
    (CONVOLUTIONS, "Stack and shift", "", "sheet of the first kernel, T⁽¹⁾",
     "[[1, 0, −1, 0, 0, 0, 0], [0, 1, 0, −1, 0, 0, 0], [0, 0, 1, 0, −1, 0, 0], [0, 0, 0, 1, 0, −1, 0], "
     "[0, 0, 0, 0, 1, 0, −1]]"),
    (CONVOLUTIONS, "Stack and shift", "", "sheet of the second kernel, T⁽²⁾",
     "[[1, 2, 1, 0, 0, 0, 0], [0, 1, 2, 1, 0, 0, 0], [0, 0, 1, 2, 1, 0, 0], [0, 0, 0, 1, 2, 1, 0], "
     "[0, 0, 0, 0, 1, 2, 1]]"),
    (CONVOLUTIONS, "Stack and shift", "", "T⁽¹⁾ · x", "[−1, 3, 3, −4, −6]"),
    (CONVOLUTIONS, "Stack and shift", "", "T⁽²⁾ · x", "[9, 7, 1, 2, 12]"),
    (CONVOLUTIONS, "Stack and shift", "", "free numbers, m·k", "6"),
    (CONVOLUTIONS, "Stack and shift", "", "cells of the band, m·(n − k + 1)·k", "30"),
    (CONVOLUTIONS, "Stack and shift", "", "cells of the matrix, m·(n − k + 1)·n", "70"),
    (CONVOLUTIONS, "Stack and shift", "", "cells that are always zero", "40"),
    (CONVOLUTIONS, "Stack and shift", "", "of these in each sheet", "20"),
    (CONVOLUTIONS, "Stack and shift", "", "zeros that T⁽¹⁾ shows besides, since the middle of its kernel is 0", "5"),
    (CONVOLUTIONS, "The result is a slab", "", "y", "[[[−1, 3, 3, −4, −6], [9, 7, 1, 2, 12]]]"),
    (CONVOLUTIONS, "The result is a slab", "", "gradient of x", "[2, 4, 4, 4, 4, 2, 0]"),
    (CONVOLUTIONS, "The result is a slab", "", "gradient of each kernel", "[[5, 8, 10], [5, 8, 10]]"),
    (CONVOLUTIONS, "The result is a slab", "", "backward function of y", "ConvolutionBackward0"),
    (CONVOLUTIONS, "The result is a slab", "Padding 1", "y", "[[−3, −1, 3, 3, −4, −6, 4], [5, 9, 7, 1, 2, 12, 14]]"),
    (CONVOLUTIONS, "The result is a slab", "Padding 1", "places", "7"),
    (CONVOLUTIONS, "The result is a slab", "Stride 2", "y", "[[−1, 3, −6], [9, 1, 12]]"),
    (CONVOLUTIONS, "The result is a slab", "Stride 2", "places", "3"),
    (CONVOLUTIONS, "The result is a slab", "Dilation 2", "y", "[[2, −1, −3], [4, 7, 5]]"),
    (CONVOLUTIONS, "The result is a slab", "Dilation 2", "places", "3"),
    (CONVOLUTIONS, "The result is a slab", "A bias of 10 and 100", "y",
     "[[9, 13, 13, 6, 4], [109, 107, 101, 102, 112]]"),
    (CONVOLUTIONS, "The result is a slab", "A bias of 10 and 100", "gradient of the bias", "[5, 5]"),
    (CONVOLUTIONS, "The result is a slab", "A bias of 10 and 100", "free numbers with the biases", "8"),
    (CONVOLUTIONS, "As it stands, not flipped", "", "true convolution with [1, 0, −1]", "[1, −3, −3, 4, 6]"),
    (CONVOLUTIONS, "As it stands, not flipped", "", "true convolution with [1, 2, 1]", "[9, 7, 1, 2, 12]"),
    (CONVOLUTIONS, "Sparse, shared, composed", "", "free numbers of a dense matrix", "70"),
    (CONVOLUTIONS, "Sparse, shared, composed", "", "left where a kernel is short (local)", "30"),
    (CONVOLUTIONS, "Sparse, shared, composed", "", "left where all places share it", "6"),
    (CONVOLUTIONS, "Sparse, shared, composed", "", "after two layers", "5"),
    (CONVOLUTIONS, "Layer by layer", "", "place 0: left", "1"),
    (CONVOLUTIONS, "Layer by layer", "", "place 0: right", "1"),
    (CONVOLUTIONS, "Layer by layer", "", "place 1: left", "3"),
    (CONVOLUTIONS, "Layer by layer", "", "place 1: right", "3"),
    (CONVOLUTIONS, "Layer by layer", "", "place 2: left", "−3"),
    (CONVOLUTIONS, "Layer by layer", "", "place 2: right", "4"),
    (CONVOLUTIONS, "Layer by layer", "", "y", "[2, 6, 1]"),
    # 3. Dimensions in PyTorch
    (CONVOLUTIONS, "Sizes of Conv1d", "", "weight", "16 × 2 × 3"),
    (CONVOLUTIONS, "Sizes of Conv1d", "", "numbers in the weight", "96"),
    (CONVOLUTIONS, "Sizes of Conv1d", "", "bias", "16"),
    (CONVOLUTIONS, "Sizes of Conv1d", "", "parameters", "112"),
    (CONVOLUTIONS, "Sizes of Conv1d", "", "input", "1 × 2 × 64"),
    (CONVOLUTIONS, "Sizes of Conv1d", "", "output", "1 × 16 × 62"),
    (CONVOLUTIONS, "Sizes of Conv1d", "", "multiply–adds", "5952"),
    (CONVOLUTIONS, "Sizes of Conv1d", "", "cells of the same map as a dense matrix", "126 976"),
    (CONVOLUTIONS, "Sizes of Conv1d", "", "numbers that one output reads (taps)", "6"),
    (CONVOLUTIONS, "Sizes of Conv1d", "", "weights begin between plus and minus", "0.408248"),
    (CONVOLUTIONS, "Sizes of Conv1d", "A kernel of 5", "weight", "16 × 2 × 5"),
    (CONVOLUTIONS, "Sizes of Conv1d", "A kernel of 5", "numbers in the weight", "160"),
    (CONVOLUTIONS, "Sizes of Conv1d", "A kernel of 5", "parameters", "176"),
    (CONVOLUTIONS, "Sizes of Conv1d", "A kernel of 5", "output", "1 × 16 × 60"),
    (CONVOLUTIONS, "Sizes of Conv1d", "A kernel of 5", "multiply–adds", "9600"),
    (CONVOLUTIONS, "Sizes of Conv1d", "A kernel of 5", "cells of the same map as a dense matrix", "122 880"),
    (CONVOLUTIONS, "Sizes of Conv1d", "A kernel of 5", "numbers that one output reads (taps)", "10"),
    (CONVOLUTIONS, "Sizes of Conv1d", "A kernel of 5", "weights begin between plus and minus", "0.316228"),
    (CONVOLUTIONS, "Sizes of Conv1d", "Padding 1 keeps the length", "output", "1 × 16 × 64"),
    (CONVOLUTIONS, "Sizes of Conv1d", "Padding 1 keeps the length", "parameters", "112"),
    (CONVOLUTIONS, "Sizes of Conv1d", "Padding 1 keeps the length", "multiply–adds", "6144"),
    (CONVOLUTIONS, "Sizes of Conv1d", "Padding 1 keeps the length",
     "cells of the same map as a dense matrix", "131 072"),
    (CONVOLUTIONS, "Sizes of Conv1d", "Without a batch", "input", "2 × 64"),
    (CONVOLUTIONS, "Sizes of Conv1d", "Without a batch", "output", "16 × 62"),
    (CONVOLUTIONS, "Sizes of Conv2d", "", "weight", "16 × 20 × 3 × 5"),
    (CONVOLUTIONS, "Sizes of Conv2d", "", "numbers in the weight", "4800"),
    (CONVOLUTIONS, "Sizes of Conv2d", "", "bias", "16"),
    (CONVOLUTIONS, "Sizes of Conv2d", "", "parameters", "4816"),
    (CONVOLUTIONS, "Sizes of Conv2d", "", "input", "1 × 20 × 64 × 128"),
    (CONVOLUTIONS, "Sizes of Conv2d", "", "numbers in the input", "163 840"),
    (CONVOLUTIONS, "Sizes of Conv2d", "", "output", "1 × 16 × 62 × 124"),
    (CONVOLUTIONS, "Sizes of Conv2d", "", "numbers in the output", "123 008"),
    (CONVOLUTIONS, "Sizes of Conv2d", "", "multiply–adds", "36 902 400"),
    (CONVOLUTIONS, "Sizes of Conv2d", "", "cells of the same map as a dense matrix", "20 153 630 720"),
    (CONVOLUTIONS, "Sizes of Conv2d", "", "numbers that one output reads (taps)", "300"),
    (CONVOLUTIONS, "Sizes of Conv2d", "", "weights begin between plus and minus", "0.057735"),
    (CONVOLUTIONS, "Keep the size", "", "output", "1 × 16 × 64 × 128"),
    (CONVOLUTIONS, "Keep the size", "", "numbers in the output", "131 072"),
    (CONVOLUTIONS, "Keep the size", "", "parameters", "4816"),
    (CONVOLUTIONS, "Keep the size", "", "multiply–adds", "39 321 600"),
    (CONVOLUTIONS, "Keep the size", "", "cells of the same map as a dense matrix", "21 474 836 480"),
    (CONVOLUTIONS, "Keep the size", "", "corner", "6"),
    (CONVOLUTIONS, "Keep the size", "", "beside the corner", "8"),
    (CONVOLUTIONS, "Keep the size", "", "upper edge", "10"),
    (CONVOLUTIONS, "Keep the size", "", "left edge", "9"),
    (CONVOLUTIONS, "Keep the size", "", "second column", "12"),
    (CONVOLUTIONS, "Keep the size", "", "inside", "15"),
    (CONVOLUTIONS, "Keep the size", "", "outputs of a kernel that read 6, 8, 9, 10, 12 and 15 numbers of a channel",
     "[4, 4, 124, 248, 124, 7688]"),
    (CONVOLUTIONS, "Keep the size", "", "together", "8192"),
    (CONVOLUTIONS, "Keep the size", "The paddings exchanged", "output", "1 × 16 × 66 × 126"),
    (CONVOLUTIONS, "Keep the size", "padding=“same”", "output", "1 × 16 × 64 × 128"),
    # 4. Autograd
    (CONVOLUTIONS, "A leaf and its grad_fn", "", "x.grad_fn", "None"),
    (CONVOLUTIONS, "A leaf and its grad_fn", "", "y", "[[−1, 0], [1, 2]]"),
    (CONVOLUTIONS, "A leaf and its grad_fn", "", "y.grad_fn", "SubBackward0"),
    (CONVOLUTIONS, "A leaf and its grad_fn", "", "u = y·y", "[[1, 0], [1, 4]]"),
    (CONVOLUTIONS, "A leaf and its grad_fn", "", "u.grad_fn", "MulBackward0"),
    (CONVOLUTIONS, "A leaf and its grad_fn", "", "z = 3·u", "[[3, 0], [3, 12]]"),
    (CONVOLUTIONS, "A leaf and its grad_fn", "", "z.grad_fn", "MulBackward0"),
    (CONVOLUTIONS, "A leaf and its grad_fn", "", "a = mean(z)", "9/2 = 4.5"),
    (CONVOLUTIONS, "A leaf and its grad_fn", "", "a.grad_fn", "MeanBackward0"),
    (CONVOLUTIONS, "The flow chart", "", "boxes", "5"),
    (CONVOLUTIONS, "The flow chart", "", "arrows", "5"),
    (CONVOLUTIONS, "The flow chart", "", "inputs without an arrow (None)", "2"),
    (CONVOLUTIONS, "The flow chart", "", "boxes MulBackward0", "2"),
    (CONVOLUTIONS, "The flow chart", "", "boxes PowBackward0", "0"),
    (CONVOLUTIONS, "The flow chart", "", "arrows from x to y", "1"),
    (CONVOLUTIONS, "The flow chart", "", "arrows from y to u", "2"),
    (CONVOLUTIONS, "The flow chart", "", "arrows from u to z", "1"),
    (CONVOLUTIONS, "The flow chart", "", "arrows from z to a", "1"),
    (CONVOLUTIONS, "The flow chart", "Write 3*y**2", "arrows from y", "1"),
    (CONVOLUTIONS, "The flow chart", "Write 3*y**2", "boxes MulBackward0", "1"),
    (CONVOLUTIONS, "The flow chart", "Write 3*y**2", "boxes PowBackward0", "1"),
    (CONVOLUTIONS, "The flow chart", "Write 3*y**2", "a", "9/2 = 4.5"),
    (CONVOLUTIONS, "The flow chart", "Write 3*y**2", "gradient of x", "[[−3/2, 0], [3/2, 3]]"),
    (CONVOLUTIONS, "The flow chart", "Write 3*y.square()", "boxes PowBackward0", "1"),
    (CONVOLUTIONS, "The flow chart", "Write y*y*3", "arrows from y", "2"),
    (CONVOLUTIONS, "The flow chart", "Write y*y*3", "boxes PowBackward0", "0"),
    (CONVOLUTIONS, "Backward by hand", "", "∂a/∂a", "1"),
    (CONVOLUTIONS, "Backward by hand", "", "∂a/∂z", "[[1/4, 1/4], [1/4, 1/4]]"),
    (CONVOLUTIONS, "Backward by hand", "", "∂a/∂u", "[[3/4, 3/4], [3/4, 3/4]]"),
    (CONVOLUTIONS, "Backward by hand", "", "∂a/∂y", "[[−3/2, 0], [3/2, 3]]"),
    (CONVOLUTIONS, "Backward by hand", "", "∂a/∂y along the first arrow", "[[−3/4, 0], [3/4, 3/2]]"),
    (CONVOLUTIONS, "Backward by hand", "", "∂a/∂y along the second arrow", "[[−3/4, 0], [3/4, 3/2]]"),
    (CONVOLUTIONS, "Backward by hand", "", "∂z/∂y = 6·y, element by element", "[−6, 0, 6, 12]"),
    (CONVOLUTIONS, "Backward by hand", "", "∂a/∂y = 3/2 · y: the factor, from the last element", "3/2 = 1.5"),
    (CONVOLUTIONS, "x.grad, all at once", "", "a", "9/2 = 4.5"),
    (CONVOLUTIONS, "x.grad, all at once", "", "x.grad", "[[−3/2, 0], [3/2, 3]]"),
    (CONVOLUTIONS, "x.grad, all at once", "", "1.5·x − 3", "[[−3/2, 0], [3/2, 3]]"),
    (CONVOLUTIONS, "x.grad, all at once", "", "as a row, 1 × 4", "[−3/2, 0, 3/2, 3]"),
    (CONVOLUTIONS, "x.grad, all at once", "", "as a matrix in the other layout", "[[−3/2, 3/2], [0, 3]]"),
    (CONVOLUTIONS, "x.grad, all at once", "",
     "second derivative: how much 1.5·x − 3 rises from x = 3 to x = 4", "3/2 = 1.5"),
    (CONVOLUTIONS, "x.grad, all at once", "", "by central finite differences", "[[−1.5, 0], [1.5, 3]]"),
    (CONVOLUTIONS, "x.grad, all at once", "Backward twice", "x.grad", "[[−3, 0], [3, 6]]"),
    # 5. The loop
    (DYNAMIC, "A graph that depends on data", "", "passes i", "8"),
    (DYNAMIC, "A graph that depends on data", "", "y", "[512, 1024, 1024]"),
    (DYNAMIC, "A graph that depends on data", "", "log₂(500 / ‖x‖), rounded up", "8"),
    (DYNAMIC, "A graph that depends on data", "", "boxes MulBackward0", "9"),
    (DYNAMIC, "A graph that depends on data", "", "boxes of leaves", "1"),
    (DYNAMIC, "A graph that depends on data", "", "x.grad for [0.1, 1, 0.0001]", "[51.2, 512, 0.0512]"),
    (DYNAMIC, "A graph that depends on data", "Every length on the way", "‖y‖",
     "[6, 12, 24, 48, 96, 192, 384, 768, 1536]"),
    (DYNAMIC, "Read the passes from the gradient", "", "passes i", "9"),
    (DYNAMIC, "Read the passes from the gradient", "", "y", "[512, −1024, 1024]"),
    (DYNAMIC, "Read the passes from the gradient", "", "x.grad", "[102.4, 1024, 0.1024]"),
    (DYNAMIC, "Read the passes from the gradient", "", "log₂ of the middle gradient, less 1", "9"),
    (DYNAMIC, "Read the passes from the gradient", "Every length on the way", "‖y‖",
     "[3, 6, 12, 24, 48, 96, 192, 384, 768, 1536]"),
    (DYNAMIC, "Read the passes from the gradient", "x = [1, 1, 1]", "‖y‖",
     "[3.464102, 6.928203, 13.85641, 27.71281, 55.42563, 110.8513, 221.7025, 443.405, 886.81, 1773.62]"),
    (DYNAMIC, "Read the passes from the gradient", "x = [1, 1, 1]", "passes i", "9"),
    (DYNAMIC, "Read the passes from the gradient", "x = [1, 1, 1]", "y", "[1024, 1024, 1024]"),
    (DYNAMIC, "Read the passes from the gradient", "x = [1, 1, 1]", "x.grad", "[102.4, 1024, 0.1024]"),
    (DYNAMIC, "Where the loop ends", "", "passes i", "1"),
    (DYNAMIC, "Where the loop ends", "", "y", "[1000, 0, 0]"),
    (DYNAMIC, "Where the loop ends", "", "x.grad", "[0.4, 4, 0.0004]"),
    (DYNAMIC, "Where the loop ends", "x = [500, 0, 0]", "passes i", "0"),
    (DYNAMIC, "Where the loop ends", "x = [500, 0, 0]", "‖y‖", "1000"),
    (DYNAMIC, "Where the loop ends", "x = [500, 0, 0]", "x.grad", "[0.2, 2, 0.0002]"),
    (DYNAMIC, "Where the loop ends", "x = [600, 0, 0]", "passes i", "0"),
    (DYNAMIC, "Where the loop ends", "x = [600, 0, 0]", "‖y‖", "1200"),
    (DYNAMIC, "Where the loop ends", "x = [600, 0, 0]", "x.grad", "[0.2, 2, 0.0002]"),
    (DYNAMIC, "Where the loop ends", "x = [NaN, 0, 0]", "passes i", "0"),
    # 6. w @ x
    (DYNAMIC, "w · x, both followed", "", "z", "6"),
    (DYNAMIC, "w · x, both followed", "", "z.grad_fn", "DotBackward0"),
    (DYNAMIC, "w · x, both followed", "", "x.grad", "[1, 1, 1]"),
    (DYNAMIC, "w · x, both followed", "", "w.grad", "[1, 2, 3]"),
    (DYNAMIC, "w · x, both followed", "", "inputs without an arrow (None)", "0"),
    (DYNAMIC, "Only one of them followed", "", "w.grad", "[1, 2, 3]"),
    (DYNAMIC, "Only one of them followed", "", "x is followed", "False"),
    (DYNAMIC, "Only one of them followed", "", "inputs without an arrow (None)", "1"),
    (DYNAMIC, "Only one of them followed", "Only x followed", "x.grad", "[1, 1, 1]"),
    (DYNAMIC, "Only one of them followed", "Only x followed", "w is followed", "False"),
    (DYNAMIC, "No gradient here", "", "z", "6"),
    (DYNAMIC, "No gradient here", "", "z is followed", "False"),
    (DYNAMIC, "No gradient here", "", "z.grad_fn", "None"),
    (DYNAMIC, "Under no_grad", "", "z", "6"),
    (DYNAMIC, "Under no_grad", "", "z is followed", "False"),
    (DYNAMIC, "Under no_grad", "", "z.grad_fn", "None"),
    (DYNAMIC, "Under no_grad", "In inference_mode", "z is followed", "False"),
    # 7. Custom functions
    (DYNAMIC, "Your own function: Add", "", "y", "[5, 7, 9]"),
    (DYNAMIC, "Your own function: Add", "", "m", "7"),
    (DYNAMIC, "Your own function: Add", "", "gradient of a", "[1/3, 1/3, 1/3]"),
    (DYNAMIC, "Your own function: Add", "", "gradient of b", "[1/3, 1/3, 1/3]"),
    (DYNAMIC, "Split: two ways out", "", "y", "[2, 4, 6, 8]"),
    (DYNAMIC, "Split: two ways out", "", "m", "5"),
    (DYNAMIC, "Split: two ways out", "", "gradient that comes along a", "[1/4, 1/4, 1/4, 1/4]"),
    (DYNAMIC, "Split: two ways out", "", "gradient that comes along b", "[1/4, 1/4, 1/4, 1/4]"),
    (DYNAMIC, "Split: two ways out", "", "gradient of x", "[1/2, 1/2, 1/2, 1/2]"),
    (DYNAMIC, "Split: two ways out", "", "boxes SplitBackward", "1"),
    (DYNAMIC, "Split: two ways out", "", "arrows from the first copy", "1"),
    (DYNAMIC, "Max: to the largest", "", "y", "5"),
    (DYNAMIC, "Max: to the largest", "", "gradient of x", "[0, 1, 0, 0, 0]"),
    (DYNAMIC, "Two are largest", "", "gradient of x", "[0, 1, 0, 1, 0]"),
    (DYNAMIC, "Two are largest", "", "together", "2"),
    (DYNAMIC, "Two are largest", "x.max()", "gradient of x", "[0, 1/2, 0, 1/2, 0]"),
    (DYNAMIC, "Two are largest", "x.max(0)", "gradient of x", "[0, 1, 0, 0, 0]"),
]  # fmt: skip


def shown(run, name: str, title: str, tried: str) -> dict[str, str]:
    step = STEPS[name, title]
    if not tried:
        return dict(solve(step, run(step.experiment)).numbers)
    other = next(other for other in step.tries if other.label == tried)
    return dict(numbers(other.numbers, run(other.experiment)))


def agree(found: str, told: str) -> bool:
    """Compare as text; a measured number as far as the table has digits."""
    if found.replace("\u202f", " ") == told:
        return True
    try:
        ours, theirs = ([Fraction(part) for part in text.strip("[]").split(", ")] for text in (found, told))
    except ValueError:
        return False
    digits = len(told.rstrip("]").rpartition(".")[2])
    return "." in told and len(ours) == len(theirs) and all(
        abs(a - b) <= max(Fraction(1, 10**digits), abs(b) / 10**6) for a, b in zip(ours, theirs, strict=True)
    )  # fmt: skip


@pytest.mark.parametrize("name, title", STEPS)
def test_the_numbers_on_screen_are_those_of_the_fact_table(name, title, run):
    told = [row[2:] for row in TRUTH if row[:2] == (name, title)]
    for tried, label, number in told:
        found = shown(run, name, title, tried)
        assert agree(found[label], number), (tried, label, found[label], number)
    assert told or title in ("Channels: mono, stereo", "Read the documentation", "A vector needs a start")


REFUSED = {  # what the fact table says that PyTorch says
    "A kernel that is too thin": "expected input[1, 3, 64] to have 2 channels, but got 3",
    "A signal that is too short": "Kernel size can't be greater than actual input size",
    "A signal without channels": "Expected 2D (unbatched) or 3D (batched) input to conv1d",
    "Whole numbers": "only floating-point and complex numbers can",
    "Twice, without keeping": "backward through the graph a second time",
    "x = [0, 0, 0]": "more than 20",
    "Without a vector": "rad can be implicitly created only for scalar outputs",
    "A vector of another length": "Mismatch in shape",
    "Backward all the same": "lement 0 of tensors does not require grad and does not have a grad_fn",
}


def test_what_must_be_refused_is_refused_in_torchs_words(run):
    tries = [other for step in STEPS.values() for other in step.tries if other.label in REFUSED]
    assert {other.label for other in tries} == set(REFUSED)
    for other in tries:
        with pytest.raises(TracerError) as refused:
            run(other.experiment)
        assert REFUSED[other.label] in str(refused.value)
