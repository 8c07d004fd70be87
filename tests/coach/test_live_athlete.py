"""Who is coached, among bodies that come, go, cross and change their numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from spotter.body.keypoints import Body
from spotter.body.tracker import FORGET_S
from spotter.coach.live_athlete import NEWCOMER_S, Athlete
from tests.coach.moves import STANDING
from tests.coach.test_live import bodies
from tests.motion.stick import clock

STEP_S = 0.1


def somebody(number: int, at_x: float = 0.0, size: float = 1.0) -> Body:
    """A person of a size, so many pixels to the right."""
    body = bodies(STANDING, clock(0.1), number)[0]
    middle = body.keypoints.xy.mean(axis=0)
    xy = (body.keypoints.xy - middle) * size + middle + np.array([at_x, 0], np.float32)
    return replace(body, keypoints=replace(body.keypoints, xy=xy.astype(np.float32)))


class Watched:
    """An athlete who is looked for ten times a second."""

    def __init__(self) -> None:
        self.athlete, self.now_s = Athlete(), 0.0

    def see(
        self, seconds: float, *people: Body, shot: int = 0, settled: bool = True, counted: bool = True
    ) -> int | None:
        """The number of who is coached at the end."""
        found = None
        for _ in range(round(seconds / STEP_S)):
            found = self.athlete.find(people, shot, self.now_s, settled=settled, counted=counted)
            self.now_s += STEP_S
        return None if found is None else found.id


def test_the_largest_is_coached_first_and_stays() -> None:
    watched = Watched()
    assert watched.see(1, somebody(1, size=0.5), somebody(2, 500)) == 2
    assert watched.see(3, somebody(1, size=3), somebody(2, 500)) == 2
    assert watched.see(1) is None
    assert watched.see(1, somebody(2, 700)) == 2


def test_a_new_number_at_the_same_place_is_the_same_person() -> None:
    watched = Watched()
    watched.see(1, somebody(1))
    assert watched.see(0.2) is None
    assert watched.see(STEP_S, somebody(7, 30, size=1.2)) == 7
    assert watched.see(1, somebody(1, 900), somebody(7)) == 1, "the engine knows the first one by their looks"


def test_who_walks_through_is_not_taken_for_the_athlete_they_hide() -> None:
    watched = Watched()
    athlete = somebody(1)
    watched.see(2, athlete)
    for x in range(-600, -200, 40):
        watched.see(STEP_S, athlete, somebody(2, x, size=1.3))
    for x in range(-200, 200, 40):  # in front of the athlete
        assert watched.see(STEP_S, somebody(2, x, size=1.3)) is None
    assert watched.see(1, athlete, somebody(2, 400)) == 1


def test_a_newcomer_is_coached_when_the_athlete_has_been_gone_for_a_while() -> None:
    watched = Watched()
    watched.see(1, somebody(1))
    assert watched.see(NEWCOMER_S - 0.3, somebody(2, 900)) is None
    assert watched.see(0.6, somebody(2, 900)) == 2
    assert watched.see(0.2, somebody(1), somebody(2, 900)) == 1, "back before the engine forgot them"


def test_a_bystander_is_coached_only_when_the_athlete_is_forgotten() -> None:
    watched = Watched()
    bystander = somebody(2, 900, size=0.8)
    watched.see(1, somebody(1), bystander)
    assert watched.see(FORGET_S - 1, bystander) is None
    assert watched.see(2, bystander) == 2


def test_a_false_body_that_nothing_counted_of_gives_way_to_somebody_larger() -> None:
    chair, person = somebody(1, size=0.3), somebody(2, 500)
    watched = Watched()
    assert watched.see(1, chair, counted=False) == 1
    assert watched.see(1, chair, person, counted=False) == 1
    assert watched.see(NEWCOMER_S - 0.2, person, counted=False) is None
    assert watched.see(1, person, counted=False) == 2
    assert watched.see(1, chair, person, counted=False) == 1, (
        "who comes back within ten seconds is the athlete"
    )


def test_after_a_cut_the_largest_is_coached_at_once() -> None:
    watched = Watched()
    watched.see(1, somebody(1))
    assert watched.see(STEP_S, somebody(8, 900, size=0.4), somebody(9, -300), shot=1) == 9


def test_before_anything_counts_whoever_is_much_larger_steps_in() -> None:
    watched = Watched()
    watched.see(1, somebody(1), settled=False)
    assert watched.see(1, somebody(1), somebody(2, 600, size=1.1), settled=False) == 1
    assert watched.see(1, somebody(1), somebody(2, 600, size=1.6), settled=False) == 2
    assert watched.see(1, somebody(1, size=1.1), somebody(2, 600, size=1.6)) == 2
