# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Removal of services outside the inventory, and of services that admit each other."""

from __future__ import annotations

import collections
import typing as t

import pytest

from tests.support.account import Account
from tests.support.cloud import Cloud
from tests.support.drifts import CLUSTER, LOTTO
from tests.support.holdings import SHARED, Holdings, holdings
from tests.support.no_containers import PREFIX, Bare

HELLO = {"name": "hello", "image": "registry.example/hello:1", "port": 8090, "rule": {"paths": ["/hello/*"]}}


class One(t.NamedTuple):
    """A platform, and the account's resources before it."""

    ours: Bare
    before: Holdings

    @property
    def account(self) -> Account:
        return self.ours.account

    def held(self) -> Holdings:
        """Return the account's resources beyond the earlier ones."""
        return holdings(self.account.client) - self.before


@pytest.fixture(scope="module")
def one(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> One:
    folder = tmp_path_factory.mktemp("destroy")
    ours = Bare.fresh(cloud, folder / "run")
    before = holdings(ours.account.client)
    run = ours.site()
    assert run.rc == 0, run.text
    return One(ours, before)


@pytest.fixture
def unlisted(one: One) -> t.Iterator[str]:
    """A service on the cluster that is no longer in fargate_services."""
    ecs, name = one.account.client("ecs"), f"{PREFIX}-hello"
    [lotto] = ecs.describe_services(cluster=CLUSTER, services=[LOTTO])["services"]
    taken = {key: lotto[key] for key in ("taskDefinition", "networkConfiguration")}
    ecs.create_service(cluster=CLUSTER, serviceName=name, desiredCount=0, launchType="FARGATE", **taken)
    yield name
    ecs.delete_service(cluster=CLUSTER, service=name, force=True)
    often = {"Delay": 1, "MaxAttempts": 60}
    ecs.get_waiter("services_inactive").wait(cluster=CLUSTER, services=[name], WaiterConfig=often)


@pytest.mark.parametrize(("check", "arguments"), [(True, ()), (False, ()), (False, ("--tags", "ecs_cluster"))])
def test_a_service_that_nobody_listed_keeps_everything_in_its_place(
    one: One, unlisted: str, check: bool, arguments: tuple[str, ...]
) -> None:
    there, before = one.held(), len(one.account.writes())
    run = one.ours.destroy(*arguments, check=check)
    also = "hello, lotto" if arguments else unlisted.removeprefix(f"{PREFIX}-")
    assert run.message.startswith(f"Nothing was removed: cluster {CLUSTER} also runs {also}, which this run"), run.text
    assert one.held() == there
    assert {call["action"] for call in one.account.writes()[before:]} <= {"PutParameter", "DeleteParameter"}


@pytest.fixture
def guarded(one: One) -> t.Iterator[list[str]]:
    """The resources that GuardDuty's Runtime Monitoring creates in the network of a Fargate task."""
    ec2 = one.account.client("ec2")
    [vpc] = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [f"{PREFIX}-vpc"]}])["Vpcs"]
    managed = [{"Key": "GuardDutyManaged", "Value": "true"}]
    group = ec2.create_security_group(
        GroupName=f"GuardDutyManagedSecurityGroup-{vpc['VpcId']}",
        Description="managed",
        VpcId=vpc["VpcId"],
        TagSpecifications=[{"ResourceType": "security-group", "Tags": managed}],
    )["GroupId"]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc["VpcId"],
        VpcEndpointType="Interface",
        ServiceName="com.amazonaws.ap-northeast-2.guardduty-data",
        TagSpecifications=[{"ResourceType": "vpc-endpoint", "Tags": managed}],
    )["VpcEndpoint"]["VpcEndpointId"]
    yield [endpoint, group]
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    ec2.delete_security_group(GroupId=group)


def test_what_guardduty_left_is_found_before_anything_is_removed(one: One, guarded: list[str]) -> None:
    there, before = one.held(), len(one.account.writes())
    run = one.ours.destroy()
    assert f"The network {PREFIX}-vpc can't be removed, as it holds endpoint {guarded[0]} of GuardDuty," in run.message
    assert "the tag GuardDutyManaged=false, so that it makes none again, then delete the endpoint" in run.message
    assert one.held() == there
    assert {call["action"] for call in one.account.writes()[before:]} <= {"PutParameter", "DeleteParameter"}


def _let_in(account: Account, into: str, caller: str) -> None:
    ec2 = account.client("ec2")
    ids = {group["GroupName"]: group["GroupId"] for group in ec2.describe_security_groups()["SecurityGroups"]}
    tcp = {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080}
    # as the module writes it: MiniStack treats one without the account as a different rule
    pair = {"GroupId": ids[caller], "UserId": account.key}
    ec2.authorize_security_group_ingress(GroupId=ids[into], IpPermissions=[{**tcp, "UserIdGroupPairs": [pair]}])


def test_services_that_let_each_other_in_go_in_one_run(one: One) -> None:
    """With allow_from and the ids of each other's groups."""
    made = one.ours.site("--tags", "services", fargate_services=[HELLO])
    assert made.rc == 0, made.text
    _let_in(one.account, f"{PREFIX}-lotto-sg", f"{PREFIX}-hello-sg")
    _let_in(one.account, f"{PREFIX}-hello-sg", f"{PREFIX}-lotto-sg")
    there = one.held()

    alone = one.ours.destroy("--tags", "services", fargate_services=[HELLO])
    assert "Nothing of hello was removed, as AWS deletes no security group" in alone.message
    assert alone.message.endswith("take them out of its allow_from, run site.yml, and this again.")
    assert one.held() == there

    run = one.ours.destroy(fargate_services=[HELLO])
    assert run.rc == 0, run.text
    assert one.held() == collections.Counter([SHARED])
