# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Imports a compose file: https://github.com/compose-spec/compose-spec/blob/main/spec.md."""

from __future__ import annotations

import re
import typing as t

from ..._aws.printable import SECRET_NAME
from .model import (
    STATEFUL,
    Data,
    SourceError,
    Taken,
    between,
    check,
    leave_rest,
    mebibytes,
    name_of,
    seconds,
    size,
    text,
    variables,
    words,
)  # fmt: skip

_SERVICE = {
    "image", "build", "ports", "expose", "environment", "command", "entrypoint", "healthcheck", "user", "working_dir",
    "read_only", "init", "stop_grace_period", "ulimits", "deploy", "cpus", "mem_limit", "platform", "container_name",
    "restart", "networks", "depends_on", "scale", "hostname", "tty", "stdin_open", "labels",
}  # fmt: skip
_WHY = {
    "volumes": (
        "a task has no folders of a host, and loses what it writes. Use a database, S3 or an EFS volume (volumes)."
    ),
    "env_file": "write its variables into environment, and what is secret into secrets.",
    "secrets": "put each into an SSM parameter or Secrets Manager, and name it in secrets.",
    "configs": "build it into the image, or give it as an environment variable.",
    "extends": "what it takes from there was not read.",
    "network_mode": "Fargate gives each task an address of its own.",
}
OF_A_SHELL = "(of a shell)"
"""Placeholder for a secret without a value in the compose file."""
_LOOPBACK = re.compile(r"127\.|\[?::1\]?(?::|\Z)|localhost")
_INSIDE = (
    "is published on the machine itself alone, so it gets no rule. Give the service a rule if users are to reach it."
)
_DEFAULT = re.compile(r"\$\$|\$\{(\w+)(?::?-([^}]*)|:?[?+][^}]*)?\}|\$(\w+)")


def take(content: Data) -> Taken:
    """Return the services; the first with a published port gets all requests, others those below /NAME/."""
    given = content.get("services")
    if not isinstance(given, dict) or not given:
        raise SourceError("The compose file has no services.")
    taken = Taken()
    for name, one in given.items():
        _take_service(taken, str(name), one or {})
    # volumes, secrets and configs are reported for each service that uses them
    if content.get("networks"):
        taken.leave("networks", "of the compose file have no counterpart: services are in one VPC.")
    if not taken.services:
        raise SourceError(f"No service of the compose file can run on Fargate. {' '.join(taken.left)}")
    return taken


def _take_service(taken: Taken, name: str, given: Data) -> None:
    where = f"service {name}"
    image = _text(taken, where, given.get("image") or "")
    if image and STATEFUL.search(image):
        taken.leave(where, f"{image} keeps data, which a task loses: use RDS, ElastiCache or another service of AWS.")
        return
    build = _build(taken, where, given)
    service: dict[str, t.Any] = {"name": name_of(name), **({"build": build} if build else {"image": image})}
    if not build and not image:
        taken.leave(where, "it has neither an image nor a build.")
        return
    service |= _process(taken, where, given)
    ports, inside = _published(taken, where, given)
    found = ports + inside
    if found:
        service["port"] = found[0]
    for port in found[1:]:
        taken.leave(f"{where}: port {port}", "one port was taken over. With rules, a service has more of them.")
    if ports:
        first = not any(one.get("rule") for one in taken.services)
        service["rule"] = {"paths": ["/*"] if first else [f"/{service['name']}/*"]}
    elif found:
        service["allow_from"] = ["{{ vpc_cidr_block }}"]
    if given.get("depends_on"):
        taken.leave(
            f"{where}: depends_on", "services start side by side here: have it try again until the other answers."
        )
    leave_rest(taken, where, given, _SERVICE, _WHY)
    taken.services.append(service)


def _build(taken: Taken, where: str, given: Data) -> dict[str, t.Any] | None:
    build = given.get("build")
    if not build:
        return None
    options = {"context": build} if isinstance(build, str) else dict(build)
    made: dict[str, t.Any] = {"path": options.get("context", ".")}
    if options.get("dockerfile"):
        made["dockerfile"] = options["dockerfile"]
    if options.get("target"):
        made["target"] = options["target"]
    if args := _map(options.get("args")):
        made["build_args"] = {key: _text(taken, where, value) for key, value in args.items()}
    leave_rest(taken, f"{where}: build", options, {"context", "dockerfile", "target", "args", "platforms"})
    return made


def _process(taken: Taken, where: str, given: Data) -> dict[str, t.Any]:
    found: dict[str, t.Any] = {}
    environment = {key: _value(taken, where, key, value) for key, value in _map(given.get("environment")).items()}
    if environment := variables(taken, where, environment):
        found["environment"] = environment
    found |= _plain(given)
    if given.get("stop_grace_period"):
        found["stop_timeout"] = between(seconds(given["stop_grace_period"]), 2, 120)
    health = given.get("healthcheck") or {}
    if health.get("test") and health["test"] != ["NONE"] and not health.get("disable"):
        found["container_health_check"] = check(health["test"], health)
    if limit := (given.get("ulimits") or {}).get("nofile"):
        both = limit if isinstance(limit, dict) else {"soft": limit, "hard": limit}
        found["ulimits"] = [{"name": "nofile", "soft": int(both["soft"]), "hard": int(both["hard"])}]
    return {**found, **_deploy(given)}


def _plain(given: Data) -> dict[str, t.Any]:
    found: dict[str, t.Any] = {}
    for theirs, ours in (("command", "command"), ("entrypoint", "entry_point")):
        if given.get(theirs):
            found[ours] = words(given[theirs])
    for theirs, ours in (("user", "user"), ("working_dir", "working_directory")):
        if given.get(theirs):
            found[ours] = text(given[theirs])
    for theirs, ours in (("read_only", "readonly_root"), ("init", "init_process")):
        if theirs in given:
            found[ours] = bool(given[theirs])
    return found


def _deploy(given: Data) -> dict[str, t.Any]:
    deploy = given.get("deploy") or {}
    limits = (deploy.get("resources") or {}).get("limits") or {}
    cpus, memory = limits.get("cpus", given.get("cpus")), limits.get("memory", given.get("mem_limit"))
    found: dict[str, t.Any] = {}
    if cpus or memory:
        found["cpu"], found["memory"] = size(float(cpus or 0) * 1024, mebibytes(memory) if memory else 0)
    if replicas := deploy.get("replicas", given.get("scale")):
        found["desired_count"] = int(replicas)
    if "arm64" in str(given.get("platform", "")):
        found["cpu_architecture"] = "ARM64"
    return found


def _map(given: t.Any) -> dict[str, t.Any]:
    """Return a map, or a list of C(A=b), as a map; None for a value that comes from the shell."""
    if isinstance(given, list):
        return {key: value if equal else None for key, equal, value in (str(one).partition("=") for one in given)}
    return dict(given or {})


def _value(taken: Taken, where: str, name: str, value: t.Any) -> str:
    if SECRET_NAME.search(name):
        return OF_A_SHELL if value is None else text(value)
    if value is None:
        taken.leave(f"{where}: {name}", "has no value but that of a shell, and is empty now. Write it.")
    return _text(taken, where, value)


def _text(taken: Taken, where: str, value: t.Any) -> str:
    """Return a text with variables replaced by their defaults."""

    def resolved(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        if not match[2]:
            taken.leave(f"{where}: {match[0]}", "has no default, and is empty now. Write its value.")
        return match[2] or ""

    return _DEFAULT.sub(resolved, text(value))


def _published(taken: Taken, where: str, given: Data) -> tuple[list[int], list[int]]:
    """Return the published ports, and those that only the host or other services can reach."""
    ports = [(port, one) for one in given.get("ports") or [] if (port := _port(taken, where, one))]
    inside = [(port, one) for port, one in ports if _is_of_the_machine(one)]
    others = [port for port, one in ports if not _is_of_the_machine(one)]
    if others:
        return others, [port for port, _one in inside]
    for port, one in inside:
        taken.leave(f"{where}: port {one if isinstance(one, str) else port}", _INSIDE)
    exposed = [int(re.match(r"\d+", str(one))[0]) for one in given.get("expose") or []]  # type: ignore[index]
    return [], [port for port, _one in inside] or exposed


def _is_of_the_machine(port: t.Any) -> bool:
    return bool(_LOOPBACK.match(str(port.get("host_ip") or "") if isinstance(port, dict) else str(port)))


def _port(taken: Taken, where: str, given: t.Any) -> int | None:
    """Return the container port of C(8080:80), C(127.0.0.1:8080:80/tcp) or a map."""
    target = given.get("target") if isinstance(given, dict) else _text(taken, where, given).rpartition(":")[2]
    match = re.fullmatch(r"(\d+)(?:/tcp)?", str(target))
    if match and not (isinstance(given, dict) and given.get("protocol") == "udp"):
        return int(match[1])
    taken.leave(f"{where}: port {given}", "is neither one port nor of TCP, which the load balancer needs.")
    return None
