# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shared by the tests of strategies: a service that is deployed by a strategy, and the answers of its users."""

from __future__ import annotations

import collections
import subprocess
import time
import typing as t
import urllib.error
import urllib.request
from pathlib import Path

from tests.support.ansible_run import Run
from tests.support.server import command

from .conftest import BASE, LOCAL, PREFIX, Clients, Platform

NAME = "shop"
FULL = f"{PREFIX}-{NAME}"
CLUSTER = f"{PREFIX}-ecs"
REQUESTS = 2000
HEALTH = 'int(os.environ.get("HEALTH", "200")) if self.path == "/shop/health" else 200'
GREEN = {"X-Release": "green"}
TEST = {"header": {"name": "X-Release", "values": ["green"]}}


def serving(answer: str, deployment: t.Mapping[str, t.Any] | None = None, **more: t.Any) -> dict[str, t.Any]:
    """Return the variables of a platform whose second service gives this answer."""
    given = {
        "name": NAME,
        "image": BASE,
        "command": command(f'{HEALTH}, os.environ["ANSWER"]', first='time.sleep(int(os.environ.get("WARM_UP", "0")))'),
        "environment": {"ANSWER": answer, **more.pop("environment", {})},
        "port": 8080,
        "rule": {"paths": ["/shop", "/shop/*"]},
        "health_check": {"path": "/shop/health", "interval": 5, "timeout": 2},
        "deregistration_delay": 5,
        "deployment": deployment or {"strategy": "rolling"},
        **more,
    }
    return {"fargate_lotto": False, "fargate_services": [given]}


def deploy(platform: Platform, variables: t.Mapping[str, t.Any], **options: t.Any) -> Run:
    return platform.site("--tags", "services", extra_vars=variables, **options)


def ask(platform: Platform, headers: t.Mapping[str, str] | None = None, port: int = 80) -> str:
    """Return the answer to a request, by default a user's, or the error."""
    host = f"{PREFIX}-pub-alb.{platform.account.key}.alb.localhost:{port}"
    asked = urllib.request.Request(f"{platform.account.endpoint}/shop", headers={"Host": host, **(headers or {})})
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return f"{error.code}"
    except OSError as error:
        return repr(error)


def answers(platform: Platform, number: int, **how: t.Any) -> collections.Counter[str]:
    """Return the count of each answer to so many requests."""
    return collections.Counter(ask(platform, **how) for _ in range(number))


class Users(Clients):
    """Users of the service; C(answers) is the count of each answer."""

    clients = 2
    pause = 0.02

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform)
        self.answers: collections.Counter[str] = collections.Counter()

    def ask(self) -> None:
        self.answers[ask(self._platform)] += 1


def starting(platform: Platform, variables: t.Mapping[str, t.Any]) -> tuple[subprocess.Popen[str], Path]:
    """Start a deployment; C(finish) waits for its end."""
    services = ("playbooks/site.yml", *LOCAL, "--tags", "services")
    return platform.run.start(*services, env=platform.environment, extra_vars=variables)


def operate(platform: Platform, playbook: str, **variables: t.Any) -> Run:
    given = {"service": NAME, **variables}
    return platform.run(f"playbooks/{playbook}.yml", *LOCAL, env=platform.environment, extra_vars=given)


def printed(run: Run) -> str:
    """Return the output of a run, in one line."""
    return " ".join(run.text.split())


def holdings(platform: Platform) -> dict[str, list[str]]:
    """Return the service's resources in the account, by kind; it owns target groups of either name."""
    elb, iam, ecs = (platform.account.client(name) for name in ("elbv2", "iam", "ecs"))
    groups = [one["TargetGroupName"] for one in elb.describe_target_groups()["TargetGroups"]]
    roles = [role["RoleName"] for role in iam.list_roles()["Roles"]]
    balancer = elb.describe_load_balancers(Names=[f"{PREFIX}-pub-alb"])["LoadBalancers"][0]["LoadBalancerArn"]
    listeners = elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"]
    rules = [
        rule["RuleArn"]
        for one in listeners
        for rule in elb.describe_rules(ListenerArn=one["ListenerArn"])["Rules"]
        if not rule["IsDefault"]
    ]
    tags = {
        item["ResourceArn"]: {tag["Key"]: tag["Value"] for tag in item["Tags"]}
        for item in (elb.describe_tags(ResourceArns=rules)["TagDescriptions"] if rules else [])
    }
    tasks = ecs.list_tasks(cluster=CLUSTER, serviceName=FULL)["taskArns"]
    return {
        "groups": sorted(name for name in groups if name.startswith(FULL)),
        "roles": sorted(name for name in roles if name.startswith(FULL)),
        "rules": sorted(tag["Name"] for tag in tags.values() if tag.get("Name", "").startswith(FULL)),
        "tasks": [str(len(tasks))],
    }


ROLLING = {"roles": [f"{FULL}-task"], "rules": [FULL], "tasks": ["1"]}
SHIFTING = {
    "groups": [FULL, f"{FULL}-alt"],
    "roles": [f"{FULL}-shift", f"{FULL}-task"],
    "rules": [FULL, f"{FULL}-test"],
    "tasks": ["1"],
}


def newest(platform: Platform) -> dict[str, t.Any]:
    ecs = platform.account.client("ecs")
    listed = ecs.list_service_deployments(cluster=CLUSTER, service=FULL)["serviceDeployments"]
    arn = listed[0]["serviceDeploymentArn"]
    return dict(ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0])


def stage(platform: Platform) -> str:
    """Return the stage of the newest service deployment, or its final status."""
    found = newest(platform)
    return str(found.get("lifecycleStage") if found["status"] == "IN_PROGRESS" else found["status"])


def eventually(
    look: t.Callable[[], t.Any], expected: t.Any, seconds: float = 60, run: subprocess.Popen[str] | None = None
) -> t.Any:
    """Poll until the expected value, the end of the seconds or of the I(run); return the last value."""
    until = time.monotonic() + seconds
    while (found := look()) != expected and time.monotonic() < until and (run is None or run.poll() is None):
        time.sleep(0.1)
    return found


def begun(platform: Platform) -> Platform:
    """Return the platform with the service, with the strategy rolling and the answer 'one'."""
    run = platform.site("--tags", "vpc,alb,ecs_cluster,services", extra_vars=serving("one"))
    assert run.rc == 0, run.text
    assert ask(platform) == "one"
    return platform


SMOKE = {"path": "/shop", "that": ["response.body != 'wrong'"]}
SMOKED = {"test": TEST, "gate": "smoke"}
BLUE_GREEN = {"strategy": "blue_green", "bake_time": 0, **SMOKED}
CANARY = {"strategy": "canary", "canary": {"percent": 30.0, "bake_time": 1}, "bake_time": 1, **SMOKED}
LINEAR = {"strategy": "linear", "linear": {"percent": 40.0, "bake_time": 1}, "bake_time": 0, **SMOKED}
APPROVED = {**CANARY, "gate": "approval", "approval_timeout": 60}
