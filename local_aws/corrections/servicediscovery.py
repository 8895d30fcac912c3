# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Cloud Map: operations that take time, filters, name conflicts, and the tasks of ECS services."""

from __future__ import annotations

import inspect
import time
from typing import Any

from local_aws import settings
from local_aws.corrections import ecs_tasks
from local_aws.corrections._patch import corrects, instead, part, replace, service, unless

Data = dict[str, Any]

# Seconds on AWS, scaled here: until a namespace's hosted zone is created or deleted.
NAMESPACE_OPERATION = 45.0


def fulfils(record: Data, filters: list[Data], fields: dict[str, str]) -> bool:
    """Return whether a record matches the filters of a List call; conditions EQ, IN and BEGINS_WITH."""
    for given in filters:
        name = str(given["Name"])
        value = str(record.get(fields.get(name, name), ""))
        wanted = given.get("Values", [])
        if given.get("Condition") == "BEGINS_WITH":
            if not any(value.startswith(start) for start in wanted):
                return False
        elif value not in wanted:
            return False
    return True


@corrects(
    "servicediscovery",
    aws="ListNamespaces and ListServices honour their filters",
    evidence="https://docs.aws.amazon.com/cloud-map/latest/api/API_ListServices.html",
)
def filter_lists() -> None:
    sd = service("servicediscovery")

    def listing(store: Any, key: str, fields: dict[str, str], render: Any) -> Any:
        def make(_original: Any) -> Any:
            def call(data: Data) -> Any:
                filters = data.get("Filters") or []
                own = {"ResourceOwner": "SELF"}
                found = [render(record) for record in store.values() if fulfils(own | record, filters, fields)]
                start = int(data.get("NextToken") or 0)
                end = start + int(data.get("MaxResults") or 100)
                more = {"NextToken": str(end)} if end < len(found) else {}
                return sd.json_response({key: found[start:end], **more})

            return call

        return make

    names = {"TYPE": "Type", "NAME": "Name", "NAMESPACE_ID": "NamespaceId", "RESOURCE_OWNER": "ResourceOwner"}
    replace(sd, "_list_namespaces", listing(sd._namespaces, "Namespaces", names, with_count))
    replace(sd, "_list_services", listing(sd._services, "Services", names, summary))


@corrects(
    "servicediscovery",
    aws="GetService names the namespace in DnsConfig, too",
    evidence="https://docs.aws.amazon.com/cli/latest/reference/servicediscovery/get-service.html",
)
def name_the_namespace() -> None:
    sd = service("servicediscovery")

    def get(data: Data) -> Any:
        found = sd._services.get(data.get("Id"))
        if found is None:
            return sd.error_response_json("ServiceNotFound", "Service not found", 404)
        dns = found.get("DnsConfig")
        named = {"DnsConfig": {"NamespaceId": found.get("NamespaceId"), **dns}} if dns else {}
        return sd.json_response({"Service": {**found, **named}})

    replace(sd, "_get_service", instead(get))


def with_count(namespace: Data) -> Data:
    services = service("servicediscovery")._services.values()
    return {**namespace, "ServiceCount": sum(s.get("NamespaceId") == namespace["Id"] for s in services)}


def summary(svc: Data) -> Data:
    """Return a service as ListServices shows it: without its namespace."""
    return {k: v for k, v in svc.items() if k not in ("NamespaceId", "CreatorRequestId") and v is not None}


def create_namespace(original: Any) -> Any:
    sd = service("servicediscovery")

    async def call(data: Data) -> Any:
        request = (data.get("CreatorRequestId"), data.get("Name"))
        for operation in sd._operations.values():
            if request[0] and operation.get("_request") == request:
                return duplicate(sd, operation)
        before = set(sd._operations.keys())
        answer = original(data)
        answer = await answer if inspect.isawaitable(answer) else answer
        for operation_id in set(sd._operations.keys()) - before:
            pend(sd._operations[operation_id])
            sd._operations[operation_id]["_request"] = request
        return answer

    return call


def delete_namespace(original: Any) -> Any:
    sd = service("servicediscovery")

    def call(data: Data) -> Any:
        before = set(sd._operations.keys())
        answer = original(data)
        for operation_id in set(sd._operations.keys()) - before:
            pend(sd._operations[operation_id])
        for operation in sd._operations.values():
            if operation["Targets"].get("NAMESPACE") == data.get("Id"):
                # Once its namespace is gone, the same request id may be used again.
                operation.pop("_request", None)
        return answer

    return call


def get_operation(data: Data) -> Any:
    sd = service("servicediscovery")
    operation = sd._operations.get(data.get("OperationId"))
    if operation is None:
        return sd.error_response_json("OperationNotFound", "Operation not found", 404)
    return sd.json_response({"Operation": settled(operation)})


def list_operations(original: Any) -> Any:
    sd = service("servicediscovery")

    def call(data: Data) -> Any:
        for operation in sd._operations.values():
            operation["Status"] = settled(operation)["Status"]
        status, _headers, body = original(data)
        answer = sd.json.loads(body)
        shown = [{"Id": o["Id"], "Status": o["Status"]} for o in answer["Operations"]]
        return sd.json_response({**answer, "Operations": shown}, status)

    return call


def get_namespace(data: Data) -> Any:
    sd = service("servicediscovery")
    namespace = sd._namespaces.get(data.get("Id"))
    return None if namespace is None else sd.json_response({"Namespace": with_count(namespace)})


def same_name_elsewhere(name: str, vpc: str | None) -> list[Data]:
    """Return the private namespaces of this name in other VPCs."""
    sd, zones = service("servicediscovery"), service("route53")._zones
    found = []
    for namespace in sd._namespaces.values():
        zone = zones.get(namespace["Properties"].get("DnsProperties", {}).get("HostedZoneId"), {})
        vpcs = [entry.get("VPCId") for entry in zone.get("vpcs", [])]
        if (namespace["Name"], namespace["Type"]) == (name, "DNS_PRIVATE") and vpc not in vpcs:
            found.append(namespace)
    return found


@corrects(
    "servicediscovery",
    aws="each VPC can have a private namespace of the same name",
    evidence="https://docs.aws.amazon.com/cloud-map/latest/api/API_CreatePrivateDnsNamespace.html",
)
def one_private_namespace_a_vpc() -> None:
    def make(original: Any) -> Any:
        signature = inspect.signature(original)

        def call(*args: Any, **keywords: Any) -> Any:
            given = signature.bind(*args, **keywords).arguments
            private = given["ns_type"] == "DNS_PRIVATE"
            others = same_name_elsewhere(given["name"], given.get("vpc")) if private else []
            # MiniStack compares only the name, and nothing else runs meanwhile
            for namespace in others:
                namespace["Name"] = ""
            try:
                return original(*args, **keywords)
            finally:
                for namespace in others:
                    namespace["Name"] = given["name"]

        return call

    replace(service("servicediscovery"), "_create_namespace_record", make)


@corrects(
    "servicediscovery",
    aws="creating and deleting a namespace takes time: the operation is PENDING, and the namespace exists after it",
    evidence="https://docs.aws.amazon.com/cloud-map/latest/api/API_GetOperation.html",
)
def take_time_for_namespaces() -> None:
    sd = service("servicediscovery")
    replace(sd, "_create_namespace", create_namespace)
    replace(sd, "_delete_namespace", delete_namespace)
    replace(sd, "_get_operation", instead(get_operation))
    replace(sd, "_list_operations", list_operations)
    replace(sd, "_get_namespace", unless(get_namespace))


def duplicate(sd: Any, operation: Data) -> Any:
    """Return DuplicateRequest with the operation that is already in progress."""
    status, headers, body = sd.error_response_json("DuplicateRequest", "The operation is already in progress.", 400)
    answer = {**sd.json.loads(body), "DuplicateOperationId": operation["Id"]}
    return status, headers, sd.json.dumps(answer).encode()


def pend(operation: Data) -> None:
    operation["Status"] = "PENDING"
    operation["_done_at"] = time.time() + NAMESPACE_OPERATION * settings.time_scale()


def settled(operation: Data) -> Data:
    """Return the current state of an operation, without our own members."""
    done = time.time() >= operation.get("_done_at", 0)
    shown = {k: v for k, v in operation.items() if not k.startswith("_")}
    return {**shown, "Status": "SUCCESS" if done else "PENDING"}


@corrects(
    "servicediscovery",
    aws="a service's name is unique in a namespace, and a service with instances can't be deleted",
    evidence="https://docs.aws.amazon.com/cloud-map/latest/api/API_DeleteService.html",
)
def keep_services_in_use() -> None:
    sd = service("servicediscovery")

    def create(original: Any) -> Any:
        def call(data: Data) -> Any:
            for svc in sd._services.values():
                if (svc["Name"], svc["NamespaceId"]) == (data.get("Name"), data.get("NamespaceId")):
                    status, headers, body = sd.error_response_json(
                        "ServiceAlreadyExists", "A service with this name already exists in the namespace.", 400
                    )
                    answer = {**sd.json.loads(body), "ServiceId": svc["Id"]}
                    return status, headers, sd.json.dumps(answer).encode()
            return original(data)

        return call

    replace(sd, "_create_service", create)

    def delete(original: Any) -> Any:
        def call(data: Data) -> Any:
            if sd._instances.get(data.get("Id")):
                message = "Service contains registered instances; delete the instances before deleting the service"
                return sd.error_response_json("ResourceInUse", message, 400)
            return original(data)

        return call

    replace(sd, "_delete_service", delete)


def register_task(task: Data, svc: Data) -> None:
    """Register a running task with the Cloud Map services of its ECS service."""
    ecs = service("ecs")
    sd = service("servicediscovery")
    address = ecs._task_ip(task)
    for registry in svc.get("serviceRegistries", []):
        service_id = registry["registryArn"].rsplit("/", 1)[-1]
        attributes = {
            "AWS_INSTANCE_IPV4": address,
            "AVAILABILITY_ZONE": task.get("availabilityZone", ""),
            "REGION": ecs.get_region(),
            "ECS_CLUSTER_NAME": task["clusterArn"].rsplit("/", 1)[-1],
            "ECS_SERVICE_NAME": svc["serviceName"],
            "ECS_TASK_DEFINITION_FAMILY": task["taskDefinitionArn"].rsplit("/", 1)[-1].rsplit(":", 1)[0],
        }
        if registry.get("containerPort") or registry.get("port"):
            attributes["AWS_INSTANCE_PORT"] = str(registry.get("containerPort") or registry.get("port"))
        instance = task["taskArn"].rsplit("/", 1)[-1]
        sd._register_instance({"ServiceId": service_id, "InstanceId": instance, "Attributes": attributes})
        task.setdefault("_registered", []).append(service_id)


def leave_registries(task: Data) -> None:
    account, region = task["taskArn"].split(":")[4], task["taskArn"].split(":")[3]
    sd = service("servicediscovery")
    with part("core.responses").request_scope(account, region):
        for service_id in task.pop("_registered", []):
            sd._deregister_instance({"ServiceId": service_id, "InstanceId": task["taskArn"].rsplit("/", 1)[-1]})


@corrects(
    "ecs",
    aws="running tasks of a service are instances of its Cloud Map services, until they stop",
    evidence="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-discovery.html",
)
def register_tasks() -> None:
    ecs_tasks.BEFORE_STOP.append(leave_registries)
    ecs_tasks.WHEN_SERVING.append(register_task)
