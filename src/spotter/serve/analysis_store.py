"""The folders of uploaded videos: each holds the video, what is wanted of it, and what came of it."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from spotter.errors import OutputError, ServeError
from spotter.media.writing import output_error, write_text
from spotter.serve.folder_lock import FolderLock

State = Literal["waiting", "running", "done", "failed"]

ENDED: tuple[State, ...] = ("done", "failed")
"""States that do not change any more."""

_DOCUMENT = "upload.json"
_IDENT = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{8}")
_NOT_IN_NAMES = re.compile(r"[^\w .()+,=@-]+")
_OF_WINDOWS = re.compile(r"(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(\.|$)", re.IGNORECASE)
_NAME_BYTES, _ENDING_BYTES = 120, 12  # file systems take 255 bytes, and temporary names are longer


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of a video.

    Attributes:
        name: of the video, as its owner calls it; without any folder.
        exercise: a shipped exercise's name, or ``"auto"``.
        person: whose session it is in the history; None for the usual name.
        height_cm, weight_kg: None if not said.
    """

    name: str
    exercise: str = "auto"
    person: str | None = None
    height_cm: float | None = None
    weight_kg: float | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """How far an analysis is.

    Attributes:
        state: ``"waiting"``, ``"running"``, ``"done"`` or ``"failed"``.
        frames: how many there will be, both passes counted; None where unknown.
        frames_done: how many are done.
        seconds_left: None where unknown.
        message: what went wrong, or what came of the session.
        session: its id in the history; None if it is not there.
    """

    state: State = "waiting"
    frames: int | None = None
    frames_done: int = 0
    seconds_left: float | None = None
    message: str | None = None
    session: str | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded video.

    Attributes:
        ident: its id, which is its folder's name.
        folder: everything of it.
        wish: what is wanted.
        created: when it was uploaded, ISO 8601.
    """

    ident: str
    folder: Path
    wish: Wish
    created: str

    @property
    def video(self) -> Path:
        """Where the video is; it may have been deleted."""
        return self.folder / "video" / self.wish.name

    @property
    def results(self) -> Path:
        """What the analysis leaves behind."""
        return self.folder / "results"

    @property
    def files(self) -> list[str]:
        """Names of the results that are whole."""
        if not self.results.is_dir():
            return []
        return sorted(one.name for one in self.results.iterdir() if one.is_file() and one.name[0] != ".")

    def status(self) -> Status:
        """What became of it; that it waits, where nothing is written."""
        try:
            return Status(**json.loads((self.folder / "status.json").read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return Status()

    def write_status(self, status: Status) -> None:
        """Keep what became of it.

        Raises:
            OutputError: it cannot be written.
        """
        write_text(self.folder / "status.json", json.dumps(asdict(status)))

    def delete_video(self) -> None:
        """Delete the video; what came of it stays.

        Raises:
            OutputError: it cannot be deleted.
        """
        try:
            self.video.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(f"{self.wish.name} cannot be deleted: {error.strerror}") from error


class UploadStore:
    """The folder of all uploads; one server at a time has it.

    Args:
        folder: made when it is opened.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._lock: FolderLock | None = None

    def open(self) -> list[Upload]:
        """Take the folder, delete what uploads that broke off left there, and find the others, oldest first.

        Raises:
            ServeError: another server has it.
            OutputError: it cannot be made or written to.
        """
        try:
            self._lock = FolderLock(self._folder)
            folders = sorted(one for one in self._folder.iterdir() if _IDENT.fullmatch(one.name))
        except BlockingIOError as error:
            raise ServeError(
                f"another server keeps its uploads in {self._folder}; use that one, "
                "or start this one with another folder: spotter serve --data FOLDER"
            ) from error
        except OSError as error:
            raise output_error(self._folder, error) from error
        for folder in folders:
            if not (folder / _DOCUMENT).exists():
                shutil.rmtree(folder, ignore_errors=True)
        found = (self._read(folder) for folder in folders)
        return [upload for upload in found if upload is not None]

    def close(self) -> None:
        """Give the folder free for another server."""
        if self._lock is not None:
            self._lock.close()

    def begin(self, wish: Wish) -> Upload:
        """A place for a new video, which is not there yet.

        Raises:
            OutputError: it cannot be made.
        """
        now = datetime.now(UTC)
        ident = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
        wish = replace(wish, name=file_name(wish.name))
        upload = Upload(ident, self._folder / ident, wish, now.isoformat(timespec="seconds"))
        try:
            upload.video.parent.mkdir(parents=True)
        except OSError as error:
            raise output_error(upload.video, error) from error
        return upload

    def confirm(self, upload: Upload) -> None:
        """The video is whole: from now on the next server finds it too.

        Raises:
            OutputError: it cannot be written.
        """
        document = {"created": upload.created, "wish": asdict(upload.wish)}
        write_text(upload.folder / _DOCUMENT, json.dumps(document))

    def delete(self, upload: Upload) -> None:
        """Delete the video and everything that came of it; what the system holds goes at the next start."""
        (upload.folder / _DOCUMENT).unlink(missing_ok=True)
        shutil.rmtree(upload.folder, ignore_errors=True)

    def _read(self, folder: Path) -> Upload | None:
        """The upload in a folder; None if there is none, or its document is damaged."""
        try:
            document: dict[str, Any] = json.loads((folder / _DOCUMENT).read_text("utf-8"))
            return Upload(folder.name, folder, Wish(**document["wish"]), document["created"])
        except (OSError, ValueError, TypeError, KeyError):
            return None


def file_name(name: str) -> str:
    """A name that is a file's and nothing else, on every system.

    >>> file_name("../../x.mp4"), file_name("C:\\\\me\\\\squat 1.mov"), file_name(".."), file_name("nul.mp4")
    ('x.mp4', 'squat 1.mov', 'video', '_nul.mp4')
    """
    last = re.split(r"[/\\]", name)[-1]
    clean = _NOT_IN_NAMES.sub("_", last).strip(" .")
    stem, dot, ending = clean.rpartition(".")
    if not dot or len(ending.encode()) > _ENDING_BYTES:
        stem, dot, ending = clean, "", ""
    most = _NAME_BYTES - len(f"{dot}{ending}".encode())
    short = f"{stem.encode()[:most].decode(errors='ignore')}{dot}{ending}"
    return f"_{short}" if _OF_WINDOWS.match(short) else short or "video"
