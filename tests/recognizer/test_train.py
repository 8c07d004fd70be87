"""Training from photos to a model's folder, with the backbone that is on board."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from spotter.errors import DatasetError
from spotter.recognizer.dataset import PhotoSet
from spotter.recognizer.features import FeatureStore
from spotter.recognizer.head import Step
from spotter.recognizer.predict import UNKNOWN, Recognizer
from spotter.recognizer.settings import Silent, Trained, TrainSettings
from spotter.recognizer.train import train
from tests.recognizer.photos import CLASSES, write_photos


class Notes(Silent):
    """A watch that writes down what it is told, and can stop the training."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.stages: list[tuple[str, int, int]] = []
        self.steps: list[Step] = []
        self._stop_after = stop_after

    def stage(self, name: str, done: int, total: int) -> None:
        self.stages.append((name, done, total))
        if name == "features" and self._stop_after is not None and done >= self._stop_after:
            raise KeyboardInterrupt

    def epoch(self, step: Step) -> None:
        self.steps.append(step)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own, so that nothing is known from before."""
    from spotter.models.store import ModelStore

    weights = ModelStore().path("pose-detection").parent
    monkeypatch.setenv("SPOTTER_HOME", str(tmp_path / "home"))
    assert ModelStore().path("pose-detection").parent == weights, "the weights are the package's own"
    return tmp_path / "home"


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> PhotoSet:
    return write_photos(tmp_path_factory.mktemp("photos"))


def run(photos: PhotoSet, out: Path, watch: Notes | None = None, **settings: object) -> Trained:
    return train(photos, out, TrainSettings(**{"augment": 3, **settings}), watch)  # type: ignore[arg-type]


def test_it_tells_shapes_of_people_apart_whom_it_never_saw(photos: PhotoSet, tmp_path: Path) -> None:
    trained = run(photos, tmp_path / "model")
    others = write_photos(tmp_path / "others", people=20, each=1)
    fresh = [photo for photo in others.photos if photo.group not in {one.group for one in photos.photos}]
    recognizer = Recognizer.load(tmp_path / "model")
    answers = recognizer.predict_all([photo.path for photo in fresh])
    best = [recognizer.classes[int(np.argmax(answer.probabilities))] for answer in answers]
    assert np.mean([name == photo.labels[0] for name, photo in zip(best, fresh, strict=True)]) > 0.85
    assert {answer.label for answer in answers} <= {*CLASSES, UNKNOWN}
    assert all(sum(answer.probabilities) == pytest.approx(1, abs=1e-3) for answer in answers)
    assert trained.card.training["validation_accuracy"] > 0.8


def test_the_folder_holds_a_whole_model_and_nothing_else(photos: PhotoSet, tmp_path: Path) -> None:
    trained = run(photos, tmp_path / "model", author="A. Author", licence="CC0-1.0")
    assert sorted(path.name for path in trained.folder.iterdir()) == [
        "curves.csv",
        "model.toml",
        "network.xml",
        "weights.safetensors",
    ]
    card = Recognizer.load(trained.folder).card
    assert card == trained.card
    assert (card.author, card.licence, card.task) == ("A. Author", "CC0-1.0", "single")
    assert card.training["photos"] + card.training["validation_photos"] == len(photos)


def test_nobody_is_trained_with_and_held_back(photos: PhotoSet, tmp_path: Path) -> None:
    trained = run(photos, tmp_path / "model")
    groups = [{photo.group for photo in part.photos} for part in (trained.train, trained.validation)]
    assert groups[0] and groups[1] and not groups[0] & groups[1]


def test_a_seed_gives_the_same_model(photos: PhotoSet, tmp_path: Path, home: Path) -> None:
    run(photos, tmp_path / "1", seed=4)
    for file in (home / "features").iterdir():
        file.unlink()
    run(photos, tmp_path / "2", seed=4)
    run(photos, tmp_path / "3", seed=5)
    same = [(tmp_path / name / "weights.safetensors").read_bytes() for name in "123"]
    assert same[0] == same[1] != same[2]


def test_a_stopped_run_goes_on_where_it_was(photos: PhotoSet, tmp_path: Path, home: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(photos, tmp_path / "model", Notes(stop_after=64))
    assert not (tmp_path / "model" / "model.toml").exists(), "half a model does not look like one"
    notes = Notes()
    run(photos, tmp_path / "model", notes)
    first = next(done for name, done, _ in notes.stages if name == "features")
    assert first > 64, "what was computed was not computed again"
    shutil.rmtree(home / "features")
    whole = run(photos, tmp_path / "whole")
    same = [folder / "weights.safetensors" for folder in (tmp_path / "model", whole.folder)]
    assert same[0].read_bytes() == same[1].read_bytes()


def test_features_are_taken_from_the_store_only_for_the_same_photos(photos: PhotoSet, tmp_path: Path) -> None:
    run(photos, tmp_path / "1")
    again, other = Notes(), Notes()
    run(photos, tmp_path / "2", again)
    run(photos.only(photos.photos[:-1]), tmp_path / "3", other)
    assert not [one for one in again.stages if one[0] == "features"]
    assert [one for one in other.stages if one[0] == "features"]


def test_the_store_forgets_the_oldest(
    photos: PhotoSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spotter.recognizer.features._MOST_BYTES", 3_000_000)
    run(photos, tmp_path / "model")
    network = tmp_path / "network"
    from spotter.models.weights import NETWORK_NAME, save_network
    from spotter.recognizer.onboard import onboard_features, onboard_side

    save_network(onboard_features(), network)
    squares = np.zeros((40, onboard_side(), onboard_side(), 3), np.uint8)
    store = FeatureStore(tmp_path / "store")
    for run_number in range(12):
        store.compute(network / NETWORK_NAME, lambda start, end: squares[start:end], 40, [run_number])
    sizes = [file.stat().st_size for file in (tmp_path / "store").glob("*.f32")]
    assert len(sizes) < 12 and sum(sizes) <= 3_000_000


def test_several_labels_a_photo(photos: PhotoSet, tmp_path: Path) -> None:
    from dataclasses import replace

    both = {"ring": ("ring", "round"), "disc": ("disc", "round"), "bar": ()}
    many = PhotoSet(
        tuple(replace(photo, labels=both[photo.labels[0]]) for photo in photos.photos),
        ("disc", "ring", "round"),
        multilabel=True,
    )
    trained = run(many, tmp_path / "model")
    assert trained.card.task == "multi" and len(trained.card.calibration.thresholds) == 3
    recognizer = Recognizer.load(tmp_path / "model")
    answers = recognizer.predict_all([photo.path for photo in many.photos])
    right = [
        set(answer.labels) == set(photo.labels) for answer, photo in zip(answers, many.photos, strict=True)
    ]
    assert np.mean(right) > 0.8
    assert any(answer.label == UNKNOWN for answer in answers), "bars have no label, and are called none"


def test_photos_that_cannot_be_read_are_left_out_and_listed(photos: PhotoSet, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    some = write_photos(folder, people=6)
    (folder / "bar" / "person00_0.png").write_bytes(b"this is text")
    trained = run(some, tmp_path / "model")
    left_out = [one for part in (trained.train,) for one in part.left_out]
    assert [one.path.name for one in left_out] == ["person00_0.png"]
    assert trained.card.training["left_out"] == 1


def test_a_class_of_which_nothing_can_be_read_is_an_error(tmp_path: Path) -> None:
    some = write_photos(tmp_path / "photos", people=6)
    for file in (tmp_path / "photos" / "bar").iterdir():
        file.write_bytes(b"this is text")
    with pytest.raises(DatasetError, match=r"no photo of bar can be read: .*person00_0\.png"):
        run(some, tmp_path / "model")


def test_a_full_disk_is_said(photos: PhotoSet, tmp_path: Path) -> None:
    from spotter.errors import OutputError

    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="could not be written"):
        run(photos, tmp_path / "file" / "model")
