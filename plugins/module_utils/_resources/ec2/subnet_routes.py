# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The routes of a subnet and the endpoints of its VPC, read from EC2's descriptions."""

from __future__ import annotations

import re
import typing as t

Data = t.Mapping[str, t.Any]

# in China the name may begin with cn.; endpoints of type Resource and ServiceNetwork have no service
AWS_SERVICE = re.compile(r"(?:cn\.)?com\.amazonaws\.[a-z0-9-]+\.(?P<name>.+)")
ANYWHERE = "0.0.0.0/0"
BLACKHOLE = "blackhole"
NOWHERE = ("", BLACKHOLE)
"""The values of C(default_route) that lead nowhere."""


def of(tables: t.Iterable[Data], subnet: Data) -> list[Data]:
    """Return the routes of a subnet: those of its own table, else of the VPC's main table."""
    of_vpc = [table for table in tables if table["VpcId"] == subnet["VpcId"]]
    own = [table for table in of_vpc if _is_associated(table, "SubnetId", subnet["SubnetId"])]
    main = [table for table in of_vpc if _is_associated(table, "Main", True)]
    return next((list(table["Routes"]) for table in (*own, *main)), [])


def default_route(of_subnet: t.Iterable[Data]) -> str:
    """Return the kind of the default route's target: C(igw), C(nat), C(tgw) …, C(blackhole) if it is gone.

    Empty if there is no default route.
    """
    for route in of_subnet:
        if route.get("DestinationCidrBlock") == ANYWHERE:
            if route.get("State") == BLACKHOLE:
                return BLACKHOLE
            targets = (str(value) for key, value in route.items() if key.endswith(("Id", "Arn")) and value)
            return next((target.partition("-")[0] for target in targets), "other")
    return ""


def endpoint_names(endpoints: t.Iterable[Data], vpc: str) -> list[str]:
    """Return the short names of a VPC's available endpoints, such as C(ecr.api)."""
    usable = [item for item in endpoints if item["VpcId"] == vpc and str(item.get("State", "")).lower() == "available"]
    found = [AWS_SERVICE.fullmatch(item.get("ServiceName", "")) for item in usable]
    return sorted(match["name"] for match in found if match)


def _is_associated(table: Data, key: str, value: t.Any) -> bool:
    return any(entry.get(key) == value for entry in table.get("Associations") or [])
