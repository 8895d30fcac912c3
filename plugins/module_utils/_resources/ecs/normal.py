# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One canonical form of task definitions, services and clusters.

A user's input (snake_case, optionally maps, numbers as strings) and AWS's answer (camelCase, defaults filled in, lists
in any order) become equal if they mean the same.  Plain data in and out.
"""

from __future__ import annotations

import json
import re
import typing as t

from .form import text, to_snake
from .normal_fields import (
    BY_NAME,
    CLUSTER_DEFAULTS,
    CLUSTER_FIELDS,
    DAEMON_DEPLOYMENT_DEFAULTS,
    DEPLOYMENT_DEFAULTS,
    DEPLOYMENT_FIELDS,
    EMPTIED,
    NUMBERS,
    SAME_AS_OMITTED,
    SERVICE_DEFAULTS,
    SERVICE_FIELDS,
    TASK_DEFINITION_RESULTS,
    TEXT_MAPS,
    UNORDERED,
)

Data = dict[str, t.Any]


def normalise_task_definition(definition: t.Mapping[str, t.Any]) -> Data:
    """Return the canonical form of a task definition in snake_case or AWS's spelling.

    Containers, volumes, environment, secrets, ulimits, mounts, dependencies, port mappings (as C(8080/tcp)) and
    tags are maps by name; the task's cpu is in CPU units, its memory in MiB; AWS's defaults (container cpu 0,
    essential, protocol, host port, health check times) are filled in or omitted on both sides.
    Source of the defaults: the API reference of RegisterTaskDefinition and ContainerDefinition.
    """
    data = {key: value for key, value in to_snake(definition).items() if key not in TASK_DEFINITION_RESULTS}
    if data.get("cpu"):
        data["cpu"] = _units(data["cpu"], "vcpu")
    if data.get("memory"):
        data["memory"] = _units(data["memory"], "gb")
    fargate = "FARGATE" in (data.get("requires_compatibilities") or [])
    data["network_mode"] = data.get("network_mode") or ("awsvpc" if fargate else "bridge")
    if fargate:
        platform = {key: value for key, value in (data.get("runtime_platform") or {}).items() if value}
        data["runtime_platform"] = {"cpu_architecture": "X86_64", "operating_system_family": "LINUX", **platform}
    data["volumes"] = [_volume(volume) for volume in data.get("volumes") or []]
    data["container_definitions"] = [
        _container(container, data["network_mode"]) for container in data.get("container_definitions") or []
    ]
    return _dict(data)


def normalise_service(service: t.Mapping[str, t.Any]) -> Data:
    """Return the canonical form of a service: CreateService's request, or DescribeServices' answer.

    The result has the given fields only; an existing service (it has an ARN) has all of them, defaults included.
    References are short: C(family:revision), the cluster's name.  C(network_configuration) is the map of the awsvpc
    configuration with I(assign_public_ip) as a boolean, C(deployment_controller) its type.
    """
    data = to_snake(service)
    found = bool(data.get("service_arn"))
    if found:
        data = _hoisted(data)
    data["cluster"] = last_part(data.get("cluster") or data.get("cluster_arn"))
    data["role"] = last_part(data.get("role") or data.get("role_arn"))
    data["task_definition"] = last_part(data.get("task_definition"))
    data["network_configuration"] = _network(data.get("network_configuration"))
    data["service_connect_configuration"] = _service_connect(data.get("service_connect_configuration"))
    controller = data.get("deployment_controller")
    if isinstance(controller, t.Mapping):
        data["deployment_controller"] = controller.get("type")
    if data.get("capacity_provider_strategy"):
        data["capacity_provider_strategy"] = _strategy(data["capacity_provider_strategy"])
    result = _chosen(data, SERVICE_FIELDS)
    return _with_service_defaults(result) if found else _with_empty_lists(result, data)


def normalise_cluster(cluster: t.Mapping[str, t.Any]) -> Data:
    """Return the canonical form of a cluster: CreateCluster's request, or DescribeClusters' answer."""
    data = to_snake(cluster)
    if data.get("default_capacity_provider_strategy"):
        data["default_capacity_provider_strategy"] = _strategy(data["default_capacity_provider_strategy"])
    result = _chosen(data, CLUSTER_FIELDS)
    return {**CLUSTER_DEFAULTS, **result} if data.get("cluster_arn") else result


def last_part(arn: str | None) -> str | None:
    """Return the part of an ARN after the last slash: C(family:revision), role name or cluster name."""
    return arn.rsplit("/", 1)[-1] if arn else None


def _chosen(data: Data, fields: t.Iterable[str]) -> Data:
    """Return the given fields; an empty list or map counts as given, as it asks for none."""
    values = ((key, _value(key, data.get(key))) for key in fields)
    return {key: value for key, value in values if value is not None and value != ""}


def _with_empty_lists(wanted: Data, given: Data) -> Data:
    """Put back the empty lists that _dict dropped."""
    parts = ((key, given.get(key)) for key in EMPTIED)
    return {**wanted, **{key: _emptied(wanted[key], part) for key, part in parts if isinstance(part, t.Mapping)}}


def _emptied(wanted: Data, given: t.Mapping[str, t.Any]) -> Data:
    result = dict(wanted)
    for key, value in given.items():
        if value == []:
            result[key] = []
        elif isinstance(value, t.Mapping):
            inner = _emptied(wanted.get(key, {}), value)
            result |= {key: inner} if inner else {}
    return result


def _with_service_defaults(found: Data) -> Data:
    daemon = found.get("scheduling_strategy") == "DAEMON"
    defaults = DAEMON_DEPLOYMENT_DEFAULTS if daemon else DEPLOYMENT_DEFAULTS
    result = {**SERVICE_DEFAULTS, **found}
    result["deployment_configuration"] = {**defaults, **found.get("deployment_configuration", {})}
    if "network_configuration" in found:
        result["network_configuration"] = {"assign_public_ip": False, **found["network_configuration"]}
    return result


def _value(key: str, value: t.Any) -> t.Any:
    if key in BY_NAME and isinstance(value, list):
        return _by_name(key, value)
    if key in TEXT_MAPS and isinstance(value, t.Mapping):
        return {str(name): text(item) for name, item in value.items() if item is not None}
    if isinstance(value, t.Mapping):
        return _dict(value)
    if isinstance(value, list):
        items = [_value("", item) for item in value]
        return sorted(items, key=_order) if key in UNORDERED else items
    if key in NUMBERS and isinstance(value, str) and re.fullmatch(r"-?\d+", value.strip()):
        return int(value)
    return value


def _dict(data: t.Mapping[str, t.Any]) -> Data:
    values = ((key, _value(key, value)) for key, value in data.items())
    return {key: value for key, value in values if not _empty(value) and SAME_AS_OMITTED.get(key) != value}


def _by_name(key: str, items: list[t.Any]) -> t.Any:
    name, only = BY_NAME[key]
    result: Data = {}
    for item in items:
        rest = {k: v for k, v in item.items() if k != name and v is not None}
        result[str(item.get(name))] = text(rest.get(only, "")) if only and rest.keys() <= {only} else _dict(rest)
    # With a duplicate name the map would lose an item: keep the list, which differs from any map.
    return result if len(result) == len(items) else sorted((_dict(item) for item in items), key=_order)


def _container(container: t.Mapping[str, t.Any], network_mode: str) -> Data:
    data = {"cpu": 0, "essential": True, **{key: value for key, value in container.items() if value is not None}}
    for key in ("cpu", "memory"):
        if key in data:
            data[key] = _units(data[key])
    data["port_mappings"] = _ports(data.get("port_mappings") or [], network_mode)
    if data.get("health_check"):
        given = {key: value for key, value in data["health_check"].items() if value is not None}
        data["health_check"] = {"interval": 30, "timeout": 5, "retries": 3, **given}
    restart = data.get("restart_policy") or {}
    if data.get("firelens_configuration"):
        # ECS stores root for a log router that names no user.
        data["user"] = data.get("user") or "0"
    data["restart_policy"] = {"restart_attempt_period": 300, **restart} if restart.get("enabled") else None
    return data


def _ports(mappings: list[t.Any], network_mode: str) -> t.Any:
    """Return the port mappings by C(8080/tcp); except in bridge mode, host_port defaults to container_port."""
    result: Data = {}
    for mapping in mappings:
        data = _dict(mapping)
        port = data.get("container_port") or data.get("container_port_range")
        key = f"{port}/{data.pop('protocol', 'tcp')}"
        if network_mode != "bridge" and isinstance(port, int):
            data["host_port"] = data.get("host_port") or port
        if not data.get("host_port"):
            data.pop("host_port", None)
        result[key] = data
    return result if len(result) == len(mappings) else sorted((_dict(item) for item in mappings), key=_order)


def _volume(volume: t.Mapping[str, t.Any]) -> Data:
    data = {key: value for key, value in volume.items() if value}
    if "efs_volume_configuration" in data:
        efs = {"root_directory": "/", "transit_encryption": "DISABLED", **_dict(data["efs_volume_configuration"])}
        if efs.get("authorization_config"):
            efs["authorization_config"] = {"iam": "DISABLED", **efs["authorization_config"]}
        data["efs_volume_configuration"] = efs
    if "s3files_volume_configuration" in data:
        data["s3files_volume_configuration"] = {"root_directory": "/", **_dict(data["s3files_volume_configuration"])}
    if "docker_volume_configuration" in data:
        data["docker_volume_configuration"] = {"scope": "task", **_dict(data["docker_volume_configuration"])}
    return data


def _hoisted(service: Data) -> Data:
    deployments = service.get("deployments") or []
    primary: Data = next((item for item in deployments if item.get("status") == "PRIMARY"), {})
    found = {**service, **{key: primary[key] for key in DEPLOYMENT_FIELDS if primary.get(key)}}
    if isinstance(found.get("volume_configurations"), list):
        found["volume_configurations"] = [item for item in found["volume_configurations"] if _is_configured(item)]
    return found


def _is_configured(volume: t.Mapping[str, t.Any]) -> bool:
    """Return whether a service's volume has more than a name.

    ECS lists S3 Files volumes of the task definition by name alone; they are not configured by the service
    (flattenServiceVolumeConfigurations in Terraform's AWS provider).
    """
    return any(value for key, value in volume.items() if key != "name")


def _network(configuration: t.Any) -> Data | None:
    if not isinstance(configuration, t.Mapping):
        return None
    data = dict(configuration.get("awsvpc_configuration") or configuration)
    if isinstance(data.get("assign_public_ip"), str):
        data["assign_public_ip"] = data["assign_public_ip"] == "ENABLED"
    return data


def _service_connect(configuration: t.Any) -> t.Any:
    # AWS accepts and returns a namespace by name or ARN.
    if not isinstance(configuration, t.Mapping) or not configuration.get("namespace"):
        return configuration
    return {**configuration, "namespace": last_part(configuration["namespace"])}


def _strategy(items: t.Iterable[t.Mapping[str, t.Any]]) -> list[Data]:
    return [{"weight": 0, "base": 0, **{k: v for k, v in item.items() if v is not None}} for item in items]


def _units(value: t.Any, unit: str = "") -> t.Any:
    """Return CPU units or MiB as an integer, given C(512), C("512"), C("0.5 vCPU") or C("1 GB")."""
    match = re.fullmatch(rf"\s*(\d*\.?\d+)\s*({unit})?\s*", str(value), re.IGNORECASE) if unit else None
    if match and match[2]:
        return int(float(match[1]) * 1024)
    return int(value) if re.fullmatch(r"\s*\d+\s*", str(value)) else value


def _empty(value: t.Any) -> bool:
    return value is None or (isinstance(value, (str, list, dict)) and not value)


def _order(item: t.Any) -> str:
    return item if isinstance(item, str) else json.dumps(item, sort_keys=True, default=str)
