# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Scalable targets and their target-tracking policies: what has to change.  Plain dicts in and out."""

from __future__ import annotations

import typing as t

from ..._plan.model import Field

Data = t.Mapping[str, t.Any]
Values = dict[str, t.Any]

# What PutScalingPolicy takes if it is not given (API_TargetTrackingScalingPolicyConfiguration, ECS).
COOLDOWN = 300

LABELLED = ("ALBRequestCountPerTarget",)


def target_values(found: Data) -> Values:
    """Return a described scalable target in the words of the module's options."""
    return {"min_capacity": found["MinCapacity"], "max_capacity": found["MaxCapacity"]}


def policy_values(found: Data) -> Values:
    """Return a described scaling policy in the words of the module's options.

    C(metric) of a policy that tracks no predefined metric is its type in parentheses.
    """
    tracking = found.get("TargetTrackingScalingPolicyConfiguration") or {}
    metric = tracking.get("PredefinedMetricSpecification") or {}
    return {
        "metric": metric.get("PredefinedMetricType") or f"({found.get('PolicyType', 'custom metric')})",
        "resource_label": metric.get("ResourceLabel"),
        "target_value": float(tracking.get("TargetValue", 0)),
        "scale_in_cooldown": tracking.get("ScaleInCooldown", COOLDOWN),
        "scale_out_cooldown": tracking.get("ScaleOutCooldown", COOLDOWN),
        "disable_scale_in": tracking.get("DisableScaleIn", False),
    }


def policy_request(policy: Data) -> Values:
    """Return the configuration that PutScalingPolicy takes for a policy of the options."""
    metric = {"PredefinedMetricType": policy["metric"], "ResourceLabel": policy.get("resource_label")}
    return {
        "TargetValue": float(policy["target_value"]),
        "PredefinedMetricSpecification": {key: value for key, value in metric.items() if value},
        "ScaleInCooldown": policy["scale_in_cooldown"],
        "ScaleOutCooldown": policy["scale_out_cooldown"],
        "DisableScaleIn": policy["disable_scale_in"],
    }


def problems(params: Data) -> list[str]:
    """Return what is wrong with the options, a sentence each."""
    result = []
    low, high = params["min_capacity"], params["max_capacity"]
    if low is not None and high is not None and low > high:
        result.append(f"min_capacity {low} is over max_capacity {high}. Lower the one or raise the other.")
    return result + [
        f"Policy {policy['name']} tracks {policy['metric']}, which needs resource_label:"
        " app/LOAD-BALANCER/ID/targetgroup/TARGET-GROUP/ID, the ends of both ARNs."
        for policy in params["policies"] or []
        if policy["metric"] in LABELLED and not policy.get("resource_label")
    ]


def target_fields(wanted: Data, found: Data) -> list[Field]:
    """Return C({path, before, after}) of what is given of the scalable target and differs."""
    return _differing("", {key: wanted.get(key) for key in ("min_capacity", "max_capacity")}, found)


def policy_fields(wanted: t.Iterable[Data], found: t.Mapping[str, Data], purge: bool) -> list[Field]:
    """Return C({path, before, after}) of the policies, each under its name; a policy to be removed is one field."""
    result: list[Field] = []
    names = set()
    for policy in wanted:
        name = policy["name"]
        names.add(name)
        after = {**policy, "target_value": float(policy["target_value"])}
        if name not in found:
            result.append({"path": f"policies.{name}", "before": None, "after": _shown(after)})
        else:
            result += _differing(f"policies.{name}.", _shown(after), found[name])
    gone = sorted(set(found) - names) if purge else []
    return result + [{"path": f"policies.{name}", "before": dict(found[name]), "after": None} for name in gone]


def policies_to_write(
    wanted: t.Iterable[Data], found: t.Mapping[str, Data], purge: bool
) -> tuple[list[Data], list[str]]:
    """Return the policies to put, as they are wanted, and the names of those to delete."""
    policies = list(wanted)
    put = [policy for policy in policies if policy_fields([policy], found, purge=False)]
    return put, sorted(set(found) - {policy["name"] for policy in policies}) if purge else []


def _shown(policy: Data) -> Values:
    return {key: value for key, value in policy.items() if key != "name" and value is not None}


def _differing(path: str, wanted: Data, found: Data) -> list[Field]:
    return [
        {"path": f"{path}{key}", "before": found.get(key), "after": value}
        for key, value in wanted.items()
        if value is not None and found.get(key) != value
    ]
