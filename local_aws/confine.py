# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the process of the local AWS can't do, whatever MiniStack asks for: start programs, give containers the host."""

from __future__ import annotations

import sys
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
NAMESPACES = ("NetworkMode", "PidMode", "IpcMode", "UTSMode", "UsernsMode", "CgroupnsMode")
# Settings of the engine's HostConfig that reach beyond the container.
REACHING = (
    "Privileged",
    "Devices",
    "DeviceRequests",
    "DeviceCgroupRules",
    "CgroupParent",
    "Runtime",
    "VolumesFrom",
    "PublishAllPorts",
)


def is_credential_helper(event: str, arguments: tuple[Any, ...]) -> bool:
    """Whether a start is that of a helper that Docker's config.json names: the Docker SDK asks it for a login."""
    if event != "subprocess.Popen":
        return False
    program = arguments[0] or (arguments[1] or [""])[0]
    return PurePath(str(program)).name.startswith("docker-credential-")


def audit(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook that refuses to start a program. Python has no way to take a hook away again."""
    if event in STARTS_A_PROGRAM and not is_credential_helper(event, arguments):
        raise PermissionError(f"The local AWS starts no programs outside of containers ({event}).")


def is_host_path(source: str) -> bool:
    """Whether the source of a bind is a path of the host; else it is a volume's name."""
    return source.startswith((".", "~")) or "/" in source or "\\" in source


def host_access(config: Config) -> str:
    """What a container could reach of the host by the engine's HostConfig, '' for nothing."""
    for name in REACHING:
        if config.get(name):
            return f"{name} {config[name]}"
    for name in NAMESPACES:
        if config.get(name) == "host":
            return f"{name} host"
    added = [name for name in config.get("CapAdd") or [] if name.upper() not in CAPABILITIES]
    loosened = [option for option in config.get("SecurityOpt") or [] if not option.startswith("no-new-privileges")]
    mounted = [bind for bind in config.get("Binds") or [] if is_host_path(bind.split(":", 1)[0])]
    mounted += [mount.get("Source") for mount in config.get("Mounts") or [] if not is_own_storage(mount)]
    for name, found in (("CapAdd", added), ("SecurityOpt", loosened), ("a mount of", mounted)):
        if found:
            return f"{name} {', '.join(map(str, found))}"
    return ""


def is_own_storage(mount: Config) -> bool:
    return mount.get("Type") == "tmpfs" or (
        mount.get("Type") == "volume" and not (mount.get("VolumeOptions") or {}).get("DriverConfig")
    )


def request_problem(path: str, body: Config) -> str:
    """What a POST to the engine's API would open of the host, '' for nothing.

    :param path: of the API, as ``/v1.47/containers/create``.
    """
    if path.endswith("/containers/create"):
        return host_access(body.get("HostConfig") or {})
    if path.endswith("/volumes/create"):
        # the local driver mounts any folder of the host by its options
        options = body.get("DriverOpts")
        return f"DriverOpts {options}" if options else ""
    if path.endswith("/exec"):
        return "Privileged" if body.get("Privileged") else ""
    return "a Swarm service" if path.endswith(("/services/create", "/swarm/init")) else ""


def on_loopback(config: Config) -> Config:
    """A HostConfig whose published ports are on 127.0.0.1, not on every address of this machine."""
    bindings = config.get("PortBindings") or {}
    bound = {port: [{**one, "HostIp": "127.0.0.1"} for one in those or [{}]] for port, those in bindings.items()}
    return {**config, "PortBindings": bound} if bound else config


def no_programs() -> None:
    """From here on, this process starts no programs."""
    sys.addaudithook(audit)


def no_host_access() -> None:
    """From here on, the Docker SDK of this process asks for no container or volume that reaches the host."""

    def confined(original: Any) -> Any:
        def post(self: APIClient, url: str, data: Config, **more: Any) -> Any:
            problem = request_problem(urlsplit(url).path, data or {})
            if problem:
                raise InvalidArgument(
                    f"The local AWS gives containers nothing of the host, and was asked for {problem}."
                )
            if (data or {}).get("HostConfig"):
                data = {**data, "HostConfig": on_loopback(data["HostConfig"])}
            return original(self, url, data, **more)

        return post

    # every call with a body goes through it
    replace(APIClient, "_post_json", confined)
