"""What is said of a set of photos before anything is trained with it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer

from spotter.cli.app import run
from spotter.cli.recognizer.check import check_command
from spotter.recognizer.alike import alike_pairs, read_prints
from spotter.recognizer.check import Finding, PhotoCheck, check_photos
from spotter.recognizer.layouts import assumed_groups, read_photos
from spotter.report.recognizer.check import check_html

Image = np.ndarray


def scene(seed: int, side: int = 160) -> Image:
    """A picture with coarse shapes and fine edges."""
    rng = np.random.default_rng(seed)
    image = cv2.resize(
        rng.integers(40, 215, (8, 8, 3), np.uint8), (side, side), interpolation=cv2.INTER_CUBIC
    )
    for _ in range(60):
        one, other = (tuple(int(place) for place in rng.integers(0, side, 2)) for _ in range(2))
        cv2.line(image, one, other, tuple(int(value) for value in rng.integers(0, 255, 3)), 1)
    return image


def save(path: Path, image: Image, *options: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(path.suffix, image, list(options))[1].tobytes())
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two good classes of 31 and 33 photos."""
    for seed in range(64):
        save(tmp_path / "set" / ("hand" if seed < 31 else "face") / f"{seed}.jpg", scene(seed))
    return tmp_path / "set"


def finding(check: PhotoCheck, kind: str) -> Finding:
    (found,) = (one for one in check.findings if one.kind == kind)
    return found


def names(found: Finding) -> list[list[str]]:
    return [[path.name for path in case.paths] for case in found.cases]


def test_good_photos(folder: Path) -> None:
    check = check_photos(read_photos(folder))
    assert [one.kind for one in check.findings] == ["no_groups"]
    assert check.trainable and check.groups is None
    assert [(one.name, one.photos, one.groups) for one in check.classes] == [
        ("face", 33, 33),
        ("hand", 31, 31),
    ]
    assert check.sides.shape == (64, 2) and np.all(check.sides == 160)


@pytest.mark.parametrize(
    ("copy", "kind"),
    [
        (lambda image: image, "duplicates"),
        (lambda image: cv2.imdecode(cv2.imencode(".jpg", image, [1, 40])[1], 1), "near_duplicates"),
        (lambda image: cv2.resize(image, (100, 100), interpolation=cv2.INTER_AREA), "near_duplicates"),
        (lambda image: cv2.convertScaleAbs(image, alpha=0.7, beta=10), "near_duplicates"),
        (lambda image: cv2.cvtColor(cv2.cvtColor(image, 6), 8), "near_duplicates"),
        (
            lambda image: cv2.warpAffine(
                image, cv2.getRotationMatrix2D((80, 80), 2, 1), (160, 160), borderMode=cv2.BORDER_REFLECT
            ),
            "near_duplicates",
        ),
    ],
    ids=["same", "jpeg", "smaller", "darker", "grey", "turned"],
)
def test_copies_are_found(folder: Path, copy: object, kind: str) -> None:
    image = cv2.imread(str(folder / "hand" / "3.jpg"))
    if kind == "duplicates":
        shutil.copy(folder / "hand" / "3.jpg", folder / "hand" / "copy.jpg")
    else:
        save(folder / "hand" / "copy.jpg", copy(image))  # type: ignore[operator]
    check = check_photos(read_photos(folder))
    assert names(finding(check, kind)) == [["3.jpg", "copy.jpg"]]


def test_a_copy_in_another_class_is_worse(folder: Path) -> None:
    shutil.copy(folder / "hand" / "3.jpg", folder / "face" / "x.jpg")
    shutil.copy(folder / "hand" / "3.jpg", folder / "hand" / "y.jpg")
    check = check_photos(read_photos(folder))
    found = finding(check, "two_classes")
    assert names(found) == [["x.jpg", "3.jpg", "y.jpg"]]
    assert found.cases[0].why == "the same file as face and hand"
    assert check.findings[0] is found
    assert "duplicates" not in [one.kind for one in check.findings]


def test_copies_and_people_across_parts(tmp_path: Path) -> None:
    for seed in range(32):
        part = "train" if seed % 4 else "val"
        save(tmp_path / part / ("hand" if seed < 16 else "face") / f"person{seed}_0.jpg", scene(seed))
    save(tmp_path / "val" / "hand" / "person99_0.jpg", scene(1), 1, 60)
    save(tmp_path / "val" / "face" / "person2_1.jpg", scene(77))
    photos = read_photos(tmp_path)
    check = check_photos(photos, assumed=assumed_groups(photos, tmp_path))
    assert names(finding(check, "across_parts")) == [["person1_0.jpg", "person99_0.jpg"]]
    assert [case.why for case in finding(check, "group_across_parts").cases] == [
        "person2: 1 for training, 1 for validation"
    ]
    assert "33 different" in finding(check, "assumed").cases[0].why
    assert [(one.train, one.validation) for one in check.classes] == [(12, 5), (12, 5)]


def test_pictures_that_all_look_alike_are_no_copies(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    paths = []
    for number in range(60):
        eye = np.zeros((160, 160, 3), np.uint8)
        cv2.circle(eye, (80, 80), 72, (40, 90, 190), -1)
        cv2.circle(eye, tuple(int(one) for one in rng.integers(60, 100, 2)), 12, (120, 220, 250), -1)
        for _ in range(12):
            ends = rng.integers(30, 130, (2, 2)).tolist()
            cv2.line(eye, ends[0], ends[1], (20, 40, 120), 2)
        paths.append(save(tmp_path / f"{number}.png", eye))
    paths.append(save(tmp_path / "copy.jpg", cv2.imread(str(paths[7])), 1, 50))
    assert alike_pairs(read_prints(paths)) == [(7, 60)]


def test_flat_pictures_are_like_no_other(tmp_path: Path) -> None:
    paths = [save(tmp_path / f"{i}.png", np.full((50, 50, 3), 100 + i, np.uint8)) for i in range(3)]
    assert alike_pairs(read_prints(paths)) == []
    assert alike_pairs(read_prints([])) == []


def test_blurred_and_small_pictures(folder: Path) -> None:
    save(folder / "hand" / "blurred.jpg", cv2.GaussianBlur(scene(91), (0, 0), 6))
    save(folder / "hand" / "small.jpg", cv2.resize(scene(92), (70, 41)))
    check = check_photos(read_photos(folder))
    assert names(finding(check, "blurred")) == [["blurred.jpg"]]
    assert finding(check, "small").cases[0].why == "70 by 41 pixels"
    assert names(finding(check, "small")) == [["small.jpg"]]


def test_balance_and_people(tmp_path: Path) -> None:
    for seed in range(47):
        name = f"hand/person{seed % 3}_{seed}.jpg" if seed < 40 else f"face/person{seed}_0.jpg"
        save(tmp_path / name, scene(seed, 80))
    check = check_photos(read_photos(tmp_path, group="person(\\d+)"))
    assert [case.why for case in finding(check, "few").cases] == ["face: 7"]
    assert [case.why for case in finding(check, "few_groups").cases] == ["hand: 3"]
    assert finding(check, "imbalance").cases[0].why == "40 photos of hand, 7 of face"
    assert check.groups == 10


def test_the_same_set_gives_the_same_answer(folder: Path) -> None:
    first, again = (check_photos(read_photos(folder)) for _ in range(2))
    assert (first.classes, first.findings) == (again.classes, again.findings)


def test_the_page_is_one_file_with_everything_in_it(folder: Path) -> None:
    (folder / "<b>foot").mkdir()
    (folder / "hand" / "text.jpg").write_text("no picture")
    page = check_html(check_photos(read_photos(folder)), folder)
    assert page.count("data:image/jpeg") == 64
    assert "&lt;b&gt;foot" in page and "<b>foot" not in page
    assert "http://" not in page and "https://" not in page
    assert "hand/text.jpg is not a picture" in page and str(folder) not in page
    assert "Nothing can be trained" in page


def command(arguments: list[str]) -> int:
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(check_command)
    return run(lambda: app(arguments))


def test_the_command(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "hand" / "Ümläut text.jpg").write_text("no picture")
    page = tmp_path / "out" / "page.html"
    assert command([str(folder), "--out", str(page)]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "hand       31" in said.err and "Ümläut text.jpg" in said.err and str(page) in said.err
    assert page.read_text("utf-8").startswith("<!doctype html>")


def test_the_command_says_json_and_nothing_else(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command([str(folder), "--out", str(tmp_path / "a.html"), "--json", "--group", r"\d+"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    document = json.loads(said.out)
    assert document["trainable"] is True and document["photos"] == 64 and document["groups"] == 64
    assert document["classes"][1] == {"name": "hand", "photos": 31, "train": 0, "validation": 0, "groups": 31}
    assert document["shorter_side_px"] == {"least": 160, "most": 160}


def test_the_exit_code_is_12_only_where_training_is_impossible(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "a.html"
    shutil.rmtree(folder / "face")
    assert command([str(folder), "--out", str(page)]) == 12
    assert "one class only, hand" in capsys.readouterr().err
    assert page.is_file()
    assert command([str(folder), "--layout", "heap"]) == 2
    assert command([str(folder / "gone")]) == 3


def test_a_thousand_photos_take_seconds(shared: Path) -> None:
    import time

    photos = read_photos(shared / "photos" / "body-parts", group=r"person(\d+)")
    begin = time.perf_counter()
    check = check_photos(photos)
    assert time.perf_counter() - begin < 10
    assert len(check.photos) == 904
    assert ["person0306_0.jpg", "person0306_1.jpg"] in names(finding(check, "near_duplicates"))
