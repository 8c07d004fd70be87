"""The pages beside the coach: sessions, progress, videos, body parts and the API, with real data."""

from __future__ import annotations

import ast
import inspect
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from spotter.client import Client
from spotter.serve.config import Config, Limits
from tests.browser.conftest import WEEKS, Open
from tests.browser.visit import LARGE_LETTERS, OVERFLOW, Visit
from tests.serve.fake import Running

REPOSITORY = Path(__file__).parents[2]


PAGES = {
    "sessions": ("/#/sessions", "Sessions"),
    "session": ("/#/sessions/squat-ada-80", "Squat"),
    "full-session": ("/#/sessions/full", "Squat, Plank"),
    "compare": ("/#/sessions/compare/squat-ada-0/squat-ada-80", "Two sessions"),
    "progress": ("/#/progress/of/Ada/squat", "Progress"),
    "progress-hold": ("/#/progress/of/Ada/plank", "Progress"),
    "progress-slash": ("/#/progress/of/Grace%2FHopper", "Progress"),
    "month": ("/#/progress/month/2026-04", "April 2026"),
    "no-month": ("/#/progress/month/2020-04", "April 2020"),
    "videos": ("/#/videos", "Videos"),
    "parts": ("/#/parts", "Body parts"),
    "api": ("/#/api", "The API"),
    "docs": ("/docs/", "Spotter: the API"),
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_complete_and_anybody_can_use_it(here: Visit, name: str) -> None:
    path, title = PAGES[name]
    here.go(path)
    expect(here.page.get_by_role("heading", level=1, name=title, exact=True)).to_be_visible()
    expect(here.page.locator("main :is(.card, .notice)").locator("visible=true").first).to_be_visible()
    here.page.evaluate("for (const one of document.querySelectorAll('main .numbers')) one.open = true")
    here.check(name)
    for zoomed in ((640, 400), (320, 568)):  # a desktop at 200 and 400 %
        here.show(zoomed, "light")
        assert here.page.evaluate(OVERFLOW) == 0
    here.show(here.size, here.scheme)
    here.page.evaluate(LARGE_LETTERS)
    here.shoot(f"large-{name}")
    assert here.page.evaluate(OVERFLOW) == 0
    if name not in ("api", "docs"):  # which tell where null is said
        assert "null" not in here.page.locator("main").inner_text()


def test_without_anything_kept_every_page_says_what_to_do(visit: Open, tmp_path: Path) -> None:
    with Running(Config(port=0, data=tmp_path, database=str(tmp_path / "history.db"))) as server:
        here = visit(address=f"http://127.0.0.1:{server.port}")
        for name in ("sessions", "progress"):
            here.go(f"/#/{name}")
            expect(here.page.get_by_role("link", name="Train now")).to_be_visible()
            here.check(f"empty-{name}")
        here.go("/#/videos")
        expect(here.page.get_by_role("heading", name="No video yet")).to_be_visible()
        here.check("empty-videos")


def test_sessions_are_listed_filtered_compared_and_deleted(here: Visit) -> None:
    page = here.page
    here.go("/#/sessions")
    rows = page.locator(".sessions > li")
    expect(rows).to_have_count(30)
    page.get_by_role("button", name="More").click()
    expect(rows).to_have_count(33)
    expect(page.get_by_role("button", name="More")).to_be_hidden()
    page.get_by_label("Person").select_option("Grace/Hopper")
    expect(rows).to_have_count(4)
    page.get_by_label("Person").select_option("Ada")
    page.get_by_label("Exercise").select_option("plank")
    expect(rows).to_have_count(4)

    page.get_by_role("checkbox").first.check()
    expect(page.get_by_role("status")).to_contain_text("choose a second one")
    page.get_by_label("Exercise").select_option("squat")
    page.get_by_role("checkbox").first.check()
    expect(page.get_by_role("status")).to_contain_text("no exercise in common")
    page.get_by_role("checkbox").nth(4).check()
    here.check("sessions-chosen")
    page.get_by_role("link", name="Compare them").click()
    expect(page.get_by_role("heading", level=2, name="Squat")).to_be_visible()
    expect(page.get_by_role("img", name="Angle of the knee")).to_be_visible()

    here.go("/#/sessions/plank-ada-0")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    here.check("delete")
    page.get_by_role("dialog").get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete the session").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sessions")
    here.forgive("404")
    here.go("/#/sessions/plank-ada-0")
    expect(page.get_by_role("alert")).to_contain_text("plank-ada-0")


def test_progress_draws_what_the_history_says(here: Visit) -> None:
    page = here.page
    here.go("/#/progress/of/Ada/squat")
    chart = page.locator(".measure", has=page.get_by_role("heading", name="Range of motion"))
    expect(chart.locator(".verdict.good")).to_contain_text("rising by 2.")
    expect(chart.locator("circle.dot")).to_have_count(len(WEEKS))
    expect(chart.locator("polygon.band")).to_have_count(1)
    dots = [float(one.get_attribute("cy") or "nan") for one in chart.locator("circle.dot").all()]
    assert dots[-1] < dots[0] - 40, "the last sessions do not stand above the first"
    chart.get_by_text("As a table").click()
    expect(chart.locator("tbody tr")).to_have_count(len(WEEKS))
    circle = chart.locator("circle.dot").last.bounding_box()
    assert circle is not None
    page.mouse.move(circle["x"] + 4, circle["y"] + 4)
    expect(chart.locator(".tip")).to_contain_text("°")
    page.mouse.click(circle["x"] + 4, circle["y"] + 4)
    expect(page.get_by_role("heading", level=1)).to_have_text("Squat")
    page.go_back()
    page.get_by_label("Time").select_option("3")  # the sessions are of spring, today is later
    page.get_by_label("Exercise").or_(page.get_by_text("No session in this time")).first.wait_for()


def test_an_upload_that_cannot_be_is_told_and_can_be_tried_again(visit: Open, tmp_path: Path) -> None:
    video, notes, large = tmp_path / "broken.mp4", tmp_path / "notes.txt", tmp_path / "large.mp4"
    video.write_bytes(b"no video at all" * 100)
    notes.write_text("hello")
    large.write_bytes(bytes(20_000))
    data = tmp_path / "data"
    config = Config(
        port=0, data=data, database=str(tmp_path / "history.db"), limits=Limits(upload_bytes=10_000)
    )
    with Running(config) as server:
        here = visit(address=f"http://127.0.0.1:{server.port}")
        page = here.page
        here.go("/#/videos")
        expect(page.get_by_label("Exercise").locator("option")).to_have_count(13)
        page.locator("input[type=file]").set_input_files([video, notes, large])
        expect(page.get_by_role("alert")).to_have_count(2)
        expect(page.locator(".uploads")).to_contain_text("notes.txt is no video")
        expect(page.locator(".uploads")).to_contain_text("at most 10 kB are taken")
        expect(page.get_by_role("button", name="Try again")).to_have_count(0)
        here.check("refused-videos")
        for _ in range(2):
            page.get_by_role("button", name="Remove").first.click()
        broken = page.locator(".analyses li")
        expect(broken).to_contain_text("broken.mp4 is not a video", timeout=40_000)
        here.check("broken-video")
        broken.get_by_role("button", name="Delete").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete all").click()
        expect(page.get_by_role("heading", name="No video yet")).to_be_visible()
        assert not list((data / "uploads").glob("*/video/*"))

        page.evaluate(
            "XMLHttpRequest.prototype.send = function () { this.dispatchEvent(new Event('error')); }"
        )
        page.locator("input[type=file]").set_input_files(video)
        expect(page.get_by_role("alert")).to_contain_text("The upload broke off")
        expect(page.get_by_role("button", name="Try again")).to_be_visible()
        here.forgive("ERR_CONNECTION_REFUSED", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION_RESET")
        server.stop()
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("alert")).to_contain_text("Spotter does not answer")


def test_a_finished_analysis_is_watched_read_and_deleted(visit: Open, tmp_path: Path) -> None:
    upload = tmp_path / "uploads" / "20261121-183000-0123abcd"
    (upload / "video").mkdir(parents=True)
    (upload / "results").mkdir()
    shutil.copy(REPOSITORY / "examples" / "squat.mp4", upload / "video" / "squat.mp4")
    shutil.copy(REPOSITORY / "examples" / "squat.mp4", upload / "results" / "annotated.mp4")
    (upload / "results" / "report.html").write_text("<!doctype html><title>the report</title>")
    wish: dict[str, Any] = {"name": "squat.mp4", "exercise": "squat", "person": "Ada"}
    created = "2026-11-21T18:30:00+00:00"
    (upload / "upload.json").write_text(json.dumps({"created": created, "wish": wish}))
    (upload / "status.json").write_text(json.dumps({"state": "done", "session": "abc"}))
    with Running(Config(port=0, data=tmp_path, database=str(tmp_path / "history.db"))) as server:
        here = visit(address=f"http://127.0.0.1:{server.port}")
        page = here.page
        here.go("/#/videos")
        page.get_by_role("button", name="Watch").click()
        here.wait("document.querySelector('video').readyState >= 2")
        page.get_by_text("Files and deleting").click()
        here.check("done-video")
        expect(page.get_by_role("link", name="annotated.mp4")).to_have_attribute("download", "annotated.mp4")
        expect(page.get_by_role("link", name="Its session")).to_have_attribute("href", "#/sessions/abc")
        with page.context.expect_page() as opened:
            page.get_by_role("link", name="Open the report").click()
        expect(opened.value).to_have_title("the report")
        page.get_by_role("button", name="Delete the video only").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete the video").click()
        expect(page.locator(".analyses")).to_contain_text("what came of it is here")
        assert not list((upload / "video").iterdir())
        assert (upload / "results" / "report.html").exists()


def test_the_recognizer_labels_what_the_camera_sees(here: Visit) -> None:
    page = here.page
    here.go("/#/parts")
    page.get_by_role("button", name="Start the camera").click()
    expect(page.get_by_role("meter")).to_have_count(4)
    expect(page.locator(".label")).not_to_have_text("", timeout=20_000)
    here.wait("document.querySelectorAll('.shares b')[3].textContent !== ''")
    shares = page.evaluate("[...document.querySelectorAll('[role=meter]')].map((one) => +one.ariaValueNow)")
    assert 97 <= sum(shares) <= 103
    expect(page.get_by_role("heading", name="When")).to_be_visible()
    here.check("parts-live")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    assert download.value.path().read_text().startswith("label,start_s,end_s,confidence\n")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".label")).to_have_text("The camera is off")


def test_every_route_and_message_is_explained(here: Visit) -> None:
    page = here.page
    here.go("/docs/")
    expect(page.get_by_role("heading", level=2, name="Messages")).to_be_visible()
    described = page.evaluate("fetch('/api/v1/openapi.json').then((answer) => answer.json())")
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            route = page.locator(f"#{operation['operationId']}")
            expect(route.get_by_role("heading")).to_have_text(f"{method.upper()} {path}")
            expect(route.locator("pre")).to_have_count(3)
    for name in described["components"]["schemas"]:
        expect(page.locator(f"#{name}")).to_have_count(1)
    messages = page.evaluate("fetch('/api/v1/messages.json').then((answer) => answer.json())")
    for name in messages["$defs"].keys() - {"ClientMessage", "ServerMessage"}:
        expect(page.locator(f"#{name}")).to_have_count(1)
    page.get_by_role("radio", name="Python").check()
    expect(page.locator("#list_people .python")).to_be_visible()
    expect(page.locator("#list_people .curl")).to_be_hidden()
    page.locator("#live").get_by_role("link", name="State", exact=True).click()
    expect(page.locator("#State > summary")).to_be_focused()
    expect(page.locator("#State table")).to_be_visible()
    assert page.url.endswith("/docs/#State")


def test_the_python_examples_call_what_the_client_has(here: Visit) -> None:
    here.go("/docs/")
    examples = here.page.locator("pre.python")
    expect(examples.last).to_be_attached()
    called = set()
    for example in examples.all_text_contents():
        for node in ast.walk(ast.parse(example)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if isinstance(node.func.value, ast.Name) and node.func.value.id in ("client", "Client"):
                method = getattr(Client, node.func.attr)
                if node.func.value.id == "client":
                    method = method.__get__(object())
                names = {word.arg: None for word in node.keywords if word.arg}
                inspect.signature(method).bind(*node.args, **names)
                called.add(node.func.attr)
    public = {name for name in vars(Client) if not name.startswith("_")}
    assert called == public - {"analyze", "key"}  # one is upload and follow, one is no call
