# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wait until services are steady or have surely failed.

The wait owns time and calls, C(judge) owns the decision. Everything from outside is handed in:
the calls, the clock, sleep and chance, so a test of hours takes no time.
"""

from __future__ import annotations

import statistics
import typing as t
from dataclasses import dataclass, field, replace

from ..._aws.tone import DOUBT, WELL, WRONG, Line
from . import diagnose
from .diagnose import Data
from .judge import (
    PENDING,
    STAYS_FOR,
    Look,
    Rules,
    Verdict,
    controller,
    has_earlier,
    is_guarded,
    living,
    lost_before,
    passes,
    primary_of,
    rollback_follows,
    target_groups,
    timed_out,
    verdict,
    watched_of,
)
from .outcomes import OUTCOMES, STEADY, WAITING
from .wait_api import SERVICES_PER_CALL, Api, LastingError, PassingError, ThrottledError, WaitError

BUDGET = 0.18
"""Polls a second in the long run while the end is not in sight."""
BUDGET_NEAR_END = 0.27
"""Polls a second in the long run when it is: what was saved until then is spent."""
HEAD_START = 6
"""Polls beyond the budget: the first seconds of a rollout that nothing is known of, when much goes wrong."""
HEAD_START_KNOWN = 5
"""The same for a service whose earlier rollouts tell when the end is due."""
HEAD_START_TROUBLE = 12
"""The same from the first failed task on: few rollouts come here, and someone waits for the cause."""
QUIET = 8
"""Seconds between polls while the end is known to be far; a failure can come at any time."""
QUIET_UNKNOWN = 5
"""The same when nothing tells how far it is."""
TASKS_KNOWN_BY = 120
"""Seconds after which the tasks are looked at though nothing points to them, however far the end is."""
RECORD_EVERY = 60
"""Seconds after which ECS's own record of a deployment is read though nothing points to it."""
UNREACHABLE_AFTER = 30
"""Seconds after which a wait that never got an answer gives up."""
CLOCKS_AGREE = 2
"""Seconds up to which this machine's clock and AWS's are taken for the same."""
CLOCKS_DIFFER = 5
"""Seconds that this machine's clock may be ahead of AWS's."""
FEW = 3
"""Services for which a wait also asks what is only nice to know: progress of targets, history."""
UNSEEN_LOOKS = 3
"""Looks at the tasks that AWS gave no answer to, after which the wait judges without them."""
ROLLBACK_TRIES = 5
"""How often a rollback is asked for while AWS gives no answer."""
RECOVERABLE = tuple(name for name, outcome in OUTCOMES.items() if outcome.rollback_helps)
RAN_AND_ENDED = ("crash_loop", "out_of_memory")
BREAKER = ("deploymentCircuitBreaker",)


@dataclass
class Watch:
    """One service that is waited for, and what is remembered of it between polls.

    Points in time are seconds of waiting, but C(since), C(counts_from), C(told_until), C(healed_at) and C(created_at),
    which are seconds since 1970.

    :param deployment_id: what to watch, a deployment that this run has started; C(None) for the PRIMARY of the first
        look, which this run has not: what failed before the wait began may be repaired by now.
    :param since, counts_from, told_until, living_before: as in C(Look).
    :param phase, phase_since: the last verdict's phase, and when it became that.
    :param doubt, signs_seen, signs, drops, over, lost_before, failed_before, healed_at, failed_healed,
        rollback_id: as in C(Look).
    :param unseen: looks in a row at the tasks that AWS gave no answer to.
    :param running, desired: the counts of the last look.
    :param rollback_asked, first: whether it was tried to have ECS roll back, and the failure that was for.
    :param rollback_tries: how often that was tried.
    :param rollback_to: the task definition, C(family:revision), that ECS goes back to; empty if that is not known.
    :param shown: the last progress that was reported.
    :param expected: median seconds of earlier rollouts and their distance from it.
    :param age_at_start: seconds that the deployment had lasted when the wait began; negative where it began later.
    :param deadline: when a rollback has to be over; C(None) for the timeout of the rules.
    :param tasks_due: when to look at the tasks though nothing points to them.
    :param targets_at, targets_running: when the targets were asked for last, and how many tasks ran then.
    :param created_at: when the deployment began.
    :param record_arn: the ARN of ECS's own record of it, a service deployment; C(record_at) when it was read last.
    :param checked: its essential containers that have a health check, with its command; C(None) until asked for.
    :param service, tasks, targets: what AWS answered last.
    :param seconds: how long the wait had lasted at the last verdict.
    :param notes: what could not be asked or done, for the report.
    """

    name: str
    deployment_id: str | None = None
    since: float | None = None
    counts_from: float | None = None
    told_until: float = 0
    living_before: int = 0
    phase: str = ""
    phase_since: float = 0
    doubt: str = ""
    signs_seen: int = 0
    signs: int = 0
    drops: int = 0
    over: bool = False
    lost_before: bool = False
    failed_before: int = 0
    healed_at: float | None = None
    failed_healed: int = 0
    rollback_id: str = ""
    unseen: int = 0
    running: int = 0
    desired: int = 0
    rollback_asked: bool = False
    rollback_tries: int = 0
    first: dict[str, t.Any] | None = None
    rollback_to: str = ""
    shown: str = ""
    polls: int = 0
    expected: tuple[float, float] | None = None
    history_asked: bool = False
    age_at_start: float | None = None
    deadline: float | None = None
    tasks_due: float = 30
    targets_at: float = -1e9
    targets_running: int = -1
    created_at: float | None = None
    record_arn: str | None = None
    record_at: float = 0
    checked: dict[str, list[str]] | None = None
    service: Data | None = field(default=None, repr=False)
    tasks: list[Data] | None = field(default=None, repr=False)
    targets: dict[str, t.Any] | None = field(default=None, repr=False)
    verdict: Verdict = field(default_factory=lambda: Verdict(PENDING), repr=False)
    seconds: float = 0
    notes: list[str] = field(default_factory=list)

    NOT_KEPT: t.ClassVar[tuple[str, ...]] = ("service", "tasks", "targets", "verdict")
    TOLD: t.ClassVar[tuple[str, ...]] = (
        "outcome",
        "phase",
        "deployment_id",
        "cause",
        "reason",
        "message",
        "next_step",
        "progress",
        "counts",
        "hook",
    )
    """What is handed on of a final verdict."""

    @property
    def final(self) -> bool:
        return self.verdict.final

    def state(self) -> dict[str, t.Any]:
        """What another process needs to go on with this watch, as JSON."""
        kept = {name: value for name, value in vars(self).items() if name not in self.NOT_KEPT}
        if self.final:
            kept |= {"verdict": {name: getattr(self.verdict, name) for name in self.TOLD}, "targets": self.targets}
        return kept

    @classmethod
    def of(cls, state: t.Mapping[str, t.Any]) -> Watch:
        """The watch that another process gave the state of."""
        judged = {"verdict": Verdict(**state["verdict"])} if "verdict" in state else {}
        return cls(**{**state, "expected": tuple(state["expected"] or ()) or None, **judged})


@dataclass(frozen=True)
class Pace:
    """Seconds between two polls: never below C(shortest), never above C(longest)."""

    shortest: float = 1
    longest: float = 15

    def delay(
        self,
        waited: float,
        spent: float,
        *,
        near: bool,
        until_expected: float | None,
        trouble: bool,
        chance: float,
    ) -> float:
        """Seconds to the next poll.

        :param waited: seconds since the wait began.
        :param spent: polls made so far.
        :param near: the state says that the next look may be the last.
        :param until_expected: seconds until the end is expected, by this service's history.
        :param trouble: tasks have failed, or a rollback is under way.
        :param chance: a random number from 0 to 1; half a tenth either way is jitter.
        """
        soon = near or (until_expected is not None and until_expected <= 0)
        seconds = self._wanted(waited, soon, until_expected)
        rate = BUDGET_NEAR_END if soon else BUDGET
        head_start = HEAD_START if until_expected is None else HEAD_START_KNOWN
        if trouble:
            head_start = HEAD_START_TROUBLE
        # Overdrawn by much, it goes on at the budget's rate and not slower.
        seconds = max(seconds, min((spent + 1 - head_start) / rate - waited, 1 / rate))
        return max(self.shortest, min(seconds, self.longest) * (0.95 + 0.1 * chance))

    def _wanted(self, waited: float, soon: bool, until_expected: float | None) -> float:
        if soon:
            # A hundredth of what was waited is a delay that nobody feels.
            return max(self.shortest, waited / 100)
        if until_expected is not None:
            # In the first seconds an image or a secret that is not there ends it.
            return max(self.shortest, min(QUIET, until_expected, 2 + waited / 2))
        return max(self.shortest, min(QUIET_UNKNOWN, waited / 4), waited / 50)


def expectation(record: t.Iterable[Data]) -> tuple[float, float] | None:
    """How long this service's rollouts take, by its last successful ones.

    :param record: service deployments as ListServiceDeployments gives them, the newest first.
    :returns: their median in seconds and the median distance from it; C(None) without any.
    """
    done = [item for item in record if item.get("status") == "SUCCESSFUL" and item.get("finishedAt")]
    lasted = [
        diagnose.seconds(item["finishedAt"]) - diagnose.seconds(item.get("startedAt") or item.get("createdAt"))
        for item in done[:5]
    ]
    lasted = [value for value in lasted if value > 0]
    if not lasted:
        return None
    median = statistics.median(lasted)
    return float(median), float(statistics.median(abs(value - median) for value in lasted))


class Wait:
    """Looks at services until all are judged.

    :param api: the calls.
    :param watches: what to wait for.
    :param rules: what is asked for.
    :param clock: seconds, monotonic; :param sleep: takes seconds; :param chance: gives 0 to 1.
    :param now: seconds since 1970 by this machine's clock, which the first answer of AWS corrects.
    :param report: takes a line of progress; called only when there is something new.
    :param roll_back: ask ECS to roll back what has failed or timed out.
    :param as_configured: ask that only of what has failed, and where the service says that ECS is to roll back.
    :param waited: seconds that an earlier part of this wait took.
    """

    def __init__(
        self,
        api: Api,
        watches: list[Watch],
        rules: Rules,
        *,
        clock: t.Callable[[], float],
        sleep: t.Callable[[float], None],
        chance: t.Callable[[], float],
        now: t.Callable[[], float],
        report: t.Callable[[str], None],
        pace: Pace | None = None,
        roll_back: bool = False,
        as_configured: bool = False,
        waited: float = 0,
    ) -> None:
        self.api, self.watches, self.rules, self.report = api, watches, rules, report
        self.clock, self.sleep, self.chance, self.now = clock, sleep, chance, now
        self.pace, self.roll_back, self.as_configured = pace or Pace(), roll_back or as_configured, as_configured
        self.began = clock() - waited
        self.polls = 0
        self.troubles = 0
        self.answered = waited > 0
        self.ahead: float | None = None

    @property
    def waited(self) -> float:
        return self.clock() - self.began

    @property
    def pending(self) -> list[Watch]:
        return [watch for watch in self.watches if not watch.final]

    def run(self, until: float | None = None) -> None:
        """Wait.

        :param until: go no further than this many seconds of waiting; C(0) looks once.
        :raises LastingError: when asking again can't help.
        """
        while True:
            self.poll()
            if not self.pending or (until is not None and self.waited >= until):
                break
            self.sleep(self._delay(until))
        if not self.pending:
            self._recall()

    def poll(self) -> None:
        """Look once at all that is not judged yet."""
        self.polls += 1
        try:
            found = self._describe([watch.name for watch in self.pending])
        except (ThrottledError, PassingError) as error:
            self._note_trouble(error)
            return
        self.answered, self.troubles = True, 0
        self._aws_time()
        for watch in self.pending:
            watch.service = found.get(watch.name)
            watch.polls += 1
            self._judge(watch)

    def _recall(self) -> None:
        """See those again that another process has judged, for what is reported of them."""
        judged = [watch for watch in self.watches if watch.service is None and watch.verdict.outcome != "gone"]
        try:
            found = self._describe([watch.name for watch in judged])
        except WaitError as error:
            for watch in judged:
                watch.notes.append(error.text)
            return
        for watch in judged:
            watch.service = found.get(watch.name)

    def _describe(self, names: list[str]) -> dict[str, Data]:
        found: dict[str, Data] = {}
        for start in range(0, len(names), SERVICES_PER_CALL):
            for service in self.api.describe_services(names[start : start + SERVICES_PER_CALL]):
                found[service.get("serviceName") or ""] = service
                found[service.get("serviceArn") or ""] = service
        return found

    def _aws_time(self) -> float:
        """Seconds since 1970 by AWS's clock, as its first answer told it: this machine's may be minutes off."""
        if self.ahead is None and self.api.told_at is not None:
            ahead = self.now() - self.api.told_at
            # AWS tells whole seconds, and the answer takes its time
            self.ahead = ahead if abs(ahead) > CLOCKS_AGREE else 0.0
        return self.now() - (self.ahead or 0.0)

    def _note_trouble(self, error: WaitError) -> None:
        self.troubles += 1
        if not self.answered and self.waited >= min(UNREACHABLE_AFTER, self.rules.timeout or UNREACHABLE_AFTER):
            raise LastingError(
                error.action, error.code, f"no answer from AWS in {self.waited:.0f} s: {error.text}"
            ) from error
        if self.troubles == 3:
            self.report(f"{error.code or 'no answer'}, asking again ({self.waited:.0f} s)")
        for watch in self.pending:
            if self.answered and self._is_over(watch):
                self._settle(watch, timed_out(self._look(watch), self._rules(watch)))

    def state(self) -> dict[str, t.Any]:
        """What another process needs to go on with this wait, as JSON."""
        return {
            "waited": self.waited,
            "polls": self.polls,
            "calls": self.api.calls,
            "watches": [watch.state() for watch in self.watches],
        }

    def _judge(self, watch: Watch) -> None:
        """Judge what was just seen, fetching what the judge wants to know, each thing once."""
        self._remember_counts(watch)
        fresh: dict[str, t.Any] = {}
        found = verdict(self._look(watch), self._rules(watch))
        for want in self._due(watch, found):
            try:
                fresh[want] = self._fetch(watch, want, found)
            except (ThrottledError, PassingError):
                continue
            found = verdict(self._look(watch, fresh), self._rules(watch))
        wants = [*found.wants, *self._curious(watch)]
        while wants and not found.final:
            want = wants.pop(0)
            if want in fresh:
                continue
            try:
                fresh[want] = self._fetch(watch, want, found)
            except (ThrottledError, PassingError) as error:
                if want != "tasks" or not self._unseen(watch, found, error):
                    found = timed_out(self._look(watch, fresh), self._rules(watch)) if self._is_over(watch) else found
                    break
                fresh[want] = watch.tasks
            found = verdict(self._look(watch, fresh), self._rules(watch))
            wants = [*found.wants, *wants]
        self._settle(watch, found)

    def _unseen(self, watch: Watch, found: Verdict, error: WaitError) -> bool:
        """Whether the tasks could not be seen for so long that what else is known has to do."""
        watch.unseen += 1
        if watch.unseen < UNSEEN_LOOKS:
            return False
        watch.tasks, watch.signs_seen = watch.tasks or [], found.signs
        watch.notes += [] if error.text in watch.notes else [error.text]
        return True

    def _look(self, watch: Watch, fresh: t.Mapping[str, t.Any] | None = None) -> Look:
        fresh = fresh or {}
        return Look(
            service=watch.service,
            name=watch.name.rsplit("/", 1)[-1],
            cluster=self.api.cluster,
            deployment_id=watch.deployment_id,
            since=watch.since,
            counts_from=watch.counts_from,
            told_until=watch.told_until,
            living_before=watch.living_before,
            waited=self.waited,
            phase=watch.phase,
            phase_seconds=self.waited - watch.phase_since,
            doubt=watch.doubt,
            signs_seen=watch.signs_seen,
            signs=watch.signs,
            drops=watch.drops,
            over=watch.over,
            lost_before=watch.lost_before,
            failed_before=watch.failed_before,
            healed_at=watch.healed_at,
            failed_healed=watch.failed_healed,
            created=watch.created_at,
            rollback_id=watch.rollback_id,
            tasks=watch.tasks,
            targets=watch.targets,
            targets_fresh="targets" in fresh,
            health=fresh.get("health"),
            commands=watch.checked or {},
            service_deployment=fresh.get("service_deployment"),
            rollback_asked=watch.rollback_asked,
            rollback_to=watch.rollback_to if watch.rollback_asked else "",
        )

    def _rules(self, watch: Watch) -> Rules:
        return replace(self.rules, timeout=watch.deadline) if watch.deadline else self.rules

    def _is_over(self, watch: Watch) -> bool:
        timeout = self._rules(watch).timeout
        return timeout is not None and self.waited >= timeout

    def _remember_counts(self, watch: Watch) -> None:
        seen = watched_of(self._look(watch)) if watch.service else None
        if not seen:
            return
        running, desired = int(seen.get("runningCount") or 0), int(seen.get("desiredCount") or 0)
        if running < min(watch.running, desired) and desired >= watch.desired:
            watch.drops += 1
        watch.running, watch.desired = running, desired
        failed = int(seen.get("failedTasks") or 0)
        watch.failed_before = min(watch.failed_before, failed)
        if running >= desired > 0:
            watch.healed_at, watch.failed_healed = self._aws_time(), failed
        if watch.created_at is None and seen.get("createdAt"):
            self._remember_start(watch, seen)

    def _remember_start(self, watch: Watch, seen: Data) -> None:
        """Remember what was when the wait began."""
        watch.created_at = diagnose.seconds(seen["createdAt"])
        state, began = seen.get("rolloutState") or "COMPLETED", self._aws_time() - self.waited
        if seen.get("status") == "PRIMARY" and state == "IN_PROGRESS":
            watch.record_arn = (watch.service or {}).get("currentServiceDeployment")
        watch.age_at_start = max(0.0, self._aws_time() - watch.created_at) - self.waited
        completed = self._completed_at(watch, seen) if state == "COMPLETED" and watch.running >= watch.desired else None
        watch.lost_before = lost_before(watch.service or {}, seen, completed, began)
        watch.over = completed is not None and began - completed >= STAYS_FOR and not watch.lost_before
        events = (watch.service or {}).get("events") or []
        watch.told_until = max((diagnose.seconds(event.get("createdAt")) for event in events), default=0.0)
        watch.living_before = living(seen)
        if completed is not None or watch.deployment_id is None:
            # what runs in spite of earlier failures fails by new ones
            watch.since = began - CLOCKS_DIFFER
        if watch.deployment_id is None:
            watch.counts_from = watch.since
            watch.failed_before = int(seen.get("failedTasks") or 0)

    def _completed_at(self, watch: Watch, seen: Data) -> float:
        """When the deployment turned COMPLETED: it was updated then, or else ECS's record of it tells.

        Not known is 'just now', so that what may be failing is looked at for a while.
        """
        updated = diagnose.seconds(seen.get("updatedAt"))
        if updated > (watch.created_at or 0) + 1 or target_groups(watch.service or {}):
            return updated
        try:
            record = self._record_of(watch)
        except WaitError:
            record = {}
        return diagnose.seconds(record["finishedAt"]) if record.get("finishedAt") else self._aws_time()

    def _due(self, watch: Watch, found: Verdict) -> list[str]:
        """What has to be looked at before the service is judged, where AWS answers.

        ECS's record tells of a rollback that does not show yet, and of a deployment that someone has stopped, of which
        the service itself tells nothing.
        """
        seen = watched_of(self._look(watch)) or {}
        if found.outcome == STEADY:
            return []
        over, failed = self._is_over(watch), seen.get("rolloutState") == "FAILED"
        few = len(self.pending) <= FEW and found.phase != STEADY
        due = over or failed or (few and self.waited - watch.record_at >= RECORD_EVERY)
        record = due and seen.get("status") == "PRIMARY"
        return ["service_deployment"] * record + ["tasks"] * (over and watch.tasks is None)

    def _curious(self, watch: Watch) -> list[str]:
        """What is worth a call now though no verdict hangs on it."""
        wants = []
        if watch.phase == "starting" and self.waited >= watch.tasks_due:
            wants.append("tasks")
            watch.tasks_due = self.waited * 3
        few = len(self.pending) <= FEW and self.waited >= 10
        if not few or not watch.service or self.rules.healthy_targets is False:
            return wants
        moved = watch.running != watch.targets_running
        if watch.running and target_groups(watch.service) and (moved or self.waited - watch.targets_at >= 60):
            wants.append("targets")
        return wants

    def _fetch(self, watch: Watch, want: str, found: Verdict) -> t.Any:
        if want == "tasks":
            watch.tasks = self._optional(watch, lambda: self._stopped_tasks(watch), [])
            watch.signs_seen, watch.unseen = found.signs, 0
            return watch.tasks
        if want == "targets":
            watch.targets_at, watch.targets_running = self.waited, watch.running
            watch.targets = self._target_health(watch)
            return watch.targets
        if want == "health":
            return self._optional(watch, lambda: self._container_health(watch), {})
        watch.record_at = self.waited
        return self._optional(watch, lambda: self._record(watch), {})

    def _container_health(self, watch: Watch) -> dict[str, str]:
        """What the health checks of essential containers say, by C(task/container); nothing if there are none."""
        service = watch.service or {}
        if watch.checked is None:
            arn = (watched_of(self._look(watch)) or {}).get("taskDefinition") or service.get("taskDefinition")
            watch.checked = diagnose.checked_containers(self.api.task_definition(arn)) if arn else {}
        if not watch.checked:
            return {}
        arns = self.api.list_running(service.get("serviceName") or watch.name.rsplit("/", 1)[-1])
        tasks = self.api.describe_tasks(arns) if arns else []
        return diagnose.container_health(tasks, watch.checked)

    def _target_health(self, watch: Watch) -> dict[str, list[Data]]:
        return {arn: self._health_of(watch, arn) for arn in target_groups(watch.service or {})}

    def _health_of(self, watch: Watch, arn: str) -> list[Data]:
        try:
            return self.api.target_health(arn)
        except LastingError as error:
            if error.code == "TargetGroupNotFound":
                # One that was deleted has no healthy target; the other services' waits go on.
                note = f"target group {arn.rpartition(':')[2]} is not there"
                watch.notes += [] if note in watch.notes else [note]
                return []
            if not error.denied:
                raise
            text = f"{error.text} (without this permission, set healthy_targets to false)"
            raise LastingError(error.action, error.code, text) from error

    def _optional(self, watch: Watch, fetch: t.Callable[[], t.Any], otherwise: t.Any) -> t.Any:
        """What the fetch gives, or something empty if the API or a permission is missing."""
        try:
            return fetch()
        except LastingError as error:
            if error.text not in watch.notes:
                watch.notes.append(error.text)
            return otherwise

    def _stopped_tasks(self, watch: Watch) -> list[Data]:
        arns = self.api.list_stopped((watch.service or {}).get("serviceName") or watch.name.rsplit("/", 1)[-1])
        return self.api.describe_tasks(arns) if arns else []

    def _record(self, watch: Watch) -> Data:
        """ECS's own record of the watched deployment."""
        if watch.record_arn is None:
            watch.record_arn = self._record_arn(watch)
        return self.api.describe_service_deployment(watch.record_arn) if watch.record_arn else {}

    def _record_arn(self, watch: Watch) -> str | None:
        return t.cast("str | None", self._record_of(watch).get("serviceDeploymentArn"))

    def _record_of(self, watch: Watch) -> Data:
        """The record to a service revision with the deployment's number (both are so on AWS), or of its second."""
        began, number = watch.created_at, (watch.deployment_id or "").rpartition("/")[2]

        def same(record: Data) -> bool:
            return bool(number) and str(record.get("targetServiceRevisionArn")).endswith(f"/{number}")

        def near(record: Data) -> bool:
            return began is not None and abs(diagnose.seconds(record.get("createdAt")) - began) <= 2

        records = self.api.list_service_deployments(watch.name, until=lambda item: same(item) or near(item))
        # a rollback goes to the revision of an earlier deployment, so the number alone may name two
        records.sort(key=lambda item: abs(diagnose.seconds(item.get("createdAt")) - (began or 0)))
        return next((item for item in [*filter(same, records), *filter(near, records)]), {})

    def _settle(self, watch: Watch, found: Verdict) -> None:
        if found.phase != watch.phase or (found.phase == STEADY and found.signs > watch.signs):
            watch.phase, watch.phase_since = found.phase, self.waited
        watch.signs = found.signs
        watch.deployment_id = watch.deployment_id or found.deployment_id
        watch.verdict, watch.seconds, watch.doubt = found, self.waited, found.doubt
        watch.rollback_id = watch.rollback_id or found.rollback_id
        if self.roll_back and found.outcome in RECOVERABLE and not watch.rollback_asked:
            self._ask_for_rollback(watch, found)
        text = watch.verdict.progress
        if text and text != watch.shown:
            watch.shown = text
            told = f"{watch.name.rsplit('/', 1)[-1]}: {text} ({self.waited:.0f} s)"
            self.report(Line(told, TONES.get(watch.verdict.outcome, WRONG)))

    def _ask_for_rollback(self, watch: Watch, found: Verdict) -> None:
        if self.as_configured and not self._is_to_be_rolled_back(watch, found):
            return
        watch.rollback_tries += 1
        watch.rollback_to = _goes_back_to(watch)
        watch.first = {"outcome": found.outcome, "cause": found.cause, "reason": found.reason, "message": found.message}
        try:
            watch.record_arn = watch.record_arn or self._record_arn(watch)
            if watch.record_arn:
                self.api.roll_back(watch.record_arn)
        except (ThrottledError, PassingError) as error:
            if watch.rollback_tries < ROLLBACK_TRIES:
                said = f"{found.progress}; rollback asked for, no answer yet"
                watch.verdict = replace(found, outcome=PENDING, progress=said, near=True)
                return
            watch.notes.append(f"no rollback: {error.text}")
        except LastingError as error:
            # an earlier try without an answer may have been taken
            taken = error.code == "ConflictException" and watch.rollback_tries > 1
            asked = error.action == "StopServiceDeployment" and error.code != "UnknownOperation"
            watch.notes += [] if taken else [f"{'refused' if asked else 'no'} rollback: {error.text}"]
        watch.rollback_asked = True
        if not watch.record_arn:
            watch.notes.append("no rollback: ECS has no record of this deployment")
        if _refusal(watch):
            return
        watch.deadline = self.waited + (self.rules.timeout or 900)
        watch.verdict = replace(found, outcome=PENDING, progress=f"{found.progress}; rollback asked for")

    def _is_to_be_rolled_back(self, watch: Watch, found: Verdict) -> bool:
        """Whether the circuit breaker is to take a deployment like this back, and it can; else note why it can't."""
        service, seen = watch.service or {}, watched_of(self._look(watch)) or {}
        if found.outcome == "timed_out" or not is_guarded(service, BREAKER):
            return False
        if passes(diagnose.told_by(found.reason)):
            watch.notes.append("no rollback: the version from before needs the same, and ECS tries again by itself")
            return False
        if seen.get("rolloutState") == "COMPLETED":
            watch.notes.append("no rollback: for ECS the deployment is COMPLETED, as its tasks ran; run rollback.yml")
        elif not rollback_follows(service, seen):
            watch.notes.append("no rollback: the service has no earlier deployment to go back to")
        return rollback_follows(service, seen)

    def _delay(self, until: float | None) -> float:
        waited, pending = self.waited, self.pending
        if self.troubles:
            doubled = self.pace.shortest * 2.0 ** min(self.troubles, 4)
            seconds = max(self.pace.shortest, min(self.pace.longest, doubled) * (0.5 + 0.5 * self.chance()))
        else:
            self._learn()
            near = any(watch.verdict.near for watch in pending)
            per_poll = -(-len(pending) // SERVICES_PER_CALL)
            # What a failure, the health of containers or ECS's record is worth is not a reason to look at it later.
            beside = ("ListTasks", "DescribeTasks", "DescribeTaskDefinition", "DescribeServiceDeployments")
            spent = (self.api.total - self.api.calls_of(*beside)) / max(1, per_poll)
            trouble = any(watch.verdict.signs or watch.phase in ("failed", "rolling_back") for watch in pending)
            due, chance = self._until_expected(), self.chance()
            seconds = self.pace.delay(waited, spent, near=near, until_expected=due, trouble=trouble, chance=chance)
        staying = [watch for watch in pending if watch.phase == STEADY]
        ends = [watch.deadline or self.rules.timeout for watch in pending] + [until]
        ends += [watch.phase_since + watch.verdict.hold for watch in staying]
        left = [end - waited for end in ends if end is not None]
        # What is to stay steady is looked at four times meanwhile.
        left += [max(self.pace.shortest, watch.verdict.hold / 4) for watch in staying]
        # What is over has had its look, and if that was not answered the next is no nearer for it.
        return max(0.05, min([seconds, *(some for some in left if some > 0)]))

    def _learn(self) -> None:
        """Ask once how long this service's rollouts take, when there is time to ask."""
        for watch in self.pending if len(self.pending) <= FEW else []:
            if watch.history_asked or watch.service is None or watch.verdict.near:
                continue
            watch.history_asked = True
            try:
                watch.expected = expectation(self.api.list_service_deployments(watch.name))
            except WaitError:
                watch.expected = None
            if watch.expected:
                # A rollout that goes as ever needs no look at its tasks.
                watch.tasks_due = max(watch.tasks_due, min(1.2 * watch.expected[0], TASKS_KNOWN_BY))

    def _until_expected(self) -> float | None:
        """Seconds until the first service is expected to be near its end; C(None) if unknown."""
        found = []
        for watch in self.pending:
            if watch.expected is None or watch.age_at_start is None:
                continue
            median, spread = watch.expected
            margin = max(1.5, 2 * spread, median / 15)
            age = watch.age_at_start + self.waited
            if age <= 2 * median:
                found.append(median - margin - age)
        return min(found, default=None)


TONES = {STEADY: WELL, PENDING: "", WAITING: DOUBT}
"""What a line of progress tells by its verdict; any other verdict is a failure."""


def _goes_back_to(watch: Watch) -> str:
    others = [item for item in (watch.service or {}).get("deployments") or [] if item.get("id") != watch.deployment_id]
    known = [item for item in others if item.get("rolloutState") != "FAILED"]
    return str(known[0].get("taskDefinition") or "").rsplit("/", 1)[-1] if known else ""


def _refusal(watch: Watch) -> str:
    """The note that tells why ECS does not roll back; empty if it does, or was not to."""
    notes = [note for note in watch.notes if note.startswith(("no rollback: ", "refused rollback: "))]
    return notes[-1] if notes else ""


def rollback_said(watch: Watch) -> str:
    """A sentence on the way back of a deployment that did not end well; empty if there is nothing to say."""
    outcome, service = watch.verdict.outcome, watch.service or {}
    if outcome in (STEADY, PENDING, "gone", "superseded", "stopped"):
        return ""
    if watch.rollback_asked and watch.deadline is not None:
        asked = f"This run asked ECS to roll back to {watch.rollback_to or 'the version from before'}"
        return f"{asked}, and it did." if outcome == "rolled_back" else f"{asked}, but it has not."
    if _refusal(watch):
        who, _what, why = _refusal(watch).partition(" rollback: ")
        return f"ECS {'refused' if who == 'refused' else 'was not asked'} to roll back: {why}."
    if outcome in RAN_AND_ENDED and not is_guarded(service, BREAKER):
        return _left_so(service, watched_of(Look(service=service, deployment_id=watch.deployment_id)) or {})
    return ""


def _left_so(service: Data, deployment: Data) -> str:
    """What becomes of a deployment whose tasks run and end, where nothing takes it back."""
    goes_on = "ECS goes on starting such tasks: "
    if controller(service) != "ECS":
        return (
            f"{goes_on}only deployments of its own controller have a circuit breaker. End this one with the tool that"
            " began it."
        )
    said = f"{goes_on}its circuit breaker does not count those that ran."
    if deployment.get("rolloutState") == "FAILED":
        said = "ECS has given the deployment up, and nothing tells it to go back."
    back = "Run rollback.yml." if has_earlier(service, deployment) else "There is no earlier deployment to go back to."
    return f"{said} {back}"


def result_of(watch: Watch) -> dict[str, t.Any]:
    """What the module returns of a service, before any diagnosis."""
    service = watch.service or {}
    found = watch.verdict
    seen = watched_of(Look(service=service, deployment_id=watch.deployment_id)) or {}
    primary = primary_of(service) or {}
    return {
        "name": watch.name.rsplit("/", 1)[-1],
        "arn": service.get("serviceArn") or "",
        "outcome": found.outcome,
        "cause": found.cause or (watch.first or {}).get("cause") or "",
        "reason": found.reason or (watch.first or {}).get("reason") or "",
        "message": found.message,
        "next_step": found.next_step,
        "progress": found.progress,
        "deployment": {
            "id": watch.deployment_id or "",
            "status": seen.get("status") or "",
            "rollout_state": seen.get("rolloutState") or "",
            "task_definition": seen.get("taskDefinition") or "",
            "primary_id": primary.get("id") or "",
        },
        "counts": dict(found.counts),
        "hook": dict(found.hook),
        "rollback_asked": watch.rollback_asked and watch.deadline is not None,
        "rollback": rollback_said(watch),
        "stopped_tasks": [],
        "target_health": diagnose.target_health(watch.targets or {}),
        "events": [],
        "log_lines": [],
        "seconds": round(watch.seconds, 1),
        "polls": watch.polls,
        "notes": list(watch.notes),
    }


def diagnosis(api: Api, watch: Watch, log_lines: int) -> dict[str, t.Any]:
    """What only a failure is worth the calls for; what can't be had is told in C(notes)."""
    report: dict[str, t.Any] = {"notes": list(watch.notes)}
    service = watch.service
    if service is None or watch.verdict.outcome in (STEADY, PENDING, WAITING):
        return {}
    deployment = {"id": watch.deployment_id, "createdAt": watch.created_at}

    def attempt(fetch: t.Callable[[], t.Any], otherwise: t.Any) -> t.Any:
        for last in (False, False, True):
            try:
                return fetch()
            except LastingError as error:
                report["notes"].append(error.text)
                return otherwise
            except (ThrottledError, PassingError) as error:
                if last:
                    report["notes"].append(error.text)
        return otherwise

    name = service.get("serviceName") or watch.name
    arns = attempt(lambda: api.list_stopped(name), [])
    tasks = attempt(lambda: api.describe_tasks(arns), []) if arns else []
    tasks = tasks or watch.tasks or []
    targets = attempt(lambda: {arn: api.target_health(arn) for arn in target_groups(service)}, watch.targets or {})
    report["stopped_tasks"] = diagnose.grouped(tasks, deployment)
    report["target_health"] = diagnose.target_health(targets)
    report["events"] = diagnose.events_since(service.get("events") or [], watch.created_at)
    report["log_lines"] = attempt(lambda: _log_lines(api, tasks, deployment, log_lines), [])
    return report


def _log_lines(api: Api, tasks: list[Data], deployment: Data, lines: int) -> list[str]:
    task = diagnose.failed_task(tasks, deployment) if lines else None
    if task is None:
        return []
    definition = api.task_definition(task["taskDefinitionArn"])
    place = diagnose.log_place(definition, diagnose.container_to_read(task, definition), task)
    return api.log_lines(place[0], place[1], lines) if place else []
