"""What all tests share: processes side by side don't share cores, and a trace doesn't search the collected tests."""

import gc
import os

if "PYTEST_XDIST_WORKER" in os.environ:  # as many processes as cores (-n): each has one, and so has what it starts
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_finish() -> None:
    """Leave the thousands of collected tests out of every search of all living objects: each trace makes one."""
    gc.collect()
    gc.freeze()
