"""What is done with each answer of the worker: one row an answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from tracer import quantities
from tracer.errors import sentence
from tracer.runners.script_report import Failure
from tracer.worker.messages import Refused, Saved
from tracer.worker.model.messages import (
    AskChart,
    AskPicture,
    AskRows,
    AskSource,
    AskTold,
    AskTree,
    Charted,
    Keep,
    Load,
    Opened,
    Output,
    Page,
    Pictured,
    Progress,
    Ran,
    Reached,
    Run,
    SourceText,
    Told,
    Tree,
)

if TYPE_CHECKING:
    from gui.model.workspace import ModelWorkspace

TICK_MS = 250


class Hearing(QObject):
    """Shows answers on a workspace, and how long a script has been running."""

    def __init__(self, on: ModelWorkspace) -> None:
        super().__init__(on)
        self._on = on
        self._words, self._since = "", QElapsedTimer()
        self._after = ("", "")  # what is said of a run that is over, and what of it is a problem
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self._say_progress)
        self._shows: dict[type, Callable[[Any, Any], None]] = {
            Progress: self._progress,
            Output: lambda message, _: on.pages.output.add(message.text),
            Ran: self._ran,
            Opened: self._opened,
            Pictured: self._pictured,
            Tree: self._tree,
            Page: lambda message, _: self._page(message),
            Told: lambda message, _: on.show_told(message),
            SourceText: lambda message, _: on.about.source.show_source(message),
            Charted: lambda message, _: self._chart(message.chart).take(message),
            Saved: lambda message, _: on.told.emit(f"Saved {message.path}"),
            Reached: lambda _message, _: None,
            Refused: self._refused,
        }
        self._refusals: dict[type, Callable[[str, Any], None]] = {
            Load: self._not_opened,
            Run: self._not_opened,
            AskRows: lambda words, asked: on.pages.refuse(asked, words),
            AskChart: lambda words, asked: self._chart(asked.chart).refuse(words),
            AskSource: lambda words, _: on.about.source.refuse(words),
            AskTold: self._untold,
            AskPicture: lambda words, _: on.told.emit(words),
            AskTree: lambda words, _: on.told.emit(words),
            Keep: lambda words, _: on.told.emit(words),
        }

    def hear(self, message: Any, question: Any) -> None:
        """Show an answer; one about a recording that is closed is of no interest any more."""
        about = getattr(question, "recording", None)
        if about is None or (self._on.opened is not None and about == self._on.opened.edit):
            self._shows[type(message)](message, question)

    def _chart(self, chart: str) -> Any:
        return self._on.about.depth if chart == "depth" else self._on.kept

    def _progress(self, message: Progress, question: Any) -> None:
        self._words = sentence(message.words).removesuffix(".")
        if isinstance(question, Run) and self._on.worker.running and not self._tick.isActive():
            self._after = ("", "")
            self._since.start()
            self._tick.start()
        self._say_progress()

    def _say_progress(self) -> None:
        running = self._tick.isActive() and self._on.worker.running
        seconds = f" · {quantities.figure(round(self._since.elapsed() / 1000, 1))} s" if running else ""
        self._on.form.say(f"{self._words}{seconds}", self._after[1])

    def _ran(self, ran: Ran, question: Run) -> None:
        if self._on.worker.running and self._on.worker.running != ran.edit:
            return  # a newer one goes on
        self._tick.stop()
        self._on.form.show_running(False)
        words = f"Ran for {quantities.figure(ran.seconds, 3)} s"
        why = "" if ran.recorded else f"Nothing was recorded: {_calls(ran)}"
        if ran.failure is not None:
            why = told_of(ran.failure, ran.recorded)
            self._on.pages.output.add_failure(ran.failure.traceback or why)
        self._after = (words, why)
        self._on.form.say(words, why)

    def _opened(self, opened: Opened, question: Any) -> None:
        again = self._on.opened is not None and self._on.opened.edit == opened.edit
        self._on.form.say(*(("", "") if isinstance(question, Load) else self._after))
        if again:
            self._on.begin_again(opened)
        else:
            self._on.begin(opened)
            self._on.form.fold(True)

    def _pictured(self, pictured: Pictured, _question: Any) -> None:
        on = self._on
        on.picture.take(pictured)
        if on.owner:
            on.select(on.owner)
        on.stirred.emit()

    def _tree(self, tree: Tree, _question: Any) -> None:
        opened = self._on.opened
        self._on.tree.show_rows(tree.rows, _model(opened))

    def _page(self, page: Page) -> None:
        on = self._on
        on.pages.take(page)
        if page.table == "problems" and not page.first and on.opened is not None and on.marked != on.opened.edit:
            on.marked = on.opened.edit
            on.worker.ask(AskTree, on.opened.edit)

    def _refused(self, refused: Refused, question: Any) -> None:
        words = " ".join(filter(None, (sentence(refused.what), sentence(refused.cure))))
        self._refusals[type(question)](words, question)

    def _untold(self, words: str, question: AskTold) -> None:
        if question.owner == self._on.owner:
            self._on.about.refuse(words)
            self._on.show_row()

    def _not_opened(self, words: str, question: Any) -> None:
        self._tick.stop()
        self._on.form.show_running(False)
        where = f"{Path(question.path).name}: " if isinstance(question, Load) else ""
        self._on.form.say("", f"{where}{words}")


def told_of(failure: Failure, recorded: bool) -> str:
    """Say why a script did not end well, and that what it recorded until then is shown."""
    where = f" ({failure.where})" if failure.where else ""
    kept = "What was recorded until then is shown." if recorded else ""
    return " ".join(filter(None, (sentence(f"{failure.what}{where}"), sentence(failure.cure), kept)))


def _calls(ran: Ran) -> str:
    known = len(ran.calls) + ran.more
    if not known:
        return "the script did not come to a backward()."
    return f"the script came to {quantities.count(known)} calls of backward()."


def _model(opened: Opened | None) -> str:
    return opened.name if opened else ""
