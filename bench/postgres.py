"""A PostgreSQL server of its own for a test or a benchmark, in a folder that is gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ADDRESS = "SPOTTER_TEST_POSTGRES"
"""Environment variable: the address of an empty database on a server that is there already."""


class NoServer(Exception):
    """There is none, and none can be started."""


@contextmanager
def server() -> Iterator[str]:
    """The address of an empty database.

    Raises:
        NoServer: neither SPOTTER_TEST_POSTGRES names one, nor are PostgreSQL's programs here.
    """
    if address := os.environ.get(ADDRESS):
        yield address
        return
    programs = _programs()
    if programs is None:
        raise NoServer(f"there is no pg_ctl; install PostgreSQL or name an empty database with {ADDRESS}")
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
        if user:
            shutil.chown(folder, user)
        data = folder / "data"
        _run(
            user, programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"
        )
        options = f"-k {folder} -c listen_addresses=''"
        _run(user, programs / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            _run(user, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")


def _programs() -> Path | None:
    found = shutil.which("pg_ctl")
    if found:
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    return installed[-1].parent if installed else None


def _run(user: str | None, *words: object) -> None:
    command = [str(word) for word in words]
    done = subprocess.run(
        command, user=user, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=300
    )
    if done.returncode:
        raise NoServer(f"{command[0]} failed: {done.stderr.strip()}")
