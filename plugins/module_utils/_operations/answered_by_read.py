# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads which tasks can currently answer the requests of a load balancer.  Writes nothing."""

from __future__ import annotations

import functools
import typing as t

from .._aws.read import in_parallel
from .._resources.ecs import api as ecs_api
from .._resources.elbv2 import api as elbv2
from .answered_by import Seen


def see(ecs: t.Any, elb: t.Any, expected: t.Iterable[t.Mapping[str, t.Any]]) -> Seen:
    """Return rules, targets and tasks for all expected answers, each read once.

    Lists all tasks of a cluster at once, as a call for each of many services would be throttled.
    """
    wanted = list(expected)
    reads = {
        "listener_arn": lambda arn: elbv2.rules(elb, arn),
        "target_group_arn": lambda arn: elbv2.target_health(elb, arn),
        "cluster": lambda name: ecs_api.described_tasks(ecs, cluster=name),
    }
    of_each = {(kind, entry[kind]): reads[kind] for entry in wanted for kind in reads}
    found = in_parallel(**{f"{kind} {key}": functools.partial(read, key) for (kind, key), read in of_each.items()})
    rules, health, tasks = (
        {key: found[f"{kind} {key}"] for of_kind, key in of_each if of_kind == kind} for kind in reads
    )
    return Seen(rules, health, tasks)
