"""``spotter history progress``, ``compare`` and ``month``: in short in the terminal, in full as pages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from spotter.cli.history_options import AsJson, Database, Day, Id, opened, whose
from spotter.cli.output import print_json

Out = Annotated[
    Path | None,
    typer.Option(help="Write page, pictures and table into this folder.", show_default=False),
]


def progress_command(
    person: Annotated[
        str | None, typer.Option(help="Whose; who the settings say, or the only one there is.")
    ] = None,
    exercise: Annotated[str | None, typer.Option(help="Only this exercise.")] = None,
    since: Day = None,
    out: Out = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show how somebody came along: trends with their uncertainty, faults, records."""
    from spotter.history.progress_document import progress_document
    from spotter.report.progress.lines import progress_lines

    day = None if since is None else since.date()
    with opened(database) as history:
        found = history.person_progress(whose(history, person), exercise, day)
    if out is not None:
        from spotter.report.progress.page import PAGE, write_progress
        from spotter.report.progress.picture import write_pictures
        from spotter.report.progress.table import write_progress_table

        page, table = out / PAGE, out / "progress.csv"
        write_progress(page, found)
        write_progress_table(table, found)
        _written([page, table, *write_pictures(out, found)], as_json)
    if as_json:
        print_json(progress_document(found), allow_nan=False)
    elif out is None:
        _echo(progress_lines(found))


def compare_command(
    first: Id, second: Id, out: Out = None, as_json: AsJson = False, database: Database = None
) -> None:
    """Compare two sessions, repetition over repetition."""
    from spotter.history.compare import compare
    from spotter.history.compare_document import compare_document
    from spotter.report.progress.lines import comparison_lines

    with opened(database) as history:
        found = compare(history.get(first), history.get(second))
    if out is not None:
        from spotter.report.progress.compare_page import COMPARE_PAGE, write_compare
        from spotter.report.progress.compare_picture import write_compare_pictures
        from spotter.report.progress.table import write_compare_table

        page, table = out / COMPARE_PAGE, out / "compare.csv"
        write_compare(page, found)
        write_compare_table(table, found)
        _written([page, table, *write_compare_pictures(out, found)], as_json)
    if as_json:
        print_json(compare_document(found), allow_nan=False)
    elif out is None:
        _echo(comparison_lines(found))


def month_command(
    month: Annotated[
        str | None, typer.Argument(metavar="[YYYY-MM]", help="This month if not said.", show_default=False)
    ] = None,
    person: Annotated[
        list[str] | None, typer.Option(help="Who, one option a person; everybody if not said.")
    ] = None,
    out: Out = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Sum up a month of one or several people, for a coach: one page for A4."""
    from spotter.history.month_document import month_document
    from spotter.report.progress.lines import month_lines

    with opened(database) as history:
        if not person:
            whose(history, next(iter(history.people()), None))  # says what to do where nobody is kept
        found = history.month(month, person or ())
    if out is not None:
        from spotter.report.progress.month_page import write_month
        from spotter.report.progress.table import write_month_table

        page, table = (out / f"month-{found.month.name}.{ending}" for ending in ("html", "csv"))
        write_month(page, found)
        write_month_table(table, found)
        _written([page, table], as_json)
    if as_json:
        print_json(month_document(found), allow_nan=False)
    elif out is None:
        _echo(month_lines(found))


def _echo(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)


def _written(paths: Iterable[Path], as_json: bool) -> None:
    """Name the files; on standard error where standard output is for a document."""
    for path in paths:
        typer.echo(path, err=as_json)
