# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""ECS tasks as containers: their options from the task definition, and why and how a task stopped."""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import docker
from docker.errors import APIError, ImageNotFound, NotFound

from local_aws import base_image, settings
from local_aws.corrections import ecs_connect, target_health, task_endpoints
from local_aws.corrections._patch import corrects, instead, part, replace, service

Definition = dict[str, Any]
Record = dict[str, Any]

MIB = 1024 * 1024
NANOSECONDS = 10**9
STOP_TIMEOUT = 30
ECR_HOST = re.compile(r"^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/")
FORWARDERS: dict[str, threading.Thread] = {}
BEFORE_STOP: list[Callable[[Record], None]] = []
WHEN_SERVING: list[Callable[[Record, Record], None]] = []


class StartError(Exception):
    """A task that can't start; the text is the task's stoppedReason, as ECS words it."""


def local_image(image: str, port: int) -> str:
    """Return the name with which the local engine can pull an image of an ECR repository."""
    return f"localhost:{port}/{image}" if ECR_HOST.match(image) else image


def pull(engine: Any, image: str, credentials: dict[str, str] | None = None) -> None:
    """Provide an image: always pull from the local registry, from elsewhere only if the engine lacks it."""
    registry_is_ours = image.startswith(f"localhost:{settings.gateway_port()}/")
    if not registry_is_ours:
        try:
            engine.images.get(image)
            return
        except ImageNotFound:
            pass
    try:
        engine.images.pull(image, **({"auth_config": credentials} if credentials else {}))
    except (APIError, ImageNotFound, OSError) as error:
        why = getattr(error, "explanation", None) or str(error)
        raise StartError(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
            f"{image}: {why}"
        ) from error


def seconds_to_ns(value: Any, default: int) -> int:
    return int(value if value is not None else default) * NANOSECONDS


def health_check(container: Definition) -> dict[str, Any]:
    """Return the container's own health check; ECS ignores an image's HEALTHCHECK."""
    given = container.get("healthCheck")
    if not given:
        return {"test": ["NONE"]}
    return {
        "test": given["command"],
        "interval": seconds_to_ns(given.get("interval"), 30),
        "timeout": seconds_to_ns(given.get("timeout"), 5),
        "retries": int(given.get("retries", 3)),
        "start_period": seconds_to_ns(given.get("startPeriod"), 0),
    }


def resources(definition: Definition, container: Definition) -> dict[str, Any]:
    """Return CPU and memory limits: the container's own, else the task's."""
    limits: dict[str, Any] = {}
    memory = int(container.get("memory") or definition.get("memory") or 0)
    if memory:
        limits["mem_limit"] = limits["memswap_limit"] = memory * MIB
    units = int(definition.get("cpu") or container.get("cpu") or 0)
    if units:
        limits["nano_cpus"] = units * NANOSECONDS // 1024
    return limits


def container_options(definition: Definition, container: Definition, task_id: str) -> dict[str, Any]:
    """Return Docker's options for one container of a task definition, except network, name and labels."""
    linux = container.get("linuxParameters") or {}
    capabilities = linux.get("capabilities") or {}
    options: dict[str, Any] = {
        "command": container.get("command"),
        "entrypoint": container.get("entryPoint"),
        "working_dir": container.get("workingDirectory"),
        "user": container.get("user"),
        "read_only": bool(container.get("readonlyRootFilesystem")),
        "init": bool(linux.get("initProcessEnabled")),
        "cap_add": capabilities.get("add"),
        "cap_drop": capabilities.get("drop"),
        "healthcheck": health_check(container),
        "volumes": mounts(container, task_id),
        **resources(definition, container),
    }
    if container.get("ulimits"):
        options["ulimits"] = [
            {"Name": u["name"], "Soft": int(u["softLimit"]), "Hard": int(u["hardLimit"])} for u in container["ulimits"]
        ]
    return {key: value for key, value in options.items() if value not in (None, [], {}, False)}


def mounts(container: Definition, task_id: str) -> list[str]:
    """Return bind strings; each volume belongs to the task and is removed with it, none is of the host."""
    return [
        f"{volume_name(task_id, m['sourceVolume'])}:{m['containerPath']}:" + ("ro" if m.get("readOnly") else "rw")
        for m in container.get("mountPoints", [])
    ]


def volume_name(task_id: str, volume: str) -> str:
    return f"local-aws-{task_id}-{volume}"


def restarts(container: Definition) -> bool:
    """Return whether ECS restarts an ended container while its task continues."""
    return bool((container.get("restartPolicy") or {}).get("enabled"))


def start_order(containers: Iterable[Definition]) -> list[Definition]:
    """Return containers in an order in which each follows those that it depends on."""
    left = list(containers)
    done: list[Definition] = []
    while left:
        started = {c["name"] for c in done}
        free = [c for c in left if all(d["containerName"] in started for d in c.get("dependsOn", []))]
        if not free:
            raise StartError("TaskFailedToStart: the containers' dependsOn has a cycle")
        done += free
        left = [c for c in left if c not in free]
    return done


def secret_value(secret: dict[str, str]) -> str:
    """Return a secret's value from SSM or Secrets Manager, or raise StartError in ECS's words.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html
    """
    source = secret["valueFrom"]
    failed = (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
    )
    if ":secretsmanager:" not in source:
        value = service("ssm").resolve_parameter_value(source, decrypt=True)
        if value is None:
            raise StartError(
                f"{failed}unable to retrieve secrets from ssm: service call has been retried 1 time(s): "
                f"invalid ssm parameters: {source.rsplit(':parameter', 1)[-1]}"
            )
        return str(value)
    parts = [*source.split(":"), "", "", ""]
    arn, key, stage, version_id = ":".join(parts[:7]), parts[7], parts[8], parts[9]
    text = service("secretsmanager").resolve_secret_string(arn, stage or "AWSCURRENT", version_id or None)
    if text is None:
        raise StartError(
            f"{failed}unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch "
            f"secret {arn} from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified "
            "secret."
        )
    if not key:
        return str(text)
    try:
        return str(json.loads(text)[key])
    except (ValueError, KeyError, TypeError) as error:
        raise StartError(
            f"{failed}unable to retrieve secret from asm: service call has been retried 1 time(s): retrieved secret "
            f"from Secrets Manager did not contain json key {key}"
        ) from error


def registry_credentials(container: Definition) -> dict[str, str] | None:
    """Return the login to the registry of a container's image, None if it needs none; StartError if it is missing."""
    given = container.get("repositoryCredentials")
    if not given:
        return None
    try:
        found = json.loads(secret_value({"valueFrom": given["credentialsParameter"]}))
        return {"username": found["username"], "password": found["password"]}
    except (ValueError, KeyError, TypeError) as error:
        raise StartError(
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval "
            "failed: unable to retrieve secret from asm: the secret has no username and password"
        ) from error


def variables_of_files(container: Definition) -> dict[str, str]:
    """Return the variables of a container's environment files, the first value of each.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html
    """
    found: dict[str, str] = {}
    for file in container.get("environmentFiles", []):
        bucket, _slash, key = file["value"].partition(":::")[2].partition("/")
        data = service("s3")._get_object_data(bucket, key) if bucket in service("s3")._buckets else None
        if data is None:
            raise StartError(
                "ResourceInitializationError: failed to download env files: file download command: non empty error "
                f"stream: {file['value']}: NoSuchKey"
            )
        for line in data.decode("utf-8", "replace").splitlines():
            name, equals, value = line.partition("=")
            if equals and not line.startswith("#"):
                found.setdefault(name, value)
    return found


def check_roles(definition: Definition) -> None:
    """Refuse to start a task whose role does not exist."""
    roles = service("iam")._roles
    for role in ("executionRoleArn", "taskRoleArn"):
        arn = definition.get(role)
        if arn and roles.get(arn.rsplit("/", 1)[-1]) is None:
            raise StartError(
                f"ECS was unable to assume the role '{arn}' that was provided for this task. Please verify that the "
                "role being passed has the proper trust relationship and permissions and that your IAM user has "
                "permissions to pass this role."
            )


def log_config(ecs: Any, container: Definition, task_id: str) -> dict[str, Any] | None:
    """Return the awslogs driver's destination, after creating its stream; StartError if the group is missing."""
    config: dict[str, Any] | None = ecs._awslogs_config(container, task_id, task_id)
    if config is None:
        return None
    region = config["region"] or ecs.get_region()
    with part("core.responses").request_scope(ecs.get_account_id(), region):
        if not ecs._ensure_awslogs_stream(config):
            raise StartError(
                "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: "
                "failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not "
                "exist. : exit status 1"
            )
    return {**config, "region": region}


def forward_logs(ecs: Any, container: Any, config: dict[str, Any], since: float | None = None) -> None:
    """Send each line of a container to CloudWatch Logs until it ends; after a restart, only the new lines."""
    account = ecs.get_account_id()

    def run() -> None:
        with part("core.responses").request_scope(account, config["region"]):
            rest = b""
            for chunk in container.logs(stream=True, follow=True, stdout=True, stderr=True, since=since):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    ecs._emit_awslogs_event(config, line.decode("utf-8", "replace"))
            if rest:
                ecs._emit_awslogs_event(config, rest.decode("utf-8", "replace"))

    thread = threading.Thread(target=run, daemon=True, name=f"awslogs-{container.id[:12]}")
    FORWARDERS[container.id] = thread
    thread.start()


class Starter:
    """Start one task, from PENDING to RUNNING."""

    def __init__(self, task: Record, definition: Definition, overrides: list[dict[str, Any]], engine: Any) -> None:
        self.ecs = service("ecs")
        self.task = task
        self.definition = definition
        self.overrides = {o["name"]: o for o in overrides}
        self.engine = engine
        self.task_id = task["taskArn"].rsplit("/", 1)[-1]
        self.started: dict[str, Any] = {}

    def run(self) -> None:
        ecs, arn = self.ecs, self.task["taskArn"]
        if not (ecs._mark_task_pending(arn, self.task) and ecs._mark_task_activating(arn, self.task)):
            return
        check_roles(self.definition)
        self.relay = task_endpoints.relay_of(self.engine) if self._is_awsvpc else None
        self._hold_network()
        for container in start_order(self.definition["containerDefinitions"]):
            self._wait_for(container)
            if not ecs._task_is_active(arn, self.task):
                return
            self._start(container)
        if not ecs._mark_task_running(arn, self.task):
            remove_containers(self.task, self.engine)

    @property
    def _is_awsvpc(self) -> bool:
        return bool(self.definition.get("networkMode") == "awsvpc")

    def _hold_network(self) -> None:
        """Create a container that holds the network if one of the task's may end, or restart, before others.

        ECS does so for each task: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html
        """
        containers = self.definition["containerDefinitions"]
        if not self.relay or (len(containers) == 1 and not restarts(containers[0])):
            return
        held = self.engine.containers.create(
            base_image.IMAGE,
            ["sleep", "infinity"],
            name=f"ecs-{self.task_id}-internal-ecs-pause",
            labels=self._labels("~internal~ecs~pause"),
            **self._network(),
        )
        self.task["_network_holder"] = held.id
        held.start()
        self._note_address(held)

    def _note_address(self, container: Any) -> None:
        self.ecs._record_task_ip(self.task, container, task_endpoints.network_name())
        record_address(self.task)

    def _start(self, container: Definition) -> None:
        ecs, name = self.ecs, container["name"]
        override = self.overrides.get(name, {})
        environment = task_endpoints.introduce(self.task, self.definition, name) if self.relay else {}
        environment.update(variables_of_files(container))
        environment.update({e["name"]: e["value"] for e in container.get("environment", [])})
        environment.update({s["name"]: secret_value(s) for s in container.get("secrets", [])})
        environment.update({e["name"]: e["value"] for e in override.get("environment", [])})
        effective = {**container, **({"command": override["command"]} if "command" in override else {})}
        image = local_image(container["image"], settings.gateway_port())
        pull(self.engine, image, registry_credentials(container))
        logs = log_config(ecs, container, self.task_id)
        options = container_options(self.definition, effective, self.task_id)
        created = self._create(image, name, environment, options, container)
        record = next(c for c in self.task["containers"] if c["name"] == name)
        with ecs.resource_lock("ecs-task", self.task["taskArn"]):
            self.task.setdefault("_docker_ids", []).append(created.id)
            self.task.setdefault("_docker_names", {})[created.id] = name
        try:
            created.start()
        except Exception as error:
            raise StartError(f"CannotStartContainerError: {getattr(error, 'explanation', error)}") from error
        record.update(runtimeId=created.id[:12], lastStatus="RUNNING")
        self.task.setdefault("_runs", {})[name] = {
            "restarts": 0,
            "logs": logs,
            "policy": container["restartPolicy"] if restarts(container) else None,
        }
        if "@" in image:
            record["imageDigest"] = image.split("@", 1)[1]
        if logs:
            forward_logs(ecs, created, logs)
        if not self.started and "_network_holder" not in self.task:
            self._note_address(created)
        self.started[name] = created

    def _create(
        self, image: str, name: str, environment: dict[str, str], options: dict[str, Any], container: Definition
    ) -> Any:
        if self._is_awsvpc:
            options |= self._network()
        else:
            options["ports"] = {
                f"{m['containerPort']}/tcp": ("127.0.0.1", m.get("hostPort") or m["containerPort"])
                for m in container.get("portMappings", [])
            }
        try:
            return self.engine.containers.create(
                image,
                name=f"ecs-{self.task_id}-{name}",
                environment=environment,
                labels={**(container.get("dockerLabels") or {}), **self._labels(name)},
                **options,
            )
        except Exception as error:
            raise StartError(f"CannotCreateContainerError: {getattr(error, 'explanation', error)}") from error

    def _labels(self, name: str) -> dict[str, str]:
        return {
            **part("core.container_reaper").own_labels("ecs"),
            "com.amazonaws.ecs.cluster": self.task["clusterArn"],
            "com.amazonaws.ecs.container-name": name,
            "com.amazonaws.ecs.task-arn": self.task["taskArn"],
            "com.amazonaws.ecs.task-definition-family": self.definition["family"],
            "com.amazonaws.ecs.task-definition-version": str(self.definition["revision"]),
        }

    def _network(self) -> dict[str, Any]:
        """Return the network of the next container: that of the existing ones, else a new one for the task."""
        holder = self.task.get("_network_holder") or next((one.id for one in self.started.values()), None)
        if holder:
            # The containers of a task share one network interface.
            return {"network_mode": f"container:{holder}"}
        if not self.relay:
            return {}
        name = task_endpoints.network_name()
        own = self.engine.api.create_endpoint_config(link_local_ips=[next(self.relay.addresses)])
        hosts = ecs_connect.hosts(self.task, self.relay)
        return {"network": name, "networking_config": {name: own}, **({"extra_hosts": hosts} if hosts else {})}

    def _wait_for(self, container: Definition) -> None:
        """Wait until the containers that this one depends on meet its conditions, at most their startTimeout.

        If that has become impossible, the task ends: verifyContainerOrderingStatusResolvable of
        https://github.com/aws/amazon-ecs-agent/blob/master/agent/engine/dependencygraph/graph.go.
        """
        for dependency in container.get("dependsOn", []):
            other, condition = self.started[dependency["containerName"]], dependency["condition"]
            end = time.monotonic() + self._start_timeout(dependency["containerName"])
            while not condition_met(other, condition):
                over = time.monotonic() > end or never_met(other, condition)
                if over or not self.ecs._task_is_active(self.task["taskArn"], self.task):
                    raise StartError("Task failed to start")
                time.sleep(0.2)

    def _start_timeout(self, name: str) -> float:
        """Return the seconds that others wait for a container: its own, else ECS's default of three minutes."""
        containers = self.definition["containerDefinitions"]
        return float(next(one for one in containers if one["name"] == name).get("startTimeout") or 180)


def never_met(container: Any, condition: str) -> bool:
    """Return whether an ended container can no longer meet a dependsOn condition."""
    state = container.attrs["State"]
    return (
        condition != "COMPLETE" and state["Status"] == "exited" and (condition == "HEALTHY" or state["ExitCode"] != 0)
    )


def condition_met(container: Any, condition: str) -> bool:
    """Return whether a container meets a dependsOn condition (START, HEALTHY, COMPLETE or SUCCESS)."""
    if condition == "START":
        return True
    container.reload()
    state = container.attrs["State"]
    if condition == "HEALTHY":
        return bool((state.get("Health") or {}).get("Status") == "healthy")
    ended = state["Status"] == "exited"
    return ended and (condition == "COMPLETE" or state["ExitCode"] == 0)


def record_address(task: Record) -> None:
    """Store the address of an awsvpc task in each of its containers, as DescribeTasks shows it."""
    for attachment in task.get("attachments") or []:
        details = {d["name"]: d["value"] for d in attachment.get("details", [])}
        for container in task["containers"]:
            container["networkInterfaces"] = [
                {"attachmentId": attachment["id"], "privateIpv4Address": details.get("privateIPv4Address", "")}
            ]


def start_task(task: Record, definition: Definition, overrides: list[dict[str, Any]], engine: Any) -> None:
    """Run a task in its worker thread."""
    try:
        Starter(task, definition, overrides, engine).run()
    except StartError as error:
        fail_start(task, engine, str(error))
    except Exception as error:
        service("ecs").logger.exception("task %s could not start", task["taskArn"])
        fail_start(task, engine, f"ResourceInitializationError: {error}")


def fail_start(task: Record, engine: Any, reason: str) -> None:
    begin_stop(task, reason, "TaskFailedToStart")
    end_stop(task, engine)


def begin_stop(task: Record, reason: str, code: str) -> bool:
    """Mark a task as stopping; return false if it already was."""
    ecs = service("ecs")
    with ecs.resource_lock("ecs-task", task["taskArn"]):
        if task.get("desiredStatus") == "STOPPED" or task.get("_ecs_resetting"):
            return False
        ecs._bump_task_version(task)
        task.update(desiredStatus="STOPPED", lastStatus="DEACTIVATING", stoppedReason=reason, stopCode=code)
        task["stoppingAt"] = ecs._iso()
    for leave in BEFORE_STOP:
        leave(task)
    return True


def end_stop(task: Record, engine: Any) -> None:
    """End the containers of a stopping task, and set it STOPPED with their exit codes."""
    ecs = service("ecs")
    wait_until_drained(task)
    task["lastStatus"] = "STOPPING"
    if engine is not None:
        stop_containers(task, engine)
        note_exits(task, engine)
    now = ecs._iso()
    with ecs.resource_lock("ecs-task", task["taskArn"]):
        ecs._bump_task_version(task)
        for container in task["containers"]:
            container["lastStatus"] = "STOPPED"
        task.update(lastStatus="STOPPED", executionStoppedAt=now, stoppedAt=now)
    if engine is not None:
        remove_containers(task, engine)


def stop(task: Record, reason: str, code: str) -> None:
    """Stop a task in the background: deregister its targets, SIGTERM, stopTimeout, SIGKILL."""
    if begin_stop(task, reason, code):
        ecs = service("ecs")
        part("core.concurrency").spawn_background(end_stop, task, ecs._get_docker(), thread_name="ecs-stop")


def wait_until_drained(task: Record) -> None:
    """Wait until the task's targets have no requests in flight, at most the deregistration delay."""
    for group_arn, host, port in task.get("_targets", []):
        end = time.monotonic() + max(0.3, target_health.drain_seconds(group_arn))
        time.sleep(0.1)
        while target_health.CHECKER.in_flight((host, port)) > 0 and time.monotonic() < end:
            time.sleep(0.05)


def stop_containers(task: Record, engine: Any) -> None:
    definition = service("ecs")._task_defs.get(task["taskDefinitionArn"].rsplit("/", 1)[-1]) or {}
    timeouts = {c["name"]: int(c.get("stopTimeout", STOP_TIMEOUT)) for c in definition.get("containerDefinitions", [])}
    threads = []
    for docker_id, name in task.get("_docker_names", {}).items():
        args = (engine, docker_id, timeouts.get(name, STOP_TIMEOUT))
        threads.append(threading.Thread(target=_stop_one, args=args, daemon=True))
        threads[-1].start()
    for thread in threads:
        thread.join()


def _stop_one(engine: Any, docker_id: str, timeout: int) -> None:
    try:
        engine.api.stop(docker_id, timeout=timeout)
    except (APIError, OSError):
        service("ecs").logger.warning("container %s could not be stopped", docker_id[:12])


def note_exits(task: Record, engine: Any) -> None:
    """Store exit codes, and why a container was killed, in the task's containers."""
    for docker_id, name in task.get("_docker_names", {}).items():
        try:
            state = engine.api.inspect_container(docker_id)["State"]
        except (NotFound, APIError, OSError):
            continue
        if state["Status"] not in ("exited", "dead"):
            continue
        record = next(c for c in task["containers"] if c["name"] == name)
        record.update(lastStatus="STOPPED", exitCode=state["ExitCode"])
        if state.get("OOMKilled"):
            record["reason"] = "OutOfMemoryError: Container killed due to memory usage"
        elif state.get("Error"):
            record["reason"] = f"CannotStartContainerError: {state['Error']}"


def remove_containers(task: Record, engine: Any) -> None:
    """Remove a stopped task's containers and volumes, once their logs are forwarded."""
    # The first container owns the network that the others share, so it is removed last.
    for docker_id in reversed(list(task.get("_docker_names", {}))):
        forwarder = FORWARDERS.pop(docker_id, None)
        if forwarder:
            forwarder.join(timeout=5)
        try:
            engine.api.remove_container(docker_id, v=True, force=True)
        except (APIError, OSError):
            service("ecs").logger.debug("container %s was gone", docker_id[:12])
    task["_docker_ids"] = []
    with contextlib.suppress(APIError, OSError, KeyError):
        engine.api.remove_container(task.pop("_network_holder"), v=True, force=True)
    task_endpoints.forget(task)
    task_id = task["taskArn"].rsplit("/", 1)[-1]
    definition = service("ecs")._task_defs.get(task["taskDefinitionArn"].rsplit("/", 1)[-1]) or {}
    for volume in definition.get("volumes", []):
        try:
            engine.api.remove_volume(volume_name(task_id, volume["name"]), force=True)
        except (APIError, OSError):
            continue


def observe(engine: Any) -> None:
    """Read all our containers in one call: exits, and container health checks."""
    ecs = service("ecs")
    tasks = {
        docker_id: task
        for _key, task in ecs._tasks.all_items()
        if task.get("lastStatus") in ("ACTIVATING", "RUNNING") and task.get("desiredStatus") == "RUNNING"
        for docker_id in task.get("_docker_ids", [])
    }
    if not tasks:
        return
    label = f"{part('core.container_reaper').INSTANCE_LABEL}={part('core.container_reaper').instance_id()}"
    for found in engine.api.containers(all=True, filters={"label": ["ministack=ecs", label]}):
        task = tasks.get(found["Id"])
        if task is None:
            continue
        name = task["_docker_names"][found["Id"]]
        note_health(task, name, found.get("Status", ""))
        if found["State"] in ("exited", "dead"):
            note_exit(task, name, engine)


def note_health(task: Record, name: str, status: str) -> None:
    marks = {"(healthy)": "HEALTHY", "(unhealthy)": "UNHEALTHY"}
    health = next((word for mark, word in marks.items() if mark in status), "UNKNOWN")
    next(c for c in task["containers"] if c["name"] == name)["healthStatus"] = health
    known = [c.get("healthStatus", "UNKNOWN") for c in task["containers"] if c["name"] in task.get("_checked", [])]
    if known:
        task["healthStatus"] = (
            "UNHEALTHY" if "UNHEALTHY" in known else "HEALTHY" if set(known) == {"HEALTHY"} else "UNKNOWN"
        )


def note_exit(task: Record, name: str, engine: Any) -> None:
    """End the task of an essential container that ended, unless it is restarted."""
    if task["lastStatus"] != "RUNNING" or started_again(task, name, engine):
        return
    note_exits(task, engine)
    essential = name in task.get("_essential", [])
    if not essential and any(c["lastStatus"] != "STOPPED" for c in task["containers"]):
        return
    account, region = task["taskArn"].split(":")[4], task["taskArn"].split(":")[3]
    with part("core.responses").request_scope(account, region):
        stop(task, "Essential container in task exited", "EssentialContainerExited")


def seconds_of(state: dict[str, str]) -> float:
    """Return how long an ended container ran, by the engine's clock."""
    started, finished = (datetime.fromisoformat(state[key]) for key in ("StartedAt", "FinishedAt"))
    return (finished - started).total_seconds()


def started_again(task: Record, name: str, engine: Any) -> bool:
    """Restart an ended container if its restart policy says so, and return whether it did.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html
    """
    run = task.get("_runs", {}).get(name) or {}
    policy = run.get("policy")
    docker_id = next((one for one, named in task["_docker_names"].items() if named == name), "")
    if not policy:
        return False
    state = engine.api.inspect_container(docker_id)["State"]
    period = float(policy.get("restartAttemptPeriod") or 300) * settings.time_scale()
    if state["ExitCode"] in policy.get("ignoredExitCodes", []) or seconds_of(state) < period:
        return False
    now = time.time()
    engine.api.start(docker_id)
    run["restarts"] += 1
    if run["logs"]:
        account, region = task["taskArn"].split(":")[4], task["taskArn"].split(":")[3]
        with part("core.responses").request_scope(account, region):
            forward_logs(service("ecs"), engine.containers.get(docker_id), run["logs"], since=now)
    return True


def run_worker(task: Record, definition: Definition, overrides: Any, *where: Any) -> None:
    """Run the worker thread of a task; ``where`` is its engine, account and region."""
    engine, account, region = where
    containers = definition["containerDefinitions"]
    task["_essential"] = [c["name"] for c in containers if c.get("essential", True)]
    task["_checked"] = [c["name"] for c in containers if c.get("healthCheck")]
    with part("core.responses").request_scope(account, region):
        start_task(task, definition, overrides, engine)


def stop_task(data: dict[str, Any]) -> Any:
    ecs = service("ecs")
    cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
    if cluster is None or cluster not in ecs._clusters:
        return ecs.error_response_json("ClusterNotFoundException", "Cluster not found.", 400)
    task = ecs._resolve_task(data.get("task", ""), cluster)
    if not task:
        return ecs.error_response_json("InvalidParameterException", "The referenced task was not found.", 400)
    stop(task, data.get("reason") or "Task stopped by user", "UserInitiated")
    return ecs.json_response({"task": ecs._sanitize(task)})


def get_engine() -> Any:
    ecs = service("ecs")
    if settings.containers_on() and ecs._docker is None:
        ecs._docker = docker.from_env(timeout=120, max_pool_size=64)
    return ecs._docker if settings.containers_on() else None


@corrects(
    "ecs",
    aws="containers follow their definition: cpu, memory, user, read-only root, entry point, health check, ulimits, "
    "volumes, secrets decrypted; stopped tasks have AWS's reason, stop code and exit codes",
    evidence="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html",
)
def run_containers() -> None:
    ecs = service("ecs")
    replace(ecs, "_run_task_worker", instead(run_worker))
    replace(ecs, "_maybe_mark_stopped", instead(lambda _task, _engine=None: None))

    replace(ecs, "_stop_task", instead(stop_task))

    replace(ecs, "_get_docker", instead(get_engine))


@corrects(
    "ecs",
    aws="times have milliseconds",
    evidence="botocore model of ecs: timestamps are unixTimestamp, AWS sends them with a fraction",
)
def keep_milliseconds() -> None:
    def exact(_original: Any) -> Any:
        def convert(value: Any) -> Any:
            if not isinstance(value, str):
                return value
            try:
                return datetime.fromisoformat(value).timestamp()
            except ValueError:
                return value

        return convert

    replace(service("ecs"), "_ts_to_epoch", exact)
