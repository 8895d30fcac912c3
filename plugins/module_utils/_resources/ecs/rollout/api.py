# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The API calls of a wait: one function each, every call counted, every error sorted into one of three classes.

botocore's retries are disabled (C(CLIENT_CONFIG)): the wait itself decides when to retry, so that a throttled call
never delays a verdict.
"""

from __future__ import annotations

import functools
import typing as t
from email.utils import parsedate_to_datetime

from ...._aws import codes
from ...._aws.errors import BotoCoreError, ClientError
from ...._aws.read import batched, last_events
from ..shapes import Service, ServiceDeployment, TargetGroup, TargetHealthDescription, Task

Given = t.ParamSpec("Given")
Answer = t.TypeVar("Answer")

CLIENT_CONFIG: dict[str, t.Any] = {"retries": {"total_max_attempts": 1}, "connect_timeout": 5, "read_timeout": 20}
SERVICES_PER_CALL = 10  # DescribeServices takes up to 10 services
TASKS_PER_CALL = 100  # DescribeTasks takes up to 100 tasks
MOST_RECORDS = 20  # service deployments that are read, newest first
MOST_TASKS = 500  # ECS lists stopped tasks for an hour in no order, so failed ones may be behind those of a scale-in


class WaitError(Exception):
    """A failed call: C(action) is the API action, C(code) AWS's error code or the name of botocore's exception."""

    def __init__(self, action: str, code: str, text: str) -> None:
        super().__init__(text)
        self.action, self.code, self.text = action, code, text

    @property
    def expired(self) -> bool:
        """Whether the credentials have expired."""
        return self.code in codes.EXPIRED or "expired" in self.text.lower()

    @property
    def wrong_clock(self) -> bool:
        """Whether this machine's clock differs from AWS's."""
        return any(phrase in self.text for phrase in ("Signature expired", "Signature not yet current"))

    @property
    def unknown_key(self) -> bool:
        """Whether AWS does not know the credentials."""
        return self.code in codes.UNKNOWN_KEY

    @property
    def denied(self) -> bool:
        """Whether the credentials' policies do not allow the call."""
        return self.code in codes.DENIED


class ThrottledError(WaitError):
    """AWS throttled the call."""


class TransientError(WaitError):
    """The network or a server failed; a retry may help."""


class PermanentError(WaitError):
    """A retry can't help: credentials, permissions or an invalid request."""


def sort_error(action: str, error: Exception) -> WaitError:
    """Return the WaitError for an error of boto3.

    :param action: the API action, as C(DescribeServices).
    :param error: a ClientError or BotoCoreError.
    """
    response = getattr(error, "response", None)
    if response is None:
        code = type(error).__name__
        kind = PermanentError if code in codes.NEVER_SENT else TransientError
        return kind(action, code, f"{action}: {error}")
    code = str((response.get("Error") or {}).get("Code") or "")
    status = int((response.get("ResponseMetadata") or {}).get("HTTPStatusCode") or 0)
    text = f"{action}: {code}: {(response.get('Error') or {}).get('Message') or ''}".rstrip(": ")
    if code in codes.THROTTLED or status == 429:
        return ThrottledError(action, code, text)
    if status >= 500 or code in codes.SERVER_FAILED:
        return TransientError(action, code, text)
    return PermanentError(action, code, text)


def answered_at(answer: t.Mapping[str, t.Any]) -> float | None:
    """Return when AWS answered, in seconds since 1970 by its own clock (the Date header), C(None) if unknown."""
    headers = (answer.get("ResponseMetadata") or {}).get("HTTPHeaders") or {}
    try:
        return parsedate_to_datetime(str(headers["date"])).timestamp()
    except (KeyError, ValueError):
        return None


Method = t.Callable[t.Concatenate["Api", Given], Answer]


def call(action: str) -> t.Callable[[Method[Given, Answer]], Method[Given, Answer]]:
    """Decorate a method of C(Api): count its calls as C(action), and raise its errors as a WaitError."""

    def decorate(function: Method[Given, Answer]) -> Method[Given, Answer]:
        @functools.wraps(function)
        def counted(self: Api, /, *args: Given.args, **kwargs: Given.kwargs) -> Answer:
            self.calls[action] = self.calls.get(action, 0) + 1
            try:
                return function(self, *args, **kwargs)
            except (ClientError, BotoCoreError) as error:
                raise sort_error(action, error) from error

        return counted

    return decorate


class Api:
    """The AWS calls of a wait, in one cluster.

    :param client: returns the boto3 client of an AWS service; called once for each, and only when needed.
    :param cluster: name or ARN of the ECS cluster.
    """

    def __init__(self, client: t.Callable[[str], t.Any], cluster: str) -> None:
        self._client = functools.lru_cache(maxsize=None)(client)
        self.cluster = cluster
        self.calls: dict[str, int] = {}
        self.answered_at: float | None = None  # AWS's time of the last DescribeServices, in seconds since 1970

    @property
    def total(self) -> int:
        """The number of calls so far, failed ones included."""
        return sum(self.calls.values())

    def calls_of(self, *actions: str) -> int:
        """Return the number of calls of these actions so far."""
        return sum(self.calls.get(action, 0) for action in actions)

    @call("DescribeServices")
    def describe_services(self, names: list[str]) -> list[Service]:
        answer = self._client("ecs").describe_services(cluster=self.cluster, services=names)
        self.answered_at = answered_at(answer)
        return list(answer.get("services") or [])

    @call("ListTasks")
    def list_stopped(self, service: str) -> list[str]:
        return self._list_tasks(service, "STOPPED")

    @call("ListTasks")
    def list_running(self, service: str) -> list[str]:
        return self._list_tasks(service, "RUNNING")

    def _list_tasks(self, service: str, status: str) -> list[str]:
        # ListTasks can't combine startedBy with another filter, so tasks are filtered by deployment later.
        asked = {"cluster": self.cluster, "serviceName": service, "desiredStatus": status}
        found: list[str] = []
        token: dict[str, str] = {}
        while len(found) < MOST_TASKS:
            answer = self._client("ecs").list_tasks(**asked, **token)
            found += answer.get("taskArns") or []
            if not answer.get("nextToken"):
                break
            token = {"nextToken": answer["nextToken"]}
        return found

    @call("DescribeTasks")
    def describe_tasks(self, arns: list[str]) -> list[Task]:
        describe = self._client("ecs").describe_tasks
        answers = [describe(cluster=self.cluster, tasks=some) for some in batched(arns, TASKS_PER_CALL)]
        return [task for answer in answers for task in answer.get("tasks") or []]

    @call("DescribeTargetHealth")
    def target_health(self, target_group: str) -> list[TargetHealthDescription]:
        answer = self._client("elbv2").describe_target_health(TargetGroupArn=target_group)
        return list(answer.get("TargetHealthDescriptions") or [])

    @call("DescribeTargetGroups")
    def target_groups(self, arns: list[str]) -> list[TargetGroup]:
        answer = self._client("elbv2").describe_target_groups(TargetGroupArns=arns)
        return list(answer.get("TargetGroups") or [])

    def list_service_deployments(
        self, service: str, until: t.Callable[[ServiceDeployment], bool] = lambda _record: False
    ) -> list[ServiceDeployment]:
        """Return the newest service deployments; a page may be short though more follow.

        :param until: stop after a page with a record for which this is true.
        """
        found: list[ServiceDeployment] = []
        token: str | None = None
        while True:
            records, token = self._page_of_service_deployments(service, token)
            found += records
            if not token or len(found) >= MOST_RECORDS or any(map(until, records)):
                return found

    @call("ListServiceDeployments")
    def _page_of_service_deployments(
        self, service: str, token: str | None
    ) -> tuple[list[ServiceDeployment], str | None]:
        asked = {"cluster": self.cluster, "service": service, "maxResults": MOST_RECORDS}
        answer = self._client("ecs").list_service_deployments(**asked, **({"nextToken": token} if token else {}))
        return answer.get("serviceDeployments") or [], answer.get("nextToken")

    @call("DescribeServiceDeployments")
    def describe_service_deployment(self, arn: str) -> ServiceDeployment:
        answer = self._client("ecs").describe_service_deployments(serviceDeploymentArns=[arn])
        found: ServiceDeployment = (answer.get("serviceDeployments") or [{}])[0]
        return found

    @call("StopServiceDeployment")
    def roll_back(self, arn: str) -> None:
        client = self._client("ecs")
        if not hasattr(client, "stop_service_deployment"):
            sentence = "StopServiceDeployment: the installed botocore does not know it (1.38.20 does)"
            raise PermanentError("StopServiceDeployment", "UnknownOperation", sentence)
        client.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")

    @call("DescribeTaskDefinition")
    def task_definition(self, arn: str) -> dict[str, t.Any]:
        answer = self._client("ecs").describe_task_definition(taskDefinition=arn)
        return dict(answer.get("taskDefinition") or {})

    @call("GetLogEvents")
    def log_lines(self, group: str, stream: str, lines: int) -> list[str]:
        get = self._client("logs").get_log_events
        events = last_events(get, lines, logGroupName=group, logStreamName=stream)
        return [str(event.get("message", "")).rstrip("\n") for event in events]
