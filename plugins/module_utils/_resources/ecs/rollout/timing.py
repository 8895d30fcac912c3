# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide when a wait polls next.  Points in time are seconds of waiting."""

from __future__ import annotations

import typing as t

from ..outcomes import STEADY
from .api import SERVICES_PER_CALL, Api, WaitError
from .pace import Pace, expectation
from .watch import Watch

# Seconds after which the tasks are described at the latest, even without a sign of failure.
TASKS_KNOWN_BY = 120
# Calls that don't count against the polling budget: those for diagnosis, container health and ECS's record.
NOT_COUNTED = ("ListTasks", "DescribeTasks", "DescribeTaskDefinition", "DescribeServiceDeployments")


def learn(api: Api, watch: Watch) -> None:
    """Fetch once how long the rollouts of a service take, unless it is likely done."""
    if watch.history_asked or watch.service is None or watch.verdict.likely_done:
        return
    watch.history_asked = True
    try:
        watch.expected = expectation(api.list_service_deployments(watch.name))
    except WaitError:
        watch.expected = None
    if watch.expected:
        # A rollout as long as usual does not need its tasks described.
        watch.tasks_due = max(watch.tasks_due, min(1.2 * watch.expected[0], TASKS_KNOWN_BY))


def until_next_poll(pace: Pace, api: Api, pending: t.Sequence[Watch], waited: float, chance: float) -> float:
    """Return the seconds until the next poll, by the calls so far and the state of the I(pending) services."""
    per_poll = -(-len(pending) // SERVICES_PER_CALL)
    return pace.delay(
        waited,
        (api.total - api.calls_of(*NOT_COUNTED)) / max(1, per_poll),
        likely_done=any(watch.verdict.likely_done for watch in pending),
        until_expected=until_expected(pending, waited),
        trouble=any(watch.verdict.signs or watch.memory.phase in ("failed", "rolling_back") for watch in pending),
        chance=chance,
    )


def until_expected(pending: t.Iterable[Watch], waited: float) -> float | None:
    """Return the seconds until the first service should be near its end, None if unknown."""
    found = []
    for watch in pending:
        if watch.expected is None or watch.age_at_start is None:
            continue
        median, spread = watch.expected
        margin = max(1.5, 2 * spread, median / 15)
        age = watch.age_at_start + waited
        if age <= 2 * median:
            found.append(median - margin - age)
    return min(found, default=None)


def shortened(
    seconds: float, pace: Pace, pending: t.Iterable[Watch], waited: float, ends: t.Iterable[float | None]
) -> float:
    """Return I(seconds), or fewer if one of I(ends) comes earlier or a service has to stay steady."""
    staying = [watch for watch in pending if watch.memory.phase == STEADY]
    ends = [*ends, *(watch.memory.phase_since + watch.verdict.soak for watch in staying)]
    left = [end - waited for end in ends if end is not None]
    # A service that has to stay steady is polled four times meanwhile.
    left += [max(pace.shortest, watch.verdict.soak / 4) for watch in staying]
    # An expired deadline does not shorten the next poll, even if its own poll got no answer.
    return max(0.05, min([seconds, *(some for some in left if some > 0)]))
