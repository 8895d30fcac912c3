# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is there twice: the one in use is kept, an empty one of the same request is spare, and all else is refused."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.filter.ids import ids
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.vpc import found
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ec2 import twice

P = "magiclub-an2p"
NAME = f"{P}-vpc"


def tagged(name, **tags):
    return [
        {"Key": key, "Value": value} for key, value in {"Name": f"{P}-{name}", "Project": "magiclub", **tags}.items()
    ]


def vpc(vpc_id, block="172.25.0.0/16", **tags):
    return {"VpcId": vpc_id, "CidrBlock": block, "Tags": tagged("vpc", **tags)}


@pytest.mark.parametrize(
    ("vpcs", "contents", "ours", "spare"),
    [
        pytest.param("a", {}, "a", "", id="one, empty"),
        pytest.param("ab", {"a": ["subnet-1"]}, "a", "b", id="the first is in use"),
        pytest.param("ab", {"b": ["igw-1"]}, "b", "a", id="the second is in use"),
        pytest.param("ba", {}, "a", "b", id="both empty: always the same one"),
        pytest.param("cab", {"b": ["sg-1", "subnet-1"]}, "b", "ac", id="three, as two calls came late"),
    ],
)
def test_the_one_in_use_is_the_platforms(vpcs, contents, ours, spare):
    chosen, others = twice.choose([vpc(one) for one in vpcs], NAME, contents)
    assert (chosen["VpcId"], [one["VpcId"] for one in others]) == (ours, list(spare))


@pytest.mark.parametrize(
    ("vpcs", "contents"),
    [
        pytest.param([vpc("a"), vpc("b")], {"a": ["subnet-1"], "b": ["subnet-2"]}, id="both in use"),
        pytest.param([vpc("a"), vpc("b", Project="theirs")], {"a": ["subnet-1"]}, id="other tags"),
        pytest.param([vpc("a"), vpc("b", Extra="1")], {"a": ["subnet-1"]}, id="one tag more"),
        pytest.param([vpc("a"), vpc("b", "10.0.0.0/16")], {"a": ["subnet-1"]}, id="another block"),
        pytest.param([vpc("a"), vpc("b", "10.0.0.0/16")], {}, id="another block, both empty"),
    ],
)
def test_a_vpc_that_may_be_foreign_is_refused(vpcs, contents):
    with pytest.raises(RefusedError, match=rf"^2 VPCs are tagged Name={NAME}, and it is unclear which one"):
        twice.choose(vpcs, NAME, contents)


def test_the_refusal_has_the_contents_of_each_and_the_next_step():
    contents = {"a": [f"subnet-{number}" for number in range(5)]}
    with pytest.raises(RefusedError) as refusal:
        twice.choose([vpc("b", Project="theirs"), vpc("a")], NAME, contents)
    assert str(refusal.value) == (
        f"2 VPCs are tagged Name={NAME}, and it is unclear which one is this platform's:"
        " a (172.25.0.0/16, tags Project=magiclub) holds subnet-0, subnet-1, subnet-2 and more;"
        " b (172.25.0.0/16, tags Project=theirs) holds nothing."
        " Remove that name from each of the others: aws ec2 delete-tags --resources VPC_ID --tags Key=Name."
        " Then run again; nothing was changed."
    )


LOCAL = {"GatewayId": "local", "DestinationCidrBlock": "172.25.0.0/16", "Origin": "CreateRouteTable"}
OUT = {"GatewayId": "igw-2", "DestinationCidrBlock": "0.0.0.0/0", "Origin": "CreateRoute"}


def table(table_id, routes=(), associations=()):
    return {
        "RouteTableId": table_id,
        "Tags": tagged("pub-rt"),
        "Routes": [LOCAL, *routes],
        "Associations": associations,
    }


# of each kind the one in use, which has the greater id and is listed last, after one that a late call made
RAW = {
    "vpc": vpc("vpc-2"),
    "dns_support": True,
    "dns_hostnames": True,
    "spare_vpcs": [vpc("vpc-1")],
    "internet_gateways": [
        {"InternetGatewayId": "igw-1", "Attachments": [], "Tags": tagged("igw")},
        {"InternetGatewayId": "igw-2", "Attachments": [{"VpcId": "vpc-2"}], "Tags": tagged("igw")},
    ],
    "addresses": [
        {"AllocationId": "eipalloc-1", "PublicIp": "198.51.100.1", "Tags": tagged("nat-eip")},
        {
            "AllocationId": "eipalloc-2",
            "PublicIp": "198.51.100.2",
            "AssociationId": "eipassoc-2",
            "Tags": tagged("nat-eip"),
        },
    ],
    "route_tables": [table("rtb-1"), table("rtb-2", [OUT])],
}
SPARE = {"vpc-1", "igw-1", "eipalloc-1", "rtb-1"}


def test_the_plan_keeps_what_is_in_use_and_removes_what_a_late_call_made():
    there = found.resources(RAW, P)
    desired = [entry for entry in there if entry["id"] not in SPARE]
    assert {entry["id"] for entry in desired} == {"vpc-2", "igw-2", "eipalloc-2", "rtb-2"}
    plan = compare.changes(desired, there)
    assert {(change["action"], change["id"]) for change in plan} == {("remove", one) for one in SPARE}


def test_names_stand_for_what_is_in_use():
    there = found.resources(RAW, P)
    assert set(ids(there).values()) == {"vpc-2", "igw-2", "eipalloc-2", "rtb-2"}
    desired = [{"type": "vpc", "name": NAME, "values": {}}]
    assert compare.expected(desired, there)[0]["id"] == "vpc-2"


@pytest.mark.parametrize(
    ("one", "unused"),
    [
        (table("rtb-1"), True),
        (table("rtb-1", associations=[{"Main": True}]), True),
        (table("rtb-1", associations=[{"SubnetId": "subnet-1"}]), False),
        (table("rtb-1", [OUT]), False),
    ],
)
def test_a_route_table_is_unused_without_subnets_and_routes(one, unused):
    assert twice.unused_route_table(one) is unused
