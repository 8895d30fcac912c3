"""The page without JavaScript, and the API's document and its page."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import jsonschema
import pytest

from lotto_app.words import WORDS


class Balls(HTMLParser):
    """Collect the games of a page: for each its name and its balls, (number, colour)."""

    def __init__(self, html):
        super().__init__()
        self.games = []
        self.colour = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        classes = (attrs.get("class") or "").split()
        if "balls" in classes:
            self.games.append((attrs["aria-label"], []))
        self.colour = classes[1] if "ball" in classes else None

    def handle_endtag(self, tag):
        self.colour = None

    def handle_data(self, data):
        if self.colour:
            self.games[-1][1].append((int(data), self.colour))


def games(response):
    return Balls(response.text).games


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 1), ("?games=1", 1), ("?games=5", 5), ("?games=0", 1), ("?games=6", 1), ("?games=x", 1)],
)
def test_the_numbers_are_in_the_html(client, query, count):
    found = games(client.get(f"/{query}", headers={"Accept-Language": "en"}))

    assert [name for name, _ in found] == [f"Game {letter}" for letter in "ABCDE"[:count]]
    for _, balls in found:
        numbers = [number for number, _ in balls]
        assert len(numbers) == 6
        assert numbers == sorted(set(numbers) & set(range(1, 46)))


def test_each_number_has_the_colour_of_its_range(client):
    colours = {}
    while len(colours) < 45:
        for _, balls in games(client.get("/?games=5")):
            colours.update(balls)

    expected = ["yellow"] * 10 + ["blue"] * 10 + ["red"] * 10 + ["grey"] * 10 + ["green"] * 5
    assert [colours[number] for number in range(1, 46)] == expected


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ("", "ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        ("", "en-GB", "en"),
        ("", "fr, ko;q=0.5", "ko"),
        ("", "fr", "en"),
        ("", "", "en"),
        ("?lang=ko", "en", "ko"),
        ("?lang=en", "ko", "en"),
        ("?lang=fr", "ko", "ko"),
    ],
)
def test_language(client, query, header, language):
    response = client.get(f"/{query}", headers={"Accept-Language": header})

    assert response.headers["Content-Language"] == language
    assert response.headers["Vary"] == "Accept-Language"
    assert f'<html lang="{language}">' in response.text
    assert f"<h1>{WORDS[language].title}</h1>" in response.text


@pytest.mark.parametrize(("query", "kept"), [("?lang=ko", True), ("", False)])
def test_a_chosen_language_stays_chosen(client, query, kept):
    hidden = '<input type="hidden" name="lang" value="ko">'

    assert (hidden in client.get(f"/{query}", headers={"Accept-Language": "ko"}).text) is kept


def test_the_page_is_small_and_asks_for_nothing_else(client):
    html = client.get("/?games=5&lang=ko").text

    assert len(html.encode()) < 30_000
    assert not re.search(r"(?:https?:)?//(?!www\.w3\.org/2000/svg)[a-z]", html)
    assert not re.search(r"\b(?:src|srcset|@import|url\()", html)


@pytest.mark.parametrize("path", ["/", "/api/docs"])
def test_the_policy_allows_just_what_is_in_the_page(client, path):
    response = client.get(path)
    policy = dict(
        rule.split(" ", 1) for rule in response.headers["Content-Security-Policy"].split("; ")
    )

    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert not re.search(r"unsafe|\*|https?:", response.headers["Content-Security-Policy"])
    for tag in ("style", "script"):
        sources = re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", response.text, re.DOTALL)
        hashes = [b64encode(sha256(source.encode()).digest()).decode() for source in sources]
        allowed = policy.get(f"{tag}-src")
        assert allowed == (" ".join(f"'sha256-{each}'" for each in hashes) or None)
    assert not re.search(r"\son[a-z]+=|\sstyle=", response.text)


def test_the_page_is_never_cached_and_its_draw_is_logged(client, log_entries):
    response = client.get("/?games=2")

    assert response.headers["Cache-Control"] == "no-store"
    [entry] = log_entries()
    assert entry["draw"] == [[number for number, _ in balls] for _, balls in games(response)]


def test_what_the_address_says_does_not_get_into_the_page(client):
    evil = "<script>alert(1)</script>"

    assert evil not in client.get("/", query_string={"lang": evil, "games": evil}).text


def resolve(document, schema):
    return {**schema, "components": document["components"]}


def test_the_document_describes_what_is_answered(client):
    document = client.get("/api/openapi.json").json
    responses = document["paths"]["/api/lotto/lucky"]["get"]["responses"]
    lucky = responses["200"]["content"]["application/json"]
    problem = document["components"]["schemas"]["Problem"]

    assert document["openapi"] == "3.1.0"
    for query in ("", "?games=1", "?games=5"):
        answer = client.get(f"/api/lotto/lucky{query}").json
        jsonschema.validate(answer, resolve(document, lucky["schema"]))
    for example in lucky["examples"].values():
        jsonschema.validate(example["value"], resolve(document, lucky["schema"]))
    for bad in ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 46], [0, 1, 2, 3, 4, 5], [1, 1, 2, 3, 4, 5], []):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, resolve(document, lucky["schema"]))
    jsonschema.validate(client.get("/api/lotto/lucky?games=9").json, problem)


def test_the_document_s_problem_is_the_one_answered(client):
    document = client.get("/api/openapi.json").json
    content = document["components"]["responses"]["Problem"]["content"]

    assert (
        content["application/problem+json"]["example"]
        == client.get("/api/lotto/lucky?games=9").json
    )


def test_the_docs_show_every_operation(client):
    response = client.get("/api/docs")

    assert response.status_code == 200
    for path in client.get("/api/openapi.json").json["paths"]:
        assert f"<code>GET {path}</code>" in response.text
    assert json.dumps([2, 5, 22, 25, 32, 38]) in response.text


def test_words_of_korean_stay_whole(client):
    # Browsers break between any two letters of Korean otherwise:
    # https://www.w3.org/TR/css-text-3/#word-break-property
    [style] = re.findall(r"<style>(.*?)</style>", client.get("/?lang=ko").text, re.DOTALL)
    [body] = re.findall(r"^body \{(.*?)\}", style, re.MULTILINE)
    rules = {rule.strip() for rule in body.split(";")}
    assert {"word-break: keep-all", "overflow-wrap: break-word"} <= rules
