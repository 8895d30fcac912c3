# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Imports a task definition in the JSON form of RegisterTaskDefinition: from the console, the CLI or ecspresso.

Fields: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html.
"""

from __future__ import annotations

import typing as t

from .model import Data, Taken, check, leave_rest, mebibytes, name_of, size, variables

_TASK = {
    "family", "containerDefinitions", "cpu", "memory", "networkMode", "requiresCompatibilities", "runtimePlatform",
    "volumes", "ephemeralStorage", "executionRoleArn", "taskRoleArn", "tags",
    "taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities", "registeredAt", "registeredBy",
}  # fmt: skip
_CONTAINER = {
    "name", "image", "essential", "portMappings", "environment", "secrets", "command", "entryPoint", "healthCheck",
    "dependsOn", "mountPoints", "ulimits", "user", "workingDirectory", "readonlyRootFilesystem", "stopTimeout",
    "linuxParameters", "cpu", "memory", "memoryReservation", "logConfiguration",
}  # fmt: skip
_PLAIN = {
    "command": "command",
    "entryPoint": "entry_point",
    "user": "user",
    "workingDirectory": "working_directory",
    "readonlyRootFilesystem": "readonly_root",
    "stopTimeout": "stop_timeout",
}


def take(definition: Data) -> Taken:
    """Return one service with its sidecars."""
    definition = definition.get("taskDefinition", definition)
    taken = Taken()
    containers = definition["containerDefinitions"]
    main = next((one for one in containers if one.get("essential", True) and one.get("portMappings")), containers[0])
    service: dict[str, t.Any] = {"name": name_of(definition.get("family") or main["name"])}
    service |= _container(taken, main)
    service["container_name"] = service.pop("own_name")
    service["cpu"], service["memory"] = _size(definition, containers)
    for reserved in ("cpu_reserved", "memory_reservation", "essential"):
        service.pop(reserved, None)
    platform = definition.get("runtimePlatform") or {}
    if platform.get("cpuArchitecture") == "ARM64":
        service["cpu_architecture"] = "ARM64"
    if storage := (definition.get("ephemeralStorage") or {}).get("sizeInGiB"):
        service["ephemeral_storage"] = storage
    if volumes := [_volume(taken, one) for one in definition.get("volumes") or []]:
        service["volumes"] = volumes
    if sidecars := [_sidecar(_container(taken, one)) for one in containers if one is not main]:
        service["sidecars"] = sidecars
    _roles(taken, definition)
    if definition.get("networkMode") not in (None, "awsvpc"):
        taken.leave(
            f"networkMode {definition['networkMode']}",
            "Fargate has awsvpc alone: containers of a task share one network, and reach each other at localhost.",
        )
    leave_rest(taken, "task definition", definition, _TASK)
    taken.services.append(service)
    return taken


def _size(definition: Data, containers: t.Iterable[Data]) -> tuple[int, int]:
    cpu = str(definition.get("cpu") or "").lower().replace("vcpu", "")
    units = float(cpu) * 1024 if cpu != str(definition.get("cpu") or "").lower() else float(cpu or 0)
    memory = mebibytes(definition["memory"]) if definition.get("memory") else 0
    parts = list(containers)
    return size(
        units or sum(one.get("cpu") or 0 for one in parts),
        memory or sum(one.get("memory") or one.get("memoryReservation") or 0 for one in parts),
    )


def _container(taken: Taken, given: Data) -> dict[str, t.Any]:
    where = f"container {given['name']}"
    found: dict[str, t.Any] = {"own_name": given["name"], "image": given["image"]}
    ports = [one for one in given.get("portMappings") or [] if one.get("protocol", "tcp") == "tcp"]
    if ports:
        found["port"] = ports[0]["containerPort"]
    for port in ports[1:]:
        taken.leave(
            f"{where}: port {port['containerPort']}", "a container has one port here. Use a sidecar for another."
        )
    found |= {ours: given[theirs] for theirs, ours in _PLAIN.items() if given.get(theirs) not in (None, [], "")}
    if environment := {one["name"]: one.get("value", "") for one in given.get("environment") or []}:
        found["environment"] = variables(taken, where, environment)
    if secrets := {one["name"]: one["valueFrom"] for one in given.get("secrets") or []}:
        found["secrets"] = secrets
    if health := given.get("healthCheck"):
        found["container_health_check"] = check(
            health["command"], {**health, "start_period": health.get("startPeriod")}
        )
    if others := given.get("dependsOn"):
        found["depends_on"] = [{"container": one["containerName"], "condition": one["condition"]} for one in others]
    found |= _limits(taken, where, given)
    driver = (given.get("logConfiguration") or {}).get("logDriver", "awslogs")
    if driver != "awslogs":
        taken.leave(f"{where}: log driver {driver}", "containers log into the service's log group in CloudWatch.")
    found["cpu_reserved"], found["essential"] = given.get("cpu") or None, given.get("essential", True)
    if given.get("memoryReservation"):
        found["memory_reservation"] = given["memoryReservation"]
    leave_rest(taken, where, given, _CONTAINER)
    return found


def _limits(taken: Taken, where: str, given: Data) -> dict[str, t.Any]:
    found: dict[str, t.Any] = {}
    if mounts := given.get("mountPoints"):
        found["mounts"] = [
            {"volume": one["sourceVolume"], "path": one["containerPath"], "read_only": bool(one.get("readOnly"))}
            for one in mounts
        ]
    limits = [one for one in given.get("ulimits") or [] if one["name"] == "nofile"]
    if limits:
        found["ulimits"] = [{"name": "nofile", "soft": limits[0]["softLimit"], "hard": limits[0]["hardLimit"]}]
    linux = given.get("linuxParameters") or {}
    if "initProcessEnabled" in linux:
        found["init_process"] = linux["initProcessEnabled"]
    leave_rest(taken, f"{where}: linuxParameters", linux, {"initProcessEnabled"})
    return found


def _sidecar(found: dict[str, t.Any]) -> dict[str, t.Any]:
    cpu = found.pop("cpu_reserved")
    return {"name": found.pop("own_name"), **found, **({"cpu": cpu} if cpu else {})}


def _volume(taken: Taken, given: Data) -> dict[str, t.Any]:
    where = f"volume {given['name']}"
    leave_rest(taken, where, given, {"name", "host", "efsVolumeConfiguration"})
    if (given.get("host") or {}).get("sourcePath"):
        taken.leave(f"{where}: host", "Fargate has no folders of a host: the volume is empty at a task's start.")
    efs = given.get("efsVolumeConfiguration")
    if not efs:
        return {"name": given["name"]}
    access = efs.get("authorizationConfig") or {}
    found = {"file_system_id": efs["fileSystemId"], "iam": access.get("iam") == "ENABLED"}
    if access.get("accessPointId"):
        found["access_point_id"] = access["accessPointId"]
    elif efs.get("rootDirectory", "/") != "/":
        found["root_directory"] = efs["rootDirectory"]
    return {"name": given["name"], "efs": found}


def _roles(taken: Taken, definition: Data) -> None:
    if definition.get("taskRoleArn"):
        taken.leave(
            f"taskRoleArn {definition['taskRoleArn']}",
            (
                "a service has a role of its own here. Give what that role may do in task_policies or"
                " task_managed_policies."
            ),
        )
    if definition.get("executionRoleArn"):
        taken.leave(
            f"executionRoleArn {definition['executionRoleArn']}",
            (
                "is made here, with what images, logs and secrets need; keys of encrypted secrets go into"
                " secrets_kms_keys."
            ),
        )
