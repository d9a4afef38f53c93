"""Arrays go into a file and come out of it as they were."""

import pathlib

import numpy as np
import pytest

from tracer.worker import spool
from tracer.worker.spool import KEPT, Spool, look


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_what_is_stored_is_seen(dtype):
    made = Spool()
    given = {
        "x": np.arange(24, dtype=dtype).reshape(2, 3, 4)[:, ::-1],
        "bias": np.array([np.nan, -0.0], dtype),
        "y": np.zeros((0, 3), dtype),
    }
    seen = look(made.store(7, given))
    assert list(seen) == list(given)
    for name, array in given.items():
        assert seen[name].dtype == array.dtype and seen[name].shape == array.shape
        assert seen[name].tobytes() == np.ascontiguousarray(array).tobytes()
        assert not seen[name].flags.writeable


def test_only_the_newest_files_stay_and_none_after_the_end():
    made = Spool()
    paths = [made.store(edit, {"x": np.ones(3)}).path for edit in range(KEPT + 2)]
    assert [pathlib.Path(path).exists() for path in paths] == [False] * 2 + [True] * KEPT
    folder = pathlib.Path(made.folder)
    assert folder.exists()
    del made
    assert not folder.exists()


def test_too_much_is_not_stored(monkeypatch):
    monkeypatch.setattr(spool, "MOST_BYTES", 23)
    stored = Spool().store(1, {"x": np.ones(3)})
    assert stored.arrays == () and look(stored) == {}
