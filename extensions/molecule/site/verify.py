"""Check the answers of the load balancer, and the resources in ECS and ECR."""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request

import boto3

prefix = sys.argv[1]
endpoint, account = os.environ["AWS_ENDPOINT_URL"], os.environ["AWS_ACCESS_KEY_ID"]


def ask(path: str) -> str:
    request = urllib.request.Request(endpoint + path, headers={"Host": f"{prefix}-pub-alb.{account}.alb.localhost:80"})
    with urllib.request.urlopen(request, timeout=10) as response:
        return str(response.read().decode())


def status(path: str) -> int:
    try:
        ask(path)
    except urllib.error.HTTPError as error:
        return error.code
    return 200


numbers = json.loads(ask("/api/lotto/lucky"))
assert len(numbers) == 6 and numbers == sorted(set(numbers)) and numbers[0] >= 1 and numbers[-1] <= 45, numbers
assert ask("/health").strip() == "OK"
assert status("/nowhere") == 404, "the load balancer's default action"

ecs = boto3.client("ecs")
[service] = ecs.describe_services(cluster=f"{prefix}-ecs", services=[f"{prefix}-lotto"])["services"]
assert service["runningCount"] == service["desiredCount"] >= 1, service["events"][:3]
assert [deployment["rolloutState"] for deployment in service["deployments"]] == ["COMPLETED"], service["deployments"]

definition = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
image = definition["containerDefinitions"][0]["image"]
digests = {
    item["imageDigest"]
    for item in boto3.client("ecr").describe_images(repositoryName=f"{prefix}-lotto")["imageDetails"]
}
assert image.split("@")[-1] in digests, f"the task definition names {image}, ECR holds {digests}"

addresses = boto3.client("ec2").describe_addresses()["Addresses"]
assert len(addresses) == 1, f"one NAT gateway has one address, here are {addresses}"
