# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who holds a platform, and whether that still counts."""

from __future__ import annotations

import json
import typing as t

Holder = dict[str, t.Any]

FREE, OURS, STALE, HELD = "free", "ours", "stale", "held"


def holder_of(value: str) -> Holder:
    """Return the holder that a lock's value names; an unreadable value has a holder of no name."""
    try:
        holder = json.loads(value)
    except ValueError:
        holder = None
    return holder if isinstance(holder, dict) else {"who": "unknown", "since": "unknown"}


def verdict(
    holder: Holder, me: Holder, age: float, max_age: float, alive: t.Callable[[int], bool], force: bool = False
) -> str:
    """Return C(ours), C(stale) or C(held).

    A lock is stale when I(force) says so, when its holder ran on this machine and its process is gone, or when it was
    not refreshed for I(max_age) seconds, I(age) being the seconds since it last was.
    """
    if holder.get("run") == me["run"]:
        return OURS
    if force or age > max_age:
        return STALE
    if holder.get("machine") == me["machine"] and isinstance(holder.get("pid"), int) and not alive(holder["pid"]):
        return STALE
    return HELD


def refusal(prefix: str, holder: Holder, max_age: float) -> str:
    """Return the sentence for someone who comes second."""
    job = f", job {holder['job']}" if holder.get("job") else ""
    return (
        f"Another run holds {prefix}: {holder.get('who')} (process {holder.get('pid')}{job}),"
        f" since {holder.get('since')}. Wait until it has ended."
        f" If it is dead, its hold ends {max_age / 60:.0f} minutes after its last sign of life,"
        " or at once with -e platform_lock_break=true."
    )
