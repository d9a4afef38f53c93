"""The command `gradtrace`: joins the commands, and turns every failure into one sentence and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

import tracer
from tracer.cli import compare, conv, demo, derive, doctor, expr, handout, lesson, matvec, run, screenshot, why, window
from tracer.cli.tables import tell
from tracer.errors import TracerError, sentence

DONE, NO, REFUSED = 0, 1, 2  # exit codes: done; the answer is no; a wrong call, or something that cannot be done

app = typer.Typer(
    name="gradtrace",
    help="See what PyTorch's autograd recorded: shapes, gradients and memory of any graph.",
    add_completion=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS = (
    conv.conv,
    expr.expr,
    derive.derive,
    matvec.matvec,
    run.run,
    why.why,
    compare.compare,
    handout.handout,
    screenshot.screenshot,
    doctor.doctor,
)
for _command in COMMANDS:
    app.command()(_command)
app.add_typer(lesson.app, name="lesson")


@app.callback()
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """See what PyTorch's autograd recorded. Without a command, the window opens."""
    if version:
        print(f"gradtrace {tracer.__version__}")
    elif context.invoked_subcommand is None:
        raise typer.Exit(window.open_window() if window.has_display() else demo.demo())


def main() -> None:
    """Run the command line that the program was started with, and end with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # a Windows console may not know × and −
    sys.exit(answer(sys.argv[1:]))


def answer(arguments: Sequence[str]) -> int:
    """Run a command line; give its exit code. A failure is one sentence on stderr, never a traceback."""
    try:
        code = app(list(arguments), prog_name="gradtrace", standalone_mode=False)
        return code if isinstance(code, int) else DONE
    except (typer.Abort, KeyboardInterrupt):
        return _refused("Stopped.")
    except BrokenPipeError:  # the reader, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:  # the last line of defence: whatever happened, a sentence and no traceback
        if os.environ.get("GRADTRACE_DEBUG") == "1":
            raise
        return _refused(_sentence(error))


def _sentence(error: Exception) -> str:
    """Say what failed: a wrong call, something that cannot be done, or else a fault of ours."""
    if hasattr(error, "format_message"):  # typer's own errors; which package they come from differs by version
        command = getattr(getattr(error, "ctx", None), "info_name", None)
        if command in ("run", "why") and hasattr(error, "option_name"):
            return f"{sentence(error.format_message())} {sentence(run.OWN_ARGUMENTS)}"
        return f"{sentence(error.format_message())} See “gradtrace --help”."
    if isinstance(error, TracerError):
        return str(error)
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {sentence(error.strerror or type(error).__name__)}"
    return f"Gradtrace failed: {type(error).__name__}: {sentence(str(error))} GRADTRACE_DEBUG=1 shows where."


def _refused(text: str) -> int:
    tell(text)
    return REFUSED
