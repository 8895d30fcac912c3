# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which rule of a listener gets a request.

A listener evaluates its rules by priority, the lowest first, and the first whose conditions are all met takes the
request. A condition is met if one of its values matches: C(*) matches any text, C(?) one character; paths are compared
with case, hosts without.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
"""

from __future__ import annotations

import functools
import ipaddress
import itertools
import typing as t
import urllib.parse

ANY = "*"
EVERY_PATH = "/*"  # a path begins with a slash

Pair = tuple[str, str]
"""A host pattern and a path pattern."""


class Rule(t.TypedDict):
    """A rule as M(magiclub.fargate.fargate_service_info) returns it, with the options of C(conditions)."""

    arn: str
    name: str | None
    priority: int
    paths: t.Sequence[str]
    hosts: t.Sequence[str]
    other_conditions: t.Sequence[str]


Requests = t.Mapping[str, t.Any]
"""The requests that match a rule: its C(paths) and C(hosts), and maybe more options of C(conditions)."""


class Request(t.NamedTuple):
    """A request, without the address of its sender."""

    host: str
    path: str
    """Without its query."""
    query: str = ""
    headers: t.Mapping[str, str] = {}
    method: str = "GET"


@functools.cache
def covers(front: str, behind: str) -> bool:
    """Return whether the pattern I(front) matches every text that the pattern I(behind) matches.

    True is always right; False is wrong for a few pairs such as C(?*) and C(*?).
    """
    if not front:
        return not behind
    if front[0] == ANY:
        return covers(front[1:], behind) or (bool(behind) and covers(front, behind[1:]))
    if not behind or behind[0] == ANY:
        return False
    return front[0] in ("?", behind[0]) and covers(front[1:], behind[1:])


@functools.cache
def overlap(one: str, other: str) -> bool:
    """Return whether some text matches both patterns."""
    if other[:1] == ANY and one[:1] != ANY:
        one, other = other, one
    if one[:1] == ANY:
        return overlap(one[1:], other) or (bool(other) and overlap(one, other[1:]))
    if not one or not other:
        return one == other
    return ("?" in (one[0], other[0]) or one[0] == other[0]) and overlap(one[1:], other[1:])


def plain_host(hosts: t.Iterable[str]) -> str | None:
    """Return the first host without a wildcard."""
    return next((host for host in hosts if not set(host) & set("*?")), None)


def plain_path(paths: t.Iterable[str]) -> str:
    """Return the first path with at most an asterisk at its end as a wildcard, without it; empty if there is none."""
    return next((path.rstrip("*") for path in paths if not set(path.rstrip("*")) & set("*?")), "")


def pairs(requests: Requests) -> list[Pair]:
    """Return each pair of host and path pattern that a rule matches."""
    hosts = [host.lower() for host in requests["hosts"]] or [ANY]
    paths = [EVERY_PATH if path == ANY else path for path in requests["paths"]]
    return list(itertools.product(hosts, paths or [EVERY_PATH]))


def taken(requests: Requests, front: Requests) -> list[Pair]:
    """Return the pairs of I(requests) from which a rule in front takes every request."""
    if not _is_implied(front, requests):
        return []
    return [pair for pair in pairs(requests) if any(_covers(other, pair) for other in pairs(front))]


def inside(requests: Requests, of: Requests) -> bool:
    """Return whether every request that matches I(requests) matches I(of), too."""
    return len(taken(requests, of)) == len(pairs(requests))


def lost(requests: Requests, front: Requests) -> list[Pair]:
    """Return the pairs that a rule in front takes from I(requests) though it is not the more specific one.

    More specific is a pattern for fewer hosts, or the same hosts and fewer paths, or a rule with further conditions:
    C(/x/*) in front of C(/*) is how rules are meant; C(/*), C(/x/*) or C(*/y) in front of C(/x/*) is not.
    """
    if not _is_implied(front, requests):
        return []
    return [
        common(mine, other)
        for mine in pairs(requests)
        for other in pairs(front)
        if _overlap(mine, other) and not _more_specific(other, mine)
    ]


def shared(one: Requests, other: Requests) -> list[Pair]:
    """Return the pairs that match both rules."""
    if _are_apart(one, other):
        return []
    return [common(mine, yours) for mine in pairs(one) for yours in pairs(other) if _overlap(mine, yours)]


def common(one: Pair, other: Pair) -> Pair:
    """Return the pair that matches both, in words if neither pattern covers the other."""
    return _narrower(one[0], other[0], covers), _narrower(one[1], other[1], _covers_path)


def in_words(parts: t.Iterable[Pair]) -> str:
    """Return pairs as one text, each once, without hosts and paths that match anything."""
    texts = (path if host == ANY else host if path == EVERY_PATH else f"{host}{path}" for host, path in parts)
    return " ".join(dict.fromkeys(texts))


def in_front(requests: Requests, priority: int, rules: t.Iterable[Rule]) -> list[Rule]:
    """Return the rules before I(priority) that together take all I(requests), none if some are left."""
    left = pairs(requests)
    result = []
    for rule in before(priority, rules):
        mine = taken(requests, rule)
        if any(pair in left for pair in mine):
            result.append(rule)
            left = [pair for pair in left if pair not in mine]
    return result if not left else []


def before(priority: int, rules: t.Iterable[Rule]) -> list[Rule]:
    """Return the rules that a listener evaluates before I(priority), in their order."""
    return sorted((rule for rule in rules if rule["priority"] < priority), key=lambda rule: rule["priority"])


def ahead_of(priority: int) -> str:
    """Return the beginning of a next step: how to put a rule in front of the one with I(priority)."""
    return f"Give it a rule.priority below {priority}" if priority > 1 else "Give what is at priority 1 a higher one"


def takes(requests: Requests, host: str, path: str) -> bool:
    """Return whether host (without port) and path (without query) match a rule, whatever its other conditions."""
    return any(covers(pattern[0], host.lower()) and covers(pattern[1], path) for pattern in pairs(requests))


def answers(rule: Requests, request: Request) -> bool | None:
    """Return whether a rule takes a request; None if that depends on unknowns, such as the sender's address."""
    methods = rule.get("methods")
    fits = (
        takes(rule, request.host, request.path)
        and (not methods or request.method in methods)
        and all(_has_header(entry, request) for entry in rule.get("headers") or [])
        and all(_has_parameter(entry, request) for entry in rule.get("query") or [])
    )
    return None if fits and (rule.get("source_ips") or rule.get("other_conditions")) else fits


def narrowed(one: Requests, other: Requests) -> dict[str, t.Any]:
    """Return the conditions, besides path and host, of the requests that match both rules."""
    methods = [method for method in one.get("methods") or [] if method in (other.get("methods") or [method])]
    return {
        "methods": methods or other.get("methods") or [],
        "source_ips": one.get("source_ips") or other.get("source_ips") or [],
        **{word: [*(one.get(word) or []), *(other.get(word) or [])] for word in ("headers", "query")},
    }


def _is_implied(front: Requests, requests: Requests) -> bool:
    """Return whether all I(requests) meet the conditions of a rule in front besides path and host."""
    return (
        not front.get("other_conditions")
        and _are_within(front.get("methods"), requests.get("methods"), lambda one, other: one == other)
        and _are_within(front.get("source_ips"), requests.get("source_ips"), _holds_network)
        and all(
            any(_entry_implied(entry, mine, name) for mine in requests.get(word) or [])
            for word, name in (("headers", "name"), ("query", "key"))
            for entry in front.get(word) or []
        )
    )


def _are_within(
    front: t.Sequence[str] | None, mine: t.Sequence[str] | None, holds: t.Callable[[str, str], bool]
) -> bool:
    return not front or (bool(mine) and all(any(holds(one, other) for one in front) for other in mine or []))


def _entry_implied(front: Requests, mine: Requests, name: str) -> bool:
    return covers(_folded(front.get(name)), _folded(mine.get(name))) and all(
        any(covers(_folded(one), _folded(other)) for one in front["values"]) for other in mine["values"]
    )


def _folded(pattern: str | None) -> str:
    return ANY if pattern is None else pattern.lower()


def _holds_network(one: str, other: str) -> bool:
    outer, inner = _network(one), _network(other)
    return bool(outer.version == inner.version and inner.subnet_of(outer))


def _network(text: str) -> t.Any:
    return ipaddress.ip_network(text, strict=False)


def _are_apart(one: Requests, other: Requests) -> bool:
    """Return whether no request can match both rules, by its method or its sender."""
    methods, others = one.get("methods"), other.get("methods")
    if methods and others and set(methods).isdisjoint(others):
        return True
    mine, yours = ([_network(text) for text in rule.get("source_ips") or []] for rule in (one, other))
    return bool(mine and yours) and not any(a.version == b.version and a.overlaps(b) for a in mine for b in yours)


def _has_header(entry: Requests, request: Request) -> bool:
    """Return whether a request has a header with a matching value, wildcards considered and case ignored."""
    values = [value for name, value in request.headers.items() if name.lower() == entry["name"].lower()]
    return any(covers(_folded(one), value.lower()) for one in entry["values"] for value in values)


def _has_parameter(entry: Requests, request: Request) -> bool:
    given = urllib.parse.parse_qsl(request.query, keep_blank_values=True)
    return any(
        covers(_folded(entry.get("key")), key.lower()) and covers(_folded(one), value.lower())
        for one in entry["values"]
        for key, value in given
    )


def _narrower(one: str, other: str, holds: t.Callable[[str, str], bool]) -> str:
    if holds(other, one):
        return one
    return other if holds(one, other) else f"{one} that fits {other}"


def _more_specific(one: Pair, than: Pair) -> bool:
    if one[0] != than[0]:
        return covers(than[0], one[0])
    return one[1] != than[1] and _covers_path(than[1], one[1])


def _overlap(one: Pair, other: Pair) -> bool:
    return overlap(one[0], other[0]) and overlap(one[1], other[1])


def _covers(front: Pair, behind: Pair) -> bool:
    return covers(front[0], behind[0]) and _covers_path(front[1], behind[1])


def _covers_path(front: str, behind: str) -> bool:
    return front == EVERY_PATH or covers(front, behind)
