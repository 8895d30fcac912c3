# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes the report of a run as a page, and the dependency graph as an image.  Runs on the controller."""

from __future__ import annotations

import time
import typing as t
from pathlib import Path

from ansible_collections.magiclub.fargate.plugins.module_utils._aws import printable, tone
from ansible_collections.magiclub.fargate.plugins.module_utils._operations.report import page
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import draw, render
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.run import of_this_run
from ansible_collections.magiclub.fargate.plugins.plugin_utils import files, show
from ansible_collections.magiclub.fargate.plugins.plugin_utils.action import Action
from ansible_collections.magiclub.fargate.plugins.plugin_utils.timeline import RUN

NO_GRAPH: dict[str, t.Any] = {"nodes": [], "edges": []}
PAGES, PICTURES = (".html",), (".svg", ".mmd")


class ActionModule(Action):
    _requires_connection = False

    def act(self, variables: dict[str, t.Any]) -> dict[str, t.Any]:
        _result, args = self.validate_argument_spec(
            {
                "report": {"type": "path"},
                "graph": {"type": "path"},
                "check_only": {"type": "bool", "default": False},
                "title": {"type": "str", "default": ""},
                "plan": {"type": "dict", "default": {}},
                "status": {"type": "dict", "default": {}},
            }
        )
        given = [
            (name, args[name], endings) for name, endings in (("report", PAGES), ("graph", PICTURES)) if args[name]
        ]
        for name, path, endings in given:
            files.check(name, path, endings)
        stats: dict[str, dict[str, str]] = {}
        for name, path, _endings in [] if args["check_only"] else given:
            own = show.file_of(
                path, str(variables.get("inventory_hostname")), variables.get("ansible_play_hosts_all") or []
            )
            whole = str(Path(own).absolute())
            files.write(name, whole, self._page(args, variables) if name == "report" else _picture(args["plan"], whole))
            show.line(self._display, f"Written: {whole}", variables)
            stats[f"fargate_{name}"] = {"path": whole}
        result: dict[str, t.Any] = {"changed": False, "files": {name: one["path"] for name, one in stats.items()}}
        if stats:
            result["ansible_stats"] = show.stats(stats, variables)
        return result

    def _page(self, args: dict[str, t.Any], variables: dict[str, t.Any]) -> str:
        seen = of_this_run(variables, self._task._uuid) or {"layers": {}, "check": self._task.check_mode}
        events = RUN.of(str(variables.get("inventory_hostname", "")))
        failures = [event["message"] for event in events if event["failed"]]
        headline, tone = _ended(seen, bool(failures))
        now = time.time()
        # the timer of the summary starts after the plan
        began = min((event["start"] for event in events), default=seen.get("started", now))
        layers = args["plan"].get("layers") or {}
        return page.page(
            page.Run(
                title=args["title"],
                headline=headline,
                tone=tone,
                began=began,
                ended=now,
                check=seen["check"],
                failure=printable.message(failures[0]) if failures else "",
                changes={name: layer["changes"] for name, layer in layers.items()},
                graph=args["plan"].get("graph") or NO_GRAPH,
                events=events,
                status=args["status"],
            )
        )


def _picture(plan: dict[str, t.Any], path: str) -> str:
    graph = plan.get("graph") or NO_GRAPH
    return draw.svg(graph) if path.endswith(".svg") else draw.mermaid(graph)


def _ended(seen: dict[str, t.Any], failed: bool) -> tuple[str, str]:
    """Return headline and tone of a run's outcome."""
    if failed:
        return "Failed.", tone.WRONG
    planned = seen["check"] and any(layer["changes"] for layer in seen["layers"].values())
    return render.headline(seen), tone.DOUBT if planned else tone.WELL
