"""What the overlay says about a person at a moment: the count, the phase, what is wrong, and the cue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spotter.body.keypoints import INDEX
from spotter.coach.analysis import Fault, Hold, Person, Rep, RepSet, Severity
from spotter.coach.exercise import Exercise, FaultRule
from spotter.report.palette import SEVERITY_RANK

CUE_MIN_S = 2.0
"""A cue stays at least this long, so that it can be read."""

NOTE_S = 2.5
"""How long an attempt that did not count is mentioned."""

_CUE_MAX_S = 4.0
_READING_S = 0.065  # a letter
_AROUND_S = 0.4  # a fault shows at least this long before and after its worst moment
_FLASH_S = 0.4


@dataclass(frozen=True, slots=True)
class Phases:
    """How a repetition divides, each from 0 to 1 of its time: where out ends and where back begins."""

    out_end: float
    back_start: float


@dataclass(frozen=True, slots=True)
class PersonScene:
    """What is shown about one person.

    Attributes:
        person: their number.
        count: complete repetitions of the set so far.
        set_number: 1, 2, ...; 0 before the first.
        flash: a repetition was completed just now.
        phases: of the repetition under way; None between repetitions.
        progress: how far it is, 0 to 1.
        counts: False while an attempt is under way that will turn back early.
        attempt_over: an attempt that does not count has just ended.
        held_s: for a held posture, whole seconds held in all so far; None for an exercise with repetitions.
        holding: the posture is held right now.
        wrong: landmark rows at fault, with the severity.
        side: the side that works, where they alternate.
    """

    person: int
    count: int
    set_number: int
    flash: bool
    phases: Phases | None
    progress: float
    counts: bool
    attempt_over: bool
    held_s: int | None
    holding: bool
    wrong: dict[int, Severity]
    side: str


@dataclass(frozen=True, slots=True)
class CueShown:
    """A cue on the screen: from when to when, for whom, what, and how bad."""

    start_s: float
    end_s: float
    person: int
    text: str
    severity: Severity


class PersonTimeline:
    """One person's repetitions and holds, stretch after stretch, asked for moments in order of time.

    Only what may still be shown is kept, whatever the video's length.

    Args:
        person: their number.
    """

    def __init__(self, person: int) -> None:
        self.person = person
        self._sets: list[tuple[int, RepSet]] = []
        self._holds: list[Hold] = []
        self._held_before_s = 0.0
        self._exercise: Exercise | None = None
        self._rules: dict[str, FaultRule] = {}

    def add(self, exercise: Exercise | None, found: Person) -> None:
        """Append what the next stretch found."""
        self._exercise = exercise
        self._rules = {rule.name: rule for rule in exercise.faults} if exercise else {}
        number = self._sets[-1][0] if self._sets else 0
        self._sets = self._sets[-1:]
        for one in found.sets:
            goes_on = bool(number and one.reps and one.reps[0].number > 1)
            number += 0 if goes_on else 1
            self._sets.append((number, one))
        self._held_before_s += sum(hold.end_s - hold.start_s for hold in self._holds)
        self._holds = list(found.holds)

    def at(self, time_s: float) -> PersonScene:
        """What is shown at a time within the last stretch added."""
        begun = [(number, one) for number, one in self._sets if one.start_s <= time_s]
        set_number, reps = (begun[-1][0], begun[-1][1].reps) if begun else (0, ())
        done = [rep for rep in reps if rep.end_s <= time_s]
        complete = [rep for rep in done if rep.complete]
        rep = next((rep for rep in reps if rep.start_s <= time_s < rep.end_s), None)
        return PersonScene(
            person=self.person,
            count=complete[-1].number if complete else _count_before(reps),
            set_number=set_number,
            flash=bool(complete) and time_s - complete[-1].end_s < _FLASH_S,
            phases=phases_of(rep) if rep else None,
            progress=_fraction(rep, time_s) if rep else 0.0,
            counts=rep is None or rep.complete,
            attempt_over=bool(done) and not done[-1].complete and time_s - done[-1].end_s < NOTE_S,
            held_s=self._held(time_s),
            holding=any(hold.start_s <= time_s <= hold.end_s for hold in self._holds),
            wrong=self._wrong(rep, time_s),
            side=rep.side if rep else "both",
        )

    def _held(self, time_s: float) -> int | None:
        if self._exercise is None or self._exercise.kind != "hold":
            return None
        now = sum(max(0.0, min(time_s, hold.end_s) - hold.start_s) for hold in self._holds)
        return int(self._held_before_s + now)

    def _wrong(self, rep: Rep | None, time_s: float) -> dict[int, Severity]:
        wrong: dict[int, Severity] = {}
        shown = [(fault, rep.side if rep else "both") for fault in (rep.faults if rep else ())]
        shown += [(fault, "both") for hold in self._holds for fault in hold.faults]
        for fault, side in shown:
            rule = self._rules.get(fault.name)
            if rule is None or not _shows(fault, rule, rep, time_s):
                continue
            for row in _rows_at_fault(rule, side):
                if row not in wrong or SEVERITY_RANK[fault.severity] > SEVERITY_RANK[wrong[row]]:
                    wrong[row] = fault.severity
        return wrong


def phases_of(rep: Rep) -> Phases:
    """Where the phases of a repetition meet, as shares of its time.

    >>> from spotter.coach.analysis import Tempo
    >>> phases_of(Rep(1, 0.0, 2.0, 4.0, True, "both", 90.0, Tempo(1.0, 1.0, 2.0), 1.0, 100.0))
    Phases(out_end=0.25, back_start=0.5)
    """
    total = max(rep.end_s - rep.start_s, 1e-6)
    out_end = min(1.0, max(0.0, rep.tempo_s.out / total))
    return Phases(out_end, min(1.0, max(out_end, 1 - rep.tempo_s.back / total)))


def plan_cues(people: Iterable[Person], last: CueShown | None) -> list[CueShown]:
    """When each cue is shown: from the fault's moment, long enough to be read, never two at once.

    Of a repetition the worst fault speaks. A cue that would come while another one is still in its first two
    seconds waits for it, and is left out where it would come more than two seconds late.

    Args:
        people: what the stretch found.
        last: the cue that was planned last in the stretch before.
    """
    spoken = sorted(
        ((fault, person.id) for person in people for faults in _fault_groups(person) for fault in faults[:1]),
        key=lambda pair: pair[0].at_s,
    )
    shown: list[CueShown] = [last] if last else []
    for fault, person in spoken:
        start = fault.at_s
        if shown:
            free = shown[-1].start_s + CUE_MIN_S
            if free - start > CUE_MIN_S:
                continue
            start = max(start, free)
            if start < shown[-1].end_s:
                before = shown[-1]
                shown[-1] = CueShown(before.start_s, start, before.person, before.text, before.severity)
        length = min(_CUE_MAX_S, max(CUE_MIN_S, _READING_S * len(fault.cue)))
        shown.append(CueShown(start, start + length, person, fault.cue, fault.severity))
    return shown


def _fault_groups(person: Person) -> Sequence[tuple[Fault, ...]]:
    return [rep.faults for rep in person.reps] + [hold.faults for hold in person.holds]


def _count_before(reps: Sequence[Rep]) -> int:
    return reps[0].number - 1 if reps else 0


def _fraction(rep: Rep, time_s: float) -> float:
    return (time_s - rep.start_s) / max(rep.end_s - rep.start_s, 1e-6)


def _shows(fault: Fault, rule: FaultRule, rep: Rep | None, time_s: float) -> bool:
    """Whether the time is in the part of the repetition that the rule looks at, or about the worst moment."""
    if abs(time_s - fault.at_s) <= _AROUND_S:
        return True
    if rep is None:
        return False
    out_end, back_start = rep.start_s + rep.tempo_s.out, rep.end_s - rep.tempo_s.back
    first, last = {
        "start": (rep.start_s, rep.start_s),
        "out": (rep.start_s, out_end),
        "turn": (out_end, back_start),
        "back": (back_start, rep.end_s),
        "rep": (rep.start_s, rep.end_s),
        "hold": (rep.start_s, rep.end_s),
    }[rule.during]
    return first <= time_s <= last


def _rows_at_fault(rule: FaultRule, side: str) -> list[int]:
    """Rows of the rule's landmarks; only those of the working side where the rule names both sides."""
    other = {"left": "right_", "right": "left_"}.get(side, "-")
    mirrored = {name for name in rule.landmarks if name.replace(other, f"{side}_", 1) in rule.landmarks}
    return [INDEX[name] for name in rule.landmarks if not (name.startswith(other) and name in mirrored)]
