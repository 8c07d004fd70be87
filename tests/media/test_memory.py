"""Keeping freed memory."""

from __future__ import annotations

import platform
import sys

import pytest

from spotter.media.memory import keep_freed_memory


def test_it_is_done_where_glibc_is() -> None:
    assert keep_freed_memory() == (sys.platform.startswith("linux") and platform.libc_ver()[0] == "glibc")


def test_elsewhere_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert keep_freed_memory() is False
