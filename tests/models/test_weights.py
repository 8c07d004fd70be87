"""A network as network.xml and weights.safetensors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from spotter.errors import ModelError, OutputError
from spotter.models.runtime import ov
from spotter.models.session import Session
from spotter.models.weights import NETWORK_NAME, WEIGHTS_NAME, read_network, save_network

WEIGHT = np.arange(12, dtype=np.float32).reshape(4, 3)
BIAS = np.array([5, 6, 7], np.float32)


def small() -> ov.Model:
    entry = ov.opset13.parameter([-1, 4], np.float32)
    weight = ov.opset13.constant(WEIGHT, name="weight")
    again = ov.opset13.constant(WEIGHT, name="same_weight")
    bias = ov.opset13.constant(BIAS[None].astype(np.float16), name="bias")
    first = ov.opset13.matmul(entry, weight, False, False)
    second = ov.opset13.matmul(entry, again, False, False)
    both = ov.opset13.add(ov.opset13.add(first, second), ov.opset13.convert(bias, "f32"))
    entry.output(0).set_names({"pixels"})
    both.output(0).set_names({"features"})
    return ov.Model([both.output(0)], [entry], "small")


def test_what_is_written_is_read_and_computes_the_same(tmp_path: Path) -> None:
    save_network(small(), tmp_path)
    x = np.array([[1, 2, 3, 4]], np.float32)
    got = Session(tmp_path / NETWORK_NAME, precision="f32").run(x)[0]
    np.testing.assert_allclose(got, 2 * x @ WEIGHT + BIAS)
    assert sorted(path.name for path in tmp_path.iterdir()) == [NETWORK_NAME, WEIGHTS_NAME]


def test_the_weights_are_safetensors_by_name_and_stored_once(tmp_path: Path) -> None:
    save_network(small(), tmp_path)
    tensors = load_file(tmp_path / WEIGHTS_NAME)
    floats = {name: value for name, value in tensors.items() if value.dtype == np.float32}
    assert len(floats) == 1, "equal constants are stored once"
    np.testing.assert_array_equal(next(iter(floats.values())), WEIGHT)
    (bias,) = (value for name, value in tensors.items() if ".bias" in name)
    assert bias.dtype == np.float16
    np.testing.assert_array_equal(bias, BIAS[None])


def test_the_files_depend_on_the_network_only(tmp_path: Path) -> None:
    for name in ("first", "second"):
        save_network(small(), tmp_path / name)
    for file in (NETWORK_NAME, WEIGHTS_NAME):
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes()


@pytest.mark.parametrize("name", [NETWORK_NAME, WEIGHTS_NAME])
@pytest.mark.parametrize("damage", ["gone", "cut", "text"])
def test_damage_is_one_sentence_with_the_files_name(tmp_path: Path, name: str, damage: str) -> None:
    save_network(small(), tmp_path)
    path = tmp_path / name
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-7] if damage == "cut" else b"hello")
    with pytest.raises(ModelError, match=name.replace(".", r"\.")) as caught:
        read_network(tmp_path / NETWORK_NAME)
    assert "\n" not in str(caught.value)


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"weights\.safetensors"):
        save_network(small(), tmp_path / "file")
