"""Analyses uploaded videos one after the other, each in a process of its own, while the server answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, replace
from typing import Any, TypeVar

from spotter.errors import OutputError
from spotter.serve.analysis_process import run_worker
from spotter.serve.analysis_store import ENDED, Status, Upload, UploadStore, Wish

T = TypeVar("T")

_LOG = logging.getLogger(__name__)


class AnalysisQueue:
    """What was uploaded, what waits, what runs and how far that is; used in the server's event loop only.

    Args:
        store: keeps the uploads; those that a server before this one had not finished are taken up again.
        database: of the history, as ``--database``.

    Attributes:
        ended: whether the server ends.
    """

    def __init__(self, store: UploadStore, database: str | None) -> None:
        self.ended = False
        self._store = store
        self._database = database
        self._uploads: dict[str, Upload] = {}
        self._statuses: dict[str, Status] = {}
        self._coming: set[asyncio.Task[Any] | None] = set()
        self._waiting: list[str] = []
        self._running: tuple[str, asyncio.Task[None]] | None = None
        self._changed = asyncio.Event()
        self._disk = ThreadPoolExecutor(1, "spotter-uploads")  # one, so that deleting comes after writing
        self._task: asyncio.Task[None] | None = None

    @property
    def length(self) -> int:
        """How many come, wait or run."""
        return len(self._coming) + len(self._waiting) + (self._running is not None)

    async def start(self) -> None:
        """Find what was uploaded before, and begin to work.

        Raises:
            ServeError: another server has the folder.
            OutputError: the folder cannot be used.
        """
        found = await self._on_disk(self._store.open)
        statuses = await self._on_disk(lambda: [upload.status() for upload in found])
        for upload, status in zip(found, statuses, strict=True):
            self._take(upload, status)
        self._task = asyncio.create_task(self._work())

    def end(self) -> None:
        """The server ends: nobody shall follow or upload any more."""
        self.ended = True
        for task in self._coming:
            if task is not None:
                task.cancel()
        self._tell()

    async def close(self) -> None:
        """Stop; what is not finished waits for the next server."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await asyncio.to_thread(self._disk.shutdown)
        self._store.close()

    @asynccontextmanager
    async def coming(self, wish: Wish) -> AsyncIterator[Upload]:
        """A place for a new video: taken on when the block ends well, deleted with all in it when it fails.

        Raises:
            OutputError: the disk is full or fails.
        """
        task = asyncio.current_task()
        self._coming.add(task)
        try:
            upload = await self._on_disk(self._store.begin, wish)
            try:
                yield upload
                await self._on_disk(self._store.confirm, upload)
            except BaseException:
                await self._on_disk(self._store.delete, upload)
                raise
            self._take(upload, Status())
        finally:
            self._coming.discard(task)

    def find(self, ident: str) -> Upload | None:
        """An upload by its id; None if there is none."""
        return self._uploads.get(ident)

    def all(self) -> list[tuple[Upload, Status]]:
        """Every upload and how far it is, the newest first."""
        return [(upload, self._statuses[ident]) for ident, upload in reversed(self._uploads.items())]

    def status(self, upload: Upload) -> Status:
        """How far an upload is now."""
        return self._statuses.get(upload.ident, Status())

    async def follow(self, upload: Upload, quiet_s: float) -> AsyncIterator[Status | None]:
        """How far an upload is, at once and whenever that changes, until it has ended or is deleted.

        None comes whenever nothing has changed for so many seconds.
        """
        before: Status | None = None
        while upload.ident in self._uploads and not self.ended:
            changed = self._changed  # taken before the status is looked at, so that no change is missed
            status = self.status(upload)
            if status != before:
                before = status
                yield status
            if status.state in ENDED:
                return
            try:
                async with asyncio.timeout(quiet_s):
                    await changed.wait()
            except TimeoutError:
                yield None

    async def delete(self, upload: Upload) -> None:
        """Stop an upload's analysis, and delete the video and everything that came of it."""
        if self._uploads.pop(upload.ident, None) is None:
            return
        if upload.ident in self._waiting:
            self._waiting.remove(upload.ident)
        if self._running is not None and self._running[0] == upload.ident:
            task = self._running[1]
            task.cancel()
            await asyncio.wait({task})
        self._statuses.pop(upload.ident)
        self._tell()
        await self._on_disk(self._store.delete, upload)

    def _take(self, upload: Upload, status: Status) -> None:
        self._uploads[upload.ident] = upload
        if status.state not in ENDED:
            self._waiting.append(upload.ident)
            status = Status()
        self._set(upload, status)

    async def _work(self) -> None:
        while True:
            while not self._waiting:
                await self._changed.wait()
            upload = self._uploads[self._waiting.pop(0)]
            task = asyncio.create_task(self._analyze(upload))
            self._running = upload.ident, task
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError:
                task.cancel()
                await asyncio.wait({task})
                raise
            finally:
                self._running = None

    async def _analyze(self, upload: Upload) -> None:
        """Let a process analyse an upload, and keep what it says at last."""
        self._set(upload, Status("running"))
        last = Status("running")

        def tell(said: dict[str, Any]) -> None:
            nonlocal last
            last = replace(last, **said)
            if last.state not in ENDED:  # the end is told when it is kept
                self._set(upload, last)

        try:
            ended = await run_worker(self._request(upload), tell)
        except Exception as error:  # whatever it is, the next one is analysed
            _LOG.exception("%s cannot be analysed", upload.wish.name)
            ended = f"failed in the server: {error}"
        if last.state not in ENDED:
            last = replace(last, state="failed", message=f"its process {ended}")
        last = replace(last, seconds_left=None)
        try:
            await self._on_disk(upload.write_status, last)
        except OutputError as error:
            _LOG.warning("%s", error)
        self._set(upload, last)

    def _request(self, upload: Upload) -> dict[str, Any]:
        return {
            "wish": asdict(upload.wish),
            "video": str(upload.video),
            "results": str(upload.results),
            "database": self._database,
        }

    def _set(self, upload: Upload, status: Status) -> None:
        self._statuses[upload.ident] = status
        self._tell()

    def _tell(self) -> None:
        """Wake everybody who waits for a change."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def _on_disk(self, do: Callable[..., T], *given: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._disk, do, *given)
