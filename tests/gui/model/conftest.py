"""The Model workspace in the shared window, and a small script for it; what is asked is waited for."""

import pytest

from gui.join import Join

SCRIPT = """
import torch
from torch import nn

torch.manual_seed(0)
torch.set_num_threads(1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(*(nn.Sequential(nn.Linear(4, 4), nn.ReLU()) for _ in range(40)))
        self.head = nn.Linear(4, 1)
        self.spare = nn.Linear(2, 2)

    def forward(self, x):
        lost = self.spare(x[:, :2]).detach().sum()
        return self.head(self.blocks(x)) + lost


net = Net()
print("made a model")
loss = net(torch.randn(3, 4)).pow(2).mean()
loss.backward()
"""
WAIT_MS = 60_000


@pytest.fixture
def model(window, session, qtbot):
    """The Model workspace in front."""
    found = next(child for child in window.children() if isinstance(child, Join)).model
    session.show("model")
    yield found
    found.worker.cancel()
    qtbot.waitUntil(lambda: found.settled, timeout=WAIT_MS)
    session.show("convolution")


@pytest.fixture
def answered(model, qtbot):
    """A function that waits until everything that was asked is answered."""

    def wait():
        qtbot.wait(80)  # charts and filters are asked for a moment after the last change
        qtbot.waitUntil(lambda: model.settled, timeout=WAIT_MS)

    return wait


@pytest.fixture(scope="session")
def net_script(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "small_net.py"
    path.write_text(SCRIPT)
    return path


@pytest.fixture
def ran(model, net_script, answered):
    """The small script, run: once for all tests, since each run loads torch."""
    if model.opened is None or model.opened.script is None or model.opened.script.path != str(net_script):
        model.open(str(net_script))
        model.run()
        answered()
    else:
        while model.picture.how.opened:
            model.picture.go_out()
            answered()
        model.select("")
    model.pages.strip.setCurrentIndex(0)
    answered()
    return model
