# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The containers of a service that runs in the words of the role fargate_service.  Plain dicts in and out."""

from __future__ import annotations

import typing as t

Raw = t.Mapping[str, t.Any]
Service = dict[str, t.Any]

# Fields of a container that an option of the role has the name of, or another one.
SAME = (
    "image", "command", "entry_point", "working_directory", "user", "environment", "secrets", "memory_reservation",
    "stop_timeout",
)  # fmt: skip
OTHER = {"readonly_root_filesystem": "readonly_root", "health_check": "container_health_check"}


def main_container(service: Raw, task: Raw) -> str:
    """Return the name of the container that requests go to, else of the first essential one with a port, or at all."""
    balanced = [one["containerName"] for one in service.get("loadBalancers") or [] if one.get("containerName")]
    essential = [one for one in task["containerDefinitions"] if one.get("essential", True)]
    with_port = [one["name"] for one in essential if one.get("portMappings")]
    return str([*balanced, *with_port, *(one["name"] for one in essential or task["containerDefinitions"])][0])


def main(data: Raw, container: Raw) -> Service:
    """Return what a definition says of the service's own container, from the canonical form and AWS's answer.

    Its C(cpu) is not said by that option, which is the task's in a definition.
    """
    return _described(data, container, _SAID)


def _described(data: Raw, container: Raw, said: t.Collection[str]) -> Service:
    result: Service = {key: data[key] for key in SAME if key in data} | _more(container)
    result["container_options"] = _further(container, said)
    result |= {ours: data[theirs] for theirs, ours in OTHER.items() if theirs in data}
    ports = [int(key.partition("/")[0]) for key in data.get("port_mappings") or {} if key.endswith("/tcp")]
    if ports:
        result["port"] = ports[0]
    result["init_process"] = bool((data.get("linux_parameters") or {}).get("init_process_enabled"))
    limits = (data.get("ulimits") or {}).items()
    result["ulimits"] = [{"name": key, "soft": one["soft_limit"], "hard": one["hard_limit"]} for key, one in limits]
    others = data.get("depends_on") or {}
    result["depends_on"] = [{"container": key, "condition": _only(one, "condition")} for key, one in others.items()]
    mounts = data.get("mount_points") or {}
    result["mounts"] = [
        {"volume": one["source_volume"], "path": path, "read_only": bool(one.get("read_only"))}
        for path, one in mounts.items()
    ]
    return {key: value for key, value in result.items() if value not in (None, [], {})}


def _only(value: t.Any, key: str) -> t.Any:
    """Return a value that the canonical form may have folded to itself."""
    return value[key] if isinstance(value, t.Mapping) else value


def sidecar(name: str, data: Raw, container: Raw) -> Service:
    """Return what a definition says of another container."""
    own = {"cpu": data["cpu"]} if data.get("cpu") else {}
    return {
        "name": name,
        **_described(data, container, {*_SAID, "cpu"}),
        **own,
        "essential": data.get("essential", True),
    }


def _more(container: Raw) -> Service:
    """Return what has its form in AWS's answer alone."""
    restart = container.get("restartPolicy")
    return {
        "docker_labels": dict(container.get("dockerLabels") or {}),
        "environment_files": [one["value"] for one in container.get("environmentFiles") or []],
        "repository_credentials": (container.get("repositoryCredentials") or {}).get("credentialsParameter"),
        "restart_policy": {
            "enabled": restart["enabled"],
            "ignored_exit_codes": list(restart.get("ignoredExitCodes") or []),
            "attempt_period": restart.get("restartAttemptPeriod"),
        }
        if restart
        else None,
    }


# What the role has options of its own for, as ECS spells it.
_SAID = {
    "name", "image", "essential", "command", "entryPoint", "workingDirectory", "user", "environment", "secrets",
    "memoryReservation", "stopTimeout", "portMappings", "readonlyRootFilesystem", "healthCheck", "ulimits", "dependsOn",
    "mountPoints", "dockerLabels", "environmentFiles", "repositoryCredentials", "restartPolicy",
}  # fmt: skip
_SAID_OF_LOGS = {"awslogs-group", "awslogs-region", "awslogs-stream-prefix"}


def _further(container: Raw, said: t.Collection[str]) -> dict[str, t.Any]:
    """Return what else a container has, in AWS's spelling."""
    linux = {key: one for key, one in (container.get("linuxParameters") or {}).items() if key != "initProcessEnabled"}
    own = {"linuxParameters": linux, "logConfiguration": _logs(container.get("logConfiguration") or {})}
    rest = {key: one for key, one in container.items() if key not in {*said, *own}}
    return {key: one for key, one in {**rest, **own}.items() if one not in (None, False, 0, "", [], {})}


def _logs(configuration: Raw) -> dict[str, t.Any]:
    """Return what it has beside a group, region and prefix of CloudWatch Logs."""
    options = {key: one for key, one in (configuration.get("options") or {}).items() if key not in _SAID_OF_LOGS}
    if not options and configuration.get("logDriver", "awslogs") == "awslogs":
        return {}
    return {**configuration, "options": options} if options else {**configuration}
