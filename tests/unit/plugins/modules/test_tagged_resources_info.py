# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module against moto, and what it makes of what is on its way out against botocore's Stubber."""

from __future__ import annotations

import functools
import json

import boto3
import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.tagged import api, decide
from ansible_collections.magiclub.fargate.plugins.modules import tagged_resources_info
from botocore.exceptions import ClientError, NoCredentialsError
from botocore.stub import Stubber

from tests.unit.plugins.modules.aws_stub import run_module

REGION = "ap-northeast-2"
P = "magiclub-an2p"
TAGS = {"Project": "magiclub", "ManagedBy": "ansible"}
# more than those with both, and far less than what the region has
ALIKE = [{"Name": "key", "Values": ["ManagedBy", "Project"]}, {"Name": "value", "Values": ["ansible", "magiclub"]}]
ECS = f"arn:aws:ecs:{REGION}:123456789012"
NAT = f"arn:aws:ec2:{REGION}:123456789012:natgateway/nat-1"


@pytest.fixture
def stubbed():
    """Return a function from a service to a client that answers just the calls that a test announces."""
    made = []

    def client(service, region=REGION):
        client = boto3.client(service, region_name=region, aws_access_key_id="x", aws_secret_access_key="x")
        made.append(Stubber(client))
        made[-1].activate()
        return client, made[-1]

    yield client
    for stub in made:
        stub.assert_no_pending_responses()


@pytest.fixture
def run(capsys):
    return functools.partial(run_module, tagged_resources_info.main, capsys, name_prefix=P, tags=TAGS)


def pairs(name, tags=None):
    return [{"Key": key, "Value": value} for key, value in {**(TAGS if tags is None else tags), "Name": name}.items()]


def vpc(moto, name, tags=None):
    specification = [{"ResourceType": "vpc", "Tags": pairs(name, tags)}]
    return moto("ec2").create_vpc(CidrBlock="172.25.0.0/16", TagSpecifications=specification)["Vpc"]["VpcId"]


def subnet(moto, vpc_id, zone, block):
    asked = {"VpcId": vpc_id, "CidrBlock": block, "AvailabilityZone": f"{REGION}{zone}"}
    return moto("ec2").create_subnet(**asked)["Subnet"]["SubnetId"]


def names(result):
    return sorted(entry["name"] for entry in result["resources"])


def test_what_bears_tags_and_prefix_is_left_and_nothing_else(moto, run):
    made = vpc(moto, f"{P}-vpc")
    vpc(moto, f"{P}-stranger", {"Project": "magiclub"})
    vpc(moto, f"{P}x-vpc")
    result = run()
    assert [entry["name"] for entry in result["resources"]] == [f"{P}-vpc"]
    assert result["resources"][0]["arn"].endswith(f":vpc/{made}")


def test_tags_that_yaml_has_as_numbers_are_those_that_aws_has_as_text(moto, run):
    vpc(moto, f"{P}-vpc", {**TAGS, "CostCenter": "42"})
    assert names(run(tags={**TAGS, "CostCenter": 42})) == [f"{P}-vpc"]


def test_what_the_tagging_api_does_not_list_is_found_by_its_name(moto, run):
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
    elbv2, subnets = (
        moto("elbv2"),
        [subnet(moto, network, "a", "172.25.0.0/20"), subnet(moto, network, "c", "172.25.32.0/20")],
    )
    elbv2.create_load_balancer(Name=f"{P}-pub-alb", Subnets=subnets)
    elbv2.create_target_group(Name=f"{P}-lotto", Protocol="HTTP", Port=80, VpcId=network, TargetType="ip")
    elbv2.create_target_group(Name="else", Protocol="HTTP", Port=80, VpcId=network, TargetType="ip")

    result = run()

    assert names(result) == [f"{P}-ecs-exec", f"{P}-ecs-execution", f"{P}-lotto", f"{P}-lotto", f"{P}-pub-alb"]
    assert not any(entry["arn"].endswith(":*") for entry in result["resources"])


@pytest.mark.parametrize(
    ("made_by", "expected"), [([{"Key": "Name", "Value": f"{P}-boundary"}], [f"{P}-boundary"]), ([], [])]
)
def test_a_boundary_is_left_where_this_collection_made_it(moto, run, made_by, expected):
    allow = {"Effect": "Allow", "Action": "ssmmessages:OpenDataChannel", "Resource": "*"}
    may = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    moto("iam").create_policy(Path="/fargate-boundary/", PolicyName=f"{P}-boundary", PolicyDocument=may, Tags=made_by)
    assert names(run()) == expected


def test_a_cluster_is_left_until_it_is_deleted(moto, run):
    ecs = moto("ecs")
    ecs.create_cluster(clusterName=f"{P}-ecs", tags=[{"key": key, "value": value} for key, value in TAGS.items()])
    assert names(run()) == [f"{P}-ecs"]
    ecs.delete_cluster(cluster=f"{P}-ecs")
    assert names(run()) == []


def test_what_only_the_tagging_api_lists_is_gone_or_of_a_kind_that_nobody_is_asked_about(moto, run, monkeypatch):
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


def test_in_another_partition_arns_are_of_that(stubbed):
    client, stub = stubbed("ec2", "cn-north-1")
    tags = [{"ResourceType": "vpc", "ResourceId": "vpc-1", **tag} for tag in pairs(f"{P}-vpc")]
    stub.add_response("describe_tags", {"Tags": tags}, {"Filters": ALIKE})
    stub.add_response("describe_tags", {"Tags": tags}, {"Filters": [{"Name": "resource-id", "Values": ["vpc-1"]}]})
    (vpc,) = api.of_ec2(client, TAGS, "123456789012")
    assert vpc.arn == "arn:aws-cn:ec2:cn-north-1:123456789012:vpc/vpc-1"


class Clock:
    """Stands for the module time: sleeping takes none."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def asked(monkeypatch):
    """Let the module wait by a clock of its own for what it sees in turn; return the times of its looks."""

    def sees(*looks):
        clock, times, left = Clock(), [], list(looks)

        def look(*_arguments):
            times.append(clock.now)
            return left.pop(0) if len(left) > 1 else left[0]

        monkeypatch.setattr(tagged_resources_info, "remaining", look)
        monkeypatch.setattr(tagged_resources_info, "time", clock)
        return times

    return sees


ONE = [{"arn": f"{ECS}:cluster/{P}-ecs", "name": f"{P}-ecs", "state": "there"}]


def test_it_asks_again_until_nothing_is_left(run, asked):
    times = asked(ONE, ONE, [])
    assert run(wait_timeout=120)["resources"] == []
    assert times == [0, 1, 2.5]


def test_what_does_not_go_in_time_is_left(run, asked):
    times = asked(ONE)
    assert run(wait_timeout=120)["resources"] == ONE
    assert (times[-1], len(times)) == (120, 14)


def test_what_aws_still_deletes_is_a_warning(run, asked):
    asked([*ONE, {**ONE[0], "arn": NAT, "state": "deleting"}])
    # how a module hands a warning over differs between ansible-core's releases
    assert f"AWS still deletes {NAT}, and ends that by itself." in json.dumps(run()["warnings"])


def test_without_time_it_asks_once(run, asked):
    times = asked(ONE, [])
    assert run()["resources"] == ONE
    assert times == [0]


def test_a_refusal_says_of_what_it_could_not_list_the_rest(moto, run, monkeypatch):
    def fail(*_arguments):
        raise NoCredentialsError

    monkeypatch.setattr(api, "by_tagging_api", fail)
    assert run()["msg"].startswith(f"Failed to list what is left of {P} in ap-northeast-2: no AWS credentials")


def test_of_ec2_what_stands_for_any_characters_is_asked_for_as_it_is(stubbed):
    client, stub = stubbed("ec2")
    filters = [{"Name": "key", "Values": ["Team"]}, {"Name": "value", "Values": [r"a\*b\?c\\d"]}]
    stub.add_response("describe_tags", {"Tags": []}, {"Filters": filters})
    assert api.of_ec2(client, {"Team": r"a*b?c\d"}, "123456789012") == []


def test_of_ec2_more_than_a_filter_takes_are_asked_for_in_portions(stubbed):
    client, stub = stubbed("ec2")
    tags = [
        {"ResourceType": "subnet", "ResourceId": f"subnet-{number:03}", "Key": "Team", "Value": "a"}
        for number in range(250)
    ]
    filters = [{"Name": "key", "Values": ["Team"]}, {"Name": "value", "Values": ["a"]}]
    stub.add_response("describe_tags", {"Tags": tags}, {"Filters": filters})
    for some in (tags[:200], tags[200:]):
        asked = [{"Name": "resource-id", "Values": [tag["ResourceId"] for tag in some]}]
        stub.add_response("describe_tags", {"Tags": some}, {"Filters": asked})
    assert len(api.of_ec2(client, {"Team": "a"}, "123456789012")) == 250


def test_of_ec2_those_with_all_tags_are_listed_and_those_that_linger_with_their_state(stubbed):
    client, stub = stubbed("ec2")
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
    stub.add_response("describe_tags", {"Tags": alike[:2], "NextToken": "more"}, {"Filters": ALIKE})
    stub.add_response("describe_tags", {"Tags": alike[2:]}, {"Filters": ALIKE, "NextToken": "more"})
    stub.add_response("describe_tags", {"Tags": theirs[:2], "NextToken": "more"}, these)
    stub.add_response("describe_tags", {"Tags": theirs[2:]}, {**these, "NextToken": "more"})
    stub.add_response(
        "describe_nat_gateways",
        {
            "NatGateways": [
                {"NatGatewayId": "nat-1", "State": "available"},
                {"NatGatewayId": "nat-2", "State": "deleting"},
            ]
        },
        {"Filter": [{"Name": "state", "Values": ["pending", "available", "deleting"]}]},
    )
    endpoints = [("vpce-1", "Available"), ("vpce-2", "deleting"), ("vpce-3", "Deleted")]
    answer = [{"VpcEndpointId": endpoint, "State": state} for endpoint, state in endpoints]
    stub.add_response("describe_vpc_endpoints", {"VpcEndpoints": answer}, {})

    found = {entry.arn.rsplit("/")[-1]: entry for entry in api.of_ec2(client, TAGS, "123456789012")}

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
    ("arn", "asked_by", "answer", "state"),
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
def test_each_service_says_whether_what_was_listed_is_there(stubbed, arn, asked_by, answer, state):
    operation, arguments = asked_by
    service, states = api.ASKED[decide.kind(arn)]
    client, stub = stubbed(service)
    if isinstance(answer, str):
        stub.add_client_error(operation, answer, expected_params=arguments)
    else:
        stub.add_response(operation, complete(operation, answer), arguments)
    assert states(client, [arn]) == ({arn: state} if state else {})


def complete(operation, answer):
    """Return an answer with what botocore's model wants of a scalable target."""
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


def test_many_are_asked_about_in_portions_by_cluster(stubbed):
    client, stub = stubbed("ecs")
    arns = [f"{ECS}:service/{P}-ecs/{number:02}" for number in range(12)] + [f"{ECS}:service/{P}-other/00"]
    for cluster, some in ((f"{P}-ecs", arns[:10]), (f"{P}-ecs", arns[10:12]), (f"{P}-other", arns[12:])):
        answer = {"services": [{"serviceArn": arn, "status": "ACTIVE"} for arn in some]}
        stub.add_response("describe_services", answer, {"cluster": cluster, "services": some})
    assert list(api.services(client, arns)) == arns


def test_another_refusal_is_no_end(stubbed):
    client, stub = stubbed("ecs")
    stub.add_client_error("describe_services", "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDeniedException"):
        api.services(client, [SERVICE])
