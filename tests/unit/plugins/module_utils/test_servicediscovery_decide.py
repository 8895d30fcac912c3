# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import changes
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.servicediscovery import decide
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.servicediscovery.wait import (
    OperationFailedError,
    wait_for_operation,
)

NAMESPACE = {
    "Id": "ns-1",
    "Arn": "arn:aws:servicediscovery:ap-northeast-2:123456789012:namespace/ns-1",
    "Name": "magiclub.internal",
    "Type": "DNS_PRIVATE",
    "ServiceCount": 2,
    "Properties": {
        "DnsProperties": {"HostedZoneId": "Z0", "SOA": {"TTL": 15}},
        "HttpProperties": {"HttpName": "magiclub.internal"},
    },
}
SERVICE = {
    "Id": "srv-1",
    "Arn": "arn:aws:servicediscovery:ap-northeast-2:123456789012:service/srv-1",
    "Name": "lotto-api",
    "NamespaceId": "ns-1",
    "Type": "DNS_HTTP",
    "InstanceCount": 1,
    "DnsConfig": {
        "NamespaceId": "ns-1",
        "RoutingPolicy": "MULTIVALUE",
        "DnsRecords": [{"Type": "SRV", "TTL": 60}, {"Type": "A", "TTL": 15}],
    },
    "HealthCheckCustomConfig": {"FailureThreshold": 1},
}


def namespace(**fields):
    return {
        "name": "n.internal",
        "type": "DNS_PRIVATE",
        "vpc_id": "vpc-1",
        "description": None,
        "soa_ttl": None,
    } | fields


def service(**fields):
    return {
        "name": "api",
        "namespace_id": "ns-1",
        "description": None,
        "dns_records": None,
        "routing_policy": None,
        "health_check_config": None,
        "health_check_custom_config": None,
    } | fields


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        (namespace(), None),
        (namespace(type="HTTP", vpc_id=None), None),
        (namespace(soa_ttl=0), None),
        (namespace(soa_ttl=2147483647), None),
        (namespace(name="n"), None),
        (namespace(name="n" * 253), None),
        (namespace(type="HTTP", vpc_id=None, name="n" * 1024), None),
        (namespace(vpc_id=None), "is private and has no VPC"),
        (namespace(type="DNS_PUBLIC"), "is of type DNS_PUBLIC, which has no VPC"),
        (namespace(type="HTTP"), "is of type HTTP, which has no VPC"),
        (namespace(type="HTTP", vpc_id=None, soa_ttl=5), "which has no DNS zone"),
        (namespace(soa_ttl=-1), "soa_ttl -1 of namespace n.internal is out of range"),
        (namespace(soa_ttl=2147483648), "out of range"),
        (namespace(name="n" * 254), "has 254 characters: 1 to 253"),
        (namespace(name=""), "has 0 characters"),
        (namespace(type="HTTP", vpc_id=None, name="n" * 1025), "has 1025 characters: 1 to 1024"),
    ],
)
def test_namespace_problems(wanted, problem):
    found = decide.namespace_problems(wanted)
    assert (found == []) if problem is None else (len(found) == 1 and problem in found[0])


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        (service(), None),
        (service(dns_records=[{"type": "A", "ttl": 0}, {"type": "AAAA", "ttl": 2147483647}]), None),
        (service(dns_records=[{"type": "CNAME", "ttl": 5}], routing_policy="WEIGHTED"), None),
        (service(health_check_config={"type": "HTTP", "resource_path": "/"}), None),
        (service(health_check_config={"type": "TCP", "resource_path": None}), None),
        (service(health_check_custom_config=True), None),
        (service(dns_records=[{"type": "CNAME", "ttl": 5}]), "which needs routing_policy: WEIGHTED"),
        (
            service(dns_records=[{"type": "CNAME", "ttl": 5}, {"type": "A", "ttl": 5}], routing_policy="WEIGHTED"),
            "has CNAME beside A",
        ),
        (service(dns_records=[{"type": "A", "ttl": 5}, {"type": "A", "ttl": 6}]), "has a record type twice: A, A"),
        (service(dns_records=[{"type": "A", "ttl": -1}]), "TTL -1 of service api is out of range"),
        (service(dns_records=[{"type": "A", "ttl": 2147483648}]), "out of range"),
        (
            service(health_check_config={"type": "HTTP"}, health_check_custom_config=True),
            "has both health_check_config and health_check_custom_config",
        ),
        (
            service(health_check_config={"type": "TCP", "resource_path": "/x"}),
            "TCP health check of service api has no path",
        ),
    ],
)
def test_service_problems(wanted, problem):
    found = decide.service_problems(wanted)
    assert (found == []) if problem is None else (len(found) == 1 and problem in found[0])


def test_creator_request_id_is_fixed_distinct_and_short():
    first = decide.creator_request_id("DNS_PRIVATE", "a", "vpc-1", "")
    assert first == decide.creator_request_id("DNS_PRIVATE", "a", "vpc-1", None)
    assert len(first) <= 64
    others = [("DNS_PRIVATE", "a", "vpc-2", ""), ("HTTP", "a", "vpc-1", ""), ("DNS_PRIVATE", "a", "vpc-1", "op")]
    assert len({first, *(decide.creator_request_id(*parts) for parts in others)}) == 4


def test_parts_of_a_creator_request_id_do_not_run_together():
    assert decide.creator_request_id("ab", "c") != decide.creator_request_id("a", "bc")


@pytest.mark.parametrize(
    ("name", "kind", "picked"),
    [
        ("magiclub.internal", "DNS_PRIVATE", 1),
        ("magiclub.internal.", "DNS_PRIVATE", 1),
        ("magiclub.internal", "HTTP", 0),
        ("x", "DNS_PRIVATE", 0),
    ],
)
def test_pick_namespace(name, kind, picked):
    assert len(decide.pick_namespace([NAMESPACE], name, kind)) == picked


def test_namespace_values():
    assert decide.namespace_values(NAMESPACE, {"a": "b"}) == {
        "id": "ns-1",
        "arn": NAMESPACE["Arn"],
        "name": "magiclub.internal",
        "type": "DNS_PRIVATE",
        "description": "",
        "hosted_zone_id": "Z0",
        "soa_ttl": 15,
        "http_name": "magiclub.internal",
        "service_count": 2,
        "tags": {"a": "b"},
    }


def test_namespace_values_have_the_description():
    assert decide.namespace_values({**NAMESPACE, "Description": "names"}, {})["description"] == "names"


def test_namespace_values_of_what_is_barely_there():
    values = decide.namespace_values({"Id": "ns-1", "Arn": "a", "Name": "n", "Type": "HTTP"}, {})
    assert (values["hosted_zone_id"], values["soa_ttl"], values["service_count"]) == (None, None, 0)


def test_namespace_requests():
    wanted = namespace(description="d", soa_ttl=0)
    assert decide.namespace_request(wanted, "r", [{"Key": "a", "Value": "b"}]) == {
        "Name": "n.internal",
        "CreatorRequestId": "r",
        "Description": "d",
        "Vpc": "vpc-1",
        "Properties": {"DnsProperties": {"SOA": {"TTL": 0}}},
        "Tags": [{"Key": "a", "Value": "b"}],
    }
    http = namespace(type="HTTP", vpc_id=None)
    assert decide.namespace_request(http, "r", []) == {"Name": "n.internal", "CreatorRequestId": "r"}


@pytest.mark.parametrize(
    ("fields", "update"),
    [
        ([], {}),
        ([{"path": "description", "before": "", "after": "x"}], {"Description": "x"}),
        ([{"path": "soa_ttl", "before": 15, "after": 0}], {"Properties": {"DnsProperties": {"SOA": {"TTL": 0}}}}),
    ],
)
def test_namespace_update(fields, update):
    assert decide.namespace_update(fields) == update


@pytest.mark.parametrize(
    ("operation", "exists", "old"),
    [
        (None, False, True),
        ({"Status": "FAIL"}, False, True),
        ({"Status": "FAIL"}, True, True),
        ({"Status": "SUCCESS"}, False, True),
        ({"Status": "SUCCESS"}, True, False),
        ({"Status": "PENDING"}, False, False),
        ({"Status": "SUBMITTED"}, False, False),
    ],
)
def test_an_answered_creation_may_have_outlived_its_namespace(operation, exists, old):
    assert decide.is_stale(operation, exists) is old


def test_service_values():
    assert decide.service_values(SERVICE, {"a": "b"}) == {
        "id": "srv-1",
        "arn": SERVICE["Arn"],
        "name": "lotto-api",
        "namespace_id": "ns-1",
        "description": "",
        "type": "DNS_HTTP",
        "dns_records": [{"type": "A", "ttl": 15}, {"type": "SRV", "ttl": 60}],
        "routing_policy": "MULTIVALUE",
        "health_check_config": None,
        "health_check_custom_config": True,
        "instance_count": 1,
        "tags": {"a": "b"},
    }


def test_service_values_that_are_not_the_usual_ones():
    dns = {**SERVICE["DnsConfig"], "RoutingPolicy": "WEIGHTED", "NamespaceId": "ns-9"}
    given = {"Description": "lotto", "Type": "DNS", "InstanceCount": 3, "DnsConfig": dns}
    values = decide.service_values({**SERVICE, "NamespaceId": None, **given}, {})
    assert (values["description"], values["routing_policy"], values["type"], values["instance_count"]) == (
        "lotto",
        "WEIGHTED",
        "DNS",
        3,
    )
    assert values["namespace_id"] == "ns-9"


def test_the_namespace_of_a_service_is_the_one_beside_its_records():
    dns = {**SERVICE["DnsConfig"], "NamespaceId": None}
    assert decide.service_values({**SERVICE, "DnsConfig": dns}, {})["namespace_id"] == "ns-1"


def test_service_values_have_the_health_check_of_route_53():
    values = decide.service_values({**SERVICE, "HealthCheckConfig": {"Type": "TCP"}}, {})
    assert values["health_check_config"] == {"type": "TCP", "failure_threshold": 1}


def test_type_and_routing_policy_that_cloud_map_leaves_out():
    values = decide.service_values(
        {**SERVICE, "Type": None, "DnsConfig": {"DnsRecords": [{"Type": "A", "TTL": 1}]}}, {}
    )
    assert (values["type"], values["routing_policy"]) == ("DNS_HTTP", "MULTIVALUE")


def test_service_values_without_records():
    values = decide.service_values({"Id": "s", "Arn": "a", "Name": "n", "NamespaceId": "ns-1"}, {})
    assert (values["type"], values["routing_policy"], values["dns_records"]) == ("HTTP", None, [])
    assert values["health_check_custom_config"] is False
    assert values["instance_count"] == 0


@pytest.mark.parametrize(
    ("check", "values"),
    [
        ({"Type": "HTTP"}, {"type": "HTTP", "failure_threshold": 1, "resource_path": "/"}),
        (
            {"Type": "HTTPS", "ResourcePath": "/health", "FailureThreshold": 3},
            {"type": "HTTPS", "failure_threshold": 3, "resource_path": "/health"},
        ),
        ({"Type": "TCP", "FailureThreshold": 2}, {"type": "TCP", "failure_threshold": 2}),
    ],
)
def test_health_check(check, values):
    assert decide.health_check(check) == values


def test_service_request():
    wanted = service(
        description="d",
        dns_records=[{"type": "SRV", "ttl": 1}, {"type": "A", "ttl": 2}],
        health_check_custom_config=True,
    )
    assert decide.service_request(wanted, "r", [{"Key": "a", "Value": "b"}]) == {
        "Name": "api",
        "NamespaceId": "ns-1",
        "CreatorRequestId": "r",
        "Description": "d",
        "DnsConfig": {
            "RoutingPolicy": "MULTIVALUE",
            "DnsRecords": [{"Type": "A", "TTL": 2}, {"Type": "SRV", "TTL": 1}],
        },
        "HealthCheckCustomConfig": {"FailureThreshold": 1},
        "Tags": [{"Key": "a", "Value": "b"}],
    }


def test_service_request_with_a_health_check_of_route_53():
    check = {"type": "HTTP", "resource_path": "/h", "failure_threshold": 3}
    request = decide.service_request(service(health_check_config=check, routing_policy="WEIGHTED"), "r", [])
    assert request["HealthCheckConfig"] == {"Type": "HTTP", "ResourcePath": "/h", "FailureThreshold": 3}
    assert request["Type"] == "HTTP"
    assert "DnsConfig" not in request


def test_service_request_with_a_routing_policy():
    wanted = service(dns_records=[{"type": "CNAME", "ttl": 1}], routing_policy="WEIGHTED")
    assert decide.service_request(wanted, "r", [])["DnsConfig"]["RoutingPolicy"] == "WEIGHTED"


def test_a_request_holds_nothing_that_was_not_asked_for():
    assert decide.service_request(service(), "r", []) == {
        "Name": "api",
        "NamespaceId": "ns-1",
        "CreatorRequestId": "r",
        "Type": "HTTP",
    }


@pytest.mark.parametrize(
    ("records", "sent"),
    [
        ([], {}),
        ([{"type": "A", "ttl": 5}], {"DnsConfig": {"DnsRecords": [{"Type": "A", "TTL": 5}]}}),
    ],
)
def test_an_update_holds_no_record_and_no_check_that_the_service_lacks(records, sent):
    found = decide.service_values({**SERVICE, "DnsConfig": {}}, {}) | {
        "dns_records": records,
        "health_check_config": None,
    }
    update = decide.service_update(found, [{"path": "description", "before": "", "after": "new"}])
    assert update == {"Description": "new", **sent}


def test_an_update_sends_what_it_would_else_delete():
    found = decide.service_values(SERVICE, {}) | {
        "health_check_config": {"type": "TCP", "failure_threshold": 2},
        "description": "old",
    }
    update = decide.service_update(found, [{"path": "description", "before": "old", "after": "new"}])
    assert update == {
        "Description": "new",
        "DnsConfig": {"DnsRecords": [{"Type": "A", "TTL": 15}, {"Type": "SRV", "TTL": 60}]},
        "HealthCheckConfig": {"Type": "TCP", "FailureThreshold": 2},
    }


@pytest.mark.parametrize(
    ("found", "wanted", "problem"),
    [
        ({}, {"description": "x"}, None),
        ({}, {"dns_records": [{"type": "A", "ttl": 1}, {"type": "SRV", "ttl": 2}]}, None),
        ({}, {"dns_records": [{"type": "A", "ttl": 1}]}, "not their types (A, SRV to A)"),
        ({}, {"dns_records": []}, "not their types (A, SRV to none)"),
        (
            {},
            {"routing_policy": "WEIGHTED"},
            "can't change routing_policy of service lotto-api (MULTIVALUE to WEIGHTED)",
        ),
        ({}, {"health_check_custom_config": False}, "can't change health_check_custom_config"),
        ({"type": "HTTP"}, {"tags": {"a": "b"}}, None),
        ({"type": "HTTP"}, {"description": "x"}, "can't update service lotto-api, which belongs to no DNS zone"),
    ],
)
def test_what_a_living_service_does_not_let_change(found, wanted, problem):
    before = decide.service_values(SERVICE, {}) | found
    sentences = decide.service_immutable(before, changes.differences(before, wanted, wanted))
    assert (sentences == []) if problem is None else (len(sentences) == 1 and problem in sentences[0])


def test_differences_leave_alone_what_is_not_given():
    found = {"a": 1, "b": 2, "c": 3}
    assert changes.differences(found, {"a": None, "b": 2, "c": 4}, ("a", "b", "c")) == [
        {"path": "c", "before": 3, "after": 4}
    ]


class Operations:
    """Answers one status after another; the clock moves by the pauses alone."""

    def __init__(self, *statuses, **fields):
        self.statuses = list(statuses)
        self.fields = fields
        self.pauses = []

    def fetch(self, operation_id):
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return status and {"Id": operation_id, "Type": "CREATE_NAMESPACE", "Status": status, **self.fields}

    def wait(self, timeout=10):
        return wait_for_operation(
            "op-1", self.fetch, timeout=timeout, clock=lambda: sum(self.pauses), sleep=self.pauses.append
        )


def test_waits_until_the_operation_is_done():
    operations = Operations("SUBMITTED", "PENDING", "SUCCESS")
    assert operations.wait()["Status"] == "SUCCESS"
    assert operations.pauses == [2, 2]


@pytest.mark.parametrize(
    ("operations", "message"),
    [
        (Operations("PENDING", "FAIL", ErrorCode="X", ErrorMessage="why"), "(CREATE_NAMESPACE) failed: X: why. Fix"),
        (Operations("FAIL"), "failed: no cause given."),
        (Operations(None), "does not know operation op-1"),
        (Operations("PENDING"), "is still PENDING after 10 s. Run again to wait on, or raise wait_timeout."),
    ],
)
def test_says_why_an_operation_did_not_end_well(operations, message):
    with pytest.raises(OperationFailedError) as error:
        operations.wait()
    assert message in str(error.value)


def test_stops_waiting_when_the_time_is_up():
    operations = Operations("PENDING")
    with pytest.raises(OperationFailedError):
        operations.wait(timeout=10)
    assert sum(operations.pauses) == 10
