# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Taking and leaving the lock of a platform, safe against others who do the same at the same moment."""

from __future__ import annotations

import datetime
import typing as t

from .._aws.refused import RefusedError
from . import decide, process

PAUSES = (1.0, 4.0, 8.0, 12.0, 15.0, 0.0)
"""Seconds before the next try: 40 in all, as a name that was deleted is free after 30 (API_DeleteParameter)."""


LOOK_EVERY = 1.0


class LockHeldError(RefusedError):
    """Another run holds the platform."""


def take(
    api: t.Any,
    client: t.Any,
    name: str,
    me: decide.Holder,
    *,
    prefix: str,
    max_age: float,
    look: t.Callable[[decide.Holder], process.Look],
    now: t.Callable[[], datetime.datetime],
    sleep: t.Callable[[float], None],
    wait: float = 0,
    warn: t.Callable[[str], None] = lambda _text: None,
    force: bool = False,
) -> None:
    """Hold the lock when this returns.

    What a run that was ended has left at work is waited for, at most I(wait) seconds, and I(warn) told of it.
    Raises LockHeldError, with the sentence for the user, if another run holds it.
    """
    for pause in PAUSES:
        if api.create(client, name, me):
            return
        parameter = api.read(client, name)
        if parameter is None:
            sleep(pause)
            continue
        holder = decide.holder_of(parameter["Value"])
        age = (now() - parameter["LastModifiedDate"]).total_seconds()
        known = look(holder)
        waited = 0.0
        left = known.left
        while known.state == process.SURVIVED and waited < wait and not force:
            sleep(LOOK_EVERY)
            waited += LOOK_EVERY
            known = look(holder)
        verdict = decide.verdict(holder, me, known.state, age, max_age, force)
        if verdict == decide.HELD:
            raise LockHeldError(decide.refusal(prefix, holder, me, known, age, max_age, waited))
        if waited:
            warn(decide.waiting(left, waited))
        if verdict == decide.OURS:
            # as it was, so that it still says since when
            api.overwrite(client, name, holder)
            return
        if api.overwrite(client, name, me) == parameter["Version"] + 1:
            return
        # Someone else took the stale lock a moment before, and this write covered their name.
        api.restore(client, name, parameter["Version"] + 1)
        force = False
    raise LockHeldError(
        f"The lock '{name}' changed hands {len(PAUSES)} times while this run asked for it. Run it again."
    )


def leave(api: t.Any, client: t.Any, name: str, me: decide.Holder) -> bool:
    """Delete the lock if it is ours; return whether it was."""
    parameter = api.read(client, name)
    if parameter is None or decide.holder_of(parameter["Value"]).get("run") != me["run"]:
        return False
    api.delete(client, name)
    return True
