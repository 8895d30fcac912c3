# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What tasks still use while they stop goes last: security groups of their addresses, then roles, logs and images."""

from __future__ import annotations

import pytest
import yaml

from tests.support.cloud import ROOT

LAST = (
    "amazon.aws.iam_role",
    "amazon.aws.iam_managed_policy",
    "amazon.aws.cloudwatchlogs_log_group",
    "magiclub.fargate.ecr_repository",
)
# what ends the use of roles and log groups, and waits until it has
ENDS = {
    "fargate_service": {"magiclub.fargate.ecs_service", "amazon.aws.ec2_security_group"},
    "ecs_cluster": {"magiclub.fargate.ecs_cluster"},
    "vpc": {"magiclub.fargate.ec2_delete"},
}


def modules_of(role: str) -> list[str]:
    """Return the modules of a role's removal in their order."""
    tasks = yaml.safe_load((ROOT / "roles" / role / "tasks" / "absent.yml").read_text(encoding="utf-8"))
    return [next(key for key in task if "." in key) for task in tasks]


@pytest.mark.parametrize("role", ENDS)
def test_roles_and_log_groups_go_last(role: str) -> None:
    modules = modules_of(role)
    first = min(number for number, module in enumerate(modules) if module in LAST)
    assert ENDS[role] <= set(modules[:first])
    assert set(modules[first:]) <= set(LAST)


def test_the_removal_of_a_service_waits_until_its_tasks_have_stopped() -> None:
    tasks = yaml.safe_load((ROOT / "roles/fargate_service/tasks/absent.yml").read_text(encoding="utf-8"))
    (arguments,) = [task["magiclub.fargate.ecs_service"] for task in tasks if "magiclub.fargate.ecs_service" in task]
    assert arguments.get("wait", True) is True
    assert arguments["state"] == "absent"
