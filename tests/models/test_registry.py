"""The registry of models: what Spotter's own holds, and what a wrong one says."""

from __future__ import annotations

from pathlib import Path

import pytest

from spotter.errors import ModelError
from spotter.models.card import WEIGHT_SUFFIXES, load_registry
from spotter.segmenter.architecture import architectures

WHEEL = """
[wheels.w]
requirement = "w==1"
platform = "any"
implementation = "py"
python_version = "3"
abi = "none"
size = 1
sha256 = "{sha}"
licence_member = "LICENSE"
"""

MODEL = """
[models.m]
task = "t"
licence = "MIT"
source = "https://example.org"
input = "i"
outputs = ["o"]
{wheel}

[[models.m.files]]
name = "{name}"
size = {size}
sha256 = "{sha}"
{origin}
"""

RIGHT = {
    "wheel": "",
    "name": "m.onnx",
    "size": "7",
    "sha": "ab" * 32,
    "origin": 'url = "https://example.org/m.onnx"',
}


def written(folder: Path, text: str) -> Path:
    path = folder / "registry.toml"
    path.write_text(text)
    return path


def test_own_registry() -> None:
    cards = load_registry()
    assert list(cards) == [
        "pose-detection",
        "pose-landmark-full",
        "palm-detection-full",
        "hand-landmark-full",
        "face-detection-short-range",
        "face-landmark",
        "maskrcnn-coco",
        "haar-cascades",
    ]
    for name, card in cards.items():
        assert card.name == name
        assert card.source.startswith("https://")
        assert card.size == sum(file.size for file in card.files)
        if card.network is not None or name == "haar-cascades":
            continue
        assert card.licence == "Apache-2.0"
        assert card.wheel is not None and card.wheel.requirement == "mediapipe==0.10.21"
        assert [file.name for file in card.wheel_files] == [file.name for file in card.files]
    assert cards["pose-landmark-full"].size == 6_440_512


def test_weights_of_torchvision_are_what_their_name_says() -> None:
    """torchvision puts the first eight digits of the SHA-256 into the file's name."""
    card = load_registry()["maskrcnn-coco"]
    file = card.files[0]
    assert card.network in architectures()
    assert file.url == f"https://download.pytorch.org/models/{file.name}"
    assert file.name.endswith(f"-{file.sha256[:8]}.pth")


@pytest.mark.parametrize("suffix", WEIGHT_SUFFIXES)
def test_model_from_a_url(tmp_path: Path, suffix: str) -> None:
    card = load_registry(written(tmp_path, MODEL.format_map(RIGHT | {"name": f"m{suffix}"})))["m"]
    assert (card.files[0].name, card.size, card.outputs, card.wheel) == (f"m{suffix}", 7, ("o",), None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "m.pkl"}, r"'m\.pkl' must end with one of \.tflite, \.onnx, \.safetensors, \.h5"),
        ({"name": "m.pt"}, "must end with"),
        ({"name": "m.bin"}, "must end with"),
        ({"name": "../m.onnx"}, "plain file name"),
        ({"name": "a/m.onnx"}, "plain file name"),
        ({"sha": "AB" * 32}, r"models\.m\.files\.0\.sha256"),
        ({"sha": "ab"}, r"models\.m\.files\.0\.sha256"),
        ({"size": "0"}, r"models\.m\.files\.0\.size.*greater than 0"),
        ({"size": '"seven"'}, r"models\.m\.files\.0\.size"),
        ({"origin": 'url = "file:///etc/passwd"'}, r"models\.m\.files\.0\.url"),
        ({"origin": ""}, "needs a url"),
        ({"origin": 'member = "a/m.onnx"'}, "needs a url"),
        ({"origin": 'url = "https://example.org/m"\nmember = "a/m.onnx"'}, "needs a url and nothing else"),
        ({"origin": 'link = "https://example.org/m"'}, r"models\.m\.files\.0\.link"),
        ({"wheel": 'wheel = "v"', "origin": 'member = "a/m.onnx"'}, "no wheel is called 'v'; there is none"),
        ({"wheel": "speed = 3"}, r"models\.m\.speed"),
        ({"size": ""}, "cannot be read"),
    ],
)
def test_wrong_registry_names_the_key(tmp_path: Path, change: dict[str, str], words: str) -> None:
    path = written(tmp_path, MODEL.format_map(RIGHT | change))
    with pytest.raises(ModelError, match=words) as raised:
        load_registry(path)
    assert str(path) in str(raised.value)


def test_model_in_a_wheel_needs_members(tmp_path: Path) -> None:
    text = WHEEL.format(sha="ab" * 32) + MODEL.format_map(RIGHT | {"wheel": 'wheel = "w"'})
    with pytest.raises(ModelError, match="needs a member and nothing else"):
        load_registry(written(tmp_path, text))


def test_two_models_with_a_file_of_the_same_name(tmp_path: Path) -> None:
    one = MODEL.format_map(RIGHT)
    with pytest.raises(ModelError, match=r"2 files are called m\.onnx"):
        load_registry(written(tmp_path, one + one.replace("models.m", "models.n")))


def test_registry_without_models(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="wrong at models"):
        load_registry(written(tmp_path, ""))


def test_registry_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        load_registry(tmp_path / "none.toml")
