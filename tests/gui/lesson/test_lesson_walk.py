"""Both lessons in the real window: every question is answered wrong and right, and nothing tells before it is."""

import pytest

from gui.expression.tables import GRADIENTS, HIDDEN
from gui.lesson.progress import SHOWN
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
