"""Says numbers, times and names of measures the way a reader expects them."""

from __future__ import annotations

import math

from spotter.coach.analysis import Fault, Person

UNKNOWN = "\N{EN DASH}"
"""Stands where a value is not known."""

VIEW_WORDS = {
    "front": "from the front",
    "back": "from behind",
    "side": "from the side",
    "oblique": "from an angle",
}
"""How the camera saw somebody; an unknown view is not among them."""

_JOINTS = ("knee", "hip", "elbow", "shoulder", "ankle")
_SIDES = ("left", "right")
_CHANGE = "The one thing to change: "


def clock(seconds: float) -> str:
    """A time in the video.

    >>> clock(42.7), clock(3723.0), clock(math.nan) == UNKNOWN
    ('0:42', '1:02:03', True)
    """
    if not math.isfinite(seconds):
        return UNKNOWN
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def duration(seconds: float) -> str:
    """A length of time.

    >>> duration(4.23), duration(72), duration(3720)
    ('4.2 s', '1 min 12 s', '1 h 2 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def number(value: float, places: int = 0) -> str:
    """A number, or a dash where it is not known.

    >>> number(86.4), number(1.96, 1), number(math.nan) == UNKNOWN
    ('86', '2.0', True)
    """
    return f"{value:.{places}f}" if math.isfinite(value) else UNKNOWN


def amount(value: float, unit: str) -> str:
    """A value with its unit.

    >>> amount(112.4, "deg"), amount(0.714, "ratio"), amount(0.42, "leg lengths"), amount(1.25, "s")
    ('112°', '0.71', '0.42 leg lengths', '1.2 s')
    """
    if not math.isfinite(value):
        return UNKNOWN
    if unit == "deg":
        return f"{value:.0f}°"
    if unit == "s":
        return f"{value:.1f} s"
    return f"{value:.2f}" if unit == "ratio" else f"{value:.2f} {unit}"


def limit_in_words(fault: Fault) -> str:
    """The limit that a fault broke, as what would have been right.

    >>> limit_in_words(Fault("too-shallow", "warning", 1.0, 112.0, 100.0, "deg", "Go deeper."))
    'at most 100°'
    """
    return f"{'at most' if fault.measured > fault.limit else 'at least'} {amount(fault.limit, fault.unit)}"


def joint_of(name: str) -> str:
    """An angle's or measure's name without its side.

    >>> joint_of("left_knee"), joint_of("trunk_lean"), joint_of("*_knee_cave")
    ('knee', 'trunk_lean', 'knee_cave')
    """
    for side in (*_SIDES, "*"):
        name = name.removeprefix(f"{side}_")
    return name


def title_of(measure: str) -> str:
    """A measure's name as a heading.

    >>> title_of("left_knee"), title_of("knee"), title_of("trunk_lean")
    ('Left knee angle', 'Knee angle', 'Trunk lean')
    """
    words = measure.replace("*_", "").replace("_", " ")
    ending = " angle" if joint_of(measure) in _JOINTS else ""
    return words[:1].upper() + words[1:] + ending


def counted(count: int, one: str, many: str) -> str:
    """A count with its noun.

    >>> counted(1, "repetition", "repetitions"), counted(3, "repetition", "repetitions")
    ('1 repetition', '3 repetitions')
    """
    return f"{count} {one if count == 1 else many}"


def fault_title(name: str, titles: dict[str, str]) -> str:
    """A fault's title; made of its name where the exercise does not know it.

    >>> fault_title("too-shallow", {}), fault_title("a", {"a": "Not deep"})
    ('Too shallow', 'Not deep')
    """
    words = name.replace("-", " ")
    return titles.get(name, words[:1].upper() + words[1:])


def mean_score(person: Person) -> float:
    """Mean score of the complete repetitions; NaN where none could be judged."""
    scores = [rep.score for rep in person.reps if rep.complete and math.isfinite(rep.score)]
    return sum(scores) / len(scores) if scores else math.nan


def split_summary(person: Person) -> tuple[tuple[str, ...], str]:
    """The summary's good sentences, and what to change (empty where nothing was wrong).

    >>> from spotter.coach.analysis import Hold
    >>> sag = Fault("hips-sag", "warning", 1.0, 12.0, 8.0, "deg", "Squeeze your glutes.")
    >>> said = ("You held 7 s.", "The one thing to change: the hips sag.")
    >>> split_summary(Person(1, "side", holds=(Hold(0.0, 7.0, (sag,)),), summary=said))
    (('You held 7 s.',), 'The hips sag.')
    """
    faulty = any(rep.faults for rep in person.reps if rep.complete) or any(
        hold.faults for hold in person.holds
    )
    if not person.summary or not faulty:
        return person.summary, ""
    *good, change = person.summary
    change = change.removeprefix(_CHANGE)
    return tuple(good), change[:1].upper() + change[1:]
