# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The results of ecs_service_wait with real containers on the local AWS, and how soon they come.

An observer beside each wait checks ten times a second for the first certain sign; the wait's delay after it
is in the table at the end.
"""

from __future__ import annotations

import collections
import http.server
import json
import random
import threading
import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.deployments import needs_restart
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.api import CLIENT_CONFIG, Api
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.judge import NEEDS_CONFIRMATION
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.observation import Memory, Rules
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.pace import BUDGET
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.result import diagnosis, result_of
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.signs import STAYS_FOR
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.wait import Outside, Wait
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.watch import Watch
from botocore.config import Config

from tests.campaigns.faults import microburst
from tests.support.account import Account
from tests.support.ansible_run import Runner
from tests.support.observer import Observer, is_completed, primary

IMAGE = "magiclub.local/python:3.11-slim-bookworm"
CLUSTER = "wait"
SERVE = (
    "import http.server as h\n"
    "class H(h.BaseHTTPRequestHandler):\n"
    "    def do_GET(self):\n"
    "        self.send_response({status}); self.end_headers(); self.wfile.write(b'hello')\n"
    "h.HTTPServer(('', 8080), H).serve_forever()\n"
)
SLEEP = "import time; time.sleep(3600)"
CRASH = "import sys; print('cannot open /etc/lotto.conf', flush=True); sys.exit(1)"
FALL = "import sys, time; print('no broker', flush=True); time.sleep(4); sys.exit(1)"
EAT = "x = ' ' * 2**30"
ROLL_BACK = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
SLOWEST = 4.0
"""Seconds after the first certain sign, plus a fourth of the time waited and the time of the reads themselves, within
which every verdict has to come.
"""
# no wait here ends by it, however slow the machine
TIMEOUT = 600

Row = tuple[str, str, str, float, float, int]
ROWS: list[Row] = []


@pytest.fixture(scope="module", autouse=True)
def table(request: pytest.FixtureRequest) -> t.Iterator[None]:
    """Print the table after the last test."""
    yield
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\n\n{'situation':<28}{'outcome':<16}{'cause':<15}{'waited s':>9}{'delay s':>9}{'calls / 5 s':>12}")
        for situation, outcome, cause, waited, delay, calls in ROWS:
            print(
                f"{situation:<28}{outcome:<16}{cause:<15}{waited:>9.1f}{delay:>9.2f}{5 * calls / max(waited, 5):>12.1f}"
            )


class Stage:
    def __init__(self, account: Account) -> None:
        self.account = account
        self.ecs, self.elbv2, self.ec2 = (account.client(name) for name in ("ecs", "elbv2", "ec2"))
        self.ecs.create_cluster(clusterName=CLUSTER)
        self.vpc = self.ec2.create_vpc(CidrBlock="172.25.0.0/16")["Vpc"]["VpcId"]
        gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        zones = ("ap-northeast-2a", "ap-northeast-2b")
        self.subnets = [
            self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"172.25.{number}.0/24", AvailabilityZone=zone)["Subnet"][
                "SubnetId"
            ]
            for number, zone in enumerate(zones)
        ]

    def definition(self, program: str, image: str = IMAGE, **container: t.Any) -> str:
        """Register a task definition that runs a Python program; return its ARN."""
        self.account.client("logs").create_log_group(logGroupName=(group := f"/ecs/{random.getrandbits(32):x}"))
        main = {
            "name": "app",
            "image": image,
            "command": ["python3", "-c", program],
            "essential": True,
            "portMappings": [{"containerPort": 8080}],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": group,
                    "awslogs-region": "ap-northeast-2",
                    "awslogs-stream-prefix": "app",
                },
            },
            **container,
        }
        answer = self.ecs.register_task_definition(
            family="app",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            containerDefinitions=[main],
        )
        return str(answer["taskDefinition"]["taskDefinitionArn"])

    def target_group(self) -> str:
        """Create a target group behind a listener; return its ARN."""
        balancer = self.elbv2.create_load_balancer(Name="wait", Subnets=self.subnets)["LoadBalancers"][0]
        group = self.elbv2.create_target_group(
            Name="wait",
            Protocol="HTTP",
            Port=8080,
            VpcId=self.vpc,
            TargetType="ip",
            HealthCheckPath="/health",
            HealthCheckIntervalSeconds=5,
            HealthCheckTimeoutSeconds=2,
            HealthyThresholdCount=2,
            UnhealthyThresholdCount=2,
        )["TargetGroups"][0]["TargetGroupArn"]
        self.elbv2.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )
        return str(group)

    def create(self, definition: str, desired: int = 1, name: str = "lotto", **more: t.Any) -> str:
        """Create a service; return the id of its deployment."""
        service = self.ecs.create_service(
            cluster=CLUSTER,
            serviceName=name,
            taskDefinition=definition,
            desiredCount=desired,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": self.subnets}},
            **more,
        )["service"]
        return primary(service)

    def update(self, **changes: t.Any) -> str:
        """Update the service; return the id of its PRIMARY deployment."""
        return primary(self.ecs.update_service(cluster=CLUSTER, service="lotto", **changes)["service"])

    def described(self) -> dict[str, t.Any]:
        return dict(self.ecs.describe_services(cluster=CLUSTER, services=["lotto"])["services"][0])

    def stopped(self) -> int:
        """Return the number of the service's stopped tasks."""
        return len(self.ecs.list_tasks(cluster=CLUSTER, serviceName="lotto", desiredStatus="STOPPED")["taskArns"])

    def wait(
        self,
        situation: str,
        sign: t.Callable[[], bool],
        deployment: str | None,
        meanwhile: t.Callable[[], object] | None = None,
        stays: float = 0,
        **rules: t.Any,
    ) -> dict[str, t.Any]:
        """Wait for the service beside an observer; add a row to the table and return the result.

        I(meanwhile) is called once, after the first read.  I(stays) are the seconds after the certain sign during which
        the wait has to continue.
        """
        to_do = [meanwhile] if meanwhile else []
        looks: list[float] = []
        began = time.monotonic()

        def sleep(seconds: float) -> None:
            nonlocal began
            looks.append(time.monotonic() - began)
            if to_do:
                to_do.pop()()
            time.sleep(seconds)
            began = time.monotonic()

        api = Api(self.account.client, CLUSTER)
        watch = Watch("lotto", Memory(deployment))
        asked = Rules(**{"timeout": TIMEOUT, "confirm": True, **rules})
        wait = Wait(api, [watch], asked, Outside(print, sleep=sleep))
        with Observer(sign) as observer:
            wait.run()
            ended = time.monotonic()
            looks.append(ended - began)
            waited, calls = wait.waited, api.total
        result = {**result_of(watch), **diagnosis(api, watch, 20)}
        assert observer.seen is not None, f"the wait ended without a sure sign: {result}"
        ROWS.append((situation, result["outcome"], result["cause"], waited, ended - observer.seen, calls))
        # the pace slows down with the time waited, by the budget of calls; some outcomes are confirmed by a second read
        pauses = 2 if result["outcome"] in NEEDS_CONFIRMATION else 1
        allowed = pauses * (SLOWEST + min(waited / 4, 1 / BUDGET)) + (pauses + 1) * max(looks)
        assert ended - observer.seen <= stays + allowed, result
        return result

    def steady(self, **more: t.Any) -> None:
        deployment = self.create(self.definition(SLEEP), **more)
        self.wait("first deployment", self.is_completed, deployment, stays=STAYS_FOR)

    def is_completed(self) -> bool:
        """Return whether the service's only deployment is completed."""
        return is_completed(self.described())


@pytest.fixture
def stage(account: Account) -> Stage:
    """A separate cluster for the test."""
    return Stage(account)


def test_steady_behind_a_load_balancer(stage: Stage) -> None:
    group = stage.target_group()
    balancers = [{"targetGroupArn": group, "containerName": "app", "containerPort": 8080}]
    deployment = stage.create(stage.definition(SERVE.format(status=200)), desired=2, loadBalancers=balancers)
    result = stage.wait("steady, 2 targets", stage.is_completed, deployment)
    assert result["outcome"] == "steady"
    assert result["counts"] == {"desired": 2, "running": 2, "pending": 0, "failed": 0}
    assert "targets 2 healthy" in result["message"]


def test_image_that_does_not_exist(stage: Stage) -> None:
    uri = stage.account.client("ecr").create_repository(repositoryName="lotto")["repository"]["repositoryUri"]
    deployment = stage.create(stage.definition(SLEEP, image=f"{uri}:nothing"))
    result = stage.wait("image does not exist", lambda: stage.stopped() >= 1, deployment)
    assert result["outcome"] == "image"
    assert "CannotPullContainerError" in result["reason"]
    assert result["stopped_tasks"][0]["kind"] == "image"


@pytest.mark.parametrize(
    ("situation", "program", "line"),
    [
        ("exits 1, no breaker", CRASH, "cannot open /etc/lotto.conf"),
        ("exits 1 after 4 s", FALL, "no broker"),
    ],
    ids=["at once", "after 4 s"],
)
def test_container_that_exits(stage: Stage, situation: str, program: str, line: str) -> None:
    deployment = stage.create(stage.definition(program))
    result = stage.wait(situation, lambda: stage.stopped() >= 3, deployment)
    assert result["outcome"] == "crash_loop"
    assert result["stopped_tasks"][0]["exit_codes"] == [1]
    assert line in result["log_lines"]
    assert "exit code 1" in result["message"]


def test_breaker_without_rollback(stage: Stage) -> None:
    deployment = stage.create(stage.definition(CRASH), deploymentConfiguration=BREAKER)
    result = stage.wait("exits 1, breaker", lambda: stage.stopped() >= 3, deployment)
    assert result["outcome"] == "crash_loop"


def test_container_killed_for_memory(stage: Stage) -> None:
    deployment = stage.create(stage.definition(EAT, memory=64))
    result = stage.wait("killed for memory", lambda: stage.stopped() >= 3, deployment)
    assert result["outcome"] == "out_of_memory"
    assert result["stopped_tasks"][0]["exit_codes"] == [137]


def test_health_path_that_answers_500(stage: Stage) -> None:
    group = stage.target_group()
    balancers = [{"targetGroupArn": group, "containerName": "app", "containerPort": 8080}]
    deployment = stage.create(stage.definition(SERVE.format(status=500)), loadBalancers=balancers)
    result = stage.wait("health path answers 500", lambda: stage.stopped() >= 3, deployment)
    assert result["outcome"] == "health_check"
    assert "health checks" in result["reason"]


def test_secret_that_is_not_there(stage: Stage) -> None:
    source = f"arn:aws:secretsmanager:ap-northeast-2:{stage.account.key}:secret:lotto-AbCdEf"
    deployment = stage.create(stage.definition(SLEEP, secrets=[{"name": "TOKEN", "valueFrom": source}]))
    result = stage.wait("secret is not there", lambda: stage.stopped() >= 1, deployment)
    assert result["outcome"] == "secrets"
    assert "can't find the specified secret" in result["reason"]


def test_breaker_with_rollback(stage: Stage) -> None:
    stage.steady(deploymentConfiguration=ROLL_BACK)
    old = primary(stage.described())
    source = f"arn:aws:secretsmanager:ap-northeast-2:{stage.account.key}:secret:lotto-AbCdEf"
    missing = [{"name": "TOKEN", "valueFrom": source}]
    deployment = stage.update(taskDefinition=stage.definition(SLEEP, secrets=missing))

    def is_back() -> bool:
        return stage.is_completed() and primary(stage.described()) == old

    result = stage.wait("breaker with rollback", is_back, deployment)
    assert (result["outcome"], result["cause"]) == ("rolled_back", "secrets")
    assert result["deployment"]["id"] == deployment
    assert result["stopped_tasks"][0]["count"] >= 3


def test_a_crash_loop_that_the_breaker_does_not_count_is_rolled_back_by_the_run(stage: Stage, playbook: Runner) -> None:
    stage.steady(deploymentConfiguration=ROLL_BACK)
    old = stage.described()["taskDefinition"]
    lotto = {"name": "lotto", "deployment_id": stage.update(taskDefinition=stage.definition(CRASH))}
    run = playbook(wait_task(services=[lotto], timeout=TIMEOUT, on_failure="circuit_breaker"))
    assert run.rc != 0
    found = run.of("Wait")["services"][0]
    assert (found["outcome"], found["cause"], found["rollback_asked"]) == ("rolled_back", "crash_loop", True), found
    assert f"This run asked ECS to roll back to {old.rpartition('/')[2]}, and it did." in run.message
    assert (stage.described()["taskDefinition"], stage.is_completed()) == (old, True)


def test_superseded_by_a_second_deployment(stage: Stage) -> None:
    stage.steady()
    second = stage.definition(SLEEP)
    # neither ECS nor the wait gives it up
    deployment = stage.update(taskDefinition=stage.definition(CRASH))
    result = stage.wait(
        "superseded",
        lambda: primary(stage.described()) != deployment,
        deployment,
        meanwhile=lambda: stage.update(taskDefinition=second),
        crash_threshold=1000,
    )
    assert result["outcome"] == "superseded"
    assert primary(stage.described()) in result["message"]


def test_deleted_during_the_wait(stage: Stage) -> None:
    group = stage.target_group()
    balancers = [{"targetGroupArn": group, "containerName": "app", "containerPort": 8080}]
    deployment = stage.create(stage.definition(SLEEP), loadBalancers=balancers, healthCheckGracePeriodSeconds=3600)
    timer = threading.Timer(3, lambda: stage.ecs.delete_service(cluster=CLUSTER, service="lotto", force=True))
    timer.start()
    result = stage.wait("deleted during the wait", lambda: stage.described()["status"] != "ACTIVE", deployment)
    timer.join()
    assert result["outcome"] == "gone"


def test_desired_count_of_zero(stage: Stage) -> None:
    stage.steady()
    deployment = stage.update(taskDefinition=stage.definition(SLEEP), desiredCount=0)
    result = stage.wait("desired 0", stage.is_completed, deployment)
    assert result["outcome"] == "steady"
    assert result["counts"]["running"] == 0


def wait_task(**options: t.Any) -> list[dict[str, t.Any]]:
    return [{"tasks": [{"name": "Wait", "magiclub.fargate.ecs_service_wait": {"cluster": CLUSTER, **options}}]}]


def test_the_module_shows_its_progress_and_ends_well(stage: Stage, playbook: Runner) -> None:
    deployment = stage.create(stage.definition(SLEEP))
    run = playbook(wait_task(services=[{"name": "lotto", "deployment_id": deployment}], timeout=TIMEOUT))
    assert run.rc == 0, run.text
    assert "  lotto: steady, 1/1 running (" in run.text
    result = run.of("Wait")
    assert (result["steady"], result["changed"]) == (True, False)
    assert result["services"][0]["deployment"]["id"] == deployment


def test_the_module_fails_with_the_cause_and_the_last_log_lines(stage: Stage, playbook: Runner) -> None:
    stage.create(stage.definition(CRASH))
    run = playbook(wait_task(services=["lotto", "hello"], timeout=TIMEOUT))
    assert run.rc != 0
    assert "lotto: its tasks start and stop again" in run.message
    assert "cannot open /etc/lotto.conf" in [line.strip() for line in run.message.splitlines()]
    assert f"hello: there is no such service in cluster {CLUSTER}" in run.message
    assert [item["outcome"] for item in run.of("Wait")["services"]] == ["crash_loop", "gone"]


def test_check_mode_looks_once_and_never_fails(stage: Stage, playbook: Runner) -> None:
    stage.create(stage.definition(CRASH), desired=1)
    run = playbook(wait_task(services=["lotto", "hello"], on_failure="rollback"), check=True)
    assert run.rc == 0, run.text
    result = run.of("Wait")
    assert result["calls"]["DescribeServices"] == 1
    assert result["steady"] is False
    assert result["services"][1]["outcome"] == "gone"


def test_asks_for_a_rollback_and_gets_it(stage: Stage, playbook: Runner) -> None:
    stage.steady()
    deployment = stage.update(taskDefinition=stage.definition(CRASH))
    lotto = {"name": "lotto", "deployment_id": deployment}
    run = playbook(wait_task(services=[lotto], timeout=TIMEOUT, on_failure="rollback"))
    result = run.of("Wait")
    assert run.rc != 0
    assert result["changed"] is True
    found = result["services"][0]
    assert (found["outcome"], found["cause"], found["rollback_asked"]) == ("rolled_back", "crash_loop", True), found
    assert stage.is_completed()


# after so many failures the local AWS waits for half a minute, long enough for a run to come first
THROTTLED_FOR_LONG = 9


@pytest.mark.parametrize(("breaker", "failures"), [(BREAKER, 3), ({}, THROTTLED_FOR_LONG)], ids=["failed", "throttled"])
def test_a_deployment_that_ecs_has_given_up_is_started_again(
    stage: Stage, playbook: Runner, breaker: dict[str, t.Any], failures: int
) -> None:
    ssm = stage.account.client("ssm")
    source = f"arn:aws:ssm:ap-northeast-2:{stage.account.key}:parameter/lotto/token"
    definition = stage.definition(SLEEP, secrets=[{"name": "TOKEN", "valueFrom": source}])
    deployment = stage.create(definition, deploymentConfiguration=breaker)
    result = stage.wait("parameter is not there", lambda: stage.stopped() >= 1, deployment)
    assert result["outcome"] == "secrets"
    with Observer(lambda: stage.stopped() >= failures and needs_restart(stage.described())) as observer:
        pass
    assert observer.seen

    wanted = {"name": "lotto", "cluster": CLUSTER, "task_definition": definition}
    deploys = {"tasks": [{"magiclub.fargate.ecs_service": wanted, "register": "deployed"}]}
    services = "{{ [{'name': 'lotto', 'deployment_id': deployed.deployment_id}] }}"
    again = playbook([deploys, *wait_task(services=services, timeout=TIMEOUT)])
    assert (again.changed, again.of("Wait")["services"][0]["outcome"]) == (1, "secrets"), again.text
    with Observer(lambda: needs_restart(stage.described())) as observer:
        pass
    assert observer.seen

    ssm.put_parameter(Name="/lotto/token", Value="right", Type="String")
    run = playbook([deploys, *wait_task(services=services, timeout=TIMEOUT)])
    # a throttled start may have been tried again before the run
    assert (run.rc, run.changed if breaker else 1) == (0, 1), run.text


def test_25_services_take_three_calls_a_poll(stage: Stage) -> None:
    names = [f"lotto-{number:02}" for number in range(25)]
    empty = stage.definition(SLEEP)
    for name in names:
        stage.create(empty, desired=0, name=name)
    stage.create(stage.definition(SLEEP), name="lotto")
    api = Api(stage.account.client, CLUSTER)
    watches = [Watch(name) for name in [*names[:24], "lotto"]]
    wait = Wait(api, watches, Rules(timeout=TIMEOUT), Outside(print))
    wait.run()
    assert [watch.verdict.outcome for watch in watches] == ["steady"] * 25
    assert api.calls["DescribeServices"] <= 3 * wait.polls


FAULTS = [
    {"service": "*", "probability": 0.3, "error": {"code": "ThrottlingException", "status": 400}},
    {"service": "*", "probability": 0.05, "reset": True},
]


@pytest.mark.parametrize(
    ("program", "outcome"), [(SLEEP, "steady"), (CRASH, "crash_loop")], ids=["steady", "crash_loop"]
)
def test_throttled_and_cut_off(stage: Stage, tmp_path: Path, program: str, outcome: str) -> None:
    deployment = stage.create(stage.definition(program))
    with microburst(stage.account.endpoint, FAULTS, tmp_path) as proxy:
        session, config = t.cast("t.Any", stage.account.session()), Config(**CLIENT_CONFIG)
        api = Api(lambda name: session.client(name, endpoint_url=proxy.endpoint, config=config), CLUSTER)
        watch = Watch("lotto", Memory(deployment))
        wait = Wait(api, [watch], Rules(timeout=TIMEOUT), Outside(print))
        wait.run()
    assert watch.verdict.outcome == outcome


class Expired(http.server.BaseHTTPRequestHandler):
    """Answer every call as AWS does for an expired session."""

    seen: t.ClassVar[collections.Counter[str]] = collections.Counter()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.seen[str(self.headers.get("X-Amz-Target"))] += 1
        message = "The security token included in the request is expired"
        body = json.dumps({"__type": "ExpiredTokenException", "message": message}).encode()
        self.send_response(400)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Keep requests out of the output."""


def test_expired_credentials_stop_the_wait_at_once(playbook: Runner) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Expired)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    try:
        run = playbook(wait_task(services=["lotto"]), env={"AWS_ENDPOINT_URL": address, "AWS_URL": address})
    finally:
        server.shutdown()
        server.server_close()
    assert run.rc != 0
    assert "The credentials have expired. Log in again" in run.message
    assert sum(Expired.seen.values()) == 1
