# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Service Connect of a service: the endpoint that it offers, and its namespace.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html
"""

from __future__ import annotations

import typing as t

from ..._aws.arn import last
from ..._resources.ecs.normal import normalise_service
from .names import Names, awslogs
from .platform import Namespaces, Platform

Data = t.Mapping[str, t.Any]
Values = dict[str, t.Any]

TLS_POLICY = "AmazonECSInfrastructureRolePolicyForServiceConnectTransportLayerSecurity"
"""AWS's managed policy for the role that ECS uses to issue certificates."""
OFF: Data = {"enabled": False}
LOG_PREFIX = "service-connect"
"""Prefix of the proxy's log streams in the service's log group."""


def offers(service: Data) -> bool:
    """Return whether other services can reach this one by Service Connect."""
    return bool(service["service_connect"] and service["port"] is not None and not _given(service)["client_only"])


def is_secured(service: Data) -> bool:
    """Return whether the service needs a role of its own, with which ECS issues its certificates."""
    tls = (service["service_connect"] or {}).get("tls")
    return bool(offers(service) and tls and not tls["role_arn"])


def port_name(service: Data) -> str:
    """Return the name that the task definition gives the port that other services connect to."""
    return str(_given(service)["port_name"] or service["name"])


def mapping(service: Data) -> Values:
    """Return the port mapping's fields for Service Connect: its name and protocol."""
    if not offers(service):
        return {}
    protocol = _given(service)["protocol"]
    # without a protocol AWS treats it as TCP
    return {"name": port_name(service), **({"app_protocol": protocol} if protocol not in (None, "tcp") else {})}


def aliases(service: Data) -> list[Values]:
    """Return the client aliases, C({name, port, test_header}), by default the service's own name and port."""
    if not offers(service):
        return []
    return list(_given(service)["client_aliases"]) or [
        {"name": service["name"], "port": service["port"], "test_header": None}
    ]


def namespace(service: Data, platform: Namespaces) -> str:
    """Return the namespace: the platform's by name, an existing one as given (name or ARN), empty without any."""
    own = platform.get("http_namespace") or platform.get("namespace") or ""
    return str((service["service_connect"] or {}).get("namespace") or own)


def is_shared(service: Data, platform: Namespaces) -> bool:
    """Return whether the namespace is an existing one, created outside this collection."""
    given = (service["service_connect"] or {}).get("namespace")
    return bool(given) and given not in (platform.get("http_namespace"), platform.get("namespace"))


def given_namespaces(services: t.Iterable[Data]) -> list[str]:
    """Return the namespaces named in the definitions."""
    given = {(service["service_connect"] or {}).get("namespace") for service in services}
    return sorted(one for one in given if one)


def configuration(service: Data, platform: Platform, where: str, role: str | None) -> Values | None:
    """Return C(service_connect_configuration) of M(magiclub.fargate.ecs_service); None without Service Connect.

    :param where: ARN or name of the namespace.
    :param role: ARN or name of the role for TLS.
    """
    if not service["service_connect"]:
        return None
    given, names = _given(service), Names.of(platform["name_prefix"], service)
    result: Values = {"enabled": True, "namespace": where}
    if offers(service):
        result["services"] = [_offered(service, names, role)]
    if given["log"]["driver"] != "none":
        result["log_configuration"] = _log(given["log"], service, platform)
    if given["access_log"]:
        result["access_log_configuration"] = {
            "format": given["access_log"]["format"].upper(),
            "include_query_parameters": "ENABLED" if given["access_log"]["query_parameters"] else "DISABLED",
        }
    return result


def _offered(service: Data, names: Names, role: str | None) -> Values:
    given = _given(service)
    timeout, tls = given["timeout"] or {}, given["tls"]
    times = {
        "idle_timeout_seconds": timeout.get("idle"),
        "per_request_timeout_seconds": timeout.get("per_request"),
    }
    offered = {
        "port_name": port_name(service),
        "discovery_name": names.endpoint,
        "client_aliases": [_alias(alias, test_header(service, alias)) for alias in aliases(service)],
        "ingress_port_override": given["ingress_port"],
        "timeout": {key: value for key, value in times.items() if value is not None},
        "tls": _tls(tls, role) if tls else None,
    }
    return {key: value for key, value in offered.items() if value not in (None, {})}


def speaks_http(service: Data) -> bool:
    """Return whether the proxies see requests and their headers, not only connections."""
    return _given(service)["protocol"] in ("http", "http2", "grpc")


def test_header(service: Data, alias: Data) -> Data | None:
    """Return the header of an alias's test requests, C({name, value}): its own, or that of C(deployment.test).

    If it is None, the proxies use AWS's default, x-amzn-ecs-blue-green-test.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-blue-green.html
    """
    own, deployment = alias.get("test_header"), service["deployment"]
    given = (deployment["test"] or {}).get("header") if deployment["strategy"] != "rolling" else None
    if own or not given or not speaks_http(service):
        return own
    return {"name": given["name"], "value": given["values"][0]}


def _alias(alias: Data, header: Data | None) -> Values:
    result: Values = {"dns_name": alias["name"], "port": alias["port"]}
    if header:
        exact = {"name": header["name"], "value": {"exact": header["value"]}}
        result["test_traffic_rules"] = {"header": exact}
    return result


def _tls(tls: Data, role: str | None) -> Values:
    result = {
        "issuer_certificate_authority": {"aws_pca_authority_arn": tls["issuing_ca"]},
        "kms_key": tls["kms_key"],
        "role_arn": tls["role_arn"] or role,
    }
    return {key: value for key, value in result.items() if value}


def _log(log: Data, service: Data, platform: Platform) -> Values:
    options = awslogs(service, platform, LOG_PREFIX) if log["driver"] == "awslogs" else {}
    secrets = [{"name": name, "value_from": source} for name, source in sorted(log["secrets"].items())]
    given = {"log_driver": log["driver"], "options": {**options, **log["options"]}, "secret_options": secrets}
    return {key: value for key, value in given.items() if value}


def values(configured: Data | None, known: t.Mapping[str, str]) -> Data:
    """Return a configuration in a plan's form: the namespace by name, the services by port name.

    :param known: names of namespaces by id.
    """
    normal: Data = normalise_service({"service_connect_configuration": configured or OFF})
    found = dict(normal["service_connect_configuration"])
    if not found.get("enabled"):
        return OFF
    found["namespace"] = known.get(found.get("namespace") or "", found.get("namespace"))
    found["services"] = {one["port_name"]: _shown(one) for one in found.get("services") or []}
    return {key: value for key, value in found.items() if value not in ({}, None)}


def _shown(offered: Data) -> Values:
    result = {key: value for key, value in offered.items() if key != "port_name"}
    # API_ServiceConnectService: the default is the port's name
    result["discovery_name"] = result.get("discovery_name") or offered["port_name"]
    if (result.get("tls") or {}).get("role_arn"):
        result["tls"] = {**result["tls"], "role_arn": last(str(result["tls"]["role_arn"]))}
    return result


def _given(service: Data) -> Data:
    return t.cast("Data", service["service_connect"])


def deploy_order(service: Data) -> int:
    """Return the position in the order of deployments, lowest first.

    Tasks see only endpoints that existed when they were deployed, so servers come before pure clients; among servers,
    those that users reach come last.
    """
    if not service["service_connect"]:
        return 0
    return 2 if not offers(service) else int(bool(service["rules"]))
