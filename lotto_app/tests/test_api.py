"""The API's answers."""

from __future__ import annotations

import json

import pytest

LUCKY = "/api/lotto/lucky"


def is_game(numbers):
    return (
        len(numbers) == 6
        and numbers == sorted(set(numbers))
        and all(type(number) is int and 1 <= number <= 45 for number in numbers)
    )


def test_lucky_is_a_bare_array_of_six(client):
    response = client.get(LUCKY)

    assert response.status_code == 200
    assert response.content_type == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert is_game(response.json)
    assert response.text == json.dumps(response.json)


def test_lucky_draws_anew_each_time(client):
    drawn = {client.get(LUCKY).text for _ in range(20)}

    assert len(drawn) == 20


@pytest.mark.parametrize("games", [1, 2, 3, 4, 5])
def test_games_is_an_array_of_arrays(client, games):
    response = client.get(LUCKY, query_string={"games": games})

    assert response.status_code == 200
    assert len(response.json) == games
    assert all(is_game(game) for game in response.json)


@pytest.mark.parametrize(
    "query",
    [
        "games=0",
        "games=6",
        "games=-1",
        "games=",
        "games",
        "games=01",
        "games=%2B1",
        "games=1.0",
        "games=%201",
        "games=five",
        "games=%D9%A1",
        "games=1&games=2",
        "games=1,2",
        "games=%00",
    ],
)
def test_other_games_are_refused_with_the_rule(client, query):
    response = client.get(f"{LUCKY}?{query}")

    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    assert response.json["type"] == "about:blank"
    assert response.json["title"] == "Bad Request"
    assert response.json["status"] == 400
    assert response.json["detail"].endswith(
        "give it once, as a whole number from 1 to 5, or leave it out."
    )


def test_health(client):
    response = client.get("/health")

    assert (response.status_code, response.text) == (200, "OK")
    assert response.content_type == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    "path", ["/nope", "/api/lotto", "/api/lotto/lucky/", "/static/x", "/metrics"]
)
def test_unknown_paths_are_404(client, path):
    response = client.get(path)

    assert response.status_code == 404
    assert response.content_type == "application/problem+json"
    assert response.json["status"] == 404
    assert response.json["title"] == "Not Found"


@pytest.mark.parametrize("path", [LUCKY, "/health"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_other_methods_are_405_and_name_the_right_ones(client, path, method):
    response = client.open(path, method=method)

    assert response.status_code == 405
    assert response.content_type == "application/problem+json"
    assert response.json["status"] == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_a_fault_of_ours_is_a_500_that_tells_no_internals(app, log_entries):
    app.config["SOURCE"] = None

    response = app.test_client().get(LUCKY)

    assert response.status_code == 500
    assert response.content_type == "application/problem+json"
    assert "NoneType" not in response.text
    assert any("NoneType" in entry.get("exception", "") for entry in log_entries())


def test_every_answer_has_the_security_headers(client):
    for path in (LUCKY, "/health", "/nope"):
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("forwarded", "expected"), [("https", "max-age=31536000"), ("http", None), (None, None)]
)
def test_strict_transport_security_only_where_the_visitor_came_by_https(
    client, forwarded, expected
):
    headers = {"X-Forwarded-Proto": forwarded} if forwarded else {}

    response = client.get("/health", headers=headers)

    assert response.headers.get("Strict-Transport-Security") == expected
