# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Attacks with the deployer's keys: as AWS would authorize them, and as calls to a local AWS."""

from __future__ import annotations

import json
import typing as t

from ..campaigns.principals import ACCOUNT, BOUNDARY, TRUST
from ..support.account import REGION
from ..support.no_containers import PREFIX
from . import iam
from .iam_reference import Request

Client = t.Callable[[str], t.Any]
Context = dict[str, t.Any]

DEPLOYER_ROLE, DEPLOYER_POLICY = "deployer", f"deployer-roles-{PREFIX}"
ADMIN, OTHER = "admin", "other"
OWN_ROLE = f"{PREFIX}-lotto-task"
# the permissions of https://docs.aws.amazon.com/aws-managed-policy/latest/reference/IAMFullAccess.html in an account
IAM_FULL_ACCESS: dict[str, t.Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "IAMFullAccess", "Effect": "Allow", "Action": ["iam:*"], "Resource": ["*"]}],
}
ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
TRUSTS = json.dumps(TRUST)
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
IAM, EC2, ECS = f"arn:aws:iam::{ACCOUNT}:", f"arn:aws:ec2:{REGION}:{ACCOUNT}:", f"arn:aws:ecs:{REGION}:{ACCOUNT}:"
ELB, MAP = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:", f"arn:aws:servicediscovery:{REGION}:{ACCOUNT}:"
SCHEDULER = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:"
OWN_POLICY = f"{IAM}policy{iam.OWN}{DEPLOYER_POLICY}"
DOMAIN = "victim.example"
NAME = {"Key": "Name"}


class Others(t.NamedTuple):
    """Resources of the account outside the platform, and the platform's own ids and ARNs that attacks need."""

    vpc: str
    group: str
    unnamed_group: str
    zone: str
    namespace: str
    own_zone: str
    balancer: str
    target_group: str

    @classmethod
    def example(cls) -> Others:
        """Return ids like AWS's, for checks without calls."""
        return cls(
            "vpc-1",
            "sg-1",
            "sg-2",
            "Z1",
            "ns-1",
            "Z2",
            f"{ELB}loadbalancer/app/other/1",
            f"{ELB}targetgroup/other/1",
        )

    @classmethod
    def make(cls, client: Client) -> Others:
        """Create them all, as the account's administrator, and a role of the platform under the boundary."""
        ec2, aws_iam, elb = client("ec2"), client("iam"), client("elbv2")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": "other-vpc"}])
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")
            for number, zone in enumerate("ac")
        ]
        group, unnamed = (
            ec2.create_security_group(GroupName=f"other-{number}", Description="d", VpcId=vpc)["GroupId"]
            for number in (1, 2)
        )
        ec2.create_tags(Resources=[group], Tags=[{"Key": "Name", "Value": "other-sg"}])
        zones = [
            client("route53").create_hosted_zone(Name=name, CallerReference=name)["HostedZone"]["Id"]
            for name in (DOMAIN, iam.EXAMPLE_DOMAIN)
        ]
        tags = [{"Key": "Name", "Value": "other-namespace"}]
        client("servicediscovery").create_http_namespace(Name="other", Tags=tags)
        namespace = client("servicediscovery").list_namespaces()["Namespaces"][0]["Id"]
        balancer = elb.create_load_balancer(
            Name="other", Scheme="internal", Subnets=[one["Subnet"]["SubnetId"] for one in subnets]
        )
        target_group = elb.create_target_group(Name="other", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")
        aws_iam.create_role(RoleName=ADMIN, AssumeRolePolicyDocument=TRUSTS)
        aws_iam.create_role(RoleName=f"{PREFIX}-unbounded", AssumeRolePolicyDocument=TRUSTS)
        aws_iam.create_role(RoleName=OWN_ROLE, AssumeRolePolicyDocument=TRUSTS, PermissionsBoundary=BOUNDARY)
        aws_iam.create_user(UserName="alice")
        client("ecr").create_repository(repositoryName=OTHER)
        client("logs").create_log_group(logGroupName="/aws/other")
        client("ecs").create_cluster(clusterName=OTHER)
        client("ssm").put_parameter(Name="/other/parameter", Type="String", Value="v")
        return cls(
            vpc,
            group,
            unnamed,
            zones[0].rpartition("/")[2],
            namespace,
            zones[1].rpartition("/")[2],
            balancer["LoadBalancers"][0]["LoadBalancerArn"],
            target_group["TargetGroups"][0]["TargetGroupArn"],
        )


class Attack(t.NamedTuple):
    """One attack: its description, the request that AWS authorizes, and the call to a local AWS.

    C(call) is None if a local AWS does not give the request the condition key, or lacks the target. An attack
    that is C(denied) is refused by a Deny, even if the deployer also has C(IAM_FULL_ACCESS).
    """

    name: str
    request: t.Callable[[Others], Request]
    call: t.Callable[[Client, Others], t.Any] | None = None
    denied: bool = False


def _on(action: str, *arns: str, **context: t.Any) -> t.Callable[[Others], Request]:
    """Return a request on resources without tags; C(__) and C(_) in the names of keys stand for C(:) and C(/)."""
    keys = {key.replace("__", ":").replace("_", "/"): value for key, value in context.items()}
    return lambda _others: Request(action, {arn: {} for arn in arns}, keys)


def _tagged(action: str, tags: dict[str, str], arn: t.Callable[[Others], str], **more: t.Any) -> t.Any:
    return lambda others: Request(action, {arn(others): tags}, more)


def _always(request: Request) -> t.Callable[[Others], Request]:
    return lambda _others: request


def _put_parameter(name: str) -> t.Callable[[Client, Others], t.Any]:
    return lambda client, _others: client("ssm").put_parameter(Name=name, Type="String", Value="v")


def _delete_alarm(name: str) -> t.Callable[[Client, Others], t.Any]:
    return lambda client, _others: client("cloudwatch").delete_alarms(AlarmNames=[name])


def _change(names: list[str]) -> Context:
    return {
        "route53:ChangeResourceRecordSetsNormalizedRecordNames": names,
        "route53:ChangeResourceRecordSetsRecordTypes": ["A"],
        "route53:ChangeResourceRecordSetsActions": ["UPSERT"],
    }


def _upsert(client: Client, zone: str, *names: str) -> t.Any:
    changes = [
        {
            "Action": "UPSERT",
            "ResourceRecordSet": {"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
        }
        for name in names
    ]
    return client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def _role(action: str, name: str, boundary: str = "", **more: t.Any) -> t.Callable[[Others], Request]:
    bounded = {"iam:PermissionsBoundary": boundary} if boundary else {}
    return lambda _others: Request(f"iam:{action}", {f"{IAM}role/{name}": {}}, {**bounded, **more})


def _register(client: Client, role: str) -> t.Any:
    return client("ecs").register_task_definition(
        family=f"{PREFIX}-lotto",
        taskRoleArn=f"{IAM}role/{role}",
        containerDefinitions=[{"name": "a", "image": "b", "memory": 128}],
    )


NAMED = [{"Key": "Name", "Value": f"{PREFIX}-default-sg"}]
OPEN = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
NAMING = {"aws:RequestTag/Name": f"{PREFIX}-default-sg", "aws:TagKeys": ["Name"]}
AS_NAMESPACE = {"aws:RequestTag/Name": "stolen", "aws:TagKeys": ["Name"]}

EXECUTION = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
STRANGE = {"aws:RequestTag/Name": "x", "aws:TagKeys": ["Name"]}

ATTACKS = [
    # its own permissions
    Attack(
        "write a new version of its own policy",
        _on("iam:CreatePolicyVersion", OWN_POLICY),
        lambda c, _o: c("iam").create_policy_version(PolicyArn=OWN_POLICY, PolicyDocument=ALL, SetAsDefault=True),
        denied=True,
    ),
    Attack(
        "put an older version of its own policy in force",
        _on("iam:SetDefaultPolicyVersion", OWN_POLICY),
        lambda c, _o: c("iam").set_default_policy_version(PolicyArn=OWN_POLICY, VersionId="v1"),
        denied=True,
    ),
    Attack(
        "delete its own policy",
        _on("iam:DeletePolicy", OWN_POLICY),
        lambda c, _o: c("iam").delete_policy(PolicyArn=OWN_POLICY),
        denied=True,
    ),
    Attack(
        "write an inline policy of its own role",
        _role("PutRolePolicy", f"{iam.OWN.strip('/')}/{DEPLOYER_ROLE}"),
        lambda c, _o: c("iam").put_role_policy(RoleName=DEPLOYER_ROLE, PolicyName="x", PolicyDocument=ALL),
        denied=True,
    ),
    Attack(
        "attach AdministratorAccess to its own role",
        _role("AttachRolePolicy", f"{iam.OWN.strip('/')}/{DEPLOYER_ROLE}", **{"iam:PolicyARN": ADMINISTRATOR}),
        lambda c, _o: c("iam").attach_role_policy(RoleName=DEPLOYER_ROLE, PolicyArn=ADMINISTRATOR),
        denied=True,
    ),
    Attack(
        "detach the policy that denies from its own role",
        _role("DetachRolePolicy", f"{iam.OWN.strip('/')}/{DEPLOYER_ROLE}", **{"iam:PolicyARN": OWN_POLICY}),
        lambda c, _o: c("iam").detach_role_policy(RoleName=DEPLOYER_ROLE, PolicyArn=OWN_POLICY),
        denied=True,
    ),
    Attack(
        "let another account assume its own role",
        _role("UpdateAssumeRolePolicy", f"{iam.OWN.strip('/')}/{DEPLOYER_ROLE}"),
        lambda c, _o: c("iam").update_assume_role_policy(RoleName=DEPLOYER_ROLE, PolicyDocument=TRUSTS),
        denied=True,
    ),
    # the boundary
    Attack(
        "write a new version of the boundary",
        _on("iam:CreatePolicyVersion", BOUNDARY),
        lambda c, _o: c("iam").create_policy_version(PolicyArn=BOUNDARY, PolicyDocument=ALL, SetAsDefault=True),
        denied=True,
    ),
    Attack(
        "delete the boundary, to make another of its name",
        _on("iam:DeletePolicy", BOUNDARY),
        lambda c, _o: c("iam").delete_policy(PolicyArn=BOUNDARY),
        denied=True,
    ),
    Attack(
        "make a boundary of another platform's name",
        _on("iam:CreatePolicy", f"{IAM}policy/fargate-boundary/{PREFIX}-x-boundary"),
        lambda c, _o: c("iam").create_policy(
            Path="/fargate-boundary/", PolicyName=f"{PREFIX}-x-boundary", PolicyDocument=ALL
        ),
        denied=True,
    ),
    Attack(
        "make a managed policy of the platform's prefix",
        _on("iam:CreatePolicy", f"{IAM}policy/{PREFIX}-x"),
        lambda c, _o: c("iam").create_policy(PolicyName=f"{PREFIX}-x", PolicyDocument=ALL),
    ),
    # roles
    Attack(
        "make a role without a boundary that trusts itself",
        _role("CreateRole", f"{PREFIX}-x"),
        lambda c, _o: c("iam").create_role(RoleName=f"{PREFIX}-x", AssumeRolePolicyDocument=TRUSTS),
        denied=True,
    ),
    Attack(
        "make a role with a boundary that allows everything",
        _role("CreateRole", f"{PREFIX}-x", ADMINISTRATOR),
        lambda c, _o: c("iam").create_role(
            RoleName=f"{PREFIX}-x", AssumeRolePolicyDocument=TRUSTS, PermissionsBoundary=ADMINISTRATOR
        ),
        denied=True,
    ),
    Attack(
        "make a bounded role of another name",
        _role("CreateRole", "x", BOUNDARY),
        lambda c, _o: c("iam").create_role(RoleName="x", AssumeRolePolicyDocument=TRUSTS, PermissionsBoundary=BOUNDARY),
    ),
    Attack(
        "take the boundary off a role",
        _role("DeleteRolePermissionsBoundary", OWN_ROLE, BOUNDARY),
        lambda c, _o: c("iam").delete_role_permissions_boundary(RoleName=OWN_ROLE),
        denied=True,
    ),
    Attack(
        "put another boundary on a role",
        _role("PutRolePermissionsBoundary", OWN_ROLE, ADMINISTRATOR),
        lambda c, _o: c("iam").put_role_permissions_boundary(RoleName=OWN_ROLE, PermissionsBoundary=ADMINISTRATOR),
        denied=True,
    ),
    Attack(
        "write a policy of a role that has no boundary",
        _role("PutRolePolicy", f"{PREFIX}-unbounded"),
        lambda c, _o: c("iam").put_role_policy(RoleName=f"{PREFIX}-unbounded", PolicyName="x", PolicyDocument=ALL),
        denied=True,
    ),
    Attack(
        "trust itself with a role that has no boundary",
        _role("UpdateAssumeRolePolicy", f"{PREFIX}-unbounded"),
        lambda c, _o: c("iam").update_assume_role_policy(RoleName=f"{PREFIX}-unbounded", PolicyDocument=TRUSTS),
        denied=True,
    ),
    Attack(
        "attach AdministratorAccess to a role of the platform",
        _role("AttachRolePolicy", OWN_ROLE, BOUNDARY, **{"iam:PolicyARN": ADMINISTRATOR}),
        lambda c, _o: c("iam").attach_role_policy(RoleName=OWN_ROLE, PolicyArn=ADMINISTRATOR),
    ),
    Attack(
        "trust itself with the administrator's role",
        _role("UpdateAssumeRolePolicy", ADMIN),
        lambda c, _o: c("iam").update_assume_role_policy(RoleName=ADMIN, PolicyDocument=TRUSTS),
    ),
    Attack(
        "give a task the administrator's role",
        _role("PassRole", ADMIN, **{"iam:PassedToService": "ecs-tasks.amazonaws.com"}),
        lambda c, _o: _register(c, ADMIN),
    ),
    Attack(
        "make an access key of a user",
        _on("iam:CreateAccessKey", f"{IAM}user/alice"),
        lambda c, _o: c("iam").create_access_key(UserName="alice"),
        denied=True,
    ),
    Attack(
        "make a user",
        _on("iam:CreateUser", f"{IAM}user/{PREFIX}-x"),
        lambda c, _o: c("iam").create_user(UserName=f"{PREFIX}-x"),
        denied=True,
    ),
    Attack(
        "make a service-linked role of another service",
        _on(
            "iam:CreateServiceLinkedRole",
            f"{IAM}role/aws-service-role/organizations.amazonaws.com/*",
            iam__AWSServiceName="organizations.amazonaws.com",
        ),
        lambda c, _o: c("iam").create_service_linked_role(AWSServiceName="organizations.amazonaws.com"),
    ),
    # security groups and networks
    Attack(
        "name a security group as the default group's is named",
        _tagged("ec2:CreateTags", {"Name": "other-sg"}, lambda o: f"{EC2}security-group/{o.group}", **NAMING),
        lambda c, o: c("ec2").create_tags(Resources=[o.group], Tags=NAMED),
    ),
    Attack(
        "name a security group that has no name",
        _tagged("ec2:CreateTags", {}, lambda o: f"{EC2}security-group/{o.unnamed_group}", **NAMING),
        lambda c, o: c("ec2").create_tags(Resources=[o.unnamed_group], Tags=NAMED),
    ),
    Attack(
        "open another's security group",
        _tagged("ec2:AuthorizeSecurityGroupIngress", {"Name": "other-sg"}, lambda o: f"{EC2}security-group/{o.group}"),
        lambda c, o: c("ec2").authorize_security_group_ingress(GroupId=o.group, IpPermissions=OPEN),
    ),
    Attack(
        "delete another's security group",
        _tagged("ec2:DeleteSecurityGroup", {"Name": "other-sg"}, lambda o: f"{EC2}security-group/{o.group}"),
        lambda c, o: c("ec2").delete_security_group(GroupId=o.group),
    ),
    Attack(
        "make a security group in another's VPC",
        lambda o: Request(
            "ec2:CreateSecurityGroup",
            {f"{EC2}security-group/*": {}, f"{EC2}vpc/{o.vpc}": {"Name": "other-vpc"}},
            {"aws:RequestTag/Name": f"{PREFIX}-x-sg", "aws:TagKeys": ["Name"]},
        ),
        lambda c, o: c("ec2").create_security_group(
            GroupName="x",
            Description="d",
            VpcId=o.vpc,
            TagSpecifications=[
                {"ResourceType": "security-group", "Tags": [{"Key": "Name", "Value": f"{PREFIX}-x-sg"}]}
            ],
        ),
    ),
    Attack(
        "delete another's VPC",
        _tagged("ec2:DeleteVpc", {"Name": "other-vpc"}, lambda o: f"{EC2}vpc/{o.vpc}"),
        lambda c, o: c("ec2").delete_vpc(VpcId=o.vpc),
    ),
    # names
    Attack(
        "delete a hosted zone",
        lambda o: Request("route53:DeleteHostedZone", {f"arn:aws:route53:::hostedzone/{o.zone}": {}}),
        lambda c, o: c("route53").delete_hosted_zone(Id=o.zone),
    ),
    Attack(
        "write a record of another's zone",
        lambda o: Request(
            "route53:ChangeResourceRecordSets",
            {f"arn:aws:route53:::hostedzone/{o.zone}": {}},
            _change([f"www.{DOMAIN}"]),
        ),
        lambda c, o: _upsert(c, o.zone, f"www.{DOMAIN}"),
    ),
    Attack(
        "write another's record beside the platform's own",
        lambda o: Request(
            "route53:ChangeResourceRecordSets",
            {f"arn:aws:route53:::hostedzone/{o.own_zone}": {}},
            _change([iam.EXAMPLE_DOMAIN, f"mail.{iam.EXAMPLE_DOMAIN}"]),
        ),
        lambda c, o: _upsert(c, o.own_zone, iam.EXAMPLE_DOMAIN, f"mail.{iam.EXAMPLE_DOMAIN}"),
    ),
    Attack(
        "delete another's namespace",
        _tagged(
            "servicediscovery:DeleteNamespace", {"Name": "other-namespace"}, lambda o: f"{MAP}namespace/{o.namespace}"
        ),
        lambda c, o: c("servicediscovery").delete_namespace(Id=o.namespace),
    ),
    Attack(
        "tag another's namespace with another name",
        lambda _o: Request("servicediscovery:TagResource", {}, AS_NAMESPACE),
        lambda c, o: c("servicediscovery").tag_resource(
            ResourceARN=f"{MAP}namespace/{o.namespace}", Tags=[{"Key": "Name", "Value": "stolen"}]
        ),
    ),
    # other applications
    Attack(
        "delete another's cluster",
        _on("ecs:DeleteCluster", f"{ECS}cluster/{OTHER}"),
        lambda c, _o: c("ecs").delete_cluster(cluster=OTHER),
    ),
    Attack(
        "run a task of the platform in another's cluster",
        _on("ecs:CreateService", f"{ECS}service/{OTHER}/{PREFIX}-x"),
        lambda c, _o: c("ecs").create_service(
            cluster=OTHER, serviceName=f"{PREFIX}-x", taskDefinition=f"{PREFIX}-lotto", desiredCount=1
        ),
    ),
    Attack(
        "delete another's load balancer",
        lambda o: Request("elasticloadbalancing:DeleteLoadBalancer", {o.balancer: {}}),
        lambda c, o: c("elbv2").delete_load_balancer(LoadBalancerArn=o.balancer),
    ),
    Attack(
        "delete another's target group",
        lambda o: Request("elasticloadbalancing:DeleteTargetGroup", {o.target_group: {}}),
        lambda c, o: c("elbv2").delete_target_group(TargetGroupArn=o.target_group),
    ),
    Attack(
        "delete another's images",
        _on("ecr:DeleteRepository", f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{OTHER}"),
        lambda c, _o: c("ecr").delete_repository(repositoryName=OTHER, force=True),
    ),
    Attack(
        "delete another's log",
        _on("logs:DeleteLogGroup", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/other"),
        lambda c, _o: c("logs").delete_log_group(logGroupName="/aws/other"),
    ),
    Attack(
        "read another's parameter",
        _on("ssm:GetParameter", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/other/parameter"),
        lambda c, _o: c("ssm").get_parameter(Name="/other/parameter"),
    ),
    # each limit of a statement separately
    Attack(
        "attach AWS's policy of execution to a role that has no boundary",
        _role("AttachRolePolicy", f"{PREFIX}-unbounded", **{"iam:PolicyARN": EXECUTION}),
        lambda c, _o: c("iam").attach_role_policy(RoleName=f"{PREFIX}-unbounded", PolicyArn=EXECUTION),
        denied=True,
    ),
    Attack(
        "attach AWS's policy of execution to a role that another policy bounds",
        _role("AttachRolePolicy", f"{PREFIX}-unbounded", ADMINISTRATOR, **{"iam:PolicyARN": EXECUTION}),
        denied=True,
    ),
    Attack(
        "attach AWS's policy of execution to a bounded role of another name",
        _role("AttachRolePolicy", "x", BOUNDARY, **{"iam:PolicyARN": EXECUTION}),
    ),
    Attack(
        "delete the administrator's role",
        _role("DeleteRole", ADMIN),
        lambda c, _o: c("iam").delete_role(RoleName=ADMIN),
    ),
    Attack(
        "take the boundary off a role of another name",
        _role("DeleteRolePermissionsBoundary", ADMIN, BOUNDARY),
        lambda c, _o: c("iam").delete_role_permissions_boundary(RoleName=ADMIN),
        denied=True,
    ),
    *(
        Attack(
            f"give a role of the platform to {service}",
            _role("PassRole", OWN_ROLE, **{"iam:PassedToService": f"{service}.amazonaws.com"}),
        )
        for service in ("ec2", "lambda", "glue", "scheduler")
    ),
    *(
        Attack(
            f"give the role of a job to {service}",
            _role("PassRole", f"{PREFIX}-report-schedule", **{"iam:PassedToService": f"{service}.amazonaws.com"}),
        )
        for service in ("ecs-tasks", "lambda")
    ),
    *(
        Attack(f"have {verb}Schedule take {name}", _on(f"scheduler:{verb}Schedule", f"{SCHEDULER}schedule/{name}"))
        for verb in ("Create", "Update", "Delete")
        for name in ("default/other", f"other/{PREFIX}-report")
    ),
    *(
        Attack(f"have {action} take another's queue", _on(f"sqs:{action}", f"arn:aws:sqs:{REGION}:{ACCOUNT}:other"))
        for action in ("CreateQueue", "DeleteQueue", "GetQueueAttributes", "SetQueueAttributes", "TagQueue")
    ),
    Attack(
        "make a VPC of another name",
        lambda _o: Request("ec2:CreateVpc", {f"{EC2}vpc/*": {}}, STRANGE),
        lambda c, _o: c("ec2").create_vpc(
            CidrBlock="10.8.0.0/16",
            TagSpecifications=[{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "x"}]}],
        ),
    ),
    Attack(
        "tag an instance as it is launched",
        lambda _o: Request("ec2:CreateTags", {f"{EC2}instance/*": {}}, {**NAMING, "ec2:CreateAction": "RunInstances"}),
    ),
    *(
        Attack(
            f"{verb} another's {thing}",
            _on(f"elasticloadbalancing:{action}", f"{ELB}{arn}"),
        )
        for verb, thing, action, arn in (
            ("delete", "listener", "DeleteListener", "listener/app/other/1/1"),
            ("make a rule of", "listener", "CreateRule", "listener/app/other/1/1"),
            ("change", "rule", "ModifyRule", "listener-rule/app/other/1/1/1"),
        )
    ),
    *(
        Attack(
            f"make {what} with {said}",
            _always(Request(action, made, tags)),
        )
        for said, tags in (("no tags", {}), ("another name", STRANGE))
        for what, action, made in (
            ("a namespace", "servicediscovery:CreatePrivateDnsNamespace", {}),
            (
                "a service of Cloud Map",
                "servicediscovery:CreateService",
                {f"{MAP}service/*": {}, f"{MAP}namespace/ns-2": {"Name": f"{PREFIX}-namespace"}},
            ),
        )
    ),
    Attack(
        "make a service in another's namespace",
        lambda o: Request(
            "servicediscovery:CreateService",
            {f"{MAP}service/*": {}, f"{MAP}namespace/{o.namespace}": {"Name": "other-namespace"}},
            NAMING,
        ),
    ),
    *(
        Attack(
            f"{action} of another's service of Cloud Map",
            _tagged(f"servicediscovery:{action}", {"Name": "other-service"}, lambda _o: f"{MAP}service/srv-1"),
        )
        for action in ("DeregisterInstance", "UpdateService", "DeleteService")
    ),
    Attack(
        "write a mail record of the platform's own name",
        lambda o: Request(
            "route53:ChangeResourceRecordSets",
            {f"arn:aws:route53:::hostedzone/{o.own_zone}": {}},
            {**_change([iam.EXAMPLE_DOMAIN]), "route53:ChangeResourceRecordSetsRecordTypes": ["A", "MX"]},
        ),
    ),
    Attack(
        "change records of which the request does not say the names",
        lambda o: Request("route53:ChangeResourceRecordSets", {f"arn:aws:route53:::hostedzone/{o.own_zone}": {}}),
    ),
    *(
        Attack(
            f"write the parameter {name}",
            _on("ssm:PutParameter", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{name}"),
            _put_parameter(name),
        )
        for name in ("/other/lock", f"/{PREFIX}/other")
    ),
    *(
        Attack(
            f"{verb} the log {name}",
            _on(f"logs:{action}", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}{stream}"),
        )
        for verb, action, stream in (("read", "GetLogEvents", ":log-stream:s"), ("delete", "DeleteLogGroup", ""))
        for name in (f"/aws/{PREFIX}-x", "/ecs/other")
    ),
    *(
        Attack(f"{action} of {arn}", _on(f"ecs:{action}", f"{ECS}{arn}"))
        for action, arn in (
            ("DeleteService", f"service/{PREFIX}-ecs/other"),
            ("TagResource", f"task/{OTHER}/1"),
            ("DeleteTaskDefinitions", "task-definition/other:1"),
        )
    ),
    *(
        Attack(
            f"stop the deployment of {of}",
            _on(
                "ecs:StopServiceDeployment", f"{ECS}service/{PREFIX}-ecs/{PREFIX}-x", f"{ECS}service-deployment/{of}/1"
            ),
        )
        for of in (f"{OTHER}/{PREFIX}-x", f"{PREFIX}-ecs/other")
    ),
    Attack(
        "register a task definition of another family",
        _on("ecs:RegisterTaskDefinition", f"{ECS}task-definition/other:*"),
        lambda c, _o: c("ecs").register_task_definition(
            family="other", containerDefinitions=[{"name": "a", "image": "b", "memory": 128}]
        ),
    ),
    Attack(
        "scale another's table",
        lambda _o: Request(
            "application-autoscaling:RegisterScalableTarget",
            {f"arn:aws:application-autoscaling:{REGION}:{ACCOUNT}:scalable-target/1": {}},
            {"application-autoscaling:service-namespace": "dynamodb"},
        ),
    ),
    *(
        Attack(
            f"delete the alarm {name}",
            _on("cloudwatch:DeleteAlarms", f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"),
            _delete_alarm(name),
        )
        for name in (
            f"other/{PREFIX}-ecs/{PREFIX}-x",
            f"TargetTracking-service/{OTHER}/{PREFIX}-x",
            f"TargetTracking-service/{PREFIX}-ecs/other",
        )
    ),
]


class Possible(t.NamedTuple):
    """An action that the deployer's three policies do allow, and its words in docs/iam/README.md.

    If C(narrowed), it is refused once docs/iam/deployer-ids-policy.json is attached as well.
    """

    name: str
    request: Request
    words: str
    narrowed: bool = False


def _in_network(action: str, arn: str, **context: t.Any) -> Request:
    keys = {key.replace("__", ":").replace("_", "-"): value for key, value in context.items()}
    return Request(action, {arn: {}}, keys)


OWN_SERVICE, OWN_BALANCER = f"{ECS}service/{PREFIX}-ecs/{PREFIX}-x", f"{ELB}loadbalancer/app/{PREFIX}-pub-alb/*"
TASKS, FRONT, SHADOW = "Run tasks in any subnet", "Put the load balancer into any subnet", "Shadow names in any VPC"
BEHIND = "Put its tasks behind others' names"
ZONES = "Create hosted zones"
TAKE = "Take over a Cloud Map namespace or service"
TAKEN = {"Name": f"{PREFIX}-taken"}
POSSIBLE = [
    *(
        Possible(
            f"{action} in {subnets}",
            _in_network(f"ecs:{action}", OWN_SERVICE, ecs__subnet=subnets, ecs__auto_assign_public_ip="true"),
            TASKS,
            narrowed=True,
        )
        for action in ("CreateService", "UpdateService")
        for subnets in (["subnet-other"], [*iam.EXAMPLE_SUBNETS, "subnet-other"])
    ),
    *(
        Possible(
            f"{action} {key} of others",
            Request(f"elasticloadbalancing:{action}", {OWN_BALANCER: {}}, {f"elasticloadbalancing:{key}": ids}),
            FRONT,
            narrowed=True,
        )
        for action, key, ids in (
            ("CreateLoadBalancer", "Subnet", ["subnet-other", "subnet-other-2"]),
            ("CreateLoadBalancer", "SecurityGroup", ["sg-other"]),
            ("SetSubnets", "Subnet", [iam.EXAMPLE_SUBNETS[0], "subnet-other"]),
            ("SetSecurityGroups", "SecurityGroup", [iam.EXAMPLE_GROUP, "sg-other"]),
        )
    ),
    Possible(
        "register its tasks where others look, in subnets of its own",
        Request("ecs:CreateService", {OWN_SERVICE: {}}, {"ecs:subnet": iam.EXAMPLE_SUBNETS[:2]}),
        BEHIND,
    ),
    Possible(
        "listen with a certificate of others",
        Request("elasticloadbalancing:CreateListener", {f"{ELB}loadbalancer/app/{PREFIX}-pub-alb/1": {}}),
        BEHIND,
    ),
    Possible("make a public hosted zone", Request("route53:CreateHostedZone", {}), ZONES),
    Possible(
        "make a private zone for another's VPC",
        Request("route53:CreateHostedZone", {}, {"route53:VPCs": [f"VPCId=vpc-other,VPCRegion={REGION}"]}),
        SHADOW,
        narrowed=True,
    ),
    Possible(
        "make a namespace, in a VPC that the request does not say",
        Request("servicediscovery:CreatePrivateDnsNamespace", {}, NAMING),
        SHADOW,
    ),
    Possible(
        "give another's namespace or service a Name of the prefix",
        Request("servicediscovery:TagResource", {}, NAMING),
        TAKE,
    ),
    *(
        Possible(
            f"{action} of a service that was taken so",
            Request(f"servicediscovery:{action}", {f"{MAP}service/srv-1": TAKEN}),
            TAKE,
        )
        for action in ("DeregisterInstance", "UpdateService", "DeleteService")
    ),
    Possible(
        "make a service in a namespace that was taken so",
        Request("servicediscovery:CreateService", {f"{MAP}namespace/ns-1": TAKEN, f"{MAP}service/*": {}}, NAMING),
        TAKE,
    ),
    Possible(
        "delete a namespace that was taken so",
        Request("servicediscovery:DeleteNamespace", {f"{MAP}namespace/ns-1": TAKEN}),
        TAKE,
    ),
]
