"""What a large recording costs: from the script's end to the first picture, and the memory of the worker.

    python tests/benchmarks/model.py [--nodes 10000 100000] [--json FILE]

Run by hand. A script of so many nodes runs through the worker of the Model workspace. "script" is all of its run,
"first picture" the time from the moment at which its backward() was recorded (the script says so) until the picture
has come; "memory" is the most that the worker's process has held. Figures, never asserted.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import queue
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any

here = str(pathlib.Path(__file__).parent)
sys.path = [folder for folder in sys.path if folder != here]  # tracer.py beside this file would hide the package
ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tracer.analysis.folding import Fold  # noqa: E402
from tracer.experiment import Script  # noqa: E402
from tracer.worker.messages import FromWorker, Refused, encode, from_worker  # noqa: E402
from tracer.worker.model import messages as said  # noqa: E402

AIMS = {10_000: 1.0, 100_000: 3.0}
NODES_A_BLOCK = 13
SCRIPT = """
import sys, time, torch
from torch import nn
torch.manual_seed(0)
torch.set_num_threads(1)
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.up, self.down = nn.LayerNorm(8), nn.Linear(8, 8), nn.Linear(8, 8)
    def forward(self, x):
        return x + self.down(torch.relu(self.up(self.norm(x))))
class Net(nn.Module):
    def __init__(self, blocks):
        super().__init__()
        self.blocks, self.head = nn.ModuleList(Block() for _ in range(blocks)), nn.Linear(8, 1)
    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.head(x)
loss = Net(int(sys.argv[1]))(torch.randn(4, 8)).sum()
from tracer.runners import spool
write = spool.write
def told(path, facts):
    print("RECORDED", time.time(), flush=True)
    write(path, facts)
spool.write = told
loss.backward()
"""

Heard = tuple[float, FromWorker]


class Worker:
    """The worker, asked one thing after another."""

    def __init__(self) -> None:
        command = [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {STARTING}"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._came: queue.Queue[Heard] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._came.put((time.time(), from_worker(line)))

    def say(self, message: Any) -> None:
        """Ask."""
        assert self.process.stdin is not None
        self.process.stdin.write(encode(message))
        self.process.stdin.flush()

    def until(self, *kinds: type) -> tuple[float, Any, str]:
        """Give the first message of these kinds, when it came, and what the script printed until then."""
        printed = ""
        while True:
            at, message = self._came.get(timeout=900)
            if isinstance(message, said.Output):
                printed += message.text
            if isinstance(message, Refused):
                raise SystemExit(f"The worker refused: {message.what}")
            if isinstance(message, kinds):
                return at, message, printed

    def memory(self) -> float:
        """Give the most MiB that the process has held; not known (0) where there is no /proc."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status")
        if not status.exists():
            return 0.0
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024


STARTING = "from tracer.worker.model.server import main; main()"


def measure(nodes: int, folder: pathlib.Path) -> dict[str, Any]:
    """Run a script of so many nodes and ask for what a window asks for."""
    script = folder / "train.py"
    script.write_text(SCRIPT)
    worker = Worker()
    spool = folder / "spool"
    worker.say(said.Run(1, Script(str(script), arguments=(str(nodes // NODES_A_BLOCK),)), str(spool)))
    _, ran, printed = worker.until(said.Ran)
    if not ran.recorded:
        raise SystemExit(f"The script could not be recorded: {ran.failure}")
    recorded = float(printed.split("RECORDED")[1].split()[0])
    opened_at, opened, _ = worker.until(said.Opened)
    worker.say(said.AskPicture(2, 1))
    drawn_at, drawn, _ = worker.until(said.Pictured)
    row = {
        "nodes": opened.nodes,
        "script_s": ran.seconds,
        "open_s": opened_at - recorded,
        "first_picture_s": drawn_at - recorded,
        "boxes": len(drawn.boxes),
        "picture_memory_mib": worker.memory(),
    }
    questions = {
        "again": said.AskPicture(3, 1, colour="gradient"),
        "tree": said.AskTree(4, 1),
        "problems": said.AskRows(5, 1, "problems"),
        "tree_again": said.AskTree(4, 1),
        "find": said.AskRows(6, 1, "nodes", filter="addmm blocks.7"),
        "find_again": said.AskRows(7, 1, "nodes", filter="addmm blocks.71", sort=6),
        "told": said.AskTold(8, 1, "module blocks.7"),
        "paths": said.AskReach(9, 1, "paths", "module blocks.7", "module blocks.9"),
        "treemap": said.AskChart(10, 1, "kept", "module blocks"),
        "depth": said.AskChart(11, 1, "depth"),
        "inside": said.AskPicture(12, 1, Fold("auto", ("blocks.7",))),
    }
    for name, question in questions.items():
        start = time.time()
        worker.say(question)
        at, _, _ = worker.until(said.Pictured, said.Tree, said.Page, said.Told, said.Reached, said.Charted)
        row[f"{name}_s"] = at - start
    row["memory_mib"], row["spool_mib"] = worker.memory(), spool.stat().st_size / 2**20
    assert worker.process.stdin is not None
    worker.process.stdin.close()
    worker.process.wait(30)
    return row


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--json", type=pathlib.Path, help="write the figures here too")
    options = parser.parse_args()
    found = []
    for nodes in options.nodes:
        with tempfile.TemporaryDirectory(prefix="gradtrace-") as folder:
            found.append(measure(nodes, pathlib.Path(folder)))
        aim = AIMS.get(nodes)
        print(f"{found[-1]['nodes']} nodes" + (f" (aim: first picture in {aim} s)" if aim else ""))
        for name, value in found[-1].items():
            print(f"  {name:<20} {value:10.2f}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
