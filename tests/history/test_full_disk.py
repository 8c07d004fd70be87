"""A disk that fills up at any moment: it is said to be full, and what is there is whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from spotter.history.history import History
from tests.history.material import full, simple

pytest.importorskip("resource", reason="this system does not limit the size of files")

# No file may grow beyond a limit: what a program notices of that is what it notices of a full disk.
LIMITED = """
import json, resource, sys
from pathlib import Path
from spotter.errors import SpotterError
from spotter.history.history import History
from tests.history.material import full

sys.dont_write_bytecode = True  # Python would keep half of a module, and believe it the next time
folder, what = Path(sys.argv[1]), sys.argv[2]
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
done = []
for number, kilobytes in enumerate(json.loads(sys.argv[3])):
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024 * kilobytes, hard))
    try:
        with History.open(folder / "history.db") as history:
            if what == "add":
                for each in range(20):
                    history.add(full(f"{number}-{each}"))
                    done.append(f"{number}-{each}")
            elif what == "delete":
                history.delete_person("Ada")
            else:
                getattr(history, what)(folder / f"out {number}")
        done.append("done")
    except SpotterError as error:
        done.append(f"{type(error).__name__}: {error}")
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
print(json.dumps(done))
"""
SIZES = [0, 1, 4, 33, 60, 97, 130, 161, 200, 260, 400]


def limited(folder: Path, what: str) -> list[str]:
    """What came of it with each of the sizes."""
    import json

    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(folder), what, json.dumps(SIZES)],
        env={"PYTHONPATH": f"{root / 'src'}:{root}"},
        cwd=root,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a database that holds two sessions."""
    with History.open(tmp_path / "history.db") as history:
        history.add(simple())
        history.add(full())
    return tmp_path


def whole(folder: Path) -> set[str]:
    with History.open(folder / "history.db") as history:
        history.check()
        kept = [history.get(entry.id) for entry in history.find()]
    assert all(len(session.sets) == (1 if session.id == "one" else 3) for session in kept)
    return {session.id for session in kept}


def test_what_was_confirmed_is_there_and_nothing_half(folder: Path) -> None:
    done = limited(folder, "add")
    told = [line for line in done if line.startswith("HistoryError")]
    confirmed = {line for line in done if "-" in line and line not in told}
    assert len(told) >= 5 and confirmed
    assert [line for line in told if "the disk is full" not in line] == []
    assert confirmed <= whole(folder)


@pytest.mark.parametrize("what", ["backup", "export_json", "export_parquet", "delete"])
def test_what_could_not_be_written_is_told_and_not_there(folder: Path, what: str) -> None:
    done = limited(folder, what)
    told = [line for line in done if line != "done"]
    assert len(told) >= 3 and "done" in done
    assert all("the disk is full" in line or "File too large" in line for line in told)
    deleted = [line for line in told if "still holds traces. They go when you delete once more" in line]
    assert bool(deleted) == (what == "delete")
    assert whole(folder) == {"one", "full"} - ({"one"} if what == "delete" else set())
    left = [path.name for path in folder.rglob("*") if path.name.endswith(".part")]
    assert left == []
    if what == "backup":
        for copy in folder.glob("out *"):
            with History.open(copy) as restored:
                assert len(restored.find()) == 2
