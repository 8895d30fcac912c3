# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Proves that only tasks of one revision can have answered a request.  Plain data in and out."""

from __future__ import annotations

import typing as t

from .._aws.arn import last
from .._resources.elbv2 import shadowing
from .._resources.elbv2.precedence import Request

Data = t.Mapping[str, t.Any]

# states of targets that get no new requests:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
OUT = ("draining", "unused")


class Seen(t.NamedTuple):
    """The state at one time: rules by listener, health by target group, RUNNING tasks by cluster."""

    rules: t.Mapping[str, t.Sequence[Data]]
    health: t.Mapping[str, t.Sequence[Data]]
    tasks: t.Mapping[str, t.Sequence[Data]]


class Proof(t.NamedTuple):
    """The tasks that can have answered; C(wrong): why others can have, too; C(unless): what is unknown."""

    wrong: str
    revision: str = ""
    tasks: frozenset[str] = frozenset()
    unless: str = ""

    @property
    def answered_by(self) -> str:
        """The tasks that answered, as a phrase."""
        if self.wrong:
            return ""
        which = f"task {next(iter(self.tasks))}" if len(self.tasks) == 1 else f"one of {len(self.tasks)} tasks"
        return f"{which} of {self.revision}{self.unless}"


def evaluate(expected: Data, request: Request, seen: Seen) -> Proof:
    """Return which tasks could answer a request at the time of I(seen).

    :param expected: C(listener_arn), C(target_group_arn), C(cluster), the name of the C(service) and the ARN of its
        C(task_definition).
    """
    group = expected["target_group_arn"]
    rule, before = shadowing.matching_rule(seen.rules[expected["listener_arn"]], request)
    if rule is None or rule["serving_arns"] != [group]:
        took = shadowing.in_words(rule) if rule else "no rule"
        return Proof(f"{took} took the request, not the service's own, which forwards to {_name(group)} alone")
    targets = [target for target in seen.health[group] if target["TargetHealth"]["State"] not in OUT]
    if not targets:
        return Proof(f"target group {_name(group)} has no target that can have answered")
    tasks = _by_address(expected["service"], seen.tasks[expected["cluster"]])
    for target in targets:
        task = tasks.get(target["Target"]["Id"])
        if not task or task["taskDefinitionArn"] != expected["task_definition"]:
            is_of = f"a task of {last(task['taskDefinitionArn'])}" if task else "not a task of the service"
            return Proof(
                f"target {target['Target']['Id']} of target group {_name(group)} can have answered, and is {is_of}:"
                f" only tasks of {last(expected['task_definition'])} may"
            )
    answering = frozenset(last(tasks[target["Target"]["Id"]]["taskArn"]) for target in targets)
    unless = f", unless {' or '.join(map(shadowing.in_words, before))} took it" if before else ""
    return Proof("", last(expected["task_definition"]), answering, unless)


def both(before: Proof, after: Proof) -> Proof:
    """Return the proof for a request sent between these two."""
    if before.wrong or after.wrong:
        return before if before.wrong else after
    return after._replace(tasks=before.tasks | after.tasks, unless=before.unless or after.unless)


def _by_address(service: str, tasks: t.Iterable[Data]) -> dict[str, Data]:
    return {
        detail["value"]: task
        for task in tasks
        if task.get("group") == f"service:{service}"
        for attachment in task.get("attachments") or []
        for detail in attachment.get("details") or []
        if detail["name"] == "privateIPv4Address"
    }


def _name(group_arn: str) -> str:
    return group_arn.split("/")[1]
