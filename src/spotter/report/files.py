"""Writes the files that other programs read: analysis.json, angles.csv and reps.csv."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from spotter.coach.analysis import Analysis, Fault, Hold, Person, Rep, RepSet
from spotter.coach.heart import HeartRate, figures
from spotter.coach.plain import plain
from spotter.coach.recovery import recoveries, rest_rule
from spotter.coach.stretch import Stretch
from spotter.media.writing import GrowingFile, write_text
from spotter.motion.angles import angle_table

SCHEMA = 1
"""Version of the form of analysis.json; it grows when a key changes its meaning or goes."""

REPS_COLUMNS = (
    "person", "set", "number", "start_s", "turn_s", "end_s", "complete", "side", "range_deg",
    "out_s", "hold_s", "back_s", "symmetry", "score", "faults",
)  # fmt: skip
"""Columns of reps.csv; the names of the faults are joined by semicolons."""


def analysis_document(analysis: Analysis) -> dict[str, Any]:
    """The content of analysis.json, ready for ``json.dumps``: what is not known is null.

    >>> from spotter.coach.analysis import ExerciseFound
    >>> found = ExerciseFound(None, "recognised", 0.2)
    >>> analysis_document(Analysis({"name": "a", "fps": math.nan}, found, ()))["video"]
    {'name': 'a', 'fps': None}
    """
    document = {
        "schema": SCHEMA,
        "video": analysis.video,
        "exercise": {
            "name": analysis.exercise.name,
            "how": analysis.exercise.how,
            "confidence": analysis.exercise.confidence,
        },
        "people": [_person(person, analysis.athletes_heart_rate) for person in analysis.people],
        "spent_s": analysis.spent_s,
        "heart_rate": _heart_rate(analysis.heart_rate),
    }
    cleaned: dict[str, Any] = plain(document)
    return cleaned


def analysis_json(analysis: Analysis) -> str:
    """The content of analysis.json as text, ending with a newline."""
    return json.dumps(analysis_document(analysis), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_analysis(path: Path, analysis: Analysis) -> None:
    """Write analysis.json.

    Raises:
        OutputError: if it cannot be written.
    """
    write_text(path, analysis_json(analysis))


def write_reps(path: Path, people: Iterable[Person]) -> None:
    """Write reps.csv: a row for each repetition and attempt, empty where something is not known.

    Raises:
        OutputError: if it cannot be written.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(REPS_COLUMNS)
    for person in people:
        for set_number, one in enumerate(person.sets, start=1):
            table.writerows(_reps_row(person.id, set_number, rep) for rep in one.reps)
    write_text(path, text.getvalue())


class AnglesCsv:
    """Writes angles.csv stretch by stretch, so that its length does not matter.

    A row for each frame and person: the time, the person, every angle in degrees, every angle's standard
    deviation; empty where it was not seen. The file gets its own name when it is closed. After an exception
    the stretches already added are kept: each is complete.

    Args:
        path: where it goes; the folder is made if it is not there.

    Raises:
        OutputError: if it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._angles = tuple(angle.name for angle in angle_table())
        self._file = GrowingFile(path)
        header = ["time_s", "person", *self._angles, *(f"{name}_sd" for name in self._angles)]
        self._file.write(",".join(header) + "\n")

    def add(self, stretch: Stretch) -> None:
        """Append a stretch: frame by frame, one row a person.

        Raises:
            OutputError: if the disk is full or fails.
        """
        columns = [
            [motion.values[name] for name in self._angles] + [motion.sd[name] for name in self._angles]
            for motion in stretch.motions
        ]
        lines = []
        for row in range(max((len(motion) for motion in stretch.motions), default=0)):
            for motion, values in zip(stretch.motions, columns, strict=True):
                cells = ",".join([_cell(float(value[row]), 2) for value in values])
                lines.append(f"{motion.time_s[row]:.4f},{motion.person},{cells}\n")
        self._file.write("".join(lines))

    def close(self) -> None:
        """Finish the file and give it its own name; closing twice does no harm.

        Raises:
            OutputError: if the disk fails.
        """
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _reps_row(person: int, set_number: int, rep: Rep) -> list[str]:
    tempo = rep.tempo_s
    return [
        str(person),
        str(set_number),
        str(rep.number),
        *(_cell(value, 3) for value in (rep.start_s, rep.turn_s, rep.end_s)),
        "true" if rep.complete else "false",
        rep.side,
        _cell(rep.range_deg, 1),
        *(_cell(value, 2) for value in (tempo.out, tempo.hold, tempo.back)),
        _cell(rep.symmetry, 3),
        _cell(rep.score, 1),
        ";".join(fault.name for fault in rep.faults),
    ]


def _cell(value: float, places: int) -> str:
    return f"{value:.{places}f}" if math.isfinite(value) else ""


def _person(person: Person, heart: HeartRate | None) -> dict[str, Any]:
    hearts = _hearts(person, heart) if heart is not None else {}
    return {
        "id": person.id,
        "view": person.view,
        "sets": [_set(one) | {"heart_rate": hearts.get(one.start_s)} for one in person.sets],
        "holds": [_hold(hold) | {"heart_rate": hearts.get(hold.start_s)} for hold in person.holds],
        "not_judged": [{"fault": one.fault, "why": one.why} for one in person.not_judged],
        "summary": list(person.summary),
    }


def _set(one: RepSet) -> dict[str, Any]:
    return {"start_s": one.start_s, "end_s": one.end_s, "reps": [_rep(rep) for rep in one.reps]}


def _hold(hold: Hold) -> dict[str, Any]:
    return {"start_s": hold.start_s, "end_s": hold.end_s, "faults": [_fault(fault) for fault in hold.faults]}


def _heart_rate(heart: HeartRate | None) -> dict[str, Any] | None:
    if heart is None:
        return None
    names = ("time_s", "bpm", "rr_time_s", "rr_s")
    return {name: getattr(heart, name).tolist() for name in names} | {"source": heart.source}


def _hearts(person: Person, heart: HeartRate) -> dict[float, dict[str, Any]]:
    """The heart during each set and hold and in the rest after it, by when that began."""
    found = {}
    for one, rest in zip(person.efforts, recoveries(person.efforts, heart), strict=True):
        worked = figures(heart, one.start_s, one.end_s)
        found[one.start_s] = {
            "mean_bpm": worked.mean_bpm,
            "highest_bpm": worked.highest_bpm,
            "end_bpm": rest.end_bpm,
            "rest_s": rest.rest_s,
            "later_s": rest_rule().after_s,
            "later_bpm": rest.later_bpm,
            "drop_bpm": rest.drop_bpm,
        }
    return found


def _rep(rep: Rep) -> dict[str, Any]:
    return {
        "number": rep.number,
        "start_s": rep.start_s,
        "turn_s": rep.turn_s,
        "end_s": rep.end_s,
        "complete": rep.complete,
        "side": rep.side,
        "range_deg": rep.range_deg,
        "tempo_s": {"out": rep.tempo_s.out, "hold": rep.tempo_s.hold, "back": rep.tempo_s.back},
        "symmetry": rep.symmetry,
        "score": rep.score,
        "faults": [_fault(fault) for fault in rep.faults],
    }


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "name": fault.name,
        "severity": fault.severity,
        "at_s": fault.at_s,
        "measured": fault.measured,
        "limit": fault.limit,
        "unit": fault.unit,
        "cue": fault.cue,
    }
