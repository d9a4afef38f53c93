"""Tables as text."""

from gui.tables.columns import Column, tsv

COLUMNS = (Column("name", lambda row: row[0]), Column("value", lambda row: str(row[1]), right=True))


def test_text_has_titles_and_no_stray_tabs():
    assert tsv(COLUMNS, [("a\tb", 1), ("c\nd", -2)]) == "name\tvalue\na b\t1\nc d\t-2\n"
