# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which tagged resources are really still there."""

from __future__ import annotations

import re
import typing as t

# Types that stay listed after they were deleted, and never cost anything then.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister-task-definition-v2.html
# https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html#nat-gateway-deleting
LINGERING = ("task-definition/", "natgateway/", "cluster/", "service/", "task/")


def belongs(name: str, prefix: str) -> bool:
    """Return whether a name is the prefix itself or begins with it and a separator."""
    return re.match(re.escape(prefix) + r"($|[-/])", name.lstrip("/")) is not None


def name_of(arn: str, tags: t.Mapping[str, str]) -> str:
    """Return the Name tag, or else the name that the ARN ends in."""
    if tags.get("Name"):
        return tags["Name"]
    resource = arn.split(":", 5)[-1]
    parts = re.split(r"[/:]", resource)
    if resource.startswith(("loadbalancer/", "listener", "targetgroup/")):
        return next((part for part in parts[1:] if part not in ("app", "net")), resource)
    return parts[-2] if resource.startswith("task-definition/") else parts[-1]


def left(tagged: t.Iterable[t.Mapping[str, t.Any]], prefix: str, gone: t.Container[str] = ()) -> list[dict[str, str]]:
    """Return C({arn, name}) of what bears the prefix and is not in I(gone), each ARN once, by ARN."""
    found = {
        entry["arn"]: {"arn": entry["arn"], "name": name_of(entry["arn"], entry["tags"])}
        for entry in tagged
        if entry["arn"] not in gone
    }
    return [entry for _arn, entry in sorted(found.items()) if belongs(entry["name"], prefix)]


def may_linger(arn: str) -> bool:
    """Return whether a resource of this type stays listed for a while after its end."""
    return arn.split(":", 5)[-1].startswith(LINGERING)
