"""Finding videos and pictures on disk, and saying clearly why one cannot be used."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from spotter.errors import MediaFormatError, MediaNotFoundError, MediaUnreadableError

VIDEO_EXTENSIONS = frozenset(
    {".3gp", ".asf", ".avi", ".flv", ".gif", ".m2ts", ".m4v", ".mjpeg", ".mjpg", ".mkv", ".mov", ".mp4"}
    | {".mpeg", ".mpg", ".mts", ".ogv", ".ts", ".vob", ".webm", ".wmv"}
)
"""What counts as a video when a folder is looked through; a file given by name may end in anything."""

PICTURE_EXTENSIONS = frozenset(
    {".avif", ".bmp", ".jp2", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}
)
"""What counts as a picture."""


def list_media(path: str | Path) -> list[Path]:
    """The sources that a path on the command line stands for, in natural order (``set2`` before ``set10``).

    A file stands for itself. A folder stands for the videos in it; if it holds no videos but pictures, the
    folder itself is one source. Folders inside it and hidden files are left alone.

    Raises:
        MediaNotFoundError: if nothing is there, or the folder holds neither videos nor pictures.
        MediaUnreadableError: if the folder may not be looked into.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("set10.mp4", "set2.mp4", "notes.txt"):
    ...         Path(folder, name).touch()
    ...     [video.name for video in list_media(folder)]
    ['set2.mp4', 'set10.mp4']
    """
    path = Path(path)
    require_existing(path)
    if not path.is_dir():
        return [path]
    if videos := _files_in(path, VIDEO_EXTENSIONS):
        return videos
    if _files_in(path, PICTURE_EXTENSIONS):
        return [path]
    raise MediaNotFoundError(_nothing_in(path))


def media_in(path: Path) -> list[Path]:
    """The file at a path, or the pictures and videos in the folder there, each by itself, in natural order.

    Raises:
        MediaNotFoundError: if nothing is there, or the folder holds neither videos nor pictures.
        MediaUnreadableError: if the folder may not be looked into.
    """
    require_existing(path)
    if not path.is_dir():
        return [path]
    if files := _files_in(path, VIDEO_EXTENSIONS | PICTURE_EXTENSIONS):
        return files
    raise MediaNotFoundError(_nothing_in(path))


def pictures_in(folder: Path) -> list[Path]:
    """The pictures in a folder, in natural order.

    Raises:
        MediaNotFoundError: if there are none.
        MediaUnreadableError: if the folder may not be looked into.
    """
    if pictures := _files_in(folder, PICTURE_EXTENSIONS):
        return pictures
    if videos := _files_in(folder, VIDEO_EXTENSIONS):
        raise MediaNotFoundError(
            f"{folder} is a folder of videos, and one source was wanted; give one of them: {videos[0]}"
        )
    raise MediaNotFoundError(_nothing_in(folder))


def require_existing(path: Path) -> None:
    """Raise MediaNotFoundError, with the names that come close, if nothing is at ``path``."""
    try:
        if path.exists():
            return
    except OSError as error:
        raise _unreadable(path, error) from error
    folder = path.parent
    if not folder.is_dir():
        raise MediaNotFoundError(f"{path} is not there: there is no folder {folder}")
    close = _close_names(path.name, folder)
    hint = f"; did you mean {' or '.join(close)}?" if close else "; check the name and the folder"
    raise MediaNotFoundError(f"{path} is not there{hint}")


def require_readable(path: Path) -> None:
    """Raise unless ``path`` is a file with something in it that this user may read.

    Raises:
        MediaNotFoundError: if it is not there.
        MediaUnreadableError: if it may not be read, or the disk fails.
        MediaFormatError: if it is empty.
    """
    require_existing(path)
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise _unreadable(path, error) from error
    if empty:
        raise MediaFormatError(
            f"{path} is empty (0 bytes): copying or recording it broke off; get it again from where it came"
        )


def natural_key(path: Path) -> list[str | int]:
    """Sort key by which numbers in names count as numbers.

    >>> sorted([Path("rep10.png"), Path("rep9.png")], key=natural_key)[0].name
    'rep9.png'
    """
    parts = re.split(r"(\d+)", path.name.casefold())
    return [int(part) if index % 2 else part for index, part in enumerate(parts)]


def _files_in(folder: Path, extensions: frozenset[str]) -> list[Path]:
    try:
        entries = list(folder.iterdir())
    except OSError as error:
        raise _unreadable(folder, error) from error
    wanted = [
        entry
        for entry in entries
        if entry.suffix.lower() in extensions and not entry.name.startswith(".") and entry.is_file()
    ]
    return sorted(wanted, key=natural_key)


def _unreadable(path: Path, error: OSError) -> MediaUnreadableError:
    if isinstance(error, PermissionError):
        return MediaUnreadableError(
            f"{path} may not be read: this user has no permission; "
            "change its permissions or copy it to where you may read"
        )
    reason = error.strerror or error
    return MediaUnreadableError(f"{path} could not be read: {reason}; is its disk still connected?")


def _close_names(name: str, folder: Path) -> list[str]:
    known = VIDEO_EXTENSIONS | PICTURE_EXTENSIONS
    try:
        names = {
            entry.name.casefold(): entry.name
            for entry in folder.iterdir()
            if entry.is_dir() or entry.suffix.lower() in known
        }
    except OSError:
        return []
    return [names[match] for match in difflib.get_close_matches(name.casefold(), names, n=3, cutoff=0.6)]


def _nothing_in(folder: Path) -> str:
    return (
        f"{folder} holds no videos and no pictures; looked for videos ({_listed(VIDEO_EXTENSIONS)}) "
        f"and pictures ({_listed(PICTURE_EXTENSIONS)})"
    )


def _listed(extensions: frozenset[str]) -> str:
    return " ".join(sorted(extensions))
