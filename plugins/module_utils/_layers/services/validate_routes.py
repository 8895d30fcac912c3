# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Validate the rules, target groups, health checks and smoke request of services."""

from __future__ import annotations

import json
import re
import typing as t

from ..._resources.elbv2 import authentication, conditions, precedence
from . import routes, strategy
from .names import Names, container_names
from .secrets import is_secret_source

Inputs = t.Mapping[str, t.Any]

TARGET_GROUP_NAME = 32
"""Maximum length of a target group's name: API_CreateTargetGroup."""

_HOST_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_GRPC_MATCHER = re.compile(r"\d{1,2}(?:-\d{1,2})?(?:,\d{1,2}(?:-\d{1,2})?)*")
_GRPC_METHOD = re.compile(r"/[A-Za-z0-9_.]+/[A-Za-z0-9_]+")
_MATCHER = re.compile(r"[2-4]\d\d(?:-[2-4]\d\d)?(?:,[2-4]\d\d(?:-[2-4]\d\d)?)*")
# The characters of a request target: https://www.rfc-editor.org/rfc/rfc9112#section-3.2
_REQUEST_PATH = re.compile(r"/[!-~]*")


def shown(value: t.Any) -> str:
    """Return a value in one line, a map without what is not set."""
    if not isinstance(value, t.Mapping):
        return str(value)
    set_ = {key: item for key, item in value.items() if item not in (None, []) and item is not False}
    return json.dumps(set_, ensure_ascii=False)


def out_of_range(key: str, value: int, low: int, high: int) -> str:
    """Return the error for a number outside its range."""
    return f"{key} {value} is out of range: {low} to {high}. Change {key}."


def unreached_smoke(service: Inputs) -> t.Iterator[str]:
    """Yield an error if none of the service's rules matches its smoke request."""
    rules, smoke = service["rules"], service.get("smoke")
    if not rules or not smoke:
        return
    if taking := routes.matching(service, smoke["path"], smoke.get("host")):
        yield from _login_for_smoke(taking, smoke)
        return
    if all(rule["protocol_version"] != "HTTP1" for rule in rules):
        versions = " and ".join(dict.fromkeys(rule["protocol_version"] for rule in rules))
        gate = service["deployment"]["gate"] == "smoke"
        yield (
            f"smoke is a request of HTTP/1.1, which a target group of protocol_version {versions} does not take. Take"
            f" smoke out{', and have deployment.gate approval in place of smoke' if gate else ''}."
        )
        return
    host = smoke.get("host") or precedence.plain_host(rules[0]["hosts"])
    path = "/" + smoke["path"].lstrip("/").partition("?")[0]
    own = ", ".join(conditions_of(rule) for rule in rules)
    takes = f"its own rule {own} does not take" if len(rules) == 1 else f"none of its own rules ({own}) takes"
    later = any(rule["protocol_version"] != "HTTP1" for rule in rules)
    yield (
        f"smoke asks for {host or ''}{path}, which {takes}, so that another rule or the load balancer would answer."
        f"{' It uses HTTP/1.1, which HTTP2 and GRPC do not accept.' if later else ''}"
        " Set smoke.path (and smoke.host) to what the rule takes."
    )


def _login_for_smoke(rule: Inputs, smoke: Inputs) -> t.Iterator[str]:
    """Yield an error if the expected status is not the load balancer's answer to a smoke request without a session."""
    login = authentication.canonical(rule["authenticate"])
    status = {"authenticate": 302, "deny": 401}.get(login.get("on_unauthenticated_request", ""))
    if status and smoke["status"] != status:
        yield (
            f"smoke asks for {smoke['path']}, which a rule with authenticate answers with {status} to clients without"
            f" a session. Set smoke.status: {status}, or smoke.path to what a rule without authenticate takes."
        )


def same_requests(services: t.Sequence[Inputs]) -> list[str]:
    """Return an error for each pair of rules that match the same requests."""
    ruled = [(service["name"], rule) for service in services for rule in service["rules"]]
    return [
        f"{_both(name, other)} ask for the same requests, {conditions_of(rule)}, and"
        " a load balancer sends each to one alone. Give one of them other paths or hosts."
        for index, (name, rule) in enumerate(ruled)
        for other, behind in ruled[index + 1 :]
        if precedence.inside(rule, behind) and precedence.inside(behind, rule)
    ]


def _both(name: str, other: str) -> str:
    return f"Two rules of service '{name}'" if name == other else f"Services '{name}' and '{other}'"


def conditions_of(rule: Inputs) -> str:
    """Return the conditions of a rule as messages show them."""
    return shown({key: rule[key] for key in ("hosts", "paths", "methods", "source_ips", "headers", "query")})


def target_problems(service: Inputs) -> t.Iterator[str]:
    """Yield the problems with the health checks of the service's target groups."""
    if not service["rules"]:
        yield from _check_problems("health_check", service["health_check"], "HTTP1")
    for rule, key in rules_by_key(service):
        own = key if len(service["rules"]) > 1 and rule["health_check"] != service["health_check"] else ""
        yield from _check_problems(f"{own}health_check", rule["health_check"], rule["protocol_version"])


def _check_problems(key: str, check: Inputs, version: str) -> t.Iterator[str]:
    # API_CreateTargetGroup of Elastic Load Balancing
    for name, low, high in (
        ("interval", 5, 300),
        ("timeout", 2, 120),
        ("healthy_threshold", 2, 10),
        ("unhealthy_threshold", 2, 10),
    ):
        if not low <= check[name] <= high:
            yield out_of_range(f"{key}.{name}", check[name], low, high)
    if check["timeout"] >= check["interval"]:
        yield (
            f"{key}.timeout {check['timeout']} has to be under {key}.interval {check['interval']},"
            " or checks would overlap. Lower the timeout or raise the interval."
        )
    yield from _request_path(f"{key}.path", check["path"])
    yield from _matcher_problems(key, check, version)


def _matcher_problems(key: str, check: Inputs, version: str) -> t.Iterator[str]:
    of_grpc = version == "GRPC"
    if of_grpc and not _GRPC_METHOD.fullmatch(check["path"]):
        yield (
            f"{key}.path '{check['path']}' is not a method of gRPC: /package.Service/Method, as in"
            " /grpc.health.v1.Health/Check. Change it."
        )
    if not (_GRPC_MATCHER if of_grpc else _MATCHER).fullmatch(check["matcher"]):
        what = "codes of gRPC: 0, 0,12 or 0-99" if of_grpc else "HTTP codes: 200, 200,202 or 200-299"
        yield f"{key}.matcher '{check['matcher']}' is not a list of {what}."
        return
    for codes in check["matcher"].split(","):
        low_code, _dash, high_code = codes.partition("-")
        if high_code and int(low_code) > int(high_code):
            yield f"{key}.matcher '{check['matcher']}' has {codes}: the lower code comes first. Swap them."


def rules_by_key(service: Inputs) -> list[tuple[Inputs, str]]:
    """Return the rules of a service, each with its options' prefix, C(rules[1].), or C(rule.) for a single one."""
    rules = service["rules"]
    return [(rule, f"rules[{index}]." if len(rules) > 1 else "rule.") for index, rule in enumerate(rules)]


def rules_problems(service: Inputs, name_prefix: str) -> t.Iterator[str]:
    """Yield the problems with the service's rules and their target groups."""
    for rule, key in rules_by_key(service):
        yield from _rule_problems(rule, key)
        yield from _container_of_rule(rule, key, service)
        yield from _login_problems(rule, key, service)
    yield from _group_problems(service, name_prefix)


def _login_problems(rule: Inputs, key: str, service: Inputs) -> t.Iterator[str]:
    """Yield the problems with a rule's authentication, without showing a client secret that was pasted by mistake."""
    yield from (f"{key}{sentence}" for sentence in authentication.problems(rule["authenticate"]))
    if rule["authenticate"] is not None and not any(rule["authenticate"].values()):
        yield f"{key}authenticate has neither oidc nor cognito, so that nobody would log in. Give one, or take it out."
    oidc = (rule["authenticate"] or {}).get("oidc")
    if oidc and not is_secret_source(oidc["client_secret_from"]):
        yield (
            f"{key}authenticate.oidc.client_secret_from is neither the ARN of a secret of Secrets Manager or SSM nor"
            " the name of an SSM parameter. Put the client secret there, and name it."
        )
    if authentication.canonical(rule["authenticate"]) and strategy.shifts_a_rule(service):
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb-resources-for-blue-green.html
        yield (
            f"{key}authenticate does not go with deployment.strategy {service['deployment']['strategy']}: ECS fails to"
            " shift the requests of a rule that does more than forward. Set deployment.strategy: rolling, or take"
            " authenticate out."
        )


def _container_of_rule(rule: Inputs, key: str, service: Inputs) -> t.Iterator[str]:
    names = container_names(service)
    if rule["container"] not in names:
        yield f"{key}container '{rule['container']}' is not one of its containers: {', '.join(names)}. Change it."
    if rule["port"] not in (None, service["port"]) and not 1 <= rule["port"] <= 65535:
        yield out_of_range(f"{key}port", rule["port"], 1, 65535)


def _group_problems(service: Inputs, name_prefix: str) -> t.Iterator[str]:
    """Yield the problems with the target groups, one for each port."""
    by_port: dict[int, list[Inputs]] = {}
    for rule in service["rules"]:
        by_port.setdefault(rule["port"], []).append(rule)
    for port, rules in by_port.items():
        for what in ("container", "protocol_version", "health_check"):
            if any(rule[what] != rules[0][what] for rule in rules):
                yield (
                    f"rules to port {port} differ in {what}, and a port has one target group."
                    " Give them the same, or separate ports."
                )
    if len(by_port) > routes.GROUPS_OF_A_SERVICE:
        yield (
            f"rules lead to {len(by_port)} ports, and ECS takes {routes.GROUPS_OF_A_SERVICE} target groups of a"
            " service. Join some behind one port, or make them another service."
        )
    for port in further_ports(service):
        names = Names.of(name_prefix, service)
        name = names.port_group(port)
        if name not in names.given_groups and len(names.full) <= TARGET_GROUP_NAME < len(name):
            yield (
                f"the target group of port {port} would be named {name}, which has {len(name)} characters: at most"
                f" {TARGET_GROUP_NAME}. Shorten name by {len(name) - TARGET_GROUP_NAME}."
            )


def _rule_problems(rule: Inputs, key: str) -> t.Iterator[str]:
    name = key.rstrip(".")
    yield from (f"{name}: {sentence}" for sentence in conditions.problems(rule))
    yield from (f"{name} {sentence}" for sentence in conditions.pattern_problems(rule))
    priority = rule["priority"]
    if priority is not None and not 1 <= priority <= 50000:
        yield f"{key}priority {priority} is out of range: 1 to 50000, the lowest first. Change it, or leave it out."


def smoke_problems(smoke: Inputs | None) -> t.Iterator[str]:
    """Yield the problems with a smoke request."""
    if not smoke:
        return
    yield from _request_path("smoke.path", smoke["path"])
    if smoke.get("host") and not _HOST_NAME.fullmatch(smoke["host"]):
        yield f"smoke.host '{smoke['host']}' is not a valid host name: letters, digits, hyphens and dots. Change it."
    if not 200 <= smoke["status"] <= 599:
        yield out_of_range("smoke.status", smoke["status"], 200, 599)


def _request_path(key: str, path: str) -> t.Iterator[str]:
    if not path.startswith("/"):
        yield f"{key} '{path}' has to be absolute. Begin it with a slash."
    elif not _REQUEST_PATH.fullmatch(path):
        yield (
            f"{key} {path!r} has blanks or characters beyond visible ASCII."
            " Write these as in %20, as a request has them."
        )


def further_ports(service: Inputs) -> list[int]:
    """Return the ports whose target groups are named after them, all but the service's own."""
    ports = routes.ports(service)
    return [port for port in ports if port != service["port"]] if len(ports) > 1 else []
