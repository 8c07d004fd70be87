"""Weights as .h5: the same to the bit both ways, and every damage is named."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("h5py", reason="the train extra is not installed")

import h5py
import torch

from spotter.errors import ExportError, ModelError, OutputError
from spotter.segmenter.architecture import architecture
from spotter.segmenter.network import build
from spotter.segmenter.weights_h5 import read_h5, write_h5

WORDS = {
    "network": "parts",
    "version": "1.2",
    "classes": ["person", "Kopf — head"],
    "side": 384,
    "anchors": [[1, 2], [3.5]],
}


def odd_state() -> dict[str, Any]:
    """Tensors of every shape and type that a network may have, and values that are easily lost."""
    bits = torch.tensor([0x7FC00001, -0x80000000, 1, 0x7F800000], dtype=torch.int32)
    return {
        "backbone.body.conv1.weight": torch.randn(4, 3, 7, 7),
        "backbone.body.conv1.bias": bits.view(torch.float32),  # a NaN with a payload, -0, the least, infinity
        "backbone.body.bn1.num_batches_tracked": torch.tensor(2**60 + 1),
        "rpn.head.weight": torch.randn(5, 6).to(memory_format=torch.contiguous_format).t(),
        "half.weight": torch.randn(3).half(),
        "mask.on": torch.tensor([True, False]),
        "empty.weight": torch.zeros(0, 4),
        "scale": torch.tensor([1.5], dtype=torch.float64),
    }


def same_to_the_bit(one: Any, other: Any) -> bool:
    shape = one.dtype == other.dtype and one.shape == other.shape
    return bool(shape and one.contiguous().numpy().tobytes() == other.contiguous().numpy().tobytes())


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "new folder" / "network.h5"
    write_h5(path, odd_state(), WORDS)
    return path


def test_everything_comes_back_to_the_bit(written: Path) -> None:
    torch.manual_seed(0)
    state = odd_state()
    write_h5(written, state, WORDS)
    again, words = read_h5(written)
    assert words == WORDS
    assert list(again) == list(state)
    assert all(same_to_the_bit(again[name], value) for name, value in state.items())


def test_a_whole_network_comes_back_in_layers_that_others_can_read(tmp_path: Path) -> None:
    state = build(architecture("parts"), 15).state_dict()
    write_h5(tmp_path / "parts.h5", state, {"network": "parts"})
    again, _ = read_h5(tmp_path / "parts.h5")
    assert all(same_to_the_bit(again[name], value) for name, value in state.items())
    assert len(again) == len(state)
    with h5py.File(tmp_path / "parts.h5") as file:
        assert file["rpn.head.holds/weight"].shape == tuple(state["rpn.head.holds.weight"].shape)
        assert file.attrs["network"] == '"parts"'


def test_missing_layer_and_tensor_are_named(written: Path) -> None:
    with h5py.File(written, "a") as file:
        del file["backbone.body.conv1/bias"]
    with pytest.raises(
        ModelError, match=r"has no backbone\.body\.conv1\.bias, which it lists.*export it again"
    ):
        read_h5(written)
    with h5py.File(written, "a") as file:
        del file["backbone.body.conv1"]
    with pytest.raises(ModelError, match=r"has no backbone\.body\.conv1, which it lists"):
        read_h5(written)


def test_flipped_bit_is_noticed_and_its_layer_named(written: Path) -> None:
    with h5py.File(written) as file:
        chunk = file["backbone.body.conv1/weight"].id.get_chunk_info(0)
    content = bytearray(written.read_bytes())
    content[chunk.byte_offset + chunk.size // 2] ^= 1
    written.write_bytes(content)
    with pytest.raises(ModelError, match=r"damaged in layer backbone\.body\.conv1 "):
        read_h5(written)


@pytest.mark.parametrize("kept", [0.99, 0.5, 0.01])
def test_truncated_file(written: Path, kept: float) -> None:
    content = written.read_bytes()
    written.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(ModelError, match="cut short"):
        read_h5(written)


@pytest.mark.parametrize("content", [b"", b"no HDF5 at all", b"\x89HDF\r\n\x1a\n"])
def test_no_hdf5_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.h5"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"a\.h5 is no HDF5 file"):
        read_h5(path)
    with pytest.raises(ModelError, match="there is no file"):
        read_h5(tmp_path / "b.h5")


def test_hdf5_files_of_others(tmp_path: Path, written: Path) -> None:
    with h5py.File(tmp_path / "matterport.h5", "w") as file:
        file.attrs["layer_names"] = [b"conv1"]
    with pytest.raises(ModelError, match=r"Keras, perhaps Matterport's .*--model"):
        read_h5(tmp_path / "matterport.h5")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["anything"] = 1
    with pytest.raises(ModelError, match="no weights of Spotter"):
        read_h5(tmp_path / "other.h5")
    with h5py.File(written, "a") as file:
        file.attrs["network"] = "no JSON"
    with pytest.raises(ModelError, match="changed by another program"):
        read_h5(written)
    with h5py.File(written, "a") as file:
        file.attrs["spotter_format"] = 2
    with pytest.raises(ModelError, match="newer Spotter"):
        read_h5(written)


def test_nothing_is_left_where_it_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: Path
) -> None:
    before = written.read_bytes()
    with pytest.raises(ExportError, match=r"a\.weight is of type torch\.bfloat16"):
        write_h5(written, {"a.weight": torch.zeros(2, dtype=torch.bfloat16)}, {})

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OutputError, match="disk is full"):
        write_h5(written, odd_state(), WORDS)
    assert written.read_bytes() == before
    assert [path.name for path in written.parent.iterdir()] == ["network.h5"]
