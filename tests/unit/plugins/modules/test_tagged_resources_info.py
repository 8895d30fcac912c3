# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module tagged_resources_info, against moto and, for resources in states that moto lacks, botocore's Stubber."""

from __future__ import annotations

import functools
import json
import types

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.tagged import api, decide
from ansible_collections.magiclub.fargate.plugins.modules import tagged_resources_info
from botocore.exceptions import ClientError, NoCredentialsError

from tests.unit.plugins.modules.aws_stub import CREDENTIALS, run_module

REGION = "ap-northeast-2"
P = "magiclub-an2p"
TAGS = {"Project": "magiclub", "ManagedBy": "ansible"}
# EC2's filter for these tags, which others may match, too
ALIKE = [{"Name": "key", "Values": ["ManagedBy", "Project"]}, {"Name": "value", "Values": ["ansible", "magiclub"]}]
ECS = f"arn:aws:ecs:{REGION}:123456789012"
NAT = f"arn:aws:ec2:{REGION}:123456789012:natgateway/nat-1"


@pytest.fixture
def run(capsys):
    return functools.partial(run_module, tagged_resources_info.main, capsys, name_prefix=P, tags=TAGS)


def pairs(name, tags=None):
    return [{"Key": key, "Value": value} for key, value in {**(TAGS if tags is None else tags), "Name": name}.items()]


def vpc(moto, name, tags=None):
    specification = [{"ResourceType": "vpc", "Tags": pairs(name, tags)}]
    return moto("ec2").create_vpc(CidrBlock="172.25.0.0/16", TagSpecifications=specification)["Vpc"]["VpcId"]


def subnet(moto, vpc_id, zone, block):
    given = {"VpcId": vpc_id, "CidrBlock": block, "AvailabilityZone": f"{REGION}{zone}"}
    return moto("ec2").create_subnet(**given)["Subnet"]["SubnetId"]


def names(result):
    return sorted(entry["name"] for entry in result["resources"])


def test_only_resources_with_tags_and_prefix_remain(moto, run):
    made = vpc(moto, f"{P}-vpc")
    vpc(moto, f"{P}-stranger", {"Project": "magiclub"})
    vpc(moto, f"{P}x-vpc")
    result = run()
    assert [entry["name"] for entry in result["resources"]] == [f"{P}-vpc"]
    assert result["resources"][0]["arn"].endswith(f":vpc/{made}")


def test_numbers_in_tags_match_text(moto, run):
    vpc(moto, f"{P}-vpc", {**TAGS, "CostCenter": "42"})
    assert names(run(tags={**TAGS, "CostCenter": 42})) == [f"{P}-vpc"]


def test_resources_missing_in_the_tagging_api_are_found_by_name(moto, run):
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    allow = {"Effect": "Allow", "Action": "ssmmessages:OpenDataChannel", "Resource": "*"}
    may = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    for name in (f"{P}-ecs-execution", "somebody-else"):
        moto("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    for name in (f"{P}-ecs-exec", "else-exec"):
        moto("iam").create_policy(PolicyName=name, PolicyDocument=may)
    for name in (f"/ecs/{P}-lotto", "/ecs/else", f"/aws/ecs/containerinsights/{P}-ecs/performance"):
        moto("logs").create_log_group(logGroupName=name)
    network = vpc(moto, "elsewhere", {})
    subnets = [subnet(moto, network, "a", "172.25.0.0/20"), subnet(moto, network, "c", "172.25.32.0/20")]
    elbv2 = moto("elbv2")
    elbv2.create_load_balancer(Name=f"{P}-pub-alb", Subnets=subnets)
    elbv2.create_target_group(Name=f"{P}-lotto", Protocol="HTTP", Port=80, VpcId=network, TargetType="ip")
    elbv2.create_target_group(Name="else", Protocol="HTTP", Port=80, VpcId=network, TargetType="ip")

    result = run()

    assert names(result) == [f"{P}-ecs-exec", f"{P}-ecs-execution", f"{P}-lotto", f"{P}-lotto", f"{P}-pub-alb"]
    assert not any(entry["arn"].endswith(":*") for entry in result["resources"])


@pytest.mark.parametrize(
    ("tags", "expected"), [([{"Key": "Name", "Value": f"{P}-boundary"}], [f"{P}-boundary"]), ([], [])]
)
def test_a_boundary_remains_only_if_this_collection_created_it(moto, run, tags, expected):
    allow = {"Effect": "Allow", "Action": "ssmmessages:OpenDataChannel", "Resource": "*"}
    may = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    moto("iam").create_policy(Path="/fargate-boundary/", PolicyName=f"{P}-boundary", PolicyDocument=may, Tags=tags)
    assert names(run()) == expected


def test_a_cluster_remains_until_it_is_deleted(moto, run):
    ecs = moto("ecs")
    ecs.create_cluster(clusterName=f"{P}-ecs", tags=[{"key": key, "value": value} for key, value in TAGS.items()])
    assert names(run()) == [f"{P}-ecs"]
    ecs.delete_cluster(cluster=f"{P}-ecs")
    assert names(run()) == []


def test_resources_that_only_the_tagging_api_lists_are_gone_or_unconfirmed(moto, run, monkeypatch):
    gone = [
        f"arn:aws:ec2:{REGION}:123456789012:vpc/vpc-0",
        f"{ECS}:service/{P}-ecs/{P}-lotto",
        f"{ECS}:task/{P}-ecs/0f3c",
        f"{ECS}:task-definition/{P}-lotto:1",
        f"arn:aws:ecr:{REGION}:123456789012:repository/{P}-lotto",
        f"arn:aws:servicediscovery:{REGION}:123456789012:namespace/ns-1",
        f"arn:aws:servicediscovery:{REGION}:123456789012:service/srv-1",
        f"{BALANCING}:listener-rule/app/{P}-pub-alb/50dc/1/2",
        f"arn:aws:logs:{REGION}:123456789012:log-group:/ecs/{P}-lotto",
        f"arn:aws:application-autoscaling:{REGION}:123456789012:scalable-target/0ec5",
    ]
    table = f"arn:aws:dynamodb:{REGION}:123456789012:table/{P}-table"
    listed = {arn: {**TAGS, "Name": f"{P}-ghost"} for arn in [*gone, table]}
    monkeypatch.setattr(api, "by_tagging_api", lambda _client, _tags: listed)
    assert run()["resources"] == [{"arn": table, "name": f"{P}-ghost", "state": "unconfirmed"}]


def test_arns_are_of_the_partition_of_the_region(aws, monkeypatch):
    monkeypatch.setitem(CREDENTIALS, "region_name", "cn-north-1")
    tags = [{"ResourceType": "vpc", "ResourceId": "vpc-1", **tag} for tag in pairs(f"{P}-vpc")]
    aws.answer("ec2", "describe_tags", {"Tags": tags}, Filters=ALIKE)
    aws.answer("ec2", "describe_tags", {"Tags": tags}, Filters=[{"Name": "resource-id", "Values": ["vpc-1"]}])
    (vpc,) = api.of_ec2(aws.client("ec2"), TAGS, "123456789012")
    assert vpc.arn == "arn:aws-cn:ec2:cn-north-1:123456789012:vpc/vpc-1"


@pytest.fixture
def polls(monkeypatch):
    """Return a function that lets the module find these results in turn, and returns the times of its polls."""

    def find(*results):
        pauses, times, left = [], [], list(results)

        def remaining(*_arguments):
            times.append(sum(pauses))
            return left.pop(0) if len(left) > 1 else left[0]

        clock = types.SimpleNamespace(monotonic=lambda: float(sum(pauses)), sleep=pauses.append)
        monkeypatch.setattr(tagged_resources_info, "remaining", remaining)
        monkeypatch.setattr(tagged_resources_info, "time", clock)
        return times

    return find


ONE = [{"arn": f"{ECS}:cluster/{P}-ecs", "name": f"{P}-ecs", "state": "there"}]


def test_it_polls_until_nothing_remains(run, polls):
    times = polls(ONE, ONE, [])
    assert run(wait_timeout=120)["resources"] == []
    assert times == [0, 1, 2.5]


def test_resources_that_are_not_deleted_in_time_remain(run, polls):
    times = polls(ONE)
    assert run(wait_timeout=120)["resources"] == ONE
    assert (times[-1], len(times)) == (120, 14)


def test_resources_that_aws_is_deleting_are_a_warning(run, polls):
    polls([*ONE, {**ONE[0], "arn": NAT, "state": "deleting"}])
    # the form of a warning depends on ansible-core's version
    assert f"AWS is still deleting {NAT}. That will finish without this run." in json.dumps(run()["warnings"])


def test_without_a_timeout_it_polls_once(run, polls):
    times = polls(ONE, [])
    assert run()["resources"] == ONE
    assert times == [0]


def test_an_error_of_aws_is_reported_with_what_failed(moto, run, monkeypatch):
    def fail(*_arguments):
        raise NoCredentialsError

    monkeypatch.setattr(api, "by_tagging_api", fail)
    assert run()["msg"].startswith(f"Failed to list what is left of {P} in ap-northeast-2: no AWS credentials")


def test_wildcards_of_ec2_filters_are_escaped(aws):
    filters = [{"Name": "key", "Values": ["Team"]}, {"Name": "value", "Values": [r"a\*b\?c\\d"]}]
    aws.answer("ec2", "describe_tags", {"Tags": []}, Filters=filters)
    assert api.of_ec2(aws.client("ec2"), {"Team": r"a*b?c\d"}, "123456789012") == []


def test_ec2_resources_are_read_in_batches_of_200(aws):
    tags = [
        {"ResourceType": "subnet", "ResourceId": f"subnet-{number:03}", "Key": "Team", "Value": "a"}
        for number in range(250)
    ]
    filters = [{"Name": "key", "Values": ["Team"]}, {"Name": "value", "Values": ["a"]}]
    aws.answer("ec2", "describe_tags", {"Tags": tags}, Filters=filters)
    for some in (tags[:200], tags[200:]):
        ids = [tag["ResourceId"] for tag in some]
        aws.answer("ec2", "describe_tags", {"Tags": some}, Filters=[{"Name": "resource-id", "Values": ids}])
    assert len(api.of_ec2(aws.client("ec2"), {"Team": "a"}, "123456789012")) == 250


def test_ec2_resources_with_all_tags_are_listed_with_the_state_of_those_that_linger(aws):
    tags = [
        {"ResourceType": kind, "ResourceId": resource, **tag}
        for kind, resource, given in (
            ("vpc", "vpc-1", TAGS),
            ("natgateway", "nat-1", TAGS),
            ("natgateway", "nat-2", TAGS),
            ("natgateway", "nat-3", TAGS),
            ("vpc-endpoint", "vpce-1", TAGS),
            ("vpc-endpoint", "vpce-2", TAGS),
            ("vpc-endpoint", "vpce-3", TAGS),
            ("subnet", "subnet-1", {"Project": "magiclub"}),
        )
        for tag in pairs(f"{P}-{resource}", given)
    ]
    alike = [tag for tag in tags if tag["Key"] in TAGS]
    ids = ["nat-1", "nat-2", "nat-3", "vpc-1", "vpce-1", "vpce-2", "vpce-3"]
    theirs = [tag for tag in tags if tag["ResourceId"] in ids]
    these = {"Filters": [{"Name": "resource-id", "Values": ids}]}
    for some, filters in ((alike, {"Filters": ALIKE}), (theirs, these)):
        aws.answer("ec2", "describe_tags", {"Tags": some[:2], "NextToken": "more"}, **filters)
        aws.answer("ec2", "describe_tags", {"Tags": some[2:]}, **filters, NextToken="more")
    states = [("nat-1", "available"), ("nat-2", "deleting")]
    answer = {"NatGateways": [{"NatGatewayId": gateway, "State": state} for gateway, state in states]}
    living = [{"Name": "state", "Values": ["pending", "available", "deleting"]}]
    aws.answer("ec2", "describe_nat_gateways", answer, Filter=living)
    states = [("vpce-1", "Available"), ("vpce-2", "deleting"), ("vpce-3", "Deleted")]
    answer = {"VpcEndpoints": [{"VpcEndpointId": endpoint, "State": state} for endpoint, state in states]}
    aws.answer("ec2", "describe_vpc_endpoints", answer)

    found = {entry.arn.rsplit("/")[-1]: entry for entry in api.of_ec2(aws.client("ec2"), TAGS, "123456789012")}

    assert {resource: entry.state for resource, entry in found.items()} == {
        "vpc-1": "there",
        "nat-1": "there",
        "nat-2": "deleting",
        "vpce-1": "there",
        "vpce-2": "deleting",
    }
    assert found["vpc-1"].tags == {**TAGS, "Name": f"{P}-vpc-1"}
    assert found["vpc-1"].arn == f"arn:aws:ec2:{REGION}:123456789012:vpc/vpc-1"


LOTTO = f"{P}-lotto"
SERVICE, TASK, CLUSTER, REVISION = (
    f"{ECS}:{resource}"
    for resource in (f"service/{P}-ecs/{LOTTO}", f"task/{P}-ecs/0f3c", f"cluster/{P}-ecs", f"task-definition/{LOTTO}:1")
)
BALANCING = f"arn:aws:elasticloadbalancing:{REGION}:123456789012"
LISTENER, RULE = (f"{BALANCING}:{kind}" for kind in ("listener/app/a/1/2", "listener-rule/app/a/1/2/3"))
REPOSITORY = f"arn:aws:ecr:{REGION}:123456789012:repository/{P}/lotto"
NAMESPACE, DISCOVERY = (
    f"arn:aws:servicediscovery:{REGION}:123456789012:{kind}" for kind in ("namespace/ns-1", "service/srv-1")
)
TARGET = f"arn:aws:application-autoscaling:{REGION}:123456789012:scalable-target/0ec5"

SERVICES, TASKS, CLUSTERS, DEFINITIONS, LISTENERS, RULES, REPOSITORIES, NAMESPACES, DISCOVERIES, TARGETS = (
    ("describe_services", {"cluster": f"{P}-ecs", "services": [SERVICE]}),
    ("describe_tasks", {"cluster": f"{P}-ecs", "tasks": [TASK]}),
    ("describe_clusters", {"clusters": [CLUSTER]}),
    ("list_task_definitions", {"familyPrefix": LOTTO, "status": "ACTIVE"}),
    ("describe_listeners", {"LoadBalancerArn": f"{BALANCING}:loadbalancer/app/a/1"}),
    ("describe_rules", {"ListenerArn": LISTENER}),
    ("describe_repositories", {"repositoryNames": [f"{P}/lotto"]}),
    ("list_namespaces", {}),
    ("list_services", {}),
    ("describe_scalable_targets", {"ServiceNamespace": "ecs"}),
)


@pytest.mark.parametrize(
    ("arn", "call", "answer", "state"),
    [
        (SERVICE, SERVICES, {"services": [{"serviceArn": SERVICE, "status": "ACTIVE"}]}, "there"),
        (SERVICE, SERVICES, {"services": [{"serviceArn": SERVICE, "status": "DRAINING"}]}, "deleting"),
        (SERVICE, SERVICES, {"services": [{"serviceArn": SERVICE, "status": "INACTIVE"}]}, None),
        (SERVICE, SERVICES, {"services": []}, None),
        (SERVICE, SERVICES, "ClusterNotFoundException", None),
        (TASK, TASKS, {"tasks": [{"taskArn": TASK, "lastStatus": "RUNNING"}]}, "there"),
        (TASK, TASKS, {"tasks": [{"taskArn": TASK, "lastStatus": "RUNNING", "desiredStatus": "STOPPED"}]}, "deleting"),
        (TASK, TASKS, {"tasks": [{"taskArn": TASK, "lastStatus": "STOPPED"}]}, None),
        (TASK, TASKS, "ClusterNotFoundException", None),
        (CLUSTER, CLUSTERS, {"clusters": [{"clusterArn": CLUSTER, "status": "ACTIVE"}]}, "there"),
        (CLUSTER, CLUSTERS, {"clusters": [{"clusterArn": CLUSTER, "status": "DEPROVISIONING"}]}, "deleting"),
        (CLUSTER, CLUSTERS, {"clusters": [{"clusterArn": CLUSTER, "status": "INACTIVE"}]}, None),
        (CLUSTER, CLUSTERS, {"clusters": []}, None),
        (REVISION, DEFINITIONS, {"taskDefinitionArns": [REVISION]}, "there"),
        (REVISION, DEFINITIONS, {"taskDefinitionArns": [f"{ECS}:task-definition/{LOTTO}:2"]}, None),
        (LISTENER, LISTENERS, {"Listeners": [{"ListenerArn": LISTENER}]}, "there"),
        (LISTENER, LISTENERS, {"Listeners": [{"ListenerArn": f"{LISTENER}2"}]}, None),
        (LISTENER, LISTENERS, "LoadBalancerNotFound", None),
        (RULE, RULES, {"Rules": [{"RuleArn": RULE}]}, "there"),
        (RULE, RULES, {"Rules": [{"RuleArn": f"{RULE}2"}]}, None),
        (RULE, RULES, "ListenerNotFound", None),
        (REPOSITORY, REPOSITORIES, {"repositories": [{"repositoryArn": REPOSITORY}]}, "there"),
        (REPOSITORY, REPOSITORIES, "RepositoryNotFoundException", None),
        (NAMESPACE, NAMESPACES, {"Namespaces": [{"Arn": NAMESPACE}]}, "there"),
        (NAMESPACE, NAMESPACES, {"Namespaces": []}, None),
        (DISCOVERY, DISCOVERIES, {"Services": [{"Arn": DISCOVERY}]}, "there"),
        (DISCOVERY, DISCOVERIES, {"Services": []}, None),
        (TARGET, TARGETS, {"ScalableTargets": [{"ScalableTargetARN": TARGET}]}, "there"),
        (TARGET, TARGETS, {"ScalableTargets": []}, None),
    ],
)
def test_a_listed_resource_is_confirmed_by_its_service(aws, arn, call, answer, state):
    operation, arguments = call
    service, states = api.READERS[decide.kind(arn)]
    if isinstance(answer, str):
        aws.refuse(service, operation, answer, **arguments)
    else:
        aws.answer(service, operation, complete(operation, answer), **arguments)
    assert states(aws.client(service), [arn]) == ({arn: state} if state else {})


def complete(operation, answer):
    """Return an answer with the fields that botocore's model requires of a scalable target."""
    if operation != "describe_scalable_targets":
        return answer
    more = {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{P}-ecs/{LOTTO}",
        "ScalableDimension": "ecs:service:DesiredCount",
        "MinCapacity": 1,
        "MaxCapacity": 2,
        "RoleARN": "arn:aws:iam::123456789012:role/r",
        "CreationTime": 0,
    }
    return {"ScalableTargets": [{**target, **more} for target in answer["ScalableTargets"]]}


def test_services_are_read_in_batches_by_cluster(aws):
    arns = [f"{ECS}:service/{P}-ecs/{number:02}" for number in range(12)] + [f"{ECS}:service/{P}-other/00"]
    for cluster, some in ((f"{P}-ecs", arns[:10]), (f"{P}-ecs", arns[10:12]), (f"{P}-other", arns[12:])):
        answer = {"services": [{"serviceArn": arn, "status": "ACTIVE"} for arn in some]}
        aws.answer("ecs", "describe_services", answer, cluster=cluster, services=some)
    assert list(api.services(aws.client("ecs"), arns)) == arns


def test_another_error_is_raised(aws):
    aws.refuse("ecs", "describe_services", "AccessDeniedException", cluster=f"{P}-ecs", services=[SERVICE])
    with pytest.raises(ClientError, match="AccessDeniedException"):
        api.services(aws.client("ecs"), [SERVICE])
