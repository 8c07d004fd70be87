"""Training that needs PyTorch, from photos to a model's folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from spotter.errors import MissingExtraError, ModelDownloadError
from spotter.recognizer.dataset import PhotoSet
from spotter.recognizer.predict import Recognizer
from spotter.recognizer.settings import Silent, TrainSettings
from spotter.recognizer.train import train
from tests.recognizer.photos import write_photos

pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPOTTER_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> PhotoSet:
    return write_photos(tmp_path_factory.mktemp("photos"), people=6)


def answers(folder: Path, photos: PhotoSet) -> np.ndarray:
    recognizer = Recognizer.load(folder, precision="f32")
    return np.array(
        [one.probabilities for one in recognizer.predict_all([photo.path for photo in photos.photos])]
    )


def test_fine_tuning_changes_the_network_and_what_is_saved_is_what_was_trained(
    photos: PhotoSet, tmp_path: Path
) -> None:
    plain = train(photos, tmp_path / "plain", TrainSettings(augment=2))
    tuned = train(photos, tmp_path / "tuned", TrainSettings("finetune", augment=2, epochs=3))
    assert tuned.card.strategy == "finetune"
    assert len(tuned.steps) > 3 and len([step for step in tuned.steps if step.epoch == 1]) == 2
    said = answers(tmp_path / "tuned", tuned.validation)
    assert np.abs(said - answers(tmp_path / "plain", tuned.validation)).max() > 1e-4
    assert plain.card.training["trained_again_on_all"] and tuned.card.training["trained_again_on_all"]


def test_held_back_photos_that_were_given_are_never_trained_with(photos: PhotoSet, tmp_path: Path) -> None:
    parts = tuple(
        replace(photo, part="validation" if photo.group in ("person00", "person01") else "train")
        for photo in photos.photos
    )
    tuned = train(photos.only(parts), tmp_path / "model", TrainSettings("finetune", augment=2, epochs=2))
    assert {photo.group for photo in tuned.validation.photos} == {"person00", "person01"}
    assert not tuned.card.training["trained_again_on_all"]
    said = answers(tmp_path / "model", tuned.validation)
    np.testing.assert_allclose(said, tuned.probabilities, atol=0.02)  # trained in bf16 where the CPU has it


def test_a_paper_s_network_begins_with_nothing_and_learns(photos: PhotoSet, tmp_path: Path) -> None:
    trained = train(photos, tmp_path / "model", TrainSettings(backbone="figure2", augment=1, epochs=12))
    assert (trained.card.strategy, trained.card.backbone, trained.card.side) == ("scratch", "figure2", 64)
    assert trained.steps[-1].train_loss < trained.steps[0].train_loss
    np.testing.assert_allclose(
        answers(tmp_path / "model", trained.validation), trained.probabilities, atol=0.02
    )


class Told(Silent):
    """A watch that keeps what is said."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def say(self, sentence: str) -> None:
        self.sentences.append(sentence)


def test_without_a_network_the_backbone_on_board_is_taken_and_it_is_said(
    photos: PhotoSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(*_: object, **__: object) -> object:
        raise ModelDownloadError("the weights of mobilenet_v1 could not be fetched: there is no network")

    monkeypatch.setattr("spotter.recognizer.timm_models.timm_features", offline)
    told = Told()
    trained = train(photos, tmp_path / "model", TrainSettings(backbone="mobilenet_v1", augment=1), told)
    assert trained.card.backbone == "onboard"
    assert any("no network; the backbone that is on board is taken instead" in one for one in told.sentences)


def test_without_pytorch_the_extra_is_named_and_features_still_work(
    photos: PhotoSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    for name in [name for name in sys.modules if name.startswith(("torch", "spotter.recognizer."))]:
        if name.split(".")[0] == "torch" or name.split(".")[-1] in ("deep", "finetune", "layers", "pytorch"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"spotter-coach\[train\]"):
        train(photos, tmp_path / "tuned", TrainSettings("finetune", augment=1))
    train(photos, tmp_path / "plain", TrainSettings(augment=1))
