# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check task definitions, services and clusters against AWS's rules before anything is changed.

Canonical forms in (see C(normal)), one message for each problem out.
"""

from __future__ import annotations

import collections
import typing as t

from .normal_fields import BY_NAME

Data = t.Mapping[str, t.Any]

# MiB by CPU units. Source: 'Task size' in the Amazon ECS Developer Guide, and RegisterTaskDefinition's memory.
FARGATE_MEMORY: dict[int, range] = {
    512: range(1024, 4096 + 1, 1024),
    1024: range(2048, 8192 + 1, 1024),
    2048: range(4096, 16384 + 1, 1024),
    4096: range(8192, 30720 + 1, 1024),
    8192: range(16384, 61440 + 1, 4096),
    16384: range(32768, 122880 + 1, 8192),
}
FARGATE_CPUS = (256, *FARGATE_MEMORY)
_MEMORY_OF_256 = (512, 1024, 2048)

# The keys that identify the items of a container's lists.
_OWN = {**{field: key for field, (key, _only) in BY_NAME.items()}, "port_mappings": "container_port"}


def task_definition_problems(definition: Data) -> list[str]:
    """Return the problems with a task definition."""
    containers = definition.get("container_definitions") or {}
    if not isinstance(containers, t.Mapping):
        return _duplicates("container_definitions", "name", containers)
    problems = [] if containers else ["container_definitions: at least one container is required."]
    volumes = definition.get("volumes") or {}
    if not isinstance(volumes, t.Mapping):
        problems += _duplicates("volumes", "name", volumes)
        volumes = {str(volume.get("name")): volume for volume in volumes}
    for name, volume in volumes.items():
        problems += _volume_problems(name, volume)
    for name, container in containers.items():
        problems += _container_problems(name, container, containers, volumes)
    problems += _cycle(containers)
    if containers and not any(container.get("essential") for container in containers.values()):
        problems.append("container_definitions: at least one container has to be essential.")
    if "FARGATE" in definition.get("requires_compatibilities", []):
        problems += fargate_problems(definition)
    return problems


def fargate_problems(definition: Data) -> list[str]:
    """Return the problems with a task definition on Fargate."""
    problems = fargate_size_problems(definition.get("cpu"), definition.get("memory"))
    mode = definition.get("network_mode")
    if mode != "awsvpc":
        problems.append(f"network_mode: Fargate takes awsvpc only, not {mode}.")
    for field, reserved in (("cpu", "cpu"), ("memory", "memory_reservation")):
        total, parts = definition.get(field), _parts(definition, field, reserved)
        if isinstance(total, int) and sum(parts.values()) > total:
            listed = ", ".join(f"{name} {value}" for name, value in parts.items())
            problems.append(f"{field}: the containers ask for {sum(parts.values())} ({listed}), the task has {total}.")
    return problems


def fargate_size_problems(cpu: t.Any, memory: t.Any) -> list[str]:
    """Return the problems with a task's size on Fargate: I(cpu) in CPU units, I(memory) in MiB."""
    missing = [f"{name}: Fargate needs it." for name, value in (("cpu", cpu), ("memory", memory)) if not value]
    if missing:
        return missing
    if cpu not in FARGATE_CPUS:
        return [f"cpu: Fargate has no tasks of {cpu} CPU units; it has {_listed(FARGATE_CPUS)} (1024 is one vCPU)."]
    sizes = FARGATE_MEMORY.get(cpu, _MEMORY_OF_256)
    if memory in sizes:
        return []
    steps = f" in steps of {sizes.step}" if isinstance(sizes, range) else " by doubling"
    return [
        f"memory: Fargate has no task of {cpu} CPU units with {memory} MiB; it has {sizes[0]} to {sizes[-1]}{steps}."
    ]


def strategy_problems(strategy: t.Sequence[Data], option: str) -> list[str]:
    """Return the problems with a capacity provider strategy.

    Source: CapacityProviderStrategyItem in the API reference.
    """
    twice = _twice(item.get("capacity_provider") for item in strategy)
    problems = [f"{option}: {name} is there more than once." for name in twice]
    bases = [item["capacity_provider"] for item in strategy if item.get("base")]
    if len(bases) > 1:
        problems.append(f"{option}: only one provider can have a base, and {_listed(bases)} have.")
    if strategy and not any(item.get("weight") for item in strategy):
        problems.append(f"{option}: at least one provider needs a weight above 0, or no task is placed.")
    return problems


def service_problems(service: Data) -> list[str]:
    """Return the problems with the given fields of a service."""
    problems = strategy_problems(service.get("capacity_provider_strategy") or [], "capacity_provider_strategy")
    if service.get("scheduling_strategy") == "DAEMON" and service.get("desired_count") is not None:
        problems.append("desired_count: a DAEMON service has a task on each instance; leave desired_count out.")
    configuration = service.get("deployment_configuration") or {}
    low, high = configuration.get("minimum_healthy_percent"), configuration.get("maximum_percent")
    if low is not None and high is not None and low >= 100 and high <= 100:
        problems.append(
            f"deployment_configuration: with minimum_healthy_percent {low} and maximum_percent {high} no task can be"
            " replaced. Lower the first or raise the second."
        )
    return problems


def cluster_problems(cluster: Data, found: Data) -> list[str]:
    """Return the problems with the given fields of a cluster; I(found) has the existing values of the others."""
    option = "default_capacity_provider_strategy"
    problems = [
        f"capacity_providers: {name} is there more than once."
        for name in _twice(cluster.get("capacity_providers") or [])
    ]
    problems += strategy_problems(cluster.get(option) or [], option)
    strategy, providers = (
        found.get(field, []) if cluster.get(field) is None else cluster[field]
        for field in (option, "capacity_providers")
    )
    unknown = [item["capacity_provider"] for item in strategy if item["capacity_provider"] not in providers]
    if unknown:
        problems.append(f"{option}: {_listed(unknown)} has to be in capacity_providers, too.")
    return problems


def placement_problems(service: Data, definition: Data) -> list[str]:
    """Return the contradictions between a new service and its task definition.

    Source: LoadBalancer and CreateService (networkConfiguration) in the API reference.
    """
    problems = load_balancer_problems(service.get("load_balancers") or [], definition)
    if definition.get("network_mode") == "awsvpc" and not service.get("network_configuration"):
        problems.append("network_configuration: the task definition's network mode is awsvpc: subnets are needed.")
    return problems


def load_balancer_problems(load_balancers: t.Sequence[Data], definition: Data) -> list[str]:
    """Return the problems with containers and ports of load balancers that the task definition lacks."""
    containers = definition.get("container_definitions") or {}
    problems = []
    for index, item in enumerate(load_balancers):
        name, port = item.get("container_name"), item.get("container_port")
        path = f"load_balancers[{index}]"
        if name not in containers:
            problems.append(f"{path}.container_name: '{name}' is not one of the containers {_listed(containers)}.")
            continue
        mappings = containers[name].get("port_mappings") or {}
        mappings = mappings.values() if isinstance(mappings, t.Mapping) else mappings
        ports = [mapping["container_port"] for mapping in mappings if "container_port" in mapping]
        if port not in ports and len(ports) == len(mappings):
            problems.append(
                f"{path}.container_port: the container {name} maps {_listed(ports) or 'no port'}, not {port}."
            )
    return problems


def _container_problems(name: str, container: Data, containers: Data, volumes: Data) -> list[str]:
    path = f"container_definitions.{name}"
    problems = [] if container.get("image") else [f"{path}.image: is required."]
    # The canonical form keeps a list if a name is there twice.
    unclear = {field: container[field] for field in _OWN if isinstance(container.get(field), list)}
    for field, items in unclear.items():
        problems += _duplicates(f"{path}.{field}", _OWN[field], items)
    container = {field: value for field, value in container.items() if field not in unclear}
    for other, condition in (container.get("depends_on") or {}).items():
        if other not in containers or other == name:
            problems.append(f"{path}.depends_on: '{other}' is not another container of this task definition.")
        elif why := _unreachable(containers[other], condition):
            problems.append(f"{path}.depends_on: '{other}' {why}.")
    check = (container.get("health_check") or {}).get("command") or []
    if container.get("health_check") and (len(check) < 2 or check[0] not in ("CMD", "CMD-SHELL")):
        problems.append(
            f"{path}.health_check.command: has to begin with CMD or CMD-SHELL, and what is run comes after it."
        )
    for mount_path, mount in (container.get("mount_points") or {}).items():
        volume = mount.get("source_volume")
        if volume not in volumes:
            problems.append(f"{path}.mount_points.{mount_path}: there is no volume '{volume}'; add it to volumes.")
    both = sorted(set(container.get("environment") or ()) & set(container.get("secrets") or ()))
    problems += [f"{path}: '{variable}' is in environment and in secrets; keep one." for variable in both]
    return problems


def _unreachable(container: Data, condition: t.Any) -> str:
    """Return why a container never reaches the condition that another waits for (ContainerDependency), or ''."""
    if condition in ("COMPLETE", "SUCCESS") and container.get("essential"):
        return f"is essential, so its end ends the task, and can't be waited for with {condition}"
    if condition == "HEALTHY" and not container.get("health_check"):
        return "has no health_check, so it never is HEALTHY"
    return ""


def _cycle(containers: Data) -> list[str]:
    """Return a message if containers wait for each other, directly or indirectly."""
    waits = {name: set(_mapping(container.get("depends_on"))) - {name} for name, container in containers.items()}

    def reached(names: set[str]) -> set[str]:
        more = names.union(*(waits.get(name, set()) for name in names))
        return names if more == names else reached(more)

    cycle = [name for name, others in waits.items() if name in reached(others)]
    message = f"container_definitions: {_listed(cycle)} wait for each other by depends_on, so none of them starts."
    return [message] if cycle else []


def _volume_problems(name: str, volume: Data) -> list[str]:
    """Return the problems with a volume's EFSVolumeConfiguration and EFSAuthorizationConfig."""
    efs = volume.get("efs_volume_configuration") or {}
    authorization = efs.get("authorization_config") or {}
    path = f"volumes.{name}.efs_volume_configuration"
    problems = []
    if authorization.get("access_point_id") and efs.get("root_directory", "/") != "/":
        problems.append(
            f"{path}.root_directory: an access point has its own. Leave root_directory out, or access_point_id."
        )
    if (authorization.get("access_point_id") or authorization.get("iam") == "ENABLED") and (
        efs.get("transit_encryption") != "ENABLED"
    ):
        problems.append(f"{path}.transit_encryption: has to be ENABLED with an access point or iam.")
    return problems


def _duplicates(path: str, key: str, items: t.Sequence[Data]) -> list[str]:
    problems = [f"{path}: {key} '{name}' is there more than once." for name in _twice(item.get(key) for item in items)]
    return problems or [f"{path}: each needs a {key} of its own."]


def _twice(names: t.Iterable[t.Any]) -> list[str]:
    counted = collections.Counter(str(name) for name in names if name is not None)
    return sorted(name for name, times in counted.items() if times > 1)


def _mapping(value: t.Any) -> Data:
    return value if isinstance(value, t.Mapping) else {}


def _parts(definition: Data, *fields: str) -> dict[str, int]:
    """Return the first of the fields that each container has, by container."""
    containers = definition["container_definitions"].items()
    values = {name: next(filter(None, map(container.get, fields)), None) for name, container in containers}
    return {name: value for name, value in values.items() if isinstance(value, int)}


def _listed(items: t.Iterable[t.Any]) -> str:
    return ", ".join(str(item) for item in items)
