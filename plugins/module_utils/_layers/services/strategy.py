# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The deployment strategy of a service, and what it needs in addition.

With BLUE_GREEN, LINEAR and CANARY, ECS runs the new tasks beside the old ones in a second target group and shifts
requests by the weights of the rule.  The two groups take turns, so C(serving) returns the one that users reach now.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb-resources-for-blue-green.html
"""

from __future__ import annotations

import typing as t

from ..._aws.arn import last
from . import current
from .names import Names

Data = t.Mapping[str, t.Any]
Values = dict[str, t.Any]

ROLLING = "ROLLING"
OF_ECS = {"rolling": ROLLING, "blue_green": "BLUE_GREEN", "canary": "CANARY", "linear": "LINEAR"}

SHIFT_POLICY = "AmazonECSInfrastructureRolePolicyForLoadBalancers"
"""AWS's managed policy for the role with which ECS shifts requests."""
GATE = "POST_TEST_TRAFFIC_SHIFT"
"""The stage at which only test requests reach the new tasks."""


def shifts(service: Data) -> bool:
    """Return whether ECS shifts the requests of the service between two sets of tasks."""
    return bool(service["deployment"]["strategy"] != "rolling")


def shifts_a_rule(service: Data) -> bool:
    """Return whether ECS shifts requests by the weights of a rule, not by the proxies of Service Connect."""
    return shifts(service) and bool(service["rules"])


def groups(service: Data, names: Names, found: Data) -> list[str]:
    """Return the names of the service's target groups, the serving one first; a rolling service has only one."""
    serving = found.get("serving") or names.target_group
    other = names.target_group if serving == names.alternate else names.alternate
    return [serving, other] if shifts(service) else [serving]


def forwards_to(group_names: t.Sequence[str]) -> str:
    """Return a plan's value for the target groups of a rule, without their weights, which ECS sets."""
    return " or ".join(group_names)


def test_rule(service: Data, names: Names) -> str | None:
    """Return the name of the test rule; None without one."""
    if not (shifts_a_rule(service) and service["deployment"]["test"]):
        return None
    port = test_port(service)
    return names.test_rule_on(port) if port else names.test_rule


def test_port(service: Data) -> int | None:
    """Return the port for test requests; None if a header identifies them or there are none."""
    return (service["deployment"]["test"] or {}).get("port") if shifts_a_rule(service) else None


def headers(service: Data) -> list[Values]:
    """Return the conditions of the test rule for the header that identifies test requests, C({name, values})."""
    given = (service["deployment"]["test"] or {}).get("header") if shifts_a_rule(service) else None
    return [dict(given)] if given else []


def load_balancers(service: Data, names: Names, found: Data, of_ports: t.Mapping[int, str]) -> list[Values]:
    """Return C(load_balancers) of the ECS service, by names, in order of ports.

    Of two target groups, the one that the service was created with stays the first.

    :param of_ports: the target group of each port.
    """
    if not service["rules"]:
        return []
    served, *others = groups(service, names, found)
    containers = {rule["port"]: rule["container"] for rule in service["rules"]}
    result: list[Values] = [
        {
            "target_group": of_ports[port],
            "container_name": containers[port],
            "container_port": port,
        }
        for port in sorted(containers)
    ]
    return [result[0] | _shifting(service, names, found, served, others[0])] if others else result


def _shifting(service: Data, names: Names, found: Data, served: str, other: str) -> Values:
    has: Data = next(iter(current.balancers(found)), {})
    first = has["target_group"] if has.get("alternate_target_group") else served
    tests = test_rule(service, names)
    return {
        "target_group": first,
        "alternate_target_group": next(name for name in (served, other) if name != first),
        "production_rule": names.full,
        "role": shift_role(service, names),
        **({"test_rule": tests} if tests else {}),
    }


def shift_role(service: Data, names: Names) -> str:
    """Return the name of the role with which ECS shifts requests: the service's own, or an existing one."""
    return last(str(service["shift_role_arn"])) if service["shift_role_arn"] else names.shift_role


def configuration(service: Data, found: Data) -> Values:
    """Return the strategy's part of the deployment configuration."""
    given, has = service["deployment"], current.deployment_configuration(found)
    wanted = OF_ECS[given["strategy"]]
    result: Values = {}
    if wanted != ROLLING or has.get("strategy", ROLLING) != ROLLING:
        result["strategy"] = wanted
    if wanted != ROLLING:
        result["bake_time_in_minutes"] = given["bake_time"]
    if wanted == "CANARY":
        canary = given["canary"] or {"percent": 5.0, "bake_time": 10}
        result["canary_configuration"] = {
            "canary_percent": canary["percent"],
            "canary_bake_time_in_minutes": canary["bake_time"],
        }
    if wanted == "LINEAR":
        linear = given["linear"] or {"percent": 10.0, "bake_time": 6}
        result["linear_configuration"] = {
            "step_percent": linear["percent"],
            "step_bake_time_in_minutes": linear["bake_time"],
        }
    hooks = _hooks(given)
    if hooks or has.get("lifecycle_hooks"):
        result["lifecycle_hooks"] = hooks
    return result | _early_success(given, has)


def _hooks(given: Data) -> list[Values]:
    if given["gate"] == "none":
        return []
    timeout = {"timeout_in_minutes": given["approval_timeout"], "action": given["on_timeout"].upper()}
    return [{"target_type": "PAUSE", "lifecycle_stages": [GATE], "timeout_configuration": timeout}]


def _early_success(given: Data, has: Data) -> Values:
    early = given["early_success"]
    if early:
        return {
            "early_success_criteria": {
                "enable": True,
                "healthy_percent": early["healthy_percent"],
                "source_service_revision_cleanup": early["cleanup"].upper(),
            }
        }
    enabled = (has.get("early_success_criteria") or {}).get("enable")
    return {"early_success_criteria": {"enable": False}} if enabled else {}


def circuit_breaker(service: Data, found: Data) -> Values:
    """Return the circuit breaker, in which settings that are no longer given are reset to AWS's defaults."""
    given = service["circuit_breaker"]
    has = current.deployment_configuration(found).get("deployment_circuit_breaker") or {}
    result: Values = {"enable": given["enable"], "rollback": given["rollback"]}
    if given["reset_on_healthy_task"] is False or has.get("reset_on_healthy_task") is False:
        result["reset_on_healthy_task"] = given["reset_on_healthy_task"]
    threshold = given["threshold"]
    if threshold:
        result["threshold_configuration"] = {"type": threshold["type"].upper(), "value": threshold["value"]}
    elif has.get("threshold_configuration"):
        result["threshold_configuration"] = {"type": "BOUNDED_PERCENT", "value": 50}
    return result


def serving(names: Names, service: Data | None, weights: t.Mapping[str, int], known: t.Mapping[str, str]) -> str:
    """Return the name of the target group that users reach.

    :param service: the service as DescribeServices returns it.
    :param weights: the weights in its rule, by ARN of the target group.
    :param known: names by ARN.
    """
    own = (names.target_group, names.alternate)
    balancer: Data = next(iter((service or {}).get("loadBalancers") or []), {})
    of_service = known.get(balancer.get("targetGroupArn", ""), "")
    if not balancer.get("advancedConfiguration") and of_service in own:
        return of_service
    shares = {known.get(arn, ""): weight for arn, weight in weights.items() if known.get(arn) in own}
    heaviest = max(shares, key=lambda name: shares[name], default="")
    return heaviest or (of_service if of_service in own else names.target_group)


def in_transit(service: Data, found: Data) -> bool:
    """Return whether the strategy would change to rolling while ECS still shifts requests of a deployment."""
    has = current.deployment_configuration(found).get("strategy", ROLLING)
    wanted = OF_ECS[service["deployment"]["strategy"]]
    return bool(found.get("deployments", 1) > 1 and has != ROLLING and wanted == ROLLING)
