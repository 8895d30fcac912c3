"""Log each request and count it."""

from __future__ import annotations

import logging
import re
from time import perf_counter
from typing import TYPE_CHECKING, Any

from flask import g, request
from prometheus_client import CollectorRegistry, Counter, Histogram

if TYPE_CHECKING:
    from flask import Flask, Response

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
QUIET_PATH = "/health"

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
_TRACE_ROOT = re.compile(r"(?:^|;)Root=([0-9A-Za-z-]{1,64})(?:;|$)")

_logger = logging.getLogger(__name__)


class Metrics:
    """The app's metrics, in a registry of their own so that each app has its own counts."""

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


def init_app(app: Flask) -> None:
    """Log and count every request to this app."""
    metrics = Metrics()
    app.extensions["metrics"] = metrics

    @app.before_request
    def start() -> None:
        g.started = perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        seconds = perf_counter() - g.started
        _count(metrics, response.status_code, seconds)
        _log(response.status_code, seconds)
        return response


def record_draw(drawn: list[int] | list[list[int]], games: int) -> None:
    """Say that this request has drawn `games` games; `drawn` goes to the log."""
    g.draw = drawn
    g.games = games


def trace_root(header: str | None) -> str | None:
    """Return the root of an X-Amzn-Trace-Id header, or None."""
    found = _TRACE_ROOT.search(header) if header else None
    return found[1] if found else None


def _count(metrics: Metrics, status: int, seconds: float) -> None:
    # Only names of ours become labels: a stranger must not be able to make new time series.
    method = request.method if request.method in METHODS else "other"
    route = request.url_rule.rule if request.url_rule else "unknown"
    metrics.requests.labels(method, route, str(status)).inc()
    metrics.latency.labels(route).observe(seconds)
    if games := g.get("games"):
        metrics.draws.inc(games)


def _log(status: int, seconds: float) -> None:
    level = logging.DEBUG if request.path == QUIET_PATH and status < 400 else logging.INFO  # noqa: PLR2004
    if not _logger.isEnabledFor(level):
        return
    method, path = request.method, request.path
    fields: dict[str, Any] = {
        "method": method,
        "path": path,
        "status": status,
        "duration_ms": round(seconds * 1000, 3),
    }
    if "draw" in g:
        fields["draw"] = g.draw
    if root := trace_root(request.environ.get("HTTP_X_AMZN_TRACE_ID")):
        fields["trace_id"] = root
    _logger.log(level, "%s %s %d", method, path, status, extra={"fields": fields})
