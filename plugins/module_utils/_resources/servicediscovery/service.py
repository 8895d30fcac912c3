# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Creates, updates or deletes a Cloud Map service."""

from __future__ import annotations

import typing as t

from ..._aws import changes
from ..._aws.refused import RefusedError
from . import api, decide
from .namespace import Cloud, remove_service

Values = dict[str, t.Any]
FIELDS = ("description", "dns_records", "routing_policy", "health_check_config", "health_check_custom_config")
SHOWN = ("name", "namespace_id", *FIELDS, "tags")


def wanted_values(params: Values) -> Values:
    """Return the options in the form of C(service_values), for comparison."""
    wanted = dict(params)
    if wanted["dns_records"] is not None:
        wanted["dns_records"] = decide.sort_records(wanted["dns_records"])
    check = wanted["health_check_config"]
    if check:
        check = {key: value for key, value in check.items() if value is not None}
        if check["type"] != "TCP":
            check.setdefault("resource_path", "/")
        wanted["health_check_config"] = check
    return wanted


def namespace_id(cloud: Cloud, params: Values) -> str | None:
    """Return the id of the namespace in the options, or None if it does not exist."""
    if params["namespace_id"]:
        return str(params["namespace_id"])
    found = [one for one in api.list_namespaces(cloud.client) if one["Name"] == params["namespace"]]
    if len(found) > 1:
        raise RefusedError(
            f"{len(found)} namespaces are named {params['namespace']}: {', '.join(one['Id'] for one in found)}."
            " Say with namespace_id which one."
        )
    return str(found[0]["Id"]) if found else None


def ensure_present(cloud: Cloud, params: Values, check: bool) -> Values:
    """Create or update the service unless I(check), and return the module's result."""
    wanted = wanted_values(params)
    wanted["namespace_id"] = namespace_id(cloud, params)
    if wanted["namespace_id"] is None:
        if not check:
            raise RefusedError(_no_namespace(params["namespace"]))
        return _planned(wanted)
    found = _find(cloud, wanted["namespace_id"], wanted["name"])
    if found is None:
        return _planned(wanted) if check else _create(cloud, wanted)
    fields = changes.differences(found, wanted, FIELDS)
    problems = decide.service_immutable(found, fields)
    if problems:
        raise RefusedError(" ".join(problems))
    tags = changes.tag_changes(found["tags"], wanted["tags"], wanted["purge_tags"])
    result: Values = {
        "changed": bool(fields or any(tags)),
        "diff": changes.diff(found, fields, tags),
        "operation_id": None,
        "service": found,
    }
    if check or not result["changed"]:
        return result
    api.write_tags(cloud.client, found["arn"], tags, wanted["tags"])
    if fields:
        result["operation_id"] = api.update_service(cloud.client, found["id"], decide.service_update(found, fields))
        if wanted["wait"]:
            cloud.wait(result["operation_id"], wanted["wait_timeout"])
    return {**result, "service": _described(cloud, found["id"])}


def ensure_absent(cloud: Cloud, params: Values, check: bool) -> Values:
    """Delete the service unless I(check), and return the module's result."""
    gone: Values = {"changed": False, "diff": {"before": {}, "after": {}}, "operation_id": None, "service": None}
    namespace = namespace_id(cloud, params)
    found = _find(cloud, namespace, params["name"]) if namespace else None
    if found is None:
        return gone
    instances = api.list_instances(cloud.client, found["id"])
    if instances and not params["deregister_instances"]:
        raise RefusedError(
            f"Service {found['name']} ({found['id']}) has {len(instances)} registered instances"
            f" ({', '.join(instances[:5])}). Cloud Map deletes only an empty one."
            " Stop what registered them, or set deregister_instances: true."
        )
    if not check:
        remove_service(cloud, found["id"], params["wait_timeout"])
    return {**gone, "changed": True, "diff": {"before": found, "after": {}}}


def _create(cloud: Cloud, wanted: Values) -> Values:
    request_id = decide.creator_request_id(wanted["namespace_id"], wanted["name"])
    request = decide.service_request(wanted, request_id, cloud.boto3_tags(wanted["tags"] or {}))
    service_id = api.create_service(cloud.client, request)
    return {**_planned(wanted), "service": _described(cloud, service_id)}


def _planned(wanted: Values) -> Values:
    after = {path: wanted[path] for path in SHOWN if wanted[path] is not None}
    return {"changed": True, "diff": {"before": {}, "after": after}, "operation_id": None, "service": None}


def _find(cloud: Cloud, namespace: str, name: str) -> Values | None:
    # names in a DNS namespace are not case-sensitive (CreateService)
    for one in api.list_services(cloud.client, namespace):
        found = _described(cloud, one["Id"]) if one["Name"].lower() == name.lower() else None
        if found and found["namespace_id"] == namespace:
            return found
    return None


def _described(cloud: Cloud, service_id: str) -> Values | None:
    found = api.get_service(cloud.client, service_id)
    return decide.service_values(found, api.get_tags(cloud.client, found["Arn"])) if found else None


def _no_namespace(name: str) -> str:
    return (
        f"No Cloud Map namespace is named {name}."
        " Create it with magiclub.fargate.servicediscovery_namespace first, or give namespace_id."
    )
