# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One service that is waited for: what AWS answered last, what is remembered."""

from __future__ import annotations

import collections
import typing as t
from dataclasses import dataclass, field

from ..shapes import Deployment, Service, Targets, Task
from .observation import PENDING, Memory, Observation, Verdict, watched_of


@dataclass
class Watch:
    """One service that is waited for.

    Points in time are seconds of waiting.

    :param memory: what the judge is to know of earlier observations.
    :param service, tasks, targets: what AWS answered last.
    :param checked: the essential containers that have a health check, with its command; C(None) until asked for.
    :param running, desired: the counts of the last observation.
    :param unseen: how often in a row AWS gave no answer when asked for the tasks.
    :param first: the failure that ECS was asked to roll back for; C(rollback_tries): how often that was tried.
    :param no_rollback: a sentence that says why ECS does not roll back; empty if it does, or was not to.
    :param deadline: when a rollback has to be over; C(None) for the timeout of the rules.
    :param shown: the last progress that was reported.
    :param expected: median seconds of earlier rollouts and their distance from it.
    :param age_at_start: seconds that the deployment had lasted when the wait began; negative if it began later.
    :param tasks_due: when to describe the tasks though nothing points to them.
    :param targets_at, targets_running: when the targets were asked for last, and how many tasks ran then.
    :param record_arn: the ARN of ECS's own record of it, a service deployment; C(record_at): when it was read last.
    :param seconds: how long the wait had lasted at the last verdict.
    :param notes: what could not be asked or done, for the report.
    :param seen: what was seen, the last that was new at the end.
    """

    name: str
    memory: Memory = field(default_factory=Memory)
    unseen: int = 0
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
        """The service's name, also if it is watched by its ARN."""
        return (self.service or {}).get("serviceName") or self.name.rsplit("/", 1)[-1]

    @property
    def deployment(self) -> Deployment:
        """The deployment that is watched, as AWS answered last; empty if there is none."""
        return watched_of(Observation(self.service, memory=self.memory)) or {}

    def keep(self, waited: float, text: str) -> None:
        """Keep what is seen at this moment: I(text), and the counts of the deployment's tasks and of targets."""
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
