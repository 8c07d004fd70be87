"""Collecting crops: the right place, only good ones, nothing lost, and thrown out on request."""

from __future__ import annotations

import csv
import json
import threading
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from typer import Typer
from typer.testing import CliRunner

from spotter.body.keypoints import INDEX, LANDMARKS, Body, Keypoints
from spotter.cli.recognizer.collect import collect_command, discard_command
from spotter.errors import DatasetError, OutputError, UsageError
from spotter.media.frame import Frame
from spotter.media.reader import open_media
from spotter.recognizer.collect import Collected, CollectSettings, collect
from spotter.recognizer.collection import (
    DISCARDED_NAME,
    TABLE_NAME,
    Collection,
    crop_files,
    discard,
    read_collected,
    read_list,
)
from spotter.recognizer.crops import MOST_SIDE, Crop, contrast, covers, cut, difference, sharpness
from spotter.recognizer.layouts import read_photos
from spotter.recognizer.parts import Place, find_parts, part_names
from spotter.report.recognizer.review import REVIEW_PAGE, write_review

CLIP = Path(__file__).parents[2] / "examples" / "squat.mp4"
HEIGHT, WIDTH, SCALE = 1000, 900, 400.0  # of the picture, and its pixels a metre

STANDING = {
    "nose": (0, -0.72, -0.2), "left_eye_inner": (0.02, -0.75, -0.18), "left_eye": (0.03, -0.75, -0.18),
    "left_eye_outer": (0.05, -0.75, -0.17), "left_ear": (0.08, -0.73, -0.08),
    "mouth_left": (0.03, -0.67, -0.17),
    "left_shoulder": (0.18, -0.5, 0), "left_elbow": (0.3, -0.25, 0), "left_wrist": (0.42, -0.02, 0),
    "left_pinky": (0.47, 0.05, 0), "left_index": (0.44, 0.07, 0), "left_thumb": (0.41, 0.03, 0),
    "left_hip": (0.1, 0, 0), "left_knee": (0.12, 0.42, 0), "left_ankle": (0.13, 0.82, 0),
    "left_heel": (0.12, 0.86, 0.04), "left_foot_index": (0.2, 0.89, -0.12),
}  # fmt: skip
"""A person from the front, arms held away; metres from the middle of the hips."""


def person(**moved: tuple[float, float, float]) -> Body:
    """The standing person, symmetrical but for the landmarks that were moved."""
    world = np.zeros((33, 3), np.float32)
    for name in LANDMARKS:
        twin = name.replace("right", "left")
        x, y, z = STANDING[twin]
        world[INDEX[name]] = (x if twin == name else -x, y, z)
    for name, place in moved.items():
        world[INDEX[name]] = place
    xy = world[:, :2] * SCALE + (WIDTH / 2, HEIGHT / 2)
    sure = np.ones(33, np.float32)
    return Body(1, Keypoints(xy.astype(np.float32), world, sure, sure), 1.0)


def changed(body: Body, **arrays: NDArray[np.float32]) -> Body:
    return replace(body, keypoints=replace(body.keypoints, **arrays))


def hidden(body: Body, *names: str) -> Body:
    visibility = body.keypoints.visibility.copy()
    visibility[[INDEX[name] for name in names]] = 0.3
    return changed(body, visibility=visibility)


def found(body: Body, *others: Body, smallest: int = 48) -> dict[str, Place | str]:
    """What was found by part and side; of two sides that cannot be told apart, both reasons."""
    parts: dict[str, Place | str] = {}
    for one in find_parts(body, others, HEIGHT, WIDTH, smallest):
        if isinstance(one, Place):
            parts[f"{one.side} {one.part}".strip()] = one
        else:
            parts[one[0]] = one[1]
    return parts


def inside(place: Place | str, body: Body, *names: str) -> bool:
    assert isinstance(place, Place), place
    spots = body.keypoints.xy[[INDEX[name] for name in names]] - (place.left, place.top)
    return bool(((spots >= 0) & (spots <= place.size)).all())


def crop(part: str = "hand", person: int = 1, time_s: float = 1.5, seed: int = 0, mask: bool = True) -> Crop:
    image = np.random.default_rng(seed).integers(0, 256, (60, 60, 3), np.uint8)
    place = Place(part, "left", 0, 0, 60, 0.9, np.array([[20, 20], [40, 40]], np.float32))
    subject = np.full((60, 60), 255, np.uint8) if mask else None
    body = Body(person, Keypoints.empty(), 1.0)
    return cut(image, subject, body, place, time_s)


def test_every_part_of_a_person_who_is_well_seen_is_found_on_both_sides() -> None:
    body = person()
    parts = found(body)
    limbs = ("hand", "lower_arm", "upper_arm", "lower_leg", "upper_leg", "foot")
    assert set(parts) == {
        "face",
        "torso",
        *(f"{side} {limb}" for side in ("left", "right") for limb in limbs),
    }
    assert {one.part for one in parts.values() if isinstance(one, Place)} == set(part_names())
    assert inside(parts["face"], body, "nose", "left_ear", "right_ear", "mouth_left")
    assert inside(parts["left hand"], body, "left_wrist", "left_index", "left_pinky", "left_thumb")
    assert not inside(parts["left hand"], body, "left_elbow")
    assert inside(parts["right lower_arm"], body, "right_elbow", "right_wrist")
    assert inside(parts["left upper_arm"], body, "left_shoulder", "left_elbow")
    assert not inside(parts["left upper_arm"], body, "left_wrist")
    assert inside(parts["right lower_leg"], body, "right_knee", "right_ankle")
    assert not inside(parts["right lower_leg"], body, "right_hip")
    assert inside(parts["left foot"], body, "left_heel", "left_foot_index", "left_ankle")
    assert inside(parts["torso"], body, "left_shoulder", "right_hip")
    sizes = {name: one.size / SCALE for name, one in parts.items() if isinstance(one, Place)}
    assert 0.2 <= sizes["left hand"] <= 0.26 and 0.23 <= sizes["face"] <= 0.35


@pytest.mark.parametrize(
    ("body", "part", "why"),
    [
        (hidden(person(), "left_wrist", "right_wrist"), "lower_arm", "hidden"),
        (hidden(person(), "mouth_left"), "face", "hidden"),
        (person(nose=(0, -0.72, 0.1)), "face", "hidden"),  # from behind
        (person(left_wrist=(0.32, -0.22, -0.25)), "lower_arm", "seen from its end"),
        (person(left_wrist=(0.2, -0.48, -0.1)), "upper_arm", "folded"),
        (person(left_wrist=(0.02, -0.72, -0.3)), "face", "something in front"),
        (
            person(left_wrist=(0.1, 0.2, -0.2), left_index=(0.1, 0.24, -0.2)),
            "upper_leg",
            "something in front",
        ),
        (person(left_ankle=(0.13, 1.4, 0)), "lower_leg", "outside the picture"),
    ],
)
def test_a_part_that_is_not_well_seen_is_left_out_with_the_reason(body: Body, part: str, why: str) -> None:
    assert found(body)[part] == why


def test_parts_that_are_too_small_or_behind_somebody_else_are_left_out() -> None:
    assert found(person(), smallest=95)["hand"] == "too small"
    assert set(found(person(), person()).values()) == {"something in front"}  # exactly in front
    aside = person()
    aside = changed(aside, xy=aside.keypoints.xy + np.float32(2000))
    assert len(found(person(), aside)) == 14


def test_a_body_of_which_nothing_is_known_has_no_parts() -> None:
    assert set(found(Body(1, Keypoints.empty(), 0.0)).values()) == {"hidden"}


def test_squares_stay_inside_the_picture_at_its_edge() -> None:
    body = person()
    before = found(body)["face"]
    assert isinstance(before, Place)
    for over, wanted in ((-3, 3), (3, 0), (20, None)):
        raised = changed(body, xy=body.keypoints.xy - np.array([0, before.top + over], np.float32))
        face = found(raised)["face"]
        assert (
            face == "outside the picture"
            if wanted is None
            else isinstance(face, Place) and face.top == wanted
        )


def test_sharpness_falls_with_blur_and_looks_at_the_person_only() -> None:
    tiles = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    image = tiles.repeat(8, 0).repeat(8, 1)
    soft = [np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8) for sigma in (1, 2, 4)]
    values = [sharpness(one) for one in (image, *soft)]
    assert values == sorted(values, reverse=True) and values[0] > 2 * values[-1]
    mask = np.zeros((128, 128), np.uint8)
    mask[:, :64] = 255
    moved = np.where(mask[..., None] > 0, soft[2], image)
    assert sharpness(moved, mask) == pytest.approx(values[3], abs=0.05)
    assert sharpness(moved) > 1.3 * sharpness(moved, mask)
    assert sharpness(np.full((64, 64, 3), 7, np.uint8)) == 0


def test_a_fade_lowers_contrast() -> None:
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    pale = np.asarray(image * 0.2 + 200, np.uint8)
    assert contrast(pale) < 0.3 * contrast(image)


def test_difference_is_of_the_person_and_not_of_the_background_or_the_light() -> None:
    mask = np.zeros((64, 64), np.uint8)
    mask[16:48, 16:48] = 255
    first = np.random.default_rng(0).integers(50, 150, (64, 64, 3), np.uint8)
    other = np.random.default_rng(1).integers(50, 150, (64, 64, 3), np.uint8)
    body = Body(1, Keypoints.empty(), 1.0)
    place = Place("hand", "left", 0, 0, 64, 1.0, np.zeros((1, 2), np.float32))

    def made(image: NDArray[np.uint8]) -> Crop:
        return cut(image, mask, body, place, 0.0)

    elsewhere = np.where(mask[..., None] > 0, first, other)
    assert difference(made(first), made(first)) == 0
    assert difference(made(first), made(first + np.uint8(40))) < 0.5
    assert difference(made(first), made(np.asarray(elsewhere, np.uint8))) < 3
    assert difference(made(first), made(other)) > 6


def test_a_mask_that_misses_the_limb_does_not_cover_it() -> None:
    mask = np.zeros((100, 100), np.uint8)
    mask[:50] = 255
    ends = np.array([[20, 10], [60, 40]], np.float32)
    place = Place("lower_arm", "left", 0, 0, 60, 1.0, ends)
    assert covers(mask, place)
    assert not covers(mask, replace(place, points=ends + np.float32(45)))


def test_large_crops_are_shrunk_and_hold_no_frame_in_memory() -> None:
    frame = np.zeros((900, 900, 3), np.uint8)
    body = Body(1, Keypoints.empty(), 1.0)
    for size in (100, 800):
        place = Place("torso", "", 10, 20, size, 1.0, np.zeros((1, 2), np.float32))
        image = cut(frame, frame[..., 0], body, place, 0.0).image
        assert image.shape[0] == min(size, MOST_SIDE) and image.base is None


def test_a_collection_can_be_added_to_and_keeps_its_table(tmp_path: Path) -> None:
    first = Collection(tmp_path)
    assert first.add(crop(), "me") and first.add(crop("foot", person=2, time_s=61.237, mask=False), "me")
    first.save_table()
    again = Collection(tmp_path)
    assert not again.add(crop(), "me"), "it is there already"
    assert again.add(crop(time_s=2.5), "me") and again.count("hand") == 2
    again.save_table()
    assert set(read_collected(tmp_path)) == {
        "hand/me_person1_00001.50s.jpg",
        "hand/me_person1_00002.50s.jpg",
        "foot/me_person2_00061.24s.jpg",
    }
    assert cv2.imread(str(tmp_path / "hand/me_person1_00001.50s.mask.png"), -1).shape == (60, 60)
    assert not list(tmp_path.glob("foot/*.mask.png"))
    photos = read_photos(tmp_path)
    assert photos.counts() == {"foot": 1, "hand": 2}
    assert {photo.group for photo in photos.photos} == {"me_person1", "me_person2"}


def test_discarded_crops_are_moved_with_their_mask_and_do_not_come_back(tmp_path: Path) -> None:
    collection = Collection(tmp_path)
    collection.add(crop(), "me")
    collection.add(crop(time_s=2.5), "me")
    collection.save_table()
    name = "hand/me_person1_00001.50s.jpg"
    done = discard(tmp_path, [name, name, "hand/never.jpg"])
    assert done.moved == (name,) and done.gone == ("hand/never.jpg",)
    away = tmp_path / DISCARDED_NAME
    assert (away / name).is_file() and (away / name).with_suffix(".mask.png").is_file()
    assert [file.name for file in crop_files(tmp_path / "hand")] == ["me_person1_00002.50s.jpg"]
    assert list(read_collected(tmp_path)) == ["hand/me_person1_00002.50s.jpg"]
    assert list(read_collected(away)) == [name]
    assert not Collection(tmp_path).add(crop(), "me")
    assert discard(tmp_path, ["hand/me_person1_00002.50s.jpg"]).moved
    assert read_collected(tmp_path) == {} and len(read_collected(away)) == 2


@pytest.mark.parametrize("name", ["../secret.jpg", "/etc/hosts", "hand/../../secret.jpg"])
def test_nothing_outside_the_folder_can_be_discarded(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "crops"
    folder.mkdir()
    (tmp_path / "secret.jpg").write_text("stays")
    with pytest.raises(UsageError, match="outside"):
        discard(folder, [name])
    assert (tmp_path / "secret.jpg").is_file()


def test_wrong_folders_lists_and_tables_are_said_so(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is not a folder"):
        discard(tmp_path / "none", [])
    with pytest.raises(UsageError, match=r"list\.txt"):
        read_list(tmp_path / "list.txt")
    (tmp_path / "list.txt").write_text("# comment\n\n hand/a.jpg \n", "utf-8")
    assert read_list(tmp_path / "list.txt") == ["hand/a.jpg"]
    (tmp_path / TABLE_NAME).write_text("name,age\nx,3\n")
    with pytest.raises(DatasetError, match="no table of collected crops"):
        Collection(tmp_path)


@pytest.mark.parametrize("values", [{"most": 0}, {"per_second": 0.0}, {"per_second": 99.0}, {"smallest": 3}])
def test_settings_that_make_no_sense_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        CollectSettings(**values)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def harvest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Collected]:
    """What the example's first seconds give."""
    out = tmp_path_factory.mktemp("harvest")
    with open_media(CLIP, end_s=5.0) as source:
        return out, collect(source, "squat", out, CollectSettings(smallest=40))


def test_a_video_gives_crops_of_the_body(harvest: tuple[Path, Collected]) -> None:
    out, result = harvest
    assert result.people == 1 and result.warning is None
    assert set(result.kept) == set(part_names())
    assert sum(count > 0 for count in result.kept.values()) >= 6
    for part, count in result.kept.items():
        files = crop_files(out / part)
        assert len(files) == count <= 6
        times = sorted(float(file.stem[-9:-1]) for file in files)
        assert all(0 <= time_s <= 5 for time_s in times)
        assert count or result.why_not[part]
    with (out / TABLE_NAME).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(result.kept.values())
    assert all(float(row["sharpness"]) >= 0.3 and float(row["visibility"]) >= 0.8 for row in rows)
    for photo in read_photos(out).photos:
        assert photo.group == "squat_person1" and photo.mask is not None
        assert cv2.imread(str(photo.path)).shape[:2] == cv2.imread(str(photo.mask)).shape[:2]


def test_the_crops_show_what_they_should(harvest: tuple[Path, Collected]) -> None:
    """The rendered body wears white shoes and a red shirt; its face is of skin's colour."""
    out, _ = harvest

    def middle(part: str) -> NDArray[np.float64]:
        pictures = [cv2.imread(str(file))[..., ::-1] for file in crop_files(out / part)]
        return np.mean(
            [
                one[len(one) // 3 : -len(one) // 3, len(one) // 3 : -len(one) // 3].mean((0, 1))
                for one in pictures
            ],
            axis=0,
        )

    red, green, blue = middle("torso")
    assert red > 1.5 * green and red > 1.5 * blue
    assert middle("foot").min() > 120
    red, green, blue = middle("face")
    assert red > green > blue and red > 120


def test_a_stop_keeps_what_was_collected(tmp_path: Path) -> None:
    stop = threading.Event()
    seen = 0

    def on_frame(frame: Frame) -> None:
        nonlocal seen
        seen += 1
        if frame.time_s > 1.4:
            stop.set()

    with open_media(CLIP) as source:
        result = collect(source, "squat", tmp_path, on_frame=on_frame, stop=stop)
    assert seen < 60
    assert sum(result.kept.values()) == len(read_collected(tmp_path)) > 0


def test_a_full_folder_gets_no_more(tmp_path: Path) -> None:
    with open_media(CLIP, end_s=2.0) as source:
        result = collect(source, "squat", tmp_path, CollectSettings(most=1, smallest=40))
    assert max(result.kept.values()) == 1
    full = [part for part, count in result.kept.items() if count]
    with open_media(CLIP, start_s=2.0, end_s=3.5) as source:
        again = collect(source, "squat", tmp_path, CollectSettings(most=1, smallest=40))
    assert all(again.kept[part] == 0 for part in full)
    assert all(again.why_not[part] == "enough of it" for part in full if part in again.why_not)


def test_a_folder_that_cannot_be_written_to_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OutputError, match="could not be written"):
        Collection(tmp_path / "file").add(crop(), "me")


def test_the_review_page_shows_every_crop_and_loads_nothing(harvest: tuple[Path, Collected]) -> None:
    out, result = harvest
    page = write_review(out).read_text("utf-8")
    assert page.count('class="crop"') == sum(result.kept.values())
    for part in part_names():
        for file in crop_files(out / part):
            assert f'data-name="{part}/{file.name}"' in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")
    assert page.count("data:image/jpeg") == sum(result.kept.values())


def test_the_commands_collect_and_discard(tmp_path: Path) -> None:
    app = Typer()
    app.command("collect")(collect_command)
    app.command("discard")(discard_command)
    out = tmp_path / "my crops"
    arguments = ["collect", str(CLIP), "--out", str(out), "--seconds", "1.5", "--smallest", "40", "--json"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    kept = json.loads(result.stdout)["videos"][0]["kept"]
    assert sum(kept.values()) == len(read_collected(out)) > 0
    assert (out / REVIEW_PAGE).is_file()
    name = next(iter(read_collected(out)))
    (tmp_path / "list.txt").write_text(f"{name}\n")
    result = CliRunner().invoke(app, ["discard", str(out), str(tmp_path / "list.txt"), "--json"])
    assert json.loads(result.stdout) == {"moved": [name], "gone": []}
    assert name not in (out / REVIEW_PAGE).read_text("utf-8")


@pytest.mark.parametrize("arguments", [[], ["video.mp4", "--camera", "0"], ["video.mp4", "--seconds", "0"]])
def test_the_command_refuses_what_makes_no_sense(arguments: list[str]) -> None:
    app = Typer()
    app.command()(collect_command)
    assert isinstance(CliRunner().invoke(app, arguments).exception, UsageError)
