# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who holds a platform, and whether that still counts."""

from __future__ import annotations

import json
import math
import typing as t

from .._aws import printable
from . import process

Holder = dict[str, t.Any]

NOBODY = {"who": "unknown", "since": "unknown"}
"""The holder of a lock whose value no run of this release wrote."""
OURS, STALE, HELD = "ours", "stale", "held"


def holder_of(value: str) -> Holder:
    """Return the holder that a lock's value names; an unreadable value has a holder of no name."""
    try:
        holder = json.loads(value)
    except ValueError:
        holder = None
    is_ours = isinstance(holder, dict) and all(isinstance(holder.get(key), str) for key in NOBODY)
    return holder if is_ours else dict(NOBODY)


def verdict(holder: Holder, me: Holder, state: str, age: float, max_age: float, force: bool) -> str:
    """Return C(ours), C(stale) or C(held).

    I(state) is what is known of the holder's processes.  Where nothing is, a lock is stale when it was not renewed for
    I(max_age) seconds, I(age) being the seconds since it last was.  I(force) makes any lock of others stale.
    """
    if holder.get("run") == me["run"]:
        return OURS
    if force or state == process.ENDED:
        return STALE
    return STALE if state == process.UNKNOWN and age > max_age else HELD


def refusal(
    prefix: str,
    holder: Holder,
    me: Holder,
    known: process.Look,
    age: float,
    max_age: float,
    waited: float = 0,
) -> str:
    """Return the sentence for someone who comes second: who holds it, since when, and what to do.

    :param age: seconds since the lock was last renewed; it ends after I(max_age) if nothing is known of the holder.
    :param waited: seconds that what an ended run left behind was waited for.
    """
    if all(holder.get(key) == me.get(key) for key in ("machine", "pid", "started")):
        return (
            f"Another host of this run holds {prefix}: {holder.get('host')}. {me.get('host')} has the same name prefix,"
            " so it is the same platform. Set fargate_name_prefix to one that no other host has, or give --limit."
        )
    job = f", job {holder['job']}" if holder.get("job") else ""
    held = (
        f"Another run holds {prefix}: {holder.get('who')} (process {holder.get('pid', 'unknown')}{job}),"
        f" since {holder.get('since')}."
    )
    if holder == NOBODY:
        held = (
            f"Another run may hold {prefix}: the SSM parameter /{prefix}/lock has a value that no run of this release"
            " wrote."
        )
    if known.state == process.SURVIVED:
        return (
            f"{held} That run was ended, but not all of it: {listed(known.left)} still at work on this machine, and"
            f" may yet make something. It was waited for {waited:g} s. It ends by itself once AWS has answered;"
            f" if it hangs, end it: kill {' '.join(str(one.pid) for one in known.left)}. Then run again."
        )
    if known.state == process.RUNNING:
        return (
            f"{held} It runs on this machine. Wait until it has ended."
            " If it hangs, end that process; the next run then takes the platform over."
        )
    return (
        f"{held} Its last sign of life was {_minutes(age)} ago. Wait until it has ended."
        f" If it is dead, its hold ends by itself in {_minutes(max_age - age)},"
        " or at once with -e platform_lock_break=true."
    )


def waiting(left: t.Sequence[process.Process], waited: float) -> str:
    """Return the sentence for someone who had to wait for what an ended run had left behind."""
    return f"Waited {waited:g} s for what a run that was ended had left at work: {', '.join(map(str, left))}."


def listed(left: t.Sequence[process.Process]) -> str:
    """Return the subject of a sentence: which processes of a run that was ended are left."""
    noun, verb = ("process", "is") if len(left) == 1 else ("processes", "are")
    return f"{noun} {', '.join(map(str, left))} {verb}"


def _minutes(seconds: float) -> str:
    count = math.ceil(max(seconds, 0) / 60)
    return printable.counted(count, "minute")
