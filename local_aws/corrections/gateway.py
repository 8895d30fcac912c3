# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The gateway: routes a request to its load balancer, whatever the path, port, account or region."""

from __future__ import annotations

import re
import time
from typing import Any

from local_aws.call_log import CallLog, action_of, error_of
from local_aws.corrections._patch import corrects, part, replace, service

ACCOUNT_HOST = re.compile(r"^(?P<name>[a-z0-9-]+)\.(?P<account>\d{12})\.alb\.localhost$")
NAME_HOST = re.compile(r"^(?P<name>[a-z0-9-]+)\.alb\.localhost$")
DEFAULT_ACCOUNT = "000000000000"


def split_host(host: str) -> tuple[str, int | None]:
    """Return 'a.b:80' as ('a.b', 80); the port is None if there is none."""
    name, _sep, port = host.strip().lower().partition(":")
    return name, int(port) if port.isdigit() else None


def wanted_balancer(hostname: str) -> tuple[str, str] | None:
    """Return (account, load balancer name) for our two forms of host name, None for any other."""
    found = ACCOUNT_HOST.match(hostname)
    if found:
        return found["account"], found["name"]
    found = NAME_HOST.match(hostname)
    return (DEFAULT_ACCOUNT, found["name"]) if found else None


def listener_port(listeners: list[dict[str, Any]], port: int | None) -> int:
    """Return the listener that answers: the one on the Host's port, else HTTP 80, else the lowest."""
    ports = sorted(int(listener.get("Port", 80)) for listener in listeners)
    if port in ports:
        return int(port or 0)
    return 80 if 80 in ports or not ports else ports[0]


def find_balancer(host: str) -> tuple[str, str, dict[str, Any]] | None:
    """Return (account, region, load balancer) of a Host header, in any account and region."""
    hostname, _port = split_host(host)
    wanted = wanted_balancer(hostname)
    for (account, region, _arn), balancer in service("alb")._lbs.all_items():
        if balancer["DNSName"].lower() == hostname:
            return account, region, balancer
        if wanted == (account, balancer["LoadBalancerName"].lower()):
            return account, region, balancer
    return None


def names_a_balancer(host: str) -> bool:
    hostname, _port = split_host(host)
    return hostname.endswith((".alb.localhost", ".elb.amazonaws.com"))


@corrects(
    "elbv2",
    aws="every path of a load balancer's host goes to its listeners, also /health, /login and /oauth2",
    evidence="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/introduction.html",
)
def reach_the_data_plane() -> None:
    app = part("app")
    responses = part("core.responses")

    def unless_balancer(original: Any) -> Any:
        async def guarded(method: str, path: str, headers: dict[str, str], *rest: Any) -> Any:
            if names_a_balancer(headers.get("host", "")):
                return None
            return await original(method, path, headers, *rest)

        return guarded

    replace(app, "_handle_pre_body_request", unless_balancer)
    replace(app, "_handle_post_body_shortcuts", unless_balancer)

    def to_the_balancer_first(original: Any) -> Any:
        async def routed(*request: Any, **more: Any) -> Any:
            method, path, headers, body, query, _request_id = request
            host = headers.get("host", "")
            if not names_a_balancer(host):
                return await original(*request, **more)
            found = find_balancer(host)
            if found is None:
                return 503, {"Content-Type": "text/plain"}, f"No load balancer answers to {host!r}.\n".encode()
            account, region, balancer = found
            responses.set_request_account_id(account)
            responses.set_request_region(region)
            alb = service("alb")
            mine = [x for x in alb._listeners.values() if x["LoadBalancerArn"] == balancer["LoadBalancerArn"]]
            port = listener_port(mine, split_host(host)[1])
            return await alb.dispatch_request(balancer, method, path, headers, body, query, port, **more)

        return routed

    replace(app, "_handle_special_data_plane_request", to_the_balancer_first)


def record_calls(log: CallLog) -> None:
    """Log every AWS API call, after it was processed and before the answer is sent."""
    app = part("app")
    responses = part("core.responses")
    router = part("core.router")
    iam_actions = part("core.iam_actions")

    def name_call(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Any:
        routing = app._routing_params(method, path, headers, body, query)
        name = router.detect_service(method, path, headers, routing)
        action = action_of(headers, body, query)
        if action is None:
            named = iam_actions.extract_iam_action(name, method, path, headers, body, routing)
            action = named.split(":", 1)[1] if named else f"{method} {path}"
        return name, action

    def recorded(original: Any) -> Any:
        async def call(*request: Any) -> Any:
            started = time.time()
            status, resp_headers, resp_body = await original(*request)
            method, path, headers, body, query, _request_id = request
            name, action = name_call(method, path, headers, body, query)
            log.add(
                started=started,
                account=responses.get_account_id(),
                region=responses.get_region(),
                service=name,
                action=action,
                method=method,
                status=status,
                error=error_of(status, resp_body),
                key=router.extract_access_key_id(headers, query) or None,
            )
            return status, resp_headers, resp_body

        return call

    replace(app, "_dispatch_service_request", recorded)

    def recorded_registry(original: Any) -> Any:
        async def call(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Any:
            started = time.time()
            answer = await original(method, path, headers, body, query)
            if answer is None:
                return None
            log.add(
                started=started,
                account=responses.get_account_id(),
                region=responses.get_region(),
                service="registry",
                action=f"{method} {path}",
                method=method,
                status=answer[0],
                error=None,
                key=None,
            )
            return answer

        return call

    replace(app, "_handle_ecr_registry_request", recorded_registry)
