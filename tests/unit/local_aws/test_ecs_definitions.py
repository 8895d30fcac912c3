# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The sizes that Fargate has."""

from __future__ import annotations

import pytest

from local_aws.corrections.ecs_definitions import problem_of

NONE_EXISTS = "No Fargate configuration exists for given values: "


@pytest.mark.parametrize(
    ("cpu", "memory", "problem"),
    [
        ("256", "512", ""),
        ("256", "2048", ""),
        ("256", "4096", f"{NONE_EXISTS}256 CPU, 4096 memory."),
        (".25 vCPU", "0.5 GB", ""),
        ("512", "1024", ""),
        ("512", "512", f"{NONE_EXISTS}512 CPU, 512 memory."),
        ("1024", "8192", ""),
        ("1024", "1024", f"{NONE_EXISTS}1024 CPU, 1024 memory."),
        ("4096", "30720", ""),
        ("8192", "18432", f"{NONE_EXISTS}8192 CPU, 18432 memory."),
        ("16384", "122880", ""),
        ("300", "512", f"{NONE_EXISTS}300 CPU, 512 memory."),
        ("half", "512", f"{NONE_EXISTS}half CPU, 512 memory."),
        ("", "512", "Fargate requires that 'cpu' be defined at the task level."),
        ("256", "", "Fargate requires that 'memory' be defined at the task level."),
    ],
)
def test_sizes(cpu: str, memory: str, problem: str) -> None:
    assert problem_of({"requiresCompatibilities": ["FARGATE"], "cpu": cpu, "memory": memory}) == problem


def test_fargate_is_awsvpc() -> None:
    data = {"requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512", "networkMode": "bridge"}
    assert problem_of(data).startswith("Fargate only supports network mode")


def test_ec2_takes_any_size() -> None:
    assert not problem_of({"cpu": "300"})
