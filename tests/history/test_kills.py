"""Writers killed at random moments: what was confirmed is there, and nothing is half there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.history_kills import kill_writers

KILLS = 4  # and the four writers at the end


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_killed_writers_lose_nothing_confirmed_and_leave_nothing_half(address: str, tmp_path: Path) -> None:
    outcome = kill_writers(address, tmp_path, KILLS)
    assert outcome.confirmed >= KILLS + 4
    assert (outcome.kills, outcome.lost, outcome.half) == (KILLS + 4, 0, 0)
    assert outcome.kept >= outcome.confirmed
