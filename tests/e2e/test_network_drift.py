# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Network and load balancer, changed by hand in every field: the plan names each change, the run fixes it."""

from __future__ import annotations

import json
import typing as t

import pytest

from tests.support.account import Account
from tests.support.ansible_run import Runner
from tests.support.drifts import ALB, CLOSED, NETWORK_DRIFTS, Drift, Found, change, named
from tests.support.no_containers import PREFIX

DOMAIN = "lotto.example.com"
VARIABLES = {
    "fargate_region": "ap-northeast-2",
    "fargate_name_prefix": PREFIX,
    "fargate_tags": {"Project": "magiclub", "ManagedBy": "ansible", "Team": "DevOps", "Owner": "opsmaster"},
    "fargate_domain": DOMAIN,
    "alb_certificates": ["shop.example.org"],
    "vpc_zones": ["apne2-az1", "apne2-az3"],
}
LAYERS = [
    {"name": "Make the network", "include_role": {"name": "magiclub.fargate.vpc"}},
    {"name": "Make the load balancer", "include_role": {"name": "magiclub.fargate.alb"}},
    {"name": "Wait for the network", "include_role": {"name": "magiclub.fargate.vpc", "tasks_from": "ready"}},
    {"name": "Wait for the load balancer", "include_role": {"name": "magiclub.fargate.alb", "tasks_from": "ready"}},
    {"name": "Sum up", "magiclub.fargate.summary": {}},
]


class Platform(Found):
    """The resources of the roles, found by name with boto3."""

    def web_acl(self, name: str) -> str:
        seen = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": name}
        made = self.wafv2.create_web_acl(
            Name=name, Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=seen
        )
        return str(made["Summary"]["ARN"])

    def zone(self) -> str:
        return str(self.route53.list_hosted_zones()["HostedZones"][0]["Id"])

    def change_record(self, kind: str, alias: dict[str, t.Any]) -> None:
        record = {"Name": DOMAIN, "Type": kind, "AliasTarget": alias}
        changes = [{"Action": "UPSERT", "ResourceRecordSet": record}]
        self.route53.change_resource_record_sets(HostedZoneId=self.zone(), ChangeBatch={"Changes": changes})


def group_rule_removed(p: Platform) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    p.ec2.revoke_security_group_ingress(GroupId=p.group("pub-alb-sg"), IpPermissions=[rule])


def group_egress_opened(p: Platform) -> None:
    rule = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    p.ec2.authorize_security_group_egress(GroupId=p.group("pub-alb-sg"), IpPermissions=[rule])


def balancer_groups(p: Platform) -> None:
    groups = [p.group("pub-alb-sg"), p.group("default-sg")]
    p.elbv2.set_security_groups(LoadBalancerArn=p.balancer(), SecurityGroups=groups)


def redirect_weakened(p: Platform) -> None:
    config = {"Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}"}
    action = {"Type": "redirect", "Order": 1, "RedirectConfig": {**config, "StatusCode": "HTTP_302"}}
    p.elbv2.modify_listener(ListenerArn=p.listener(80), DefaultActions=[action])


def certificate_changed(p: Platform) -> None:
    other = p.acm.request_certificate(DomainName="other.example.org", ValidationMethod="DNS")["CertificateArn"]
    p.elbv2.modify_listener(ListenerArn=p.listener(443), Certificates=[{"CertificateArn": other}])


def further_certificate_added(p: Platform) -> None:
    other = p.acm.request_certificate(DomainName="third.example.org", ValidationMethod="DNS")["CertificateArn"]
    p.elbv2.add_listener_certificates(ListenerArn=p.listener(443), Certificates=[{"CertificateArn": other}])


def record_moved(p: Platform) -> None:
    elsewhere = "elsewhere-1.ap-northeast-2.elb.amazonaws.com"
    alias = {"HostedZoneId": "ZWKZPGTI48KDX", "DNSName": elsewhere, "EvaluateTargetHealth": False}
    p.change_record("A", alias)


DRIFTS: list[Drift] = [
    *NETWORK_DRIFTS,
    (lambda p: p.ec2.create_tags(Resources=[p.subnet("apps-c1")], Tags=[{"Key": "Project", "Value": "other"}]),
     change("subnet", f"{PREFIX}-apps-c1", "tags.Project")),
    (group_rule_removed, change("security_group", f"{ALB}-sg", "ingress")),
    (group_egress_opened, change("security_group", f"{ALB}-sg", "egress")),
    (lambda p: p.untag(p.group("pub-alb-sg"), "Project"), change("security_group", f"{ALB}-sg", "tags.Project")),
    (lambda p: p.elbv2.set_subnets(LoadBalancerArn=p.balancer(), Subnets=[p.subnet("pub-a1"), p.subnet("apps-c1")]),
     change("load_balancer", ALB, "subnets")),
    (balancer_groups, change("load_balancer", ALB, "security_groups")),
    (lambda p: p.set_attribute("deletion_protection.enabled", "true"),
     change("load_balancer", ALB, "deletion_protection")),
    (lambda p: p.elbv2.remove_tags(ResourceArns=[p.listener(443)], TagKeys=["ManagedBy"]),
     change("listener", f"{ALB}:443", "tags.ManagedBy")),
    (redirect_weakened, change("listener", f"{ALB}:80", "default_actions")),
    (lambda p: p.elbv2.modify_listener(ListenerArn=p.listener(443), DefaultActions=[CLOSED]),
     change("listener", f"{ALB}:443", "default_actions")),
    (lambda p: p.elbv2.modify_listener(ListenerArn=p.listener(443), SslPolicy="ELBSecurityPolicy-2016-08"),
     change("listener", f"{ALB}:443", "tls_policy")),
    (certificate_changed, change("listener", f"{ALB}:443", "certificate")),
    (further_certificate_added, change("listener", f"{ALB}:443", "certificates")),
    (lambda p: p.wafv2.associate_web_acl(WebACLArn=p.web_acl("by-hand"), ResourceArn=p.balancer()),
     change("load_balancer", ALB, "web_acl")),
    (record_moved, change("record_set", f"{DOMAIN} A", "alias")),
    (record_moved, change("record_set", f"{DOMAIN} A", "evaluate_target_health")),
]  # fmt: skip


@pytest.fixture
def platform(account: Account, playbook: Runner) -> Platform:
    """A network and an HTTPS load balancer, created by the roles."""
    made = Platform(account)
    made.route53.create_hosted_zone(Name="example.com", CallerReference=account.key)
    for name in ("*.example.com", "shop.example.org"):
        made.acm.request_certificate(DomainName=name, ValidationMethod="DNS")
    run = playbook([{"tasks": LAYERS}], extra_vars={**VARIABLES, "fargate_endpoint_url": account.endpoint})
    assert run.rc == 0, run.text
    return made


def test_every_drift_is_named_and_fixed(account: Account, playbook: Runner, platform: Platform) -> None:
    asked = {"alb_web_acl_arn": platform.web_acl("shop")}
    variables = {**VARIABLES, **asked, "fargate_endpoint_url": account.endpoint}
    for drift, _name in DRIFTS:
        drift(platform)

    check = playbook([{"tasks": LAYERS}], extra_vars=variables, check=True)
    assert check.rc == 0, check.text
    plan = check.of("Sum up")["plan"]
    assert named(plan) == {name for _drift, name in DRIFTS}
    (ingress,) = [
        entry
        for one in plan["layers"]["alb"]["changes"]
        for entry in one["fields"]
        if (one["name"], entry["path"]) == (f"{ALB}-sg", "ingress")
    ]
    assert [rule["ports"] for rule in ingress["before"]] == ["80", "8443"]

    fix = playbook([{"tasks": LAYERS}], extra_vars=variables)
    assert fix.rc == 0, fix.text
    after = playbook([{"tasks": LAYERS}], extra_vars=variables, check=True)
    assert named(after.of("Sum up")["plan"]) == set()
    has = platform.wafv2.get_web_acl_for_resource(ResourceArn=platform.balancer())["WebACL"]["ARN"]
    assert has == asked["alb_web_acl_arn"]


def test_another_layer_leaves_the_network_as_it_is(account: Account, playbook: Runner, platform: Platform) -> None:
    table = platform.route_table("pub-rt")
    platform.ec2.delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    _network, alone, network_ready, *_rest = LAYERS
    run = playbook(
        [{"tasks": [alone, network_ready]}], extra_vars={**VARIABLES, "fargate_endpoint_url": account.endpoint}
    )
    assert run.rc == 0, run.text
    (found,) = platform.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    assert "0.0.0.0/0" not in [route.get("DestinationCidrBlock") for route in found["Routes"]]


def test_an_interface_endpoint_is_made_again_where_its_subnets_change(
    account: Account, playbook: Runner, platform: Platform
) -> None:
    for zones in (VARIABLES["vpc_zones"], ["apne2-az1", "apne2-az3", "apne2-az2"]):
        variables = {**VARIABLES, "vpc_zones": zones, "vpc_interface_endpoints": ["logs"]}
        run = playbook([{"tasks": LAYERS}], extra_vars={**variables, "fargate_endpoint_url": account.endpoint})
        assert run.rc == 0, run.text
        (endpoint,) = platform.ec2.describe_vpc_endpoints()["VpcEndpoints"]
        assert len(endpoint["SubnetIds"]) == len(zones)


def test_a_plan_that_takes_out_a_zone_in_use_is_refused_as_the_run_is(
    account: Account, playbook: Runner, platform: Platform
) -> None:
    variables = {**VARIABLES, "vpc_zones": ["apne2-az1", "apne2-az2"], "fargate_endpoint_url": account.endpoint}
    for check in (True, False):
        run = playbook([{"tasks": LAYERS}], extra_vars=variables, check=check)
        assert run.rc != 0, run.text
        assert f"The network {PREFIX}-vpc can't be removed, as it holds load balancer {ALB}" in run.text


def records(platform: Platform) -> set[str]:
    listed = platform.route53.list_resource_record_sets(HostedZoneId=platform.zone())["ResourceRecordSets"]
    return {f"{record['Name'].rstrip('.')} {record['Type']}" for record in listed} - {
        "example.com NS",
        "example.com SOA",
    }


def test_a_record_of_a_type_that_is_no_longer_asked_for_goes_in_one_run(
    account: Account, playbook: Runner, platform: Platform
) -> None:
    # as a formerly dual-stack load balancer leaves it
    (balancer,) = platform.elbv2.describe_load_balancers(Names=[ALB])["LoadBalancers"]
    alias = {"HostedZoneId": balancer["CanonicalHostedZoneId"], "DNSName": balancer["DNSName"]}
    platform.change_record("AAAA", {**alias, "EvaluateTargetHealth": True})
    assert records(platform) == {f"{DOMAIN} A", f"{DOMAIN} AAAA"}
    variables = {**VARIABLES, "fargate_endpoint_url": account.endpoint}
    run = playbook([{"tasks": LAYERS}], extra_vars=variables)
    assert run.rc == 0, run.text
    assert records(platform) == {f"{DOMAIN} A"}
    after = playbook([{"tasks": LAYERS}], extra_vars=variables, check=True)
    assert named(after.of("Sum up")["plan"]) == set()


def test_the_prefix_of_access_logs_is_taken_away_in_one_run(
    account: Account, playbook: Runner, platform: Platform
) -> None:
    logged = {**VARIABLES, "alb_access_logs_bucket": "access-logs", "fargate_endpoint_url": account.endpoint}
    refused = playbook([{"tasks": LAYERS}], extra_vars=logged)
    assert "alb_access_logs_bucket access-logs: there is no such bucket." in " ".join(refused.text.split())
    assert refused.rc == 2
    s3, here = account.client("s3"), {"LocationConstraint": VARIABLES["fargate_region"]}
    s3.create_bucket(Bucket="access-logs", CreateBucketConfiguration=here)
    writes = {
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::access-logs/*",
    }
    s3.put_bucket_policy(Bucket="access-logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": [writes]}))
    for prefix in ("poc", ""):
        run = playbook([{"tasks": LAYERS}], extra_vars={**logged, "alb_access_logs_prefix": prefix})
        assert run.rc == 0, run.text
        found = platform.elbv2.describe_load_balancer_attributes(LoadBalancerArn=platform.balancer())
        attributes = {entry["Key"]: entry["Value"] for entry in found["Attributes"]}
        assert attributes.get("access_logs.s3.prefix", "") == prefix
    after = playbook([{"tasks": LAYERS}], extra_vars=logged, check=True)
    assert named(after.of("Sum up")["plan"]) == set()


def test_a_network_without_nat_gateways_does_not_wait_for_those_of_others(account: Account, playbook: Runner) -> None:
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/24")["Subnet"]["SubnetId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    # it fails, because its VPC has no internet gateway
    ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)
    variables = {**VARIABLES, "vpc_nat": "none", "vpc_interface_endpoints": ["logs"]}
    network, _alb, ready, *_rest = LAYERS
    run = playbook([{"tasks": [network, ready]}], extra_vars={**variables, "fargate_endpoint_url": account.endpoint})
    assert run.rc == 0, run.text
    states = {gateway["State"] for gateway in ec2.describe_nat_gateways()["NatGateways"]}
    assert states <= {"pending", "failed"}
