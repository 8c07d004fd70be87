"""What was seen of everybody: the athlete among them, pieces put together, and stretches."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from spotter.body.recording import Recording
from spotter.media.frame import Frame
from tests.body.people import Someone, body_of

FPS = 10
NO_PICTURE = np.zeros((2, 2, 3), np.uint8)
Where = Callable[[int], Someone | None]


def record(n: int, people: dict[int, Where], shot: Callable[[int], int] = lambda k: 0) -> Recording:
    """A recording of n frames; each person is where their function of the frame says, or not there."""
    recording = Recording()
    for k in range(n):
        bodies = [body_of(number, one) for number, where in people.items() if (one := where(k)) is not None]
        recording.add(Frame(NO_PICTURE, k / FPS, k), shot(k), bodies)
    return recording


def still(x: float, tall: float = 100.0, first: int = 0, last: int = 10**9) -> Where:
    return lambda k: Someone(x, 90, tall) if first <= k <= last else None


def test_frames_times_and_shots() -> None:
    recording = record(4, {1: still(50)}, shot=lambda k: k // 2)
    assert len(recording) == 4
    assert recording.time_s == pytest.approx([0, 0.1, 0.2, 0.3])
    assert recording.frame.tolist() == [0, 1, 2, 3]
    assert recording.shot.tolist() == [0, 0, 1, 1]
    assert recording.ids == [1]


def test_a_track_is_nan_where_the_person_was_not_seen() -> None:
    track = record(6, {1: still(50, first=2, last=3), 2: still(200)}).track(1)
    assert track.seen.tolist() == [False, False, True, True, False, False]
    assert np.isnan(track.xy[~track.seen]).all()
    assert np.isnan(track.world[~track.seen]).all()
    assert (track.visibility[~track.seen] == 0).all()
    assert (track.areas[~track.seen] == 0).all()
    assert (track.areas[track.seen] > 0).all()
    assert track.xy[2] == pytest.approx(body_of(1, Someone(50, 90)).keypoints.xy)


def test_a_number_that_nobody_has() -> None:
    track = record(3, {1: still(50)}).track(7)
    assert not track.seen.any()
    assert track.xy.shape == (3, 33, 2)


def test_the_athlete_is_who_fills_the_picture_for_most_of_the_time() -> None:
    """A passer-by near the camera is larger, and somebody in the background is there longer."""
    people = {1: still(60, 40), 2: still(150, 100, first=5), 3: still(250, 170, first=20, last=28)}
    athlete = record(60, people).largest()
    assert athlete is not None
    assert athlete.id == 2
    assert athlete.seen.tolist() == [k >= 5 for k in range(60)]


def test_nobody_and_people_seen_for_a_moment() -> None:
    assert record(30, {}).largest() is None
    assert Recording().largest() is None
    assert record(30, {1: still(60, first=3, last=5)}).largest() is None
    assert record(30, {1: still(60, first=3, last=5)}).everybody() == []
    assert [track.id for track in record(30, {1: still(60, first=3, last=9)}).everybody()] == [1]


@pytest.mark.parametrize("n", [1, 3])
def test_in_a_picture_or_a_very_short_video_everybody_counts(n: int) -> None:
    recording = record(n, {1: still(60), 2: still(200, 150)})
    assert [track.id for track in recording.everybody()] == [1, 2]
    athlete = recording.largest()
    assert athlete is not None
    assert athlete.id == 2


def test_an_athlete_found_again_under_another_number_is_put_together() -> None:
    recording = record(60, {1: still(100, last=40), 4: still(110, first=44), 2: still(250, 60)})
    athlete = recording.largest()
    assert athlete is not None
    assert athlete.id == 1  # the number of the longest piece
    assert np.flatnonzero(~athlete.seen).tolist() == [41, 42, 43]
    assert athlete.xy[50] == pytest.approx(body_of(4, Someone(110, 90)).keypoints.xy)


def test_somebody_else_who_comes_when_the_athlete_has_left_is_not_put_to_them() -> None:
    recording = record(60, {1: still(60, last=40), 2: still(280, 60, first=44)})
    athlete = recording.largest()
    assert athlete is not None
    assert np.flatnonzero(athlete.seen).tolist() == list(range(41))


def test_somebody_much_larger_in_the_same_place_is_not_put_to_them() -> None:
    recording = record(60, {1: still(100, 50, last=40), 2: still(100, 170, first=50)})
    athlete = recording.largest()
    assert athlete is not None
    assert not (athlete.seen[:41].any() and athlete.seen[50:].any())


def test_each_shot_has_its_athlete() -> None:
    people = {1: still(60, 120, last=29), 2: still(200, 60, last=29), 5: still(150, 110, first=30)}
    athlete = record(60, people, shot=lambda k: k // 30).largest()
    assert athlete is not None
    assert athlete.id == 1
    assert athlete.seen.all()
    assert athlete.xy[40] == pytest.approx(body_of(5, Someone(150, 90, 110)).keypoints.xy)


@pytest.mark.parametrize("row", [0, 1, 17, 40])
def test_a_recording_split_in_two_loses_nothing(row: int) -> None:
    whole = record(40, {1: still(60, last=25), 2: still(200, first=10)}, shot=lambda k: k // 20)
    head, tail = whole.split(row)
    assert (len(head), len(tail)) == (row, 40 - row)
    assert [*head.time_s, *tail.time_s] == whole.time_s.tolist()
    assert [*head.frame, *tail.frame] == whole.frame.tolist()
    assert [*head.shot, *tail.shot] == whole.shot.tolist()
    for number in (1, 2):
        parts = np.concatenate([head.track(number).xy, tail.track(number).xy])
        assert parts == pytest.approx(whole.track(number).xy, nan_ok=True)


def test_a_split_recording_goes_on_by_itself() -> None:
    whole = record(10, {1: still(60)})
    _, tail = whole.split(6)
    tail.add(Frame(NO_PICTURE, 1.0, 10), 0, [body_of(1, Someone(70, 90))])
    assert (len(whole), len(tail)) == (10, 5)
    assert tail.track(1).xy[-1] == pytest.approx(body_of(1, Someone(70, 90)).keypoints.xy)
