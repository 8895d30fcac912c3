# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How requests reach a load balancer of the local AWS: they go to its endpoint, and Host names the load balancer."""

from __future__ import annotations

import urllib.parse

# The account of requests that are not signed.
UNSIGNED = "000000000000"

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def host(name: str, account_id: str, port: int) -> str:
    """Return the Host header of requests to the listener on I(port) of the load balancer I(name)."""
    account = "" if account_id == UNSIGNED else f".{account_id}"
    return f"{name}{account}.alb.localhost:{port}"


def address(endpoint_url: str, host_header: str, protocol: str) -> str | None:
    """Return the address that browsers and curl find by the load balancer's own name, as they look for .localhost here.

    None if the endpoint is on another machine, or the listener's I(protocol) is not HTTP.
    """
    parts = urllib.parse.urlsplit(endpoint_url)
    if parts.hostname not in LOOPBACK or protocol != "HTTP":
        return None
    return f"http://{host_header.partition(':')[0]}:{parts.port or 80}"
