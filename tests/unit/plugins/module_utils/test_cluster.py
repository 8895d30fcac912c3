# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json
import urllib.parse

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.ecs_cluster import desired, facts, found
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.ecs_cluster.validate import ecs_cluster
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.iam import boundary
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.iam.policy import EXEC_ACTIONS

ACCOUNT = "123456789012"
EXECUTION_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
TAGS = {"Project": "magiclub", "ManagedBy": "ansible"}


def inputs(**fields):
    return {
        "name_prefix": "magiclub-an2p",
        "region": "ap-northeast-2",
        "tags": TAGS,
        "container_insights": "enabled",
        "capacity_providers": ["FARGATE_SPOT", "FARGATE"],
        "default_capacity_provider_strategy": [{"capacity_provider": "FARGATE", "base": 1, "weight": 1}],
        "configuration": {},
        "execution_role_policies": [],
        "permissions_boundary": "",
        "account_id": ACCOUNT,
        "others_boundary": False,
        "private_domain": "magiclub.internal",
        "http_namespace": "magiclub",
    } | fields


def boto_tags(name):
    return [{"Key": key, "Value": value} for key, value in {**TAGS, "Name": name}.items()]


def document(service):
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


EXEC = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": list(reversed(EXEC_ACTIONS)), "Resource": "*"}],
}


def raw(**fields):
    """Return AWS's descriptions if everything is as in inputs()."""
    return {
        "account_id": ACCOUNT,
        "service_linked_roles": [{"Arn": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x/AWSServiceRoleForECS"}],
        "execution_role": {
            "RoleName": "magiclub-an2p-ecs-execution",
            "Arn": f"arn:aws:iam::{ACCOUNT}:role/magiclub-an2p-ecs-execution",
            "AssumeRolePolicyDocument": document("ecs-tasks.amazonaws.com"),
            "AttachedPolicies": [{"PolicyName": "p", "PolicyArn": EXECUTION_POLICY}],
            "Tags": boto_tags("magiclub-an2p-ecs-execution"),
        },
        "exec_policy": {
            "PolicyName": "magiclub-an2p-ecs-exec",
            "Arn": f"arn:aws:iam::{ACCOUNT}:policy/magiclub-an2p-ecs-exec",
            "Document": EXEC,
            "Tags": boto_tags("magiclub-an2p-ecs-exec"),
        },
        "boundary": None,
        "clusters": [
            {
                "clusterName": "magiclub-an2p-ecs",
                "clusterArn": f"arn:aws:ecs:ap-northeast-2:{ACCOUNT}:cluster/magiclub-an2p-ecs",
                "status": "ACTIVE",
                "settings": [{"name": "containerInsights", "value": "enabled"}],
                "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
                "defaultCapacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1, "base": 1}],
                "tags": [{"key": tag["Key"], "value": tag["Value"]} for tag in boto_tags("magiclub-an2p-ecs")],
            }
        ],
        "namespaces": [
            {
                "Id": "ns-1",
                "Arn": "arn:ns-1",
                "Name": "magiclub.internal",
                "Type": "DNS_PRIVATE",
                "Tags": boto_tags("magiclub-an2p-namespace"),
            },
            {
                "Id": "ns-2",
                "Arn": "arn:ns-2",
                "Name": "magiclub",
                "Type": "HTTP",
                "Tags": boto_tags("magiclub-an2p-http-namespace"),
            },
        ],
        "vpc_names": {"ns-1": ["magiclub-an2p-vpc"]},
    } | fields


def resources(**fields):
    return found.resources(raw(**fields), "magiclub-an2p", ["magiclub.internal", "magiclub"])


def plan(wanted=None, **fields):
    """Return the changes of the role's plan, without an administrator's boundary."""
    there = [one for one in resources(**fields) if one["type"] != "others_boundary"]
    return [
        (change["action"], change["name"], *(field["path"] for field in change["fields"]))
        for change in compare.changes(desired.resources(wanted or inputs()), there)
    ]


def test_a_cluster_as_desired_needs_no_changes():
    assert plan() == []


def test_an_empty_account_needs_everything_in_order_of_dependencies():
    nothing = {
        "service_linked_roles": [],
        "execution_role": None,
        "exec_policy": None,
        "clusters": [],
        "namespaces": [],
    }
    assert plan(**nothing) == [
        ("add", "AWSServiceRoleForECS"),
        ("add", "magiclub-an2p-ecs-execution"),
        ("add", "magiclub-an2p-ecs-exec"),
        ("add", "magiclub-an2p-ecs"),
        ("add", "magiclub.internal"),
        ("add", "magiclub"),
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"container_insights": "enhanced"}, ("magiclub-an2p-ecs", "settings.containerInsights")),
        ({"capacity_providers": ["FARGATE"]}, ("magiclub-an2p-ecs", "capacity_providers")),
        (
            {"default_capacity_provider_strategy": [{"capacity_provider": "FARGATE", "base": 0, "weight": 1}]},
            ("magiclub-an2p-ecs", "default_capacity_provider_strategy"),
        ),
        (
            {"configuration": {"execute_command_configuration": {"logging": "NONE"}}},
            ("magiclub-an2p-ecs", "configuration.execute_command_configuration"),
        ),
        (
            {"execution_role_policies": ["arn:aws:iam::aws:policy/X"]},
            ("magiclub-an2p-ecs-execution", "managed_policies"),
        ),
        (
            {"permissions_boundary": "arn:aws:iam::aws:policy/X"},
            ("magiclub-an2p-ecs-execution", "permissions_boundary"),
        ),
        ({"vpc_id": "vpc-0a1b2c3d"}, ("magiclub.internal", "vpc")),
    ],
)
def test_what_an_input_changes(fields, expected):
    assert plan(inputs(**fields)) == [("change", *expected)]


def test_a_namespace_no_longer_desired_is_removed():
    assert plan(inputs(http_namespace="")) == [("remove", "magiclub")]
    assert plan(inputs(private_domain="new.internal")) == [("add", "new.internal"), ("remove", "magiclub.internal")]


def namespace(**fields):
    return {"Id": "ns-3", "Arn": "arn:ns-3", "Name": "magiclub.internal", "Type": "DNS_PRIVATE", "Tags": []} | fields


@pytest.mark.parametrize(
    ("entry", "vpc", "ours"),
    [
        (namespace(), "magiclub-an2p-vpc", True),
        (namespace(), "magiclub-an2s-vpc", False),
        (namespace(), None, False),
        (namespace(Name="other"), "magiclub-an2p-vpc", False),
        (namespace(Name="other", Tags=boto_tags("magiclub-an2p-namespace")), "x", True),
        (namespace(Name="magiclub", Type="HTTP"), None, True),
        (namespace(Name="magiclub", Type="DNS_PUBLIC"), None, False),
        (namespace(Tags=boto_tags("magiclub-an2s-namespace")), "magiclub-an2s-vpc", False),
    ],
)
def test_which_namespaces_belong_to_the_layer(entry, vpc, ours):
    names = {"ns-3": ["vpc-of-a-peer", vpc]} if vpc else {}
    kept = [one for one in resources(namespaces=[entry], vpc_names=names) if one["type"] == "namespace"]
    assert bool(kept) is ours


@pytest.mark.parametrize(
    ("served", "shown"),
    [(["peer-vpc", "magiclub-an2p-vpc"], "magiclub-an2p-vpc"), (["peer-vpc"], "peer-vpc"), ([], None)],
)
def test_a_namespace_is_in_our_vpc_even_if_its_zone_has_others(served, shown):
    entry = namespace(Tags=boto_tags("magiclub-an2p-namespace"))
    (kept,) = [one for one in resources(namespaces=[entry], vpc_names={"ns-3": served}) if one["type"] == "namespace"]
    assert kept["values"]["vpc"] == shown


@pytest.mark.parametrize(
    ("status", "there"), [("ACTIVE", True), ("PROVISIONING", True), ("INACTIVE", False), ("DEPROVISIONING", False)]
)
def test_a_deleted_cluster_is_missing(status, there):
    cluster = raw()["clusters"][0] | {"status": status}
    assert any(one["type"] == "ecs_cluster" for one in resources(clusters=[cluster])) is there


def test_a_policy_may_come_url_encoded():
    role = raw()["execution_role"]
    encoded = urllib.parse.quote(json.dumps(role["AssumeRolePolicyDocument"]))
    assert plan(execution_role=role | {"AssumeRolePolicyDocument": encoded}) == []


def test_the_execution_policy_has_the_partition():
    role = desired.resources({**inputs(), "region": "cn-north-1"})[1]
    assert role["values"]["managed_policies"] == [EXECUTION_POLICY.replace("arn:aws:", "arn:aws-cn:")]


BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/fargate-boundary/magiclub-an2p-boundary"


def boundary_policy(**fields):
    return {
        "PolicyName": "magiclub-an2p-boundary",
        "Arn": BOUNDARY,
        "Document": boundary.document(ACCOUNT, "magiclub-an2p"),
        "Tags": boto_tags("magiclub-an2p-boundary"),
    } | fields


def bounded():
    role = raw()["execution_role"]
    return {**role, "PermissionsBoundary": {"PermissionsBoundaryArn": BOUNDARY}}


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (
            {},
            [
                ("add", "magiclub-an2p-boundary"),
                ("change", "magiclub-an2p-ecs-execution", "permissions_boundary"),
            ],
        ),
        ({"boundary": boundary_policy(), "execution_role": bounded()}, []),
        (
            {"boundary": boundary_policy(Document=EXEC), "execution_role": bounded()},
            [("change", "magiclub-an2p-boundary", "policy.Statement")],
        ),
        # an administrator's, without the platform's tags, is used as it is
        ({"boundary": boundary_policy(Document=EXEC, Tags=[]), "execution_role": bounded()}, []),
    ],
)
def test_the_boundary_of_the_platform(there, expected):
    others = any(one["type"] == "others_boundary" for one in resources(**there))
    assert plan(inputs(permissions_boundary="platform", others_boundary=others), **there) == expected


def test_the_boundary_is_created_before_its_role():
    names = [one["name"] for one in desired.resources(inputs(permissions_boundary="platform"))]
    assert names.index("magiclub-an2p-boundary") < names.index("magiclub-an2p-ecs-execution")


@pytest.mark.parametrize(
    ("value", "region", "expected"),
    [
        ("platform", "cn-north-1", BOUNDARY.replace("arn:aws:", "arn:aws-cn:")),
        ("platform", "us-gov-west-1", BOUNDARY.replace("arn:aws:", "arn:aws-us-gov:")),
        ("arn:aws:iam::aws:policy/X", "eu-west-1", "arn:aws:iam::aws:policy/X"),
        ("", "eu-west-1", ""),
    ],
)
def test_the_boundary_of_the_execution_role(value, region, expected):
    made = desired.resources(inputs(permissions_boundary=value, region=region))
    (role,) = [one for one in made if one["type"] == "iam_role"]
    assert role["values"]["permissions_boundary"] == expected


@pytest.mark.parametrize(("tags", "is_others"), [([], True), (boto_tags("magiclub-an2p-boundary"), False)])
def test_the_owner_of_the_boundary(tags, is_others):
    assert facts_of(resources(boundary=boundary_policy(Tags=tags)))["others_boundary"] is is_others


def facts_of(found_resources):
    return facts.of_resources("magiclub-an2p", "ap-northeast-2", ACCOUNT, found_resources)


def test_facts_of_an_existing_cluster():
    info = facts_of(resources())
    assert {key: info[key] for key in info if key != "resources"} == {
        "name_prefix": "magiclub-an2p",
        "region": "ap-northeast-2",
        "account_id": ACCOUNT,
        "exists": True,
        "planned": True,
        "ready": True,
        "cluster": {
            "name": "magiclub-an2p-ecs",
            "arn": f"arn:aws:ecs:ap-northeast-2:{ACCOUNT}:cluster/magiclub-an2p-ecs",
        },
        "execution_role": {
            "name": "magiclub-an2p-ecs-execution",
            "arn": f"arn:aws:iam::{ACCOUNT}:role/magiclub-an2p-ecs-execution",
        },
        "exec_policy": {
            "name": "magiclub-an2p-ecs-exec",
            "arn": f"arn:aws:iam::{ACCOUNT}:policy/magiclub-an2p-ecs-exec",
        },
        "others_boundary": False,
        "namespace": {"name": "magiclub.internal", "id": "ns-1", "arn": "arn:ns-1"},
        "http_namespace": {"name": "magiclub", "id": "ns-2", "arn": "arn:ns-2"},
        "other_namespaces": {},
    }


def test_facts_of_a_planned_cluster_have_names_and_no_ids():
    info = facts_of(compare.expected(desired.resources(inputs()), []))
    assert (info["exists"], info["planned"], info["ready"]) == (False, True, False)
    assert info["cluster"] == {"name": "magiclub-an2p-ecs", "arn": None}
    assert info["namespace"] == {"name": "magiclub.internal", "id": None, "arn": None}


@pytest.mark.parametrize(
    ("wanted", "used", "others"),
    [
        (None, "magiclub.internal", {}),
        (["magiclub.internal", "magiclub"], "magiclub.internal", {}),
        (["new.internal", "magiclub"], None, {"magiclub.internal": "ns-1"}),
        ([], None, {"magiclub.internal": "ns-1", "magiclub": "ns-2"}),
    ],
)
def test_a_previous_namespace_is_listed_and_not_used(wanted, used, others):
    info = facts.of_resources("magiclub-an2p", "ap-northeast-2", ACCOUNT, resources(), wanted)
    assert ((info["namespace"] or {}).get("name"), info["other_namespaces"]) == (used, others)


def test_facts_of_nothing():
    info = facts_of([])
    assert (info["exists"], info["planned"], info["ready"]) == (False, False, False)
    assert info["cluster"] == {"name": "magiclub-an2p-ecs", "arn": None}
    assert (info["namespace"], info["execution_role"]) == (None, None)


def test_a_pending_namespace_is_not_ready():
    pending = raw()["namespaces"][0] | {"Pending": True}
    assert facts_of(resources(namespaces=[pending]))["ready"] is False


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, None),
        ({"private_domain": "", "http_namespace": ""}, None),
        ({"private_domain": "a"}, None),
        ({"default_capacity_provider_strategy": []}, None),
        ({"name_prefix": "m" * 50}, None),
        ({"execution_role_policies": ["arn:aws:iam::123456789012:policy/path/name"]}, None),
        ({"region": "ap-northeast-22"}, "ap-northeast-22"),
        ({"name_prefix": "a b"}, "'a b' is not a name"),
        ({"name_prefix": "m" * 51}, "has 65 characters, and IAM takes 64"),
        ({"capacity_providers": ["FARGATE_SPOT"]}, "names FARGATE, which is not in ecs_cluster_capacity_providers"),
        (
            {"default_capacity_provider_strategy": [{"capacity_provider": "FARGATE", "weight": 0}]},
            "no provider a weight over 0",
        ),
        (
            {
                "default_capacity_provider_strategy": [
                    {"capacity_provider": name, "weight": 1, "base": 1} for name in ("FARGATE", "FARGATE_SPOT")
                ]
            },
            "two providers a base",
        ),
        (
            {"default_capacity_provider_strategy": [{"capacity_provider": "FARGATE", "weight": 1001}]},
            "weight 1001 of FARGATE is out of range: 0 to 1000",
        ),
        (
            {"default_capacity_provider_strategy": [{"capacity_provider": "FARGATE", "weight": 1, "base": 100001}]},
            "base 100001 of FARGATE is out of range: 0 to 100000",
        ),
        ({"execution_role_policies": ["AmazonS3ReadOnlyAccess"]}, "'AmazonS3ReadOnlyAccess' is not an ARN of a policy"),
        ({"permissions_boundary": "x"}, "ecs_cluster_permissions_boundary: 'x' is not an ARN"),
        ({"private_domain": "a..b"}, "'a..b' is not a domain"),
        ({"private_domain": "-a.b"}, "'-a.b' is not a domain"),
        ({"private_domain": ("a" * 60 + ".") * 4 + "a" * 20}, "is not a domain of at most 253 characters"),
        ({"http_namespace": "a b"}, "has blanks or is too long"),
        ({"http_namespace": "arn:x"}, "has blanks or is too long"),
        ({"http_namespace": "magiclub.internal"}, "are both 'magiclub.internal'"),
    ],
)
def test_inputs_of_the_role_ecs_cluster(fields, problem):
    sentences = ecs_cluster(inputs(**fields))
    assert (sentences == []) if problem is None else (len(sentences) == 1 and problem in sentences[0])
