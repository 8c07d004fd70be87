"""The paper's joints: a drawn person's landmarks from the mask alone and with the cascades' boxes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from spotter.body.haar_joints import Hints, joints_of
from spotter.body.keypoints import INDEX

PLACES = {
    "left_shoulder": (122, 75), "right_shoulder": (78, 75), "left_hip": (113, 155), "right_hip": (87, 155),
    "left_knee": (118, 215), "right_knee": (82, 215), "left_ankle": (120, 272), "right_ankle": (80, 272),
    "left_wrist": (185, 60), "right_wrist": (15, 60),
}  # fmt: skip


def person() -> np.ndarray:
    """A person 250 pixels high in the middle of a picture, facing us, with the arms held out."""
    mask = np.zeros((320, 200), np.uint8)
    cv2.ellipse(mask, (100, 50), (14, 20), 0, 0, 360, 1, -1)
    cv2.rectangle(mask, (78, 65), (122, 160), 1, -1)
    for a, b, width in (
        ("left_shoulder", "left_wrist", 12),
        ("right_shoulder", "right_wrist", 12),
        ("left_hip", "left_ankle", 20),
        ("right_hip", "right_ankle", 20),
    ):
        cv2.line(mask, PLACES[a], PLACES[b], 1, width)
    return mask.astype(bool)


def error(keypoints: object, name: str) -> float:
    return float(np.linalg.norm(keypoints.xy[INDEX[name]] - np.array(PLACES[name])))  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", PLACES)
def test_joints_lie_where_the_person_has_them(name: str) -> None:
    assert error(joints_of(person(), Hints()), name) < 0.1 * 250


def test_left_is_the_persons_own() -> None:
    found = joints_of(person(), Hints())
    for joint in ("shoulder", "hip", "knee", "ankle", "wrist"):
        assert found.xy[INDEX[f"left_{joint}"], 0] > found.xy[INDEX[f"right_{joint}"], 0]


def test_face_moves_the_head_and_is_surer() -> None:
    plain = joints_of(person(), Hints())
    seen = joints_of(person(), Hints(face=np.array([92.0, 38, 112, 58])))
    assert seen.xy[INDEX["nose"]].tolist() == [102.0, 48.0]
    assert seen.visibility[INDEX["nose"]] > plain.visibility[INDEX["nose"]]
    assert seen.visibility[INDEX["left_knee"]] == plain.visibility[INDEX["left_knee"]]


def test_bodies_boxes_move_shoulders_and_hips() -> None:
    upper, lower = np.array([60.0, 20, 140, 120]), np.array([70.0, 140, 130, 290])
    found = joints_of(person(), Hints(upper=upper, lower=lower))
    assert found.xy[INDEX["left_shoulder"], 1] == pytest.approx(95)
    assert found.xy[INDEX["right_hip"], 1] == pytest.approx(155)


@pytest.mark.parametrize("mask", [np.zeros((50, 50), bool), np.ones((3, 2), bool), person().T])
def test_nothing_is_said_of_nobody_of_specks_and_of_people_lying_down(mask: np.ndarray) -> None:
    found = joints_of(mask, Hints())
    assert np.isnan(found.xy).all() and not found.visibility.any()


def test_mirrored_person_has_mirrored_joints() -> None:
    mask = person()
    cv2.line(canvas := mask.astype(np.uint8), (122, 75), (150, 30), 1, 12)
    one, other = joints_of(canvas.astype(bool), Hints()), joints_of(canvas.astype(bool)[:, ::-1], Hints())
    for joint in ("shoulder", "hip", "knee"):
        left, right = one.xy[INDEX[f"left_{joint}"]], other.xy[INDEX[f"right_{joint}"]]
        assert abs(left[0] - (200 - right[0])) <= 1.5 and abs(left[1] - right[1]) <= 1.5
