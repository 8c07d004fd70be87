"""An analysis as a notebook shows it: the figures, and each repetition's range over time."""

from __future__ import annotations

import math

from markupsafe import Markup

from spotter.coach.analysis import Analysis, Hold, Person, Rep
from spotter.report.axes import Axes, Tick
from spotter.report.palette import SEVERITY_RANK
from spotter.report.templates import fragment
from spotter.report.words import VIEW_WORDS, clock, counted, duration, fault_title, mean_score, number

_LEAST_DEG = 20.0
_AIR_S = 1.0


def analysis_html(analysis: Analysis) -> Markup:
    """A piece of a page, with its own style, in light or dark as the notebook is; nothing is loaded.

    Each repetition is drawn as a hill from its start over its turn to its end, as high as its range; one with
    a fault has the colour of its worst, an attempt is hollow. An `Analysis` knows no more of the way between.

    >>> from spotter.coach.analysis import ExerciseFound
    >>> empty = Analysis({"name": "a<b"}, ExerciseFound(None, "recognised", 0.0), ())
    >>> "a&lt;b" in analysis_html(empty)
    True
    """
    return fragment(
        "notebook.html.j2",
        title=str(analysis.video.get("name", "")),
        exercise=analysis.exercise.name,
        confidence=number(100 * analysis.exercise.confidence),
        recognised=analysis.exercise.how == "recognised",
        people=[_person(person) for person in analysis.people],
    )


def _person(person: Person) -> dict[str, object]:
    held_s = sum(hold.end_s - hold.start_s for hold in person.holds)
    judged: tuple[Rep | Hold, ...] = (*person.reps, *person.holds)
    faults = dict.fromkeys(fault.name for effort in judged for fault in effort.faults)
    axes = _axes(person)
    return {
        "id": person.id,
        "done": f"held {duration(held_s)}"
        if person.holds
        else counted(person.count, "repetition", "repetitions"),
        "about": [
            *([f"score {number(mean_score(person))}"] if person.reps else []),
            *([f"seen {VIEW_WORDS[person.view]}"] if person.view in VIEW_WORDS else []),
            *(fault_title(name, {}).lower() for name in faults),
        ],
        "hills": [_hill(rep, axes) for rep in person.reps if axes and math.isfinite(rep.range_deg)],
        "bars": [{"left": axes.left(h.start_s), "right": axes.left(h.end_s)} for h in person.holds if axes],
        "times": axes.times() if axes else (),
        "highest": Tick(0, f"{axes.high:.0f}°") if axes and person.reps else None,
        "told": f"Range of {len(person.reps)} repetitions, {clock(axes.start_s)} to {clock(axes.end_s)}"
        if axes
        else "",
        "summary": person.summary,
        "not_judged": [(fault_title(one.fault, {}).lower(), one.why) for one in person.not_judged],
    }


def _axes(person: Person) -> Axes | None:
    """Of everything that the person did; None where it was nothing."""
    times = [time_s for rep in person.reps for time_s in (rep.start_s, rep.end_s)]
    times += [time_s for hold in person.holds for time_s in (hold.start_s, hold.end_s)]
    if not times:
        return None
    ranges = [rep.range_deg for rep in person.reps if math.isfinite(rep.range_deg)]
    high = math.ceil(max([_LEAST_DEG, *ranges]) / 10) * 10
    return Axes(max(0.0, min(times) - _AIR_S), max(times) + _AIR_S, 0.0, float(high))


def _hill(rep: Rep, axes: Axes) -> dict[str, str]:
    worst = max(rep.faults, key=lambda fault: SEVERITY_RANK[fault.severity], default=None)
    top = axes.top(rep.range_deg)
    corners = [(axes.left(rep.start_s), 100.0), (axes.left(rep.turn_s), top), (axes.left(rep.end_s), 100.0)]
    said = ", ".join(fault.name.replace("-", " ") for fault in rep.faults) or "no fault"
    return {
        "path": "M" + "L".join(f"{x:g} {y:g}" for x, y in corners),
        "kind": "attempt" if not rep.complete else worst.severity if worst else "right",
        "hint": f"{clock(rep.start_s)}: {number(rep.range_deg)}°, "
        + (said if rep.complete else "an attempt that does not count"),
    }
