# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Tasks without containers: healthy, and done at once if they have a command override."""

from __future__ import annotations

from typing import Any

from tests.local_aws.cloud import Account, Network
from tests.local_aws.probes import task_definition

CHECK = {"command": ["CMD", "true"]}


def started(port: int, **overrides: Any) -> dict[str, Any]:
    aws = Account(port)
    network = Network(aws)
    definition = task_definition(aws, healthCheck=CHECK)
    aws.ecs.create_cluster(clusterName="c")
    where = {"cluster": "c", "networkConfiguration": network.configuration}
    [task] = aws.ecs.run_task(taskDefinition=definition, **where, **overrides)["tasks"]
    described: list[dict[str, Any]] = aws.ecs.describe_tasks(cluster="c", tasks=[task["taskArn"]])["tasks"]
    return described[0]


def test_a_container_with_a_health_check_is_healthy_and_its_task_with_it(ours: int) -> None:
    task = started(ours)
    assert (task["lastStatus"], task["healthStatus"]) == ("RUNNING", "HEALTHY")
    assert [one["healthStatus"] for one in task["containers"]] == ["HEALTHY"]


def test_a_command_of_its_own_is_done_at_once(ours: int) -> None:
    task = started(ours, overrides={"containerOverrides": [{"name": "app", "command": ["migrate"]}]})
    assert (task["lastStatus"], task["stopCode"]) == ("STOPPED", "EssentialContainerExited")
    assert [one["exitCode"] for one in task["containers"]] == [0]
