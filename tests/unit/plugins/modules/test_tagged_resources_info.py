# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module against moto, and what it makes of ECS resources on their way out against botocore's Stubber."""

from __future__ import annotations

import json

import boto3
import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.magiclub.fargate.plugins.module_utils._tagged import api
from ansible_collections.magiclub.fargate.plugins.modules import tagged_resources_info
from botocore.exceptions import ClientError, NoCredentialsError
from botocore.stub import Stubber
from moto import mock_aws

REGION = "ap-northeast-2"
P = "magiclub-an2p"
TAGS = {"Project": "magiclub", "ManagedBy": "ansible"}
ECS = f"arn:aws:ecs:{REGION}:123456789012"


@pytest.fixture
def aws(monkeypatch):
    """An empty account; returns a function from a service's name to its client."""
    for name, value in (("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "x"), ("AWS_DEFAULT_REGION", REGION)):
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield boto3.client


class Stubbed:
    """A client that answers just the calls that a test has announced."""

    def __init__(self, service):
        self.client = boto3.client(service, region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")
        self.stub = Stubber(self.client)


def stubbed(service):
    made = Stubbed(service)
    with made.stub:
        yield made
    made.stub.assert_no_pending_responses()


@pytest.fixture
def ecs():
    yield from stubbed("ecs")


@pytest.fixture
def ec2():
    yield from stubbed("ec2")


@pytest.fixture
def run(capsys):
    def run():
        arguments = {"name_prefix": P, "tags": TAGS, "region": REGION}
        with patch_module_args(arguments), pytest.raises(SystemExit):
            tagged_resources_info.main()
        return json.loads(capsys.readouterr().out.splitlines()[-1])

    return run


def pairs(name, tags=None):
    return [{"Key": key, "Value": value} for key, value in {**(TAGS if tags is None else tags), "Name": name}.items()]


def vpc(aws, name, tags=None):
    specification = [{"ResourceType": "vpc", "Tags": pairs(name, tags)}]
    return aws("ec2").create_vpc(CidrBlock="172.25.0.0/16", TagSpecifications=specification)["Vpc"]["VpcId"]


def subnet(aws, vpc_id, zone, block):
    asked = {"VpcId": vpc_id, "CidrBlock": block, "AvailabilityZone": f"{REGION}{zone}"}
    return aws("ec2").create_subnet(**asked)["Subnet"]["SubnetId"]


def names(result):
    return sorted(entry["name"] for entry in result["resources"])


def test_what_bears_tags_and_prefix_is_left_and_nothing_else(aws, run):
    made = vpc(aws, f"{P}-vpc")
    vpc(aws, f"{P}-stranger", {"Project": "magiclub"})
    vpc(aws, f"{P}x-vpc")
    result = run()
    assert [entry["name"] for entry in result["resources"]] == [f"{P}-vpc"]
    assert result["resources"][0]["arn"].endswith(f":vpc/{made}")


def test_what_the_tagging_api_does_not_list_is_found_by_its_name(aws, run):
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    for name in (f"{P}-ecs-execution", "somebody-else"):
        aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    for name in (f"/ecs/{P}-lotto", "/ecs/else"):
        aws("logs").create_log_group(logGroupName=name)
    network = vpc(aws, "elsewhere", {})
    elbv2, subnets = (
        aws("elbv2"),
        [subnet(aws, network, "a", "172.25.0.0/20"), subnet(aws, network, "c", "172.25.32.0/20")],
    )
    elbv2.create_load_balancer(Name=f"{P}-pub-alb", Subnets=subnets)
    elbv2.create_target_group(Name=f"{P}-lotto", Protocol="HTTP", Port=80, VpcId=network, TargetType="ip")
    elbv2.create_target_group(Name="else", Protocol="HTTP", Port=80, VpcId=network, TargetType="ip")

    result = run()

    assert names(result) == [f"{P}-ecs-execution", f"{P}-lotto", f"{P}-lotto", f"{P}-pub-alb"]
    assert not any(entry["arn"].endswith(":*") for entry in result["resources"])


def test_a_cluster_is_left_until_it_is_deleted(aws, run):
    ecs = aws("ecs")
    ecs.create_cluster(clusterName=f"{P}-ecs", tags=[{"key": key, "value": value} for key, value in TAGS.items()])
    assert names(run()) == [f"{P}-ecs"]
    ecs.delete_cluster(cluster=f"{P}-ecs")
    assert names(run()) == []


def test_a_refusal_says_of_what_it_could_not_list_the_rest(aws, run, monkeypatch):
    def fail(*_arguments):
        raise NoCredentialsError

    monkeypatch.setattr(api, "by_tagging_api", fail)
    assert run()["msg"].startswith(f"Can't list what is left of {P}: ")


def test_of_ec2_those_with_all_tags_are_listed_and_those_gone_are_known(ec2):
    nats = [{"NatGatewayId": "nat-2", "State": "deleted"}]
    tags = [
        {"ResourceType": "natgateway", "ResourceId": resource, **tag}
        for resource, given in (("nat-1", TAGS), ("nat-2", TAGS), ("nat-3", {"Project": "magiclub"}))
        for tag in pairs(f"{P}-{resource}", given)
    ]
    ec2.stub.add_response("describe_tags", {"Tags": tags[:2], "NextToken": "more"}, {})
    ec2.stub.add_response("describe_tags", {"Tags": tags[2:]}, {"NextToken": "more"})
    states = {"Filter": [{"Name": "state", "Values": ["deleted", "failed"]}]}
    ec2.stub.add_response("describe_nat_gateways", {"NatGateways": nats}, states)

    tagged = list(api.by_ec2(ec2.client, TAGS, REGION, "123456789012"))
    gone = api.gone_nat_gateways(ec2.client, REGION, "123456789012")

    arns = [f"arn:aws:ec2:{REGION}:123456789012:natgateway/nat-{number}" for number in (1, 2)]
    assert [entry["arn"] for entry in tagged] == arns
    assert tagged[0]["tags"] == {**TAGS, "Name": f"{P}-nat-1"}
    assert gone == {arns[1]}


SERVICE, TASK, CLUSTER, REVISION = (
    f"{ECS}:{resource}"
    for resource in (f"service/{P}-ecs/web", f"task/{P}-ecs/0f3c", f"cluster/{P}-ecs", f"task-definition/{P}-web:1")
)
SERVICES, TASKS, CLUSTERS, DEFINITION = (
    ("describe_services", {"cluster": f"{P}-ecs", "services": [SERVICE]}),
    ("describe_tasks", {"cluster": f"{P}-ecs", "tasks": [TASK]}),
    ("describe_clusters", {"clusters": [CLUSTER]}),
    ("describe_task_definition", {"taskDefinition": REVISION}),
)


@pytest.mark.parametrize(
    ("arn", "call", "answer", "gone"),
    [
        (SERVICE, SERVICES, {"services": [{"serviceArn": SERVICE, "status": "ACTIVE"}]}, False),
        (SERVICE, SERVICES, {"services": [{"serviceArn": SERVICE, "status": "DRAINING"}]}, False),
        (SERVICE, SERVICES, {"services": [{"serviceArn": SERVICE, "status": "INACTIVE"}]}, True),
        (SERVICE, SERVICES, {"services": []}, True),
        (TASK, TASKS, {"tasks": [{"taskArn": TASK, "lastStatus": "RUNNING"}]}, False),
        (TASK, TASKS, {"tasks": [{"taskArn": TASK, "lastStatus": "STOPPED"}]}, True),
        (CLUSTER, CLUSTERS, {"clusters": [{"clusterArn": CLUSTER, "status": "ACTIVE"}]}, False),
        (CLUSTER, CLUSTERS, {"clusters": [{"clusterArn": CLUSTER, "status": "INACTIVE"}]}, True),
        (CLUSTER, CLUSTERS, {"clusters": []}, True),
        (REVISION, DEFINITION, {"taskDefinition": {"status": "ACTIVE"}}, False),
        (REVISION, DEFINITION, {"taskDefinition": {"status": "INACTIVE"}}, True),
        (REVISION, DEFINITION, {"taskDefinition": {"status": "DELETE_IN_PROGRESS"}}, True),
    ],
)
def test_what_ecs_lists_after_its_end_is_gone(ecs, arn, call, answer, gone):
    operation, asked = call
    ecs.stub.add_response(operation, answer, asked)
    assert api.gone_from_ecs(ecs.client, [arn]) == ({arn} if gone else set())


@pytest.mark.parametrize(("arn", "call"), [(SERVICE, SERVICES), (TASK, TASKS)])
def test_with_its_cluster_all_is_gone(ecs, arn, call):
    ecs.stub.add_client_error(call[0], "ClusterNotFoundException", expected_params=call[1])
    assert api.gone_from_ecs(ecs.client, [arn]) == {arn}


def test_another_refusal_of_ecs_is_no_end(ecs):
    ecs.stub.add_client_error("describe_services", "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDeniedException"):
        api.gone_from_ecs(ecs.client, [SERVICE])


def test_what_ecs_does_not_know_is_not_asked_for(ecs):
    assert api.gone_from_ecs(ecs.client, [f"{ECS}:container-instance/{P}-ecs/1"]) == set()
