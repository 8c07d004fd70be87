"""The coach's page in other languages: nothing of it stays English, all has room, and the voice fits."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from spotter.coach import words
from spotter.coach.words import Words, languages, words_of
from spotter.serve import language_routes
from tests.browser.conftest import Open
from tests.browser.staged import KNEE, SQUAT, STEP_BACK, TURN, Director, cue, faulty_rep, squatting, summary
from tests.browser.test_coach_controls import SAID, SOUNDS
from tests.browser.visit import DESKTOP, OVERFLOW, PHONE, Visit
from tests.coach.spoken import marked, unmarked

FOREIGN = [tag for tag in languages() if tag != "en"]
SHOWN = """
  [...document.querySelectorAll("body *")].flatMap((one) => [
    ...[...one.childNodes].filter((node) => node.nodeType === 3 && one.closest("noscript, script") === null)
      .map((node) => node.data),
    ...["aria-label", "title", "placeholder"].map((name) => one.getAttribute(name) ?? ""),
  ])
"""
"""Every text of the page, shown or only said."""

LONG_CUE = "Push your knees out over your toes, as if you wanted to spread the floor apart."
LETTERS = re.compile(r"[A-Za-z]{2,}")


@pytest.fixture
def xx(monkeypatch: pytest.MonkeyPatch) -> Words:
    """A language whose words are between marks, as one of Spotter's."""
    known = {**languages(), "xx": marked()}
    monkeypatch.setattr(words, "languages", lambda: known)
    monkeypatch.setattr(language_routes, "languages", lambda: known)
    return known["xx"]


def of_the_stage() -> set[str]:
    """What the director says in English, and what is called by its own name."""
    texts = {"Spotter", "iPhone, iPad: ", "Android: ", *(one.name for one in languages().values()), "Marked"}
    texts |= {SQUAT.title, KNEE.title, STEP_BACK.text, TURN.text, cue().text}
    done = summary()
    texts |= {done["one_thing"], *done["sentences"], done["best"]["why"], done["worst"]["why"], "Knee"}
    return texts | {part for one in done["not_judged"] for part in (one["title"], one["why"])}


def english(here: Visit) -> Iterator[str]:
    """The texts of the page in which something is left that is not between marks."""
    known = sorted(of_the_stage(), key=len, reverse=True)
    for text in here.page.evaluate(SHOWN):
        rest = unmarked(text)
        for one in known:
            rest = rest.replace(one, "")
        if LETTERS.search(rest) and "fake" not in rest:  # the browser's own name of its camera
            yield text


def test_nothing_on_the_page_stays_english(visit: Open, director: Director, xx: Words) -> None:
    here = visit(script=SOUNDS)
    page = here.page
    here.go("/?language=xx#/coach")
    expect(page.get_by_role("radio", name="«Squat»")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "xx"
    assert list(english(here)) == []

    director.show(guide=[STEP_BACK, TURN], exercise=SQUAT, sets=3)
    page.get_by_role("radio", name="«Squat»").check()
    page.get_by_role("button", name="«Start the camera»").click()
    expect(page.get_by_text(STEP_BACK.text).first).to_be_visible()
    assert director.opened[-1].start.language == "xx"
    assert list(english(here)) == []
    director.show(stage="countdown", countdown_s=2.4, exercise=SQUAT, sets=3)
    expect(page.locator(".seconds")).to_have_text("3")
    assert list(english(here)) == []

    director.show(
        stage="set", count=7, attempts=1, exercise=SQUAT, working=KNEE, phase="far", bodies=[squatting()],
        person=1, sets=3, cue=cue(), rep=faulty_rep(7), heart_rate=128.0,
    )  # fmt: skip
    expect(page.locator(".count")).to_have_text("7")
    page.keyboard.press("d")
    expect(page.locator(".details")).to_contain_text("on the server")
    assert list(english(here)) == []
    page.keyboard.press("s")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert list(english(here)) == []
    page.keyboard.press("Escape")

    director.show(stage="rest", rest_left_s=42.0, set=1, sets=3, count=10, exercise=SQUAT)
    expect(page.locator(".seconds")).to_have_text("0:42")
    assert list(english(here)) == []
    page.get_by_role("button", name="«Finish»").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("done")
    assert list(english(here)) == []
    assert page.evaluate("window.spoken.length") == 0, "no voice speaks this language"

    page.get_by_role("link", name="«Sessions»").click()
    expect(page.locator("main")).to_have_attribute("lang", "en")
    assert not any("«" in text for text in page.locator("main").all_inner_texts())


def test_the_browser_s_language_is_spoken_until_another_is_chosen(visit: Open, director: Director) -> None:
    german, french = words_of("de").page, words_of("fr").page
    here = visit(locale="de-AT", script=SOUNDS.replace("en-GB", "fr_FR"))
    page = here.page
    here.go()
    expect(page.get_by_role("heading", level=1)).to_have_text(german["What will you do?"])
    expect(page).to_have_title(f"{german['Coach']} · Spotter")
    page.get_by_label(german["Your name"]).fill("Ada")
    page.get_by_label(german["Language"]).select_option("fr")
    expect(page.get_by_role("heading", level=1)).to_have_text(french["What will you do?"])
    expect(page.get_by_label(french["Your name"])).to_have_value("Ada")
    assert page.evaluate("document.documentElement.lang") == "fr"
    page.reload()
    director.show(stage="set", exercise=SQUAT)
    page.get_by_role("button", name=french["Start the camera"]).click()
    here.wait(
        f"{SAID}.length >= 0 && document.querySelector('.tally') && !document.querySelector('.tally').hidden"
    )
    director.show(stage="set", exercise=SQUAT, cue=cue("Encore", since_s=5.0))
    here.wait(f"{SAID}.includes('Encore')")
    assert page.evaluate("[...new Set(window.spoken.map((words) => words.lang))]") == ["fr_FR"]
    assert director.opened[-1].start.language == "fr"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("tag", FOREIGN)
def test_every_language_has_room(visit: Open, director: Director, tag: str, size: tuple[int, int]) -> None:
    said = words_of(tag)
    here = visit(size, locale=tag)
    page = here.page
    here.go()
    start = page.get_by_role("button", name=said.page["Start the camera"])
    expect(start).to_be_visible()
    assert page.evaluate(OVERFLOW) == 0
    here.shoot(f"{tag}-setup")
    squat = SQUAT.model_copy(update={"title": said(SQUAT.title)})
    director.show(
        stage="set", count=28, attempts=2, exercise=squat, working=KNEE, phase="far", bodies=[squatting()],
        person=1, set=2, sets=3, cue=cue(said(LONG_CUE)),
    )  # fmt: skip
    start.click()
    expect(page.locator(".count")).to_have_text("28")
    here.shoot(f"{tag}-set")
    assert page.evaluate(OVERFLOW) == 0
    for button in page.locator(".controls button:visible").all():
        box = button.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= size[0]
        assert box["y"] + box["height"] <= size[1] + 1
    page.keyboard.press("s")
    expect(page.get_by_role("dialog")).to_be_visible()
    here.shoot(f"{tag}-settings")
    assert page.evaluate(OVERFLOW) == 0
    page.keyboard.press("Escape")
    director.show(stage="rest", rest_left_s=602.0, set=1, sets=3, count=28, exercise=squat)
    expect(page.locator(".seconds")).to_have_text("10:02")
    here.shoot(f"{tag}-rest")
    page.get_by_role("button", name=said.page["Finish"], exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        said.page["{title}: done"].format(title="Squat")
    )
    here.shoot(f"{tag}-summary")
    assert page.evaluate(OVERFLOW) == 0
