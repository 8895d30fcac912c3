# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shows the changes of a run or of its plan, and writes them to a file and artifacts of AWX."""

from __future__ import annotations

import json
import time
import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws import printable, tone
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare, render
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.model import Change
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.run import of_this_run, with_left
from ansible_collections.magiclub.fargate.plugins.plugin_utils import files, show
from ansible_collections.magiclub.fargate.plugins.plugin_utils.action import Action


class ActionModule(Action):
    _requires_connection = False

    def act(self, variables: dict[str, t.Any]) -> dict[str, t.Any]:
        _result, args = self.validate_argument_spec(
            {
                "title": {"type": "str", "default": ""},
                "lines": {"type": "dict", "default": {}},
                "plan_file": {"type": "path"},
                "stats": {"type": "dict", "default": {}},
                "plan_id": {"type": "str", "default": ""},
                "left": {"type": "dict"},
                "removal": {"type": "bool", "default": False},
                "planned": {"type": "bool", "default": False},
            }
        )
        run = of_this_run(variables, self._task._uuid) or {"layers": {}, "check": False}
        run = {**run, "check": run["check"] or args["planned"], "removal": args["removal"]}
        if args["left"] is not None:
            run = with_left(run, args["left"])
        changes = [change for layer in run["layers"].values() for change in layer["changes"]]
        counts = compare.count(changes)
        document = {"check": run["check"], "id": args["plan_id"], **counts, "layers": run["layers"]}
        document["unasked"] = run.get("unasked", [])
        if args["plan_file"]:
            known = variables
            hosts = known.get("ansible_play_hosts_all") or []
            path = show.file_of(args["plan_file"], str(known.get("inventory_hostname")), hosts)
            files.write("plan_file", path, json.dumps(document, indent=2, sort_keys=True) + "\n")
        elapsed = time.time() - run["started"] if "started" in run else None
        for line in render.summary(run, args["title"], args["lines"], elapsed, args["plan_id"]):
            show.line(self._display, printable.one_line(line), variables, tone.of(line))
        bound = self._bound(args["plan_id"], changes, variables)
        return {
            "changed": False,
            "msg": render.headline(run),
            "plan": document,
            "ansible_stats": show.stats({"fargate_plan": {**counts, **bound}, **args["stats"]}, variables),
        }

    def _bound(self, plan_id: str, changes: t.Iterable[Change], variables: dict[str, t.Any]) -> dict[str, t.Any]:
        """Return what a later job needs to carry out this plan, or to show how its own differs."""
        if not plan_id:
            return {}
        revision = variables.get("awx_project_revision")
        lines = [render.change_line(change) for change in changes]
        return {"id": plan_id, "lines": lines, **({"revision": revision} if revision else {})}
