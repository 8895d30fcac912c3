# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Unasked resources: named by each plan, removed by prune=true or as the plan says, and nothing else.

The tests are the life of one platform, in order.
"""

from __future__ import annotations

import collections
import json
import re
import typing as t

import pytest

from tests.support.account import Account
from tests.support.ansible_run import Run
from tests.support.cloud import Cloud
from tests.support.holdings import Holdings, holdings
from tests.support.no_containers import PREFIX, Bare

OLD = "magiclub-an2p-x"
IMAGE = "registry.example/hello:1"
HELLO = {"name": "hello", "image": IMAGE, "port": 8090, "rule": {"paths": ["/hello/*"]}, "smoke": None}
SHOP = {
    "name": "shop",
    "image": IMAGE,
    "port": 8080,
    "rule": {"paths": ["/shop/*"]},
    "secrets": {"TOKEN": "/shop/token"},
    "autoscaling": {"min": 1, "max": 2, "cpu": 60},
    "smoke": None,
}
RENAMED = {**HELLO, "name": "hi"}
ALL_OF_SHOP = {
    ("cloud_map_service", "shop.magiclub.internal"),
    ("ecs_service", f"{PREFIX}-shop"),
    ("ecs_task_definition", f"{PREFIX}-shop"),
    ("iam_role", f"{PREFIX}-shop-execution"),
    ("iam_role", f"{PREFIX}-shop-task"),
    ("listener_rule", f"{PREFIX}-shop"),
    ("log_group", f"/ecs/{PREFIX}-shop"),
    ("scalable_target", f"{PREFIX}-shop"),
    ("scaling_policy", f"{PREFIX}-shop-cpu"),
    ("security_group", f"{PREFIX}-shop-sg"),
    ("target_group", f"{PREFIX}-shop"),
}
OURS = {"Project": "magiclub", "Environment": "PoC", "ManagedBy": "ansible"}


class One(t.NamedTuple):
    """A platform with two services and a flow log, and the network of a former name prefix."""

    ours: Bare
    old: Bare

    @property
    def account(self) -> Account:
        return self.ours.account

    def site(self, *services: dict[str, t.Any], check: bool = False, **variables: t.Any) -> Run:
        return self.ours.site(fargate_services=list(services), check=check, **variables)


@pytest.fixture(scope="module")
def one(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> One:
    folder = tmp_path_factory.mktemp("prune")
    ours = Bare.fresh(cloud, folder / "run")
    found = One(ours, ours.beside("magiclub", OLD, fargate_name_prefix=OLD))
    run = found.site(HELLO, SHOP, vpc_flow_logs=True)
    assert run.rc == 0, run.text
    assert run.of(READ)["unasked"] == []
    former = found.old.site("--tags", "vpc,ecs_cluster")
    assert former.rc == 0, former.text
    return found


READ = "Read the platform and plan every layer"


def unasked(run: Run) -> set[tuple[str, str]]:
    """Return kind and name of the unasked resources in a plan; each has a line."""
    found = run.of(READ)["unasked"]
    assert run.text.count(": not in the inventory; ") == len(found), run.text
    return {(entry["kind"], entry["name"]) for entry in found}


def removals(run: Run) -> set[tuple[str, str]]:
    changes = run.of(READ)["layers"].get("prune", {}).get("changes", [])
    assert {change["action"] for change in changes} <= {"remove"}
    return {(change["type"], change["name"]) for change in changes}


def made(one: One) -> Holdings:
    return holdings(one.account.client)


def of_service(held: Holdings, name: str) -> Holdings:
    """Return a service's part of an account's resources."""
    ours = re.compile(rf"(.*/)?({PREFIX}-)?{name}([-.].*)?")
    return collections.Counter({pair: count for pair, count in held.items() if ours.fullmatch(pair[1])})


def test_a_service_taken_out_stays_and_is_named(one: One, tmp_path: t.Any) -> None:
    before, plan_file = made(one), tmp_path / "plan.json"
    run = one.site(HELLO, vpc_flow_logs=True, plan_file=str(plan_file))
    assert (run.rc, run.changed) == (0, 0), run.text
    assert unasked(run) == {("service", "shop"), ("platform", OLD)}
    assert "? service shop (9 tagged resources): not in the inventory; -e prune=true removes it" in run.text
    assert [entry["name"] for entry in json.loads(plan_file.read_text())["unasked"]] == ["shop", OLD]
    assert made(one) == before


def test_a_plan_shows_what_would_go(one: One) -> None:
    before, writes = made(one), len(one.account.writes())
    run = one.site(HELLO, vpc_flow_logs=True, prune=True, check=True)
    assert (run.rc, removals(run)) == (0, ALL_OF_SHOP), run.text
    assert all(f"- {kind} {name}" in run.text for kind, name in ALL_OF_SHOP), run.text
    assert made(one) == before
    assert {call["action"] for call in one.account.writes()[writes:]} <= {"PutParameter", "DeleteParameter"}


@pytest.fixture
def others_role(one: One) -> t.Iterator[str]:
    """The role with the service's name belongs to another environment."""
    iam, name = one.account.client("iam"), f"{PREFIX}-shop-task"
    iam.tag_role(RoleName=name, Tags=[{"Key": "Environment", "Value": "Prod"}])
    yield name
    iam.tag_role(RoleName=name, Tags=[{"Key": "Environment", "Value": OURS["Environment"]}])


def test_a_service_of_which_something_is_others_stays(one: One, others_role: str) -> None:
    before = made(one)
    run = one.site(HELLO, vpc_flow_logs=True, prune=True)
    assert f"iam_role {others_role} is not removed by prune=true" in run.message, run.text
    assert made(one) == before


@pytest.fixture
def others_group(one: One) -> t.Iterator[str]:
    """A security group outside the inventory admits the service."""
    ec2 = one.account.client("ec2")
    [vpc] = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [f"{PREFIX}-vpc"]}])["Vpcs"]
    named = [{"Name": "group-name", "Values": [f"{PREFIX}-shop-sg"]}]
    [shop] = ec2.describe_security_groups(Filters=named)["SecurityGroups"]
    group = ec2.create_security_group(GroupName="db", Description="a database's", VpcId=vpc["VpcId"])["GroupId"]
    lets_in = {
        "IpProtocol": "tcp",
        "FromPort": 5432,
        "ToPort": 5432,
        "UserIdGroupPairs": [{"GroupId": shop["GroupId"]}],
    }
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[lets_in])
    yield f"db ({group}) names {PREFIX}-shop-sg ({shop['GroupId']})"
    ec2.delete_security_group(GroupId=group)


def test_a_service_whose_group_another_one_names_stays(one: One, others_group: str) -> None:
    before = made(one)
    run = one.site(HELLO, vpc_flow_logs=True, prune=True)
    assert run.message.startswith(
        f"prune=true removes no service whose security group a rule of another one names: {others_group}."
    ), run.text
    assert made(one) == before


def test_prune_needs_the_services(one: One) -> None:
    run = one.ours.site("--tags", "vpc", prune=True)
    assert run.message.startswith("prune=true removes services"), run.text


def test_a_renamed_service_is_refused_with_what_removes_the_former_one(one: One) -> None:
    before = made(one)
    run = one.site(RENAMED, vpc_flow_logs=True)
    assert f"rule {PREFIX}-hello" in run.message, run.text
    assert "service hello (8 tagged resources): not in the inventory; -e prune=true removes it." in run.message
    assert made(one) == before


def test_prune_takes_both_and_nothing_else(one: One) -> None:
    before = made(one)
    run = one.site(RENAMED, vpc_flow_logs=True, prune=True)
    assert run.rc == 0, run.text
    after = made(one)
    new = after - before
    assert ("ecs_service", f"{PREFIX}-hi") in new, run.text
    assert after == before - of_service(before, "shop") - of_service(before, "hello") + new
    assert all("hi" in name for _kind, name in new)


def test_then_there_is_nothing_left_to_do(one: One) -> None:
    run = one.site(RENAMED, vpc_flow_logs=True, prune=True)
    assert (run.rc, run.changed) == (0, 0), run.text
    assert unasked(run) == {("platform", OLD)}
    assert "? prune=true removes nothing: every service" in run.text


def test_what_a_flow_log_leaves_goes_with_its_layer(one: One) -> None:
    ec2 = one.account.client("ec2")
    ours = [log for log in ec2.describe_flow_logs()["FlowLogs"] if log["LogGroupName"] == f"/vpc/{PREFIX}-flow-log"]
    ec2.delete_flow_logs(FlowLogIds=[log["FlowLogId"] for log in ours])
    run = one.site(RENAMED)
    assert run.rc == 0, run.text
    changes = run.of(READ)["layers"]["vpc"]["changes"]
    assert {(change["action"], change["type"]) for change in changes} == {
        ("remove", "log_group"),
        ("remove", "iam_role"),
    }
    assert ("log_group", f"/vpc/{PREFIX}-flow-log") not in made(one)


def test_others_things_are_not_told(one: One) -> None:
    """Those of another environment with such a name, of another tool, and of another playbook with the same tags."""
    logs, ec2 = one.account.client("logs"), one.account.client("ec2")
    logs.create_log_group(logGroupName=f"/ecs/{PREFIX}-prod", tags={**OURS, "Environment": "Prod"})
    logs.create_log_group(logGroupName=f"/ecs/{PREFIX}-tf", tags={**OURS, "ManagedBy": "terraform"})
    logs.create_log_group(logGroupName="/ecs/data", tags=OURS)
    [vpc] = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [f"{PREFIX}-vpc"]}])["Vpcs"]
    tags = [{"Key": key, "Value": value} for key, value in {**OURS, "Name": f"{PREFIX}-db-sg"}.items()]
    given = {"TagSpecifications": [{"ResourceType": "security-group", "Tags": tags}], "VpcId": vpc["VpcId"]}
    group = ec2.create_security_group(GroupName=f"{PREFIX}-db-sg", Description="a database's", **given)["GroupId"]
    run = one.site(RENAMED, prune=True)
    assert (run.rc, run.changed, removals(run)) == (0, 0, set()), run.text
    assert unasked(run) == {("platform", OLD), ("resource", f"{PREFIX}-db-sg")}
    assert f"security-group/{group} by hand" in run.text


def test_a_former_platform_goes_by_what_the_plan_says(one: One) -> None:
    run = one.site(RENAMED)
    [line] = [entry["remove"] for entry in run.of(READ)["unasked"] if entry["kind"] == "platform"]
    assert line == f"playbooks/destroy.yml -e fargate_name_prefix={OLD} -e confirm={OLD} removes it"
    playbook, *given = line.removesuffix(" removes it").split()
    removed = one.ours.run(playbook, *given, **one.ours.options(fargate_services=[RENAMED]))
    assert removed.rc == 0, removed.text
    assert not [name for _kind, name in made(one) if OLD in name]
    assert ("platform", OLD) not in unasked(one.site(RENAMED))


def test_the_last_service_goes_too(one: One) -> None:
    gone = one.site(fargate_lotto=False, prune=True, ecr_push_force_delete=True)
    assert gone.rc == 0, gone.text
    assert not [pair for pair in made(one) if pair[0] == "ecs_service"], gone.text
    assert gone.artifacts["fargate_result"]["services"] == {}
    again = one.site(RENAMED)
    assert again.rc == 0, again.text


def test_destroy_takes_what_no_inventory_has(one: One) -> None:
    ec2 = one.account.client("ec2")
    kept = one.ours.destroy(fargate_services=[])
    assert "as it holds" in kept.message and f"security group {PREFIX}-hi-sg" in kept.message, kept.text
    assert "service hi (8 tagged resources): not in the inventory; -e prune=true removes it." in kept.message
    there = made(one)
    # the group of another playbook keeps the network
    kept = one.ours.destroy(fargate_services=[], prune=True, ecr_push_force_delete=True)
    assert f"as it holds security group {PREFIX}-db-sg" in kept.message, kept.text
    assert made(one) == there
    ec2.delete_security_group(GroupId=_group(ec2, f"{PREFIX}-db-sg"))
    # with names like the platform's, they would be reported as left
    for name in ("prod", "tf"):
        one.account.client("logs").delete_log_group(logGroupName=f"/ecs/{PREFIX}-{name}")
    run = one.ours.destroy(fargate_services=[], prune=True, ecr_push_force_delete=True)
    assert run.rc == 0, run.text
    assert not [pair for pair in made(one) if pair[0].startswith("ecs_")], run.text


def _group(ec2: t.Any, name: str) -> str:
    [group] = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [name]}])["SecurityGroups"]
    return str(group["GroupId"])
