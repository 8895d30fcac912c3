# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What binds a run to a plan that somebody has seen: some digits for each layer, C(-) for one without changes."""

from __future__ import annotations

import re
import typing as t

FORM = re.compile(r"(?:-|[0-9a-f]{8})(?:\.(?:-|[0-9a-f]{8}))*")


def stale(approved: str, found: str, layers: t.Sequence[str], told: t.Any = None) -> list[str]:
    """Return a sentence if the plan is not the one that was approved, and what is different in it.

    I(told) is the artifact C(fargate_plan) of the run that was approved, in a workflow of AWX: it has every line.
    """
    if approved == found:
        return []
    if not FORM.fullmatch(approved):
        return [
            f"plan_id '{approved}' is not the id of a plan, as {found} is: the last line of a plan says it. Copy that."
        ]
    before, now = approved.split("."), found.split(".")
    if len(before) == len(now) == len(layers):
        other = [name for name, one, two in zip(layers, before, now, strict=True) if one != two]
        what = f"different now: {', '.join(other)}"
    else:
        what = f"it was made of other layers than {', '.join(layers)}"
    return [
        f"The plan is stale: plan_id {approved} was approved, and this run would carry out {found}; {what}."
        f"{_lines(approved, told)} Nothing was changed. Look at the plan above, and approve that one by its id."
    ]


def _lines(approved: str, told: t.Any) -> str:
    lines = told.get("lines") if isinstance(told, t.Mapping) and told.get("id") == approved else None
    return f" Approved was: {'; '.join(map(str, lines))}." if lines else ""
