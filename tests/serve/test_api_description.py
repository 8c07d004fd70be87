"""OpenAPI tells what every route is asked and answers, and docs/api.md names the same routes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from spotter.serve.app import create_app
from spotter.serve.config import Config
from tests.serve.fake import FakeTrainers

API_MD = Path(__file__).parents[2] / "docs" / "api.md"
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def document(config: Config) -> dict[str, Any]:
    return create_app(config, trainers=FakeTrainers()).openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of each route."""
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            yield method, path, item[method]


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from ([value["$ref"]] if "$ref" in value else [])
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from references(one)


def resolved(document: dict[str, Any], reference: str) -> Any:
    found: Any = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    found = set(references(document))
    assert len(found) > 10
    for reference in found:
        assert reference.startswith("#/") and resolved(document, reference)
    used = {reference.rsplit("/", 1)[1] for reference in found}
    assert used == set(document["components"]["schemas"])


def test_every_route_says_what_it_is_for_and_how_it_fails(document: dict[str, Any]) -> None:
    names = []
    for method, path, told in operations(document):
        where = f"{method} {path}"
        assert told["summary"] and told["description"] and told["tags"], where
        names.append(told["operationId"])
        succeeds = [code for code in told["responses"] if code.startswith("2")]
        assert succeeds and {"4XX", "5XX"} <= told["responses"].keys(), where
        for code, response in told["responses"].items():
            assert response["description"], where
            if code[0] in "45":
                schema = response["content"]["application/json"]["schema"]
                assert resolved(document, schema["$ref"])["title"] == "Problem", where
        given = {one["name"] for one in told.get("parameters", []) if one["in"] == "path"}
        assert given == set(re.findall(r"{(\w+)}", path)), where
        assert all(one["schema"] for one in told.get("parameters", []))
    assert len(names) == len(set(names)) > 20


def test_limits_of_what_may_be_asked_are_told(document: dict[str, Any]) -> None:
    asked = document["paths"]["/api/v1/sessions"]["get"]["parameters"]
    limit = next(one["schema"] for one in asked if one["name"] == "limit")
    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 500, 50)
    upload = document["paths"]["/api/v1/analyses"]["post"]
    assert upload["requestBody"]["required"]
    assert {"413", "429", "507"} <= upload["responses"].keys()
    height = next(one["schema"] for one in upload["parameters"] if one["name"] == "height_cm")
    assert {"minimum": 50.0, "maximum": 260.0}.items() <= height["anyOf"][0].items()


def test_who_may_ask_is_told(document: dict[str, Any], config: Config) -> None:
    schemes = document["components"]["securitySchemes"]
    assert schemes["key"]["scheme"] == "bearer" and schemes["cookie"]["in"] == "cookie"
    assert {} in document["security"]  # without --lan nothing is wanted
    beyond = create_app(replace(config, lan=True), trainers=FakeTrainers()).openapi()
    assert beyond["security"] == [{"key": []}, {"cookie": []}]
    assert beyond["paths"]["/api/v1/keys"]["post"]["security"] == []


def in_words(path: str) -> str:
    """A path with {} where something is put in, as of OpenAPI and as of the page for people."""
    return re.sub(r"{\w+}|\b[A-Z]+(-[A-Z]+)*\b", "{}", path)


def test_the_page_for_people_names_every_route_and_no_other(document: dict[str, Any]) -> None:
    told = {
        (method.upper(), in_words(path)): {
            one["name"] for one in told.get("parameters", []) if one["in"] == "query"
        }
        for method, path, told in operations(document)
    }
    table = API_MD.read_text("utf-8").partition("## REST")[2].partition("\n## ")[0]
    named = {}
    for row in table.splitlines():
        for method, path, query in re.findall(
            r"`([A-Z]+) (/[^`?]*)(?:\?([^`]*))?`", row.split("|")[1] if "|" in row else ""
        ):
            named[method, in_words(path)] = {one.partition("=")[0] for one in query.split("&") if one}
    assert named == told


def test_the_page_for_people_tells_the_limits(config: Config) -> None:
    limits = API_MD.read_text("utf-8").partition("## Limits")[2].partition("\n## ")[0]
    for said in ("| 8 |", "| 60 |", "4 MB, 4,096", "64 kB", "20 GB", "| 100 |", "300 s", "60 s", "1 MB"):
        assert said in limits
    have = config.limits
    assert (have.streams, have.frames_per_s, have.frame_bytes, have.frame_side) == (8, 60, 4_000_000, 4096)
    assert (have.message_bytes, have.upload_bytes, have.analyses) == (64_000, 20_000_000_000, 100)
    assert (have.resume_s, have.idle_s, have.body_bytes) == (300, 60, 1_000_000)
