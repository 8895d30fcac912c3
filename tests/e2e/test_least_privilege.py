# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Without an action in the policies of docs/iam, the run stops at its call, with the statement to add.

test_tight.py runs everything with the policies as they are.
"""

from __future__ import annotations

import pytest

from tests.campaigns.principals import ACCOUNT, Principal, deployers, flaws_of_refusal, make_boundary
from tests.support.account import Account
from tests.support.cloud import Cloud
from tests.support.no_containers import DESTROY, SITE

CLOUD_OPTIONS = ("--auth",)
# In the order of a run's calls: each run continues where the one before was refused.
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


@pytest.fixture(scope="module")
def lacking(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Principal:
    """A role whose policies lack an action."""
    make_boundary(Account(cloud.endpoint, ACCOUNT, None, 0))
    return Principal.make(cloud, tmp_path_factory.mktemp("lacking"), "lacking", deployers())


@pytest.mark.parametrize(("playbook", "action"), TAKEN_OUT, ids=[action for _playbook, action in TAKEN_OUT])
def test_a_run_stops_at_an_action_taken_out_and_says_what_to_add(
    lacking: Principal, playbook: str, action: str
) -> None:
    if playbook == DESTROY:
        lacking.may(deployers())
        whole = lacking.bare.site()
        assert whole.rc == 0, whole.text
    assert flaws_of_refusal(lacking, playbook, action) == []
