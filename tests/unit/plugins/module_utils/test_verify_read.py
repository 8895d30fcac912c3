# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the look before a deployment reads, against botocore's Stubber."""

from __future__ import annotations

import json
import types
import urllib.parse

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import verify_read
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ec2 import subnet_routes
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import api as elbv2
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service/magiclub-an2p-ecs-execution"
NAME = "magiclub-an2p-ecs-execution"
ELB = f"arn:aws:elasticloadbalancing:ap-northeast-2:{ACCOUNT}"
GROUP = f"{ELB}:targetgroup/magiclub-an2p-lotto/1"
SECRET = f"arn:aws:secretsmanager:ap-northeast-2:{ACCOUNT}:secret:shop-Ab12Cd"
PARAMETER = f"arn:aws:ssm:ap-northeast-2:{ACCOUNT}:parameter/shop/key"
BALANCER = f"{ELB}:loadbalancer/app/lb/1"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ssm:*", "Resource": "*"}]}


@pytest.mark.parametrize(
    ("image", "expected"), [("", ["web:1", "proxy:1"]), ("web:2", ["web:2", "proxy:1"])], ids=["as it is", "another"]
)
def test_with_image(image, expected):
    definition = {"family": "f", "containerDefinitions": [{"name": "w", "image": "web:1"}, {"image": "proxy:1"}]}
    found = verify_read.with_image(definition, image)
    assert [item["image"] for item in found["containerDefinitions"]] == expected
    assert (found["family"], found["containerDefinitions"][0]["name"]) == ("f", "w")
    assert definition["containerDefinitions"][0]["image"] == "web:1"


def test_secrets_are_described_and_never_read(aws):
    aws.answer("secretsmanager", "describe_secret", {"ARN": SECRET}, SecretId=SECRET)
    assert verify_read.secret_is_there(aws.client, f"{SECRET}:password::") is True


def test_a_secret_that_was_deleted_and_may_be_restored_is_not_there(aws):
    """ECS and a run get InvalidRequestException for its value until it is restored."""
    aws.answer("secretsmanager", "describe_secret", {"ARN": SECRET, "DeletedDate": 1767225600}, SecretId=SECRET)
    aws.answer("sts", "get_caller_identity", {"Account": ACCOUNT})
    assert verify_read.secret_is_there(aws.client, SECRET) is False


@pytest.mark.parametrize(
    ("source", "names"),
    [("key", ["key"]), ("/shop/key", ["/shop/key", "shop/key"]), (PARAMETER, ["/shop/key", "shop/key"])],
)
@pytest.mark.parametrize("there", [True, False])
def test_parameters_are_looked_for_by_name(aws, source, names, there):
    filters = [{"Key": "Name", "Option": "Equals", "Values": names}]
    found = [{"Name": names[0]}] if there else []
    aws.answer("ssm", "describe_parameters", {"Parameters": found}, ParameterFilters=filters)
    if source == PARAMETER and not there:
        aws.answer("sts", "get_caller_identity", {"Account": ACCOUNT})
    assert verify_read.secret_is_there(aws.client, source) is there


def test_a_parameter_may_be_on_a_later_page(aws):
    filters = [{"Key": "Name", "Option": "Equals", "Values": ["/shop/key", "shop/key"]}]
    aws.answer("ssm", "describe_parameters", {"Parameters": [], "NextToken": "more"}, ParameterFilters=filters)
    found = {"Parameters": [{"Name": "/shop/key"}]}
    aws.answer("ssm", "describe_parameters", found, ParameterFilters=filters, NextToken="more")
    assert verify_read.secret_is_there(aws.client, "/shop/key") is True


@pytest.mark.parametrize(
    ("source", "keywords"),
    [
        (SECRET.replace("ap-northeast-2", "us-east-1"), {"region": "us-east-1"}),
        (PARAMETER.replace("ap-northeast-2", "us-east-1"), {"region": "us-east-1"}),
        ("/shop/key", {}),
    ],
)
def test_a_secret_is_looked_for_in_the_region_that_its_arn_names(source, keywords):
    asked = []

    class Client:
        describe_secret = describe_parameters = staticmethod(lambda **_arguments: {})
        get_caller_identity = staticmethod(lambda **_arguments: {"Account": ACCOUNT})
        get_paginator = staticmethod(lambda _operation: types.SimpleNamespace(paginate=lambda **_arguments: []))

    def client(service, **given):
        asked.extend([given] if service != "sts" else [])
        return Client

    verify_read.secret_is_there(client, source)
    assert asked == [keywords]


@pytest.mark.parametrize(
    ("code", "expected"),
    [("ResourceNotFoundException", False), ("AccessDeniedException", None), ("AccessDenied", None)],
)
def test_a_secret_that_is_not_there_or_may_not_be_described(aws, code, expected):
    aws.refuse("secretsmanager", "describe_secret", code, SecretId=SECRET)
    if expected is False:
        aws.answer("sts", "get_caller_identity", {"Account": ACCOUNT})
    assert verify_read.secret_is_there(aws.client, SECRET) is expected


def test_what_another_account_shares_may_be_there_though_it_is_not_listed(aws):
    """A run that is allowed to read it needs no right to describe it, and DescribeParameters lists none of it."""
    filters = [{"Key": "Name", "Option": "Equals", "Values": ["/shop/key", "shop/key"]}]
    aws.answer("ssm", "describe_parameters", {"Parameters": []}, ParameterFilters=filters)
    aws.answer("sts", "get_caller_identity", {"Account": "999988887777"})
    assert verify_read.secret_is_there(aws.client, PARAMETER) is None
    aws.refuse("secretsmanager", "describe_secret", "ResourceNotFoundException", SecretId=SECRET)
    aws.answer("sts", "get_caller_identity", {"Account": "999988887777"})
    assert verify_read.secret_is_there(aws.client, SECRET) is None


def test_another_error_of_a_secret_is_not_hidden(aws):
    aws.refuse("secretsmanager", "describe_secret", "InvalidRequestException", SecretId=SECRET)
    with pytest.raises(ClientError, match="InvalidRequestException"):
        verify_read.secret_is_there(aws.client, SECRET)


@pytest.mark.parametrize(
    ("source", "expected"),
    [(SECRET, SECRET), (f"{SECRET}:password::", SECRET), (f"{SECRET}:password:AWSPREVIOUS:v1", SECRET)],
)
def test_secret_arn(source, expected):
    assert verify_read.secret_arn(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (PARAMETER, PARAMETER),
        ("/shop/key", "arn:aws-cn:ssm:cn-north-1:210987654321:parameter/shop/key"),
        ("key", "arn:aws-cn:ssm:cn-north-1:210987654321:parameter/key"),
    ],
)
def test_parameter_arn(source, expected):
    assert verify_read.parameter_arn(source, "arn:aws-cn:ecs:cn-north-1:210987654321:task-definition/f:1") == expected


def simulated(aws, action, resource, decision=None, code=None, context=(), role=ROLE):
    asked = {
        "PolicySourceArn": role,
        "ActionNames": [action],
        "ResourceArns": [resource],
        "ContextEntries": list(context),
    }
    if code:
        aws.refuse("iam", "simulate_principal_policy", code, **asked)
    else:
        result = {"EvalActionName": action, "EvalDecision": decision}
        aws.answer("iam", "simulate_principal_policy", {"EvaluationResults": [result]}, **asked)


def test_rights_name_action_and_resource_of_each_secret(aws):
    secrets = [{"name": "A", "valueFrom": f"{SECRET}:password::"}, {"name": "B", "valueFrom": "/shop/key"}]
    definition = {
        "taskDefinitionArn": f"arn:aws:ecs:ap-northeast-2:{ACCOUNT}:task-definition/f:1",
        "executionRoleArn": ROLE,
        "containerDefinitions": [{"secrets": secrets}],
    }
    simulated(aws, "ssm:GetParameters", PARAMETER, "implicitDeny")
    simulated(aws, "secretsmanager:GetSecretValue", SECRET, "allowed")

    notes = []
    assert verify_read.rights(aws.client, definition, notes) == [
        {"role": ROLE, "action": "ssm:GetParameters", "resource": PARAMETER, "allowed": False},
        {"role": ROLE, "action": "secretsmanager:GetSecretValue", "resource": SECRET, "allowed": True},
    ]
    assert notes == []
    assert verify_read.rights(aws.client, {**definition, "executionRoleArn": None}, notes) == []


@pytest.mark.parametrize(
    ("decision", "expected"), [("allowed", True), ("implicitDeny", False), ("explicitDeny", False)]
)
def test_what_iam_says_counts(aws, decision, expected):
    simulated(aws, "ssm:GetParameters", PARAMETER, decision)
    assert verify_read.is_allowed(aws.client("iam"), ROLE, "ssm:GetParameters", PARAMETER, []) is expected


def encoded(document):
    return urllib.parse.quote(json.dumps(document))


def policies(aws):
    """Answer with an inline policy on the second page, and one that is attached."""
    aws.answer("iam", "list_role_policies", {"PolicyNames": ["a"], "IsTruncated": True, "Marker": "m"}, RoleName=NAME)
    aws.answer("iam", "list_role_policies", {"PolicyNames": ["b"]}, RoleName=NAME, Marker="m")
    for name in "ab":
        found = {"RoleName": NAME, "PolicyName": name, "PolicyDocument": encoded({"Statement": [{"Sid": name}]})}
        aws.answer("iam", "get_role_policy", found, RoleName=NAME, PolicyName=name)
    attached = {"PolicyName": "ssm", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/ssm"}
    aws.answer("iam", "list_attached_role_policies", {"AttachedPolicies": [attached]}, RoleName=NAME)
    arn = attached["PolicyArn"]
    aws.answer("iam", "get_policy", {"Policy": {"Arn": arn, "DefaultVersionId": "v3"}}, PolicyArn=arn)
    version = {"PolicyVersion": {"VersionId": "v3", "Document": encoded(POLICY)}}
    aws.answer("iam", "get_policy_version", version, PolicyArn=arn, VersionId="v3")


def test_documents_are_those_of_all_policies_of_the_role(aws):
    policies(aws)
    found = verify_read.documents(aws.client("iam"), NAME)
    assert found == [{"Statement": [{"Sid": "a"}]}, {"Statement": [{"Sid": "b"}]}, POLICY]


def one_policy(aws, document):
    aws.answer("iam", "list_role_policies", {"PolicyNames": ["a"]}, RoleName=NAME)
    found = {"RoleName": NAME, "PolicyName": "a", "PolicyDocument": encoded(document)}
    aws.answer("iam", "get_role_policy", found, RoleName=NAME, PolicyName="a")
    aws.answer("iam", "list_attached_role_policies", {"AttachedPolicies": []}, RoleName=NAME)


@pytest.mark.parametrize(("document", "expected"), [(POLICY, True), ({"Statement": []}, False)])
def test_where_iam_may_not_be_asked_the_policies_are_read(aws, document, expected):
    simulated(aws, "ssm:GetParameters", PARAMETER, code="AccessDenied")
    one_policy(aws, document)
    notes = []
    assert verify_read.is_allowed(aws.client("iam"), ROLE, "ssm:GetParameters", PARAMETER, notes) is expected
    assert notes == []


def test_an_image_of_a_repository_that_may_not_be_looked_at_is_noted(aws):
    image = "210987654321.dkr.ecr.ap-northeast-2.amazonaws.com/shared:1"
    asked = {"registryId": "210987654321", "repositoryName": "shared", "imageIds": [{"imageTag": "1"}]}
    aws.refuse("ecr", "describe_images", "AccessDeniedException", **asked)
    notes = []
    assert verify_read.architectures(aws.client, image, notes) == []
    assert notes == [
        f"Whether {image} is there is not known: allow ecr:DescribeImages and ecr:BatchGetImage to see it,"
        " in the repository's policy, too, if it is another account's."
    ]


@pytest.mark.parametrize("code", ["AccessDenied", "NoSuchEntity"])
def test_where_neither_may_be_had_a_note_says_what_to_allow(aws, code):
    simulated(aws, "ssm:GetParameters", PARAMETER, code="AccessDenied")
    aws.refuse("iam", "list_role_policies", code, RoleName=NAME)
    notes = []
    assert verify_read.is_allowed(aws.client("iam"), ROLE, "ssm:GetParameters", PARAMETER, notes) is None
    assert notes == [f"Whether {NAME} may ssm:GetParameters is not known: allow iam:SimulatePrincipalPolicy to see it."]


def test_a_role_that_is_not_there_may_nothing_that_could_be_said(aws):
    simulated(aws, "ssm:GetParameters", PARAMETER, code="NoSuchEntity")
    notes = []
    assert verify_read.is_allowed(aws.client("iam"), ROLE, "ssm:GetParameters", PARAMETER, notes) is None
    assert notes == [], "the role that is not there is a finding of its own"


@pytest.mark.parametrize("operation", ["simulate_principal_policy", "list_role_policies"])
def test_another_error_of_iam_is_not_hidden(aws, operation):
    simulated(
        aws,
        "ssm:GetParameters",
        PARAMETER,
        code="ServiceFailure" if operation == "simulate_principal_policy" else "AccessDenied",
    )
    if operation == "list_role_policies":
        aws.refuse("iam", "list_role_policies", "ServiceFailure", RoleName=NAME)
    with pytest.raises(ClientError, match="ServiceFailure"):
        verify_read.is_allowed(aws.client("iam"), ROLE, "ssm:GetParameters", PARAMETER, [])


def test_a_role_is_read_by_its_name_without_the_path(aws):
    found = {
        "Path": "/service/",
        "RoleName": NAME,
        "RoleId": "AROAEXAMPLEEXAMPLE",
        "Arn": ROLE,
        "CreateDate": 0,
        "AssumeRolePolicyDocument": encoded(POLICY),
    }
    aws.answer("iam", "get_role", {"Role": found}, RoleName=NAME)
    assert verify_read.role(aws.client("iam"), ROLE)["AssumeRolePolicyDocument"] == POLICY


@pytest.mark.parametrize(("code", "expected"), [("NoSuchEntity", None), ("AccessDenied", {})])
def test_a_role_that_is_not_there_or_may_not_be_read(aws, code, expected):
    aws.refuse("iam", "get_role", code, RoleName=NAME)
    assert verify_read.role(aws.client("iam"), ROLE) == expected


def test_another_error_of_a_role_is_not_hidden(aws):
    aws.refuse("iam", "get_role", "ServiceFailure", RoleName=NAME)
    with pytest.raises(ClientError, match="ServiceFailure"):
        verify_read.role(aws.client("iam"), ROLE)


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        (f"arn:aws:iam::{ACCOUNT}:user/ci", f"arn:aws:iam::{ACCOUNT}:user/ci"),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/ci-1", f"arn:aws:iam::{ACCOUNT}:role/deploy"),
        (f"arn:aws-cn:sts::{ACCOUNT}:assumed-role/deploy/ci", f"arn:aws-cn:iam::{ACCOUNT}:role/deploy"),
        (f"arn:aws:iam::{ACCOUNT}:root", None),
    ],
)
def test_principal(caller, expected):
    assert verify_read.principal(caller) == expected


def caller(aws, arn):
    aws.answer("sts", "get_caller_identity", {"Account": ACCOUNT, "Arn": arn})


def test_passing_a_role_is_asked_for_ecs_tasks(aws):
    caller(aws, f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/ci-1")
    key = "iam:PassedToService"
    context = [{"ContextKeyName": key, "ContextKeyValues": ["ecs-tasks.amazonaws.com"], "ContextKeyType": "string"}]
    deploy = f"arn:aws:iam::{ACCOUNT}:role/deploy"
    simulated(aws, "iam:PassRole", ROLE, "implicitDeny", context=context, role=deploy)
    assert verify_read.passable(aws.client, [ROLE], []) == {ROLE: False}


def test_the_root_user_may_pass_any_role(aws):
    caller(aws, f"arn:aws:iam::{ACCOUNT}:root")
    assert verify_read.passable(aws.client, [ROLE], []) == {}


def table(vpc, gateway, *associations):
    routes = [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway, "State": "active"}]
    return {"VpcId": vpc, "Routes": routes, "Associations": list(associations)}


MAIN, OTHER_MAIN = table("vpc-1", "igw-main", {"Main": True}), table("vpc-2", "igw-other", {"Main": True})
JOINED = table("vpc-1", "igw-joined", {"Main": False, "SubnetId": "subnet-1"})


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        ([OTHER_MAIN, MAIN, JOINED], ["igw-joined"]),
        ([OTHER_MAIN, MAIN, table("vpc-1", "igw-x", {"SubnetId": "subnet-2"})], ["igw-main"]),
        ([OTHER_MAIN, table("vpc-1", "igw-x")], []),
        ([], []),
    ],
    ids=["joined", "main", "neither", "none"],
)
def test_routes_of_a_subnet(tables, expected):
    found = subnet_routes.of(tables, {"SubnetId": "subnet-1", "VpcId": "vpc-1"})
    assert [route["GatewayId"] for route in found] == expected


def endpoint(service, state="available", vpc="vpc-1"):
    return {"VpcId": vpc, "State": state, **({"ServiceName": service} if service else {})}


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (endpoint("com.amazonaws.ap-northeast-2.ecr.api"), ["ecr.api"]),
        (endpoint("com.amazonaws.ap-northeast-2.s3", "Available"), ["s3"]),
        (endpoint("cn.com.amazonaws.cn-north-1.ecr.dkr"), ["ecr.dkr"]),
        (endpoint("com.amazonaws.ap-northeast-2.logs", "pending"), []),
        (endpoint("com.amazonaws.ap-northeast-2.logs", vpc="vpc-2"), []),
        (endpoint(None), []),
        (endpoint("aws.sagemaker.ap-northeast-2.notebook"), []),
    ],
)
def test_endpoint_names(item, expected):
    assert subnet_routes.endpoint_names([item], "vpc-1") == expected


def test_a_subnet_that_is_not_there_hides_no_other(aws):
    asked = {"Filters": [{"Name": "subnet-id", "Values": ["subnet-1", "subnet-9"]}]}
    aws.answer("ec2", "describe_subnets", {"Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1"}]}, **asked)
    in_vpc = {"Filters": [{"Name": "vpc-id", "Values": ["vpc-1"]}]}
    aws.answer("ec2", "describe_route_tables", {"RouteTables": [MAIN]}, **in_vpc)
    found = [endpoint("com.amazonaws.ap-northeast-2.s3")]
    aws.answer("ec2", "describe_vpc_endpoints", {"VpcEndpoints": found}, **in_vpc)
    assert verify_read.subnets(aws.client("ec2"), ["subnet-1", "subnet-9"]) == {
        "subnet-1": {"vpc": "vpc-1", "routes": MAIN["Routes"], "endpoints": ["s3"]},
        "subnet-9": None,
    }


def test_subnets_of_which_none_is_there_cost_one_call_and_no_subnets_none(aws):
    asked = {"Filters": [{"Name": "subnet-id", "Values": ["subnet-9"]}]}
    aws.answer("ec2", "describe_subnets", {"Subnets": []}, **asked)
    assert verify_read.subnets(aws.client("ec2"), ["subnet-9"]) == {"subnet-9": None}
    assert verify_read.subnets(aws.client("ec2"), []) == {}


@pytest.mark.parametrize(("names", "expected"), [(["/ecs/a", "/ecs/a-2"], True), (["/ecs/a-2"], False), ([], False)])
def test_a_log_group_has_just_this_name(aws, names, expected):
    found = [{"logGroupName": name} for name in names]
    aws.answer("logs", "describe_log_groups", {"logGroups": found}, logGroupNamePrefix="/ecs/a")
    assert verify_read.log_group_is_there(aws.client("logs"), "/ecs/a") is expected


def test_a_target_group_and_one_that_is_not_there(aws):
    found = {"TargetGroupArn": GROUP}
    aws.answer("elbv2", "describe_target_groups", {"TargetGroups": [found]}, TargetGroupArns=[GROUP])
    aws.refuse("elbv2", "describe_target_groups", "TargetGroupNotFound", TargetGroupArns=[GROUP])
    assert elbv2.target_group_of(aws.client("elbv2"), GROUP) == found
    assert elbv2.target_group_of(aws.client("elbv2"), GROUP) is None


def test_another_error_of_a_target_group_is_not_hidden(aws):
    aws.refuse("elbv2", "describe_target_groups", "AccessDenied", TargetGroupArns=[GROUP])
    with pytest.raises(ClientError, match="AccessDenied"):
        elbv2.target_group_of(aws.client("elbv2"), GROUP)


def forward(arn):
    return {"Type": "forward", "TargetGroupArn": arn}


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (forward(GROUP), True),
        ({"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": "x"}, forward(GROUP)]}}, True),
        (forward("x"), False),
        ({"Type": "fixed-response"}, False),
    ],
)
def test_rules_of_a_target_group(action, expected):
    rule = {"Actions": [{"Type": "authenticate-oidc"}, action]}
    assert verify_read.rules_of([rule], GROUP) == ([rule] if expected else [])


SECURE, PLAIN = {"Port": 443, "Protocol": "HTTPS"}, {"Port": 80, "Protocol": "HTTP"}
LOCAL = "http://127.0.0.1:4566/"


@pytest.mark.parametrize(
    ("listeners", "domain", "endpoint_url", "url", "headers"),
    [
        ([PLAIN, SECURE], "", "", "https://lb.example.com:443", {}),
        ([PLAIN, SECURE], "shop.example.com", "", "https://shop.example.com:443", {}),
        ([PLAIN], "", "", "http://lb.example.com:80", {}),
        ([PLAIN], "shop.example.com", "", "http://lb.example.com:80", {"Host": "shop.example.com"}),
        ([{"Port": 8443, "Protocol": "HTTPS"}], "", "", "https://lb.example.com:8443", {}),
        ([], "", "", "http://lb.example.com:80", {}),
        ([PLAIN, SECURE], "", LOCAL, LOCAL[:-1], {"Host": f"lb.{ACCOUNT}.alb.localhost:443"}),
        ([PLAIN], "shop.example.com", LOCAL, LOCAL[:-1], {"Host": f"lb.{ACCOUNT}.alb.localhost:80"}),
    ],
)
def test_address(listeners, domain, endpoint_url, url, headers):
    balancer = {"LoadBalancerName": "lb", "DNSName": "lb.example.com", "listeners": listeners}
    assert verify_read.address(balancer, domain, endpoint_url, ACCOUNT) == {"url": url, "headers": headers}


def test_the_health_path_is_asked_for_through_each_load_balancer_of_the_group(aws):
    group = {
        "TargetGroupArn": GROUP,
        "HealthCheckProtocol": "HTTP",
        "HealthCheckPath": "/health",
        "Matcher": {"HttpCode": "200-299"},
        "LoadBalancerArns": [BALANCER],
    }
    listener = f"{ELB}:listener/app/lb/1/2"
    rules = [
        {"Priority": "1", "Actions": [forward("x")]},
        {"Priority": "2", "Actions": [forward(GROUP)], "Conditions": []},
    ]
    aws.answer(
        "elbv2", "describe_listeners", {"Listeners": [{**PLAIN, "ListenerArn": listener}]}, LoadBalancerArn=BALANCER
    )
    found = {"LoadBalancerName": "lb", "DNSName": "lb.example.com"}
    aws.answer("elbv2", "describe_load_balancers", {"LoadBalancers": [found]}, LoadBalancerArns=[BALANCER])
    aws.answer("elbv2", "describe_rules", {"Rules": rules}, ListenerArn=listener)
    sent = []

    def ask(url, headers):
        sent.append((url, headers))
        return 503, ""

    balancer = verify_read.balancer(aws.client("elbv2"), BALANCER)
    platform = verify_read.Platform(
        aws.client, lambda balancer: verify_read.address(balancer, "shop.test", "", ACCOUNT), ask, []
    )

    assert verify_read.probed(platform, "lotto", [group, {**group, "LoadBalancerArns": []}], {BALANCER: balancer}) == [
        {
            "service": "lotto",
            "url": "http://lb.example.com:80/health",
            "headers": {"Host": "shop.test"},
            "matcher": "200-299",
            "status": 503,
            "error": "",
        }
    ]
    assert sent == [("http://lb.example.com:80/health", {"Host": "shop.test"})]
