# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The route tables of a plan, and the subnets that lose a route by it.  Plain dicts in and out."""

from __future__ import annotations

import typing as t

Change = t.Mapping[str, t.Any]


def losing(changes: t.Iterable[Change]) -> list[str]:
    """Return the names of the subnets that a plan moves to a route table that lacks one of their destinations."""
    tables = [change for change in changes if change["type"] == "route_table"]
    now = {subnet: table for table in tables for subnet in _before(table).get("subnets", [])}
    return [
        subnet
        for table in tables
        if table["action"] != "remove"
        for subnet in table["values"]["subnets"]
        if subnet in now
        and now[subnet] is not table
        and _destinations(_before(now[subnet])) - _destinations(table["values"])
    ]


def of_table(change: Change, ids: t.Mapping[str, str], staying: t.Container[str]) -> dict[str, t.Any]:
    """Return a planned route table as M(magiclub.fargate.ec2_route_tables) expects it.

    :param ids: ids of targets and subnets by name.
    :param staying: names of subnets that keep their current table.
    """
    values = change["values"]
    return {
        "name": change["name"],
        "route_table_id": change["id"],
        "routes": [{"destination": one["destination"], "target": ids[one["target"]]} for one in values["routes"]],
        "subnets": [ids[name] for name in values["subnets"] if name not in staying],
        "tags": values["tags"],
    }


def _before(table: Change) -> dict[str, t.Any]:
    """Return the current values of a route table, empty for a new one."""
    if table["action"] == "add":
        return {}
    return {**table["values"], **{field["path"]: field["before"] for field in table["fields"]}}


def _destinations(values: t.Mapping[str, t.Any]) -> set[str]:
    return {route["destination"] for route in values["routes"]}
