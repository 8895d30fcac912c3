# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wait until services are steady or have definitely failed.

The wait controls time and calls, C(judge) makes the decisions.  Calls, clock, sleep and randomness are passed in, so
that a test of hours takes no time.
"""

from __future__ import annotations

import random
import time
import typing as t
from dataclasses import dataclass, replace

from ...._aws.read import batched
from ...._aws.tone import DOUBT, WELL, WRONG, Line
from .. import diagnose
from ..outcomes import OUTCOMES, PENDING, STEADY, WAITING
from ..shapes import Deployment, Service
from . import fetch, rollback, timing
from .answers import counts_of, living, target_groups
from .api import SERVICES_PER_CALL, Api, PermanentError, ThrottledError, TransientError, WaitError
from .judge import timed_out, verdict
from .observation import Observation, Rules, Verdict
from .pace import Pace
from .signs import STAYS_FOR, lost_before
from .watch import Watch

# Seconds between two reads of the service deployment, even without a reason to read it.
RECORD_EVERY = 60
# Seconds after which a wait without any answer gives up.
UNREACHABLE_AFTER = 30
# Seconds by which this machine's clock and AWS's may differ to be considered the same.
CLOCKS_AGREE = 2
# Seconds that this machine's clock may be ahead of AWS's.
CLOCKS_DIFFER = 5
# Services up to which a wait also fetches what is only nice to know: progress of targets, history.
FEW = 3
# Failed attempts to fetch the tasks after which the wait judges without them.
MOST_TASK_ERRORS = 3
RECOVERABLE = tuple(name for name, outcome in OUTCOMES.items() if outcome.rollback_helps)
# The tone of a line of progress by its outcome; any other outcome is a failure.
TONES = {STEADY: WELL, PENDING: "", WAITING: DOUBT}


@dataclass
class Outside:
    """A wait's side effects other than AWS calls, which tests replace.

    :param report: is called with each new line of progress.
    :param clock: monotonic seconds; :param sleep: takes seconds; :param chance: returns 0 to 1.
    :param now: seconds since 1970 by this machine's clock, which AWS's first answer corrects.
    """

    report: t.Callable[[str], None]
    clock: t.Callable[[], float] = time.monotonic
    sleep: t.Callable[[float], None] = time.sleep
    chance: t.Callable[[], float] = random.random
    now: t.Callable[[], float] = time.time


class Wait:
    """Polls services until all have a final verdict.

    :param watches: the services.
    :param rules: the caller's requirements.
    """

    def __init__(
        self, api: Api, watches: list[Watch], rules: Rules, outside: Outside, pace: Pace | None = None
    ) -> None:
        self.api, self.watches, self.rules, self.outside, self.pace = api, watches, rules, outside, pace or Pace()
        self.began = outside.clock()
        self.polls = 0
        self.failed_polls = 0
        self.answered = False
        self.ahead: float | None = None

    @property
    def waited(self) -> float:
        return self.outside.clock() - self.began

    @property
    def pending(self) -> list[Watch]:
        return [watch for watch in self.watches if not watch.final]

    def run(self, until: float | None = None) -> None:
        """Poll until all services have a final verdict.

        :param until: return after this many seconds of waiting at the latest; C(0) polls once.
        :raises PermanentError: if a retry can't help.
        """
        while True:
            self.poll()
            if not self.pending or (until is not None and self.waited >= until):
                break
            self.outside.sleep(self._delay(until))

    def poll(self) -> None:
        """Observe every pending service once."""
        self.polls += 1
        try:
            found = self._describe([watch.name for watch in self.pending])
        except (ThrottledError, TransientError) as error:
            self._note_failed_poll(error)
            return
        self.answered, self.failed_polls = True, 0
        self._aws_time()
        for watch in self.pending:
            watch.service = found.get(watch.name)
            watch.polls += 1
            self._judge(watch)

    def _describe(self, names: list[str]) -> dict[str, Service]:
        found: dict[str, Service] = {}
        for some in batched(names, SERVICES_PER_CALL):
            for service in self.api.describe_services(some):
                found[service.get("serviceName") or ""] = service
                found[service.get("serviceArn") or ""] = service
        return found

    def _aws_time(self) -> float:
        """Return the seconds since 1970 by AWS's clock, from its first answer: this machine's may be minutes off."""
        if self.ahead is None and self.api.answered_at is not None:
            ahead = self.outside.now() - self.api.answered_at
            # the Date header has whole seconds, and the answer takes a while
            self.ahead = ahead if abs(ahead) > CLOCKS_AGREE else 0.0
        return self.outside.now() - (self.ahead or 0.0)

    def _note_failed_poll(self, error: WaitError) -> None:
        self.failed_polls += 1
        if not self.answered and self.waited >= min(UNREACHABLE_AFTER, self.rules.timeout or UNREACHABLE_AFTER):
            raise PermanentError(
                error.action, error.code, f"no answer from AWS in {self.waited:.0f} s: {error.text}"
            ) from error
        if self.failed_polls == 3:
            self.outside.report(f"{error.code or 'no answer'}, asking again ({self.waited:.0f} s)")
        for watch in self.pending:
            if self.answered and self._is_over(watch):
                self._settle(watch, self._timed_out(watch, {}))

    def _judge(self, watch: Watch) -> None:
        """Judge the last observation, and fetch what the verdict needs, each once."""
        self._remember_counts(watch)
        fresh: dict[str, t.Any] = {}
        found = self._verdict(watch, fresh)
        for need in self._required(watch, found):
            try:
                fresh[need] = self._fetch(watch, need, found)
            except (ThrottledError, TransientError):
                continue
            found = self._verdict(watch, fresh)
        needs = [*found.needs, *self._optional(watch)]
        while needs and not found.final:
            need = needs.pop(0)
            if need in fresh:
                continue
            try:
                fresh[need] = self._fetch(watch, need, found)
            except (ThrottledError, TransientError) as error:
                if need != "tasks" or not self._judge_without_tasks(watch, found, error):
                    found = self._timed_out(watch, fresh) if self._is_over(watch) else found
                    break
                fresh[need] = watch.tasks
            found = self._verdict(watch, fresh)
            needs = [*found.needs, *needs]
        self._settle(watch, found)

    def _verdict(self, watch: Watch, fresh: t.Mapping[str, t.Any]) -> Verdict:
        return verdict(self._observed(watch, fresh), self._rules(watch))

    def _timed_out(self, watch: Watch, fresh: t.Mapping[str, t.Any]) -> Verdict:
        return timed_out(self._observed(watch, fresh), self._rules(watch))

    def _judge_without_tasks(self, watch: Watch, found: Verdict, error: WaitError) -> bool:
        """Count a failed attempt to fetch the tasks; return whether to judge without them."""
        watch.task_errors += 1
        if watch.task_errors < MOST_TASK_ERRORS:
            return False
        watch.tasks, watch.memory.signs_seen = watch.tasks or [], found.signs
        watch.note(error.text)
        return True

    def _observed(self, watch: Watch, fresh: t.Mapping[str, t.Any]) -> Observation:
        return Observation(
            service=watch.service,
            name=watch.service_name,
            cluster=self.api.cluster,
            waited=self.waited,
            tasks=watch.tasks,
            targets=watch.targets,
            targets_fresh="targets" in fresh,
            health=fresh.get("health"),
            commands=watch.checked or {},
            service_deployment=fresh.get("service_deployment"),
            memory=watch.memory,
        )

    def _rules(self, watch: Watch) -> Rules:
        return replace(self.rules, timeout=watch.deadline) if watch.deadline else self.rules

    def _is_over(self, watch: Watch) -> bool:
        timeout = self._rules(watch).timeout
        return timeout is not None and self.waited >= timeout

    def _remember_counts(self, watch: Watch) -> None:
        seen, memory = watch.deployment, watch.memory
        if not seen:
            return
        counts = counts_of(seen)
        running, desired, failed = counts["running"], counts["desired"], counts["failed"]
        if running < min(watch.running, desired) and desired >= watch.desired:
            memory.drops += 1
        watch.running, watch.desired = running, desired
        memory.failed_before = min(memory.failed_before, failed)
        if running >= desired > 0:
            memory.healed_at, memory.failed_healed = self._aws_time(), failed
        if memory.created_at is None and seen.get("createdAt"):
            self._remember_start(watch, seen)

    def _remember_start(self, watch: Watch, seen: Deployment) -> None:
        """Remember the state of the deployment when the wait began."""
        service, memory = watch.service or {}, watch.memory
        memory.created_at = diagnose.seconds(seen["createdAt"])
        state, began = seen.get("rolloutState") or "COMPLETED", self._aws_time() - self.waited
        if seen.get("status") == "PRIMARY" and state == "IN_PROGRESS":
            watch.record_arn = service.get("currentServiceDeployment")
        watch.age_at_start = max(0.0, self._aws_time() - memory.created_at) - self.waited
        completed = self._completed_at(watch, seen) if state == "COMPLETED" and watch.running >= watch.desired else None
        memory.lost_before = lost_before(service, seen, completed, began)
        memory.was_complete = completed is not None and began - completed >= STAYS_FOR and not memory.lost_before
        events = service.get("events") or []
        memory.events_until = max((diagnose.seconds(event.get("createdAt")) for event in events), default=0.0)
        memory.living_before = living(seen)
        if completed is not None or memory.deployment_id is None:
            # a deployment that runs in spite of earlier failures fails by new ones only
            memory.since = began - CLOCKS_DIFFER
        if memory.deployment_id is None:
            memory.counts_from = memory.since
            memory.failed_before = int(seen.get("failedTasks") or 0)

    def _completed_at(self, watch: Watch, seen: Deployment) -> float:
        """Return when the deployment turned COMPLETED: its last update, or else by ECS's record of it.

        If unknown it is now, so that the service still has to stay steady for a while.
        """
        updated = diagnose.seconds(seen.get("updatedAt"))
        if updated > (watch.memory.created_at or 0) + 1 or target_groups(watch.service or {}):
            return updated
        try:
            record = fetch.find_record(self.api, watch)
        except WaitError:
            record = {}
        return diagnose.seconds(record["finishedAt"]) if record.get("finishedAt") else self._aws_time()

    def _required(self, watch: Watch, found: Verdict) -> list[str]:
        """Return what has to be fetched before the service is judged.

        Only ECS's record shows a rollback before the service does, and that someone stopped a deployment.
        """
        seen = watch.deployment
        if found.outcome == STEADY:
            return []
        over, failed = self._is_over(watch), seen.get("rolloutState") == "FAILED"
        few = len(self.pending) <= FEW and found.phase != STEADY
        due = over or failed or (few and self.waited - watch.record_at >= RECORD_EVERY)
        record = due and seen.get("status") == "PRIMARY"
        return ["service_deployment"] * record + ["tasks"] * (over and watch.tasks is None)

    def _optional(self, watch: Watch) -> list[str]:
        """Return what to fetch now although no verdict depends on it."""
        needs = []
        if watch.memory.phase == "starting" and self.waited >= watch.tasks_due:
            needs.append("tasks")
            watch.tasks_due = self.waited * 3
        few = len(self.pending) <= FEW and self.waited >= 10
        if not few or not watch.service or self.rules.healthy_targets is False:
            return needs
        moved = watch.running != watch.targets_running
        if watch.running and target_groups(watch.service) and (moved or self.waited - watch.targets_at >= 60):
            needs.append("targets")
        return needs

    def _fetch(self, watch: Watch, need: str, found: Verdict) -> t.Any:
        if need == "tasks":
            watch.tasks = fetch.optional(watch, lambda: fetch.stopped_tasks(self.api, watch), [])
            watch.memory.signs_seen, watch.task_errors = found.signs, 0
            return watch.tasks
        if need == "targets":
            watch.targets_at, watch.targets_running = self.waited, watch.running
            watch.targets = fetch.target_health(self.api, watch)
            return watch.targets
        if need == "health":
            return fetch.optional(watch, lambda: fetch.container_health(self.api, watch), {})
        watch.record_at = self.waited
        return fetch.optional(watch, lambda: fetch.record_of(self.api, watch), {})

    def _settle(self, watch: Watch, found: Verdict) -> None:
        memory = watch.memory
        if found.phase != memory.phase or (found.phase == STEADY and found.signs > memory.signs):
            memory.phase, memory.phase_since = found.phase, self.waited
        memory.signs, memory.unconfirmed = found.signs, found.unconfirmed
        memory.deployment_id = memory.deployment_id or found.deployment_id
        memory.rollback_id = memory.rollback_id or found.rollback_id
        watch.verdict, watch.seconds = found, self.waited
        fails = found.outcome in RECOVERABLE and not found.no_version and not memory.rollback_asked
        if fails and (self.rules.roll_back or (self.rules.as_configured and rollback.is_due(watch, found))):
            rollback.ask(self.api, watch, found, self.waited + (self.rules.timeout or 900))
        text = watch.verdict.progress
        if text and text != watch.shown:
            watch.shown = text
            watch.keep(self.waited, text)
            line = f"{watch.service_name}: {text} ({self.waited:.0f} s)"
            self.outside.report(Line(line, TONES.get(watch.verdict.outcome, WRONG)))

    def _delay(self, until: float | None) -> float:
        if self.failed_polls:
            seconds = self.pace.after_failed_polls(self.failed_polls, self.outside.chance())
        else:
            for watch in self.pending if len(self.pending) <= FEW else []:
                timing.learn(self.api, watch)
            seconds = timing.until_next_poll(self.pace, self.api, self.pending, self.waited, self.outside.chance())
        ends = [watch.deadline or self.rules.timeout for watch in self.pending] + [until]
        return timing.shortened(seconds, self.pace, self.pending, self.waited, ends)
