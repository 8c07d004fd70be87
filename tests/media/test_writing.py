"""Text that holds half characters, as Python makes of file names that are no UTF-8: written, and not lost."""

from __future__ import annotations

import json
from pathlib import Path

from spotter.media.writing import GrowingFile, write_text


def test_half_characters_are_spelled_out(tmp_path: Path) -> None:
    name = "Übung\udcff\ud800.mp4"
    write_text(tmp_path / "a.json", json.dumps({"name": name}, ensure_ascii=False))
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == {"name": name}
    file = GrowingFile(tmp_path / "a.csv")
    file.write(f"{name}\n")
    file.close()
    assert (tmp_path / "a.csv").read_text("utf-8") == "Übung\\udcff\\ud800.mp4\n"
