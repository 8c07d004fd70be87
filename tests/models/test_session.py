"""Running models: which outputs in which order, what fits, what is damaged, and no telemetry."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from spotter.errors import ModelError
from spotter.models.runtime import ov
from spotter.models.session import Session
from spotter.models.store import ModelStore

SOURCE = Path(__file__).parents[2] / "src"
has_bf16 = "BF16" in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def _number(key: int, value: int) -> bytes:
    return bytes([key << 3, value])


def _block(key: int, content: bytes | str) -> bytes:
    content = content.encode() if isinstance(content, str) else content
    return bytes([key << 3 | 2, len(content)]) + content


def _tensor(name: str, shape: tuple[int, ...]) -> bytes:
    lengths = b"".join(_block(1, _number(1, n) if n else _block(2, "n")) for n in shape)
    return _block(1, name) + _block(2, _block(1, _number(1, 1) + _block(2, lengths)))


def _node(operator: str, inputs: tuple[str, ...], output: str) -> bytes:
    return b"".join(_block(1, name) for name in inputs) + _block(2, output) + _block(4, operator)


@pytest.fixture
def tiny(tmp_path: Path) -> Callable[..., Path]:
    """Writes an ONNX file by hand: x of some shape gives "double" (x + x), "positive" and "negated"."""

    def write(shape: tuple[int, ...] = (2, 3)) -> Path:
        nodes = [
            _node("Add", ("x", "x"), "double"),
            _node("Relu", ("x",), "positive"),
            _node("Neg", ("x",), "negated"),
        ]
        graph = b"".join(_block(1, node) for node in nodes) + _block(2, "tiny")
        graph += _block(11, _tensor("x", shape))
        graph += b"".join(_block(12, _tensor(name, shape)) for name in ("double", "positive", "negated"))
        head = bytes([7 << 3 | 2, len(graph) & 0x7F | 0x80, len(graph) >> 7])
        path = tmp_path / "tiny.onnx"
        path.write_bytes(_number(1, 8) + head + graph + _block(8, _block(1, "") + _number(2, 13)))
        return path

    return write


X = np.array([[-1, 0, 2], [3, -4, 5]], np.float32)


def test_all_outputs_in_the_models_order(tiny: Callable[..., Path]) -> None:
    session = Session(tiny(), precision="f32")
    assert session.outputs == ("double", "positive", "negated")
    assert (session.input_shape, session.input_type, session.precision) == ((2, 3), np.float32, "f32")
    double, positive, negated = session.run(X)
    np.testing.assert_array_equal(double, 2 * X)
    np.testing.assert_array_equal(positive, X.clip(0))
    np.testing.assert_array_equal(negated, -X)


def test_wanted_outputs_in_the_callers_order(tiny: Callable[..., Path]) -> None:
    session = Session(tiny(), outputs=["negated", "double"], precision="f32")
    assert session.outputs == ("negated", "double")
    negated, double = session.run(X)
    np.testing.assert_array_equal(negated, -X)
    np.testing.assert_array_equal(double, 2 * X)


def test_results_belong_to_the_caller(tiny: Callable[..., Path]) -> None:
    session = Session(tiny(), outputs=["double"], precision="f32")
    (first,) = session.run(X)
    session.run(X + 1)
    np.testing.assert_array_equal(first, 2 * X)
    first[:] = 0
    np.testing.assert_array_equal(session.run(X)[0], 2 * X)


def test_input_that_is_not_contiguous(tiny: Callable[..., Path]) -> None:
    wide = np.repeat(X, 2, axis=1)
    np.testing.assert_array_equal(Session(tiny(), precision="f32").run(wide[:, ::2])[0], 2 * X)


def test_open_length(tiny: Callable[..., Path]) -> None:
    session = Session(tiny((0, 3)), outputs=["double"], precision="f32")
    assert session.input_shape == (None, 3)
    assert session.run(X)[0].shape == (2, 3)
    assert session.run(X[:1])[0].shape == (1, 3)


@pytest.mark.parametrize(
    ("tensor", "got"),
    [
        (X[:1], r"float32 \(1, 3\)"),
        (X[None], r"float32 \(1, 2, 3\)"),
        (X.astype(np.float64), r"float64 \(2, 3\)"),
        (X.astype(np.uint8), r"uint8 \(2, 3\)"),
    ],
)
def test_tensor_that_does_not_fit(
    tiny: Callable[..., Path], tensor: np.ndarray[tuple[int, ...], np.dtype[np.float64]], got: str
) -> None:
    with pytest.raises(ModelError, match=rf"tiny\.onnx wants float32 \(2, 3\), but got {got}"):
        Session(tiny()).run(tensor)


def test_no_such_output(tiny: Callable[..., Path]) -> None:
    with pytest.raises(ModelError, match="no output 'triple'; it has: double, positive, negated"):
        Session(tiny(), outputs=["triple"])


@pytest.mark.parametrize("name", ["model.onnx", "model.tflite"])
@pytest.mark.parametrize("content", [b"", b"hello\n", bytes(range(256)) * 40], ids=["empty", "text", "bytes"])
def test_file_that_is_no_model(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=name):
        Session(tmp_path / name)
    assert capfd.readouterr() == ("", "")  # OpenVINO's readers do not talk beside us


def test_half_a_model(tiny: Callable[..., Path]) -> None:
    path = tiny()
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(ModelError, match="damaged"):
        Session(path)


@pytest.mark.parametrize("name", ["model.pkl", "model.pt", "model.xml", "model.h5", "model"])
def test_kinds_of_files_that_are_not_run(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"anything")
    with pytest.raises(ModelError, match=r"must be a \.tflite or \.onnx file"):
        Session(tmp_path / name)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no model file"):
        Session(tmp_path / "none.onnx")


def test_auto_takes_bf16_where_the_cpu_has_it(tiny: Callable[..., Path]) -> None:
    assert Session(tiny()).precision == ("bf16" if has_bf16 else "f32")


def test_bf16_on_a_cpu_without_it(tiny: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spotter.models.session._cpu_has_bf16", lambda: False)
    assert Session(tiny()).precision == "f32"
    with pytest.raises(ModelError, match="choose f32 or auto"):
        Session(tiny(), precision="bf16")


def test_importing_the_runtime_reports_to_nobody(tmp_path: Path) -> None:
    """OpenVINO's telemetry would make folder `intel` in the home folder, threads and a connection."""
    program = (
        "import socket, sys, multiprocessing.process as p\n"
        "def no(*a, **k): raise SystemExit('network')\n"
        "socket.socket.connect = socket.getaddrinfo = no\n"
        "p.BaseProcess.start = no\n"
        "import spotter.models.session\n"
        "import threading\n"
        "assert 'openvino_telemetry' not in sys.modules\n"  # neither imported nor hidden any longer
        "print(threading.active_count())\n"
    )
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(SOURCE)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr
    assert list(tmp_path.iterdir()) == []


def weights(name: str) -> Path:
    store = ModelStore(offline=True)
    if store.status(name).state != "ready":
        pytest.skip(f"the weights of {name} are not installed; fetch them with: spotter models pull {name}")
    return store.path(name)


@pytest.mark.parametrize(
    "name", [name for name, card in ModelStore().cards.items() if card.wheel and card.wheel.shipped]
)
def test_real_models_are_as_their_cards_say(name: str) -> None:
    card = ModelStore().card(name)
    session = Session(weights(name), precision="f32")
    assert card.input.startswith(f"float32 {session.input_shape}")
    shape = tuple(length or 1 for length in session.input_shape)
    results = session.run(np.zeros(shape, np.float32))
    for output, result, words in zip(session.outputs, results, card.outputs, strict=True):
        assert words.startswith(f"{output}: float32 {result.shape}")


@pytest.mark.skipif(not has_bf16, reason="this CPU does not compute in bf16")
def test_exact_last_layers_keep_landmarks_in_place(shared: Path) -> None:
    """World landmarks of people, against f32: under 2 cm off with exact last layers, more without."""
    path, wanted = weights("pose-landmark-full"), ["Identity_4"]
    exact = Session(path, outputs=wanted, precision="f32")
    mixed = Session(path, outputs=wanted, precision="bf16", exact_side=2)
    coarse = Session(path, outputs=wanted, precision="bf16")
    errors = []
    for name in sorted((shared / "photos" / "people").glob("*.jpg"))[:6]:
        photo = np.asarray(cv2.imread(str(name), cv2.IMREAD_COLOR_RGB), np.uint8)
        picture = cv2.resize(photo, (256, 256), interpolation=cv2.INTER_AREA)[None] / np.float32(255)
        truth, *others = (session.run(picture)[0].reshape(39, 3) for session in (exact, mixed, coarse))
        errors.append([np.linalg.norm(other - truth, axis=1).mean() for other in others])
    mixed_m, coarse_m = np.mean(errors, axis=0)
    assert mixed_m < 0.02
    assert mixed_m < coarse_m


@pytest.mark.skipif(not has_bf16, reason="this CPU does not compute in bf16")
def test_model_without_small_maps_cannot_be_split(tiny: Callable[..., Path]) -> None:
    with pytest.raises(ModelError, match=r"tiny\.onnx cannot be split at maps of 2"):
        Session(tiny(), precision="bf16", exact_side=2)


AT_ONCE = """
import sys, threading
from spotter.models.runtime import ov
sys.setswitchinterval(1e-6)
start = threading.Barrier(8)
def come():
    start.wait()
    ov.Type.f32.to_dtype()
threads = [threading.Thread(target=come) for _ in range(8)]
for thread in threads:
    thread.start()
"""


def test_threads_that_use_openvino_first_do_not_wait_for_each_other_for_ever() -> None:
    subprocess.run([sys.executable, "-c", AT_ONCE], check=True, timeout=60)
