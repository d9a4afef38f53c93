import pytest

from tracer.drawing.wording import inert, operation, program


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("conv1.weight", "conv1.weight"),
        ('a "b" <c> & \\n', 'a "b" <c> & \\n'),  # what is special elsewhere is escaped there
        ("a\nb", "a‹U+000A›b"),
        ("a\x00b\x1b", "a‹U+0000›b‹U+001B›"),
        ("\ufffe\uffff", "‹U+FFFE›‹U+FFFF›"),
        ("\ud800", "‹U+D800›"),
        ("abc\u202edef", "abc‹U+202E›def"),
        ("\u2066x\u2069", "‹U+2066›x‹U+2069›"),
        ("重み 🙂", "重み 🙂"),
    ],
)
def test_inert_shows_what_could_do_harm(text: str, shown: str) -> None:
    assert inert(text) == shown


def test_inert_shortens_only_where_asked() -> None:
    assert len(inert("x" * 10_000)) == 200
    assert inert("x" * 10_000, most=None) == "x" * 10_000


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("SubBackward0", "Sub"),
        ("NativeBatchNormBackward0", "Batch norm"),
        ("TBackward0", "Transpose"),
        ("MyFunctionBackward", "MyFunction"),
        ("CopySlices", "CopySlices"),
        ("Backward", "Backward"),
    ],
)
def test_operation_by_its_short_name(name: str, short: str) -> None:
    assert operation(name) == short


def test_program_has_the_true_minus() -> None:
    assert program(" x - 2\n") == "x − 2"
