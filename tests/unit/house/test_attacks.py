# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Attacks with the deployer's keys, refused by docs/iam as the Service Authorization Reference has them evaluated.

tests/e2e/test_attacks.py makes the same calls to a local AWS.
"""

from __future__ import annotations

import pytest

from tests.house.attacks import ADMIN, ATTACKS, BOUNDARY, IAM, OWN_ROLE, Others
from tests.house.bare import PREFIX
from tests.house.iam_reference import Request, is_allowed
from tests.house.principals import deployers

OTHERS = Others.example()
BOUNDED = {"iam:PermissionsBoundary": BOUNDARY}
EXECUTION = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_is_refused(attack):
    assert not is_allowed(deployers(), attack.request(OTHERS))


def test_there_are_attacks_enough_and_each_is_another():
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 25


@pytest.mark.parametrize(
    ("action", "arn", "context"),
    [
        ("CreateRole", f"{IAM}role/{OWN_ROLE}", BOUNDED),
        ("PutRolePolicy", f"{IAM}role/{OWN_ROLE}", BOUNDED),
        ("PutRolePermissionsBoundary", f"{IAM}role/{PREFIX}-unbounded", BOUNDED),
        ("AttachRolePolicy", f"{IAM}role/{OWN_ROLE}", {**BOUNDED, "iam:PolicyARN": EXECUTION}),
        ("PassRole", f"{IAM}role/{OWN_ROLE}", {"iam:PassedToService": "ecs-tasks.amazonaws.com"}),
        ("CreatePolicy", f"{IAM}policy/{PREFIX}-ecs-exec", {}),
        ("DeleteRole", f"{IAM}role/{OWN_ROLE}", BOUNDED),
    ],
)
def test_what_a_run_does_is_not(action, arn, context):
    assert is_allowed(deployers(), Request(f"iam:{action}", {arn: {}}, context))


def test_a_role_that_nobody_may_pass_has_no_other_way():
    assert not is_allowed(
        deployers(),
        Request("iam:PassRole", {f"{IAM}role/{ADMIN}": {}}, {"iam:PassedToService": "ec2.amazonaws.com"}),
    )
