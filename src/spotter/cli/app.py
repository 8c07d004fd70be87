"""The command ``spotter``: its sub-commands, and how errors end it."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, NoReturn

import typer

from spotter import __version__
from spotter.cli import (
    analyze,
    devices,
    doctor,
    exercises,
    export,
    history,
    import_,
    live,
    models,
    segment,
    serve,
    settings,
    validate,
)
from spotter.cli.recognizer.app import app as recognizer_app
from spotter.cli.segmenter.app import app as segmenter_app
from spotter.errors import EXIT_INTERRUPTED, SpotterError

app = typer.Typer(
    name="spotter",
    help="Spotter watches a body move: it counts repetitions, measures joint angles, "
    "and says what to do better. Everything runs on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit codes: 0 done, 1 other error, 2 wrong option, 3 not found, 4 not readable, 5 no video, "
    "6 no person, 7 model missing or damaged, 8 model's checksum wrong, 9 model not downloaded, "
    "10 exercise wrong or unknown, 11 result not writable, 12 photos not usable, "
    "13 export failed or differs, 14 an extra is not installed, 15 training cannot go on, "
    "16 database of sessions unusable, 17 another program's file unusable, 18 wearable not reached, "
    "19 server cannot run, "
    "130 stopped by Ctrl-C (results are kept).",
)
app.command("analyze")(analyze.analyze_command)
app.command("segment")(segment.segment_command)
app.add_typer(exercises.app, name="exercises")
app.add_typer(recognizer_app, name="recognizer")
app.add_typer(segmenter_app, name="segmenter")
app.add_typer(models.app, name="models")
app.add_typer(history.app, name="history")
app.command("export")(export.export_command)
app.command("import")(import_.import_command)
app.add_typer(devices.app, name="devices")
app.add_typer(settings.app, name="settings")
app.command("live")(live.live_command)
app.command("serve")(serve.serve_command)
app.command("validate")(validate.validate_command)
app.command("doctor")(doctor.doctor_command)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"spotter {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options before the sub-command."""


def main() -> NoReturn:
    """Run the command; a user's mistake ends it with one sentence and its exit code, never a traceback."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # The name of a file need not be text, and not every terminal knows every letter.
        takes_bytes = sys.stdout.encoding.lower() in ("utf-8", "utf8")
        sys.stdout.reconfigure(errors="surrogateescape" if takes_bytes else "backslashreplace")
    _leave(run(app))


def _leave(code: int) -> NoReturn:
    """End the process, at once where a thread of ours is still in native code, such as a model's loading.

    Python before 3.14 would end that thread where it waits for the interpreter, deep in C++, which aborts.
    """
    if any(thread.daemon and thread.name.startswith("spotter-") for thread in threading.enumerate()):
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):  # nobody reads it any more
                stream.flush()
        os._exit(code)
    sys.exit(code)


def run(command: Callable[[], object]) -> int:
    """Call a command and turn how it ends into an exit code.

    >>> run(lambda: None), run(lambda: 3)
    (0, 3)
    """
    try:
        result = command()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except SpotterError as error:
        print(f"spotter: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("spotter: stopped", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone
        sys.stderr.close()
        return 1
    return result if isinstance(result, int) else 0
