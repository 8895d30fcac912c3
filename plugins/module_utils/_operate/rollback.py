# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where to go back to.  Plain data in and out."""

from __future__ import annotations

import typing as t

Data = t.Mapping[str, t.Any]

UNDER_WAY = ("PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")


class NoWayBackError(Exception):
    """There is nothing to go back to; the message says why and what to do."""


def target(current: str, records: t.Sequence[Data], revisions: t.Mapping[str, str], service: str) -> str:
    """Return the ARN of the task definition of the last deployment that succeeded with another one than I(current).

    A deployment that ECS itself rolled back did not succeed, so several bad ones in a row are passed over.

    :param current: ARN of the task definition that the service is set to.
    :param records: ListServiceDeployments' records.
    :param revisions: service revision ARN to task definition ARN.
    """
    newest_first = sorted(records, key=_order, reverse=True)
    for record in newest_first:
        definition = revisions.get(record.get("targetServiceRevisionArn", ""), "")
        if record["status"] == "SUCCESSFUL" and definition and definition != current:
            return definition
    raise NoWayBackError(
        f"Service '{service}' has no earlier deployment that succeeded with another task definition than"
        f" {current.rpartition('/')[2]} (ECS remembers 90 days). Name a revision with -e revision=NUMBER."
    )


def under_way(records: t.Iterable[Data]) -> Data | None:
    """Return the deployment that has not ended, if there is one."""
    return next((record for record in records if record["status"] in UNDER_WAY), None)


def of_revision(current: str, revision: int) -> str:
    """Return the ARN of another revision of the same family."""
    return f"{current.rpartition(':')[0]}:{revision}"


def _order(record: Data) -> t.Any:
    return record.get("createdAt") or record.get("startedAt")
