"""The exercises and their figures, and the models, over REST."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from spotter.coach.schema import shipped_exercises
from spotter.coach.words import words_of
from spotter.serve import exercise_routes
from spotter.serve.config import Config
from spotter.serve.figures import known_figures
from tests.serve.fake import Running
from tests.serve.rest import Rest

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def rest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rest]:
    folder = tmp_path_factory.mktemp("data")
    with Running(Config(port=0, data=folder, database=str(folder / "history.db"), workers=1)) as server:
        yield Rest(server)


def test_every_exercise_is_told(rest: Rest) -> None:
    told = rest.get("/exercises").json["exercises"]
    assert [one["name"] for one in told] == list(shipped_exercises())
    assert all(one["title"] and one["about"] and one["camera"] and one["working_angles"] for one in told)
    assert {one["kind"] for one in told} == {"reps", "hold"}


def test_an_exercise_is_told_with_its_faults_and_their_sources(rest: Rest) -> None:
    told = rest.get("/exercises/squat").json
    rules = shipped_exercises()["squat"].faults
    assert [one["name"] for one in told["faults"]] == [rule.name for rule in rules]
    for one in told["faults"]:
        assert one["cue"] and one["source"] and one["views"]
        assert (one["above"] is None) != (one["below"] is None)


def test_an_exercise_is_told_in_other_languages(rest: Rest) -> None:
    told = rest.get("/exercises?language=de").json["exercises"]
    words = words_of("de")
    for one, exercise in zip(told, shipped_exercises().values(), strict=True):
        english = (exercise.title, exercise.about, exercise.camera)
        assert (one["title"], one["about"], one["camera"]) == tuple(words(text) for text in english)
    one = rest.get("/exercises/squat?language=de-CH").json
    rules = shipped_exercises()["squat"].faults
    assert [fault["cue"] for fault in one["faults"]] == [words(rule.cue) for rule in rules]
    assert one["faults"][0]["title"] == words(rules[0].title) != rules[0].title


def test_the_languages_are_told_with_the_words_of_the_page(rest: Rest) -> None:
    told = rest.get("/languages").json["languages"]
    assert told[0] == {"language": "en", "name": "English"} and {"language": "de", "name": "Deutsch"} in told
    for one in told:
        words = rest.get(f"/languages/{one['language']}").json
        assert (words["name"], words["words"]) == (one["name"], dict(words_of(one["language"]).page))


@pytest.mark.parametrize("path", ["/languages/tlh", "/exercises?language=tlh", "/exercises/squat?language="])
def test_there_is_no_such_language(rest: Rest, path: str) -> None:
    answer = rest.get(path)
    assert answer.status == 422 and "there are: en, de" in answer.json["error"]["message"]


@pytest.mark.parametrize("name", ["sqat", "..%2fsquat", "squat.toml", "SQUAT", "%00", "x" * 4000])
def test_there_is_no_such_exercise(rest: Rest, name: str) -> None:
    for path in (f"/exercises/{name}", f"/exercises/{name}/figure.svg"):
        assert rest.get(path).status == 404


def test_every_exercise_has_a_figure_that_fits(rest: Rest) -> None:
    assert set(known_figures()) == set(shipped_exercises())
    for name, exercise in shipped_exercises().items():
        answer = rest.get(f"/exercises/{name}/figure.svg")
        assert answer.headers["content-type"] == "image/svg+xml"
        root = ElementTree.fromstring(answer.body)
        heads = root.findall(f"{SVG}circle")
        assert len(heads) == (1 if exercise.kind == "hold" else 2)
        _, _, width, height = map(float, root.get("viewBox", "").split())
        for path in root.findall(f"{SVG}path")[1:]:  # behind the ground
            numbers = [float(one) for one in path.get("d", "").replace("M", " ").replace("L", " ").split()]
            assert all(0 <= x <= width for x in numbers[::2]), name
            assert all(0 <= y <= height for y in numbers[1::2]), name
        for head in heads:
            assert 5 <= float(head.get("cx", "")) <= width - 5 and 5 <= float(head.get("cy", "")) <= height, (
                name
            )


def test_models_are_told_and_checked_once(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    told = rest.get("/models").json
    states = {one["name"]: one["state"] for one in told["models"]}
    assert states["pose-detection"] == "ready"
    assert all(one["bytes"] > 0 and one["licence"] and one["source"] for one in told["models"])
    assert told["recognizers"]
    monkeypatch.setattr("spotter.models.store.file_sha256", lambda _: pytest.fail("a file is read again"))
    assert rest.get("/models").json == told
    assert exercise_routes._store.cache_info().misses == 1
