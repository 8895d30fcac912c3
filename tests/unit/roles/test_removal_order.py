# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What tasks still use while they stop goes last: security groups of their addresses, then roles, logs and images."""

from __future__ import annotations

import re

import pytest
import yaml
from ansible_collections.magiclub.fargate.plugins.module_utils._operations.removal import TYPES

from tests.support.cloud import ROOT

LAST = (
    "amazon.aws.iam_role",
    "amazon.aws.iam_managed_policy",
    "amazon.aws.cloudwatchlogs_log_group",
    "magiclub.fargate.ecr_repository",
)
# what ends the use of roles and log groups, and waits until it has
ENDS = {
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


def test_what_the_tasks_of_services_use_goes_once_they_have_ended() -> None:
    tasks = yaml.safe_load((ROOT / "roles/fargate_service/tasks/absent.yml").read_text(encoding="utf-8"))
    deletes = [
        task["vars"]["__fargate_service_deleted"] for task in tasks if "fargate_service_delete" in str(list(task))
    ]
    types = [re.findall(r"'(\w+)'", given) for given in deletes]
    # the module has the order of each call, and all that it knows is removed
    assert [one for some in types for one in some] == list(TYPES)
    assert [some[-1] for some in types] == ["ecs_task_definition", "ecr_repository"]
