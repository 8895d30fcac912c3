# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads which tasks can currently answer the requests of a load balancer.  Writes nothing."""

from __future__ import annotations

import functools
import typing as t

from .._aws.read import batched, call, in_parallel, pages
from .._resources.elbv2 import api as elbv2
from .proof import Seen

# API_DescribeTasks
TASKS_PER_CALL = 100


def see(ecs: t.Any, elb: t.Any, expected: t.Iterable[t.Mapping[str, t.Any]]) -> Seen:
    """Return rules, targets and tasks for all expected answers, each read once.

    Lists all tasks of a cluster at once, as a call for each of many services would be throttled.
    """
    wanted = list(expected)
    reads = {
        "listener_arn": lambda arn: elbv2.rules(elb, arn),
        "target_group_arn": lambda arn: elbv2.target_health(elb, arn),
        "cluster": lambda name: _tasks(ecs, name),
    }
    of_each = {(kind, entry[kind]): reads[kind] for entry in wanted for kind in reads}
    found = in_parallel(**{f"{kind} {key}": functools.partial(read, key) for (kind, key), read in of_each.items()})
    rules, health, tasks = (
        {key: found[f"{kind} {key}"] for of_kind, key in of_each if of_kind == kind} for kind in reads
    )
    return Seen(rules, health, tasks)


def _tasks(ecs: t.Any, cluster: str) -> list[dict[str, t.Any]]:
    arns = t.cast("list[str]", pages(ecs, "list_tasks", "taskArns", cluster=cluster))
    return [
        task
        for some in batched(arns, TASKS_PER_CALL)
        for task in call(ecs, "describe_tasks", cluster=cluster, tasks=some)["tasks"]
    ]
