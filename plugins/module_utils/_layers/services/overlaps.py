# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check which requests each planned service would get, given all other rules of the listener.

A service that would get none is refused; for one that takes or loses some there is a warning.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..._plan.names import alb_name
from ..._resources.elbv2 import conditions, precedence
from ..._resources.elbv2.precedence import Pair
from . import current, routes
from .names import Names

Data = t.Mapping[str, t.Any]

_ACCEPT = "If that is meant, set rule.accept_overlap: true."


@dataclass(frozen=True)
class Listener:
    """The rules of a listener before and after a run, as M(magiclub.fargate.fargate_service_info) returns them.

    :param now: the current rules.
    :param others: those of them that stay as they are, without those C(leaving) with their service.
    :param planned: those of the services, with C(service), its name, C(smoke) and C(accept_overlap).
    :param abandoned: names of services, by the ARN of the target group that each abandons.
    """

    now: t.Sequence[Data]
    others: t.Sequence[Data]
    planned: t.Sequence[Data]
    abandoned: t.Mapping[str, str]

    @classmethod
    def of(cls, services: t.Sequence[Data], prefix: str, info: Data) -> Listener:
        """Return the listener with the rules of I(services), which have their priorities."""
        planned = [_planned(service, rule, info) for service in services for rule in service["rules"]]
        abandoned = {
            balancer["target_group"]: service["name"]
            for service in services
            for balancer in current.balancers(info["services"].get(service["name"]) or {})
            if balancer["target_group"].startswith("arn:")  # planned ones are known by name
        }
        others = [rule for rule in rules_of_others(services, prefix, info) if not rule.get("leaving")]
        return cls(info["rules"], others, planned, abandoned)

    @property
    def after(self) -> list[Data]:
        """The rules after the run."""
        return [*self.others, *self.planned]

    def after_run(self, rule: Data) -> Data | None:
        """Return the rule after the run; None if it is removed."""
        return next((one for one in self.after if _same(one, rule)), None)


def rules_of(info: Data, name: str) -> list[Data]:
    """Return name, ARN, priority and conditions of a service's current rules."""
    return (info["services"].get(name) or {}).get("rules") or []


def rules_of_others(services: t.Sequence[Data], prefix: str, info: Data) -> list[Data]:
    """Return the listener's rules that belong to none of the services."""
    own = [Names.of(prefix, service) for service in services]
    ours = {rule["arn"] for service in services for rule in rules_of(info, service["name"])}
    ours |= {arn for names in own for arn in [_arn_of_tests(info, names)] if arn}
    return [
        rule
        for rule in info["rules"]
        if rule["arn"] not in ours and not any(names.is_rule(rule["name"] or "") for names in own)
    ]


def _arn_of_tests(info: Data, names: Names) -> str | None:
    ids = (info["services"].get(names.app) or {}).get("ids") or {}
    return t.cast("str | None", ids.get(f"listener_rule {names.test_rule}"))


def with_balancers(rules: t.Iterable[Data], prefix: str, others: t.Iterable[t.Any]) -> list[Data]:
    """Return the listener's rules, with the planned ones of the alb layer, which are marked as deliberate.

    :param others: the other layers' parts of the plan, of which that of alb has C(listener_rule)s.
    """
    begin = f"{alb_name(prefix)}/"
    planned = {
        entry["name"]: entry
        for part in others
        for entry in part.desired
        if entry["type"] == "listener_rule" and entry["name"].startswith(begin)
    }
    there = [{**rule, "deliberate": str(rule["name"]).startswith(begin)} for rule in rules]
    kept = [rule for rule in there if rule["name"] not in planned]
    later = [
        {
            "arn": f"(planned) {name}",
            "name": name,
            "deliberate": True,
            "target_group_arn": entry["values"]["action"]["type"],
            **{key: entry["values"][key] for key in ("priority", *conditions.OPTIONS, "other_conditions")},
        }
        for name, entry in planned.items()
    ]
    return [*kept, *later]


def refusals(listener: Listener) -> list[str]:
    """Return an error for each service that would get no requests, or whose smoke request another would get."""
    result = []
    for rule in listener.planned:
        # a maintenance page takes all requests on purpose
        rest = [other for other in listener.after if other is not rule and not other.get("deliberate")]
        front = precedence.in_front(rule, rule["priority"], t.cast("list[precedence.Rule]", rest))
        taker = _taker_of_smoke(rule, rest)
        if front:
            result.append(_gets_nothing(rule, front))
        elif taker:
            result.append(
                f"Service '{rule['service']}': smoke asks for {rule['smoke']['path']}, which {_rule(taker)} takes"
                f" before its own rule at {rule['priority']}. {precedence.ahead_of(taker['priority'])}, or set"
                " smoke.path (and smoke.host) to what reaches it."
            )
    return result


def warnings(listener: Listener) -> list[str]:
    """Return a warning for each service that takes requests from another rule, or loses some of its own."""
    result = []
    for rule in listener.planned:
        for other in listener.now:
            part = _newly_taken(rule, other, listener)
            if part:
                result.append(_takes(rule, other, part))
        for front in _before(rule, listener.after):
            part = precedence.lost(rule, front)
            if part and not _accepted(rule, front) and not _takes_more(front, rule, listener):
                result.append(_loses(rule, front, part))
    return [*result, *_left_without_targets(listener)]


def _planned(service: Data, rule: Data, info: Data) -> dict[str, t.Any]:
    arns = {one["name"]: one["arn"] for one in rules_of(info, service["name"])}
    smoke = service.get("smoke")
    taking = routes.matching(service, smoke["path"], smoke.get("host")) if smoke else None
    return {
        "arn": arns.get(rule["name"]),
        "service": service["name"],
        "smoke": smoke if taking is rule else None,
        "other_conditions": [],
        **rule,
    }


def _same(one: Data, other: Data) -> bool:
    return other["arn"] == one["arn"] or (bool(other["name"]) and other["name"] == one["name"])


def _taker_of_smoke(rule: Data, others: t.Sequence[Data]) -> Data | None:
    """Return the rule in front that is certain to take the smoke request."""
    if not rule["smoke"]:
        return None
    # an unknown host may be any
    host = rule["smoke"].get("host") or precedence.plain_host(rule["hosts"]) or precedence.ANY
    request = precedence.Request(host, *f"/{rule['smoke']['path'].lstrip('/')}".partition("?")[::2])
    return next((one for one in _before(rule, others) if precedence.answers(one, request)), None)


def _newly_taken(rule: Data, other: Data, listener: Listener) -> list[Pair]:
    """Return the requests that a planned rule will take from another rule, which gets them now and keeps matching."""
    later = listener.after_run(other)
    if _same(rule, other) or later is None or later["priority"] < rule["priority"] or _accepted(rule, later):
        return []
    front = [*_before(rule, listener.after), *_before(other, listener.now)]
    narrowed = precedence.narrowed(rule, other)
    return [
        part
        for part in precedence.shared(rule, other)
        if (later is other or _is_taken(part, narrowed, [later])) and not _is_taken(part, narrowed, front)
    ]


def _takes_more(front: Data, rule: Data, listener: Listener) -> bool:
    """Whether there is a warning already, because I(front) takes requests that I(rule) gets now."""
    now = next((other for other in listener.now if _same(rule, other)), None)
    return front in listener.planned and now is not None and bool(_newly_taken(front, now, listener))


def _before(rule: Data, rules: t.Sequence[Data]) -> t.Sequence[Data]:
    return precedence.before(rule["priority"], t.cast("list[precedence.Rule]", rules))


def _is_taken(part: Pair, further: Data, rules: t.Iterable[Data]) -> bool:
    requests = {**further, "hosts": [part[0]], "paths": [part[1]]}
    return any(precedence.taken(requests, rule) for rule in rules)


def _accepted(*rules: Data) -> bool:
    return any(rule.get("accept_overlap") for rule in rules)


def _left_without_targets(listener: Listener) -> list[str]:
    """Return a warning for each rule that gets requests and forwards to a target group that a service abandons."""
    return [
        f"Service '{service}': {_rule(rule)} forwards to target group {arn.split('/')[1]}, which the service leaves for"
        f" one of its own, so that those requests are answered with 503. Add {_words(rule)} to rule.paths or"
        " rule.hosts, with a priority in front, or remove that rule."
        for arn, service in listener.abandoned.items()
        for rule in listener.others
        if arn in rule.get("target_group_arn", "")
        and not precedence.in_front(rule, rule["priority"], t.cast("list[precedence.Rule]", listener.planned))
    ]


def _gets_nothing(rule: Data, front: t.Sequence[Data]) -> str:
    return (
        f"Service '{rule['service']}': no request for {_words(rule)} would reach it at priority {rule['priority']}, as"
        f" {' and '.join(map(_rule, front))} in front {'take' if len(front) > 1 else 'takes'} them all."
        f" {precedence.ahead_of(front[0]['priority'])}, other paths or hosts, or remove what is in front."
    )


def _takes(rule: Data, other: Data, part: t.Iterable[Pair]) -> str:
    return (
        f"Service '{rule['service']}': {_rule(rule)} will take {precedence.in_words(part)} from {_rule(other)}, which"
        f" gets it now. {_ACCEPT}"
    )


def _loses(rule: Data, front: Data, part: t.Iterable[Pair]) -> str:
    return (
        f"Service '{rule['service']}': {_rule(front)} takes {precedence.in_words(part)} before {_rule(rule)} is"
        f" evaluated. {precedence.ahead_of(front['priority'])}. {_ACCEPT}"
    )


def _rule(rule: Data) -> str:
    """Return a rule in words: its name or ARN, priority and conditions."""
    return f"rule {rule['name'] or rule['arn']} (priority {rule['priority']}, {_words(rule)})"


def _words(rule: Data) -> str:
    """Return a rule's conditions in words."""
    return conditions.in_words(rule) or "every request"
