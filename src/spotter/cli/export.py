"""``spotter export``: a session in the formats of other programs."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spotter.cli.moments import moment_of
from spotter.cli.output import print_json
from spotter.errors import SpotterError, UsageError

if TYPE_CHECKING:
    from spotter.coach.session import Session
    from spotter.exchange.formats import Format
    from spotter.exchange.session_source import Sourced
    from spotter.motion.landmark_file import LandmarkTrack


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
        int | None,
        typer.Option(
            help="Number of the person in the analysis. If not given: who did most; for trc, mot and c3d "
            "everybody, a file each."
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Whose they are; who the settings say, or me.", show_default=False)
    ] = None,
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

    Of the folder squat comes squat.fit, and so on; of one with several people squat-person1.trc and the
    others. A session that cannot be written is told, and the others go on; the exit code is that of the first
    failure.
    """
    from spotter.exchange.formats import find_format
    from spotter.report.terminal import error_console
    from spotter.settings import load_settings

    formats = [find_format(one) for one in dict.fromkeys(to)]
    asked = _Asked(
        moment_of("--started", started),
        person,
        load_settings().person if name is None else name,
        tuple(weight or ()),
        heart_rate,
    )
    stems = _stems(paths)
    if asked.started is not None and len(paths) > 1:
        raise UsageError("--started says when one session began; export them one by one")
    console = error_console(quiet or as_json)
    done: list[dict[str, Any]] = []
    code = 0
    for path, stem in zip(paths, stems, strict=True):
        try:
            written = _export(path, out, stem, formats, asked)
        except SpotterError as error:
            code = code or error.exit_code
            done.append({"path": str(path), "error": str(error)})
            print(f"spotter: {error}", file=sys.stderr)
            continue
        done.append(_document(path, written))
        if written.found is not None:
            began = written.found.session.started.isoformat(timespec="seconds")
            console.print(f"  {path.name}: began {began} ({written.found.when})", markup=False)
        for file in written.files:
            console.print(f"  {file}", markup=False, soft_wrap=True)
    if as_json:
        print_json({"schema": 1, "sessions": done}, allow_nan=False)
    raise typer.Exit(code)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the user said about the sessions."""

    started: datetime | None
    person: int | None
    name: str
    weights_kg: tuple[float, ...]
    heart_rate: Path | None


@dataclass(frozen=True, slots=True)
class _Written:
    """What was made of one path: the files, the session in them, and whose landmarks are in them."""

    files: list[str]
    found: Sourced | None
    people: list[int]


def _export(path: Path, out: Path, stem: str, formats: list[Format], asked: _Asked) -> _Written:
    """Write every format; the session is looked for only where a format is made of it."""
    from spotter.exchange.landmark_source import landmarks_from

    tracks = landmarks_from(path, asked.person) if any(one.of_landmarks for one in formats) else ()
    found: Sourced | None = None
    files = []
    for one in formats:
        if one.of_landmarks and tracks:
            for track in tracks:
                whose = f"-person{track.person}" if len(tracks) > 1 else ""
                files.append(_write(track, out / f"{stem}{whose}{one.suffix}", one))
        else:
            found = found or _sourced(path, asked)
            files.append(_write(found.session, out / f"{stem}{one.suffix}", one))
    return _Written(files, found, [track.person for track in tracks])


def _sourced(path: Path, asked: _Asked) -> Sourced:
    from spotter.exchange.importing import matched, read_recorded
    from spotter.exchange.session_source import session_from

    found = session_from(
        path, started=asked.started, person=asked.person, name=asked.name, weights_kg=asked.weights_kg
    )
    if asked.heart_rate is None:
        return found
    fitting = [matched(found.session, recorded) for recorded in read_recorded(asked.heart_rate)]
    known = [one for one in fitting if one is not None]
    if known:
        return replace(found, session=max(known, key=_readings))
    began = found.session.started.isoformat(timespec="seconds")
    raise UsageError(
        f"{asked.heart_rate} holds no heart rate of the session that began {began} ({found.when})"
    )


def _readings(session: Session) -> int:
    return 0 if session.heart_rate is None else len(session.heart_rate.time_s)


def _write(what: Session | LandmarkTrack, path: Path, format_: Format) -> str:
    format_.writer()(what, path)
    return str(path)


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


def _document(path: Path, written: _Written) -> dict[str, Any]:
    document: dict[str, Any] = {"path": str(path)}
    if written.found is not None:
        session = written.found.session
        document |= {
            "id": session.id,
            "started": session.started.isoformat(),
            "started_known": written.found.when,
            "exercises": list(session.exercises),
            "reps": session.count,
            "heart_rate_readings": _readings(session),
        }
    if written.people:
        document["people"] = written.people
    return document | {"files": written.files}
