"""Finding videos and pictures in folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from spotter.errors import MediaNotFoundError, MediaUnreadableError
from spotter.media.reader import list_media, open_media


def fill(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


@pytest.mark.parametrize(
    ("present", "listed"),
    [
        (["set10.mp4", "set9.MP4", "Set1.mov"], ["Set1.mov", "set9.MP4", "set10.mp4"]),
        (["a.mp4", "b.jpg", "notes.txt", "truth.json"], ["a.mp4"]),
        (["a.mp4", ".hidden.mp4", "._a.mp4"], ["a.mp4"]),
        (["a.mp4", "deeper/b.mp4", "folder.mp4/c.txt"], ["a.mp4"]),
        (["2-1.mkv", "2-10.mkv", "2-2.mkv", "10-1.mkv"], ["2-1.mkv", "2-2.mkv", "2-10.mkv", "10-1.mkv"]),
    ],
)
def test_the_videos_of_a_folder(tmp_path: Path, present: list[str], listed: list[str]) -> None:
    fill(tmp_path, *present)
    assert [path.name for path in list_media(tmp_path)] == listed


def test_a_file_stands_for_itself_and_a_folder_of_pictures_is_one_source(tmp_path: Path) -> None:
    fill(tmp_path, "1.jpg", "2.jpg", "notes.txt")
    assert list_media(tmp_path) == [tmp_path]
    assert list_media(str(tmp_path / "notes.txt")) == [tmp_path / "notes.txt"]


@pytest.mark.parametrize("present", [[], ["notes.txt"], [".hidden.mp4"], ["deeper/a.mp4"]])
@pytest.mark.parametrize("use", [list_media, open_media])
def test_a_folder_with_nothing_in_it(tmp_path: Path, present: list[str], use: object) -> None:
    fill(tmp_path, *present)
    with pytest.raises(MediaNotFoundError, match=r"looked for videos \(.*\.mp4.*\) and pictures \(.*\.jpg"):
        use(tmp_path)  # type: ignore[operator]


def test_a_folder_of_videos_is_not_one_source(tmp_path: Path) -> None:
    fill(tmp_path, "b.mp4", "a.mp4")
    with pytest.raises(MediaNotFoundError, match=r"give one of them: .*a\.mp4"):
        open_media(tmp_path)


def test_what_is_not_there_is_not_listed(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFoundError, match="is not there"):
        list_media(tmp_path / "nothing")


def test_a_folder_that_may_not_be_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(MediaUnreadableError, match="no permission"):
        list_media(tmp_path)
