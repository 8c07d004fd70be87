"""A session before the camera, from getting ready to the summary, with scripted bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from spotter.body.keypoints import Body
from spotter.coach.heart import HeartRate
from spotter.coach.live_session import GAP_S, LiveSession
from spotter.coach.live_set import AWAY_S, UP_S
from spotter.coach.live_state import LiveState, Target
from spotter.coach.sets import REST_S
from spotter.errors import ExerciseError, UsageError
from spotter.media.frame import Frame
from tests.coach.moves import BENT_DOWN, MOVES, PLANK, STANDING, repeat
from tests.coach.test_live import bodies
from tests.motion.stick import Pose, blend, clock, glide, there_and_back

FPS = 12
STILL_FPS = 4
"""Enough of somebody who only stands or lies there."""

STARTED = datetime(2026, 5, 4, 18, tzinfo=UTC)
_NOISE = np.random.default_rng(3).integers(60, 200, (8, 720 // 80, 1280 // 80, 1), np.uint8)
ROOM = [np.kron(noise, np.ones((80, 80, 3), np.uint8)) for noise in _NOISE]
"""A camera's pictures: no two that follow each other are the same."""


class Played:
    """In place of the pose engine: the bodies that the test lays out."""

    def __init__(self) -> None:
        self.shot, self.spent_s = 0, {"landmarks": 0.0}
        self.now: list[Body] = []

    def push(self, frame: Frame) -> list[Body]:
        return self.now


class Stage:
    """Lets somebody move before a session, and keeps its answers."""

    def __init__(self, exercise: str | None = "squat", **settings: object) -> None:
        self.engine = Played()
        self.session = LiveSession(exercise, engine=self.engine, started=STARTED, **settings)  # type: ignore[arg-type]
        self.states: list[LiveState] = []
        self.now_s, self.count = 100.0, 0  # a client's clock begins anywhere

    def see(self, people: Sequence[Body], step_s: float = 1 / FPS) -> LiveState:
        """A frame with these people."""
        self.engine.now = list(people)
        self.states.append(self.session.push(Frame(ROOM[self.count % 8], self.now_s, self.count)))
        self.now_s += step_s
        self.count += 1
        return self.states[-1]

    def show(self, people: Iterable[Body | None], fps: float = FPS) -> LiveState:
        for body in people:
            self.see([] if body is None else [body], 1 / fps)
        return self.states[-1]

    def stand(self, seconds: float, pose: Pose = STANDING) -> LiveState:
        return self.show(bodies(pose, clock(seconds, STILL_FPS)), STILL_FPS)

    def do(self, exercise: str, count: int) -> LiveState:
        """Quick repetitions, with a second of standing after them."""
        move = replace(MOVES[exercise], length_s=1.5)
        time_s, share = repeat(move, count, before_s=0.4, fps=FPS)
        return self.show(bodies(move.at(share), time_s))

    def leave(self, seconds: float) -> LiveState:
        return self.show([None] * round(seconds * STILL_FPS), STILL_FPS)

    def ready(self) -> LiveState:
        """Up to the first set."""
        self.session.skip()
        self.session.skip()
        return self.stand(0.5)

    @property
    def stages(self) -> list[str]:
        """Each stage once, in order."""
        names = [state.stage for state in self.states]
        return [name for k, name in enumerate(names) if k == 0 or names[k - 1] != name]


AfterTwo = Callable[..., Stage]


@pytest.fixture(scope="module")
def two_squats() -> Stage:
    stage = Stage()
    stage.ready()
    stage.do("squat", 2)
    return stage


@pytest.fixture
def after_two(two_squats: Stage) -> AfterTwo:
    """A second after two squats, with a target of one's own."""

    def stage(target: Target | None = None) -> Stage:
        copy = deepcopy(two_squats)
        copy.session.change(target=target)
        return copy

    return stage


def test_guide_countdown_set() -> None:
    stage = Stage()
    stage.leave(2)
    assert [hint.name for hint in stage.states[-1].guide] == ["nobody"]
    stage.stand(6)
    assert stage.stages == ["guide", "countdown", "set"]
    counted = [state.countdown_s for state in stage.states if state.stage == "countdown"]
    assert counted[0] == pytest.approx(3.0, abs=0.1) and counted == sorted(counted, reverse=True)  # type: ignore[type-var]


def test_nothing_counts_before_the_set() -> None:
    stage = Stage(countdown_s=20)
    stage.do("squat", 3)
    assert stage.stages == ["guide", "countdown"]
    assert {state.count for state in stage.states} == {0}
    stage.session.skip()
    assert stage.do("squat", 2).count == 2


def test_a_set_counts_and_its_target_begins_the_rest(after_two: AfterTwo) -> None:
    stage = after_two(Target(reps=2, sets=2, rest_s=12))
    assert stage.states[-1].count == 2
    resting = stage.stand(3)
    assert resting.stage == "rest" and resting.count == 2
    assert resting.rest_left_s is not None and 6 < resting.rest_left_s < 9
    assert stage.stand(9).stage == "set"
    stage.stand(1)
    assert stage.do("squat", 2).set_number == 2
    assert stage.stand(3).stage == "done"
    done = stage.session.summary()
    assert [one["count"] for one in done["sets"]] == [2, 2]
    assert done["count"] == 4


def test_the_next_repetition_ends_the_rest_and_counts(after_two: AfterTwo) -> None:
    stage = after_two(Target(reps=2, rest_s=300))
    assert stage.stand(2).stage == "rest"
    last = stage.do("squat", 2)
    assert (last.stage, last.set_number, last.count) == ("set", 2, 2)
    resumed = next(state for state in stage.states if (state.stage, state.set_number) == ("set", 2))
    counted = next(state for state in stage.states if (state.set_number, state.count) == (2, 1))
    assert resumed.coach.time_s < counted.coach.time_s, "the rest ends while the repetition goes on"


def test_a_set_without_a_target_ends_when_nothing_is_done_for_long(after_two: AfterTwo) -> None:
    stage = after_two(Target(rest_s=60))
    assert stage.stand(REST_S - 3).stage == "set"
    resting = stage.stand(5)
    assert resting.stage == "rest"
    assert resting.rest_left_s == pytest.approx(60 - REST_S - 3.5, abs=1.5), "from the last repetition on"


def test_who_leaves_has_ended_the_set_and_who_comes_back_goes_on_with_the_next(after_two: AfterTwo) -> None:
    stage = after_two(Target(rest_s=120))
    assert stage.leave(AWAY_S - 1).stage == "set"
    stage.stand(1)
    assert stage.do("squat", 1).count == 3, "a moment out of sight ends nothing"
    assert stage.leave(AWAY_S + 1).stage == "rest"
    assert [hint.name for hint in stage.states[-1].guide] == ["nobody"]
    stage.stand(2)
    last = stage.do("squat", 2)
    assert (last.stage, last.set_number, last.count) == ("set", 2, 2)


def test_who_stands_up_from_push_ups_rests() -> None:
    stage = Stage("push-up")
    stage.ready()
    stage.do("push-up", 2)
    assert stage.stand(UP_S - 1.5).stage == "set"
    assert stage.stand(3).stage == "rest"
    assert stage.states[-1].count == 2


def test_somebody_who_sits_down_for_long_rests(after_two: AfterTwo) -> None:
    """To sit is the far end of a squat, but nobody stays there."""
    stage = after_two()
    assert stage.stand(26, MOVES["squat"].far).stage == "rest"
    assert stage.states[-1].count == 2


def test_a_slow_repetition_after_the_target_does_not_end_the_set_in_between() -> None:
    stage = Stage(target=Target(reps=1, sets=1))
    stage.ready()
    time_s = clock(10.4, FPS)
    quick = there_and_back(time_s, [0.4], 1.5)
    slow = there_and_back(time_s, [2.2], 8.0)  # soon after it, but for a while hardly begun
    last = stage.show(bodies(MOVES["squat"].at(quick + slow), time_s))
    assert (last.stage, last.count) == ("set", 2)
    assert stage.stand(2).stage == "done"


def test_what_was_no_repetition_does_not_end_the_rest(after_two: AfterTwo) -> None:
    """Picking up a bottle."""
    stage = after_two(Target(reps=2, rest_s=100))
    stage.stand(2)
    time_s = clock(3, FPS)
    stage.show(bodies(blend(STANDING, BENT_DOWN, there_and_back(time_s, [0.5])), time_s))
    last = stage.stand(3)
    assert (last.stage, last.set_number) == ("rest", 1)
    assert last.rest_left_s is not None and last.rest_left_s < 92


def test_half_a_repetition_after_a_gap_is_none(after_two: AfterTwo) -> None:
    """The connection was lost while somebody stood, and came back while they squatted."""
    stage = after_two()
    for gap_s in (5, 100):
        stage.now_s += gap_s
        time_s = clock(1.5, FPS)
        stage.show(bodies(MOVES["squat"].at(1 - glide(time_s, (0, 0), (1, 1))), time_s))
        assert stage.stand(1).count == 2
    assert stage.do("squat", 1).count == 3


def test_another_person_walking_through_changes_nothing(after_two: AfterTwo) -> None:
    stage = after_two(Target(reps=9))
    time_s, share = repeat(MOVES["squat"], 3, fps=FPS)
    athlete = bodies(MOVES["squat"].at(share), time_s)
    passing = bodies(replace(STANDING, at=(time_s - 4, 1.0, -0.5)), time_s, number=2)
    for one, other in zip(athlete, passing, strict=True):
        left = other.keypoints.xy[:, 0].mean() - one.keypoints.xy[:, 0].mean()
        stage.see([other] if abs(left) < 120 else [one, other])
    assert {state.coach.person for state in stage.states[-len(time_s) :]} <= {1, None}
    assert 4 <= stage.states[-1].count <= 5


def test_an_empty_set_is_forgotten() -> None:
    stage = Stage()
    stage.ready()
    stage.session.end_set()
    assert stage.stand(1).stage == "set" and stage.states[-1].set_number == 1
    stage.session.finish()
    assert stage.session.stage == "done"
    assert stage.session.session() is None
    assert stage.session.summary()["sets"] == []


def test_a_lost_connection_neither_counts_nor_ends_the_set(after_two: AfterTwo) -> None:
    stage = after_two(Target(reps=5, rest_s=60))
    stage.now_s += 200 * GAP_S
    assert stage.stand(1).stage == "set" and stage.states[-1].count == 2
    assert stage.do("squat", 1).count == 3
    assert stage.states[-1].set_number == 1


def test_the_rest_goes_on_while_the_connection_is_lost(after_two: AfterTwo) -> None:
    stage = after_two(Target(reps=2, rest_s=60))
    before = stage.stand(2).rest_left_s
    stage.now_s += 20
    after = stage.stand(0.5).rest_left_s
    assert before is not None and after is not None and 19 < before - after < 22


def test_time_must_grow() -> None:
    stage = Stage()
    stage.stand(1)
    with pytest.raises(ValueError, match="not after"):
        stage.session.push(Frame(np.zeros((9, 9, 3), np.uint8), 100.0, 99))


def test_a_held_posture_reaches_its_target() -> None:
    stage = Stage("plank", target=Target(hold_s=5, sets=1))
    stage.session.skip()
    stage.session.skip()
    last = stage.stand(8, PLANK)
    assert last.stage == "done"
    assert 5 <= stage.session.summary()["held_s"] < 8


def test_another_exercise_keeps_what_was_done_and_guides_anew(after_two: AfterTwo) -> None:
    stage = after_two()
    stage.session.change(exercise="lateral-raise")
    assert stage.stand(0.2).stage == "guide"
    stage.session.skip()
    stage.session.skip()
    assert stage.do("lateral-raise", 2).count == 2
    stage.session.finish()
    done = stage.session.summary()
    assert [(one["exercise"], one["count"]) for one in done["sets"]] == [("squat", 2), ("lateral-raise", 2)]


@pytest.mark.parametrize("change", [{"exercise": "flying"}, {"exercise": "nothing.toml"}])
def test_a_wrong_wish_changes_nothing(change: dict[str, object], after_two: AfterTwo) -> None:
    stage = after_two()
    with pytest.raises((ExerciseError, UsageError)):
        stage.session.change(**change)  # type: ignore[arg-type]
    assert stage.do("squat", 1).count == 3


@pytest.mark.parametrize("target", [{"reps": 0}, {"sets": -1}, {"rest_s": float("nan")}, {"hold_s": -1.0}])
def test_a_target_out_of_range_is_none(target: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="give"):
        Target(**target)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "settings",
    [{"countdown_s": -1.0}, {"height_cm": 1.8}, {"started": datetime(2026, 5, 4)}],
)
def test_settings_out_of_range_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        LiveSession("squat", engine=Played(), **settings)  # type: ignore[arg-type]


def test_the_heart_is_shown_and_asks_for_a_longer_rest() -> None:
    stage = Stage(target=Target(reps=2, rest_s=200), heart=lambda: heart())

    def heart() -> HeartRate:
        time_s = np.arange(90.0, stage.now_s)
        calm = np.where(time_s < 101, 80, 150)
        return HeartRate(time_s, calm.astype(np.float32))

    stage.ready()
    stage.do("squat", 2)
    assert stage.states[-1].heart_rate == 150
    stage.stand(2)
    assert stage.states[-1].cue is None
    stage.now_s += 70  # nothing is seen meanwhile, but the heart is heard
    later = stage.stand(0.5)
    assert later.stage == "rest" and later.cue is not None and "Rest a little longer" in later.cue.text
    stage.session.finish()
    session = stage.session.session()
    assert session is not None and session.heart_rate is not None
    assert session.heart_rate.time_s[0] == pytest.approx(-10)


def test_a_phone_that_is_turned_goes_on_counting(after_two: AfterTwo) -> None:
    stage = after_two()
    turned = [replace(body, id=2) for body in bodies(STANDING, clock(1.0, FPS))]
    for body in turned:
        stage.engine.now = [body]
        stage.session.push(Frame(ROOM[stage.count % 8].transpose(1, 0, 2), stage.now_s, stage.count))
        stage.now_s, stage.count = stage.now_s + 1 / FPS, stage.count + 1
    assert stage.do("squat", 1).count == 3
