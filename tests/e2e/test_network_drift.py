# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Network and load balancer, changed by hand in every field: the plan names each change, the run fixes it."""

from __future__ import annotations

import json
import typing as t

import pytest

from tests.support.account import Account
from tests.support.ansible_run import Runner

PREFIX = "magiclub-an2p"
ALB = f"{PREFIX}-pub-alb"
DOMAIN = "lotto.example.com"
VARIABLES = {
    "fargate_region": "ap-northeast-2",
    "fargate_name_prefix": PREFIX,
    "fargate_tags": {"Project": "magiclub", "ManagedBy": "ansible"},
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


class Platform:
    """The resources of the roles, found by name with boto3."""

    def __init__(self, account: Account) -> None:
        self.ec2 = account.client("ec2")
        self.elbv2 = account.client("elbv2")
        self.route53 = account.client("route53")
        self.acm = account.client("acm")
        self.wafv2 = account.client("wafv2")

    def id(self, operation: str, key: str, field: str, name: str) -> str:
        response = getattr(self.ec2, operation)(Filters=[{"Name": "tag:Name", "Values": [f"{PREFIX}-{name}"]}])
        (found,) = response[key]
        return str(found[field])

    def vpc(self) -> str:
        return self.id("describe_vpcs", "Vpcs", "VpcId", "vpc")

    def subnet(self, name: str) -> str:
        return self.id("describe_subnets", "Subnets", "SubnetId", name)

    def route_table(self, name: str) -> str:
        return self.id("describe_route_tables", "RouteTables", "RouteTableId", name)

    def group(self, name: str) -> str:
        filters = [{"Name": "group-name", "Values": [name]}, {"Name": "vpc-id", "Values": [self.vpc()]}]
        (found,) = self.ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
        return str(found["GroupId"])

    def balancer(self) -> dict[str, t.Any]:
        (found,) = self.elbv2.describe_load_balancers(Names=[ALB])["LoadBalancers"]
        return t.cast("dict[str, t.Any]", found)

    def listener(self, port: int) -> str:
        listeners = self.elbv2.describe_listeners(LoadBalancerArn=self.balancer()["LoadBalancerArn"])["Listeners"]
        (arn,) = [listener["ListenerArn"] for listener in listeners if listener["Port"] == port]
        return str(arn)

    def web_acl(self, name: str) -> str:
        seen = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": name}
        made = self.wafv2.create_web_acl(
            Name=name, Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=seen
        )
        return str(made["Summary"]["ARN"])

    def zone(self) -> str:
        return str(self.route53.list_hosted_zones()["HostedZones"][0]["Id"])


def dns_hostnames(p: Platform) -> None:
    p.ec2.modify_vpc_attribute(VpcId=p.vpc(), EnableDnsHostnames={"Value": False})


def vpc_tag(p: Platform) -> None:
    p.ec2.delete_tags(Resources=[p.vpc()], Tags=[{"Key": "Project"}])


def default_group_opened(p: Platform) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    p.ec2.authorize_security_group_ingress(GroupId=p.group("default"), IpPermissions=[rule])


def subnet_public_addresses(p: Platform) -> None:
    p.ec2.modify_subnet_attribute(SubnetId=p.subnet("pub-a1"), MapPublicIpOnLaunch={"Value": True})


def subnet_tag(p: Platform) -> None:
    p.ec2.create_tags(Resources=[p.subnet("apps-c1")], Tags=[{"Key": "Project", "Value": "other"}])


def gateway_tag(p: Platform) -> None:
    gateway = p.id("describe_internet_gateways", "InternetGateways", "InternetGatewayId", "igw")
    p.ec2.delete_tags(Resources=[gateway], Tags=[{"Key": "ManagedBy"}])


def address_tag(p: Platform) -> None:
    address = p.id("describe_addresses", "Addresses", "AllocationId", "nat-eip")
    p.ec2.delete_tags(Resources=[address], Tags=[{"Key": "Project"}])


def route_replaced(p: Platform) -> None:
    gateway = p.id("describe_internet_gateways", "InternetGateways", "InternetGatewayId", "igw")
    p.ec2.replace_route(RouteTableId=p.route_table("apps-rt"), DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)


def route_added(p: Platform) -> None:
    gateway = p.id("describe_internet_gateways", "InternetGateways", "InternetGatewayId", "igw")
    p.ec2.create_route(RouteTableId=p.route_table("pub-rt"), DestinationCidrBlock="203.0.113.0/24", GatewayId=gateway)


def subnet_off_its_table(p: Platform) -> None:
    (table,) = p.ec2.describe_route_tables(RouteTableIds=[p.route_table("pub-rt")])["RouteTables"]
    association = next(a for a in table["Associations"] if a["SubnetId"] == p.subnet("pub-c1"))
    p.ec2.disassociate_route_table(AssociationId=association["RouteTableAssociationId"])


def group_rule_added(p: Platform) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443, "IpRanges": [{"CidrIp": "198.51.100.0/24"}]}
    p.ec2.authorize_security_group_ingress(GroupId=p.group(f"{ALB}-sg"), IpPermissions=[rule])


def group_rule_removed(p: Platform) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    p.ec2.revoke_security_group_ingress(GroupId=p.group(f"{ALB}-sg"), IpPermissions=[rule])


def group_egress_opened(p: Platform) -> None:
    rule = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    p.ec2.authorize_security_group_egress(GroupId=p.group(f"{ALB}-sg"), IpPermissions=[rule])


def group_tag(p: Platform) -> None:
    p.ec2.delete_tags(Resources=[p.group(f"{ALB}-sg")], Tags=[{"Key": "Project"}])


def balancer_subnets(p: Platform) -> None:
    subnets = [p.subnet("pub-a1"), p.subnet("apps-c1")]
    p.elbv2.set_subnets(LoadBalancerArn=p.balancer()["LoadBalancerArn"], Subnets=subnets)


def balancer_groups(p: Platform) -> None:
    groups = [p.group(f"{ALB}-sg"), p.group("default")]
    p.elbv2.set_security_groups(LoadBalancerArn=p.balancer()["LoadBalancerArn"], SecurityGroups=groups)


def _attribute(key: str, value: str) -> t.Callable[[Platform], None]:
    def change(p: Platform) -> None:
        p.elbv2.modify_load_balancer_attributes(
            LoadBalancerArn=p.balancer()["LoadBalancerArn"], Attributes=[{"Key": key, "Value": value}]
        )

    return change


def balancer_tag(p: Platform) -> None:
    p.elbv2.remove_tags(ResourceArns=[p.balancer()["LoadBalancerArn"]], TagKeys=["ManagedBy"])


def listener_tag(p: Platform) -> None:
    p.elbv2.remove_tags(ResourceArns=[p.listener(443)], TagKeys=["ManagedBy"])


def redirect_weakened(p: Platform) -> None:
    config = {"Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}"}
    action = {"Type": "redirect", "Order": 1, "RedirectConfig": {**config, "StatusCode": "HTTP_302"}}
    p.elbv2.modify_listener(ListenerArn=p.listener(80), DefaultActions=[action])


def answer_changed(p: Platform) -> None:
    action = {
        "Type": "fixed-response",
        "Order": 1,
        "FixedResponseConfig": {"StatusCode": "503", "ContentType": "text/plain", "MessageBody": "closed"},
    }
    p.elbv2.modify_listener(ListenerArn=p.listener(443), DefaultActions=[action])


def tls_policy_weakened(p: Platform) -> None:
    p.elbv2.modify_listener(ListenerArn=p.listener(443), SslPolicy="ELBSecurityPolicy-2016-08")


def certificate_changed(p: Platform) -> None:
    other = p.acm.request_certificate(DomainName="other.example.org", ValidationMethod="DNS")["CertificateArn"]
    p.elbv2.modify_listener(ListenerArn=p.listener(443), Certificates=[{"CertificateArn": other}])


def further_certificate_added(p: Platform) -> None:
    other = p.acm.request_certificate(DomainName="third.example.org", ValidationMethod="DNS")["CertificateArn"]
    p.elbv2.add_listener_certificates(ListenerArn=p.listener(443), Certificates=[{"CertificateArn": other}])


def web_acl_replaced(p: Platform) -> None:
    arn = p.balancer()["LoadBalancerArn"]
    p.wafv2.associate_web_acl(WebACLArn=p.web_acl("by-hand"), ResourceArn=arn)


def listener_added(p: Platform) -> None:
    answer = {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": "hello"}
    p.elbv2.create_listener(
        LoadBalancerArn=p.balancer()["LoadBalancerArn"],
        Port=8080,
        Protocol="HTTP",
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": answer}],
    )


def record_moved(p: Platform) -> None:
    record = {
        "Name": DOMAIN,
        "Type": "A",
        "AliasTarget": {
            "HostedZoneId": "ZWKZPGTI48KDX",
            "DNSName": "elsewhere-1.ap-northeast-2.elb.amazonaws.com",
            "EvaluateTargetHealth": False,
        },
    }
    changes = [{"Action": "UPSERT", "ResourceRecordSet": record}]
    p.route53.change_resource_record_sets(HostedZoneId=p.zone(), ChangeBatch={"Changes": changes})


# A manual change, and the plan's name for it: action, type, name, field.
DRIFTS: list[tuple[t.Callable[[Platform], None], tuple[str, str, str, str]]] = [
    (dns_hostnames, ("change", "vpc", f"{PREFIX}-vpc", "dns_hostnames")),
    (vpc_tag, ("change", "vpc", f"{PREFIX}-vpc", "tags.Project")),
    (default_group_opened, ("change", "security_group", f"{PREFIX}-default-sg", "ingress")),
    (subnet_public_addresses, ("change", "subnet", f"{PREFIX}-pub-a1", "public_addresses")),
    (subnet_tag, ("change", "subnet", f"{PREFIX}-apps-c1", "tags.Project")),
    (gateway_tag, ("change", "internet_gateway", f"{PREFIX}-igw", "tags.ManagedBy")),
    (address_tag, ("change", "elastic_ip", f"{PREFIX}-nat-eip", "tags.Project")),
    (route_replaced, ("change", "route_table", f"{PREFIX}-apps-rt", "routes")),
    (route_added, ("change", "route_table", f"{PREFIX}-pub-rt", "routes")),
    (subnet_off_its_table, ("change", "route_table", f"{PREFIX}-pub-rt", "subnets")),
    (group_rule_added, ("change", "security_group", f"{ALB}-sg", "ingress")),
    (group_rule_removed, ("change", "security_group", f"{ALB}-sg", "ingress")),
    (group_egress_opened, ("change", "security_group", f"{ALB}-sg", "egress")),
    (group_tag, ("change", "security_group", f"{ALB}-sg", "tags.Project")),
    (balancer_subnets, ("change", "load_balancer", ALB, "subnets")),
    (balancer_groups, ("change", "load_balancer", ALB, "security_groups")),
    (_attribute("idle_timeout.timeout_seconds", "30"), ("change", "load_balancer", ALB, "idle_timeout")),
    (
        _attribute("routing.http.drop_invalid_header_fields.enabled", "false"),
        ("change", "load_balancer", ALB, "drop_invalid_headers"),
    ),
    (_attribute("deletion_protection.enabled", "true"), ("change", "load_balancer", ALB, "deletion_protection")),
    (balancer_tag, ("change", "load_balancer", ALB, "tags.ManagedBy")),
    (listener_tag, ("change", "listener", f"{ALB}:443", "tags.ManagedBy")),
    (redirect_weakened, ("change", "listener", f"{ALB}:80", "default_actions")),
    (answer_changed, ("change", "listener", f"{ALB}:443", "default_actions")),
    (tls_policy_weakened, ("change", "listener", f"{ALB}:443", "tls_policy")),
    (certificate_changed, ("change", "listener", f"{ALB}:443", "certificate")),
    (further_certificate_added, ("change", "listener", f"{ALB}:443", "certificates")),
    (web_acl_replaced, ("change", "load_balancer", ALB, "web_acl")),
    (listener_added, ("remove", "listener", f"{ALB}:8080", "")),
    (record_moved, ("change", "record_set", f"{DOMAIN} A", "alias")),
]


def named(plan: dict[str, t.Any]) -> set[tuple[str, str, str, str]]:
    """Return action, type, name and field of each line of a plan, the field empty for an add or a removal."""
    return {
        (change["action"], change["type"], change["name"], field)
        for layer in plan["layers"].values()
        for change in layer["changes"]
        for field in [entry["path"] for entry in change["fields"]] or [""]
    }


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
    for change, _name in DRIFTS:
        change(platform)

    check = playbook([{"tasks": LAYERS}], extra_vars=variables, check=True)
    assert check.rc == 0, check.text
    expected = {name for _change, name in DRIFTS} | {
        ("change", "record_set", f"{DOMAIN} A", "evaluate_target_health"),
    }
    plan = check.of("Sum up")["plan"]
    assert named(plan) == expected
    (ingress,) = [
        entry
        for change in plan["layers"]["alb"]["changes"]
        for entry in change["fields"]
        if (change["name"], entry["path"]) == (f"{ALB}-sg", "ingress")
    ]
    assert [rule["ports"] for rule in ingress["before"]] == ["80", "8443"]

    fix = playbook([{"tasks": LAYERS}], extra_vars=variables)
    assert fix.rc == 0, fix.text
    after = playbook([{"tasks": LAYERS}], extra_vars=variables, check=True)
    assert named(after.of("Sum up")["plan"]) == set()
    has = platform.wafv2.get_web_acl_for_resource(ResourceArn=platform.balancer()["LoadBalancerArn"])["WebACL"]["ARN"]
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
    balancer = platform.balancer()
    alias = {"HostedZoneId": balancer["CanonicalHostedZoneId"], "DNSName": balancer["DNSName"]}
    record = {"Name": DOMAIN, "Type": "AAAA", "AliasTarget": {**alias, "EvaluateTargetHealth": True}}
    changes = [{"Action": "UPSERT", "ResourceRecordSet": record}]
    platform.route53.change_resource_record_sets(HostedZoneId=platform.zone(), ChangeBatch={"Changes": changes})
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
        found = platform.elbv2.describe_load_balancer_attributes(LoadBalancerArn=platform.balancer()["LoadBalancerArn"])
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
