# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The policies of docs/iam are enough, with IAM enforced, and hold nothing that no run needs."""

from __future__ import annotations

import fnmatch
import json
import re
import typing as t

import pytest

from tests.house import iam
from tests.house.ansible_run import Run
from tests.house.bare import DESTROY, SITE, bare_cloud
from tests.house.cloud import Cloud
from tests.house.principals import ACCOUNT, Exercise, Principal, exercise

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: characters of a managed policy, without
# white space
POLICY_SIZE = 6_144
POLICIES = (*iam.DEPLOYER, *iam.VIEWER)

# In the order in which a run calls them: each run goes on where the one before was refused.
TAKEN_OUT = [
    (SITE, "ssm:PutParameter"),
    (SITE, "ec2:CreateVpc"),
    (SITE, "ec2:DescribeSubnets"),
    (SITE, "ec2:CreateNatGateway"),
    (SITE, "elasticloadbalancing:CreateLoadBalancer"),
    (SITE, "servicediscovery:CreatePrivateDnsNamespace"),
    (SITE, "iam:CreateRole"),
    (SITE, "ecs:CreateCluster"),
    (SITE, "ecr:CreateRepository"),
    (SITE, "logs:CreateLogGroup"),
    (SITE, "elasticloadbalancing:CreateRule"),
    (SITE, "iam:PassRole"),
    (SITE, "ecs:CreateService"),
    (DESTROY, "ecs:DeleteService"),
    (DESTROY, "ec2:DeleteVpc"),
]


def committed(names: t.Iterable[str]) -> list[iam.Data]:
    """Return policies as they are for the account of the tests."""
    return [iam.for_account(iam.committed(name), ACCOUNT) for name in names]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Cloud]:
    """A local AWS that enforces IAM."""
    with bare_cloud(tmp_path_factory.mktemp("least_privilege") / "aws", "--auth") as running:
        yield running


@pytest.fixture(scope="module")
def done(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    """All runs with just their policies."""
    return exercise(cloud, tmp_path_factory.mktemp("exercise"), committed(iam.DEPLOYER), committed(iam.VIEWER))


@pytest.fixture(scope="module")
def lacking(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Principal:
    """Somebody whose policies lack something."""
    return Principal.make(cloud, tmp_path_factory.mktemp("lacking"), "lacking", committed(iam.DEPLOYER))


def test_every_run_ends_well_with_just_its_policy(done: Exercise) -> None:
    assert {name: run.message for name, run in done.runs.items() if run.rc != 0} == {}
    assert list(done.runs) == ["plan of nothing", "site", "update", "plan of all", "status", "destroy"]
    denied = [call for call in done.deployer + done.viewer if str(call["error"]).startswith(("AccessDenied", "Unauth"))]
    assert denied == []


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_holds_what_was_called_and_no_more(done: Exercise, name: str) -> None:
    calls = done.deployer if name in iam.DEPLOYER else done.viewer
    assert iam.committed(name) == iam.expected(name, calls), "Run 'make iam'."


def test_the_parts_hold_all_that_the_deployer_called(done: Exercise) -> None:
    parts = {action for name in iam.DEPLOYER for action in iam.allowed(iam.committed(name))}
    assert parts == iam.actions_of(done.deployer)


@pytest.mark.parametrize(("playbook", "action"), TAKEN_OUT, ids=[action for _playbook, action in TAKEN_OUT])
def test_a_run_stops_at_an_action_taken_out_and_says_what_to_add(
    lacking: Principal, playbook: str, action: str
) -> None:
    if playbook == DESTROY:
        lacking.may(committed(iam.DEPLOYER))
        made = lacking.bare.site()
        assert made.rc == 0, made.text
    if playbook == DESTROY:
        lacking.may(committed(iam.DEPLOYER))
        whole = lacking.bare.site()
        assert whole.rc == 0, whole.text
    before = len(lacking.calls())
    lacking.may([iam.without(document, action) for document in committed(iam.DEPLOYER)])
    run = lacking.bare.destroy() if playbook == DESTROY else lacking.bare.site()
    assert run.rc != 0, run.text
    statement = added(run)
    assert statement["Action"] == action
    allowed = iam.resources_of(committed(iam.DEPLOYER), action)
    assert any(fnmatch.fnmatchcase(statement["Resource"], resource) for resource in allowed), statement
    assert writes_after_the_refusal(lacking.calls()[before:]) <= {"DeleteParameter"}


def added(run: Run) -> dict[str, t.Any]:
    """Return the statement that the last message of a run says to add."""
    message = [item["result"] for item in run.results if item["event"] == "failed"][-1]["msg"]
    found = re.search(r"Add to its policy: (\{.*\})$", message)
    assert found, message
    return t.cast("dict[str, t.Any]", json.loads(found[1]))


def writes_after_the_refusal(calls: list[dict[str, t.Any]]) -> set[str]:
    """Return the actions that changed something after the first refused call."""
    refused = [number for number, call in enumerate(calls) if call["status"] in (400, 403) and denied(call)]
    assert refused, "Nothing was refused."
    return {call["action"] for call in calls[refused[0] :] if call["write"] and not call["error"]}


def denied(call: t.Mapping[str, t.Any]) -> bool:
    """Whether IAM refused a call."""
    return str(call["error"]).startswith(("AccessDenied", "UnauthorizedOperation"))


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_fits_into_a_managed_one(name: str) -> None:
    assert len("".join(json.dumps(iam.committed(name)).split())) <= POLICY_SIZE


def test_the_viewer_may_change_nothing() -> None:
    assert all(iam.is_read(action) for action in iam.allowed(iam.committed("viewer")))


def test_roles_are_passed_to_tasks_only() -> None:
    (statement,) = [item for item in iam.committed(iam.SERVICE)["Statement"] if "iam:PassRole" in item["Action"]]
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    assert all(":role/magiclub-an2p-" in resource for resource in statement["Resource"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (iam.NETWORK, {"ReadNetwork", "ReadTags"}),
        (
            iam.SERVICE,
            {"RegistryLogin", "Read", "ReadTags", "ClusterCreate", "Deregister", "DiscoveryCreate", "DiscoveryZone"},
        ),
    ],
)
def test_only_what_takes_no_resource_is_allowed_everywhere(name: str, expected: set[str]) -> None:
    assert {item["Sid"] for item in iam.committed(name)["Statement"] if item["Resource"] == ["*"]} == expected
