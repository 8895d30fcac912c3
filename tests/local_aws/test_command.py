# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""``python -m local_aws``: up, status, reset and down, each repeated."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws import engine
from local_aws.process import start_time
from tests.local_aws.cloud import Account, Network, eventually
from tests.local_aws.probes import start_service
from tests.support.cloud import ROOT, free_port

PLAIN = ("--no-containers",)


class Command:
    """The program with its own state folder and port."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.port = free_port()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "local_aws", "--state-dir", str(self.state), *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    def up(self, *more: str) -> subprocess.CompletedProcess[str]:
        return self.run("up", "--port", str(self.port), *more)

    def pid(self) -> int:
        return int(json.loads(self.run("status").stdout)["pid"])

    def calls(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in (self.state / "calls.jsonl").read_text().splitlines()]


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    made = Command(tmp_path)
    yield made
    made.run("down")


def test_up_twice_is_one(command: Command) -> None:
    first = command.up(*PLAIN)
    assert first.returncode == 0, first.stderr
    assert f"ready at http://127.0.0.1:{command.port}" in first.stderr
    pid = command.pid()
    assert command.up(*PLAIN).returncode == 0
    assert command.pid() == pid


def test_other_options_need_a_down_first(command: Command) -> None:
    command.up(*PLAIN)
    refused = command.up(*PLAIN, "--auth")
    assert refused.returncode == 1
    assert "Run 'python -m local_aws down' first." in refused.stderr


def test_it_listens_on_loopback_only(command: Command) -> None:
    command.up(*PLAIN)
    hexadecimal = f"{command.port:04X}"
    lines = Path("/proc/net/tcp").read_text().splitlines()
    listening = [line.split()[1] for line in lines if line.split()[3] == "0A"]
    assert [a for a in listening if a.endswith(f":{hexadecimal}")] == [f"0100007F:{hexadecimal}"]


def test_a_taken_port_is_named(command: Command) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", command.port))
        other.listen()
        refused = command.up(*PLAIN)
    assert refused.returncode == 1
    assert f"Port {command.port} is taken by another process. Give a free one with --port" in refused.stderr
    assert f"MAGICLUB_ENDPOINT=http://127.0.0.1:{command.port + 1}" in refused.stderr


def test_status_tells_what_runs(command: Command) -> None:
    before = command.run("status")
    assert before.returncode == 3
    assert json.loads(before.stdout)["running"] is False
    command.up(*PLAIN)
    shown = json.loads(command.run("status").stdout)
    assert (shown["ready"], shown["port"], shown["containers"]) == (True, command.port, False)
    assert shown["endpoint"] == f"http://127.0.0.1:{command.port}"


def test_down_ends_just_what_up_started(command: Command) -> None:
    command.up(*PLAIN)
    pid = command.pid()
    assert "everything is down" in command.run("down").stderr
    assert start_time(pid) is None
    assert "nothing was running" in command.run("down").stderr


def test_up_after_a_kill(command: Command) -> None:
    command.up(*PLAIN)
    pid = command.pid()
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: start_time(pid), None)
    assert json.loads(command.run("status").stdout)["running"] is False
    assert command.up(*PLAIN).returncode == 0
    assert command.pid() != pid


def test_reset_empties_every_account(command: Command) -> None:
    command.up(*PLAIN)
    accounts = [Account(command.port) for _ in range(2)]
    for aws in accounts:
        start_service(aws, Network(aws))
        aws.application_autoscaling.register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId="service/c/app",
            ScalableDimension="ecs:service:DesiredCount",
            MinCapacity=1,
            MaxCapacity=2,
        )
    assert command.run("reset").returncode == 0
    for aws in accounts:
        assert aws.ecs.list_clusters()["clusterArns"] == []
        assert aws.application_autoscaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"] == []


def test_reset_of_nothing_says_so(command: Command) -> None:
    refused = command.run("reset")
    assert refused.returncode == 1
    assert "Start it with 'python -m local_aws up'." in refused.stderr


def test_the_call_log_is_a_witness(command: Command) -> None:
    command.up(*PLAIN)
    aws = Account(command.port)
    aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")
    aws.ec2.describe_vpcs()
    aws.route53.create_hosted_zone(Name="example.com", CallerReference="1")
    with pytest.raises(aws.ecs.exceptions.ClusterNotFoundException):
        aws.ecs.describe_services(cluster="gone", services=["s"])
    calls = command.calls()
    assert [(c["service"], c["action"], c["write"], c["error"]) for c in calls] == [
        ("ec2", "CreateVpc", True, None),
        ("ec2", "DescribeVpcs", False, None),
        ("route53", "CreateHostedZone", True, None),
        ("ecs", "DescribeServices", False, "ClusterNotFoundException"),
    ]
    assert {c["account"] for c in calls} == {aws.number}
    assert [c["write_seq"] for c in calls] == [1, 1, 2, 2]


def test_corrections_are_listed(command: Command) -> None:
    rows = json.loads(command.run("corrections").stdout)
    assert {"name", "service", "aws", "evidence"} == set(rows[0])


@pytest.mark.skipif(bool(engine.answer()), reason="needs a Docker engine")
def test_down_removes_the_containers_of_a_killed_one(command: Command) -> None:
    started = command.up()
    assert started.returncode == 0, started.stderr
    image = command.run("base-image").stdout.strip()
    docker = engine.client()
    labels = {"ministack": "ecs", "ministack.instance": f"{socket.gethostname()}:{command.port}"}
    left = docker.containers.run(image, ["sleep", "300"], detach=True, labels=labels)
    os.kill(command.pid(), signal.SIGKILL)
    command.run("down")
    assert docker.containers.list(all=True, filters={"id": left.id}) == []
