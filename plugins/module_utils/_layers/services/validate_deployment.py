# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Validate how a service is deployed: strategy, gate, test requests, circuit breaker."""

from __future__ import annotations

import math
import typing as t

from ..._resources.elbv2 import conditions
from ..alb.desired import USER_PORTS
from . import connect
from .names import Names
from .validate_routes import TARGET_GROUP_NAME, conditions_of, out_of_range, rules_by_key

Inputs = t.Mapping[str, t.Any]

DAY = 1440
"""Minutes."""
HIGHEST_PORT = 65535


def problems(service: Inputs, name_prefix: str) -> t.Iterator[str]:
    """Yield the problems with C(deployment) and C(circuit_breaker) of a service, one message each."""
    yield from _strategy_problems(service, name_prefix)
    yield from _connect_problems(service)
    yield from _threshold_problems(service["circuit_breaker"].get("threshold"))


def _strategy_problems(service: Inputs, name_prefix: str) -> t.Iterator[str]:
    given = service["deployment"]
    kind = given["strategy"]
    for name in ("canary", "linear"):
        if given[name] and kind != name:
            yield f"deployment.{name} needs the strategy {name}, and the strategy is {kind}. Change one of them."
    if given["early_success"] and kind != "rolling":
        yield f"deployment.early_success needs the strategy rolling, and the strategy is {kind}. Take it out."
    if given["early_success"]:
        low, percent = service["minimum_healthy_percent"], given["early_success"]["healthy_percent"]
        if not low <= percent <= 100:
            yield out_of_range("deployment.early_success.healthy_percent", percent, low, 100)
    if kind == "rolling" and given["gate"] != "none":
        yield (
            f"deployment.gate {given['gate']} needs another strategy than rolling, with which users reach a new task as"
            " soon as it is healthy. Set deployment.strategy, or take gate out."
        )
    if kind == "rolling":
        if given["test"]:
            yield (
                "deployment.test needs another strategy than rolling, with which users reach a new task as soon as it"
                " is healthy. Set deployment.strategy, or take test out."
            )
        return
    yield from _shift_problems(service, name_prefix)
    yield from _share_problems(given)


def _shift_problems(service: Inputs, name_prefix: str) -> t.Iterator[str]:
    kind, names = service["deployment"]["strategy"], Names.of(name_prefix, service)
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-implementation.html
    if not service["rules"] and not connect.offers(service):
        yield (
            f"deployment.strategy {kind} needs a rule: ECS shifts the requests that the load balancer sends, or those"
            " that come by Service Connect. Set rule, set service_connect, or deploy by rolling."
        )
    # AdvancedConfiguration of ECS has one productionListenerRule; UpdateService: "multiple target groups are not
    # supported for blue/green deployments"
    for rule, key in rules_by_key(service)[1:]:
        yield (
            f"deployment.strategy {kind} shifts the requests of one rule, and {key.rstrip('.')} {conditions_of(rule)}"
            " is another. Join its paths and hosts with those of the first, make it another service, or deploy by"
            " rolling."
        )
    is_given = "alternate_target_group" in names.given
    if not is_given and len(names.target_group) <= TARGET_GROUP_NAME < len(names.alternate):
        over = len(names.alternate) - TARGET_GROUP_NAME
        yield (
            f"its second target group would be named {names.alternate}, which has {len(names.alternate)} characters: at"
            f" most {TARGET_GROUP_NAME}. Shorten name by {over}."
        )
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html
    if (service["autoscaling"] or {}).get("requests") is not None:
        yield (
            f"autoscaling.requests does not go with deployment.strategy {kind}: the requests of a target group are"
            " counted, and it is another one after each deployment. Scale by autoscaling.cpu or autoscaling.memory."
        )
    if service["deployment"]["test"]:
        yield from _test_problems(service, service["deployment"]["test"])
    yield from _gate_problems(service, service["deployment"])


def _test_problems(service: Inputs, test: Inputs) -> t.Iterator[str]:
    header, port = test["header"], test["port"]
    if bool(header) == (port is not None):
        yield (
            f"deployment.test has {'both header and port' if header else 'neither header nor port'}: one of the two"
            " identifies test requests. Set one of them."
        )
    if port is not None and not service["rules"]:
        yield (
            f"deployment.test.port {port} is a port of the load balancer, and there is no rule. Set rule, or tell tests"
            " by a header."
        )
    if port is not None and (port in USER_PORTS or not 1 <= port <= HIGHEST_PORT):
        yield (
            f"deployment.test.port {port} is not a port for tests: 1 to {HIGHEST_PORT}, without"
            f" {' and '.join(map(str, USER_PORTS))}, by which users come in. Change it."
        )
    for rule in service["rules"][:1] if header else []:
        yield from (
            f"rule, with deployment.test.header: {sentence}"
            for sentence in conditions.problems({**rule, "headers": [*rule["headers"], header]})
            if sentence not in conditions.problems(rule)
        )


def _connect_problems(service: Inputs) -> t.Iterator[str]:
    """Yield the problems with test requests by Service Connect, whose proxies compare a header with one exact value."""
    given, kind = service["deployment"], service["deployment"]["strategy"]
    own = [alias for alias in connect.aliases(service) if alias["test_header"]]
    if own and kind == "rolling":
        yield (
            "service_connect.client_aliases.test_header needs another strategy than rolling, with which callers reach a"
            " new task as soon as it is healthy. Set deployment.strategy, or take test_header out."
        )
    if own and not connect.speaks_http(service):
        yield (
            "service_connect.client_aliases.test_header is a header of HTTP, and service_connect.protocol does not say"
            " that the port speaks it. Set protocol to http, http2 or grpc, or take test_header out."
        )
    header = (given["test"] or {}).get("header") if kind != "rolling" and connect.offers(service) else None
    if header and not own and connect.speaks_http(service):
        values = header["values"]
        if len(values) != 1 or set("*?") & set(values[0]):
            yield (
                f"deployment.test.header has the values {', '.join(values)}, and Service Connect compares with one, as"
                " it is. Give one without * and ?, or service_connect.client_aliases with a test_header."
            )


def _gate_problems(service: Inputs, given: Inputs) -> t.Iterator[str]:
    if given["gate"] == "smoke":
        needed = (("smoke", service.get("smoke")), ("deployment.test", given["test"]))
        lacks = [name for name, there in needed if not there]
        if lacks:
            yield (
                "deployment.gate smoke makes the smoke request through the test route, and there is no"
                f" {' and no '.join(lacks)}. Set {' and '.join(lacks)}."
            )
    minutes = given["approval_timeout"]
    # API_DeploymentLifecycleHookTimeoutConfiguration of Amazon ECS
    if not 1 <= minutes <= 14 * DAY:
        yield out_of_range("deployment.approval_timeout", minutes, 1, 14 * DAY)


def _share_problems(given: Inputs) -> t.Iterator[str]:
    # API_CanaryConfiguration, API_LinearConfiguration and API_DeploymentConfiguration of Amazon ECS
    for name, low in (("canary", 0.1), ("linear", 3.0)):
        if not given[name]:
            continue
        percent, minutes = given[name]["percent"], given[name]["bake_time"]
        if not (low <= percent <= 100 and math.isclose(percent * 10, round(percent * 10))):
            yield f"deployment.{name}.percent {percent:g} is out of range: {low:g} to 100, in steps of 0.1. Change it."
        if not 0 <= minutes <= DAY:
            yield out_of_range(f"deployment.{name}.bake_time", minutes, 0, DAY)
    if not 0 <= given["bake_time"] <= DAY:
        yield out_of_range("deployment.bake_time", given["bake_time"], 0, DAY)


def _threshold_problems(threshold: Inputs | None) -> t.Iterator[str]:
    if threshold and threshold["value"] < 1:
        yield f"circuit_breaker.threshold.value {threshold['value']} is out of range: 1 or more. Raise it."
