# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reports why tasks stopped, with their last log lines.  Plain data in and out."""

from __future__ import annotations

import datetime
import typing as t

from .._aws.arn import last
from .._resources.ecs import diagnose

Data = t.Mapping[str, t.Any]


def newest(tasks: t.Iterable[dict[str, t.Any]], count: int) -> list[dict[str, t.Any]]:
    """Return the tasks that stopped last, the latest first."""
    return sorted(tasks, key=lambda task: diagnose.seconds(task.get("stoppedAt")), reverse=True)[:count]


def entry(task: t.Any, logs: t.Mapping[str, t.Sequence[str]]) -> dict[str, t.Any]:
    """Return the report of a stopped task; I(logs) has the last lines by container."""
    stopped = task.get("stoppedAt")
    return {
        "id": last(task["taskArn"]),
        "revision": last(task["taskDefinitionArn"]),
        "stopped_at": stopped.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%SZ") if stopped else "",
        "stop_code": task.get("stopCode", ""),
        "reason": diagnose.reason_of(task),
        "containers": [
            {
                "name": item["name"],
                "exit_code": item.get("exitCode"),
                "reason": item.get("reason", ""),
                "log_lines": list(logs.get(item["name"], [])),
            }
            for item in task.get("containers") or []
        ],
    }


def lines(entries: t.Sequence[Data], service: str) -> list[str]:
    """Return the entries as lines."""
    result = []
    for item in entries:
        result.append(
            f"{item['stopped_at']} task {item['id']} of {item['revision']}: {item['reason'] or item['stop_code']}"
        )
        for container in item["containers"]:
            code = "no exit code" if container["exit_code"] is None else f"exit code {container['exit_code']}"
            result.append(f"  {container['name']}: {code}")
            result += [f"    {text}" for text in container["log_lines"]]
    return result or [f"ECS remembers no stopped task of {service} (it does for about an hour)."]
