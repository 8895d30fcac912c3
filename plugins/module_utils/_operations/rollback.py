# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Chooses the target of a rollback.  Plain data in and out."""

from __future__ import annotations

import datetime
import re
import typing as t

from .._aws.arn import last
from .._aws.refused import RefusedError
from .._layers.services.platform import Account
from .._layers.services.policies import secret_arn
from .._resources.ecr import images
from . import verify

Data = t.Mapping[str, t.Any]

# API_ServiceDeploymentBrief
FAILED = ("STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED")
UNDER_WAY = ("PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")

# tag of the service, which records a rollback beyond its run
TAG = "magiclub.fargate/rollback"
GOING = re.compile(r"to=(?P<revision>[1-9][0-9]*) after=(?P<after>\S+)")


class Needs(t.NamedTuple):
    """Roles and ARNs of secrets without which tasks can't start."""

    roles: list[str]
    secrets: list[str]

    def names(self) -> list[str]:
        """Return each as a phrase."""
        return [*(f"role {last(role)}" for role in self.roles), *self.secrets]


def candidates(current: str, records: t.Sequence[Data], revisions: t.Mapping[str, str]) -> list[str]:
    """Return the ARNs of the task definitions to roll back to, the best first.

    If the last deployment has failed, these are the previous successful ones; the first can be I(current) if ECS has
    already rolled back. If it has succeeded, it is the one to undo, and only those that succeeded before I(current) was
    first deployed count, so that a second rollback does not return to it.

    :param current: ARN of the service's task definition.
    :param records: the records of ListServiceDeployments.
    :param revisions: service revision ARN to task definition ARN.
    """
    newest_first = sorted(records, key=_order, reverse=True)
    succeeded = _succeeded(newest_first, revisions)
    to_undo = bool(newest_first) and newest_first[0]["status"] == "SUCCESSFUL" and succeeded[:1] == [current]
    if to_undo:
        first = len(succeeded) - 1 - succeeded[::-1].index(current)
        succeeded = succeeded[first + 1 :]
    return list(dict.fromkeys(succeeded))


def _succeeded(records: t.Iterable[Data], revisions: t.Mapping[str, str]) -> list[str]:
    return [
        revisions[record["targetServiceRevisionArn"]]
        for record in records
        if record["status"] == "SUCCESSFUL" and record.get("targetServiceRevisionArn") in revisions
    ]


def left(current: str, records: t.Iterable[Data], revisions: t.Mapping[str, str]) -> set[str]:
    """Return the ARNs of the task definitions other than I(current) that have succeeded."""
    return {arn for arn in _succeeded(records, revisions) if arn != current}


def last_failed(records: t.Sequence[Data]) -> bool:
    """Return whether the last deployment has failed; one in progress, or a rollback by ECS, may still succeed."""
    newest = max(records, key=_order, default=None)
    return newest is not None and newest["status"] in FAILED


def pending_tag(to: str, records: t.Sequence[Data]) -> str:
    """Return the value of L(TAG) during a rollback to the task definition I(to).

    It names the newest previous deployment, if known, so that later ones can be detected.
    """
    newest = max(records, key=_order, default=None)
    after = last(newest["serviceDeploymentArn"]) if newest else "unknown"
    return f"to={to.rpartition(':')[2]} after={after}"


def done_tag(to: str) -> str:
    """Return the value of L(TAG) when a rollback to the task definition I(to) serves."""
    return f"done={to.rpartition(':')[2]}"


def interrupted(current: str, tag: str, records: t.Sequence[Data], revisions: t.Mapping[str, str]) -> str | None:
    """Return the target of an interrupted rollback, if it still applies.

    It does not after another deployment, after its own deployment has failed (C(failed_targets)), or if ECS no longer
    lists the previous deployment.

    :param current: ARN of the service's task definition.
    :param tag: value of L(TAG), empty if the service has none.
    :param records: the records of ListServiceDeployments.
    :param revisions: service revision ARN to task definition ARN.
    """
    noted = _noted(current, tag, records, revisions)
    return noted.to if noted and not noted.failed else None


def failed_targets(current: str, tag: str, records: t.Sequence[Data], revisions: t.Mapping[str, str]) -> list[str]:
    """Return the target of a failed rollback, and the task definition that it should have undone.

    Empty if no rollback has failed. Parameters as in C(interrupted).
    """
    noted = _noted(current, tag, records, revisions)
    return [arn for arn in (noted.to, noted.undone) if arn] if noted and noted.failed else []


def best_first(current: str, tag: str, records: t.Sequence[Data], revisions: t.Mapping[str, str]) -> list[str]:
    """Return the ARNs of the task definitions to roll back to, the target of an interrupted rollback first."""
    resumed = interrupted(current, tag, records, revisions)
    excluded = failed_targets(current, tag, records, revisions)
    others = [arn for arn in candidates(current, records, revisions) if arn not in excluded]
    return [resumed, *others] if resumed else others


class _Noted(t.NamedTuple):
    to: str
    undone: str | None
    failed: bool


def _noted(current: str, tag: str, records: t.Sequence[Data], revisions: t.Mapping[str, str]) -> _Noted | None:
    found = GOING.fullmatch(tag)
    if not found:
        return None
    newest_first = sorted(records, key=_order, reverse=True)
    names = [last(record["serviceDeploymentArn"]) for record in newest_first]
    if found["after"] not in names:
        return None
    place = names.index(found["after"])
    to = of_revision(current, int(found["revision"]))
    deployed = [revisions.get(record.get("targetServiceRevisionArn", "")) for record in newest_first[: place + 1]]
    if any(other != to for other in deployed[:-1]):
        return None
    return _Noted(to, deployed[-1], place > 0 and newest_first[0]["status"] in FAILED)


def choice(
    service: str,
    current: str,
    found: t.Sequence[str],
    is_active: t.Callable[[str], bool],
    *,
    failed: bool = False,
    later: t.Iterable[str] = (),
) -> str:
    """Return the first of the candidates that can be deployed; raises RefusedError if none can.

    :param failed: whether the deployment of I(current) has FAILED, so that it has to be deployed again.
    :param later: the other task definitions that succeeded (C(left)), which a rollback to the first has left.
    """
    for arn in found:
        if (arn == current and not failed) or is_active(arn):
            return arn
    if not found and of_revision(current, 1) == current:
        raise RefusedError(
            f"Service '{service}' runs {last(current)}, its first revision: there is none before it to roll back to."
            f" Fix the cause, and deploy again with site.yml{_or_named(later)}."
        )
    known = f" Those that succeeded are no longer ACTIVE: {', '.join(last(arn) for arn in found)}." if found else ""
    raise RefusedError(
        f"Service '{service}' has no deployment that succeeded before that of {last(current)}, as far as ECS remembers"
        f" (90 days).{known} Name a revision with -e revision=NUMBER."
    )


def _or_named(others: t.Iterable[str]) -> str:
    names = ", ".join(sorted({last(arn) for arn in others}))
    return f", or name a later revision with -e revision=NUMBER ({names} succeeded)" if names else ""


def under_way(records: t.Iterable[Data]) -> Data | None:
    """Return the deployment in progress, if there is one."""
    return next((record for record in records if record["status"] in UNDER_WAY), None)


def of_revision(current: str, revision: int) -> str:
    """Return the ARN of another revision of the same family."""
    return f"{current.rpartition(':')[0]}:{revision}"


SHOWN = 5
"""Number of revisions that an error lists."""


def unknown(to: str, records: t.Iterable[Data], revisions: t.Mapping[str, str]) -> str:
    """Return the error that I(to) can't be deployed, with the deployed revisions, the newest first.

    :param revisions: service revision ARN to task definition ARN.
    """
    deployed_at: dict[str, str] = {}
    for record in sorted(records, key=_order, reverse=True):
        arn = revisions.get(record.get("targetServiceRevisionArn", ""))
        if arn:
            when = _order(record).astimezone(datetime.UTC)
            deployed_at.setdefault(last(arn), f"{last(arn)} ({record['status']}, {when:%Y-%m-%d %H:%M} UTC)")
    deployed = f" Deployed were {', '.join(list(deployed_at.values())[:SHOWN])}." if deployed_at else ""
    family = last(to).partition(":")[0]
    return (
        f"There is no ACTIVE revision {last(to)}, and no other can be deployed.{deployed}"
        f" Look with: aws ecs list-task-definitions --family-prefix {family}"
    )


def message(
    service: str, current: str, to: str, ends: Data | None, *, failed: bool = False, resumed: bool = False
) -> str:
    """Return in one sentence what a rollback with M(magiclub.fargate.ecs_service) does.

    :param resumed: whether I(to) is the target of an interrupted rollback.
    """
    if resumed and to == current and not failed:
        return f"{service} is set to {last(to)} already, by a rollback that was interrupted: this run completes it."
    if resumed and to != current:
        return f"{service} goes from {last(current)} to {last(to)}, where a rollback that was interrupted was going."
    if to == current and failed:
        return f"{service} is set to {last(to)} already, but its deployment has FAILED: it is started again."
    if to == current:
        named = "-e revision=NUMBER goes to another one, of those that status.yml shows."
        return f"{service} is set to {last(to)} already: nothing to go back to. {named}"
    also = ", which ends the deployment under way" if ends else ""
    return f"{service} goes from {last(current)} to {last(to)}{also}."


def revoked_needs(current: Data, target: Data) -> Needs:
    """Return what the task definition I(target) needs and I(current) does not, which site.yml has revoked."""
    has, wanted = needs(current), needs(target)
    there = {last(role) for role in has.roles}
    return Needs(
        [role for role in wanted.roles if last(role) not in there],
        [secret for secret in wanted.secrets if secret not in has.secrets],
    )


def needs(definition: Data) -> Needs:
    """Return what a task definition needs, without duplicates; keys of the same secret count once."""
    _arn, partition, _ecs, region, account_id, _name = definition["taskDefinitionArn"].split(":", 5)
    place: Account = {"partition": partition, "region": region, "account_id": account_id}
    roles = [definition[key] for key in ("taskRoleArn", "executionRoleArn") if definition.get(key)]
    sources = verify.secret_sources(definition)
    return Needs(list(dict.fromkeys(roles)), sorted({secret_arn(source, place) for source in sources}))


def can_not_start(current: str, to: str, needed: t.Iterable[str]) -> str:
    """Return the error that the tasks of I(to) can no longer start, with the next step."""
    return (
        f"{last(to)} needs {', '.join(needed)}, which the roles lost when {last(current)} served,"
        " so its tasks would not start. Restore the inventory of that revision and run site.yml,"
        " which extends the roles before it deploys."
    )


def no_image(to: str, states: t.Mapping[str, str]) -> str:
    """Return the error that the images of I(to) can't be pulled, with the next step.

    :param states: GONE or ARCHIVED by image.
    """
    gone = [image for image, state in states.items() if state == images.GONE]
    archived = [image for image, state in states.items() if state == images.ARCHIVED]
    sentences = []
    if gone:
        sentences.append(
            f"{last(to)} needs {', '.join(gone)}, which ECR does not have any more, so its tasks would not start."
            " Name another revision with -e revision=NUMBER, or push the image again."
        )
    if archived:
        sentences.append(
            f"{last(to)} needs {', '.join(archived)}, which is in ECR's archive, from which nothing can be pulled."
            " Restore it with aws ecr update-image-storage-class --target-storage-class STANDARD, wait until it is"
            " ACTIVE, and run again."
        )
    return " ".join(sentences)


def _order(record: Data) -> t.Any:
    return record.get("createdAt") or record.get("startedAt")
