# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The policies of docs/iam are enough, with IAM enforced, and hold nothing that no run needs."""

from __future__ import annotations

import json

import pytest

from tests.house import iam
from tests.house.bare import bare_cloud
from tests.house.principals import ACCOUNT, Exercise, exercise

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: characters of a role's inline policies
ROLE_POLICY_SIZE = 10_240


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    folder = tmp_path_factory.mktemp("least_privilege")
    policies = [iam.for_account(iam.committed(name), ACCOUNT) for name in ("deployer", "viewer")]
    with bare_cloud(folder / "aws", "--auth") as cloud:
        return exercise(cloud, folder, *policies)


def test_every_run_ends_well_with_just_its_policy(done: Exercise) -> None:
    assert {name: run.message for name, run in done.runs.items() if run.rc != 0} == {}
    assert list(done.runs) == ["plan of nothing", "site", "update", "plan of all", "destroy"]
    denied = [call for call in done.deployer + done.viewer if str(call["error"]).startswith(("AccessDenied", "Unauth"))]
    assert denied == []


@pytest.mark.parametrize("name", ["deployer", "viewer"])
def test_a_policy_holds_what_was_called_and_no_more(done: Exercise, name: str) -> None:
    calls = {"deployer": done.deployer, "viewer": done.viewer}[name]
    document = iam.policy(iam.actions_of(calls), iam.EXAMPLE_ACCOUNT, iam.EXAMPLE_REGION, iam.EXAMPLE_PREFIX)
    assert iam.committed(name) == document, "Run 'make iam'."


@pytest.mark.parametrize("name", ["deployer", "viewer"])
def test_a_policy_fits_where_it_is_to_be_put(name: str) -> None:
    assert len("".join(json.dumps(iam.committed(name)).split())) <= ROLE_POLICY_SIZE


def test_the_viewer_may_change_nothing() -> None:
    assert all(iam.is_read(action) for action in iam.allowed(iam.committed("viewer")))


def test_roles_are_passed_to_tasks_only() -> None:
    (statement,) = [item for item in iam.committed("deployer")["Statement"] if "iam:PassRole" in item["Action"]]
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    assert all(":role/magiclub-an2p-" in resource for resource in statement["Resource"])


def test_only_what_takes_no_resource_is_allowed_everywhere() -> None:
    everywhere = {item["Sid"] for item in iam.committed("deployer")["Statement"] if item["Resource"] == ["*"]}
    assert everywhere == {"RegistryLogin", "Read", "ClusterCreate", "Deregister", "DiscoveryCreate", "DiscoveryZone"}
