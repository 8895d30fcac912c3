"""Serve the app with granian, and its metrics on a port of their own."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from .logs import logging_config

if TYPE_CHECKING:
    from .settings import Settings

APP = "lotto_app.app:create_app"
# ECS kills a task 30 s after SIGTERM; whoever is still not done after 8 s will not be.
SECONDS_TO_FINISH = 8
# Longer than the load balancer keeps an idle connection (60 s), or it meets a closed one: a 502.
KEEP_ALIVE_MS = 75_000
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108


def serve(settings: Settings, target: str = APP) -> None:
    """Serve until SIGTERM or SIGINT: then stop accepting, finish what is in flight, return."""
    server = Server(
        target,
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=KEEP_ALIVE_MS),
        workers=settings.workers,
        # The app never waits, so a second thread would only fight for the interpreter's lock.
        blocking_threads=1,
        workers_kill_timeout=SECONDS_TO_FINISH,
        log_level=LogLevels(settings.log_level.lower()),
        log_dictconfig=logging_config(settings.log_level),
    )
    if not settings.metrics_port:
        server.serve()
        return
    with tempfile.TemporaryDirectory(prefix="lotto-metrics-", dir=_writable()) as folder:
        # prometheus_client reads this when it is first imported, here and in the workers.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        server.on_startup(lambda: _serve_metrics(settings))
        server.serve()


def _writable() -> Path | None:
    """Return where the workers' counts go: memory, which a read-only root file system leaves us."""
    return SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None


def _serve_metrics(settings: Settings) -> None:
    """Answer /metrics with the counts of all workers, from a thread of this process."""
    from prometheus_client import CollectorRegistry, start_http_server  # noqa: PLC0415
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    start_http_server(settings.metrics_port, settings.host, registry)
