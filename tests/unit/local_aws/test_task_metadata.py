# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The metadata endpoint's documents of a task, with AWS's fields."""

from __future__ import annotations

from typing import Any

from local_aws import task_metadata

ARN = "arn:aws:ecs:ap-northeast-2:000000000000:task/c/0123"
TASK: dict[str, Any] = {
    "taskArn": ARN,
    "clusterArn": "arn:aws:ecs:ap-northeast-2:000000000000:cluster/c",
    "desiredStatus": "RUNNING",
    "lastStatus": "ACTIVATING",
    "group": "service:shop",
    "containers": [
        {"name": "migrate", "containerArn": "arn:1", "lastStatus": "STOPPED", "exitCode": 0},
        {"name": "shop", "containerArn": "arn:2", "lastStatus": "RUNNING", "healthStatus": "HEALTHY"},
    ],
    "_container_ip": "172.18.0.3",
    "_docker_names": {"abc": "migrate", "def": "shop"},
}
DEFINITION: dict[str, Any] = {
    "family": "shop",
    "revision": 7,
    "cpu": "256",
    "memory": "512",
    "containerDefinitions": [
        {"name": "migrate", "image": "shop:1"},
        {
            "name": "shop",
            "image": "shop:1",
            "cpu": 128,
            "memory": 256,
            "healthCheck": {"command": ["CMD", "true"]},
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/shop"}},
        },
    ],
}


def test_a_task_has_its_containers() -> None:
    shown = task_metadata.task(TASK, DEFINITION, "ap-northeast-2a")
    assert [one["Name"] for one in shown.pop("Containers")] == ["migrate", "shop"]
    assert shown == {
        "Cluster": TASK["clusterArn"],
        "TaskARN": ARN,
        "Family": "shop",
        "Revision": "7",
        "KnownStatus": "ACTIVATING",
        "DesiredStatus": "RUNNING",
        "Limits": {"CPU": 0.25, "Memory": 512},
        "AvailabilityZone": "ap-northeast-2a",
        "LaunchType": "FARGATE",
        "ServiceName": "shop",
    }


def test_a_container_has_its_own_state() -> None:
    ended, running = (task_metadata.container(TASK, DEFINITION, name) for name in ("migrate", "shop"))
    assert (ended["KnownStatus"], ended["ExitCode"], ended["DockerId"]) == ("STOPPED", 0, "abc")
    assert "ExitCode" not in running and "Health" not in ended and "LogDriver" not in ended
    assert running["Limits"] == {"CPU": 128, "Memory": 256}
    assert running["Health"] == {"status": "HEALTHY"}
    assert (running["LogDriver"], running["LogOptions"]) == ("awslogs", {"awslogs-group": "/ecs/shop"})
    assert running["Networks"] == [
        {"NetworkMode": "awsvpc", "IPv4Addresses": ["172.18.0.3"], "AttachmentIndex": 0},
    ]


def test_a_container_finds_the_endpoints_by_its_environment() -> None:
    given = task_metadata.environment(TASK, "token", "one", "169.254.170.2")
    assert given == {
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/one",
        "AWS_DEFAULT_REGION": "ap-northeast-2",
        "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
        "AWS_REGION": "ap-northeast-2",
        "ECS_CONTAINER_METADATA_URI": "http://169.254.170.2/v3/token",
        "ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4/token",
    }
    without = task_metadata.environment(TASK, "token", None, "169.254.170.2")
    assert "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" not in without
