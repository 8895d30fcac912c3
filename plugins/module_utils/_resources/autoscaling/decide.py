# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Scalable targets and their target-tracking policies, and their differences."""

from __future__ import annotations

import typing as t

from ..._plan.compare import differences
from ..._plan.model import Field
from . import scheduled

Data = t.Mapping[str, t.Any]
Values = dict[str, t.Any]

# the default of PutScalingPolicy for ECS (API_TargetTrackingScalingPolicyConfiguration)
COOLDOWN = 300

CUSTOMIZED = "customized"
"""The metric of a policy that tracks a CloudWatch metric, or an expression over several, that the policy defines."""

LABELLED = ("ALBRequestCountPerTarget",)


def target_values(found: Data) -> Values:
    """Return a described scalable target in the form of the module's options."""
    return {"min_capacity": found["MinCapacity"], "max_capacity": found["MaxCapacity"]}


def policy_values(found: Data) -> Values:
    """Return a described scaling policy in the form of the module's options.

    C(metric) is the policy's type in parentheses if it tracks neither a predefined nor a customized metric.
    """
    tracking = found.get("TargetTrackingScalingPolicyConfiguration") or {}
    metric = tracking.get("PredefinedMetricSpecification") or {}
    own = tracking.get("CustomizedMetricSpecification")
    kind = CUSTOMIZED if own else f"({found.get('PolicyType', 'custom metric')})"
    return {
        "metric": metric.get("PredefinedMetricType") or kind,
        **({"metrics": metrics_values(own)} if own else {}),
        "resource_label": metric.get("ResourceLabel"),
        "target_value": float(tracking.get("TargetValue", 0)),
        "scale_in_cooldown": tracking.get("ScaleInCooldown", COOLDOWN),
        "scale_out_cooldown": tracking.get("ScaleOutCooldown", COOLDOWN),
        "disable_scale_in": tracking.get("DisableScaleIn", False),
    }


def policy_request(policy: Data) -> Values:
    """Return the configuration for PutScalingPolicy of a policy in the options."""
    metric = {"PredefinedMetricType": policy["metric"], "ResourceLabel": policy.get("resource_label")}
    predefined = {"PredefinedMetricSpecification": {key: value for key, value in metric.items() if value}}
    own = {"CustomizedMetricSpecification": {"Metrics": [_metric_request(one) for one in policy.get("metrics") or []]}}
    return {
        "TargetValue": float(policy["target_value"]),
        **(own if policy["metric"] == CUSTOMIZED else predefined),
        "ScaleInCooldown": policy["scale_in_cooldown"],
        "ScaleOutCooldown": policy["scale_out_cooldown"],
        "DisableScaleIn": policy["disable_scale_in"],
    }


def metrics_values(specification: Data) -> list[Values]:
    """Return the metrics of a policy in the form of the module's options, sorted by id.

    A single metric without an id, which AWS also accepts, gets the id C(metric).
    """
    if "Metrics" not in specification:
        return [{"id": "metric", **_stat_values(specification, specification.get("Statistic")), "return_data": True}]
    return sorted((_metric_values(one) for one in specification["Metrics"]), key=lambda one: str(one["id"]))


def metrics_wanted(policy: Data) -> list[Values] | None:
    """Return the metrics of a policy in the options, without values that are not given; None if it has none."""
    given = [{key: value for key, value in one.items() if value is not None} for one in policy.get("metrics") or []]
    return sorted(given, key=lambda one: str(one["id"])) or None


def _metric_values(one: Data) -> Values:
    common = {"id": one["Id"], "return_data": one.get("ReturnData", True)}
    if "Expression" in one:
        return {**common, "expression": one["Expression"]}
    stat = one["MetricStat"]
    return {**common, **_stat_values(stat["Metric"], stat["Stat"])}


def _stat_values(metric: Data, stat: t.Any) -> Values:
    return {
        "namespace": metric["Namespace"],
        "metric_name": metric["MetricName"],
        "dimensions": {one["Name"]: one["Value"] for one in metric.get("Dimensions") or []},
        "stat": stat,
    }


def _metric_request(one: Data) -> Values:
    common = {"Id": one["id"], "ReturnData": bool(one.get("return_data"))}
    if one.get("expression"):
        return {**common, "Expression": one["expression"]}
    dimensions = [{"Name": key, "Value": value} for key, value in sorted((one.get("dimensions") or {}).items())]
    metric = {"Namespace": one["namespace"], "MetricName": one["metric_name"], "Dimensions": dimensions}
    return {**common, "MetricStat": {"Metric": metric, "Stat": one["stat"]}}


def problems(params: Data) -> list[str]:
    """Return the problems with the options, one message each."""
    result = scheduled.problems(params.get("scheduled_actions") or [])
    low, high = params["min_capacity"], params["max_capacity"]
    if low is not None and high is not None and low > high:
        result.append(f"min_capacity {low} is greater than max_capacity {high}. Lower the first or raise the second.")
    for policy in params["policies"] or []:
        returned = [one for one in policy.get("metrics") or [] if one.get("return_data")]
        if policy["metric"] == CUSTOMIZED and len(returned) != 1:
            result.append(
                f"Policy {policy['name']} has {len(returned)} metrics with return_data: exactly one must have it, the"
                " one that is compared with target_value (API_TargetTrackingMetricDataQuery)."
            )
    return result + [
        f"Policy {policy['name']} tracks {policy['metric']}, which needs resource_label:"
        " app/LOAD-BALANCER/ID/targetgroup/TARGET-GROUP/ID, the ends of both ARNs."
        for policy in params["policies"] or []
        if policy["metric"] in LABELLED and not policy.get("resource_label")
    ]


def target_fields(wanted: Data, found: Data) -> list[Field]:
    """Return C({path, before, after}) of each given bound of the scalable target that differs."""
    return differences(found, {key: wanted.get(key) for key in ("min_capacity", "max_capacity")})


def policy_fields(wanted: t.Iterable[Data], found: t.Mapping[str, Data], purge: bool) -> list[Field]:
    """Return C({path, before, after}) of each difference of the policies; one to create or delete is one field."""
    result: list[Field] = []
    names = set()
    for policy in wanted:
        name = policy["name"]
        names.add(name)
        after = {**policy, "target_value": float(policy["target_value"]), "metrics": metrics_wanted(policy)}
        if name not in found:
            result.append({"path": f"policies.{name}", "before": None, "after": _shown(after)})
        else:
            result += differences(found[name], _shown(after), f"policies.{name}")
    gone = sorted(set(found) - names) if purge else []
    return result + [{"path": f"policies.{name}", "before": dict(found[name]), "after": None} for name in gone]


def policies_to_write(
    wanted: t.Iterable[Data], found: t.Mapping[str, Data], purge: bool
) -> tuple[list[Data], list[str]]:
    """Return the wanted policies to put and the names of those to delete."""
    policies = list(wanted)
    put = [policy for policy in policies if policy_fields([policy], found, purge=False)]
    return put, sorted(set(found) - {policy["name"] for policy in policies}) if purge else []


def _shown(policy: Data) -> Values:
    return {key: value for key, value in policy.items() if key != "name" and value is not None}
