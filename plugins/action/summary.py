# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the run did, or would do, in the words of a plan; also as a file and as artifacts for AWX."""

from __future__ import annotations

import json
import time
import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import printable, tone
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare, render
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.model import Change
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.run import of_this_run, without
from ansible_collections.magiclub.fargate.plugins.plugin_utils import files, show


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        _result, args = self.validate_argument_spec(
            {
                "title": {"type": "str", "default": ""},
                "lines": {"type": "dict", "default": {}},
                "plan_file": {"type": "path"},
                "stats": {"type": "dict", "default": {}},
                "plan_id": {"type": "str", "default": ""},
                "left": {"type": "dict"},
                "planned": {"type": "bool", "default": False},
            }
        )
        run = of_this_run(task_vars, self._task._uuid) or {"layers": {}, "check": False}
        if args["planned"]:
            run = {**run, "check": True}
        if args["left"] is not None:
            run = without(run, args["left"])
        changes = [change for layer in run["layers"].values() for change in layer["changes"]]
        counts = compare.count(changes)
        document = {"check": run["check"], "id": args["plan_id"], **counts, "layers": run["layers"]}
        document["unasked"] = run.get("unasked", [])
        if args["plan_file"]:
            known = task_vars or {}
            hosts = known.get("ansible_play_hosts_all") or []
            path = show.file_of(args["plan_file"], str(known.get("inventory_hostname")), hosts)
            files.write("plan_file", path, json.dumps(document, indent=2, sort_keys=True) + "\n")
        elapsed = time.time() - run["started"] if "started" in run else None
        for line in render.summary(run, args["title"], args["lines"], elapsed, args["plan_id"]):
            show.line(self._display, printable.one_line(line), task_vars, tone.of(line))
        bound = self._bound(args["plan_id"], changes, task_vars)
        return {
            "changed": False,
            "msg": render.headline(run),
            "plan": document,
            "ansible_stats": show.stats({"fargate_plan": {**counts, **bound}, **args["stats"]}, task_vars),
        }

    def _bound(self, plan_id: str, changes: t.Iterable[Change], task_vars: dict[str, t.Any] | None) -> dict[str, t.Any]:
        """Return what a later job of a workflow needs, so as to carry out this plan and to say how its own differs."""
        if not plan_id:
            return {}
        revision = (task_vars or {}).get("awx_project_revision")
        lines = [render.change_line(change) for change in changes]
        return {"id": plan_id, "lines": lines, **({"revision": revision} if revision else {})}
