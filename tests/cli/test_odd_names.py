"""File names that are no text, and terminals that cannot say every letter: no command ends in a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

NAME = b"w\xff\xf0.fit"  # no UTF-8, as disks of other systems have them


def spotter(folder: Path, *words: str | bytes, encoding: str = "utf-8") -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own, whose standard output refuses what it cannot say."""
    source = Path(__file__).parents[2] / "src"
    environment = {**os.environ, "PYTHONPATH": str(source), "PYTHONIOENCODING": f"{encoding}:strict"}
    return subprocess.run(
        [sys.executable, "-m", "spotter", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        timeout=60,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux only")
def test_a_name_that_is_no_utf8_goes_out_as_it_came_in(tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy")
    done = spotter(tmp_path, "history", "backup", NAME, "--database", "h.db")
    assert (done.returncode, done.stdout, done.stderr) == (0, NAME + b"\n", b"")
    assert os.fsencode(tmp_path) + b"/" + NAME in [os.fsencode(path) for path in tmp_path.iterdir()]


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux only")
def test_json_spells_half_characters_out(tmp_path: Path) -> None:
    done = spotter(tmp_path, "import", NAME, "--json")
    assert done.returncode == 3 and b"Traceback" not in done.stderr
    (told,) = json.loads(done.stdout.decode("utf-8"))["files"]
    assert os.fsencode(told["path"]) == NAME and "no such file" in told["error"]


def test_a_terminal_that_cannot_say_a_letter_gets_it_spelled(tmp_path: Path) -> None:
    done = spotter(tmp_path, "import", "ü更.fit", "--json", encoding="latin-1")
    assert done.returncode == 3 and b"Traceback" not in done.stderr
    assert json.loads(done.stdout.decode("latin-1"))["files"][0]["path"] == "ü更.fit"
