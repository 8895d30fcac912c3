# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The scaling policies of a service.

A policy tracks a predefined metric, the number of messages in the service's queue per running task, or any metric of
CloudWatch: https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html.
"""

from __future__ import annotations

import typing as t

from ..._resources.autoscaling.decide import CUSTOMIZED
from . import current, queue
from .names import Names
from .platform import Platform

Data = t.Mapping[str, t.Any]
Values = dict[str, t.Any]

METRICS = {
    "cpu": "ECSServiceAverageCPUUtilization",
    "memory": "ECSServiceAverageMemoryUtilization",
    "requests": "ALBRequestCountPerTarget",
}

# ECS samples the CPU of each running task once a minute, so the sample count is the number of tasks, even without
# Container Insights: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-metrics.html. SQS sends no
# metrics of an idle queue, and ECS none of a service without tasks, for which all messages are the backlog.
BACKLOG = "FILL(messages, 0) / IF(FILL(tasks, 0) > 0, FILL(tasks, 0), 1)"

RESERVED = (*METRICS, "backlog")
"""Names that an entry of C(metrics) can't have: policies of the other options end in them."""


def policies(service: Data, names: Names, platform: Platform, found: Data) -> list[Values]:
    """Return O(policies) of M(magiclub.fargate.application_autoscaling_target), without resource labels."""
    scaling = service["autoscaling"]
    if not scaling:
        return []
    tracked: list[tuple[str, Values, t.Any]] = [
        (policy_name(names, found, kind, {"metric": metric}), {"metric": metric}, scaling[kind])
        for kind, metric in METRICS.items()
        if scaling[kind] is not None
    ]
    if scaling["backlog_per_task"] is not None:
        own = {"metric": CUSTOMIZED, "metrics": _backlog(service, names, platform)}
        tracked.append((policy_name(names, found, "backlog", own), own, scaling["backlog_per_task"]))
    for one in scaling["metrics"]:
        own = {"metric": CUSTOMIZED, "metrics": [_metric(one)]}
        tracked.append((policy_name(names, found, one["name"], own), own, one["target"]))
    common = {key: scaling[key] for key in ("scale_in_cooldown", "scale_out_cooldown")}
    return [
        {"name": name, **metric, "target_value": float(target), **common, "disable_scale_in": False}
        for name, metric, target in tracked
    ]


def policy_name(names: Names, found: Data, end: str, metric: Data) -> str:
    """Return the name of the policy for a metric: that of the existing one, because AWS can't rename a policy."""
    ours = f"{names.full}-{end}"
    there = [
        entry["name"]
        for entry in current.of_type(found, "scaling_policy")
        if all(entry["values"].get(key) == value for key, value in metric.items())
    ]
    return ours if ours in there else min(there, default=ours)


def _backlog(service: Data, names: Names, platform: Platform) -> list[Values]:
    tasks = {"ClusterName": platform["cluster"], "ServiceName": names.service}
    name = queue.name(service, names)
    return [
        {"id": "backlog", "expression": BACKLOG, "return_data": True},
        _stat("messages", "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": name}, "Sum"),
        _stat("tasks", "AWS/ECS", "CPUUtilization", tasks, "SampleCount"),
    ]


def _metric(one: Data) -> Values:
    given = _stat("metric", one["namespace"], one["metric"], one["dimensions"], one["statistic"])
    return {**given, "return_data": True}


def _stat(identifier: str, namespace: str, metric: str, dimensions: Data, statistic: str) -> Values:
    return {
        "id": identifier,
        "namespace": namespace,
        "metric_name": metric,
        "dimensions": {str(key): str(value) for key, value in dimensions.items()},
        "stat": statistic,
        "return_data": False,
    }
