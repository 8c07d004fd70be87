"""Counts every clip as a camera would show it, at several frame rates, beside the analysis of the file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.progress import track

from bench.coached import share
from bench.material import Material
from bench.rendered import BUILT_IN
from bench.table import Cell, Table
from spotter.body.engine import PoseEngine
from spotter.body.joint_source import JointEngine
from spotter.body.keypoints import Body
from spotter.coach.analysis import Cue, Rep
from spotter.coach.analyze import MAX_SIDE, analyze
from spotter.coach.live_session import LiveSession
from spotter.coach.schema import shipped_exercises
from spotter.errors import NoPersonError
from spotter.media.frame import Frame
from spotter.media.reader import open_media

RATES = (math.inf, 15.0, 10.0)
"""Frames a second: the clip's own, and fewer, as of a slow machine."""

_QUICK_CLIPS = 1
_SAME_HOLD = 0.95  # share of the time held in the file's analysis


class Keeping:
    """A joint engine that keeps what another one answers, to be told again without looking again."""

    def __init__(self, engine: JointEngine) -> None:
        self._engine = engine
        self.kept: dict[int, tuple[int, list[Body]]] = {}

    @property
    def shot(self) -> int:
        return self._engine.shot

    @property
    def spent_s(self) -> Mapping[str, float]:
        return self._engine.spent_s

    def push(self, frame: Frame) -> list[Body]:
        bodies = self._engine.push(frame)
        self.kept[frame.index] = self._engine.shot, bodies
        return bodies


class Telling:
    """A joint engine that answers what was kept."""

    def __init__(self, kept: Mapping[int, tuple[int, list[Body]]]) -> None:
        self._kept = kept
        self.shot = 0
        self.spent_s: Mapping[str, float] = {}

    def push(self, frame: Frame) -> list[Body]:
        self.shot, bodies = self._kept[frame.index]
        return bodies


@dataclass(frozen=True, slots=True)
class Live:
    """What a live session said of a clip.

    Attributes:
        count: complete repetitions.
        attempts: those that turned back early.
        held_s: seconds of a held posture.
        reps: the complete repetitions, on the clip's clock.
        cues: everything that was said, each once.
        exercises: what was taken for done, each once.
    """

    count: int
    attempts: int
    held_s: float
    reps: tuple[Rep, ...]
    cues: tuple[Cue, ...]
    exercises: tuple[str, ...]

    def early(self, names: Iterable[str]) -> bool:
        """Whether one of some faults was told before the end of a repetition that had it."""
        wanted = set(names)
        return any(
            rep.start_s < cue.since_s < rep.end_s
            and cue.fault in wanted & {fault.name for fault in rep.faults}
            for rep in self.reps
            for cue in self.cues
        )

    @property
    def unconfirmed(self) -> int:
        """Cues during a repetition that did not have that fault in the end."""
        during = [
            (cue, rep) for cue in self.cues for rep in self.reps if rep.start_s < cue.since_s <= rep.end_s
        ]
        return sum(cue.fault not in {fault.name for fault in rep.faults} for cue, rep in during)


@dataclass(frozen=True, slots=True)
class Result:
    """What a clip's analysis says, and what live sessions say: at each of ``RATES``, and told no exercise."""

    name: str
    exercise: str | None
    count: int
    attempts: int
    held_s: float
    live: tuple[Live, ...]
    untold: Live

    @property
    def is_hold(self) -> bool:
        return self.exercise is not None and shipped_exercises()[self.exercise].kind == "hold"

    @property
    def is_found(self) -> bool:
        """Whether a live session that was not told the exercise finds it, and counts the same."""
        return self.untold.exercises == (self.exercise,) and self.is_same(self.untold)

    def is_same(self, told: Live) -> bool:
        """Whether a live session counts what the analysis counts."""
        return told.held_s >= _SAME_HOLD * self.held_s if self.is_hold else told.count == self.count


def run(material: Material, quick: bool) -> list[Table]:
    """A row a clip, and how many are the same in all."""
    known = shipped_exercises()
    clips = [(clip.path, clip.exercise if clip.exercise in known else None) for clip in material.real_clips()]
    clips += [(clip.path, clip.exercise) for clip in material.rendered_clips()]
    if quick:
        clips = sorted(clips, key=lambda clip: clip[0].stat().st_size)[:_QUICK_CLIPS]
    results = [_result(*clip) for clip in track(clips, description="live counts", transient=True)]
    return [_every_clip(results), _in_all(results)]


def _result(clip: Path, exercise: str | None) -> Result:
    engine = Keeping(PoseEngine())
    count = attempts = 0
    held_s = 0.0
    try:
        analysis = analyze(clip, exercise, engine=engine)
    except NoPersonError:
        pass
    else:
        reps = [rep for person in analysis.people for rep in person.reps]
        count, attempts = analysis.count, sum(not rep.complete for rep in reps)
        held_s = sum(hold.end_s - hold.start_s for person in analysis.people for hold in person.holds)
    live = tuple(
        watch(clip, exercise, Telling(engine.kept) if math.isinf(rate) else PoseEngine(), rate)
        for rate in RATES
    )
    untold = live[0] if exercise is None else watch(clip, None, Telling(engine.kept), math.inf)
    return Result(clip.stem, exercise, count, attempts, held_s, live, untold)


def watch(clip: Path, exercise: str | None, engine: JointEngine, rate: float) -> Live:
    """A live session before a clip, from its first frame on."""
    session = LiveSession(exercise, countdown_s=0.0, engine=engine)
    session.skip()
    cues: list[Cue] = []
    first_s = 0.0
    with open_media(clip, max_side=MAX_SIDE) as source:
        for number, frame in enumerate(at_rate(source, rate)):
            first_s = first_s if number else frame.time_s
            cue = session.push(frame).cue
            if cue is not None and cue not in cues:
                cues.append(cue)
    session.finish()
    done = session.session()
    sets = done.sets if done else ()
    return Live(
        count=sum(one.count for one in sets),
        attempts=sum(len(one.reps) - one.count for one in sets),
        held_s=sum(hold.end_s - hold.start_s for one in sets for hold in one.holds),
        reps=tuple(rep for one in sets for rep in one.reps if rep.complete),
        cues=tuple(Cue(cue.fault, cue.text, cue.severity, cue.since_s - first_s) for cue in cues),
        exercises=tuple(dict.fromkeys(one.exercise for one in sets)),
    )


def at_rate(frames: Iterable[Frame], rate: float) -> Iterator[Frame]:
    """Frames at most so many a second: the others are dropped, as a camera does whose program is slow."""
    next_s = -math.inf
    for frame in frames:
        if frame.time_s >= next_s - 1e-6:
            yield frame
            next_s = max(next_s, frame.time_s - 1 / rate) + 1 / rate


def _every_clip(results: Sequence[Result]) -> Table:
    return Table(
        name="live-counts",
        title="Repetitions of clips shown to the live coach, and of the same files analysed",
        columns=(
            *("clip", "exercise", "analysed", "live, own rate", "live, 15 a second", "live, 10 a second"),
            *("attempts analysed", "attempts live", "not told", "found"),
        ),
        rows=tuple(_row(result) for result in results),
        notes=(
            "of a hold the seconds; where no exercise is named, none of Spotter's is done; "
            "not told: counted by a session that had to find the exercise out, and what it found",
        ),
        digits=1,
    )


def _row(result: Result) -> tuple[Cell, ...]:
    def amount(count: int, held_s: float) -> Cell:
        return f"{held_s:.1f} s" if result.is_hold else count

    return (
        result.name,
        result.exercise or "none of ours",
        amount(result.count, result.held_s),
        *(amount(live.count, live.held_s) for live in result.live),
        None if result.is_hold else result.attempts,
        None if result.is_hold else result.live[0].attempts,
        amount(result.untold.count, result.untold.held_s),
        ", ".join(result.untold.exercises) or "none",
    )


def _in_all(results: Sequence[Result]) -> Table:
    exercised = [result for result in results if result.exercise]
    nothing = [result for result in results if not result.exercise]
    faulty = [result for result in results if result.name.endswith("-3") and result.exercise in BUILT_IN]
    rates = ("the clip's own frame rate", "15 frames a second", "10 frames a second")
    rows = [
        share(f"as many as analysed, {said}", [result.is_same(result.live[k]) for result in exercised], "all")
        for k, said in enumerate(rates)
    ]
    found = [result.is_found for result in exercised]
    rows.append(share("as many as analysed, and the exercise found out", found, "all"))
    rows += [
        share(
            f"nothing counted that is no exercise, {said}",
            [result.live[k].count == 0 for result in nothing],
            "all",
        )
        for k, said in enumerate(rates)
    ]
    rows += [
        share(
            f"built-in fault told before a repetition's end, {said}",
            [result.live[k].early(BUILT_IN[str(result.exercise)]) for result in faulty],
            "all",
        )
        for k, said in enumerate(rates)
    ]
    cues = [(live, cue) for result in exercised for live in result.live for cue in live.cues]
    wrong = sum(live.unconfirmed for result in exercised for live in result.live)
    rows.append(("cues that the finished repetition confirmed", len(cues) - wrong, len(cues), "all"))
    return Table(
        name="live-counts-in-all",
        title="The live coach in all",
        columns=("measured", "right", "of", "wanted"),
        rows=tuple(rows),
    )
