"""Sessions out of files that somebody changed: each is refused in a sentence, or every format can say it."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import fitdecode
import pytest

from spotter.coach.session import Session, session_of
from spotter.errors import ExchangeError, SpotterError
from spotter.exchange.drop import drop_name
from spotter.exchange.fit import fit_bytes
from spotter.exchange.mot import write_mot
from spotter.exchange.session_csv import session_csv
from spotter.exchange.session_json import parse_session, session_document, session_json
from spotter.exchange.session_source import video_began
from spotter.exchange.tables import arrow_table
from spotter.exchange.tcx import tcx_bytes
from spotter.history.history import History
from tests.exchange.sessions import EVENING, reps_of, squats
from tests.report.material import analysis
from tests.report.material import squats as stick_squats

NASTY: tuple[Any, ...] = (
    None, True, 0, -1, 2**31, 2**63, 10**400, 0.5, -0.0, 1e-300, 1e300, -1e300, 1e15, "", "x" * 3000, "\0",
    "\ud800", "\n\r\x0b", "9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00", "2026-05-04T18:30:00",
    "2026-05-04T18:30:00+23:59:59.999", "2026-05-04T18:30:00-23:59:59.999", "=cmd()", "../../etc/passwd",
    [], {}, [None], [1e39],
)  # fmt: skip


def document(**changed: object) -> Any:
    """A session's document with other values at paths such as ``sets__0__start_s``."""
    made = json.loads(session_json(squats()))
    for path, value in changed.items():
        *way, last = (int(step) if step.isdigit() else step for step in path.split("__"))
        place = made
        for step in way:
            place = place[step]
        place[last] = value
    return made


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"started": "9999-12-31T23:59:59-05:00"}, "give a time from 1900 to 2199"),
        ({"sets__0__weight_kg": -5.0}, r"sets\[0\]\.weight_kg is -5 kg; give 0 to 10000"),
        ({"sets__1__weight_kg": 1e300}, r"sets\[1\]\.weight_kg is 1e\+300 kg"),
        ({"sets__0__reps__2__number": 2**31}, r"sets\[0\]\.reps\[2\]\.number is 2147483648"),
        ({"heart_rate__time_s__3": 0.0}, r"heart_rate\.time_s does not grow from number 3 to 4"),
        ({"angles__time_s__1": None}, r"angles\.time_s does not grow from number 1 to 2"),
    ],
)
def test_what_cannot_be_true_is_refused(changed: dict[str, object], said: str) -> None:
    with pytest.raises(ExchangeError, match=said):
        parse_session(document(**changed))


@pytest.mark.parametrize("start_s", [1e300, 1e15, -1e300, math.nan])
@pytest.mark.parametrize("export", [fit_bytes, tcx_bytes])
def test_a_time_beyond_the_calendar_is_told(export: Callable[[Session], bytes], start_s: float) -> None:
    session = squats()
    far = replace(session, sets=(replace(session.sets[0], start_s=start_s),))
    with pytest.raises(ExchangeError, match=r"a moment of the session lies .* s after its beginning"):
        export(far)


def test_a_repetition_whose_time_is_not_known_has_empty_cells() -> None:
    one = reps_of("squat", 4.0, 2, 20.0)
    unknown = replace(one.reps[0], start_s=math.nan, end_s=math.nan)
    lines = session_csv(replace(squats(), sets=(replace(one, reps=(unknown, one.reps[1])),))).splitlines()
    names = lines[0].split(",")
    cells = dict(zip(names, lines[1].split(","), strict=True))
    assert (cells["start_s"], cells["end_s"], cells["time"]) == ("", "", "") and cells["kind"] == "rep"


def test_what_fit_has_no_room_for_is_left_out_or_told() -> None:
    one = reps_of("squat", 4.0, 2, 20.0)
    wild = replace(one, reps=(replace(one.reps[0], range_deg=1e300, score=-1e300),))
    with fitdecode.FitReader(fit_bytes(replace(squats(), sets=(wild,)))) as reader:
        names = {
            field.name
            for frame in reader
            if frame.frame_type == fitdecode.FIT_FRAME_DATA
            for field in frame.fields
        }
    assert "Exercise" in names and not names & {"Score", "Range of motion"}
    many = replace(one, reps=one.reps * 40_000)
    with pytest.raises(ExchangeError, match="FIT cannot say a set of 80000 repetitions"):
        fit_bytes(replace(squats(), sets=(many,)))
    with pytest.raises(ExchangeError, match=r"FIT cannot say .* 6912000 s"):
        fit_bytes(replace(squats(), duration_s=80 * 86_400.0))


@pytest.mark.parametrize("sign", [1, -1])
def test_an_odd_offset_of_a_zone_bricks_no_history(tmp_path: Path, sign: int) -> None:
    offset = sign * timedelta(hours=23, minutes=59, seconds=59.999)
    started = datetime(2026, 5, 4, tzinfo=timezone(offset))
    with History.open(tmp_path / "h.db") as history:
        history.add(squats(started))
        assert [entry.started for entry in history.find()] == [started]


def test_half_a_character_in_a_name_is_no_end_of_a_table() -> None:
    whole = document(person="Ada\udcff")
    fault = {
        "name": "a\udcff",
        "severity": "hint",
        "at_s": 1,
        "measured": 1,
        "limit": 1,
        "unit": "",
        "cue": "",
    }
    whole["sets"][0]["reps"][0]["faults"] = [fault]
    row = arrow_table(parse_session(whole)).to_pylist()[0]
    assert (row["name"], row["faults"]) == ("Ada\N{REPLACEMENT CHARACTER}", ["a\N{REPLACEMENT CHARACTER}"])


def test_a_number_that_no_table_holds_is_told() -> None:
    one = squats().sets[0]
    wild = replace(one, reps=(replace(one.reps[0], number=10**30),))
    with pytest.raises(ExchangeError, match="a number of the column number is larger than a table can hold"):
        arrow_table(replace(squats(), sets=(wild,)))


def test_a_video_whose_name_is_no_text_makes_a_session(tmp_path: Path) -> None:
    found = analysis(stick_squats(), stem="Video\udcff")
    session = session_of(found, EVENING)
    other = session_of(analysis(stick_squats(), stem="Video"), EVENING)
    assert session is not None and other is not None and session.id != other.id
    with History.open(tmp_path / "h.db") as history:
        assert history.add(session) and history.get(session.id).count == session.count
    for export in (fit_bytes, tcx_bytes, session_json):
        assert export(session)


@pytest.mark.parametrize("length_s", [10**400, 1e300, -1e300, -5, math.nan, math.inf, "long", None])
def test_a_video_of_an_impossible_length_began_when_its_file_was_written(
    tmp_path: Path, length_s: object
) -> None:
    video = tmp_path / "a.mp4"
    video.touch()
    began, _ = video_began({"path": str(video), "duration_s": length_s}, video)
    assert began.timestamp() == pytest.approx(video.stat().st_mtime, abs=1e-3)


def mutated(count: int) -> Iterator[Any]:
    """Documents with one to three values replaced or gone, the same ones each time."""
    chance = random.Random(5)
    whole = session_document(squats())
    paths = [path for path in _paths(whole) if path]
    for _ in range(count):
        changed = json.loads(json.dumps(whole))
        for path in chance.sample(paths, chance.choice([1, 1, 1, 2, 3])):
            try:
                place = changed
                for step in path[:-1]:
                    place = place[step]
                if chance.random() < 0.1:
                    del place[path[-1]]
                else:
                    place[path[-1]] = chance.choice(NASTY)
            except (KeyError, IndexError, TypeError):
                continue  # what was replaced before had this inside
        yield changed


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inside = (
        value.items() if isinstance(value, dict) else enumerate(value[:3]) if isinstance(value, list) else ()
    )
    for step, one in inside:
        yield from _paths(one, (*path, step))


def test_any_changed_document_is_refused_or_every_format_can_say_it(tmp_path: Path) -> None:
    exports: list[Callable[[Session], object]] = [
        session_json, fit_bytes, tcx_bytes, session_csv, arrow_table, drop_name,
        lambda session: write_mot(session, tmp_path / "a.mot"),
    ]  # fmt: skip
    read = refused = 0
    with History.open(tmp_path / "h.db") as history:
        for number, changed in enumerate(mutated(400)):
            try:
                session = parse_session(changed)
            except ExchangeError as error:
                refused += 1
                assert len(str(error)) < 300
                continue
            read += 1
            for export in (*exports, history.add):
                try:
                    export(replace(session, id=f"id {number}"))
                except SpotterError as error:
                    assert 20 < len(str(error)) < 700
        assert min(read, refused) > 50
        assert len(history.find()) > 40
        history.export_json(tmp_path)
        history.export_parquet(tmp_path)
