"""A live session in another language: all that it says, and nothing of what it keeps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from spotter.coach import live_session
from spotter.coach.heart import HeartRate
from spotter.coach.live_state import LiveState, Target
from spotter.errors import UsageError
from tests.coach.moves import MOVES, PLANK, repeat
from tests.coach.spoken import marked, unmarked
from tests.coach.test_live import bodies
from tests.coach.test_live_session import FPS, Stage

LETTERS = re.compile(r"[A-Za-z]{2,}")


@pytest.fixture(autouse=True)
def _marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_session, "words_of", lambda language: marked())


def shallow(stage: Stage, count: int) -> None:
    """Squats that go half as deep as they should."""
    deep = MOVES["squat"]
    move = replace(deep, far=replace(deep.far, thigh=45, knee=55, trunk=20))
    time_s, share = repeat(move, count, fps=FPS)
    stage.show(bodies(move.at(share), time_s))


def texts(state: LiveState) -> Iterator[str]:
    yield state.title
    yield from (hint.text for hint in state.guide)
    if state.working is not None:
        yield state.working.title
    if state.cue is not None:
        yield state.cue.text
    if state.rep is not None:
        yield from (fault.cue for fault in state.rep.faults)


def test_everything_that_is_said_is_in_the_language_and_the_record_in_english() -> None:
    stage = Stage(target=Target(reps=4, rest_s=20), language="xx")
    stage.leave(2.0)
    stage.ready()
    shallow(stage, 3)
    stage.do("squat", 1)
    stage.session.finish()
    said = {text for state in stage.states for text in texts(state)}
    assert {"«Squat»", "«Knee»", "«I cannot see you. Step in front of the camera.»"} <= said
    assert any("thighs" in text for text in said), "a cue was said"
    assert [text for text in said if LETTERS.search(unmarked(text))] == []

    done = stage.session.summary()
    parts = [
        done["exercise"]["title"], done["one_thing"], *done["sentences"],
        done["best"]["why"], done["worst"]["why"],
        *(angle["title"] for angle in done["curve"]["angles"]),
        *(text for one in done["not_judged"] for text in (one["title"], one["why"])),
        *(fault["cue"] for one in done["sets"] for rep in one["reps"] for fault in rep["faults"]),
    ]  # fmt: skip
    assert len(done["sentences"]) >= 2 and done["not_judged"]
    assert [text for text in parts if LETTERS.search(unmarked(text))] == []

    session = stage.session.session()
    assert session is not None
    kept = [*session.summary, *(one.why for one in session.not_judged)]
    kept += [fault.cue for one in session.sets for rep in one.reps for fault in rep.faults]
    assert kept and not any("«" in text for text in kept)


def test_a_held_posture_is_told_in_the_language() -> None:
    stage = Stage("plank", target=Target(hold_s=5, sets=1), language="xx")
    stage.ready()
    stage.stand(8, PLANK)
    sentences = stage.session.summary()["sentences"]
    assert sentences and [text for text in sentences if LETTERS.search(unmarked(text))] == []


def test_what_the_heart_says_is_said_in_the_language() -> None:
    stage = Stage(target=Target(reps=2, rest_s=200), language="xx", heart=lambda: heart())

    def heart() -> HeartRate:
        time_s = np.arange(90.0, stage.now_s)
        return HeartRate(time_s, np.where(time_s < 101, 80, 150).astype(np.float32))

    stage.ready()
    stage.do("squat", 2)
    stage.stand(2)
    stage.now_s += 70
    cue = stage.stand(0.5).cue
    assert cue is not None and "Rest a little longer" in cue.text
    assert not LETTERS.search(unmarked(cue.text))


def test_a_language_that_is_not_spoken_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    with pytest.raises(UsageError, match="tlh"):
        Stage(language="tlh")
