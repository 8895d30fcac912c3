# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decisions on plain data of Cloud Map: namespaces and services."""

from __future__ import annotations

import hashlib
import typing as t

Values = dict[str, t.Any]
Fields = list[dict[str, t.Any]]


def creator_request_id(*parts: str | None) -> str:
    """Return a CreatorRequestId that is always the same for these parts, so that a repeated request has no effect.

    CreateNamespace and CreateService accept at most 64 characters (Cloud Map API reference).
    """
    return hashlib.sha256("\0".join(part or "" for part in parts).encode()).hexdigest()


def namespace_problems(wanted: Values) -> list[str]:
    """Return the problems with the options of a namespace, one message each."""
    problems = []
    kind, name = wanted["type"], wanted["name"]
    if kind == "DNS_PRIVATE" and not wanted.get("vpc_id"):
        problems.append(f"Namespace {name} is private and has no VPC. Set vpc_id to the VPC that resolves its names.")
    if kind != "DNS_PRIVATE" and wanted.get("vpc_id"):
        problems.append(
            f"Namespace {name} is of type {kind}, which has no VPC. Leave vpc_id out, or set type: DNS_PRIVATE."
        )
    if kind == "HTTP" and wanted.get("soa_ttl") is not None:
        problems.append(f"Namespace {name} is of type HTTP, which has no DNS zone. Leave soa_ttl out.")
    ttl = wanted.get("soa_ttl")
    if ttl is not None and not 0 <= ttl <= 2147483647:
        problems.append(
            f"soa_ttl {ttl} of namespace {name} is out of range: 0 to 2147483647 seconds (RFC 2181). Change it."
        )
    limit = 1024 if kind == "HTTP" else 253
    if not 1 <= len(name) <= limit:
        problems.append(f"Namespace name '{name}' has {len(name)} characters: 1 to {limit} for type {kind}.")
    return problems


def pick_namespace(namespaces: t.Iterable[Values], name: str, kind: str) -> list[Values]:
    """Return the namespaces with a name and type; private ones in different VPCs may have the same name."""
    return [found for found in namespaces if found["Name"].rstrip(".") == name.rstrip(".") and found["Type"] == kind]


def namespace_values(found: Values, tags: dict[str, str]) -> Values:
    """Return a namespace as the module does, in snake case."""
    properties = found.get("Properties") or {}
    zone = properties.get("DnsProperties") or {}
    return {
        "id": found["Id"],
        "arn": found["Arn"],
        "name": found["Name"],
        "type": found["Type"],
        "description": found.get("Description") or "",
        "hosted_zone_id": zone.get("HostedZoneId"),
        "soa_ttl": (zone.get("SOA") or {}).get("TTL"),
        "http_name": (properties.get("HttpProperties") or {}).get("HttpName"),
        "service_count": found.get("ServiceCount") or 0,
        "tags": tags,
    }


def namespace_request(wanted: Values, request_id: str, tags: list[dict[str, str]]) -> Values:
    """Return the arguments of the call that creates a namespace."""
    request: Values = {"Name": wanted["name"], "CreatorRequestId": request_id}
    if wanted.get("description") is not None:
        request["Description"] = wanted["description"]
    if tags:
        request["Tags"] = tags
    if wanted["type"] == "DNS_PRIVATE":
        request["Vpc"] = wanted["vpc_id"]
    if wanted.get("soa_ttl") is not None:
        request["Properties"] = _soa(wanted["soa_ttl"])
    return request


def namespace_update(fields: Fields) -> Values:
    """Return the Namespace argument of the update call for these differences, {} if there is nothing to send."""
    after = {field["path"]: field["after"] for field in fields}
    update: Values = {}
    if "description" in after:
        update["Description"] = after["description"]
    if "soa_ttl" in after:
        update["Properties"] = _soa(after["soa_ttl"])
    return update


def is_stale(operation: Values | None, namespace_exists: bool) -> bool:
    """Return whether a creation is an earlier one that failed, or whose namespace has been deleted since."""
    if operation is None or operation["Status"] == "FAIL":
        return True
    return operation["Status"] == "SUCCESS" and not namespace_exists


def service_problems(wanted: Values) -> list[str]:
    """Return the problems with the options of a service, one message each."""
    problems = []
    name = wanted["name"]
    kinds = [record["type"] for record in wanted.get("dns_records") or []]
    if "CNAME" in kinds and len(kinds) > 1:
        problems.append(f"Service {name} has CNAME beside {_others(kinds)}: a CNAME record stands alone. Drop one.")
    if "CNAME" in kinds and wanted.get("routing_policy") != "WEIGHTED":
        problems.append(f"Service {name} has a CNAME record, which needs routing_policy: WEIGHTED.")
    if len(set(kinds)) != len(kinds):
        problems.append(f"Service {name} has a record type twice: {', '.join(kinds)}. Give each type once.")
    problems += [
        f"TTL {record['ttl']} of service {name} is out of range: 0 to 2147483647 seconds (RFC 2181). Change it."
        for record in wanted.get("dns_records") or []
        if not 0 <= record["ttl"] <= 2147483647
    ]
    check = wanted.get("health_check_config")
    if check and wanted.get("health_check_custom_config"):
        problems.append(
            f"Service {name} has both health_check_config and health_check_custom_config. Give one of them."
        )
    if check and check["type"] == "TCP" and check.get("resource_path"):
        problems.append(f"The TCP health check of service {name} has no path. Leave resource_path out, or use HTTP.")
    return problems


def service_values(found: Values, tags: dict[str, str]) -> Values:
    """Return a service as the module does, in snake case, records sorted by type."""
    dns = found.get("DnsConfig") or {}
    records = [{"type": record["Type"], "ttl": record["TTL"]} for record in dns.get("DnsRecords") or []]
    check = found.get("HealthCheckConfig")
    return {
        "id": found["Id"],
        "arn": found["Arn"],
        "name": found["Name"],
        "namespace_id": found.get("NamespaceId") or dns.get("NamespaceId"),
        "description": found.get("Description") or "",
        "type": found.get("Type") or ("DNS_HTTP" if records else "HTTP"),
        "dns_records": sort_records(records),
        "routing_policy": (dns.get("RoutingPolicy") or "MULTIVALUE") if records else None,
        "health_check_config": health_check(check) if check else None,
        "health_check_custom_config": found.get("HealthCheckCustomConfig") is not None,
        "instance_count": found.get("InstanceCount") or 0,
        "tags": tags,
    }


def health_check(check: Values) -> Values:
    """Return a Route 53 health check in snake case with its defaults; only HTTP and HTTPS have a path."""
    result = {"type": check["Type"], "failure_threshold": check.get("FailureThreshold", 1)}
    if check["Type"] != "TCP":
        result["resource_path"] = check.get("ResourcePath") or "/"
    return result


def sort_records(records: t.Iterable[Values]) -> list[Values]:
    """Return DNS records sorted by type, which identifies them."""
    return sorted(records, key=lambda record: str(record["type"]))


def service_request(wanted: Values, request_id: str, tags: list[dict[str, str]]) -> Values:
    """Return the arguments of CreateService."""
    request: Values = {
        "Name": wanted["name"],
        "NamespaceId": wanted["namespace_id"],
        "CreatorRequestId": request_id,
    }
    if wanted.get("description") is not None:
        request["Description"] = wanted["description"]
    if wanted.get("dns_records"):
        request["DnsConfig"] = {
            "RoutingPolicy": wanted.get("routing_policy") or "MULTIVALUE",
            "DnsRecords": _records(wanted["dns_records"]),
        }
    else:
        request["Type"] = "HTTP"
    if wanted.get("health_check_config"):
        request["HealthCheckConfig"] = _health_check(wanted["health_check_config"])
    if wanted.get("health_check_custom_config"):
        request["HealthCheckCustomConfig"] = {"FailureThreshold": 1}
    if tags:
        request["Tags"] = tags
    return request


def service_update(found: Values, fields: Fields) -> Values:
    """Return the complete Service argument of UpdateService, which deletes records and checks that are not given."""
    after = {**found, **{field["path"]: field["after"] for field in fields}}
    update: Values = {"Description": after["description"]}
    if after["dns_records"]:
        update["DnsConfig"] = {"DnsRecords": _records(after["dns_records"])}
    if after["health_check_config"]:
        update["HealthCheckConfig"] = _health_check(after["health_check_config"])
    return update


def fixed_of_service(before: t.Iterable[Values], wanted: t.Iterable[Values]) -> list[str]:
    """Return the fields of an existing service that Cloud Map can't change; of DNS records it can change the TTL."""
    same = {record["type"] for record in before} == {record["type"] for record in wanted}
    return ["routing_policy", "health_check_custom_config", *([] if same else ["dns_records"])]


def service_immutable(found: Values, fields: Fields) -> list[str]:
    """Return one message for each difference that can't be changed on an existing service (API_UpdateService)."""
    problems = []
    name = found["name"]
    changed = {field["path"]: field for field in fields}
    for path in fixed_of_service([], []):
        if path in changed:
            field = changed[path]
            problems.append(
                f"Cloud Map can't change {path} of service {name} ({field['before']} to {field['after']})."
                " Remove the service with state: absent and create it again."
            )
    before = {record["type"] for record in found["dns_records"]}
    wanted = {record["type"] for record in changed.get("dns_records", {}).get("after") or []}
    if "dns_records" in changed and before != wanted:
        problems.append(
            f"Cloud Map can change only the TTL of service {name}'s DNS records, not their types"
            f" ({_list(before)} to {_list(wanted)}). Remove the service with state: absent and create it again."
        )
    elif changed and found["type"] == "HTTP" and set(changed) - {"tags"}:
        problems.append(
            f"Cloud Map can't update service {name}, which belongs to no DNS zone ({', '.join(changed)})."
            " Remove the service with state: absent and create it again."
        )
    return problems


def _soa(ttl: int) -> Values:
    return {"DnsProperties": {"SOA": {"TTL": ttl}}}


def _records(records: t.Iterable[Values]) -> list[Values]:
    return [{"Type": record["type"], "TTL": record["ttl"]} for record in sort_records(records)]


def _health_check(check: Values) -> Values:
    result = {"Type": check["type"], "FailureThreshold": check["failure_threshold"]}
    if check["type"] != "TCP":
        result["ResourcePath"] = check["resource_path"]
    return result


def _others(kinds: list[str]) -> str:
    return ", ".join(kind for kind in kinds if kind != "CNAME")


def _list(kinds: set[str]) -> str:
    return ", ".join(sorted(kinds)) or "none"
