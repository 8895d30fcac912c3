# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Convert changes to the requests of UpdateService, UpdateCluster and PutClusterCapacityProviders."""

from __future__ import annotations

import typing as t

from ..._plan.model import Field
from .decide import except_tags
from .form import snake

Data = t.Mapping[str, t.Any]

# The strategy that a part of the deployment configuration belongs to. Source: DeploymentConfiguration's reference.
_STRATEGY_OF = {
    "canaryConfiguration": "CANARY",
    "earlySuccessCriteria": "ROLLING",
    "linearConfiguration": "LINEAR",
}


def service(changes: t.Iterable[Field], request: Data, found: Data) -> dict[str, t.Any]:
    """Return the fields of UpdateService for the changes, in AWS's spelling.

    I(request) is CreateService's request, I(found) the service as DescribeServices returns it: omitted parts of
    C(deploymentConfiguration) and C(networkConfiguration) stay as they are.
    """
    fields = {change["path"].split(".", 1)[0] for change in except_tags(changes)}
    result: dict[str, t.Any] = {}
    for member, value in request.items():
        if snake(member) not in fields or member == "launchType":
            continue
        merge = member in ("deploymentConfiguration", "networkConfiguration")
        result[member] = _merged(found.get(member), value) if merge else value
    if "deploymentConfiguration" in result:
        given = request["deploymentConfiguration"]
        result["deploymentConfiguration"] = _of_strategy(result["deploymentConfiguration"], given)
    if "launch_type" in fields:
        result["capacityProviderStrategy"] = []
    # ECS: 'making a change to a capacity provider strategy … you must force a new deployment'; and enabling ECS Exec
    # 'doesn't trigger a new service deployment', but running tasks have no agent for it.
    if "capacityProviderStrategy" in result or "force_new_deployment" in fields or result.get("enableExecuteCommand"):
        result["forceNewDeployment"] = True
    return result


def capacity(request: Data, found: Data) -> dict[str, t.Any]:
    """Return the capacity providers and the default strategy: PutClusterCapacityProviders requires both.

    I(request) is CreateCluster's request, I(found) the cluster as DescribeClusters returns it.
    """
    members = ("capacityProviders", "defaultCapacityProviderStrategy")
    return {member: request[member] if member in request else found.get(member) or [] for member in members}


def cluster(changes: t.Iterable[Field], request: Data, found: Data) -> dict[str, t.Any]:
    """Return the fields of UpdateCluster for the changes; omitted parts of the configuration stay as they are."""
    fields = {change["path"].split(".", 1)[0] for change in changes}
    members = ("settings", "configuration", "serviceConnectDefaults")
    result = {member: request[member] for member in members if snake(member) in fields}
    if "configuration" in result:
        result["configuration"] = _merged(found.get("configuration"), result["configuration"])
    return result


def _merged(found: t.Any, given: t.Any) -> t.Any:
    if not isinstance(found, t.Mapping) or not isinstance(given, t.Mapping):
        return given
    return {**found, **{key: _merged(found.get(key), value) for key, value in given.items()}}


def _of_strategy(configuration: Data, given: Data) -> dict[str, t.Any]:
    """Return the configuration without the parts of other strategies that were not given."""
    strategy = configuration.get("strategy", "ROLLING")
    return {
        key: value
        for key, value in configuration.items()
        if key in given or strategy == _STRATEGY_OF.get(key, strategy)
    }
