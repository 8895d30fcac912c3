# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compare canonical forms (see C(normal)): the changes are C({path, before, after}).

A path is the keys joined by dots, names of containers, variables and tags included, as in
C(container_definitions.lotto-api.environment.LOG_LEVEL).  A missing value is null.
"""

from __future__ import annotations

import typing as t

from ..._plan.model import Field
from .redact import short

Data = t.Mapping[str, t.Any]

_NOT_COMPARED = frozenset(("cluster", "service_name", "cluster_name", "tags"))

# Compared as a whole: the user's own maps, where an additional key is a difference, and a list whose order matters.
_EXACT = frozenset(("hook_details", "options", "placement_strategy", "secret_options"))

# The fields that UpdateService can change by deployment controller. Source: its description in the API reference.
_OF_EXTERNAL = frozenset(
    (
        "deployment_controller",
        "desired_count",
        "enable_ecs_managed_tags",
        "health_check_grace_period_seconds",
        "placement_constraints",
        "placement_strategy",
        "propagate_tags",
    )
)
_UPDATABLE = {"CODE_DEPLOY": _OF_EXTERNAL | {"deployment_configuration"}, "EXTERNAL": _OF_EXTERNAL}

_CONNECT = "service_connect_configuration"

_INSTEAD = {
    "CODE_DEPLOY": "create a CodeDeploy deployment (CreateDeployment)",
    "EXTERNAL": "create a task set with it (CreateTaskSet)",
}


def task_definition_changes(desired: Data, found: Data | None) -> list[Field]:
    """Return every difference between two task definitions except tags, as a revision is registered as a whole."""
    return _whole(_without_tags(desired), _without_tags(found or {}), "")


def service_changes(
    desired: Data, found: Data, *, purge_tags: bool = True, preserve_desired_count: bool = False
) -> list[Field]:
    """Return the changes that the given fields of a service require; other fields stay as they are.

    Any revision satisfies a C(task_definition) without one: resolve it first to get the newest.
    """
    given = dict(desired)
    if preserve_desired_count:
        given.pop("desired_count", None)
    if _family_only(given.get("task_definition"), found.get("task_definition")):
        given.pop("task_definition")
    if given.get("platform_version") == "LATEST" and not found.get("platform_version"):
        given.pop("platform_version")
    changes = _given(given, found, "")
    if not touches(changes, "load_balancers") and _traffic_shifting_differs(given, found):
        before, after = found["load_balancers"], given["load_balancers"]
        changes.append({"path": "load_balancers", "before": before, "after": after})
    if not touches(changes, _CONNECT) and _connect_differs(given.get(_CONNECT) or {}, found.get(_CONNECT) or {}):
        changes.append({"path": _CONNECT, "before": found[_CONNECT], "after": given[_CONNECT]})
    return changes + tag_changes(desired.get("tags"), found.get("tags"), purge=purge_tags)


def cluster_changes(desired: Data, found: Data | None, *, purge_tags: bool = True) -> list[Field]:
    """Return the changes that the given fields of a cluster require; other fields stay as they are."""
    found = found or {}
    return _given(desired, found, "") + tag_changes(desired.get("tags"), found.get("tags"), purge=purge_tags)


def tag_changes(wanted: t.Mapping[str, str] | None, has: t.Mapping[str, str] | None, *, purge: bool) -> list[Field]:
    """Return the tags to set, and with I(purge) those to remove, except AWS's own (C(aws:…)); none if not given."""
    if wanted is None:
        return []
    has = has or {}
    gone = [key for key in has if not key.startswith("aws:")] if purge else []
    keys = sorted({*wanted, *gone})
    return [
        {"path": f"tags.{key}", "before": has.get(key), "after": wanted.get(key)}
        for key in keys
        if has.get(key) != wanted.get(key)
    ]


def tags_to_write(changes: t.Iterable[Data]) -> tuple[dict[str, str], list[str]]:
    """Return the tags that the changes set, and the keys that they remove."""
    tags = [(change["path"].removeprefix("tags."), change["after"]) for change in changes if _is_tag(change)]
    return {key: value for key, value in tags if value is not None}, [key for key, value in tags if value is None]


def except_tags(changes: t.Iterable[Field]) -> list[Field]:
    """Return the changes except those of tags."""
    return [change for change in changes if not _is_tag(change)]


def touches(changes: t.Iterable[Data], *fields: str) -> bool:
    """Return whether any of the fields changes."""
    return any(change["path"].split(".", 1)[0] in fields for change in changes)


def refusals(changes: t.Iterable[Data], found: Data, updatable: t.Container[str]) -> list[str]:
    """Return one message for each field that AWS can't change on the existing service.

    I(updatable) are the options of UpdateService in the installed botocore.
    """
    controller = found.get("deployment_controller") or "ECS"
    fields: dict[str, Data] = {}
    for change in changes:
        if not _is_tag(change):
            fields.setdefault(change["path"].split(".", 1)[0], change)
    sentences = (_refusal(field, change, found, controller, updatable) for field, change in fields.items())
    return [sentence for sentence in sentences if sentence]


def fixed_fields(fields: t.Iterable[str], controller: str) -> list[str]:
    """Return the fields that UpdateService can't change if the deployment controller is I(controller)."""
    allowed = _UPDATABLE.get(controller)
    return [] if allowed is None else [field for field in fields if field not in allowed]


def superseded(revisions: t.Sequence[str], in_use: t.Container[str], keep: int) -> list[str]:
    """Return the I(revisions) (ARNs, newest first) after the newest I(keep) that no service uses."""
    return [arn for arn in revisions[keep:] if arn not in in_use]


def revisions_in_use(services: t.Iterable[Data]) -> set[str]:
    """Return the ARNs of the task definitions of services, their deployments and their task sets."""
    used: set[str] = set()
    for service in services:
        holders = [service, *service.get("deployments", []), *service.get("taskSets", [])]
        used.update(holder["taskDefinition"] for holder in holders if holder.get("taskDefinition"))
    return used


def _refusal(field: str, change: Data, found: Data, controller: str, updatable: t.Container[str]) -> str | None:
    if field == "launch_type":
        return None if found.get("capacity_provider_strategy") else _launch_type_refusal(change)
    if fixed_fields([field], controller):
        return (
            f"{field} can't be changed by UpdateService while the deployment controller is {controller}:"
            f" {_INSTEAD[controller]}, and leave {field} out here."
        )
    if field not in updatable:
        return (
            f"{field} of a live service can't be changed ({short(change['before'])} to {short(change['after'])}):"
            " leave it as it is, or remove the service (state: absent) and recreate it."
        )
    return None


def _launch_type_refusal(change: Data) -> str:
    wanted = change["after"]
    provider = f"[{{capacity_provider: {wanted}, weight: 1}}]" if wanted == "FARGATE" else "of that capacity"
    return (
        f"launch_type of a live service can't be changed ({change['before']} to {wanted}): give"
        f" capacity_provider_strategy {provider} in its place, or remove the service (state: absent) and recreate it."
    )


def _whole(desired: Data, found: Data, path: str) -> list[Field]:
    changes: list[Field] = []
    for key in sorted({*desired, *found}):
        changes.extend(_whole_field(desired.get(key), found.get(key), f"{path}.{key}" if path else key))
    return changes


def _whole_field(wanted: t.Any, has: t.Any, path: str) -> list[Field]:
    maps = [value for value in (wanted, has) if isinstance(value, t.Mapping)]
    if any(maps) and len(maps) + (wanted is None) + (has is None) == 2:
        return _whole(wanted or {}, has or {}, path)
    return [] if wanted == has else [{"path": path, "before": has, "after": wanted}]


def _given(desired: Data, found: Data, path: str) -> list[Field]:
    changes: list[Field] = []
    for key, wanted in desired.items():
        if wanted is None or (not path and key in _NOT_COMPARED):
            continue
        has, here = found.get(key), f"{path}.{key}" if path else key
        if isinstance(wanted, t.Mapping) and key not in _EXACT:
            changes.extend(_given(wanted, has or {}, here))
        elif not _member_satisfies(key, has, wanted):
            changes.append({"path": here, "before": has, "after": wanted})
    return changes


def _member_satisfies(key: str, has: t.Any, wanted: t.Any) -> bool:
    return bool(has == wanted) if key in _EXACT else _satisfies(has, wanted)


def _satisfies(has: t.Any, wanted: t.Any) -> bool:
    """Return whether the existing value has all that is wanted; items of lists may have more fields."""
    if wanted is False and has is None:
        return True
    if isinstance(wanted, list):
        return _satisfies_list(has or [], wanted)
    if isinstance(wanted, t.Mapping) and isinstance(has, t.Mapping):
        return all(_member_satisfies(key, has.get(key), value) for key, value in wanted.items())
    return bool(has == wanted)


def _satisfies_list(has: t.Any, wanted: list[t.Any]) -> bool:
    left = list(has)
    for item in wanted:
        match = next((index for index, other in enumerate(left) if _satisfies(other, item)), None)
        if match is None:
            return False
        del left[match]
    return not left


def _traffic_shifting_differs(given: Data, found: Data) -> bool:
    """Return whether load balancers have traffic shifting that was not given.

    A rolling service needs none, and its alternate target group and rules can't be deleted while it refers to them.
    """
    wanted, has = (
        [balancer.get("advanced_configuration") or {} for balancer in part.get("load_balancers") or []]
        for part in (given, found)
    )
    rolls = (given.get("deployment_configuration") or {}).get("strategy") == "ROLLING"
    return bool(wanted) and (rolls or all(wanted)) and any(part not in wanted for part in has)


def _connect_differs(given: Data, found: Data) -> bool:
    """Return whether Service Connect has fields that were not given: UpdateService replaces it as a whole.

    ECS may fill in the C(discovery_name).
    """
    if not given.get("enabled") or not found.get("enabled"):
        return False
    offered = [
        {key: value for key, value in one.items() if key != "discovery_name" or "discovery_name" in wanted}
        for one, wanted in zip(found.get("services") or [], given.get("services") or [], strict=False)
    ]
    return offered != (given.get("services") or []) or any(key not in given for key in found if key != "services")


def _family_only(wanted: str | None, has: str | None) -> bool:
    return has is not None and has.split(":", 1)[0] == wanted


def _without_tags(definition: Data) -> dict[str, t.Any]:
    return {key: value for key, value in definition.items() if key != "tags"}


def _is_tag(change: Data) -> bool:
    return bool(change["path"].startswith("tags."))
