# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is read of what nobody asks for: few calls if there is nothing, and each service's word on what is there."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers import unasked, unasked_read
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.tagged.decide import DELETING, Known

P = "magiclub-an2p"
REGION = "ap-northeast-2"
IDENTITY = {"ManagedBy": "ansible", "Project": "magiclub", "Environment": "PoC"}
TAGS = {**IDENTITY, "Team": "DevOps"}
FILTERS = [{"Key": key, "Values": [value]} for key, value in IDENTITY.items()]
AWS = f"arn:aws:{{}}:{REGION}:123456789012:{{}}".format
SHOP = f"{P}-shop"
NOTHING = unasked.Inventory(P, [], set())
ROLE, GROUP, FAMILY = (
    AWS("iam", f"role/{SHOP}-task"),
    AWS("logs", f"log-group:/ecs/{SHOP}"),
    AWS("ecs", f"task-definition/{SHOP}:3"),
)


def pairs(tags, key="Key", value="Value"):
    return [{key: name, value: text} for name, text in tags.items()]


def described(name):
    return {"RoleName": name, "Arn": AWS("iam", f"role/{name}"), "Path": "/", "RoleId": "A" * 16, "CreateDate": 0}


def tagged(arn, **tags):
    return Known(arn, {**TAGS, **tags})


def test_all_is_listed_by_three_calls(aws):
    entry = {"ResourceARN": GROUP, "Tags": pairs(TAGS)}
    aws.answer(
        "resourcegroupstaggingapi",
        "get_resources",
        {"ResourceTagMappingList": [entry]},
        TagFilters=FILTERS,
        ResourceTypeFilters=list(unasked_read.LISTED),
        ResourcesPerPage=100,
    )
    aws.answer("iam", "list_roles", {"Roles": [described(f"{SHOP}-task")], "IsTruncated": False}, MaxItems=1000)
    aws.answer("ecs", "list_task_definition_families", {"families": [SHOP]}, familyPrefix=f"{P}-", status="ACTIVE")
    listed = unasked_read.listing(aws.client, P, TAGS)
    assert [entry.arn for entry in listed] == [GROUP, ROLE, f"arn::ecs:::task-definition/{SHOP}:"]
    assert listed[0].tags == TAGS


def test_the_tagging_api_is_asked_for_each_kind_that_is_judged():
    # a role is global and has no list by tags, of task definitions there are too many
    listed_otherwise = {"iam:role", "ecs:task-definition"}
    assert {
        kind
        for kind in unasked.TYPES
        if kind not in unasked_read.LISTED and kind.partition(":")[0] not in unasked_read.LISTED
    } == listed_otherwise


def test_what_layers_and_inventory_have_needs_no_call(aws):
    listed = [tagged(AWS("ec2", "vpc/vpc-1"), Name=f"{P}-vpc"), tagged(GROUP), Known(ROLE, {})]
    asked = unasked.known([{"type": "vpc", "name": f"{P}-vpc", "id": "vpc-1"}])
    assert unasked_read.read(aws.client, listed, unasked.Inventory(P, ["shop"], asked), TAGS) == []


def role(aws, tags):
    aws.answer("iam", "get_role", {"Role": {**described(f"{SHOP}-task"), "Tags": pairs(tags)}}, RoleName=f"{SHOP}-task")


def family(aws, tags):
    aws.answer(
        "ecs",
        "describe_task_definition",
        {"taskDefinition": {"taskDefinitionArn": FAMILY}, "tags": pairs(tags, "key", "value")},
        taskDefinition=SHOP,
        include=["TAGS"],
    )


def test_roles_and_families_count_with_the_platforms_tags(aws):
    role(aws, TAGS)
    family(aws, TAGS)
    listed = [Known(ROLE, {}), Known(f"arn::ecs:::task-definition/{SHOP}:", {}), Known(AWS("iam", "role/other"), {})]
    (found,) = unasked_read.read(aws.client, listed, NOTHING, TAGS)
    assert [entry["arn"] for entry in found["resources"]] == [FAMILY, ROLE]
    assert found["name"] == "shop"


@pytest.mark.parametrize("tags", [{**TAGS, "Environment": "Prod"}, {**TAGS, "ManagedBy": "terraform"}, {}])
def test_those_of_others_with_such_a_name_do_not(aws, tags):
    role(aws, tags)
    family(aws, tags)
    listed = [Known(ROLE, {}), Known(f"arn::ecs:::task-definition/{SHOP}:", {})]
    assert unasked_read.read(aws.client, listed, NOTHING, TAGS) == []


def test_those_that_have_gone_meanwhile_do_not(aws):
    aws.refuse("iam", "get_role", "NoSuchEntity", RoleName=f"{SHOP}-task")
    aws.refuse("ecs", "describe_task_definition", "ClientException", taskDefinition=SHOP, include=["TAGS"])
    listed = [Known(ROLE, {}), Known(f"arn::ecs:::task-definition/{SHOP}:", {})]
    assert unasked_read.read(aws.client, listed, NOTHING, TAGS) == []


def test_what_was_deleted_and_is_still_listed_is_not_told(aws):
    balancing = "elasticloadbalancing"
    listed = [
        tagged(GROUP),
        tagged(AWS("logs", f"log-group:/vpc/{P}-flow-log")),
        tagged(AWS("ec2", "security-group/sg-1"), Name=f"{SHOP}-sg"),
        tagged(AWS("ec2", "vpc/vpc-1"), Name="old-vpc"),
        tagged(AWS(balancing, f"targetgroup/{SHOP}/73e2"), Name=SHOP),
        tagged(AWS(balancing, "loadbalancer/app/old-pub-alb/50dc"), Name="old-pub-alb"),
        tagged(AWS("ecs", f"service/{P}-ecs/{SHOP}"), Name=SHOP),
    ]
    aws.answer(
        "logs", "describe_log_groups", {"logGroups": [{"logGroupName": f"/ecs/{SHOP}-2"}]}, logGroupNamePrefix="/"
    )
    ids = [{"Name": "resource-id", "Values": ["sg-1", "vpc-1"]}]
    aws.answer("ec2", "describe_tags", {"Tags": []}, Filters=ids)
    aws.answer("elbv2", "describe_target_groups", {"TargetGroups": []})
    aws.answer("elbv2", "describe_load_balancers", {"LoadBalancers": []})
    aws.refuse("ecs", "describe_services", "ClusterNotFoundException", cluster=f"{P}-ecs", services=[listed[-1].arn])
    assert unasked_read.read(aws.client, listed, NOTHING, TAGS) == []


def test_what_is_there_is_told(aws):
    balancing = "elasticloadbalancing"
    listed = [
        tagged(GROUP),
        tagged(AWS("ec2", "security-group/sg-1"), Name=f"{SHOP}-sg"),
        tagged(AWS(balancing, f"targetgroup/{SHOP}/73e2"), Name=SHOP),
        tagged(AWS(balancing, "loadbalancer/app/old-pub-alb/50dc"), Name="old-pub-alb"),
    ]
    aws.answer(
        "logs",
        "describe_log_groups",
        {"logGroups": [{"logGroupName": f"/ecs/{SHOP}"}]},
        logGroupNamePrefix=f"/ecs/{SHOP}",
    )
    tag = {"ResourceType": "security-group", "ResourceId": "sg-1", "Key": "Name", "Value": f"{SHOP}-sg"}
    aws.answer("ec2", "describe_tags", {"Tags": [tag]}, Filters=[{"Name": "resource-id", "Values": ["sg-1"]}])
    aws.answer("elbv2", "describe_target_groups", {"TargetGroups": [{"TargetGroupArn": listed[2].arn}]})
    aws.answer("elbv2", "describe_load_balancers", {"LoadBalancers": [{"LoadBalancerArn": listed[3].arn}]})
    found = unasked_read.read(aws.client, listed, NOTHING, TAGS)
    assert [(entry["kind"], entry["name"], len(entry["resources"])) for entry in found] == [
        ("service", "shop", 3),
        ("platform", "old", 1),
    ]


def test_a_nat_gateway_on_its_way_out_is_not_told(aws):
    nat = tagged(AWS("ec2", "natgateway/nat-1"), Name=f"{P}-other")
    tag = {"ResourceType": "natgateway", "ResourceId": "nat-1", "Key": "Name", "Value": f"{P}-other"}
    aws.answer("ec2", "describe_tags", {"Tags": [tag]}, Filters=[{"Name": "resource-id", "Values": ["nat-1"]}])
    aws.answer(
        "ec2",
        "describe_nat_gateways",
        {"NatGateways": [{"NatGatewayId": "nat-1", "State": "deleting"}]},
        Filter=[{"Name": "state", "Values": ["pending", "available", "deleting"]}],
    )
    assert [entry.state for entry in unasked_read.confirmed(aws.client, [nat], TAGS)] == [DELETING]
