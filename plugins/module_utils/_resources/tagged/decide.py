# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which tagged resources still exist.

The Resource Groups Tagging API lists deleted resources for hours (https://github.com/boto/boto3/issues/3341), so a
resource counts only if its service has it.
"""

from __future__ import annotations

import re
import typing as t

THERE, DELETING, UNCONFIRMED = "there", "deleting", "unconfirmed"

Tags = t.Mapping[str, str]


class Known(t.NamedTuple):
    """A resource that its service has, with its tags (or only its name as the tag Name), C(there) or C(deleting)."""

    arn: str
    tags: Tags
    state: str = THERE


def kind(arn: str) -> str:
    """Return service and type of a resource, such as C(ec2:vpc) and C(logs:log-group)."""
    _arn, _partition, service, _region, _account, resource = arn.split(":", 5)
    # the ARN of a queue has no type
    if service == "sqs":
        return "sqs:queue"
    return f"{service}:{re.split('[/:]', resource)[0]}"


def belongs(name: str, prefix: str) -> bool:
    """Return whether a name is the prefix, or begins with it and a separator."""
    return re.match(re.escape(prefix) + r"($|[-/])", name.lstrip("/")) is not None


def name_of(arn: str, tags: Tags) -> str:
    """Return the Name tag, else the name in the ARN."""
    if tags.get("Name"):
        return tags["Name"]
    resource = arn.split(":", 5)[-1]
    parts = re.split(r"[/:]", resource)
    if resource.startswith(("loadbalancer/", "listener", "targetgroup/")):
        return next((part for part in parts[1:] if part not in ("app", "net")), resource)
    return parts[-2] if resource.startswith("task-definition/") else parts[-1]


def by_kind(listed: t.Mapping[str, Tags], prefix: str) -> dict[str, list[str]]:
    """Return the I(listed) ARNs with the prefix, by kind."""
    kinds: dict[str, list[str]] = {}
    for arn, tags in sorted(listed.items()):
        if belongs(name_of(arn, tags), prefix):
            kinds.setdefault(kind(arn), []).append(arn)
    return kinds


def remaining(
    listed: t.Mapping[str, Tags], known: t.Iterable[Known], checked: t.Container[str], prefix: str
) -> list[dict[str, str]]:
    """Return C({arn, name, state}) of the resources with the prefix that still exist, each ARN once, by ARN.

    I(listed) are those of the tagging API, I(known) those of their services.  One that is not known is gone if its
    service or kind is in I(checked), else it is C(unconfirmed).
    """
    found = {entry.arn: entry for entry in known}
    for arn, tags in listed.items():
        if arn not in found and kind(arn) not in checked and kind(arn).partition(":")[0] not in checked:
            found[arn] = Known(arn, tags, UNCONFIRMED)
    named = [(arn, name_of(arn, entry.tags), entry.state) for arn, entry in sorted(found.items())]
    return [{"arn": arn, "name": name, "state": state} for arn, name, state in named if belongs(name, prefix)]
