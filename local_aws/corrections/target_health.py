# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Targets are checked as their target group defines, and only healthy ones get requests.

The rules are those of
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
"""

from __future__ import annotations

import http.client
import ssl
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from local_aws import settings
from local_aws.corrections import http2
from local_aws.corrections._patch import corrects, instead, replace, service, then

Key = tuple[str, str, int]
Params = dict[str, Any]
TICK = 0.1
# Waiting is scaled, but a program's start is not: a target that never answered gets this long (seconds).
START_ALLOWANCE = 20.0

DESCRIPTIONS = {
    "Elb.RegistrationInProgress": "Target registration is in progress",
    "Elb.InitialHealthChecking": "Initial health checks in progress",
    "Target.FailedHealthChecks": "Health checks failed",
    "Target.Timeout": "Request timed out",
    "Target.NotInUse": "Target group is not configured to receive traffic from the load balancer",
    "Target.NotRegistered": "Target is not registered to the target group",
    "Target.DeregistrationInProgress": "Target deregistration is in progress",
}


@dataclass(frozen=True)
class Outcome:
    """The result of one health check: the HTTP status, or None and a reason code."""

    status: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Health:
    state: str = "initial"
    reason: str = "Elb.RegistrationInProgress"
    description: str = DESCRIPTIONS["Elb.RegistrationInProgress"]
    passes: int = 0
    fails: int = 0


def matches(status: int, matcher: str) -> bool:
    """Return whether a status matches a matcher such as '200', '200,202' or '200-299'."""
    for item in matcher.split(","):
        low, _sep, high = item.strip().partition("-")
        if int(low) <= status <= int(high or low):
            return True
    return False


def after_check(health: Health, outcome: Outcome, group: dict[str, Any]) -> Health:
    """Return a target's health after one more check.

    A new target is healthy after one passed check; an unhealthy one needs HealthyThresholdCount in a row,
    and UnhealthyThresholdCount failed ones in a row make a target unhealthy.
    """
    matcher = _matcher(group)
    if outcome.status is not None and matches(outcome.status, matcher):
        passes = health.passes + 1
        needed = 1 if health.state == "initial" else int(group.get("HealthyThresholdCount", 5))
        if health.state == "healthy" or passes >= needed:
            return Health("healthy", "", "", passes, 0)
        return Health(health.state, health.reason, health.description, passes, 0)
    fails = health.fails + 1
    if fails < int(group.get("UnhealthyThresholdCount", 2)):
        if health.state == "initial":
            reason = "Elb.InitialHealthChecking"
            return Health("initial", reason, DESCRIPTIONS[reason], 0, fails)
        return Health(health.state, health.reason, health.description, 0, fails)
    if outcome.status is not None:
        text = f"Health checks failed with these codes: [{outcome.status}]"
        return Health("unhealthy", "Target.ResponseCodeMismatch", text, 0, fails)
    return Health("unhealthy", outcome.reason, DESCRIPTIONS[outcome.reason], 0, fails)


def check(host: str, port: int, group: dict[str, Any]) -> Outcome:
    if group.get("HealthCheckPort", "traffic-port") not in ("traffic-port", ""):
        port = int(group["HealthCheckPort"])
    if group.get("ProtocolVersion", "HTTP1") != "HTTP1":
        return _check_by_http2(host, port, group)
    timeout = float(group.get("HealthCheckTimeoutSeconds", 5))
    connection: http.client.HTTPConnection
    if group.get("HealthCheckProtocol") == "HTTPS":
        # A load balancer does not verify its targets' certificates.
        connection = http.client.HTTPSConnection(host, port, timeout=timeout, context=ssl._create_unverified_context())  # noqa: S323 - see above
    else:
        connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        agent = {"User-Agent": "ELB-HealthChecker/2.0", "Connection": "close"}
        connection.request("GET", group.get("HealthCheckPath") or "/", headers=agent)
        return Outcome(status=connection.getresponse().status)
    except TimeoutError:
        return Outcome(reason="Target.Timeout")
    except (OSError, http.client.HTTPException):
        return Outcome(reason="Target.FailedHealthChecks")
    finally:
        connection.close()


def _check_by_http2(host: str, port: int, group: dict[str, Any]) -> Outcome:
    try:
        return Outcome(status=http2.check(host, port, group))
    except TimeoutError:
        return Outcome(reason="Target.Timeout")
    except (OSError, http2.BrokenOffError):
        return Outcome(reason="Target.FailedHealthChecks")


@dataclass
class Record:
    health: Health = field(default_factory=Health)
    since: float = field(default_factory=time.monotonic)
    due: float = 0.0
    checking: bool = False

    def note(self, outcome: Outcome, group: dict[str, Any]) -> None:
        """Record one check; one without an answer does not count while the target may still be starting."""
        starting = self.health.state == "initial" and outcome.status is None
        if not starting or time.monotonic() - self.since >= start_allowance(group):
            self.health = after_check(self.health, outcome, group)
            return
        reason = "Elb.InitialHealthChecking"
        self.health = Health("initial", reason, DESCRIPTIONS[reason])


def start_allowance(group: dict[str, Any]) -> float:
    """Return the seconds before a target that never answered may be unhealthy: as on AWS, at most the allowance."""
    on_aws = float(group.get("HealthCheckIntervalSeconds", 30)) * (int(group.get("UnhealthyThresholdCount", 2)) - 1)
    return min(START_ALLOWANCE, on_aws)


def groups_in_use(actions: list[dict[str, Any]]) -> set[str]:
    used = set()
    for action in actions:
        used.add(action.get("TargetGroupArn", ""))
        for group in (action.get("ForwardConfig") or {}).get("TargetGroups", []):
            used.add(group.get("TargetGroupArn", ""))
    return used - {""}


class Checker:
    """The health of every registered target, in every account and region."""

    def __init__(self) -> None:
        self._records: dict[Key, Record] = {}
        self._draining: dict[Key, float] = {}
        self._in_flight: Counter[tuple[str, int]] = Counter()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="health-check")

    def start(self) -> None:
        threading.Thread(target=self._loop, daemon=True, name="target-health").start()

    def reset(self) -> None:
        with self._lock:
            self._records.clear()
            self._draining.clear()

    def in_use(self) -> set[str]:
        """Return the target groups that some listener rule forwards to."""
        return groups_in_use([a for rule in service("alb")._rules.all_values() for a in rule.get("Actions", [])])

    def health(self, key: Key) -> Health:
        with self._lock:
            if key in self._draining:
                reason = "Target.DeregistrationInProgress"
                return Health("draining", reason, DESCRIPTIONS[reason])
            record = self._records.get(key)
        if key[0] not in self.in_use():
            return Health("unused", "Target.NotInUse", DESCRIPTIONS["Target.NotInUse"])
        return record.health if record else Health()

    def draining(self, group_arn: str) -> list[tuple[str, int]]:
        with self._lock:
            return [(key[1], key[2]) for key in self._draining if key[0] == group_arn]

    def drain(self, key: Key, seconds: float) -> None:
        with self._lock:
            self._records.pop(key, None)
            if seconds > 0:
                self._draining[key] = time.monotonic() + seconds

    def registered_again(self, key: Key) -> None:
        with self._lock:
            self._draining.pop(key, None)

    def routable(self, group_arn: str, targets: list[dict[str, Any]], default_port: int) -> list[dict[str, Any]]:
        """Return the healthy targets; if there are none, all unhealthy ones, as a load balancer fails open."""
        states: dict[str, list[dict[str, Any]]] = {}
        for target in targets:
            state = self.health((group_arn, target["Id"], int(target.get("Port", default_port)))).state
            states.setdefault(state, []).append(target)
        return states.get("healthy") or states.get("unhealthy") or []

    def enter(self, target: tuple[str, int]) -> None:
        with self._lock:
            self._in_flight[target] += 1

    def leave(self, target: tuple[str, int]) -> None:
        with self._lock:
            self._in_flight[target] -= 1

    def in_flight(self, target: tuple[str, int]) -> int:
        with self._lock:
            return self._in_flight[target]

    def _loop(self) -> None:
        while True:
            self._sweep()
            time.sleep(TICK)

    def _sweep(self) -> None:
        alb = service("alb")
        now = time.monotonic()
        used = self.in_use()
        registered: set[Key] = set()
        for (_account, _region, arn), group in alb._tgs.all_items():
            if group.get("TargetType") not in ("ip", "instance"):
                continue
            for target in alb._targets.to_dict().get((_account, arn), []):
                key = (arn, target["Id"], int(target.get("Port", group.get("Port", 80))))
                registered.add(key)
                if arn in used:
                    self._check_if_due(key, group, now)
        with self._lock:
            self._draining = {k: until for k, until in self._draining.items() if until > now}
            self._records = {k: record for k, record in self._records.items() if k in registered}

    def _check_if_due(self, key: Key, group: dict[str, Any], now: float) -> None:
        with self._lock:
            record = self._records.setdefault(key, Record())
            if record.checking or record.due > now:
                return
            record.checking = True
        self._pool.submit(self._check, key, record, group)

    def _check(self, key: Key, record: Record, group: dict[str, Any]) -> None:
        interval = max(0.2, float(group.get("HealthCheckIntervalSeconds", 30)) * settings.time_scale())
        try:
            outcome = check(key[1], key[2], group) if settings.containers_on() else Outcome(status=_a_match(group))
            record.note(outcome, group)
        finally:
            record.due = time.monotonic() + interval
            record.checking = False


def _a_match(group: dict[str, Any]) -> int:
    """Return a status that matches the group's matcher: without containers every target passes."""
    return int(_matcher(group).replace("-", ",").split(",")[0])


def _matcher(group: dict[str, Any]) -> str:
    given = group.get("Matcher", {})
    return str(given.get("GrpcCode") or given.get("HttpCode", "200"))


CHECKER = Checker()


def drain_seconds(group_arn: str) -> float:
    """Return the group's deregistration delay, scaled."""
    attributes = service("alb")._tg_attrs.get(group_arn, [])
    values = {a["Key"]: a["Value"] for a in attributes}
    return float(values.get("deregistration_delay.timeout_seconds", 300)) * settings.time_scale()


def register(group_arn: str, host: str, port: int) -> None:
    alb = service("alb")
    CHECKER.registered_again((group_arn, host, port))
    targets = alb._targets.setdefault(group_arn, [])
    if not any(t["Id"] == host and t.get("Port") == port for t in targets):
        alb._targets[group_arn] = [*targets, {"Id": host, "Port": port}]


def deregister(group_arn: str, host: str, port: int) -> None:
    alb = service("alb")
    targets = alb._targets.get(group_arn, [])
    kept = [t for t in targets if not (t["Id"] == host and t.get("Port") == port)]
    if len(kept) < len(targets):
        alb._targets[group_arn] = kept
        CHECKER.drain((group_arn, host, port), drain_seconds(group_arn))


def describe_health(params: Params) -> Any:
    alb = service("alb")
    arn = alb._p(params, "TargetGroupArn")
    if arn not in alb._tgs:
        return missing(alb)
    default = int(alb._tgs[arn].get("Port", 80))
    known = [(t["Id"], int(t.get("Port", default))) for t in alb._targets.get(arn, [])]
    known += [pair for pair in CHECKER.draining(arn) if pair not in known]
    asked = [(t["Id"], int(t.get("Port", default))) for t in alb._parse_targets_param(params)]
    shown = [(pair, pair in known) for pair in asked] if asked else [(pair, True) for pair in known]
    members = "".join(_description(alb, arn, pair, registered) for pair, registered in shown)
    inner = f"<TargetHealthDescriptions>{members}</TargetHealthDescriptions>"
    return alb._xml(200, "DescribeTargetHealth", inner)


def register_targets(params: Params) -> Any:
    alb = service("alb")
    arn = alb._p(params, "TargetGroupArn")
    if arn not in alb._tgs:
        return missing(alb)
    for target in alb._parse_targets_param(params):
        register(arn, target["Id"], int(target.get("Port", alb._tgs[arn].get("Port", 80))))
    return alb._empty("RegisterTargets")


def deregister_targets(params: Params) -> Any:
    alb = service("alb")
    arn = alb._p(params, "TargetGroupArn")
    if arn not in alb._tgs:
        return missing(alb)
    for target in alb._parse_targets_param(params):
        for found in [t for t in alb._targets.get(arn, []) if t["Id"] == target["Id"]]:
            if target.get("Port") in (None, found.get("Port")):
                deregister(arn, found["Id"], int(found["Port"]))
    return alb._empty("DeregisterTargets")


def missing(alb: Any) -> Any:
    return alb._error("TargetGroupNotFound", "One or more target groups not found")


@corrects(
    "elbv2",
    aws="DescribeTargetHealth reports the results of real checks, with reason codes, also for draining and unused "
    "targets",
    evidence="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html",
)
def check_targets() -> None:
    alb = service("alb")
    replace(alb, "_describe_target_health", instead(describe_health))
    replace(alb, "_register_targets", instead(register_targets))
    replace(alb, "_deregister_targets", instead(deregister_targets))
    replace(alb, "reset", then(CHECKER.reset))
    CHECKER.start()


def _description(alb: Any, arn: str, pair: tuple[str, int], registered: bool) -> str:
    host, port = pair
    health = (
        CHECKER.health((arn, host, port))
        if registered
        else Health("unused", "Target.NotRegistered", DESCRIPTIONS["Target.NotRegistered"])
    )
    check_port = alb._tgs[arn].get("HealthCheckPort", "traffic-port")
    why = (
        f"<Reason>{health.reason}</Reason><Description>{alb._esc(health.description)}</Description>"
        if health.reason
        else ""
    )
    return (
        f"<member><Target><Id>{alb._esc(host)}</Id><Port>{port}</Port></Target>"
        f"<HealthCheckPort>{port if check_port == 'traffic-port' else check_port}</HealthCheckPort>"
        f"<TargetHealth><State>{health.state}</State>{why}</TargetHealth></member>"
    )
