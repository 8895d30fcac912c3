# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The state of one service that a wait is watching."""

from __future__ import annotations

import collections
import typing as t
from dataclasses import dataclass, field

from ..outcomes import PENDING
from ..shapes import Deployment, Service, Targets, Task
from .observation import Memory, Observation, Verdict, watched_of


@dataclass
class Watch:
    """One service that a wait is watching.

    Points in time are seconds of waiting.

    :param memory: the state that C(judge) needs of earlier observations.
    :param service, tasks, targets: AWS's last answers.
    :param checked: the essential containers that have a health check, with its command; C(None) until fetched.
    :param running, desired: the counts of the last observation.
    :param task_errors: failed attempts in a row to fetch the tasks.
    :param first: the failure for which ECS was asked to roll back; C(rollback_tries): the number of attempts.
    :param no_rollback: a sentence on why ECS does not roll back; empty if it does, or nobody wants it to.
    :param deadline: when a rollback has to be over; C(None) for the timeout of the rules.
    :param shown: the last reported progress.
    :param expected: median and median absolute deviation of earlier rollouts, in seconds.
    :param age_at_start: the deployment's age when the wait began; negative if it began later.
    :param tasks_due: when to describe the tasks even without a sign of failure.
    :param targets_at, targets_running: when the targets were last fetched, and how many tasks ran then.
    :param record_arn: the service deployment (ECS's own record); C(record_at): when it was last read.
    :param seconds: the duration of the wait at the last verdict.
    :param notes: what could not be fetched or done.
    :param seen: the distinct observations, oldest first.
    """

    name: str
    memory: Memory = field(default_factory=Memory)
    task_errors: int = 0
    running: int = 0
    desired: int = 0
    rollback_tries: int = 0
    no_rollback: str = ""
    first: dict[str, t.Any] | None = None
    shown: str = ""
    polls: int = 0
    expected: tuple[float, float] | None = None
    history_asked: bool = False
    age_at_start: float | None = None
    deadline: float | None = None
    tasks_due: float = 30
    targets_at: float = -1e9
    targets_running: int = -1
    record_arn: str | None = None
    record_at: float = 0
    checked: dict[str, list[str]] | None = None
    service: Service | None = field(default=None, repr=False)
    tasks: list[Task] | None = field(default=None, repr=False)
    targets: Targets | None = field(default=None, repr=False)
    verdict: Verdict = field(default_factory=lambda: Verdict(PENDING), repr=False)
    seconds: float = 0
    notes: list[str] = field(default_factory=list)
    seen: list[dict[str, t.Any]] = field(default_factory=list)

    MOST_SEEN: t.ClassVar[int] = 200

    @property
    def final(self) -> bool:
        return self.verdict.final

    @property
    def service_name(self) -> str:
        """The service's name, even if C(name) is its ARN."""
        return (self.service or {}).get("serviceName") or self.name.rsplit("/", 1)[-1]

    @property
    def deployment(self) -> Deployment:
        """The watched deployment in AWS's last answer; empty if there is none."""
        return watched_of(Observation(self.service, memory=self.memory)) or {}

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def keep(self, waited: float, text: str) -> None:
        """Record I(text) with the current counts of the deployment's tasks and targets."""
        targets = (one for some in (self.targets or {}).values() for one in some)
        states = collections.Counter(str((one.get("TargetHealth") or {}).get("State")) for one in targets)
        entry = {
            "seconds": round(waited, 1),
            "text": text,
            "running": self.deployment.get("runningCount", 0),
            "pending": self.deployment.get("pendingCount", 0),
            "desired": self.deployment.get("desiredCount", 0),
            "targets": dict(sorted(states.items())),
        }
        self.seen = [*self.seen, entry][-self.MOST_SEEN :]
