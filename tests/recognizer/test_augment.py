"""Augmentation: the same for the same seed in any order, and each operation does what its name says."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from typer import Typer
from typer.testing import CliRunner

from spotter.cli.recognizer.augment import SHEET_NAME, augment_command
from spotter.errors import DatasetError, UsageError
from spotter.recognizer import augment_ops as ops
from spotter.recognizer.augment import Augmenter, AugmentSettings, Operation
from spotter.recognizer.augment_files import write_augmented
from spotter.recognizer.augment_sheet import augmentation_sheet
from spotter.recognizer.dataset import Photo, PhotoSet
from spotter.recognizer.layouts import read_photos

RANDOM = np.random.default_rng


def picture(side: int = 64, seed: int = 0) -> NDArray[np.uint8]:
    """Smooth blobs of colour, not symmetrical, no channel like another."""
    coarse = RANDOM(seed).integers(40, 216, (6, 6, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)


def disc(side: int = 64) -> NDArray[np.uint8]:
    mask = np.zeros((side, side), np.uint8)
    return np.asarray(cv2.circle(mask, (side // 2, side // 2), side // 4, 255, -1), np.uint8)


def save_photos(folder: Path, names: list[str]) -> None:
    for seed, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), picture(40, seed))


def test_copies_depend_on_seed_photo_and_copy_and_on_nothing_else() -> None:
    squares = np.stack([picture(seed=i) for i in range(5)])
    masks = [disc(), None, disc(), disc(), None]
    whole = Augmenter(seed=3).expand(squares, 4, masks)
    assert whole.shape == (20, 64, 64, 3) and whole.dtype == np.uint8
    alone = Augmenter(seed=3)
    for number in RANDOM(0).permutation(20):  # in another order, in one thread
        index, copy = divmod(int(number), 4)
        one = alone.augment(squares[index], index, copy, masks[index], squares)
        assert (one == whole[number]).all()
    assert (whole[::4] == squares).all(), "copy 0 is the photo"
    other = Augmenter(seed=4).expand(squares, 4, masks)
    changed = [(a != b).any() for a, b in zip(whole, other, strict=True)]
    assert sum(changed) >= 14


def test_the_picture_that_went_in_is_not_changed() -> None:
    photo = picture()
    before = photo.copy()
    for name in AugmentSettings.names():
        Augmenter(AugmentSettings.only(name)).augment(photo, 0, 1, disc())
    assert (photo == before).all()


@pytest.mark.parametrize("name", AugmentSettings.names())
def test_each_operation_alone_changes_something(name: str) -> None:
    augmenter = Augmenter(AugmentSettings.only(name), seed=1)
    photo = ops.noisy(picture(224), 8.0, RANDOM(0))  # with grain, for blur and sharpening
    copies = [augmenter.augment(photo, 0, copy, disc(224)) for copy in range(1, 9)]
    assert sum((copy != photo).any() for copy in copies) >= 7  # no channel may be drawn for inversion
    assert all(copy.shape == photo.shape and copy.flags.c_contiguous for copy in copies)


def test_nothing_happens_where_no_operation_has_a_probability() -> None:
    never = AugmentSettings(**{one.name: Operation(0.0) for one in fields(AugmentSettings)})
    assert (Augmenter(never).augment(picture(), 0, 1, disc()) == picture()).all()


def test_operations_happen_as_often_as_they_should() -> None:
    often = AugmentSettings.only("brightness", 20.0)
    often = replace(often, brightness=replace(often.brightness, probability=0.3))
    copies = Augmenter(often).expand(np.full((1, 16, 16, 3), 100, np.uint8), 1001)[1:]
    assert (copies.max((1, 2, 3)) > 100).mean() == pytest.approx(0.3, abs=0.05)


@pytest.mark.parametrize(
    ("name", "strength", "wanted"),
    [
        ("flip_horizontal", 0.0, lambda image: image[:, ::-1]),
        ("flip_vertical", 0.0, lambda image: image[::-1]),
        ("rotation", 90.0, lambda image: np.rot90(image, -1)),
        ("rotation", 180.0, lambda image: image[::-1, ::-1]),
        ("brightness", 25.0, lambda image: cv2.add(image, (25.0, 25.0, 25.0, 0.0))),
        ("scale", 1.0, lambda image: image),
        ("contrast", 1.0, lambda image: image),
        ("saturation", 1.0, lambda image: image),
        ("tint", 1.0, lambda image: image),
    ],
)
def test_exact_operations(name: str, strength: float, wanted: object) -> None:
    assert callable(wanted)
    copy = Augmenter(AugmentSettings.only(name, strength)).augment(picture(65), 0, 1)
    assert np.abs(copy.astype(int) - np.asarray(wanted(picture(65))).astype(int)).max() <= 1


def test_a_shift_moves_by_its_share_of_the_side() -> None:
    copy = Augmenter(AugmentSettings.only("shift", 0.125)).augment(picture(), 0, 1)
    assert np.abs(copy[8:, 8:].astype(int) - picture()[:-8, :-8]).max() <= 1


def test_colours_are_changed_in_one_go_as_they_are_one_by_one() -> None:
    image = np.full((4, 4, 3), (60, 120, 180), np.uint8)
    both = ops.inverted(ops.contrasted(ops.identity_colours(), 0.5), np.array([True, False, False]))
    assert ops.coloured(image, both)[0, 0].tolist() == [255 - 94, 124, 154]
    grey = ops.coloured(image, ops.saturated(ops.identity_colours(), 0.0))[0, 0]
    assert np.ptp(grey) == 0 and abs(int(grey[0]) - 109) <= 1


@pytest.mark.parametrize("deviation", [2.0, 10.0])
def test_noise_is_normal_and_has_the_deviation_asked_for(deviation: float) -> None:
    image = np.full((224, 224, 3), 128, np.uint8)
    noise = ops.noisy(image, deviation, RANDOM(0)).astype(float) - 128
    assert abs(noise.mean()) < 0.1
    assert noise.std() == pytest.approx(deviation, rel=0.06)
    inside = (np.abs(noise) + 0.5 < 1.5 * deviation).mean()  # levels are whole numbers
    assert inside == pytest.approx(0.866, abs=0.08)


def test_blur_takes_detail_away_and_sharpening_adds_it() -> None:
    image = cv2.GaussianBlur(RANDOM(0).integers(0, 256, (64, 64, 3), np.uint8), (0, 0), 1.5)
    assert ops.blurred(image, 1.0).std() < image.std() < ops.sharpened(image, 0.8, 1.0).std()


def test_cut_out_hides_small_squares_only() -> None:
    for seed in range(20):
        hidden = (ops.cut_out(picture(100), 0.18, RANDOM(seed)) != picture(100)).any(2)
        assert 0 < hidden.mean() <= 3 * 0.18**2 + 1e-9


@pytest.mark.parametrize("seed", range(12))  # all four kinds of background come up
def test_a_background_is_replaced_and_the_subject_stays(seed: int) -> None:
    image, mask = picture(128), disc(128)
    others = np.stack([picture(128, seed=9)])
    copy = Augmenter(AugmentSettings.only("background"), seed).augment(image, 0, 1, mask, others)
    apart = np.abs(copy.astype(int) - image).max(2)
    inner = cv2.erode(mask, np.ones((9, 9), np.uint8)) > 127
    outer = cv2.dilate(mask, np.ones((9, 9), np.uint8)) < 127
    assert apart[inner].max() <= 2
    assert np.median(apart[outer]) > 10


@pytest.mark.parametrize("mask", [None, np.zeros((64, 64), np.uint8), np.full((64, 64), 255, np.uint8)])
def test_a_background_stays_where_no_mask_says_what_it_is(mask: NDArray[np.uint8] | None) -> None:
    copy = Augmenter(AugmentSettings.only("background")).augment(picture(), 0, 1, mask)
    assert (copy == picture()).all()


@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (16, 200), (301, 37)])
def test_pictures_of_odd_shapes_go_through_everything(shape: tuple[int, int]) -> None:
    photo = RANDOM(0).integers(0, 256, (*shape, 3), np.uint8)
    for name in AugmentSettings.names():
        assert Augmenter(AugmentSettings.only(name)).augment(photo, 0, 1).shape == (*shape, 3)


@pytest.mark.parametrize("values", [(-0.1, 0, 1), (1.1, 0, 1), (0.5, 2, 1), (float("nan"), 0, 1)])
def test_operations_that_make_no_sense_are_refused(values: tuple[float, float, float]) -> None:
    with pytest.raises(UsageError):
        Operation(*values)


def test_copies_are_written_beside_their_photo_with_the_group_in_the_name(tmp_path: Path) -> None:
    source = tmp_path / "my phötos"
    save_photos(source, ["hand/person1_a.jpg", "hand/b.jpg", "face/person1_a.jpg", "face/c.jpg"])
    (source / "face" / "text.jpg").write_text("no picture")
    photos = read_photos(source)
    marked = replace(photos.photos[0], group="person9")
    photos = photos.only((marked, *photos.photos[1:]))
    written = write_augmented(photos, tmp_path / "out", times=3, seed=5, side=32)
    assert (written.photos, written.pictures) == (4, 12)
    assert [one.path.name for one in written.left_out] == ["text.jpg"]
    files = sorted(file.relative_to(tmp_path / "out").as_posix() for file in (tmp_path / "out").rglob("*.*"))
    assert len(files) == 12 and len({Path(file).stem for file in files}) == 12
    assert {"hand/b.jpg", "hand/b_aug1.jpg", "hand/b_aug2.jpg"} < set(files)
    group = re.sub(r"\.jpg$", "", f"face/person9_{marked.path.stem}") + "_aug2.jpg"
    assert group in files
    assert cv2.imread(str(tmp_path / "out" / files[0])).shape == (32, 32, 3)

    write_augmented(photos, tmp_path / "again", times=3, seed=5, side=32)
    write_augmented(photos, tmp_path / "other", times=3, seed=6, side=32)
    same = [(tmp_path / "out" / f).read_bytes() == (tmp_path / "again" / f).read_bytes() for f in files]
    differ = [(tmp_path / "out" / f).read_bytes() != (tmp_path / "other" / f).read_bytes() for f in files]
    assert all(same) and sum(differ) >= 6


def test_validation_photos_are_written_as_they_are(tmp_path: Path) -> None:
    save_photos(tmp_path / "in", ["a.png", "b.png"])
    photos = PhotoSet(
        (
            Photo(tmp_path / "in/a.png", ("hand",), part="train"),
            Photo(tmp_path / "in/b.png", ("hand",), part="validation"),
        ),
        ("hand",),
    )
    write_augmented(photos, tmp_path / "out", times=3, side=32)
    assert len(list((tmp_path / "out/train/hand").iterdir())) == 3
    assert [file.name for file in (tmp_path / "out/validation/hand").iterdir()] == ["b.jpg"]


def test_multi_label_photos_are_written_with_a_table_that_can_be_read_again(tmp_path: Path) -> None:
    save_photos(tmp_path / "in", ["a.png", "b.png", "c.png"])
    labels = {"a": ("cat", "dog"), "b": ("dog",), "c": ("cat",)}
    photos = PhotoSet(
        tuple(Photo(tmp_path / f"in/{name}.png", of, group=f"home {name}") for name, of in labels.items()),
        ("cat", "dog"),
        multilabel=True,
    )
    write_augmented(photos, tmp_path / "out", times=2, side=32)
    again = read_photos(tmp_path / "out")
    assert again.multilabel and len(again) == 6
    assert again.counts() == {"cat": 4, "dog": 4}
    assert {photo.group for photo in again.photos} == {"home a", "home b", "home c"}


@pytest.mark.parametrize(("times", "side"), [(0, 224), (3, 8)])
def test_numbers_that_make_no_sense_are_refused(tmp_path: Path, times: int, side: int) -> None:
    save_photos(tmp_path, ["hand/a.png"])
    with pytest.raises(UsageError):
        write_augmented(read_photos(tmp_path), tmp_path / "out", times=times, side=side)


def test_photos_of_which_none_can_be_read_are_said_so(tmp_path: Path) -> None:
    (tmp_path / "hand").mkdir()
    (tmp_path / "hand" / "a.jpg").write_text("no picture")
    photos = PhotoSet((Photo(tmp_path / "hand/a.jpg", ("hand",)),), ("hand",))
    with pytest.raises(DatasetError, match=r"a\.jpg"):
        write_augmented(photos, tmp_path / "out")
    with pytest.raises(DatasetError):
        augmentation_sheet(photos)


def test_the_command_writes_copies_and_a_sheet(tmp_path: Path) -> None:
    save_photos(tmp_path / "in", ["hand/a.png", "face/b.png"])
    app = Typer()
    app.command()(augment_command)
    out = tmp_path / "out"
    arguments = [str(tmp_path / "in"), "--out", str(out), "--times", "2", "--side", "48", "--json"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["pictures"] == 4
    sheet = cv2.imread(str(out / SHEET_NAME))
    assert sheet.shape[0] > 600 and sheet.shape[1] > 1000
    assert len(list(out.rglob("*.jpg"))) == 4
