# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether what a run has changed is proven already, by what it read after it wrote."""

from __future__ import annotations

import typing as t

from .model import Change


def is_proven(
    carried_out: t.Iterable[str],
    left: t.Mapping[str, t.Mapping[str, t.Sequence[Change]]],
    later: t.Collection[str] = (),
) -> bool:
    """Return whether reads after the last write have shown that nothing is left to do.

    :param carried_out: the layers that the run has changed.
    :param left: by layer, the plan that was made again once it was written; whatever was read so counts, as a layer may
        be read in the name of another.
    :param later: what was written after these reads: as one layer stands on another, nothing is proven then.
    """
    return not later and set(carried_out) <= left.keys() and not any(plan["changes"] for plan in left.values())
