"""Without the libraries of the extra the server says plainly what to install."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from spotter.errors import MissingExtraError

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def run(missing: str, program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program where one library is not installed."""
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.modules[{missing!r}] = None; {program}", "serve"],
        env={**os.environ, "SPOTTER_DATA": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("missing", ["fastapi", "uvicorn", "websockets", "segno", "cryptography"])
def test_what_is_not_installed_is_named(tmp_path: Path, missing: str) -> None:
    done = run(missing, "import spotter.serve", tmp_path)
    last = done.stderr.splitlines()[-1]
    assert "MissingExtraError" in last and f"needs {missing}," in last and "spotter-coach[serve]" in last


def test_the_command_says_it_without_a_traceback(tmp_path: Path) -> None:
    done = run("fastapi", "from spotter.cli.app import main; main()", tmp_path)
    assert done.returncode == MissingExtraError.exit_code
    assert "fastapi" in done.stderr and "pip install 'spotter-coach[serve]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_extra_brings_the_records() -> None:
    extras = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]["optional-dependencies"]
    assert "spotter-coach[records]" in extras["serve"]
