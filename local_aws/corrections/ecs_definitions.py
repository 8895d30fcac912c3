# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Task definitions: Fargate's sizes, and ECS's defaults."""

from __future__ import annotations

from typing import Any

from local_aws.corrections._patch import corrects, replace, service

Data = dict[str, Any]

GIB = 1024

# CPU units: memory in MiB. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
FARGATE_SIZES = {
    256: [512, GIB, 2 * GIB],
    512: [n * GIB for n in range(1, 5)],
    1024: [n * GIB for n in range(2, 9)],
    2048: [n * GIB for n in range(4, 17)],
    4096: [n * GIB for n in range(8, 31)],
    8192: [n * GIB for n in range(16, 61, 4)],
    16384: [n * GIB for n in range(32, 121, 8)],
}


# Not valid on Fargate, by the same page.
CONTAINER_PARAMETERS = (
    "disableNetworking",
    "dnsSearchDomains",
    "dnsServers",
    "dockerSecurityOptions",
    "extraHosts",
    "links",
    "privileged",
)
LINUX_PARAMETERS = ("devices", "maxSwap", "sharedMemorySize", "swappiness", "tmpfs")
CAPABILITIES = ("SYS_PTRACE", "CAP_SYS_PTRACE")
# Options that reach the host, refused here for every launch type: there are no container instances.
OF_THE_HOST = (
    "capabilities",
    "devices",
    "dockerSecurityOptions",
    "dockerVolumeConfiguration",
    "privileged",
    "sourcePath",
)


def size(value: Any, unit: str, one: int) -> int | None:
    """Return '512', '.5 vCPU' or '1 GB' in CPU units or MiB; None if it is neither."""
    text = str(value or "").strip().lower()
    try:
        return int(float(text.removesuffix(unit)) * one) if text.endswith(unit) else int(text)
    except ValueError:
        return None


def unsupported(data: Data) -> list[str]:
    """Return the parameters of a task definition that Fargate does not support, by their name in the error."""
    found = []
    for container in data.get("containerDefinitions", []):
        linux = container.get("linuxParameters") or {}
        found += [name for name in CONTAINER_PARAMETERS if container.get(name)]
        found += [name for name in LINUX_PARAMETERS if linux.get(name)]
        if [c for c in (linux.get("capabilities") or {}).get("add") or [] if c not in CAPABILITIES]:
            found.append("capabilities")
    for volume in data.get("volumes", []):
        if (volume.get("host") or {}).get("sourcePath"):
            found.append("sourcePath")
        if volume.get("dockerVolumeConfiguration"):
            found.append("dockerVolumeConfiguration")
    if data.get("placementConstraints"):
        found.append("placementConstraints")
    return found


def problem_of(data: Data) -> str:
    """Return why ECS refuses a task definition, '' if it does not."""
    names = unsupported(data)
    if "FARGATE" not in data.get("requiresCompatibilities", []):
        reaching = [name for name in names if name in OF_THE_HOST]
        reaching += [name for name in ("networkMode", "pidMode", "ipcMode") if data.get(name) == "host"]
        return (
            f"The local AWS has Fargate alone, and gives no task the host: {', '.join(reaching)}." if reaching else ""
        )
    if data.get("ipcMode"):
        return "Tasks using the Fargate launch type do not support ipcMode."
    if data.get("pidMode", "task") != "task":
        return f"Tasks using the Fargate launch type do not support pidMode '{data['pidMode']}'."
    if names:
        return f"Fargate compatible task definitions do not support {names[0]}"
    for name in ("cpu", "memory"):
        if not data.get(name):
            return f"Fargate requires that '{name}' be defined at the task level."
    if data.get("networkMode", "awsvpc") != "awsvpc":
        return "Fargate only supports network mode ‘awsvpc’."  # noqa: RUF001 - AWS's own quotation marks
    cpu, memory = size(data["cpu"], "vcpu", 1024), size(data["memory"], "gb", GIB)
    if memory not in FARGATE_SIZES.get(cpu or 0, []):
        return f"No Fargate configuration exists for given values: {data['cpu']} CPU, {data['memory']} memory."
    return ""


def port_mapping(mapping: Data, network_mode: str) -> Data:
    """Return a port mapping with its protocol, and with its host port if that can only be the container's."""
    host = {} if network_mode == "bridge" else {"hostPort": mapping["containerPort"]}
    return {"protocol": "tcp", **host, **mapping}


def complete(container: Data, network_mode: str) -> Data:
    """Return a container definition with ECS's additions."""
    mappings = [port_mapping(m, network_mode) for m in container.get("portMappings", [])]
    empty: Data = {"environment": [], "mountPoints": [], "volumesFrom": [], "systemControls": []}
    return {**empty, **container, "portMappings": mappings}


def visible(definition: Data) -> Data:
    """Return a task definition without the empty values that AWS omits."""
    return {key: value for key, value in definition.items() if value not in ("", None)}


@corrects(
    "ecs",
    aws="a task definition is refused with a size or a parameter that Fargate does not support, and is returned with "
    "ECS's defaults and without empty fields",
    evidence="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html",
)
def complete_task_definitions() -> None:
    ecs = service("ecs")

    def register(original: Any) -> Any:
        def call(data: Data) -> Any:
            problem = problem_of(data)
            if problem:
                return ecs.error_response_json("ClientException", problem, 400)
            status, headers, body = original(data)
            if status >= 400:
                return status, headers, body
            answer = ecs.json.loads(body)
            key = f"{answer['taskDefinition']['family']}:{answer['taskDefinition']['revision']}"
            kept = ecs._task_defs[key]
            mode = kept["networkMode"]
            kept["containerDefinitions"] = [complete(c, mode) for c in kept["containerDefinitions"]]
            kept["enableFaultInjection"] = bool(data.get("enableFaultInjection", False))
            for name in ("cpu", "memory"):
                if kept.get(name) is not None:
                    unit, one = ("vcpu", 1024) if name == "cpu" else ("gb", GIB)
                    kept[name] = str(size(kept[name], unit, one) or kept[name])
            ecs._task_defs[key] = visible(kept)
            return ecs.json_response({**answer, "taskDefinition": ecs._task_defs[key]})

        return call

    replace(ecs, "_register_task_definition", register)
