# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide whether a run's changes are verified already, by what it has read after its last write."""

from __future__ import annotations

import typing as t

from .model import Change


def is_proven(
    carried_out: t.Iterable[str],
    left: t.Mapping[str, t.Mapping[str, t.Sequence[Change]]],
    later: t.Collection[str] = (),
) -> bool:
    """Return whether reads after the last write have shown that no change is left.

    :param carried_out: the layers that the run has changed.
    :param left: the plans of layers that were planned again after their writes; one layer may be read for another.
    :param later: layers written after these reads: nothing is proven then, as layers depend on each other.
    """
    return not later and set(carried_out) <= left.keys() and not any(plan["changes"] for plan in left.values())
