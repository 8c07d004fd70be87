"""The coach by the keyboard alone, its voice and tones, its settings, and what the command wants of it."""

from __future__ import annotations

import base64

import cv2
import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from spotter.report.part_colours import part_palette
from spotter.serve.messages import Change, Finish
from tests.browser.conftest import Open
from tests.browser.staged import KNEE, PLANK, SQUAT, STEP_BACK, Director, cue, faulty_rep, good_rep, squatting
from tests.browser.visit import DESKTOP, PHONE

SOUNDS = """
  window.spoken = [];
  window.tones = 0;
  const voice = { name: "Local", lang: "en-GB", localService: true };
  const remote = { name: "Remote", lang: "en-GB", localService: false };
  const synthesis = {
    getVoices: () => [remote, voice], speak: (words) => spoken.push(words), cancel() {}, pending: false,
  };
  Object.defineProperty(window, "speechSynthesis", { value: synthesis });
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
  const create = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () { window.tones += 1; return create.call(this); };
"""
SAID = "window.spoken.map((words) => words.text)"


def test_a_session_by_the_keyboard_alone(visit: Open, director: Director) -> None:
    director.show(exercise=SQUAT, guide=[STEP_BACK])
    here = visit()
    page = here.page
    here.go()
    expect(page.get_by_role("radio", name="Squat")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="Find it for me")).to_be_focused()
    page.keyboard.press("ArrowUp")  # from the first to the last
    expect(page.get_by_role("radio", name="Squat")).to_be_checked()
    for wanted in ("Repetitions", "Sets", "Rest", "Weight", "Your height", "Your name"):
        page.keyboard.press("Tab")
        expect(page.get_by_label(wanted)).to_be_focused()
    page.keyboard.press("Enter")
    go = page.locator(".go")
    for label in ("Start anyway", "Start now", "End the set", "End the rest"):
        expect(go).to_have_text(label)
        expect(go).to_be_focused()
        page.wait_for_timeout(600)  # a press that comes at once was meant for the stage before
        page.keyboard.press("Space")
    expect(go).to_have_text("End the set")
    page.keyboard.press("s")
    expect(page.get_by_role("dialog", name="Settings")).to_be_visible()
    page.keyboard.press("e")  # is no key in there
    page.keyboard.press("Escape")
    expect(go).to_be_focused()
    page.keyboard.press("d")
    expect(page.locator(".details")).to_be_visible()
    page.keyboard.press("e")
    expect(page.get_by_role("heading", name="Squat: done")).to_be_focused()
    assert isinstance(director.opened[0].obeyed[-1], Finish)
    page.get_by_role("button", name="Once more").press("Enter")
    expect(go).to_be_focused()


def test_pressing_twice_does_not_end_the_set_that_has_just_begun(visit: Open, director: Director) -> None:
    director.show(exercise=SQUAT)
    here = visit()
    here.begin()
    go = here.page.locator(".go")
    here.page.wait_for_timeout(600)
    go.click()
    expect(go).to_have_text("Start now")
    here.page.wait_for_timeout(600)
    go.evaluate(
        "async (go) => { go.click(); while (go.textContent !== 'End the set') "
        "await new Promise((done) => setTimeout(done, 5)); go.click(); }"
    )
    here.page.wait_for_timeout(400)
    expect(go).to_have_text("End the set")


def test_it_speaks_by_a_voice_of_this_machine_and_sounds(visit: Open, director: Director) -> None:
    director.show(stage="countdown", countdown_s=3.0, exercise=SQUAT)
    here = visit(script=SOUNDS)
    here.begin()
    director.show(stage="set", exercise=SQUAT)
    here.wait(f"{SAID}.includes('Go')")
    director.show(stage="set", exercise=SQUAT, count=1, rep=good_rep(1))
    here.wait(f"{SAID}.includes('1')")
    good = here.page.evaluate("window.tones")
    director.show(stage="set", exercise=SQUAT, count=2, rep=faulty_rep(2), cue=cue("Knees out", since_s=5.0))
    here.wait(f"{SAID}.includes('Knees out')")
    assert here.page.evaluate("window.tones") == good + 1, "a good repetition has two tones, another has one"
    director.show(stage="set", exercise=SQUAT, count=2, cue=cue("Knees out", since_s=9.0))
    here.wait(f"{SAID}.filter((text) => text === 'Knees out').length === 2")
    assert here.page.evaluate("[...new Set(window.spoken.map((words) => words.voice.name))]") == ["Local"]
    assert here.page.evaluate("window.spoken[0].volume") == 0.8


def test_muted_it_neither_speaks_nor_sounds_but_shows_and_stays_so(visit: Open, director: Director) -> None:
    director.show(exercise=SQUAT)
    here = visit(script=SOUNDS)
    here.begin()
    sound = here.page.get_by_role("button", name="Sound")
    expect(sound).to_have_attribute("aria-pressed", "true")
    here.page.keyboard.press("m")
    expect(sound).to_have_attribute("aria-pressed", "false")
    here.page.evaluate("window.spoken.length = 0; window.tones = 0")
    director.show(stage="set", exercise=SQUAT, count=1, rep=good_rep(1), cue=cue("Knees out"))
    expect(here.page.locator(".said")).to_have_text("Knees out")
    expect(here.page.locator(".count")).to_have_text("1")
    assert here.page.evaluate("[window.spoken.length, window.tones]") == [0, 0]
    here.page.reload()
    here.page.get_by_role("button", name="Start the camera").click()
    expect(sound).to_have_attribute("aria-pressed", "false")


def test_what_is_said_is_in_live_regions(visit: Open, director: Director) -> None:
    director.show(exercise=SQUAT, guide=[STEP_BACK])
    here = visit()
    here.begin()
    spoken = here.page.locator("[aria-live=polite]")
    expect(spoken).to_have_text(STEP_BACK.text)
    director.show(stage="set", exercise=SQUAT, cue=cue("Chest up"))
    expect(spoken).to_have_text("Go")
    expect(here.page.locator("[aria-live=assertive]")).to_have_text("Chest up")
    director.show(stage="set", exercise=SQUAT, count=3, rep=good_rep(3))
    expect(spoken).to_have_text("3 repetitions")


def middle_of(place: Locator) -> float:
    box = place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_left_handed_the_count_is_on_the_left(visit: Open, director: Director, size: tuple[int, int]) -> None:
    director.show(stage="set", exercise=SQUAT, count=3, progress=0.5)
    here = visit(size)
    here.begin()
    tally, title = here.page.locator(".tally"), here.page.locator(".whereabouts")
    assert middle_of(tally) > size[0] / 2 > middle_of(title)
    here.page.get_by_role("button", name="Settings").click()
    here.page.get_by_label("Put the count on the left").check()
    here.page.get_by_role("button", name="Done").click()
    assert middle_of(tally) < size[0] / 2 < middle_of(title)
    assert middle_of(here.page.locator(".way")) < size[0] / 2
    here.check("left-handed")


def test_the_target_is_sent_and_shown(visit: Open, director: Director) -> None:
    director.show(stage="set", exercise=SQUAT, set=2, sets=3, count=4)
    here = visit()
    here.go()
    here.page.get_by_role("radio", name="Squat").check()
    for label, value in {
        "Repetitions": "8",
        "Sets": "3",
        "Rest": "45",
        "Weight": "22.5",
        "Your name": " Ada ",
    }.items():
        here.page.get_by_label(label).fill(value)
    here.page.get_by_role("button", name="Start the camera").click()
    expect(here.page.locator(".tally")).to_have_text("4of 8 repetitions")
    expect(here.page.get_by_text("Set 2 of 3")).to_be_visible()
    start = director.opened[0].start
    assert (start.exercise, start.person, start.weight_kg, start.height_cm) == ("squat", "Ada", 22.5, None)
    assert start.target.model_dump() == {"reps": 8, "sets": 3, "rest_s": 45.0, "hold_s": None}


def test_a_posture_is_held_for_seconds(visit: Open, director: Director) -> None:
    director.show(stage="set", exercise=PLANK, held_s=12.4)
    here = visit()
    here.go()
    here.page.get_by_role("radio", name="Plank").check()
    expect(here.page.get_by_label("Repetitions")).to_be_hidden()
    here.page.get_by_label("Hold").fill("60")
    here.page.get_by_role("button", name="Start the camera").click()
    expect(here.page.locator(".tally")).to_have_text("0:12held, of 1:00")
    assert director.opened[0].start.target.hold_s == 60 and director.opened[0].start.target.reps is None


def test_a_wrong_number_is_not_sent(visit: Open, director: Director) -> None:
    here = visit()
    here.go()
    here.page.get_by_label("Repetitions").fill("0")
    here.page.get_by_role("button", name="Start the camera").click()
    assert here.page.get_by_label("Repetitions").evaluate("(box) => box.validity.rangeUnderflow")
    expect(here.page.get_by_role("heading", name="What will you do?")).to_be_visible()
    assert not director.opened


def test_the_command_chooses_exercise_and_camera(visit: Open, director: Director) -> None:
    director.show(exercise=SQUAT)
    here = visit()
    here.go("/?exercise=squat&camera=0#/coach")
    expect(here.page.get_by_role("radio", name="Squat")).to_be_checked()
    here.page.get_by_role("button", name="Start the camera").click()
    expect(here.page.locator(".whereabouts h1")).to_have_text("Squat")
    cameras = here.page.evaluate("import('/js/coach/camera.js').then((camera) => camera.listCameras())")
    chosen = here.page.evaluate("JSON.parse(localStorage.getItem('spotter')).camera")
    assert chosen and chosen == cameras[0]["id"]
    assert "?" not in here.page.url


def test_body_parts_have_the_reports_colours_and_lie_over_the_picture(
    visit: Open, director: Director
) -> None:
    labels = np.zeros((24, 32), np.uint8)
    labels[:, 16:] = 2  # the torso, on the right of the picture and on the left of its mirror
    png = base64.b64encode(cv2.imencode(".png", labels)[1].tobytes()).decode()
    director.show(stage="set", exercise=SQUAT, parts=png)
    here = visit()
    here.forgive("willReadFrequently")  # this test reads the picture, not the page
    here.begin()
    colours = here.page.evaluate("import('/js/coach/parts.js').then((parts) => parts.COLOURS)")
    assert colours[1:] == part_palette()[1:].tolist()
    pixel = """(at) => {
      const canvas = document.querySelector("canvas");
      const [x, y] = [at * canvas.width, 0.3 * canvas.height];
      return [...canvas.getContext("2d").getImageData(x, y, 1, 1).data.slice(0, 3)];
    }"""
    here.page.keyboard.press("p")
    wanted = np.array(colours[2]) * 0.6
    for _ in range(100):
        left, right = (np.array(here.page.evaluate(pixel, at), float) for at in (0.25, 0.75))
        if (left >= wanted - 3).all() and left[2] > right[2] + 30:
            break
        here.page.wait_for_timeout(100)
    else:
        raise AssertionError(f"the parts are not over the picture: {left}, {right}, wanted {wanted}")
    assert director.opened[0].obeyed == [Change(type="change", parts=True)]


def test_the_skeleton_and_the_angle_are_drawn(visit: Open, director: Director) -> None:
    director.show(stage="set", exercise=SQUAT, bodies=[squatting()], person=1, working=KNEE)
    here = visit()
    here.forgive("willReadFrequently")
    here.begin()
    teal = """() => {
      const canvas = document.querySelector("canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let found = 0;
      for (let at = 0; at < data.length; at += 4)
        if (Math.hypot(data[at] - 126, data[at + 1] - 240, data[at + 2] - 222) < 9) found += 1;
      return found;
    }"""
    for _ in range(100):
        if here.page.evaluate(teal) > 500:
            return
        here.page.wait_for_timeout(100)
    raise AssertionError("no skeleton is drawn")
