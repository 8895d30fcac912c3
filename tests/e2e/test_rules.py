# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A service with several rules and ports, in real containers: who answers which request, and what is left."""

from __future__ import annotations

import typing as t
import urllib.error
import urllib.request

import pytest

from tests.support.ansible_run import Run
from tests.support.server import command

from .conftest import BASE, PREFIX, Platform, changing
from .shop import Users as ShopUsers

FULL = f"{PREFIX}-shop"
KNOWS = """
def answer(request, knows):
    port, asked = request.server.server_port, "admin" if "/admin/" in request.path else "shop"
    known = knows[port] in ("", asked) or not request.path.startswith("/shop")
    return 200 if known else 404, f"{request.command} by {port}"
"""
SHOP = {"paths": ["/shop", "/shop/*"]}
ADMIN = {"paths": ["/shop/admin/*"], "priority": 2, "port": 9090, "health_check": {"path": "/ready"}}
WRITES = {"paths": ["/shop/*"], "methods": ["POST"], "priority": 3, "port": 9091, "container": "writer"}
BETA = {"paths": ["/shop/*"], "headers": [{"name": "X-Beta", "values": ["1"]}], "priority": 1, "port": 9090}


def _serving(*ports: str) -> list[str]:
    knows = {int(port): known for port, _, known in (one.partition("=") for one in ports)}
    return command(f"answer(self, {knows})", knows, KNOWS)


def shop(*rules: t.Mapping[str, t.Any], ports: t.Sequence[str] = ("8080", "9090")) -> dict[str, t.Any]:
    """Return the variables of a platform with one service, which has these rules.

    I(ports) are the ports that it listens on, each with the requests that it accepts there unless it accepts all.
    """
    sidecar = {"name": "writer", "image": BASE, "command": _serving("9091"), "essential": True}
    service = {
        "name": "shop",
        "image": BASE,
        "command": _serving(*ports),
        "port": 8080,
        "rules": [dict(rule) for rule in rules],
        "sidecars": [sidecar],
        "health_check": {"path": "/", "interval": 5, "timeout": 2},
        "deregistration_delay": 1,
        "smoke": {"path": "/shop/health"},
    }
    return {"fargate_lotto": False, "fargate_services": [service]}


def ask(platform: Platform, path: str, method: str = "GET", **headers: str) -> str:
    host = f"{PREFIX}-pub-alb.{platform.account.key}.alb.localhost:80"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    asked = urllib.request.Request(f"{platform.account.endpoint}{path}", headers={"Host": host, **named}, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return str(error.code)


class Users(ShopUsers):
    """Users of both kinds of requests, with the status of failed ones."""

    def ask(self) -> None:
        for kind, path in (("shop", "/shop/x"), ("admin", "/shop/admin/x")):
            self.answers[f"{kind}: {ask(self._platform, path)}"] += 1


def changes(run: Run) -> set[tuple[str, str, str]]:
    """Return action, type and name of a run's planned changes to services."""
    planned = run.of("Read the platform and plan every layer")["layers"]["services"]["changes"]
    return {(change["action"], change["type"], change["name"]) for change in planned}


def named(platform: Platform) -> dict[str, list[str]]:
    """Return the names of the account's target groups and rules, by kind."""
    elb = platform.account.client("elbv2")
    groups = [one["TargetGroupName"] for one in elb.describe_target_groups()["TargetGroups"]]
    listeners = [
        listener["ListenerArn"]
        for balancer in elb.describe_load_balancers()["LoadBalancers"]
        for listener in elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    ]
    rules = [
        rule["RuleArn"]
        for arn in listeners
        for rule in elb.describe_rules(ListenerArn=arn)["Rules"]
        if not rule["IsDefault"]
    ]
    tags = elb.describe_tags(ResourceArns=rules)["TagDescriptions"] if rules else []
    names = [tag["Value"] for item in tags for tag in item["Tags"] if tag["Key"] == "Name"]
    return {"groups": sorted(groups), "rules": sorted(names)}


@pytest.fixture(scope="module")
def ruled(empty_platform: Platform) -> Platform:
    run = empty_platform.site(extra_vars=shop(SHOP, ADMIN, WRITES))
    assert run.rc == 0, run.text
    return empty_platform


def test_each_request_goes_to_the_port_and_the_container_of_its_rule(ruled: Platform) -> None:
    assert named(ruled) == {
        "groups": [FULL, f"{FULL}-9090", f"{FULL}-9091"],
        "rules": [FULL, f"{FULL}/2", f"{FULL}/3"],
    }
    asked = [("/shop", "GET"), ("/shop/x", "GET"), ("/shop/admin/x", "GET"), ("/shop/x", "POST"), ("/other", "GET")]
    assert [ask(ruled, path, method) for path, method in asked] == [
        "GET by 8080",
        "GET by 8080",
        "GET by 9090",
        "POST by 9091",
        "404",
    ]
    again = ruled.site("--check", extra_vars=shop(SHOP, ADMIN, WRITES))
    assert (again.rc, changes(again)) == (0, set()), again.text


def test_a_drift_of_a_rule_and_of_a_target_group_is_named_and_healed(ruled: Platform) -> None:
    elb = ruled.account.client("elbv2")
    groups = {one["TargetGroupName"]: one["TargetGroupArn"] for one in elb.describe_target_groups()["TargetGroups"]}
    [listener] = [
        one["ListenerArn"]
        for balancer in elb.describe_load_balancers()["LoadBalancers"]
        for one in elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    ]
    writes = next(one for one in elb.describe_rules(ListenerArn=listener)["Rules"] if one["Priority"] == "3")
    elb.modify_target_group(TargetGroupArn=groups[f"{FULL}-9090"], HealthCheckPath="/elsewhere")
    elb.modify_rule(
        RuleArn=writes["RuleArn"],
        Conditions=[
            {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/shop/*"]}},
            {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["PUT"]}},
            {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "1"}]}},
        ],
        Actions=[{"Type": "forward", "TargetGroupArn": groups[FULL]}],
    )
    assert ask(ruled, "/shop/x", "POST") == "POST by 8080"
    run = ruled.site("--tags", "services", extra_vars=shop(SHOP, ADMIN, WRITES))
    assert run.rc == 0, run.text
    planned = run.of("Read the platform and plan every layer")["layers"]["services"]["changes"]
    fields = {(change["name"], field["path"]) for change in planned for field in change["fields"]}
    assert fields == {
        (f"{FULL}-9090", "health_check.path"),
        (f"{FULL}/3", "methods"),
        (f"{FULL}/3", "query"),
        (f"{FULL}/3", "target_group"),
    }
    assert ask(ruled, "/shop/x", "POST") == "POST by 9091"


def test_a_rule_that_comes_first_in_the_list_changes_no_other(ruled: Platform) -> None:
    beta = {**BETA, "health_check": ADMIN["health_check"]}
    run = ruled.site("--tags", "services", extra_vars=shop(beta, SHOP, ADMIN, WRITES))
    assert run.rc == 0, run.text
    assert changes(run) == {("add", "listener_rule", f"{FULL}/4")}
    assert ask(ruled, "/shop/x", X_Beta="1") == "GET by 9090"
    assert ask(ruled, "/shop/x") == "GET by 8080"


def test_a_port_that_no_rule_leads_to_goes_once_the_service_serves_without_it(ruled: Platform) -> None:
    run = ruled.site("--tags", "services", extra_vars=shop(SHOP, ADMIN))
    assert run.rc == 0, run.text
    assert named(ruled) == {"groups": [FULL, f"{FULL}-9090"], "rules": [FULL, f"{FULL}/2"]}
    assert (ask(ruled, "/shop/x", "POST"), ask(ruled, "/shop/admin/x")) == ("POST by 8080", "GET by 9090")


def test_ports_that_rules_exchange_with_the_version_are_asked_only_for_what_they_know(ruled: Platform) -> None:
    known = ("8080=shop", "9090=admin")
    run = ruled.site("--tags", "services", extra_vars=shop(SHOP, ADMIN, ports=known))
    assert run.rc == 0, run.text
    moved = shop({**SHOP, "port": 9090}, {**ADMIN, "port": 8080}, ports=("8080=admin", "9090=shop"))
    with Users(ruled) as users:
        run = ruled.site("--tags", "services", extra_vars=moved)
    assert run.rc == 0, run.text
    expected = {"shop: GET by 8080", "admin: GET by 9090", "shop: GET by 9090", "admin: GET by 8080"}
    assert set(users.answers) == expected, users.answers
    assert not {kind for _action, kind, _name in changes(run)} & {"listener_rule", "target_group"}, changes(run)
    again = ruled.site("--check", extra_vars=moved)
    assert (again.rc, changes(again)) == (0, set()), again.text


def test_what_is_wrong_is_refused_before_anything_is_written(ruled: Platform) -> None:
    before = len(ruled.account.writes())
    shadowed = ruled.site("--tags", "services", extra_vars=shop({**SHOP, "priority": 1}, ADMIN))
    assert "no request for /shop/admin/* would reach it at priority 2" in " ".join(shadowed.text.split())
    grpc = {"paths": ["/shop.Orders/*"], "port": 50051, "protocol_version": "GRPC"}
    refused = ruled.site("--tags", "services", extra_vars=shop(SHOP, grpc))
    assert "protocol_version GRPC of port 50051 needs a listener by HTTPS" in " ".join(refused.text.split())
    assert (shadowed.rc, refused.rc) == (2, 2)
    assert changing(ruled.account.writes()[before:]) == []


def test_nothing_of_it_is_left(ruled: Platform) -> None:
    run = ruled.destroy(extra_vars={**shop(SHOP, ADMIN)})
    assert run.rc == 0, run.text
    assert named(ruled) == {"groups": [], "rules": []}
