# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Describes Service Connect of a running service as options of fargate_service.  Plain dicts in and out."""

from __future__ import annotations

import typing as t

from ..._layers.services.connect import LOG_PREFIX
from ..._resources.ecs.rollout import answers

Raw = t.Mapping[str, t.Any]
Service = dict[str, t.Any]


def options(service: Raw, container: Raw, port: int | None, names: dict[str, t.Any]) -> Service:
    """Return the option C(service_connect), or nothing if it is disabled or can't be described.

    Several ports, or another one than I(port) of the service's I(container), can't be described.
    """
    primary = answers.primary_of(t.cast("t.Any", service)) or {}
    configured: Raw = t.cast("Raw", primary.get("serviceConnectConfiguration") or {})
    offered = configured.get("services") or []
    if not configured.get("enabled") or not configured.get("namespace") or len(offered) > 1:
        return {}
    result: Service = {"namespace": configured["namespace"], "client_only": not offered}
    if offered:
        (one,) = offered
        mapping: Raw = next(
            (each for each in container.get("portMappings") or [] if each.get("name") == one["portName"]), {}
        )
        if mapping.get("containerPort") != port:
            return {}
        names["connect"] = one.get("discoveryName") or one["portName"]
        result |= {**_offered(one), "protocol": mapping.get("appProtocol")}
    result |= {"log": _log(configured, container), "access_log": _access_log(configured)}
    return {"service_connect": _without_nothing(result)}


def _offered(one: Raw) -> Service:
    timeout, tls = one.get("timeout") or {}, one.get("tls")
    secured = {
        "issuing_ca": ((tls or {}).get("issuerCertificateAuthority") or {}).get("awsPcaAuthorityArn"),
        "kms_key": (tls or {}).get("kmsKey"),
        "role_arn": (tls or {}).get("roleArn"),
    }
    times = {"idle": timeout.get("idleTimeoutSeconds"), "per_request": timeout.get("perRequestTimeoutSeconds")}
    return {
        "port_name": one["portName"],
        "client_aliases": [_alias(each) for each in one.get("clientAliases") or []],
        "ingress_port": one.get("ingressPortOverride"),
        "timeout": _without_nothing(times),
        "tls": _without_nothing(secured),
    }


def _alias(alias: Raw) -> Service:
    header = (alias.get("testTrafficRules") or {}).get("header")
    test = {"name": header["name"], "value": (header.get("value") or {}).get("exact", "")} if header else None
    return _without_nothing({"name": alias.get("dnsName"), "port": alias["port"], "test_header": test})


def _log(configured: Raw, container: Raw) -> Service:
    """Return the log options of the proxy that differ from the container's log group."""
    given = configured.get("logConfiguration")
    if not given:
        return {"driver": "none"}
    group = (container.get("logConfiguration") or {}).get("options") or {}
    follows = {**group, "awslogs-stream-prefix": LOG_PREFIX} if given["logDriver"] == "awslogs" else {}
    own = {key: value for key, value in (given.get("options") or {}).items() if follows.get(key) != value}
    secrets = {one["name"]: one["valueFrom"] for one in given.get("secretOptions") or []}
    driver = given["logDriver"] if given["logDriver"] != "awslogs" or own or secrets else None
    return _without_nothing({"driver": driver, "options": own, "secrets": secrets})


def _access_log(configured: Raw) -> Service | None:
    given = configured.get("accessLogConfiguration")
    if not given:
        return None
    return {"format": given["format"].lower(), "query_parameters": given.get("includeQueryParameters") == "ENABLED"}


def _without_nothing(values: Raw) -> Service:
    return {key: value for key, value in values.items() if value not in (None, {}, [], False)}
