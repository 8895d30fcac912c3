# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.vpc import (
    cidrs,
    desired,
    facts,
    found,
    holders,
    routes,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ec2 import security_group_rules as rules
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ec2 import zones
from ansible_collections.magiclub.fargate.plugins.plugin_utils.layers import defaults_of_new

P = "magiclub-an2p"
BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"
ZONE_NAMES = {"apne2-az1": "ap-northeast-2a", "apne2-az3": "ap-northeast-2c"}
INPUTS = {
    "name_prefix": P,
    "region": "ap-northeast-2",
    "tags": {"Owner": "ops"},
    **defaults_of_new("vpc"),
    "zones": ["apne2-az1", "apne2-az3"],
    "permissions_boundary": "",
}


def resources(**inputs):
    return desired.resources({**INPUTS, **inputs}, ZONE_NAMES)


def of(entries, kind):
    return {entry["name"]: entry["values"] for entry in entries if entry["type"] == kind}


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("ap-northeast-2a", "a1"), ("us-gov-west-1c", "c1"), ("apne2-az1", "a1"), ("use1-az6", "f1"), ("usgw1-az2", "b1")],
)
def test_suffix(zone, expected):
    assert zones.suffix(zone) == expected


@pytest.mark.parametrize("zone", ["", "a", "apne2", "apne2-az0", "ap-northeast-2", "apne2-az27", "us-west-2-lax-1a"])
def test_what_is_no_zone(zone):
    with pytest.raises(ValueError, match="is neither the name"):
        zones.suffix(zone)


@pytest.mark.parametrize(
    ("vpc", "tier", "zone", "expected"),
    [
        ("172.25.0.0/16", "public", "apne2-az1", "172.25.0.0/20"),
        ("172.25.0.0/16", "public", "ap-northeast-2c", "172.25.32.0/20"),
        ("172.25.0.0/16", "apps", "apne2-az1", "172.25.128.0/20"),
        ("172.25.0.0/16", "apps", "ap-northeast-2h", "172.25.240.0/20"),
        ("10.0.0.0/24", "apps", "apne2-az3", "10.0.0.160/28"),
    ],
)
def test_derived(vpc, tier, zone, expected):
    assert cidrs.derived(vpc, tier, zone) == expected


@pytest.mark.parametrize(
    ("vpc", "zone", "message"),
    [
        ("10.0.0.0/25", "apne2-az1", "No subnets can be derived from 10.0.0.0/25"),
        ("10.0.0.0/16", "apne2-az9", "No subnet can be derived for zone 'apne2-az9'"),
        ("10.0.0.0/16", "seoul", "No subnet can be derived for zone 'seoul'"),
    ],
)
def test_underivable(vpc, zone, message):
    with pytest.raises(ValueError, match=message):
        cidrs.derived(vpc, "public", zone)


@pytest.mark.parametrize(
    ("nat", "gateways", "tables"),
    [
        (
            "single",
            {f"{P}-nat": (f"{P}-pub-a1", f"{P}-nat-eip")},
            {f"{P}-apps-rt": (f"{P}-nat", [f"{P}-apps-a1", f"{P}-apps-c1"])},
        ),
        (
            "per_zone",
            {
                f"{P}-nat-a1": (f"{P}-pub-a1", f"{P}-nat-a1-eip"),
                f"{P}-nat-c1": (f"{P}-pub-c1", f"{P}-nat-c1-eip"),
            },
            {
                f"{P}-apps-a1-rt": (f"{P}-nat-a1", [f"{P}-apps-a1"]),
                f"{P}-apps-c1-rt": (f"{P}-nat-c1", [f"{P}-apps-c1"]),
            },
        ),
        ("none", {}, {f"{P}-apps-rt": (None, [f"{P}-apps-a1", f"{P}-apps-c1"])}),
    ],
)
def test_nat(nat, gateways, tables):
    made = resources(nat=nat)
    found_gateways = {name: (v["subnet"], v["elastic_ip"]) for name, v in of(made, "nat_gateway").items()}
    found_tables = {
        name: (v["routes"][0]["target"] if v["routes"] else None, v["subnets"])
        for name, v in of(made, "route_table").items()
        if "-pub-" not in name
    }
    assert found_gateways == gateways
    assert found_tables == tables
    assert set(of(made, "elastic_ip")) == {address for _subnet, address in gateways.values()}


def gateway(subnet, address=f"{P}-nat-eip"):
    """Return a NAT gateway that somebody made."""
    return {
        "type": "nat_gateway",
        "name": f"{P}-nat",
        "id": "nat-1",
        "values": {"subnet": subnet, "elastic_ip": address},
    }


@pytest.mark.parametrize(
    ("nat", "subnet", "expected"),
    [
        ("single", f"{P}-pub-a1", {f"{P}-nat": f"{P}-pub-a1"}),
        ("single", f"{P}-pub-c1", {f"{P}-nat": f"{P}-pub-c1"}),
        ("single", "subnet-of-others", {f"{P}-nat": f"{P}-pub-a1"}),
        ("per_zone", f"{P}-pub-c1", {f"{P}-nat-a1": f"{P}-pub-a1", f"{P}-nat-c1": f"{P}-pub-c1"}),
    ],
)
def test_a_nat_gateway_of_all_zones_stays_in_the_public_subnet_where_it_is(nat, subnet, expected):
    made = desired.resources({**INPUTS, "nat": nat}, ZONE_NAMES, {}, [gateway(subnet)])
    assert {name: values["subnet"] for name, values in of(made, "nat_gateway").items()} == expected


def test_an_address_of_another_name_is_taken_over_by_its_tag():
    has = gateway(f"{P}-pub-a1", "eipalloc-1")
    made = desired.resources(INPUTS, ZONE_NAMES, {}, [has])
    (said,) = compare.immutable_changes(compare.changes(made, [has]), made)
    assert said == (
        f"nat_gateway {P}-nat: AWS can't change elastic_ip from eipalloc-1 to {P}-nat-eip. Take it over with the"
        f" address that it has: give that the tag Name={P}-nat-eip, by create-tags of aws ec2, which moves no packet;"
        " or remove the nat_gateway first."
    )


def test_the_public_table_leads_to_the_internet_gateway():
    assert of(resources(), "route_table")[f"{P}-pub-rt"] == {
        "routes": [{"destination": "0.0.0.0/0", "target": f"{P}-igw"}],
        "subnets": [f"{P}-pub-a1", f"{P}-pub-c1"],
        "tags": {"Owner": "ops", "Name": f"{P}-pub-rt"},
    }


def test_given_blocks_are_taken_in_the_order_of_the_zones():
    made = of(resources(public_subnets=["172.25.7.0/24", "172.25.5.0/24"]), "subnet")
    assert {name: (v["cidr_block"], v["zone"]) for name, v in made.items()} == {
        f"{P}-pub-a1": ("172.25.7.0/24", "ap-northeast-2a"),
        f"{P}-pub-c1": ("172.25.5.0/24", "ap-northeast-2c"),
        f"{P}-apps-a1": ("172.25.128.0/20", "ap-northeast-2a"),
        f"{P}-apps-c1": ("172.25.160.0/20", "ap-northeast-2c"),
    }


def test_the_default_group_is_closed_and_everything_is_tagged():
    made = resources(gateway_endpoints=["s3"], interface_endpoints=["ecr.api"], flow_logs=True)
    assert of(made, "security_group")[f"{P}-default-sg"]["ingress"] == []
    assert of(made, "security_group")[f"{P}-default-sg"]["egress"] == []
    assert all(entry["values"]["tags"]["Owner"] == "ops" for entry in made)
    assert all(entry["name"].startswith((f"{P}-", f"/vpc/{P}-")) for entry in made)


CN = (
    "cn.com.amazonaws.cn-north-1.ecr.api",
    "com.amazonaws.cn-north-1.logs",
    "com.amazonaws.vpce.cn-north-1.vpce-svc-1",
)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (CN, {"ecr.api": CN[0], "logs": CN[1]}),
        ([], {}),
        (
            ("com.amazonaws.cn-north-1.logs", "cn.com.amazonaws.cn-north-1.logs"),
            {"logs": "com.amazonaws.cn-north-1.logs"},
        ),
        (("com.amazonaws.cn-northwest-1.logs",), {}),
    ],
)
def test_endpoint_services(names, expected):
    assert found.endpoint_services(names, "cn-north-1", ["ecr.api", "logs", "ssm"]) == expected


def test_an_endpoint_has_the_name_that_the_region_gives_its_service():
    wanted = {"gateway_endpoints": ["s3", "dynamodb"], "interface_endpoints": ["ecr.api", "ssm"]}
    made = desired.resources({**INPUTS, **wanted}, ZONE_NAMES, {"ecr.api": CN[0], "s3": "x.s3"})
    services = [values["service"] for values in of(made, "vpc_endpoint").values()]
    regular = "com.amazonaws.ap-northeast-2"
    assert services == ["x.s3", f"{regular}.dynamodb", CN[0], f"{regular}.ssm"]


def group(number, *named, egress=()):
    def permissions(ids):
        return [{"ip_protocol": "tcp", "user_id_group_pairs": [{"group_id": one}]} for one in ids]

    return {
        "group_id": f"sg-{number}",
        "group_name": f"group-{number}",
        "ip_permissions": [{"ip_protocol": "-1", "user_id_group_pairs": []}, *permissions(named)],
        "ip_permissions_egress": permissions(egress),
    }


GONE = {"sg-1": "lotto-sg", "sg-2": "hello-sg"}


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([], []),
        ([group(1, "sg-1", "sg-2"), group(2, "sg-1")], []),
        ([group(3, "sg-3", "sg-4")], []),
        ([group(3, "sg-1")], ["group-3 (sg-3) names lotto-sg (sg-1)"]),
        ([group(3, egress=["sg-2"])], ["group-3 (sg-3) names hello-sg (sg-2)"]),
        ([group(3, "sg-2", "sg-1", "sg-2")] * 2, ["group-3 (sg-3) names hello-sg (sg-2), lotto-sg (sg-1)"]),
        ([{"group_id": "sg-3", "group_name": "none"}], []),
    ],
)
def test_groups_that_name_those_that_are_to_go(groups, expected):
    assert rules.naming(groups, GONE) == expected


def test_endpoints():
    made = resources(gateway_endpoints=["s3"], interface_endpoints=["ecr.api", "logs"])
    endpoints = of(made, "vpc_endpoint")
    assert set(endpoints) == {f"{P}-s3-endpoint", f"{P}-ecr-api-endpoint", f"{P}-logs-endpoint"}
    assert endpoints[f"{P}-s3-endpoint"]["route_tables"] == [f"{P}-apps-rt", f"{P}-pub-rt"]
    assert endpoints[f"{P}-ecr-api-endpoint"]["service"] == "com.amazonaws.ap-northeast-2.ecr.api"
    assert endpoints[f"{P}-ecr-api-endpoint"]["security_groups"] == [f"{P}-endpoints-sg"]
    assert of(made, "security_group")[f"{P}-endpoints-sg"]["ingress"] == [
        {"protocol": "tcp", "ports": "443", "source": "172.25.0.0/16"}
    ]


def test_the_role_of_the_flow_log_is_bounded():
    made = of(resources(flow_logs=True, permissions_boundary=BOUNDARY), "iam_role")
    assert made[f"{P}-flow-log-role"]["permissions_boundary"] == BOUNDARY


def test_every_reference_comes_after_what_it_refers_to():
    made = resources(nat="per_zone", gateway_endpoints=["s3"], interface_endpoints=["logs"], flow_logs=True)
    order = [entry["name"] for entry in made]
    for entry in made:
        values = entry["values"]
        referred = [
            *(values.get("subnets") or []),
            *(values.get("route_tables") or []),
            *(values.get("security_groups") or []),
            *(route["target"] for route in values.get("routes") or []),
            *(values[key] for key in ("vpc", "subnet", "elastic_ip", "log_group", "role") if key in values),
        ]
        assert all(order.index(name) < order.index(entry["name"]) for name in referred), entry["name"]


@pytest.mark.parametrize(
    ("permission", "expected"),
    [
        (
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
            [{"protocol": "tcp", "ports": "443", "source": "0.0.0.0/0"}],
        ),
        (
            {
                "IpProtocol": "tcp",
                "FromPort": 80,
                "ToPort": 90,
                "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
                "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
            },
            [
                {"protocol": "tcp", "ports": "80-90", "source": "10.0.0.0/8"},
                {"protocol": "tcp", "ports": "80-90", "source": "::/0"},
            ],
        ),
        (
            {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-1"}, {"GroupId": "sg-2"}]},
            [
                {"protocol": "all", "ports": "all", "source": "sg-2"},
                {"protocol": "all", "ports": "all", "source": "web"},
            ],
        ),
        (
            {"IpProtocol": "-1", "FromPort": -1, "ToPort": -1, "PrefixListIds": [{"PrefixListId": "pl-1"}]},
            [{"protocol": "all", "ports": "all", "source": "pl-1"}],
        ),
    ],
)
def test_rules_shown(permission, expected):
    assert rules.shown([permission], {"sg-1": "web"}) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (
            {"protocol": "tcp", "ports": "443", "source": "0.0.0.0/0"},
            {"proto": "tcp", "from_port": 443, "to_port": 443, "cidr_ip": "0.0.0.0/0"},
        ),
        (
            {"protocol": "udp", "ports": "80-90", "source": "::/0"},
            {"proto": "udp", "from_port": 80, "to_port": 90, "cidr_ipv6": "::/0"},
        ),
        (
            {"protocol": "all", "ports": "all", "source": "web"},
            {"proto": "all", "from_port": -1, "to_port": -1, "group_id": "sg-1"},
        ),
        (
            {"protocol": "all", "ports": "all", "source": "sg-9"},
            {"proto": "all", "from_port": -1, "to_port": -1, "group_id": "sg-9"},
        ),
        (
            {"protocol": "tcp", "ports": "443", "source": "pl-1"},
            {"proto": "tcp", "from_port": 443, "to_port": 443, "ip_prefix": "pl-1"},
        ),
    ],
)
def test_rules_as_arguments(rule, expected):
    assert rules.arguments([rule], {"web": "sg-1"}) == [expected]


def tagged(name, **more):
    return {"Tags": [{"Key": "Name", "Value": name}], **more}


RAW = {
    "zones": [
        {"ZoneName": "ap-northeast-2a", "ZoneId": "apne2-az1", "OptInStatus": "opt-in-not-required"},
        {"ZoneName": "ap-northeast-2c", "ZoneId": "apne2-az3", "OptInStatus": "opt-in-not-required"},
        {"ZoneName": "ap-northeast-2-wl1-x", "ZoneId": "apne2-wl1-az1", "OptInStatus": "not-opted-in"},
    ],
    "vpc": tagged(f"{P}-vpc", VpcId="vpc-1", CidrBlock="172.25.0.0/16"),
    "dns_support": True,
    "dns_hostnames": False,
    "addresses": [
        tagged(f"{P}-nat-eip", AllocationId="eipalloc-1", PublicIp="198.51.100.1"),
        tagged(f"{P}-blue-nat-eip", AllocationId="eipalloc-2", PublicIp="198.51.100.2"),
    ],
    "internet_gateways": [tagged(f"{P}-igw", InternetGatewayId="igw-1", Attachments=[{"VpcId": "vpc-1"}])],
    "subnets": [
        tagged(f"{P}-pub-a1", SubnetId="subnet-1", CidrBlock="172.25.0.0/20", AvailabilityZone="ap-northeast-2a"),
        tagged("theirs", SubnetId="subnet-2", CidrBlock="172.25.64.0/20", AvailabilityZone="ap-northeast-2a"),
        {"SubnetId": "subnet-3", "CidrBlock": "172.25.80.0/20", "AvailabilityZone": "ap-northeast-2a"},
    ],
    "nat_gateways": [
        tagged(
            f"{P}-nat",
            NatGatewayId="nat-1",
            SubnetId="subnet-1",
            State="pending",
            NatGatewayAddresses=[{"AllocationId": "eipalloc-1"}],
        )
    ],
    "route_tables": [
        tagged(
            f"{P}-pub-rt",
            RouteTableId="rtb-1",
            Routes=[
                {"DestinationCidrBlock": "172.25.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable"},
                {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "Origin": "CreateRoute"},
                {
                    "DestinationCidrBlock": "10.0.0.0/8",
                    "VpcPeeringConnectionId": "pcx-1",
                    "Origin": "CreateRoute",
                    "State": "blackhole",
                },
                {"DestinationPrefixListId": "pl-1", "GatewayId": "vpce-1", "Origin": "CreateRoute"},
                {"DestinationCidrBlock": "10.1.0.0/16", "GatewayId": "vgw-1", "Origin": "EnableVgwRoutePropagation"},
            ],
            Associations=[{"SubnetId": "subnet-1"}, {"SubnetId": "subnet-9"}, {"Main": False}],
        )
    ],
    "security_groups": [
        {"GroupId": "sg-1", "GroupName": "default", "IpPermissions": [], "IpPermissionsEgress": []},
        tagged(f"{P}-pub-alb-sg", GroupId="sg-2", GroupName=f"{P}-pub-alb-sg", IpPermissions=[]),
    ],
    "vpc_endpoints": [
        tagged(
            f"{P}-s3-endpoint",
            VpcEndpointId="vpce-1",
            VpcEndpointType="Gateway",
            ServiceName="com.amazonaws.ap-northeast-2.s3",
            State="available",
            RouteTableIds=["rtb-1"],
        ),
        tagged(
            f"{P}-logs-endpoint",
            VpcEndpointId="vpce-2",
            VpcEndpointType="Interface",
            ServiceName="com.amazonaws.ap-northeast-2.logs",
            State="pending",
            SubnetIds=["subnet-1"],
            Groups=[{"GroupId": "sg-2"}],
            PrivateDnsEnabled=True,
        ),
        tagged(f"{P}-old-endpoint", VpcEndpointId="vpce-3", State="Deleting"),
    ],
    "flow_logs": [
        tagged(
            f"{P}-flow-log",
            FlowLogId="fl-1",
            ResourceId="vpc-1",
            TrafficType="ALL",
            LogGroupName=f"/vpc/{P}-flow-log",
            DeliverLogsPermissionArn=f"arn:aws:iam::1:role/{P}-flow-log-role",
        )
    ],
    "log_groups": [{"logGroupName": f"/vpc/{P}-flow-log", "arn": "arn:lg", "retentionInDays": 30, "tags": {}}],
    "role": {
        "RoleName": f"{P}-flow-log-role",
        "Arn": "arn:role",
        "AssumeRolePolicyDocument": "%7B%22Version%22%3A%222012-10-17%22%7D",
        "InlinePolicies": {"write-logs": {"Version": "2012-10-17"}},
        "PermissionsBoundary": {"PermissionsBoundaryArn": BOUNDARY},
    },
}
FOUND = {(entry["type"], entry["name"]): entry for entry in found.resources(RAW, P)}


def test_a_nat_gateway_of_the_region_is_in_no_subnet():
    regional = {"State": "available", "VpcId": "vpc-1", "AvailabilityMode": "regional", "RouteTableId": "rtb-9"}
    gateway = tagged(f"{P}-nat", NatGatewayId="nat-3", NatGatewayAddresses=[{"AllocationId": "eipalloc-1"}], **regional)
    there = found.resources({**RAW, "nat_gateways": [gateway]}, P)
    (entry,) = (one for one in there if one["type"] == "nat_gateway")
    assert (entry["id"], entry["values"]["subnet"]) == ("nat-3", "(none, it is of the region)")


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("vpc", f"{P}-vpc", {"cidr_block": "172.25.0.0/16", "dns_support": True, "dns_hostnames": False}),
        ("elastic_ip", f"{P}-nat-eip", {"public_ip": "198.51.100.1"}),
        ("internet_gateway", f"{P}-igw", {"vpc": f"{P}-vpc"}),
        ("nat_gateway", f"{P}-nat", {"subnet": f"{P}-pub-a1", "elastic_ip": f"{P}-nat-eip"}),
        (
            "route_table",
            f"{P}-pub-rt",
            {
                "routes": [
                    {"destination": "0.0.0.0/0", "target": f"{P}-igw"},
                    {"destination": "10.0.0.0/8", "target": "pcx-1 (blackhole)"},
                ],
                "subnets": [f"{P}-pub-a1", "subnet-9"],
            },
        ),
        ("security_group", f"{P}-default-sg", {"ingress": [], "egress": []}),
        (
            "vpc_endpoint",
            f"{P}-s3-endpoint",
            {
                "service": "com.amazonaws.ap-northeast-2.s3",
                "endpoint_type": "Gateway",
                "route_tables": [f"{P}-pub-rt"],
            },
        ),
        (
            "vpc_endpoint",
            f"{P}-logs-endpoint",
            {
                "service": "com.amazonaws.ap-northeast-2.logs",
                "endpoint_type": "Interface",
                "subnets": [f"{P}-pub-a1"],
                "security_groups": [f"{P}-pub-alb-sg"],
                "private_dns": True,
            },
        ),
        (
            "flow_log",
            f"{P}-flow-log",
            {"vpc": f"{P}-vpc", "traffic": "ALL", "log_group": f"/vpc/{P}-flow-log", "role": f"{P}-flow-log-role"},
        ),
        ("log_group", f"/vpc/{P}-flow-log", {"retention": 30}),
        (
            "iam_role",
            f"{P}-flow-log-role",
            {
                "trust_policy": {"Version": "2012-10-17", "Statement": []},
                "inline_policies": {"write-logs": {"Version": "2012-10-17", "Statement": []}},
                "managed_policies": [],
                "permissions_boundary": BOUNDARY,
            },
        ),
    ],
)
def test_found(kind, name, expected):
    values = FOUND[kind, name]["values"]
    assert {key: value for key, value in values.items() if key != "tags"} == expected


def test_what_bears_no_name_of_ours_is_left_alone():
    names = {name for _kind, name in FOUND}
    assert not names & {"theirs", "", f"{P}-blue-nat-eip", f"{P}-pub-alb-sg", f"{P}-old-endpoint"}


ALB = "arn:aws:elasticloadbalancing:ap-northeast-2:1:loadbalancer/app/shared/50dc"


def interface(description, **more):
    return {"NetworkInterfaceId": "eni-1", "SubnetId": "subnet-1", "Description": description, "OwnerId": "1", **more}


@pytest.mark.parametrize(
    ("inside", "texts"),
    [
        pytest.param({"subnets": RAW["subnets"]}, ["subnet theirs (subnet-2)", "subnet subnet-3"], id="subnets"),
        pytest.param(
            {"security_groups": RAW["security_groups"]}, [f"security group {P}-pub-alb-sg (sg-2)"], id="groups"
        ),
        pytest.param({"security_groups": [{"GroupId": "sg-3", "GroupName": "x"}]}, ["security group x (sg-3)"], id="x"),
        pytest.param(
            {
                "route_tables": [
                    {"RouteTableId": "rtb-0", "Associations": [{"Main": True}]},
                    {"RouteTableId": "rtb-2", "Associations": []},
                ]
            },
            ["route table rtb-2"],
            id="tables but the main one",
        ),
        pytest.param(
            {"nat_gateways": [tagged("n", NatGatewayId="nat-2", SubnetId="subnet-1", State="available")]},
            ["NAT gateway n (nat-2)"],
            id="NAT gateway",
        ),
        pytest.param(
            {
                "vpc_endpoints": [
                    {
                        "VpcEndpointId": f"vpce-{state}",
                        "VpcEndpointType": "Interface",
                        "ServiceName": "x",
                        "State": state,
                    }
                    for state in ("Available", "Deleting", "deleted")
                ]
            },
            ["endpoint vpce-Available"],
            id="endpoints",
        ),
        pytest.param(
            {
                "load_balancers": [{"LoadBalancerArn": ALB, "LoadBalancerName": "shared"}],
                "network_interfaces": [interface("ELB app/shared/50dc"), interface("ELB app/gone/50dd")],
            },
            ["load balancer shared", "network interface eni-1 'ELB app/gone/50dd' of 1"],
            id="a load balancer and not its interfaces",
        ),
        pytest.param(
            {
                "nat_gateways": RAW["nat_gateways"],
                "network_interfaces": [
                    interface("Interface for NAT Gateway nat-1"),
                    interface("Interface for NAT Gateway nat-2", RequesterId="amazon-aws"),
                ],
            },
            ["network interface eni-1 'Interface for NAT Gateway nat-2' of amazon-aws"],
            id="interfaces of NAT gateways",
        ),
        pytest.param(
            {"network_interfaces": [interface("", Attachment={"InstanceId": "i-1", "InstanceOwnerId": "1"})]},
            ["network interface eni-1 of i-1"],
            id="of an instance",
        ),
        pytest.param(
            {"network_interfaces": [interface("db", Attachment={"InstanceOwnerId": "amazon-rds"})]},
            ["network interface eni-1 'db' of amazon-rds"],
            id="of a service",
        ),
    ],
)
def test_what_others_have_in_the_vpc_is_named(inside, texts):
    raw = {"zones": RAW["zones"], **{key: RAW[key] for key in ("vpc", "dns_support", "dns_hostnames")}, **inside}
    assert [holder["text"] for holder in holders.holders(raw, P, ["vpc-1"])] == texts


def test_of_the_network_itself_nothing_holds_it():
    raw = {**RAW, "subnets": RAW["subnets"][:1], "security_groups": RAW["security_groups"][:1]}
    assert holders.holders(raw, P, ["vpc-1"]) == []
    assert holders.holders({**raw, "vpc": None}, P, ["vpc-1"]) == []


@pytest.mark.parametrize(
    ("description", "managed", "leaving"),
    [
        ("ELB app/gone/50dd", True, True),
        ("ELB app/gone/50dd", False, False),
        ("arn:aws:ecs:ap-northeast-2:123456789012:attachment/1", True, True),
        ("RDSNetworkInterface", True, False),
    ],
)
def test_what_a_service_made_may_go_by_itself(description, managed, leaving):
    raw = {**RAW, "network_interfaces": [interface(description, RequesterManaged=managed)]}
    assert [one["leaving"] for one in holders.holders(raw, P, ["subnet-1"])] == [leaving]


def test_what_guardduty_made_is_told_and_what_the_platform_has_goes_before():
    theirs = {"Tags": [{"Key": "GuardDutyManaged", "Value": "true"}]}
    raw = {
        **RAW,
        "vpc_endpoints": [{"VpcEndpointId": "vpce-9", "ServiceName": "x", "State": "available", **theirs}],
        "security_groups": [
            {"GroupId": "sg-8", "GroupName": "GuardDutyManagedSecurityGroup-vpc-1", **theirs},
            {"GroupId": "sg-9", "GroupName": f"{P}-lotto-sg"},
        ],
        "load_balancers": [{"LoadBalancerArn": ALB, "LoadBalancerName": f"{P}-pub-alb"}],
        "subnets": [],
        "route_tables": [],
        "network_interfaces": [interface("VPC Endpoint Interface vpce-9", RequesterManaged=True)],
    }
    found = holders.holders(raw, P, ["vpc-1"])
    assert [one["text"] for one in found if one["moves"]] == [f"load balancer {P}-pub-alb"]
    told = [(one["text"], one["platform"], one["guardduty"]) for one in found]
    assert told == [
        (f"load balancer {P}-pub-alb", True, False),
        ("endpoint vpce-9 of GuardDuty", False, True),
        ("security group GuardDutyManagedSecurityGroup-vpc-1 (sg-8) of GuardDuty", False, True),
        (f"security group {P}-lotto-sg (sg-9)", True, False),
    ]


def test_what_others_have_in_the_network_may_be_of_any_kind():
    """A regional NAT gateway, an endpoint of VPC Lattice, a subnet of IPv6 alone: each lacks a field of ours."""
    theirs = {
        "subnets": [{"SubnetId": "subnet-6", "AvailabilityZone": "ap-northeast-2a"}],
        "nat_gateways": [{"NatGatewayId": "nat-6", "State": "available"}],
        "vpc_endpoints": [{"VpcEndpointId": "vpce-6", "VpcEndpointType": "Resource", "State": "available"}],
    }
    wider = {**RAW, **{kind: [*(RAW.get(kind) or []), *items] for kind, items in theirs.items()}}
    assert found.resources(wider, P) == found.resources(RAW, P)


@pytest.mark.parametrize(
    ("of", "texts"),
    [
        (["subnet-9"], ["load balancer shared"]),
        (["subnet-8"], ["endpoint vpce-9"]),
        (["subnet-1"], []),
        (["subnet-8", "subnet-9"], ["load balancer shared", "endpoint vpce-9"]),
        (["vpc-1"], ["load balancer shared", "endpoint vpce-9", "route table rtb-9"]),
    ],
)
def test_of_subnets_what_is_in_them_holds_them(of, texts):
    balancer = {"LoadBalancerArn": ALB, "LoadBalancerName": "shared", "AvailabilityZones": [{"SubnetId": "subnet-9"}]}
    endpoint = {
        "VpcEndpointId": "vpce-9",
        "VpcEndpointType": "Interface",
        "ServiceName": "x",
        "SubnetIds": ["subnet-8"],
    }
    raw = {
        **RAW,
        "load_balancers": [balancer],
        "vpc_endpoints": [endpoint],
        "route_tables": [{"RouteTableId": "rtb-9"}],
        "security_groups": [],
        "subnets": [],
    }
    assert [holder["text"] for holder in holders.holders(raw, P, of)] == texts


def test_a_detached_gateway_is_found():
    raw = {**RAW, "internet_gateways": [tagged(f"{P}-igw", InternetGatewayId="igw-1", Attachments=[])]}
    (gateway,) = [entry for entry in found.resources(raw, P) if entry["type"] == "internet_gateway"]
    assert gateway["values"]["vpc"] == "(detached)"


def test_without_a_vpc_what_is_beside_it_is_found():
    raw = {"zones": [], "vpc": None, "addresses": RAW["addresses"], "internet_gateways": [], "flow_logs": []}
    assert [entry["type"] for entry in found.resources(raw, P)] == ["elastic_ip"]


def test_zone_names():
    assert found.zone_names(RAW, ["apne2-az3"])["apne2-az3"] == "ap-northeast-2c"
    with pytest.raises(RefusedError) as error:
        found.zone_names(RAW, ["apne2-az1", "apne2-az2", "apne2-wl1-az1"])
    assert str(error.value) == (
        "No zone apne2-az2 or apne2-wl1-az1 that this account may use in the region: it has"
        " ap-northeast-2a (apne2-az1), ap-northeast-2c (apne2-az3). Set vpc_zones to two or more of them."
    )


def test_facts_of_what_is_planned_and_of_what_is_there():
    made = resources()
    planned = facts.of_resources(P, "ap-northeast-2", compare.expected(made, []))
    assert (planned["exists"], planned["planned"], planned["ready"]) == (False, True, False)
    assert [subnet["name"] for subnet in planned["public_subnets"]] == [f"{P}-pub-a1", f"{P}-pub-c1"]
    assert planned["apps_subnets"][0] == {
        "name": f"{P}-apps-a1",
        "id": None,
        "cidr_block": "172.25.128.0/20",
        "zone": "ap-northeast-2a",
        "ipv6": False,
    }
    pending = facts.of_resources(P, "ap-northeast-2", list(FOUND.values()))
    assert (pending["exists"], pending["ready"]) == (True, False)
    assert pending["vpc"] == {"name": f"{P}-vpc", "id": "vpc-1", "cidr_block": "172.25.0.0/16"}
    up = [{**entry, "state": "available"} for entry in FOUND.values()]
    assert facts.of_resources(P, "ap-northeast-2", up)["ready"] is True
    starting = [{**entry, "state": "pending"} if entry["name"] == f"{P}-logs-endpoint" else entry for entry in up]
    assert facts.of_resources(P, "ap-northeast-2", starting)["ready"] is False
    assert facts.of_resources(P, "ap-northeast-2", [])["vpc"] == {"name": f"{P}-vpc", "id": None, "cidr_block": None}
    assert facts.of_resources(P, "ap-northeast-2", [])["planned"] is False


@pytest.mark.parametrize(
    ("one", "lets_in"),
    [
        (group(3, "sg-1"), True),
        (group(3, "sg-9", "sg-2"), True),
        (group(3, "sg-9"), False),
        (group(3, egress=["sg-1"]), False),
        (group(3, "sg-1", egress=["sg-2"]), False),
        (group(3, "sg-1", egress=["sg-9"]), True),
    ],
)
def test_groups_that_let_in_those_that_are_to_go(one, lets_in):
    assert rules.letting_in([one, one], GONE) == ([one] if lets_in else [])


def network(**inputs):
    """Return the resources of a network as they are found once they have been made."""
    return [{**entry, "id": f"id-{entry['name']}"} for entry in resources(**inputs)]


BOTH = [f"{P}-apps-a1", f"{P}-apps-c1"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("per_zone", "none", BOTH, id="to a table without a route"),
        pytest.param("per_zone", "single", [], id="to one with the same destination"),
        pytest.param("single", "per_zone", [], id="to one each"),
        pytest.param("none", "per_zone", [], id="to ones with more"),
        pytest.param("single", "none", [], id="it stays on its table, which keeps its routes"),
        pytest.param("single", "single", [], id="nothing changes"),
    ],
)
def test_subnets_that_would_lose_a_route_on_another_table(before, after, expected):
    changes = compare.changes(resources(nat=after), network(nat=before))
    assert routes.losing(changes) == expected


def test_a_subnet_taken_off_its_table_by_hand_loses_nothing_by_coming_back():
    there = network()
    table = next(entry for entry in there if entry["name"] == f"{P}-apps-rt")
    table["values"] = {**table["values"], "subnets": [f"{P}-apps-a1"]}
    assert routes.losing(compare.changes(resources(), there)) == []


def test_a_subnet_on_a_spare_table_with_more_routes_waits():
    spare = {"type": "route_table", "name": f"{P}-other-rt", "id": "rtb-9"}
    route = {"destination": "10.0.0.0/8", "target": "pcx-1"}
    there = [entry for entry in network() if entry["type"] != "route_table"]
    there.append({**spare, "values": {"routes": [route], "subnets": [f"{P}-apps-a1"]}})
    assert routes.losing(compare.changes(resources(), there)) == [f"{P}-apps-a1"]
