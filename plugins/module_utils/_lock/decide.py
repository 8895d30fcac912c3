# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide who holds a platform's lock, and whether that lock is still valid."""

from __future__ import annotations

import json
import math
import typing as t

from .._aws import printable
from . import process

Holder = dict[str, t.Any]

NOBODY = {"who": "unknown", "since": "unknown"}
"""The holder of a lock whose value was not written by a run of this release."""
OURS, STALE, HELD = "ours", "stale", "held"


def holder_of(value: str) -> Holder:
    """Return the holder in a lock's value, or C(NOBODY) if the value is not readable."""
    try:
        holder = json.loads(value)
    except ValueError:
        holder = None
    is_ours = isinstance(holder, dict) and all(isinstance(holder.get(key), str) for key in NOBODY)
    return holder if is_ours else dict(NOBODY)


def verdict(holder: Holder, me: Holder, state: str, age: float, max_age: float, force: bool) -> str:
    """Return C(ours), C(stale) or C(held).

    I(state) is the state of the holder's processes.  If that is unknown, a lock is stale I(max_age) seconds after its
    last renewal, which was I(age) seconds ago.  I(force) makes the lock of any other run stale.
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
    known: process.RunState,
    age: float,
    max_age: float,
    waited: float = 0,
) -> str:
    """Return the error message if the lock is held: by whom, since when, and the next step.

    :param age: seconds since the lock was last renewed; it expires after I(max_age) if the holder's state is unknown.
    :param waited: seconds that this run waited for processes that a killed run has left behind.
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
            f"{held} That run was killed, but {listed(known.left)} still running on this machine and may still change"
            f" something. This run waited {waited:g} s without success. Wait until AWS has answered, or end what hangs:"
            f" kill {' '.join(str(one.pid) for one in known.left)}. Then run again."
        )
    if known.state == process.RUNNING:
        return (
            f"{held} It runs on this machine. Wait until it has ended."
            " If it hangs, end that process; the next run then takes the platform over."
        )
    return (
        f"{held} The lock was last renewed {_minutes(age)} ago. Wait until that run has ended."
        f" If it is dead, the lock expires in {_minutes(max_age - age)},"
        " or at once with -e platform_lock_break=true."
    )


def waiting(left: t.Sequence[process.Process], waited: float) -> str:
    """Return the warning that this run has waited for processes that a killed run had left behind."""
    return f"Waited {waited:g} s for processes that a killed run had left behind: {', '.join(map(str, left))}."


def listed(left: t.Sequence[process.Process]) -> str:
    """Return the subject and verb of a sentence about the processes that a killed run has left behind."""
    noun, verb = ("process", "is") if len(left) == 1 else ("processes", "are")
    return f"{noun} {', '.join(map(str, left))} {verb}"


def _minutes(seconds: float) -> str:
    count = math.ceil(max(seconds, 0) / 60)
    return printable.counted(count, "minute")
