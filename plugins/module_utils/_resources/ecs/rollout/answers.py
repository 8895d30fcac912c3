# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Facts about a service, its deployments and task sets from one answer of DescribeServices."""

from __future__ import annotations

import math
import typing as t

from ..diagnose import CONTAINER_CHECK, container_has_run, seconds
from ..shapes import (
    AdvancedConfiguration,
    Deployment,
    DeploymentEarlySuccessCriteria,
    LoadBalancer,
    Service,
    ServiceDeployment,
    Targets,
    Task,
    TaskSet,
    Timestamp,
)

Item = t.TypeVar("Item")


def desired_count(deployment: Deployment) -> int:
    return int(deployment.get("desiredCount") or 0)


def controller(service: Service) -> str:
    """Return the deployment controller's type: ECS, CODE_DEPLOY or EXTERNAL."""
    return (service.get("deploymentController") or {}).get("type") or "ECS"


def strategy(service: Service) -> str:
    """Return the deployment strategy: ROLLING, BLUE_GREEN, LINEAR or CANARY."""
    return (service.get("deploymentConfiguration") or {}).get("strategy") or "ROLLING"


def shifting(service: t.Mapping[str, t.Any] | None) -> AdvancedConfiguration:
    """Return the resources by which ECS shifts traffic, from the first load balancer; empty if it shifts none."""
    balancers: list[LoadBalancer] = (service or {}).get("loadBalancers") or []
    return balancers[0].get("advancedConfiguration") or {} if balancers else {}


def groups_of(balancer: LoadBalancer) -> list[str]:
    """Return the ARNs of the target groups of a load balancer entry, of blue/green both."""
    alternate = (balancer.get("advancedConfiguration") or {}).get("alternateTargetGroupArn")
    return [arn for arn in (balancer.get("targetGroupArn"), alternate) if arn]


def target_groups(service: Service) -> list[str]:
    """Return the ARNs of all target groups in which the service registers tasks."""
    found: list[str | None] = []
    for balancer in service.get("loadBalancers") or []:
        found += groups_of(balancer)
    for task_set in service.get("taskSets") or []:
        found += [balancer.get("targetGroupArn") for balancer in task_set.get("loadBalancers") or []]
    return sorted({arn for arn in found if arn})


def primary_of(service: Service) -> Deployment | None:
    """Return the PRIMARY deployment, if any."""
    return first(service.get("deployments"), lambda item: item.get("status") == "PRIMARY")


def primary_set_of(service: Service) -> TaskSet | None:
    """Return the PRIMARY task set, if any; only CODE_DEPLOY and EXTERNAL controllers have task sets."""
    return first(service.get("taskSets"), lambda item: item.get("status") == "PRIMARY")


def task_definition_of(service: Service) -> str:
    """Return the ARN of the service's task definition, or its task set's (EXTERNAL controller); empty if unknown."""
    holders = (service, primary_of(service), primary_set_of(service), *(service.get("taskSets") or []))
    return next((str(item["taskDefinition"]) for item in holders if item and item.get("taskDefinition")), "")


def desired_of(service: Service) -> int:
    """Return the desired count of the service, or else its PRIMARY deployment's, or else the running count."""
    holders = (service, primary_of(service) or {})
    counts = [item["desiredCount"] for item in holders if item.get("desiredCount") is not None]
    return int(counts[0] if counts else service.get("runningCount") or 0)


def is_staged(service: Service) -> bool:
    """Return whether deployments have stages that only their record shows: any strategy but ROLLING, or hooks."""
    return strategy(service) != "ROLLING" or bool((service.get("deploymentConfiguration") or {}).get("lifecycleHooks"))


def is_guarded(service: Service, guards: t.Sequence[str] = ("deploymentCircuitBreaker", "alarms")) -> bool:
    """Return whether one of I(guards) rolls back a failed deployment."""
    config: t.Mapping[str, t.Any] = service.get("deploymentConfiguration") or {}
    switched = [config.get(guard) or {} for guard in guards]
    return any(guard.get("enable") and guard.get("rollback") for guard in switched)


def rollback_follows(service: Service, deployment: Deployment) -> bool:
    """Return whether ECS will roll this deployment back if it fails.

    It does if the circuit breaker is set to and an earlier deployment has completed (Amazon ECS Developer Guide, 'How
    the deployment circuit breaker detects failures'), and not after the deployment itself has COMPLETED.  Alarms don't
    notice failed tasks, but may be why the deployment is FAILED.
    """
    failed = deployment.get("rolloutState") == "FAILED"
    guarded = is_guarded(service) if failed else is_guarded(service, ("deploymentCircuitBreaker",))
    if not guarded or deployment.get("rolloutState") == "COMPLETED":
        return False
    return has_earlier(service, deployment)


def has_earlier(service: Service, deployment: Deployment) -> bool:
    """Return whether the service existed before this deployment, so that it can be rolled back."""
    if len(service.get("deployments") or []) > 1:
        return True
    age = seconds(deployment.get("createdAt")) - seconds(service.get("createdAt"))
    return age > 5


def threshold(
    service: Service, deployment: Deployment, record: ServiceDeployment | None = None, given: int | None = None
) -> int:
    """Return how many failed tasks end the wait.

    :param given: the caller's own number, if any.
    :returns: that number, or the circuit breaker's: by default half of the desired count, at least 3 and at most 200
        (DeploymentCircuitBreaker and ThresholdConfiguration in the ECS API).
    """
    if given:
        return given
    threshold = ((record or {}).get("deploymentCircuitBreaker") or {}).get("threshold")
    if threshold:
        return int(threshold)
    breaker = (service.get("deploymentConfiguration") or {}).get("deploymentCircuitBreaker") or {}
    config = breaker.get("thresholdConfiguration") or {}
    value = config.get("value", 50)
    if config.get("type") == "COUNT":
        return max(1, int(value))
    share = math.ceil(value * max(deployment.get("desiredCount", 0), service.get("desiredCount", 0)) / 100)
    if config.get("type") == "UNBOUNDED_PERCENT":
        return max(1, int(share))
    return min(200, max(3, int(share)))


def is_full(deployment: Deployment) -> bool:
    """Return whether all desired tasks run, so that nothing keeps tasks from starting any more."""
    return int(deployment.get("runningCount") or 0) >= desired_count(deployment) > 0


def living(deployment: Deployment) -> int:
    """Return how many tasks of a deployment are running or pending."""
    return int(deployment.get("runningCount") or 0) + int(deployment.get("pendingCount") or 0)


def is_early(service: Service, watched: Deployment) -> bool:
    """Return whether early success criteria completed a rolling deployment, perhaps before all its tasks run."""
    criteria = _early_criteria(service)
    done = watched.get("rolloutState") == "COMPLETED" and strategy(service) == "ROLLING"
    alone = len(service.get("deployments") or []) <= 1
    return (
        bool(criteria.get("enable")) and done and (alone or criteria.get("sourceServiceRevisionCleanup") == "DEFERRED")
    )


def _early_criteria(service: Service) -> DeploymentEarlySuccessCriteria:
    return (service.get("deploymentConfiguration") or {}).get("earlySuccessCriteria") or {}


def needed_count(service: Service, desired: int) -> int:
    """Return how many tasks a deployment with early success criteria needs (DeploymentEarlySuccessCriteria)."""
    return max(min(1, desired), math.ceil(desired * _early_criteria(service).get("healthyPercent", 100) / 100))


def is_baking(service: Service, watched: Deployment) -> bool:
    """Return whether ECS watches alarms after a rolling deployment replaced the tasks.

    Source: 'How CloudWatch alarms detect Amazon ECS deployment failures' in the Developer Guide.
    """
    watching = strategy(service) == "ROLLING" and watched.get("rolloutState") == "IN_PROGRESS"
    return watching and bool(alarms_of(service))


def alarms_of(service: Service) -> list[str]:
    """Return the names of the alarms that stop a deployment."""
    alarms = (service.get("deploymentConfiguration") or {}).get("alarms") or {}
    return list(alarms.get("alarmNames") or []) if alarms.get("enable") else []


def not_healthy(health: t.Mapping[str, str] | None) -> list[str]:
    """Return a text for each container health check that is not HEALTHY, without duplicates."""
    states = {(name.rpartition("/")[2], state) for name, state in (health or {}).items() if state != "HEALTHY"}
    return [f"{CONTAINER_CHECK} of {name} {state}" for name, state in sorted(states)]


def healthy_count(targets: Targets, service: Service) -> int:
    """Return the number of healthy targets of the load balancer entry that has the fewest, 0 without any.

    The tasks of a blue/green entry are in either of its two target groups, so these add up.
    """
    totals = []
    for balancer in balancers_of(service):
        registered = [item for arn in groups_of(balancer) for item in targets.get(arn) or []]
        states = [(item.get("TargetHealth") or {}).get("State") for item in registered]
        totals.append(states.count("healthy"))
    return min(totals, default=0)


def balancers_of(service: Service) -> list[LoadBalancer]:
    """Return the load balancer entries with a target group, of the service or else its PRIMARY task set."""
    primary = primary_set_of(service) or {}
    entries = service.get("loadBalancers") or primary.get("loadBalancers") or []
    return [entry for entry in entries if entry.get("targetGroupArn")]


def as_deployment(task_set: TaskSet) -> Deployment:
    """Return a task set in the shape of a deployment; its tasks have the set's ID in startedBy."""
    fields: t.Mapping[str, t.Any] = task_set
    counts = {
        "desiredCount": fields.get("computedDesiredCount", 0),
        "runningCount": fields.get("runningCount", 0),
        "pendingCount": fields.get("pendingCount", 0),
    }
    same = {name: fields[name] for name in ("id", "createdAt", "updatedAt", "taskDefinition") if name in fields}
    return t.cast("Deployment", {**counts, **same})


def counts_of(deployment: Deployment) -> dict[str, int]:
    return {
        "desired": desired_count(deployment),
        "running": int(deployment.get("runningCount") or 0),
        "pending": int(deployment.get("pendingCount") or 0),
        "failed": int(deployment.get("failedTasks") or 0),
    }


def family_of(deployment: Deployment | TaskSet) -> str:
    return (deployment.get("taskDefinition") or "").rsplit("/", 1)[-1]


def has_run(task: Task) -> bool:
    """Return whether the task has started; single containers of one that failed to start don't count."""
    return task.get("stopCode") != "TaskFailedToStart" and container_has_run(task)


def ended_at(task: Task) -> Timestamp | None:
    return task.get("stoppedAt") or task.get("stoppingAt")


def first(items: t.Iterable[Item] | None, wanted: t.Callable[[Item], bool]) -> Item | None:
    return next((item for item in items or [] if wanted(item)), None)


def is_before(one: t.Any, other: t.Any) -> bool:
    return one is not None and seconds(one) < seconds(other)
