# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deployments of one live service: ours beside its peers, and how soon the wait detects their end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import boto3
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.api import Api
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.observation import Memory, Rules
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.wait import Outside, Wait
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.watch import Watch

from tests.support.observer import Observer, is_completed, primary

HERE = Path(__file__).resolve().parent
Environment = t.Mapping[str, str]

# Members of DescribeTaskDefinition's answer that RegisterTaskDefinition does not accept.
SET_BY_ECS = (
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
)


class Service:
    """A running service, in the account of some credentials."""

    def __init__(self, environment: Environment, cluster: str, name: str) -> None:
        self.environment, self.cluster, self.name = environment, cluster, name
        self._clients: dict[str, t.Any] = {}

    def client(self, service: str) -> t.Any:
        """Return a client of the account."""
        if service not in self._clients:
            self._clients[service] = boto3.client(
                t.cast("t.Any", service),
                endpoint_url=self.environment["AWS_ENDPOINT_URL"],
                region_name=self.environment["AWS_REGION"],
                aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            )
        return self._clients[service]

    def described(self) -> dict[str, t.Any]:
        """Return the service as in DescribeServices."""
        return dict(self.client("ecs").describe_services(cluster=self.cluster, services=[self.name])["services"][0])

    def image(self) -> str:
        """Return its current image."""
        return str(self._definition()["containerDefinitions"][0]["image"])

    def stopped(self) -> int:
        """Return how many of its tasks have stopped and are still listed."""
        listed = self.client("ecs").list_tasks(cluster=self.cluster, serviceName=self.name, desiredStatus="STOPPED")
        return len(listed["taskArns"])

    def restart(self) -> str:
        """Replace its tasks; return the id of the deployment."""
        return self._update(forceNewDeployment=True)

    def deploy(self, image: str) -> str:
        """Deploy another image; return the id of the deployment."""
        return self._update(taskDefinition=self.register(image))

    def register(self, image: str) -> str:
        """Register a revision that runs another image; return its ARN."""
        definition = {key: value for key, value in self._definition().items() if key not in SET_BY_ECS}
        definition["containerDefinitions"][0]["image"] = image
        return str(self.client("ecs").register_task_definition(**definition)["taskDefinition"]["taskDefinitionArn"])

    def _definition(self) -> dict[str, t.Any]:
        answer = self.client("ecs").describe_task_definition(taskDefinition=self.described()["taskDefinition"])
        return dict(answer["taskDefinition"])

    def _update(self, **changes: t.Any) -> str:
        return primary(self.client("ecs").update_service(cluster=self.cluster, service=self.name, **changes)["service"])


def services(environment: Environment, cluster: str, names: t.Iterable[str]) -> list[Service]:
    """Return services with open clients, because a session can't open two at once."""
    found = [Service(environment, cluster, name) for name in names]
    for service in found:
        service.client("ecs")
        service.client("elbv2")
    return found


class Peers:
    """The tools of others, in a separate virtual environment."""

    def __init__(self, folder: Path) -> None:
        self._bin = folder / "bin"
        if not (self._bin / "ecs").exists():
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
            subprocess.run(
                [self._bin / "pip", "install", "--quiet", "-r", HERE / "peer-requirements.txt"],
                check=True,
            )

    def ecs_deploy(self, service: Service, image: str) -> list[list[str]]:
        """Return the commands that deploy by ecs-deploy."""
        container = "lotto-api"
        options = ["--image", container, image, "--timeout", "300", "--no-deregister"]
        return [[str(self._bin / "ecs"), "deploy", service.cluster, service.name, *options]]

    def aws_cli(self, service: Service, image: str) -> list[list[str]]:
        """Return the commands that deploy with the AWS CLI; the revision is registered before the clock runs."""
        aws, revision = [str(self._bin / "aws"), "ecs"], service.register(image)
        which = ["--cluster", service.cluster]
        return [
            [*aws, "update-service", *which, "--service", service.name, "--task-definition", revision],
            [*aws, "wait", "services-stable", *which, "--services", service.name],
        ]


def overhead(service: Service, commands: t.Sequence[t.Sequence[str]], cwd: Path) -> float:
    """Run a deployment; return its seconds except those between its start in ECS and the service being steady."""
    before, started = primary(service.described()), 0.0

    def is_steady() -> bool:
        nonlocal started
        now = service.described()
        if primary(now) == before:
            return False
        started = started or time.monotonic()
        return is_completed(now)

    began = time.monotonic()
    with Observer(is_steady) as observer:
        for command in commands:
            done = subprocess.run(
                command, cwd=cwd, env={**os.environ, **service.environment}, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        ended = time.monotonic()
    if observer.seen is None:
        raise SystemExit(f"{' '.join(commands[-1])} ended before the service was steady")
    return (ended - began) - (observer.seen - started)


class Seen(t.NamedTuple):
    """The end of a wait: its outcome, the seconds after the certain sign, those of the whole wait, and its calls."""

    outcome: str
    delay: float
    waited: float
    calls: int


def detected_steady(service: Service) -> Seen:
    """Replace the tasks of a service, and return how soon the wait detected the steady state."""
    deployment = service.restart()
    return _detected(service, deployment, lambda: is_completed(service.described()))


def detected_failure(service: Service) -> Seen:
    """Deploy a missing image, and return how soon the wait detected ECS's rollback."""
    image = service.image()
    deployment = service.deploy(f"{image.partition('@')[0]}@sha256:{'0' * 64}")

    def is_rolled_back() -> bool:
        now = service.described()
        return primary(now) != deployment and is_completed(now)

    return _detected(service, deployment, is_rolled_back)


def _detected(service: Service, deployment: str, sign: t.Callable[[], bool]) -> Seen:
    api, watch = Api(service.client, service.cluster), Watch(service.name, Memory(deployment))
    wait = Wait(api, [watch], Rules(timeout=300), Outside(report=lambda _line: None))
    with Observer(sign) as observer:
        wait.run()
        ended = time.monotonic()
    if observer.seen is None:
        raise SystemExit(f"the wait for {deployment} ended as {watch.verdict.outcome} before ECS showed why")
    return Seen(watch.verdict.outcome, max(ended - observer.seen, 0.0), wait.waited, api.total)
