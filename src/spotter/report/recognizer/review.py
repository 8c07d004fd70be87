"""The page on which collected crops are looked through, and bad ones marked to be thrown out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from spotter.errors import DatasetError
from spotter.media.writing import write_text
from spotter.recognizer.collection import crop_files, read_collected
from spotter.report.recognizer.thumbnails import thumbnail_uris
from spotter.report.shell import Tile, page_html
from spotter.report.templates import asset, fragment
from spotter.report.words import counted

REVIEW_PAGE = "review.html"
LIST_NAME = "discard.txt"

_SIDE = 128


@dataclass(frozen=True, slots=True)
class _Crop:
    """One crop on the page: its name in the list, its picture, and where it came from."""

    name: str
    uri: str
    about: str


@dataclass(frozen=True, slots=True)
class _Group:
    """The crops of one class."""

    name: str
    crops: tuple[_Crop, ...]


def write_review(folder: Path) -> Path:
    """Write review.html into a folder of classes: every crop, to be marked with mouse or keyboard.

    The page saves a list, and ``spotter recognizer discard FOLDER LIST`` moves what is on it. The pictures
    are inside the page, so that it can be sent to somebody else.

    Returns:
        Its path.

    Raises:
        DatasetError: if the folder is not there.
        OutputError: if it cannot be written.
    """
    if not folder.is_dir():
        raise DatasetError(f"{folder} is not a folder; give the one that spotter recognizer collect made")
    groups = _groups(folder)
    count = sum(len(group.crops) for group in groups)
    body = fragment(
        "recognizer/review.html.j2",
        css=Markup(asset("recognizer/review.css")),
        groups=groups,
        count=count,
        folder=folder.resolve().name,
        list_name=LIST_NAME,
    )
    classes = counted(len(groups), "class", "classes")
    page = page_html(
        "Look through",
        body,
        meta=f"{folder.resolve().name}: {counted(count, 'crop', 'crops')} of {classes}",
        tiles=[Tile(str(len(group.crops)), group.name.replace("_", " ")) for group in groups],
        script=asset("recognizer/review.js"),
    )
    path = folder / REVIEW_PAGE
    write_text(path, page)
    return path


def _groups(folder: Path) -> list[_Group]:
    rows = read_collected(folder)
    groups = []
    for entry in sorted(entry for entry in folder.iterdir() if entry.is_dir() and entry.name[0] != "."):
        files = crop_files(entry)
        uris = thumbnail_uris(files, _SIDE, whole=True)
        crops = []
        for file, uri in zip(files, uris, strict=True):
            name = f"{entry.name}/{file.name}"
            if uri is not None:  # of another one, spotter recognizer check says what is wrong with it
                crops.append(_Crop(name, uri, _about(rows.get(name))))
        if crops:
            groups.append(_Group(entry.name, tuple(crops)))
    return groups


def _about(row: dict[str, str] | None) -> str:
    """A line about a crop; empty for one that was not collected."""
    if row is None:
        return ""
    return f"{row['video']}, person {row['person']}, {float(row['time_s']):.1f} s, {row['pixels']} px"
