# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Validate C(service_connect) of services.

AWS's rules: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectService.html,
…/API_ServiceConnectClientAlias.html, …/API_TimeoutConfiguration.html, …/API_PortMapping.html (name).
"""

from __future__ import annotations

import re
import typing as t

from ..._aws.arn import region_of
from . import connect, secrets
from .names import given_names
from .platform import Namespaces

Inputs = t.Mapping[str, t.Any]

SERVER_OPTIONS = (
    "port_name",
    "protocol",
    "client_aliases",
    "ingress_port",
    "timeout",
    "tls",
)
"""The options that only a service which others reach may have."""

_NAME = re.compile(r"[a-z0-9_][a-z0-9_-]{0,63}")
_ALIAS = re.compile(r"[a-z0-9_.][a-z0-9_.-]{0,126}")
_CA = re.compile(r"arn:aws[a-z-]*:acm-pca:[a-z0-9-]+:\d{12}:certificate-authority/\S+")
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/\S+")
_NAMESPACE = re.compile(r"arn:aws[a-z-]*:servicediscovery:[a-z0-9-]+:\d{12}:namespace/ns-\S+|(?!arn:)[!-~]{1,1024}")
_NEW_ENOUGH = re.compile(r"LATEST|1\.(?:[4-9]|\d\d)\..*|[2-9]\..*")


def problems(service: Inputs) -> t.Iterator[str]:
    """Yield the problems with C(service_connect) of a service, one message each."""
    given = service["service_connect"]
    if not given:
        return
    yield from _reach(service, given)
    yield from _names(given, given_names(service).get("connect"))
    yield from _ports(service, given)
    yield from _timeouts(given)
    if given["tls"]:
        yield from _tls(given["tls"])
    yield from _log(given["log"])
    if given["log"]["driver"] == "awsfirelens" and not service.get("firelens"):
        yield "service_connect.log.driver awsfirelens needs a log router. Set firelens, or take another driver."
    if not _NEW_ENOUGH.fullmatch(service["platform_version"]):
        yield (
            f"service_connect needs version 1.4.0 of the platform or a newer one, not {service['platform_version']}."
            " Set platform_version to LATEST."
        )


def alias_conflicts(services: t.Sequence[Inputs], platform: Namespaces) -> list[str]:
    """Return an error for each alias that two services have in the same namespace.

    Without the platform's names, as for validation, a service without a namespace is compared only with such ones.
    """
    taken: dict[tuple[str, str], str] = {}
    result = []
    for service in services:
        for alias in connect.aliases(service):
            key = (connect.namespace(service, platform), f"{alias['name']}:{alias['port']}")
            other = taken.setdefault(key, service["name"])
            if other != service["name"]:
                result.append(
                    f"Services '{other}' and '{service['name']}' both have the Service Connect alias {key[1]}, which"
                    " leads to one of them. Give the other another alias with service_connect.client_aliases."
                )
    return result


def _reach(service: Inputs, given: Inputs) -> t.Iterator[str]:
    if connect.offers(service):
        return
    why = "with client_only nobody reaches the service" if given["client_only"] else "without port nobody reaches it"
    step = "Take client_only out" if given["client_only"] else "Set port"
    for key in SERVER_OPTIONS:
        if given[key]:
            yield f"service_connect.{key} is only for services that others reach, and {why}. {step}, or take {key} out."


def _names(given: Inputs, endpoint: str | None) -> t.Iterator[str]:
    if given["namespace"] and not _NAMESPACE.fullmatch(given["namespace"]):
        yield (
            f"service_connect.namespace '{given['namespace']}' is not the name or ARN of a Cloud Map namespace"
            " (arn:aws:servicediscovery:REGION:ACCOUNT:namespace/ns-…). Change it."
        )
    for key, name in (("service_connect.port_name", given["port_name"]), ("names.connect", endpoint)):
        if name and not _NAME.fullmatch(name):
            yield (
                f"{key} '{name}' is not a valid name: at most 64 lower-case letters, digits,"
                " _ and -, no hyphen first. Change it."
            )
    if len(given["client_aliases"]) > 1:
        listed = ", ".join(alias["name"] for alias in given["client_aliases"])
        yield f"service_connect.client_aliases has {listed}: ECS takes one for a port. Keep one."
    for alias in given["client_aliases"]:
        if not _ALIAS.fullmatch(alias["name"]):
            yield (
                f"service_connect.client_aliases: '{alias['name']}' is not a valid name: at most 127 lower-case"
                " letters, digits, _, . and -, no hyphen first. Change it."
            )


def region_problems(service: Inputs, region: str) -> t.Iterator[str]:
    """Yield an error if the namespace is in another region than the service, which ECS refuses.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectConfiguration.html (namespace)
    """
    named = (service["service_connect"] or {}).get("namespace") or ""
    if _NAMESPACE.fullmatch(named) and named.startswith("arn:") and (there := region_of(named)) != region:
        yield (
            f"service_connect.namespace {named} is in {there}, and this platform is in {region}. Name one of that"
            " region."
        )


def _ports(service: Inputs, given: Inputs) -> t.Iterator[str]:
    named = [("client_aliases.port", alias["port"]) for alias in given["client_aliases"]]
    if given["ingress_port"] is not None:
        named.append(("ingress_port", given["ingress_port"]))
    for key, port in named:
        if not 1 <= port <= 65535:
            yield f"service_connect.{key} {port} is out of range: 1 to 65535. Change it."
    own = [one["port"] for one in (service, *service["sidecars"]) if one.get("port") is not None]
    if given["ingress_port"] in own:
        yield (
            f"service_connect.ingress_port {given['ingress_port']} is a port of the task's containers, beside which the"
            " proxy listens. Change it, or leave it out for the container's own."
        )


def _timeouts(given: Inputs) -> t.Iterator[str]:
    timeout = given["timeout"] or {}
    for key, seconds in timeout.items():
        if seconds is not None and not 0 <= seconds <= 2147483647:
            yield f"service_connect.timeout.{key} {seconds} is out of range: 0 (none) to 2147483647 seconds. Change it."
    if timeout.get("per_request") is not None and given["protocol"] in (None, "tcp"):
        yield (
            "service_connect.timeout.per_request needs a protocol with requests. Set service_connect.protocol to http,"
            " http2 or grpc, or take per_request out."
        )


def _log(log: Inputs) -> t.Iterator[str]:
    for name, value in log["options"].items():
        if isinstance(value, (t.Mapping, list)):
            yield f"service_connect.log.options.{name} has to be text. Change it."
    yield from secrets.problems("service_connect.log.secrets", log["secrets"])


def _tls(tls: Inputs) -> t.Iterator[str]:
    if not _CA.fullmatch(tls["issuing_ca"]):
        yield (
            f"service_connect.tls.issuing_ca '{tls['issuing_ca']}' is not the ARN of a private certificate authority"
            " (arn:aws:acm-pca:REGION:ACCOUNT:certificate-authority/ID). Change it."
        )
    if tls["role_arn"] and not _ROLE.fullmatch(tls["role_arn"]):
        yield f"service_connect.tls.role_arn '{tls['role_arn']}' is not the ARN of a role. Change it, or leave it out."
