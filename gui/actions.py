"""Every command of the program as one table: its menu, its keys, what it does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenuBar

from gui import desk
from gui.desk import Desk


class Command(NamedTuple):
    """A command. `name` is its place in the object names ("action.undo"), `group` that of which only one is on."""

    name: str
    text: str
    menu: str
    keys: tuple[str, ...]
    tip: str
    run: Callable[[Desk], object]
    group: str = ""
    line_above: bool = False


TABLE: tuple[Command, ...] = (
    Command("open", "Open session…", "File", ("Ctrl+O",), "Open a session from a file", desk.open_session),
    Command("open_model", "Open a script or recording…", "File", ("Ctrl+Shift+O",),
            "Open a training script or a saved recording in Model", desk.open_model),
    Command("save", "Save session…", "File", ("Ctrl+S",), "Save the settings of all workspaces", desk.save_session),
    Command(
        "export", "Export the graph…", "File", ("Ctrl+E",), "Save the picture in view to a file", desk.export,
        line_above=True,
    ),
    Command("quit", "Quit", "File", ("Ctrl+Q",), "Close the window", desk.leave, line_above=True),
    Command("undo", "Undo", "Edit", ("Ctrl+Z",), "Take the last edit back", desk.undo),
    Command("redo", "Redo", "Edit", ("Ctrl+Shift+Z", "Ctrl+Y"), "Make the edit again", desk.redo),
    Command(
        "copy_program", "Copy as PyTorch", "Edit", ("Ctrl+Shift+C",), "Copy a program with the same numbers",
        partial(desk.offer, "copy_program"), line_above=True,
    ),
    Command("paste_layer", "Paste a layer…", "Edit", ("Ctrl+Shift+V",),
            "Take a layer from the clipboard, such as nn.Conv2d(3, 64, 7)", partial(desk.offer, "paste_layer")),
    Command("values", "Edit the numbers…", "Edit", ("Ctrl+Shift+N",), "Type, paste or fill input, weight and bias",
            partial(desk.offer, "values"), line_above=True),
    Command("load_file", "Load a file…", "Edit", (), "Fill the input from a picture or a sound",
            partial(desk.offer, "load_file")),
    Command("solve", "Solve for a shape…", "Edit", ("Ctrl+Shift+S",), "Find the settings that give a size of y",
            partial(desk.offer, "solve")),
    Command("find_node", "Find a node…", "Edit", ("Ctrl+F",), "Look for nodes by name, shape, module, line or problem",
            partial(desk.offer, "find_node"), line_above=True),
    Command("convolution", "Convolution", "View", ("Ctrl+1",), "Go to Convolution",
            lambda on: on.session.show("convolution"), "workspace"),
    Command("expression", "Expression", "View", ("Ctrl+2",), "Go to Expression",
            lambda on: on.session.show("expression"), "workspace"),
    Command("matvec", "Matrix × vector", "View", ("Ctrl+3",), "Go to Matrix × vector",
            lambda on: on.session.show("matvec"), "workspace"),
    Command("model", "Model", "View", ("Ctrl+4",), "Go to the model of a script or a recording",
            lambda on: on.session.show("model"), "workspace"),
    Command("lesson", "Lesson", "View", ("Ctrl+5",), "Go to the lesson",
            lambda on: on.session.show("lesson"), "workspace"),
    Command("fit", "Fit the graph", "View", ("Ctrl+0",), "Show the whole graph", lambda on: on.graph.fit(),
            line_above=True),
    Command("zoom_in", "Zoom in", "View", ("Ctrl++", "Ctrl+="), "Show the graph larger",
            lambda on: on.graph.zoom_in()),
    Command("zoom_out", "Zoom out", "View", ("Ctrl+-",), "Show the graph smaller", lambda on: on.graph.zoom_out()),
    Command("actual_size", "Actual size", "View", ("Ctrl+Alt+0",), "Show the graph at 100 %",
            lambda on: on.graph.actual_size()),
    Command("theme_system", "Theme of the system", "View", (), "Follow the system's light or dark",
            lambda on: on.theme.set("system"), "theme", line_above=True),
    Command("theme_light", "Light", "View", (), "Always light", lambda on: on.theme.set("light"), "theme"),
    Command("theme_dark", "Dark", "View", (), "Always dark", lambda on: on.theme.set("dark"), "theme"),
    Command("full_screen", "Full screen", "View", ("F11",), "Fill the screen, and back", desk.full_screen,
            line_above=True),
    Command("reset_layout", "Reset the layout", "View", (), "Put all borders back", desk.reset_layout),
    Command("step_back", "Previous step", "Lesson", ("Alt+Left",), "Go to the step before",
            partial(desk.offer, "step_back")),
    Command("step_on", "Next step", "Lesson", ("Alt+Right",), "Go to the next step", partial(desk.offer, "step_on")),
    Command("step_again", "Start the step again", "Lesson", (), "Forget the answers of this step",
            partial(desk.offer, "step_again")),
    Command("lecture", "Lecture mode", "Lesson", (), "Show nothing but the step, in large type (F11)",
            partial(desk.offer, "lecture"), line_above=True),
    Command("handout", "Handout…", "Lesson", (), "Save the whole lesson as a PDF or a web page",
            partial(desk.offer, "handout")),
    Command("open_lesson", "Open a lesson…", "Lesson", (), "Teach a lesson from a file",
            partial(desk.offer, "open_lesson"), line_above=True),
    Command("save_lesson", "Save these states as a lesson…", "Lesson", (),
            "Write the settings of all workspaces as the steps of a new lesson", desk.save_lesson),
    Command("restart_worker", "Restart the worker", "Run", (), "End the worker process and start another",
            desk.restart_worker),
    Command("run_again", "Run again", "Run", ("F5",), "Run the experiment or the script again", desk.run_again),
)  # fmt: skip


def make(on: Desk, parent: QObject) -> dict[str, QAction]:
    """Make an action for every command."""
    groups: dict[str, QActionGroup] = {}
    actions = {}
    for command in TABLE:
        action = actions[command.name] = QAction(command.text, parent)
        action.setObjectName(f"action.{command.name}")
        action.setShortcuts([QKeySequence(keys) for keys in command.keys])
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{command.tip} ({keys})" if keys else command.tip)
        action.triggered.connect(partial(_run, command, on))
        if command.group:
            action.setCheckable(True)
            groups.setdefault(command.group, QActionGroup(parent)).addAction(action)
    return actions


def fill(bar: QMenuBar, actions: dict[str, QAction]) -> None:
    """Place the actions in the menus, in the order of the table."""
    menus = {}
    for command in TABLE:
        if command.menu not in menus:
            menus[command.menu] = bar.addMenu(command.menu)
            menus[command.menu].setObjectName(f"menu.{command.menu.lower()}")
            menus[command.menu].setAccessibleName(command.menu)
        if command.line_above:
            menus[command.menu].addSeparator()
        menus[command.menu].addAction(actions[command.name])


def _run(command: Command, on: Desk, _checked: bool = False) -> None:
    command.run(on)
