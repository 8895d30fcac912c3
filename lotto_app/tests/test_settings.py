"""How the environment becomes settings."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from lotto_app.settings import SettingError, read_settings


def test_defaults(monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2})

    settings = read_settings({})

    assert (settings.host, settings.port, settings.metrics_port) == ("0.0.0.0", 8080, 9090)
    assert (settings.workers, settings.log_level) == (3, "INFO")


def test_given():
    environ = {
        "HOST": "127.0.0.1",
        "PORT": "80",
        "METRICS_PORT": "0",
        "WORKERS": "4",
        "LOG_LEVEL": "debug",
    }

    settings = read_settings(environ)

    assert (settings.host, settings.port, settings.metrics_port) == ("127.0.0.1", 80, 0)
    assert (settings.workers, settings.log_level) == (4, "DEBUG")


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"PORT": "http"}, "PORT is 'http': it must be a whole number from 1 to 65535."),
        ({"PORT": "0"}, "PORT is '0': it must be a whole number from 1 to 65535."),
        ({"PORT": "٨٠"}, "PORT is '٨٠': it must be a whole number from 1 to 65535."),
        (
            {"METRICS_PORT": "65536"},
            "METRICS_PORT is '65536': it must be a whole number from 0 to 65535.",
        ),
        ({"WORKERS": "0"}, "WORKERS is '0': it must be a whole number from 1 to 128."),
        (
            {"LOG_LEVEL": "loud"},
            "LOG_LEVEL is 'LOUD': it must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL.",
        ),
        (
            {"PORT": "9090"},
            (
                "PORT and METRICS_PORT are both 9090: each needs a port of its own. "
                "Change one of them, or set METRICS_PORT=0 to have no metrics."
            ),
        ),
    ],
)
def test_wrong_ones_are_refused_with_the_rule(environ, sentence):
    with pytest.raises(SettingError) as caught:
        read_settings(environ)

    assert str(caught.value) == sentence


@pytest.fixture
def metadata():
    """Serve an answer as ECS's task metadata endpoint does, at /v4/ID/task."""
    answers = {}

    class Endpoint(BaseHTTPRequestHandler):
        def do_GET(self):
            body = answers.get(self.path)
            self.send_response(200 if body is not None else 404)
            self.end_headers()
            self.wfile.write((body or "no").encode())

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    Thread(target=server.serve_forever, daemon=True).start()

    def answer(body):
        answers["/v4/0123abcd-1234/task"] = body
        return f"http://127.0.0.1:{server.server_port}/v4/0123abcd-1234"

    yield answer
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("vcpus", "workers"), [(0.25, 1), (0.5, 1), (1, 1), (2, 2), (16, 16)])
def test_on_ecs_one_worker_a_vcpu_of_the_task(metadata, monkeypatch, vcpus, workers):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2})
    address = metadata(json.dumps({"Limits": {"CPU": vcpus, "Memory": 1024}}))

    assert read_settings({"ECS_CONTAINER_METADATA_URI_V4": address}).workers == workers


@pytest.mark.parametrize("body", [None, "", "[]", "{}", '{"Limits": {"Memory": 512}}'])
def test_where_ecs_does_not_say_the_kernel_does(metadata, monkeypatch, body):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2})

    assert read_settings({"ECS_CONTAINER_METADATA_URI_V4": metadata(body)}).workers == 3
