# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The log driver of a service's containers, the retention of its logs, and the FireLens router.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html
"""

from __future__ import annotations

import re
import typing as t

from ..._resources.logs.log_group import NEVER, RETENTIONS
from . import secrets
from .names import awslogs, container_names
from .platform import Platform

Data = t.Mapping[str, t.Any]

ROUTER = "log_router"
"""Name of the container that routes logs, as in AWS's examples."""

_SIZE = re.compile(r"[1-9][0-9]*[kmg]?")


NOTHING: Data = {
    **dict.fromkeys(("driver", "mode", "max_buffer_size", "multiline_pattern", "retention")),
    "options": {},
    "secrets": {},
}


def given(service: Data) -> Data:
    """Return the service's C(logging) options."""
    return t.cast("Data", service["logging"] or NOTHING)


def driver(service: Data) -> str:
    """Return the log driver of the containers, by default awsfirelens if there is a router, else awslogs."""
    return str(given(service)["driver"] or ("awsfirelens" if service["firelens"] else "awslogs"))


def retention(service: Data) -> int | str:
    """Return the days that logs are kept, or C(never) if they don't expire."""
    days = given(service)["retention"]
    return NEVER if days == NEVER else int(days or service["log_retention"])


def configuration(service: Data, platform: Platform) -> dict[str, t.Any]:
    """Return C(log_configuration) of the service's containers."""
    logging, kind = given(service), driver(service)
    own = {
        "mode": logging["mode"],
        "max-buffer-size": logging["max_buffer_size"],
        "awslogs-multiline-pattern": logging["multiline_pattern"],
    }
    options = {key: value for key, value in own.items() if value is not None}
    where = awslogs(service, platform, service["log_stream_prefix"] or service["name"]) if kind == "awslogs" else {}
    secret_options = [{"name": name, "value_from": source} for name, source in sorted(logging["secrets"].items())]
    return {
        "log_driver": kind,
        "options": {**where, **options, **logging["options"]},
        **({"secret_options": secret_options} if secret_options else {}),
    }


def router(service: Data, platform: Platform) -> list[dict[str, t.Any]]:
    """Return the container that routes the others' logs, none without FireLens. Its own logs go to the log group."""
    firelens = service["firelens"]
    if not firelens:
        return []
    options = {"enable-ecs-log-metadata": "true" if firelens["log_metadata"] else "false"}
    if firelens["config_file"]:
        options |= {"config-file-type": "file", "config-file-value": firelens["config_file"]}
    container = {
        "name": ROUTER,
        "image": firelens["image"],
        "essential": True,
        # the default that ECS stores
        "user": "0",
        "firelens_configuration": {"type": firelens["type"], "options": options},
        "memory_reservation": firelens["memory_reservation"],
        "environment": firelens["environment"],
        "secrets": firelens["secrets"],
        "log_configuration": {"log_driver": "awslogs", "options": awslogs(service, platform, ROUTER)},
    }
    return [{key: value for key, value in container.items() if value not in (None, {})}]


def router_dependency(service: Data) -> list[dict[str, str]]:
    """Return the dependency on the router of containers that log through it."""
    return [{"container_name": ROUTER, "condition": "START"}] if driver(service) == "awsfirelens" else []


def secret_sources(service: Data) -> set[str]:
    """Return the sources of the secrets of the log driver and the router."""
    named = [given(service)["secrets"], (service["firelens"] or {}).get("secrets") or {}]
    return {str(source) for secrets in named for source in secrets.values()}


def problems(service: Data) -> t.Iterator[str]:
    """Yield the problems with C(logging) and C(firelens), one message each."""
    logging, kind = given(service), driver(service)
    if logging["retention"] not in (None, NEVER, *map(str, RETENTIONS)):
        yield (
            f"logging.retention '{logging['retention']}' is not a number of days that CloudWatch Logs takes:"
            f" {', '.join(map(str, RETENTIONS))}, or {NEVER}. Change it."
        )
    if kind == "awsfirelens" and not service["firelens"]:
        yield "logging.driver awsfirelens needs a log router. Set firelens, or take another driver."
    if service["firelens"] and kind != "awsfirelens":
        yield f"firelens routes nothing, as logging.driver is {kind}. Take one of them out."
    if logging["multiline_pattern"] is not None and kind != "awslogs":
        yield f"logging.multiline_pattern needs the driver awslogs, and the driver is {kind}. Take it out."
    yield from _buffer(logging)
    for name, value in logging["options"].items():
        if isinstance(value, (t.Mapping, list)):
            yield f"logging.options.{name} has to be text. Change it."
    yield from secrets.problems("logging.secrets", logging["secrets"])
    if service["firelens"]:
        yield from _router(service, service["firelens"])


def _buffer(logging: Data) -> t.Iterator[str]:
    size = logging["max_buffer_size"]
    if size is not None and logging["mode"] != "non-blocking":
        yield "logging.max_buffer_size needs the mode non-blocking. Set logging.mode, or take it out."
    if size is not None and not _SIZE.fullmatch(size):
        yield f"logging.max_buffer_size '{size}' is not a size: a number, with k, m or g, as in 25m. Change it."


def _router(service: Data, firelens: Data) -> t.Iterator[str]:
    if ROUTER in container_names(service):
        yield f"firelens adds a container named {ROUTER}, and there is one already. Rename that, or take firelens out."
    if firelens["config_file"] and not firelens["config_file"].startswith("/"):
        yield (
            f"firelens.config_file '{firelens['config_file']}' has to be a file in its image, as Fargate takes none"
            " from S3. Begin it with a slash."
        )
    if firelens["memory_reservation"] < 6:
        yield f"firelens.memory_reservation {firelens['memory_reservation']} is out of range: 6 MiB at least. Raise it."
    yield from secrets.problems("firelens.secrets", firelens["secrets"])
    for name in sorted({*firelens["environment"]} & {*firelens["secrets"]}):
        yield f"firelens: {name} is in environment and in secrets: a variable has one source. Take it out of one."
