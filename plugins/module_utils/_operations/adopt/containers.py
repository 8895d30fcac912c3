# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Describes the containers of a running service as options of fargate_service.  Plain dicts in and out."""

from __future__ import annotations

import typing as t

Raw = t.Mapping[str, t.Any]
Service = dict[str, t.Any]

# fields of a container with an option of the same or another name
SAME = (
    "image", "command", "entry_point", "working_directory", "user", "environment", "secrets", "memory_reservation",
    "stop_timeout",
)  # fmt: skip
OTHER = {"readonly_root_filesystem": "readonly_root", "health_check": "container_health_check"}


def main_container(service: Raw, task: Raw) -> str:
    """Return the load balanced container, else the first essential one with a port, else the first essential one."""
    balanced = [one["containerName"] for one in service.get("loadBalancers") or [] if one.get("containerName")]
    essential = [one for one in task["containerDefinitions"] if one.get("essential", True)]
    with_port = [one["name"] for one in essential if one.get("portMappings")]
    return str([*balanced, *with_port, *(one["name"] for one in essential or task["containerDefinitions"])][0])


def main(data: Raw, container: Raw) -> Service:
    """Return the options of the main container, from its canonical form and AWS's response.

    C(cpu) of the container is no option, as that of a definition is the task's.
    """
    return _described(data, container, _WITH_OPTION)


def _described(data: Raw, container: Raw, covered: t.Collection[str]) -> Service:
    result: Service = {key: data[key] for key in SAME if key in data} | _more(container)
    result["container_options"] = _further(container, covered)
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
    """Return a value that the canonical form may have reduced to its only key."""
    return value[key] if isinstance(value, t.Mapping) else value


def sidecar(name: str, data: Raw, container: Raw) -> Service:
    """Return the options of a sidecar."""
    own = {"cpu": data["cpu"]} if data.get("cpu") else {}
    return {
        "name": name,
        **_described(data, container, {*_WITH_OPTION, "cpu"}),
        **own,
        "essential": data.get("essential", True),
    }


def _more(container: Raw) -> Service:
    """Return the options that are taken from AWS's response."""
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


# fields with an option, in AWS's spelling
_WITH_OPTION = {
    "name", "image", "essential", "command", "entryPoint", "workingDirectory", "user", "environment", "secrets",
    "memoryReservation", "stopTimeout", "portMappings", "readonlyRootFilesystem", "healthCheck", "ulimits", "dependsOn",
    "mountPoints", "dockerLabels", "environmentFiles", "repositoryCredentials", "restartPolicy",
}  # fmt: skip
_LOG_OPTIONS = {"awslogs-group", "awslogs-region", "awslogs-stream-prefix"}


def _further(container: Raw, covered: t.Collection[str]) -> dict[str, t.Any]:
    """Return the other fields of a container, in AWS's spelling."""
    linux = {key: one for key, one in (container.get("linuxParameters") or {}).items() if key != "initProcessEnabled"}
    own = {"linuxParameters": linux, "logConfiguration": _logs(container.get("logConfiguration") or {})}
    rest = {key: one for key, one in container.items() if key not in {*covered, *own}}
    return {key: one for key, one in {**rest, **own}.items() if one not in (None, False, 0, "", [], {})}


def _logs(configuration: Raw) -> dict[str, t.Any]:
    """Return a log configuration without group, region and prefix of CloudWatch Logs."""
    options = {key: one for key, one in (configuration.get("options") or {}).items() if key not in _LOG_OPTIONS}
    if not options and configuration.get("logDriver", "awslogs") == "awslogs":
        return {}
    return {**configuration, "options": options} if options else {**configuration}
