"""Photos in folders, in tables, and as ODIR-5K comes."""

from __future__ import annotations

import csv
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from spotter.errors import DatasetError, MediaNotFoundError, MissingExtraError, UsageError
from spotter.recognizer.dataset import PhotoSet
from spotter.recognizer.layouts import assumed_groups, read_photos
from spotter.recognizer.layouts_odir import DIAGNOSES


def touch(root: Path, *names: str) -> Path:
    """Files that need not be pictures: finding photos decodes none."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return root


def table(
    path: Path, rows: Sequence[Sequence[object]], delimiter: str = ",", encoding: str = "utf-8"
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def shown(photos: PhotoSet) -> list[tuple[str, tuple[str, ...]]]:
    return [(photo.path.name, photo.labels) for photo in photos.photos]


def whys(photos: PhotoSet) -> str:
    return "\n".join(one.why for one in photos.left_out)


def test_a_folder_a_class_in_natural_order(tmp_path: Path) -> None:
    touch(tmp_path, "hand/10.jpg", "hand/9.jpg", "hand/2.JPEG", "face/a b.png", "face/ä.webp", "foot/1.gif")
    photos = read_photos(tmp_path)
    assert photos.classes == ("face", "foot", "hand")
    assert [photo.path.name for photo in photos.photos if photo.labels == ("hand",)] == [
        "2.JPEG",
        "9.jpg",
        "10.jpg",
    ]
    assert photos.counts() == {"face": 2, "foot": 1, "hand": 3}
    assert not photos.multilabel and photos.left_out == ()
    assert {photo.part for photo in photos.photos} == {None}


def test_what_lies_about_is_not_a_photo(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "hand/1.jpg",
        "hand/Thumbs.db",
        "hand/.DS_Store",
        "hand/._1.jpg",
        "face/1.jpg",
        ".git/x/1.jpg",
    )
    touch(tmp_path, "__MACOSX/hand/1.jpg", "hand/notes.txt", "hand/clip.mp4", "hand/IMG_1.HEIC", "stray.jpg")
    photos = read_photos(tmp_path)
    assert photos.counts() == {"face": 1, "hand": 1}
    assert {one.path.name for one in photos.left_out} == {"notes.txt", "clip.mp4", "IMG_1.HEIC", "stray.jpg"}
    assert "save it as JPEG" in whys(photos)
    assert "spotter recognizer collect" in whys(photos)
    assert "in no class's folder" in whys(photos)


def test_masks_belong_to_photos(tmp_path: Path) -> None:
    touch(tmp_path, "hand/a.jpg", "hand/a.mask.png", "hand/b.png", "hand/c.mask.png", "face/a.jpg")
    photos = read_photos(tmp_path)
    masks = {photo.path.relative_to(tmp_path).as_posix(): photo.mask for photo in photos.photos}
    assert masks == {"hand/a.jpg": tmp_path / "hand/a.mask.png", "hand/b.png": None, "face/a.jpg": None}
    assert "c.mask.png" in whys(photos)


@pytest.mark.parametrize("held", ["validation", "val", "Valid"])
def test_parts_are_folders(tmp_path: Path, held: str) -> None:
    touch(
        tmp_path,
        "train/hand/1.jpg",
        "train/face/1.jpg",
        f"{held}/hand/2.jpg",
        f"{held}/face/2.jpg",
        "test/hand/3.jpg",
    )
    photos = read_photos(tmp_path)
    assert photos.classes == ("face", "hand")
    assert {photo.path.stem: photo.part for photo in photos.photos} == {"1": "train", "2": "validation"}
    assert "spotter recognizer evaluate" in whys(photos)


def test_train_alone_is_left_to_the_split(tmp_path: Path) -> None:
    photos = read_photos(touch(tmp_path, "train/hand/1.jpg", "train/face/1.jpg", "test/hand/3.jpg"))
    assert {photo.part for photo in photos.photos} == {None}
    assert len(photos) == 2


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    photos = read_photos(touch(tmp_path, "train/1.jpg", "bus/1.jpg", "val/1.jpg"))
    assert photos.classes == ("bus", "train", "val")


def test_folders_below_a_class_belong_to_it(tmp_path: Path) -> None:
    touch(tmp_path, "hand/anna/1.jpg", "hand/anna/2.jpg", "hand/ben/1.jpg", "hand/3.jpg", "face/anna/1.jpg")
    photos = read_photos(tmp_path, group=r"^(\w+)/")
    groups = {photo.path.relative_to(tmp_path).as_posix(): photo.group for photo in photos.photos}
    assert groups == {
        "hand/anna/1.jpg": "anna",
        "hand/anna/2.jpg": "anna",
        "hand/ben/1.jpg": "ben",
        "hand/3.jpg": None,
        "face/anna/1.jpg": "anna",
    }


def test_umlauts_of_two_kinds_are_one_class(tmp_path: Path) -> None:
    one, other = unicodedata.normalize("NFC", "Füße"), unicodedata.normalize("NFD", "Füße")
    touch(tmp_path, f"train/{one}/1.jpg", f"val/{other}/2.jpg", "train/hand/1.jpg", "val/hand/2.jpg")
    assert read_photos(tmp_path).counts() == {one: 2, "hand": 2}


def test_an_empty_class_is_a_class(tmp_path: Path) -> None:
    (tmp_path / "foot").mkdir()
    assert read_photos(touch(tmp_path, "hand/1.jpg")).counts() == {"foot": 0, "hand": 1}


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ((), "neither folders nor a table"),
        (("1.jpg",), "neither folders"),
        (("hand/a.txt",), "a.txt is not a pict"),
    ],
)
def test_a_folder_without_photos(tmp_path: Path, names: tuple[str, ...], says: str) -> None:
    with pytest.raises(DatasetError, match=says) as raised:
        read_photos(touch(tmp_path, *names))
    assert str(tmp_path) in str(raised.value)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFoundError, match="photso"):
        read_photos(tmp_path / "photso")


@pytest.mark.parametrize(
    ("group", "expected"),
    [(r"person(\d+)", ["1", "1", "22"]), (r"person\d+", ["person1", "person1", "person22"]), (".+", None)],
)
def test_who_is_on_a_photo_is_in_its_name(tmp_path: Path, group: str, expected: list[str] | None) -> None:
    names = ["person1_0.jpg", "person1_1.jpg", "person22_0.jpg"]
    photos = read_photos(touch(tmp_path, *(f"hand/{name}" for name in names)), group=group)
    assert [photo.group for photo in photos.photos] == (expected or names)


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        (["person0007_1.jpg", "person0011_0.jpg"], ["person0007", "person0011"]),
        (["Subject-3 b.jpg", "x_subject-4.jpg"], ["Subject-3", "subject-4"]),
        (["12_left.jpg", "12_right.jpg"], ["12", "12"]),
        (["gym_person1_00012.34s.jpg", "run_person1_00001.00s.jpg"], ["gym_person1", "run_person1"]),
        (["IMG1_aug1.jpg", "IMG1_aug2.jpg"], ["IMG1", "IMG1"]),
        (["IMG_1.jpg", "IMG_2.jpg"], [None, None]),
        (["model3.jpg", "superuser9.jpg"], [None, None]),
    ],
)
def test_usual_names_are_understood(tmp_path: Path, names: list[str], groups: list[str | None]) -> None:
    photos = read_photos(touch(tmp_path, *(f"hand/{name}" for name in names)))
    assert [photo.group for photo in photos.photos] == groups
    assert (assumed_groups(photos, tmp_path) is None) == (groups[0] is None)


@pytest.mark.parametrize(
    ("group", "says"), [("person(", "not a regular expression"), (r"subject\d", "in none of the 1")]
)
def test_a_wrong_group_is_told(tmp_path: Path, group: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        read_photos(touch(tmp_path, "hand/1.jpg"), group=group)


@pytest.mark.parametrize("heading", ["file", "Path", "filename", "image", "File Name"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_with_a_label(tmp_path: Path, heading: str, delimiter: str) -> None:
    touch(tmp_path, "a b.jpg", "sub/ü.jpg")
    rows = [[heading, "label", "age"], ["a b.jpg", "hand", "1"], ["sub/ü.jpg", "face", "0"]]
    table(tmp_path / "labels.csv", rows, delimiter, "utf-8-sig")
    for path in (tmp_path, tmp_path / "labels.csv"):
        photos = read_photos(path)
        assert shown(photos) == [("a b.jpg", ("hand",)), ("ü.jpg", ("face",))]
        assert photos.classes == ("face", "hand") and not photos.multilabel


@pytest.mark.parametrize("between", [";", "|", " ; "])
def test_several_labels_in_a_cell(tmp_path: Path, between: str) -> None:
    touch(tmp_path, "1.jpg", "2.jpg", "3.jpg")
    cell = between.join(["hand", "face"])
    photos = read_photos(
        table(tmp_path / "all.csv", [["file", "labels"], ["1.jpg", cell], ["2.jpg", "hand"], ["3.jpg", "-"]])
    )
    assert photos.multilabel
    assert shown(photos) == [("1.jpg", ("hand", "face")), ("2.jpg", ("hand",)), ("3.jpg", ())]


def test_a_column_a_class(tmp_path: Path) -> None:
    touch(tmp_path, *(f"{number}.jpg" for number in range(5)))
    rows = [
        ["image", "patient", "split", "glaucoma", "age", "cataract"],
        ["0.jpg", "p1", "train", 1, 41, 0],
        ["1.jpg", "p1", "val", 1, 50, 1],
        ["2.jpg", "", "", 0, 63, "0.0"],
        ["3.jpg", "p3", "train", "", 70, 1],
        ["4.jpg", "p4", "dev", 1, 70, "maybe"],
    ]
    photos = read_photos(table(tmp_path / "x.csv", rows))
    assert photos.classes == ("glaucoma", "cataract") and photos.multilabel
    assert shown(photos) == [("0.jpg", ("glaucoma",)), ("1.jpg", ("glaucoma", "cataract")), ("2.jpg", ())]
    assert [(photo.group, photo.part) for photo in photos.photos] == [
        ("p1", "train"),
        ("p1", "validation"),
        (None, None),
    ]
    assert "row 5" in whys(photos) and "nothing for glaucoma of 3.jpg" in whys(photos)
    assert "'maybe' for cataract of 4.jpg" in whys(photos)


def test_the_group_may_be_any_column_or_in_the_name(tmp_path: Path) -> None:
    touch(tmp_path, "p1_a.jpg", "p2_a.jpg")
    path = table(
        tmp_path / "x.csv", [["file", "label", "visit"], ["p1_a.jpg", "hand", "7"], ["p2_a.jpg", "face", "7"]]
    )
    assert [photo.group for photo in read_photos(path, group="Visit").photos] == ["7", "7"]
    assert [photo.group for photo in read_photos(path, group=r"p\d").photos] == ["p1", "p2"]


def test_rows_that_cannot_be_used_are_told_with_their_number(tmp_path: Path) -> None:
    touch(tmp_path, "1.jpg", "2.jpg", "3.jpg")
    rows = [
        ["file", "label", "part"],
        ["1.jpg", "hand", "train"],
        [],
        ["2.jpg", "", "train"],
        ["gone.jpg", "hand", "train"],
        ["", "hand", "train"],
        ["1.jpg", "face", "train"],
        ["3.jpg", "face", "tomorrow"],
        ["2.jpg", "face", "test"],
    ]
    photos = read_photos(table(tmp_path / "x.csv", rows))
    assert shown(photos) == [("1.jpg", ("hand",))]
    told = whys(photos).splitlines()
    assert len(told) == 6
    for line, words in zip(
        told,
        [
            "row 4|2.jpg no label",
            "row 5|not there",
            "row 6|no file",
            "row 7|1.jpg a second time",
            "row 8|'tomorrow'",
            "row 9|test",
        ],
        strict=True,
    ):
        assert all(word in line for word in words.split("|")), line


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"file,label\n", "heading only"),
        (b"file,label\nnone.jpg,hand\n", "none.jpg, which is not there"),
        (b"name,label\na.jpg,hand\n", "no column for the photos' files"),
        (b"file,age\na.jpg,31\n", "column of 0 and 1"),
        (b"PK\x03\x04\0\0\0\0", "not a table in text"),
    ],
)
def test_a_table_that_says_nothing(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=says) as raised:
        read_photos(path)
    assert "x.csv" in str(raised.value)


def test_a_table_from_an_old_spreadsheet(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    path = table(tmp_path / "x.csv", [["file", "label"], ["a.jpg", "Füße"]], ";", "cp1252")
    assert read_photos(path).classes == ("Füße",)


def test_several_tables_are_not_guessed_between(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    for name in ("one.csv", "two.csv"):
        table(tmp_path / name, [["file", "label"], ["a.jpg", "hand"]])
    with pytest.raises(DatasetError, match=r"one\.csv, two\.csv"):
        read_photos(tmp_path, layout="csv")


ODIR = ("ID", "Patient Age", "Left-Fundus", "Right-Fundus", *DIAGNOSES)
PATIENTS = [
    (0, 69, "0_left.jpg", "0_right.jpg", 0, 0, 0, 1, 0, 0, 0, 0),
    (1, 57, "1_left.jpg", "1_right.jpg", 1, 0, 0, 0, 0, 0, 0, 0),
    (2, 42, "2_left.jpg", "gone.jpg", 0, 1, 0, 0, 0, 0, 0, 1),
    (3, 50, "3_left.jpg", "3_right.jpg", 0, 1, "", 0, 0, 0, 0, 1),
]


def odir(folder: Path, sheet: str) -> Path:
    names = [str(name) for patient in PATIENTS for name in patient[2:4] if name != "gone.jpg"]
    touch(folder, *(f"ODIR-5K_Training_Dataset/{name}" for name in names))
    rows = [ODIR, *PATIENTS]
    if sheet.endswith(".csv"):
        table(folder / sheet, rows)
    else:
        book = pytest.importorskip("openpyxl").Workbook()
        for row in rows:
            book.active.append(row)
        book.save(folder / sheet)
    return folder


@pytest.mark.parametrize("layout", ["auto", "odir"])
@pytest.mark.parametrize("sheet", ["ODIR-5K_Training_Annotations(Updated)_V2.xlsx", "full_df.csv"])
def test_odir(tmp_path: Path, sheet: str, layout: str) -> None:
    photos = read_photos(odir(tmp_path, sheet), layout=layout)  # type: ignore[arg-type]
    assert photos.classes == tuple(DIAGNOSES.values()) and photos.multilabel
    assert shown(photos) == [
        ("0_left.jpg", ("cataract",)),
        ("0_right.jpg", ("cataract",)),
        ("1_left.jpg", ("normal",)),
        ("1_right.jpg", ("normal",)),
        ("2_left.jpg", ("diabetes", "other")),
    ]
    assert [photo.group for photo in photos.photos] == ["0", "0", "1", "1", "2"]
    assert "gone.jpg, which is not there" in whys(photos)
    assert "0 or 1 for G of 3_left.jpg" in whys(photos)


def test_odir_without_openpyxl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = odir(tmp_path, "a.xlsx")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtraError, match=r"a\.xlsx.*pip install"):
        read_photos(folder)


def test_another_spreadsheet_beside_the_folders_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = pytest.importorskip("openpyxl").Workbook()
    book.active.append(["shopping", "list"])
    book.save(tmp_path / "list.xlsx")
    (tmp_path / "broken.xlsx").write_bytes(b"no zip")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    assert read_photos(touch(tmp_path, "hand/1.jpg", "face/1.jpg")).classes == ("face", "hand")


def test_odir_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no spreadsheet of ODIR-5K"):
        read_photos(touch(tmp_path, "hand/1.jpg"), layout="odir")


def test_the_body_parts(shared: Path) -> None:
    photos = read_photos(shared / "photos" / "body-parts", group=r"person(\d+)")
    assert photos.classes == ("face", "hand", "lower_arm", "lower_leg")
    assert len(photos) == 904 and photos.left_out == ()
    assert all(photo.group is not None and len(photo.group) == 4 for photo in photos.photos)


def test_found_photos_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "großer Fuß").mkdir()
    data = cv2.imencode(".png", np.full((20, 20, 3), 7, np.uint8))[1].tobytes()
    (tmp_path / "großer Fuß" / "mein Bild ü.png").write_bytes(data)
    from spotter.media.pictures import read_picture

    (photo,) = read_photos(tmp_path).photos
    assert read_picture(photo.path).shape == (20, 20, 3)
