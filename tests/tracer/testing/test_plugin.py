"""The plugin in a pytest of its own: a snapshot that is missing, made, the same, and changed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

TEST = """
import torch
torch.set_num_threads(1)

def test_graph(autograd_snapshot):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.{activation}(), torch.nn.Linear(2, 1))
    autograd_snapshot.check(model(torch.ones(4, 3)).sum() * {factor}, model=model, values={values})
"""


def ran(
    pytester: pytest.Pytester, *options: str, activation: str = "ReLU", factor: float = 1.0, values: bool = False
) -> pytest.RunResult:
    text = TEST.format(activation=activation, factor=factor, values=values)
    pytester.makepyfile(test_model=text)
    return pytester.runpytest_inprocess("-p", "tracer.testing.plugin", "-p", "no:cacheprovider", *options)


def snapshot(pytester: pytest.Pytester) -> Path:
    return pytester.path / "__autograd__" / "test_model" / "test_graph.json"


def test_a_missing_snapshot_says_how_to_make_it(pytester: pytest.Pytester) -> None:
    done = ran(pytester)
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["There is no snapshot of this graph yet. Make it with pytest --autograd-update*"])
    assert not snapshot(pytester).exists()


def test_a_snapshot_is_made_and_stays_the_same(pytester: pytest.Pytester) -> None:
    ran(pytester, "--autograd-update").assert_outcomes(passed=1)
    text = snapshot(pytester).read_text(encoding="utf-8")
    assert json.loads(text)["format"] == "gradtrace-snapshot"
    assert str(pytester.path) not in text and "0x" not in text
    ran(pytester).assert_outcomes(passed=1)
    ran(pytester, factor=2.0).assert_outcomes(passed=1)  # gradients are compared only if asked for
    ran(pytester, "--autograd-update").assert_outcomes(passed=1)
    assert snapshot(pytester).read_text(encoding="utf-8") == text


def test_a_change_is_told_and_can_be_taken(pytester: pytest.Pytester) -> None:
    ran(pytester, "--autograd-update")
    done = ran(pytester, activation="Tanh")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(
        [
            "The graph is not the one of __autograd__/test_model/test_graph.json:",
            "  operation of TanhBackward0: ReluBackward0 → TanhBackward0",
            "If that is meant, renew the snapshot with pytest --autograd-update.",
        ]
    )
    ran(pytester, "--autograd-update", activation="Tanh").assert_outcomes(passed=1)
    ran(pytester, activation="Tanh").assert_outcomes(passed=1)


def test_gradients_are_compared_by_their_norms(pytester: pytest.Pytester) -> None:
    ran(pytester, "--autograd-update", values=True)
    ran(pytester, values=True).assert_outcomes(passed=1)
    done = ran(pytester, values=True, factor=1.5)
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["  gradient of 2.bias: norm 4 → norm 6"])


def test_a_damaged_snapshot_is_a_sentence(pytester: pytest.Pytester) -> None:
    ran(pytester, "--autograd-update")
    snapshot(pytester).write_text("{", encoding="utf-8")
    done = ran(pytester)
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["*This snapshot is damaged*Make it again with pytest --autograd-update.*"])


def test_the_plugin_loads_no_torch(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import sys\ndef test_torch():\n    assert 'torch' not in sys.modules")
    done = pytester.run(sys.executable, "-m", "pytest", "-p", "tracer.testing.plugin", "-p", "no:cacheprovider")
    assert done.ret == 0
