# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import copy
import datetime
import json
import pathlib

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import tone
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.refused import RefusedError
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import output, status, status_lines, stopped

from tests.checks.inventories import COLLECTION_WIDE

NOW = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)
GROUP = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/magiclub-an2p-lotto/1"
DEFINITION = "arn:aws:ecs:ap-northeast-2:123456789012:task-definition/magiclub-an2p-lotto:4"
IMAGE = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/magiclub-an2p-lotto@sha256:" + "a" * 64
NAME = "magiclub-an2p-lotto"


def minutes_ago(minutes):
    return NOW - datetime.timedelta(minutes=minutes)


def raw(**changes):
    """What AWS answers of a platform that serves."""
    deployment = {
        "id": "ecs-svc/1",
        "status": "PRIMARY",
        "rolloutState": "COMPLETED",
        "taskDefinition": DEFINITION,
        "desiredCount": 1,
        "runningCount": 1,
        "pendingCount": 0,
        "createdAt": minutes_ago(60),
    }
    service = {
        "serviceName": NAME,
        "status": "ACTIVE",
        "desiredCount": 1,
        "runningCount": 1,
        "pendingCount": 0,
        "taskDefinition": DEFINITION,
        "loadBalancers": [{"targetGroupArn": GROUP, "containerName": "lotto-api", "containerPort": 8080}],
        "deployments": [deployment],
        "events": [{"createdAt": minutes_ago(minute), "message": f"event {minute}"} for minute in range(1, 9)],
    }
    target = {"Target": {"Id": "172.25.10.7", "Port": 8080}, "TargetHealth": {"State": "healthy"}}
    return {
        "cluster": {"status": "ACTIVE", "runningTasksCount": 1},
        "cluster_name": "magiclub-an2p-ecs",
        "load_balancer": {
            "LoadBalancerName": "magiclub-an2p-pub-alb",
            "LoadBalancerArn": GROUP.replace("targetgroup/magiclub-an2p-lotto", "loadbalancer/app/lb"),
            "DNSName": "lb.example.com",
            "State": {"Code": "active"},
        },
        "load_balancer_name": "magiclub-an2p-pub-alb",
        "domain": "",
        "local_endpoint": "",
        "listeners": [{"Port": 80, "Protocol": "HTTP"}, {"Port": 443, "Protocol": "HTTPS"}],
        "certificates": [certificate(40)],
        "services": [service],
        "jobs": [],
        "missing": set(),
        "rules": {},
        "health": {GROUP: [target]},
        "task_definitions": {DEFINITION: {"containerDefinitions": [{"name": "lotto-api", "image": IMAGE}]}},
        "image_tags": {IMAGE: ["740aa0ef"]},
        "scaling": {NAME: {"min_capacity": 1, "max_capacity": 4}},
        "deployments": {
            NAME: [
                {
                    "status": "ROLLBACK_SUCCESSFUL",
                    "statusReason": "tasks failed to start",
                    "targetServiceRevisionArn": "r5",
                    "startedAt": minutes_ago(30),
                },
                {"status": "SUCCESSFUL", "targetServiceRevisionArn": "r4", "createdAt": minutes_ago(60)},
            ]
        },
        "rollouts": {},
        "revisions": {"r4": DEFINITION, "r5": DEFINITION.replace(":4", ":5")},
        "event_count": 2,
        **changes,
    }


def certificate(days, state="ISSUED", domain="lotto.example.com"):
    ends = NOW + datetime.timedelta(days=days)
    return {"CertificateArn": "arn:certificate", "DomainName": domain, "Status": state, "NotAfter": ends}


def service_with(**changes):
    found = raw()
    found["services"][0].update(changes)
    return found


def paused():
    """A service whose new version waits for an answer."""
    found = service_with(deploymentConfiguration={"strategy": "CANARY"})
    found["services"][0]["deployments"][0]["rolloutState"] = "IN_PROGRESS"
    hook = {"hookId": "h1", "status": "AWAITING_ACTION", "expiresAt": NOW, "timeoutAction": "ROLLBACK"}
    target = {"requestedProductionTrafficWeight": 0.0, "requestedTestTrafficWeight": 100.0}
    record = {
        "status": "IN_PROGRESS",
        "lifecycleStage": "POST_TEST_TRAFFIC_SHIFT",
        "lifecycleHookDetails": [hook],
        "targetServiceRevision": target,
    }
    found["rollouts"] = {NAME: record}
    return found


def test_a_deployment_that_waits_tells_stage_shares_and_until_when():
    found = status.report(paused(), NOW)
    told = (
        "CANARY, post test traffic shift, 0% of the traffic on it, 100% of the test traffic, hook h1 waits for your"
        " answer until 2026-11-22 12:00:00Z, then ECS rolls back"
    )
    answer = "                 Answer with continue.yml -e decision=continue, or -e decision=rollback"
    shown = status_lines.lines(found)
    assert shown[shown.index(f"    Strategy     {told}") + 1] == answer
    hook = {"id": "h1", "expires_at": "2026-11-22 12:00:00Z", "timeout_action": "ROLLBACK"}
    rollout = found["services"][0]["rollout"]
    assert (rollout["strategy"], rollout["stage"], rollout["hook"]) == ("CANARY", "POST_TEST_TRAFFIC_SHIFT", hook)
    assert (rollout["production_weight"], rollout["test_weight"]) == (0.0, 100.0)
    assert f"its deployment is IN_PROGRESS: {told.removeprefix('CANARY, ')}" in found["problems"][0]


def test_the_strategy_of_a_service_that_serves_is_shown():
    found = status.report(service_with(deploymentConfiguration={"strategy": "BLUE_GREEN"}), NOW)
    assert "    Strategy     BLUE_GREEN" in status_lines.lines(found)


def test_lines_of_a_platform_that_serves():
    assert status_lines.lines(status.report(raw(), NOW)) == [
        "  Address        https://lotto.example.com",
        "  Load balancer  magiclub-an2p-pub-alb active",
        "  Certificate    lotto.example.com ISSUED, 40 days left",
        "  Cluster        magiclub-an2p-ecs ACTIVE, 1 running task",
        "",
        "  magiclub-an2p-lotto  serving",
        "    Deployment   ecs-svc/1 COMPLETED, since 2026-11-22 11:00:00Z",
        "    Revision     magiclub-an2p-lotto:4",
        f"    Image        lotto-api: {IMAGE} (tag 740aa0ef)",
        "    Tasks        1 of 1 running, 0 pending",
        "    Targets      1 healthy",
        "    Autoscaling  1 to 4 tasks",
        "    Deployments  2026-11-22 11:30:00Z  ROLLBACK_SUCCESSFUL magiclub-an2p-lotto:5: tasks failed to start",
        "                 2026-11-22 11:00:00Z  SUCCESSFUL magiclub-an2p-lotto:4",
        "    Events       2026-11-22 11:59:00Z  event 1",
        "                 2026-11-22 11:58:00Z  event 2",
        "",
        "All services serve.",
    ]


def test_a_failed_first_deployment_shows_its_cause_and_that_no_version_is_left():
    found = service_with(runningCount=0)
    service = found["services"][0]
    service["deployments"][0].update(rolloutState="FAILED", runningCount=0, rolloutStateReason="tasks failed to start.")
    reason = "Health checks failed with these codes: [404]"
    unhealthy = f"(service lotto) (port 8080) is unhealthy in (target-group lotto) due to (reason {reason})."
    failed = "(service lotto) (deployment ecs-svc/1) deployment failed: tasks failed to start."
    service["events"] = [
        {"createdAt": minutes_ago(1), "message": failed},
        {"createdAt": minutes_ago(2), "message": unhealthy},
        {"createdAt": minutes_ago(10**5), "message": unhealthy.replace("404", "502")},
    ]
    found["health"] = {GROUP: []}
    found["stopped"] = {
        NAME: [
            {
                "startedBy": "ecs-svc/1",
                "stopCode": "ServiceSchedulerInitiated",
                "stoppedReason": "Task failed ELB health checks in (target-group lotto)",
            }
        ]
    }
    check = {"HealthCheckProtocol": "HTTP", "HealthCheckPath": "/healthz", "Matcher": {"HttpCode": "200"}}
    found["checks"] = {GROUP: {"TargetGroupArn": GROUP, **check}}
    found["deployments"][NAME] = [
        {
            "status": "ROLLBACK_FAILED",
            "statusReason": "No rollback candidate was found to run the rollback.",
            "targetServiceRevisionArn": "r4",
            "startedAt": minutes_ago(60),
        }
    ]
    report = status.report(found, NOW)
    assert report["problems"] == [
        f"Service {NAME} does not serve: 0 of 1 tasks run, 1 new task has failed: Task failed ELB health checks in"
        " (target-group lotto) (GET /healthz on port 8080, expected 200, got 404), its deployment is FAILED: tasks"
        " failed to start, and none has succeeded yet, so there is no version to roll back to, ECS says:"
        f" {unhealthy.rstrip('.')}."
    ]
    past = f"    Deployments  2026-11-22 11:00:00Z  FAILED {NAME}:4, and there was no version to roll back to"
    assert past in status_lines.lines(report)


def test_a_failed_container_health_check_is_not_shown_with_the_request_of_the_load_balancer():
    found = service_with(
        runningCount=0, deployments=[{"status": "PRIMARY", "rolloutState": "FAILED", "id": "ecs-svc/1"}]
    )
    stop = {"startedBy": "ecs-svc/1", "stopCode": "ServiceSchedulerInitiated"}
    found["stopped"] = {NAME: [{**stop, "stoppedReason": "Task failed container health checks"}]}
    found["checks"] = {GROUP: {"TargetGroupArn": GROUP, "HealthCheckProtocol": "HTTP", "HealthCheckPath": "/healthz"}}
    (problem,) = status.report(found, NOW)["problems"]
    assert "Task failed container health checks" in problem
    assert "/healthz" not in problem


@pytest.mark.parametrize(
    ("changes", "first", "last"),
    [
        ({}, tone.WELL, tone.WELL),
        ({"desiredCount": 0, "runningCount": 0}, tone.WRONG, tone.WRONG),
        ({"deployments": [{"status": "PRIMARY", "rolloutState": "FAILED", "id": "x"}]}, tone.DOUBT, tone.WRONG),
    ],
    ids=["serves", "does not serve", "serves, and its deployment has failed"],
)
def test_what_the_lines_of_a_service_tell(changes, first, last):
    lines = status_lines.lines(status.report(service_with(**changes), NOW))
    (service,) = [line for line in lines if line.startswith(f"  {NAME}  ")]
    assert (tone.of(service), tone.of(lines[-1])) == (first, last), lines
    assert {tone.of(line) for line in lines if line.startswith("    ")} == {""}


@pytest.mark.parametrize(("days", "told"), [(1.5, "1 day left"), (0.5, "0 days left"), (40.5, "40 days left")])
def test_one_of_a_thing_is_told_as_one(days, told):
    found = raw()
    found["certificates"][0]["NotAfter"] = NOW + datetime.timedelta(days=days)
    assert f"  Certificate    lotto.example.com ISSUED, {told}" in status_lines.lines(status.report(found, NOW))


def leading(group, *, hosts=(), paths=(), priority=10):
    """Return a listener rule as DescribeRules does."""
    conditions = [
        *([{"Field": "host-header", "HostHeaderConfig": {"Values": list(hosts)}}] if hosts else []),
        *([{"Field": "path-pattern", "PathPatternConfig": {"Values": list(paths)}}] if paths else []),
    ]
    actions = [{"Type": "forward", "TargetGroupArn": group}]
    return {"Priority": str(priority), "Conditions": conditions, "Actions": actions, "IsDefault": False}


@pytest.mark.parametrize(
    ("rule", "changes", "address"),
    [
        (leading(GROUP, paths=["/hello/*"]), {}, "https://lotto.example.com/hello/"),
        (leading(GROUP, paths=["/*"]), {}, "https://lotto.example.com/"),
        (leading(GROUP, paths=["*.png", "/app"]), {}, "https://lotto.example.com/app"),
        (leading(GROUP, hosts=["*.x.com", "api.example.com"]), {}, "https://api.example.com"),
        (
            leading(GROUP, hosts=["api.example.com"], paths=["/v1/*"]),
            {"local_endpoint": "http://127.0.0.1:4566", "listeners": [{"Port": 80, "Protocol": "HTTP"}]},
            "http://magiclub-an2p-pub-alb.123456789012.alb.localhost:4566/v1/",
        ),
        (leading("other", paths=["/*"]), {}, ""),
        (leading(GROUP, paths=["/*"]), {"load_balancer": None}, ""),
    ],
)
def test_where_a_service_answers(rule, changes, address):
    found = status.report(raw(rules={"listener": [rule]}, **changes), NOW)
    assert found["services"][0]["address"] == address
    assert (f"    Address      {address}" in status_lines.lines(found)) is bool(address)


def test_in_brief_it_says_what_serves_and_where():
    found = raw(rules={"listener": [leading(GROUP, paths=["/*"])]})
    down = {**copy.deepcopy(found["services"][0]), "serviceName": "magiclub-an2p-down", "desiredCount": 0}
    lines = status_lines.brief(status.report({**found, "services": [found["services"][0], down]}, NOW))
    assert lines == [
        f"  {NAME}  serving",
        "    at https://lotto.example.com/, by magiclub-an2p-lotto:4",
        "  magiclub-an2p-down  NOT SERVING: it is scaled to 0 tasks",
    ]
    assert [tone.of(line) for line in lines] == [tone.WELL, "", tone.WRONG]


def crashing(*tasks):
    """A service whose new version, the fifth, comes up nowhere, while the fourth serves."""
    found = raw(rules={"listener": [leading(GROUP, paths=["/*"])]}, stopped={NAME: list(tasks)})
    old = {**found["services"][0]["deployments"][0], "status": "ACTIVE"}
    new = {**old, "id": "ecs-svc/2", "status": "PRIMARY", "rolloutState": "IN_PROGRESS", "runningCount": 0}
    new["taskDefinition"] = DEFINITION.replace(":4", ":5")
    found["services"][0].update(deployments=[new, old], taskDefinition=new["taskDefinition"])
    return found


def crashed(code=1, started_by="ecs-svc/2"):
    return {
        "taskArn": "arn:task/1",
        "startedBy": started_by,
        "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
        "containers": [{"name": "lotto-api", "exitCode": code}],
    }


def test_while_one_version_takes_over_from_another_both_are_named():
    report = status.report(crashing(), NOW)
    assert status_lines.brief(report)[1] == (
        "    at https://lotto.example.com/, while magiclub-an2p-lotto:5 takes over from magiclub-an2p-lotto:4"
    )
    assert "    Revision     magiclub-an2p-lotto:5, which takes over from magiclub-an2p-lotto:4" in status_lines.lines(
        report
    )


@pytest.mark.parametrize(
    ("tasks", "told"),
    [
        pytest.param([], "", id="none"),
        pytest.param([crashed()], ", 1 new task has failed: Essential container in task exited, exit code 1", id="one"),
        pytest.param(
            [crashed(), crashed(137), crashed(137), crashed()],
            ", 4 new tasks have failed: Essential container in task exited, exit code 1 and 137",
            id="several",
        ),
        pytest.param([crashed(started_by="ecs-svc/1")], "", id="of the version before"),
        pytest.param([{**crashed(), "stopCode": "UserInitiated"}], "", id="on purpose"),
    ],
)
def test_a_deployment_whose_tasks_keep_failing_says_of_what(tasks, told):
    (problem,) = status.report(crashing(*tasks), NOW)["problems"]
    assert problem == (
        f"Service {NAME} serves, and its deployment is not done: 1 of 1 tasks run{told}, its deployment is IN_PROGRESS."
    )


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("address", "https://lotto.example.com"),
        ("load_balancer", "lb.example.com"),
        ("serving", "true"),
        ("services.lotto.revision", "magiclub-an2p-lotto:4"),
        ("services.lotto.running", "1"),
    ],
)
def test_one_value_is_its_text_alone(wanted, expected):
    known = output.outputs(status.report(raw(), NOW), "magiclub-an2p")
    assert output.value(known, wanted) == expected
    assert json.loads(output.value(known, "json")) == known


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("adress", "output 'adress' is not a value of the status. Did you mean address?"),
        (
            "x",
            "output 'x' is not a value of the status. There are address, host_header, load_balancer, cluster, serving,"
            " services.lotto.address, services.lotto.serving, services.lotto.image, services.lotto.revision,"
            " services.lotto.deployment, services.lotto.running, services.lotto.desired, and json for all.",
        ),
    ],
)
def test_a_value_that_there_is_not_is_refused(wanted, sentence):
    known = output.outputs(status.report(raw(), NOW), "magiclub-an2p")
    with pytest.raises(RefusedError) as refused:
        output.value(known, wanted)
    assert str(refused.value) == sentence


def sick_target():
    state = {"State": "unhealthy", "Reason": "Target.ResponseCodeMismatch", "Description": "codes: [500]"}
    return {"Target": {"Id": "172.25.10.7", "Port": 8080}, "TargetHealth": state}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(raw(), [], id="serving"),
        pytest.param(service_with(desiredCount=0, runningCount=0),
            [f"Service {NAME} does not serve: it is scaled to 0 tasks."], id="scaled to 0"),
        pytest.param(
            service_with(status="DRAINING"), [f"Service {NAME} does not serve: it is DRAINING."], id="draining"
        ),
        pytest.param(
            raw(health={GROUP: [sick_target()]}),
            [
                f"Service {NAME} does not serve: 1 of 1 tasks run, 1 target is not healthy"
                " (Target.ResponseCodeMismatch), its deployment is COMPLETED."
            ],
            id="unhealthy",
        ),
        pytest.param(
            raw(services=[], missing={NAME}), [f"There is no service '{NAME}'."], id="a service that is not there"
        ),
        pytest.param(raw(services=[]), ["Cluster magiclub-an2p-ecs has no services."], id="no services at all"),
        pytest.param(
            raw(services=[], cluster=None), ["Cluster magiclub-an2p-ecs is MISSING."], id="a cluster that is not there"
        ),
        pytest.param(raw(load_balancer=None, certificates=[]), ["Load balancer magiclub-an2p-pub-alb is MISSING."],
            id="a load balancer that is not there"),
        pytest.param(raw(certificates=[certificate(-3)]),
            ["The certificate of lotto.example.com ended at 2026-11-19 12:00:00Z."], id="a certificate that ended"),
        pytest.param(raw(certificates=[certificate(30, "REVOKED")]),
            ["The certificate of lotto.example.com is REVOKED."], id="a certificate that was revoked"),
    ],
)  # fmt: skip
def test_problems(found, expected):
    report = status.report(found, NOW)
    assert report["problems"] == expected
    assert status.stats(report)["fargate_result"]["outcome"] == ("unsteady" if expected else "steady")


def unused():
    return {
        "Target": {"Id": "172.25.10.7", "Port": 8080},
        "TargetHealth": {"State": "unused", "Reason": "Target.NotInUse"},
    }


AS_IT_IS = ", 1 of 1 tasks run, its deployment is COMPLETED"
NOT_USED = ", 1 of 1 tasks run, 1 target is not healthy (Target.NotInUse), its deployment is COMPLETED"
NO_RULE = "no rule of the load balancer leads to its target group magiclub-an2p-lotto"
DEFAULT_ONLY = {"arn:listener/80": [{"Priority": "default", "Conditions": [], "Actions": [{"Type": "fixed-response"}]}]}


@pytest.mark.parametrize(
    ("found", "why"),
    [
        pytest.param(raw(health={GROUP: None}), f"its target group magiclub-an2p-lotto is gone{AS_IT_IS}", id="gone"),
        pytest.param(raw(health={GROUP: [unused()]}, rules=DEFAULT_ONLY), f"{NO_RULE}{NOT_USED}", id="no rule"),
        # of a load balancer that is gone nothing is known, and that is told of it
        pytest.param(raw(health={GROUP: [unused()]}), NOT_USED[2:], id="no listener was read"),
        pytest.param(raw(rules=DEFAULT_ONLY), None, id="another load balancer's rule leads to it"),
    ],
)
def test_what_keeps_requests_from_a_service_is_named(found, why):
    expected = [f"Service {NAME} does not serve: {why}."] if why else []
    assert status.report(found, NOW)["problems"] == expected


LOGS = "logs.yml shows the log, with -e stopped=true why tasks stopped; verify.yml what a deployment lacks."
SITE = "site.yml creates what is missing; with --check --diff it only shows it."


@pytest.mark.parametrize(
    ("found", "step"),
    [
        pytest.param(raw(), "", id="serving"),
        pytest.param(raw(health={GROUP: [sick_target()]}), LOGS, id="unhealthy"),
        pytest.param(raw(health={GROUP: None}), SITE, id="no target group"),
        pytest.param(raw(health={GROUP: [unused()]}, rules=DEFAULT_ONLY), SITE, id="no rule"),
        pytest.param(raw(services=[], cluster=None), SITE, id="no cluster"),
        pytest.param(raw(load_balancer=None, certificates=[]), SITE, id="no load balancer"),
        pytest.param(raw(services=[]), SITE, id="no service"),
        pytest.param(raw(services=[], missing={NAME}), SITE, id="not this service"),
        pytest.param(
            service_with(desiredCount=0, runningCount=0),
            "scale.yml sets the number of tasks, and site.yml that of the inventory.",
            id="scaled to 0",
        ),
        pytest.param(
            service_with(status="DRAINING"),
            "It is being deleted: run site.yml when it is gone, to recreate it.",
            id="draining",
        ),
        pytest.param(
            raw(certificates=[certificate(-3)]),
            "Renew the certificate in ACM, or request one that covers the same names.",
            id="a certificate",
        ),
        pytest.param(
            raw(health={GROUP: [sick_target()]}, load_balancer=None, certificates=[]),
            f"{SITE} {LOGS}",
            id="of two kinds",
        ),
        pytest.param(
            paused(),
            "continue.yml -e decision=continue gives users the new version, -e decision=rollback keeps the previous"
            " one.",
            id="a gate",
        ),
    ],
)
def test_what_is_wrong_has_a_next_step(found, step):
    assert status.report(found, NOW)["next_step"] == step


def targets(*states):
    """Targets of the service in these states."""
    return {GROUP: [{"Target": {"Id": "172.25.10.7"}, "TargetHealth": {"State": state}} for state in states]}


def counted(desired, running, pending=0, **deployment):
    found = service_with(desiredCount=desired, runningCount=running, pendingCount=pending)
    found["services"][0]["deployments"][0].update(
        {"desiredCount": desired, "runningCount": running, "pendingCount": pending, **deployment}
    )
    return found


BACK = "ECS deployment circuit breaker: tasks failed to start."
# what it is, the service, its targets, its line, the line of its targets, the problem
SERVES = [
    ("as many as are desired", counted(2, 2), ("healthy",) * 2, "serving", "2 healthy", ""),
    ("its zones are rebalanced", counted(2, 3), ("healthy",) * 3, "serving: 3 of 2 tasks run", "3 healthy", ""),
    ("just scaled out", counted(4, 2, 2), ("healthy",) * 2, "serving: 2 of 4 tasks run, 2 more start", "2 healthy", ""),
    ("Spot took one", counted(2, 1), ("healthy", "draining"), "serving: 1 of 2 tasks run",
     "1 healthy, 1 draining (old)", ""),
    ("old ones drain", counted(2, 2), ("healthy", "healthy", "draining", "draining"), "serving",
     "2 healthy, 2 draining (old)", ""),
    ("one of two is not healthy", counted(2, 2), ("healthy", "unhealthy"),
     "serving: 1 target is not healthy (unhealthy)", "1 healthy, 1 unhealthy", ""),
    ("none is healthy", counted(2, 2), ("initial", "draining"),
     "NOT SERVING: 2 of 2 tasks run, 1 target is not healthy (initial), its deployment is COMPLETED",
     "0 healthy, 1 initial, 1 draining (old)",
     "does not serve: 2 of 2 tasks run, 1 target is not healthy (initial), its deployment is COMPLETED"),
    ("no target at all", counted(2, 0, 2), (),
     "NOT SERVING: 0 of 2 tasks run, 2 more start, its deployment is COMPLETED", "0 healthy",
     "does not serve: 0 of 2 tasks run, 2 more start, its deployment is COMPLETED"),
    ("being deployed", counted(2, 2, rolloutState="IN_PROGRESS"), ("healthy",) * 2,
     "serving: 2 of 2 tasks run, its deployment is IN_PROGRESS", "2 healthy",
     "serves, and its deployment is not done: 2 of 2 tasks run, its deployment is IN_PROGRESS"),
    (
        "its deployment failed",
        counted(2, 2, rolloutState="FAILED", rolloutStateReason=BACK),
        ("healthy",) * 2,
        "serving: 2 of 2 tasks run, its deployment is FAILED: ECS deployment circuit breaker: tasks failed to start",
        "2 healthy",
        "serves, and its deployment has failed: 2 of 2 tasks run, its deployment is FAILED: ECS deployment circuit"
        " breaker: tasks failed to start",
    ),
    ("ECS gives no state, as of blue/green", counted(2, 2, rolloutState=None), ("healthy",) * 2,
     "serving", "2 healthy", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("found", "states", "line", "of_targets", "problem"), [pytest.param(*row[1:], id=row[0]) for row in SERVES]
)
def test_a_service_serves_by_its_healthy_targets_and_its_deployment(found, states, line, of_targets, problem):
    found["health"] = targets(*states)
    report = status.report(found, NOW)
    lines = status_lines.lines(report)
    assert f"  {NAME}  {line}" in lines
    assert f"    Targets      {of_targets}" in lines
    assert report["problems"] == ([f"Service {NAME} {problem}."] if problem else [])
    assert status.stats(report)["fargate_result"]["outcome"] == ("unsteady" if problem else "steady")


def test_a_service_of_task_sets_has_its_task_definition_there():
    found = service_with(
        taskDefinition=None,
        deployments=[],
        deploymentController={"type": "EXTERNAL"},
        taskSets=[{"id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": DEFINITION, "loadBalancers": []}],
    )
    del found["services"][0]["taskDefinition"]
    (service,) = status.report(found, NOW)["services"]
    assert (service["revision"], service["images"][0]["image"]) == (DEFINITION.rpartition("/")[2], IMAGE)
    assert service["serving"]


def test_a_service_of_task_sets_without_one_is_shown_as_not_serving():
    found = service_with(deployments=[], runningCount=0, loadBalancers=[], taskSets=[])
    del found["services"][0]["taskDefinition"]
    found["containers"] = {}
    (service,) = status.report(found, NOW)["services"]
    assert (service["revision"], service["images"], service["serving"]) == ("", [], False)


@pytest.mark.parametrize(("of_the_deployment", "desired"), [(3, 3), (None, 1)])
def test_a_service_that_does_not_say_how_many_tasks_it_is_to_have(of_the_deployment, desired):
    found = raw()
    del found["services"][0]["desiredCount"]
    found["services"][0]["deployments"][0]["desiredCount"] = of_the_deployment
    (service,) = status.report(found, NOW)["services"]
    assert (service["desired"], service["serving"]) == (desired, True)


LOOPS = "(service lotto-api) is unable to consistently start tasks successfully."
NO_PLACE = "(service lotto-api) was unable to place a task. Reason: Capacity is unavailable at this time."
STEADY = "(service lotto-api) has reached a steady state."
# the events, the newest first, by minutes ago; the remark, the problem
TOLD = [
    ("it loops", [(1, LOOPS)], "", "its tasks do not stay: 1 of 1 tasks run, its deployment is COMPLETED, ECS says: "),
    ("it looped, and is steady", [(1, STEADY), (9, LOOPS)], "", ""),
    ("it loops again, listed last", [(5, STEADY), (1, LOOPS)], "", "its tasks do not stay"),
    ("an earlier deployment looped", [(90, LOOPS)], "", ""),
    ("one had no place", [(1, NO_PLACE)], f"ECS says: {NO_PLACE.rstrip('.')}", ""),
    ("all is well", [(1, "(service lotto-api) has started 1 tasks: (task 1).")], "", ""),
]


@pytest.mark.parametrize(("events", "remark", "problem"), [pytest.param(*row[1:], id=row[0]) for row in TOLD])
def test_what_ecs_said_last_of_trouble_is_shown(events, remark, problem):
    told = [{"createdAt": minutes_ago(minutes), "message": message} for minutes, message in events]
    report = status.report(service_with(events=told), NOW)
    assert report["services"][0]["remark"] == remark
    assert bool(report["problems"]) is bool(problem)
    assert problem in "".join(report["problems"])
    assert status.stats(report)["fargate_result"]["outcome"] == ("unsteady" if problem else "steady")


def test_two_deployments_without_a_state_are_one_under_way():
    found = counted(2, 2, rolloutState=None)
    found["services"][0]["deployments"] *= 2
    found["health"] = targets("healthy", "healthy")
    report = status.report(found, NOW)
    assert report["services"][0]["deployment"]["rollout_state"] == "IN_PROGRESS"
    assert len(report["problems"]) == 1


def test_every_group_of_a_service_needs_a_healthy_target():
    found = counted(1, 1)
    found["services"][0]["loadBalancers"] *= 2
    found["services"][0]["loadBalancers"][1] = {"targetGroupArn": "other", "containerName": "a", "containerPort": 1}
    found["health"] = {**targets("healthy"), "other": []}
    assert status.report(found, NOW)["services"][0]["serving"] is False


@pytest.mark.parametrize("fixture", ["service_rolling", "service_rolled_back"])
def test_real_services_that_are_rolling_or_not(fixture):
    path = pathlib.Path(__file__).parents[2] / "fixtures" / "ecs" / f"{fixture}.json"
    described = json.loads(path.read_text(encoding="utf-8"))
    service = described["services"][0] if "services" in described else described
    found = raw(services=[copy.deepcopy(service)], health={}, deployments={}, scaling={}, event_count=0)
    found["task_definitions"] = {service["taskDefinition"]: {"containerDefinitions": []}}
    report = status.report(found, NOW)
    assert report["services"][0]["revision"] == service["taskDefinition"].rpartition("/")[2]
    assert report["services"][0]["running"] == service["runningCount"]


ALONE = {"loadBalancers": []}


@pytest.mark.parametrize(
    ("checks", "problems"),
    [
        ({}, []),
        ({"1/app": "HEALTHY"}, []),
        ({"1/app": "UNHEALTHY", "2/app": "HEALTHY"}, []),
        (
            {"1/app": "UNHEALTHY"},
            [
                f"Service {NAME} does not serve: 1 of 1 tasks run, container health check of app UNHEALTHY,"
                " its deployment is COMPLETED."
            ],
        ),
    ],
)
def test_a_service_without_a_rule_serves_when_its_containers_are_healthy(checks, problems):
    found = {**service_with(**ALONE), "containers": {NAME: checks}}
    report = status.report(found, NOW)
    assert report["problems"] == problems
    assert "    Targets      none, as it has no rule" in status_lines.lines(report)


AT_0 = f"Service {NAME} does not serve: it is scaled to 0 tasks."
AT_REST = "idle: its autoscaling lets it have 0 tasks"


@pytest.mark.parametrize(
    ("changes", "bounds", "line", "problems", "last"),
    [
        pytest.param(ALONE, (0, 4), AT_REST, [], "All services serve, or are idle.", id="a worker without work"),
        pytest.param(
            ALONE, (0, 0), AT_REST, [], "All services serve, or are idle.", id="a worker with no other bounds"
        ),
        pytest.param({**ALONE, "runningCount": 1}, (0, 4), f"{AT_REST}, 1 of 0 tasks run", [],
            "All services serve, or are idle.", id="a worker whose last task ends"),
        pytest.param(ALONE, (1, 4), "NOT SERVING: it is scaled to 0 tasks", [AT_0], AT_0, id="below its bounds"),
        pytest.param(ALONE, None, "NOT SERVING: it is scaled to 0 tasks", [AT_0], AT_0, id="without autoscaling"),
        pytest.param({}, (0, 4), "NOT SERVING: it is scaled to 0 tasks", [AT_0], AT_0, id="behind a load balancer"),
        pytest.param({**ALONE, "status": "DRAINING"}, (0, 4), "NOT SERVING: it is DRAINING",
            [f"Service {NAME} does not serve: it is DRAINING."],
            f"Service {NAME} does not serve: it is DRAINING.", id="being removed"),
        pytest.param({**ALONE, "desiredCount": 1}, (0, 4), "NOT SERVING: 0 of 1 tasks run, its deployment is COMPLETED",
            [f"Service {NAME} does not serve: 0 of 1 tasks run, its deployment is COMPLETED."],
            f"Service {NAME} does not serve: 0 of 1 tasks run, its deployment is COMPLETED.",
            id="with work and no task"),
    ],
)  # fmt: skip
def test_a_worker_whose_autoscaling_lets_it_have_0_tasks_is_idle(changes, bounds, line, problems, last):
    scaling = {NAME: {"min_capacity": bounds[0], "max_capacity": bounds[1]}} if bounds else {}
    found = service_with(**{"desiredCount": 0, "runningCount": 0, **changes})
    report = status.report({**found, "health": {}, "containers": {}, "scaling": scaling}, NOW)
    assert f"  {NAME}  {line}" in status_lines.lines(report)
    assert status_lines.lines(report)[-1] == last
    assert report["problems"] == problems
    assert report["services"][0]["serving"] is False
    assert status.stats(report)["fargate_result"]["outcome"] == ("unsteady" if problems else "steady")


def test_an_idle_worker_whose_deployment_failed_is_a_problem():
    found = service_with(desiredCount=0, runningCount=0, **ALONE)
    found["services"][0]["deployments"][0]["rolloutState"] = "FAILED"
    scaling = {NAME: {"min_capacity": 0, "max_capacity": 4}}
    report = status.report({**found, "health": {}, "containers": {}, "scaling": scaling}, NOW)
    assert report["problems"] == [f"Service {NAME} does not serve: its deployment is FAILED."]


@pytest.mark.parametrize(("service", "problems"), [({}, ["Load balancer lb is MISSING."]), (ALONE, [])])
def test_a_load_balancer_is_missed_where_a_service_is_to_be_behind_it(service, problems):
    gone = {"load_balancer": None, "load_balancer_name": "lb", "listeners": [], "certificates": []}
    report = status.report({**service_with(**service), "containers": {}, **gone}, NOW)
    assert report["problems"] == problems
    assert bool(report["load_balancer"]) == bool(problems)


WILD = [certificate(40, domain="*.example.com")]
HTTP = [{"Port": 80, "Protocol": "HTTP"}]
LOCAL = "http://127.0.0.1:4566"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("https://lotto.example.com", "")),
        ({"certificates": WILD}, ("https://lb.example.com", "")),
        ({"certificates": WILD, "domain": "six.example.com"}, ("https://six.example.com", "")),
        ({"certificates": [], "listeners": HTTP, "domain": "six.example.com"}, ("http://lb.example.com", "")),
        ({"certificates": [], "listeners": [], "load_balancer": None}, ("", "")),
        (
            {"listeners": HTTP, "local_endpoint": LOCAL},
            ("http://magiclub-an2p-pub-alb.123456789012.alb.localhost:4566", ""),
        ),
        ({"local_endpoint": LOCAL}, (LOCAL, "magiclub-an2p-pub-alb.123456789012.alb.localhost:443")),
        (
            {"listeners": HTTP, "local_endpoint": "http://aws.example:4566/"},
            ("http://aws.example:4566", "magiclub-an2p-pub-alb.123456789012.alb.localhost:80"),
        ),
    ],
)
def test_address_is_one_that_answers(changes, expected):
    report = status.report(raw(**changes), NOW)
    assert (report["address"], report["host_header"]) == expected
    assert status.stats(report)["fargate_result"]["address"] == expected[0]
    header = f" with the header Host: {expected[1]}" if expected[1] else ""
    assert not expected[0] or status_lines.lines(report)[0] == f"  Address        {expected[0]}{header}"


def test_stats_name_image_revision_and_deployment():
    kept = {"image": IMAGE, "revision": "magiclub-an2p-lotto:4", "deployment": "ecs-svc/1"}
    stats = status.stats(status.report(raw(), NOW))
    assert stats["fargate_result"]["services"] == {NAME: kept}
    assert not COLLECTION_WIDE & set(stats)


def task(number, minutes, **changes):
    return {
        "taskArn": f"arn:aws:ecs:ap-northeast-2:123456789012:task/c/{number}",
        "taskDefinitionArn": DEFINITION,
        "stoppedAt": minutes_ago(minutes),
        "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
        "containers": [{"name": "lotto-api", "exitCode": 1}, {"name": "logger"}],
        **changes,
    }


def test_stopped_tasks_the_last_first_with_their_last_lines():
    tasks = stopped.newest([task(1, 30), task(2, 10), task(3, 20)], 2)
    entries = [stopped.entry(item, {"lotto-api": ["bad luck"]}) for item in tasks]
    assert [item["id"] for item in entries] == ["2", "3"]
    assert stopped.lines(entries[:1], NAME) == [
        "2026-11-22 11:50:00Z task 2 of magiclub-an2p-lotto:4: Essential container in task exited",
        "  lotto-api: exit code 1",
        "    bad luck",
        "  logger: no exit code",
    ]


def test_without_stopped_tasks_it_says_so():
    assert stopped.lines([], NAME) == [f"ECS remembers no stopped task of {NAME} (it does for about an hour)."]


OLD_GROUP = GROUP.replace("magiclub-an2p-lotto", "magiclub-an2p-old")
SERVING = f"  {NAME}  serving"


def listener_rule(priority, paths, group=GROUP, **more):
    """A rule as DescribeRules gives it."""
    config = {"PathPatternConfig": {"Values": paths}, "Field": "path-pattern", "Values": paths}
    forward = {"TargetGroups": [{"TargetGroupArn": group, "Weight": 1}]}
    return {
        "RuleArn": f"arn:rule/{priority}",
        "Priority": str(priority),
        "Conditions": [*([config] if paths else []), *more.get("conditions", [])],
        "Actions": [{"Type": "forward", "TargetGroupArn": group, "ForwardConfig": forward}],
        "IsDefault": not str(priority).isdigit(),
    }


OWN = listener_rule(11, ["/", "/api/*", "/health"])
OLD = listener_rule(1, ["/", "/api/*", "/health"], OLD_GROUP)
DEFAULT = {"Priority": "default", "Conditions": [], "Actions": [{"Type": "fixed-response"}]}
SOURCE = {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}}
ALL_TAKEN = (
    "it is behind rule 1 (/ /api/* /health to magiclub-an2p-old), which takes all its requests (Give what is at"
    " priority 1 a higher one, or remove what is in front)"
)


@pytest.mark.parametrize(
    ("listeners", "line", "problem"),
    [
        pytest.param([[OWN, DEFAULT]], SERVING, "", id="alone"),
        pytest.param(
            [[OLD, OWN, DEFAULT]],
            f"  {NAME}  NOT SERVING: {ALL_TAKEN}, 1 of 1 tasks run, its deployment is COMPLETED",
            f"Service {NAME} does not serve: {ALL_TAKEN}, 1 of 1 tasks run, its deployment is COMPLETED.",
            id="a renamed lotto, whose old rule still answers",
        ),
        pytest.param(
            [[{**listener_rule(1, ["/*"]), "Actions": [{"Type": "fixed-response"}]}, OWN]],
            f"  {NAME}  NOT SERVING: it is behind rule 1 (/* to fixed-response), which takes all its requests",
            f"Service {NAME} does not serve: ",
            id="a page of the load balancer itself",
        ),
        pytest.param(
            [[listener_rule(3, ["/api/*"], OLD_GROUP), OWN]],
            f"{SERVING}: rule 3 (/api/* to magiclub-an2p-old) in front takes /api/* of its requests (Give it a"
            " rule.priority below 3, if that is not meant)",
            "",
            id="a part is taken",
        ),
        pytest.param([[listener_rule(3, ["/api/x"], OLD_GROUP), OWN]], SERVING, "", id="a narrower one is in front"),
        pytest.param([[OLD, OWN], [OWN]], f"{SERVING}: ", "", id="another listener still forwards to it"),
        pytest.param([[{**OLD, "Conditions": [*OLD["Conditions"], SOURCE]}, OWN]], SERVING, "", id="of some senders"),
        pytest.param([[listener_rule(1, ["/"]), OWN]], SERVING, "", id="a rule of its own"),
        pytest.param(
            [[listener_rule(1, ["/*"], OLD_GROUP), listener_rule("default", [])]],
            f"  {NAME}  NOT SERVING: it is behind rule 1 (/* to magiclub-an2p-old), which takes all its requests",
            f"Service {NAME} does not serve: it is behind rule 1 (/* to magiclub-an2p-old), which takes all its",
            id="the default action forwards to it, and is never reached",
        ),
        pytest.param([[OLD, DEFAULT]], SERVING, "", id="its target group is another load balancer's"),
    ],
)
def test_a_service_serves_only_if_requests_reach_it(listeners, line, problem):
    report = status.report(raw(rules=dict(enumerate(listeners))), NOW)
    (said,) = [text for text in status_lines.lines(report) if text.startswith(f"  {NAME}  ")]
    assert said == line if line == SERVING else said.startswith(line)
    assert [text[: len(problem)] for text in report["problems"]] == ([problem] if problem else [])
    assert report["services"][0]["serving"] is not bool(problem)


def test_jobs_are_shown_and_need_no_load_balancer_and_a_failed_one_is_a_problem():
    definition = {"taskDefinitionArn": DEFINITION, "containerDefinitions": [{"name": "report", "image": "report:4"}]}
    schedule = {"Name": "magiclub-an2p-report", "ScheduleExpression": "rate(1 day)", "Target": {"Arn": "arn:cluster"}}
    failed = {
        "taskArn": "arn:task/1",
        "lastStatus": "STOPPED",
        "createdAt": minutes_ago(9),
        "stoppedAt": minutes_ago(8),
        "containers": [{"name": "report", "exitCode": 1}],
        "stoppedReason": "Essential container in task exited",
    }
    job = {"schedule": schedule, "definition": definition, "tasks": [failed], "logged": None}

    well = status.report(raw(services=[], load_balancer=None, jobs=[{**job, "tasks": []}]), NOW)
    assert (well["problems"], well["load_balancer"]) == ([], None)
    assert status_lines.lines(well)[-1] == "No service is there, and no job has failed."

    found = status.report(raw(jobs=[job]), NOW)
    assert [problem.partition(":")[0] for problem in found["problems"]] == ["Job magiclub-an2p-report has failed"]
    assert any(line.startswith("  magiclub-an2p-report  job FAILED") for line in status_lines.lines(found))
    assert status.stats(found)["fargate_result"]["services"]["magiclub-an2p-report"]["revision"] == f"{NAME}:4"
