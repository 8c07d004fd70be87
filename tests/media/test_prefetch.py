"""Decoding ahead: order, errors, and a thread that never stays behind."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spotter.media.frame import Frame
from spotter.media.prefetch import read_ahead
from spotter.media.reader import open_media


class Source:
    """Frames made on demand, counted as they are asked for."""

    def __init__(self, count: int | None, error: BaseException | None = None) -> None:
        self.count, self.error, self.made = count, error, 0

    def __iter__(self) -> Iterator[Frame]:
        while self.count is None or self.made < self.count:
            self.made += 1
            yield Frame(np.zeros((2, 2, 3), np.uint8), self.made / 10, self.made - 1)
        if self.error is not None:
            raise self.error


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "spotter-read-ahead"]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    gc.collect()
    assert threads() == []


@pytest.mark.parametrize("count", [0, 1, 3, 100])
@pytest.mark.parametrize("depth", [1, 4, 1000])
def test_the_same_frames_in_the_same_order(count: int, depth: int) -> None:
    assert [frame.index for frame in read_ahead(Source(count), depth)] == list(range(count))


def test_it_reads_ahead_as_far_as_told_and_no_further() -> None:
    source = Source(None)
    frames = read_ahead(source, depth=3)
    next(frames)
    deadline = time.monotonic() + 5
    while source.made < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.15)
    assert source.made == 5  # one handed out, three waiting, one in hand
    frames.close()


@pytest.mark.parametrize("error", [ValueError("broken"), OSError("gone"), KeyboardInterrupt()])
def test_an_error_comes_after_the_frames_before_it(error: BaseException) -> None:
    seen = []
    with pytest.raises(type(error)) as raised:
        for frame in read_ahead(Source(3, error)):
            seen.append(frame.index)  # what was seen before the error counts
    assert seen == [0, 1, 2]
    assert raised.value is error


def test_closing_early_stops_the_thread_at_once() -> None:
    frames = read_ahead(Source(None))
    next(frames)
    assert len(threads()) == 1
    before = time.monotonic()
    frames.close()
    assert time.monotonic() - before < 1
    assert threads() == []
    assert list(frames) == []


def test_an_abandoned_iterator_stops_the_thread() -> None:
    def use() -> int:
        for frame in read_ahead(Source(None)):
            if frame.index == 5:
                return frame.index
        return -1

    assert use() == 5
    gc.collect()
    assert threads() == []


def test_an_interrupt_in_the_caller_stops_the_thread() -> None:
    with pytest.raises(KeyboardInterrupt):
        for frame in read_ahead(Source(None)):
            if frame.index == 2:
                raise KeyboardInterrupt
    gc.collect()
    assert threads() == []


def test_an_iterator_never_begun_starts_no_thread() -> None:
    read_ahead(Source(None)).close()
    assert threads() == []


def test_depth_is_checked() -> None:
    with pytest.raises(ValueError, match="depth is 0"):
        read_ahead(Source(1), depth=0)


def test_a_video_ahead_is_the_video(clip: Callable[..., Path], scenes: Any) -> None:
    path = clip("a.mp4", scenes.grey_steps(40))
    with open_media(path) as source:
        plain = [(frame.time_s, frame.image.tobytes()) for frame in source]
    with open_media(path) as source:
        assert [(frame.time_s, frame.image.tobytes()) for frame in read_ahead(source)] == plain
    with open_media(path) as source:
        frames = read_ahead(source)
        next(frames)
        frames.close()
