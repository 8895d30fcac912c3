# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The IAM policies that the playbooks need, written from their calls.

The deployer's has parts, because a managed policy has at most 6,144 characters: network and names, services, roles.
The actions come from the call log of a local AWS; C(SCOPES) defines where each is allowed, by the Service
Authorization Reference (https://docs.aws.amazon.com/service-authorization/latest/reference/).
tests/campaigns/principals.py runs the playbooks and writes docs/iam/*.json.
"""

from __future__ import annotations

import json
import re
import typing as t

from plugins.module_utils._resources.iam import boundary

from ..support.cloud import ROOT

DOCS = ROOT / "docs" / "iam"
NETWORK, SERVICE, ROLES = "deployer-network", "deployer-service", "deployer-roles"
DEPLOYER, VIEWER = (NETWORK, SERVICE, ROLES), ("viewer",)
BOUNDS = "boundary"
IDS = "deployer-ids"
"""The policy that an administrator can attach to the deployer after the first run, with the network's ids."""
EXAMPLE_ACCOUNT, EXAMPLE_REGION, EXAMPLE_PREFIX = "123456789012", "ap-northeast-2", "magiclub-an2p"
EXAMPLE_DOMAIN = "lotto.your.company.com"
EXAMPLE_VPC, EXAMPLE_GROUP = "vpc-0123456789abcdef0", "sg-0123456789abcdef0"
EXAMPLE_SUBNETS = [f"subnet-0123456789abcdef{number}" for number in range(4)]

Data = dict[str, t.Any]
Calls = t.Iterable[t.Mapping[str, t.Any]]

# IAM's names for services that the call log names differently.
PREFIXES = {
    "resourcegroupstaggingapi": "tag",
    "tagging": "tag",
    "cloudmap": "servicediscovery",
    "alb": "elasticloadbalancing",
}

# A push and a pull use the registry's protocol; ECR authorizes each request as one of its actions.
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
REGISTRY = (
    (r"POST .*/blobs/uploads/", "ecr:InitiateLayerUpload"),
    (r"PATCH .*/blobs/uploads/", "ecr:UploadLayerPart"),
    (r"PUT .*/blobs/uploads/", "ecr:CompleteLayerUpload"),
    (r"PUT .*/manifests/", "ecr:PutImage"),
    (r"(HEAD|GET) .*/blobs/", "ecr:BatchCheckLayerAvailability"),
    (r"(HEAD|GET) .*/manifests/", "ecr:BatchGetImage"),
)

# Further actions that AWS requires: tags on creation, a passed role, and calls of a service on behalf of its
# caller.  The local AWS requires none of them but iam:PassRole.  Also the calls of later changes to the inventory
# on the action's resource that none of the logged runs makes.
TAGGED_EC2: tuple[str, ...] = (
    "CreateVpc",
    "CreateSubnet",
    "CreateInternetGateway",
    "AllocateAddress",
    "CreateNatGateway",
)
TAGGED_EC2 += ("CreateRouteTable", "CreateSecurityGroup")
# The calls of a run that explains a failed deployment, which none of the logged runs does.
DIAGNOSIS = (
    "ecs:DescribeServiceDeployments",
    "ecs:DescribeTasks",
    "ecs:ListServiceDeployments",
    "ecs:ListTasks",
    "logs:GetLogEvents",
)
BESIDE = {
    **{f"ec2:{action}": ("ec2:CreateTags",) for action in TAGGED_EC2},
    # ec2: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/ElasticLoadBalancingFullAccess.html
    "elasticloadbalancing:CreateLoadBalancer": (
        "elasticloadbalancing:AddTags",
        "iam:CreateServiceLinkedRole",
        "ec2:DescribeAccountAttributes",
        "ec2:GetSecurityGroupsForVpc",
        "elasticloadbalancing:SetSubnets",
        "elasticloadbalancing:SetSecurityGroups",
        "elasticloadbalancing:SetIpAddressType",
    ),
    "elasticloadbalancing:CreateTargetGroup": ("elasticloadbalancing:AddTags",),
    # further certificates may be added later
    "elasticloadbalancing:CreateListener": (
        "elasticloadbalancing:AddTags",
        "elasticloadbalancing:AddListenerCertificates",
        "elasticloadbalancing:RemoveListenerCertificates",
    ),
    "elasticloadbalancing:DescribeListeners": ("elasticloadbalancing:DescribeListenerCertificates",),
    "elasticloadbalancing:CreateRule": ("elasticloadbalancing:AddTags", "elasticloadbalancing:SetRulePriorities"),
    "ec2:CreateRoute": ("ec2:DeleteRoute", "ec2:ReplaceRoute"),
    "ec2:AssociateRouteTable": ("ec2:DisassociateRouteTable", "ec2:ReplaceRouteTableAssociation"),
    # amazon.aws changes the description of a rule if somebody has set one
    "ec2:AuthorizeSecurityGroupIngress": ("ec2:UpdateSecurityGroupRuleDescriptionsIngress",),
    "ec2:AuthorizeSecurityGroupEgress": ("ec2:UpdateSecurityGroupRuleDescriptionsEgress",),
    "iam:CreateRole": ("iam:TagRole", "iam:PutRolePermissionsBoundary"),
    "iam:CreatePolicy": ("iam:TagPolicy",),
    # amazon.aws tags an existing log group with the old action
    "logs:CreateLogGroup": ("logs:TagResource", "logs:TagLogGroup"),
    # a log group that keeps its events forever
    "logs:PutRetentionPolicy": ("logs:DeleteRetentionPolicy",),
    "ecr:CreateRepository": ("ecr:TagResource",),
    # https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html: an engine may check before it pushes
    # the tag of an old revision is removed from its image
    "ecr:PutImage": ("ecr:BatchGetImage", "ecr:BatchDeleteImage"),
    # read if a repository does not scan its images itself
    "ecr:DescribeRepositories": ("ecr:BatchGetRepositoryScanningConfiguration",),
    "ecs:CreateCluster": ("ecs:TagResource",),
    "ecs:RegisterTaskDefinition": ("ecs:TagResource", "iam:PassRole"),
    # the run rolls back a deployment whose tasks keep exiting, and answers one that waits at a gate
    "ecs:CreateService": (
        "ecs:TagResource",
        "ecs:ContinueServiceDeployment",
        "ecs:StopServiceDeployment",
        # a task before a deployment
        "ecs:RunTask",
        "ecs:StopTask",
        # a worker's queue
        "sqs:CreateQueue",
        "sqs:DeleteQueue",
        "sqs:GetQueueUrl",
        "sqs:SetQueueAttributes",
        "sqs:TagQueue",
        # a job instead of a service
        "scheduler:CreateSchedule",
        "scheduler:DeleteSchedule",
        "scheduler:UpdateSchedule",
        *DIAGNOSIS,
    ),
    # read for each listed queue and job
    "sqs:ListQueues": ("sqs:GetQueueAttributes", "sqs:ListQueueTags"),
    "scheduler:ListSchedules": ("scheduler:GetSchedule",),
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/auto-scaling-IAM.html
    "application-autoscaling:RegisterScalableTarget": (
        "iam:CreateServiceLinkedRole",
        "ecs:DescribeServices",
        "ecs:UpdateService",
        "application-autoscaling:TagResource",
    ),
    "application-autoscaling:PutScalingPolicy": (
        "cloudwatch:DescribeAlarms",
        "cloudwatch:PutMetricAlarm",
        "application-autoscaling:DeleteScalingPolicy",
        # schedules may be added later
        "application-autoscaling:PutScheduledAction",
        "application-autoscaling:DeleteScheduledAction",
    ),
    # listed resources that are not in the inventory are read from their service
    "tag:GetResources": ("ec2:DescribeTags",),
    "application-autoscaling:DeregisterScalableTarget": ("cloudwatch:DeleteAlarms",),
    "servicediscovery:CreatePrivateDnsNamespace": (
        # for services that only use Service Connect
        "servicediscovery:CreateHttpNamespace",
        "servicediscovery:TagResource",
        "route53:CreateHostedZone",
        "route53:GetHostedZone",
        "route53:ListHostedZonesByName",
        "ec2:DescribeVpcs",
        "ec2:DescribeRegions",
    ),
    # read while another run's namespace is being created
    "servicediscovery:ListOperations": ("servicediscovery:GetOperation", "servicediscovery:GetNamespace"),
    "servicediscovery:CreateService": ("servicediscovery:TagResource", "servicediscovery:UpdateService"),
    # ECS deregisters its instances in its own time, and a crash leaves them
    "servicediscovery:DeleteService": ("servicediscovery:DeregisterInstance",),
    # the reads of adopt.yml, which is not among the logged runs
    "ecs:ListServices": (
        "application-autoscaling:DescribeScheduledActions",
        "cloudformation:DescribeStackResources",
        "servicediscovery:GetNamespace",
        "servicediscovery:GetService",
    ),
    # a removal deletes the revisions
    "ecs:DescribeTaskDefinition": ("ecs:ListTaskDefinitions",),
    # read if there are interface endpoints, and before a network is removed
    "ec2:DescribeVpcEndpoints": ("ec2:DescribeVpcEndpointServices", "ec2:DescribeNetworkInterfaces"),
    # read until all name servers have a record
    "route53:ChangeResourceRecordSets": ("route53:GetChange",),
    # the lock, for which two runs must not take over a stale one
    "ssm:PutParameter": ("ssm:GetParameterHistory",),
}


class Scope(t.NamedTuple):
    """A statement: its Sid, its actions, where they are allowed, and the deployer's policies that have it.

    {…} is filled in.
    """

    sid: str
    actions: str
    resources: tuple[str, ...]
    condition: t.Mapping[str, t.Any] = {}
    parts: tuple[str, ...] = (SERVICE,)


EC2 = "arn:*:ec2:{region}:{account}:"
ELB = "arn:*:elasticloadbalancing:{region}:{account}:"
ECS = "arn:*:ecs:{region}:{account}:"
IAM = "arn:*:iam::{account}:"
NAMED = {"StringLike": {"aws:ResourceTag/Name": "{prefix}-*"}}
NAMING = {"StringLike": {"aws:RequestTag/Name": "{prefix}-*"}}
LOGS = "arn:*:logs:{region}:{account}:log-group:/ecs/{prefix}-*"
TARGET = "arn:*:application-autoscaling:{region}:{account}:scalable-target/*"
MAP = "arn:*:servicediscovery:{region}:{account}:"
NAMES = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
KINDS = "route53:ChangeResourceRecordSetsRecordTypes"
MADE = ("vpc", "subnet", "internet-gateway", "elastic-ip", "natgateway", "route-table", "security-group")
USED = ("vpc", "subnet", "elastic-ip")
# https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
BOUNDARY = f"{IAM}policy{boundary.PATH}{boundary.name('{prefix}')}"
BOUNDED = {"StringLike": {"iam:PermissionsBoundary": BOUNDARY}}
GIVING = ("CreateRole", "PutRolePermissionsBoundary", "PutRolePolicy", "UpdateAssumeRolePolicy")
OWN = "/fargate-deployer/"
"""The path of the deployer's role and policies, outside of the platform's prefix."""
PASSED = ("{prefix}-ecs-execution", "{prefix}-*-task", "{prefix}-*-execution", "{prefix}-*-shift", "{prefix}-*-connect")
LINKED = [f"{service}.amazonaws.com" for service in ("ecs", "elasticloadbalancing", "ecs.application-autoscaling")]
READ = r"(Describe|List|Get)\w+"

# Most of it can't be restricted: these actions take no resource, or one that is only known from their answer.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_actions-resources-contextkeys.html
SCOPES = (
    Scope("Lock", r"ssm:\w+", ("arn:*:ssm:{region}:{account}:parameter/{prefix}/lock",)),
    Scope("RegistryLogin", r"ecr:GetAuthorizationToken", ("*",)),
    Scope("Repository", r"ecr:\w+", ("arn:*:ecr:{region}:{account}:repository/{prefix}-*",)),
    Scope("ReadNetwork", rf"(acm|ec2|elasticloadbalancing|route53):{READ}", ("*",), parts=(NETWORK,)),
    Scope("ReadLogs", r"logs:(Get|Filter)LogEvents", (LOGS,)),
    Scope("Queues", r"sqs:(?!ListQueues$)\w+", ("arn:*:sqs:{region}:{account}:{prefix}-*",)),
    Scope(
        "Read",
        rf"(application-autoscaling|cloudformation|cloudwatch|ecs|logs|scheduler|servicediscovery|sqs|sts):{READ}",
        ("*",),
    ),
    Scope("ReadRoles", rf"iam:{READ}", ("*",), parts=(ROLES,)),
    Scope("ReadTags", rf"tag:{READ}", ("*",)),
    Scope(
        "NetworkMake",
        rf"ec2:({'|'.join(TAGGED_EC2)})",
        tuple(f"{EC2}{kind}/*" for kind in MADE),
        NAMING,
        parts=(NETWORK,),
    ),
    Scope(
        "NetworkMakeWithin",
        r"ec2:(CreateSubnet|CreateNatGateway|CreateRouteTable|CreateSecurityGroup)",
        tuple(f"{EC2}{kind}/*" for kind in USED),
        NAMED,
        parts=(NETWORK,),
    ),
    Scope(
        "NetworkTagWhatIsMade",
        r"ec2:CreateTags",
        (f"{EC2}*/*",),
        {"StringEquals": {"ec2:CreateAction": list(TAGGED_EC2)}},
        parts=(NETWORK,),
    ),
    Scope("NetworkChange", r"ec2:(?!Allocate|Create(?!Tags|Route$))\w+", (f"{EC2}*/*",), NAMED, parts=(NETWORK,)),
    Scope(
        "Routes",
        r"elasticloadbalancing:(\w*(Rule|TargetGroup)\w*|AddTags|RemoveTags)",
        (
            f"{ELB}listener/app/{{prefix}}-*/*",
            f"{ELB}listener-rule/app/{{prefix}}-*/*",
            f"{ELB}targetgroup/{{prefix}}-*/*",
        ),
    ),
    Scope(
        "LoadBalancer",
        r"elasticloadbalancing:(?!\w*(Rule|TargetGroup))\w+",
        (f"{ELB}loadbalancer/app/{{prefix}}-*/*", f"{ELB}listener/app/{{prefix}}-*/*"),
        parts=(NETWORK,),
    ),
    Scope(
        "PassRoles",
        r"iam:PassRole",
        tuple(f"{IAM}role/{name}" for name in PASSED),
        {"StringEquals": {"iam:PassedToService": ["ecs-tasks.amazonaws.com", "ecs.amazonaws.com"]}},
        parts=(ROLES,),
    ),
    Scope(
        "PassRolesOfJobs",
        r"iam:PassRole",
        (f"{IAM}role/{{prefix}}-*-schedule",),
        {"StringEquals": {"iam:PassedToService": ["scheduler.amazonaws.com"]}},
        parts=(ROLES,),
    ),
    Scope(
        "ServiceLinkedRoles",
        r"iam:CreateServiceLinkedRole",
        (f"{IAM}role/aws-service-role/*",),
        {"StringEquals": {"iam:AWSServiceName": LINKED}},
        parts=(ROLES,),
    ),
    Scope(
        "RolesGiveOnlyThese",
        r"iam:AttachRolePolicy",
        (f"{IAM}role/{{prefix}}-*",),
        {
            **BOUNDED,
            "ArnLike": {
                "iam:PolicyARN": [
                    "arn:*:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
                    "arn:*:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers",
                    f"{IAM}policy/{{prefix}}-*",
                ]
            },
        },
        parts=(ROLES,),
    ),
    # giving a role permissions, or passing a role, is only allowed under the boundary
    Scope("RolesBounded", rf"iam:({'|'.join(GIVING)})", (f"{IAM}role/{{prefix}}-*",), BOUNDED, parts=(ROLES,)),
    Scope("Roles", r"iam:(?!PassRole)\w*Role\w*", (f"{IAM}role/{{prefix}}-*",), parts=(ROLES,)),
    Scope("Policies", r"iam:(?!\w*Role)\w*Policy\w*", (f"{IAM}policy/{{prefix}}-ecs-exec",), parts=(ROLES,)),
    # it takes no resource, and a revision can be registered again
    Scope("Deregister", r"ecs:DeregisterTaskDefinition", ("*",)),
    Scope(
        "Cluster",
        r"ecs:\w+",
        (
            f"{ECS}cluster/{{prefix}}-ecs",
            f"{ECS}service/{{prefix}}-ecs/{{prefix}}-*",
            f"{ECS}service-deployment/{{prefix}}-ecs/{{prefix}}-*/*",
            f"{ECS}task/{{prefix}}-ecs/*",
            f"{ECS}task-definition/{{prefix}}-*:*",
        ),
    ),
    # its targets have only an id, and a request that tags one does not name its service
    Scope("AutoscalingTag", r"application-autoscaling:TagResource", (TARGET,)),
    Scope(
        "Autoscaling",
        r"application-autoscaling:\w+",
        (TARGET,),
        {"StringEquals": {"application-autoscaling:service-namespace": "ecs"}},
    ),
    Scope(
        "AutoscalingAlarms",
        r"cloudwatch:\w+",
        ("arn:*:cloudwatch:{region}:{account}:alarm:TargetTracking-service/{prefix}-ecs/{prefix}-*",),
    ),
    Scope("Schedules", r"scheduler:\w+", ("arn:*:scheduler:{region}:{account}:schedule/default/{prefix}-*",)),
    Scope("Logs", r"logs:\w+", (LOGS,)),
    # it has no resource type: AWS checks only the tags in the request
    Scope("DiscoveryTag", r"servicediscovery:TagResource", ("*",), NAMING, parts=(NETWORK,)),
    Scope("DiscoveryCreate", r"servicediscovery:Create\w*Namespace", ("*",), NAMING, parts=(NETWORK,)),
    # a new service has no tags except those in the request
    Scope("DiscoveryMake", r"servicediscovery:CreateService", (f"{MAP}service/*",), NAMING, parts=(NETWORK,)),
    Scope(
        "Discovery",
        r"servicediscovery:(?!TagResource)\w+",
        (f"{MAP}namespace/*", f"{MAP}service/*"),
        NAMED,
        parts=(NETWORK,),
    ),
    # the service that ECS creates for Service Connect has only ECS's tag, and ECS does not delete it:
    # https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonECSServiceRolePolicy.html
    Scope(
        "DiscoveryOfConnect",
        r"servicediscovery:DeleteService",
        (f"{MAP}service/*",),
        {"Null": {"aws:ResourceTag/AmazonECSManaged": "false"}},
        parts=(NETWORK,),
    ),
    # Cloud Map creates a namespace's private zone with its caller's permissions, and deletes it with its own:
    # https://docs.aws.amazon.com/cloud-map/latest/dg/cloud-map-api-permissions-ref.html
    # No condition on route53:VPCs: reportedly Cloud Map's call does not have it, and a first run would end with
    # AccessDenied when NAT gateway and load balancer already cost money.
    Scope("DiscoveryZone", r"route53:CreateHostedZone", ("*",), parts=(NETWORK,)),
    # a zone's ARN does not contain its name, but a request contains the record's
    Scope(
        "Records",
        r"route53:ChangeResourceRecordSets",
        ("arn:*:route53:::hostedzone/*",),
        {"Null": {NAMES: "false"}, "ForAllValues:StringEquals": {NAMES: ["{domain}"], KINDS: ["A", "AAAA"]}},
        parts=(NETWORK,),
    ),
)
# These override any Allow that the deployer's identity has from elsewhere.
WRITES: tuple[str, ...] = (
    "Add",
    "Attach",
    "Change",
    "Create",
    "Deactivate",
    "Delete",
    "Detach",
    "Enable",
    "Put",
    "Remove",
    "Reset",
)
WRITES += ("Resync", "Set", "Tag", "Untag", "Update", "Upload")
DENIES: tuple[Data, ...] = (
    {
        "Sid": "DenyOwnRights",
        "Effect": "Deny",
        "Action": [*(f"iam:{verb}*" for verb in WRITES), "iam:PassRole"],
        "Resource": [
            *(f"{IAM}{kind}{path}*" for path in (OWN, boundary.PATH) for kind in ("policy", "role")),
            *(f"{IAM}{kind}/*" for kind in ("user", "group")),
        ],
    },
    {
        "Sid": "DenyUnbounded",
        "Effect": "Deny",
        "Action": [f"iam:{action}" for action in ("AttachRolePolicy", *GIVING)],
        "Resource": [f"{IAM}role/{{prefix}}-*"],
        "Condition": {"StringNotLike": BOUNDED["StringLike"]},
    },
    {
        "Sid": "DenyUnbinding",
        "Effect": "Deny",
        "Action": ["iam:DeleteRolePermissionsBoundary"],
        "Resource": [f"{IAM}role/*"],
    },
)
# Subnets, security groups and VPCs outside the platform. A Deny, so that a request without them is not refused.
# Their forms: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security_iam_service-with-iam.html and
# https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
OTHERS = "ForAnyValue:StringNotEquals"
ONLY_THESE: tuple[Data, ...] = tuple(
    {"Sid": sid, "Effect": "Deny", "Action": actions, "Resource": ["*"], "Condition": {OTHERS: {key: values}}}
    for sid, actions, key, values in (
        ("DenyOtherSubnets", ["ecs:CreateService", "ecs:UpdateService"], "ecs:subnet", EXAMPLE_SUBNETS),
        (
            "DenyOtherSubnetsOfLoadBalancers",
            ["elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:SetSubnets"],
            "elasticloadbalancing:Subnet",
            EXAMPLE_SUBNETS,
        ),
        (
            "DenyOtherSecurityGroups",
            ["elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:SetSecurityGroups"],
            "elasticloadbalancing:SecurityGroup",
            [EXAMPLE_GROUP],
        ),
        (
            "DenyOtherVpcs",
            ["route53:CreateHostedZone"],
            "route53:VPCs",
            [f"VPCId={EXAMPLE_VPC},VPCRegion={EXAMPLE_REGION}"],
        ),
    )
)
SHARED = {
    "iam:PassRole",
    "elasticloadbalancing:AddTags",
    "elasticloadbalancing:RemoveTags",
    "ec2:CreateTags",
    "ec2:CreateSubnet",
    "ec2:CreateNatGateway",
    "ec2:CreateRouteTable",
    "ec2:CreateSecurityGroup",
    "servicediscovery:CreateService",
    "servicediscovery:DeleteService",
}


def actions_of(calls: Calls) -> set[str]:
    """Return the IAM actions of logged calls, with those that AWS also requires."""
    direct = {action for call in calls if (action := action_of(call))}
    return direct | {more for action in direct for more in BESIDE.get(action, ())}


def action_of(call: t.Mapping[str, t.Any]) -> str | None:
    """Return the IAM action of one call; None if it needs none."""
    if call["service"] == "registry":
        return next((action for pattern, action in REGISTRY if re.match(pattern, call["action"])), None)
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html: it needs no permission
    if call["action"] == "GetCallerIdentity":
        return None
    return f"{PREFIXES.get(call['service'], call['service'])}:{call['action']}"


def policy(
    name: str, actions: t.Iterable[str], account: str, region: str, prefix: str, domain: str = EXAMPLE_DOMAIN
) -> Data:
    """Return the policy document that allows I(actions) in their C(SCOPES); for the deployer, its part I(name).

    Raises ValueError if an action is in no scope.
    """
    values = {"account": account, "region": region, "prefix": prefix, "domain": domain}
    statements: dict[str, list[str]] = {}
    for action in sorted(actions):
        for scope in _in_part(scopes_of(action), name):
            statements.setdefault(scope.sid, []).append(action)
    return {
        "Version": "2012-10-17",
        "Statement": [
            *(_filled(_statement(scope, statements[scope.sid]), values) for scope in SCOPES if scope.sid in statements),
            *(_filled(denied, values) for denied in (DENIES if name == ROLES else ())),
        ],
    }


def _in_part(scopes: list[Scope], name: str) -> list[Scope]:
    return [scope for scope in scopes if name not in DEPLOYER or name in scope.parts]


def scopes_of(action: str) -> list[Scope]:
    """Return the scopes of an action: the first that matches, or all if a call names several resources."""
    found = [scope for scope in SCOPES if re.fullmatch(scope.actions, action)]
    if not found:
        raise ValueError(f"{action} falls into no scope. Say in SCOPES of tests/checks/iam.py where it is allowed.")
    return found if action in SHARED else found[:1]


def _statement(scope: Scope, actions: list[str]) -> Data:
    statement = {"Sid": scope.sid, "Effect": "Allow", "Action": actions, "Resource": list(scope.resources)}
    return {**statement, "Condition": scope.condition} if scope.condition else statement


def _filled(value: t.Any, values: t.Mapping[str, str]) -> t.Any:
    if isinstance(value, str):
        return value.format(**values)
    if isinstance(value, list):
        return [_filled(item, values) for item in value]
    if isinstance(value, dict):
        return {key: _filled(item, values) for key, item in value.items()}
    return value


def allowed(document: Data) -> set[str]:
    """Return all actions that a policy document allows."""
    return {action for statement in _allows(document) for action in statement["Action"]}


def _allows(document: Data) -> list[Data]:
    return [statement for statement in document["Statement"] if statement["Effect"] == "Allow"]


def without(document: Data, action: str) -> Data:
    """Return a policy document without one action."""
    left = [{**item, "Action": [name for name in item["Action"] if name != action]} for item in _allows(document)]
    denies = [item for item in document["Statement"] if item["Effect"] == "Deny"]
    return {**document, "Statement": [*(item for item in left if item["Action"]), *denies]}


def resources_of(documents: t.Iterable[Data], action: str) -> list[str]:
    """Return the resources on which policy documents allow an action."""
    statements = [item for document in documents for item in _allows(document) if action in item["Action"]]
    return [resource for item in statements for resource in item["Resource"]]


def for_account(document: Data, account: str) -> Data:
    """Return a committed policy for another account than C(EXAMPLE_ACCOUNT)."""
    return t.cast("Data", json.loads(json.dumps(document).replace(EXAMPLE_ACCOUNT, account)))


def committed(name: str) -> Data:
    return t.cast("Data", json.loads((DOCS / f"{name}-policy.json").read_text(encoding="utf-8")))


def expected(name: str, calls: Calls) -> Data:
    """Return docs/iam/I(name)-policy.json as the calls require it."""
    return policy(name, actions_of(calls), EXAMPLE_ACCOUNT, EXAMPLE_REGION, EXAMPLE_PREFIX)


def bounds() -> Data:
    """Return docs/iam/boundary-policy.json as the role ecs_cluster creates it."""
    return boundary.document(EXAMPLE_ACCOUNT, EXAMPLE_PREFIX)


def ids() -> Data:
    """Return docs/iam/deployer-ids-policy.json, whose example ids refuse all others."""
    return {"Version": "2012-10-17", "Statement": list(ONLY_THESE)}


def write(name: str, document: Data) -> None:
    DOCS.mkdir(parents=True, exist_ok=True)
    (DOCS / f"{name}-policy.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(f"docs/iam/{name}-policy.json: {len(allowed(document))} actions, {len(document['Statement'])} statements")


def is_read(action: str) -> bool:
    """Return whether an action changes nothing, by its verb."""
    return re.fullmatch(rf"\w[\w-]*:({READ}|BatchGet\w+|BatchCheck\w+)", action) is not None
