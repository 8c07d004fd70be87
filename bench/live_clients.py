"""A server in a process of its own, and clients that send it camera frames as a page does."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import cv2
import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bench.material import REPOSITORY, Material, Skipped
from bench.start import child_environment
from spotter.media.convert import letterboxed
from spotter.media.reader import open_media
from spotter.serve.frames import HEADER

SIZE = (640, 480)
FPS = 30.0
_CLIP = "squat-dumbbell-front"
_MOST_FRAMES = 300
_QUALITY = 80
_QUICK_FRAMES = 30
_LAST_S = 1.0  # for the last answers
_PATIENCE_S = 60.0  # for any answer at all
_OPEN_S = 60.0  # for a server that loads


@dataclass(frozen=True, slots=True)
class Film:
    """What a camera shows, over and over: forwards, then backwards, so that it never jumps.

    Attributes:
        name: of the clip.
        exercise: what is done in it.
        pictures: JPEG files.
    """

    name: str
    exercise: str
    pictures: tuple[bytes, ...]

    @classmethod
    def of(cls, material: Material, quick: bool = False) -> Film:
        """The first seconds of a clip at ``SIZE``: a real one, or the example; of one second if quick."""
        most = _QUICK_FRAMES if quick else _MOST_FRAMES
        try:
            clip = next(one.path for one in material.real_clips() if one.name == _CLIP)
        except (Skipped, StopIteration):
            clip = material.example_clip()
        pictures = []
        with open_media(clip) as source:
            for frame in source:
                image = letterboxed(frame.image, *SIZE)
                done, jpeg = cv2.imencode(
                    ".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
                )
                assert done
                pictures.append(jpeg.tobytes())
                if len(pictures) == most:
                    break
        return cls(clip.name, "squat", tuple(pictures + pictures[::-1]))


@dataclass(slots=True)
class Answers:
    """What one client was answered.

    Attributes:
        sent: frames.
        work_ms, waited_ms, round_ms: of each answered frame: the server's work, its wait for a worker, and
            from sending it to having the answer.
        at_s: when each answer came, from the first frame on.
        last: the newest answer.
    """

    sent: int = 0
    work_ms: list[float] = field(default_factory=list)
    waited_ms: list[float] = field(default_factory=list)
    round_ms: list[float] = field(default_factory=list)
    at_s: list[float] = field(default_factory=list)
    last: dict[str, object] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget all of it."""
        self.sent = 0
        for answers in (self.work_ms, self.waited_ms, self.round_ms, self.at_s):
            answers.clear()

    @property
    def inside_ms(self) -> list[float]:
        """From each frame's arrival at the server to its answer."""
        return [work + waited for work, waited in zip(self.work_ms, self.waited_ms, strict=True)]


class ServerProcess:
    """The command ``spotter serve``, running.

    Attributes:
        port: where it listens.
    """

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self.port = port

    @property
    def megabytes(self) -> float:
        """Memory that it holds in RAM."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    @property
    def processor_s(self) -> float:
        """Seconds of all cores that it has used."""
        fields = (
            Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        )
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def server() -> Iterator[ServerProcess]:
    """A server on a free port, with a history of its own; it has ended afterwards.

    Raises:
        Skipped: this system does not tell a process's memory as Linux does.
    """
    if not Path("/proc/self/statm").exists():
        raise Skipped("only Linux tells a process's memory and processor time in /proc")
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "spotter", "serve", "--no-browser", "--port", "0", "--data", folder],
            cwd=REPOSITORY,
            env={**child_environment(), "OMP_NUM_THREADS": "1"},
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stderr is not None
            told = process.stderr.readline()
            yield ServerProcess(process, int(told.partition("127.0.0.1:")[2].partition("/")[0]))
        finally:
            process.terminate()
            process.communicate(timeout=30)


def drive(
    port: int,
    film: Film,
    streams: int,
    seconds: float,
    *,
    warm_up_s: float = 3.0,
    every_s: Callable[[float], None] = lambda _: None,
) -> list[Answers]:
    """Send frames from several clients at a time, 30 a second each, and gather what they are answered.

    Args:
        port: of the server.
        film: what the cameras show.
        streams: how many clients.
        seconds: for how long, after a time to warm up that is not counted.
        warm_up_s: how long that is.
        every_s: called about once a second with the seconds since the beginning.

    Raises:
        Skipped: a client was not answered at all.
    """
    return asyncio.run(_drive(port, film, streams, seconds, warm_up_s, every_s))


async def _drive(
    port: int, film: Film, streams: int, seconds: float, warm_up_s: float, every_s: Callable[[float], None]
) -> list[Answers]:
    gathered = [Answers() for _ in range(streams)]
    frames = round(FPS * (warm_up_s + seconds))

    async def tick() -> None:
        began = time.perf_counter()
        while True:
            await asyncio.sleep(1)
            every_s(time.perf_counter() - began)

    ticking = asyncio.create_task(tick())
    clients = [
        _client(port, film, answers, frames, round(FPS * warm_up_s), row / (streams * FPS))
        for row, answers in enumerate(gathered)
    ]
    await asyncio.gather(*clients)
    ticking.cancel()
    return gathered


async def _client(
    port: int, film: Film, answers: Answers, frames: int, uncounted: int, later_s: float
) -> None:
    """One camera; ``later_s`` keeps several from sending at the very same moment."""
    address = f"ws://127.0.0.1:{port}/api/v1/live"
    async with connect(address, compression=None, max_queue=None, open_timeout=_OPEN_S) as line:
        await line.recv()
        start = {"type": "start", "exercise": film.exercise, "countdown_s": 0.0}
        await line.send(json.dumps(start))
        sent_s: dict[int, float] = {}
        pictures = cycle(film.pictures)
        await line.send(HEADER.pack(0, 0, 0.0) + next(pictures))
        await line.recv()  # the models are loaded now
        await line.send('{"type": "skip"}')
        listening = asyncio.create_task(_listen(line, answers, sent_s))
        began = time.perf_counter() + later_s
        for number in range(1, frames + 1):
            await asyncio.sleep(max(0.0, began + number / FPS - time.perf_counter()))
            if number == uncounted + 1:
                answers.clear()
                sent_s.clear()
            sent_s[number] = time.perf_counter()
            answers.sent += 1
            await line.send(HEADER.pack(number, 0, number / FPS) + next(pictures))
        await asyncio.sleep(_LAST_S)
        began = time.perf_counter()
        while not (answers.round_ms or listening.done()) and time.perf_counter() - began < _PATIENCE_S:
            await asyncio.sleep(0.1)
        listening.cancel()
        if not answers.round_ms:
            raise Skipped(
                f"none of the {answers.sent} frames of a stream was answered, not even {_PATIENCE_S:g} s "
                "after the last one; is the machine too busy?"
            )


async def _listen(line: ClientConnection, answers: Answers, sent_s: dict[int, float]) -> None:
    try:
        async for text in line:
            now_s = time.perf_counter()
            message = json.loads(text)
            if message["type"] != "state" or message["seq"] not in sent_s:
                continue
            answers.last = message
            answers.round_ms.append(1000 * (now_s - sent_s.pop(message["seq"])))
            answers.work_ms.append(message["work_ms"])
            answers.waited_ms.append(message["waited_ms"])
            answers.at_s.append(now_s)
    except ConnectionClosed:  # what came until then is counted
        return


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so many percent are not above; NaN of none."""
    return float(np.percentile(values, share)) if values else float("nan")
