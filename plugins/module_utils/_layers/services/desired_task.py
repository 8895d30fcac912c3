# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The desired task definition of a service: its containers, roles and volumes."""

from __future__ import annotations

import typing as t

from ..._plan.compare import differences, with_removals
from ..._plan.model import Resource
from ..._resources.ecs.normal import normalise_task_definition
from ..._resources.ecs.redact import private_paths
from . import connect, containers, logging, policies, queue
from .found import in_names
from .names import names_of, tags
from .platform import Platform

Data = t.Mapping[str, t.Any]

NEW = "(new revision)"
"""Suffix of a task definition that is not registered yet."""

NO_ROLE = "none"
"""Value of C(task_role_arn) for tasks without a role."""


def task_definition(service: Data, platform: Platform, found: Data) -> Resource:
    """Return the task definition, with its containers by name."""
    values = in_names(normalise_task_definition(task_definition_options(service, platform, found)))
    newest = current(values, found.get("task_definitions") or [])
    has = newest["values"] if newest else {}
    own_tags = values.pop("tags")
    exact = with_removals(values, {key: value for key, value in has.items() if key != "tags"})
    shown = bool(platform.get("show_environment"))
    secret = {path for some in (exact, has) for path in private_paths(some, show_environment=shown)}
    return {
        "type": "ecs_task_definition",
        "name": names_of(service, platform).family,
        "values": {**exact, "tags": own_tags},
        "sensitive": sorted(secret),
    }


def current(values: Data, candidates: t.Sequence[Resource]) -> Resource | None:
    """Return the revision to compare the desired task definition with: an equal one, else the first.

    I(candidates) are the running revision and the newest one. If both are equal, the one with the desired tags is
    preferred: after a rollback, a changed tag creates a revision newer than the running one. A deregistered revision
    is ignored: ECS starts no new tasks from it and may delete it (API_DeregisterTaskDefinition).
    """
    candidates = [candidate for candidate in candidates if not candidate.get("inactive")]
    wanted = {key: value for key, value in values.items() if key != "tags"}

    def equal(candidate: Resource) -> bool:
        has = {key: value for key, value in candidate["values"].items() if key != "tags"}
        return not differences(has, with_removals(wanted, has))

    def tagged(candidate: Resource) -> bool:
        has = candidate["values"].get("tags") or {}
        return all(has.get(key) == value for key, value in (values.get("tags") or {}).items())

    same = [candidate for candidate in candidates if equal(candidate)]
    return next((candidate for candidate in same if tagged(candidate)), next(iter(same or candidates), None))


def task_definition_options(service: Data, platform: Platform, found: Data) -> dict[str, t.Any]:
    """Return the options of M(magiclub.fargate.ecs_task_definition)."""
    names = names_of(service, platform)
    environment = {**service["environment"], **queue.environment(service, names, platform)}
    main = {**service, "name": service["container_name"], "image": image(service, found), "essential": True}
    main["environment"] = environment
    options = {
        "family": names.family,
        "requires_compatibilities": ["FARGATE"],
        "network_mode": "awsvpc",
        "cpu": service["cpu"],
        "memory": service["memory"],
        "runtime_platform": {"cpu_architecture": service["cpu_architecture"], "operating_system_family": "LINUX"},
        **role_arns(service, platform, found),
        "container_definitions": [
            *(_container(each, service, platform, found) for each in (main, *service["sidecars"])),
            *logging.router(service, platform),
        ],
        "volumes": [_volume(volume) for volume in service["volumes"]],
        "tags": tags(service, platform),
    }
    if service["ephemeral_storage"]:
        options["ephemeral_storage"] = {"size_in_gib": service["ephemeral_storage"]}
    return options


def role_arns(service: Data, platform: Platform, found: Data) -> dict[str, str]:
    """Return the ARNs of the task role and the execution role, by the fields of a task definition."""
    own, start = service["task_role_arn"], service["execution_role_arn"]
    arns = {
        "task_role_arn": own or _role_arn(names_of(service, platform).task_role, platform, found),
        "execution_role_arn": start or _role_arn(execution_role(service, platform), platform, found),
    }
    return {key: arn for key, arn in arns.items() if arn != NO_ROLE}


def _role_arn(name: str | None, platform: Platform, found: Data) -> str:
    has = ((found.get("roles") or {}).get(name) or {}).get("arn")
    return has or f"arn:{platform['partition']}:iam::{platform['account_id']}:role/{name}"


def execution_role(service: Data, platform: Platform) -> str | None:
    """Return the name of the execution role: the cluster's, or the service's own if it needs more permissions."""
    own = policies.execution_policies(service, platform)
    return names_of(service, platform).execution_role if own else platform["execution_role"]


def image(service: Data, found: Data) -> str:
    """Return the image to run: with C(image_policy=preserve) the one already running.

    A built image has its digest once ECR has it.
    """
    if keeps_image(service, found):
        running = next(iter(found.get("task_definitions") or []), None)
        containers = running["values"]["container_definitions"] if running else {}
        return str(containers.get(service["container_name"], service)["image"])
    built = (found.get("built") or {}).get("image") or {}
    return str((service.get("build") and built.get("uri")) or service["image"])


def keeps_image(service: Data, found: Data) -> bool:
    """Return whether an existing service keeps the image that it runs."""
    return service["image_policy"] == "preserve" and bool(found.get("service") or found.get("schedule"))


def _container(container: Data, service: Data, platform: Platform, found: Data) -> dict[str, t.Any]:
    options = {
        key: container.get(key)
        for key in (
            "name",
            "image",
            "essential",
            "command",
            "entry_point",
            "working_directory",
            "user",
            "environment",
            "secrets",
            "memory_reservation",
            "stop_timeout",
        )
    }
    options |= {
        "port_mappings": _port_mappings(container, service, found),
        "readonly_root_filesystem": container["readonly_root"],
        "linux_parameters": {"init_process_enabled": container["init_process"]},
        "health_check": container.get("container_health_check"),
        "ulimits": [
            {"name": limit["name"], "soft_limit": limit["soft"], "hard_limit": limit["hard"]}
            for limit in container["ulimits"]
        ],
        "depends_on": [
            {"container_name": other["container"], "condition": other["condition"]} for other in container["depends_on"]
        ]
        + logging.router_dependency(service),
        "mount_points": [
            {"source_volume": mount["volume"], "container_path": mount["path"], "read_only": mount["read_only"]}
            for mount in container["mounts"]
        ],
        "log_configuration": logging.configuration(service, platform),
    }
    # The service's cpu is that of the task, a sidecar's is its share.
    if "sidecars" not in container and container.get("cpu"):
        options["cpu"] = container["cpu"]
    options |= containers.optional_fields(container)
    given = {key: value for key, value in options.items() if value not in (None, [], {})}
    return containers.merged(given, container["container_options"])


def _ports(container: Data, service: Data) -> list[int]:
    """Return the ports of a container: its own, and those that rules forward to."""
    led = [rule["port"] for rule in service["rules"] if rule["container"] == container["name"]]
    return sorted({*led, *([container["port"]] if container.get("port") else [])})


def _port_mappings(container: Data, service: Data, found: Data) -> list[dict[str, t.Any]]:
    """Return the port mappings, that of the service with its name for Service Connect.

    Any other keeps its current name, such as the console gives each: without Service Connect it has no effect.
    """
    named = connect.mapping(service) if "sidecars" in container else {}
    runs: Data = next(iter(found.get("task_definitions") or []), {"values": {}})
    has = ((runs["values"].get("container_definitions") or {}).get(container["name"]) or {}).get("port_mappings") or {}
    return [
        {
            "container_port": port,
            "protocol": "tcp",
            **((named if port == container.get("port") else {}) or _names_of_port(has.get(f"{port}/tcp") or {})),
        }
        for port in _ports(container, service)
    ]


def _names_of_port(mapping: Data) -> dict[str, t.Any]:
    return {key: mapping[key] for key in ("name", "app_protocol") if mapping.get(key)}


def _volume(volume: Data) -> dict[str, t.Any]:
    efs = volume["efs"]
    if not efs:
        return {"name": volume["name"]}
    configuration: dict[str, t.Any] = {"file_system_id": efs["file_system_id"], "transit_encryption": "ENABLED"}
    if efs["root_directory"]:
        configuration["root_directory"] = efs["root_directory"]
    if efs["access_point_id"] or efs["iam"]:
        authorization = {"access_point_id": efs["access_point_id"], "iam": "ENABLED" if efs["iam"] else "DISABLED"}
        configuration["authorization_config"] = {key: value for key, value in authorization.items() if value}
    return {"name": volume["name"], "efs_volume_configuration": configuration}


def revision(definition: Resource, found: Data) -> str:
    """Return the revision that the service will run: C(family:number), or the family with C(NEW)."""
    same = current(definition["values"], found.get("task_definitions") or [])
    fields = differences(same["values"], definition["values"]) if same else [{"path": ""}]
    if same and all(field["path"].startswith("tags.") for field in fields):
        return str(same["revision"])
    return f"{definition['name']} {NEW}"
