"""The file of settings: what is read, what is refused and how, and that a change loses nothing."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from spotter.errors import OutputError, UsageError
from spotter.settings import (
    Settings,
    allowed_values,
    change_setting,
    load_settings,
    remove_setting,
    settings_file,
)

WHOLE = """\
person = "Ada"
height_cm = 183
keep = false
database = "postgresql+psycopg://ada:secret@home/spotter"
drop = "~/inbox"
drop_format = "tcx"
heart_rate = "AA:BB:CC:DD:EE:01"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.toml"


def written(file: Path, text: str | bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_every_setting_is_read(file: Path) -> None:
    assert load_settings(file) == Settings()
    assert load_settings(written(file, WHOLE)) == Settings(
        person="Ada",
        height_cm=183.0,
        keep=False,
        database="postgresql+psycopg://ada:secret@home/spotter",
        drop=Path.home() / "inbox",
        drop_format="tcx",
        heart_rate="AA:BB:CC:DD:EE:01",
    )
    assert list(allowed_values()) == [line.split()[0] for line in WHOLE.splitlines()]
    assert load_settings(written(file, b"\xef\xbb\xbfkeep = false\r\n")).keep is False  # as Windows writes it


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("person = ''", "person is ''; allowed is a name"),
        ("person = 3", "person is 3; allowed is a name"),
        ("height_cm = '183'", "height_cm is '183'; allowed is a number from 50 to 260"),
        ("height_cm = 1.83", "height_cm is 1.83; allowed is a number from 50 to 260"),
        ("height_cm = nan", "height_cm is nan; allowed"),
        ("height_cm = true", "height_cm is True; allowed"),
        ("keep = 'yes'", "keep is 'yes'; allowed is true or false"),
        ("keep = 1", "keep is 1; allowed"),
        ("database = 'mine.db'", "database is 'mine.db'; allowed is a SQLite file's whole path"),
        ("drop = 'inbox'", "drop is 'inbox'; allowed is a folder's whole path"),
        ("drop = '~nobody-of-that-name/x'", "drop is '~nobody-of-that-name/x'; allowed"),
        ("drop = 2026-05-04", "allowed is a folder's whole path"),
        ("drop_format = 'gpx'", "drop_format is 'gpx'; allowed is fit or tcx"),
        ("drop_format = ['fit']", "allowed is fit or tcx"),
        ("[heart_rate]\naddress = 'AA'", "allowed is the address of a strap"),
        ("hight_cm = 183", "there is no setting 'hight_cm'; there are person, height_cm, keep"),
        ("keep = false\nkeep = true", "is no TOML"),
        ("person = Ada", r"is no TOML \(.*line 1"),
        (b"person = '\xff'", "cannot be read"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_key(file: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        load_settings(written(file, text))
    assert str(file) in str(caught.value) and caught.value.exit_code == 2


def test_a_password_is_never_shown(file: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_settings(written(file, "drop = 'postgresql+psycopg://ada:secret@home/x'"))
    assert "secret" not in str(caught.value) and "ada:***@home" in str(caught.value)


def test_a_change_leaves_comments_and_all_else(file: Path) -> None:
    written(file, "# mine\n\nperson = 'Ada'   # since May\n# height_cm = 170\nkeep = false\n")
    change_setting("person", "Zoë", file)
    change_setting("height_cm", "183.5", file)
    change_setting("keep", "true", file)
    text = file.read_text("utf-8")
    assert text.startswith('# mine\n\nperson = "Zoë"   # since May\n# height_cm = 170\nkeep = true\n')
    assert load_settings(file) == Settings(person="Zoë", height_cm=183.5)
    assert remove_setting("height_cm", file) and not remove_setting("height_cm", file)
    assert load_settings(file) == Settings(person="Zoë")
    assert [one.name for one in file.parent.iterdir()] == ["settings.toml"]


def test_paths_may_be_typed_from_here(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert change_setting("drop", "inbox", file) == tmp_path / "inbox"
    assert change_setting("database", "all.db", file) == str(tmp_path / "all.db")
    assert change_setting("drop", "~/inbox", file) == Path.home() / "inbox"
    assert '"~/inbox"' in file.read_text()
    change_setting("database", "postgresql+psycopg://home/x", file)
    assert load_settings(file).database == "postgresql+psycopg://home/x"


def test_what_may_not_be_is_not_written(file: Path) -> None:
    written(file, "keep = false\n")
    for name, value in {"height_cm": "tall", "keep": "True", "drop": "", "drop_format": "FIT"}.items():
        with pytest.raises(UsageError, match=f"{name} is"):
            change_setting(name, value, file)
    with pytest.raises(UsageError, match="there is no setting 'weight'"):
        change_setting("weight", "70", file)
    with pytest.raises(UsageError, match="there is no setting 'weight'"):
        remove_setting("weight", file)
    assert file.read_text() == "keep = false\n"


def test_a_mistake_can_be_mended_by_the_command(file: Path) -> None:
    written(file, "hight_cm = 183\nkeep = 'yes'\n")
    assert remove_setting("hight_cm", file)
    change_setting("keep", "false", file)
    assert load_settings(file) == Settings(keep=False)
    written(file, "keep = \n")
    with pytest.raises(UsageError, match="no TOML"):
        change_setting("keep", "false", file)
    assert file.read_text() == "keep = \n"


def test_a_full_disk_leaves_what_was_there(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(file, WHOLE)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("spotter.media.writing.os.replace", full)
    with pytest.raises(OutputError, match="the disk is full"):
        change_setting("person", "Eve", file)
    assert file.read_text() == WHOLE
    assert [one.name for one in file.parent.iterdir()] == ["settings.toml"]


@pytest.mark.skipif(sys.platform == "win32", reason="rights and links differ on Windows")
def test_only_the_user_may_read_it_and_a_link_stays_one(file: Path, tmp_path: Path) -> None:
    before = os.umask(0)
    os.umask(before)
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    change_setting("person", "Ada", link)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and link.is_symlink()
    assert os.umask(before) == before


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_settings(tmp_path)


def test_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPOTTER_CONFIG", "~/mine.toml")
    assert settings_file() == Path.home() / "mine.toml"
    monkeypatch.delenv("SPOTTER_CONFIG")
    monkeypatch.setenv("SPOTTER_HOME", str(tmp_path))
    assert settings_file() == tmp_path / "settings.toml"
    monkeypatch.delenv("SPOTTER_HOME")
    for system, variable, folder in (
        ("linux", "XDG_CONFIG_HOME", tmp_path / "spotter"),
        ("win32", "APPDATA", tmp_path / "Spotter"),
        ("darwin", "", Path.home() / "Library" / "Application Support" / "Spotter"),
    ):
        monkeypatch.setattr(sys, "platform", system)
        if variable:
            monkeypatch.setenv(variable, str(tmp_path))
        assert settings_file() == folder / "settings.toml"
