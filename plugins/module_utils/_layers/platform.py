# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plan all requested layers together: every refusal and every change is known before the first write.

Plain dicts in and out: no call, no clock.
"""

from __future__ import annotations

import hashlib
import json
import typing as t
from dataclasses import dataclass, field

from .._constraints.resources import refusals
from .._plan import compare, owner
from .._plan.model import Change
from . import prune
from .alb import layer as alb
from .ecr_push import layer as ecr_push
from .ecs_cluster import layer as ecs_cluster
from .model import Asked, Data, Part, Place
from .services import layer as services
from .vpc import layer as vpc

KINDS: dict[str, t.Any] = {"vpc": vpc, "alb": alb, "ecs_cluster": ecs_cluster, "ecr_push": ecr_push}
"""The layers below the services, by kind, in the order of their creation."""
SERVICES = "services"


@dataclass
class Plan:
    """The plan of a run.

    :param parts: by layer.
    :param changes: by layer, as C(compare.changes) returns them.
    :param facts: by the name of the fact.
    :param refused: the errors that keep the run from starting.
    """

    parts: dict[str, Part] = field(default_factory=dict)
    changes: dict[str, list[Change]] = field(default_factory=dict)
    facts: dict[str, dict[str, t.Any]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Return the id of the plan, for C(identity.stale)."""
        return ".".join(_digest(self.parts[name], changes) for name, changes in self.changes.items())


def queries(layers: t.Sequence[Asked]) -> dict[Place, dict[str, t.Any]]:
    """Return the options of M(magiclub.fargate.platform_info) for each place."""
    result: dict[Place, dict[str, t.Any]] = {}
    for layer in layers:
        if layer.kind in KINDS:
            result.setdefault(layer.place, {})[layer.kind] = KINDS[layer.kind].query(layer.inputs)
    for place in {layer.place for layer in layers if layer.kind == SERVICES}:
        some = [layer for layer in layers if layer.kind == SERVICES and layer.place == place]
        result.setdefault(place, {})[SERVICES] = services.query(some)
    for layer in layers:
        for kind, place in _dependencies(layer).items():
            result.setdefault(place, {}).setdefault(kind, KINDS[kind].lookup(_inputs_below(layer, kind)))
    return result


def lookups(layers: t.Sequence[Asked]) -> dict[Place, dict[str, t.Any]]:
    """Return the options of M(magiclub.fargate.platform_info) for each place, for the facts of these layers alone."""
    result = queries([layer for layer in layers if layer.kind == SERVICES])
    for layer in layers:
        if layer.kind in KINDS:
            result.setdefault(layer.place, {})[layer.kind] = KINDS[layer.kind].lookup(layer.inputs)
    return result


def lookup(layers: t.Sequence[Asked], reads: t.Mapping[Place, Data]) -> tuple[dict[str, dict[str, t.Any]], list[str]]:
    """Return the current facts of these layers, and the errors of those that could not be read."""
    facts: dict[str, dict[str, t.Any]] = {}
    wrong: list[str] = []
    for layer in layers:
        some: dict[str, tuple[Place, Data]] = {}
        if layer.kind == SERVICES:
            names = [service["name"] for service in layer.inputs["services"]]
            facts[services.FACT] = services.info(layer.inputs, reads[layer.place][SERVICES], names)
            some = {
                kind: (place, _inputs_below(layer, kind)) for kind, place in services.dependencies(layer.inputs).items()
            }
        else:
            some = {layer.kind: (layer.place, layer.inputs)}
        for kind, (place, inputs) in some.items():
            read = reads[place][kind]
            wrong += read["wrong"]
            if not read["wrong"]:
                facts[KINDS[kind].FACT] = KINDS[kind].info(place, read["resources"], read, inputs)
    return facts, wrong


def left(plan: Plan, except_names: t.Container[str]) -> list[str]:
    """Return an error for each change of the plan that AWS does not show after the run.

    I(except_names) are names of resources whose errors were already reported.
    """
    return [
        _not_done(layer, change)
        for layer, changes in plan.changes.items()
        for change in changes
        if change["name"] not in except_names
    ]


def _not_done(layer: str, change: Change) -> str:
    title = f"{layer}: {change['type']} {change['name']}"
    if change["action"] == "add":
        return f"{title} is not there, though it was made in this run or was there before. Run again."
    if change["action"] == "remove":
        return f"{title} is still there, though it was removed in this run. Run again."
    fields = "; ".join(
        f"{field['path']} is {json.dumps(field['before'], default=str)}, not {json.dumps(field['after'], default=str)}"
        for field in change["fields"]
    )
    return (
        f"{title} is not as described after the run: {fields}."
        " Somebody changed it meanwhile, or AWS did not take it. Run again; if it stays so, report it."
    )


@dataclass
class Below:
    """The layers that others depend on, planned in the same run or read.

    :param layers: those of the run, by kind and place.
    :param known: the facts of this run so far.
    :param refused: gets an error for each layer that neither exists nor is planned.
    :param planned: the facts of the layers planned so far, by kind and place.
    """

    layers: t.Mapping[tuple[str, Place], Asked]
    reads: t.Mapping[Place, Data]
    known: Data
    refused: list[str]
    planned: dict[tuple[str, Place], dict[str, t.Any]] = field(default_factory=dict)

    def facts(self, layer: Asked, needed: t.Container[str] | None = None) -> dict[str, t.Any] | None:
        """Return the facts of the layers below one as they will be after the run; null if one can't be planned.

        One that is neither there nor planned is refused if it is I(needed); without a list, all are.
        """
        facts: dict[str, t.Any] = {}
        lacking: list[str] = []
        for kind, place in _dependencies(layer).items():
            if (kind, place) in self.planned:
                facts[kind] = self.planned[kind, place]
            elif (kind, place) in self.layers:
                return None
            else:
                facts[kind] = _as_found(kind, place, self.reads, _inputs_below(layer, kind), self.known)
                if not facts[kind]["planned"] and (needed is None or kind in needed):
                    lacking.append(KINDS[kind].unmet(facts[kind]))
        self.refused += lacking
        return None if lacking else facts


def plan(
    layers: t.Sequence[Asked], reads: t.Mapping[Place, Data], known: Data | None = None, rename: bool = False
) -> Plan:
    """Return the plan of these layers.

    :param reads: what was read of each place.
    :param known: the facts of this run so far, as in check mode a layer below may only be planned.
    :param rename: take over resources that are tagged as another platform's, and change their tags.
    """
    result = Plan()
    below = Below({(layer.kind, layer.place): layer for layer in layers}, reads, known or {}, result.refused)
    for layer in layers:
        if layer.kind in KINDS:
            _plan_layer(layer, result, below)
    for some in _of_services(layers).values():
        _plan_services(some, result, below, _removed(layers, some[0].place))
    for layer in layers:
        if layer.name in result.parts:
            compared(layer, result, rename)
    result.refused = list(dict.fromkeys(result.refused))
    return result


def _plan_layer(layer: Asked, result: Plan, below: Below) -> None:
    read = below.reads[layer.place][layer.kind]
    if read.get("wrong"):
        result.refused += read["wrong"]
        return
    lower = below.facts(layer)
    if lower is None:
        return
    result.facts |= {KINDS[kind].FACT: fact for kind, fact in lower.items()}
    part = KINDS[layer.kind].plan(layer.inputs, layer.place, read, lower)
    below.planned[layer.kind, layer.place] = result.facts[KINDS[layer.kind].FACT] = part.info
    result.parts[layer.name] = part


def _plan_services(some: t.Sequence[Asked], result: Plan, below: Below, removed: set[str]) -> None:
    """Plan the services of one place; I(removed) are the names of the services that the same run removes there."""
    first = some[0]
    lower = below.facts(first, {kind for layer in some for kind in services.needed(layer.inputs)})
    if lower is None:
        return
    read, others = below.reads[first.place][SERVICES], list(result.parts.values())
    gone = prune.rules_of(read, removed) if first.is_present else set()
    result.parts |= services.parts(some, read, lower, "ecr_push" in result.parts, gone, others)
    result.facts |= {KINDS[kind].FACT: lower[kind] for kind in services.LOWER}
    result.facts.setdefault(services.FACT, result.parts[first.name].info)


def compared(layer: Asked, result: Plan, rename: bool) -> None:
    """Compare the desired with the current resources of a layer, and add changes and errors to I(result)."""
    part = result.parts[layer.name]
    known = [*part.desired, *part.claimed]
    conflict = None if rename else owner.ownership_conflict(known, part.found, layer.inputs["tags"])
    if conflict:
        result.refused.append(conflict)
        return
    changes = compare.changes(part.desired, part.found)
    touched = [entry for entry in part.desired if compare.is_touched(entry, changes)]
    result.refused += [*part.obstacles, *refusals(touched), *compare.immutable_changes(changes, part.desired)]
    result.warnings += part.warnings
    result.changes[layer.name] = changes


def _of_services(layers: t.Iterable[Asked]) -> dict[tuple[Place, bool], list[Asked]]:
    result: dict[tuple[Place, bool], list[Asked]] = {}
    for layer in layers:
        if layer.kind == SERVICES:
            result.setdefault((layer.place, layer.is_present), []).append(layer)
    return result


def _removed(layers: t.Iterable[Asked], place: Place) -> set[str]:
    """Return the names of the services that the run removes at a place."""
    gone = [layer for layer in layers if layer.kind == SERVICES and layer.place == place and not layer.is_present]
    return {service["name"] for layer in gone for service in layer.inputs["services"]}


def _dependencies(layer: Asked) -> dict[str, Place]:
    kind = KINDS.get(layer.kind, services)
    return t.cast("dict[str, Place]", kind.dependencies(layer.inputs))


def _inputs_below(layer: Asked, kind: str) -> Data:
    """Return those inputs of a layer below this one that its fact depends on."""
    return t.cast("Data", (layer.inputs.get("below") or {}).get(kind) or {})


def _as_found(kind: str, place: Place, reads: t.Mapping[Place, Data], inputs: Data, known: Data) -> dict[str, t.Any]:
    read = reads[place][kind]
    found = KINDS[kind].info(place, read["resources"], read, inputs)
    so_far = known.get(KINDS[kind].FACT) or {}
    is_same = (so_far.get("name_prefix"), so_far.get("region")) == (place.name_prefix, place.region)
    planned = is_same and so_far.get("planned") and not found["exists"]
    return t.cast("dict[str, t.Any]", so_far if planned else found)


def _digest(part: Part, changes: t.Sequence[Change]) -> str:
    """Return a digest of a layer's changes, including secret values, which can't be derived from it."""
    if not changes:
        return "-"
    wanted = {(entry["type"], entry["name"]): entry.get("values") or {} for entry in part.desired}
    found = {entry.get("id"): entry.get("values") or {} for entry in part.found}
    done = [
        [entry["action"], entry["type"], entry["name"], wanted.get((entry["type"], entry["name"]))]
        if entry["action"] == "add"
        else [
            entry["action"],
            entry["type"],
            entry["name"],
            compare.differences(found.get(entry["id"], {}), wanted.get((entry["type"], entry["name"]), {})),
        ]
        for entry in changes
    ]
    text = json.dumps(done, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:8]
