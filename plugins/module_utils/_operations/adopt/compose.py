# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Builds the variables of an inventory from adopted services, with secret values apart."""

from __future__ import annotations

import typing as t

from ..._aws.printable import SECRET_NAME
from ..._plan.names import alb_name, cluster_name, vpc_name
from ..init.model import Service

Data = t.Mapping[str, t.Any]


class Written(t.NamedTuple):
    """Variables of each layer.

    :param secrets: values that look secret, by the inventory variables that hold them.
    """

    vpc: dict[str, t.Any]
    alb: dict[str, t.Any]
    ecs_cluster: dict[str, t.Any]
    services: list[Service]
    secrets: dict[str, str]
    private_domain: str


def compose(read: Data, prefix: str) -> Written:
    """Return the variables for a result of M(magiclub.fargate.adopt_info), with this name prefix."""
    around = read["around"]
    secrets: dict[str, str] = {}
    services = [_service(one, secrets) for one in read["definitions"]]
    return Written(
        _vpc(around, prefix),
        _alb(around, prefix),
        {} if around["cluster"] == cluster_name(prefix) else {"ecs_cluster_name": around["cluster"]},
        services,
        secrets,
        (around["namespace"] or {}).get("name", ""),
    )


def _vpc(around: Data, prefix: str) -> dict[str, t.Any]:
    if around["vpc"]["name"] == vpc_name(prefix):
        return {}
    subnets = {f"vpc_{tier}_subnet_ids": ids for tier, ids in around["subnets"].items()}
    return {"vpc_id": around["vpc"]["id"], **subnets}


def _alb(around: Data, prefix: str) -> dict[str, t.Any]:
    balancer, listener = around["load_balancer"], around["listener"]
    if not balancer or not listener or balancer["name"] == alb_name(prefix):
        return {}
    return {"alb_arn": balancer["arn"], "alb_listener_arn": listener["arn"]}


def _service(definition: Data, secrets: dict[str, str]) -> Service:
    """Return a definition in which values that look secret are replaced by inventory variables."""
    name = definition["name"]
    sidecars = [_without_secrets(one, f"{name}_{one['name']}", secrets) for one in definition.get("sidecars") or []]
    return {**_without_secrets(definition, name, secrets), **({"sidecars": sidecars} if sidecars else {})}


def _without_secrets(container: Data, of: str, secrets: dict[str, str]) -> dict[str, t.Any]:
    """Return a container whose secret environment variables and log options refer to inventory variables."""
    result = dict(container)
    if variables := container.get("environment"):
        result["environment"] = _referring(variables, of, secrets)
    options = container.get("container_options") or {}
    logs = options.get("logConfiguration") or {}
    if logs.get("options"):
        own = _referring(logs["options"], f"{of}_logs", secrets)
        result["container_options"] = {**options, "logConfiguration": {**logs, "options": own}}
    return result


def _referring(values: Data, of: str, secrets: dict[str, str]) -> dict[str, t.Any]:
    kept = {}
    for key, value in values.items():
        if SECRET_NAME.search(key) and value:
            variable = f"vault_{_plain(of)}_{_plain(key)}"
            secrets[variable] = value
            kept[key] = f"{{{{ {variable} }}}}"
        else:
            kept[key] = value
    return kept


def _plain(text: str) -> str:
    return "".join(one if one.isalnum() else "_" for one in text.lower())
