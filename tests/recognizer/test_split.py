"""Who is trained with and who is held back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from spotter.errors import DatasetError, UsageError
from spotter.recognizer.dataset import Part, Photo, PhotoSet
from spotter.recognizer.layouts import read_photos
from spotter.recognizer.split import split_photos, why_untrainable

NOWHERE = Path("nowhere")


def made(spec: dict[str, list[str | None]], parts: dict[int, Part] | None = None) -> PhotoSet:
    """Photos that are not on the disk: each class with the group of each of its photos."""
    photos = [
        Photo(NOWHERE / label / f"{number}.jpg", (label,), group)
        for label, groups in spec.items()
        for number, group in enumerate(groups)
    ]
    for index, part in (parts or {}).items():
        photos[index] = replace(photos[index], part=part)
    return PhotoSet(tuple(photos), tuple(spec))


def groups(photos: PhotoSet) -> set[str | None]:
    return {photo.group for photo in photos.photos}


@pytest.mark.parametrize("seed", range(4))
def test_nobody_is_on_both_sides_and_classes_are_in_balance(seed: int) -> None:
    rng = np.random.default_rng(seed)
    spec = {
        name: [f"p{one}" for one in rng.integers(0, 60, count)]
        for name, count in (("face", 300), ("hand", 150), ("foot", 40))
    }
    photos = made(spec)
    train, held = split_photos(photos, seed=seed)
    assert not groups(train) & groups(held)
    assert sorted(photo.path for photo in (*train.photos, *held.photos)) == sorted(
        p.path for p in photos.photos
    )
    for name, count in photos.counts().items():
        assert held.counts()[name] / count == pytest.approx(0.2, abs=0.03)


def test_a_rare_class_of_two_people_is_on_both_sides() -> None:
    spec = {"face": [f"p{i // 10}" for i in range(300)], "scar": ["p3"] * 30 + ["p7"]}
    for seed in range(5):
        train, held = split_photos(made(spec), seed=seed)
        assert train.counts()["scar"] and held.counts()["scar"]
        assert not groups(train) & groups(held)


def test_photos_of_nobody_are_each_their_own() -> None:
    train, held = split_photos(made({"a": [None] * 50, "b": [None] * 30}), validation=0.3)
    assert held.counts() == {"a": 15, "b": 9}
    assert train.counts() == {"a": 35, "b": 21}


def test_the_same_seed_gives_the_same_division() -> None:
    photos = made({"a": [f"p{i % 17}" for i in range(80)], "b": [f"p{i % 13}" for i in range(60)]})
    first, again, other = (split_photos(photos, seed=seed)[1].photos for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_several_labels_are_each_in_balance() -> None:
    rng = np.random.default_rng(1)
    photos = PhotoSet(
        tuple(
            Photo(NOWHERE / f"{i}.jpg", tuple(name for name in "abc" if rng.random() < 0.3), f"p{i // 2}")
            for i in range(400)
        ),
        ("a", "b", "c"),
        multilabel=True,
    )
    _, held = split_photos(photos)
    for name, count in photos.counts().items():
        assert held.counts()[name] / count == pytest.approx(0.2, abs=0.02)
    empty = sum(not photo.labels for photo in photos.photos)
    assert sum(not photo.labels for photo in held.photos) / empty == pytest.approx(0.2, abs=0.03)


def test_one_label_that_some_photos_have_and_some_have_not() -> None:
    photos = tuple(Photo(NOWHERE / f"{i}.jpg", ("ill",) if i % 2 else ()) for i in range(40))
    _, held = split_photos(PhotoSet(photos, ("ill",), multilabel=True))
    assert held.counts() == {"ill": 4} and len(held) == 8


def test_given_parts_are_respected_and_others_join_their_group() -> None:
    spec: dict[str, list[str | None]] = {
        "a": ["p1", "p1", "p2", "p2", None, None],
        "b": ["p1", "p2", None, None],
    }
    photos = made(spec, {0: "train", 2: "validation"})
    train, held = split_photos(photos)
    assert {"p1"} <= groups(train) and {"p2"} <= groups(held)
    assert not groups(train) & groups(held) - {None}
    every = made(
        {"a": ["p1", "p1"], "b": ["p1", "p1"]}, {0: "train", 1: "validation", 2: "train", 3: "validation"}
    )
    assert [len(part) for part in split_photos(every)] == [2, 2]


def test_the_order_of_photos_is_kept() -> None:
    photos = made({"a": [None] * 20, "b": [None] * 20})
    for part in split_photos(photos):
        order = [photos.photos.index(photo) for photo in part.photos]
        assert order == sorted(order)


def noisy(path: Path, seed: int) -> Path:
    rng = np.random.default_rng(seed)
    image = cv2.resize(rng.integers(0, 255, (9, 9, 3), np.uint8), (90, 90), interpolation=cv2.INTER_CUBIC)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), image)
    return path


def test_copies_of_a_photo_stay_together(tmp_path: Path) -> None:
    for seed in range(40):
        label = "ab"[seed % 2]
        path = noisy(tmp_path / label / f"{seed}.png", seed)
        copy = cv2.resize(cv2.convertScaleAbs(cv2.imread(str(path)), alpha=0.8), (70, 70))
        cv2.imwrite(str(path.with_name(f"copy {seed}.jpg")), copy)
    photos = read_photos(tmp_path)
    train, held = split_photos(photos)
    names = [{photo.path.stem.removeprefix("copy ") for photo in part.photos} for part in (train, held)]
    assert len(held) == 16
    assert not names[0] & names[1]


def test_copies_are_parted_where_a_class_had_none_on_one_side_otherwise(tmp_path: Path) -> None:
    for seed in range(20):
        noisy(tmp_path / "a" / f"{seed}.png", seed)
        noisy(tmp_path / "b" / f"{seed}.png", 99)
    train, held = split_photos(read_photos(tmp_path))
    assert train.counts()["b"] == 16 and held.counts()["b"] == 4


@pytest.mark.parametrize(
    ("photos", "says"),
    [
        (made({"hand": ["a", "b"]}), "one class only, hand (2 photos)"),
        (made({"hand": ["a", "b"], "foot": [], "face": []}), "no photos of foot and of face"),
        (made({"hand": ["a", "b"], "face": ["c"]}), "one photo of face only (0.jpg)"),
        (made({"hand": ["a", "b"], "face": ["c"] * 5}), "all 5 photos of face are of one group, c"),
        (
            made({"hand": ["a", None], "face": ["c", "d"]}, {2: "train", 3: "train"}),
            "all 2 photos of face are marked train",
        ),
        (
            made({"a": ["1"] * 9 + ["2"] * 9, "b": ["2"] * 9 + ["3"] * 9, "c": ["1"] * 9 + ["3"] * 9}),
            "cannot be divided so that",
        ),
    ],
)
def test_what_cannot_be_divided_is_told(photos: PhotoSet, says: str) -> None:
    with pytest.raises(DatasetError) as raised:
        split_photos(photos)
    assert says in str(raised.value)
    assert ":" in str(raised.value)


def test_everything_that_is_missing_is_told_at_once() -> None:
    assert len(why_untrainable(made({"hand": ["a"], "face": ["a"], "foot": ["b", "c"]}))) == 2


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5, float("nan")])
def test_a_wrong_share_is_refused(share: float) -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        split_photos(made({"a": [None] * 9, "b": [None] * 9}), validation=share)


def test_the_body_parts_by_person(shared: Path) -> None:
    photos = read_photos(shared / "photos" / "body-parts", group=r"person(\d+)")
    train, held = split_photos(photos)
    assert not groups(train) & groups(held)
    for name, count in photos.counts().items():
        assert abs(held.counts()[name] - 0.2 * count) <= 2
