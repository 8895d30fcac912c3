# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check the service in AWS after converge, and its numbers."""

from __future__ import annotations

import json
import os
import sys
import urllib.request

import boto3


def main(prefix: str) -> None:
    name = f"{prefix}-lotto"
    ecs, elb = boto3.client("ecs"), boto3.client("elbv2")
    (service,) = ecs.describe_services(cluster=f"{prefix}-ecs", services=[name])["services"]
    assert (service["desiredCount"], service["runningCount"], len(service["deployments"])) == (1, 1, 1)
    definition = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    (container,) = definition["containerDefinitions"]
    assert (container["name"], definition["cpu"], definition["memory"]) == ("lotto-api", "512", "1024")
    assert "@sha256:" in container["image"]
    assert container["readonlyRootFilesystem"] is True
    assert container["environment"] == [{"name": "LOG_LEVEL", "value": "INFO"}]

    (group,) = elb.describe_target_groups(Names=[name])["TargetGroups"]
    assert group["HealthCheckPath"] == "/health"
    numbers = json.loads(ask(prefix, "/api/lotto/lucky"))
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 6
    assert 1 <= numbers[0] < numbers[-1] <= 45
    assert ask(prefix, "/health") == "OK"
    assert "<html" in ask(prefix, "/")


def ask(prefix: str, path: str) -> str:
    """Return the answer of the load balancer, which the local AWS finds by the Host header."""
    account = boto3.client("sts").get_caller_identity()["Account"]
    host = f"{prefix}-pub-alb.{account}.alb.localhost:80"
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + path, headers={"Host": host})
    with urllib.request.urlopen(request, timeout=10) as response:
        return str(response.read().decode())


if __name__ == "__main__":
    main(sys.argv[1])
