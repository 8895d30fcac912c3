# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Converts planned listeners and rules of the load balancer to module arguments."""

from __future__ import annotations

import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb import desired
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.model import Resource
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import actions, conditions
from ansible_collections.magiclub.fargate.plugins.plugin_utils import told

Data = t.Mapping[str, t.Any]


def alb_listeners(resources: t.Iterable[Resource], leaving: t.Iterable[Resource] = ()) -> list[dict[str, t.Any]]:
    """Return the listeners as arguments of amazon.aws.elb_application_lb.

    I(leaving) are listeners that the plan removes. Test listeners are kept, as services still have rules there.
    """
    kept = [entry for entry in leaving if desired.is_test_listener(entry)]
    listeners = [entry["values"] for entry in (*resources, *kept) if entry["type"] == "listener"]
    return [
        {
            "Port": values["port"],
            "Protocol": values["protocol"],
            "DefaultActions": actions.arguments(values["default_actions"]),
            **_tls(values),
        }
        for values in listeners
    ]


def alb_rule(entry: Resource) -> dict[str, t.Any]:
    """Return the arguments of M(magiclub.fargate.elbv2_listener_rule) for a rule of the load balancer itself."""
    values = entry["values"]
    kind, action = values["action"]["type"], {key: one for key, one in values["action"].items() if key != "type"}
    given = {key: values[key] for key in ("priority", *conditions.OPTIONS, "tags")}
    return {**given, actions.OPTIONS[kind]: action}


def _tls(values: Data) -> dict[str, t.Any]:
    if values["protocol"] != "HTTPS":
        return {}
    return {"Certificates": [{"CertificateArn": values["certificate"]}], "SslPolicy": values["tls_policy"]}


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return told.filters({"alb_listeners": alb_listeners, "alb_rule": alb_rule})
