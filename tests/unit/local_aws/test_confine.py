# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the process of the local AWS can't do."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from local_aws.confine import host_access, is_credential_helper, on_loopback, request_problem

CREATE = "/v1.47/containers/create"
SOCKET = "/var/run/docker.sock"


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"Privileged": False, "Binds": [], "CapAdd": None},
        {"Binds": ["local-aws-1-data:/data:rw"], "CapDrop": ["ALL"], "CapAdd": ["SYS_PTRACE"]},
        {"NetworkMode": "bridge", "Memory": 1, "NanoCpus": 1, "Init": True, "ReadonlyRootfs": True},
        {"NetworkMode": "container:0123abc"},
        {"SecurityOpt": ["no-new-privileges:true"]},
        {"Mounts": [{"Type": "tmpfs", "Target": "/tmp"}, {"Type": "volume", "Source": "a", "Target": "/a"}]},
    ],
)
def test_what_a_container_may_have(config: dict[str, Any]) -> None:
    assert not host_access(config)


@pytest.mark.parametrize(
    ("config", "found"),
    [
        ({"Privileged": True}, "Privileged True"),
        ({"Binds": ["/:/host"]}, "a mount of /:/host"),
        ({"Binds": ["a:/a", f"{SOCKET}:{SOCKET}:rw"]}, f"a mount of {SOCKET}"),
        ({"Binds": ["../x:/x"]}, "a mount of ../x"),
        ({"Binds": ["~/x:/x"]}, "a mount of ~/x"),
        ({"Mounts": [{"Type": "bind", "Source": "/etc"}]}, "a mount of /etc"),
        (
            {"Mounts": [{"Type": "volume", "Source": "v", "VolumeOptions": {"DriverConfig": {"Name": "local"}}}]},
            "a mount of v",
        ),
        ({"CapAdd": ["SYS_PTRACE", "SYS_ADMIN"]}, "CapAdd SYS_ADMIN"),
        ({"CapAdd": ["ALL"]}, "CapAdd ALL"),
        ({"Devices": [{"PathOnHost": "/dev/sda"}]}, "Devices"),
        ({"DeviceCgroupRules": ["a *:* rwm"]}, "DeviceCgroupRules"),
        ({"SecurityOpt": ["seccomp=unconfined"]}, "SecurityOpt seccomp=unconfined"),
        ({"NetworkMode": "host"}, "NetworkMode host"),
        ({"PidMode": "host"}, "PidMode host"),
        ({"IpcMode": "host"}, "IpcMode host"),
        ({"UsernsMode": "host"}, "UsernsMode host"),
        ({"CgroupnsMode": "host"}, "CgroupnsMode host"),
        ({"VolumesFrom": ["other"]}, "VolumesFrom"),
        ({"PublishAllPorts": True}, "PublishAllPorts"),
    ],
)
def test_what_a_container_may_not_have(config: dict[str, Any], found: str) -> None:
    assert host_access(config).startswith(found)
    assert request_problem(CREATE, {"Image": "a", "HostConfig": config}) == host_access(config)


@pytest.mark.parametrize(
    ("path", "body", "found"),
    [
        (CREATE, {"Image": "a"}, ""),
        ("/v1.47/volumes/create", {"Name": "a"}, ""),
        ("/v1.47/volumes/create", {"DriverOpts": {"type": "none", "o": "bind", "device": "/"}}, "DriverOpts"),
        ("/v1.47/containers/a/exec", {"Cmd": ["ls"], "Privileged": False}, ""),
        ("/v1.47/containers/a/exec", {"Privileged": True}, "Privileged"),
        ("/v1.47/services/create", {}, "a Swarm service"),
        ("/v1.47/networks/create", {"Name": "n"}, ""),
    ],
)
def test_what_is_asked_of_the_engine(path: str, body: dict[str, Any], found: str) -> None:
    assert request_problem(path, body).startswith(found)
    assert bool(request_problem(path, body)) is bool(found)


def test_ports_are_published_on_loopback() -> None:
    given = {"PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}], "81/tcp": None}, "Memory": 1}
    assert on_loopback(given) == {
        "PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}], "81/tcp": [{"HostIp": "127.0.0.1"}]},
        "Memory": 1,
    }
    assert on_loopback({"Memory": 1}) == {"Memory": 1}


@pytest.mark.parametrize(
    ("event", "arguments", "expected"),
    [
        ("subprocess.Popen", ("docker-credential-desktop", ["docker-credential-desktop", "get"]), True),
        ("subprocess.Popen", (None, ["/usr/bin/docker-credential-pass", "get"]), True),
        ("subprocess.Popen", ("sh", ["sh", "-c", "docker-credential-pass"]), False),
        ("subprocess.Popen", (None, None), False),
        ("os.system", ("docker-credential-pass",), False),
    ],
)
def test_credential_helpers_of_docker_are_started(event: str, arguments: tuple[Any, ...], expected: bool) -> None:
    assert is_credential_helper(event, arguments) is expected


# In a process of its own: what it gives up, it can't have again.
CONFINED = """
import asyncio, os, pty, subprocess, sys
import docker
from local_aws import confine
confine.no_programs()
confine.no_host_access()
client = docker.APIClient(base_url="tcp://127.0.0.1:1", version="1.47")
me = sys.executable
for name, attempt in {
    "Popen": lambda: subprocess.Popen([me, "-c", "0"]),
    "run": lambda: subprocess.run("true", shell=True),
    "asyncio": lambda: asyncio.run(asyncio.create_subprocess_exec(me, "-c", "0")),
    "system": lambda: os.system("true"),
    "popen": lambda: os.popen("true"),
    "posix_spawn": lambda: os.posix_spawn(me, [me], {}),
    "spawn": lambda: os.spawnv(os.P_WAIT, me, [me, "-c", "0"]),
    "fork": lambda: os.fork(),
    "pty": lambda: pty.spawn("true"),
    "exec": lambda: os.execv(me, [me, "-c", "0"]),
    "privileged": lambda: client.create_container("a", host_config=client.create_host_config(privileged=True)),
    "mount": lambda: client.create_container("a", host_config=client.create_host_config(binds=["/:/host"])),
    "volume": lambda: client.create_volume("a", driver_opts={"type": "none", "o": "bind", "device": "/"}),
}.items():
    try:
        attempt()
        print(name, "went through")
    except (PermissionError, docker.errors.InvalidArgument):
        print(name, "refused")
"""


def test_a_confined_process() -> None:
    done = subprocess.run([sys.executable, "-c", CONFINED], capture_output=True, text=True, check=False)
    words = [line.split(" ", 1) for line in done.stdout.splitlines()]
    assert [what for _name, what in words] == ["refused"] * 13, done.stdout + done.stderr
