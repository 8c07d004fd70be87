"""``spotter segment``: every file that it writes, and what is in it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

import spotter
from spotter import segmentation
from spotter.body.part_map import PARTS, PartMap
from spotter.cli.app import app, run
from spotter.media.frame import Frame
from spotter.media.reader import open_media, read_picture
from spotter.media.writer import VideoWriter
from spotter.segmenter.layouts_coco import read_coco
from spotter.segmenter.layouts_labels import read_labels
from tests.media.conftest import write_clip
from tests.part_material import Reader, figures, painted, read_map, write_picture, write_video

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def readers(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The fast engine finds what the pictures are painted with; the list grows with every engine opened."""
    opened: list[int] = []

    def fast(most: int) -> Callable[[], Reader]:
        def open_one() -> Reader:
            opened.append(most)
            return Reader()

        return open_one

    monkeypatch.setattr(segmentation, "_fast", fast)
    return opened


def segment(*words: object) -> int:
    return run(lambda: app(["segment", *map(str, words)], standalone_mode=False))


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


def document(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "segments.json").read_text())
    return found


def test_a_picture_becomes_maps_an_overlay_coco_and_areas(tmp_path: Path) -> None:
    labels, people = figures(60, 70, 5, 40)
    picture = write_picture(tmp_path / "two friends.png", labels, people)
    out = tmp_path / "out"
    assert segment(picture, "--out", out) == 0
    assert names(out) == {
        "two friends_parts.png", "two friends_people.png", "two friends_overlay.jpg",
        "segments.json", "areas.csv",
    }  # fmt: skip
    assert (read_labels(out / "two friends_parts.png") == labels).all()
    assert (read_labels(out / "two friends_people.png") == people).all()
    overlay = read_picture(out / "two friends_overlay.jpg")
    assert overlay.shape == (60, 70, 3) and np.abs(overlay.astype(int) - painted(labels, people)).max() > 40
    found = document(out)
    (image,) = found["images"]
    assert image == {
        "id": 1, "width": 70, "height": 60, "file_name": "two friends.png",
        "part_map": "two friends_parts.png", "people_map": "two friends_people.png",
    }  # fmt: skip
    assert len(found["annotations"]) == 2 * 15
    assert {one["track_id"] for one in found["annotations"]} == {1, 2}, "as in the map of people"
    table = rows(out / "areas.csv")
    assert [(row["file"], row["time_s"], row["person"]) for row in table] == [
        ("two friends.png", "", "1"), ("two friends.png", "", "2"),
    ]  # fmt: skip
    assert int(table[0]["body"]) == (people == 1).sum()
    assert [int(table[1][name]) for name in PARTS] == [
        ((people == 2) & (labels == label)).sum() for label in range(1, 15)
    ]


def test_a_picture_of_nobody_is_no_error(tmp_path: Path) -> None:
    empty = np.zeros((20, 30), np.uint8)
    picture = write_picture(tmp_path / "wall.png", empty, empty)
    assert segment(picture, "--out", tmp_path / "out") == 0
    assert not read_labels(tmp_path / "out" / "wall_parts.png").any()
    assert not read_labels(tmp_path / "out" / "wall_people.png").any()
    found = document(tmp_path / "out")
    assert found["annotations"] == [] and len(found["images"]) == 1
    assert rows(tmp_path / "out" / "areas.csv") == []
    overlay = read_picture(tmp_path / "out" / "wall_overlay.jpg").astype(int)
    assert np.abs(overlay - painted(empty, empty)).max() < 6, "the picture as it is"


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 5), (10, 4000), (4000, 10)])
def test_odd_sizes(tmp_path: Path, height: int, width: int) -> None:
    labels = np.full((height, width), 2, np.uint8)
    picture = write_picture(tmp_path / "odd.png", labels, np.ones_like(labels))
    assert segment(picture, "--out", tmp_path / "out", "--background", "blur", "--legend") == 0
    out = tmp_path / "out"
    assert (read_labels(out / "odd_parts.png") == labels).all()
    assert read_picture(out / "odd_overlay.jpg").shape == (height, width, 3)
    assert document(out)["annotations"][0]["area"] == height * width


def test_a_video_becomes_a_video_with_true_times(tmp_path: Path) -> None:
    times = [0.0, 0.1, 0.25, 0.3, 0.9, 1.0]
    images = [painted(*figures(160, 96, 4 * index, scale=4)) for index in (0, 1, 2, 1, 0, 1)]
    video = write_clip(tmp_path / "walk.mp4", images, times=times, codec_options={"crf": "4"})
    out = tmp_path / "out"
    assert segment(video, "--out", out, "--maps", 2) == 0
    assert names(out) == {
        "walk_parts.mp4", "walk_parts", "walk_parts/000000.png", "walk_parts/000002.png",
        "walk_parts/000004.png", "segments.json", "areas.csv",
    }  # fmt: skip
    with open_media(out / "walk_parts.mp4") as drawn:
        shown = list(drawn)
        assert (drawn.info.width, drawn.info.height) == (96, 160)
    assert [frame.time_s for frame in shown] == pytest.approx(times, abs=2e-3)
    found = document(out)
    assert [one["frame"] for one in found["images"]] == list(range(6))
    assert [one["time_s"] for one in found["images"]] == pytest.approx(times, abs=2e-3)
    assert {one["file_name"] for one in found["images"]} == {"walk.mp4"}
    assert [one.get("part_map") for one in found["images"]] == [
        "walk_parts/000000.png", None, "walk_parts/000002.png", None, "walk_parts/000004.png", None,
    ]  # fmt: skip
    with open_media(video) as source:
        maps = [read_map(frame.image) for frame in source]
    for index in (0, 2, 4):
        assert (read_labels(out / f"walk_parts/{index:06d}.png") == maps[index].labels).all()
    table = rows(out / "areas.csv")
    assert [float(row["time_s"]) for row in table] == pytest.approx(times, abs=2e-3)
    assert [row["person"] for row in table] == ["5"] * 6, "a video's people keep the engine's numbers"
    assert [int(row["torso"]) for row in table] == [one.areas(5)["torso"] for one in maps]


def test_a_phones_video_is_upright(tmp_path: Path) -> None:
    upright = painted(*figures(160, 96, 8, scale=4))
    lying = np.ascontiguousarray(np.rot90(upright))
    video = write_clip(tmp_path / "phone.mp4", [lying] * 4, clockwise_deg=90, codec_options={"crf": "4"})
    out = tmp_path / "out"
    assert segment(video, "--out", out, "--maps", 1, "--background", "remove") == 0
    labels = read_labels(out / "phone_parts/000000.png")
    assert labels.shape == (160, 96)
    assert (labels == figures(160, 96, 8, scale=4)[0]).mean() > 0.97
    for name in ("phone_parts.mp4", "phone_cutout.mp4"):
        with open_media(out / name) as drawn:
            assert (drawn.info.width, drawn.info.height) == (96, 160)


def test_only_the_wanted_part_of_a_video(tmp_path: Path) -> None:
    video = write_video(tmp_path / "walk.mp4")
    assert segment(video, "--out", tmp_path / "out", "--start", 0.3, "--end", 0.7) == 0
    found = document(tmp_path / "out")
    assert [one["time_s"] for one in found["images"]] == pytest.approx([0.3, 0.4, 0.5, 0.6], abs=2e-3)


def test_maps_of_a_run_before_do_not_stay(tmp_path: Path) -> None:
    video, out = write_video(tmp_path / "walk.mp4"), tmp_path / "out"
    assert segment(video, "--out", out, "--maps", 1) == 0
    (out / "walk_parts" / "mine.png").write_text("not Spotter's")
    assert segment(video, "--out", out, "--maps", 5) == 0
    assert names(out / "walk_parts") == {"000000.png", "000005.png", "000010.png", "mine.png"}


@pytest.mark.parametrize("kind", ["blur", "remove", "#ff8000", "picture"])
def test_people_before_another_background(tmp_path: Path, kind: str) -> None:
    scene = figures(160, 96, 8, scale=4)
    picture = write_picture(tmp_path / "ada.png", *scene)
    video = write_video(tmp_path / "walk.mp4", frames=3)
    red = tmp_path / "red.png"
    cv2.imwrite(str(red), np.full((20, 20, 3), (0, 0, 255), np.uint8))
    out, given = tmp_path / "out", str(red) if kind == "picture" else kind
    assert segment(picture, video, "--out", out, "--background", given) == 0
    behind = {"blur": (8, 20, 90), "remove": (0, 177, 64), "#ff8000": (255, 128, 0), "picture": (255, 0, 0)}
    if kind == "remove":
        cutout = cv2.imread(str(out / "ada_cutout.png"), cv2.IMREAD_UNCHANGED)
        assert cutout.shape == (160, 96, 4) and cutout[0, 0, 3] == 0 and cutout[50, 48, 3] == 255
    else:
        corner = read_picture(out / "ada_cutout.jpg")[2, 2].astype(int)
        assert np.abs(corner - behind[kind]).max() < 20
    with open_media(out / "walk_cutout.mp4") as drawn:
        frames = list(drawn)
    assert len(frames) == 3
    assert np.abs(frames[0].image[150, 92].astype(int) - behind[kind]).max() < 40
    torso = painted(*figures(160, 96, 0, scale=4))[50, 40].astype(int)
    assert np.abs(frames[0].image[50, 40].astype(int) - torso).max() < 20


def test_a_folder_is_all_pictures_and_videos_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    write_picture(folder / "ada10.png", *figures(40, 20, 0))
    write_picture(folder / "ada9.bmp", *figures(40, 20, 0))
    write_video(folder / "walk.mp4", frames=2)
    (folder / "notes.txt").write_text("no picture")
    out = tmp_path / "out"
    assert segment(folder, "--out", out, "--json", "--quiet") == 0
    found = document(out)
    assert [one["file_name"] for one in found["images"]] == ["ada9.bmp", "ada10.png", "walk.mp4", "walk.mp4"]
    assert {"ada9_parts.png", "ada10_parts.png", "walk_parts.mp4"} <= names(out)


def test_sources_of_the_same_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    for folder, left in (("a", 0), ("b", 20)):
        (tmp_path / folder).mkdir()
        write_picture(tmp_path / folder / "ada.png", *figures(40, 60, left))
    out = tmp_path / "out"
    assert segment(tmp_path / "a", tmp_path / "b" / "ada.png", "--out", out) == 0
    first, second = (read_labels(out / f"{stem}_parts.png") for stem in ("ada", "ada-2"))
    assert (first[:, :20] == second[:, 20:40]).all() and not second[:, :20].any()


def test_json_is_one_document_that_says_what_was_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = write_picture(tmp_path / "ada.png", *figures(40, 20, 0))
    (tmp_path / "bad.jpg").write_text("no picture")
    out = tmp_path / "out"
    assert (
        segment(picture, tmp_path / "bad.jpg", write_video(tmp_path / "w.mp4", 2), "--out", out, "--json")
        == 5
    )
    said = capsys.readouterr()
    printed = json.loads(said.out)
    assert (printed["engine"], printed["interrupted"]) == ("fast", False)
    assert printed["files"] == [str(out / "segments.json"), str(out / "areas.csv")]
    first, second, third = printed["sources"]
    assert (first["kind"], first["width"], first["height"], first["people"]) == ("picture", 20, 40, [1])
    assert first["files"] == [str(out / f"ada_{what}") for what in ("parts.png", "people.png", "overlay.jpg")]
    assert list(second) == ["path", "error"] and "not a picture" in second["error"]
    assert (third["kind"], third["frames"], third["people"]) == ("video", 2, [5])
    assert all(Path(file).is_file() for one in (first, third) for file in one["files"])
    assert said.err.count("spotter: ") == 1


def test_each_source_gets_an_engine_of_its_own(tmp_path: Path, readers: list[int]) -> None:
    pictures = [write_picture(tmp_path / f"{i}.png", *figures(40, 20, 0)) for i in range(3)]
    assert segment(*pictures, "--out", tmp_path / "out", "--max-people", 7) == 0
    assert readers == [7] * 4, "one is opened before the work, to see whether it can be"


def test_what_is_written_can_be_trained_with(tmp_path: Path) -> None:
    """The JSON beside the pictures is a data set as ``spotter segmenter train`` reads it."""
    from spotter.segmenter.data_check import Findings

    labels, people = figures(60, 70, 5, 40)
    write_picture(tmp_path / "two.png", labels, people)
    assert segment(tmp_path / "two.png", "--out", tmp_path / "out") == 0
    (tmp_path / "out" / "segments.json").rename(tmp_path / "instances.json")
    found = Findings()
    (annotated,) = read_coco(tmp_path, found).unsplit
    assert len(annotated.instances) == 30
    whole = {one.ident for one in annotated.instances if one.label == 1}
    assert {one.person for one in annotated.instances if one.label > 1} == whole


def test_the_python_name_gives_frames_and_maps(tmp_path: Path) -> None:
    video = write_video(tmp_path / "walk.mp4", frames=3)
    pairs = list(spotter.segment(video))
    assert [round(frame.time_s, 3) for frame, _ in pairs] == [0.0, 0.1, 0.2]
    for frame, found in pairs:
        assert isinstance(frame, Frame) and isinstance(found, PartMap)
        assert found.labels.shape == frame.image.shape[:2]
        assert found.areas(5)["torso"] > 1000
    own = next(iter(spotter.segment(video, Reader(), start_s=0.1)))
    assert own[0].time_s == pytest.approx(0.1)
    with pytest.raises(spotter.SpotterError, match="slow"):
        next(iter(spotter.segment(video, "slow")))  # type: ignore[arg-type]


def test_the_example_in_the_documentation_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = (ROOT / "docs" / "parts.md").read_text("utf-8").split("```python\n")[1:]
    (example,) = (block.partition("```")[0] for block in blocks if "spotter.segment" in block)
    write_video(tmp_path / "squat.mp4", frames=3)
    monkeypatch.chdir(tmp_path)
    exec(example, {})
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [float(line[0]) for line in lines] == pytest.approx([0.0, 0.1, 0.2], abs=2e-3)
    assert all(int(line[1]) == 5 and int(line[2]) > int(line[3]) > 0 for line in lines)


def test_a_long_video_is_finished_with_what_was_seen_when_it_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os
    import signal

    class Stopping(Reader):
        """Presses Ctrl-C when it is at the fifth frame; the writer may be a few frames behind."""

        def push(self, frame: Frame) -> PartMap:
            if frame.index == 4:
                os.kill(os.getpid(), signal.SIGINT)
            return super().push(frame)

    monkeypatch.setattr(segmentation, "_fast", lambda most: Stopping)
    videos = [write_video(tmp_path / name, frames=10) for name in ("a.mp4", "b.mp4")]
    assert segment(*videos, "--out", tmp_path / "out", "--json") == 130
    seen = [one["frame"] for one in document(tmp_path / "out")["images"]]
    assert seen == list(range(len(seen))) and 1 <= len(seen) < 10
    with open_media(tmp_path / "out" / "a_parts.mp4") as drawn:
        assert len(list(drawn)) == len(seen)
    assert "b_parts.mp4" not in names(tmp_path / "out")


def test_a_damaged_video_is_done_to_its_damage_and_the_user_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    scene = painted(*figures(160, 96, 8, scale=4)).astype(int)
    images = [(scene + rng.integers(-7, 8, scene.shape)).clip(0, 255).astype(np.uint8) for _ in range(40)]
    whole = write_clip(tmp_path / "whole.mkv", images)
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert segment(cut, "--out", tmp_path / "out", "--json") == 0
    (source,) = json.loads(capsys.readouterr().out)["sources"]
    assert 0 < source["frames"] < 40
    with av.open(str(tmp_path / "out" / "cut_parts.mp4")) as drawn:
        assert sum(1 for _ in drawn.decode(video=0)) == source["frames"]


def test_the_writer_is_not_asked_for_more_than_was_written(tmp_path: Path) -> None:
    """A video of a single frame of odd size."""
    with VideoWriter(tmp_path / "one.mp4", 21, 41, 30) as video:
        video.write(painted(*figures(41, 21, 0)), 0.0)
    assert segment(tmp_path / "one.mp4", "--out", tmp_path / "out") == 0
    assert len(document(tmp_path / "out")["images"]) == 1
