# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Creates, updates or deletes a schedule."""

from __future__ import annotations

import typing as t

from ..._aws.retry import IsNew
from ..ecs import model
from ..elbv2.decide import diff
from . import api, decide

Values = dict[str, t.Any]

_KEPT = ("StartDate", "EndDate", "ActionAfterCompletion", "KmsKeyArn")
"""Fields without an option, which UpdateSchedule would remove if they were not given."""


def ensure_present(client: t.Any, params: Values, check: bool, is_new: IsNew | None = None) -> Values:
    """Create or update the schedule unless I(check), and return the module's result."""
    request = model.request_for(client, "CreateSchedule", decide.options(params))
    wanted = decide.values(request)
    found = api.schedule(client, params["name"], params["group_name"])
    has = decide.values(found) if found else {}
    changes = decide.fields(wanted, has) if found else []
    shown = {"name": params["name"], "group_name": params["group_name"], **wanted}
    result = {
        "changed": not found or bool(changes),
        "diff": diff(changes) if found else {"before": {}, "after": shown},
        "schedule": {**shown, "arn": found["Arn"]} if found else None,
    }
    if check or not result["changed"]:
        return result
    if found or not api.create(client, request, is_new):
        kept = {key: found[key] for key in _KEPT if found and found.get(key)}
        api.update(client, {**kept, **request}, is_new)
    now = api.schedule(client, params["name"], params["group_name"]) or {}
    return {**result, "schedule": {**shown, "arn": now.get("Arn")}}


def ensure_absent(client: t.Any, params: Values, check: bool, _is_new: IsNew | None = None) -> Values:
    """Delete the schedule unless I(check), and return the module's result; tasks that it started keep running."""
    found = api.schedule(client, params["name"], params["group_name"])
    if found and not check:
        api.delete(client, params["name"], params["group_name"])
    before = {"name": params["name"], **decide.values(found)} if found else {}
    return {"changed": bool(found), "diff": {"before": before, "after": {}}, "schedule": None}
