# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What has a platform's tags and is not in the inventory: services, platforms of former name prefixes, other resources.

Only what this collection makes counts, and only with the same ManagedBy, Project and Environment: others use the same
tags for databases and buckets of their own, and tasks, network interfaces and images come and go by themselves.
"""

from __future__ import annotations

import re
import typing as t

from .._aws.printable import counted
from .._plan import types
from .._plan.model import Resource
from .._plan.names import alb_name, cluster_name, vpc_name
from .._resources.tagged.decide import DELETING, Known, belongs, kind, name_of
from .services.names import CLASHES, OF_PORTS, Names

Unasked = dict[str, t.Any]

# types of planned resources by service and type in the ARN
TYPES = {one.tagged: name for name, one in types.TYPES.items() if one.tagged}

# services whose ARNs end in an id: the tag Name is the resource's name
NAMED_BY_TAG = ("ec2", "servicediscovery", "application-autoscaling")

# the form of the names of a service's resources, by type
OF_A_SERVICE = {
    "cloud_map_service": "{}-(.+)",
    "ecs_service": "{}-(.+)",
    "ecs_task_definition": "{}-(.+)",
    "iam_role": "{}-(.+)-(?:task|execution|shift|connect|schedule)",
    "listener_rule": "{}-(.+)",
    "log_group": "/ecs/{}-(.+)",
    "scalable_target": "{}-(.+)",
    "security_group": "{}-(.+)-sg",
    "sqs_queue": "{}-(.+)",
    "target_group": "{}-(.+)",
}

# the ends of the names of a service's further resources (Names.alternate, test_rule, port_group, rule)
SECOND = {"listener_rule": r"-test(:\d+)?$|/\d+$", "sqs_queue": r"-dead$", "target_group": r"-alt$|-\d+$"}

# a first run creates the log group first, and a removal deletes it last: each service has one of these
PROVES_A_SERVICE = ("ecs_service", "ecs_task_definition", "log_group")

# The ends of the names of a platform's own resources, which identify its name prefix: with a platform PREFIX-x,
# PREFIX-x-lotto is not a service of PREFIX.
ANCHORS = {"ecs_cluster": cluster_name(""), "load_balancer": alb_name(""), "vpc": vpc_name("")}


class Inventory(t.NamedTuple):
    """The contents of the inventory.

    :param prefix: the name prefix.
    :param services: names of the services, including lotto.
    :param resources: what C(known) returns for the resources of all layers.
    :param other_prefixes: other name prefixes that layers use, as that of a shared network.
    :param repositories: names of further repositories.
    :param cluster: name of the cluster; empty for the prefix with C(-ecs).
    :param named: names of a service's resources, by service and type.
    """

    prefix: str
    services: t.Container[str]
    resources: t.Container[str]
    other_prefixes: t.Container[str] = ()
    repositories: t.Container[str] = ()
    named: t.Mapping[str, t.Mapping[str, t.Container[str]]] = {}
    cluster: str = ""


def known(resources: t.Iterable[Resource]) -> set[str]:
    """Return the keys that identify the layers' resources: type and name, and if they exist, ids or ARNs."""
    keys: set[str] = set()
    for entry in resources:
        keys |= {f"{entry['type']} {entry['name']}", *([str(entry["id"])] if entry.get("id") else [])}
    return keys


def candidates(listed: t.Iterable[Known], inventory: Inventory) -> list[Known]:
    """Return those of I(listed) that may not be in the inventory, to be confirmed by AWS."""
    ours = [entry for entry in listed if kind(entry.arn) in TYPES]
    prefixes = [inventory.prefix, *_platforms(ours)]
    proved = _proved(ours, inventory.prefix, inventory.cluster)
    return [entry for entry in ours if _may_be_unasked(entry, _prefix_of(entry, prefixes), inventory, proved)]


def _may_be_unasked(entry: Known, whose: str | None, inventory: Inventory, proved: t.Container[str]) -> bool:
    if whose is None or whose in inventory.other_prefixes or _is_known(entry, inventory.resources):
        return False
    if TYPES[kind(entry.arn)] == "ecr_repository" and _name(entry) in inventory.repositories:
        return False
    if _is_named(entry, inventory):
        return False
    if whose == inventory.prefix:
        app = _service(entry, whose, proved, inventory.cluster)
        return app not in inventory.services or _has_another_name(entry, app, inventory)
    # ECR's permissions are for repositories of this prefix (docs/iam)
    return TYPES[kind(entry.arn)] != "ecr_repository"


def _is_named(entry: Known, inventory: Inventory) -> bool:
    """Whether it has a name that its service gives it, which may look like the name of another service's resource."""
    its_type = TYPES[kind(entry.arn)]
    return any(_name(entry) in names.get(its_type, ()) for names in inventory.named.values())


def _has_another_name(entry: Known, app: str, inventory: Inventory) -> bool:
    """Whether a service now has another name for this resource."""
    its_type, name = TYPES[kind(entry.arn)], _name(entry)
    names = inventory.named.get(app, {}).get(its_type)
    # a target group of a port is the service's even if the port has changed
    of_port = its_type == "target_group" and Names(inventory.prefix, app).is_port_group(name)
    return names is not None and name not in names and not of_port


def unasked(there: t.Iterable[Known], inventory: Inventory) -> list[Unasked]:
    """Return C({kind, name, resources, remove}) of what exists and is not in the inventory, sorted by kind and name.

    I(there) are the confirmed candidates.  The kinds are C(service), C(resource), C(former) and C(platform); C(remove)
    says how to remove it.
    """
    left = [entry for entry in candidates(there, inventory) if entry.state != DELETING]
    prefix = inventory.prefix
    prefixes = [prefix, *_platforms(left)]
    proved = _proved(left, prefix, inventory.cluster)
    groups: dict[tuple[str, str], list[Known]] = {}
    for entry in left:
        whose = _prefix_of(entry, prefixes)
        app = _service(entry, prefix, proved, inventory.cluster) or _built(entry, prefix, proved)
        key = ("platform", str(whose)) if whose != prefix else _group(entry, app, inventory)
        groups.setdefault(key, []).append(entry)
    result = [found for (group, name), entries in groups.items() for found in _told(group, name, entries, prefix)]
    return sorted(result, key=lambda found: (ORDER.index(found["kind"]), found["name"]))


def _group(entry: Known, app: str, inventory: Inventory) -> tuple[str, str]:
    if app:
        return ("former" if _has_another_name(entry, app, inventory) else "service"), app
    return "resource", _name(entry)


ORDER = ("service", "resource", "former", "platform")


def services(found: t.Iterable[Unasked]) -> list[str]:
    """Return the names of the services that are not in the inventory, which C(prune) removes."""
    return [entry["name"] for entry in found if entry["kind"] == "service"]


def given_names(found: t.Iterable[Unasked]) -> dict[str, dict[str, str]]:
    """Return the names of resources of services that are not in the inventory, as the service's option C(names).

    Each target group counts as that of a further port, since their ports are unknown.
    """
    return {entry["name"]: _given_names(entry["resources"]) for entry in found if entry["kind"] == "service"}


def _given_names(resources: t.Iterable[t.Mapping[str, str]]) -> dict[str, str]:
    groups = [one["name"] for one in resources if one["type"] == "target_group"]
    own = {OPTION_OF[one["type"]]: one["name"] for one in resources if one["type"] in OPTION_OF}
    return {**own, **{f"{OF_PORTS}{number}": name for number, name in enumerate(groups)}}


OPTION_OF = {"ecs_service": "service", "log_group": "log_group", "ecs_task_definition": "task_family"}


def lines(found: t.Iterable[Unasked], prune: bool) -> list[str]:
    """Return a line for each that the run does not remove, with the way to remove it; I(prune) removes services."""
    left = [entry for entry in found if not (prune and entry["kind"] == "service")]
    return [f"{_title(entry)}: {_why(entry)}; {entry['remove']}" for entry in left]


def renamed(found: t.Iterable[Unasked]) -> list[str]:
    """Return an error for each ECS service whose definition now has another name."""
    return [
        f"Service '{entry['name']}' is {resource['name']} in ECS, which renames no service, and its definition gives it"
        f" another name: a second one would be made beside it. Set names.service to {resource['name']}; or give the"
        " definition another name, and remove the old service by prune=true once the new one serves."
        for entry in found
        for resource in entry["resources"]
        if entry["kind"] == "former" and resource["type"] == "ecs_service"
    ]


def _why(entry: Unasked) -> str:
    if entry["kind"] == "former":
        return f"service {entry['name']} has one of another name now"
    return "not in the inventory"


def _prune(resources: t.Iterable[t.Mapping[str, str]]) -> str:
    """Return the way to remove a service, whose images are only removed by an option of their own."""
    built = any(one["type"] == "ecr_repository" for one in resources)
    return "-e prune=true removes it" + (", and its images with -e ecr_push_force_delete=true" if built else "")


def _told(group: str, name: str, entries: list[Known], prefix: str) -> list[Unasked]:
    resources = sorted(
        ({"type": TYPES[kind(entry.arn)], "name": _name(entry), "arn": entry.arn} for entry in entries),
        key=lambda entry: (entry["type"], entry["name"], entry["arn"]),
    )
    if group == "service" and not any(entry["type"] in PROVES_A_SERVICE for entry in resources):
        group = "resource"
    if group in ("service", "platform"):
        remove = _prune(resources) if group == "service" else _destroy(name, f"-e fargate_name_prefix={name} ")
        return [{"kind": group, "name": name, "resources": resources, "remove": remove}]
    return [
        {
            "kind": group,
            "name": name if group == "former" else entry["name"],
            "resources": [entry],
            "remove": _by_hand(entry, prefix),
        }
        for entry in resources
    ]


def _destroy(prefix: str, more: str = "") -> str:
    return f"playbooks/destroy.yml {more}-e confirm={prefix} removes it"


def _by_hand(resource: t.Mapping[str, str], prefix: str) -> str:
    if resource["type"] == "ecr_repository":
        return _destroy(prefix, f"--tags ecr_push -e ecr_push_repository={resource['name']} ")
    return f"remove {resource['arn']} by hand if nothing needs it"


def _title(entry: Unasked) -> str:
    resources = entry["resources"]
    if entry["kind"] in ("resource", "former"):
        return f"{resources[0]['type']} {resources[0]['name']}"
    # images and scaling policies, which a removal counts, too, have no tags
    return f"{entry['kind']} {entry['name']} ({counted(len(resources), 'tagged resource')})"


def _platforms(listed: t.Iterable[Known]) -> list[str]:
    """Return the name prefixes of the platforms that have one of C(ANCHORS)."""
    named = [(_name(entry), ANCHORS.get(TYPES[kind(entry.arn)], "")) for entry in listed]
    return sorted({name.removesuffix(end) for name, end in named if end and name.endswith(end) and name != end})


def _prefix_of(entry: Known, prefixes: t.Iterable[str]) -> str | None:
    """Return the longest of the prefixes that a part of the name, or else of the tag Name, begins with."""
    for name in (_name(entry), _tag(entry)):
        parts = [part for part in name.split("/") if part]
        fitting = [prefix for prefix in prefixes if any(belongs(part, prefix) for part in parts)]
        if fitting:
            return max(fitting, key=len)
    return None


def _tag(entry: Known) -> str:
    """Return the tag Name of a resource that a service may have taken over with its old name; never of a role."""
    is_of_a_service = TYPES[kind(entry.arn)] in OF_A_SERVICE.keys() - {"iam_role"}
    return str(entry.tags.get("Name", "")) if is_of_a_service else ""


def _is_known(entry: Known, asked: t.Container[str]) -> bool:
    has_id = kind(entry.arn).partition(":")[0] in NAMED_BY_TAG
    keys = [entry.arn, f"{TYPES[kind(entry.arn)]} {_name(entry)}", *([entry.arn.rpartition("/")[2]] if has_id else [])]
    return any(key in asked for key in keys)


def _proved(there: t.Iterable[Known], prefix: str, cluster: str) -> set[str]:
    return {_service(entry, prefix, (), cluster) for entry in there if TYPES[kind(entry.arn)] in PROVES_A_SERVICE}


def _service(entry: Known, prefix: str, services: t.Container[str] = (), cluster: str = "") -> str:
    """Return the service that a resource belongs to by its name, or by the tag Name if it was taken over, or "".

    I(services) exist: with a service shop-alt, the target group shop-alt is not the second one of shop.
    """
    its_type = TYPES[kind(entry.arn)]
    form = OF_A_SERVICE.get(its_type)
    match = re.fullmatch(form.format(re.escape(prefix)), _name(entry)) if form else None
    if form and not match:
        end = "-sg" if its_type == "security_group" else ""
        match = re.fullmatch(f"{re.escape(prefix)}-(.+){end}", _tag(entry))
    elsewhere = its_type == "ecs_service" and f":service/{cluster or cluster_name(prefix)}/" not in entry.arn
    if not match or elsewhere:
        return ""
    app = match[1] if match[1] in services else re.sub(SECOND.get(its_type, "$"), "", match[1])
    return app if app not in CLASHES else ""


def _built(entry: Known, prefix: str, services: t.Container[str]) -> str:
    """Return the one of I(services) that a repository belongs to by its name, or an empty string."""
    app = _name(entry).removeprefix(f"{prefix}-") if TYPES[kind(entry.arn)] == "ecr_repository" else ""
    return app if app in services else ""


def _name(entry: Known) -> str:
    """Return the name of a resource, or its tag Name if AWS identifies it by an id."""
    service, _colon, what = kind(entry.arn).partition(":")
    if what == "log-group":
        return entry.arn.split(":log-group:", 1)[1].removesuffix(":*")
    by_tag = service in NAMED_BY_TAG or what == "listener-rule"
    return name_of(entry.arn, entry.tags if by_tag else {})
