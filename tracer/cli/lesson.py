"""`gradtrace lesson`: lists the lessons, and checks one that a person writes."""

from __future__ import annotations

from typing import Annotated

import typer

from tracer.cli import tables
from tracer.cli.answers import Json, counted
from tracer.cli.tables import Column, say, tell
from tracer.lesson import library
from tracer.lesson.source import Text

Named = Annotated[str, typer.Argument(help="The name of a lesson that Gradtrace ships, or a file (.toml).")]
LIST = (Column("name", lambda row: row[0]), Column("title", lambda row: row[1]))

app = typer.Typer(help="List lessons, and check one that you write.", no_args_is_help=True)


@app.command("list")
def list_(json: Json = False) -> None:
    """List the lessons that Gradtrace ships."""
    rows = list(library.titles().items())
    if json:
        tables.as_json({"lessons": [{"name": name, "title": title} for name, title in rows]})
    else:
        tables.show("Lessons", LIST, rows)


@app.command()
def check(lesson: Named, json: Json = False) -> int:
    """Run all experiments of a lesson; each query must find something, each slip something else than is right."""
    from tracer.cli.run_lesson import runner  # late, since they load numpy
    from tracer.lesson.proving import prove

    found = library.load(lesson)
    text, name = library.text(lesson)
    faults = list(prove(found, runner(), Text(text, name)))
    if json:
        tables.as_json({"faults": [{"what": one.what, "where": one.where, "cure": one.cure} for one in faults]})
    for fault in faults:
        tell(str(fault))
    if not faults and not json:
        questions = sum(len(step.predict) for step in found.steps)
        say(f"{name}: {counted(len(found.steps), 'step')} with {counted(questions, 'prediction')} hold")
    return 1 if faults else 0
