# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._service import smoke

from tests.unit.plugins.module_utils.service_definitions import service

LOCAL = "http://127.0.0.1:4566/"


def alb(protocol="HTTPS", port=443, domain="lotto.example.com"):
    return {
        "load_balancer": {"name": "alb", "dns_name": "alb-1.elb.amazonaws.com"},
        "service_listener": {"port": port, "protocol": protocol},
        "domain": domain,
    }


HTTP = alb("HTTP", 80)


@pytest.mark.parametrize(
    ("balancer", "hosts", "host", "account", "endpoint", "url", "headers"),
    [
        (alb(), [], None, "1", "", "https://lotto.example.com/p", {}),
        (alb(domain=""), [], None, "1", "", "https://alb-1.elb.amazonaws.com/p", {}),
        (alb(), ["*.x.com", "a.x.com"], None, "1", "", "https://a.x.com/p", {}),
        (alb(), ["a.x.com"], "b.x.com", "1", "", "https://b.x.com/p", {}),
        (HTTP, [], None, "1", "", "http://alb-1.elb.amazonaws.com/p", {}),
        (HTTP, ["a.x.com"], None, "1", "", "http://alb-1.elb.amazonaws.com/p", {"Host": "a.x.com"}),
        (HTTP, [], None, "0" * 12, LOCAL, "http://127.0.0.1:4566/p", {"Host": "alb.alb.localhost:80"}),
        (HTTP, [], None, "222233334444", LOCAL, "http://127.0.0.1:4566/p", {"Host": "alb.222233334444.alb.localhost:80"}),
    ],
)
def test_a_request_goes_where_the_certificate_and_the_rule_are_right(
    balancer, hosts, host, account, endpoint, url, headers
):
    definition = service(
        rule={"paths": ["/*"], "hosts": hosts}, smoke={"path": "p", "host": host, "status": 204, "that": ["x"]}
    )

    (request,) = smoke.requests([definition, service(name="silent")], balancer, account, endpoint)

    assert (request["name"], request["status"], request["that"]) == ("web", 204, ["x"])
    assert (request["url"], request["headers"]) == (url, headers)
