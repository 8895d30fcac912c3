# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The requests that show whether services answer through the load balancer.  Plain dicts in and out."""

from __future__ import annotations

import shlex
import typing as t
import urllib.parse

Data = t.Mapping[str, t.Any]

# The account of requests that are not signed, on the local AWS.
UNSIGNED = "000000000000"

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def requests(services: t.Iterable[Data], alb: Data, account_id: str, endpoint_url: str) -> list[dict[str, t.Any]]:
    """Return C({name, url, headers, status, that, address, curl}) for each service that has a smoke request."""
    return [_request(service, alb, account_id, endpoint_url) for service in services if service.get("smoke")]


def _request(service: Data, alb: Data, account_id: str, endpoint_url: str) -> dict[str, t.Any]:
    smoke = service["smoke"]
    base, headers = _address(_host(service), alb, account_id, endpoint_url)
    address = _for_people(alb, base, headers)
    path = f"/{smoke['path'].lstrip('/')}"
    return {
        "name": service["name"],
        "url": base + path,
        "headers": headers,
        "status": smoke["status"],
        "that": smoke["that"],
        "address": address or base,
        "curl": _curl((address or base) + path, {} if address else headers),
    }


def _for_people(alb: Data, base: str, headers: t.Mapping[str, str]) -> str | None:
    """Return the address of a local load balancer by its own name, which browsers and curl look for on this machine."""
    parts = urllib.parse.urlsplit(base)
    name = headers.get("Host", "").partition(":")[0]
    local = name.endswith(".alb.localhost") and parts.hostname in LOOPBACK
    return f"http://{name}:{parts.port}" if local and alb["service_listener"]["protocol"] == "HTTP" else None


def _curl(url: str, headers: t.Mapping[str, str]) -> str:
    return shlex.join(["curl", *(part for key, value in headers.items() for part in ("-H", f"{key}: {value}")), url])


def _host(service: Data) -> str | None:
    plain = [host for host in service["rule"]["hosts"] if not set(host) & set("*?")]
    return service["smoke"]["host"] or next(iter(plain), None)


def _address(host: str | None, alb: Data, account_id: str, endpoint_url: str) -> tuple[str, dict[str, str]]:
    balancer, listener = alb["load_balancer"], alb["service_listener"]
    if endpoint_url:
        account = "" if account_id == UNSIGNED else f".{account_id}"
        name = f"{balancer['name']}{account}.alb.localhost:{listener['port']}"
        return endpoint_url.rstrip("/"), {"Host": name}
    if listener["protocol"] == "HTTPS":
        # The certificate is the domain's, not the load balancer's own name's.
        return f"https://{host or alb['domain'] or balancer['dns_name']}", {}
    return f"http://{balancer['dns_name']}", {"Host": host} if host else {}
