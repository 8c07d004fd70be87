"""``spotter history``: the sessions that were kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from spotter.cli import history_pages
from spotter.cli.choices import one_of
from spotter.cli.history_options import AsJson, Database, Day, Id, Yes, local, opened, whose
from spotter.cli.output import print_json
from spotter.errors import UsageError

if TYPE_CHECKING:
    from spotter.history.history import History

app = typer.Typer(help="The sessions that were kept, and the people they are of.", no_args_is_help=True)

_FORMATS: tuple[Literal["json", "parquet"], ...] = ("json", "parquet")


@app.command("add")
def add_command(
    paths: Annotated[
        list[Path], typer.Argument(help="Folders of spotter analyze, or JSON files of sessions.")
    ],
    person: Annotated[
        str | None, typer.Option(help="Whose they are; who the settings say, or me.", show_default=False)
    ] = None,
    started: Day = None,
    weight: Annotated[
        list[float] | None,
        typer.Option(help="Kilograms of each set in turn, one option a set; the last one goes on."),
    ] = None,
    database: Database = None,
) -> None:
    """Keep sessions; one that is kept already stays as it is."""
    from spotter.exchange.session_source import session_from
    from spotter.settings import load_settings

    name = load_settings().person if person is None else person
    if started is not None and len(paths) > 1:
        raise UsageError("--started says when one session began; add them one by one")
    with opened(database) as history:
        for path in paths:
            found = session_from(path, started=local(started), name=name, weights_kg=weight or [])
            new = history.add(found.session)
            began = f"{found.session.started:%Y-%m-%d %H:%M} ({found.when})"
            typer.echo(f"{'kept' if new else 'had'} {found.session.id[:8]}, {began}", err=True)


@app.command("list")
def list_command(
    person: Annotated[str | None, typer.Option(help="Only this person's.")] = None,
    exercise: Annotated[str | None, typer.Option(help="Only those with this exercise.")] = None,
    since: Day = None,
    until: Day = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List sessions, the newest first."""
    from spotter.history.document import entry_document

    with opened(database) as history:
        found = history.find(person, exercise, local(since), local(until), limit)
    if as_json:
        print_json([entry_document(entry) for entry in found], allow_nan=False)
        return
    for entry in found:
        done = [f"{count} x {name}" for name, count in entry.reps.items() if count]
        done += [f"{held_s:.0f} s {name}" for name, held_s in entry.held_s.items()]
        typer.echo(f"{entry.id[:8]}  {entry.started:%Y-%m-%d %H:%M}  {entry.person}  {', '.join(done)}")


@app.command("show")
def show_command(session: Id, as_json: AsJson = False, database: Database = None) -> None:
    """Show a session: its sets, repetitions and faults."""
    from spotter.history.document import session_document
    from spotter.report.progress.lines import in_column

    with opened(database) as history:
        found = history.get(session)
    if as_json:
        print_json(session_document(found), allow_nan=False)
        return
    typer.echo(f"{found.id}\n{found.person}, {found.started:%Y-%m-%d %H:%M %z}, {found.duration_s:.0f} s")
    for number, one in enumerate(found.sets, start=1):
        weight = f", {one.weight_kg:g} kg" if one.weight_kg is not None else ""
        typer.echo(f"\nset {number}: {one.exercise}, {one.count} repetitions{weight}")
        for rep in one.reps:
            what = f"{rep.number:3}" if rep.complete else "  -"
            faults = ", ".join(fault.name for fault in rep.faults)
            typer.echo(
                f"{what}  {in_column(rep.range_deg, 'deg')}  score {in_column(rep.score)}  {faults}".rstrip()
            )
        for hold in one.holds:
            typer.echo(f"  held {hold.end_s - hold.start_s:.1f} s")
    for sentence in (*found.summary, found.note):
        if sentence:
            typer.echo(f"\n{sentence}")


app.command("progress")(history_pages.progress_command)
app.command("compare")(history_pages.compare_command)
app.command("month")(history_pages.month_command)


@app.command("delete")
def delete_command(session: Id, yes: Yes = False, database: Database = None) -> None:
    """Delete a session with all that belongs to it."""
    with opened(database) as history:
        found = history.get(session)
        _ask(f"Delete {found.person}'s session of {found.started:%Y-%m-%d %H:%M}?", yes)
        typer.echo(f"deleted {history.delete(found.id)}", err=True)


@app.command("export")
def export_command(
    out: Annotated[Path, typer.Option(help="A folder; made if it is not there.")],
    to: Annotated[str, typer.Option(help=f"What to write: {', '.join(_FORMATS)}.")] = "json",
    database: Database = None,
) -> None:
    """Write everything that is kept into a folder, for other programs."""
    wanted = one_of("--to", to, _FORMATS)
    with opened(database) as history:
        written = (history.export_json(out),) if wanted == "json" else history.export_parquet(out)
    for path in written:
        typer.echo(path)


@app.command("backup")
def backup_command(
    file: Annotated[Path, typer.Argument(help="Replaced if it is there.")], database: Database = None
) -> None:
    """Copy everything into one file, from SQLite and from PostgreSQL alike."""
    with opened(database) as history:
        history.backup(file)
    typer.echo(file)


@app.command("restore")
def restore_command(
    file: Annotated[Path, typer.Argument(help="What spotter history backup wrote.")],
    yes: Yes = False,
    database: Database = None,
) -> None:
    """Put a backup in place of everything that is kept, whole or not at all."""
    with opened(database) as history:
        there = len(history.find())
        if there:
            _ask(f"{history.place} holds sessions ({there}), which the backup will replace. Go on?", yes)
        history.restore(file)
        typer.echo(f"{history.place}: {len(history.find())} sessions", err=True)


@app.command("person")
def person_command(
    name: Annotated[str | None, typer.Argument(help="All people are listed if none is named.")] = None,
    height: Annotated[float | None, typer.Option(help="In cm.")] = None,
    weight: Annotated[float | None, typer.Option(help="In kg.")] = None,
    birth_year: Annotated[int | None, typer.Option(help="Such as 1984.")] = None,
    handedness: Annotated[str | None, typer.Option(help="left or right.")] = None,
    delete: Annotated[bool, typer.Option("--delete", help="Delete every trace of this person.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List people; show or change what is known of one; or delete every trace of one."""
    with opened(database) as history:
        if name is None:
            people = history.people()
            print_json(list(people)) if as_json else typer.echo("\n".join(people))
            return
        if delete:
            _ask(f"Delete every trace of {name}?", yes)
            if not history.delete_person(name):
                raise UsageError(f"there is no {name!r}; spotter history person lists who there is")
            typer.echo(f"deleted every trace of {name}", err=True)
            return
        given = {
            "height_cm": height,
            "weight_kg": weight,
            "birth_year": birth_year,
            "handedness": handedness,
        }
        _show_person(
            history, name, {key: value for key, value in given.items() if value is not None}, as_json
        )


@app.command("target")
def target_command(
    exercise: Annotated[str, typer.Argument(help="Such as squat; its aims are shown if none is given.")],
    person: Annotated[str | None, typer.Option(help="Whose; who the settings say.")] = None,
    reps: Annotated[int | None, typer.Option(help="Repetitions of a set.")] = None,
    sets: Annotated[int | None, typer.Option(help="Sets of a session.")] = None,
    range_deg: Annotated[float | None, typer.Option("--range", help="Degrees of a repetition.")] = None,
    a_week: Annotated[int | None, typer.Option(help="Sessions a week.")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Aim at nothing any more.")] = False,
    database: Database = None,
) -> None:
    """Show or change what somebody aims at in an exercise; progress and month measure by it."""
    from dataclasses import asdict

    from spotter.coach.schema import find_exercise
    from spotter.history.people import Target

    given = {"reps": reps, "sets": sets, "range_deg": range_deg, "sessions_a_week": a_week}
    changed = {key: value for key, value in given.items() if value is not None}
    with opened(database) as history:
        name = whose(history, person)
        if name not in history.people():
            raise UsageError(f"there is no {name!r}; spotter history person lists who there is")
        aims = history.targets(name).get(exercise, Target())
        if clear:
            history.set_target(name, exercise, None)
        elif changed:
            if not history.find(name, exercise, limit=1):
                find_exercise(exercise)  # which says what is near to it
            history.set_target(name, exercise, Target(**{**asdict(aims), **changed}))
        aims = history.targets(name).get(exercise, Target())
    said = [f"{key} {value:g}" for key, value in asdict(aims).items() if value is not None]
    typer.echo(f"{name}, {exercise}: {', '.join(said) or 'no aim'}")


def _show_person(history: History, name: str, changed: dict[str, object], as_json: bool) -> None:
    """Change what was given, then show all that is known."""
    from dataclasses import asdict

    from spotter.coach.plain import plain
    from spotter.history.people import Profile

    if changed:
        history.set_profile(name, Profile(**{**asdict(history.profile(name)), **changed}))
    elif name not in history.people():
        raise UsageError(f"there is no {name!r}; spotter history person lists who there is")
    profile, targets = history.profile(name), history.targets(name)
    if as_json:
        print_json(plain({"name": name, "profile": profile, "targets": targets}), allow_nan=False)
        return
    typer.echo(name)
    for what, aims in ({"": profile} | dict(targets)).items():
        said = [f"{key} {value}" for key, value in asdict(aims).items() if value is not None]
        typer.echo(f"  {what or 'profile'}: {', '.join(said) or 'nothing is known'}")


def _ask(question: str, yes: bool) -> None:
    if not yes:
        typer.confirm(question, abort=True, err=True)
