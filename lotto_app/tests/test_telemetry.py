"""The log line and metrics of a request."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from lotto_app.telemetry import trace_root

ROOT = "1-67891233-abcdef012345678912345678"


@pytest.fixture
def sample(app):
    return app.extensions["metrics"].registry.get_sample_value


def test_a_draw_is_one_line(client, log_entries):
    response = client.get("/api/lotto/lucky", headers={"X-Amzn-Trace-Id": f"Root={ROOT}"})

    [entry] = log_entries()
    when = datetime.fromisoformat(entry.pop("time"))
    assert timedelta(0) <= datetime.now(UTC) - when < timedelta(minutes=1)
    assert 0 < entry.pop("duration_ms") < 10_000
    assert entry == {
        "level": "INFO",
        "message": "GET /api/lotto/lucky 200",
        "method": "GET",
        "path": "/api/lotto/lucky",
        "status": 200,
        "draw": response.json,
        "trace_id": ROOT,
    }


@pytest.mark.parametrize("letter", ["a", "\u2028"])
def test_the_line_of_a_long_path_is_written_whole(client, log_entries, letter):
    client.get(f"/{letter * 3000}")

    [entry] = log_entries()
    # PIPE_BUF
    assert len(json.dumps(entry)) < 4096


def test_games_are_logged_as_answered(client, log_entries):
    response = client.get("/api/lotto/lucky?games=3")

    [entry] = log_entries()
    assert entry["draw"] == response.json


def test_what_drew_nothing_says_nothing_of_a_draw(client, log_entries):
    client.get("/nope")

    [entry] = log_entries()
    assert (entry["status"], "draw" in entry, "trace_id" in entry) == (404, False, False)


def test_a_health_check_is_logged_for_debugging_only(client, log_entries):
    client.get("/health")
    client.post("/health")

    assert [(entry["level"], entry["status"]) for entry in log_entries()] == [
        ("DEBUG", 200),
        ("INFO", 405),
    ]


def test_a_line_stays_a_line(client, log_entries):
    client.get("/a%0Ab%E2%80%A8%22")

    [entry] = log_entries()
    assert entry["path"] == '/a\nb\u2028"'


@pytest.mark.parametrize(
    ("header", "root"),
    [
        (f"Root={ROOT}", ROOT),
        (f"Self=1-67891234-12456789abcdef012345678;Root={ROOT}", ROOT),
        (f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1", ROOT),
        (None, None),
        ("", None),
        ("Root=", None),
        ("NotRoot=1", None),
        ('Root="};drop', None),
        (f"Root={'a' * 65}", None),
    ],
)
def test_trace_root(header, root):
    assert trace_root(header) == root


def test_requests_are_counted_by_route(client, sample):
    client.get("/api/lotto/lucky")
    client.get("/api/lotto/lucky?games=5")
    client.get("/api/lotto/lucky?games=6")

    def requests(status):
        labels = {"method": "GET", "route": "/api/lotto/lucky", "status": status}
        return sample("lotto_http_requests_total", labels)

    assert (requests("200"), requests("400")) == (2, 1)
    assert sample("lotto_draws_total") == 6
    assert sample("lotto_http_request_duration_seconds_count", {"route": "/api/lotto/lucky"}) == 3


def test_strangers_make_no_new_time_series(client, sample):
    for name in ("a", "b", "c"):
        client.open(f"/{name}", method=name.upper())

    labels = {"method": "other", "route": "unknown", "status": "404"}
    assert sample("lotto_http_requests_total", labels) == 3
