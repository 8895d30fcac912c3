# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the things of a service are named: by its prefix and its own name, but for those that are given another one."""

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
"""What a service may give another name by its option C(names), C(target_groups) aside, which has names by port."""
NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
"""What a service is called, and what a schedule or a metric of its scaling is."""
OF_PORTS = "target_groups."
"""What the option of a name by port begins with, where names are told: C(target_groups.9090)."""

# By the name of a service, what of it would have the name of something of another layer.
TAKEN = {
    "default": "security group {}-sg",
    "ecs": "role {}-execution",
    "endpoints": "security group {}-sg",
    "pub-alb": "security group {}-sg",
}


@dataclass(frozen=True)
class Names:
    """The names of what a service has, from the name prefix and its own name.

    :param given: by C(OPTIONS), those that the inventory says, as of what is taken over.
    """

    prefix: str
    app: str
    given: Data = field(default_factory=dict, hash=False)

    @classmethod
    def of(cls, prefix: str, service: Data) -> Names:
        """Return the names of a definition of a service."""
        return cls(prefix, service["name"], given_names(service))

    def _or(self, option: str, name: str) -> str:
        return str(self.given.get(option) or name)

    @property
    def full(self) -> str:
        """The tag Name of all that a service has: it tells whose that is, whatever AWS calls it."""
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
        """Name of the second target group, between which and the first ECS shifts requests."""
        return self._or("alternate_target_group", f"{self.full}-alt")

    def port_group(self, port: int) -> str:
        """Return the name of the target group of a port beside the service's own."""
        return self._or(f"{OF_PORTS}{port}", f"{self.full}-{port}")

    def given_port_group(self, port: int) -> str | None:
        """Return the name that the inventory gives the target group of a port beside the service's own."""
        return t.cast("str | None", self.given.get(f"{OF_PORTS}{port}"))

    @property
    def given_groups(self) -> set[str]:
        """Names of the target groups of further ports that the inventory gives."""
        return {str(name) for option, name in self.given.items() if option.startswith(OF_PORTS)}

    def rule(self, number: int) -> str:
        """Return the name of a listener rule by its number, from 1; no service has a name with a slash."""
        return self.full if number == 1 else f"{self.full}/{number}"

    def is_rule(self, name: str) -> bool:
        """Return whether a listener rule of this name is the service's, those for tests aside."""
        number = name.removeprefix(f"{self.full}/")
        return name == self.full or (number != name and number.isdecimal())

    def is_scheduled_action(self, name: str) -> bool:
        """Return whether a scheduled action of the service's scaling is one that is made here."""
        return name.startswith(f"{self.full}-")

    def is_group(self, name: str, tagged: str) -> bool:
        """Return whether a target group is the service's; web-2 may be another one, so a port's needs the tag Name."""
        own = {self.target_group, self.alternate, *self.given_groups}
        return (name in own and not self._is_of_another(name, tagged)) or (
            self.is_port_group(name) and tagged == self.full
        )

    def is_queue(self, name: str, tagged: str) -> bool:
        """Return whether a queue is the service's; web-dead may be that of a service of this name."""
        own = name in (self.queue, self.dead_letter_queue)
        # the second queue is named after the first
        return own and ("queue" in self.given or not self._is_of_another(name, tagged))

    def _is_of_another(self, name: str, tagged: str) -> bool:
        """Return whether something is the first of its kind of a service that is called as this one's second is."""
        return name == tagged != self.full and name not in self.given.values()

    def is_port_group(self, name: str) -> bool:
        """Return whether a target group has a name as a port's has it that the inventory gives none."""
        port = name.removeprefix(f"{self.full}-")
        return port != name and port.isdecimal()

    @property
    def test_rule(self) -> str:
        """Name of the rule by which test requests reach the new tasks of a deployment, known by a header."""
        return f"{self.full}-test"

    def test_rule_on(self, port: int) -> str:
        """Name of that rule where test requests come in by a port of their own."""
        return f"{self.test_rule}:{port}"

    @property
    def shift_role(self) -> str:
        """Name of the role that ECS shifts requests with."""
        return f"{self.full}-shift"

    @property
    def connect_role(self) -> str:
        """Name of the role that ECS gets the certificates of Service Connect with."""
        return f"{self.full}-connect"

    @property
    def schedule_role(self) -> str:
        """Name of the role that EventBridge Scheduler starts the tasks of a job by."""
        return f"{self.full}-schedule"

    @property
    def endpoint(self) -> str:
        """Name of what ECS makes in Cloud Map for Service Connect; service discovery has the service's own there."""
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
        """Name of the role that ECS starts the tasks with, for a service with secrets."""
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
        """Name of the SQS queue for what was received too often."""
        return f"{self.queue}-dead"

    def scaled(self, cluster: str) -> str:
        """Return what Application Auto Scaling knows the service by."""
        return f"service/{cluster}/{self.service}"

    def discovery(self, namespace: str) -> str:
        """DNS name of the tasks."""
        return f"{self.label}.{namespace}"

    @property
    def by_type(self) -> dict[str, set[str]]:
        """By type, the names of those of its resources that AWS knows by their names."""
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
        """Whether the ECS service was taken over, and no name of a security group is given with it."""
        return "service" in self.given and "security_group" not in self.given

    @property
    def group_tag(self) -> str:
        """The tag Name of the security group."""
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
    """Return the names that a definition gives, without those that it leaves to the rule, by port C(OF_PORTS)."""
    given, queue = service.get("names"), service.get("queue")
    named = dict(given) if isinstance(given, t.Mapping) else {}
    groups = named.pop("target_groups", None)
    named |= {f"{OF_PORTS}{port}": name for port, name in groups.items()} if isinstance(groups, t.Mapping) else {}
    if isinstance(queue, t.Mapping) and queue.get("name"):
        named["queue"] = queue["name"]
    return {key: str(name) for key, name in named.items() if name}


def as_option(given: Data) -> dict[str, t.Any]:
    """Return names of C(given_names) as the option C(names) has them."""
    groups = {key.removeprefix(OF_PORTS): name for key, name in given.items() if key.startswith(OF_PORTS)}
    own = {key: name for key, name in given.items() if not key.startswith(OF_PORTS)}
    return {**own, **({"target_groups": groups} if groups else {})}


def every(prefix: str, service: Data) -> dict[str, str]:
    """Return all names of a definition by C(OPTIONS), and its own as C(name)."""
    names = Names.of(prefix, service)
    own = {option: str(getattr(names, _PROPERTIES.get(option, option))) for option in OPTIONS}
    return {"name": names.app, **own}


def names_of(service: Data, platform: Platform) -> Names:
    """Return the names of a complete definition, below the prefix of what the layers below have."""
    return Names.of(platform["name_prefix"], service)


def tags(service: Data, platform: Platform) -> dict[str, str]:
    """Return the tags of everything that a service has."""
    return as_text({**platform["tags"], **service["tags"], "Name": names_of(service, platform).full})
