# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Builds the smoke requests of services through the load balancer.  Plain dicts in and out."""

from __future__ import annotations

import shlex
import typing as t
import urllib.parse

from .._layers.services import routes
from .._resources.elbv2 import local, precedence

Data = t.Mapping[str, t.Any]


def requests(
    services: t.Iterable[Data], alb: Data, account_id: str, endpoint_url: str, info: Data
) -> list[dict[str, t.Any]]:
    """Return the smoke requests: C({name, ask, address, curl, curl_by_balancer}).

    C(ask) is for M(magiclub.fargate.http_answer_info), the rest for people. I(info), C(fargate_service_info), has the
    tasks that have to answer; services scaled to 0 tasks are omitted.
    """
    return [
        _request(service, alb, account_id, endpoint_url, info)
        for service in services
        if service.get("smoke") and info["services"][service["name"]]["desired_count"] != 0
    ]


def addresses(services: t.Iterable[Data], alb: Data, account_id: str, endpoint_url: str) -> list[dict[str, t.Any]]:
    """Return C({name, address, curl}) of each service with a rule and without a smoke request."""
    return [
        _where(service, service["rules"][0], alb, account_id, endpoint_url)
        for service in services
        if service["rules"] and not service.get("smoke")
    ]


def _where(service: Data, rule: Data, alb: Data, account_id: str, endpoint_url: str) -> dict[str, t.Any]:
    base, headers = _address(precedence.plain_host(rule["hosts"]), alb, account_id, endpoint_url)
    address = local.address(base, headers["Host"], alb["service_listener"]["protocol"]) if endpoint_url else None
    whole = (address or base) + precedence.plain_path(rule["paths"])
    return {"name": service["name"], "address": whole, "curl": _curl(whole, {} if address else headers)}


def of_tests(service: Data, alb: Data, account_id: str, endpoint_url: str, info: Data) -> list[dict[str, t.Any]]:
    """Return the smoke request of a service through its test route, to the version that users do not reach yet.

    C(testing) of the service in C(fargate_service_info) is the target group that has to answer.
    """
    test, there = service["deployment"]["test"], info["services"][service["name"]]
    around = {**alb, "service_listener": _listener_of_tests(test["port"], alb)} if test.get("port") else alb
    group = there["ids"][f"target_group {there['testing']}"]
    return [
        {
            **one,
            "ask": {
                **one["ask"],
                "headers": {**one["ask"]["headers"], **_header_of_tests(test.get("header"))},
                "expected": {**one["ask"]["expected"], "target_group_arn": group},
            },
        }
        for one in requests([service], around, account_id, endpoint_url, info)
    ]


def _listener_of_tests(port: int, alb: Data) -> dict[str, t.Any]:
    return {**alb["service_listener"], "port": port, "arn": alb["listeners"][str(port)]}


def _header_of_tests(header: Data | None) -> dict[str, str]:
    # the pattern with its wildcards replaced matches itself
    return {header["name"]: header["values"][0].replace("*", "x").replace("?", "x")} if header else {}


def _request(service: Data, alb: Data, account_id: str, endpoint_url: str, info: Data) -> dict[str, t.Any]:
    smoke = service["smoke"]
    base, headers = _address(_host(service), alb, account_id, endpoint_url)
    named = base.startswith("https:") and urllib.parse.urlsplit(base).hostname != alb["load_balancer"]["dns_name"]
    protocol = alb["service_listener"]["protocol"]
    address = local.address(base, headers["Host"], protocol) if endpoint_url else None
    path = f"/{smoke['path'].lstrip('/')}"
    ask = {
        "name": service["name"],
        "url": base + path,
        # connects directly to the load balancer, as the name may be new or point elsewhere
        "connect_to": alb["load_balancer"]["dns_name"] if named and not endpoint_url else "",
        # no certificate covers the load balancer's own name
        "check_name": named or not base.startswith("https:"),
        "headers": headers,
        "status": smoke["status"],
        "expected": _expected(service, info["services"][service["name"]], alb, info["cluster"]),
    }
    return {
        "name": service["name"],
        "ask": ask,
        "address": (address or base) + _below(service),
        "curl": _curl((address or base) + path, {} if address else headers),
        # for use until this machine can resolve the name
        "curl_by_balancer": _curl(base + path, headers, "--connect-to", f"::{alb['load_balancer']['dns_name']}:"),
    }


def _expected(service: Data, there: Data, alb: Data, cluster: str) -> dict[str, t.Any]:
    """Return the rule and target group that have to answer; of two groups, the one that serves."""
    path = f"/{service['smoke']['path'].lstrip('/')}"
    request = precedence.Request(_host(service) or alb["domain"], *path.partition("?")[::2])
    by_priority = sorted(there.get("rules") or [], key=lambda rule: int(rule["priority"]))
    taking: Data = next((rule for rule in by_priority if precedence.answers(rule, request)), {})
    group = taking.get("target_group_arn", "")
    return {
        "listener_arn": alb["service_listener"]["arn"],
        "target_group_arn": group if group.startswith("arn:") else there["target_group"]["arn"],
        "cluster": cluster,
        "service": there["full_name"],
        "task_definition": there["task_definition_arn"],
    }


def _below(service: Data) -> str:
    """Return the base path of a service; empty if it gets all requests."""
    path = precedence.plain_path((_taking(service) or service["rule"])["paths"])
    return "" if path == "/" else path


def _curl(url: str, headers: t.Mapping[str, str], *options: str) -> str:
    given = [part for key, value in headers.items() for part in ("-H", f"{key}: {value}")]
    return shlex.join(["curl", *options, *given, url])


def _host(service: Data) -> str | None:
    return service["smoke"]["host"] or precedence.plain_host((_taking(service) or service["rule"])["hosts"])


def _taking(service: Data) -> Data | None:
    """Return the rule of a service that matches its smoke request."""
    return routes.matching(service, service["smoke"]["path"], service["smoke"]["host"])


def _address(host: str | None, alb: Data, account_id: str, endpoint_url: str) -> tuple[str, dict[str, str]]:
    balancer, listener = alb["load_balancer"], alb["service_listener"]
    if endpoint_url:
        return endpoint_url.rstrip("/"), {"Host": local.host(balancer["name"], account_id, listener["port"])}
    port = "" if listener["port"] in (80, 443) else f":{listener['port']}"
    if listener["protocol"] == "HTTPS":
        # the certificate covers the domain, not the load balancer's own name
        return f"https://{host or alb['domain'] or balancer['dns_name']}{port}", {}
    return f"http://{balancer['dns_name']}{port}", {"Host": host} if host else {}
