"""The matrix of a layer: the lesson's sheets and counts, its large matrix, exactness, and memory refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from tracer.convolution.settings import resolve
from tracer.convolution.sparse import needed, sparse
from tracer.convolution.toeplitz import SEVERAL, counts, positions_bias, sheet, toeplitz
from tracer.errors import LimitPassed
from tracer.experiment import Convolution

X = [1, 3, 2, 0, -1, 4, 5]
KERNELS = [[[1, 0, -1]], [[1, 2, 1]]]
BANK = Convolution("Conv1d", 1, 2, 3, 7, bias=False)  # section 2 of the lesson: n = 7, k = 3, m = 2


def test_the_sheets_of_the_lesson() -> None:
    settings = resolve(BANK)
    matrix = toeplitz(settings, KERNELS)
    first, second = (matrix.window(sheet(settings, kernel), range(7)) for kernel in (0, 1))
    assert first.tolist() == [
        [1, 0, -1, 0, 0, 0, 0],
        [0, 1, 0, -1, 0, 0, 0],
        [0, 0, 1, 0, -1, 0, 0],
        [0, 0, 0, 1, 0, -1, 0],
        [0, 0, 0, 0, 1, 0, -1],
    ]
    assert second.tolist() == [[0] * at + [1, 2, 1] + [0] * (4 - at) for at in range(5)]
    assert np.array_equal(matrix.dense(), np.vstack([first, second]))


def test_the_counts_of_the_lesson() -> None:
    settings = resolve(BANK)
    told = counts(settings)
    assert settings.out_channels * settings.kernel_size[0] == 6
    assert (told.entries, told.cells, told.zeros) == (30, 70, 40)
    assert (told.kernels, told.rows, told.columns) == (2, 10, 7)
    dense, names = toeplitz(settings, KERNELS).dense(), toeplitz(settings, KERNELS).weights()
    assert (names == -1).sum() == 40
    assert ((dense[:5] == 0) & (names[:5] != -1)).sum() == 5  # those that show because the kernel's middle is zero
    assert names[0].tolist() == [0, 1, 2, -1, -1, -1, -1]
    assert names[9].tolist() == [-1, -1, -1, -1, 3, 4, 5]


OPTIONS = [
    ({}, None, [[-1, 3, 3, -4, -6], [9, 7, 1, 2, 12]]),
    ({"padding": 1}, None, [[-3, -1, 3, 3, -4, -6, 4], [5, 9, 7, 1, 2, 12, 14]]),
    ({"stride": 2}, None, [[-1, 3, -6], [9, 1, 12]]),
    ({"dilation": 2}, None, [[2, -1, -3], [4, 7, 5]]),
    ({"bias": True}, [10, 100], [[9, 13, 13, 6, 4], [109, 107, 101, 102, 112]]),
]


@pytest.mark.parametrize(("options", "bias", "expected"), OPTIONS)
def test_the_options_of_the_lesson_to_the_last_digit(
    options: dict[str, int], bias: list[int] | None, expected: list[list[int]]
) -> None:
    settings = resolve(Convolution("Conv1d", 1, 2, 3, 7, **{"bias": False, **options}))
    y = toeplitz(settings, KERNELS).matvec(X) + positions_bias(settings, bias)
    assert y.reshape(2, -1).tolist() == expected
    keywords = {name: value for name, value in options.items() if name != "bias"}
    given = torch.tensor(bias).double() if bias else None
    of_torch = functional.conv1d(torch.tensor([[X]]).double(), torch.tensor(KERNELS).double(), given, **keywords)
    assert of_torch[0].tolist() == expected


def test_the_backward_of_the_lesson() -> None:
    x = torch.tensor([[X]], dtype=torch.float64, requires_grad=True)
    weight = torch.tensor(KERNELS, dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    y = functional.conv1d(x, weight, bias)
    assert y.grad_fn is not None and y.grad_fn.name() == "ConvolutionBackward0"
    dx, dw, db = torch.autograd.grad(y.sum(), [x, weight, bias])
    assert toeplitz(resolve(BANK), KERNELS).rmatvec(np.ones(10)).tolist() == [2, 4, 4, 4, 4, 2, 0] == dx[0, 0].tolist()
    assert dw.tolist() == [[[5, 8, 10]], [[5, 8, 10]]]
    assert db.tolist() == [5, 5]


def test_stereo_channels_are_summed() -> None:
    x, weight = [[1, 2, 0, -1, 3], [0, 1, 1, 2, -2]], [[[1, 0, -1], [2, 1, 0]]]
    matrix = toeplitz(resolve(Convolution("Conv1d", 2, 1, 3, 5, bias=False)), weight)
    assert matrix.matvec(x).tolist() == [2, 6, 1]
    apart = [toeplitz(resolve(Convolution("Conv1d", 1, 1, 3, 5)), weight[0][c]).matvec(x[c]) for c in (0, 1)]
    assert np.stack(apart).T.tolist() == [[1, 1], [3, 3], [-3, 4]]


LARGE = Convolution("Conv2d", 20, 16, (3, 5), (64, 128))


def test_the_large_matrix_of_the_lesson() -> None:
    settings = resolve(LARGE)
    told = counts(settings)
    assert (told.rows, told.columns, told.entries) == (123_008, 163_840, 36_902_400)
    assert told.share is not None and round(100 * told.share, 3) == 0.183
    draw = np.random.default_rng(0)
    weight, x = (draw.integers(-9, 10, shape).astype(float) for shape in ((16, 20, 3, 5), (1, 20, 64, 128)))
    y = functional.conv2d(torch.tensor(x), torch.tensor(weight))
    matrix = toeplitz(settings, weight)
    assert np.array_equal(matrix.matvec(x), y.numpy().reshape(-1))
    g = draw.integers(-9, 10, y.shape).astype(float)
    dx = functional.conv_transpose2d(torch.tensor(g), torch.tensor(weight))
    assert np.array_equal(matrix.rmatvec(g), dx.numpy().reshape(-1))
    columns, values = matrix.row(0)
    assert len(columns) == 300 and np.array_equal(values, weight[0].reshape(-1))
    assert columns[:7].tolist() == [0, 1, 2, 3, 4, 128, 129]
    assert len(matrix.column(64 * 128 * 3 + 40 * 128 + 60)[0]) == 240


def test_a_part_of_it_written_out_is_the_part_of_the_whole() -> None:
    settings = resolve(Convolution("Conv2d", 4, 3, (3, 5), (24, 30), padding=1))
    weight = np.random.default_rng(1).standard_normal((3, 4, 3, 5))
    matrix, told = toeplitz(settings, weight), counts(settings)
    assert told.entries is not None
    written = sparse(matrix, told.entries)
    assert written.columns.dtype == np.int32
    assert needed(settings, told.entries) > written.data.nbytes + written.columns.nbytes + written.starts.nbytes
    x = np.random.default_rng(2).standard_normal(told.columns)
    assert np.allclose(written.matvec(x), matrix.matvec(x), rtol=1e-12, atol=1e-12)


def test_cells_in_which_kernel_numbers_add_up_are_named() -> None:
    settings = resolve(Convolution("Conv1d", 1, 1, 3, 2, padding=1, padding_mode="circular"))
    matrix = toeplitz(settings, [1, 10, 100])
    assert matrix.dense().tolist() == [[10, 101], [101, 10]]
    assert matrix.weights().tolist() == [[1, SEVERAL], [SEVERAL, 1]]


@pytest.mark.parametrize("write", ["dense", "weights", "window", "sparse"])
def test_what_would_take_too_much_memory_is_refused_with_the_bytes(write: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = resolve(LARGE)
    matrix = toeplitz(settings, np.zeros(4800))
    calls = {
        "dense": matrix.dense,
        "weights": matrix.weights,
        "window": lambda: matrix.window(range(123_008), range(163_840)),
        "sparse": lambda: sparse(matrix, 36_902_400),
    }
    monkeypatch.setenv("GRADTRACE_MEMORY", "400MiB")
    told = {"dense": "150 GiB", "weights": "300 GiB", "window": "150 GiB", "sparse": "481 MiB"}[write]
    with pytest.raises(LimitPassed, match=f"would need {told} of memory, and the limit is 400 MiB"):
        calls[write]()


def test_kernels_that_listen_to_their_own_tone() -> None:
    time = np.arange(8820) / 22_050
    tones = np.stack([np.sin(2 * np.pi * hertz * time) for hertz in (1661, 1244, 830, 932)])
    settings = resolve(Convolution("Conv1d", 1, 4, 8820, 35_280, bias=False))  # section 8 of the lesson
    matrix, x = toeplitz(settings, tones), tones.reshape(-1)
    assert matrix.shape == (4 * 26_461, 35_280)
    rows = [[matrix.row(kernel * 26_461 + 8820 * tone) for tone in range(4)] for kernel in range(4)]
    matches = np.array([[values @ x[columns] for columns, values in row] for row in rows])
    assert np.round(matches.diagonal(), 1).tolist() == [4410.3, 4409.2, 4410.0, 4410.1]
    assert round(np.abs(matches - np.diag(matches.diagonal())).max(), 1) == 15.4
