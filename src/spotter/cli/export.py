"""``spotter export``: a session in the formats of other programs."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spotter.cli.output import print_json
from spotter.errors import SpotterError, UsageError

if TYPE_CHECKING:
    from spotter.coach.session import Session
    from spotter.exchange.formats import Format


def export_command(
    paths: Annotated[
        list[Path], typer.Argument(help="Folders of spotter analyze, or JSON files of sessions.")
    ],
    to: Annotated[
        list[str],
        typer.Option("--to", help="fit, tcx, json, csv, parquet, trc, mot or c3d; may be repeated."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path(),
    started: Annotated[
        str | None,
        typer.Option(
            help="When the video was taken, such as 2026-05-04T18:30 (in this machine's time zone)."
        ),
    ] = None,
    person: Annotated[
        int | None, typer.Option(help="Number of the person in the analysis; who did most if not given.")
    ] = None,
    name: Annotated[str, typer.Option(help="What the person is called.")] = "me",
    weight: Annotated[
        list[float] | None,
        typer.Option(help="Kilograms of each set in turn, one option a set; the last one goes on."),
    ] = None,
    heart_rate: Annotated[
        Path | None,
        typer.Option(help="FIT, TCX, GPX or Apple Health's export that a watch recorded meanwhile."),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print what was written as JSON on standard output, and nothing else."),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print errors only.")] = False,
) -> None:
    """Write sessions as files for fitness apps, data science and biomechanics.

    Of the folder squat comes squat.fit, and so on. A session that cannot be written is told, and the others
    go on; the exit code is that of the first failure.
    """
    from spotter.exchange.formats import find_format
    from spotter.report.terminal import error_console

    formats = [find_format(one) for one in dict.fromkeys(to)]
    when = _when(started)
    stems = _stems(paths)
    if when is not None and len(paths) > 1:
        raise UsageError("--started says when one session began; export them one by one")
    console = error_console(quiet or as_json)
    done: list[dict[str, Any]] = []
    code = 0
    for path, stem in zip(paths, stems, strict=True):
        try:
            session, known = _session(path, when, person, name, weight or [], heart_rate)
            files = [_write(session, out / f"{stem}{one.suffix}", one) for one in formats]
        except SpotterError as error:
            code = code or error.exit_code
            done.append({"path": str(path), "error": str(error)})
            print(f"spotter: {error}", file=sys.stderr)
            continue
        done.append(_document(path, session, known, files))
        console.print(
            f"  {path.name}: began {session.started.isoformat(timespec='seconds')} ({known})", markup=False
        )
        for file in files:
            console.print(f"  {file}", markup=False, soft_wrap=True)
    if as_json:
        print_json({"schema": 1, "sessions": done}, allow_nan=False)
    raise typer.Exit(code)


def _session(
    path: Path,
    when: datetime | None,
    person: int | None,
    name: str,
    weights: list[float],
    heart_rate: Path | None,
) -> tuple[Session, str]:
    from spotter.exchange.importing import matched, read_recorded
    from spotter.exchange.session_source import session_from

    found = session_from(path, started=when, person=person, name=name, weights_kg=weights)
    if heart_rate is None:
        return found.session, found.when
    fitting = [matched(found.session, recorded) for recorded in read_recorded(heart_rate)]
    known = [one for one in fitting if one is not None]
    if known:
        return max(known, key=_readings), found.when
    began = found.session.started.isoformat(timespec="seconds")
    raise UsageError(f"{heart_rate} holds no heart rate of the session that began {began} ({found.when})")


def _readings(session: Session) -> int:
    return 0 if session.heart_rate is None else len(session.heart_rate.time_s)


def _write(session: Session, path: Path, format_: Format) -> str:
    format_.writer()(session, path)
    return str(path)


def _when(started: str | None) -> datetime | None:
    if started is None:
        return None
    try:
        given = datetime.fromisoformat(started)
    except ValueError as error:
        raise UsageError(f"--started is {started!r}; give a time such as 2026-05-04T18:30") from error
    return given if given.tzinfo is not None else given.astimezone()


def _stems(paths: list[Path]) -> list[str]:
    """Names of the files without their suffixes; an analysis.json is called as its folder."""
    stems = []
    for path in paths:
        whole = path.resolve()
        stem = (
            whole.parent.name
            if whole.name == "analysis.json"
            else whole.name
            if whole.is_dir()
            else whole.stem
        )
        if stem in stems:
            raise UsageError(f"two sessions would be written to {stem}; export them one by one, with --out")
        stems.append(stem)
    return stems


def _document(path: Path, session: Session, known: str, files: list[str]) -> dict[str, Any]:
    return {
        "path": str(path),
        "id": session.id,
        "started": session.started.isoformat(),
        "started_known": known,
        "exercises": list(session.exercises),
        "reps": session.count,
        "heart_rate_readings": _readings(session),
        "files": files,
    }
