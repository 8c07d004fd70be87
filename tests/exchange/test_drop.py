"""A folder that other programs watch sees a whole file or none."""

from __future__ import annotations

import errno
import os
import random
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from spotter.errors import OutputError, UsageError
from spotter.exchange import drop as dropping
from spotter.exchange.drop import drop
from spotter.exchange.fit import fit_bytes
from tests.exchange.sessions import squats

NAME = "2026-05-04_183000_squat"


def test_a_finished_session_is_there_under_its_name(tmp_path: Path) -> None:
    assert drop(squats(), tmp_path / "new") == tmp_path / "new" / f"{NAME}.fit"
    assert (tmp_path / "new" / f"{NAME}.fit").read_bytes() == fit_bytes(squats())
    assert drop(squats(), tmp_path / "new", "tcx").suffix == ".tcx"
    assert sorted(os.listdir(tmp_path / "new")) == [f"{NAME}.fit", f"{NAME}.tcx"]


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "no hard links"])
def test_another_file_is_never_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    if not links:
        monkeypatch.setattr(os, "link", _no_links)
    (tmp_path / f"{NAME}.fit").write_text("somebody else's")
    first = drop(squats(), tmp_path)
    again = drop(squats(), tmp_path)
    other = drop(replace(squats(), id="another"), tmp_path)
    assert (first.name, again.name, other.name) == (f"{NAME}-2.fit", f"{NAME}-2.fit", f"{NAME}-3.fit")
    assert (tmp_path / f"{NAME}.fit").read_text() == "somebody else's"
    assert len(os.listdir(tmp_path)) == 3


def test_a_watcher_sees_whole_files_only(tmp_path: Path) -> None:
    whole = {fit_bytes(replace(squats(), id=str(number))) for number in range(8)}
    seen: list[bytes] = []
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            seen.extend(path.read_bytes() for path in tmp_path.glob("*.fit"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    droppers = [
        threading.Thread(target=drop, args=(replace(squats(), id=str(number)), tmp_path))
        for number in range(8)
    ]
    for one in droppers:
        one.start()
    for one in droppers:
        one.join()
    over.set()
    watcher.join()
    seen.extend(path.read_bytes() for path in tmp_path.glob("*.fit"))
    assert set(seen) == whole
    assert len(os.listdir(tmp_path)) == 8


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork and no kill -9")
def test_a_kill_at_any_moment_leaves_whole_files_only(tmp_path: Path) -> None:
    content = fit_bytes(squats())
    moments = random.Random(7)
    for number in range(12):
        child = os.fork()
        if not child:
            while True:  # until it is killed
                _drop_bytes(content + os.urandom(200_000), tmp_path)
        time.sleep(0.01 + 0.1 * moments.random())
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert all(path.stat().st_size == len(content) + 200_000 for path in tmp_path.glob("*.fit")), number
    assert len(list(tmp_path.glob("*.fit"))) > 1


def _drop_bytes(content: bytes, folder: Path) -> None:
    dropping.KINDS["fit"] = lambda _: content
    drop(squats(), folder)


@pytest.mark.parametrize("at", ["fsync", "link"])
def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, at, full)
    if at == "link":
        monkeypatch.setattr(os, "rename", full)
    with pytest.raises(OutputError, match="the disk is full"):
        drop(squats(), tmp_path)
    assert os.listdir(tmp_path) == []


def test_what_cannot_be_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="allowed are fit, tcx"):
        drop(squats(), tmp_path, "gpx")
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="could not be written"):
        drop(squats(), tmp_path / "file")
    monkeypatch.setattr(dropping, "_MOST_NAMES", 1)
    (tmp_path / f"{NAME}.fit").touch()
    with pytest.raises(OutputError, match="1 files of that name"):
        drop(squats(), tmp_path)


def test_a_name_is_made_of_safe_letters_only(tmp_path: Path) -> None:
    assert drop(squats(exercise="../../Überzug *?"), tmp_path).name == "2026-05-04_183000_uberzug.fit"
    assert drop(replace(squats(), sets=()), tmp_path).name == "2026-05-04_183000_session.fit"


def _no_links(*_: object) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")
