# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Creates, updates or deletes a target group.  Its targets are left to whoever registers them."""

from __future__ import annotations

import typing as t

from ..._aws.changes import as_text
from ..._plan.model import Field
from . import api, decide

Values = dict[str, t.Any]


def ensure_present(client: t.Any, params: Values, check: bool) -> Values:
    """Create or update the target group unless I(check), and return the module's result."""
    name = params["name"]
    attributes = {key: decide.attribute_text(value) for key, value in params["attributes"].items()}
    wanted = {**params, "attributes": attributes}
    group = api.target_group(client, name)
    if group is None:
        return _create(client, name, wanted, check)
    found = _values(client, group)
    fields = decide.target_group_fields(name, wanted, found)
    tags = decide.tag_fields(params["tags"], found["tags"], params["purge_tags"])
    result = {"changed": bool(fields or tags), "diff": decide.diff(fields + tags), "target_group": found}
    if check or not result["changed"]:
        return result
    _write(client, group["TargetGroupArn"], fields, found["protocol_version"])
    api.write_tags(client, group["TargetGroupArn"], tags)
    return {**result, "target_group": _values(client, t.cast("Values", api.target_group(client, name)))}


def ensure_absent(client: t.Any, params: Values, check: bool) -> Values:
    """Delete the target group unless I(check), and return the module's result."""
    group = api.target_group(client, params["name"])
    if group is not None and not check:
        api.delete_target_group(client, group["TargetGroupArn"])
    before = {"name": params["name"]} if group else {}
    return {"changed": group is not None, "diff": {"before": before, "after": {}}, "target_group": None}


def _create(client: t.Any, name: str, wanted: Values, check: bool) -> Values:
    shown = {key: wanted[key] for key in ("protocol", "protocol_version", "port", "target_type", "vpc_id")}
    shown |= {key: wanted[key] for key in ("health_check", "attributes")}
    result = {"changed": True, "diff": {"before": {}, "after": {"name": name, **shown}}, "target_group": None}
    if check:
        return result
    group = api.create_target_group(client, decide.target_group_request(name, wanted), as_text(wanted["tags"]))
    # only given attributes are written: AWS's defaults are not differences
    if wanted["attributes"]:
        api.modify_attributes(client, group["TargetGroupArn"], wanted["attributes"])
    return {**result, "target_group": _values(client, group)}


def _write(client: t.Any, arn: str, fields: list[Field], protocol_version: str) -> None:
    check = decide.health_check_request(decide.below(fields, "health_check"), protocol_version)
    attributes = decide.below(fields, "attributes")
    if check:
        api.modify_health_check(client, arn, check)
    if attributes:
        api.modify_attributes(client, arn, attributes)


def _values(client: t.Any, group: Values) -> Values:
    arn = group["TargetGroupArn"]
    tags = api.tags(client, [arn]).get(arn, {})
    values = decide.target_group_values(group, api.target_group_attributes(client, arn), tags)
    return {"arn": arn, "name": group["TargetGroupName"], **values}
