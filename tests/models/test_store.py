"""The only door to weights: found, checked, fetched, and every way in which that can fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spotter.errors import ModelChecksumError, ModelDownloadError, ModelError
from spotter.models import store
from spotter.models.card import ModelCard
from spotter.models.store import ModelStore
from spotter.models.wheel import Wheel

WHOLE = b"weights" * 1000


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in the place of the installed weights."""
    folder = tmp_path / "packaged"
    folder.mkdir()
    monkeypatch.setattr(store, "PACKAGED", folder)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The user's folder; it does not exist yet."""
    return tmp_path / "user"


@pytest.fixture
def offline(packaged: Path, root: Path, make_card: Callable[..., ModelCard]) -> ModelStore:
    """A store that knows one model, ``m``, and fetches nothing."""
    card = make_card("m.onnx", WHOLE, url="http://127.0.0.1:9/m.onnx")
    return ModelStore(root, offline=True, registry={"m": card})


def test_packaged_weights_come_first(offline: ModelStore, packaged: Path, root: Path) -> None:
    root.mkdir()
    for folder in (packaged, root):
        (folder / "m.onnx").write_bytes(WHOLE)
    assert offline.path("m") == packaged / "m.onnx"
    (packaged / "m.onnx").unlink()
    assert offline.path("m") == root / "m.onnx"


def test_good_copy_hides_a_damaged_one(offline: ModelStore, packaged: Path, root: Path) -> None:
    root.mkdir()
    (packaged / "m.onnx").write_bytes(b"half")
    (root / "m.onnx").write_bytes(WHOLE)
    assert offline.path("m") == root / "m.onnx"
    assert offline.status("m").state == "ready"


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"x" * 7000, ModelChecksumError, r"wrong checksum: expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}"),
        (b"x" * 9000, ModelChecksumError, "wrong checksum"),
        (WHOLE[:3500], ModelError, "cut short: 3,500 of 7,000 bytes"),
        (b"", ModelError, "cut short: 0 of 7,000 bytes"),
    ],
    ids=["other content", "too long", "half", "empty"],
)
def test_damaged_file(
    offline: ModelStore, root: Path, content: bytes, error: type[ModelError], words: str
) -> None:
    root.mkdir()
    (root / "m.onnx").write_bytes(content)
    assert offline.status("m").state == "damaged"
    assert offline.status("m").path == root / "m.onnx"
    for look in (offline.verify, offline.path):
        with pytest.raises(error, match=words) as raised:
            look("m")
        assert type(raised.value) is error
        assert "spotter models pull m" in str(raised.value)
    assert not (root / "m.onnx").exists()  # path removed it, so that the next call fetches it


def test_file_is_hashed_once_and_again_when_it_changes(
    offline: ModelStore, packaged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[Path] = []
    real = store.file_sha256
    monkeypatch.setattr(store, "file_sha256", lambda path: hashed.append(path) or real(path))
    (packaged / "m.onnx").write_bytes(WHOLE)
    offline.path("m")
    offline.path("m")
    assert len(hashed) == 1
    offline.verify("m")
    assert len(hashed) == 2
    (packaged / "m.onnx").write_bytes(b"other content, other size")
    with pytest.raises(ModelError):
        offline.path("m")


def test_missing_and_offline(offline: ModelStore, root: Path) -> None:
    assert offline.status("m").state == "missing"
    for look in (offline.path, offline.pull):
        with pytest.raises(ModelDownloadError, match=r"offline.*SPOTTER_OFFLINE.*m\.onnx"):
            look("m")
    with pytest.raises(ModelError, match="spotter models pull m"):
        offline.verify("m")
    assert not root.exists()


@pytest.mark.parametrize(
    ("value", "refused"), [("1", True), ("yes", True), ("0", False), ("", False), (None, False)]
)
def test_offline_by_environment(
    server: Any,
    packaged: Path,
    root: Path,
    make_card: Callable[..., ModelCard],
    monkeypatch: pytest.MonkeyPatch,
    value: str | None,
    refused: bool,
) -> None:
    monkeypatch.delenv("SPOTTER_OFFLINE", raising=False)
    if value is not None:
        monkeypatch.setenv("SPOTTER_OFFLINE", value)
    models = ModelStore(root, registry={"m": make_card("m.onnx", server.content, url=server.url)})
    if refused:
        with pytest.raises(ModelDownloadError):
            models.path("m")
        assert server.asked == []
    else:
        assert models.path("m").read_bytes() == server.content


def test_missing_model_is_fetched_from_its_url_once(
    server: Any, packaged: Path, root: Path, make_card: Callable[..., ModelCard]
) -> None:
    card = make_card("m.onnx", server.content, url=server.url)
    models = ModelStore(root, offline=False, registry={"m": card})
    steps: list[tuple[int, int]] = []
    assert models.path("m", lambda *step: steps.append(step)) == root / "m.onnx"
    assert steps[-1] == (card.size, card.size)
    assert models.pull("m") == models.verify("m") == root / "m.onnx"
    assert len(server.asked) == 1


def test_pull_replaces_a_damaged_file(
    server: Any, packaged: Path, root: Path, make_card: Callable[..., ModelCard]
) -> None:
    root.mkdir()
    (root / "m.onnx").write_bytes(b"half")
    card = make_card("m.onnx", server.content, url=server.url)
    models = ModelStore(root, offline=False, registry={"m": card})
    assert models.pull("m").read_bytes() == server.content


def test_one_wheel_brings_all_its_models(
    fake_wheel: Wheel,
    weights: dict[str, bytes],
    packaged: Path,
    root: Path,
    make_card: Callable[..., ModelCard],
) -> None:
    cards = [make_card(name, content, wheel=fake_wheel) for name, content in weights.items()]
    models = ModelStore(root, offline=False, registry={card.name: card for card in cards})
    assert models.path("a") == root / "a.tflite"
    assert models.status("b").state == "ready"


def test_no_network_for_a_wheel(
    fake_wheel: Wheel,
    packaged: Path,
    root: Path,
    make_card: Callable[..., ModelCard],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nothing here"))
    models = ModelStore(root, offline=False, registry={"a": make_card("a.tflite", WHOLE, wheel=fake_wheel)})
    with pytest.raises(ModelDownloadError, match="check the network"):
        models.path("a")
    assert list(root.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "hint"), [("n", "there are: m"), ("mm", "did you mean 'm'"), ("", "there are: m")]
)
def test_unknown_name(offline: ModelStore, name: str, hint: str) -> None:
    for look in (offline.card, offline.path, offline.pull, offline.verify, offline.status):
        with pytest.raises(ModelError, match=hint):
            look(name)


def test_folder_is_spotter_home(packaged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPOTTER_HOME", str(tmp_path / "home"))
    with pytest.raises(ModelDownloadError, match=str(tmp_path / "home" / "models")):
        ModelStore(offline=True).path("face-landmark")
