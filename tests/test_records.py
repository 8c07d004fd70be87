"""Where sessions go: what was asked for wins, and the settings are one person's."""

from __future__ import annotations

from pathlib import Path

import pytest

from spotter.errors import UsageError
from spotter.records import NOWHERE, Records, choose
from spotter.settings import Settings

ADA = Settings(person="Ada", database="/family.db", drop=Path("/inbox"), drop_format="tcx")


def test_the_settings_count_where_nothing_is_asked_for() -> None:
    assert choose(Settings()) == Records()
    assert choose(ADA) == Records("Ada", database="/family.db", drop=Path("/inbox"), drop_format="tcx")
    assert not choose(Settings(keep=False)).history


def test_what_is_asked_for_wins() -> None:
    found = choose(ADA, name="Eve", database="/other.db", drop=Path("/outbox"), weights_kg=(20.0,))
    assert found == Records("Eve", (20.0,), None, True, "/other.db", Path("/outbox"), "tcx")
    assert choose(Settings(keep=False), history=True).history
    assert choose(Settings(keep=False), database="/other.db").history
    assert choose(ADA, drop_format="fit").drop_format == "fit"


def test_the_drop_folder_is_one_persons_and_not_for_what_is_not_kept() -> None:
    assert choose(ADA, name="Ada").drop == Path("/inbox")
    assert choose(ADA, name="Eve").drop is None
    assert choose(ADA, history=False).drop is None
    assert choose(ADA, history=False, drop=Path("/outbox")).drop == Path("/outbox")


@pytest.mark.parametrize("weights", [(-1.0,), (20.0, float("inf")), (float("nan"),), (2001.0,)])
def test_weights_that_nobody_lifts(weights: tuple[float, ...]) -> None:
    with pytest.raises(UsageError, match="give kilograms from 0 to 2000"):
        Records(weights_kg=weights)


def test_nobodys_sessions() -> None:
    with pytest.raises(UsageError, match="no name"):
        Records(name="  ")
    with pytest.raises(UsageError, match="leave one of them out"):
        choose(Settings(), history=False, database="a.db")
    assert NOWHERE.drop is None and not NOWHERE.history
