"""Analyses one uploaded video in a process of its own, and tells how far it is line by line as JSON.

A process, so that a damaged video cannot take the live streams with it, and can be stopped at any moment.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TextIO

from spotter.analysis_job import Analysed, Options, analyze_video
from spotter.coach.schema import named_exercise
from spotter.errors import SpotterError
from spotter.records import choose
from spotter.report.terminal import Meter
from spotter.settings import load_settings

_TELL_S = 0.25
_NICE = 10  # live streams come first; on Windows the server sees to that
_INPUT = 0
_ALONE = 3  # exit code that nobody reads


def main() -> int:
    """Read the request, one line of JSON, and analyse; the last line said tells what came of it."""
    if sys.platform != "win32":
        os.nice(_NICE)
    request: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    teller = _Teller.of_this_process()
    try:
        done = _analyze(request, teller)
    except SpotterError as error:
        teller.tell(state="failed", message=_without_folders(str(error), request))
        return error.exit_code
    kept = done.kept
    problems = "; ".join(str(problem) for problem in done.problems)
    teller.tell(
        state="done",
        message=_without_folders(problems, request) or None,
        session=kept.session.id if kept is not None and kept.in_history else None,
    )
    return 0


class _Teller:
    """Tells the server how far it is, a few times a second."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._frames = self._done = 0
        self._began_s = self._told_s = time.monotonic()

    @classmethod
    def of_this_process(cls) -> Self:
        """Speaks through standard output, and leads whatever else is printed there to standard error."""
        out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        return cls(out)

    @contextmanager
    def progress(self, _what: str, frames: int) -> Iterator[Meter]:
        """Begin to go through so many frames; 0 where that is not known."""
        self._frames = frames
        yield self
        self._tell_progress()

    def advance(self, frames: int = 1) -> None:
        """So many more frames are done."""
        self._done += frames
        if time.monotonic() - self._told_s >= _TELL_S:
            self._tell_progress()

    def tell(self, **status: Any) -> None:
        """Say something; the server has ended if that cannot be heard."""
        print(json.dumps(status), file=self._out, flush=True)

    def _tell_progress(self) -> None:
        self._told_s = time.monotonic()
        left = None
        if self._frames and self._done:
            left = max(0, self._frames - self._done) * (self._told_s - self._began_s) / self._done
        self.tell(frames=self._frames or None, frames_done=self._done, seconds_left=left)


def _analyze(request: dict[str, Any], teller: _Teller) -> Analysed:
    wish = request["wish"]
    settings = load_settings()
    records = choose(
        settings,
        name=wish["person"],
        weights_kg=() if wish["weight_kg"] is None else (wish["weight_kg"],),
        database=request["database"],
    )
    results = Path(request["results"])
    shutil.rmtree(results, ignore_errors=True)  # of a server that ended meanwhile
    options = Options(
        exercise=named_exercise(wish["exercise"]),
        out=results,
        height_cm=wish["height_cm"] or settings.height_cm,
        records=records,
    )
    return analyze_video(Path(request["video"]), results, options, teller.progress, threading.Event())


def _without_folders(message: str, request: dict[str, Any]) -> str:
    """A message with the names of files alone: where the server keeps them is nobody's business."""
    for file in (request["video"], request["results"]):
        message = message.replace(str(Path(file).parent) + os.sep, "")
    return message


def _end_with_the_server() -> None:
    """Wait until the input ends, which the server holds open as long as it lives, and end at once."""
    while os.read(_INPUT, 1024):
        pass
    os._exit(_ALONE)


if __name__ == "__main__":
    sys.exit(main())
