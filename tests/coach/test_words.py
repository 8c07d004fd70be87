"""Tests of the languages: each knows every text, fills the same places, and says them where they belong."""

from __future__ import annotations

import string
from dataclasses import replace

import pytest

from spotter.coach.schema import shipped_exercises
from spotter.coach.words import ENGLISH, Words, languages, words_of
from spotter.errors import UsageError
from spotter.report.font import load_font
from tests.coach.spoken import coach_texts, page_texts, prose

FOREIGN = [tag for tag in languages() if tag != "en"]


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("tag", FOREIGN)
@pytest.mark.parametrize("section", ["coach", "page"])
def test_a_language_knows_every_text_and_no_other(tag: str, section: str) -> None:
    known = set(getattr(languages()[tag], section))
    wanted = coach_texts() if section == "coach" else page_texts()
    assert known - wanted == set()
    assert wanted - known == set()


# What English says of an exercise within a sentence, another language may say by its title.
SAME = {"name": "title", "names": "title", "fault": "title"}


@pytest.mark.parametrize("tag", FOREIGN)
def test_a_text_fills_the_places_of_the_english_one(tag: str) -> None:
    words = languages()[tag]
    for english, said in [*words.coach.items(), *words.page.items()]:
        allowed = places(english) | {SAME[name] for name in places(english) & set(SAME)}
        needed = places(english) - set(SAME)
        if "{name}" not in english or "{number} {name}" in english:
            assert needed <= places(said) | {"number"}, said  # of one, the number may be a word
        assert places(said) <= allowed, said
        assert said.strip() and said[:1].isspace() == english[:1].isspace(), said
        assert said[-1:].isspace() == english[-1:].isspace(), said


@pytest.mark.parametrize("tag", FOREIGN)
def test_every_letter_of_a_language_can_be_drawn_on_a_picture(tag: str) -> None:
    letters = {letter for said in languages()[tag].coach.values() for letter in said}
    assert [letter for letter in sorted(letters) if ord(letter) not in load_font("bold")._letters] == []


def test_prose_is_told_from_names_of_classes() -> None:
    script = 'h("p", { class: "muted row" }, t("Get ready"), "No picture");  // "Not this"\nconst a = "one";'
    assert list(prose(script)) == ["Get ready", "No picture"]


def test_a_language_is_found_by_its_tag_and_by_a_region_of_it() -> None:
    assert words_of("en") is ENGLISH and words_of("DE-at").language == "de"
    for unknown in ("", "tlh", "english", "d"):
        with pytest.raises(UsageError, match="there are: en, de"):
            words_of(unknown)


def test_what_is_not_known_is_said_as_it_stands() -> None:
    table = Words("xx", "X", ",", (0, 1), {"{number} set": "{number} x", "Go": "Los"})
    assert table("Go") == "Los" and table("Hop {high}!", high=3) == "Hop 3!"
    assert table.many(0, "{number} set", "{number} sets") == "0 x"
    assert table.many(2, "{number} set", "{number} sets") == "2 sets"
    assert table.digits(-0.25, 1) == "-0,2"
    assert table("{not a place}") == "{not a place}"  # of somebody's own exercise


def test_an_exercise_of_ones_own_is_coached_in_its_own_words() -> None:
    squat = shipped_exercises()["squat"]
    rule = replace(squat.faults[0], cue="Sit like a frog.")
    assert words_of(FOREIGN[0])(rule.cue) == "Sit like a frog."
