# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.modules import ecs_cluster_info, iam_service_linked_role

ACCOUNT = "123456789012"
PREFIX = "magiclub-an2p"
ROLE = f"{PREFIX}-ecs-execution"
PATH = "/aws-service-role/ecs.amazonaws.com/"
LINKED_ARN = f"arn:aws:iam::{ACCOUNT}:role{PATH}AWSServiceRoleForECS"
BOUNDARY_ARN = f"arn:aws:iam::{ACCOUNT}:policy/fargate-boundary/{PREFIX}-boundary"
POLICY_ARN = f"arn:aws:iam::{ACCOUNT}:policy/{PREFIX}-ecs-exec"

NS = f"arn:aws:servicediscovery:ap-northeast-2:{ACCOUNT}:namespace/ns"


def role(name, arn):
    return {"Path": "/", "RoleName": name, "RoleId": "A" * 16, "Arn": arn, "CreateDate": "2026-01-01T00:00:00Z"}


def identity(aws):
    aws.answer("sts", "get_caller_identity", {"Account": ACCOUNT})


def linked(aws, *arns):
    found = [role("AWSServiceRoleForECS", arn) for arn in arns]
    aws.answer("iam", "list_roles", {"Roles": found}, PathPrefix=PATH)


# a namespace that another account shares through AWS RAM, and whose tags only that account may read
SHARED = {
    "Id": "ns-9",
    "Arn": "arn:aws:servicediscovery:ap-northeast-2:999999999999:namespace/ns-9",
    "Name": "magiclub.internal",
    "Type": "DNS_PRIVATE",
    "Properties": {"DnsProperties": {"HostedZoneId": "Z9"}},
}


def no_policies(aws):
    aws.refuse("iam", "get_policy", "NoSuchEntity", PolicyArn=POLICY_ARN)
    aws.refuse("iam", "get_policy", "NoSuchEntity", PolicyArn=BOUNDARY_ARN)


def clusters(aws, *found):
    include = ["CONFIGURATIONS", "SETTINGS", "TAGS"]
    aws.answer("ecs", "describe_clusters", {"clusters": list(found)}, clusters=[f"{PREFIX}-ecs"], include=include)


def operations(aws, *ids):
    filters = [
        {"Name": "TYPE", "Values": ["CREATE_NAMESPACE"], "Condition": "EQ"},
        {"Name": "STATUS", "Values": ["SUBMITTED", "PENDING"], "Condition": "IN"},
    ]
    found = [{"Id": one, "Status": "PENDING"} for one in ids]
    aws.answer("servicediscovery", "list_operations", {"Operations": found}, Filters=filters)


def info(aws, **parameters):
    return aws.run(ecs_cluster_info.main, name_prefix=PREFIX, namespaces=["magiclub.internal"], **parameters)


def test_an_empty_account(aws):
    identity(aws)
    clusters(aws)
    linked(aws)
    aws.refuse("iam", "get_role", "NoSuchEntity", RoleName=ROLE)
    aws.answer("servicediscovery", "list_namespaces", {"Namespaces": []})
    operations(aws)
    no_policies(aws)
    result = info(aws, check=True)
    assert (result["changed"], result["exists"], result["resources"]) == (False, False, [])
    assert result["account_id"] == ACCOUNT


def test_an_existing_cluster_layer(aws):
    identity(aws)
    clusters(aws, {"clusterName": f"{PREFIX}-ecs", "clusterArn": "arn:cluster", "status": "ACTIVE"})
    linked(aws, LINKED_ARN)
    trust = "%7B%22Version%22%3A%20%222012-10-17%22%2C%20%22Statement%22%3A%20%5B%5D%7D"
    found = role(ROLE, f"arn:aws:iam::{ACCOUNT}:role/{ROLE}") | {"AssumeRolePolicyDocument": trust}
    aws.answer("iam", "get_role", {"Role": found}, RoleName=ROLE)
    attached = [{"PolicyName": "p", "PolicyArn": "arn:aws:iam::aws:policy/x/p"}]
    aws.answer("iam", "list_attached_role_policies", {"AttachedPolicies": attached}, RoleName=ROLE)
    namespace = {
        "Id": "ns-1",
        "Arn": f"{NS}-1",
        "Name": "magiclub.internal",
        "Type": "DNS_PRIVATE",
        "Properties": {"DnsProperties": {"HostedZoneId": "Z1"}},
    }
    aws.answer("servicediscovery", "list_namespaces", {"Namespaces": [SHARED, namespace]})
    operations(aws, "op-0", "op-1", "op-2")
    # an operation that has just been accepted has no target yet
    aws.answer("servicediscovery", "get_operation", {"Operation": {"Id": "op-0"}}, OperationId="op-0")
    for operation, target in (("op-1", "ns-2"), ("op-2", "ns-3")):
        pending = {"Id": operation, "Targets": {"NAMESPACE": target}}
        aws.answer("servicediscovery", "get_operation", {"Operation": pending}, OperationId=operation)
        if target == "ns-2":
            http = {"Id": "ns-2", "Arn": f"{NS}-2", "Name": "other", "Type": "HTTP"}
            aws.answer("servicediscovery", "get_namespace", {"Namespace": http}, Id="ns-2")
        else:
            aws.refuse("servicediscovery", "get_namespace", "NamespaceNotFound", Id=target)
    aws.answer("servicediscovery", "list_tags_for_resource", {"Tags": []}, ResourceARN=f"{NS}-1")
    ours = [{"Key": "Name", "Value": f"{PREFIX}-http-namespace"}]
    aws.answer("servicediscovery", "list_tags_for_resource", {"Tags": ours}, ResourceARN=f"{NS}-2")
    aws.answer(
        "iam",
        "get_policy",
        {"Policy": {"PolicyName": f"{PREFIX}-ecs-exec", "Arn": POLICY_ARN, "DefaultVersionId": "v2"}},
        PolicyArn=POLICY_ARN,
    )
    aws.answer(
        "iam",
        "get_policy_version",
        {"PolicyVersion": {"Document": trust}},
        PolicyArn=POLICY_ARN,
        VersionId="v2",
    )
    aws.refuse("iam", "get_policy", "NoSuchEntity", PolicyArn=BOUNDARY_ARN)
    zone = {"HostedZone": {"Id": "Z1", "Name": "n", "CallerReference": "r"}, "VPCs": [{"VPCId": "vpc-1"}]}
    aws.answer("route53", "get_hosted_zone", zone, Id="Z1")
    vpc = {"VpcId": "vpc-1", "Tags": [{"Key": "Name", "Value": f"{PREFIX}-vpc"}]}
    filters = [{"Name": "vpc-id", "Values": ["vpc-1"]}]
    aws.answer("ec2", "describe_vpcs", {"Vpcs": [vpc]}, Filters=filters)
    result = info(aws)
    assert [one["name"] for one in result["resources"]] == [
        "AWSServiceRoleForECS",
        ROLE,
        f"{PREFIX}-ecs-exec",
        f"{PREFIX}-ecs",
        "magiclub.internal",
        "other",
    ]
    assert result["namespace"]["id"] == "ns-1"
    assert (result["http_namespace"]["id"], result["ready"]) == ("ns-2", False)


CLUSTER_ARN = f"arn:aws:ecs:ap-northeast-2:{ACCOUNT}:cluster/{PREFIX}-ecs"


@pytest.mark.parametrize("there", [True, False])
def test_reading_only_the_cluster_is_one_call(aws, there):
    one = {
        "clusterName": f"{PREFIX}-ecs",
        "clusterArn": CLUSTER_ARN,
        "status": "ACTIVE",
        "tags": [{"key": "Project", "value": "x"}],
    }
    answer = {"clusters": [one] if there else []}
    aws.answer("ecs", "describe_clusters", answer, clusters=[f"{PREFIX}-ecs"], include=["TAGS"])
    result = info(aws, cluster_only=True)
    assert (result["exists"], result["account_id"]) == (there, ACCOUNT if there else "")
    assert [one["values"]["tags"] for one in result["resources"]] == ([{"Project": "x"}] if there else [])
    assert result["services"] == []


def test_active_services_are_listed(aws):
    one = {"clusterName": f"{PREFIX}-ecs", "clusterArn": CLUSTER_ARN, "status": "ACTIVE"}
    aws.answer("ecs", "describe_clusters", {"clusters": [one]}, clusters=[f"{PREFIX}-ecs"], include=["TAGS"])
    names = [str(number) for number in range(11)]
    arns = [f"arn:service/{name}" for name in names]
    aws.answer("ecs", "list_services", {"serviceArns": arns}, cluster=f"{PREFIX}-ecs")
    for some, services in (
        (names[:10], [("lotto", "ACTIVE"), ("gone", "DRAINING"), ("hello", "ACTIVE")]),
        (names[10:], [("another", "ACTIVE")]),
    ):
        found = [{"serviceName": name, "status": status} for name, status in services]
        aws.answer("ecs", "describe_services", {"services": found}, cluster=f"{PREFIX}-ecs", services=some)
    assert info(aws, cluster_only=True, services=True)["services"] == ["another", "hello", "lotto"]


def test_a_missing_cluster_has_no_services(aws):
    aws.answer("ecs", "describe_clusters", {"clusters": []}, clusters=[f"{PREFIX}-ecs"], include=["TAGS"])
    assert info(aws, cluster_only=True, services=True)["services"] == []


@pytest.mark.parametrize("status", ["SUCCESS", "FAIL"])
def test_a_pending_namespace_is_waited_for_on_request(aws, monkeypatch, status):
    pauses = []
    monkeypatch.setattr(ecs_cluster_info.time, "monotonic", lambda: sum(pauses))
    monkeypatch.setattr(ecs_cluster_info.time, "sleep", pauses.append)
    operations(aws, "op-1")
    for seen in ("PENDING", status):
        found = {"Id": "op-1", "Type": "CREATE_NAMESPACE", "Status": seen}
        aws.answer("servicediscovery", "get_operation", {"Operation": found}, OperationId="op-1")
    identity(aws)
    clusters(aws)
    linked(aws)
    aws.refuse("iam", "get_role", "NoSuchEntity", RoleName=ROLE)
    namespace = {"Id": "ns-1", "Arn": f"{NS}-1", "Name": "magiclub.internal", "Type": "HTTP"}
    aws.answer("servicediscovery", "list_namespaces", {"Namespaces": [namespace]})
    operations(aws)
    aws.answer("servicediscovery", "list_tags_for_resource", {"Tags": []}, ResourceARN=f"{NS}-1")
    no_policies(aws)
    assert info(aws, settle_timeout=60)["http_namespace"]["id"] == "ns-1"
    assert pauses == [2]


def test_a_denied_call_is_reported(aws):
    identity(aws)
    aws.refuse(
        "ecs",
        "describe_clusters",
        "AccessDeniedException",
        clusters=[f"{PREFIX}-ecs"],
        include=["CONFIGURATIONS", "SETTINGS", "TAGS"],
    )
    linked(aws)
    aws.refuse("iam", "get_role", "NoSuchEntity", RoleName=ROLE)
    aws.answer("servicediscovery", "list_namespaces", {"Namespaces": []})
    operations(aws)
    assert "Failed to read the ECS cluster in ap-northeast-2" in info(aws)["msg"]


def service_linked_role(aws, **parameters):
    return aws.run(iam_service_linked_role.main, service="ecs.amazonaws.com", **parameters)


def test_an_existing_service_linked_role_is_left_alone(aws):
    linked(aws, LINKED_ARN)
    result = service_linked_role(aws)
    assert (result["changed"], result["arn"]) == (False, LINKED_ARN)


@pytest.mark.parametrize("check", [True, False])
def test_a_service_linked_role_is_created(aws, check):
    linked(aws)
    if not check:
        made = {"Role": role("AWSServiceRoleForECS", LINKED_ARN)}
        aws.answer("iam", "create_service_linked_role", made, AWSServiceName="ecs.amazonaws.com")
    result = service_linked_role(aws, check=check)
    assert (result["changed"], result["arn"]) == (True, None if check else LINKED_ARN)


def test_a_service_linked_role_that_another_run_created_first_is_accepted(aws):
    linked(aws)
    aws.refuse("iam", "create_service_linked_role", "InvalidInput", AWSServiceName="ecs.amazonaws.com")
    linked(aws, LINKED_ARN)
    result = service_linked_role(aws)
    assert (result["changed"], result["arn"]) == (False, LINKED_ARN)


def test_a_service_without_a_linked_role_is_an_error(aws):
    linked(aws)
    aws.refuse("iam", "create_service_linked_role", "InvalidInput", AWSServiceName="ecs.amazonaws.com")
    linked(aws)
    assert "Failed to create the service-linked role of ecs.amazonaws.com" in service_linked_role(aws)["msg"]
