"""The sessions that were opened or saved last: the newest first, each once, at most ten; one that has gone says so."""

import pytest
from PySide6.QtCore import QObject, QSettings

from gui.files import Files
from gui.recent import MOST, NOTHING, Recent


@pytest.fixture
def recent(qapp, folder):
    """A function that starts the list as the window does."""
    settings, opened = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat), []
    parents = []

    def start():
        parents.append(QObject())
        made = Recent(settings, opened.append, parents[-1])
        return made, opened

    return start


def words(made):
    made.menu.aboutToShow.emit()
    return [action.text() for action in made.menu.actions() if action.text()]


def test_at_first_there_is_none(recent):
    made, _ = recent()
    assert words(made) == [NOTHING] and not made.menu.actions()[0].isEnabled()


def test_the_newest_is_first_and_each_is_there_once(recent, folder):
    made, opened = recent()
    for name in ("a", "b", "c", "a"):
        (folder / f"{name}.gradtrace").write_text("")
        made.note(str(folder / f"{name}.gradtrace"))
    assert words(made) == ["a.gradtrace", "c.gradtrace", "b.gradtrace", "Forget these 3 files"]
    made.menu.actions()[1].trigger()
    assert opened == [str(folder / "c.gradtrace")]


@pytest.mark.parametrize("count", [1, 2, MOST + 3])
def test_they_come_back_at_the_next_start(recent, folder, count):
    made, _ = recent()
    for number in range(count):
        (folder / f"{number}.gradtrace").write_text("")
        made.note(str(folder / f"{number}.gradtrace"))
    again, _ = recent()
    assert words(again) == words(made)
    assert len(words(again)) == min(count, MOST) + 1
    assert words(again)[0] == f"{count - 1}.gradtrace"


def test_one_that_has_gone_is_grey_and_says_so(recent, folder):
    made, _ = recent()
    path = folder / "gone.gradtrace"
    path.write_text("")
    made.note(str(path))
    path.unlink()
    assert words(made)[0] == "gone.gradtrace is not there any more"
    action = made.menu.actions()[0]
    assert not action.isEnabled() and action.toolTip() == f"{path} is not there any more"


def test_they_can_be_forgotten(recent, folder):
    made, _ = recent()
    made.note(str(folder / "a.gradtrace"))
    made.menu.actions()[-1].trigger()
    assert words(made) == [NOTHING] and words(recent()[0]) == [NOTHING]


def test_a_saved_session_is_in_the_menu_and_opens(window, session, folder, qtbot):
    files, made = window.findChild(Files), window.findChild(Recent)
    files.save(folder / "mine")
    session.edit("expression.program", "a = x")
    assert words(made)[0] == "mine.gradtrace"
    made.menu.actions()[0].trigger()
    assert session.value("expression.program") != "a = x"
    made._keep([])
