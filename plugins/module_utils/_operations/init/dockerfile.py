# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Imports a Dockerfile."""

from __future__ import annotations

import json
import re
import typing as t

from .model import SourceError, Taken, check, name_of

_OPTION = re.compile(r"--(interval|timeout|start-period|retries|start-interval)=(\S+)\s+")


def take(content: str, name: str, path: str = ".") -> Taken:
    """Return a service built from I(path), with the options of the Dockerfile's last stage."""
    stage: list[tuple[str, str]] = []
    taken = Taken()
    for keyword, rest in instructions(content):
        if keyword == "FROM":
            stage = []
        stage.append((keyword, rest))
    if not stage:
        raise SourceError("The Dockerfile has no FROM, so nothing can be built of it.")
    service: dict[str, t.Any] = {"name": name_of(name), "build": {"path": path}}
    if (port := _port(stage)) is not None:
        service["port"] = port
    if health := _check(stage):
        service["container_health_check"] = health
    taken.services.append(service)
    return taken


def instructions(content: str) -> t.Iterator[tuple[str, str]]:
    """Yield each instruction and its arguments, with continuation lines joined."""
    lines = [line for line in content.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\[ \t]*\n", " ", "\n".join(lines)).splitlines():
        keyword, _blank, rest = line.strip().partition(" ")
        if keyword.isalpha():
            yield keyword.upper(), rest.strip()


def _port(stage: t.Iterable[tuple[str, str]]) -> int | None:
    """Return the first exposed TCP port."""
    ports = [one for keyword, rest in stage if keyword == "EXPOSE" for one in rest.split()]
    numbers = [re.match(r"(\d+)(?:/tcp)?$", one) for one in ports]
    return next((int(number[1]) for number in numbers if number), None)


def _check(stage: t.Iterable[tuple[str, str]]) -> dict[str, t.Any] | None:
    """Return the HEALTHCHECK, which ECS ignores."""
    given = next((rest for keyword, rest in reversed(list(stage)) if keyword == "HEALTHCHECK"), None)
    if not given or given.upper() == "NONE":
        return None
    options = {key.replace("-", "_"): value for key, value in _OPTION.findall(f"{given} ")}
    command = _OPTION.sub("", given).removeprefix("CMD").strip()
    try:
        parsed = json.loads(command)
    except ValueError:
        parsed = command
    return check(["CMD", *parsed] if isinstance(parsed, list) else parsed, options)
