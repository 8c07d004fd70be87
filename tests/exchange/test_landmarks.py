"""Landmarks of other programs: each form, gaps, several people, damaged files, and coaching on them."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spotter.body.joint_source import JointEngine
from spotter.body.keypoints import INDEX
from spotter.body.recording import Recording
from spotter.coach.judge import coach_person
from spotter.coach.schema import find_exercise
from spotter.errors import ExchangeError
from spotter.exchange.landmark_engine import PlayedLandmarks
from spotter.exchange.landmarks import read_landmarks, skeletons
from spotter.motion.build import build_motion
from spotter.motion.motion import Motion
from tests.exchange.foreign import (
    SIZE,
    Array,
    coco_results,
    frame,
    mediapipe,
    openpose_folder,
    rtmpose,
    write,
)
from tests.motion.stick import Pose, blend, clock, raw_landmarks, there_and_back

TIME = clock(7.0)
NEAR, FAR = Pose(azimuth=90), Pose(azimuth=90, trunk=35, thigh=85, knee=105, lift=30)


@cache
def squats() -> dict[str, Array]:
    """Three squats seen from the left."""
    return raw_landmarks(blend(NEAR, FAR, there_and_back(TIME, [0.5, 2.5, 4.5])), TIME, noise_m=0.003)


def played(path: Path, frames: int = len(TIME), **options: Any) -> Motion:
    """The motion of who is seen longest, as an analysis would make it."""
    engine: JointEngine = PlayedLandmarks(read_landmarks(path), **options)
    recording = Recording()
    for number in range(frames):
        one = frame(number, (128, 72))
        recording.add(one, engine.shot, engine.push(one))
    track = recording.largest()
    assert track is not None
    return build_motion(
        1, recording.time_s, recording.frame, recording.shot, track.xy, track.world, track.visibility
    )


def count(motion: Motion) -> int:
    return coach_person(motion, find_exercise("squat")).count


@pytest.mark.parametrize("kind", ["openpose", "coco", "coco-from-1", "halpe", "rtmpose", "mediapipe"])
def test_coaching_on_landmarks_of_others(kind: str, tmp_path: Path) -> None:
    xy, world = squats()["xy"], squats()["world"]
    bodies = [[one] for one in xy]
    path = tmp_path / "found.json"
    if kind == "openpose":
        openpose_folder(path, bodies)
    elif kind == "rtmpose":
        write(path, rtmpose(bodies))
    elif kind == "mediapipe":
        write(path, mediapipe(xy, world))
    else:
        write(path, coco_results(bodies, 26 if kind == "halpe" else 17, first=int("from-1" in kind)))
    motion = played(path, size=SIZE)
    assert count(motion) == 3
    assert motion.views[0] == "side" and np.nanmedian(motion.values["azimuth"]) == pytest.approx(90, abs=8)
    bottom = np.nanmin(motion.values["left_knee"])
    assert bottom == pytest.approx(180 - 105, abs=4)
    for name, row in INDEX.items():
        known = np.isfinite(motion.space[:, row]).all()
        assert known == (name in skeletons()[read_landmarks(path).skeleton.count].points), name


def test_a_short_gap_is_bridged_and_a_long_one_is_not(tmp_path: Path) -> None:
    xy = squats()["xy"].copy()
    knee = INDEX["left_knee"]
    xy[20:23, knee] = np.nan  # a tenth of a second
    xy[100:130, knee] = np.nan
    xy[160:200] = np.nan  # nobody
    bodies = [[one] if np.isfinite(one).any() else [] for one in xy]
    motion = played(write(tmp_path / "gaps.json", coco_results(bodies)), size=SIZE)
    known = np.isfinite(motion.values["left_knee"])
    assert known[:99].all() and not known[101:129].any() and known[131:159].all()
    assert not motion.seen[162:198].any() and motion.seen[:159].all()
    assert np.isfinite(motion.values["right_knee"][100:130]).all()


def test_what_points_at_the_camera_is_not_known(tmp_path: Path) -> None:
    from_the_front = blend(
        Pose(), Pose(thigh=85, knee=90, trunk=20, lift=30), there_and_back(TIME, [0.5, 2.5, 4.5])
    )
    xy = raw_landmarks(from_the_front, TIME)["xy"]
    motion = played(write(tmp_path / "front.json", coco_results([[one] for one in xy])), size=SIZE)
    bottom = np.abs(TIME - 1.5).argmin()
    assert motion.views[0] == "front"
    assert np.isnan(motion.values["left_knee"][bottom]) and np.isfinite(motion.values["left_knee"][0])
    assert motion.values["left_knee"][0] > 170


def test_people_keep_their_numbers_whatever_the_order(tmp_path: Path) -> None:
    left, right = squats()["xy"] - (400, 0), squats()["xy"] + (300, 0)
    bodies = [[a, b] if number % 3 else [b, a] for number, (a, b) in enumerate(zip(left, right, strict=True))]
    bodies[50] = [left[50]]  # one is missed for a moment
    found = read_landmarks(write(tmp_path / "two.json", coco_results(bodies)))
    assert len(found.tracks) == 2
    for track in found.tracks:
        assert np.ptp(track.xy[:, INDEX["left_ankle"], 0][track.seen]) < 50
    assert sorted(int(track.seen.sum()) for track in found.tracks) == [len(TIME) - 1, len(TIME)]


def test_numbers_of_the_file_are_kept(tmp_path: Path) -> None:
    rows = coco_results([[one] for one in squats()["xy"][:6]])
    for number, row in enumerate(rows):
        row["track_id"] = 7 if number < 3 else 4
    found = read_landmarks(write(tmp_path / "ids.json", rows))
    assert [track.seen.tolist() for track in found.tracks] == [
        [False] * 3 + [True] * 3,
        [True] * 3 + [False] * 3,
    ]


def test_a_frame_that_openpose_left_out_is_a_gap(tmp_path: Path) -> None:
    folder = openpose_folder(tmp_path / "json", [[one] for one in squats()["xy"][:5]], 18)
    (folder / "squat_000000000002_keypoints.json").unlink()
    (track,) = read_landmarks(folder).tracks
    assert track.seen.tolist() == [True, True, False, True, True]
    assert track.visibility[0, INDEX["left_heel"]] == 0 and np.isnan(track.xy[0, INDEX["left_heel"]]).all()


def test_annotations_follow_the_images_and_their_flags(tmp_path: Path) -> None:
    rows = coco_results([[one] for one in squats()["xy"][:2]])
    for row, ident in zip(rows, (900, 17), strict=True):
        row["image_id"], row["num_keypoints"] = ident, 17
        row["keypoints"][2::3] = [2] * 16 + [1]
    images = [
        {"id": 17, "file_name": "b10.jpg"},
        {"id": 900, "file_name": "b9.jpg"},
        {"id": 5, "file_name": "a.jpg"},
    ]
    found = read_landmarks(write(tmp_path / "a.json", {"images": images, "annotations": rows}))
    (track,) = found.tracks
    assert track.seen.tolist() == [False, True, True]
    assert track.visibility[1, INDEX["nose"]] == 1 and track.visibility[1, INDEX["right_ankle"]] == 0.5


def test_a_single_frame(tmp_path: Path) -> None:
    path = write(tmp_path / "one.json", coco_results([[squats()["xy"][0]]]))
    engine = PlayedLandmarks(read_landmarks(path))
    (body,) = engine.push(frame(0))
    assert np.isfinite(body.keypoints.xy).all() and np.isfinite(body.keypoints.world).all()
    assert engine.push(frame(1)) == []


def test_pictures_that_were_shrunk_and_a_later_start(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", coco_results([[one] for one in squats()["xy"][:10]]))
    half = PlayedLandmarks(read_landmarks(path), size=SIZE, first=4).push(frame(0, (640, 360)))
    nose = INDEX["nose"]
    np.testing.assert_allclose(half[0].keypoints.xy[nose], squats()["xy"][4, nose] / 2, rtol=1e-5)


def test_the_file_of_another_video_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", coco_results([[squats()["xy"][0] + 5000]]))
    with pytest.raises(ExchangeError, match="outside of the pictures"):
        PlayedLandmarks(read_landmarks(path)).push(frame(0))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: no JSON"),
        ('[{"image_id": 0,\n "keypoints": [1, 2', "line 2: no JSON, or cut off"),
        ("[]", "holds nobody in 0 frames"),
        ("[null, null]", "holds nobody in 2 frames"),
        ("3", "no form that is known"),
        ('{"version": 1}', "no form that is known"),
        ('[{"image_id": 0, "keypoints": [1, 2, 0.5, 1, 2, 0.5]}]', "bodies of 2 keypoints; known are 17"),
        ('[{"image_id": 0, "keypoints": [1, 2, 3, 4]}]', "damaged"),
        ('[{"image_id": "a", "keypoints": [1, 2, 3]}]', "no number of a frame"),
        ('[{"keypoints": [1, 2, 3]}]', "KeyError"),
        ('{"instance_info": [{"instances": [{"keypoints": [[1, 2]]}]}]}', "KeyError"),
        ('{"instance_info": 5}', "damaged"),
        ('[[{"x": "left"}]]', "damaged"),
        ("[" * 5000, "no JSON|cannot be read"),
    ],
)
def test_damaged_files_are_told(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(ExchangeError, match=said):
        read_landmarks(path)


def test_a_damaged_folder_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="holds no JSON"):
        read_landmarks(tmp_path)
    with pytest.raises(ExchangeError, match="cannot be read"):
        read_landmarks(tmp_path / "missing.json")
    folder = openpose_folder(tmp_path / "json", [[squats()["xy"][0]]] * 2)
    (folder / "squat_000000000001_keypoints.json").write_text(json.dumps({"people": [{}]}))
    with pytest.raises(ExchangeError, match=r"000001_keypoints\.json is not as OpenPose"):
        read_landmarks(folder)


@pytest.mark.parametrize("clip", ["squat-1", "squat-2", "deadlift-2"])
def test_a_rendered_body_as_coco_keypoints(clip: str, shared: Path, tmp_path: Path) -> None:
    truth = json.loads(gzip.decompress((shared / "rendered" / f"{clip}.json.gz").read_bytes()))
    bodies = np.full((len(truth["frames"]), 33, 2), np.nan)
    for number, one in enumerate(truth["frames"]):
        for name, place in one["xy"].items():
            bodies[number, INDEX[name]] = place
    path = write(tmp_path / "coco.json", coco_results([[one] for one in bodies]))
    motion = played(path, frames=len(bodies), size=tuple(truth["size"]))
    person = coach_person(motion, find_exercise(truth["exercise"]))
    assert person.count == sum(rep["scale"] > 0.5 for rep in truth["reps"])
    turned = float(np.nanmedian(motion.values["azimuth"]))
    # near the front a turn hardly narrows the shoulders
    assert turned == pytest.approx(truth["azimuth_deg"], abs=12 if abs(truth["azimuth_deg"]) > 45 else 25)
