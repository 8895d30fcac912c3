# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Application Auto Scaling, which MiniStack lacks: stores targets, policies and schedules, and scales by them."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from local_aws import clock, scaling, settings
from local_aws.corrections._patch import corrects, part, replace, service, then
from local_aws.corrections.scheduler import is_due

Data = dict[str, Any]
NAME = "application-autoscaling"
TICK = 0.5
# https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html
COOLDOWN = 300


class RefusedError(Exception):
    """A request that the service refuses, with its error code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Scaling:
    """The API's operations on two stores, each per account and region."""

    def __init__(self) -> None:
        self.responses = part("core.responses")
        self.targets = self.responses.AccountRegionScopedDict()
        self.policies = self.responses.AccountRegionScopedDict()
        self.scheduled = self.responses.AccountRegionScopedDict()
        self.activities = self.responses.AccountRegionScopedDict()
        self.memories: dict[tuple[str, ...], scaling.Memory] = {}
        self.operations: dict[str, Callable[[Data], Data]] = {
            "RegisterScalableTarget": self.register,
            "DeregisterScalableTarget": self.deregister,
            "DescribeScalableTargets": self.describe_targets,
            "PutScalingPolicy": self.put_policy,
            "DeleteScalingPolicy": self.delete_policy,
            "DescribeScalingPolicies": self.describe_policies,
            "PutScheduledAction": self.put_scheduled,
            "DeleteScheduledAction": self.delete_scheduled,
            "DescribeScheduledActions": self.describe_scheduled,
            "DescribeScalingActivities": self.describe_activities,
            "TagResource": self.tag,
            "UntagResource": self.untag,
            "ListTagsForResource": self.list_tags,
        }

    def reset(self) -> None:
        for store in (self.targets, self.policies, self.scheduled, self.activities, self.memories):
            store.clear()

    async def handle(self, _method: str, _path: str, headers: Data, body: bytes, _query: Data) -> Any:
        action = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
        operation = self.operations.get(action)
        try:
            if operation is None:
                raise RefusedError("UnknownOperationException", f"{action} is not known here")
            return self.responses.json_response(operation(json.loads(body or b"{}")))
        except RefusedError as error:
            return self.responses.error_response_json(error.code, str(error), 400)

    @staticmethod
    def key(data: Data) -> tuple[str, str, str]:
        return data.get("ServiceNamespace", ""), data.get("ResourceId", ""), data.get("ScalableDimension", "")

    def arn(self, kind: str, rest: str) -> str:
        return f"arn:aws:{kind}:{self.responses.get_region()}:{self.responses.get_account_id()}:{rest}"

    def target(self, data: Data) -> Data:
        found: Data | None = self.targets.get(self.key(data))
        if found is None:
            namespace, resource, dimension = self.key(data)
            raise RefusedError(
                "ObjectNotFoundException",
                f"No scalable target found for service namespace: {namespace}, resource ID: {resource}, "
                f"scalable dimension: {dimension}",
            )
        return found

    def register(self, data: Data) -> Data:
        key = self.key(data)
        self._check_resource(data)
        old: Data = self.targets.get(key) or {}
        new = {**old, **{k: v for k, v in data.items() if v is not None and k != "Tags"}}
        if "MinCapacity" not in new or "MaxCapacity" not in new:
            raise RefusedError("ValidationException", "Min capacity and max capacity must be provided for a new target")
        if new["MinCapacity"] > new["MaxCapacity"]:
            raise RefusedError("ValidationException", "Maximum capacity cannot be less than minimum capacity")
        new.setdefault("ScalableTargetARN", self.arn(NAME, f"scalable-target/{uuid.uuid4().hex}"))
        new.setdefault("CreationTime", time.time())
        new.setdefault("RoleARN", self._role())
        suspended = {
            f"{name}Suspended": False for name in ("DynamicScalingIn", "DynamicScalingOut", "ScheduledScaling")
        }
        new["SuspendedState"] = {**suspended, **new.get("SuspendedState", {})}
        new["_tags"] = {**old.get("_tags", {}), **data.get("Tags", {})}
        self.targets[key] = new
        return {"ScalableTargetARN": new["ScalableTargetARN"]}

    def _role(self) -> str:
        role = "AWSServiceRoleForApplicationAutoScaling_ECSService"
        path = f"aws-service-role/ecs.application-autoscaling.amazonaws.com/{role}"
        return f"arn:aws:iam::{self.responses.get_account_id()}:role/{path}"

    @staticmethod
    def _check_resource(data: Data) -> None:
        if data.get("ServiceNamespace") != "ecs":
            return
        kind, _sep, key = data.get("ResourceId", "").partition("/")
        status = service("ecs")._services.get(key, {}).get("status")
        if kind != "service" or status not in ("ACTIVE", "DRAINING"):
            raise RefusedError("ValidationException", f"ECS service doesn't exist: {data.get('ResourceId')}")

    def deregister(self, data: Data) -> Data:
        self.target(data)
        self.targets.pop(self.key(data))
        for store in (self.policies, self.scheduled):
            for name in [name for name, record in store.items() if self.key(record) == self.key(data)]:
                store.pop(name)
        return {}

    def describe_targets(self, data: Data) -> Data:
        ids = data.get("ResourceIds")
        found = [t for t in self.targets.values() if self._fits(t, data) and (not ids or t["ResourceId"] in ids)]
        return self._page("ScalableTargets", found, data)

    @staticmethod
    def _fits(record: Data, data: Data) -> bool:
        names = ("ServiceNamespace", "ScalableDimension", "ResourceId")
        return all(record.get(name) == data[name] for name in names if data.get(name))

    @staticmethod
    def _page(name: str, found: list[Data], data: Data) -> Data:
        start = int(data.get("NextToken") or 0)
        end = start + int(data.get("MaxResults") or 50)
        shown = [{k: v for k, v in record.items() if not k.startswith("_")} for record in found[start:end]]
        return {name: shown, **({"NextToken": str(end)} if end < len(found) else {})}

    def put_policy(self, data: Data) -> Data:
        self.target(data)
        key = (*self.key(data), data["PolicyName"])
        old: Data = self.policies.get(key) or {}
        kept = {k: v for k, v in data.items() if v is not None}
        policy = {**old, **kept, "PolicyType": data.get("PolicyType") or "StepScaling"}
        resource = f"{data['ServiceNamespace']}/{data['ResourceId']}"
        rest = f"scalingPolicy:{uuid.uuid4()}:resource/{resource}:policyName/{data['PolicyName']}"
        policy.setdefault("PolicyARN", self.arn("autoscaling", rest))
        policy.setdefault("CreationTime", time.time())
        if policy["PolicyType"] == "TargetTrackingScaling":
            policy.setdefault("Alarms", [self._alarm(data, level) for level in ("High", "Low")])
        self.policies[key] = policy
        return {"PolicyARN": policy["PolicyARN"], "Alarms": policy.get("Alarms", [])}

    def _alarm(self, data: Data, level: str) -> Data:
        name = f"TargetTracking-{data['ResourceId']}-Alarm{level}-{uuid.uuid4()}"
        return {"AlarmName": name, "AlarmARN": self.arn("cloudwatch", f"alarm:{name}")}

    def delete_policy(self, data: Data) -> Data:
        if self.policies.pop((*self.key(data), data.get("PolicyName")), None) is None:
            raise RefusedError("ObjectNotFoundException", f"No scaling policy found for {data.get('PolicyName')}")
        return {}

    def describe_policies(self, data: Data) -> Data:
        names = data.get("PolicyNames")
        found = [p for p in self.policies.values() if self._fits(p, data) and (not names or p["PolicyName"] in names)]
        return self._page("ScalingPolicies", found, data)

    def put_scheduled(self, data: Data) -> Data:
        self.target(data)
        key = (*self.key(data), data["ScheduledActionName"])
        resource = f"{data['ServiceNamespace']}/{data['ResourceId']}"
        rest = f"scheduledAction:{uuid.uuid4()}:resource/{resource}:scheduledActionName/{key[-1]}"
        made = {"ScheduledActionARN": self.arn("autoscaling", rest), "CreationTime": time.time()}
        looked = {"_looked": clock.now()}
        self.scheduled[key] = {**made, "_made": clock.now(), **(self.scheduled.get(key) or {}), **data, **looked}
        return {}

    def delete_scheduled(self, data: Data) -> Data:
        name = data.get("ScheduledActionName")
        if self.scheduled.pop((*self.key(data), name), None) is None:
            raise RefusedError("ObjectNotFoundException", f"No scheduled action found for {name}")
        return {}

    def describe_scheduled(self, data: Data) -> Data:
        names = data.get("ScheduledActionNames")
        of_target = [one for one in self.scheduled.values() if self._fits(one, data)]
        found = [one for one in of_target if not names or one["ScheduledActionName"] in names]
        return self._page("ScheduledActions", found, data)

    def describe_activities(self, data: Data) -> Data:
        return self._page("ScalingActivities", [one for one in self.activities.values() if self._fits(one, data)], data)

    def watch(self) -> None:
        """Scale each service by the schedules and alarms of its policies."""
        while True:
            time.sleep(TICK)
            try:
                for (account, region, key), target in list(self.targets.all_items()):
                    with self.responses.request_scope(account, region):
                        self._by_the_clock(target)
                        self._scale((account, region, *key), target)
            except Exception:
                service("ecs").logger.exception("Application Auto Scaling")

    def _by_the_clock(self, target: Data) -> None:
        """Set the bounds of the actions that are due since the last check, and scale a service outside of them."""
        now = clock.now()
        for action in [one for one in self.scheduled.values() if self.key(one) == self.key(target)]:
            since, action["_looked"] = action["_looked"], now
            zone, made = action.get("Timezone") or "UTC", action["_made"]
            schedule = {"ScheduleExpression": action["Schedule"], "ScheduleExpressionTimezone": zone}
            suspended = target["SuspendedState"]["ScheduledScalingSuspended"]
            if not suspended and is_due({**schedule, "CreationDate": made}, since, now):
                self._set_bounds(target, action)

    def _set_bounds(self, target: Data, action: Data) -> None:
        target |= action["ScalableTargetAction"]
        low, high = target["MinCapacity"], target["MaxCapacity"]
        cause = f"scheduled action name {action['ScheduledActionName']} was triggered"
        bounds = f"min capacity to {low} and max capacity to {high}"
        self._record(target, f"Setting {bounds}.", cause, f"Successfully set {bounds}")
        _kind, _slash, key = target["ResourceId"].partition("/")
        svc = service("ecs")._services.get(key)
        needed = min(max(int(svc["desiredCount"]), low), high) if svc and svc["status"] == "ACTIVE" else None
        if needed is not None and needed != int(svc["desiredCount"]):
            bound, value = ("minimum", low) if needed == low else ("maximum", high)
            self._move(target, needed, f"{bound} capacity was set to {value}")

    def _scale(self, place: tuple[str, ...], target: Data) -> None:
        kind, _slash, key = target["ResourceId"].partition("/")
        svc = service("ecs")._services.get(key) if kind == "service" else None
        policies = [one for one in self.policies.values() if self.key(one) == self.key(target) and is_tracking(one)]
        if not svc or svc["status"] != "ACTIVE" or not policies:
            return
        tasks = int(svc["desiredCount"])
        given = [one["TargetTrackingScalingPolicyConfiguration"] for one in policies]
        tracked = [
            scaling.Tracked(value_of(one), float(one["TargetValue"]), not one.get("DisableScaleIn")) for one in given
        ]
        needed = scaling.wanted(tasks, tracked, target["MinCapacity"], target["MaxCapacity"])
        out, back = (
            max(float(one.get(f"{name}Cooldown", COOLDOWN)) for one in given) for name in ("ScaleOut", "ScaleIn")
        )
        memory = self.memories.setdefault(place, scaling.Memory())
        if memory.due(tasks, needed, time.monotonic(), settings.time_scale(), out, back):
            self._move(target, needed, f"the metrics of its policies ask for {needed} tasks, and it has {tasks}")

    def _move(self, target: Data, needed: int, cause: str) -> None:
        _kind, cluster, name = target["ResourceId"].split("/")
        service("ecs")._update_service({"cluster": cluster, "service": name, "desiredCount": needed})
        done = f"Successfully set desired count to {needed}. Change successfully fulfilled by ecs."
        self._record(target, f"Setting desired count to {needed}.", cause, done)

    def _record(self, target: Data, description: str, cause: str, message: str) -> None:
        """https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scaling-activities.html."""
        now, identifier = time.time(), str(uuid.uuid4())
        self.activities[identifier] = {
            **{field: target[field] for field in ("ServiceNamespace", "ResourceId", "ScalableDimension")},
            "ActivityId": identifier,
            "Description": description,
            "Cause": cause,
            "StartTime": now,
            "EndTime": now,
            "StatusCode": "Successful",
            "StatusMessage": message,
        }

    def _by_arn(self, data: Data) -> Data:
        for target in self.targets.values():
            if target["ScalableTargetARN"] == data.get("ResourceARN"):
                return dict(target)
        raise RefusedError(
            "ResourceNotFoundException", f"The specified resource {data.get('ResourceARN')} was not found"
        )

    def tag(self, data: Data) -> Data:
        self._by_arn(data)["_tags"].update(data.get("Tags", {}))
        return {}

    def untag(self, data: Data) -> Data:
        tags = self._by_arn(data)["_tags"]
        for name in data.get("TagKeys", []):
            tags.pop(name, None)
        return {}

    def list_tags(self, data: Data) -> Data:
        return {"Tags": self._by_arn(data)["_tags"]}


def is_tracking(policy: Data) -> bool:
    return bool(policy["PolicyType"] == "TargetTrackingScaling")


def value_of(configuration: Data) -> float | None:
    """Return the value of the metric that a policy tracks; None without data, or if it is not supported here."""
    own = configuration.get("CustomizedMetricSpecification") or {}
    if "Metrics" not in own:
        return metric(own, own.get("Statistic", "")) if own else None
    values = {
        one["Id"]: metric(one["MetricStat"]["Metric"], one["MetricStat"]["Stat"])
        for one in own["Metrics"]
        if "MetricStat" in one
    }
    returned = next(one for one in own["Metrics"] if one.get("ReturnData", True))
    if "Expression" not in returned:
        return values[returned["Id"]]
    try:
        return scaling.evaluate(returned["Expression"], values)
    except scaling.MathError as error:
        service("ecs").logger.warning("a scaling policy is not followed: %s", error)
        return None


def metric(named: Data, stat: str) -> float | None:
    """Return a value of the last minutes: from queues and tasks, else as it was put into CloudWatch."""
    namespace, name = named["Namespace"], named["MetricName"]
    where = {one["Name"]: one["Value"] for one in named.get("Dimensions") or []}
    if (namespace, name) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible"):
        return messages(where.get("QueueName", ""))
    if (namespace, name, stat) == ("AWS/ECS", "CPUUtilization", "SampleCount"):
        svc = service("ecs")._services.get(f"{where.get('ClusterName')}/{where.get('ServiceName')}")
        return float(svc["runningCount"]) or None if svc else None
    cloudwatch = service("cloudwatch")
    points = cloudwatch._metrics.get((namespace, name, cloudwatch._dims_key(where))) or []
    recent = [point for point in points if point["Timestamp"] > time.time() - scaling.OUT_AFTER]
    return float(cloudwatch._stat_value(cloudwatch._calc_stats(recent), stat, recent)) if recent else None


def messages(name: str) -> float | None:
    """Return the number of waiting messages of a queue; None if there is no such queue."""
    sqs = service("sqs")
    found = sqs._queues.get(sqs._queue_name_to_url.get(name) or "")
    if found is None:
        return None
    sqs._refresh_counts(found)
    return float(found["attributes"]["ApproximateNumberOfMessages"])


@corrects(
    NAME,
    aws="targets, policies and scheduled actions of ECS services are stored, described, tagged and removed; target "
    "tracking scales services, and a scheduled action sets the bounds at its time",
    evidence="botocore model of application-autoscaling; "
    "https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html",
)
def add_application_autoscaling() -> None:
    app = part("app")
    own = Scaling()
    part("core.router").SERVICE_PATTERNS[NAME] = {"target_prefixes": ["AnyScaleFrontendService"]}
    part("core.iam_actions").SERVICE_TO_IAM_NAMESPACE[NAME] = NAME
    app.SERVICE_HANDLERS[NAME] = own.handle

    replace(app, "_reset_all_state", then(own.reset))
    threading.Thread(target=own.watch, daemon=True, name="application-autoscaling").start()
