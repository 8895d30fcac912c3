# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Convert the values of fields into those of requests: policies into JSON, rules into their ports."""

from __future__ import annotations

import json
import typing as t

from .._resources.logs.log_group import NEVER

Form = t.Callable[[t.Any], t.Any]

UNSENT = None
"""A value that is left out of the request."""


def unchanged(value: t.Any) -> t.Any:
    """Return the value."""
    return value


def first(value: str) -> str:
    """Return the first label of a DNS name."""
    return value.partition(".")[0]


def documents(policies: t.Mapping[str, t.Any]) -> list[str | None]:
    """Return the JSON of each of the inline policies."""
    return [document(policy) for policy in policies.values() if isinstance(policy, t.Mapping)]


def document(policy: t.Any) -> str | None:
    """Return a policy as the JSON that amazon.aws sends; an empty policy is not sent."""
    return json.dumps(policy) if policy else UNSENT


def given(value: t.Any) -> t.Any:
    """Return the value; an empty one is not sent."""
    return value or UNSENT


def ports(rules: t.Iterable[t.Mapping[str, t.Any]]) -> list[int]:
    """Return the ports in rules: C(443), C(8000-8010)."""
    named = [rule["ports"] for rule in rules if isinstance(rule, t.Mapping) and rule["ports"] != "all"]
    return [int(port) for ports in named for port in str(ports).lstrip("-").split("-") if port.isdecimal()]


def days(retention: t.Any) -> t.Any:
    """Return the retention of a log group in days; one that never expires has no retention policy."""
    return UNSENT if retention == NEVER else retention


def connect(values: t.Any) -> t.Any:
    """Return a Service Connect configuration with its services as a list; C(GONE) marks are removed already."""
    if not isinstance(values, t.Mapping) or "services" not in values:
        return values
    named = [{"port_name": name, **one} for name, one in values["services"].items()]
    return {**values, "services": named}


def containers(balancers: t.Iterable[t.Mapping[str, t.Any]]) -> list[dict[str, t.Any]]:
    """Return the load balancers without references, which AWS gets as ARNs."""
    return [{key: value for key, value in entry.items() if key.startswith("container")} for entry in balancers]


def each(key: str) -> Form:
    """Return a function that returns one field of each entry of a list."""
    return lambda entries: [entry[key] for entry in entries if entry.get(key)]


def values(entries: t.Iterable[t.Mapping[str, t.Any]]) -> list[str]:
    """Return the values of all entries of a condition."""
    return [value for entry in entries for value in entry["values"]]


def filters(patterns: t.Iterable[str]) -> list[dict[str, str]]:
    """Return the exclusion filters of a repository for their patterns."""
    return [{"filter_type": "WILDCARD", "filter": pattern} for pattern in patterns]


def predefined(metric: str) -> str | None:
    """Return the name of a predefined metric."""
    return UNSENT if metric == "customized" else metric


def metrics(given: t.Iterable[t.Mapping[str, t.Any]]) -> list[dict[str, t.Any]]:
    """Return the metrics of a policy in the structure of a request, in snake_case."""
    return [_metric(one) for one in given]


def _metric(one: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    if "expression" in one:
        return {"id": one["id"], "expression": one["expression"]}
    dimensions = [{"name": key, "value": value} for key, value in one["dimensions"].items()]
    metric = {"namespace": one["namespace"], "metric_name": one["metric_name"], "dimensions": dimensions}
    return {"id": one["id"], "metric_stat": {"metric": metric, "stat": one["stat"]}}
