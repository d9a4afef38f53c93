"""The context menu of a node of the graph: the commands that are about the selected node, with their keys."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from gui.graph_view.view import GraphView

COMMANDS = ("backward_run_to", "backward_breakpoint")


def offer(graph: GraphView) -> None:
    """Let a right click, or the menu key, open the menu of the node there, or of the selected one."""
    graph.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    graph.customContextMenuRequested.connect(lambda place: _open(graph, place))


def menu(graph: GraphView) -> QMenu:
    """Make the menu of the selected node."""
    made = QMenu(graph)
    made.setObjectName("expression.node_menu")
    made.setAccessibleName("Backward of this node")
    for command in COMMANDS:
        action = graph.window().findChild(QAction, f"action.{command}")
        if isinstance(action, QAction):
            made.addAction(action)
    return made


def _open(graph: GraphView, place: QPoint) -> None:
    under = graph.selection.at(QPointF(place))
    if under:
        graph.selection.choose(under)
    if graph.selection.owner.startswith("node "):
        shown = menu(graph)
        shown.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        shown.popup(graph.viewport().mapToGlobal(place))
