"""Both lessons in the real window: every question is answered wrong and right, and nothing tells before it is."""

import pytest

from gui.expression.tables import GRADIENTS, HIDDEN
from gui.join import Join
from gui.lesson.progress import SHOWN, Progress
from tests.gui.lesson.conftest import readable
from tracer.lesson.library import SHIPPED
from tracer.lesson.steps import Result


def autograd(row) -> str:
    return next(column for column in GRADIENTS if column.title == "autograd").text(row)


def typed(result: Result) -> str:
    return result.word or result.text


@pytest.mark.parametrize("name", SHIPPED)
def test_the_walk(lesson, settled, name):
    lesson.library.take(name)
    for at, step in enumerate(lesson.library.lesson.steps):
        lesson.go(at)
        settled()
        predict, solution = lesson.predict, lesson.solution
        assert solution is not None, step.title
        assert predict.isVisible() == bool(step.predict)
        for number, solved in enumerate(solution.predictions):
            for slip in solved.slips:
                predict.answer(typed(slip.result))
                assert predict.said == f"Not yet. {slip.says}", (step.title, slip.name)
            assert not lesson.page.numbers
            answer = typed(solved.expected)  # a number as short as 3 stands in many places for other reasons
            assert len(answer) < 3 or answer not in readable(lesson.stage), (step.title, number)
            predict.answer(typed(solved.expected))
            settled()
            assert lesson.progress.answers(name, step.title)[number] == typed(solved.expected)
        assert not lesson.stage.is_covered(), step.title
        assert lesson.page.numbers == solution.numbers, step.title
        assert lesson.result.found is not None
    assert all(lesson.library.done())


def test_what_is_asked_for_is_hidden_in_the_tables_until_it_is_answered(lesson, settled, part):
    titles = [step.title for step in lesson.library.lesson.steps]
    lesson.go(titles.index("Backward by hand"))
    settled()
    hidden = []
    for solved in lesson.solution.predictions:
        rows = part("lesson.expression.gradients").rows_model.rows
        hidden.append({row.tensor.name for row in rows if autograd(row) == HIDDEN})
        lesson.predict.answer(typed(solved.expected))
        settled()
    assert hidden[0] > {"x", "y"}
    assert hidden[-1] < hidden[0]
    assert HIDDEN not in map(autograd, part("lesson.expression.gradients").rows_model.rows)


def test_show_me_gives_the_answer_and_goes_on(lesson, settled, part):
    part("lesson.predict.show").click()
    settled()
    title = lesson.library.lesson.steps[0].title
    assert lesson.progress.answers("convolutions", title) == {0: SHOWN}
    assert f"shown: {lesson.solution.predictions[0].expected.text}" in part("lesson.predict.before").text()


def test_what_can_not_be_read_is_told_and_nothing_is_lost(lesson, part):
    part("lesson.predict.answer").setText("nine")
    part("lesson.predict.check").click()
    assert "no number" in lesson.predict.said
    assert part("lesson.predict.answer").text() == "nine"
    assert not lesson.progress.answers("convolutions", lesson.step.title)


def test_lecture_mode_shows_nothing_but_the_step_and_gives_everything_back(lesson, window, settled, part):
    lesson.predict.answer(typed(lesson.solution.predictions[0].expected))
    settled()
    away = [part(name) for name in ("toolbar", "status", "lesson.form", "lesson.matvec.found")]
    size = part("lesson.title").fontMetrics().height()
    lesson.begin_lecture()
    assert not any(widget.isVisible() for widget in away)
    assert part("lesson.title").fontMetrics().height() > 1.5 * size
    lesson.turn(1)
    settled()
    lesson.end_lecture()
    assert all(widget.isVisible() for widget in away[:3])
    assert part("lesson.title").fontMetrics().height() == size


def test_a_step_is_played_with_in_its_own_workspace_and_undone_there(lesson, session, settled, part):
    before = session.value("matvec")
    part("lesson.open").click()
    settled()
    assert session.workspace == "matvec"
    assert session.value("matvec") == lesson.step.experiment
    session.history.undo()
    assert session.value("matvec") == before


def test_progress_is_kept_and_a_damaged_file_put_aside(folder):
    file = folder / "lessons.json"
    first = Progress(file)
    first.go("convolutions", "Rows")
    first.note("convolutions", "Rows", 0, "9")
    assert Progress(file).answers("convolutions", "Rows") == {0: "9"}
    assert Progress(file).of("convolutions").seen == ("Rows",)
    file.write_text("{")
    assert Progress(file).answers("convolutions", "Rows") == {}
    assert (folder / "damaged-lessons.json").read_text() == "{"


def test_the_states_of_all_workspaces_become_a_lesson_that_can_be_taught(lesson, window, folder):
    files = next(child for child in window.children() if isinstance(child, Join)).files
    files.save_lesson(str(folder / "mine.toml"))
    lesson.library.take(str(folder / "mine.toml"))
    assert {step.workspace for step in lesson.library.lesson.steps} == {"convolution", "expression", "matvec"}
    lesson.library.take("convolutions")


def test_opening_a_step_elsewhere_ends_the_lecture(lesson, settled, part):
    lesson.begin_lecture()
    part("lesson.open").click()
    settled()
    assert not lesson.lecture.on and part("toolbar").isVisible()
