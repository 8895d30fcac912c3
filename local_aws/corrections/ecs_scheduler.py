# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The service scheduler: moves every service step by step to its desired state, as ECS does."""

from __future__ import annotations

import threading
import time
from typing import Any

from local_aws import settings
from local_aws.corrections import ecs_deployments, ecs_rollout, ecs_shift, ecs_strategies, ecs_tasks, target_health
from local_aws.corrections._patch import corrects, part, replace, service

Record = dict[str, Any]
TICK = 0.2
STABLE_AFTER = 1.0
PENDING = ("PROVISIONING", "PENDING", "ACTIVATING")


def task_id(task: Record) -> str:
    return str(task["taskArn"].rsplit("/", 1)[-1])


def tasks_of(svc: Record) -> list[Record]:
    group = f"service:{svc['serviceName']}"
    return [
        t for t in service("ecs")._tasks.values() if t.get("group") == group and t["clusterArn"] == svc["clusterArn"]
    ]


def age(task: Record) -> float:
    """Return the seconds since the task is RUNNING."""
    return time.time() - float(service("ecs")._ts_to_epoch(task.get("startedAt") or 1e12))


class Scheduler:
    def start(self) -> None:
        threading.Thread(target=self._loop, daemon=True, name="ecs-scheduler").start()

    def _loop(self) -> None:
        ecs = service("ecs")
        while True:
            time.sleep(TICK)
            try:
                engine = ecs._get_docker() if settings.containers_on() and ecs._tasks.has_any() else None
                if engine is not None:
                    ecs_tasks.observe(engine)
                self._sweep()
            except Exception:
                ecs.logger.exception("ECS scheduler")

    def _sweep(self) -> None:
        ecs = service("ecs")
        scope = part("core.responses").request_scope
        for (account, region, key), svc in ecs._services.all_items():
            if svc.get("status") not in ("ACTIVE", "DRAINING"):
                continue
            with ecs_deployments.LOCK, scope(account, region):
                if ecs._services.get(key) is svc:
                    Step(key.split("/", 1)[0], svc).run()


class Step:
    """One check of one service, and its consequences."""

    def __init__(self, cluster: str, svc: Record) -> None:
        self.ecs = service("ecs")
        self.cluster = cluster
        self.svc = svc
        self.primary = ecs_deployments.primary_of(svc)

    def run(self) -> None:
        everything = tasks_of(self.svc)
        self._judge_stopped(everything)
        live = [t for t in everything if t["desiredStatus"] == "RUNNING"]
        for task in live:
            self._serve(task)
        live = [t for t in live if t["desiredStatus"] == "RUNNING" and not self._fails_health(t)]
        views = [ecs_rollout.Task(t["taskArn"], t["startedBy"], self._phase(t)) for t in live]
        self._note_ready(views)
        self._trip_breaker()
        if ecs_deployments.trip_alarms(self.svc):
            self.primary = ecs_deployments.primary_of(self.svc)
        if self._shifts():
            self._shift(views)
        else:
            self._place(views)
        # with those that were started in this step
        self._count(tasks_of(self.svc))
        self._settle(everything)

    def _judge_stopped(self, tasks: list[Record]) -> None:
        """Count each failed task once; for ECS, a task that was RUNNING and then exited has not failed."""
        for task in tasks:
            if task["desiredStatus"] != "STOPPED" or task.get("_judged"):
                continue
            task["_judged"] = True
            deployment = next((d for d in self.svc["deployments"] if d["id"] == task["startedBy"]), None)
            if deployment is None:
                continue
            if ecs_rollout.is_failed(task["stopCode"], bool(task.get("startedAt")), bool(task.get("_unhealthy"))):
                self._count_failure(deployment)
            elif task["stopCode"] == "EssentialContainerExited":
                self._replace_later(deployment, ecs_rollout.PROVISIONING)

    def _replace_later(self, deployment: Record, seconds: float) -> None:
        deployment["_start_after"] = time.time() + seconds * settings.time_scale()

    def _count_failure(self, deployment: Record) -> None:
        deployment["_failures"] += 1
        self._replace_later(deployment, ecs_rollout.restart_delay(deployment["_failures"]))
        if deployment["rolloutState"] == "IN_PROGRESS" and not deployment.get("_had_healthy"):
            deployment.update(failedTasks=deployment["failedTasks"] + 1, updatedAt=time.time())
            if deployment is self.primary:
                ecs_deployments.rollout_of(self.svc)["_failures"] = deployment["failedTasks"]
        if deployment["_failures"] == 4:
            ecs_deployments.say(
                self.svc,
                "is unable to consistently start tasks successfully. For more information, see the "
                "Troubleshooting section of the Amazon ECS Developer Guide.",
            )

    def _serve(self, task: Record) -> None:
        """Register a running task with its target groups, once its address is known."""
        address = self.ecs._task_ip(task)
        if task["lastStatus"] != "RUNNING" or task.get("_served") or not address:
            return
        task["_served"] = True
        for register in ecs_tasks.WHEN_SERVING:
            register(task, self.svc)
        for balancer in self._deployment_of(task)["_balancers"]:
            arn, port = balancer.get("targetGroupArn"), int(balancer.get("containerPort", 80))
            if arn in self.ecs_targets():
                target_health.register(arn, address, port)
                task.setdefault("_targets", []).append((arn, address, port))
                ecs_deployments.say(self.svc, f"registered 1 targets in (target-group {arn})")

    def _deployment_of(self, task: Record) -> Record:
        """Return the deployment of a task; the primary one if its own no longer exists."""
        return next((d for d in self.svc["deployments"] if d["id"] == task["startedBy"]), self.primary)

    @staticmethod
    def ecs_targets() -> Any:
        return service("alb")._tgs

    def _health(self, task: Record) -> list[tuple[str, target_health.Health]]:
        return [(arn, target_health.CHECKER.health((arn, host, port))) for arn, host, port in task.get("_targets", [])]

    def _fails_health(self, task: Record) -> bool:
        """Stop a task whose target or container is unhealthy; each has its own grace period."""
        grace = float(self.svc.get("healthCheckGracePeriodSeconds") or 0) * settings.time_scale()
        if task["lastStatus"] != "RUNNING" or age(task) < grace:
            return False
        for arn, health in self._health(task):
            if health.state == "unhealthy":
                port = self._deployment_of(task)["_balancers"][0].get("containerPort")
                ecs_deployments.say(
                    self.svc,
                    f"(port {port}) is unhealthy in (target-group {arn}) due to (reason {health.description}).",
                )
                self._stop_unhealthy(task, f"Task failed ELB health checks in (target-group {arn})")
                return True
        if task.get("healthStatus") == "UNHEALTHY":
            ecs_deployments.say(self.svc, f"(task {task_id(task)}) failed container health checks.")
            self._stop_unhealthy(task, "Task failed container health checks")
            return True
        return False

    def _stop_unhealthy(self, task: Record, reason: str) -> None:
        task["_unhealthy"] = True
        ecs_tasks.stop(task, reason, "ServiceSchedulerInitiated")

    def _phase(self, task: Record) -> ecs_rollout.Phase:
        if task["lastStatus"] != "RUNNING":
            return "starting"
        balanced = bool(self._deployment_of(task)["_balancers"]) and settings.containers_on()
        if balanced and not task.get("_targets"):
            return "running"
        if any(health.state != "healthy" for _arn, health in self._health(task)):
            return "running"
        if task.get("_checked"):
            return "ready" if task.get("healthStatus") == "HEALTHY" else "running"
        settled = balanced or not settings.containers_on() or age(task) >= STABLE_AFTER
        return "ready" if settled else "running"

    def _note_ready(self, views: list[ecs_rollout.Task]) -> None:
        """Reset the count of failures when a task becomes ready, unless that is switched off."""
        tasks = self.ecs._tasks
        for view in views:
            task = tasks.get(view.arn)
            if view.phase != "ready" or task is None or task.get("_was_ready"):
                continue
            task["_was_ready"] = True
            for deployment in self.svc["deployments"]:
                if deployment["id"] == view.deployment:
                    deployment.update(_failures=0)
                    if ecs_deployments.breaker_of(self.svc).get("resetOnHealthyTask", True):
                        deployment.update(failedTasks=0, _had_healthy=True)

    def _trip_breaker(self) -> None:
        breaker = ecs_deployments.breaker_of(self.svc)
        if self.svc["status"] != "ACTIVE" or not breaker.get("enable") or self.primary.get("_completed"):
            return
        if self.primary["rolloutState"] != "IN_PROGRESS":
            return
        if self.primary["failedTasks"] >= ecs_rollout.breaker_threshold(self.svc["desiredCount"], breaker):
            ecs_deployments.trip_breaker(self.svc)
            self.primary = ecs_deployments.primary_of(self.svc)

    def _place(self, views: list[ecs_rollout.Task]) -> None:
        desired = 0 if self.svc["status"] == "DRAINING" else int(self.svc["desiredCount"])
        failed = self.primary["rolloutState"] == "FAILED"
        if failed:
            # Without a rollback the old tasks keep serving, and no new task is started.
            own = [v.arn for v in views if v.deployment == self.primary["id"]]
            self._stop(own)
            return
        may_start = time.time() >= self.primary["_start_after"]
        limits = ecs_rollout.bounds(desired, self.svc.get("deploymentConfiguration") or {})
        step = ecs_rollout.next_step(desired, limits, self.primary["id"], views, may_start)
        self._stop(list(step.stop))
        if step.start:
            self._start(step.start)

    def _shifts(self) -> bool:
        """Return whether the newest service deployment shifts traffic, forth or back, or was stopped while it did."""
        rollout = ecs_deployments.rollout_of(self.svc)
        under_way = rollout["status"] not in ecs_deployments.ENDED or rollout.get("_left")
        return self.svc["status"] == "ACTIVE" and "_stages" in rollout and bool(under_way)

    def _shift(self, views: list[ecs_rollout.Task]) -> None:
        rollout, now = ecs_deployments.rollout_of(self.svc), time.time()
        if rollout["status"] == "ROLLBACK_IN_PROGRESS":
            self._go_back(rollout, views)
        elif rollout["status"] == "IN_PROGRESS":
            self._go_on(rollout, views, now)
        else:
            left = ecs_shift.Desired(int(self.svc["desiredCount"]), may_start=False)
            self._bring(views, {d["id"]: left for d in self.svc["deployments"]})

    def _ready(self, deployment: Record, views: list[ecs_rollout.Task]) -> int:
        return sum(v.deployment == deployment["id"] and v.phase == "ready" for v in views)

    def _go_on(self, rollout: Record, views: list[ecs_rollout.Task], now: float) -> None:
        desired = int(self.svc["desiredCount"])
        ecs_strategies.enter(rollout, self.primary, now)
        stage = rollout["_stages"][rollout["_at"]]
        kept = next((d for d in self.svc["deployments"] if d["_revision"] == rollout["_kept"]), None)
        new, old, others = ecs_shift.desired_going_forward(stage, desired)
        wanted = {d["id"]: others for d in self.svc["deployments"]}
        wanted.update({kept["id"]: old} if kept else {}, **{self.primary["id"]: new})
        self._bring(views, wanted)
        asked = ecs_strategies.answered(rollout, now)
        if asked == "ROLLBACK":
            why = "Service deployment rolled back because a lifecycle hook timed out."
            ecs_deployments.fail(self.svc, why, "ECS deployment rolled back.", True)
            self.primary = ecs_deployments.primary_of(self.svc)
            return
        mine = {self.primary["id"], kept["id"] if kept else ""}
        tasks = ecs_shift.Tasks(
            new_ready=self._ready(self.primary, views),
            old=sum(bool(kept) and v.deployment == kept["id"] for v in views) if kept else 0,
            others=sum(v.deployment not in mine for v in views),
            desired=desired,
        )
        if asked == "WAIT" or not ecs_shift.is_over(stage, ecs_strategies.elapsed(rollout, now), tasks):
            return
        rollout["lifecycleHookDetails"] = []
        if rollout["_at"] + 1 < len(rollout["_stages"]):
            rollout["_at"] += 1
        elif self.svc["runningCount"] == desired:
            ecs_deployments.complete(self.svc)

    def _go_back(self, rollout: Record, views: list[ecs_rollout.Task]) -> None:
        """Roll back: start the missing tasks of the previous revision, shift traffic to it, then stop the new tasks."""
        desired = int(self.svc["desiredCount"])
        if not rollout["_shifted_back"] and self._ready(self.primary, views) >= desired:
            rollout["_shifted_back"] = True
            failed = next((d for d in self.svc["deployments"] if d["_revision"] == rollout["_target"]), None)
            if failed:
                ecs_strategies.shift(failed, 0.0, 0.0)
        kept, other = ecs_shift.desired_of_rollback(desired, rollout["_shifted_back"])
        self._bring(views, {d["id"]: kept if d is self.primary else other for d in self.svc["deployments"]})
        left = any(v.deployment != self.primary["id"] for v in views)
        if rollout["_shifted_back"] and not left and self.svc["runningCount"] == desired:
            ecs_deployments.complete(self.svc)

    def _bring(self, views: list[ecs_rollout.Task], wanted: dict[str, ecs_shift.Desired]) -> None:
        """Start and stop tasks until each deployment has the desired number; stop those without a deployment."""
        gone = [v.arn for v in views if v.deployment not in wanted]
        for deployment in list(self.svc["deployments"]):
            want = wanted[deployment["id"]]
            if deployment["rolloutState"] != "FAILED":
                deployment["desiredCount"] = want.count
            own = sorted((v for v in views if v.deployment == deployment["id"]), key=lambda v: v.phase == "ready")
            gone += [v.arn for v in own[: max(0, len(own) - want.count)]]
            if want.may_start and len(own) < want.count and time.time() >= deployment["_start_after"]:
                self._start(want.count - len(own), deployment)
        self._stop(gone)

    def _start(self, count: int, deployment: Record | None = None) -> None:
        svc = self.svc
        deployment = deployment or self.primary
        revision = svc["_revisions"][deployment["_revision"]]
        status, _headers, body = self.ecs._run_task(
            {
                "cluster": self.cluster,
                "taskDefinition": revision["taskDefinition"],
                "count": count,
                "group": f"service:{svc['serviceName']}",
                "startedBy": deployment["id"],
                "launchType": revision.get("launchType"),
                "capacityProviderStrategy": revision.get("capacityProviderStrategy"),
                "platformVersion": revision.get("platformVersion", ""),
                "networkConfiguration": revision.get("networkConfiguration", {}),
                "enableExecuteCommand": svc.get("enableExecuteCommand", False),
                "propagateTags": svc.get("propagateTags", "NONE"),
                "enableECSManagedTags": svc.get("enableECSManagedTags", False),
                "_service": svc,
            }
        )
        answer = self.ecs.json.loads(body)
        if status >= 400:
            ecs_deployments.say(svc, f"was unable to place a task. Reason: {answer.get('message', 'unknown')}.")
            self._count_failure(deployment)
            return
        names = " ".join(f"(task {task_id(task)})" for task in answer["tasks"])
        # nobody sees the event without the count
        self._count(tasks_of(svc))
        ecs_deployments.say(svc, f"has started {count} tasks: {names}.")

    def _stop(self, arns: list[str]) -> None:
        tasks = [self.ecs._tasks.get(arn) for arn in arns]
        tasks = [task for task in tasks if task is not None]
        if not tasks:
            return
        balanced = [task for task in tasks if task.get("_targets")]
        if balanced:
            ecs_deployments.say(self.svc, f"has begun draining connections on {len(balanced)} tasks.")
            for arn in {target[0] for task in balanced for target in task["_targets"]}:
                ecs_deployments.say(self.svc, f"deregistered {len(balanced)} targets in (target-group {arn})")
        names = " ".join(f"(task {task_id(task)})" for task in tasks)
        for task in tasks:
            why = f"Scaling activity initiated by (deployment {self.primary['id']})"
            ecs_tasks.stop(task, why, "ServiceSchedulerInitiated")
        ecs_deployments.say(self.svc, f"has stopped {len(tasks)} running tasks: {names}.")

    def _count(self, tasks: list[Record]) -> None:
        for holder in (self.svc, *self.svc["deployments"]):
            mine = [t for t in tasks if holder is self.svc or t["startedBy"] == holder["id"]]
            holder["runningCount"] = sum(t["lastStatus"] == "RUNNING" for t in mine)
            holder["pendingCount"] = sum(t["lastStatus"] in PENDING and t["desiredStatus"] == "RUNNING" for t in mine)
        self.ecs._recount_cluster(self.cluster)

    def _settle(self, everything: list[Record]) -> None:
        """Mark a deployment COMPLETED, a service steady, and a drained service INACTIVE."""
        svc = self.svc
        live = [t for t in tasks_of(svc) if t["desiredStatus"] == "RUNNING"]
        if svc["status"] == "DRAINING":
            if all(t["lastStatus"] in ("STOPPING", "DEPROVISIONING", "STOPPED") for t in everything):
                svc["status"] = "INACTIVE"
                self.ecs._recount_cluster(self.cluster)
            return
        views = [ecs_rollout.Task(t["taskArn"], t["startedBy"], self._phase(t)) for t in live]
        steady = ecs_rollout.is_steady(int(svc["desiredCount"]), self.primary["id"], views)
        if not steady or svc["runningCount"] != svc["desiredCount"]:
            svc["_steady"] = False
            return
        if self.primary["rolloutState"] == "IN_PROGRESS" and not self._shifts():
            ecs_deployments.complete(svc)
        if not svc.get("_steady"):
            svc["_steady"] = True
            ecs_deployments.say(svc, "has reached a steady state.")


def leave_target_groups(task: Record) -> None:
    account, region = task["taskArn"].split(":")[4], task["taskArn"].split(":")[3]
    with part("core.responses").request_scope(account, region):
        for arn, host, port in task.get("_targets", []):
            target_health.deregister(arn, host, port)


@corrects(
    "ecs",
    aws="a deployment is IN_PROGRESS until its tasks are healthy and the old ones gone; tasks that can't start or "
    "fail health checks are counted until one is healthy, and trip the circuit breaker, but not those that ran "
    "and then exited (failedTasks of Deployment in the API reference; aws/containers-roadmap 1206); starts are "
    "throttled; old tasks serve until new ones are healthy; a deleted service is INACTIVE when its tasks are "
    "STOPPING",
    evidence="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html",
)
def schedule_services() -> None:
    ecs = service("ecs")
    ecs_tasks.BEFORE_STOP.append(leave_target_groups)

    def nothing(_original: Any) -> Any:
        return lambda *_args, **_more: None

    for name in (
        "_reconcile_service_tasks",
        "_complete_service_deployment",
        "_schedule_service_deployment_completion",
        "_record_service_task_failure",
        "_sync_service_targets",
        "_refresh_service_state",
        "_ensure_ecs_reaper_thread",
    ):
        replace(ecs, name, nothing)
    Scheduler().start()
