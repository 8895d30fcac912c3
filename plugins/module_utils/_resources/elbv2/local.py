# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Requests to a load balancer of the local AWS, which go to its endpoint and name the load balancer in Host."""

from __future__ import annotations

import urllib.parse

# the account of unsigned requests
UNSIGNED = "000000000000"

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def host(name: str, account_id: str, port: int) -> str:
    """Return the Host header for the listener on I(port) of the load balancer I(name)."""
    account = "" if account_id == UNSIGNED else f".{account_id}"
    return f"{name}{account}.alb.localhost:{port}"


def address(endpoint_url: str, host_header: str, protocol: str) -> str | None:
    """Return the URL with the load balancer's name, which browsers and curl resolve, as .localhost is this machine.

    None if the endpoint is on another machine, or the listener's I(protocol) is not HTTP.
    """
    parts = urllib.parse.urlsplit(endpoint_url)
    if parts.hostname not in LOOPBACK or protocol != "HTTP":
        return None
    return f"http://{host_header.partition(':')[0]}:{parts.port or 80}"
