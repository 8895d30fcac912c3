# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Assign target groups to the ports of a service, and warn about rules that reach the wrong tasks meanwhile.

A rule whose port changes with the tasks keeps its target group: in it old tasks are registered with the old port and
new ones with the new one.  If no task changes, rules change to the target group of their port at once.
"""

from __future__ import annotations

import typing as t

from ..._plan.model import Resource
from ..._resources.elbv2 import conditions
from . import current, desired_task, routes, strategy
from .names import Names

Data = t.Mapping[str, t.Any]
ByPort = t.Mapping[int, t.Sequence[str]]


def of_ports(service: Data, names: Names, found: Data, definition: Resource) -> dict[int, str]:
    """Return the name of the target group of each port; one port has the service's own, of two the serving one.

    :param definition: the desired task definition.
    """
    wanted, has, main = routes.ports(service), _by_port(found), strategy.groups(service, names, found)[0]
    of_port: ByPort = {port: [has[port]] for port in wanted if port in has}
    of_rules = {} if _only_rules_move(wanted, found, definition) else _by_rules(service, names, found)
    both = {port: [one for one in of_rules.get(port, ()) if one == has[port]] for port in of_port}
    given = {port: names.given_port_group(port) for port in wanted}
    result = {port: name for port, name in given.items() if name}
    for preferred in (both, of_rules, of_port):
        _take(result, preferred, lambda group: group == main or names.is_port_group(group))
    if wanted and main not in result.values():
        result[_port_of_main(service, wanted, result)] = main
    others = [port for port in wanted if port != service["port"]]
    # another port's name is free if that port has kept the target group of its rules
    _take(result, {port: [names.port_group(one) for one in (port, *others)] for port in wanted}, names.is_port_group)
    return result


def warnings(service: Data, names: Names, found: Data, definition: Resource) -> list[str]:
    """Return a warning for each rule that forwards to no tasks, or the wrong ones, until the new tasks serve."""
    has = _by_port(found)
    if _only_rules_move(routes.ports(service), found, definition):
        return []
    of_port, leads = of_ports(service, names, found, definition), _leads(found)
    ports = {group: port for port, group in has.items()}
    groups = {str(conditions.canonical(rule)): leads.get(rule["name"]) for rule in found.get("rules") or []}
    return [
        _moves(service, rule, ports.get(of_port[rule["port"]]))
        for rule in routes.named(service, names, found)
        if groups.get(str(conditions.canonical(rule))) in ports.keys() - {of_port[rule["port"]]}
    ]


def _only_rules_move(wanted: t.Iterable[int], found: Data, definition: Resource) -> bool:
    """Return whether the revision stays the same and all ports have target groups already."""
    runs = current.ecs_service(found).get("task_definition")
    return _by_port(found).keys() >= set(wanted) and desired_task.revision(definition, found) == runs


def _take(result: dict[int, str], preferred: ByPort, own: t.Callable[[str], bool]) -> None:
    """Assign to each port without a target group the first of its I(preferred) ones that is still free."""
    for port, some in preferred.items():
        free = next((group for group in some if own(group) and group not in result.values()), None)
        if free and port not in result:
            result[port] = free


def _port_of_main(service: Data, wanted: t.Sequence[int], taken: t.Container[int]) -> int:
    own_first = sorted(wanted, key=lambda port: bool(port != service["port"]))
    return next((port for port in own_first if port not in taken), own_first[0])


def _by_port(found: Data) -> dict[int, str]:
    entries = current.balancers(found)
    return {entry["container_port"]: entry["target_group"] for entry in entries if entry.get("container_port")}


def _by_rules(service: Data, names: Names, found: Data) -> dict[int, list[str]]:
    """Return, by the rules' desired ports, the target groups that the rules forward to now.

    Those with another protocol version are left out, because AWS can't change that of a target group.
    """
    leads = _leads(found)
    result: dict[int, list[str]] = {}
    versions = {one["name"]: one["values"].get("protocol_version") for one in current.of_type(found, "target_group")}
    for rule in routes.named(service, names, found):
        group = leads.get(rule["name"])
        if group and versions.get(group, rule["protocol_version"]) == rule["protocol_version"]:
            result.setdefault(rule["port"], []).append(group)
    return result


def _leads(found: Data) -> dict[str, str]:
    # rules left on another listener by a switch to HTTPS are only removed, and have no target group here
    rules = current.of_type(found, "listener_rule")
    return {one["name"]: one["values"]["target_group"] for one in rules if "target_group" in one["values"]}


def _moves(service: Data, rule: Data, port: int | None) -> str:
    whose = f"Service '{service['name']}': requests of its rule {rule['name']} are to go to port {rule['port']}, and"
    if port is None:
        return (
            f"{whose} are answered with 503 until new tasks are healthy there, as none that runs has that port."
            " To spare users that, have a rule that they don't meet lead to the port first, and this one in a second"
            " run."
        )
    return (
        f"{whose} reach the previous tasks at port {port} until the new ones have replaced them. If those can't answer"
        " them, deploy tasks that answer them at both ports first, and move the rule in a second run."
    )
