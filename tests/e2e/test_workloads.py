# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A service of each kind of docs/workloads.md, side by side from one inventory, in real containers.

The definitions are those of the document. The test changes only the images and their programs, the names of
hosts, because the load balancer here answers under two of its own, and the source addresses.
"""

from __future__ import annotations

import copy
import json
import time
import typing as t
import urllib.error
import urllib.request

import pytest

from tests.support import grpc, workloads
from tests.support.ansible_run import Run
from tests.support.certificate import self_signed
from tests.support.local_clock import forward
from tests.support.server import command

from .conftest import BASE, PREFIX, Platform, changing

DOMAIN, CLUSTER = "your.company.com", f"{PREFIX}-ecs"
KINDS = (
    "A gRPC server",
    "A migration first",
    "Several ports",
    "An internal service",
    "Service Connect",
    "A worker",
    "A job",
)
HOSTS = {"portal.your.company.com": "*.alb.localhost", "admin.your.company.com": "*.elb.amazonaws.com"}
DEAD_LETTERS, LOOPBACK = "failed-reports", "127.0.0.0/8"

SERVES = "200, f'{self.path} by {self.server.server_port}'"
ASKER = """
import signal, sys, time, urllib.request
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
while True:
    try:
        print("said", urllib.request.urlopen("http://ledger/accounts", timeout=3).read().decode(), flush=True)
    except OSError as error:
        print("failed", error, flush=True)
    time.sleep(0.5)
"""
WORKER = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("works on", os.environ["QUEUE_URL"], flush=True)
while True:
    time.sleep(1)
"""


def python(program: str, *arguments: t.Any) -> list[str]:
    return ["python3", "-c", program, *map(str, arguments)]


ASK_ITSELF = python("import urllib.request; urllib.request.urlopen('http://localhost:8081/health')")
PROGRAMS = {
    "quotes": python(grpc.SERVER, 50051),
    "orders": command(SERVES, [8080]),
    "portal": command(SERVES, [8080, 9090]),
    "assets": command(SERVES, [8443]),
    "rates": command(SERVES, [8081]),
    "ledger": command(SERVES, [8080]),
    "bookkeeper": python(ASKER),
    "mailer": python(WORKER),
    "report": python("print('3 reports written')"),
}
"""The program of each container in place of its image."""
MIGRATE = python("print('3 migrations applied')")
LOCKED = python("print('table is locked'); raise SystemExit(3)")


def written() -> list[dict[str, t.Any]]:
    """Return the definitions of one service of each kind, with the programs of their containers here."""
    found = workloads.definitions()
    # clients of Service Connect are deployed after the services that they call, whatever their order
    listed = [service for title in KINDS for service in reversed(found[title])]
    services = [_here(service) for service in listed if service["name"] in PROGRAMS]
    named = {one["name"]: one for one in services}
    named["rates"]["container_health_check"]["command"] = ["CMD", *ASK_ITSELF]
    named["orders"]["before"]["command"] = MIGRATE
    return services


def _here(service: dict[str, t.Any]) -> dict[str, t.Any]:
    made: dict[str, t.Any] = copy.deepcopy(service)
    for one in (made, *made.get("sidecars", [])):
        one |= {"image": BASE, "command": PROGRAMS[one["name"]]}
    for rule in made.get("rules", []):
        if "hosts" in rule:
            rule["hosts"] = [HOSTS[host] for host in rule["hosts"]]
        if "source_ips" in rule:
            rule["source_ips"] = [LOOPBACK]
    return made


def given(**changed: dict[str, t.Any]) -> tuple[str, str]:
    """Return the options of a run with all services, some with other options, or without those that are None."""
    services = [
        {key: value for key, value in {**one, **changed.get(one["name"], {})}.items() if value is not None}
        for one in written()
    ]
    variables = {
        "fargate_lotto": False,
        "fargate_domain": DOMAIN,
        "alb_https": True,
        "ecs_cluster_http_namespace": "magiclub",
        "fargate_services": services,
    }
    return "--extra-vars", json.dumps(variables)


def site(platform: Platform, *arguments: str, **changed: dict[str, t.Any]) -> Run:
    return platform.site(*arguments, *given(**changed))


def assert_empty(platform: Platform, **changed: dict[str, t.Any]) -> None:
    run = site(platform, "--check", "--extra-vars", "plan_must_be_empty=true", **changed)
    assert (run.rc, changes(run)) == (0, []), run.text


def changes(run: Run) -> list[dict[str, t.Any]]:
    planned = run.of("Read the platform and plan every layer")["layers"]["services"]["changes"]
    return t.cast("list[dict[str, t.Any]]", planned)


def eventually(look: t.Callable[[], t.Any], seconds: float = 60) -> t.Any:
    """Return the first true result of a poll, or the last one."""
    until = time.monotonic() + seconds
    while not (seen := look()) and time.monotonic() < until:
        time.sleep(0.2)
    return seen


@pytest.fixture(scope="module")
def prepared(empty_platform: Platform) -> Platform:
    """An account with the resources that a platform with HTTPS needs."""
    account = empty_platform.account
    certificate, key = self_signed(DOMAIN)
    account.client("acm").import_certificate(Certificate=certificate, PrivateKey=key)
    account.client("route53").create_hosted_zone(Name=DOMAIN, CallerReference="tests")
    return empty_platform


def test_a_queue_that_somebody_else_has_to_make_is_asked_for_before_the_first_write(prepared: Platform) -> None:
    before = len(prepared.account.writes())
    run = site(prepared)
    said = f"Service 'report': schedule.dead_letter {DEAD_LETTERS}: there is no such queue in this account and region."
    assert (run.rc, said in " ".join(run.text.split())) == (2, True), run.text
    assert changing(prepared.account.writes()[before:]) == []


@pytest.fixture(scope="module")
def everything(prepared: Platform) -> Platform:
    prepared.account.client("sqs").create_queue(QueueName=DEAD_LETTERS)
    run = site(prepared)
    assert run.rc == 0, run.text
    return prepared


def test_all_kinds_come_up_in_one_run_and_the_next_plan_is_empty(everything: Platform) -> None:
    assert_empty(everything)


def balancer_names(platform: Platform) -> tuple[str, str]:
    """Return the two names of the load balancer."""
    [balancer] = platform.account.client("elbv2").describe_load_balancers()["LoadBalancers"]
    return f"{PREFIX}-pub-alb.{platform.account.key}.alb.localhost", balancer["DNSName"].lower()


def test_a_web_application_has_a_port_and_a_container_by_host_and_path(everything: Platform) -> None:
    portal, admin = balancer_names(everything)
    asked = [(portal, "/"), (admin, "/users"), (portal, "/assets/a.css"), (portal, "/orders/7")]
    assert [everything.get(path, host=f"{host}:443").body for host, path in asked] == [
        "/ by 8080",
        "/users by 9090",
        "/assets/a.css by 8443",
        "/orders/7 by 8080",
    ]


def test_a_grpc_server_answers_a_call(everything: Platform) -> None:
    port = int(everything.account.endpoint.rpartition(":")[2])
    called = grpc.call(port, f"{balancer_names(everything)[0]}:443", "/quotes.Quotes/Get")
    assert called == grpc.Called(200, grpc.MESSAGE, "0")


def test_an_internal_service_is_found_in_cloud_map_and_answers_at_its_address(everything: Platform) -> None:
    cloud_map = everything.account.client("servicediscovery")
    [service] = [one for one in cloud_map.list_services()["Services"] if one["Name"] == "rates"]
    [instance] = cloud_map.list_instances(ServiceId=service["Id"])["Instances"]
    address = f"http://{instance['Attributes']['AWS_INSTANCE_IPV4']}:8081/rates"
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=10) as answer:
        assert answer.read() == b"/rates by 8081"


def revision(platform: Platform, service: str) -> str:
    found = platform.account.client("ecs").describe_services(cluster=CLUSTER, services=[f"{PREFIX}-{service}"])
    return str(found["services"][0]["taskDefinition"])


def lines(platform: Platform, service: str) -> list[str]:
    events = platform.account.client("logs").filter_log_events(logGroupName=f"/ecs/{PREFIX}-{service}")["events"]
    return [event["message"] for event in events]


def test_one_service_reaches_another_by_service_connect(everything: Platform) -> None:
    assert eventually(lambda: "said /accounts by 8080" in lines(everything, "bookkeeper"))


def test_what_comes_before_a_deployment_has_run_once(everything: Platform) -> None:
    assert lines(everything, "orders").count("3 migrations applied") == 1


def test_a_job_runs_at_its_time(everything: Platform) -> None:
    assert "3 reports written" not in lines(everything, "report")
    forward(everything.account.endpoint, "96h")
    assert eventually(lambda: "3 reports written" in lines(everything, "report"))


def test_a_worker_knows_its_queue_and_has_a_task_for_each_ten_messages(everything: Platform) -> None:
    sqs, ecs = (everything.account.client(name) for name in ("sqs", "ecs"))
    url = sqs.get_queue_url(QueueName=f"{PREFIX}-mailer")["QueueUrl"]
    assert f"works on https://sqs.ap-northeast-2.amazonaws.com/{everything.account.key}/{PREFIX}-mailer" in lines(
        everything, "mailer"
    )

    def tasks() -> int:
        [service] = ecs.describe_services(cluster=CLUSTER, services=[f"{PREFIX}-mailer"])["services"]
        return int(service["runningCount"])

    for number in range(25):
        sqs.send_message(QueueUrl=url, MessageBody=str(number))
    assert eventually(lambda: tasks() == 3, 120), tasks()
    assert_empty(everything)
    sqs.purge_queue(QueueUrl=url)


def test_drift_of_each_kind_is_named_and_healed_in_one_run(everything: Platform) -> None:
    account = everything.account
    elb, ecs, sqs, scheduler = (account.client(name) for name in ("elbv2", "ecs", "sqs", "scheduler"))
    groups = {one["TargetGroupName"]: one["TargetGroupArn"] for one in elb.describe_target_groups()["TargetGroups"]}
    elb.modify_target_group(TargetGroupArn=groups[f"{PREFIX}-quotes"], Matcher={"GrpcCode": "0-12"})
    elb.modify_target_group(TargetGroupArn=groups[f"{PREFIX}-portal-9090"], HealthCheckPath="/elsewhere")
    queue = sqs.get_queue_url(QueueName=f"{PREFIX}-mailer")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "30"})
    job = scheduler.get_schedule(Name=f"{PREFIX}-report")
    kept = ("Name", "ScheduleExpression", "ScheduleExpressionTimezone", "Target", "State")
    scheduler.update_schedule(**{key: job[key] for key in kept}, FlexibleTimeWindow={"Mode": "OFF"})
    [ledger] = ecs.describe_services(cluster=CLUSTER, services=[f"{PREFIX}-ledger"])["services"]
    connected = ledger["deployments"][0]["serviceConnectConfiguration"]
    connected = copy.deepcopy(connected)
    connected["services"][0] |= {
        "clientAliases": [{"dnsName": "other", "port": 81}],
        "timeout": {"idleTimeoutSeconds": 9},
    }
    ecs.update_service(cluster=CLUSTER, service=f"{PREFIX}-ledger", serviceConnectConfiguration=connected)

    run = site(everything)
    assert run.rc == 0, run.text
    paths = [(change["name"], field["path"].split(".")[:4]) for change in changes(run) for field in change["fields"]]
    named = {(name, ".".join(path)) for name, path in paths}
    assert named >= {
        (f"{PREFIX}-quotes", "health_check.matcher"),
        (f"{PREFIX}-portal-9090", "health_check.path"),
        (f"{PREFIX}-mailer", "visibility"),
        (f"{PREFIX}-report", "window"),
        (f"{PREFIX}-ledger", "service_connect.services.ledger.client_aliases"),
        (f"{PREFIX}-ledger", "service_connect.services.ledger.timeout"),
    }
    assert_empty(everything)


def test_if_what_comes_first_fails_nothing_is_deployed_and_the_next_run_tries_again(everything: Platform) -> None:
    changed = {"environment": {"LOG_LEVEL": "debug"}}
    serving = revision(everything, "orders")
    run = site(everything, "--tags", "services", orders={**changed, "before": {"command": LOCKED}})
    said = " ".join(run.text.split())
    assert f"{PREFIX}-orders was not deployed: what comes before it" in said
    assert ("ended with exit code 3" in said, "table is locked" in said) == (True, True), said
    assert (run.rc, revision(everything, "orders")) == (2, serving)
    run = site(everything, "--tags", "services", orders=changed)
    assert run.rc == 0, run.text
    assert revision(everything, "orders") != serving
    assert lines(everything, "orders").count("3 migrations applied") == 2


def test_without_service_connect_what_ecs_made_for_it_goes(everything: Platform) -> None:
    plain = {name: {"service_connect": None} for name in ("ledger", "bookkeeper")}
    run = site(everything, "--tags", "services", **plain)
    assert run.rc == 0, run.text
    named = [one["Name"] for one in everything.account.client("servicediscovery").list_services()["Services"]]
    assert [name for name in named if name.endswith("-connect")] == []
    run = site(everything, "--tags", "services", "--check", **plain)
    assert (run.rc, changes(run)) == (0, []), run.text


def test_nothing_is_left_but_what_was_there_before(everything: Platform) -> None:
    run = everything.destroy(*given())
    assert run.rc == 0, run.text
    assert everything.account.left(PREFIX) == []
    queues = everything.account.client("sqs").list_queues()["QueueUrls"]
    assert [url.rpartition("/")[2] for url in queues] == [DEAD_LETTERS]
