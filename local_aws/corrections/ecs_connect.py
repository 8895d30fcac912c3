# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Service Connect: the names that tasks of a namespace can use, and the task that gets a connection.

As on AWS, a task has a line in /etc/hosts for each name that exists when it starts; the task behind a name is chosen
for each connection.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html
"""

from __future__ import annotations

import copy
import itertools
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

from local_aws import relay
from local_aws.corrections._patch import corrects, part, replace, service
from local_aws.corrections.ecs_services import RefusedError, cluster_of, definition_of, invalid, refusing, service_of

Data = dict[str, Any]
Record = dict[str, Any]

NO_HTTP = ("TCP", "")
"""The values of a port's appProtocol without requests, which can't have timeouts."""
BEFORE = "AmazonECSManaged"
"""The tag of resources that ECS creates in Cloud Map."""

ADDRESSES: dict[tuple[str, str, str, str], str] = {}
"""The relay's address for a name: by account, region, namespace and name."""
_LOCK = threading.Lock()
_TURN = itertools.count()


class Endpoint(NamedTuple):
    """A name and port by which tasks of a namespace reach a service."""

    alias: str
    port: int
    service_key: str
    container_port: int


def in_use(holder: Data) -> Data:
    """Return the configuration of a service or a request, empty if Service Connect is off."""
    given: Data = holder.get("serviceConnectConfiguration") or {}
    return given if given.get("enabled") else {}


def completed(data: Data, cluster: Record, definition: Data) -> Data:
    """Return a request's configuration as ECS stores it: the namespace by ARN, each service with its name.

    :raises RefusedError: if ECS would refuse it.
    """
    given = copy.deepcopy(in_use(data))
    if not given:
        return data
    named = given.get("namespace") or (cluster.get("serviceConnectDefaults") or {}).get("namespace")
    if not named:
        raise invalid("Service Connect namespace must be provided when the cluster has no default namespace.")
    given["namespace"] = namespace_of(named)["Arn"]
    ports = {m["name"]: m for c in definition["containerDefinitions"] for m in c.get("portMappings", []) if "name" in m}
    for one in given.get("services") or []:
        check_service(one, ports)
        one.setdefault("discoveryName", one["portName"])
    return {**data, "serviceConnectConfiguration": given}


def namespace_of(named: str) -> Record:
    found: list[Record] = [
        one
        for one in service("servicediscovery")._namespaces.values()
        if named in (one["Arn"], one["Name"]) or named.rsplit("/", 1)[-1] == one["Id"]
    ]
    if not found:
        raise RefusedError("NamespaceNotFoundException", "The specified namespace wasn't found.")
    return found[0]


def check_service(one: Data, ports: Data) -> None:
    """Refuse a service without a valid port, with several aliases, or with timeouts for a protocol without requests."""
    mapping = ports.get(one["portName"])
    if mapping is None:
        raise invalid(f"portName({one['portName']}) does not match any port mapping name in the task definition.")
    if len(one.get("clientAliases") or []) > 1:
        raise invalid("A Service Connect service can have one client alias at most.")
    timed = (one.get("timeout") or {}).get("perRequestTimeoutSeconds") is not None
    if timed and str(mapping.get("appProtocol") or "").upper() in NO_HTTP:
        raise invalid("perRequestTimeout can only be set if Service Connect appProtocol isn't TCP.")


def make_services(svc: Record) -> None:
    """Create the Cloud Map service of each name that others may use; ECS keeps them when it deletes its own service."""
    configuration, sd = in_use(svc), service("servicediscovery")
    for one in configuration.get("services") or []:
        name, namespace = one["discoveryName"], configuration["namespace"].rsplit("/", 1)[-1]
        if not [s for s in sd._services.values() if (s["Name"], s["NamespaceId"]) == (name, namespace)]:
            sd._create_service({"Name": name, "NamespaceId": namespace, "Tags": [{"Key": BEFORE, "Value": "true"}]})


def endpoints(namespace: str) -> Iterator[Endpoint]:
    """Return the endpoints of this account's and region's services in a namespace (its ARN)."""
    ecs = service("ecs")
    for key, svc in list(ecs._services.items()):
        configuration = in_use(svc)
        if svc["status"] != "ACTIVE" or configuration.get("namespace") != namespace:
            continue
        ports = port_names(svc)
        for one in configuration.get("services") or []:
            for alias in one.get("clientAliases") or []:
                name = alias.get("dnsName") or f"{one['discoveryName']}.{namespace_of(namespace)['Name']}"
                yield Endpoint(name, int(alias["port"]), key, ports.get(one["portName"], 0))


def port_names(svc: Record) -> dict[str, int]:
    definition = service("ecs")._task_defs.get(svc["taskDefinition"].rsplit("/", 1)[-1]) or {}
    return {
        mapping["name"]: int(mapping["containerPort"])
        for container in definition.get("containerDefinitions", [])
        for mapping in container.get("portMappings", [])
        if "name" in mapping
    }


def serving(service_key: str, port: int) -> relay.Target | None:
    """Return the task for the next connection to a service: running tasks take turns."""
    ecs = service("ecs")
    svc = ecs._services.get(service_key)
    if svc is None or svc["status"] != "ACTIVE":
        return None
    group = f"service:{svc['serviceName']}"
    addresses = sorted(
        task["_container_ip"]
        for task in list(ecs._tasks.values())
        if task.get("group") == group
        and task["clusterArn"] == svc["clusterArn"]
        and (task["lastStatus"], task["desiredStatus"]) == ("RUNNING", "RUNNING")
        and task.get("_container_ip")
        and task.get("healthStatus") != "UNHEALTHY"
    )
    return (addresses[next(_TURN) % len(addresses)], port) if addresses else None


def hosts(task: Record, made: relay.Relay) -> dict[str, str]:
    """Return the lines of a task's /etc/hosts: the names of its namespace, each with an address of the relay."""
    ecs = service("ecs")
    group, cluster = task.get("group") or "", task["clusterArn"].rsplit("/", 1)[-1]
    svc = ecs._services.get(f"{cluster}/{group.removeprefix('service:')}") if group.startswith("service:") else None
    namespace = in_use(svc or {}).get("namespace")
    if not namespace:
        return {}
    with _LOCK:
        return {one.alias: reached(one, namespace, made) for one in endpoints(namespace)}


def reached(one: Endpoint, namespace: str, made: relay.Relay) -> str:
    """Return the relay's address of a name, and listen there."""
    account, region = namespace.split(":")[4], namespace.split(":")[3]
    address = address_of((account, region, namespace, one.alias))

    def route() -> relay.Target | None:
        with part("core.responses").request_scope(account, region):
            return serving(one.service_key, one.container_port)

    if (address, one.port) in made.routes:
        made.routes[(address, one.port)] = route
    else:
        made.listen(address, one.port, route)
    return address


def address_of(key: tuple[str, str, str, str]) -> str:
    """Return the address of a name: its previous one, else a new one, else the least recent one if none is left."""
    if key not in ADDRESSES:
        free = [one for one in relay.FURTHER if one not in ADDRESSES.values()]
        ADDRESSES[key] = free[0] if free else ADDRESSES.pop(next(iter(ADDRESSES)))
    return ADDRESSES[key]


@corrects(
    "ecs",
    aws="Service Connect is refused without its namespace or port name, returns its namespace by ARN, and creates a "
    "service in Cloud Map for each name",
    evidence="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectConfiguration.html",
)
def connect_services() -> None:
    ecs = service("ecs")

    def create(original: Any) -> Any:
        def call(data: Data) -> Any:
            cluster = cluster_of(data)
            definition = definition_of(data.get("taskDefinition", ""))
            answer = original(completed(data, ecs._clusters[cluster], definition))
            if answer[0] < 400:
                make_services(ecs._services[f"{cluster}/{data['serviceName']}"])
            return answer

        return refusing(call)

    def update(original: Any) -> Any:
        def call(data: Data) -> Any:
            cluster, svc = service_of(data)
            definition = definition_of(data.get("taskDefinition", ""), running=svc["taskDefinition"])
            answer = original(completed(data, ecs._clusters[cluster], definition))
            if answer[0] < 400:
                make_services(svc)
            return answer

        return refusing(call)

    replace(ecs, "_create_service", create)
    replace(ecs, "_update_service", update)
