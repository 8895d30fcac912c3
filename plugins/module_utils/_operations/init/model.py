# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The imported application, and conversions for all sources.  Plain data in and out."""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
import shlex
import typing as t

from ..._aws.printable import SECRET_NAME
from ..._resources.ecs.rules import FARGATE_CPUS, FARGATE_MEMORY

Data = t.Mapping[str, t.Any]
Service = dict[str, t.Any]

_WITH_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#@:\s]*:[^/?#@\s]+@", re.IGNORECASE)
STATEFUL = re.compile(
    r"(?:^|/)(?:postgres|postgis|mysql|mariadb|mongo|redis|valkey|memcached|rabbitmq|elasticsearch|opensearch|kafka|minio)"
    r"(?:[:@]|$)"
)
"""Images that store data, which a Fargate task loses when it ends."""
_MEMORY_OF_256 = (512, 1024, 2048)
_UNITS = {"": 1 / 1024**2, "b": 1 / 1024**2, "k": 1 / 1024, "m": 1, "g": 1024}
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


class SourceError(ValueError):
    """A source can't be imported; the message is complete."""


@dataclasses.dataclass
class Taken:
    """Imported services, and what could not be imported."""

    services: list[Service] = dataclasses.field(default_factory=list)
    """Definitions for the inventory; the path of a C(build) is relative to the source."""
    left: list[str] = dataclasses.field(default_factory=list)
    """A message for each field that was not imported."""

    def leave(self, what: str, why: str) -> None:
        """Record a field that was not imported, and the next step."""
        self.left.append(f"{what}: {why}")


def name_of(text: str) -> str:
    """Return a valid name of a service: lower-case letters, digits and single inner hyphens, a letter first."""
    name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    name = name if name[:1].isalpha() else f"app-{name}".rstrip("-")
    return name[:18].rstrip("-")


def size(cpu: float, memory: float) -> tuple[int, int]:
    """Return the smallest Fargate size with at least these CPU units and MiB."""
    for units in FARGATE_CPUS:
        sizes = FARGATE_MEMORY.get(units, _MEMORY_OF_256)
        if units >= cpu and (fitting := [one for one in sizes if one >= memory]):
            return units, fitting[0]
    return FARGATE_CPUS[-1], FARGATE_MEMORY[FARGATE_CPUS[-1]][-1]


def mebibytes(value: t.Any) -> float:
    """Return C(512), C(512m) or C(2 GB) in MiB; a large number without a unit is in bytes."""
    match = re.fullmatch(r"\s*([\d.]+)\s*([bkmg]?)i?b?\s*", str(value), re.IGNORECASE)
    if not match:
        raise SourceError(f"'{value}' is not a size of memory, as 512m or 2 GB.")
    number, unit = float(match[1]), match[2].lower()
    return number if not unit and number < 1024**2 else number * _UNITS[unit]


def seconds(value: t.Any) -> int:
    """Return C(30), C(30s) or C(1m30s) in whole seconds, at least 1."""
    if isinstance(value, (int, float)) or str(value).isdecimal():
        return max(1, round(float(value)))
    parts = re.findall(r"([\d.]+)(ms|s|m|h)", str(value))
    if not parts or "".join(number + unit for number, unit in parts) != str(value).strip():
        raise SourceError(f"'{value}' is not a duration, as 30s or 1m30s.")
    return max(1, round(sum(float(number) * _SECONDS[unit] for number, unit in parts)))


def between(value: int, low: int, high: int) -> int:
    """Return the value limited to these bounds."""
    return min(max(value, low), high)


def text(value: t.Any) -> str:
    """Return a YAML value as the text that the source's tool would use."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    return "" if value is None else str(value)


def words(value: t.Any) -> list[str]:
    """Return a command, given as text or list, as a list."""
    if isinstance(value, str):
        return shlex.split(value)
    return [text(one) for one in value or []]


def variables(taken: Taken, where: str, given: Data) -> dict[str, str]:
    """Return environment variables without those whose names or values look secret."""
    kept = {}
    for name, value in given.items():
        if why := _why_secret(name, text(value)):
            taken.leave(
                f"{where}: variable {name}",
                f"{why}. Put its value into an SSM parameter, and write the parameter's name into secrets:"
                f" {{{name}: /…}}.",
            )
        else:
            kept[name] = text(value)
    return kept


def _why_secret(name: str, value: str) -> str:
    if SECRET_NAME.search(name) and value:
        return "its name says that it is secret"
    return "it is an address with a password" if _WITH_PASSWORD.match(value) else ""


def check(command: t.Any, options: Data) -> dict[str, t.Any]:
    """Return a container's health check, within the bounds of ECS."""
    given = ["CMD-SHELL", command] if isinstance(command, str) else [text(one) for one in command]
    if given[0] not in ("CMD", "CMD-SHELL"):
        given = ["CMD", *given]
    if given[0] == "CMD-SHELL":
        given = ["CMD-SHELL", " ".join(given[1:])]
    bounds = {"interval": (5, 300), "timeout": (2, 60), "start_period": (0, 300), "retries": (1, 10)}
    found: dict[str, t.Any] = {"command": given}
    for key, (low, high) in bounds.items():
        if options.get(key) is not None:
            number = int(options[key]) if key == "retries" else seconds(options[key])
            found[key] = between(number, low, high)
    return found


# an address with a variable or a query does not match: its path is not clear
_OWN_ADDRESS = re.compile(
    r"(?<![\w/.])(?:http://)?(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0)(?::(\d+))?(/[\w./~-]*)(?![\w./~$?{%-])"
)


def requested_path(command: t.Sequence[str], port: int | None) -> str:
    """Return the path that a container's health check requests from its own I(port) by HTTP; empty if none is clear."""
    paths = {path for given, path in _OWN_ADDRESS.findall(" ".join(command)) if int(given or 80) == port}
    return paths.pop() if len(paths) == 1 else ""


def leave_rest(taken: Taken, where: str, given: Data, known: t.Collection[str], why: Data | None = None) -> None:
    """Record every field that is not imported."""
    reasons = why or {}
    for key in given:
        if key not in known and given[key] not in (None, "", [], {}):
            taken.leave(f"{where}: {key}", str(reasons.get(key, "has no counterpart here, and was left out.")))


def shown(value: t.Any) -> str:
    """Return a value as one line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
