# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Docker's options from a task definition."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from local_aws.corrections import ecs_services, ecs_tasks
from local_aws.corrections.ecs_tasks import StartError, container_options, local_image, start_order

DEFINITION = {
    "cpu": "512",
    "memory": "1024",
    "volumes": [{"name": "tmp"}, {"name": "host", "host": {"sourcePath": "/data"}}],
}
BARE = {"healthcheck": {"test": ["NONE"]}, "mem_limit": 2**30, "memswap_limit": 2**30, "nano_cpus": 500_000_000}


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        ({}, {}),
        ({"memory": 256}, {"mem_limit": 2**28, "memswap_limit": 2**28}),
        ({"entryPoint": ["/a"], "command": ["b"]}, {"entrypoint": ["/a"], "command": ["b"]}),
        ({"workingDirectory": "/w", "user": "10001"}, {"working_dir": "/w", "user": "10001"}),
        ({"readonlyRootFilesystem": True}, {"read_only": True}),
        ({"linuxParameters": {"initProcessEnabled": True}}, {"init": True}),
        ({"linuxParameters": {"capabilities": {"drop": ["ALL"]}}}, {"cap_drop": ["ALL"]}),
        (
            {"ulimits": [{"name": "nofile", "softLimit": 1024, "hardLimit": 4096}]},
            {"ulimits": [{"Name": "nofile", "Soft": 1024, "Hard": 4096}]},
        ),
        (
            {"mountPoints": [{"sourceVolume": "tmp", "containerPath": "/tmp"}]},
            {"volumes": ["local-aws-t1-tmp:/tmp:rw"]},
        ),
        (
            {"mountPoints": [{"sourceVolume": "host", "containerPath": "/d", "readOnly": True}]},
            {"volumes": ["local-aws-t1-host:/d:ro"]},
        ),
        (
            {"healthCheck": {"command": ["CMD-SHELL", "true"], "interval": 5, "retries": 2, "startPeriod": 1}},
            {
                "healthcheck": {
                    "test": ["CMD-SHELL", "true"],
                    "interval": 5 * 10**9,
                    "timeout": 5 * 10**9,
                    "retries": 2,
                    "start_period": 10**9,
                }
            },
        ),
    ],
)
def test_container_options(container: dict[str, Any], expected: dict[str, Any]) -> None:
    assert container_options(DEFINITION, container, "t1") == {**BARE, **expected}


def depends(name: str, *on: str) -> dict[str, Any]:
    return {"name": name, "dependsOn": [{"containerName": n, "condition": "START"} for n in on]}


def test_containers_start_after_those_they_depend_on() -> None:
    containers = [depends("app", "proxy", "init"), depends("proxy", "init"), depends("init")]
    assert [c["name"] for c in start_order(containers)] == ["init", "proxy", "app"]


def test_a_cycle_does_not_start() -> None:
    with pytest.raises(StartError, match="cycle"):
        start_order([depends("a", "b"), depends("b", "a")])


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/a/b:1",
            "localhost:4566/123456789012.dkr.ecr.eu-west-1.amazonaws.com/a/b:1",
        ),
        ("python:3.12", "python:3.12"),
        ("localhost:4566/x", "localhost:4566/x"),
    ],
)
def test_an_image_of_ecr_is_pulled_from_here(image: str, expected: str) -> None:
    assert local_image(image, 4566) == expected


def addresses(monkeypatch: pytest.MonkeyPatch, tasks: dict[str, Any], started: list[str]) -> list[str]:
    """Give addresses to tasks that were started beside others; return those of all."""
    tasks |= {arn: {} for arn in started}
    monkeypatch.setattr(ecs_services, "service", lambda _name: SimpleNamespace(_tasks=tasks))
    ecs_services.give_addresses([{"taskArn": arn} for arn in started])
    return [task["_container_ip"] for task in tasks.values()]


def test_without_containers_each_task_of_a_call_has_an_address_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    found = addresses(monkeypatch, {}, ["a", "b", "c"])
    assert len(set(found)) == 3


def test_without_containers_no_task_has_the_address_of_one_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks: dict[str, Any] = {}
    first, second = addresses(monkeypatch, tasks, ["a", "b"])
    # the first has ended, so the number of tasks is the same as when the second was started
    del tasks["a"]
    assert second != addresses(monkeypatch, tasks, ["c"])[-1]
    assert first != second


def test_variables_of_files_are_the_first_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    held = {"one.env": b"# who\nA=1\n\nB=x=y\nnothing", "two.env": b"A=2\nC=3\r\n"}
    bucket = SimpleNamespace(_buckets={"b": {}}, _get_object_data=lambda _bucket, key: held.get(key))
    monkeypatch.setattr(ecs_tasks, "service", lambda _name: bucket)
    files = [{"value": f"arn:aws:s3:::b/{name}", "type": "s3"} for name in held]
    assert ecs_tasks.variables_of_files({"environmentFiles": files}) == {"A": "1", "B": "x=y", "C": "3"}
    with pytest.raises(StartError, match="failed to download env files"):
        ecs_tasks.variables_of_files({"environmentFiles": [{"value": "arn:aws:s3:::b/three.env", "type": "s3"}]})
