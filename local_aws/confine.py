# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Restrict the process of the local AWS, whatever MiniStack does: no programs, no access of containers to the host."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from docker.api.client import APIClient
from docker.errors import InvalidArgument

from local_aws.corrections._patch import replace

Config = dict[str, Any]

STARTS_A_PROGRAM = frozenset(
    {
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.spawn",
        "os.startfile",
        "os.system",
        "pty.spawn",
        "subprocess.Popen",
    }
)
# The one capability that Fargate lets a task add.
CAPABILITIES = frozenset({"SYS_PTRACE", "CAP_SYS_PTRACE"})
# Settings of the engine's HostConfig that limit a container or affect only itself.
HARMLESS = frozenset(
    {
        "AutoRemove",
        "BlkioWeight",
        "CapDrop",
        "CpuCount",
        "CpuPercent",
        "CpuPeriod",
        "CpuQuota",
        "CpuShares",
        "CpusetCpus",
        "CpusetMems",
        # lines of its own /etc/hosts
        "ExtraHosts",
        "Init",
        "KernelMemory",
        "Memory",
        "MemoryReservation",
        "MemorySwap",
        "MemorySwappiness",
        "NanoCpus",
        "PidsLimit",
        # see on_loopback
        "PortBindings",
        "ReadonlyRootfs",
        "RestartPolicy",
        "ShmSize",
        "Tmpfs",
        "Ulimits",
    }
)
# Values of other settings that do not reach beyond the container.
VALUES = {
    "CgroupnsMode": ("private",),
    "IpcMode": ("none", "private"),
    "VolumeDriver": ("local",),
}
NETWORKS = frozenset({"bridge", "default", "none"})
SECURITY_OPTIONS = frozenset({"no-new-privileges", "no-new-privileges:true", "no-new-privileges=true"})
# Log drivers that write into the engine's own folder.
LOG_DRIVERS = frozenset({"json-file", "local", "none"})
# Allowed options of networks and volumes. Only local drivers: others' options reach interfaces and folders of the host.
OF_A_NETWORK = frozenset({"Attachable", "CheckDuplicate", "EnableIPv6", "Internal", "Labels", "Name"})
OF_A_VOLUME = frozenset({"Labels", "Name"})
# Other calls with a body that are allowed: a login, and actions on an existing container.
FREE = re.compile(r"/auth|/commit|/exec/[^/]+/(start|resize)|/networks/[^/]+/disconnect")
RELEASE = re.compile(r"^/v[0-9.]+(?=/)")


def is_credential_helper(event: str, arguments: tuple[Any, ...]) -> bool:
    """Return whether an event starts a credential helper of Docker's config.json, which the SDK uses for logins."""
    if event != "subprocess.Popen":
        return False
    program = arguments[0] or (arguments[1] or [""])[0]
    return PurePath(str(program)).name.startswith("docker-credential-")


def audit(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse to start a program, as an audit hook. Python can't remove a hook again."""
    if event in STARTS_A_PROGRAM and not is_credential_helper(event, arguments):
        raise PermissionError(f"The local AWS starts no programs outside of containers ({event}).")


def is_host_path(source: str) -> bool:
    """Return whether the source of a bind is a path of the host and not a volume's name."""
    return source.startswith((".", "~")) or "/" in source or "\\" in source


def host_access(config: Config, own: Collection[str] = ()) -> str:
    """Return what a container could reach of the host with this HostConfig, '' for nothing.

    A setting that is not known to be harmless counts as reaching the host.

    :param own: ids of the containers, and names and ids of the networks, that this process has created.
    """
    for name, value in config.items():
        found = reaching(name, value, own) if value else []
        if found:
            return f"{'a mount of' if name in ('Binds', 'Mounts') else name} {', '.join(map(str, found))}"
    return ""


def reaching(name: str, value: Any, own: Collection[str]) -> list[Any]:
    """Return the values of a HostConfig's setting that reach beyond the container."""
    match name:
        case "Binds":
            return [bind for bind in value if is_host_path(bind.split(":", 1)[0])]
        case "Mounts":
            return [mount.get("Source") for mount in value if not is_own_storage(mount)]
        case "CapAdd":
            return [capability for capability in value if capability.upper() not in CAPABILITIES]
        case "SecurityOpt":
            return [option for option in value if option not in SECURITY_OPTIONS]
        case "LogConfig":
            return [] if value.get("Type") in (None, "", *LOG_DRIVERS) else [value["Type"]]
        case "NetworkMode":
            return [] if is_own_network(value, own) else [value]
    return [] if name in HARMLESS or value in VALUES.get(name, ()) else [value]


def is_own_network(name: str, own: Collection[str]) -> bool:
    """Return whether a network is the engine's default one, one of this process, or one of its containers'."""
    return name in NETWORKS or name.removeprefix("container:") in own


def is_own_storage(mount: Config) -> bool:
    return mount.get("Type") == "tmpfs" or (
        mount.get("Type") == "volume" and not (mount.get("VolumeOptions") or {}).get("DriverConfig")
    )


def others(body: Config, known: Collection[str], driver: str) -> str:
    """Return the options of a new network or volume that are not known to be harmless, '' for none."""
    asked = {name: value for name, value in body.items() if value and name not in known}
    if asked.get("Driver") == driver:
        del asked["Driver"]
    return ", ".join(f"{name} {value}" for name, value in asked.items())


def request_problem(path: str, body: Config, own: Collection[str] = ()) -> str:
    """Return what a POST to the engine's API would open of the host, '' for nothing.

    :param path: path of the API, such as ``/v1.47/containers/create``.
    :param own: as in ``host_access``.
    """
    path = RELEASE.sub("", path)
    match path.strip("/").split("/"):
        case ["containers", "create"]:
            networks = (body.get("NetworkingConfig") or {}).get("EndpointsConfig") or {}
            foreign = [name for name in networks if not is_own_network(name, own)]
            return f"the network {foreign[0]}" if foreign else host_access(body.get("HostConfig") or {}, own)
        case ["containers", _, "exec"]:
            return "Privileged" if body.get("Privileged") else ""
        case ["containers", _, "update"]:
            return host_access(body, own)
        case ["networks", "create"]:
            return others(body, OF_A_NETWORK, "bridge")
        case ["networks", name, "connect"]:
            return "" if is_own_network(name, own) else f"the network {name}"
        case ["volumes", "create"]:
            return others(body, OF_A_VOLUME, "local")
    return "" if FREE.fullmatch(path) else f"a call of {path}"


def on_loopback(config: Config) -> Config:
    """Return a HostConfig whose ports are published on 127.0.0.1, not on every address of this machine."""
    bindings = config.get("PortBindings") or {}
    bound = {port: [{**one, "HostIp": "127.0.0.1"} for one in those or [{}]] for port, those in bindings.items()}
    return {**config, "PortBindings": bound} if bound else config


def no_programs() -> None:
    """Keep this process from starting programs from now on."""
    sys.addaudithook(audit)


def no_host_access() -> None:
    """Keep the Docker SDK of this process from creating containers or volumes that reach the host, from now on."""

    own: set[str] = set()

    def confined(original: Any) -> Any:
        def post(self: APIClient, url: str, data: Config, **more: Any) -> Any:
            path = urlsplit(url).path
            problem = request_problem(path, data or {}, own)
            if problem:
                raise InvalidArgument(
                    f"The local AWS gives containers nothing of the host, and was asked for {problem}."
                )
            if (data or {}).get("HostConfig"):
                data = {**data, "HostConfig": on_loopback(data["HostConfig"])}
            answer = original(self, url, data, **more)
            if path.endswith(("/containers/create", "/networks/create")) and answer.ok:
                own.update({answer.json()["Id"], *([data["Name"]] if "Name" in data else [])})
            return answer

        return post

    # all calls with a body use it
    replace(APIClient, "_post_json", confined)
