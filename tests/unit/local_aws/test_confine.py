# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The restrictions of the local AWS's process."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from local_aws.confine import host_access, is_credential_helper, on_loopback, request_problem

CREATE = "/v1.47/containers/create"
OWN = {"0123abc", "ours"}
SOCKET = "/var/run/docker.sock"


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"Privileged": False, "Binds": [], "CapAdd": None},
        {"Binds": ["local-aws-1-data:/data:rw"], "CapDrop": ["ALL"], "CapAdd": ["SYS_PTRACE"]},
        {"NetworkMode": "bridge", "Memory": 1, "NanoCpus": 1, "Init": True, "ReadonlyRootfs": True},
        {"NetworkMode": "container:0123abc"},
        {"NetworkMode": "ours"},
        {"SecurityOpt": ["no-new-privileges:true", "no-new-privileges", "no-new-privileges=true"]},
        {"IpcMode": "private", "PidMode": "", "CgroupnsMode": "private", "VolumeDriver": "local"},
        {"LogConfig": {"Type": "json-file", "Config": {}}, "RestartPolicy": {"Name": "no"}, "ShmSize": 1},
        {"Ulimits": [{"Name": "nofile", "Soft": 1, "Hard": 1}], "Tmpfs": {"/data": "rw"}, "PidsLimit": 9},
        {"Mounts": [{"Type": "tmpfs", "Target": "/tmp"}, {"Type": "volume", "Source": "a", "Target": "/a"}]},
    ],
)
def test_what_a_container_may_have(config: dict[str, Any]) -> None:
    assert not host_access(config, OWN)
    assert not request_problem(CREATE, {"Image": "a", "HostConfig": config}, OWN)


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
        # of another container, which may have the host's network
        ({"NetworkMode": "container:4567def"}, "NetworkMode container:4567def"),
        ({"PidMode": "container:0123abc"}, "PidMode container:0123abc"),
        ({"IpcMode": "container:0123abc"}, "IpcMode container:0123abc"),
        ({"IpcMode": "shareable"}, "IpcMode shareable"),
        # a foreign network, which may be one of the host's interfaces
        ({"NetworkMode": "lan"}, "NetworkMode lan"),
        ({"SecurityOpt": ["no-new-privileges=false"]}, "SecurityOpt no-new-privileges=false"),
        ({"SecurityOpt": ["no-new-privileges:false"]}, "SecurityOpt no-new-privileges:false"),
        ({"SecurityOpt": ["no-new-privileges:true", "label=disable"]}, "SecurityOpt label=disable"),
        ({"LogConfig": {"Type": "syslog", "Config": {"syslog-address": "unix:///dev/log"}}}, "LogConfig syslog"),
        ({"LogConfig": {"Type": "gelf"}}, "LogConfig gelf"),
        ({"VolumeDriver": "sshfs"}, "VolumeDriver sshfs"),
        ({"Sysctls": {"net.ipv4.ip_forward": "1"}}, "Sysctls"),
        ({"MaskedPaths": ["/proc/acpi"]}, "MaskedPaths"),
        ({"OomScoreAdj": -999}, "OomScoreAdj -999"),
        ({"GroupAdd": ["docker"]}, "GroupAdd"),
        ({"Links": ["other:other"]}, "Links"),
        ({"AReleaseLater": True}, "AReleaseLater True"),
    ],
)
def test_what_a_container_may_not_have(config: dict[str, Any], found: str) -> None:
    assert host_access(config, OWN).startswith(found)
    assert request_problem(CREATE, {"Image": "a", "HostConfig": config}, OWN) == host_access(config, OWN)


@pytest.mark.parametrize(
    ("path", "body", "found"),
    [
        (CREATE, {"Image": "a"}, ""),
        ("/v1.47/volumes/create", {"Name": "a"}, ""),
        ("/v1.47/volumes/create", {"DriverOpts": {"type": "none", "o": "bind", "device": "/"}}, "DriverOpts"),
        ("/v1.47/containers/a/exec", {"Cmd": ["ls"], "Privileged": False}, ""),
        ("/v1.47/containers/a/exec", {"Privileged": True}, "Privileged"),
        ("/v1.47/services/create", {}, "a call of /services/create"),
        ("/v1.47/swarm/init", {}, "a call of /swarm/init"),
        ("/v1.47/plugins/a/set", {}, "a call of /plugins/a/set"),
        ("/v1.47/volumes/create", {"Name": "a", "Driver": "local", "Labels": {"a": "b"}}, ""),
        ("/v1.47/volumes/create", {"Name": "a", "Driver": "sshfs"}, "Driver sshfs"),
        ("/v1.47/networks/create", {"Name": "n"}, ""),
        ("/v1.47/networks/create", {"Name": "n", "Driver": "bridge", "Options": None, "CheckDuplicate": True}, ""),
        ("/v1.47/networks/create", {"Name": "n", "Driver": "macvlan"}, "Driver macvlan"),
        ("/v1.47/networks/create", {"Name": "n", "Driver": "bridge", "Options": {"parent": "eth0"}}, "Options"),
        ("/v1.47/networks/create", {"Name": "n", "ConfigFrom": {"Network": "lan"}}, "ConfigFrom"),
        ("/v1.47/networks/ours/connect", {"Container": "a"}, ""),
        ("/v1.47/networks/lan/connect", {"Container": "a"}, "the network lan"),
        ("/v1.47/networks/ours/disconnect", {"Container": "a"}, ""),
        (CREATE, {"NetworkingConfig": {"EndpointsConfig": {"ours": None}}}, ""),
        (CREATE, {"NetworkingConfig": {"EndpointsConfig": {"lan": None}}}, "the network lan"),
        ("/v1.47/containers/a/update", {"Memory": 1}, ""),
        ("/v1.47/containers/a/update", {"Devices": [1]}, "Devices"),
        ("/v1.47/exec/a/start", {"Tty": False}, ""),
        ("/v1.47/auth", {"username": "a"}, ""),
        ("/containers/create", {"HostConfig": {"Privileged": True}}, "Privileged True"),
    ],
)
def test_what_is_asked_of_the_engine(path: str, body: dict[str, Any], found: str) -> None:
    assert request_problem(path, body, OWN).startswith(found)
    assert bool(request_problem(path, body, OWN)) is bool(found)


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


# In a separate process, because it can't undo the restrictions.
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


# The engine answers each creation with a new id.
MADE = """
import json, docker, requests
from local_aws import confine
asked = []
def engine(self, url, data=None, **more):
    asked.append(url)
    answer = requests.Response()
    answer.status_code, answer._content = 201, json.dumps({"Id": f"id{len(asked)}"}).encode()
    return answer
docker.APIClient._post = engine
confine.no_host_access()
client = docker.APIClient(base_url="tcp://127.0.0.1:1", version="1.47")
def create(network):
    return client.create_container("a", host_config=client.create_host_config(network_mode=network))["Id"]
def attempt(network):
    try:
        print(network, create(network))
    except docker.errors.InvalidArgument:
        print(network, "refused")
attempt("container:id1")
first = create("bridge")
attempt(f"container:{first}")
attempt("net")
client.create_network("net")
attempt("net")
attempt("container:other")
"""


def test_containers_share_the_networks_that_this_process_made() -> None:
    done = subprocess.run([sys.executable, "-c", MADE], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        "container:id1 refused",
        "container:id1 id2",
        "net refused",
        "net id4",
        "container:other refused",
    ], done.stderr


def test_a_confined_process() -> None:
    done = subprocess.run([sys.executable, "-c", CONFINED], capture_output=True, text=True, check=False)
    words = [line.split(" ", 1) for line in done.stdout.splitlines()]
    assert [what for _name, what in words] == ["refused"] * 13, done.stdout + done.stderr
