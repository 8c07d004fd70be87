"""``spotter live``: the coach before this machine's camera, in the browser or in a plain window."""

from __future__ import annotations

from typing import Annotated

import typer

from spotter.cli.serve import Data, Database, Port, run_server
from spotter.errors import UsageError


def live_command(
    camera: Annotated[
        int | None, typer.Option(min=0, help="Which camera; the first is 0.", show_default=False)
    ] = None,
    exercise: Annotated[str, typer.Option(help="The exercise, or auto to recognise it.")] = "auto",
    window: Annotated[
        bool, typer.Option("--window", help="Use a plain window in place of the browser.")
    ] = False,
    language: Annotated[
        str | None,
        typer.Option(
            help="What the coach speaks, such as de; the browser's if not said.", show_default=False
        ),
    ] = None,
    port: Port = None,
    database: Database = None,
    data: Data = None,
) -> None:
    """Coach whoever stands before the camera, now.

    The same page as that of spotter serve. With --window: space goes on, E ends a set, Q ends the session.
    """
    from urllib.parse import urlencode

    from spotter.coach.schema import named_exercise
    from spotter.coach.words import words_of

    named_exercise(exercise)  # which says what is wrong with it
    spoken = None if language is None else words_of(language).language
    if window:
        from spotter.cli.live_window import coach_in_window

        if port is not None or data is not None:
            raise UsageError("--port and --data are the page's; leave them out, or --window")
        coach_in_window(camera or 0, exercise, spoken or "en", database)
        return
    told = {"camera": camera, "language": spoken}
    wanted = {"exercise": exercise} | {name: value for name, value in told.items() if value is not None}
    run_server(port, database, data, page=f"?{urlencode(wanted)}")
