# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each option that moves something, switched there and back on a platform that serves: nothing is left behind.

After each run the plan has to be empty, and the account has to contain the resources of that inventory: as many
of each type and name, and no earlier rule, target, security group rule or record.
"""

from __future__ import annotations

import collections
import contextlib
import typing as t

import pytest

from tests.support.account import Account
from tests.support.certificate import self_signed
from tests.support.cloud import Cloud
from tests.support.holdings import holdings
from tests.support.no_containers import Bare

DOMAIN = "lotto.example.com"
SHOP: dict[str, t.Any] = {
    "name": "shop",
    "image": "registry.example/shop:1",
    "port": 8081,
    "rule": {"paths": ["/shop/*"]},
    "health_check": {"path": "/shop/health"},
}


def shop(**options: t.Any) -> dict[str, t.Any]:
    """Return the variables of a platform whose second service has these options, too; null removes one."""
    given = {**SHOP, **options}
    return {"fargate_services": [{key: value for key, value in given.items() if value is not None}]}


QUEUE = {"Effect": "Allow", "Action": ["sqs:ReceiveMessage"], "Resource": ["*"]}
# Several at once, because no two of a row affect the same resource.
SWITCHES: dict[str, dict[str, t.Any]] = {
    "https, NAT per zone, port, autoscaling, exec": {
        "alb_https": True,
        "fargate_domain": DOMAIN,
        "vpc_nat": "per_zone",
        **shop(port=8082, autoscaling={"min": 1, "max": 3, "cpu": 60, "requests": 100}, enable_execute_command=True),
    },
    "records, namespace, no NAT, public subnets, secrets": {
        "alb_records": [DOMAIN, "www.example.com"],
        "fargate_private_domain": "other.internal",
        "vpc_nat": "none",
        "lotto_service_options": {"smoke": None, "subnets": "public"},
        **shop(subnets="public", secrets={"TOKEN": "/shop/token"}),
    },
    "another zone, container name, task policies, ways in, Spot": {
        "vpc_zones": ["apne2-az1", "apne2-az2"],
        **shop(
            container_name="app",
            task_policies={"queue": {"Version": "2012-10-17", "Statement": [QUEUE]}},
            allow_from=["172.25.0.0/16"],
            capacity_provider_strategy=[{"capacity_provider": "FARGATE_SPOT", "weight": 1}],
        ),
    },
    # MiniStack stores neither groups nor private DNS of an interface endpoint, nor a flow log's destination
    "a third zone, no rule, gateway endpoint": {
        "vpc_zones": ["apne2-az1", "apne2-az3", "apne2-az2"],
        "vpc_gateway_endpoints": ["s3"],
        **shop(rule=None, health_check=None),
    },
    "no namespace, other rule": {
        "fargate_private_domain": "",
        **shop(rule={"paths": ["/store/*"], "hosts": ["shop.example.com"], "priority": 77}),
    },
}


@pytest.fixture(scope="module")
def one(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Bare:
    """A platform of lotto and shop, plain HTTP, with a hosted zone and a certificate available."""
    folder = tmp_path_factory.mktemp("switches")
    bare = Bare.fresh(cloud, folder)
    zone = bare.account.client("route53").create_hosted_zone(Name="example.com", CallerReference="switches")
    assert zone["HostedZone"]["Id"]
    certificate, key = self_signed("example.com")
    bare.account.client("acm").import_certificate(Certificate=certificate, PrivateKey=key)
    run = bare.site(**shop())
    assert run.rc == 0, run.text
    return bare


def test_there_and_back(one: Bare, switch: str) -> None:
    before = state(one.account)
    for options in (SWITCHES[switch], {}):
        seen = len(one.account.writes())
        run = one.site(**{**shop(), **options})
        assert run.rc == 0, run.text
        assert _taken_too_early(one.account.writes()[seen:]) == []
        again = one.site(plan_must_be_empty=True, check=True, **{**shop(), **options})
        assert again.rc == 0, again.text
    assert _differences(before, state(one.account)) == []


def test_nothing_is_left(one: Bare) -> None:
    run = one.destroy(ecr_push_force_delete=True, **shop())
    assert run.rc == 0, run.text


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "switch" in metafunc.fixturenames:
        metafunc.parametrize("switch", list(SWITCHES))


NARROWING = ("DeleteRoute", "DisassociateRouteTable", "DeleteNatGateway", "DeleteVpcEndpoints")


def _taken_too_early(writes: t.Sequence[t.Mapping[str, t.Any]]) -> list[str]:
    """Return what a run removed from the network before it had moved the services."""
    actions = [call["action"] for call in writes if call["status"] < 400]
    moved = [at for at, action in enumerate(actions) if action in ("CreateService", "UpdateService")]
    return [action for action in actions[: max(moved, default=0)] if action in NARROWING]


def _differences(before: collections.Counter[str], after: collections.Counter[str]) -> list[str]:
    gone, new = before - after, after - before
    return [*(f"- {row}" for row in sorted(gone.elements())), *(f"+ {row}" for row in sorted(new.elements()))]


def state(account: Account) -> collections.Counter[str]:
    """Return an account's resources, and the state of those without names: rules, targets, records, ingress."""
    elbv2, ec2 = account.client("elbv2"), account.client("ec2")
    groups = {
        group["TargetGroupArn"]: group["TargetGroupName"] for group in elbv2.describe_target_groups()["TargetGroups"]
    }
    sgs = {group["GroupId"]: group["GroupName"] for group in ec2.describe_security_groups()["SecurityGroups"]}
    rows: list[t.Any] = []
    for balancer in elbv2.describe_load_balancers()["LoadBalancers"]:
        rows.append(("zones", sorted(zone["ZoneName"] for zone in balancer["AvailabilityZones"])))
        for listener in elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]:
            for rule in elbv2.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]:
                to = [groups.get(action.get("TargetGroupArn", "")) for action in rule["Actions"]]
                rows.append((listener["Port"], [entry.get("PathPatternConfig") for entry in rule["Conditions"]], to))
    for group in ec2.describe_security_groups()["SecurityGroups"]:
        for rule in group["IpPermissions"]:
            sources = [sgs.get(pair["GroupId"], pair["GroupId"]) for pair in rule.get("UserIdGroupPairs", [])]
            sources += [pair["CidrIp"] for pair in rule.get("IpRanges", [])]
            rows.append((group["GroupName"], rule.get("FromPort"), sorted(sources)))
    for role in account.client("iam").list_roles()["Roles"]:
        names = account.client("iam").list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
        rows.append((role["RoleName"], sorted(names)))
    for arn, name in groups.items():
        health = elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        rows.append(
            (name, sorted(entry["Target"]["Port"] for entry in health if entry["TargetHealth"]["State"] == "healthy"))
        )
    route53 = account.client("route53")
    for zone in route53.list_hosted_zones()["HostedZones"]:
        with contextlib.suppress(KeyError):
            for record in route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]:
                rows.append((zone["Name"], record["Name"], record["Type"]))  # noqa: PERF401
    # earlier revisions stay, so that a deployment can be rolled back
    rows.extend(row for row in holdings(account.client).elements() if row[0] != "ecs_task_definition")
    return collections.Counter(map(str, rows))
