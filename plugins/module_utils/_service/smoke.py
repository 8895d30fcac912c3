# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The requests that show whether services answer through the load balancer.  Plain dicts in and out."""

from __future__ import annotations

import shlex
import typing as t

from .._elbv2 import local, precedence

Data = t.Mapping[str, t.Any]


def requests(
    services: t.Iterable[Data], alb: Data, account_id: str, endpoint_url: str, there: t.Mapping[str, Data] | None = None
) -> list[dict[str, t.Any]]:
    """Return a request for each service that has one, and what people are told of it.

    C({name, url, connect_to, check_name, headers, status, that, address, curl, curl_by_balancer}).
    I(there) is what was found of them by name: nothing answers for one that is set to no task.
    """
    parked = {name for name, found in (there or {}).items() if found.get("desired_count") == 0}
    return [
        _request(service, alb, account_id, endpoint_url)
        for service in services
        if service.get("smoke") and service["name"] not in parked
    ]


def _request(service: Data, alb: Data, account_id: str, endpoint_url: str) -> dict[str, t.Any]:
    smoke = service["smoke"]
    base, headers = _address(_host(service), alb, account_id, endpoint_url)
    named = base.startswith("https:") and base != f"https://{alb['load_balancer']['dns_name']}"
    protocol = alb["service_listener"]["protocol"]
    address = local.address(base, headers["Host"], protocol) if endpoint_url else None
    path = f"/{smoke['path'].lstrip('/')}"
    return {
        "name": service["name"],
        "url": base + path,
        # Straight to the load balancer: the name may be new, or lead elsewhere, and it is our deployment that is asked.
        "connect_to": alb["load_balancer"]["dns_name"] if named and not endpoint_url else "",
        # No certificate is for the load balancer's own name.
        "check_name": named or not base.startswith("https:"),
        "headers": headers,
        "status": smoke["status"],
        "that": smoke["that"],
        "address": address or base,
        "curl": _curl((address or base) + path, {} if address else headers),
        # for as long as the name is not known here
        "curl_by_balancer": _curl(base + path, headers, "--connect-to", f"::{alb['load_balancer']['dns_name']}:"),
    }


def _curl(url: str, headers: t.Mapping[str, str], *options: str) -> str:
    given = [part for key, value in headers.items() for part in ("-H", f"{key}: {value}")]
    return shlex.join(["curl", *options, *given, url])


def _host(service: Data) -> str | None:
    return service["smoke"]["host"] or precedence.plain_host(service["rule"]["hosts"])


def _address(host: str | None, alb: Data, account_id: str, endpoint_url: str) -> tuple[str, dict[str, str]]:
    balancer, listener = alb["load_balancer"], alb["service_listener"]
    if endpoint_url:
        return endpoint_url.rstrip("/"), {"Host": local.host(balancer["name"], account_id, listener["port"])}
    if listener["protocol"] == "HTTPS":
        # The certificate is the domain's, not the load balancer's own name's.
        return f"https://{host or alb['domain'] or balancer['dns_name']}", {}
    return f"http://{balancer['dns_name']}", {"Host": host} if host else {}
