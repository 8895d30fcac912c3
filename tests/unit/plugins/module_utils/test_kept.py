# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Network, load balancer and cluster of somebody else: what is read, told to the layers above, and refused."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.refused import RefusedError
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb import facts as alb_facts
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb import kept as alb_kept
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb import kept_read as alb
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb import layer as alb_layer
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb import validate as alb_validate
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.ecs_cluster import facts as cluster_facts
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.ecs_cluster import kept as cluster
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.ecs_cluster import layer as cluster_layer
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.ecs_cluster import validate as cluster_validate
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.model import Place
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import others
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.vpc import kept as vpc
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.vpc import layer as vpc_layer
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.vpc import read as vpc_read
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.vpc import validate as vpc_validate
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ec2 import subnet_routes
from ansible_collections.magiclub.fargate.plugins.plugin_utils.layers import defaults_of_new

from tests.support.cloud import ROOT
from tests.unit.plugins.module_utils.service_definitions import PREFIX, service, worker
from tests.unit.plugins.module_utils.whole_platform import LAYERS

REGION = "ap-northeast-2"
PLACE = Place(REGION, "", PREFIX)
VPC = "vpc-0a1b2c3d"
ASKED = {"vpc_id": VPC, "public_subnet_ids": ["subnet-a1", "subnet-c1"], "apps_subnet_ids": ["subnet-a2", "subnet-c2"]}


def route(**target):
    return {"DestinationCidrBlock": "0.0.0.0/0", "State": "active", **target}


def table(*routes, subnet="", main=False):
    joined = [{"SubnetId": subnet}] if subnet else []
    return {"VpcId": VPC, "Routes": list(routes), "Associations": [*joined, *([{"Main": True}] if main else [])]}


def subnet(name, number, zone):
    return {"SubnetId": name, "VpcId": VPC, "CidrBlock": f"10.0.{number}.0/24", "AvailabilityZone": f"{REGION}{zone}"}


RAW = {
    "vpc": {"VpcId": VPC, "CidrBlock": "10.0.0.0/16"},
    "subnets": [
        subnet(f"subnet-{zone}{tier}", 10 * tier + number, zone) for number, zone in enumerate("ac") for tier in (1, 2)
    ],
    "route_tables": [
        table(route(NatGatewayId="nat-1"), main=True),
        table(route(GatewayId="igw-1"), subnet="subnet-a1"),
        table(route(GatewayId="igw-1"), subnet="subnet-c1"),
    ],
    "vpc_endpoints": [],
}


def network(raw=RAW, asked=None, endpoints=()):
    return vpc.facts(
        PREFIX, REGION, {"kept": True, "resources": vpc.resources(raw, asked or ASKED), "endpoints": list(endpoints)}
    )


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        ([route(GatewayId="igw-1")], "igw"),
        ([route(NatGatewayId="nat-1")], "nat"),
        ([route(TransitGatewayId="tgw-1")], "tgw"),
        ([route(NetworkInterfaceId="eni-1", InstanceId="")], "eni"),
        ([route(NatGatewayId="nat-1", State="blackhole")], "blackhole"),
        ([{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"}], ""),
        ([route()], "other"),
        ([], ""),
    ],
)
def test_what_the_default_route_leads_to(routes, expected):
    assert subnet_routes.default_route(routes) == expected


def test_a_network_is_told_by_ids_and_by_tier():
    known = network()
    assert (known["vpc"], known["ready"], known["kept"]) == (
        {"name": VPC, "id": VPC, "cidr_block": "10.0.0.0/16"},
        True,
        True,
    )
    assert [one["id"] for one in known["public_subnets"]] == ["subnet-a1", "subnet-c1"]
    assert [(one["name"], one["way_out"]) for one in known["apps_subnets"]] == [
        ("subnet-a2", "nat"),
        ("subnet-c2", "nat"),
    ]
    assert known["stuck"] == {"apps": [], "public": []}


@pytest.mark.parametrize(
    ("tables", "endpoints", "stuck"),
    [
        ([], (), ["subnet-a2", "subnet-c2"]),
        ([table(route(GatewayId="igw-1"), main=True)], (), ["subnet-a2", "subnet-c2"]),
        ([], ("ecr.api", "ecr.dkr", "logs", "s3"), []),
        ([], ("ecr.api", "ecr.dkr"), ["subnet-a2", "subnet-c2"]),
        ([table(route(TransitGatewayId="tgw-1"), main=True)], (), []),
    ],
)
def test_from_which_subnets_no_task_could_pull_its_image(tables, endpoints, stuck):
    assert network({**RAW, "route_tables": tables}, endpoints=endpoints)["stuck"]["apps"] == stuck


@pytest.mark.parametrize(
    ("raw", "asked", "says"),
    [
        ({**RAW, "vpc": None}, ASKED, f"vpc_id {VPC} is not in this account and region."),
        (
            RAW,
            {**ASKED, "apps_subnet_ids": ["subnet-x"]},
            f"vpc_apps_subnet_ids subnet-x is not in {VPC}, which has subnet-a1",
        ),
    ],
)
def test_what_is_not_there_is_refused(raw, asked, says):
    with pytest.raises(RefusedError, match=says):
        vpc.resources(raw, asked)


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_network_of_others_is_in_no_plan(state):
    inputs = {**LAYERS["vpc"], **ASKED, "state": state}
    assert vpc_layer.query(inputs) == ASKED
    part = vpc_layer.plan(inputs, PLACE, {"kept": True, "resources": vpc.resources(RAW, ASKED)}, {})
    assert (part.desired, part.found, part.info["vpc"]["id"]) == ([], [], VPC)


def untouched(role, **given):
    defaults = defaults_of_new(role)
    return {**LAYERS[role], **defaults, "defaults": defaults, **given}


NOTHING_ASKED = untouched("vpc", **ASKED)
BALANCER_ALONE = untouched("alb", records=[], domain="")
CLUSTER_ALONE = untouched("ecs_cluster")


@pytest.mark.parametrize(
    ("role", "of_both"),
    [
        (
            "vpc",
            # names, and what the run itself does; the boundary follows from that of the platform
            "state name_prefix region endpoint_url tags id public_subnet_ids apps_subnet_ids permissions_boundary"
            " cleanup lookup_fresh wait_timeout",
        ),
        (
            "alb",
            # domain, records, ports of tests and who users log in by follow from other inputs
            "state name_prefix region endpoint_url tags vpc_name_prefix arn listener_arn domain records test_ports"
            " identity_provider_cidrs cleanup lookup_fresh lookup_required wait_timeout",
        ),
        (
            "ecs_cluster",
            # roles and namespaces are made beside a cluster of others
            "state name_prefix region endpoint_url tags name execution_role_policies permissions_boundary"
            " private_domain http_namespace cleanup lookup_fresh wait_timeout",
        ),
    ],
)
def test_each_input_of_a_role_configures_what_it_creates_or_applies_to_both(role, of_both):
    has = yaml.safe_load((ROOT / "roles" / role / "defaults" / "main.yml").read_text())
    assert {f"{role}_{key}": value for key, value in defaults_of_new(role).items()} == {
        key: value for key, value in has.items() if key.removeprefix(f"{role}_") not in of_both.split()
    }


@pytest.mark.parametrize(
    ("role", "key", "value"),
    [
        ("vpc", "nat", "none"),
        ("vpc", "cidr_block", "10.0.0.0/16"),
        ("vpc", "flow_logs_retention", 7),
        ("vpc", "zones", ["apne2-az1", "apne2-az3"]),
        ("alb", "https", False),
        ("alb", "idle_timeout", 120),
        ("alb", "scheme", "internal"),
        ("alb", "rules", [{"name": "www"}]),
        ("alb", "records", ["www.example.com"]),
        ("alb", "test_allowed_cidrs", ["10.0.0.0/8"]),
        ("ecs_cluster", "container_insights", "enhanced"),
        ("ecs_cluster", "capacity_providers", ["FARGATE"]),
        ("ecs_cluster", "configuration", {"a": 1}),
    ],
)
def test_an_input_of_what_is_made_here_is_refused_beside_what_others_keep(role, key, value):
    check, inputs = {
        "vpc": (vpc_validate.vpc, NOTHING_ASKED),
        "alb": (alb_validate.alb, {**BALANCER_ALONE, "arn": BALANCER}),
        "ecs_cluster": (cluster_validate.ecs_cluster, {**CLUSTER_ALONE, "cluster_name": "shared"}),
    }[role]
    assert check(inputs) == []
    said = check({**inputs, key: value})
    assert [one.split()[0] for one in said] == [f"{role}_{key}"]
    assert "is an existing one, which is not changed. Take one of them out" in said[0]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, None),
        ({"vpc_id": "my-vpc"}, "vpc_id 'my-vpc' is not the id of a VPC."),
        ({"apps_subnet_ids": ["apps-a"]}, "vpc_apps_subnet_ids has 'apps-a', which is not the id of a subnet."),
        ({"flow_logs": True}, f"vpc_flow_logs configures a new network, and vpc_id {VPC} is an existing one"),
        ({"zones": ["a", "c"]}, "or leave vpc_zones at its default, []."),
        ({"apps_subnet_ids": [], "public_subnet_ids": []}, f"vpc_id {VPC} has no subnets by tier."),
        (
            {"vpc_id": ""},
            "vpc_public_subnet_ids needs an existing network, and vpc_id does not name one.",
        ),
    ],
)
def test_what_is_wrong_with_its_inputs(given, says):
    ids = {"public_subnet_ids": ["subnet-a1", "subnet-c1"], "apps_subnet_ids": ["subnet-a2", "subnet-c2"]}
    said = vpc_validate.vpc({**NOTHING_ASKED, **ids, **given})
    assert (not said) if says is None else any(says in one for one in said), said


def test_a_load_balancer_of_ours_needs_two_zones_and_a_way_in():
    assert vpc.load_balancer_problems(network(), "public", internet_facing=True) == []
    one = network(asked={**ASKED, "public_subnet_ids": ["subnet-a1", "subnet-a2"]})
    said = vpc.load_balancer_problems(one, "public", internet_facing=True)
    assert [sentence.partition(": ")[2].partition(".")[0] for sentence in said[:1]] == ["a load balancer needs two"]
    assert "has subnet-a1 and subnet-a2 in one zone" in said[1]
    assert "subnet-a2 in vpc-0a1b2c3d: no default route to an internet gateway" in said[2]


BALANCER = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:loadbalancer/app/front/50dc"
LISTENER = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:listener/app/front/50dc/f2f7"
DESCRIBED = {
    "LoadBalancerArn": BALANCER,
    "LoadBalancerName": "front",
    "Scheme": "internal",
    "VpcId": VPC,
    "DNSName": "Front-1.elb.amazonaws.com",
    "CanonicalHostedZoneId": "Z1",
    "State": {"Code": "active"},
    "SecurityGroups": ["sg-1"],
}


def listener(port, protocol="HTTPS", arn=LISTENER):
    return {"ListenerArn": arn, "Port": port, "Protocol": protocol}


OUT = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


def seen(monkeypatch, options, balancer=DESCRIBED, listeners=None, out=(OUT,)):
    groups = [{"GroupId": "sg-1", "IpPermissionsEgress": list(out)}]
    monkeypatch.setattr(alb.elbv2, "load_balancer", lambda _client, arn: balancer if arn == BALANCER else None)
    monkeypatch.setattr(
        alb.elbv2, "listeners", lambda _client, _arn: [listener(443)] if listeners is None else list(listeners)
    )
    monkeypatch.setattr(alb, "pages", lambda *_asked, **_more: groups)
    return alb.read(lambda _service: None, options)


@pytest.mark.parametrize(
    ("options", "listeners", "port"),
    [
        ({"arn": BALANCER}, (listener(80, "HTTP"), listener(443)), 443),
        ({"arn": BALANCER}, (listener(80, "HTTP"),), 80),
        ({"listener_arn": LISTENER}, (listener(443, arn="arn:other"), listener(8443)), 8443),
    ],
)
def test_the_listener_of_a_load_balancer_of_others(monkeypatch, options, listeners, port):
    known = alb_facts.of_read(PREFIX, REGION, seen(monkeypatch, options, listeners=listeners), "a.example")
    assert known["service_listener"]["port"] == port
    assert (known["load_balancer"]["name"], known["load_balancer"]["dns_name"]) == (
        "front",
        "front-1.elb.amazonaws.com",
    )
    assert (known["security_group"], known["ready"], known["kept"]) == ({"name": "sg-1", "id": "sg-1"}, True, True)


@pytest.mark.parametrize(
    ("options", "more", "says"),
    [
        ({"arn": BALANCER.replace("front", "gone")}, {}, "gone/50dc is not in this account and region"),
        (
            {"arn": BALANCER},
            {"balancer": {**DESCRIBED, "State": {"Code": "provisioning"}}},
            "is provisioning, not active",
        ),
        (
            {"arn": BALANCER},
            {"listeners": (listener(8443),)},
            "no HTTPS or HTTP listener on 443 or 80, and has HTTPS on 8443",
        ),
        ({"listener_arn": LISTENER}, {"listeners": ()}, "f2f7 by HTTPS or HTTP, and has none"),
    ],
)
def test_a_load_balancer_that_services_can_not_use_is_refused(monkeypatch, options, more, says):
    with pytest.raises(RefusedError, match=says):
        seen(monkeypatch, options, **more)


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_load_balancer_of_others_is_in_no_plan(monkeypatch, state):
    inputs = {**LAYERS["alb"], "state": state, "vpc_name_prefix": PREFIX, "arn": BALANCER, "listener_arn": ""}
    assert (alb_layer.query(inputs), alb_layer.dependencies(inputs)) == ({"arn": BALANCER}, {})
    part = alb_layer.plan(inputs, PLACE, seen(monkeypatch, {"arn": BALANCER}), {})
    assert (part.desired, part.found, part.info["load_balancer"]["arn"]) == ([], [], BALANCER)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"arn": BALANCER}, None),
        ({"arn": BALANCER, "listener_arn": LISTENER}, None),
        (
            {"arn": BALANCER.replace("ap-northeast-2", "us-east-1")},
            "is in us-east-1, and this platform is in ap-northeast-2. Name one of that region.",
        ),
        (
            {"listener_arn": LISTENER.replace("ap-northeast-2", "us-east-1")},
            "is in us-east-1, and this platform is in ap-northeast-2. Name one of that region.",
        ),
        ({"arn": "front"}, "alb_arn 'front' is not the ARN of an application load balancer."),
        ({"arn": BALANCER.replace("/app/", "/net/")}, "is not the ARN of an application load balancer."),
        ({"listener_arn": BALANCER}, "is not the ARN of a listener of an application load balancer."),
        ({"arn": BALANCER.replace("50dc", "50dd"), "listener_arn": LISTENER}, "is not a listener of alb_arn"),
        ({"arn": BALANCER, "deletion_protection": True}, "or leave alb_deletion_protection at its default, false."),
    ],
)
def test_what_is_wrong_with_the_inputs_of_a_load_balancer_of_others(given, says):
    said = alb_validate.alb({**BALANCER_ALONE, **given})
    assert (not said) if says is None else any(says in one for one in said), said


def rule(protocol="tcp", ports=(8080, 8080), **leads):
    return {"IpProtocol": protocol, "FromPort": ports[0], "ToPort": ports[1], **leads}


TO_VPC = {"IpRanges": [{"CidrIp": "10.0.0.0/16"}]}


@pytest.mark.parametrize(
    ("out", "reaches"),
    [
        ([OUT], True),
        ([rule(**TO_VPC)], True),
        ([rule(ports=(8000, 9000), **TO_VPC)], True),
        ([rule(ports=(80, 80), **TO_VPC)], False),
        ([rule("udp", **TO_VPC)], False),
        ([rule(IpRanges=[{"CidrIp": "10.0.20.0/24"}])], False),
        ([rule("-1", IpRanges=[{"CidrIp": half}]) for half in ("0.0.0.0/1", "128.0.0.0/1")], True),
        ([rule(IpRanges=[{"CidrIp": f"10.0.20.{part}/25"} for part in (0, 128)]), rule(**TO_VPC)], True),
        ([rule(IpRanges=[{"CidrIp": f"10.0.{part}.0/25"}]) for part in (20, 21)], False),
        (
            [rule(IpRanges=[{"CidrIp": f"10.0.{net}.{part}/25"}]) for net in (20, 21) for part in (0, 128)],
            True,
        ),
        ([rule(UserIdGroupPairs=[{"GroupId": "sg-9"}])], True),
        ([], False),
    ],
)
def test_whether_its_security_group_reaches_the_tasks(monkeypatch, out, reaches):
    balancer = alb_facts.of_read(PREFIX, REGION, seen(monkeypatch, {"arn": BALANCER}, out=out))
    said = alb_kept.problems(balancer, network(), [8080], network()["apps_subnets"])
    assert (said == []) is reaches
    assert all("let nothing out to the tasks on port 8080" in one for one in said)


def test_a_load_balancer_of_another_vpc_reaches_no_task(monkeypatch):
    balancer = alb_facts.of_read(PREFIX, REGION, seen(monkeypatch, {"arn": BALANCER}, {**DESCRIBED, "VpcId": "vpc-9"}))
    (said,) = alb_kept.problems(balancer, network(), [8080], network()["apps_subnets"])
    assert f"is in vpc-9, and the tasks are in {VPC}" in said


CLUSTER = {
    "type": "ecs_cluster",
    "name": "shared",
    "id": "arn:cluster",
    "values": {"capacity_providers": ["FARGATE"], "tags": {}},
}


def test_a_cluster_of_others_is_in_no_plan_and_what_services_need_is_made_beside_it():
    resources = cluster.marked([CLUSTER], "shared", REGION)
    inputs = {**LAYERS["ecs_cluster"], "cluster_name": "shared", "vpc_id": VPC}
    inputs |= {"state": "present", "wait_timeout": 1, "used_namespaces": None}
    query = cluster_layer.query(inputs)
    assert (query["cluster_name"], query["vpc_id"]) == ("shared", VPC)
    part = cluster_layer.plan(inputs, PLACE, {"resources": resources, "account_id": "1"}, {})
    assert part.found == []
    assert {entry["type"] for entry in part.desired} == {"service_linked_role", "iam_role", "iam_policy", "namespace"}
    assert part.info["cluster"] == {"name": "shared", "arn": "arn:cluster"}
    gone = cluster_layer.plan({**inputs, "state": "absent"}, PLACE, {"resources": resources, "account_id": "1"}, {})
    assert (gone.desired, gone.found) == ([], [])


def test_a_cluster_that_is_not_there_is_refused():
    with pytest.raises(RefusedError, match="ecs_cluster_name shared: no active ECS cluster in ap-northeast-2"):
        cluster.marked([], "shared", REGION)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"cluster_name": "Their_cluster-1"}, None),
        ({"cluster_name": "arn:aws:ecs:r:1:cluster/x"}, "is not the name of a cluster"),
        (
            {"cluster_name": "x", "configuration": {"a": 1}},
            "ecs_cluster_configuration configures a new cluster",
        ),
    ],
)
def test_what_is_wrong_with_the_name_of_a_cluster(given, says):
    said = cluster_validate.ecs_cluster({**CLUSTER_ALONE, **given})
    assert (not said) if says is None else any(says in one for one in said), said


def of_others(*wanted, raw=RAW, asked=None):
    known = cluster_facts.of_resources(PREFIX, REGION, "1", cluster.marked([CLUSTER], "shared", REGION))
    return others.problems(wanted, {"vpc": network(raw, asked), "alb": {}, "ecs_cluster": known})


@pytest.mark.parametrize(
    ("wanted", "raw", "asked", "says"),
    [
        (worker(), RAW, None, None),
        (
            worker(capacity_provider_strategy=[{"capacity_provider": "FARGATE_SPOT"}]),
            RAW,
            None,
            "capacity provider FARGATE_SPOT. Ask its owner to add that, or set capacity_provider_strategy: [] of the"
            " service, for the launch type FARGATE.",
        ),
        (worker(), {**RAW, "route_tables": []}, None, "subnet-a2, subnet-c2 of vpc_apps_subnet_ids: no route to the"),
        (worker(subnets="public"), {**RAW, "route_tables": []}, None, "no default route to an internet gateway"),
        (
            service(subnets="public"),
            RAW,
            {**ASKED, "public_subnet_ids": []},
            "of which vpc_public_subnet_ids names none",
        ),
    ],
)
def test_what_a_platform_of_others_does_not_do_for_a_service(wanted, raw, asked, says):
    said = of_others(wanted, raw=raw, asked=asked)
    assert (not said) if says is None else any(says in one for one in said), said


SPOT = [{"capacity_provider": "FARGATE_SPOT"}]


@pytest.mark.parametrize(
    ("strategy", "resources", "says"),
    [
        (SPOT, [CLUSTER], ["Service 'web': cluster shared does not have capacity provider FARGATE_SPOT. Add"]),
        ([{"capacity_provider": "FARGATE"}], [CLUSTER], []),
        ([], [CLUSTER], []),
        # nothing is known of a missing cluster
        (SPOT, [], []),
    ],
)
def test_the_platforms_own_cluster_needs_the_capacity_providers_of_its_services(strategy, resources, says):
    known = cluster_facts.of_resources(PREFIX, REGION, "1", resources)
    below = {"vpc": {}, "alb": {}, "ecs_cluster": known}
    found = others.problems([worker(capacity_provider_strategy=strategy)], below)
    assert [sentence.partition(" that to ")[0] for sentence in found] == says


@pytest.mark.parametrize(("bounded_by", "refused"), [("platform", 1), ("arn:aws:iam::1:policy/mine", 0)])
def test_ecs_may_shift_requests_there_by_another_boundary_alone(monkeypatch, bounded_by, refused):
    balancer = alb_facts.of_read(PREFIX, REGION, seen(monkeypatch, {"arn": BALANCER}))
    below = {"vpc": network(), "alb": balancer, "ecs_cluster": {"resources": []}}
    assert len(others.problems([service(deployment={"strategy": "canary"})], below, bounded_by)) == refused
    assert others.problems([service()], below, bounded_by) == []


def test_a_network_of_others_is_read_in_the_place_of_ours(monkeypatch):
    monkeypatch.setattr(vpc_read.api, "kept", lambda _client, vpc_id: RAW if vpc_id == VPC else None)
    module = type("Module", (), {"client": None, "params": {"name_prefix": PREFIX}})()
    found = vpc_read.read(module, {**ASKED})
    assert (found["kept"], [entry["name"] for entry in found["resources"]][:2]) == (True, [VPC, "subnet-a1"])
