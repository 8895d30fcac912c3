# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Completes definitions of services, and builds the arguments of the modules that deploy them."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import (
    arguments,
    deploying,
    inputs,
    platform,
    policies,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import names as of_services
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import smoke
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.model import Change
from ansible_collections.magiclub.fargate.plugins.plugin_utils import told
from ansible_collections.magiclub.fargate.plugins.plugin_utils.layers import plain

Data = t.Mapping[str, t.Any]


def service_inputs(services: t.Sequence[Data], argument_specs: str) -> list[dict[str, t.Any]]:
    """Return the services with every option of the role's argument specs in the file I(argument_specs)."""
    try:
        # The filter from_yaml would take half a second, without the C parser.
        specs = yaml_load(Path(argument_specs).read_text(encoding="utf-8"))["argument_specs"]
        return inputs.complete(plain(services), specs["main"]["options"]["fargate_service_services"]["options"])
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


def service_names(service: Data, name_prefix: str) -> dict[str, str]:
    """Return the names of a service's resources by option of C(names), and its own as C(name)."""
    return of_services.all_names(name_prefix, service)


def service_deployments(
    changes: Data, services: t.Sequence[Data], of_platform: platform.Platform, info: Data
) -> list[dict[str, t.Any]]:
    """Return the arguments of the modules that carry out planned deployments."""
    return deploying.deployments(services, of_platform, info, changes)


def service_arguments(
    entry: Change,
    of_platform: platform.Platform,
    info: Data,
    made: t.Mapping[str, str] | None = None,
    revoke: bool = False,
) -> dict[str, t.Any]:
    """Return the arguments of the module that carries out a planned change."""
    return arguments.of(entry, arguments.Around(of_platform, info["resources"], made or {}, revoke))


def smoke_requests(
    services: t.Sequence[Data],
    alb: Data,
    account_id: str,
    endpoint_url: str | None,
    info: Data,
) -> list[dict[str, t.Any]]:
    """Return the smoke requests through the load balancer."""
    return smoke.requests(services, alb, account_id, endpoint_url or "", info)


def service_addresses(
    services: t.Sequence[Data], alb: Data, account_id: str, endpoint_url: str | None
) -> list[dict[str, t.Any]]:
    """Return the addresses of services without a smoke request."""
    return smoke.addresses(services, alb, account_id, endpoint_url or "")


def test_requests(
    service: Data,
    alb: Data,
    account_id: str,
    endpoint_url: str | None,
    info: Data,
) -> list[dict[str, t.Any]]:
    """Return the smoke request of a service through its test route."""
    return smoke.of_tests(service, alb, account_id, endpoint_url or "", info)


def services_at_gates(
    waited: t.Iterable[Data], services: t.Iterable[Data], info: Data, gate: str
) -> list[dict[str, t.Any]]:
    """Return the services whose deployments wait at a gate of this kind."""
    return deploying.at_gates(services, info, waited, gate)


def services_waiting(at_gates: t.Iterable[Data]) -> list[dict[str, t.Any]]:
    """Return service, message and expiry of each deployment that waits for an approval."""
    return [
        {"service": one["service"]["name"], "message": one["message"], "expires_at": one["hook"]["expires_at"]}
        for one in at_gates
    ]


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return told.filters(
            {
                "service_inputs": service_inputs,
                "service_names": service_names,
                "service_platform": platform.of,
                "service_deployments": service_deployments,
                "service_arguments": service_arguments,
                "services_made": deploying.with_made,
                "watched_services": deploying.awaited,
                "services_after_wait": deploying.after_wait,
                "images_in_use": deploying.in_use,
                "service_addresses": service_addresses,
                "smoke_requests": smoke_requests,
                "inline_policies": policies.inline,
                "services_at_gates": services_at_gates,
                "services_waiting": services_waiting,
                "test_requests": test_requests,
            }
        )
