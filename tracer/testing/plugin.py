"""The plugin of pytest: the fixture `autograd_snapshot` and the option `--autograd-update`. Imports torch and the rest
of us only when a test asks for it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import torch

FOLDER = "__autograd__"
MOST = 40  # differences that a failure lists


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that makes snapshots anew."""
    parser.getgroup("gradtrace").addoption(
        "--autograd-update", action="store_true", help="Write the snapshots of autograd's graphs anew."
    )


@pytest.fixture
def autograd_snapshot(request: pytest.FixtureRequest) -> AutogradSnapshot:
    """Give the test what compares its graphs with the ones that are committed beside it."""
    update = bool(request.config.getoption("--autograd-update"))
    return AutogradSnapshot(Path(request.node.path), request.node.name, update)


class AutogradSnapshot:
    """Compares graphs with committed ones, in `__autograd__/<test file>/<test>.json` beside the test's file."""

    def __init__(self, file: Path, test: str, update: bool) -> None:
        self._folder, self._test, self._update = file.parent / FOLDER / file.stem, test, update
        self._taken: set[str] = set()

    def check(
        self,
        loss: Any,
        model: torch.nn.Module | None = None,
        name: str | None = None,
        *,
        rtol: float | None = None,
        atol: float | None = None,
        values: bool = False,
    ) -> None:
        """Fail where the graph of `loss` is not the one that is committed; `values` also compares gradients' norms.

        A second check of one test has a number after its name, or the `name` that is given.
        """
        __tracebackhide__ = True
        import tracer
        from tracer.analysis.comparison import compare
        from tracer.export.files import replace_file
        from tracer.testing import snapshot

        path = self._path(name)
        now = snapshot.text(tracer.trace(loss, model=model, gradients=values).facts, values)
        if self._update:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, now.encode())
            return
        if not path.exists():
            pytest.fail(
                f"There is no snapshot of this graph yet. Make it with pytest --autograd-update, look at it, and "
                f"commit it: {self._shown(path)}",
                pytrace=False,
            )
        found = compare(snapshot.read(path), snapshot.facts_of(now), rtol, atol)
        if not found.same:
            pytest.fail(self._text(path, [str(row) for row in found.rows]), pytrace=False)

    def _text(self, path: Path, rows: Sequence[str]) -> str:
        more = [f"  and {len(rows) - MOST} more"] if len(rows) > MOST else []
        return "\n".join(
            [
                f"The graph is not the one of {self._shown(path)}:",
                *(f"  {row}" for row in rows[:MOST]),
                *more,
                "If that is meant, renew the snapshot with pytest --autograd-update.",
            ]
        )

    def _shown(self, path: Path) -> str:
        return path.relative_to(self._folder.parent.parent).as_posix()

    def _path(self, name: str | None) -> Path:
        wanted = self._test if name is None else f"{self._test}-{name}"
        number, key = 1, wanted
        while key in self._taken:
            number += 1
            key = f"{wanted}-{number}"
        self._taken.add(key)
        return self._folder / f"{file_name(key)}.json"


def file_name(text: str) -> str:
    """Write a test's name so that every system can have a file of it; what had to change gets a mark of its own."""
    plain = re.sub(r"[^\w.\-\[\]]", "_", text, flags=re.ASCII)[:100]
    return plain if plain == text else f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
