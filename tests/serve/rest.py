"""A plain client of the REST interface, a short real clip, and workers that only pretend to analyse."""

from __future__ import annotations

import http.client
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import cv2
import pytest

from spotter.media.reader import open_media
from spotter.media.writer import VideoWriter
from spotter.serve import analysis_process
from tests.serve.fake import PATIENCE_S, Running

ROOT = "/api/v1"
EXAMPLE = Path(__file__).parents[2] / "examples" / "squat.mp4"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def complaint(self) -> str:
        """The message of an error, which must have the form of all errors."""
        assert self.status >= 400, self.body
        error = self.json["error"]
        assert set(error) == {"code", "message"} and "Traceback" not in error["message"]
        return str(error["message"])


class Rest:
    """Asks a running server, each time over a new connection."""

    def __init__(self, server: Running) -> None:
        self.port = server.port

    def line(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        line = self.line()
        line.request(method, ROOT + path, body, headers)
        answer = line.getresponse()
        content = answer.read()
        line.close()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, content)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def delete(self, path: str) -> Answer:
        return self.ask("DELETE", path)

    def upload(self, body: Any, **query: Any) -> Answer:
        return self.ask("POST", f"/analyses?{urlencode({'name': 'x.mp4', **query})}", body)

    def started(self, body: Any = b"some bytes", **query: Any) -> str:
        """Upload something that is taken; its id."""
        answer = self.upload(body, **query)
        assert answer.status == 202, answer.body
        return str(answer.json["id"])

    def events(self, ident: str) -> Iterator[dict[str, Any]]:
        """What is told of an analysis, until that ends."""
        line = self.line()
        line.request("GET", f"{ROOT}/analyses/{ident}/events")
        answer = line.getresponse()
        assert answer.status == 200 and answer.getheader("content-type") == "text/event-stream; charset=utf-8"
        for said in answer:
            if said.startswith(b"data: "):
                yield json.loads(said[6:])
        line.close()

    def analysis(self, ident: str) -> dict[str, Any]:
        document: dict[str, Any] = self.get(f"/analyses/{ident}").json
        return document

    def wait(self, ident: str, until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """An analysis as soon as it fulfils a condition."""
        end_s = time.monotonic() + 2 * PATIENCE_S
        while not until(found := self.analysis(ident)):
            assert time.monotonic() < end_s, found
            time.sleep(0.02)
        return found

    def ended(self, ident: str) -> dict[str, Any]:
        return self.wait(ident, lambda found: found["state"] in ("done", "failed"))


def write_squat(path: Path, seconds: float = 4.8) -> Path:
    """The first squat of the rendered example, small."""
    with open_media(EXAMPLE, end_s=seconds) as source, VideoWriter(path, 426, 240, 15.0) as video:
        for frame in source:
            if frame.index % 2 == 0:
                video.write(cv2.resize(frame.image, (426, 240), interpolation=cv2.INTER_AREA), frame.time_s)
    return path


def pretend(patch: pytest.MonkeyPatch, program: str) -> None:
    """Let a few lines of Python stand in for the worker: they have ``request`` and may ``say`` things."""
    prelude = (
        "import json, os, sys, time, threading\n"
        "from pathlib import Path\n"
        "request = json.loads(sys.stdin.buffer.readline())\n"
        "def say(**status): print(json.dumps(status), flush=True)\n"
        "def end(): sys.stdin.buffer.raw.read(); os._exit(3)\n"
        "threading.Thread(target=end, daemon=True).start()\n"
        "video, results = Path(request['video']), Path(request['results'])\n"
        "name = request['wish']['name']\n"
    )
    patch.setattr(analysis_process, "WORKER", (sys.executable, "-I", "-S", "-c", prelude + program))


FOREVER = "say(state='running', frames=100, frames_done=7)\ntime.sleep(60)"
AT_ONCE = "results.mkdir(exist_ok=True)\n(results / 'a.json').write_text('{}')\nsay(state='done')"
