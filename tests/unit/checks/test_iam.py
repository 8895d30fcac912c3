# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import re

import pytest

from tests.checks import iam


@pytest.mark.parametrize(
    ("service", "action", "expected"),
    [
        ("ec2", "CreateVpc", "ec2:CreateVpc"),
        ("resourcegroupstaggingapi", "GetResources", "tag:GetResources"),
        ("sts", "GetCallerIdentity", None),
        ("registry", "POST /v2/1.dkr.ecr.x.amazonaws.com/a-lotto/blobs/uploads/", "ecr:InitiateLayerUpload"),
        ("registry", "PATCH /v2/a-lotto/blobs/uploads/7f", "ecr:UploadLayerPart"),
        ("registry", "PUT /v2/a-lotto/blobs/uploads/7f", "ecr:CompleteLayerUpload"),
        ("registry", "PUT /v2/a-lotto/manifests/1.0", "ecr:PutImage"),
        ("registry", "HEAD /v2/a-lotto/blobs/sha256:1", "ecr:BatchCheckLayerAvailability"),
        ("registry", "GET /v2/", None),
    ],
)
def test_the_action_of_a_call(service, action, expected):
    assert iam.action_of({"service": service, "action": action}) == expected


def test_what_aws_asks_for_beside_a_call():
    calls = [{"service": "ecs", "action": "RegisterTaskDefinition"}]
    assert iam.actions_of(calls) == {"ecs:RegisterTaskDefinition", "ecs:TagResource", "iam:PassRole"}


def test_who_deploys_may_look_at_all_that_says_why_a_deployment_failed():
    rollout = iam.ROOT / "plugins" / "module_utils" / "_resources" / "ecs" / "rollout"
    source = (rollout / "api.py").read_text(encoding="utf-8")
    looks = {name for name in re.findall(r'@call\("(\w+)"\)', source) if iam.is_read(f"any:{name}")}
    held = {action for name in iam.DEPLOYER for action in iam.allowed(iam.committed(name))}
    assert looks >= {"DescribeTasks", "GetLogEvents"}
    assert looks - {action.partition(":")[2] for action in held} == set()


@pytest.mark.parametrize(
    ("action", "sids"),
    [
        ("ec2:DescribeVpcs", ["ReadNetwork"]),
        ("ecs:DescribeServices", ["Read"]),
        ("logs:GetLogEvents", ["ReadLogs"]),
        ("elasticloadbalancing:CreateRule", ["Routes"]),
        ("elasticloadbalancing:CreateListener", ["LoadBalancer"]),
        ("elasticloadbalancing:AddTags", ["Routes", "LoadBalancer"]),
        ("tag:GetResources", ["ReadTags"]),
        ("ec2:CreateSubnet", ["NetworkMake", "NetworkMakeWithin"]),
        ("ec2:CreateTags", ["NetworkTagWhatIsMade", "NetworkChange"]),
        ("ec2:CreateRoute", ["NetworkChange"]),
        ("ec2:DeleteVpc", ["NetworkChange"]),
        ("ecr:GetAuthorizationToken", ["RegistryLogin"]),
        ("ecr:PutImage", ["Repository"]),
        ("iam:AttachRolePolicy", ["RolesGiveOnlyThese"]),
        ("servicediscovery:TagResource", ["DiscoveryTag"]),
        ("servicediscovery:CreateService", ["DiscoveryMake", "Discovery"]),
        ("route53:GetChange", ["ReadNetwork"]),
        ("iam:GetRole", ["ReadRoles"]),
        ("iam:CreateRole", ["RolesBounded"]),
        ("iam:PutRolePolicy", ["RolesBounded"]),
        ("iam:DeleteRole", ["Roles"]),
        ("iam:CreatePolicyVersion", ["Policies"]),
        ("iam:CreateServiceLinkedRole", ["ServiceLinkedRoles"]),
        ("iam:PassRole", ["PassRoles", "PassRolesOfJobs"]),
        ("application-autoscaling:RegisterScalableTarget", ["Autoscaling"]),
        ("application-autoscaling:DescribeScalingPolicies", ["Read"]),
        ("cloudwatch:PutMetricAlarm", ["AutoscalingAlarms"]),
        ("route53:ChangeResourceRecordSets", ["Records"]),
        ("acm:ListCertificates", ["ReadNetwork"]),
        ("ssm:GetParameter", ["Lock"]),
    ],
)
def test_where_an_action_is_allowed(action, sids):
    assert [scope.sid for scope in iam.scopes_of(action)] == sids


@pytest.mark.parametrize("names", [iam.DEPLOYER, iam.VIEWER], ids=["deployer", "viewer"])
def test_the_committed_policies_are_as_generated(names):
    """From their own actions; tests/e2e/test_tight.py checks these against the calls of runs."""
    actions = {action for name in names for action in iam.allowed(iam.committed(name))}
    example = (iam.EXAMPLE_ACCOUNT, iam.EXAMPLE_REGION, iam.EXAMPLE_PREFIX)
    assert {name: iam.policy(name, actions, *example) for name in names} == {
        name: iam.committed(name) for name in names
    }


def test_the_committed_boundary_is_the_one_that_the_role_makes():
    assert iam.committed(iam.BOUNDS) == iam.bounds()


def test_the_committed_policy_of_ids_is_as_generated():
    assert iam.committed(iam.IDS) == iam.ids()


def read_actions(path):
    """Return the names of the calls by which a layer is read, as AWS writes them."""
    source = (iam.ROOT / "plugins" / "module_utils" / "_layers" / path).read_text(encoding="utf-8")
    names = re.findall(r'(?:call|pages)\(\s*\w+,\s*"(\w+)"', source)
    return {"".join(part.capitalize() for part in name.split("_")) for name in names} - {"GetCallerIdentity"}


@pytest.mark.parametrize("path", ["vpc/api.py", "alb/api.py", "ecs_cluster/api.py", "services/read.py"])
@pytest.mark.parametrize("names", [iam.DEPLOYER, iam.VIEWER], ids=["deployer", "viewer"])
def test_who_plans_may_make_every_call_by_which_a_layer_is_read(names, path):
    held = {action.partition(":")[2] for name in names for action in iam.allowed(iam.committed(name))}
    calls = {name.replace("Dns", "DNS") for name in read_actions(path)}
    assert calls, path
    assert sorted(calls - held) == []


def test_an_action_that_no_scope_takes_is_an_error():
    with pytest.raises(ValueError, match=r"s3:PutObject falls into no scope\. Say in SCOPES"):
        iam.scopes_of("s3:PutObject")


def test_a_policy_names_its_account_region_and_prefix():
    document = iam.policy("viewer", {"ssm:PutParameter"}, "1" * 12, "eu-west-1", "shop-ew1p")
    (statement,) = document["Statement"]
    assert statement == {
        "Sid": "Lock",
        "Effect": "Allow",
        "Action": ["ssm:PutParameter"],
        "Resource": ["arn:*:ssm:eu-west-1:111111111111:parameter/shop-ew1p/lock"],
    }


@pytest.mark.parametrize(
    ("name", "sids"),
    [
        (iam.NETWORK, ["NetworkChange", "LoadBalancer"]),
        (iam.SERVICE, ["Lock", "Repository", "Routes"]),
        ("viewer", ["Lock", "Repository", "NetworkChange", "Routes", "LoadBalancer"]),
    ],
)
def test_what_is_in_which_part(name, sids):
    actions = {"ssm:PutParameter", "ec2:DeleteVpc", "ecr:PutImage", "elasticloadbalancing:AddTags"}
    document = iam.policy(name, actions, "1" * 12, "eu-west-1", "shop-ew1p")
    assert [statement["Sid"] for statement in document["Statement"]] == sids


DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "A", "Effect": "Allow", "Action": ["s:One", "s:Two"], "Resource": ["a"]},
        {"Sid": "B", "Effect": "Allow", "Action": ["s:Two"], "Resource": ["b"]},
    ],
}


def test_a_policy_without_an_action():
    (left,) = iam.without(DOCUMENT, "s:Two")["Statement"]
    assert (left["Sid"], left["Action"]) == ("A", ["s:One"])


def test_where_policies_allow_an_action():
    assert iam.resources_of([DOCUMENT], "s:Two") == ["a", "b"]
