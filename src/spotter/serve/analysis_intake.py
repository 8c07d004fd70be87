"""Takes an uploaded video in: straight to the disk, with no more of it in memory than a piece."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from spotter.media.writing import output_error

_SPARE_BYTES = 500_000_000  # left free on the disk, for the results and everybody else
_PIECE_BYTES = 1 << 20
_LOOK_BYTES = 64 << 20  # how much may come between two looks at the disk


async def receive(body: AsyncIterator[bytes], video: Path, quiet_s: float) -> None:
    """Write a request's body to a file.

    Args:
        body: its parts.
        video: where to.
        quiet_s: for how long nothing may come.

    Raises:
        HTTPException: it is empty, breaks off, stops coming, or the disk has no room.
        OutputError: it cannot be written.
    """
    come = written = looked = 0
    parts: list[bytes] = []
    try:
        with video.open("wb") as out:
            while part := await _next(body, quiet_s, come):
                come += len(part)
                parts.append(part)
                if come - written >= _PIECE_BYTES:
                    await asyncio.to_thread(out.writelines, parts)
                    written, parts = come, []
                if come - looked >= _LOOK_BYTES:
                    looked = come
                    await asyncio.to_thread(check_space, video.parent, 0)
            await asyncio.to_thread(out.writelines, parts)
    except OSError as error:
        raise output_error(video, error) from error
    if come == 0:
        raise HTTPException(422, "the body is empty; send the video's bytes as the body")


def check_space(folder: Path, wanted: int) -> None:
    """See that so many bytes have room on the disk.

    Raises:
        HTTPException: they have not.
        OutputError: the folder cannot be used.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise output_error(folder, error) from error
    if wanted + _SPARE_BYTES > free:
        size = f"the video has {wanted:,} bytes, and " if wanted else ""
        raise HTTPException(
            507,
            f"{size}{free:,} bytes are free on the server's disk, of which {_SPARE_BYTES:,} stay free; "
            "delete analyses that nobody needs, or free some space",
        )


def date_file(video: Path, modified: datetime) -> None:
    """Give a file the time that it had where it came from: its session is dated by it where all else fails.

    Raises:
        OutputError: the file cannot be changed.
    """
    try:
        os.utime(video, (modified.timestamp(), modified.timestamp()))
    except OSError as error:
        raise output_error(video, error) from error


async def _next(body: AsyncIterator[bytes], quiet_s: float, come: int) -> bytes:
    try:
        async with asyncio.timeout(quiet_s):
            return await anext(body, b"")
    except TimeoutError:
        raise HTTPException(
            408, f"the upload stopped after {come:,} bytes: nothing came for {quiet_s:g} s; send it again"
        ) from None
    except ClientDisconnect:
        raise HTTPException(400, f"the upload broke off after {come:,} bytes; send it again") from None
