# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""IAM: what a request is about, the roles that it passes, and the names of service-linked roles."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from local_aws.corrections._patch import corrects, part, replace, service

Data = dict[str, Any]

SERVICE_LINKED_ROLES = {
    "ecs.amazonaws.com": "AWSServiceRoleForECS",
    "elasticloadbalancing.amazonaws.com": "AWSServiceRoleForElasticLoadBalancing",
    "ecs.application-autoscaling.amazonaws.com": "AWSServiceRoleForApplicationAutoScaling_ECSService",
}

# Which field of a request names a role, and to whom it is passed.
PASSED_ROLES = {
    ("ecs", "RegisterTaskDefinition"): (("executionRoleArn", "taskRoleArn"), "ecs-tasks.amazonaws.com"),
    ("application-autoscaling", "RegisterScalableTarget"): (("RoleARN",), "application-autoscaling.amazonaws.com"),
}

ECS_SERVICE_ACTIONS = ("CreateService", "UpdateService", "DeleteService", "DescribeServices", "ListServiceDeployments")
ECS_WITHOUT_RESOURCE = (
    "CreateCluster",
    "DeregisterTaskDefinition",
    "DescribeTaskDefinition",
    "ListClusters",
    "ListServices",
    "ListTaskDefinitionFamilies",
    "ListTaskDefinitions",
    "ListTasks",
)
EC2_TYPES = {
    "AllocationId": "elastic-ip",
    "FlowLogId.1": "vpc-flow-log",
    "GroupId": "security-group",
    "InternetGatewayId": "internet-gateway",
    "NatGatewayId": "natgateway",
    "RouteTableId": "route-table",
    "SubnetId": "subnet",
    "VpcEndpointId.1": "vpc-endpoint",
    "VpcId": "vpc",
    "ResourceId.1": "*",
}
EC2_CREATED = {
    "AllocateAddress": "elastic-ip",
    "CreateFlowLogs": "vpc-flow-log",
    "CreateInternetGateway": "internet-gateway",
    "CreateNatGateway": "natgateway",
    "CreateRouteTable": "route-table",
    "CreateSecurityGroup": "security-group",
    "CreateSubnet": "subnet",
    "CreateVpc": "vpc",
    "CreateVpcEndpoint": "vpc-endpoint",
}
ELB_CREATED = {
    "CreateLoadBalancer": "loadbalancer/app/{Name}/*",
    "CreateTargetGroup": "targetgroup/{Name}/*",
}


def ecs_resource(action: str, data: Data, region: str, account: str) -> str:
    """The resource that an ECS action is authorized on, as in the Service Authorization Reference."""
    cluster = str(data.get("cluster", "default")).rsplit("/", 1)[-1]
    if action in ECS_WITHOUT_RESOURCE:
        return "*"
    if action in ECS_SERVICE_ACTIONS:
        named, rest = first(data, "serviceName", "service", "services"), f"service/{cluster}/"
    elif action == "RegisterTaskDefinition":
        named, rest = f"{data.get('family', '*')}:*", "task-definition/"
    elif action in ("RunTask", "StartTask"):
        named, rest = first(data, "taskDefinition"), "task-definition/"
        named = named if ":" in named else f"{named}:*"
    elif action == "DeleteTaskDefinitions":
        named, rest = first(data, "taskDefinitions"), "task-definition/"
    elif action in ("DescribeTasks", "StopTask", "ExecuteCommand"):
        named, rest = first(data, "task", "tasks"), f"task/{cluster}/"
    else:
        arns = ("resourceArn", "serviceDeploymentArn", "serviceDeploymentArns", "serviceRevisionArns")
        named, rest = first(data, *arns, "clusters", "clusterName", otherwise=cluster), "cluster/"
    return named if named.startswith("arn:") else f"arn:aws:ecs:{region}:{account}:{rest}{named}"


def first(data: Data, *names: str, otherwise: str = "*") -> str:
    """The first value that a request has under one of these names; of a list, its first item."""
    for name in names:
        value = data.get(name)
        if value:
            return str(value[0] if isinstance(value, list) else value)
    return otherwise


def ec2_resource(action: str, value: Any, region: str, account: str) -> str:
    """The main resource of an EC2 action: what it makes, else the first thing that it names."""
    start = f"arn:aws:ec2:{region}:{account}:"
    if action.startswith(("Describe", "Get", "List")):
        return "*"
    if action in EC2_CREATED:
        return f"{start}{EC2_CREATED[action]}/*"
    for name, kind in EC2_TYPES.items():
        if value(name):
            return f"{start}{ec2_kind(value(name)) if kind == '*' else kind}/{value(name)}"
    return "*"


def ec2_request_resource(action: str, value: Any, region: str, account: str) -> str:
    """The same for a request: an association of a route table stands for its table."""
    table = association_table(service("ec2")._route_tables, value("AssociationId"))
    return ec2_resource(action, lambda key: table if table and key == "RouteTableId" else value(key), region, account)


def association_table(tables: Data, association: str) -> str:
    """The id of the route table that an association belongs to, '' for none."""
    found = (
        table["RouteTableId"]
        for table in tables.values()
        for item in table.get("Associations", [])
        if item["RouteTableAssociationId"] == association
    )
    return str(next(found, ""))


def ec2_kind(resource: str) -> str:
    kinds = {
        "eipalloc": "elastic-ip",
        "fl": "vpc-flow-log",
        "igw": "internet-gateway",
        "nat": "natgateway",
        "rtb": "route-table",
        "sg": "security-group",
        "subnet": "subnet",
        "vpc": "vpc",
        "vpce": "vpc-endpoint",
    }
    return kinds.get(resource.partition("-")[0], "*")


def elb_resource(action: str, value: Any, region: str, account: str) -> str:
    """The resource of a load balancing action; describing has none."""
    if action.startswith("Describe"):
        return "*"
    if action in ELB_CREATED:
        rest = ELB_CREATED[action].format(Name=value("Name"))
        return f"arn:aws:elasticloadbalancing:{region}:{account}:{rest}"
    names = ("RuleArn", "ListenerArn", "TargetGroupArn", "LoadBalancerArn", "ResourceArns.member.1")
    for name in (*names, "RulePriorities.member.1.RuleArn"):
        if value(name):
            return str(value(name))
    return "*"


def ecr_resource(_action: str, data: Data, region: str, account: str) -> str:
    """The repository that an ECR action is authorized on: the one it names, or the first of several."""
    named = first(data, "repositoryName", "repositoryNames", "resourceArn")
    if named == "*" or named.startswith("arn:"):
        return named
    return f"arn:aws:ecr:{region}:{account}:repository/{named}"


def discovery_resource(action: str, data: Data, region: str, account: str) -> str:
    """The namespace or service that a Cloud Map action is authorized on."""
    if data.get("ResourceARN"):
        return str(data["ResourceARN"])
    if action.startswith(("List", "Create")):
        kind, named = "namespace", data.get("NamespaceId")
    elif action == "GetOperation":
        kind, named = "operation", None
    else:
        kind, named = "namespace" if "Namespace" in action else "service", first(data, "ServiceId", "Id", otherwise="")
    return f"arn:aws:servicediscovery:{region}:{account}:{kind}/{named}" if named else "*"


BY_JSON: dict[str, Callable[[str, Data, str, str], str]] = {
    "ecr": ecr_resource,
    "ecs": ecs_resource,
    "servicediscovery": discovery_resource,
}
BY_QUERY: dict[str, Callable[[str, Any, str, str], str]] = {
    "ec2": ec2_request_resource,
    "elasticloadbalancing": elb_resource,
}


@corrects(
    "iam",
    aws="ECS, EC2, ECR and ELB actions are authorized on the resources of the Service Authorization Reference",
    evidence="https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html",
)
def authorize_on_resources() -> None:
    iam_actions = part("core.iam_actions")

    def extract(original: Any) -> Any:
        def call(name: str, *request: Any) -> str:
            _method, _path, headers, body, query, region, account = request
            action = headers.get("x-amz-target", "").rsplit(".", 1)[-1] or iam_actions._query_param(query, "Action")

            def value(key: str) -> str:
                return str(iam_actions._query_param(query, key) or "")

            if name in BY_JSON:
                return BY_JSON[name](action, parsed(body), region, account)
            if name in BY_QUERY:
                return BY_QUERY[name](action, value, region, account)
            if name == "application-autoscaling":
                return str(parsed(body).get("ResourceARN") or f"arn:aws:{name}:{region}:{account}:scalable-target/*")
            return str(original(name, *request))

        return call

    replace(iam_actions, "extract_resource_arn", extract)


@corrects(
    "iam",
    aws="creating a policy or a service-linked role is authorized on its ARN",
    evidence="https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html",
)
def authorize_on_what_iam_makes() -> None:
    iam_actions = part("core.iam_actions")

    def extract(original: Any) -> Any:
        def call(name: str, *request: Any) -> str:
            _method, _path, _headers, _body, query, _region, account = request
            made = iam_made(lambda key: str(iam_actions._query_param(query, key) or "")) if name == "iam" else ""
            return f"arn:aws:iam::{account}:{made}" if made else str(original(name, *request))

        return call

    replace(iam_actions, "extract_resource_arn", extract)


def iam_made(value: Callable[[str], str]) -> str:
    """What a request to IAM makes, as its ARN ends; empty for all other requests."""
    if value("Action") == "CreatePolicy":
        return f"policy{value('Path') or '/'}{value('PolicyName')}"
    if value("Action") == "CreateServiceLinkedRole":
        named = value("AWSServiceName")
        return f"role/aws-service-role/{named}/{SERVICE_LINKED_ROLES.get(named, '*')}"
    return ""


def parsed(body: bytes) -> Data:
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


@corrects(
    "iam",
    aws="a refusal names the resource, where the action has one, and EC2's begins with a sentence of its own",
    evidence="https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html",
)
def name_the_refused_resource() -> None:
    iam_actions = part("core.iam_actions")

    def refuse(original: Any) -> Any:
        def call(name: str, action: str, who: str, request_id: str, **rest: Any) -> Any:
            resource = rest.get("resource_arn", "*")
            if resource != "*" and not any(rest.get(key) for key in ("error_code", "message", "resource_policy_arn")):
                said = iam_actions.identity_denial_message(action, who, resource, rest.get("explicit_deny", False))
                start = "You are not authorized to perform this operation. " if name == "ec2" else ""
                rest["message"] = f"{start}{said}"
            return original(name, action, who, request_id, **rest)

        return call

    replace(iam_actions, "access_denied_response", refuse)


@corrects(
    "iam",
    aws="aws:RequestTag and aws:TagKeys are known for what EC2 creates with tag specifications",
    evidence="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html",
)
def see_tag_specifications() -> None:
    iam_actions = part("core.iam_actions")
    iam_actions._TAG_MEMBERS = iam_actions._TAG_MEMBERS | {"TagSpecifications"}
    iam_actions._TAG_OPERATIONS.clear()


class Passed(NamedTuple):
    """A role that a request names, to whom it is passed, and the service that was asked."""

    service: str
    role_arn: str
    principal: str


def passed_roles(action: str, body: bytes) -> list[Passed]:
    account = part("core.responses").get_account_id()
    return [
        Passed(name, role if role.startswith("arn:") else f"arn:aws:iam::{account}:role/{role}", principal)
        for (name, passing), (fields, principal) in PASSED_ROLES.items()
        if action == passing
        for role in filter(None, (parsed(body).get(field) for field in fields))
    ]


def who_may_not_pass(passed: Passed, access_key: str) -> str | None:
    """The ARN of the key's owner where its policies don't allow iam:PassRole on the role."""
    evaluator = part("core.iam_evaluator")
    denied = evaluator.enforce(
        access_key,
        "iam:PassRole",
        "iam",
        part("core.responses").get_region(),
        resource_arn=passed.role_arn,
        service_context={"iam:PassedToService": passed.principal},
    )
    return str(denied.principal_arn) if denied and not isinstance(denied, evaluator.AuthError) else None


def refuse_passing(headers: Data, body: bytes, query: Data, request_id: str) -> Any:
    access_key = part("core.router").extract_access_key_id(headers, query)
    for passed in passed_roles(headers.get("x-amz-target", "").rsplit(".", 1)[-1], body):
        who = who_may_not_pass(passed, access_key)
        if who is not None:
            message = (
                f"User: {who} is not authorized to perform: iam:PassRole on resource: {passed.role_arn} because no "
                "identity-based policy allows the iam:PassRole action"
            )
            return part("core.iam_actions").access_denied_response(
                passed.service, "iam:PassRole", who, request_id, message=message, headers=headers
            )
    return None


@corrects(
    "iam",
    aws="who names a role in a task definition or scalable target must have iam:PassRole on it",
    evidence="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
)
def check_passed_roles() -> None:
    app = part("app")

    def guarded(original: Any) -> Any:
        async def call(*request: Any) -> Any:
            _method, _path, headers, body, query, request_id = request
            refused = None
            if app.AUTH and headers.get("x-amz-target"):
                part("core.iam_evaluator").pin_request_caller(headers, query)
                refused = refuse_passing(headers, body, query, request_id)
            return refused or await original(*request)

        return call

    replace(app, "_dispatch_service_request", guarded)


@corrects(
    "iam",
    aws="service-linked roles have their real names, and a second one is InvalidInput",
    evidence="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html",
)
def name_service_linked_roles() -> None:
    iam = service("iam")

    def create(original: Any) -> Any:
        def call(params: Data) -> Any:
            named = iam._p(params, "AWSServiceName")
            role = SERVICE_LINKED_ROLES.get(named)
            if role is None:
                return original(params)
            if role in iam._roles:
                message = f"Service role name {role} has been taken in this account, please try a different suffix."
                return iam._error(400, "InvalidInput", message, ns="iam")
            before = set(iam._roles.keys())
            status, headers, body = original(params)
            for wrong in set(iam._roles.keys()) - before:
                record = iam._roles.pop(wrong)
                record.update(RoleName=role, Arn=record["Arn"].replace(wrong, role))
                iam._roles[role] = record
                body = re.sub(re.escape(wrong), role, body.decode()).encode()
            return status, headers, body

        return call

    replace(iam, "_create_service_linked_role", create)


@corrects(
    "iam",
    aws="SetDefaultPolicyVersion puts another version of a managed policy in force",
    evidence="https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html",
)
def set_default_policy_versions() -> None:
    iam = service("iam")

    def set_default(params: Data) -> Any:
        policy = iam._policies.get(iam._p(params, "PolicyArn"))
        chosen = iam._p(params, "VersionId")
        if policy is None or chosen not in policy["Versions"]:
            return iam._error(404, "NoSuchEntity", f"Policy version {chosen} not found.", ns="iam")
        for version in policy["Versions"].values():
            version["IsDefaultVersion"] = version["VersionId"] == chosen
        policy["DefaultVersionId"] = chosen
        return iam._xml(200, "SetDefaultPolicyVersionResponse", "", ns="iam")

    iam._IAM_HANDLERS["SetDefaultPolicyVersion"] = set_default
