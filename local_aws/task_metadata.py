# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The documents of the task metadata endpoint, from records of ECS. Plain data, no clock, no engine.

Fields and spelling:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-response.html
"""

from __future__ import annotations

from typing import Any

Data = dict[str, Any]

LAUNCHED = {"lastStatus": "KnownStatus", "desiredStatus": "DesiredStatus"}


def task_id(task: Data) -> str:
    return str(task["taskArn"].rsplit("/", 1)[-1])


def docker_id(task: Data, name: str) -> str:
    """Return the engine's id of a container, '' before it has one."""
    return next((one for one, named in task.get("_docker_names", {}).items() if named == name), "")


def environment(task: Data, token: str, credentials: str | None, address: str) -> dict[str, str]:
    """Return the variables that ECS gives a container of a Fargate task.

    :param token: identifies the container to the metadata endpoint.
    :param credentials: id of the task's credentials, None for a task without a task role.
    :param address: address of the endpoints.
    """
    region = task["taskArn"].split(":")[3]
    result = {
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
        "AWS_REGION": region,
        "ECS_CONTAINER_METADATA_URI": f"http://{address}/v3/{token}",
        "ECS_CONTAINER_METADATA_URI_V4": f"http://{address}/v4/{token}",
    }
    if credentials:
        result["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = f"/v2/credentials/{credentials}"
    return result


def container(task: Data, definition: Data, name: str) -> Data:
    asked = next(one for one in definition["containerDefinitions"] if one["name"] == name)
    record = next(one for one in task["containers"] if one["name"] == name)
    logs = asked.get("logConfiguration") or {}
    shown: Data = {
        "DockerId": docker_id(task, name),
        "Name": name,
        "DockerName": name,
        "Image": asked["image"],
        "ImageID": record.get("imageDigest", ""),
        "Labels": {
            "com.amazonaws.ecs.cluster": task["clusterArn"],
            "com.amazonaws.ecs.container-name": name,
            "com.amazonaws.ecs.task-arn": task["taskArn"],
            "com.amazonaws.ecs.task-definition-family": definition["family"],
            "com.amazonaws.ecs.task-definition-version": str(definition["revision"]),
        },
        "DesiredStatus": task["desiredStatus"],
        "KnownStatus": record["lastStatus"],
        "Limits": {"CPU": int(asked.get("cpu") or 2)},
        "Type": "NORMAL",
        "ContainerARN": record["containerArn"],
        "Networks": networks(task),
    }
    if asked.get("memory"):
        shown["Limits"]["Memory"] = int(asked["memory"])
    if record.get("exitCode") is not None:
        shown["ExitCode"] = record["exitCode"]
    if logs:
        shown |= {"LogDriver": logs["logDriver"], "LogOptions": logs.get("options", {})}
    if (asked.get("restartPolicy") or {}).get("enabled"):
        shown["RestartCount"] = task.get("_runs", {}).get(name, {}).get("restarts", 0)
    if asked.get("healthCheck"):
        shown["Health"] = {"status": record.get("healthStatus", "UNKNOWN")}
    return shown


def networks(task: Data) -> list[Data]:
    """Return the one network interface of a task."""
    address = task.get("_container_ip")
    found: Data = {"NetworkMode": "awsvpc", "IPv4Addresses": [address] if address else [], "AttachmentIndex": 0}
    return [found]


def task(record: Data, definition: Data, zone: str) -> Data:
    """Return the document of a task, with those of its containers.

    :param zone: availability zone of its subnet.
    """
    group = record.get("group") or ""
    containers = [container(record, definition, one["name"]) for one in definition["containerDefinitions"]]
    shown: Data = {
        "Cluster": record["clusterArn"],
        "TaskARN": record["taskArn"],
        "Family": definition["family"],
        "Revision": str(definition["revision"]),
        **{shown: record[kept] for kept, shown in LAUNCHED.items()},
        "Limits": {"CPU": int(definition.get("cpu") or 0) / 1024, "Memory": int(definition.get("memory") or 0)},
        "PullStartedAt": record.get("pullStartedAt"),
        "PullStoppedAt": record.get("pullStoppedAt"),
        "AvailabilityZone": zone,
        "LaunchType": record.get("launchType", "FARGATE"),
        "Containers": containers,
    }
    if group.startswith("service:"):
        shown["ServiceName"] = group.removeprefix("service:")
    return {key: value for key, value in shown.items() if value is not None}
