# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A reverse proxy that gives the local AWS the provisioning times of AWS.

    python -m bench.slow_aws --listen 4600 --upstream http://127.0.0.1:4566 [--nat 110] [--alb 150] [--namespace 45]

Every request passes through untouched.  What is created stays pending (NAT gateway), provisioning (load balancer),
PENDING (Cloud Map operation) or IN_PROGRESS (ECS deployment) in the describe calls until its time is up.  One line a
request goes to --log as JSON: time, service, action, status.  Loopback only.
"""

from __future__ import annotations

import argparse
import json
import re
import time
import typing as t
from pathlib import Path
from urllib.parse import parse_qs

from aiohttp import ClientSession, ClientTimeout, web

HOP = {"transfer-encoding", "connection", "keep-alive", "content-length", "content-encoding", "date", "server"}
NAMESPACES = ("CreatePrivateDnsNamespace", "CreateHttpNamespace", "CreatePublicDnsNamespace")
NAT_GATEWAY = re.compile(
    r"<item>(?:(?!</?item>).)*<natGatewayId>.*?(?=<item>(?:(?!</?item>).)*<natGatewayId>|</natGatewaySet>)"
    r"|<natGateway>.*?</natGateway>",
    re.DOTALL,
)
LOAD_BALANCER = re.compile(
    r"<member>(?:(?!<member>\s*<LoadBalancerArn>).)*?<LoadBalancerArn>.*?<Code>[a-z]+</Code>", re.DOTALL
)


def action_of(headers: t.Mapping[str, str], body: bytes) -> tuple[str, str]:
    """Return service and action of an AWS request: the JSON target header's, or the query protocol's Action."""
    match = re.search(r"/([a-z0-9-]+)/aws4_request", headers.get("Authorization", ""))
    service = match[1] if match else "-"
    target = headers.get("X-Amz-Target")
    if target:
        return service, target.rpartition(".")[-1]
    if body[:1] not in (b"{", b"<") and b"Action=" in body[:4000]:
        return service, parse_qs(body.decode("utf-8", "replace")).get("Action", ["-"])[0]
    return service, "-"


class Slow:
    """Record when resources were created, and report them as pending until their time."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._ready: dict[str, float] = {}
        self._session: ClientSession | None = None

    def _pending(self, key: str) -> bool:
        return self._ready.get(key, 0) > time.monotonic()

    def _note(self, service: str, action: str, text: str) -> None:
        for key, delay in self._created(service, action, text):
            self._ready.setdefault(key, time.monotonic() + delay)

    def _created(self, service: str, action: str, text: str) -> t.Iterator[tuple[str, float]]:
        if action == "CreateNatGateway":
            yield from ((key, self._options.nat) for key in re.findall(r"<natGatewayId>([^<]+)", text))
        elif action == "CreateLoadBalancer":
            yield from ((key, self._options.alb) for key in re.findall(r"<LoadBalancerArn>([^<]+)", text))
        elif action in NAMESPACES:
            yield from ((key, self._options.namespace) for key in re.findall(r'"OperationId":\s*"([^"]+)"', text))
        elif service == "ecs" and action in ("CreateService", "UpdateService"):
            deployments = json.loads(text)["service"]["deployments"]
            yield from ((item["id"], self._options.ecs) for item in deployments if item["status"] == "PRIMARY")

    def _shaped(self, service: str, action: str, text: str) -> str:
        """Return a call's answer with resources still pending."""
        if action in ("DescribeNatGateways", "CreateNatGateway"):
            return NAT_GATEWAY.sub(self._nat_gateway, text)
        if action in ("DescribeLoadBalancers", "CreateLoadBalancer"):
            return LOAD_BALANCER.sub(self._load_balancer, text)
        if action == "GetOperation":
            return self._operation(text)
        if service == "ecs" and action in ("DescribeServices", "CreateService", "UpdateService"):
            return self._services(text)
        if action in ("ListServiceDeployments", "DescribeServiceDeployments"):
            return self._history(text)
        return text

    def _nat_gateway(self, match: re.Match[str]) -> str:
        key = re.search(r"<natGatewayId>([^<]+)", match[0])
        if not key or not self._pending(key[1]):
            return match[0]
        return match[0].replace("<state>available</state>", "<state>pending</state>", 1)

    def _load_balancer(self, match: re.Match[str]) -> str:
        key = re.search(r"<LoadBalancerArn>([^<]+)", match[0])
        if not key or not self._pending(key[1]):
            return match[0]
        return match[0].replace("<Code>active</Code>", "<Code>provisioning</Code>", 1)

    def _operation(self, text: str) -> str:
        answer = json.loads(text)
        operation = answer.get("Operation", {})
        if operation.get("Status") == "SUCCESS" and self._pending(operation["Id"]):
            operation["Status"] = "PENDING"
        return json.dumps(answer)

    def _services(self, text: str) -> str:
        answer = json.loads(text)
        services = [*answer.get("services", []), *([answer["service"]] if "service" in answer else [])]
        for service in services:
            for deployment in service.get("deployments", []):
                if deployment.get("rolloutState") == "COMPLETED" and self._pending(deployment["id"]):
                    _unfinish(service, deployment)
        return json.dumps(answer)

    def _history(self, text: str) -> str:
        answer = json.loads(text)
        for record in answer.get("serviceDeployments", []):
            if record.get("status") == "SUCCESSFUL":
                due = record["startedAt"] + self._options.ecs
                if due > time.time():
                    record["status"] = "IN_PROGRESS"
                    record.pop("finishedAt", None)
                else:
                    record["finishedAt"] = max(record["finishedAt"], due)
        return json.dumps(answer)

    async def handle(self, request: web.Request) -> web.Response:
        """Pass one request on, and its answer back."""
        body = await request.read()
        service, action = action_of(request.headers, body)
        headers = {k: v for k, v in request.headers.items() if k.lower() not in ("content-length", "accept-encoding")}
        if self._session is None:
            self._session = ClientSession(timeout=ClientTimeout(total=300))
        url = self._options.upstream + request.raw_path
        async with self._session.request(
            request.method, url, data=body, headers=headers, allow_redirects=False
        ) as answer:
            out, status = await answer.read(), answer.status
            back = {k: v for k, v in answer.headers.items() if k.lower() not in HOP}
        if action != "-" and status < 400:
            text = out.decode("utf-8", "replace")
            self._note(service, action, text)
            out = self._shaped(service, action, text).encode()
        self._log(service, action, status)
        return web.Response(body=out, status=status, headers=back)

    def _log(self, service: str, action: str, status: int) -> None:
        if self._options.log:
            entry = {"t": round(time.time(), 3), "service": service, "action": action, "status": status}
            with self._options.log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")


def _unfinish(service: dict[str, t.Any], deployment: dict[str, t.Any]) -> None:
    running = deployment.get("runningCount", 0)
    deployment.update(
        rolloutState="IN_PROGRESS",
        rolloutStateReason="ECS deployment in progress.",
        runningCount=0,
        pendingCount=running,
    )
    service.update(
        runningCount=max(0, service.get("runningCount", 0) - running),
        pendingCount=service.get("pendingCount", 0) + running,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--listen", type=int, default=4600)
    parser.add_argument("--upstream", default="http://127.0.0.1:4566")
    parser.add_argument("--log", type=Path)
    for name, seconds in (("nat", 110), ("alb", 150), ("namespace", 45), ("ecs", 75)):
        parser.add_argument(f"--{name}", type=float, default=seconds, help=f"seconds (default {seconds})")
    options = parser.parse_args()
    app = web.Application(client_max_size=1 << 30)
    app.router.add_route("*", "/{tail:.*}", Slow(options).handle)
    web.run_app(app, host="127.0.0.1", port=options.listen, print=None)


if __name__ == "__main__":
    main()
