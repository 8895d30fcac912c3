"""Serve the app with granian, and its metrics on a separate port."""

from __future__ import annotations

import os
import resource
import tempfile
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, make_server

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from .logs import logging_config

if TYPE_CHECKING:
    from .settings import Settings

APP = "lotto_app.app:create_app"
# ECS kills a task 30 s after SIGTERM; a request that is not done after 8 s will not finish.
SECONDS_TO_FINISH = 8
# To send a request's head, from the connection on. Bodies are not waited for: no route takes one.
SECONDS_TO_ASK = 10
# Concurrent connections of a worker; others wait in the kernel until one ends.
CONNECTIONS = 4096
# Other files of a worker: listening sockets, modules, the counters of the metrics.
OTHER_FILES = 128
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108


def serve(settings: Settings, target: str = APP) -> None:
    """Serve until SIGTERM or SIGINT: then stop accepting, finish requests in flight, return."""
    server = Server(
        target,
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        # Else the load balancer would reuse a connection for 60 s that is closed: a 502.
        http1_settings=HTTP1Settings(header_read_timeout=SECONDS_TO_ASK * 1000, keep_alive=False),
        backpressure=most_connections(),
        workers=settings.workers,
        # The app never waits, so a second thread would only compete for the interpreter's lock.
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


def most_connections() -> int:
    """Return the maximum number of a worker's connections, within the limit of open files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return (
        CONNECTIONS
        if soft == resource.RLIM_INFINITY
        else max(1, min(CONNECTIONS, soft - OTHER_FILES))
    )


def _writable() -> Path | None:
    """Return the folder of the workers' counters: in memory, as the root is read-only."""
    return SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None


class Scrape(WSGIRequestHandler):
    """A request for the metrics, with the same time limit as one to the app."""

    timeout = SECONDS_TO_ASK

    def handle(self) -> None:
        """Answer, or close an idle connection."""
        with suppress(TimeoutError):
            super().handle()

    def log_message(self, *_arguments: object) -> None:
        """Leave the log to the app."""


def _serve_metrics(settings: Settings) -> None:
    """Answer /metrics with the counters of all workers, from a thread of this process."""
    from prometheus_client import CollectorRegistry, make_wsgi_app  # noqa: PLC0415
    from prometheus_client.exposition import ThreadingWSGIServer  # noqa: PLC0415
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    server = make_server(
        settings.host, settings.metrics_port, make_wsgi_app(registry), ThreadingWSGIServer, Scrape
    )
    Thread(target=server.serve_forever, daemon=True).start()
