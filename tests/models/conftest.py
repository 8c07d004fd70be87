"""Small model files, wheels and a web server for the tests of the model store."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from spotter.models.card import ModelCard, ModelFile
from spotter.models.wheel import Wheel

WEIGHTS = {"a.tflite": b"the first weights" * 50, "b.onnx": b"the second weights" * 50}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def weights() -> dict[str, bytes]:
    """What the files in the fake wheel hold, by name."""
    return dict(WEIGHTS)


@pytest.fixture
def fake_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wheel:
    """A wheel that pip finds without a network, and that any Python may ask for."""
    shop = tmp_path / "shop"
    shop.mkdir()
    path = shop / "fakemodels-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as bundle:
        for name, content in WEIGHTS.items():
            bundle.writestr(f"fakemodels/{name}", content)
        bundle.writestr(
            "fakemodels-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: fakemodels\nVersion: 1.0\n"
        )
        bundle.writestr("fakemodels-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")
        bundle.writestr("fakemodels-1.0.dist-info/LICENSE", "Do what you like.\n")
        bundle.writestr("fakemodels-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shop))
    return Wheel(
        requirement="fakemodels==1.0",
        platform="manylinux_2_28_x86_64",
        implementation="cp",
        python_version="3.11",
        abi="cp311",
        size=path.stat().st_size,
        sha256=sha256(path.read_bytes()),
        licence_member="fakemodels-1.0.dist-info/LICENSE",
    )


@pytest.fixture
def make_card() -> Callable[..., ModelCard]:
    """Makes the card of a model with one file, out of a wheel or from a URL."""

    def make(name: str, content: bytes, *, url: str | None = None, wheel: Wheel | None = None) -> ModelCard:
        member = f"fakemodels/{name}" if wheel else None
        file = ModelFile(name=name, size=len(content), sha256=sha256(content), url=url, member=member)
        return ModelCard(
            name=Path(name).stem,
            task="none",
            licence="CC0-1.0",
            source="https://example.org",
            input="none",
            outputs=(),
            files=(file,),
            wheel=wheel,
        )

    return make


@dataclass
class Server:
    """A web server on this machine that gives out one file, and misbehaves as it is told."""

    content: bytes
    url: str = ""
    honours_range: bool = True
    breaks_after: int | None = None  # bytes of the body, then the connection is closed
    breaks_left: int = 0  # how many more answers break
    status: int | None = None  # answer this and nothing else
    asked: list[str | None] = field(default_factory=list)  # the Range of each request


@pytest.fixture
def server() -> Iterator[Server]:
    """The misbehaving server, listening on 127.0.0.1."""
    state = Server(content=bytes(range(256)) * 1000)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            state.asked.append(wanted)
            start = (
                int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and state.honours_range else 0
            )
            if state.status or start >= len(state.content):
                self.send_error(state.status or 416)
                return
            body = state.content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body)))
            if start:
                self.send_header(
                    "Content-Range", f"bytes {start}-{len(state.content) - 1}/{len(state.content)}"
                )
            self.end_headers()
            if state.breaks_left:
                state.breaks_left -= 1
                body = body[: state.breaks_after]
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{listener.server_port}/model.tflite"
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield state
    listener.shutdown()
    listener.server_close()
    thread.join()
