"""Read the server's settings from the environment."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
METADATA_TIMEOUT = 0.5


class SettingError(ValueError):
    """A variable of the environment has an invalid value."""


@dataclass(frozen=True)
class Settings:
    """Settings of the server.

    host: address to listen on, all IPv4 ones by default.
    port: TCP port of the app, 8080 by default.
    metrics_port: TCP port of the metrics, 9090 by default; 0 disables them.
    workers: processes, by default one for each whole vCPU that the task may use.
    log_level: DEBUG logs health checks, too; INFO by default.
    """

    host: str
    port: int
    metrics_port: int
    workers: int
    log_level: str


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings; raise SettingError, with the rule, for the first invalid one."""
    settings = Settings(
        host=environ.get("HOST") or "0.0.0.0",
        port=_whole_number(environ, "PORT", 8080, 1, 65535),
        metrics_port=_whole_number(environ, "METRICS_PORT", 9090, 0, 65535),
        workers=_whole_number(environ, "WORKERS", 0, 1, 128) or max(1, int(vcpus(environ))),
        log_level=_level(environ),
    )
    if settings.port == settings.metrics_port:
        message = (
            f"PORT and METRICS_PORT are both {settings.port}: each needs a port of its own. "
            "Change one of them, or set METRICS_PORT=0 to have no metrics."
        )
        raise SettingError(message)
    return settings


def vcpus(environ: Mapping[str, str]) -> float:
    """Return how many vCPUs this process may use.

    On Fargate a task of half a vCPU sees two CPUs, so ECS's limit overrides the kernel's.
    """
    address = environ.get("ECS_CONTAINER_METADATA_URI_V4")
    return (address and _task_vcpus(address)) or float(len(os.sched_getaffinity(0)))


def _task_vcpus(address: str) -> float | None:
    """Return Limits.CPU of the task metadata endpoint version 4, or None without a limit.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
    """
    url = urlsplit(address)
    connection = HTTPConnection(url.netloc, timeout=METADATA_TIMEOUT)
    try:
        connection.request("GET", f"{url.path}/task")
        return float(json.load(connection.getresponse())["Limits"]["CPU"])
    except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
        logging.getLogger(__name__).warning("No vCPUs from %s/task: %r", address, error)
        return None
    finally:
        connection.close()


def _whole_number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    value = environ.get(name)
    if not value:
        return default
    if value.isascii() and value.isdigit() and low <= int(value) <= high:
        return int(value)
    message = f"{name} is {value!r}: it must be a whole number from {low} to {high}."
    raise SettingError(message)


def _level(environ: Mapping[str, str]) -> str:
    value = (environ.get("LOG_LEVEL") or "INFO").upper()
    if value in LEVELS:
        return value
    message = f"LOG_LEVEL is {value!r}: it must be one of {', '.join(LEVELS)}."
    raise SettingError(message)
