# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The id that binds a run to an approved plan: eight digits for each layer, C(-) for one without changes."""

from __future__ import annotations

import re
import typing as t

FORM = re.compile(r"(?:-|[0-9a-f]{8})(?:\.(?:-|[0-9a-f]{8}))*")


def stale(
    approved: str, found: str, layers: t.Sequence[str], artifact: t.Any = None, revision: str | None = None
) -> list[str]:
    """Return an error, with the difference, if the plan is not the approved one.

    :param artifact: in an AWX workflow, the artifact C(fargate_plan) of the approved run: it has every line,
        and the C(revision) of the project that it was made of.
    :param revision: the revision of the project that this job runs; null outside of AWX.
    """
    known: t.Mapping[str, t.Any] = (
        artifact if isinstance(artifact, t.Mapping) and artifact.get("id") == approved else {}
    )
    before = known.get("revision")
    moved = bool(before and revision and before != revision)
    if approved == found and not moved:
        return []
    if not FORM.fullmatch(approved):
        return [
            f"plan_id '{approved}' is not the id of a plan, as {found} is: the last line of a plan says it. Copy that."
        ]
    lines = known.get("lines")
    was = f" Approved was: {'; '.join(map(str, lines))}." if lines else ""
    what = _difference(approved, found, layers)
    if moved:
        return [
            f"The plan is stale: it was approved for commit {before}, and this job runs {revision}; {what}.{was}"
            " Nothing was changed. Launch the workflow again: it plans and asks for the commit that there is now."
        ]
    return [
        f"The plan is stale: plan_id {approved} was approved, and this run would carry out {found}; {what}."
        f"{was} Nothing was changed. Look at the plan above, and approve that one by its id."
    ]


def _difference(approved: str, found: str, layers: t.Sequence[str]) -> str:
    before, now = approved.split("."), found.split(".")
    if not len(before) == len(now) == len(layers):
        return f"it was made of other layers than {', '.join(layers)}"
    other = [name for name, one, two in zip(layers, before, now, strict=True) if one != two]
    return f"different now: {', '.join(other)}" if other else "the plan itself is the same"
