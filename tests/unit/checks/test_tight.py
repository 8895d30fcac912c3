# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest

from tests.campaigns import checkov as tight

TASKS = {
    "network_mode": "awsvpc",
    "requires_compatibilities": ["FARGATE"],
    "container_definitions": {
        "app": {
            "image": "i:1",
            "environment": {"A": "b"},
            "readonly_root_filesystem": True,
            "log_configuration": {"log_driver": "awslogs"},
        }
    },
}


def test_a_security_group_as_cloudformation():
    values = {
        "ingress": [{"protocol": "tcp", "ports": "80-81", "source": "0.0.0.0/0"}],
        "egress": [{"protocol": "all", "ports": "all", "source": "other-sg"}],
    }
    made = tight.as_cloudformation({"type": "security_group", "name": "sg", "values": values})
    assert made["Properties"]["SecurityGroupIngress"] == [
        {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 81, "CidrIp": "0.0.0.0/0"}
    ]
    assert made["Properties"]["SecurityGroupEgress"] == [{"IpProtocol": "-1", "SourceSecurityGroupId": "other-sg"}]


def test_a_task_definition_as_cloudformation():
    made = tight.as_cloudformation({"type": "ecs_task_definition", "name": "t", "values": TASKS})
    (container,) = made["Properties"]["ContainerDefinitions"]
    assert container["ReadonlyRootFilesystem"] is True
    assert container["Privileged"] is False
    assert container["Environment"] == [{"Name": "A", "Value": "b"}]


def test_a_template_holds_the_policies_and_what_there_are_checks_for():
    planned = [
        {"type": "log_group", "name": "/ecs/x", "values": {"retention": 30}},
        {"type": "image", "name": "x:1", "values": {}},
    ]
    assert set(tight.template(planned)["Resources"]) == {
        "LogGroupEcsX",
        "PolicyDeployerNetwork",
        "PolicyDeployerRoles",
        "PolicyDeployerService",
        "PolicyViewer",
    }


@pytest.mark.parametrize(
    ("failed", "reasons", "expected"),
    [
        ({}, {}, []),
        ({("C1", "here.yml"): "Do it"}, {"C1": {"where": r".*\.yml"}}, []),
        ({("C1", "there.py"): "Do it"}, {"C1": {"where": r".*\.yml"}}, ["C1 at there.py: Do it"]),
        ({("C2", "here.yml"): "Do it"}, {}, ["C2 at here.yml: Do it"]),
        ({}, {"C1": {"where": ".*"}}, ["checkov.yml gives a reason for C1, which finds nothing"]),
    ],
)
def test_what_is_a_flaw(failed, reasons, expected):
    assert tight.judge(failed, reasons) == expected
