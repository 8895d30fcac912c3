# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import smoke

from tests.unit.plugins.module_utils.service_definitions import service

LOCAL = "http://127.0.0.1:4566/"


def alb(protocol="HTTPS", port=443, domain="lotto.example.com"):
    return {
        "load_balancer": {"name": "alb", "dns_name": "alb-1.elb.amazonaws.com"},
        "service_listener": {"port": port, "protocol": protocol, "arn": "arn:listener"},
        "domain": domain,
    }


HTTP = alb("HTTP", 80)
DEFINITION = "arn:aws:ecs:ap-northeast-2:123456789012:task-definition/magiclub-an2p-web:3"


def info(**counts):
    """Return the state of services with one task."""
    services = {
        name: {
            "full_name": f"magiclub-an2p-{name}",
            "desired_count": count,
            "target_group": {"arn": f"arn:group/{name}"},
            "task_definition_arn": DEFINITION,
        }
        for name, count in ({"web": 1, "silent": 1} | counts).items()
    }
    return {"services": services, "cluster": "magiclub-an2p-ecs"}


AWS = ("1", "")
NAMED = "https://lotto.example.com"
UNSIGNED = ("000000000000", LOCAL)
SIGNED = ("222233334444", LOCAL)


@pytest.mark.parametrize(
    ("balancer", "where", "hosts", "expected"),
    [
        (alb(), AWS, {}, ("https://lotto.example.com/p", {})),
        (alb(domain=""), AWS, {}, ("https://alb-1.elb.amazonaws.com/p", {})),
        (alb(), AWS, {"rule": ["*.x.com", "a.x.com"]}, ("https://a.x.com/p", {})),
        (alb(), AWS, {"rule": ["a.x.com"], "smoke": "b.x.com"}, ("https://b.x.com/p", {})),
        (HTTP, AWS, {}, ("http://alb-1.elb.amazonaws.com/p", {})),
        (HTTP, AWS, {"rule": ["a.x.com"]}, ("http://alb-1.elb.amazonaws.com/p", {"Host": "a.x.com"})),
        (HTTP, UNSIGNED, {}, ("http://127.0.0.1:4566/p", {"Host": "alb.alb.localhost:80"})),
        (HTTP, SIGNED, {}, ("http://127.0.0.1:4566/p", {"Host": "alb.222233334444.alb.localhost:80"})),
    ],
)
def test_a_request_uses_the_address_for_certificate_and_rule(balancer, where, hosts, expected):
    definition = service(
        rule={"paths": ["/*"], "hosts": hosts.get("rule", [])},
        smoke={"path": "p", "host": hosts.get("smoke"), "status": 204, "that": ["x"]},
    )

    (request,) = smoke.requests([definition, service(name="silent")], balancer, *where, info())

    assert (request["name"], request["ask"]["name"], request["ask"]["status"]) == ("web", "web", 204)
    assert (request["ask"]["url"], request["ask"]["headers"]) == expected


def test_a_request_has_the_expected_tasks_and_target_group():
    (request,) = smoke.requests([service(smoke={"path": "/p"})], HTTP, *AWS, info())
    assert request["ask"]["expected"] == {
        "listener_arn": "arn:listener",
        "target_group_arn": "arn:group/web",
        "cluster": "magiclub-an2p-ecs",
        "service": "magiclub-an2p-web",
        "task_definition": DEFINITION,
    }


@pytest.mark.parametrize(
    ("balancer", "where", "hosts", "connect_to", "check_name"),
    [
        (alb(), AWS, [], "alb-1.elb.amazonaws.com", True),
        (alb(domain=""), AWS, ["a.x.com"], "alb-1.elb.amazonaws.com", True),
        (alb(domain=""), AWS, [], "", False),
        (HTTP, AWS, ["a.x.com"], "", True),
        (HTTP, SIGNED, [], "", True),
    ],
)
def test_a_name_is_requested_from_the_load_balancer(balancer, where, hosts, connect_to, check_name):
    # a new domain does not resolve everywhere yet, and with alb_records: [] it leads elsewhere on a first run
    definition = service(rule={"paths": ["/*"], "hosts": hosts}, smoke={"path": "/p"})
    (request,) = smoke.requests([definition], balancer, *where, info())
    assert (request["ask"]["connect_to"], request["ask"]["check_name"]) == (connect_to, check_name)


def test_the_curl_command_connects_to_the_load_balancer():
    (request,) = smoke.requests([service(smoke={"path": "/p"})], alb(), *AWS, info())
    told = "curl --connect-to ::alb-1.elb.amazonaws.com: https://lotto.example.com/p"
    assert request["curl_by_balancer"] == told


@pytest.mark.parametrize(
    ("where", "balancer", "address", "curl"),
    [
        (AWS, alb(), "https://lotto.example.com", "curl https://lotto.example.com/p"),
        (
            SIGNED,
            HTTP,
            "http://alb.222233334444.alb.localhost:4566",
            "curl http://alb.222233334444.alb.localhost:4566/p",
        ),
        (
            ("1", "http://aws.example:4566"),
            HTTP,
            "http://aws.example:4566",
            "curl -H 'Host: alb.1.alb.localhost:80' http://aws.example:4566/p",
        ),
    ],
)
def test_the_printed_address_and_curl_command_work(where, balancer, address, curl):
    (request,) = smoke.requests([service(smoke={"path": "/p"})], balancer, *where, info())

    assert (request["address"], request["curl"]) == (address, curl)


@pytest.mark.parametrize(
    ("paths", "below"),
    [(["/", "/api/*"], ""), (["/*"], ""), (["/rates"], "/rates"), (["/*.html", "/shop/*"], "/shop/"), ([], "")],
)
def test_the_address_has_a_path_of_the_service(paths, below):
    definition = service(rule={"paths": paths}, smoke={"path": "/p"})
    (request,) = smoke.requests([definition], alb(), *AWS, info())
    assert (request["address"], request["ask"]["url"]) == (f"{NAMED}{below}", f"{NAMED}/p")


@pytest.mark.parametrize(
    ("counts", "asked"),
    [
        ({"web": 1, "api": None}, ["web", "api"]),
        ({"web": 0, "api": 2}, ["api"]),
    ],
)
def test_a_service_scaled_to_zero_gets_no_request(counts, asked):
    services = [service(smoke={"path": "/p"}), service(name="api", smoke={"path": "/p"})]
    assert [request["name"] for request in smoke.requests(services, HTTP, *AWS, info(**counts))] == asked


@pytest.mark.parametrize(
    ("balancer", "where", "rule", "expected"),
    [
        (alb(), AWS, {"paths": ["/hello/*"]}, ("https://lotto.example.com/hello/", "")),
        (alb(), AWS, {"paths": ["*.png", "/app"]}, ("https://lotto.example.com/app", "")),
        (HTTP, AWS, {"hosts": ["a.x.com"]}, ("http://alb-1.elb.amazonaws.com", "-H 'Host: a.x.com' ")),
        (HTTP, UNSIGNED, {"paths": ["/*"]}, ("http://alb.alb.localhost:4566/", "")),
    ],
)
def test_the_address_of_a_service_without_a_smoke_request(balancer, where, rule, expected):
    web = service(rule=rule)
    address, header = expected
    assert smoke.addresses([web], balancer, *where) == [
        {"name": "web", "address": address, "curl": f"curl {header}{address}"}
    ]


def test_a_service_with_a_smoke_request_or_without_a_rule_has_no_separate_address():
    asked = service(rule={"paths": ["/*"]}, smoke={"path": "/p"})
    private = service()
    assert smoke.addresses([asked, {**private, "rules": []}], alb(), *AWS) == []
