"""The coach's page and the camera: refused, missing, used by another, unplugged and back, still, black."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.staged import LIGHT, SQUAT, Director

NO_CAMERA = """
  navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("no", "%s"); };
"""
KEPT = """
  const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.streams = [];
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await get(wanted);
    window.streams.push(stream);
    return stream;
  };
  window.unplug = () => {
    const [track] = window.streams.at(-1).getVideoTracks();
    track.stop();
    track.dispatchEvent(new Event("ended"));
  };
"""
BLACK = """
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
    const context = canvas.getContext("2d");
    setInterval(() => context.fillRect(0, 0, 640, 480), 50);
    return canvas.captureStream(20);
  };
"""


def test_a_camera_that_is_refused_is_told_and_can_be_tried_again(visit: Open, director: Director) -> None:
    director.show(exercise=SQUAT)
    here = visit(camera=False)
    here.go()
    here.page.get_by_role("button", name="Start the camera").click()
    expect(here.page.get_by_role("alert")).to_contain_text("may not use the camera")
    here.check("refused")
    here.page.context.grant_permissions(["camera"], origin=here.address)
    here.page.get_by_role("button", name="Try again").click()
    expect(here.page.locator(".whereabouts h1")).to_have_text("Squat")
    expect(here.page.get_by_role("alert")).to_be_hidden()
    expect(here.page.get_by_role("button", name="Start anyway")).to_be_focused()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("NotFoundError", "There is no camera"),
        ("NotReadableError", "used by another program"),
        ("TypeError", "cannot be used: no"),
    ],
)
def test_what_is_wrong_with_the_camera_is_told(
    visit: Open, director: Director, error: str, words: str
) -> None:
    here = visit(script=NO_CAMERA % error)
    here.go()
    here.page.get_by_role("button", name="Start the camera").click()
    expect(here.page.get_by_role("alert")).to_contain_text(words)
    expect(here.page.get_by_role("button", name="Try again")).to_be_visible()


def test_a_page_that_is_not_secure_says_why_there_is_no_camera(visit: Open, director: Director) -> None:
    here = visit(script="delete Navigator.prototype.mediaDevices;")
    here.go()
    here.page.get_by_role("button", name="Start the camera").click()
    expect(here.page.get_by_role("alert")).to_contain_text("secure pages only")


def test_a_camera_that_was_unplugged_is_taken_again_when_it_is_back(visit: Open, director: Director) -> None:
    director.show(stage="set", exercise=SQUAT)
    director.frames_per_rep = 2
    here = visit(script=KEPT)
    here.begin()
    here.wait_for_count(1)
    here.page.evaluate("window.unplug()")
    expect(here.page.get_by_role("alert")).to_contain_text("The camera is gone.")
    here.check("unplugged")
    before = here.count()
    here.page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    expect(here.page.get_by_role("alert")).to_be_hidden()
    here.wait_for_count(before + 1)
    assert len(director.opened) == 1, "the set did not go on"
    here.page.get_by_role("button", name="Leave").click()
    expect(here.page.get_by_role("heading", name="What will you do?")).to_be_focused()
    states = "window.streams.flatMap((stream) => stream.getTracks()).map((track) => track.readyState)"
    assert set(here.page.evaluate(states)) == {"ended"}, "the camera is still on"


def test_a_picture_that_stands_still_is_told(visit: Open, director: Director) -> None:
    director.show(exercise=SQUAT)
    here = visit(script=KEPT)
    here.begin()
    here.page.evaluate("document.querySelector('video').pause()")
    expect(here.page.get_by_role("alert")).to_contain_text("stands still")
    here.page.get_by_role("button", name="Try again").click()
    expect(here.page.get_by_role("alert")).to_be_hidden()


def test_a_black_picture_reaches_the_coach_and_its_advice_is_shown(visit: Open, director: Director) -> None:
    director.show(exercise=SQUAT, guide=[LIGHT])
    here = visit(script=BLACK)
    here.begin()
    expect(here.page.locator(".guide")).to_have_text(LIGHT.text)
    assert director.brightness < 3
