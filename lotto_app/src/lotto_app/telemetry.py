"""Log each request and count it.

This is WSGI middleware: in hooks of Flask the same work costs about twice the time.
"""

from __future__ import annotations

import logging
import re
from functools import cache
from time import perf_counter
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Histogram

from .logs import write_entry

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Flask, Request

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
# So that a request's line, in JSON's escapes and twice, stays below the size of an atomic write.
MOST_OF_METHOD, MOST_OF_PATH = 16, 256
QUIET = ("/health", 200)
DRAW = "lotto.draw"
GAMES = "lotto.games"

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
_TRACE_ROOT = re.compile(r"(?:^|;)Root=([0-9A-Za-z-]{1,64})(?:;|$)")


class Metrics:
    """The app's metrics, in a separate registry so that each app has its own counters."""

    def __init__(self) -> None:
        """Make them, all at zero."""
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "lotto_http_requests",
            "HTTP requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.latency = Histogram(
            "lotto_http_request_duration_seconds",
            "Seconds from a request's arrival in the app to its answer.",
            ("route",),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.draws = Counter("lotto_draws", "Games drawn.", registry=self.registry)
        # Looking up a child by its labels takes longer than counting in it.
        self._request_series = cache(self.requests.labels)
        self._latency_series = cache(self.latency.labels)

    def count(self, request: Request, status: int, seconds: float) -> None:
        """Count one request."""
        # Only our names become labels: clients must not be able to create new time series.
        method = request.method if request.method in METHODS else "other"
        route = request.url_rule.rule if request.url_rule else "unknown"
        self._request_series(method, route, status).inc()
        self._latency_series(route).observe(seconds)
        if games := request.environ.get(GAMES):
            self.draws.inc(games)


class Telemetry:
    """Middleware around the app."""

    def __init__(self, app: WSGIApplication, metrics: Metrics) -> None:
        """Wrap `app` and count in `metrics`."""
        self.app = app
        self.metrics = metrics

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        """Answer the request with its whole body in one piece, then log and count it."""
        started = perf_counter()
        status: int
        request: Request

        def start(line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal status, request
            # Flask removes its request from the environment when it is done.
            status, request = int(line[:3]), environ["werkzeug.request"]
            return start_response(line, headers, exc_info)

        body = self.app(environ, start)
        whole = [b"".join(body)]
        body.close()  # type: ignore[attr-defined]
        seconds = perf_counter() - started
        self.metrics.count(request, status, seconds)
        log(request, status, seconds)
        return whole


def init_app(app: Flask) -> None:
    """Log and count every request to this app."""
    metrics = app.extensions["metrics"] = Metrics()
    app.wsgi_app = Telemetry(app.wsgi_app, metrics)  # type: ignore[method-assign]


def record_draw(environ: WSGIEnvironment, drawn: list[int] | list[list[int]], games: int) -> None:
    """Record that this request has drawn `games` games; `drawn` goes to the log."""
    environ[DRAW] = drawn
    environ[GAMES] = games


def log(request: Request, status: int, seconds: float) -> None:
    """Write the request's line; successful health checks only at DEBUG."""
    environ = request.environ
    method, path = request.method[:MOST_OF_METHOD], request.path[:MOST_OF_PATH]
    fields: dict[str, Any] = {
        "method": method,
        "path": path,
        "status": status,
        "duration_ms": round(seconds * 1000, 3),
    }
    if DRAW in environ:
        fields["draw"] = environ[DRAW]
    if root := trace_root(environ.get("HTTP_X_AMZN_TRACE_ID")):
        fields["trace_id"] = root
    level = logging.DEBUG if (path, status) == QUIET else logging.INFO
    write_entry(level, f"{method} {path} {status}", fields)


def trace_root(header: str | None) -> str | None:
    """Return the root of an X-Amzn-Trace-Id header, or None."""
    found = _TRACE_ROOT.search(header) if header else None
    return found[1] if found else None
