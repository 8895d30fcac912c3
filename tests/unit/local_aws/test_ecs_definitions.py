# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)


from __future__ import annotations

from typing import Any

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


FARGATE = {"requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512"}
NOT_SUPPORTED = "Fargate compatible task definitions do not support "


def one(**parameters: Any) -> dict[str, Any]:
    return {"containerDefinitions": [{"name": "a", **parameters}]}


@pytest.mark.parametrize(
    ("data", "parameter"),
    [
        (one(privileged=True), "privileged"),
        (one(dockerSecurityOptions=["label:disable"]), "dockerSecurityOptions"),
        (one(links=["b"]), "links"),
        (one(extraHosts=[{"hostname": "a", "ipAddress": "10.0.0.1"}]), "extraHosts"),
        (one(linuxParameters={"devices": [{"hostPath": "/dev/sda"}]}), "devices"),
        (one(linuxParameters={"tmpfs": [{"containerPath": "/a", "size": 1}]}), "tmpfs"),
        (one(linuxParameters={"capabilities": {"add": ["SYS_PTRACE", "SYS_ADMIN"]}}), "capabilities"),
        ({"volumes": [{"name": "a"}, {"name": "b", "host": {"sourcePath": "/"}}]}, "sourcePath"),
        ({"volumes": [{"name": "a", "dockerVolumeConfiguration": {"driver": "local"}}]}, "dockerVolumeConfiguration"),
        ({"placementConstraints": [{"type": "memberOf"}]}, "placementConstraints"),
    ],
)
def test_fargate_refuses_what_it_has_not(data: dict[str, Any], parameter: str) -> None:
    assert problem_of({**FARGATE, **data}) == NOT_SUPPORTED + parameter


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"ipcMode": "host"}, "Tasks using the Fargate launch type do not support ipcMode."),
        ({"pidMode": "host"}, "Tasks using the Fargate launch type do not support pidMode 'host'."),
        ({"pidMode": "task"}, ""),
        (
            one(privileged=False, links=[], linuxParameters={"capabilities": {"add": ["SYS_PTRACE"], "drop": ["ALL"]}}),
            "",
        ),
        ({"volumes": [{"name": "a", "host": {}}, {"name": "b", "efsVolumeConfiguration": {"fileSystemId": "f"}}]}, ""),
    ],
)
def test_fargate_has_a_process_namespace_of_the_task(data: dict[str, Any], problem: str) -> None:
    assert problem_of({**FARGATE, **data}) == problem


@pytest.mark.parametrize(
    ("data", "reaching"),
    [
        (one(privileged=True), "privileged"),
        (one(linuxParameters={"capabilities": {"add": ["ALL"]}}), "capabilities"),
        ({"volumes": [{"name": "a", "host": {"sourcePath": "/"}}]}, "sourcePath"),
        ({"networkMode": "host", "pidMode": "host"}, "networkMode, pidMode"),
        (one(links=["b"]), ""),
        ({"networkMode": "bridge"}, ""),
    ],
)
def test_no_task_reaches_the_host_whatever_it_is_compatible_with(data: dict[str, Any], reaching: str) -> None:
    expected = f"The local AWS has Fargate alone, and gives no task the host: {reaching}." if reaching else ""
    assert problem_of({"requiresCompatibilities": ["EC2"], **data}) == expected
    assert problem_of(data) == expected
