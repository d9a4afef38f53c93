"""Columns that share a room, or go where it lacks."""

import pytest

from gui.tables.columns import Column
from gui.tables.widths import fitted


def column(spare=0, elastic=False, least=100):
    return Column("", str, spare=spare, elastic=elastic, least=least)


CASES = [
    ("room to share", [50, 50], [column(), column()], 121, {0: 60, 1: 61}),
    ("cut", [50, 300, 300], [column(), column(elastic=True), column(elastic=True)], 450, {0: 50, 1: 200, 2: 200}),
    ("cut as little as needed", [50, 120, 300], [column(), column(elastic=True), column(elastic=True)], 446,
     {0: 50, 1: 117, 2: 279}),
    ("left out, the largest first", [50, 60, 70], [column(), column(spare=1), column(spare=2)], 115, {0: 52, 1: 63}),
    ("a spare one is left out before another is cut too far", [50, 300, 60],
     [column(), column(elastic=True, least=250), column(spare=1)], 320, {0: 50, 1: 270}),
    ("cut before it is left out", [50, 300], [column(), column(spare=1, elastic=True)], 150, {0: 50, 1: 100}),
    ("what must stay scrolls", [90, 90], [column(), column()], 100, {0: 90, 1: 90}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "columns", "room", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_widths(wanted, columns, room, expected):
    assert fitted(wanted, columns, room) == expected
