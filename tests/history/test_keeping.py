"""What is put in comes out again, at the right time of day, in the right order, once."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from spotter.coach.heart import HeartRate
from spotter.coach.session import Session
from spotter.errors import HistoryError, UsageError
from spotter.history.history import History
from spotter.history.packing import packed, unpacked
from spotter.history.people import Profile, Target
from tests.history.material import MOMENT, full, simple

BERLIN = ZoneInfo("Europe/Berlin")


def same(first: Session, second: Session) -> bool:
    """Whether they agree in everything, NaN with NaN and type with type."""
    plain = {"heart_rate": None, "angles": None}
    return (
        repr(replace(first, **plain)) == repr(replace(second, **plain))
        and same_numbers(first.angles, second.angles)
        and same_numbers(first.heart_rate, second.heart_rate)
    )


def same_numbers(first: object, second: object) -> bool:
    if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
        return first.dtype == second.dtype and np.array_equal(first, second, equal_nan=True)
    if isinstance(first, dict) and isinstance(second, dict):
        return list(first) == list(second) and all(same_numbers(first[name], second[name]) for name in first)
    if first is None or second is None or isinstance(first, str):
        return first == second
    names = type(first).__dataclass_fields__  # type: ignore[attr-defined]
    return all(same_numbers(getattr(first, name), getattr(second, name)) for name in names)


def test_everything_comes_back_and_stays_after_closing(address: str) -> None:
    with History.open(address) as history:
        assert history.add(full())
    with History.open(address) as history:
        assert same(history.get("full"), full())
        entry = history.find()[0]
        assert (entry.reps, entry.held_s) == ({"plank": 0, "squat": 1}, {"plank": 29.5})


def test_a_session_is_kept_once_whatever_comes_later_under_its_id(history: History) -> None:
    assert history.add(simple(note="first"))
    assert not history.add(simple(note="second"))
    assert not history.add(replace(simple(), person="Eve"))
    assert history.get("one").note == "first"
    assert len(history.find()) == 1 and len(history.progress("Ada", "squat")) == 1
    assert history.people() == ("Ada",)


def test_empty_arrays_are_not_missing_ones(history: History) -> None:
    heart = HeartRate(np.zeros(0), np.zeros(0, np.float32))
    history.add(replace(simple(), heart_rate=heart))
    found = history.get("one").heart_rate
    assert found is not None and len(found.bpm) == 0 and history.get("one").angles is None


@pytest.mark.parametrize(
    "started",
    [
        datetime(2026, 3, 29, 1, 59, 59, 999999, tzinfo=BERLIN),  # the last moment before the clock jumps
        datetime(2026, 3, 29, 3, 0, tzinfo=BERLIN),
        datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=0),  # the hour that comes twice
        datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1),
        datetime(2026, 5, 4, 0, 10, tzinfo=timezone(timedelta(hours=5, minutes=45))),
        datetime(1969, 12, 31, 23, 0, tzinfo=UTC),
    ],
)
def test_times_of_day_are_what_the_clock_on_the_wall_said(tmp_path: Path, started: datetime) -> None:
    with History.open(tmp_path / "h.db") as history:
        history.add(simple(started=started))
        found = history.get("one").started
        assert found.isoformat() == started.isoformat() and found == started
        assert str(history.progress("Ada", "squat").days[0]) == started.date().isoformat()


def test_a_day_stays_when_a_zone_changes_its_law(tmp_path: Path) -> None:
    with History.open(tmp_path / "h.db") as history:
        history.add(simple(started=datetime(2026, 5, 4, 23, 30, tzinfo=BERLIN)))
        with history._writing() as connection:  # as if Berlin had been three hours before UTC then
            connection.exec_driver_sql("UPDATE sessions SET offset_s = 10800")
        assert history.get("one").started.isoformat() == "2026-05-05T00:30:00+03:00"


def test_the_hour_that_comes_twice_is_in_order(history: History) -> None:
    late = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1)
    history.add(simple("late", started=late))
    history.add(simple("early", started=late.replace(fold=0)))
    assert history.progress("Ada", "squat").ids == ("early", "late")
    assert [entry.id for entry in history.find(since=late)] == ["late"]
    assert [entry.id for entry in history.find(until=late)] == ["early"]


def test_two_sessions_of_the_same_moment_are_both_kept(history: History) -> None:
    history.add(simple("a"))
    history.add(simple("b"))
    assert [entry.id for entry in history.find()] == ["b", "a"]
    assert history.progress("Ada", "squat").ids == ("a", "b")


@pytest.mark.parametrize("duration_s", [-5.0, math.nan, math.inf])
def test_what_ended_before_it_began_is_refused_and_says_so(history: History, duration_s: float) -> None:
    with pytest.raises(HistoryError, match=r"the session of 2026-05-04.*clock.*nothing was kept"):
        history.add(replace(simple(), duration_s=duration_s))
    backward = replace(simple().sets[0], end_s=-1.0)
    with pytest.raises(HistoryError, match=r"set 1 of .* ends at -1 s"):
        history.add(replace(simple(), sets=(backward,)))
    assert history.find() == () and history.people() == ()


def test_finding(history: History) -> None:
    for day in range(5):
        history.add(simple(f"s{day}", "Ada" if day % 2 else "Eve", MOMENT + timedelta(days=day)))
    history.add(full())
    assert [entry.id for entry in history.find("Ada")] == ["s3", "s1"]
    assert [entry.id for entry in history.find(exercise="plank")] == ["full"]
    assert [entry.id for entry in history.find(exercise="squat", limit=2)] == ["s4", "s3"]
    assert history.find("nobody") == ()
    with pytest.raises(UsageError, match="no time zone"):
        history.find(since=datetime(2026, 5, 4))


def test_an_id_may_be_shortened_until_it_is_not_clear(history: History) -> None:
    for id in ("ab", "abc1", "abd2", "x%"):
        history.add(simple(id))
    assert history.get("abc").id == "abc1" and history.get("ab").id == "ab"
    for beginning, said in (("a", "several"), ("%", "no session"), ("", "no session"), ("zz", "no session")):
        with pytest.raises(HistoryError, match=said):
            history.get(beginning)


def test_progress_knows_what_is_not_known(history: History) -> None:
    history.add(full())
    history.add(simple("two", full().person, MOMENT + timedelta(days=1)))
    found = history.progress(full().person, "squat")
    assert (
        found.reps.tolist() == [1, 2] and found.attempts.tolist() == [1, 0] and found.sets.tolist() == [2, 1]
    )
    assert found.best_range_deg.tolist() == [92, 100] and found.mean_range_deg.tolist() == [92, 96]
    assert found.volume_kg.tolist() == [42.5, 40] and found.score.tolist() == [80, 85]
    assert np.isnan(found.symmetry).all()
    assert {name: list(counts) for name, counts in found.faults.items()} == {
        "knees-cave-in": [2, 0],
        "too-shallow": [1, 0],
    }
    assert math.isnan(history.progress(full().person, "plank").volume_kg[0])
    nothing = history.progress("nobody", "squat")
    assert len(nothing) == 0 and nothing.faults == {} and nothing.days.shape == (0,)


def test_profiles_and_targets(history: History) -> None:
    assert history.profile("Ada") == Profile() and history.targets("Ada") == {}
    history.set_profile("Ada", Profile(170.5, None, 1984, "left"))
    history.set_profile("Ada", Profile(171.0, 60.0, 1984, "left"))
    history.set_target("Ada", "squat", Target(reps=10, range_deg=95.5))
    history.set_target("Ada", "plank", Target(sessions_a_week=3))
    history.set_target("Ada", "squat", Target(reps=12))
    history.set_target("Ada", "plank", None)
    assert history.profile("Ada") == Profile(171.0, 60.0, 1984, "left")
    assert history.targets("Ada") == {"squat": Target(reps=12)}
    with pytest.raises(UsageError, match="height"):
        Profile(height_cm=17.0)
    with pytest.raises(UsageError, match="no name"):
        history.set_profile(" ", Profile())


def test_columns_keep_every_bit_and_notice_damage() -> None:
    values = np.array([np.nan, -0.0, np.inf, 1e-45, 179.99], np.float32)
    assert unpacked(packed(values)).tobytes() == values.tobytes()
    whole = packed(values.astype(np.float64))
    for damaged in (whole[:5], whole[:-3], b"XXXX" + whole[4:], whole[:7] + b"\x09" + whole[8:]):
        with pytest.raises(HistoryError, match="damaged"):
            unpacked(damaged)
