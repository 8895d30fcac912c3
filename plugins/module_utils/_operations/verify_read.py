# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads what C(verify) checks: all resources that a service and its task definition refer to.  Writes nothing."""

from __future__ import annotations

import re
import typing as t

from .._aws import codes
from .._aws.arn import last
from .._aws.errors import ClientError, error_code
from .._aws.read import call, in_parallel, pages
from .._resources.ec2 import subnet_routes
from .._resources.ecr import images
from .._resources.elbv2 import api as elbv2
from .._resources.elbv2 import local, shadowing
from .._resources.secrets.api import arn as secret_arn
from .._resources.secrets.api import is_there as secret_is_there
from . import read, verify, verify_routes

Data = dict[str, t.Any]
ClientOf = t.Callable[..., t.Any]
Ask = t.Callable[[str, t.Mapping[str, str]], tuple[int, str]]

# the ARN of an assumed role has the names of role and session, but not the role's path
ASSUMED = re.compile(r"arn:(?P<partition>[^:]+):sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/")


class Platform(t.NamedTuple):
    """What the services share: clients, addresses, and notes about what could not be read."""

    client: ClientOf
    address: t.Callable[[Data], Data]
    ask: Ask
    notes: list[str]


def service(platform: Platform, name: str, described: Data, image: str = "") -> Data:
    """Return what C(verify.findings) checks of a service.

    :param described: the service, as returned by DescribeServices.
    :param image: an image to be deployed, in place of that of the first container.
    """
    client, notes = platform.client, platform.notes
    elb = client("elbv2")
    found = call(client("ecs"), "describe_task_definition", taskDefinition=described["taskDefinition"])
    definition = with_image(found["taskDefinition"], image)
    group_arns = [item["targetGroupArn"] for item in described.get("loadBalancers") or [] if "targetGroupArn" in item]
    seen = in_parallel(
        images=lambda: {name: architectures(client, name, notes) for name in read.image_names([definition])},
        secrets=lambda: {source: secret_is_there(client, source) for source in verify.secret_sources(definition)},
        may_read=lambda: rights(client, definition, notes),
        roles=lambda: {arn: role(client("iam"), arn) for arn in role_arns(definition)},
        may_pass=lambda: passable(client, role_arns(definition), notes),
        subnets=lambda: subnets(client("ec2"), verify.awsvpc(described).get("subnets") or []),
        log_groups=lambda: {
            group: log_group_is_there(client("logs"), group) for group in verify.log_group_names(definition)
        },
        target_groups=lambda: {arn: elbv2.target_group_of(elb, arn) for arn in group_arns},
    )
    groups = [group for group in seen["target_groups"].values() if group]
    arns = sorted({arn for group in groups for arn in group.get("LoadBalancerArns") or []})
    around = in_parallel(
        health=lambda: [item for group in groups for item in elbv2.target_health(elb, group["TargetGroupArn"])],
        balancers=lambda: {arn: balancer(elb, arn) for arn in arns},
    )
    behind = shadowing.shadowed(
        [rules for found in around["balancers"].values() for rules in found["rules"]], group_arns
    )
    if behind and not behind.everything:
        notes.append(f"{name}: {behind.sentence}. {behind.next_step}")
    return {
        **seen,
        "name": name,
        "service": described,
        "definition": definition,
        "health": around["health"],
        "behind": behind,
        "answers": probed(platform, name, groups, around["balancers"]) if described.get("runningCount") else [],
    }


def with_image(definition: Data, image: str) -> Data:
    """Return a task definition with another image in its first container."""
    if not image:
        return definition
    first, *others = definition["containerDefinitions"]
    return {**definition, "containerDefinitions": [{**first, "image": image}, *others]}


def role_arns(definition: Data) -> list[str]:
    """Return the ARNs of a task definition's roles."""
    return [definition[key] for key in ("executionRoleArn", "taskRoleArn") if definition.get(key)]


def architectures(client: ClientOf, image: str, notes: list[str]) -> list[str] | None:
    """Return the architectures of an image; [] if unknown, None if it does not exist."""
    try:
        return images.architectures(client, image)
    except ClientError as error:
        if error_code(error) not in codes.DENIED:
            raise
    notes.append(
        f"Whether {image} is there is not known: allow ecr:DescribeImages and ecr:BatchGetImage to see it,"
        " in the repository's policy, too, if it is another account's."
    )
    return []


def rights(client: ClientOf, definition: Data, notes: list[str]) -> list[Data]:
    """Return whether the execution role may read each secret."""
    arn = definition.get("executionRoleArn")
    if not arn:
        return []
    result = []
    for source in verify.secret_sources(definition):
        manager = ":secretsmanager:" in source
        resource = secret_arn(source) if manager else parameter_arn(source, definition["taskDefinitionArn"])
        allowed = is_allowed(client("iam"), arn, reading(resource), resource, notes)
        result.append({"role": arn, "action": reading(resource), "resource": resource, "allowed": allowed})
    return result


def reading(arn: str) -> str:
    """Return the IAM action that reads a secret."""
    return "secretsmanager:GetSecretValue" if ":secretsmanager:" in arn else "ssm:GetParameters"


def parameter_arn(source: str, beside: str) -> str:
    """Return the ARN of an SSM parameter, which a task definition in the same region may give by name."""
    if source.startswith("arn:"):
        return source
    partition, region, account = beside.split(":")[1], beside.split(":")[3], beside.split(":")[4]
    return f"arn:{partition}:ssm:{region}:{account}:parameter/{source.lstrip('/')}"


def is_allowed(
    iam: t.Any, arn: str, action: str, resource: str, notes: list[str], context: t.Sequence[Data] = ()
) -> bool | None:
    """Return IAM's simulated decision, else that of the role's policies; None if neither may be read."""
    try:
        answer = call(
            iam,
            "simulate_principal_policy",
            PolicySourceArn=arn,
            ActionNames=[action],
            ResourceArns=[resource],
            ContextEntries=list(context),
        )
        return bool(answer["EvaluationResults"][0]["EvalDecision"] == "allowed")
    except ClientError as error:
        if error_code(error) == "NoSuchEntity":
            return None
        if error_code(error) not in codes.DENIED:
            raise
    try:
        # a user has other policies than a role of its name
        if ":role/" in arn:
            return verify.allowed(documents(iam, last(arn)), action, resource)
    except ClientError as error:
        if error_code(error) not in (*codes.DENIED, "NoSuchEntity"):
            raise
    notes.append(f"Whether {last(arn)} may {action} is not known: allow iam:SimulatePrincipalPolicy to see it.")
    return None


def documents(iam: t.Any, name: str) -> list[Data]:
    """Return the documents of all policies of a role."""
    inline = pages(iam, "list_role_policies", "PolicyNames", RoleName=name)
    result = [call(iam, "get_role_policy", RoleName=name, PolicyName=policy)["PolicyDocument"] for policy in inline]
    for attached in pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name):
        policy = call(iam, "get_policy", PolicyArn=attached["PolicyArn"])["Policy"]
        version = call(iam, "get_policy_version", PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
        result.append(version["PolicyVersion"]["Document"])
    return result


def role(iam: t.Any, arn: str) -> Data | None:
    """Return a role with its trust policy; {} if it may not be read, None if it does not exist."""
    try:
        return t.cast("Data", call(iam, "get_role", RoleName=last(arn))["Role"])
    except ClientError as error:
        if error_code(error) == "NoSuchEntity":
            return None
        if error_code(error) in codes.DENIED:
            return {}
        raise


def passable(client: ClientOf, arns: t.Sequence[str], notes: list[str]) -> dict[str, bool | None]:
    """Return whether the caller may pass each role to ECS tasks."""
    caller = principal(call(client("sts"), "get_caller_identity")["Arn"])
    if caller is None:
        return {}
    context = [
        {"ContextKeyName": "iam:PassedToService", "ContextKeyValues": [verify.TASKS], "ContextKeyType": "string"}
    ]
    return {arn: is_allowed(client("iam"), caller, "iam:PassRole", arn, notes, context) for arn in arns}


def principal(arn: str) -> str | None:
    """Return the user or role whose policies apply to a caller; None for the root user, who may do everything."""
    assumed = ASSUMED.match(arn)
    if assumed:
        return f"arn:{assumed['partition']}:iam::{assumed['account']}:role/{assumed['role']}"
    return None if arn.endswith(":root") else arn


def subnets(ec2: t.Any, ids: t.Sequence[str]) -> dict[str, Data | None]:
    """Return C({vpc, routes, endpoints}) by subnet, None for one that does not exist."""
    found = {item["SubnetId"]: item for item in _subnets(ec2, ids)}
    vpcs = sorted({item["VpcId"] for item in found.values()})
    if not vpcs:
        return dict.fromkeys(ids)
    in_vpcs = [{"Name": "vpc-id", "Values": vpcs}]
    both = in_parallel(
        tables=lambda: pages(ec2, "describe_route_tables", "RouteTables", Filters=in_vpcs),
        endpoints=lambda: pages(ec2, "describe_vpc_endpoints", "VpcEndpoints", Filters=in_vpcs),
    )
    return {
        subnet: {
            "vpc": found[subnet]["VpcId"],
            "routes": subnet_routes.of(both["tables"], found[subnet]),
            "endpoints": subnet_routes.endpoint_names(both["endpoints"], found[subnet]["VpcId"]),
        }
        if subnet in found
        else None
        for subnet in ids
    }


def log_group_is_there(logs: t.Any, name: str) -> bool:
    """Return whether a log group with exactly this name exists."""
    groups = pages(logs, "describe_log_groups", "logGroups", logGroupNamePrefix=name)
    return any(group["logGroupName"] == name for group in groups)


def probed(platform: Platform, name: str, groups: t.Iterable[Data], balancers: t.Mapping[str, Data]) -> list[Data]:
    """Request the health path of each group through its load balancers, given by ARN."""
    result = []
    for group in groups:
        for arn in group.get("LoadBalancerArns") or []:
            rules = [rule for some in balancers[arn]["rules"] for rule in some]
            requests = verify_routes.health_requests(
                name, group, rules_of(rules, group["TargetGroupArn"]), platform.address(balancers[arn])
            )
            for request in requests:
                status, error = platform.ask(request["url"], request["headers"])
                result.append({**request, "status": status, "error": error})
    return result


def rules_of(rules: t.Iterable[Data], group_arn: str) -> list[Data]:
    """Return the rules that forward to a target group."""
    return [rule for rule in rules if any(_forwards(action, group_arn) for action in rule["Actions"])]


def address(balancer: Data, domain: str, local_endpoint: str, account: str) -> Data:
    """Return the C(url) and C(headers) of requests to a load balancer.

    The local AWS takes the load balancer from the Host header of a request to its endpoint.
    """
    ports = {one["Port"]: one["Protocol"] for one in balancer["listeners"]}
    port = next((one for one in (443, 80, *sorted(ports)) if one in ports), 80)
    if local_endpoint:
        host = local.host(balancer["LoadBalancerName"], account, port)
        return {"url": local_endpoint.rstrip("/"), "headers": {"Host": host}}
    if ports.get(port) == "HTTPS":
        return {"url": f"https://{domain or balancer['DNSName']}:{port}", "headers": {}}
    return {"url": f"http://{balancer['DNSName']}:{port}", "headers": {"Host": domain} if domain else {}}


def balancer(elb: t.Any, arn: str) -> Data:
    """Return a load balancer with its C(listeners), and the C(rules) of each."""
    listeners = elbv2.listeners(elb, arn)
    return {
        **call(elb, "describe_load_balancers", LoadBalancerArns=[arn])["LoadBalancers"][0],
        "listeners": listeners,
        "rules": [elbv2.rules(elb, one["ListenerArn"]) for one in listeners],
    }


def _forwards(action: Data, group_arn: str) -> bool:
    several = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
    return group_arn in (action.get("TargetGroupArn"), *(item.get("TargetGroupArn") for item in several))


def _subnets(ec2: t.Any, ids: t.Sequence[str]) -> list[Data]:
    if not ids:
        return []
    # by filter, as an unknown id would fail the whole call
    return pages(ec2, "describe_subnets", "Subnets", Filters=[{"Name": "subnet-id", "Values": list(ids)}])
