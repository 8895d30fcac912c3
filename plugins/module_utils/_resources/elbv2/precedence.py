# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which rule of a listener gets a request.  Plain dicts in and out.

A listener asks its rules by priority, the lowest first, and the first whose conditions all hold takes the request. A
condition holds if one of its values matches: C(*) stands for any text, C(?) for one character; a path counts with its
case, a host without.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
"""

from __future__ import annotations

import functools
import itertools
import typing as t

ANY = "*"
EVERY_PATH = "/*"  # a path begins with a slash

Pair = tuple[str, str]
"""Host and path pattern of one kind of request."""


class Rule(t.TypedDict):
    """A rule as M(magiclub.fargate.fargate_service_info) returns it; C(other_conditions) narrow it further."""

    arn: str
    name: str | None
    priority: int
    paths: t.Sequence[str]
    hosts: t.Sequence[str]
    other_conditions: t.Sequence[str]


Requests = t.Mapping[str, t.Any]
"""What a rule asks for: C(paths) and C(hosts), and maybe C(other_conditions)."""


@functools.cache
def covers(front: str, behind: str) -> bool:
    """Whether the pattern I(front) matches every text that the pattern I(behind) matches.

    True is always right; for a few pairs such as C(?*) and C(*?) it answers no though it does.
    """
    if not front:
        return not behind
    if front[0] == ANY:
        return covers(front[1:], behind) or (bool(behind) and covers(front, behind[1:]))
    if not behind or behind[0] == ANY:
        return False
    return front[0] in ("?", behind[0]) and covers(front[1:], behind[1:])


@functools.cache
def meets(one: str, other: str) -> bool:
    """Whether some text matches both patterns."""
    if other[:1] == ANY and one[:1] != ANY:
        one, other = other, one
    if one[:1] == ANY:
        return meets(one[1:], other) or (bool(other) and meets(one, other[1:]))
    if not one or not other:
        return one == other
    return ("?" in (one[0], other[0]) or one[0] == other[0]) and meets(one[1:], other[1:])


def plain_host(hosts: t.Iterable[str]) -> str | None:
    """Return the first host that has no wildcard."""
    return next((host for host in hosts if not set(host) & set("*?")), None)


def pairs(requests: Requests) -> list[Pair]:
    """Return host and path of each kind of request that a rule asks for."""
    hosts = [host.lower() for host in requests["hosts"]] or [ANY]
    paths = [EVERY_PATH if path == ANY else path for path in requests["paths"]]
    return list(itertools.product(hosts, paths or [EVERY_PATH]))


def taken(requests: Requests, front: Requests) -> list[Pair]:
    """Return those pairs of I(requests) of which a rule in front takes every request."""
    if front.get("other_conditions"):
        return []
    return [pair for pair in pairs(requests) if any(_covers(other, pair) for other in pairs(front))]


def inside(requests: Requests, of: Requests) -> bool:
    """Whether everything that I(requests) ask for is a part of what I(of) asks for."""
    return len(taken(requests, of)) == len(pairs(requests))


def lost(requests: Requests, front: Requests) -> list[Pair]:
    """Return what a rule in front takes of I(requests) though it is not the more specific one.

    More specific is a pattern of fewer hosts, or for the same hosts of fewer paths: C(/x/*) in front of C(/*) is how
    rules are meant, and C(/*), C(/x/*) or C(*/y) in front of C(/x/*) is not.
    """
    if front.get("other_conditions"):
        return []
    return [
        common(mine, other)
        for mine in pairs(requests)
        for other in pairs(front)
        if _meet(mine, other) and not _more_specific(other, mine)
    ]


def shared(one: Requests, other: Requests) -> list[Pair]:
    """Return the requests that would do for both rules."""
    return [common(mine, yours) for mine in pairs(one) for yours in pairs(other) if _meet(mine, yours)]


def common(one: Pair, other: Pair) -> Pair:
    """Return the requests that both patterns match, as patterns; in words where neither holds the other."""
    return _narrower(one[0], other[0], covers), _narrower(one[1], other[1], _covers_path)


def in_words(parts: t.Iterable[Pair]) -> str:
    """Return pairs as one text, each once, without a host that is any, or the path after a host."""
    texts = (path if host == ANY else host if path == EVERY_PATH else f"{host}{path}" for host, path in parts)
    return " ".join(dict.fromkeys(texts))


def in_front(requests: Requests, priority: int, rules: t.Iterable[Rule]) -> list[Rule]:
    """Return the rules before I(priority) that leave nothing of I(requests), none if something is left."""
    left = pairs(requests)
    result = []
    for rule in before(priority, rules):
        mine = taken(requests, rule)
        if any(pair in left for pair in mine):
            result.append(rule)
            left = [pair for pair in left if pair not in mine]
    return result if not left else []


def before(priority: int, rules: t.Iterable[Rule]) -> list[Rule]:
    """Return the rules that a listener asks before that of I(priority), in their order."""
    return sorted((rule for rule in rules if rule["priority"] < priority), key=lambda rule: rule["priority"])


def takes(requests: Requests, host: str, path: str) -> bool:
    """Whether a rule takes a request, its other conditions aside; a port or a query is not part of host or path."""
    return any(covers(pattern[0], host.lower()) and covers(pattern[1], path) for pattern in pairs(requests))


def _narrower(one: str, other: str, holds: t.Callable[[str, str], bool]) -> str:
    if holds(other, one):
        return one
    return other if holds(one, other) else f"{one} that fits {other}"


def _more_specific(one: Pair, than: Pair) -> bool:
    if one[0] != than[0]:
        return covers(than[0], one[0])
    return one[1] != than[1] and _covers_path(than[1], one[1])


def _meet(one: Pair, other: Pair) -> bool:
    return meets(one[0], other[0]) and meets(one[1], other[1])


def _covers(front: Pair, behind: Pair) -> bool:
    return covers(front[0], behind[0]) and _covers_path(front[1], behind[1])


def _covers_path(front: str, behind: str) -> bool:
    return front == EVERY_PATH or covers(front, behind)
