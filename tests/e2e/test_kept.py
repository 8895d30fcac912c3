# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A platform on an existing network, load balancer and cluster: used, checked, not changed, not removed."""

from __future__ import annotations

import typing as t

import pytest

from tests.support.account import Account
from tests.support.network import Network, subnet
from tests.support.server import command

from .conftest import BASE, LOCAL, PREFIX, Platform, changing


class Theirs(t.NamedTuple):
    """Existing resources, without our tags and names."""

    account: Account
    vpc: str
    public: list[str]
    apps: list[str]
    lonely: str
    group: str
    balancer: str
    listener: str

    @classmethod
    def make(cls, account: Account) -> Theirs:
        ec2, elb = account.client("ec2"), account.client("elbv2")
        vpc, public, apps = Network.made(account.client)
        group = ec2.create_security_group(GroupName="front-door", Description="theirs", VpcId=vpc)["GroupId"]
        balancer = elb.create_load_balancer(Name="front-door", Subnets=public, SecurityGroups=[group])
        arn = balancer["LoadBalancers"][0]["LoadBalancerArn"]
        answer = {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "theirs"}
        action = {"Type": "fixed-response", "FixedResponseConfig": answer}
        listener = elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[action])
        account.client("ecs").create_cluster(
            clusterName="shared", capacityProviders=["FARGATE"], tags=[{"key": "Owner", "value": "somebody"}]
        )
        return cls(
            account,
            vpc,
            public,
            apps,
            subnet(ec2, vpc, 21, "a"),
            group,
            arn,
            listener["Listeners"][0]["ListenerArn"],
        )

    def variables(self, **more: t.Any) -> dict[str, t.Any]:
        """Return an inventory's variables for them, with one service."""
        service = {
            "name": "guest",
            "image": BASE,
            "command": command("200, 'kept'"),
            "port": 8080,
            "rule": {"paths": ["/guest", "/guest/*"]},
            "health_check": {"path": "/", "interval": 5, "timeout": 2},
            "deregistration_delay": 1,
            "smoke": {"path": "/guest"},
        }
        return {
            "fargate_lotto": False,
            "fargate_services": [service],
            "vpc_id": self.vpc,
            "vpc_apps_subnet_ids": self.apps,
            "vpc_zones": [],
            "alb_listener_arn": self.listener,
            # as its listener, unlike the local inventory
            "alb_https": True,
            "ecs_cluster_name": "shared",
            **more,
        }

    def described(self) -> dict[str, t.Any]:
        """Return all of them as AWS describes them, without the additions of other services."""
        ec2, elb, ecs = (self.account.client(name) for name in ("ec2", "elbv2", "ecs"))
        of_vpc = [{"Name": "vpc-id", "Values": [self.vpc]}]
        cluster = ecs.describe_clusters(clusters=["shared"], include=["TAGS", "SETTINGS", "CONFIGURATIONS"])
        counts = ("activeServicesCount", "runningTasksCount", "pendingTasksCount", "statistics")
        return {
            "vpc": ec2.describe_vpcs(VpcIds=[self.vpc])["Vpcs"],
            "subnets": [
                {key: value for key, value in subnet.items() if key != "AvailableIpAddressCount"}
                for subnet in ec2.describe_subnets(Filters=of_vpc)["Subnets"]
            ],
            "routes": ec2.describe_route_tables(Filters=of_vpc)["RouteTables"],
            "group": ec2.describe_security_groups(GroupIds=[self.group])["SecurityGroups"],
            "balancer": elb.describe_load_balancers(LoadBalancerArns=[self.balancer])["LoadBalancers"],
            "tags": elb.describe_tags(ResourceArns=[self.balancer, self.listener])["TagDescriptions"],
            "listeners": elb.describe_listeners(LoadBalancerArn=self.balancer)["Listeners"],
            "cluster": [{key: value for key, value in one.items() if key not in counts} for one in cluster["clusters"]],
        }


@pytest.fixture(scope="module")
def theirs(empty_platform: Platform) -> Theirs:
    made = Theirs.make(empty_platform.account)
    waiter = empty_platform.account.client("elbv2").get_waiter("load_balancer_available")
    waiter.wait(LoadBalancerArns=[made.balancer], WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    return made


WRONG: list[tuple[str, t.Callable[[Theirs], dict[str, t.Any]], str]] = [
    ("no such vpc", lambda one: {"vpc_id": "vpc-0123456789abcdef0"}, "vpc_id vpc-0123456789abcdef0 is not in this"),
    ("no such subnet", lambda one: {"vpc_apps_subnet_ids": ["subnet-0123456789abcdef0"]}, "is not in vpc-"),
    (
        "no route",
        lambda one: {"vpc_apps_subnet_ids": [one.lonely]},
        "{0.lonely} of vpc_apps_subnet_ids: no route to the internet",
    ),
    ("no such cluster", lambda one: {"ecs_cluster_name": "gone"}, "ecs_cluster_name gone: no active ECS cluster in"),
    (
        "no such provider",
        lambda one: {
            "fargate_services": [
                {
                    **one.variables()["fargate_services"][0],
                    "capacity_provider_strategy": [{"capacity_provider": "FARGATE_SPOT"}],
                }
            ]
        },
        "cluster shared does not have capacity provider FARGATE_SPOT",
    ),
    (
        "no such load balancer",
        lambda one: {"alb_listener_arn": "", "alb_arn": one.balancer[:-1] + "x"},
        "is not in this account and region. Set alb_arn to one that is.",
    ),
    ("both", lambda one: {"vpc_flow_logs": True}, "vpc_flow_logs configures a new network, and vpc_id"),
]


@pytest.mark.parametrize(("more", "says"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_what_does_not_fit_is_refused_before_anything_is_made(
    empty_platform: Platform, theirs: Theirs, more: t.Callable[[Theirs], dict[str, t.Any]], says: str
) -> None:
    before = len(empty_platform.account.writes())
    run = empty_platform.site(extra_vars=theirs.variables(**more(theirs)))
    assert run.rc == 2, run.text
    assert says.format(theirs) in " ".join(run.text.split()), run.text
    assert changing(empty_platform.account.writes()[before:]) == []


def test_a_security_group_that_lets_nothing_out_is_named(empty_platform: Platform, theirs: Theirs) -> None:
    ec2 = theirs.account.client("ec2")
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=theirs.group, IpPermissions=everything)
    try:
        run = empty_platform.site("--check", extra_vars=theirs.variables())
    finally:
        ec2.authorize_security_group_egress(GroupId=theirs.group, IpPermissions=everything)
    assert "let nothing out to the tasks on port 8080" in " ".join(run.text.split()), run.text


def test_a_service_is_a_guest_there_and_leaves_nothing(empty_platform: Platform, theirs: Theirs) -> None:
    before = theirs.described()
    run = empty_platform.site(extra_vars=theirs.variables())
    assert run.rc == 0, run.text
    planned = run.of("Read the platform and plan every layer")["layers"]
    assert (planned["vpc"]["changes"], planned["alb"]["changes"]) == ([], [])
    assert "ecs_cluster" not in {change["type"] for change in planned["ecs_cluster"]["changes"]}
    host = f"front-door.{theirs.account.key}.alb.localhost:80"
    assert (empty_platform.get("/guest", host=host).body, empty_platform.get("/", host=host).body) == ("kept", "theirs")
    assert theirs.described() == before

    again = empty_platform.site("--check", extra_vars=theirs.variables(plan_must_be_empty=True))
    assert again.rc == 0, again.text
    status = empty_platform.run(
        "playbooks/status.yml", *LOCAL, env=empty_platform.environment, extra_vars=theirs.variables()
    )
    assert status.rc == 0, status.text
    assert "front-door" in status.text

    gone = empty_platform.destroy("-e", "prune=true", extra_vars=theirs.variables())
    assert gone.rc == 0, gone.text
    assert theirs.described() == before
    assert theirs.account.left(PREFIX) == []
    assert empty_platform.get("/guest", host=host).body == "theirs"
