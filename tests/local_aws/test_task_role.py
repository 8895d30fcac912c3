# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An application in a container, with its role: boto3 finds region, endpoint and credentials, as on AWS."""

from __future__ import annotations

import importlib.util
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from local_aws import base_image, engine
from tests.local_aws.cloud import REGION, Account, Network, eventually

PACKAGES = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "urllib3")
SERVICES = ("logs", "ssm", "sts")
ASKING = """
import json, os, urllib.request, boto3
from botocore.exceptions import ClientError
def said(call):
    try:
        return call()
    except ClientError as error:
        return error.response["Error"]["Code"]
def fetched(path=""):
    with urllib.request.urlopen(os.environ["ECS_CONTAINER_METADATA_URI_V4"] + path, timeout=5) as answer:
        return json.load(answer)
ssm, plain = boto3.client("ssm"), boto3.client("ssm", aws_access_key_id="100000000009", aws_secret_access_key="x")
print(json.dumps({
    "who": boto3.client("sts").get_caller_identity()["Arn"],
    "allowed": said(lambda: ssm.get_parameter(Name="/app/allowed")["Parameter"]["Value"]),
    "refused": said(lambda: ssm.get_parameter(Name="/app/other")["Parameter"]["Value"]),
    "written": said(lambda: ssm.put_parameter(Name="/app/allowed", Value="mine", Type="String", Overwrite=True)),
    "account key": said(lambda: plain.get_parameter(Name="/app/other")["Parameter"]["Value"]),
    "container": fetched(), "task": fetched("/task"), "measured": sorted(fetched("/task/stats")),
}), flush=True)
"""


def boto3_image() -> str:
    """The base image with this machine's boto3, with only the services that are called."""
    name = "magiclub.local/boto3:test"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        text = f"FROM {base_image.IMAGE}\nCOPY packages /packages\nENV PYTHONPATH=/packages\n".encode()
        described = tarfile.TarInfo("Dockerfile")
        described.size = len(text)
        tar.addfile(described, io.BytesIO(text))
        for package in PACKAGES:
            found = importlib.util.find_spec(package)
            assert found and found.submodule_search_locations
            tar.add(next(iter(found.submodule_search_locations)), f"packages/{package}", filter=wanted)
        six = importlib.util.find_spec("six")
        assert six and six.origin
        tar.add(six.origin, "packages/six.py")
    packed.seek(0)
    engine.client(timeout=300).images.build(fileobj=packed, custom_context=True, tag=name, forcerm=True)
    return name


def wanted(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    parts = Path(entry.name).parts
    if "__pycache__" in parts or "examples" in parts:
        return None
    described = parts[2:3] == ("data",) and len(parts) > 3 and "." not in parts[3]
    return None if described and parts[3] not in SERVICES else entry


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory, containers: int) -> str:
    base_image.ensure(tmp_path_factory.mktemp("image"))
    return boto3_image()


class Tasks:
    """A cluster whose tasks log, and a role that may read one parameter."""

    def __init__(self, port: int) -> None:
        self.aws = Account(port)
        self.network = Network(self.aws)
        self.aws.ecs.create_cluster(clusterName="c")
        self.aws.logs.create_log_group(logGroupName="/ecs/app")
        for name in ("allowed", "other"):
            self.aws.ssm.put_parameter(Name=f"/app/{name}", Value=f"value of {name}", Type="String")
        self.role = self.aws.role("app-task")
        statement = {
            "Effect": "Allow",
            "Action": "ssm:GetParameter",
            "Resource": f"arn:aws:ssm:{REGION}:{self.aws.number}:parameter/app/allowed",
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.aws.iam.put_role_policy(RoleName="app-task", PolicyName="own", PolicyDocument=document)

    def run(self, *containers: dict[str, Any], **definition: Any) -> dict[str, Any]:
        """Return the task with these containers, once it has stopped."""
        options = {"awslogs-group": "/ecs/app", "awslogs-region": REGION, "awslogs-stream-prefix": "app"}
        logs = {"logDriver": "awslogs", "options": options}
        self.aws.ecs.register_task_definition(
            family="app",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            containerDefinitions=[{"logConfiguration": logs, **container} for container in containers],
            **definition,
        )
        made = self.aws.ecs.run_task(
            cluster="c", taskDefinition="app", launchType="FARGATE", networkConfiguration=self.network.configuration
        )["tasks"][0]["taskArn"]
        assert eventually(lambda: self.shown(made)["lastStatus"], "STOPPED", 90) == "STOPPED", self.shown(made)
        return self.shown(made)

    def shown(self, arn: str) -> dict[str, Any]:
        found: dict[str, Any] = self.aws.ecs.describe_tasks(cluster="c", tasks=[arn])["tasks"][0]
        return found

    def lines(self, task: dict[str, Any], container: str) -> list[str]:
        stream = f"app/{container}/{task['taskArn'].rsplit('/', 1)[-1]}"
        events = self.aws.logs.get_log_events(logGroupName="/ecs/app", logStreamName=stream)["events"]
        return [event["message"] for event in events]


@pytest.fixture
def tasks(containers: int) -> Tasks:
    return Tasks(containers)


def test_an_application_has_what_its_role_allows_and_no_more(tasks: Tasks, image: str) -> None:
    container = {"name": "api", "image": image, "command": ["python3", "-c", ASKING], "user": "10001"}
    task = tasks.run(container, taskRoleArn=tasks.role)
    lines = tasks.lines(task, "api")
    assert task["containers"][0]["exitCode"] == 0, "\n".join(lines)
    said = json.loads(lines[-1])
    name = task["taskArn"].rsplit("/", 1)[-1]
    assert said["who"] == f"arn:aws:sts::{tasks.aws.number}:assumed-role/app-task/{name}"
    assert (said["allowed"], said["refused"]) == ("value of allowed", "AccessDeniedException")
    assert (said["written"], said["account key"]) == ("AccessDeniedException", "UnrecognizedClientException")
    assert tasks.aws.ssm.get_parameter(Name="/app/allowed")["Parameter"]["Value"] == "value of allowed"
    assert said["container"]["Name"] == "api" and said["container"]["KnownStatus"] == "RUNNING"
    assert said["container"]["Networks"][0]["IPv4Addresses"]
    assert (said["task"]["TaskARN"], said["task"]["Family"]) == (task["taskArn"], "app")
    assert [one["Name"] for one in said["task"]["Containers"]] == ["api"]
    assert said["measured"] == [said["container"]["DockerId"]]


def test_a_task_without_a_role_has_no_credentials(tasks: Tasks, image: str) -> None:
    asking = "import os, boto3; print(os.environ['AWS_REGION'], boto3.Session().get_credentials())"
    task = tasks.run({"name": "api", "image": image, "command": ["python3", "-c", asking]})
    assert tasks.lines(task, "api") == [f"{REGION} None"]


def test_a_sidecar_that_ends_first_leaves_the_network(tasks: Tasks, image: str) -> None:
    served = (
        "import http.server; http.server.HTTPServer(('', 8080), http.server.SimpleHTTPRequestHandler).handle_request()"
    )
    asking = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8080', timeout=5).status)"
    migrated = {
        "name": "migrate",
        "image": image,
        "essential": False,
        "command": ["python3", "-c", "print('migrated')"],
    }
    server: dict[str, Any] = {
        "name": "server",
        "image": image,
        "essential": False,
        "command": ["python3", "-c", served],
    }
    server |= {"dependsOn": [{"containerName": "migrate", "condition": "SUCCESS"}]}
    asks = f"import time; time.sleep(1); {asking}"
    asker: dict[str, Any] = {"name": "asker", "image": image, "command": ["python3", "-c", asks]}
    asker |= {"dependsOn": [{"containerName": "server", "condition": "START"}]}
    task = tasks.run(migrated, server, asker)
    assert {one["name"]: one.get("exitCode") for one in task["containers"]} == {"migrate": 0, "server": 0, "asker": 0}
    assert tasks.lines(task, "asker") == ["200"]


def test_a_container_whose_dependency_failed_does_not_start(tasks: Tasks, image: str) -> None:
    migrate = {
        "name": "migrate",
        "image": image,
        "essential": False,
        "command": ["python3", "-c", "raise SystemExit(3)"],
    }
    api: dict[str, Any] = {
        "name": "api",
        "image": image,
        "dependsOn": [{"containerName": "migrate", "condition": "SUCCESS"}],
    }
    task = tasks.run(migrate, api)
    assert (task["stopCode"], task["stoppedReason"]) == ("TaskFailedToStart", "Task failed to start")
    assert {one["name"]: one.get("exitCode") for one in task["containers"]} == {"migrate": 3, "api": None}


def test_a_container_that_ends_is_started_again_while_its_task_goes_on(tasks: Tasks, image: str) -> None:
    # the second time it exits with a code that ends it for good
    counted = (
        "import pathlib, sys, time; f = pathlib.Path('/tmp/f'); n = f.exists(); f.touch(); print('run', n, flush=True)"
    )
    program = f"{counted}; time.sleep(1.5); sys.exit(4 if n else 3)"
    container = {"name": "api", "image": image, "command": ["python3", "-c", program], "dockerLabels": {"team": "shop"}}
    policy = {"enabled": True, "ignoredExitCodes": [4], "restartAttemptPeriod": 60}
    task = tasks.run({**container, "restartPolicy": policy})
    assert task["containers"][0]["exitCode"] == 4
    assert tasks.lines(task, "api") == ["run False", "run True"]


def test_registry_credentials_have_to_be_there(tasks: Tasks, image: str) -> None:
    missing = f"arn:aws:secretsmanager:{REGION}:{tasks.aws.number}:secret:registry-a1b2c3"
    task = tasks.run({"name": "api", "image": image, "repositoryCredentials": {"credentialsParameter": missing}})
    assert task["stoppedReason"].startswith("ResourceInitializationError: unable to pull secrets or registry auth")
    made = tasks.aws.secretsmanager.create_secret(Name="registry", SecretString='{"username": "a", "password": "b"}')
    given = {"repositoryCredentials": {"credentialsParameter": made["ARN"]}}
    task = tasks.run({"name": "api", "image": image, "command": ["python3", "-c", "print('in')"], **given})
    assert tasks.lines(task, "api") == ["in"]


def test_an_environment_file_that_is_not_there_keeps_a_task_from_starting(tasks: Tasks, image: str) -> None:
    files = [{"value": "arn:aws:s3:::nobodys/app.env", "type": "s3"}]
    task = tasks.run({"name": "api", "image": image, "environmentFiles": files})
    assert task["stoppedReason"].startswith("ResourceInitializationError: failed to download env files")
