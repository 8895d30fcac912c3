# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The names of a service's resources: derived from prefix and service name, unless the inventory sets others."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from ..._aws.changes import as_text
from .platform import Platform

Data = t.Mapping[str, t.Any]

OPTIONS = (
    "service",
    "task_family",
    "target_group",
    "alternate_target_group",
    "log_group",
    "task_role",
    "execution_role",
    "security_group",
    "repository",
    "discovery",
    "connect",
    "queue",
)
"""The suboptions of C(names), except C(target_groups), which has names by port."""
NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
"""The pattern of the names of services, and of their scaling's schedules and metrics."""
OF_PORTS = "target_groups."
"""Prefix of the keys for names by port, as in C(target_groups.9090)."""

# By service name, the resource whose name would clash with one of another layer.
CLASHES = {
    "default": "security group {}-sg",
    "ecs": "role {}-execution",
    "endpoints": "security group {}-sg",
    "pub-alb": "security group {}-sg",
}


@dataclass(frozen=True)
class Names:
    """The names of a service's resources.

    :param given: names set in the inventory, by C(OPTIONS), such as those of resources to take over.
    """

    prefix: str
    app: str
    given: Data = field(default_factory=dict, hash=False)

    @classmethod
    def of(cls, prefix: str, service: Data) -> Names:
        """Return the names for a service's definition."""
        return cls(prefix, service["name"], given_names(service))

    def _or(self, option: str, name: str) -> str:
        return str(self.given.get(option) or name)

    @property
    def full(self) -> str:
        """The Name tag of all resources of the service, which identifies its owner whatever the resource's own name."""
        return f"{self.prefix}-{self.app}"

    @property
    def service(self) -> str:
        """Name of the ECS service, or of the schedule of a job."""
        return self._or("service", self.full)

    @property
    def family(self) -> str:
        """Family of the task definitions."""
        return self._or("task_family", self.full)

    @property
    def target_group(self) -> str:
        """Name of the first target group."""
        return self._or("target_group", self.full)

    @property
    def alternate(self) -> str:
        """Name of the second target group, for strategies that shift requests."""
        return self._or("alternate_target_group", f"{self.full}-alt")

    def port_group(self, port: int) -> str:
        """Return the name of the target group of an additional port."""
        return self._or(f"{OF_PORTS}{port}", f"{self.full}-{port}")

    def given_port_group(self, port: int) -> str | None:
        """Return the name set in the inventory for the target group of an additional port, if any."""
        return t.cast("str | None", self.given.get(f"{OF_PORTS}{port}"))

    @property
    def given_groups(self) -> set[str]:
        """Names set in the inventory for the target groups of additional ports."""
        return {str(name) for option, name in self.given.items() if option.startswith(OF_PORTS)}

    def rule(self, number: int) -> str:
        """Return the name of a listener rule by its number, from 1. No service's name contains a slash."""
        return self.full if number == 1 else f"{self.full}/{number}"

    def is_rule(self, name: str) -> bool:
        """Return whether a listener rule with this name belongs to the service and is not a test rule."""
        number = name.removeprefix(f"{self.full}/")
        return name == self.full or (number != name and number.isdecimal())

    def is_scheduled_action(self, name: str) -> bool:
        """Return whether a scheduled action was created by this collection."""
        return name.startswith(f"{self.full}-")

    def is_group(self, name: str, tagged: str) -> bool:
        """Return whether a target group belongs to the service.

        That of web's port 2 is named as a service web-2 would be, so the Name tag decides for additional ports.
        """
        own = {self.target_group, self.alternate, *self.given_groups}
        return (name in own and not self._is_of_another(name, tagged)) or (
            self.is_port_group(name) and tagged == self.full
        )

    def is_queue(self, name: str, tagged: str) -> bool:
        """Return whether a queue belongs to the service; web-dead may also be that of a service web-dead."""
        own = name in (self.queue, self.dead_letter_queue)
        # the dead-letter queue is named after the first queue
        return own and ("queue" in self.given or not self._is_of_another(name, tagged))

    def _is_of_another(self, name: str, tagged: str) -> bool:
        """Return whether a resource is the main one of another service with the name of this one's secondary one."""
        return name == tagged != self.full and name not in self.given.values()

    def is_port_group(self, name: str) -> bool:
        """Return whether a target group has the default name of an additional port's."""
        port = name.removeprefix(f"{self.full}-")
        return port != name and port.isdecimal()

    @property
    def test_rule(self) -> str:
        """Name of the rule that sends test requests, identified by a header, to a deployment's new tasks."""
        return f"{self.full}-test"

    def test_rule_on(self, port: int) -> str:
        """Return the name of that rule if test requests have a port of their own instead."""
        return f"{self.test_rule}:{port}"

    @property
    def shift_role(self) -> str:
        """Name of the role with which ECS shifts requests."""
        return f"{self.full}-shift"

    @property
    def connect_role(self) -> str:
        """Name of the role with which ECS issues certificates for Service Connect."""
        return f"{self.full}-connect"

    @property
    def schedule_role(self) -> str:
        """Name of the role with which EventBridge Scheduler starts a job's tasks."""
        return f"{self.full}-schedule"

    @property
    def endpoint(self) -> str:
        """Name of the Cloud Map service that ECS creates for Service Connect; service discovery has the plain name."""
        return self._or("connect", f"{self.app}-connect")

    @property
    def roles(self) -> tuple[str, ...]:
        """Names of all roles that a service can have."""
        return self.task_role, self.execution_role, self.shift_role, self.connect_role, self.schedule_role

    @property
    def repository(self) -> str:
        """Name of the ECR repository of a service that is built from source."""
        return self._or("repository", self.full)

    @property
    def log_group(self) -> str:
        """Name of the log group."""
        return self._or("log_group", f"/ecs/{self.full}")

    @property
    def task_role(self) -> str:
        """Name of the role that the application acts as."""
        return self._or("task_role", f"{self.full}-task")

    @property
    def execution_role(self) -> str:
        """Name of the role with which ECS starts the tasks of a service with secrets."""
        return self._or("execution_role", f"{self.full}-execution")

    @property
    def security_group(self) -> str:
        """Name of the security group of the tasks."""
        return self._or("security_group", f"{self.full}-sg")

    @property
    def queue(self) -> str:
        """Name of the SQS queue that the service takes its work from."""
        return self._or("queue", self.full)

    @property
    def dead_letter_queue(self) -> str:
        """Name of the dead-letter queue."""
        return f"{self.queue}-dead"

    def scaling_id(self, cluster: str) -> str:
        """Return the resource id of the service for Application Auto Scaling."""
        return f"service/{cluster}/{self.service}"

    def discovery(self, namespace: str) -> str:
        """Return the DNS name of the tasks."""
        return f"{self.label}.{namespace}"

    @property
    def by_type(self) -> dict[str, set[str]]:
        """By type, the names of the resources that AWS identifies by name."""
        return {
            "ecs_service": {self.service},
            "ecs_task_definition": {self.family},
            "iam_role": set(self.roles),
            "log_group": {self.log_group},
            "schedule": {self.service},
            "sqs_queue": {self.queue, self.dead_letter_queue},
            "target_group": {self.target_group, self.alternate, *self.given_groups},
        }

    @property
    def is_by_tags(self) -> bool:
        """Whether the ECS service was taken over without the name of its security group."""
        return "service" in self.given and "security_group" not in self.given

    @property
    def group_tag(self) -> str:
        """The Name tag of the security group."""
        return f"{self.full}-sg"

    @property
    def label(self) -> str:
        """Name of the Cloud Map service, the first part of the tasks' DNS name."""
        return self._or("discovery", self.app)


_PROPERTIES = {
    "task_family": "family",
    "alternate_target_group": "alternate",
    "discovery": "label",
    "connect": "endpoint",
}


def given_names(service: Data) -> dict[str, str]:
    """Return the names set in a definition, by C(OPTIONS), and by C(OF_PORTS) and the port."""
    given, queue = service.get("names"), service.get("queue")
    named = dict(given) if isinstance(given, t.Mapping) else {}
    groups = named.pop("target_groups", None)
    named |= {f"{OF_PORTS}{port}": name for port, name in groups.items()} if isinstance(groups, t.Mapping) else {}
    if isinstance(queue, t.Mapping) and queue.get("name"):
        named["queue"] = queue["name"]
    return {key: str(name) for key, name in named.items() if name}


def container_names(service: Data) -> list[str]:
    """Return the names of the service's container and its sidecars."""
    return [service.get("container_name") or service["name"], *(one["name"] for one in service["sidecars"])]


def as_option(given: Data) -> dict[str, t.Any]:
    """Return the result of C(given_names) in the form of the option C(names)."""
    groups = {key.removeprefix(OF_PORTS): name for key, name in given.items() if key.startswith(OF_PORTS)}
    own = {key: name for key, name in given.items() if not key.startswith(OF_PORTS)}
    return {**own, **({"target_groups": groups} if groups else {})}


def all_names(prefix: str, service: Data) -> dict[str, str]:
    """Return all names of a service by C(OPTIONS), and its own as C(name)."""
    names = Names.of(prefix, service)
    own = {option: str(getattr(names, _PROPERTIES.get(option, option))) for option in OPTIONS}
    return {"name": names.app, **own}


def names_of(service: Data, platform: Platform) -> Names:
    """Return the names of a service on this platform."""
    return Names.of(platform["name_prefix"], service)


def tags(service: Data, platform: Platform) -> dict[str, str]:
    """Return the tags of all resources of a service."""
    return as_text({**platform["tags"], **service["tags"], "Name": names_of(service, platform).full})


def awslogs(service: Data, platform: Platform, prefix: str) -> dict[str, str]:
    """Return the options of the driver awslogs for the service's log group; I(prefix) is that of the streams."""
    return {
        "awslogs-group": service["log_group_name"] or names_of(service, platform).log_group,
        "awslogs-region": platform["region"],
        "awslogs-stream-prefix": prefix,
    }
