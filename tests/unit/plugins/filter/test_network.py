# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.magiclub.fargate.plugins.filter import ids, load_balancer, network
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb import desired as alb

FILTERS = network.FilterModule().filters()


def test_ids_leave_out_what_is_only_planned():
    assert ids.ids([{"name": "a", "id": "vpc-1"}, {"name": "b", "id": None}, {"name": "c"}]) == {"a": "vpc-1"}


@pytest.mark.parametrize(
    ("registered", "expected"),
    [
        ({}, {}),
        ({"results": []}, {}),
        (
            {
                "results": [
                    {"item": {"name": "a"}, "subnet": {"id": "subnet-1"}},
                    {"item": {"name": "b"}, "skipped": True},
                ]
            },
            {"a": "subnet-1"},
        ),
    ],
)
def test_made(registered, expected):
    assert ids.made(registered, "subnet.id") == expected


@pytest.mark.parametrize(
    ("registered", "message"),
    [
        ([], "made takes what a task registered"),
        ({"results": [{"item": {"name": "a"}, "subnet": {}}]}, "No 'subnet.id' in the result for a: 'id' is missing."),
    ],
)
def test_made_of_something_else(registered, message):
    with pytest.raises(AnsibleFilterError, match=message):
        ids.made(registered, "subnet.id")


def test_route_tables():
    ids = {"nat": "nat-1", "a": "subnet-1", "c": "subnet-2"}
    routes = [{"destination": "0.0.0.0/0", "target": "nat"}]
    values = {"routes": routes, "subnets": ["a", "c"], "tags": {"Name": "apps-rt"}}
    change = {"action": "change", "type": "route_table", "name": "apps-rt", "id": "rtb-1", "values": values}
    wanted = {
        "name": "apps-rt",
        "route_table_id": "rtb-1",
        "routes": [{"destination": "0.0.0.0/0", "target": "nat-1"}],
        "subnets": ["subnet-1", "subnet-2"],
        "tags": {"Name": "apps-rt"},
    }
    assert network.route_tables([change], ids) == [wanted]
    assert network.route_tables([change], ids, staying=["a"]) == [{**wanted, "subnets": ["subnet-2"]}]


def test_losing_routes():
    def table(action, name, routes):
        values = {"routes": routes, "subnets": ["a"]}
        return {"action": action, "type": "route_table", "name": name, "fields": [], "values": values}

    way_out = [{"destination": "0.0.0.0/0", "target": "nat"}]
    assert FILTERS["losing_routes"]([table("add", "new", []), table("remove", "old", way_out)]) == ["a"]
    assert FILTERS["losing_routes"]([table("add", "new", way_out), table("remove", "old", way_out)]) == []


def test_listeners():
    answer = {"type": "fixed-response", "status_code": "200", "content_type": "text/plain", "message_body": "OK"}
    values = {"port": 443, "protocol": "HTTPS", "certificate": "arn", "tls_policy": "tls", "default_actions": [answer]}
    plain = {"port": 80, "protocol": "HTTP", "default_actions": [answer]}
    resources = [{"type": "vpc", "values": {}}, *({"type": "listener", "values": entry} for entry in (values, plain))]
    action = {
        "Type": "fixed-response",
        "Order": 1,
        "FixedResponseConfig": {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": "OK"},
    }
    assert load_balancer.alb_listeners(resources) == [
        {
            "Port": 443,
            "Protocol": "HTTPS",
            "DefaultActions": [action],
            "Certificates": [{"CertificateArn": "arn"}],
            "SslPolicy": "tls",
        },
        {"Port": 80, "Protocol": "HTTP", "DefaultActions": [action]},
    ]


def test_listeners_of_tests_stay_until_services_have_left_them():
    answer = alb.ANSWER
    leaving = [
        {"type": "listener", "values": {"port": port, "protocol": "HTTP", "default_actions": [action]}}
        for port, action in ((443, answer), (8443, answer), (9000, {"type": "forward", "target_group": "somebody-s"}))
    ]
    leaving.append({"type": "record_set", "values": {"port": 8444, "default_actions": [answer]}})
    assert [one["Port"] for one in load_balancer.alb_listeners([], leaving)] == [8443]
    assert load_balancer.alb_listeners([], []) == []


def test_security_groups_that_name_one_that_goes():
    pairs = [{"user_id_group_pairs": [{"group_id": "sg-gone"}]}]
    group = {"group_id": "sg-1", "group_name": "db", "ip_permissions": pairs, "ip_permissions_egress": []}
    assert FILTERS["naming_groups"]([group], {"sg-gone": "web"}) == ["db (sg-1) names web (sg-gone)"]
    assert FILTERS["letting_in"]([group], {"sg-gone": "web"}) == [group]
    assert FILTERS["letting_in"]([{**group, "ip_permissions_egress": pairs}], {"sg-gone": "web"}) == []
    assert FILTERS["security_rules"]([], {}) == []
