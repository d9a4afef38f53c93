"""The benchmark runs and prints every row; what it measures is not judged here."""

import json
import pathlib
import subprocess
import sys

SCRIPT = pathlib.Path(__file__).with_name("tracer.py")
ROWS = ["resnet50", "transformer", "rnn", "chain", "small operations", "layers"]
CHAINS = [f"chain of {length:,}" for length in (1_000, 10_000, 100_000, 1_000_000)]


def test_every_row_is_printed(tmp_path):
    file = tmp_path / "figures.json"
    run = [sys.executable, str(SCRIPT), "--tiny", "--json", str(file)]
    done = subprocess.run(run, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    rows = json.loads(file.read_text())
    assert [row["row"] for row in rows] == ROWS + CHAINS
    assert not [row for row in rows if "failed" in row]
    assert [row["nodes"] for row in rows if row["row"] in CHAINS] == [8] * 4
    for row in rows:
        line = next(line for line in done.stdout.splitlines() if line.startswith(f"{row['row']}  "))
        assert "–" not in line
