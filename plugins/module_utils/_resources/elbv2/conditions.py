# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The conditions of a listener rule, as options and as AWS has them.

A request has to match all conditions; it matches one if it matches any of its values.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
"""

from __future__ import annotations

import collections
import ipaddress
import re
import typing as t

Data = t.Mapping[str, t.Any]
Values = dict[str, t.Any]

LISTS = {
    "paths": ("path-pattern", "PathPatternConfig"),
    "hosts": ("host-header", "HostHeaderConfig"),
    "methods": ("http-request-method", "HttpRequestMethodConfig"),
    "source_ips": ("source-ip", "SourceIpConfig"),
}
"""Options that are a list of values, of which a rule has one condition: its field and config in API_RuleCondition."""
ENTRIES = {"headers": "name", "query": "key"}
"""Options that are a list of entries, each a condition with values, and the key that identifies an entry."""
OPTIONS = (*LISTS, *ENTRIES)

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
MAX_VALUES = 5
MAX_WILDCARDS = 6

_COUNTED = {
    "paths": "paths",
    "hosts": "hosts",
    "methods": "methods",
    "source_ips": "source_ips",
    "headers": "values of headers",
    "query": "values of query",
}
# https://www.rfc-editor.org/rfc/rfc7230#section-3.2.6
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}")
_METHOD = re.compile(r"[A-Z_-]{1,40}")
_LONGEST = 128
_PATH = re.compile(r"/[A-Za-z0-9_.$/~\"'@:+&*?%!,;=()-]*")
# "at least one '.' character … only alphabetical characters after the final '.'": API_HostHeaderConditionConfig
_HOST = re.compile(r"(?=.{1,128}$)[A-Za-z0-9*?.-]*\.[A-Za-z*?]+")
# ß, ς and the joiners: Python encodes them as registries no longer do, https://www.unicode.org/reports/tr46/#Deviations
_DEVIATION = re.compile("[\u00df\u1e9e\u03c2\u200c\u200d]")
# "Rules apply only to visible ASCII characters; control characters (0x00 to 0x1f and 0x7f) are excluded."
_VISIBLE = re.compile(r"[ -~]*")
# the only block that rule-condition-types excludes from source-ip conditions
_BROADCAST = "255.255.255.255/32"


def canonical(options: Data) -> Values:
    """Return the conditions of a rule by option, all options present and their values sorted, for comparison."""
    return {
        **{option: sorted(options.get(option) or []) for option in LISTS},
        **{option: _sorted(options.get(option) or [], name) for option, name in ENTRIES.items()},
    }


def _sorted(entries: t.Iterable[Data], name: str) -> list[Values]:
    named = (
        {**({name: entry[name]} if entry.get(name) else {}), "values": sorted(entry["values"])} for entry in entries
    )
    return sorted(named, key=lambda entry: (entry.get(name, ""), entry["values"]))


def request(options: Data) -> list[Values]:
    """Return the conditions for CreateRule and ModifyRule."""
    wanted = canonical(options)
    lists = [
        {"Field": field, config: {"Values": wanted[option]}}
        for option, (field, config) in LISTS.items()
        if wanted[option]
    ]
    headers = [
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": entry["name"], "Values": entry["values"]}}
        for entry in wanted["headers"]
    ]
    query = [
        {
            "Field": "query-string",
            "QueryStringConfig": {"Values": [_pair(entry.get("key"), one) for one in entry["values"]]},
        }
        for entry in wanted["query"]
    ]
    return [*lists, *headers, *query]


def _pair(key: str | None, value: str) -> Values:
    return {**({"Key": key} if key else {}), "Value": value}


def found(described: t.Iterable[Data]) -> Values:
    """Return described conditions by option; C(other_conditions) has the fields of those that no option covers."""
    result: Values = {option: [] for option in OPTIONS} | {"other_conditions": []}
    for condition in described:
        option, values = _read(condition)
        result[option] = [*result[option], *values]
    return {**canonical(result), "other_conditions": sorted(result["other_conditions"])}


def _read(condition: Data) -> tuple[str, list[t.Any]]:
    field = condition["Field"]
    config: Data = next((condition[key] for key in condition if key.endswith("Config") and condition[key]), {})
    if config.get("RegexValues") or condition.get("RegexValues"):
        return "other_conditions", [field]
    values = config.get("Values") or condition.get("Values") or []
    if field == "http-header":
        return "headers", [{"name": config.get("HttpHeaderName", ""), "values": values}]
    if field == "query-string":
        keys = {pair.get("Key") for pair in values}
        texts = [pair["Value"] for pair in values]
        return ("query", [{"key": keys.pop(), "values": texts}]) if len(keys) == 1 else ("other_conditions", [field])
    option = next((option for option, (of_option, _config) in LISTS.items() if of_option == field), None)
    return (option, list(values)) if option else ("other_conditions", [field])


def values(options: Data) -> list[str]:
    """Return all values that count towards a rule's limits."""
    lists = [one for option in LISTS for one in options.get(option) or []]
    return lists + [one for option in ENTRIES for entry in options.get(option) or [] for one in entry["values"]]


def in_words(options: Data) -> str:
    """Return the conditions of a rule as one line of text."""
    entries = [
        f"{entry.get(name) or 'query'}={'|'.join(entry['values'])}"
        for option, name in ENTRIES.items()
        for entry in options.get(option) or []
    ]
    further = [*(options.get("methods") or []), *(f"from {one}" for one in options.get("source_ips") or []), *entries]
    return " ".join([*options["hosts"], *options["paths"], *further, *(options.get("other_conditions") or [])])


def problems(options: Data) -> list[str]:
    """Return the problems with the conditions of a rule, one message each."""
    if not any(options.get(option) for option in OPTIONS):
        return [f"no condition: a rule needs one, or no request reaches its target group. Set {_or(OPTIONS)}."]
    return [*_limits(options), *_twice(options), *_entries(options), *_forms(options)]


def _limits(options: Data) -> t.Iterator[str]:
    every = values(options)
    keys = [str(entry.get("key") or "") for entry in options.get("query") or []]
    wildcards = sum(text.count(one) for text in (*every, *keys) for one in "*?")
    if len(every) > MAX_VALUES:
        what = [text for option, text in _COUNTED.items() if options.get(option) or option in ("paths", "hosts")]
        yield (
            f"{len(every)} {', '.join(what[:-1])} and {what[-1]}: a rule takes {MAX_VALUES} in all."
            " Combine some with a wildcard, or use several rules."
        )
    if wildcards > MAX_WILDCARDS:
        yield f"{wildcards} wildcards: a rule takes {MAX_WILDCARDS} in all. Use fewer * and ?."


def _twice(options: Data) -> t.Iterator[str]:
    # AWS's error: 'Condition values must be unique'; hosts are compared without case
    given: dict[str, list[str]] = {option: options.get(option) or [] for option in LISTS}
    given["hosts"] = [host.lower() for host in given["hosts"]]
    further: list[tuple[str, list[str]]] = [(f"values of {what}", entry["values"]) for what, entry in _named(options)]
    for what, every in [*given.items(), *further]:
        yield from (
            f"{what} has '{one}' more than once: a rule takes each once. Take one out."
            for one, times in collections.Counter(every).items()
            if times > 1
        )


def in_dns(name: str) -> str:
    """Return an internationalised name in the form of DNS and AWS; empty if it has none, or an ambiguous one.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html#domain-name-format-idns
    """
    try:
        return "" if name.isascii() or _DEVIATION.search(name) else name.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def pattern_problems(options: Data) -> t.Iterator[str]:
    """Yield the problems with the patterns of paths and hosts, one message each."""
    for path in options.get("paths") or []:
        if len(path) > _LONGEST or not _PATH.fullmatch(path):
            yield f"path '{path}' is not a path pattern: a slash first, {_LONGEST} characters at most, * and ?."
    for host in options.get("hosts") or []:
        if not _HOST.fullmatch(host):
            form = in_dns(host)
            hint = f" Write it as in DNS: {form}." if _HOST.fullmatch(form) else ""
            yield (
                f"host '{host}' is not a host pattern: at most {_LONGEST} letters, digits, . - * and ?,"
                f" with a dot, and letters alone after the last.{hint}"
            )


def _named(options: Data) -> list[tuple[str, Data]]:
    """Return the entries of headers and query with their names in messages: C(headers X-Client), C(query (any))."""
    return [
        (f"{option} {entry.get(name) or '(any)'}", entry)
        for option, name in ENTRIES.items()
        for entry in options.get(option) or []
    ]


def _entries(options: Data) -> t.Iterator[str]:
    for what, entry in _named(options):
        if not entry["values"]:
            yield f"{what} has no value, so that no request would match. Give it one; * is any."
        yield from (
            f"{what} has a value of {len(one)} characters: 1 to {_LONGEST}. Change it."
            for one in entry["values"]
            if not 1 <= len(one) <= _LONGEST
        )
        yield from (
            f"{what} has {one!r}, and load balancers compare only visible ASCII characters, so no request would"
            " match. Change it."
            for one in [entry.get("key") or "", *entry["values"]]
            if not _VISIBLE.fullmatch(one)
        )


def _forms(options: Data) -> t.Iterator[str]:
    for entry in options.get("headers") or []:
        yield from _name_of_header(entry["name"])
    for one in options.get("methods") or []:
        if not _METHOD.fullmatch(one):
            yield f"methods has '{one}', which is not a method: capital letters, - and _, as in GET. Change it."
    for one in options.get("source_ips") or []:
        if not _is_cidr(one):
            yield f"source_ips has '{one}', which is not a CIDR block. Write one as in 203.0.113.0/24."
        elif one == _BROADCAST:
            yield f"source_ips has '{one}', from which no request comes, and which AWS refuses. Take it out."


def _name_of_header(name: str) -> t.Iterator[str]:
    if not _HEADER.fullmatch(name):
        yield f"headers has '{name}', which is not the name of a header of 1 to 40 characters. Change it."
    elif name.lower() == "host":
        yield "headers has Host, which AWS accepts only as a host condition. Set hosts."
    elif "*" in name:  # "Wildcards are not supported": API_HttpHeaderConditionConfig
        yield (
            f"headers has '{name}', and the name of a header takes no wildcard, so that no request would match. Write"
            " it in full."
        )


def _is_cidr(text: str) -> bool:
    try:
        # Python also accepts a mask, as in 10.0.0.0/255.0.0.0
        return text.partition("/")[2].isdecimal() and bool(ipaddress.ip_network(text))
    except ValueError:
        return False


def _or(words: t.Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
