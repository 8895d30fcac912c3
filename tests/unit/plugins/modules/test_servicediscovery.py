# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import itertools

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.servicediscovery import decide, run
from ansible_collections.magiclub.fargate.plugins.modules import servicediscovery_namespace, servicediscovery_service

CLOUD_MAP = "servicediscovery"
NAME = "magiclub.internal"
ARN = "arn:aws:servicediscovery:ap-northeast-2:123456789012:namespace/ns-1"
SERVICE_ARN = "arn:aws:servicediscovery:ap-northeast-2:123456789012:service/srv-1"
NAMESPACE = {
    "Id": "ns-1",
    "Arn": ARN,
    "Name": NAME,
    "Type": "DNS_PRIVATE",
    "Properties": {"DnsProperties": {"HostedZoneId": "Z1", "SOA": {"TTL": 15}}},
}
ZONE = {
    "HostedZone": {"Id": "/hostedzone/Z1", "Name": f"{NAME}.", "CallerReference": "r"},
    "VPCs": [{"VPCRegion": "ap-northeast-2", "VPCId": "vpc-1"}],
}
REQUEST_ID = decide.creator_request_id("DNS_PRIVATE", NAME, "vpc-1", "")

# without this filter, Cloud Map also lists namespaces that other accounts share through AWS RAM
OURS = [{"Name": "RESOURCE_OWNER", "Values": ["SELF"], "Condition": "EQ"}]


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """The pauses of the modules, which advance their clock."""
    slept = []
    monkeypatch.setattr(run.time, "monotonic", lambda: sum(slept))
    monkeypatch.setattr(run.time, "sleep", slept.append)
    return slept


def listed(aws, *namespaces):
    aws.answer(CLOUD_MAP, "list_namespaces", {"Namespaces": list(namespaces)}, Filters=OURS)


def zone(aws, vpc="vpc-1"):
    aws.answer("route53", "get_hosted_zone", ZONE | {"VPCs": [{"VPCId": vpc}]}, Id="Z1")


def tags(aws, arn=ARN, **pairs):
    found = [{"Key": key, "Value": value} for key, value in pairs.items()]
    aws.answer(CLOUD_MAP, "list_tags_for_resource", {"Tags": found}, ResourceARN=arn)


def pending(aws, kind, *operations, namespace=None):
    filters = [
        {"Name": "TYPE", "Values": [kind], "Condition": "EQ"},
        {"Name": "STATUS", "Values": ["SUBMITTED", "PENDING"], "Condition": "IN"},
    ]
    if namespace:
        filters.append({"Name": "NAMESPACE_ID", "Values": [namespace], "Condition": "EQ"})
    found = [{"Id": operation, "Status": "PENDING"} for operation in operations]
    aws.answer(CLOUD_MAP, "list_operations", {"Operations": found}, Filters=filters)


def operation(aws, operation_id, status="SUCCESS", namespace="ns-1", kind="CREATE_NAMESPACE"):
    found = {"Id": operation_id, "Type": kind, "Status": status}
    if namespace:
        found["Targets"] = {"NAMESPACE": namespace}
    aws.answer(CLOUD_MAP, "get_operation", {"Operation": found}, OperationId=operation_id)


def there(aws, namespace="ns-1", **different):
    aws.answer(CLOUD_MAP, "get_namespace", {"Namespace": NAMESPACE | different}, Id=namespace)


def not_there(aws, namespace="ns-1"):
    aws.refuse(CLOUD_MAP, "get_namespace", "NamespaceNotFound", Id=namespace)


def created(aws, operation_id="op-1", request_id=REQUEST_ID, **more):
    aws.answer(
        CLOUD_MAP,
        "create_private_dns_namespace",
        {"OperationId": operation_id},
        Name=NAME,
        CreatorRequestId=request_id,
        Vpc="vpc-1",
        **more,
    )


def namespace(aws, **parameters):
    return aws.run(servicediscovery_namespace.main, **{"name": NAME, "vpc_id": "vpc-1", **parameters})


def test_creates_and_waits(aws, pauses):
    listed(aws)
    pending(aws, "CREATE_NAMESPACE")
    created(aws, Tags=[{"Key": "a", "Value": "b"}], Description="d")
    operation(aws, "op-1", "SUBMITTED", namespace=None)
    operation(aws, "op-1", "PENDING")
    operation(aws, "op-1", "SUCCESS")
    there(aws)
    tags(aws, a="b")
    result = namespace(aws, tags={"a": "b"}, description="d")
    assert (result["changed"], result["operation_id"], result["namespace"]["id"]) == (True, "op-1", "ns-1")
    assert pauses == [2]


def test_a_namespace_is_found_after_an_operation_without_a_target(aws):
    listed(aws)
    pending(aws, "CREATE_NAMESPACE")
    created(aws)
    operation(aws, "op-1", "SUBMITTED", namespace=None)
    operation(aws, "op-1", "SUCCESS", namespace=None)
    listed(aws, NAMESPACE)
    zone(aws)
    tags(aws)
    result = namespace(aws)
    assert (result["changed"], result["namespace"]["id"]) == (True, "ns-1")


def test_starts_without_waiting(aws):
    listed(aws)
    pending(aws, "CREATE_NAMESPACE")
    created(aws)
    operation(aws, "op-1", "SUBMITTED", namespace=None)
    result = namespace(aws, wait=False)
    assert (result["changed"], result["operation_id"], result["namespace"]) == (True, "op-1", None)


def test_a_later_run_waits_for_a_pending_creation(aws):
    listed(aws)
    pending(aws, "CREATE_NAMESPACE", "op-1")
    operation(aws, "op-1", "PENDING")
    there(aws)
    zone(aws)
    tags(aws)
    operation(aws, "op-1", "SUCCESS")
    there(aws)
    tags(aws)
    result = namespace(aws)
    assert (result["changed"], result["operation_id"], result["namespace"]["id"]) == (False, "op-1", "ns-1")


WITHOUT_ZONE = {"Properties": {"DnsProperties": {"SOA": {"TTL": 15}}}}


@pytest.mark.parametrize("shown", [{}, WITHOUT_ZONE])
def test_a_pending_namespace_of_another_vpc_is_not_accepted(aws, shown):
    listed(aws, NAMESPACE | shown)
    if not shown:
        zone(aws, "vpc-2")
    pending(aws, "CREATE_NAMESPACE", "op-1")
    operation(aws, "op-1", "PENDING")
    there(aws, **shown)
    if not shown:
        zone(aws, "vpc-2")
    created(aws, "op-2")
    operation(aws, "op-2", "SUBMITTED", namespace=None)
    result = namespace(aws, wait=False)
    assert (result["changed"], result["operation_id"], result["namespace"]) == (True, "op-2", None)


@pytest.mark.parametrize("shown", [{}, WITHOUT_ZONE])
def test_a_pending_namespace_of_another_vpc_is_not_deleted(aws, shown):
    listed(aws)
    pending(aws, "CREATE_NAMESPACE", "op-1")
    operation(aws, "op-1", "PENDING")
    there(aws, **shown)
    if not shown:
        zone(aws, "vpc-2")
    assert absent(aws, vpc_id="vpc-1")["changed"] is False


def test_a_namespace_without_a_zone_is_identified_by_its_request(aws):
    listed(aws)
    pending(aws, "CREATE_NAMESPACE", "op-1")
    operation(aws, "op-1", "PENDING")
    there(aws, CreatorRequestId=REQUEST_ID, **WITHOUT_ZONE)
    tags(aws)
    result = namespace(aws, check=True)
    assert (result["changed"], result["namespace"]["id"]) == (False, "ns-1")


def test_a_later_run_waits_for_a_namespace_that_is_not_visible_yet(aws):
    listed(aws)
    pending(aws, "CREATE_NAMESPACE", "op-1")
    operation(aws, "op-1", "PENDING")
    not_there(aws)
    created(aws, "op-1")
    operation(aws, "op-1", "PENDING")
    not_there(aws)
    result = namespace(aws, wait=False)
    assert (result["changed"], result["operation_id"]) == (False, "op-1")


def test_a_duplicate_request_is_followed(aws):
    listed(aws)
    pending(aws, "CREATE_NAMESPACE")
    aws.refuse(
        CLOUD_MAP,
        "create_private_dns_namespace",
        "DuplicateRequest",
        fields={"DuplicateOperationId": "op-9"},
        Name=NAME,
        CreatorRequestId=REQUEST_ID,
        Vpc="vpc-1",
    )
    operation(aws, "op-9", "PENDING", namespace=None)
    assert namespace(aws, wait=False)["operation_id"] == "op-9"


def test_an_operation_whose_namespace_was_deleted_since_is_stale(aws):
    listed(aws)
    pending(aws, "CREATE_NAMESPACE")
    created(aws, "op-old")
    operation(aws, "op-old", "SUCCESS")
    not_there(aws)
    created(aws, "op-new", decide.creator_request_id("DNS_PRIVATE", NAME, "vpc-1", "op-old"))
    operation(aws, "op-new", "SUBMITTED", namespace=None)
    assert namespace(aws, wait=False)["operation_id"] == "op-new"


def test_a_creation_that_keeps_failing_is_an_error(aws):
    listed(aws)
    pending(aws, "CREATE_NAMESPACE")
    seed = ""
    for attempt in range(5):
        created(aws, f"op-{attempt}", decide.creator_request_id("DNS_PRIVATE", NAME, "vpc-1", seed))
        operation(aws, f"op-{attempt}", "FAIL", namespace=None)
        seed = f"op-{attempt}"
    result = namespace(aws)
    assert result["failed"]
    assert "Namespace magiclub.internal could not be created" in result["msg"]


def test_check_mode_writes_nothing(aws):
    listed(aws)
    pending(aws, "CREATE_NAMESPACE")
    result = namespace(aws, check=True, tags={"a": "b"})
    assert result["changed"] is True
    assert result["diff"]["after"] == {"name": NAME, "type": "DNS_PRIVATE", "vpc_id": "vpc-1", "tags": {"a": "b"}}


def test_a_namespace_as_wanted_is_left_alone(aws):
    listed(aws, NAMESPACE)
    zone(aws)
    tags(aws, a="b")
    pending(aws, "CREATE_NAMESPACE", namespace="ns-1")
    result = namespace(aws, tags={"a": "b"}, soa_ttl=15, description="")
    assert (result["changed"], result["diff"]) == (False, {"before": {}, "after": {}})


def test_a_namespace_of_another_vpc_is_another_namespace(aws):
    listed(aws, NAMESPACE)
    zone(aws, "vpc-2")
    pending(aws, "CREATE_NAMESPACE")
    assert namespace(aws, check=True)["changed"] is True


def test_two_namespaces_of_one_name_need_a_vpc(aws):
    listed(aws, NAMESPACE, NAMESPACE | {"Id": "ns-2"})
    result = aws.run(servicediscovery_namespace.main, name=NAME, state="absent")
    assert "2 namespaces of type DNS_PRIVATE are named magiclub.internal: ns-1, ns-2" in result["msg"]


@pytest.mark.parametrize("check", [True, False])
def test_differences_are_changed(aws, check):
    listed(aws, NAMESPACE)
    zone(aws)
    tags(aws, a="b", old="x", Name="n")
    if not check:
        aws.answer(CLOUD_MAP, "untag_resource", {}, ResourceARN=ARN, TagKeys=["old"])
        # with the tags that do not differ: a policy can restrict the call only by the tags of the request
        sent = [{"Key": "a", "Value": "c"}, {"Key": "Name", "Value": "n"}]
        aws.answer(CLOUD_MAP, "tag_resource", {}, ResourceARN=ARN, Tags=sent)
        update = {"Description": "new", "Properties": {"DnsProperties": {"SOA": {"TTL": 60}}}}
        aws.answer(CLOUD_MAP, "update_private_dns_namespace", {"OperationId": "op-2"}, Id="ns-1", Namespace=update)
        operation(aws, "op-2", kind="UPDATE_NAMESPACE")
        there(aws)
        tags(aws, a="c", Name="n")
    result = namespace(aws, check=check, description="new", soa_ttl=60, tags={"a": "c", "Name": "n"})
    assert result["changed"] is True
    assert result["diff"] == {
        "before": {"description": "", "soa_ttl": 15, "tags": {"a": "b", "old": "x"}},
        "after": {"description": "new", "soa_ttl": 60, "tags": {"a": "c"}},
    }


def test_a_failed_operation_is_an_error(aws):
    listed(aws, NAMESPACE)
    zone(aws)
    tags(aws)
    aws.answer(
        CLOUD_MAP, "update_private_dns_namespace", {"OperationId": "op-2"}, Id="ns-1", Namespace={"Description": "n"}
    )
    failed = {"Id": "op-2", "Type": "UPDATE_NAMESPACE", "Status": "FAIL", "ErrorMessage": "because"}
    aws.answer(CLOUD_MAP, "get_operation", {"Operation": failed}, OperationId="op-2")
    assert "(UPDATE_NAMESPACE) failed: because" in namespace(aws, description="n")["msg"]


def test_bad_options_are_refused_before_any_call(aws):
    assert "is private and has no VPC" in aws.run(servicediscovery_namespace.main, name=NAME)["msg"]


def test_a_denied_call_is_reported(aws):
    aws.refuse(CLOUD_MAP, "list_namespaces", "AccessDeniedException", "not allowed", Filters=OURS)
    assert "ListNamespaces" in namespace(aws)["msg"]


def absent(aws, **parameters):
    return aws.run(servicediscovery_namespace.main, **{"name": NAME, "state": "absent", **parameters})


def services(aws, *names):
    in_namespace(aws, *({"Id": f"srv-{name}", "Name": name} for name in names))


def test_a_missing_namespace_stays_absent(aws):
    listed(aws)
    pending(aws, "CREATE_NAMESPACE")
    result = absent(aws)
    assert (result["changed"], result["diff"]) == (False, {"before": {}, "after": {}})


@pytest.mark.parametrize("check", [True, False])
def test_deletes(aws, check):
    listed(aws, NAMESPACE)
    tags(aws)
    pending(aws, "DELETE_NAMESPACE", namespace="ns-1")
    services(aws)
    if not check:
        pending(aws, "CREATE_NAMESPACE", namespace="ns-1")
        aws.answer(CLOUD_MAP, "delete_namespace", {"OperationId": "op-3"}, Id="ns-1")
        operation(aws, "op-3", kind="DELETE_NAMESPACE")
    assert absent(aws, check=check)["changed"] is True


def test_deletes_by_id(aws):
    there(aws)
    tags(aws)
    pending(aws, "DELETE_NAMESPACE", namespace="ns-1")
    services(aws)
    pending(aws, "CREATE_NAMESPACE", namespace="ns-1")
    aws.answer(CLOUD_MAP, "delete_namespace", {"OperationId": "op-3"}, Id="ns-1")
    result = aws.run(servicediscovery_namespace.main, namespace_id="ns-1", state="absent", wait=False)
    assert (result["changed"], result["operation_id"], result["diff"]["before"]["id"]) == (True, "op-3", "ns-1")


def test_a_namespace_that_may_not_be_deleted_is_named_by_its_id(aws):
    aws.refuse(CLOUD_MAP, "get_namespace", "AccessDeniedException", Id="ns-1")
    message = aws.run(servicediscovery_namespace.main, namespace_id="ns-1", state="absent")["msg"]
    assert message.startswith("Failed to delete namespace ns-1 in ")


def test_a_pending_deletion_is_waited_for(aws):
    listed(aws, NAMESPACE)
    tags(aws)
    pending(aws, "DELETE_NAMESPACE", "op-3", namespace="ns-1")
    pending(aws, "CREATE_NAMESPACE", namespace="ns-1")
    operation(aws, "op-3", kind="DELETE_NAMESPACE")
    result = absent(aws)
    assert (result["changed"], result["operation_id"], result["diff"]["before"]) == (False, "op-3", {})


def test_a_pending_namespace_is_deleted_after_its_creation(aws):
    listed(aws)
    pending(aws, "CREATE_NAMESPACE", "op-1")
    operation(aws, "op-1", "PENDING")
    there(aws)
    tags(aws)
    pending(aws, "DELETE_NAMESPACE", namespace="ns-1")
    services(aws)
    pending(aws, "CREATE_NAMESPACE", "op-1", namespace="ns-1")
    operation(aws, "op-1")
    aws.answer(CLOUD_MAP, "delete_namespace", {"OperationId": "op-3"}, Id="ns-1")
    operation(aws, "op-3", kind="DELETE_NAMESPACE")
    assert absent(aws)["changed"] is True


@pytest.mark.parametrize("check", [True, False])
def test_services_in_the_namespace_are_an_error(aws, check):
    listed(aws, NAMESPACE)
    tags(aws)
    pending(aws, "DELETE_NAMESPACE", namespace="ns-1")
    services(aws, "a", "b")
    assert "has services: a, b. Cloud Map deletes only an empty one" in absent(aws, check=check)["msg"]


def test_force_removes_services_and_instances(aws):
    listed(aws, NAMESPACE)
    tags(aws)
    pending(aws, "DELETE_NAMESPACE", namespace="ns-1")
    services(aws, "a")
    pending(aws, "CREATE_NAMESPACE", namespace="ns-1")
    instances(aws, "i-1", service="srv-a")
    aws.answer(CLOUD_MAP, "deregister_instance", {"OperationId": "op-4"}, ServiceId="srv-a", InstanceId="i-1")
    operation(aws, "op-4", kind="DEREGISTER_INSTANCE")
    aws.answer(CLOUD_MAP, "delete_service", {}, Id="srv-a")
    aws.answer(CLOUD_MAP, "delete_namespace", {"OperationId": "op-3"}, Id="ns-1")
    operation(aws, "op-3", kind="DELETE_NAMESPACE")
    assert absent(aws, force=True)["changed"] is True


def instances(aws, *ids, service="srv-1"):
    found = [{"Id": one, "Attributes": {}} for one in ids]
    aws.answer(CLOUD_MAP, "list_instances", {"Instances": found}, ServiceId=service)


SERVICE = {
    "Id": "srv-1",
    "Arn": SERVICE_ARN,
    "Name": "lotto-api",
    "NamespaceId": "ns-1",
    "Type": "DNS_HTTP",
    "DnsConfig": {"RoutingPolicy": "MULTIVALUE", "DnsRecords": [{"Type": "A", "TTL": 15}]},
    "HealthCheckCustomConfig": {"FailureThreshold": 1},
}
OPTIONS = {
    "name": "lotto-api",
    "namespace_id": "ns-1",
    "dns_records": [{"type": "A"}],
    "health_check_custom_config": True,
    "tags": {"a": "b"},
}


def service(aws, **parameters):
    given = {key: value for key, value in {**OPTIONS, **parameters}.items() if value is not None}
    return aws.run(servicediscovery_service.main, **given)


def described(aws, **fields):
    found = {key: value for key, value in (SERVICE | fields).items() if value is not None}
    aws.answer(CLOUD_MAP, "get_service", {"Service": found}, Id="srv-1")
    tags(aws, SERVICE_ARN, a="b")


def in_namespace(aws, *found):
    filters = [{"Name": "NAMESPACE_ID", "Values": ["ns-1"], "Condition": "EQ"}]
    summaries = [{key: value for key, value in one.items() if key != "NamespaceId"} for one in found]
    aws.answer(CLOUD_MAP, "list_services", {"Services": summaries}, Filters=filters)


CREATION = {
    "Name": "lotto-api",
    "NamespaceId": "ns-1",
    "CreatorRequestId": decide.creator_request_id("ns-1", "lotto-api"),
    "DnsConfig": {"RoutingPolicy": "MULTIVALUE", "DnsRecords": [{"Type": "A", "TTL": 15}]},
    "HealthCheckCustomConfig": {"FailureThreshold": 1},
    "Tags": [{"Key": "a", "Value": "b"}],
}


def test_creates_a_service(aws):
    in_namespace(aws)
    aws.answer(CLOUD_MAP, "create_service", {"Service": SERVICE}, **CREATION)
    described(aws)
    result = service(aws)
    assert (result["changed"], result["service"]["arn"]) == (True, SERVICE_ARN)


def test_a_service_that_another_run_created_first_is_accepted(aws):
    in_namespace(aws)
    aws.refuse(CLOUD_MAP, "create_service", "ServiceAlreadyExists", fields={"ServiceId": "srv-1"}, **CREATION)
    described(aws)
    assert service(aws)["service"]["id"] == "srv-1"


def test_a_namespace_may_be_given_by_name(aws):
    listed(aws, NAMESPACE)
    in_namespace(aws, SERVICE)
    described(aws)
    assert service(aws, namespace_id=None, namespace=NAME)["changed"] is False


def test_a_missing_namespace_is_an_error_except_in_check_mode(aws):
    listed(aws)
    assert service(aws, check=True, namespace_id=None, namespace=NAME)["changed"] is True
    listed(aws)
    assert "No Cloud Map namespace is named" in service(aws, namespace_id=None, namespace=NAME)["msg"]


def test_a_name_of_two_namespaces_is_an_error(aws):
    listed(aws, NAMESPACE, NAMESPACE | {"Id": "ns-2"})
    assert "2 namespaces are named" in service(aws, namespace_id=None, namespace=NAME)["msg"]


@pytest.mark.parametrize("check", [True, False])
def test_updates_a_service(aws, check):
    in_namespace(aws, SERVICE)
    described(aws)
    if not check:
        update = {"Description": "", "DnsConfig": {"DnsRecords": [{"Type": "A", "TTL": 60}]}}
        aws.answer(CLOUD_MAP, "update_service", {"OperationId": "op-5"}, Id="srv-1", Service=update)
        operation(aws, "op-5", kind="UPDATE_SERVICE")
        described(aws)
    result = service(aws, check=check, dns_records=[{"type": "A", "ttl": 60}])
    assert result["changed"] is True
    assert result["diff"]["after"] == {"dns_records": [{"type": "A", "ttl": 60}]}


def test_tags_alone_need_no_update(aws):
    in_namespace(aws, SERVICE)
    described(aws)
    aws.answer(CLOUD_MAP, "tag_resource", {}, ResourceARN=SERVICE_ARN, Tags=[{"Key": "a", "Value": "c"}])
    described(aws)
    assert service(aws, tags={"a": "c"})["operation_id"] is None


@pytest.mark.parametrize("check", [True, False])
def test_immutable_fields_are_refused_before_any_change(aws, check):
    in_namespace(aws, SERVICE)
    described(aws)
    assert "can't change routing_policy" in service(aws, check=check, routing_policy="WEIGHTED")["msg"]


def test_a_health_check_without_a_path_uses_the_root(aws):
    in_namespace(aws, SERVICE)
    check = {"Type": "HTTP", "ResourcePath": "/", "FailureThreshold": 1}
    described(aws, HealthCheckConfig=check, HealthCheckCustomConfig=None)
    result = service(aws, health_check_config={"type": "HTTP"}, health_check_custom_config=None)
    assert result["changed"] is False


def service_absent(aws, **parameters):
    return aws.run(servicediscovery_service.main, name="lotto-api", namespace_id="ns-1", state="absent", **parameters)


@pytest.mark.parametrize(("check", "ids"), list(itertools.product([True, False], [[], ["i-1"]])))
def test_deletes_a_service(aws, check, ids):
    in_namespace(aws, SERVICE)
    described(aws)
    instances(aws, *ids)
    if not check:
        instances(aws, *ids)
        for one in ids:
            aws.answer(CLOUD_MAP, "deregister_instance", {"OperationId": "op-6"}, ServiceId="srv-1", InstanceId=one)
            operation(aws, "op-6", kind="DEREGISTER_INSTANCE")
        aws.answer(CLOUD_MAP, "delete_service", {}, Id="srv-1")
    assert service_absent(aws, check=check, deregister_instances=True)["changed"] is True


def test_instances_are_an_error_without_deregister_instances(aws):
    in_namespace(aws, SERVICE)
    described(aws)
    instances(aws, "i-1", "i-2")
    message = service_absent(aws)["msg"]
    assert "has 2 registered instances (i-1, i-2)" in message
    assert "deregister_instances: true" in message


def test_a_missing_service_stays_absent(aws):
    in_namespace(aws, SERVICE | {"Name": "other"})
    result = service_absent(aws)
    assert (result["changed"], result["diff"]) == (False, {"before": {}, "after": {}})


def test_bad_options_of_a_service_are_refused_before_any_call(aws):
    record = {"type": "A", "ttl": -1}
    assert service(aws, dns_records=[record])["msg"] == (
        "TTL -1 of service lotto-api is out of range: 0 to 2147483647 seconds (RFC 2181). Change it."
    )
