# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The apps of the benchmark: lotto with its log, and an empty one."""

from __future__ import annotations

import logging.config
import typing as t

from lotto_app.app import create_app
from lotto_app.logs import logging_config

if t.TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication

    from flask import Flask

BODY = b"[2, 5, 22, 25, 32, 38]"
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]


def lotto() -> Flask:
    """Return the app as lotto_app's own server runs it."""
    logging.config.dictConfig(logging_config("INFO"))
    return create_app()


def empty() -> WSGIApplication:
    """Return a WSGI app that does nothing, to measure the server's own cost."""

    def answer(_environ: t.Any, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", list(HEADERS))
        return [BODY]

    return answer
