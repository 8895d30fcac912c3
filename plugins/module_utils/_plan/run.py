# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plan of a run and the seconds of each layer, kept in the fact C(fargate_run)."""

from __future__ import annotations

import copy
import typing as t

from .model import Change, ChangeSummary, key_of

Run = dict[str, t.Any]

FACT = "fargate_run"


def of_this_run(task_vars: t.Mapping[str, t.Any] | None, task_uuid: str) -> Run | None:
    """Return the C(fargate_run) of this run, or None; one of an earlier run, from a fact cache, is ignored."""
    known: Run | None = (task_vars or {}).get("ansible_facts", {}).get(FACT)
    return known if known and known.get("id") == _identity(task_uuid) else None


def as_fact(run: Run, task_uuid: str) -> dict[str, Run]:
    """Return the fact that keeps I(run) for the next tasks of this run."""
    return {FACT: {**run, "id": _identity(task_uuid)}}


def _identity(task_uuid: str) -> str:
    # the part before the number is the same for all objects of a process: ansible.utils.vars.get_unique_id
    return task_uuid.rpartition("-")[0]


def with_layer(run: Run | None, layer: str, changes: t.Sequence[Change], check: bool, now: float) -> Run:
    """Return I(run) with the plan of I(layer); a layer that is planned twice keeps the changes of both plans.

    Layers are in the order of their last plans.
    """
    result = _started(run, now)
    result["check"] = check
    entry = _entry(result, layer)
    entry["changes"] += [_summary(change) for change in changes]
    result["layers"][layer] = result["layers"].pop(layer)
    return result


def with_left(run: Run, left: t.Mapping[str, t.Mapping[str, t.Any]]) -> Run:
    """Return I(run) with its changes that are still in the plans I(left) moved to C(left) of their layer."""
    result = copy.deepcopy(run)
    for name, entry in result["layers"].items():
        open_ = {key_of(change) for change in (left.get(name) or {}).get("changes") or []}
        entry["left"] = [change for change in entry["changes"] if key_of(change) in open_]
        entry["changes"] = [change for change in entry["changes"] if key_of(change) not in open_]
    return result


def with_lap(run: Run | None, layer: str | None, now: float) -> Run:
    """Return I(run) with the seconds since the last lap added to I(layer); without a layer, only start a new lap."""
    result = _started(run, now)
    if layer:
        entry = _entry(result, layer)
        entry["seconds"] = round(entry["seconds"] + now - result["lap"], 3)
    result["lap"] = now
    return result


def restarted(run: Run | None, now: float) -> Run:
    """Return I(run) with its clock restarted; its plans stay."""
    return {**_started(run, now), "started": now, "lap": now}


def _started(run: Run | None, now: float) -> Run:
    return copy.deepcopy(run) if run else {"started": now, "lap": now, "check": False, "layers": {}}


def _entry(run: Run, layer: str) -> Run:
    return t.cast("Run", run["layers"].setdefault(layer, {"changes": [], "seconds": 0.0}))


def _summary(change: Change) -> ChangeSummary:
    return {"action": change["action"], "type": change["type"], "name": change["name"], "fields": change["fields"]}
