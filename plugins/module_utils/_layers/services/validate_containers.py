# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Validate the containers of a service and their volumes."""

from __future__ import annotations

import collections
import json
import re
import typing as t

from . import containers, secrets
from .names import container_names
from .validate_routes import out_of_range

Inputs = t.Mapping[str, t.Any]

KNOWN_LATER = "(known after build)"
"""The image of a service that check mode has not built. AWS would refuse it, so no user can have written it."""

FARGATE_LIMIT = "nofile"
"""The only ulimit that can be set on Fargate: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Ulimit.html."""

_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")

# https://github.com/distribution/reference: [domain[:port]/]path[:tag][@digest]
_IMAGE = re.compile(
    r"(?:(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::\d{1,5})?)/)?"
    r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*"
    r"(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)

# NAME or UID, with :GROUP or :GID (API_ContainerDefinition, user)
_USER = re.compile(r"[^\s:]+(?::[^\s:]+)?")


def container_problems(service: Inputs) -> t.Iterator[str]:
    """Yield the problems with the containers, alone and together, one message each."""
    every, names = [service, *service["sidecars"]], container_names(service)
    listening = {(name, one["port"]) for name, one in zip(names, every, strict=True)}
    listening |= {(rule["container"], rule["port"]) for rule in service["rules"]}
    ports = [port for _name, port in sorted(listening, key=str) if port is not None]
    for name, times in collections.Counter(names).items():
        if times > 1:
            yield f"{times} of its containers are named '{name}': a name is used once a task. Rename a sidecar."
    for port, times in collections.Counter(ports).items():
        if times > 1:
            yield f"{times} of its containers listen on port {port}, and share one network. Change a sidecar's port."
    for name, container in zip(names, every, strict=True):
        yield from (f"container '{name}': {sentence}" for sentence in _one_container(container, names))


def before_problems(service: Inputs) -> t.Iterator[str]:
    """Yield the problems with the command that runs before a deployment."""
    before, names = service["before"], container_names(service)
    if not before:
        return
    if not before["command"]:
        yield "before.command is empty. Give the command and its arguments, as in [python, manage.py, migrate]."
    if before["container"] and before["container"] not in names:
        yield f"before.container '{before['container']}' is not one of its containers: {', '.join(names)}. Change it."
    if not 1 <= before["timeout"] <= 86400:
        yield out_of_range("before.timeout", before["timeout"], 1, 86400)


def _one_container(container: Inputs, names: t.Sequence[str]) -> t.Iterator[str]:
    image = container["image"]
    if image != KNOWN_LATER and not _IMAGE.fullmatch(image):
        yield (
            f"image '{image}' is not an image reference: registry/name:tag or registry/name@sha256:digest,"
            " the name in lower case. Change image."
        )
    yield from _process_problems(container)
    yield from containers.problems(container)
    yield from _variables(container["environment"], container["secrets"])
    for dependency in container["depends_on"]:
        if dependency["container"] not in names:
            wanted, there = dependency["container"], ", ".join(names)
            yield f"it depends on container '{wanted}', and has only {there}. Change depends_on."
    for limit in container["ulimits"]:
        yield from _limit_problems(limit)
    if container["container_health_check"]:
        yield from _container_check(container["container_health_check"])


def _limit_problems(limit: Inputs) -> t.Iterator[str]:
    lower = min(limit["soft"], limit["hard"])
    if limit["name"] != FARGATE_LIMIT:
        yield f"ulimit {limit['name']} can't be set on Fargate: only {FARGATE_LIMIT} can. Take it away."
    elif lower < -1:
        yield f"ulimit {limit['name']} has {lower}: 0 or more, or -1 for no limit. Change it."
    elif limit["soft"] > limit["hard"] != -1:
        yield f"ulimit {limit['name']} has soft {limit['soft']} over hard {limit['hard']}. Change one."


def _process_problems(container: Inputs) -> t.Iterator[str]:
    if container.get("cpu") is not None and container["cpu"] < 0:
        yield f"cpu {container['cpu']} is below 0. Raise it, or leave it out."
    if container.get("port") is not None and not 1 <= container["port"] <= 65535:
        yield f"port {container['port']} is out of range: 1 to 65535. Change port."
    stop = container["stop_timeout"]
    if stop is not None and not 2 <= stop <= 120:
        yield out_of_range("stop_timeout", stop, 2, 120)
    folder, user = container.get("working_directory"), container.get("user")
    if folder and not folder.startswith("/"):
        yield f"working_directory '{folder}' has to be absolute. Begin it with a slash."
    if user and not _USER.fullmatch(user):
        yield f"user '{user}' is not a valid user: a name or number, with :GROUP if it has one. Change user."


def _variables(environment: Inputs, sources: Inputs) -> t.Iterator[str]:
    both = sorted(set(environment) & set(sources))
    if both:
        yield f"{', '.join(both)} is in environment and in secrets: a variable has one source. Take it out of one."
    for name in [*environment, *sources]:
        if not _ENVIRONMENT_NAME.fullmatch(str(name)):
            yield f"'{name}' is not a name of an environment variable: letters, digits and underscores, no digit first."
    for name in (name for name, value in environment.items() if "\0" in str(value)):
        yield f"the value of {name} in environment has a NUL, which ends a string for every program. Take it out."
    yield from secrets.problems("secrets", sources)


def _container_check(check: Inputs) -> t.Iterator[str]:
    # API_HealthCheck of Amazon ECS
    if check["command"][:1] == ["CMD-SHELL"] and len(check["command"]) > 2:
        # Docker passes it to sh -c, which runs the first string and takes the others as its parameters
        shown = json.dumps(["CMD-SHELL", " ".join(check["command"][1:])], ensure_ascii=False)
        yield f"container_health_check.command: CMD-SHELL takes its command as one text. Write it as {shown}."
    limits = {"interval": (5, 300), "timeout": (2, 60), "retries": (1, 10), "start_period": (0, 300)}
    for key, (low, high) in limits.items():
        if not low <= check[key] <= high:
            yield out_of_range(f"container_health_check.{key}", check[key], low, high)


def volume_problems(service: Inputs) -> t.Iterator[str]:
    """Yield the problems with the volumes and their mounts."""
    volumes = [volume["name"] for volume in service["volumes"]]
    for volume in service["volumes"]:
        folder = (volume.get("efs") or {}).get("root_directory")
        if folder and not folder.startswith("/"):
            yield f"volume '{volume['name']}': root_directory '{folder}' has to be absolute. Begin it with a slash."
    for container in (service, *service["sidecars"]):
        for mount in container["mounts"]:
            if mount["volume"] not in volumes:
                given = ", ".join(volumes) or "none is given"
                yield f"volume '{mount['volume']}' is mounted and not there: {given}. Add it to volumes."
            if not mount["path"].startswith("/"):
                yield f"mount path '{mount['path']}' has to be absolute. Begin it with a slash."
