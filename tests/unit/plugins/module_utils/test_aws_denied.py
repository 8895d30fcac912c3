# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import denied

USER = "arn:aws:iam::123456789012:user/deployer"
VPC = "arn:aws:ec2:ap-northeast-2:123456789012:vpc/*"
ROLE = "arn:aws:iam::123456789012:role/magiclub-an2p-ecs-execution"
WHY = "because no identity-based policy allows the x:Y action"


def refused(action, on=""):
    return f"User: {USER} is not authorized to perform: {action}{f' on resource: {on}' if on else ''} {WHY}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "Failed to create the VPC: An error occurred (UnauthorizedOperation) when calling the CreateVpc operation:"
            f" You are not authorized to perform this operation. {refused('ec2:CreateVpc', VPC)}."
            " Encoded authorization failure message: Zm9v",
            (USER, "ec2:CreateVpc", VPC, ""),
            id="EC2",
        ),
        pytest.param(refused("ec2:DescribeVpcs"), (USER, "ec2:DescribeVpcs", "*", ""), id="no resource"),
        pytest.param(refused("ecs:CreateCluster", "*"), (USER, "ecs:CreateCluster", "*", ""), id="any resource"),
        pytest.param(
            refused("iam:CreateRole", "role magiclub-an2p-ecs-execution"),
            (USER, "iam:CreateRole", ROLE, ""),
            id="IAM, a role by its name",
        ),
        pytest.param(
            refused("iam:CreateRole", "role x").replace("arn:aws:", "arn:aws-cn:"),
            ("arn:aws-cn:iam::123456789012:user/deployer", "iam:CreateRole", "arn:aws-cn:iam::123456789012:role/x", ""),
            id="IAM in China",
        ),
        pytest.param(
            f"User: {USER} is not authorized to perform: iam:PassRole on resource: {ROLE}",
            (USER, "iam:PassRole", ROLE, ""),
            id="without a reason",
        ),
        pytest.param(
            f"User: {USER} is not authorized to perform: ecs:RunTask on resource: {VPC} with an explicit deny in a"
            " service control policy",
            (USER, "ecs:RunTask", VPC, "a service control policy"),
            id="explicit deny",
        ),
        pytest.param("Rate exceeded", None, id="about something else"),
        pytest.param(f"User: {USER} is not authorized to enter", None, id="no action"),
    ],
)
def test_refusal(text, expected):
    assert denied.refusal(text) == expected


def test_a_deny_is_not_answered_with_an_allow():
    refusal = denied.Refusal(USER, "ecs:RunTask", VPC, "a service control policy")
    assert refusal.advice() == ""
    assert str(refusal) == (
        f"{USER} may not ecs:RunTask on {VPC}."
        " That is denied explicitly in a service control policy, so adding an Allow does not help."
    )


ADVICE = f'Add to its policy: {{"Effect": "Allow", "Action": "ec2:CreateVpc", "Resource": "{VPC}"}}'


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        pytest.param({"failed": True, "msg": "No."}, "No.", id="a task"),
        pytest.param(
            {
                "failed": True,
                "msg": "One or more items failed",
                "results": [{"failed": True, "msg": "No."}, {"failed": False, "msg": "Yes."}, {"skipped": True}],
            },
            "No.",
            id="an item",
        ),
        pytest.param(
            {"failed": True, "results": [{"failed": True, "msg": text} for text in ("No.", "No.", "Never.")]},
            "No. Never.",
            id="items with the same reason",
        ),
        pytest.param(
            {"failed": True, "msg": refused("ec2:CreateVpc", VPC)},
            f"{refused('ec2:CreateVpc', VPC)}. {ADVICE}",
            id="refused",
        ),
        pytest.param(
            {"failed": True, "msg": f"Failed to do it: {denied.Refusal(USER, 'ec2:CreateVpc', VPC)}"},
            f"Failed to do it: {USER} may not ec2:CreateVpc on {VPC}. {ADVICE}",
            id="said already",
        ),
        pytest.param({"failed": True}, "", id="without words"),
    ],
)
def test_failure_reason(result, expected):
    assert denied.failure_reason(result) == expected
