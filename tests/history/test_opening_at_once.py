"""Several new databases opened at the same moment by threads of one process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from spotter.history.history import History
from tests.history.material import simple


def test_each_gets_its_own_tables(tmp_path: Path) -> None:
    def opened(number: int) -> tuple[str, ...]:
        with History.open(str(tmp_path / f"{number}.db")) as history:
            history.add(simple(person=f"person {number}"))
            return history.people()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(opened, range(8)))
    assert found == [(f"person {number}",) for number in range(8)]
