# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The platform of the earlier Terraform project, by plain API calls.

Its names and habits are those of terraform-aws-modules vpc 5.0, alb 8.5 and ecs 3.5, and of its own modules.
"""

from __future__ import annotations

import typing as t

from .ground import TRUST, ClientOf, Ground, Options, balanced, container

PREFIX = "magiclub-an2p"
ZONES = {"apne2-az1": "ap-northeast-2a", "apne2-az3": "ap-northeast-2c"}
BLOCK = "172.76.0.0/16"
SUBNETS = {"pub": ["172.76.11.0/24", "172.76.12.0/24"], "apps": ["172.76.21.0/24", "172.76.22.0/24"]}
SERVICE = f"{PREFIX}-lotto-api"
VARIABLES: Options = {
    "vpc_cidr_block": BLOCK,
    "vpc_zones": list(ZONES),
    "vpc_public_subnets": SUBNETS["pub"],
    "vpc_apps_subnets": SUBNETS["apps"],
    "vpc_nat": "single",
    "vpc_allow_public_range": True,
    "fargate_private_domain": "magiclub.internal",
}
"""The inventory of step 2 in docs/coming-from-terraform.md."""


def tags(name: str) -> list[dict[str, str]]:
    """Return the tags of the module context."""
    given = {"Project": "magiclub", "Environment": "PoC", "Team": "DevOps", "ManagedBy": "Terraform"}
    return [{"Key": key, "Value": value} for key, value in {**given, "Name": f"{PREFIX}-{name}"}.items()]


def tagged(kind: str, name: str) -> list[Options]:
    """Return the tags of an EC2 resource."""
    return [{"ResourceType": kind, "Tags": tags(name)}]


def made(client: ClientOf, image: str = "") -> Ground:
    """Create the platform with its one service, and return its network and load balancer; I(image) as in C(Ground)."""
    vpc, subnets = _network(client)
    group = _load_balancer_group(client, vpc)
    elb = client("elbv2")
    balancer = elb.create_load_balancer(
        Name=f"{PREFIX}-pub-alb", Subnets=subnets["pub"], SecurityGroups=[group], Tags=tags("pub-alb")
    )["LoadBalancers"][0]["LoadBalancerArn"]
    fixed = {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": "OK"}
    listener = elb.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": fixed}],
        Tags=tags("pub-alb"),
    )["Listeners"][0]["ListenerArn"]
    client("ecs").create_cluster(
        clusterName=f"{PREFIX}-ecs",
        settings=[{"name": "containerInsights", "value": "enabled"}],
        capacityProviders=["FARGATE", "FARGATE_SPOT"],
        tags=[{"key": tag["Key"], "value": tag["Value"]} for tag in tags("ecs")],
    )
    client("iam").create_role(RoleName="magiclubECSTaskExecutionRole", AssumeRolePolicyDocument=TRUST)
    ground = Ground(client, vpc, subnets["pub"], subnets["apps"], balancer, listener, group, f"{PREFIX}-ecs", image)
    _service(ground)
    return ground


def _network(client: ClientOf) -> tuple[str, dict[str, list[str]]]:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock=BLOCK, TagSpecifications=tagged("vpc", "vpc"))["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    gateway = ec2.create_internet_gateway(TagSpecifications=tagged("internet-gateway", "igw"))
    internet = gateway["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=internet, VpcId=vpc)
    subnets = {tier: [_subnet(ec2, vpc, tier, number) for number in range(2)] for tier in SUBNETS}
    address = ec2.allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip", "apne2-az1"))["AllocationId"]
    nat = ec2.create_nat_gateway(
        SubnetId=subnets["pub"][0], AllocationId=address, TagSpecifications=tagged("natgateway", "nat")
    )["NatGateway"]["NatGatewayId"]
    for tier, way in (("pub", {"GatewayId": internet}), ("apps", {"NatGatewayId": nat})):
        table = ec2.create_route_table(VpcId=vpc, TagSpecifications=tagged("route-table", tier))["RouteTable"]
        ec2.create_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", **way)
        for subnet in subnets[tier]:
            ec2.associate_route_table(RouteTableId=table["RouteTableId"], SubnetId=subnet)
    return str(vpc), subnets


def _subnet(ec2: t.Any, vpc: str, tier: str, number: int) -> str:
    zone_id, zone = list(ZONES.items())[number]
    specified = tagged("subnet", f"{tier}-{zone_id}")
    given = {"VpcId": vpc, "CidrBlock": SUBNETS[tier][number], "AvailabilityZone": zone}
    return str(ec2.create_subnet(**given, TagSpecifications=specified)["Subnet"]["SubnetId"])


def _load_balancer_group(client: ClientOf, vpc: str) -> str:
    """Create the load balancer's security group, each rule with a description, and one opened by hand."""
    ec2, name = client("ec2"), "pub-alb-sg"
    group = ec2.create_security_group(
        GroupName=f"{PREFIX}-{name}",
        Description="security group of the public load balancer",
        VpcId=vpc,
        TagSpecifications=tagged("security-group", name),
    )["GroupId"]
    rules = [("in80", 80), ("in443", 443), ("by hand", 22)]
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": port,
                "ToPort": port,
                "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": text}],
            }
            for text, port in rules
        ],
    )
    return str(group)


def _service(ground: Ground) -> None:
    """Create the service of the module ecss."""
    client = ground.client
    group = ground.target_group("magiclub-lotto-api-tg", HealthCheckPath="/health", Tags=tags("lotto-api"))
    ground.rule(group, 100, paths=["/api/*"], Tags=tags("lotto-api"))
    logs = ground.log_group(f"/ecs/{SERVICE}", 7)
    role = client("iam").get_role(RoleName="magiclubECSTaskExecutionRole")["Role"]["Arn"]
    definition = ground.task_definition(
        f"{PREFIX}-lotto-api-td",
        container("lotto-api", 8080, logs, environment=[{"name": "APP_NAME", "value": "lotto"}]),
        executionRoleArn=role,
        taskRoleArn=ground.role("magiclubLottoApiTaskRole"),
    )
    ground.service(
        SERVICE,
        definition,
        [ground.group(f"{PREFIX}-lotto-api-sg", 8080)],
        loadBalancers=balanced(group, "lotto-api", 8080),
        healthCheckGracePeriodSeconds=30,
        enableExecuteCommand=True,
    )


def renamed(client: ClientOf) -> None:
    """Rename as step 3 of docs/coming-from-terraform.md does."""
    ec2 = client("ec2")
    letters = {zone_id: f"{zone[-1]}1" for zone_id, zone in ZONES.items()}
    names = {
        **{f"{tier}-{zone_id}": f"{tier}-{letter}" for tier in SUBNETS for zone_id, letter in letters.items()},
        "pub": "pub-rt",
        "apps": "apps-rt",
        "apne2-az1": "nat-eip",
    }
    for before, after in names.items():
        filters = [{"Name": "key", "Values": ["Name"]}, {"Name": "value", "Values": [f"{PREFIX}-{before}"]}]
        for found in ec2.describe_tags(Filters=filters)["Tags"]:
            tag = {"Key": "Name", "Value": f"{PREFIX}-{after}"}
            ec2.create_tags(Resources=[found["ResourceId"]], Tags=[tag])
