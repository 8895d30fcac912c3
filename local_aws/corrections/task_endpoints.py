# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The endpoints that a task reaches through the relay: its metadata, its role's credentials, and the API with those."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from local_aws import relay, settings, task_metadata
from local_aws.corrections._patch import corrects, part, service
from local_aws.relay import ADDRESS, API_PORT

Data = dict[str, Any]
Record = dict[str, Any]

LOGGER = logging.getLogger(__name__)
SECONDS_OF_A_SESSION = 6 * 3600
RENEWED_BEFORE = 15 * 60

# The port on loopback for the relay, which nobody else uses.
LISTENER: tuple[str, int] = ("127.0.0.1", 0)
FROM_A_TASK: ContextVar[bool] = ContextVar("from_a_task", default=False)

CONTAINERS: dict[str, tuple[Record, str]] = {}
"""Task and container name by token."""
SESSIONS: dict[str, tuple[Record, str]] = {}
"""Task and role ARN by the id of their credentials."""
ISSUED: dict[str, Data] = {}
"""The credentials that were issued last, by the same id."""

_RELAY: list[relay.Relay] = []
_LOCK = threading.Lock()


def relay_of(engine: Any) -> relay.Relay | None:
    """Return the relay, started for the first task; None if that fails: tasks then lack its endpoints."""
    with _LOCK:
        if _RELAY and _RELAY[0].alive:
            return _RELAY[0]
        made = relay.Relay(engine, part("core.container_reaper").own_labels("relay"), LISTENER)
        try:
            made.start()
        except (relay.RelayError, TimeoutError) as failure:
            LOGGER.warning("tasks have neither metadata nor credentials nor Service Connect: %s", failure)
            return None
        _RELAY[:] = [made]
        return made


def introduce(task: Record, definition: Data, name: str) -> dict[str, str]:
    """Register a container with the endpoints, and return the variables by which it finds them."""
    token = f"{task_metadata.task_id(task).replace('-', '')}-{secrets.randbelow(10**10):010}"
    CONTAINERS[token] = (task, name)
    task.setdefault("_tokens", []).append(token)
    role = definition.get("taskRoleArn")
    if role and "_credentials" not in task:
        task["_credentials"] = secrets.token_hex(16)
        SESSIONS[task["_credentials"]] = (task, role)
    found = task_metadata.environment(task, token, task.get("_credentials"), ADDRESS)
    return {**found, "AWS_ENDPOINT_URL": f"http://{ADDRESS}:{API_PORT}"}


def forget(task: Record) -> None:
    """Stop answering for a stopped task."""
    for token in task.pop("_tokens", []):
        CONTAINERS.pop(token, None)
    gone = task.pop("_credentials", None)
    SESSIONS.pop(gone, None)
    ISSUED.pop(gone, None)


def credentials(identity: str) -> Data | None:
    """Return the credentials of a task's role, in the endpoint's form; the previous ones until they nearly expire."""
    if identity not in SESSIONS:
        return None
    held = ISSUED.get(identity)
    if held is None or held["_until"] - time.time() < RENEWED_BEFORE:
        held = ISSUED[identity] = issue(*SESSIONS[identity])
    return {key: value for key, value in held.items() if not key.startswith("_")}


def issue(task: Record, role: str) -> Data:
    sts, name = service("sts"), task_metadata.task_id(task)
    until = time.time() + SECONDS_OF_A_SESSION
    key, secret, token = sts._gen_session_access_key(), sts._gen_secret(), sts._gen_session_token()
    account, region = role.split(":")[4], task["taskArn"].split(":")[3]
    with part("core.responses").request_scope(account, region):
        arn, _session_id = sts._assumed_role_arn(role, name)
        session = {
            "Arn": arn,
            "UserId": f"{sts._role_id(role)}:{name}",
            "SecretAccessKey": secret,
            "SessionToken": token,
            "Expiration": until,
            "AccountId": account,
            "PrincipalType": "AssumedRole",
        }
        sts.register_session(key, session)
    return {
        "RoleArn": role,
        "AccessKeyId": key,
        "SecretAccessKey": secret,
        "Token": token,
        "Expiration": datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "_until": until,
    }


def zone_of(task: Record) -> str:
    details = {d["name"]: d["value"] for one in task.get("attachments") or [] for d in one.get("details", [])}
    subnet = service("ec2")._subnets.get(details.get("subnetId", ""), {})
    return str(subnet.get("AvailabilityZone") or f"{task['taskArn'].split(':')[3]}a")


def metadata(token: str, rest: str) -> Any:
    """Return the document at a path below a container's, None if there is none."""
    if token not in CONTAINERS:
        return None
    task, name = CONTAINERS[token]
    account, region = task["taskArn"].split(":")[4], task["taskArn"].split(":")[3]
    with part("core.responses").request_scope(account, region):
        ecs = service("ecs")
        definition = ecs._task_defs.get(ecs._resolve_td_key(task["taskDefinitionArn"]))
        match rest:
            case "":
                return task_metadata.container(task, definition, name)
            case "task":
                return task_metadata.task(task, definition, zone_of(task))
            case "taskWithTags":
                tags = {tag["key"]: tag["value"] for tag in ecs._tags.get(task["taskArn"], [])}
                return {**task_metadata.task(task, definition, zone_of(task)), "TaskTags": tags}
            case "stats":
                return stats(task).get(task_metadata.docker_id(task, name))
            case "task/stats":
                return stats(task)
    return None


def stats(task: Record) -> Data:
    """Return the engine's statistics of each container of a task, by its id."""
    api = service("ecs")._get_docker().api
    return {one: api.stats(one, stream=False, one_shot=True) for one in list(task.get("_docker_names", {}))}


class Enforced:
    """Whether IAM is enforced on the current request: always for a task's, because its role must matter."""

    def __init__(self, always: bool) -> None:
        self.always = always

    def __bool__(self) -> bool:
        return self.always or FROM_A_TASK.get()


@corrects(
    "ecs",
    aws="a task has the metadata endpoint, and the credentials of its role, with which the API allows only what the "
    "role allows",
    evidence="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html",
)
def give_tasks_their_role() -> None:
    app = part("app")
    app.AUTH = Enforced(bool(app.AUTH))


def listens_at(address: tuple[str, int]) -> None:
    """Set where the relay reaches us."""
    global LISTENER  # noqa: PLW0603 - known once the socket is bound
    LISTENER = address


def network_name() -> str:
    return relay.name() if settings.containers_on() else "bridge"
