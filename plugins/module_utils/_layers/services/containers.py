# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The optional fields of a container: environment files, registry credentials, restart policy, labels, any other."""

from __future__ import annotations

import re
import typing as t

from ..._constraints import shapes
from ..._resources.ecs.form import snake, to_snake

Data = t.Mapping[str, t.Any]

CONTAINER = "ecs.RegisterTaskDefinition.containerDefinitions"
OWN = {
    "command": "command",
    "depends_on": "depends_on",
    "docker_labels": "docker_labels",
    "entry_point": "entry_point",
    "environment": "environment",
    "environment_files": "environment_files",
    "essential": "essential",
    "health_check": "container_health_check",
    "image": "image",
    "memory_reservation": "memory_reservation",
    "mount_points": "mounts",
    "name": "name",
    "port_mappings": "port",
    "readonly_root_filesystem": "readonly_root",
    "repository_credentials": "repository_credentials",
    "restart_policy": "restart_policy",
    "secrets": "secrets",
    "stop_timeout": "stop_timeout",
    "ulimits": "ulimits",
    "user": "user",
    "working_directory": "working_directory",
}
"""The fields of ECS that have an option of their own, and that option."""

_FILE = re.compile(r"arn:aws[a-z-]*:s3:::[a-z0-9.-]{3,63}/\S+\.env")
_SECRET = re.compile(r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+")


def optional_fields(container: Data) -> dict[str, t.Any]:
    """Return these optional fields in the form of a task definition."""
    restart = container["restart_policy"]
    result: dict[str, t.Any] = {
        "environment_files": [{"value": arn, "type": "s3"} for arn in container["environment_files"]],
        "docker_labels": dict(container["docker_labels"]),
    }
    if container["repository_credentials"]:
        result["repository_credentials"] = {"credentials_parameter": container["repository_credentials"]}
    if restart:
        result["restart_policy"] = {
            "enabled": restart["enabled"],
            "ignored_exit_codes": list(restart["ignored_exit_codes"]),
            "restart_attempt_period": restart["attempt_period"],
        }
    return result


def merged(options: Data, more: Data) -> dict[str, t.Any]:
    """Return a container definition with C(container_options), in AWS's spelling, merged over it.

    Another log driver does not inherit the options of the previous one.
    """
    above = to_snake(more)
    if _driver(above) not in (None, _driver(options)):
        options = {**options, "log_configuration": {}}
    return t.cast("dict[str, t.Any]", _on_top(options, above))


def _driver(options: Data) -> t.Any:
    return (options.get("log_configuration") or {}).get("log_driver")


def _on_top(below: t.Any, above: t.Any) -> t.Any:
    if not isinstance(below, t.Mapping) or not isinstance(above, t.Mapping):
        return above
    return {**below, **{key: _on_top(below.get(key), value) for key, value in above.items() if value is not None}}


def files(containers: t.Iterable[Data]) -> list[str]:
    """Return the ARNs of the containers' environment files."""
    return sorted({arn for container in containers for arn in container["environment_files"]})


def buckets(arns: t.Iterable[str]) -> list[str]:
    """Return the ARNs of the objects' buckets."""
    return sorted({arn.partition("/")[0] for arn in arns})


def secret_sources(containers: t.Iterable[Data]) -> set[str]:
    """Return the ARNs of the secrets with registry credentials."""
    return {str(one["repository_credentials"]) for one in containers if one["repository_credentials"]}


def problems(container: Data) -> t.Iterator[str]:
    """Return the problems with a container's optional fields, one message each."""
    for arn in container["environment_files"]:
        if not _FILE.fullmatch(str(arn)):
            yield (
                f"environment_files '{arn}' is not the ARN of a file in S3: arn:aws:s3:::BUCKET/KEY, and ECS takes"
                " those that end in .env alone. Change it."
            )
    if len(container["environment_files"]) > 10:
        yield f"environment_files has {len(container['environment_files'])}: ECS takes 10. Put some together."
    credentials = container["repository_credentials"]
    if credentials and not _SECRET.fullmatch(credentials):
        # the value is not shown, because it may be a password
        yield (
            "repository_credentials has to be the ARN of a Secrets Manager secret, which holds username and password of"
            " the registry. Change it; what is secret does not belong here."
        )
    yield from _restart(container["restart_policy"])
    for key, value in container["docker_labels"].items():
        if isinstance(value, (t.Mapping, list)):
            yield f"docker_labels.{key} has to be text. Change it."
    yield from _further(container["container_options"])


def _further(options: Data) -> t.Iterator[str]:
    for key in options:
        if own := OWN.get(snake(str(key))):
            yield f"container_options.{key} is set by the option {own}. Set that, and take {key} out."
    for path in _no_lists("ContainerDefinition", to_snake(options), "container_options"):
        yield f"{path} has to be a list (ECS, RegisterTaskDefinition). Change it."
    for wrong in shapes.problems(CONTAINER, [to_snake(options)], "container_options"):
        yield f"{wrong.path} {wrong.value} {wrong.rule} (ECS, RegisterTaskDefinition). Change it."


def _no_lists(name: str, value: t.Any, path: str) -> t.Iterator[str]:
    """Yield the paths of values that should be lists; a plan would accept a single value in place of a list."""
    shape = shapes.extract()["shapes"]["ecs"][name]
    if "list" in shape and not isinstance(value, list):
        yield path
    elif "list" in shape:
        for one in value:
            yield from _no_lists(shape["list"], one, path)
    elif "members" in shape and isinstance(value, t.Mapping):
        known = {key: one for key, one in value.items() if key in shape["members"] and one is not None}
        for key, one in known.items():
            yield from _no_lists(shape["members"][key][1], one, f"{path}.{key}")


def _restart(policy: Data | None) -> t.Iterator[str]:
    # API_ContainerRestartPolicy of Amazon ECS
    if not policy:
        return
    if not 60 <= policy["attempt_period"] <= 1800:
        yield f"restart_policy.attempt_period {policy['attempt_period']} is out of range: 60 to 1800. Change it."
    if len(policy["ignored_exit_codes"]) > 50:
        yield f"restart_policy.ignored_exit_codes has {len(policy['ignored_exit_codes'])} codes: ECS takes 50."
