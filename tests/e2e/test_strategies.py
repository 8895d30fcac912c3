# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Release strategies with real containers: who gets which requests, when, and what is left of it."""

from __future__ import annotations

import collections
import time
import typing as t
import urllib.error
import urllib.request

import pytest

from tests.support.ansible_run import Run, finish

from .conftest import BASE, LOCAL, PREFIX, Clients, Platform

NAME = "shop"
FULL = f"{PREFIX}-{NAME}"
CLUSTER = f"{PREFIX}-ecs"
REQUESTS = 2000
SERVER = """
import http.server, os, signal, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        answer = os.environ["ANSWER"].encode()
        self.send_response(200 if self.path == "/shop/health" else int(os.environ.get("STATUS", "200")))
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
    def log_message(self, *arguments):
        pass
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
"""
GREEN = {"X-Release": "green"}
TEST = {"header": {"name": "X-Release", "values": ["green"]}}


def shop(answer: str, deployment: t.Mapping[str, t.Any] | None = None, **more: t.Any) -> dict[str, t.Any]:
    """Return the variables of a platform whose second service answers so."""
    given = {
        "name": NAME,
        "image": BASE,
        "command": ["python3", "-c", SERVER],
        "environment": {"ANSWER": answer, **more.pop("environment", {})},
        "port": 8080,
        "rule": {"paths": ["/shop", "/shop/*"]},
        "health_check": {"path": "/shop/health", "interval": 5, "timeout": 2},
        "deregistration_delay": 5,
        "deployment": deployment or {"strategy": "rolling"},
        **more,
    }
    return {"fargate_services": [given]}


def deploy(platform: Platform, variables: t.Mapping[str, t.Any], **options: t.Any) -> Run:
    return platform.site("--tags", "services", extra_vars=variables, **options)


def ask(platform: Platform, headers: t.Mapping[str, str] | None = None) -> str:
    """Return the answer to a request of a user, or what went wrong."""
    host = f"{PREFIX}-pub-alb.{platform.account.key}.alb.localhost:80"
    asked = urllib.request.Request(f"{platform.account.endpoint}/shop", headers={"Host": host, **(headers or {})})
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return f"{error.code}"
    except OSError as error:
        return repr(error)


def answers(platform: Platform, number: int, headers: t.Mapping[str, str] | None = None) -> collections.Counter[str]:
    return collections.Counter(ask(platform, headers) for _ in range(number))


class Users(Clients):
    """Users of the service; C(answers) is how often each answer came."""

    clients = 2
    pause = 0.02

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform)
        self.answers: collections.Counter[str] = collections.Counter()

    def ask(self) -> None:
        """Ask the service once."""
        self.answers[ask(self._platform)] += 1


def holdings(platform: Platform) -> dict[str, list[str]]:
    """Return what the account has of the service, by kind; a target group is the service's by either name."""
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
    """Return the newest service deployment as AWS describes it."""
    ecs = platform.account.client("ecs")
    listed = ecs.list_service_deployments(cluster=CLUSTER, service=FULL)["serviceDeployments"]
    arn = listed[0]["serviceDeploymentArn"]
    return dict(ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0])


def eventually(look: t.Callable[[], t.Any], expected: t.Any, seconds: float = 60) -> t.Any:
    until = time.monotonic() + seconds
    while (found := look()) != expected and time.monotonic() < until:
        time.sleep(0.1)
    return found


@pytest.fixture(scope="module")
def rolling(empty_platform: Platform) -> Platform:
    """A platform with one service, which rolls."""
    run = empty_platform.site("--tags", "vpc,alb,ecs_cluster,services", extra_vars=shop("one"))
    assert run.rc == 0, run.text
    assert ask(empty_platform) == "one"
    return empty_platform


SMOKE = {"path": "/shop", "that": ["response.body != 'wrong'"]}
SMOKED = {"test": TEST, "gate": "smoke"}
BLUE_GREEN = {"strategy": "blue_green", "bake_time": 0, **SMOKED}
CANARY = {"strategy": "canary", "canary": {"percent": 30.0, "bake_time": 1}, "bake_time": 1, **SMOKED}
LINEAR = {"strategy": "linear", "linear": {"percent": 40.0, "bake_time": 1}, "bake_time": 0, **SMOKED}


def test_a_service_moves_to_a_strategy_while_it_serves_and_its_new_version_is_asked_first(rolling: Platform) -> None:
    with Users(rolling) as users:
        run = deploy(rolling, shop("two", BLUE_GREEN, smoke=SMOKE))
        assert run.rc == 0, run.text
    assert set(users.answers) <= {"one", "two"}, users.answers
    assert ask(rolling) == "two"
    assert holdings(rolling) == SHIFTING
    again = deploy(rolling, shop("two", BLUE_GREEN, smoke=SMOKE), check=True)
    assert (again.rc, again.changed_tasks) == (0, []), again.text


def test_a_wrong_version_reaches_no_user(rolling: Platform) -> None:
    with Users(rolling) as users:
        run = deploy(rolling, shop("wrong", BLUE_GREEN, smoke=SMOKE))
        answered = answers(rolling, max(0, REQUESTS - sum(users.answers.values())))
    assert run.rc != 0, run.text
    assert set(users.answers + answered) == {"two"}, users.answers
    said = " ".join(run.text.split())
    assert "No user reached the new version of 'shop', and the one before serves" in said
    assert "gave a wrong answer to" in said
    assert newest(rolling)["status"] == "ROLLBACK_SUCCESSFUL"
    assert holdings(rolling) == SHIFTING


APPROVED = {**CANARY, "gate": "approval", "approval_timeout": 60}


def answer(platform: Platform, decision: str) -> Run:
    variables = {"service": NAME, "decision": decision}
    return platform.run("playbooks/continue.yml", *LOCAL, env=platform.environment, extra_vars=variables)


def test_a_run_ends_where_an_approval_is_needed_and_the_answer_has_users_get_it(rolling: Platform) -> None:
    before = ask(rolling)
    run = deploy(rolling, shop("three", APPROVED, smoke=SMOKE))
    assert run.rc == 0, run.text
    assert "waits for an answer at post test traffic shift until" in " ".join(run.text.split())
    assert answers(rolling, 50) == {before: 50}
    assert answers(rolling, 10, GREEN) == {"three": 10}
    again = deploy(rolling, shop("three", APPROVED, smoke=SMOKE))
    assert (again.rc, again.changed_tasks) == (0, []), again.text
    status = rolling.run("playbooks/status.yml", *LOCAL, env=rolling.environment, extra_vars={"service": NAME})
    assert "CANARY, post test traffic shift, 0% of the traffic on it, 100% of the test traffic" in status.text
    with Users(rolling) as users:
        continued = answer(rolling, "continue")
    assert continued.rc == 0, continued.text
    assert set(users.answers) <= {before, "three"}, users.answers
    assert answers(rolling, 50) == {"three": 50}
    twice = answer(rolling, "continue")
    assert twice.rc == 0, twice.text
    assert "waits for no answer: its last deployment was successful" in " ".join(twice.text.split())


def test_a_no_keeps_the_version_before(rolling: Platform) -> None:
    before = ask(rolling)
    run = deploy(rolling, shop("four", APPROVED, smoke=SMOKE))
    assert run.rc == 0, run.text
    back = answer(rolling, "rollback")
    assert back.rc == 0, back.text
    assert answers(rolling, 50) == {before: 50}
    late = answer(rolling, "continue")
    assert late.rc != 0
    assert "can't go on: its deployment ended as ROLLBACK_SUCCESSFUL" in " ".join(late.text.split())


def test_an_answer_that_never_comes_goes_back_by_itself(rolling: Platform) -> None:
    before = ask(rolling)
    # a minute here: the run that starts it has to be over
    run = deploy(rolling, shop("five", {**APPROVED, "approval_timeout": 20}, smoke=SMOKE))
    assert run.rc == 0, run.text
    assert eventually(lambda: newest(rolling)["status"], "ROLLBACK_SUCCESSFUL", 180) == "ROLLBACK_SUCCESSFUL"
    assert answers(rolling, 50) == {before: 50}


@pytest.mark.parametrize(
    ("deployment", "weights"), [(CANARY, (30.0,)), (LINEAR, (40.0, 80.0))], ids=["canary", "linear"]
)
def test_the_new_version_gets_the_share_of_each_stage(
    rolling: Platform, deployment: dict[str, t.Any], weights: tuple[float, ...]
) -> None:
    """Long steps, of which each is asked 2,000 times; then the alarm that nobody waits for is not needed."""
    before = ask(rolling)
    name = f"share-{deployment['strategy']}"
    kind = "canary" if "canary" in deployment else "linear"
    slow = {**deployment, kind: {**deployment[kind], "bake_time": 20}}
    process, events = rolling.run.start(
        "playbooks/site.yml",
        *LOCAL,
        "--tags",
        "services",
        env=rolling.environment,
        extra_vars=shop(name, slow, smoke=SMOKE),
    )
    for weight in weights:
        reached = eventually(
            lambda: newest(rolling)["targetServiceRevision"].get("requestedProductionTrafficWeight"), weight, 600
        )
        assert reached == weight
        found = answers(rolling, REQUESTS)
        assert set(found) == {before, name}
        assert abs(100 * found[name] / REQUESTS - weight) < 3, found
    run = finish(process, events, 1500)
    assert run.rc == 0, run.text
    assert answers(rolling, 100) == {name: 100}


def test_an_alarm_shifts_back(rolling: Platform) -> None:
    before = ask(rolling)
    watch = rolling.account.client("cloudwatch")
    over = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 1.0, "Statistic": "Sum"}
    metric = {"Namespace": "shop", "MetricName": "errors", "Period": 60, "EvaluationPeriods": 1}
    watch.put_metric_alarm(AlarmName="shop-5xx", **metric, **over)
    deployment = {**BLUE_GREEN, "bake_time": 60}
    process, events = rolling.run.start(
        "playbooks/site.yml",
        *LOCAL,
        "--tags",
        "services",
        env=rolling.environment,
        extra_vars=shop("alarmed", deployment, smoke=SMOKE, deployment_alarms=["shop-5xx"]),
    )
    assert eventually(lambda: newest(rolling).get("lifecycleStage"), "BAKE_TIME", 600) == "BAKE_TIME"
    watch.set_alarm_state(AlarmName="shop-5xx", StateValue="ALARM", StateReason="test")
    run = finish(process, events, 900)
    assert run.rc != 0
    assert "alarm shop-5xx" in " ".join(run.text.split()), run.text
    assert ask(rolling) == before


def test_a_run_that_is_killed_at_the_gate_ends_well_when_it_is_run_again(rolling: Platform) -> None:
    process, _events = rolling.run.start(
        "playbooks/site.yml",
        *LOCAL,
        "--tags",
        "services",
        env=rolling.environment,
        extra_vars=shop("killed", BLUE_GREEN, smoke=SMOKE),
    )
    stages = ("TEST_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT")
    eventually(lambda: newest(rolling).get("lifecycleStage") in stages, True, 600)
    process.kill()
    process.communicate(timeout=60)
    run = deploy(rolling, {**shop("killed", BLUE_GREEN, smoke=SMOKE), "platform_lock_break": True})
    assert run.rc == 0, run.text
    assert ask(rolling) == "killed"
    assert holdings(rolling) == SHIFTING


def test_back_to_rolling_nothing_is_left_over(rolling: Platform) -> None:
    before = ask(rolling)
    with Users(rolling) as users:
        run = deploy(rolling, shop("rolled"))
        assert run.rc == 0, run.text
    assert set(users.answers) <= {before, "rolled"}, users.answers
    assert ask(rolling) == "rolled"
    found = holdings(rolling)
    assert ({key: found[key] for key in ROLLING}, len(found["groups"])) == (ROLLING, 1)
    again = deploy(rolling, shop("rolled"), check=True)
    assert (again.rc, again.changed_tasks) == (0, []), again.text


def test_a_removal_leaves_nothing(rolling: Platform) -> None:
    run = deploy(rolling, shop("last", APPROVED, smoke=SMOKE))
    assert run.rc == 0, run.text
    gone = rolling.destroy("--tags", "services", extra_vars=shop("last", APPROVED, smoke=SMOKE))
    assert gone.rc == 0, gone.text
    assert holdings(rolling) == {"groups": [], "roles": [], "rules": [], "tasks": ["0"]}
