"""Strangers at the door: foreign origins and hosts, paths out of the folder, large bodies, guessed keys."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import APIRouter, Request
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient, WebSocketDenialResponse

from spotter.errors import HistoryError, UsageError
from spotter.serve import about, key_exchange, live_socket
from spotter.serve import app as app_module
from spotter.serve.app import create_app
from spotter.serve.config import Config, Limits
from spotter.serve.keys import TOKEN_S, Keys
from spotter.serve.security import host_name
from spotter.serve.services import Services
from spotter.serve.static_files import PageFiles
from tests.serve.fake import FakeTrainers

HOME = "http://127.0.0.1:8765"
LIVE = "ws://127.0.0.1:8765/api/v1/live"
LAN_LIVE = "wss://192.168.0.7:8765/api/v1/live"
extra = APIRouter()


@extra.post("/api/v1/analyses")
async def measure(request: Request) -> int:
    return sum([len(part) async for part in request.stream()])


@extra.post("/api/v1/small")
async def small(request: Request) -> int:
    return len(await request.body())


@extra.get("/api/v1/broken/{how}")
async def broken(how: str, number: int = 0) -> None:
    raise {"user": UsageError("that is wrong"), "kept": HistoryError("it is locked")}.get(how, KeyError(how))


@pytest.fixture
def client(config: Config, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(app_module, "ROUTERS", (about.router, key_exchange.router, live_socket.router, extra))
    limits = Limits(body_bytes=1000, upload_bytes=100_000)
    app = create_app(replace(config, limits=limits), trainers=FakeTrainers())
    with TestClient(app, base_url=HOME) as opened:
        yield opened


@pytest.fixture
def lan(config: Config) -> Iterator[TestClient]:
    app = create_app(replace(config, lan=True, hosts=("192.168.0.7",)), trainers=FakeTrainers())
    with TestClient(app, base_url="https://192.168.0.7:8765") as opened:
        yield opened


def keys_of(client: TestClient) -> Keys:
    services: Services = client.app.state.services  # type: ignore[attr-defined]
    return services.keys


def test_the_page_and_health_have_strict_headers(client: TestClient) -> None:
    for path in ("/", "/api/v1/health", "/api/v1/nothing", "/api/v1/broken/so", "/nothing.js"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert (
            "unsafe" not in policy and "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        )
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "camera=(self)" in headers["permissions-policy"]
        assert headers["cache-control"] in ("no-cache", "no-store")
        assert "access-control-allow-origin" not in headers and "server" not in headers


def test_health_tells_version_streams_and_limits(client: TestClient) -> None:
    said = client.get("/api/v1/health").json()
    assert (said["status"], said["streams"], said["limits"]["body_bytes"]) == ("ok", 0, 1000)


def test_the_interface_describes_itself_without_another_site(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1") and "/api/v1/health" in described["paths"]
    messages = client.get("/api/v1/messages.json").json()
    assert {"Start", "State", "Hello", "Summary", "Error"} <= messages["$defs"].keys()


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/nothing", 404, "not_found"),
        ("/api/v1/broken/user", 422, "unprocessable"),
        ("/api/v1/broken/user?number=many", 422, "unprocessable"),
        ("/api/v1/broken/kept", 503, "service_unavailable"),
        ("/api/v1/broken/so", 500, "internal_server_error"),
    ],
)
def test_every_error_has_the_same_form(client: TestClient, path: str, status: int, code: str) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    said = answer.json()["error"]
    assert said["code"].startswith(code) and said["message"] and "Traceback" not in said["message"]


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "", "[::2]", "127.0.0.1:x", "10.0.0.1"],
)
def test_a_foreign_host_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/api/v1/health", headers={"Host": host}).status_code == 421
    with pytest.raises(WebSocketDenialResponse):
        client.websocket_connect(LIVE, headers={"Host": host}).__enter__()


@pytest.mark.parametrize("host", ["localhost:8765", "127.0.0.1", "LOCALHOST.", "[::1]:8765"])
def test_the_machines_own_names_are_taken(client: TestClient, host: str) -> None:
    assert client.get("/api/v1/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://127.0.0.1:9999",
        "https://127.0.0.1:8765",
        "",
        "http://localhost:8765",
    ],
)
def test_a_foreign_origin_is_refused(client: TestClient, origin: str) -> None:
    foreign = {"Origin": origin}
    assert client.post("/api/v1/small", headers=foreign).status_code == 403
    assert client.get("/api/v1/health", headers=foreign).status_code == 403
    assert client.options("/api/v1/small", headers=foreign).status_code == 403
    with pytest.raises(WebSocketDenialResponse) as refused:
        client.websocket_connect(LIVE, headers=foreign).__enter__()
    assert refused.value.status_code == 403


def test_a_form_of_another_site_is_refused_even_without_an_origin(client: TestClient) -> None:
    assert client.post("/api/v1/small", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200  # a link to the page


def test_its_own_page_is_served(client: TestClient) -> None:
    own = {"Origin": HOME, "Sec-Fetch-Site": "same-origin"}
    assert client.post("/api/v1/small", headers=own, content=b"abc").json() == 3
    with client.websocket_connect(LIVE, headers=own) as line:
        assert line.receive_json()["type"] == "hello"


def test_bodies_are_limited_whatever_their_length_says(client: TestClient) -> None:
    def parts(size: int) -> Iterator[bytes]:
        yield from (bytes(100) for _ in range(size // 100))

    assert client.post("/api/v1/small", content=bytes(1000)).json() == 1000
    assert client.post("/api/v1/small", content=bytes(1001)).status_code == 413
    assert client.post("/api/v1/small", content=parts(2000)).status_code == 413
    assert client.post("/api/v1/analyses", content=parts(50_000)).json() == 50_000
    assert client.post("/api/v1/analyses", content=parts(200_000)).status_code == 413
    assert client.put("/api/v1/analyses", content=bytes(2000)).status_code == 413
    said = client.post("/api/v1/small", content=bytes(1001)).json()["error"]
    assert "1,000 bytes" in said["message"]


def test_the_pages_files_have_their_types_and_are_asked_about(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "page"
    folder.mkdir()
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (folder / "link.txt").symlink_to(secret)
    for name in ("a.js", "a.mjs", "a.css", "a.svg", "a.webmanifest", "a.woff2", "a.strange"):
        (folder / name).write_text("x")
    files = TestClient(Starlette(routes=[Mount("/", PageFiles(folder))]))
    kinds = {path.name: files.get(f"/{path.name}").headers.get("content-type") for path in folder.iterdir()}
    assert kinds["a.js"] == kinds["a.mjs"] == "text/javascript; charset=utf-8"
    assert kinds["a.css"] == "text/css; charset=utf-8" and kinds["a.svg"] == "image/svg+xml"
    assert kinds["a.webmanifest"] == "application/manifest+json" and kinds["a.woff2"] == "font/woff2"
    assert kinds["a.strange"] == "application/octet-stream"
    assert files.get("/link.txt").status_code == 404
    first = files.get("/a.js")
    again = files.get("/a.js", headers={"If-None-Match": first.headers["etag"]})
    assert (first.headers["cache-control"], again.status_code) == ("no-cache", 304)
    assert files.post("/a.js").status_code == 405


def test_without_a_key_nobody_is_let_in(lan: TestClient) -> None:
    for path in ("/", "/api/v1/health", "/api/v1/openapi.json", "/nothing", "/app.js"):
        answer = lan.get(path)
        assert answer.status_code == 401
    assert "QR code" in lan.get("/", headers={"Accept": "text/html"}).text
    with pytest.raises(WebSocketDenialResponse) as refused:
        lan.websocket_connect(LAN_LIVE).__enter__()
    assert refused.value.status_code == 401
    assert lan.get("/", headers={"Host": "evil.example"}).status_code == 421


def test_the_address_in_the_qr_code_lets_a_page_in_once(lan: TestClient) -> None:
    token = keys_of(lan).new_token()
    opened = lan.get(f"/?token={token}")
    assert opened.status_code == 200 and 'url=/"' in opened.text and token not in opened.text
    cookie = opened.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "secure", "samesite=strict", "path=/"))
    assert lan.get("/").status_code == 200
    with lan.websocket_connect(LAN_LIVE) as line:
        assert line.receive_json()["type"] == "hello"
    lan.cookies.clear()
    assert lan.get(f"/?token={token}").status_code == 401


def test_a_program_changes_a_token_for_a_key(lan: TestClient) -> None:
    answer = lan.post("/api/v1/keys", json={"token": keys_of(lan).new_token()})
    bearer = {"Authorization": f"Bearer {answer.json()['key']}"}
    assert lan.get("/api/v1/health", headers=bearer).status_code == 200
    assert lan.get("/api/v1/health", headers={"Authorization": "Bearer nonsense"}).status_code == 401
    assert lan.post("/api/v1/keys", json={"token": "nonsense"}).status_code == 401
    assert lan.post("/api/v1/keys", json={}).status_code == 422


def test_an_old_cookie_is_taken_back(lan: TestClient) -> None:
    answer = lan.get("/", headers={"Cookie": "spotter_key=of-another-day"})
    assert answer.status_code == 401
    assert "max-age=0" in answer.headers["set-cookie"].lower()


def test_who_guesses_too_often_is_refused_and_logged_once(
    lan: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    key = keys_of(lan).exchange(keys_of(lan).new_token(), "192.168.0.9")
    with caplog.at_level(logging.WARNING):
        answers = [lan.get("/", headers={"Authorization": f"Bearer {n}"}).status_code for n in range(20)]
    assert answers[:9] == [401] * 9 and answers[-10:] == [429] * 10
    assert sum("guessed" in record.message for record in caplog.records) == 1
    assert lan.get(f"/?token={keys_of(lan).new_token()}").status_code == 429
    assert key is not None and keys_of(lan).knows(key, "192.168.0.9")


def test_tokens_and_refusals_end_with_time() -> None:
    now_s = 0.0
    keys = Keys(wrong_keys=3, now=lambda: now_s)
    late, token = keys.new_token(), keys.new_token()
    for _ in range(3):
        assert not keys.knows("guess", "a")
    assert keys.is_refused("a") and keys.exchange(token, "a") is None
    now_s = 61.0
    assert not keys.is_refused("a") and keys.exchange(token, "a") is not None
    now_s = TOKEN_S + 1
    assert keys.exchange(late, "b") is None


def test_keys_and_guessers_do_not_pile_up() -> None:
    keys = Keys()
    given = [keys.exchange(keys.new_token(), "a") for _ in range(100)]
    known = [keys.knows(key or "", f"address {number}") for number, key in enumerate(given)]
    assert sum(known) == 64 and all(known[-64:])
    for number in range(5000):
        keys.knows("guess", f"address {number}")
    assert len(keys._guessers) <= 1024


@pytest.mark.parametrize(
    ("host", "name"),
    [("A.b.", "a.b"), ("[::1", ""), ("a:b", ""), ("[0:0::1]:80", "::1"), ("1.2.3.4:5", "1.2.3.4")],
)
def test_host_name(host: str, name: str) -> None:
    assert host_name(host) == name
