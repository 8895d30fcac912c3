# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A load balancer in front of a gRPC server: health checks and requests use HTTP/2, and trailers are returned."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from local_aws.corrections import http2
from tests.local_aws.cloud import Account, Balancer, eventually
from tests.support import grpc
from tests.support.cloud import free_port


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    """The port of a gRPC server."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", grpc.SERVER, str(port)])

    def listens() -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", port)) == 0

    assert eventually(listens, True, 20)
    yield port
    process.terminate()
    process.wait(timeout=10)


@pytest.mark.parametrize(("version", "status"), [("GRPC", 0), ("HTTP2", 200)])
def test_a_target_is_checked_by_its_version(server: int, version: str, status: int) -> None:
    assert http2.check("127.0.0.1", server, {"ProtocolVersion": version, "HealthCheckPath": "/a.B/Check"}) == status


def test_one_that_does_not_speak_http2_is_broken_off(ours: int) -> None:
    with pytest.raises((http2.BrokenOffError, OSError)):
        http2.check("127.0.0.1", free_port(), {"ProtocolVersion": "GRPC"})


@pytest.mark.parametrize(
    ("version", "client", "method", "kind", "taken"),
    [
        ("HTTP1", "1.1", "GET", "", True),
        ("HTTP1", "2", "GET", "", True),
        ("HTTP2", "1.1", "GET", "", False),
        ("HTTP2", "2", "GET", "", True),
        ("GRPC", "2", "POST", "application/grpc+proto", True),
        ("GRPC", "2", "POST", "application/json", False),
        ("GRPC", "2", "GET", "application/grpc", False),
        ("GRPC", "1.1", "POST", "application/grpc", False),
    ],
)
def test_which_requests_a_target_group_takes(version: str, client: str, method: str, kind: str, taken: bool) -> None:
    assert http2.is_taken(version, client, method, {"Content-Type": kind}) is taken


def test_a_call_reaches_the_target_and_its_trailers_come_back(ours: int, server: int) -> None:
    aws = Account(ours)
    made = Balancer(aws)
    given = {"Name": "quotes", "Protocol": "HTTP", "Port": server, "VpcId": made.vpc, "TargetType": "ip"}
    group = aws.elbv2.create_target_group(ProtocolVersion="GRPC", **given)["TargetGroups"][0]["TargetGroupArn"]
    aws.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": "127.0.0.1", "Port": server}])
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    aws.elbv2.modify_listener(ListenerArn=made.listener, DefaultActions=forward)

    def health() -> str:
        shown = aws.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return str(shown[0]["TargetHealth"]["State"])

    assert eventually(health, "healthy") == "healthy"
    called = grpc.call(ours, f"web.{aws.number}.alb.localhost:80", "/quotes.Quotes/Get")
    assert called == grpc.Called(200, grpc.MESSAGE, "0")
    assert aws.get("web", "/quotes.Quotes/Get", port=80)[0] == http2.INCOMPATIBLE
