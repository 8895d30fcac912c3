# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The dependency graph of a platform's resources: names only, no values.  Plain dicts in and out."""

from __future__ import annotations

import itertools
import typing as t

from .model import Change, Resource, key_of

Graph = dict[str, t.Any]
Key = tuple[str, str]
Index = dict[str, list[Key]]

REFERENCES = {
    "awslogs-group": ("log_group",),
    "cluster": ("ecs_cluster",),
    "elastic_ip": ("elastic_ip",),
    "execution_role": ("iam_role",),
    "image": ("image", "ecr_repository"),
    "listener": ("listener",),
    "permissions_boundary": ("iam_policy",),
    "security_groups": ("security_group",),
    "service_registries": ("cloud_map_service",),
    "source": ("security_group",),
    "subnet": ("subnet",),
    "subnets": ("subnet",),
    "target": ("internet_gateway", "nat_gateway"),
    "target_group": ("target_group",),
    "task_definition": ("ecs_task_definition",),
    "task_role": ("iam_role",),
    "vpc": ("vpc",),
}
"""Fields with the name of another resource, and the types of that resource."""
IMPLICIT_DEPENDENCIES = {
    "ecs_cluster": ("service_linked_role",),
    "route_table": ("vpc",),
    "security_group": ("vpc",),
    "subnet": ("vpc",),
}
"""Dependencies that no field names, as each platform has only one of them."""
PART_OF: dict[str, tuple[str, t.Callable[[str], str]]] = {
    "cloud_map_service": ("namespace", lambda name: name.partition(".")[2]),
    "image": ("ecr_repository", lambda name: name.partition(":")[0]),
    "listener": ("load_balancer", lambda name: name.rpartition(":")[0]),
}
"""The type of a resource's parent, and how the parent's name is derived from the resource's."""


def graph(layers: t.Mapping[str, t.Sequence[Resource]], changes: t.Mapping[str, t.Sequence[Change]]) -> Graph:
    """Return C(nodes), each with id, type, name, layer and action, and C(edges), pairs of ids.

    The first of a pair depends on the second.  Edges that follow from others are left out.  Resources that will be
    removed are nodes without edges.

    :param layers: the desired resources of each layer.
    :param changes: the planned changes of each layer.
    """
    actions = {key_of(one): one["action"] for some in changes.values() for one in some}
    resources = {key_of(one): (layer, one) for layer, some in layers.items() for one in some}
    gone = {key_of(one): layer for layer, some in changes.items() for one in some if one["action"] == "remove"}
    needs = _with_rules(_all_needs({key: one for key, (_layer, one) in resources.items()}))
    ids = {key: f"n{number}" for number, key in enumerate([*resources, *(key for key in gone if key not in resources)])}
    places = {**gone, **{key: layer for key, (layer, _one) in resources.items()}}
    return {
        "nodes": [
            {"id": ids[key], "type": key[0], "name": key[1], "layer": places[key], "action": actions.get(key, "")}
            for key in ids
        ],
        "edges": [
            [ids[key], ids[other]] for key in needs for other in sorted(_nearest(key, needs), key=ids.__getitem__)
        ],
    }


def _all_needs(resources: t.Mapping[Key, Resource]) -> dict[Key, set[Key]]:
    index: Index = {}
    for key in resources:
        kind, name = key
        # an image is also named by its digest, which is unknown until it exists
        for called in (name, name.partition(":")[0]) if kind == "image" else (name,):
            index.setdefault(called, []).append(key)
    return {key: _needs(key, one, index) - {key} for key, one in resources.items()}


def _with_rules(needs: dict[Key, set[Key]]) -> dict[Key, set[Key]]:
    """Return I(needs) with the listener rules that each service depends on: ECS needs its target group in use."""
    rules = {key for key in needs if key[0] == "listener_rule"}
    return {
        key: others | {rule for rule in rules if key[0] == "ecs_service" and _targets(needs[rule]) & _targets(others)}
        for key, others in needs.items()
    }


def _targets(keys: t.Iterable[Key]) -> set[Key]:
    return {key for key in keys if key[0] == "target_group"}


def _needs(key: Key, resource: Resource, index: Index) -> set[Key]:
    kind, name = key
    found = {other for field, text in _texts(resource.get("values") or {}) for other in _named(field, text, index)}
    found |= {other for others in index.values() for other in others if other[0] in IMPLICIT_DEPENDENCIES.get(kind, ())}
    if kind in PART_OF:
        whole, named = PART_OF[kind]
        found |= {other for other in index.get(named(name), []) if other[0] == whole}
    return found


def _named(field: str, text: str, index: Index) -> t.Iterator[Key]:
    """Yield the resources that a field names: by name, with a number after it, or at the end of an ARN or image."""
    if field not in REFERENCES:
        return
    bare = text.partition("@")[0] if field == "image" else text
    tail = bare.rpartition("/")[2]
    for name in dict.fromkeys((text, bare, tail, text.rpartition(":")[0], tail.partition(":")[0])):
        yield from (other for other in index.get(name, []) if other[0] in REFERENCES[field])


def _texts(value: t.Any, field: str = "") -> t.Iterator[tuple[str, str]]:
    """Yield each string in I(value) with the name of its field; strings in a list have the name of the list."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, t.Mapping):
        for key, one in value.items():
            yield from _texts(one, str(key))
    elif isinstance(value, (list, tuple)):
        yield from itertools.chain.from_iterable(_texts(one, field) for one in value)


def _nearest(key: Key, needs: t.Mapping[Key, set[Key]]) -> set[Key]:
    """Return the direct dependencies of I(key) that no other dependency of it implies."""
    direct = needs[key]
    further: set[Key] = set()
    for other in direct:
        further |= _all(other, needs, {key})
    return direct - further


def _all(key: Key, needs: t.Mapping[Key, set[Key]], seen: set[Key]) -> set[Key]:
    found: set[Key] = set()
    open_ = [other for other in needs[key] if other not in seen]
    while open_:
        other = open_.pop()
        if other not in found:
            found.add(other)
            open_.extend(needs[other] - seen)
    return found
