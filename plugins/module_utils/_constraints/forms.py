# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a request has in the place of a field's value: a document as text, of rules the ports alone."""

from __future__ import annotations

import json
import typing as t

from .._resources.logs.log_group import NEVER

Form = t.Callable[[t.Any], t.Any]

UNSENT = None
"""In the place of a value that a request leaves out."""


def as_it_is(value: t.Any) -> t.Any:
    """Return the value."""
    return value


def first(value: str) -> str:
    """Return the first part of a DNS name."""
    return value.partition(".")[0]


def documents(policies: t.Mapping[str, t.Any]) -> list[str | None]:
    """Return the documents of inline policies by name."""
    return [document(policy) for policy in policies.values() if isinstance(policy, t.Mapping)]


def document(policy: t.Any) -> str | None:
    """Return a policy as amazon.aws sends it; an empty one is none."""
    return json.dumps(policy) if policy else UNSENT


def given(value: t.Any) -> t.Any:
    """Return the value; an empty one is left out of the request, or asks for none."""
    return value or UNSENT


def ports(rules: t.Iterable[t.Mapping[str, t.Any]]) -> list[int]:
    """Return the ports of rules that name some: C(443), C(8000-8010)."""
    named = [rule["ports"] for rule in rules if isinstance(rule, t.Mapping) and rule["ports"] != "all"]
    return [int(port) for ports in named for port in str(ports).lstrip("-").split("-") if port.isdecimal()]


def days(retention: t.Any) -> t.Any:
    """Return the days that a log group keeps events for; one that keeps them for ever has no such policy."""
    return UNSENT if retention == NEVER else retention


def connect(values: t.Any) -> t.Any:
    """Return Service Connect with what is offered as a list, each with its port's name; the marks are gone by then."""
    if not isinstance(values, t.Mapping) or "services" not in values:
        return values
    named = [{"port_name": name, **one} for name, one in values["services"].items()]
    return {**values, "services": named}


def containers(balancers: t.Iterable[t.Mapping[str, t.Any]]) -> list[dict[str, t.Any]]:
    """Return the load balancers without what they name, of which AWS gets the ARNs."""
    return [{key: value for key, value in entry.items() if key.startswith("container")} for entry in balancers]


def each(key: str) -> Form:
    """Return what reads one field of each entry of a list."""
    return lambda entries: [entry[key] for entry in entries if entry.get(key)]


def values(entries: t.Iterable[t.Mapping[str, t.Any]]) -> list[str]:
    """Return the values of all entries of a condition."""
    return [value for entry in entries for value in entry["values"]]


def filters(patterns: t.Iterable[str]) -> list[dict[str, str]]:
    """Return the exclusion filters of a repository by their patterns."""
    return [{"filter_type": "WILDCARD", "filter": pattern} for pattern in patterns]


def predefined(metric: str) -> str | None:
    """Return the name of a metric of AWS's own."""
    return UNSENT if metric == "customized" else metric


def metrics(given: t.Iterable[t.Mapping[str, t.Any]]) -> list[dict[str, t.Any]]:
    """Return metrics of a policy as a request has them, by the names of an option."""
    return [_metric(one) for one in given]


def _metric(one: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    if "expression" in one:
        return {"id": one["id"], "expression": one["expression"]}
    dimensions = [{"name": key, "value": value} for key, value in one["dimensions"].items()]
    metric = {"namespace": one["namespace"], "metric_name": one["metric_name"], "dimensions": dimensions}
    return {"id": one["id"], "metric_stat": {"metric": metric, "stat": one["stat"]}}
