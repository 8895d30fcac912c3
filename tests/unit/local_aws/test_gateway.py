# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The load balancer and listener of a Host header."""

from __future__ import annotations

import pytest

from local_aws.corrections.gateway import listener_port, names_a_balancer, split_host, wanted_balancer


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("My-ALB.alb.localhost:443", ("my-alb.alb.localhost", 443)),
        ("a.alb.localhost", ("a.alb.localhost", None)),
        ("a.alb.localhost:", ("a.alb.localhost", None)),
    ],
)
def test_split_host(host: str, expected: tuple[str, int | None]) -> None:
    assert split_host(host) == expected


@pytest.mark.parametrize(
    ("hostname", "expected"),
    [
        ("web.alb.localhost", ("000000000000", "web")),
        ("web.123456789012.alb.localhost", ("123456789012", "web")),
        ("web.12.alb.localhost", None),
        ("web.localhost", None),
        ("alb.localhost", None),
    ],
)
def test_wanted_balancer(hostname: str, expected: tuple[str, str] | None) -> None:
    assert wanted_balancer(hostname) == expected


@pytest.mark.parametrize(
    ("ports", "asked", "chosen"),
    [
        ([80, 443], 443, 443),
        ([80, 443], 80, 80),
        ([80, 443], 4566, 80),
        ([80, 443], None, 80),
        ([443], 4566, 443),
        ([8080, 8443], None, 8080),
        ([], None, 80),
    ],
)
def test_listener_by_port_else_80_else_the_lowest(ports: list[int], asked: int | None, chosen: int) -> None:
    assert listener_port([{"Port": port} for port in ports], asked) == chosen


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("web.alb.localhost:4566", True),
        ("web-1.ap-northeast-2.elb.amazonaws.com", True),
        ("localhost:4566", False),
        ("bucket.localhost", False),
    ],
)
def test_names_a_balancer(host: str, expected: bool) -> None:
    assert names_a_balancer(host) is expected
