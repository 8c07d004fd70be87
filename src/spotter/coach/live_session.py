"""A training session before the camera: get ready, count down, sets, rests, and what is left at the end."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from spotter.body.joint_source import JointEngine
from spotter.body.keypoints import Body
from spotter.coach.analysis import Cue
from spotter.coach.exercise import Exercise
from spotter.coach.framing import Framing, Hint
from spotter.coach.heart import HeartRate, rates_at
from spotter.coach.live import Coach, CoachState
from spotter.coach.live_notes import AngleNotes
from spotter.coach.live_set import DoneSet, SetWatch, done_set
from spotter.coach.live_state import LiveState, Stage, Target, working_angle
from spotter.coach.live_summary import rep_in_words, session_from_sets, summary_document
from spotter.coach.recovery import Recovery, recoveries, rest_cue
from spotter.coach.schema import named_exercise
from spotter.coach.session import Session
from spotter.coach.words import words_of
from spotter.errors import UsageError
from spotter.media.frame import Frame
from spotter.models.store import ModelStore
from spotter.motion.view import usual_view

HeartSource = Callable[[], HeartRate | None]
"""What was heard of the heart so far, on the frames' clock (``Frame.time_s``); None without a strap."""

GAP_S = 2.0
"""A longer time without a frame is a lost connection: no time to get ready in."""

_MISTAKEN_S = 1.0  # after which a rest goes on that was ended by what was no repetition


class LiveSession:
    """Guides, counts, times and coaches one person's session while frames come in; used by one thread.

    Args:
        exercise: a shipped exercise's name, a TOML file's path, or an exercise; None or ``"auto"`` finds it.
        target: repetitions, sets and rest; until the person stops if None.
        countdown_s: seconds between "all is well seen" and the first set; 0 for none.
        person: what the person is called in the history.
        weight_kg: what is moved; None if not said.
        height_cm: the person's height, 50 to 260, which makes lengths true; None if not said.
        started: when the session begins, with a time zone; now if None.
        engine: finds the joints; a new pose engine if None.
        store: where that engine's models come from.
        heart: asked for the heart rate with every frame.
        look_later: whether what was done is found out by ``look``, after the answer; see `Coach`.
        language: what it says and its summary are in, such as ``"de"``; the record stays English.

    Raises:
        ExerciseError: there is no such exercise.
        UsageError: the countdown or the height is out of its range, ``started`` has no zone, or the
            language is not spoken.
        ModelError: a model is missing or damaged.

    Example::

        session = LiveSession("squat", target=Target(reps=8, sets=3, rest_s=90))
        for frame in camera:
            state = session.push(frame)
            if state.stage == "done":
                break
        session.summary()["one_thing"]
    """

    def __init__(
        self,
        exercise: str | Exercise | None = None,
        *,
        target: Target | None = None,
        countdown_s: float = 3.0,
        person: str = "me",
        weight_kg: float | None = None,
        height_cm: float | None = None,
        started: datetime | None = None,
        engine: JointEngine | None = None,
        store: ModelStore | None = None,
        heart: HeartSource | None = None,
        look_later: bool = False,
        language: str = "en",
    ) -> None:
        _check(countdown_s, height_cm, started)
        self._words = words_of(language)
        height_m = None if height_cm is None else height_cm / 100
        self._coach = Coach(exercise, store, engine=engine, height_m=height_m, look_later=look_later)
        self._coach.pause()
        self._framing = Framing(self._coach.exercise, self._words)
        self._target, self._countdown_s = target or Target(), countdown_s
        self._person, self._weight_kg = person, weight_kg
        self._started = started or datetime.now().astimezone()
        self._heart = heart
        self._stage: Stage = "guide"
        self._begin_s = self._now_s = math.nan  # on the frames' clock
        self._since_s = math.nan  # when the stage began; NaN before the first frame in it
        self._number = 1
        self._watch = SetWatch(self._target)
        self._rested_s: float | None = (
            None  # when the rest began that a movement has ended, until it is a repetition
        )
        self._sets: list[DoneSet] = []
        self._notes = AngleNotes()
        self._rests: tuple[Recovery, ...] = ()

    @property
    def stage(self) -> Stage:
        """The present stage."""
        return self._stage

    def push(self, frame: Frame) -> LiveState:
        """Look at a frame and answer; times must grow from call to call, gaps of any length are allowed.

        After ``"done"`` frames are still looked at (the picture goes on), and nothing counts.

        Raises:
            ValueError: the frame's time is not later than the last one's.
        """
        if frame.time_s <= self._now_s:
            raise ValueError(f"the frame's time is {frame.time_s:g} s, which is not after {self._now_s:g} s")
        gap_s = frame.time_s - self._now_s
        self._now_s = frame.time_s
        if math.isnan(self._begin_s):
            self._begin_s = frame.time_s
        if math.isnan(self._since_s):
            self._since_s = frame.time_s
        elif gap_s > GAP_S and self._stage == "countdown":  # nobody counts down while the connection is lost
            self._since_s += gap_s
        state = self._coach.push(frame)
        self._note()
        body = next((body for body in state.bodies if body.id == state.person), None)
        hints = self._look_at_framing(frame, state, body)
        self._step(state)
        return self._state(state, hints)

    def look(self) -> None:
        """Find out what was done until now, where that was left for later; the next ``push`` tells it."""
        self._coach.look()
        self._note()

    def skip(self) -> None:
        """End the guide, the countdown or the rest that goes on now; nothing in a set or when done.

        It may be called before the first frame, which then is already looked at in the next stage.
        """
        if self._stage == "guide":
            self._count_down()
        elif self._stage in ("countdown", "rest"):
            self._begin_set()

    def end_set(self) -> None:
        """The set is done: rest begins, or the session is done after the last one; nothing in other stages.

        A set without a complete repetition is forgotten, and its number is used again.
        """
        if self._stage == "set":
            self._coach.finish()
            self._end_set()

    def finish(self) -> None:
        """The session is done; a repetition that has all but ended counts."""
        if self._stage == "set":
            self._coach.finish()
            self._keep_set()
        self._enter("done")

    def change(self, *, target: Target | None = None, exercise: str | Exercise | None = None) -> None:
        """Another target or exercise while it goes on; None leaves it as it is, ``"auto"`` recognises anew.

        Another exercise ends the set that goes on, and leads back to the guide, as it may need another view.

        Raises:
            ExerciseError: there is no such exercise; nothing has changed then.
        """
        if exercise is not None:
            wanted = named_exercise(exercise)
            if self._stage == "set":
                self._keep_set()
            self._coach.change(wanted)
            self._framing.change(wanted)
            if self._stage != "done":
                self._enter("guide")
        if target is not None:
            self._target = self._watch.target = target

    def summary(self) -> dict[str, Any]:
        """What was done so far, ready for JSON; unknown numbers are None, times are from its beginning.

        Keys: ``exercise`` (``{"name", "title", "kind"}`` or None), ``duration_s``, ``count``, ``attempts``,
        ``held_s``, ``sets`` (``[{"number", "exercise", "start_s", "end_s", "count", "attempts", "held_s",
        "rest_s", "weight_kg", "view", "reps": [REP], "holds": [...]}]`` with REP as in analysis.json),
        ``best`` and ``worst`` (``{"set", "rep", "score", "why"}`` or None), ``one_thing`` (a sentence or
        None), ``sentences`` (what a trainer would say), ``not_judged`` (``[{"fault", "title", "why"}]``),
        ``curve`` (``{"time_s": [...], "angles": [{"name", "title", "degrees": [...]}], "reps": [{"turn_s",
        "set", "number", "faulty"}]}``, at most 600 points, with None between sets) and ``heart_rate``
        (``{"time_s": [...], "bpm": [...]}`` or None).
        """
        return summary_document(
            self._sets,
            self._duration_s,
            self._notes.angles(self._begin_s),
            self._heart_rate(),
            self._weight_kg,
            self._words,
        )

    def session(self) -> Session | None:
        """The session for the history, with its angles and heart rate; None where nothing was done."""
        return session_from_sets(
            self._sets,
            person=self._person,
            started=self._started,
            duration_s=self._duration_s,
            weight_kg=self._weight_kg,
            heart_rate=self._heart_rate(),
            angles=self._notes.angles(self._begin_s),
        )

    @property
    def _duration_s(self) -> float:
        return 0.0 if math.isnan(self._begin_s) else self._now_s - self._begin_s

    @property
    def _stage_s(self) -> float:
        return 0.0 if math.isnan(self._since_s) else self._now_s - self._since_s

    @property
    def _rest_left_s(self) -> float | None:
        """Seconds of rest that are left, counted from the set's end; None where it has none."""
        if self._stage != "rest" or self._target.rest_s is None or not self._sets:
            return None
        return max(0.0, self._sets[-1].end_s + self._begin_s + self._target.rest_s - self._now_s)

    def _enter(self, stage: Stage) -> None:
        """Begin a stage in which nothing counts, or a rest, in which what counts begins the next set."""
        self._stage, self._since_s, self._rested_s = stage, self._now_s, None
        if stage == "rest":
            self._coach.begin()
        else:
            self._coach.pause()

    def _count_down(self) -> None:
        if self._countdown_s > 0:
            self._enter("countdown")
        else:
            self._begin_set()

    def _begin_set(self, *, counted: bool = False) -> None:
        """Begin the next set; ``counted`` where what has been counted since the last one is its beginning."""
        self._stage, self._since_s, self._rested_s = "set", self._now_s, None
        self._number = len(self._sets) + 1
        self._watch = SetWatch(self._target)
        if not counted:
            self._coach.begin()

    def _look_at_framing(self, frame: Frame, state: CoachState, body: Body | None) -> tuple[Hint, ...]:
        """What to change now: before a set all of it, then only that nothing or nobody is seen."""
        if self._coach.exercise is not None and self._framing.exercise is not self._coach.exercise:
            self._framing.change(self._coach.exercise)
        hints = self._framing.look(frame, state.bodies, body)
        if self._stage in ("guide", "countdown"):
            return hints
        return () if self._stage == "done" else self._framing.always

    def _step(self, state: CoachState) -> None:
        """Go on to the next stage where it is time to."""
        if self._stage == "guide" and self._framing.is_ready:
            self._count_down()
        elif self._stage == "countdown":
            if self._framing.is_blocked:
                self._enter("guide")
            elif self._stage_s >= self._countdown_s:
                self._begin_set()
        elif self._stage == "set":
            self._follow_set(state)
        elif self._stage == "rest":
            self._follow_rest(state)

    def _follow_set(self, state: CoachState) -> None:
        """End a set that is over, or go back to a rest that was no set yet."""
        if self._rested_s is not None and (state.count or state.held_s):
            self._rested_s = None
        is_still = self._coach.moving_since_s is None
        if self._rested_s is not None and is_still and self._stage_s > _MISTAKEN_S:
            rested_s = self._rested_s
            self._enter("rest")
            self._since_s, self._number = rested_s, len(self._sets)
        elif self._watch.is_over(state, self._coach):
            self._end_set()

    def _follow_rest(self, state: CoachState) -> None:
        """Begin the next set when the rest is over, or with the repetition that begins it."""
        rested_s = self._since_s
        if state.count or state.held_s:
            self._begin_set(counted=True)
        elif self._coach.moving_since_s is not None:
            self._begin_set(counted=True)
            self._rested_s = rested_s
        elif self._rest_left_s == 0:
            self._begin_set()

    def _end_set(self) -> None:
        """Keep the set; rest, or be done after the last one."""
        if not self._keep_set():
            self._begin_set()
        elif self._target.sets is not None and len(self._sets) >= self._target.sets:
            self._enter("done")
        else:
            self._enter("rest")
            heart = self._heart_rate()
            self._rests = () if heart is None else recoveries(self._sets, heart)[:-1]

    def _keep_set(self) -> bool:
        """Keep what was done in the set that goes on; False where that is nothing."""
        recent = self._coach.recent()
        self._notes.take(recent, self._set_from_s, math.inf)
        view = usual_view(recent.values["azimuth"][recent.time_s >= self._set_from_s])
        done = done_set(self._coach, self._number, self._begin_s, view)
        if done is not None:
            self._sets.append(done)
        return done is not None

    @property
    def _set_from_s(self) -> float:
        """When the set began, or the repetition that began it."""
        first = [rep.start_s for rep in self._coach.reps[:1]] or [self._coach.moving_since_s or math.inf]
        return min(self._since_s, *first)

    def _note(self) -> None:
        """Note the angles of a set."""
        if self._stage == "set" and self._coach.looked_at is not None:
            self._notes.take(self._coach.looked_at, self._set_from_s, self._coach.settled_s)

    def _heart_rate(self) -> HeartRate | None:
        """What was heard so far, on the session's clock."""
        heard = self._heart() if self._heart is not None else None
        if heard is None or math.isnan(self._begin_s):
            return None
        return replace(heard, time_s=heard.time_s - self._begin_s, rr_time_s=heard.rr_time_s - self._begin_s)

    def _set_cue(self, cue: Cue | None) -> Cue | None:
        """The coach's cue in the session's language."""
        return None if cue is None else replace(cue, text=self._words(cue.text))

    def _rest_cue(self, heart: HeartRate | None) -> Cue | None:
        """That the heart says to rest a little longer."""
        if heart is None or self._stage != "rest" or not self._sets:
            return None
        cue = rest_cue(heart, self._sets[-1].end_s, self._now_s - self._begin_s, self._rests, self._words)
        return None if cue is None else replace(cue, since_s=cue.since_s + self._begin_s)

    def _state(self, state: CoachState, hints: tuple[Hint, ...]) -> LiveState:
        counts, exercise, words = self._stage == "set", self._coach.exercise, self._words
        last = self._sets[-1] if self._sets and self._stage in ("rest", "done") else None
        heart = self._heart_rate()
        return LiveState(
            coach=state,
            title="" if exercise is None else words(exercise.title),
            stage=self._stage,
            guide=hints,
            countdown_s=max(0.0, self._countdown_s - self._stage_s) if self._stage == "countdown" else None,
            rest_left_s=self._rest_left_s,
            set_number=self._number,
            sets=self._target.sets,
            count=state.count if counts else last.count if last else 0,
            attempts=state.attempts if counts else len(last.reps) - last.count if last else 0,
            held_s=state.held_s if counts else last.held_s if last else 0.0,
            working=working_angle(exercise, state, words),
            rep=rep_in_words(state.new_rep, words) if counts and state.new_rep is not None else None,
            cue=self._set_cue(state.cue) if counts else self._rest_cue(heart),
            heart_rate=math.nan if heart is None else float(rates_at(heart, self._now_s - self._begin_s)),
        )


def _check(countdown_s: float, height_cm: float | None, started: datetime | None) -> None:
    if not (math.isfinite(countdown_s) and countdown_s >= 0):
        raise UsageError(f"the countdown is {countdown_s:g} s; give 0 or more")
    if height_cm is not None and not 50 <= height_cm <= 260:
        raise UsageError(f"the height is {height_cm:g} cm; give a person's height between 50 and 260 cm")
    if started is not None and started.utcoffset() is None:
        raise UsageError(f"the session began at {started.isoformat()}, which says no time zone; give one")
