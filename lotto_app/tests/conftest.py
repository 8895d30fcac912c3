"""Fixtures: the app with a repeatable source, and the real server over a socket."""

from __future__ import annotations

import random

import pytest

from lotto_app.app import create_app


@pytest.fixture
def app():
    return create_app(random.Random(645))


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def log_entries(capfd):
    """Return the log entries written since the last call."""
    import json
    import logging.config

    from lotto_app.logs import logging_config

    logging.config.dictConfig(logging_config("DEBUG"))
    yield lambda: [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    logging.getLogger().handlers.clear()
    logging.getLogger().setLevel(logging.WARNING)
