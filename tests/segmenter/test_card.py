"""model.toml of a segmenter: written, read back, and what is wrong with others."""

from __future__ import annotations

from pathlib import Path

import pytest

from spotter.errors import ModelError
from spotter.models.model_toml import FILE_NAME
from spotter.recognizer.card import RecognizerCard
from spotter.recognizer.card import write_card as write_recognizer_card
from spotter.segmenter.card import SegmenterCard, read_card, write_card

CARD = SegmenterCard(
    "parts",
    ("person", "tête", "left hand"),
    384,
    0.45,
    True,
    {"pictures": 12, "mask_ap": 0.5, "data": {"folder": "a b/ü", "files": ["x.json"]}},
    'Ada "the" Author',
    "CC0-1.0",
    {"spotter": "1.0"},
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_card(tmp_path / "new" / "model", CARD)
    assert read_card(tmp_path / "new" / "model") == CARD


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"has no model.toml; give the folder that spotter segmenter train"):
        read_card(tmp_path)
    with pytest.raises(ModelError):
        read_card(tmp_path / "missing")


def test_a_recognizer_is_no_segmenter(tmp_path: Path) -> None:
    write_recognizer_card(
        tmp_path, RecognizerCard(("a", "b"), "single", "onboard", "features", 8, (1.0,) * 3, (0.0,) * 3)
    )
    with pytest.raises(ModelError, match="another task, 'single', and 'segment' is wanted"):
        read_card(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("schema = 1", "schema = 9", "has the schema 9, and this Spotter reads 1"),
        ("network = ", "nettwork = ", "cannot be read: 'network'"),
        ("side = 384", 'side = "wide"', "cannot be read: invalid literal"),
        ("score = 0.45", "score =", "cannot be read"),
        ('classes = ["person", "tête", "left hand"]', "classes = []", "classes must be a list of names"),
        ('classes = ["person", "tête", "left hand"]', "classes = [1]", "classes must be a list of names"),
    ],
)
def test_a_damaged_card(tmp_path: Path, old: str, new: str, said: str) -> None:
    write_card(tmp_path, CARD)
    text = (tmp_path / FILE_NAME).read_text("utf-8")
    assert old in text
    (tmp_path / FILE_NAME).write_text(text.replace(old, new), "utf-8")
    with pytest.raises(ModelError, match=said):
        read_card(tmp_path)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ModelError, match="cannot be read"):
        read_card(tmp_path)
