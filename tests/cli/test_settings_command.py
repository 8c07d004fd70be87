"""``spotter settings`` from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.coached_clip import spotter


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPOTTER_CONFIG", str(tmp_path / "mine.toml"))
    return tmp_path / "mine.toml"


def test_set_show_unset(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert spotter("settings", "path") == 0
    assert capsys.readouterr().out == f"{file}\n" and not file.exists()
    assert spotter("settings", "set", "height_cm", "183") == 0
    assert spotter("settings", "set", "keep", "false") == 0
    assert spotter("settings", "set", "database", "postgresql+psycopg://ada:secret@home/x") == 0
    said = capsys.readouterr()
    assert said.out == "" and "height_cm is 183.0" in said.err and "secret" not in said.err
    assert spotter("settings", "show") == 0
    shown = capsys.readouterr().out.splitlines()
    assert "keep         false" in shown and "database     postgresql+psycopg://ada:***@home/x" in shown
    assert "drop_format  fit          (not set; fit or tcx)" in shown
    assert len(shown) == 7
    assert spotter("settings", "unset", "keep") == 0
    assert spotter("settings", "unset", "keep") == 0
    assert capsys.readouterr().err == "keep is not set\nkeep was not set\n"


def test_mistakes_end_as_wrong_options_do(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert spotter("settings", "set", "height_cm", "18") == 2
    assert spotter("settings", "set", "hight", "183") == 2
    assert spotter("settings", "unset", "hight") == 2
    file.write_text("keep = maybe\n")
    assert spotter("settings", "show") == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4 and all(str(file) in line for line in lines)


def test_other_commands_use_them(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert spotter("settings", "set", "database", tmp_path / "family.db") == 0
    assert spotter("history", "list") == 0
    assert (tmp_path / "family.db").exists()
    file.write_text("keep = maybe\n")
    assert spotter("history", "list") == 2
    assert "is no TOML" in capsys.readouterr().err
