"""The get-ready guide, shown bodies in pictures of many kinds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from spotter.body.keypoints import INDEX, Body
from spotter.coach.framing import Framing, Hint, hint_table
from spotter.coach.framing_values import needs_of
from spotter.coach.schema import shipped_exercises
from spotter.media.frame import Frame
from tests.coach.moves import STANDING
from tests.coach.test_live import bodies
from tests.motion.stick import Pose, clock

HEIGHT, WIDTH = 240, 320
FPS = 10


def standing(
    azimuth: float = 40.0, *, of_height: float = 0.8, middle: tuple[float, float] = (0.5, 0.5)
) -> Body:
    """Somebody who stands in the picture, so large, with the middle of the body there."""
    body = bodies(replace(STANDING, azimuth=azimuth), clock(0.1, FPS))[0]
    left, top, right, bottom = body.box
    scale = of_height * HEIGHT / (bottom - top)
    centre = np.array([(left + right) / 2, (top + bottom) / 2])
    xy = (body.keypoints.xy - centre) * scale + np.array([middle[0] * WIDTH, middle[1] * HEIGHT])
    return replace(body, keypoints=replace(body.keypoints, xy=xy.astype(np.float32)))


def room(seed: int, brightness: float = 120.0) -> NDArray[np.uint8]:
    """A lively picture, another one for every seed."""
    noise = np.random.default_rng(seed).normal(brightness, brightness / 4, (HEIGHT, WIDTH, 3))
    return noise.clip(0, 255).astype(np.uint8)


class Show:
    """Shows one thing for a while and says what was said at the end."""

    def __init__(self, exercise: str | None = "squat") -> None:
        self.framing = Framing(None if exercise is None else shipped_exercises()[exercise])
        self.count = 0
        self.hints: tuple[Hint, ...] = ()

    def __call__(
        self,
        seconds: float,
        *people: Body,
        picture: NDArray[np.uint8] | None = None,
        brightness: float = 120.0,
    ) -> list[str]:
        said: list[str] = []
        for _ in range(round(seconds * FPS)):
            image = room(self.count, brightness) if picture is None else picture
            frame = Frame(image, self.count / FPS, self.count)
            self.hints = self.framing.look(frame, people, people[0] if people else None)
            said = [hint.name for hint in self.hints]
            self.count += 1
        return said


def test_somebody_well_seen_is_ready_after_a_second() -> None:
    show = Show()
    assert show(0.8, standing()) == []
    assert not show.framing.is_ready
    assert show(0.6, standing()) == []
    assert show.framing.is_ready


@pytest.mark.parametrize(
    ("hint", "body"),
    [
        ("step-back", standing(of_height=1.3)),
        ("cut-off-below", standing(middle=(0.5, 0.75))),
        ("cut-off-above", standing(middle=(0.5, 0.1))),
        ("step-closer", standing(of_height=0.2)),
        ("to-the-middle", standing(middle=(0.0, 0.5))),
        ("to-the-middle", standing(middle=(1.0, 0.5))),
    ],
)
def test_what_to_change_is_said(hint: str, body: Body) -> None:
    show = Show()
    assert show(1.5, body)[0] == hint
    assert not show.framing.is_ready
    assert show(3.0, standing()) == []
    assert show.framing.is_ready


def test_only_what_the_exercise_needs_must_be_in_the_picture() -> None:
    no_feet = standing(azimuth=90, of_height=0.9, middle=(0.5, 0.65))
    assert Show("squat")(2.0, no_feet) == ["cut-off-below"]
    curl = Show("biceps-curl")
    assert curl(2.0, no_feet) == []
    assert curl.framing.is_ready


def test_arms_that_go_overhead_need_room() -> None:
    near_the_top = standing(azimuth=0, middle=(0.5, 0.45))
    assert Show("lateral-raise")(2.0, near_the_top) == []
    assert Show("jumping-jack")(2.0, near_the_top) == ["room-above"]
    assert Show("jumping-jack")(2.0, standing(azimuth=0, of_height=0.6, middle=(0.5, 0.6))) == []


def test_nobody_is_asked_to_come() -> None:
    show = Show()
    assert show(0.9) == []
    assert show(1.0) == ["nobody"]
    assert show.framing.is_blocked and not show.framing.is_ready


@pytest.mark.parametrize(("shade", "hint"), [(0, "black"), (6, "black"), (90, "covered"), (250, "covered")])
def test_a_camera_that_sees_nothing_is_told_before_all_else(shade: int, hint: str) -> None:
    picture = np.full((HEIGHT, WIDTH, 3), shade, np.uint8)
    show = Show()
    assert show(1.5, picture=picture)[0] == hint
    assert show.framing.is_blocked


def test_a_frozen_picture_is_told_and_taken_back() -> None:
    show = Show()
    assert show(2.9, standing(), picture=room(1)) == []
    assert show(0.3, standing(), picture=room(1)) == ["frozen"]
    assert show.framing.is_blocked
    assert show(0.3, standing()) == []


def test_light_matters_where_nobody_is_well_seen() -> None:
    assert Show()(2.0, standing(), brightness=30.0) == []
    assert Show()(2.0, brightness=30.0) == ["more-light", "nobody"]
    dim = standing()
    dim = replace(dim, keypoints=replace(dim.keypoints, visibility=np.full(33, 0.5, np.float32)))
    assert Show()(2.0, dim, brightness=30.0) == ["more-light"]
    assert Show()(2.0, dim, brightness=120.0) == []


def test_a_joint_that_is_hidden_on_both_sides() -> None:
    body = standing()
    seen = body.keypoints.visibility.copy()
    seen[[INDEX["left_ankle"], INDEX["right_ankle"]]] = 0.1
    hidden = replace(body, keypoints=replace(body.keypoints, visibility=seen.copy()))
    assert Show()(2.0, hidden) == ["hidden"]
    seen[INDEX["left_ankle"]] = 0.9  # from the side one is enough
    assert Show()(2.0, replace(body, keypoints=replace(body.keypoints, visibility=seen))) == []


def test_a_side_that_shows_nothing_is_told_but_waited_for_ten_seconds_only() -> None:
    show = Show("deadlift")
    assert show(5.0, standing(azimuth=0)) == ["turn"]
    assert "your side to the camera" in show.hints[0].text
    assert not show.framing.is_ready
    assert show(8.0, standing(azimuth=0)) == ["turn"]
    assert show.framing.is_ready
    assert Show("deadlift")(2.0, standing(azimuth=90)) == []


def test_a_side_that_shows_a_part_is_told_but_keeps_nobody_waiting() -> None:
    show = Show("deadlift")
    assert show(2.5, standing(azimuth=40)) == ["turn-more"]
    assert show.framing.is_ready
    assert Show("squat")(2.5, standing(azimuth=40)) == []


@pytest.mark.parametrize("azimuth", [55, 58, 60, 62, 65])
def test_near_the_edge_of_a_view_nothing_flickers(azimuth: float) -> None:
    show = Show("deadlift")
    said = {tuple(show(0.1, standing(azimuth=azimuth + 4 * (-1) ** k))) for k in range(60)}
    assert said == {()}


def test_who_stands_before_a_push_up_has_yet_to_lie_down() -> None:
    assert Show("push-up")(2.0, standing(azimuth=0)) == []
    lying = bodies(Pose(azimuth=0, trunk=80, thigh=-80, lift=80, anchor="mid_wrist"), clock(0.1, FPS))[0]
    xy = (lying.keypoints.xy - lying.keypoints.xy.mean(axis=0)) * 0.3 + np.array([WIDTH / 2, HEIGHT / 2])
    lying = replace(lying, keypoints=replace(lying.keypoints, xy=xy.astype(np.float32)))
    assert "turn" in Show("push-up")(2.0, lying)


def test_hints_do_not_flicker() -> None:
    show = Show()
    for _ in range(20):  # now cut off, now not: neither holds for long enough to be said
        assert show(0.2, standing(of_height=1.3)) == []
        assert show(0.2, standing()) == []
    assert not show.framing.is_ready


def test_a_size_near_the_limit_does_not_flicker() -> None:
    """Between both limits a hint stays what it was."""
    show = Show()
    assert show(1.0, standing(of_height=0.28)) == ["step-closer"]
    assert show(2.0, standing(of_height=0.33)) == ["step-closer"]
    assert show(1.0, standing(of_height=0.4)) == []
    assert show(2.0, standing(of_height=0.33)) == []


def test_others_in_the_picture_are_told_but_block_nothing() -> None:
    show = Show()
    near = replace(standing(of_height=0.7, middle=(0.8, 0.5)), id=2)
    far = replace(standing(of_height=0.3, middle=(0.8, 0.5)), id=3)
    assert show(3.0, standing(), far) == []
    assert show(3.0, standing(), near) == ["others"]
    assert show.framing.is_ready


def test_time_that_was_not_seen_makes_nobody_ready() -> None:
    show = Show()
    show(0.5, standing())
    show.count += 100  # the connection was lost
    show(0.5, standing())
    assert not show.framing.is_ready


def test_another_exercise_may_need_another_view() -> None:
    show = Show(None)
    assert show(2.0, standing(azimuth=0)) == []
    show.framing.change(shipped_exercises()["deadlift"])
    assert not show.framing.is_ready
    assert show(2.0, standing(azimuth=0)) == ["turn"]


@pytest.mark.parametrize("name", shipped_exercises())
def test_every_exercise_knows_what_it_needs(name: str) -> None:
    needs = needs_of(shipped_exercises()[name])
    assert len(needs.joints) >= 3
    assert needs.shown_by[needs.best_view] == max(needs.shown_by.values()) > 0
    assert needs.on_floor == (name in ("push-up", "plank", "sit-up"))
    assert needs.raises_arms == (name in ("jumping-jack", "shoulder-press"))


def test_the_table_is_in_order() -> None:
    rules = hint_table().rules
    names = [rule.name for rule in rules]
    assert all(set(rule.instead_of) <= set(names[row + 1 :]) for row, rule in enumerate(rules))
    assert all(rule.is_beyond(rule.begins, rule.ends) or rule.begins == rule.ends for rule in rules)
