"""Collecting crops: from a video into folders, nothing lost, and thrown out on request."""

from __future__ import annotations

import csv
import json
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from typer import Typer
from typer.testing import CliRunner

from spotter.body.keypoints import Body, Keypoints
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
from spotter.recognizer.crops import Crop, cut
from spotter.recognizer.layouts import read_photos
from spotter.recognizer.parts import Place, part_names
from spotter.report.recognizer.review import REVIEW_PAGE, write_review

CLIP = Path(__file__).parents[2] / "examples" / "squat.mp4"


def crop(part: str = "hand", person: int = 1, time_s: float = 1.5, seed: int = 0, mask: bool = True) -> Crop:
    image = np.random.default_rng(seed).integers(0, 256, (60, 60, 3), np.uint8)
    place = Place(part, "left", 0, 0, 60, 0.9, np.array([[20, 20], [40, 40]], np.float32))
    subject = np.full((60, 60), 255, np.uint8) if mask else None
    body = Body(person, Keypoints.empty(), 1.0)
    return cut(image, subject, body, place, time_s)


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


def test_crops_that_a_killed_run_left_without_their_row_get_it(tmp_path: Path) -> None:
    Collection(tmp_path).add(crop(), "me")  # and the table is never saved
    again = Collection(tmp_path)
    assert again.add(crop(), "me")
    again.save_table()
    assert list(read_collected(tmp_path)) == ["hand/me_person1_00001.50s.jpg"]
    assert not list(tmp_path.rglob("*.part"))


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
