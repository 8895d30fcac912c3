# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The timeline of a run: recorded in memory by a callback, and read by the action that writes the report.

Ansible forks a worker for each task, which has a copy of what was recorded until then.
"""

from __future__ import annotations

import time
import typing as t

Event = dict[str, t.Any]

WAIT = "ecs_service_wait"


class Timeline:
    """The tasks of a run: C(host, name, role, action, start, end, changed, failed, items, types, message, waited).

    C(types) are the resource types of C(items), empty for items that are not in a plan.

    :param clock: seconds since 1970.
    """

    def __init__(self, clock: t.Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._started: dict[tuple[str, str], float] = {}
        self._items: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self.events: list[Event] = []

    def start(self, host: str, task: t.Any) -> None:
        """Record the start of a task."""
        self._started[host, task._uuid] = self._clock()

    def item(self, host: str, task: t.Any, result: t.Mapping[str, t.Any]) -> None:
        """Record the end of a loop item."""
        if result.get("changed"):
            label = str(result.get("_ansible_item_label", ""))
            item = result.get(str(result.get("ansible_loop_var", "item")))
            kind = str(item.get("type", "")) if isinstance(item, t.Mapping) else ""
            self._items.setdefault((host, task._uuid), []).append((label, kind))

    def end(self, host: str, task: t.Any, result: t.Mapping[str, t.Any], *, failed: bool = False) -> None:
        """Record the end of a task."""
        key = host, task._uuid
        now = self._clock()
        role, _separator, name = task.get_name().rpartition(" : ")
        hidden = bool(result.get("_ansible_no_log"))
        items = self._items.pop(key, [])
        self.events.append(
            {
                "host": host,
                "name": name,
                "role": role.rpartition(".")[2],
                "action": task.action,
                "start": self._started.pop(key, now),
                "end": now,
                "changed": bool(result.get("changed")),
                "failed": failed,
                "items": [label for label, _kind in items],
                "types": [kind for _label, kind in items],
                "message": str(result.get("msg", "")) if failed and not hidden else "",
                "waited": _waited(task, result),
            }
        )

    def of(self, host: str) -> list[Event]:
        """Return the events of a host, ordered by end."""
        return [event for event in self.events if event["host"] == host]


def _waited(task: t.Any, result: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """Return the results of a wait for services."""
    if task.action.rpartition(".")[2] != WAIT:
        return []
    return [
        {key: one.get(key) for key in ("name", "outcome", "seen", "seconds")} for one in result.get("services") or []
    ]


RUN = Timeline()
"""The timeline of this run."""
