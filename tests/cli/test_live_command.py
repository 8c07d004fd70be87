"""``spotter live``: the page it opens, and the plain window with what is drawn in it."""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spotter.body.keypoints import Body, Keypoints
from spotter.cli import live
from spotter.cli.app import app, run
from spotter.cli.live_window import Watching, coach_in_window
from spotter.coach.analysis import Cue
from spotter.coach.live import CoachState
from spotter.coach.live_state import LiveState, Stage, Working
from spotter.coach.words import ENGLISH, words_of
from spotter.errors import MediaUnreadableError, SpotterError, UsageError
from spotter.media.frame import Frame
from spotter.report.live_overlay import draw_live, stage_note

PICTURE = np.full((240, 320, 3), 90, np.uint8)
SAID = Cue("knees-cave-in", "Push your knees out.", "danger", 1.0)


def spotter(*words: object) -> int:
    return run(lambda: app([str(word) for word in words], standalone_mode=False))


def live_state(
    time_s: float = 1.0, stage: Stage = "set", count: int = 0, cue: Cue | None = None
) -> LiveState:
    """A body on the left of the picture, and what is said about it."""
    xy = np.column_stack([np.linspace(40, 80, 33), np.linspace(20, 220, 33)]).astype(np.float32)
    seen = np.ones(33, np.float32)
    body = Body(1, Keypoints(xy, np.zeros((33, 3), np.float32), seen, seen), 0.9)
    coach = CoachState(
        time_s=time_s, bodies=(body,), person=1, exercise="squat", count=count, attempts=0, held_s=0.0,
        phase="out", progress=0.5, side="both", angles={}, new_rep=None, cue=cue,
    )  # fmt: skip
    return LiveState(
        coach=coach, title="Squat", stage=stage, guide=(), countdown_s=2.2, rest_left_s=30.5, set_number=2,
        sets=3, count=count, attempts=0, held_s=0.0, working=Working("knee", "Knee", 120.0), rep=None,
        cue=cue, heart_rate=math.nan,
    )  # fmt: skip


class FakeSession:
    """Counts its frames and is done when it is told to finish."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.stage: Stage = "set"

    def push(self, frame: Frame) -> LiveState:
        self.times.append(frame.time_s)
        return live_state(frame.time_s, self.stage, len(self.times))

    def finish(self) -> None:
        self.stage = "done"


def film(step_s: float, until: Callable[[], bool]) -> Iterator[Frame]:
    index = 0
    while not until():
        time.sleep(step_s)
        yield Frame(PICTURE, 0.01 * (index + 1), index)
        index += 1


def watching(source: object) -> tuple[Watching, FakeSession]:
    session: Any = FakeSession()
    return Watching(session, source, ENGLISH), session  # type: ignore[arg-type]


def test_the_page_is_opened_with_what_was_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    called: dict[str, object] = {}
    monkeypatch.setattr(live, "run_server", lambda *words, **named: called.update(named, words=words))
    assert (
        spotter("live", "--camera", "1", "--exercise", "squat", "--language", "de-AT", "--data", tmp_path)
        == 0
    )
    assert called == {"words": (None, None, tmp_path), "page": "?exercise=squat&camera=1&language=de"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--exercise", "sqat"], 10, "squat"),
        (["--language", "tlh"], 2, "there are: en, de"),
        (["--window", "--port", "80"], 2, "--window"),
        (["--camera", "-1"], 2, ""),
    ],
)
def test_a_wrong_wish_is_told(
    words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        assert spotter("live", *words) == code
    except SystemExit as end:
        assert end.code == code
    except Exception as error:  # the option's own check, which the command itself turns into a message
        assert type(error).__name__ == "BadParameter"
    assert said in capsys.readouterr().err


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
def test_without_a_display_there_is_no_window(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tkinter", reason="this Python has no Tk")
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(UsageError, match="no display"):
        coach_in_window(0, "squat", "en", None)


def test_the_newest_frame_is_looked_at_until_the_session_is_done() -> None:
    over = threading.Event()
    watched, session = watching(film(0.005, over.is_set))
    watched.start()
    while len(session.times) < 5:
        time.sleep(0.01)
    assert watched.pictures[0].shape == PICTURE.shape
    watched.wish(session.finish)
    assert watched.done.wait(5)
    over.set()
    watched.close()
    assert session.times == sorted(session.times) and watched.error is None


def test_a_camera_that_is_unplugged_ends_it_with_its_error() -> None:
    def unplugged() -> Iterator[Frame]:
        yield Frame(PICTURE, 0.1, 0)
        raise MediaUnreadableError("the camera was unplugged")

    watched, session = watching(unplugged())
    watched.start()
    assert watched.done.wait(5)
    watched.close()
    assert isinstance(watched.error, SpotterError) and session.stage == "done"


def test_the_picture_is_a_mirror() -> None:
    before = PICTURE.copy()
    drawn = draw_live(PICTURE, live_state(cue=SAID))
    assert np.array_equal(PICTURE, before)
    changed = (drawn != PICTURE).any(axis=2)
    assert changed[130:160, 235:285].any()  # the skeleton is on the other side
    assert not changed[100:160, 20:110].any()
    assert changed[:90, :120].any() and changed[-50:, 60:260].any()  # the count, and the cue


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ("guide", "Get ready"),
        ("countdown", "Begin in 3"),
        ("set", ""),
        ("rest", "Rest, 31 s left"),
        ("done", "Done"),
    ],
)
def test_what_goes_on_is_said_large(stage: Stage, said: str) -> None:
    assert stage_note(live_state(stage=stage)) == said
    assert bool(stage_note(live_state(stage=stage), words_of("de"))) == bool(said)
    middle = (draw_live(PICTURE, live_state(stage=stage)) != PICTURE)[110:130, 150:170]
    assert middle.any() == bool(said)
