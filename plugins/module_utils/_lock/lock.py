# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Taking and leaving the lock of a platform, safe against others who do the same at the same moment."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from .._aws.refused import RefusedError
from . import decide, process

PAUSES = (1.0, 4.0, 8.0, 12.0, 15.0, 0.0)
"""Seconds before the next try: 40 in all, as a name that was deleted is free after 30 (API_DeleteParameter)."""
LOOK_EVERY = 1.0


class LockHeldError(RefusedError):
    """Another run holds the platform."""


@dataclasses.dataclass(frozen=True)
class Asked:
    """What a run asks for.

    :param name: of the parameter that is the lock.
    :param prefix: name prefix of the platform, for sentences.
    :param max_age: seconds without a sign of life after which a lock is stale if nothing is known of its holder.
    :param wait: seconds at most that what an ended run has left at work is waited for.
    :param force: take it from another run, whatever is known of that.
    """

    name: str
    me: decide.Holder
    prefix: str
    max_age: float
    wait: float = 0
    force: bool = False


@dataclasses.dataclass(frozen=True)
class Around:
    """What is known of others and of time, and who is told that there was something to wait for."""

    look: t.Callable[[decide.Holder], process.Look]
    now: t.Callable[[], datetime.datetime]
    sleep: t.Callable[[float], None]
    warn: t.Callable[[str], None] = lambda _text: None


def take(api: t.Any, client: t.Any, asked: Asked, around: Around) -> None:
    """Hold the lock when this returns.

    Raises LockHeldError, with the sentence for the user, if another run holds it.
    """
    name, me, force = asked.name, asked.me, asked.force
    for pause in PAUSES:
        if api.create(client, name, me):
            return
        parameter = api.read(client, name)
        if parameter is None:
            around.sleep(pause)
            continue
        holder = decide.holder_of(parameter["Value"])
        age = (around.now() - parameter["LastModifiedDate"]).total_seconds()
        left, known, waited = _ended(holder, 0 if force else asked.wait, around)
        verdict = decide.verdict(holder, me, known.state, age, asked.max_age, force)
        if verdict == decide.HELD:
            raise LockHeldError(decide.refusal(asked.prefix, holder, me, known, age, asked.max_age, waited))
        if waited:
            around.warn(decide.waiting(left, waited))
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


def _ended(
    holder: decide.Holder, wait: float, around: Around
) -> tuple[t.Sequence[process.Process], process.Look, float]:
    """Wait for what a run that was ended has left at work; return that, what is known then, and the seconds it took."""
    waited = 0.0
    known = around.look(holder)
    left = known.left
    while known.state == process.SURVIVED and waited < wait:
        around.sleep(LOOK_EVERY)
        waited += LOOK_EVERY
        known = around.look(holder)
    return left, known, waited


def leave(api: t.Any, client: t.Any, name: str, me: decide.Holder) -> bool:
    """Delete the lock if it is ours; return whether it was."""
    parameter = api.read(client, name)
    if parameter is None or decide.holder_of(parameter["Value"]).get("run") != me["run"]:
        return False
    api.delete(client, name)
    return True
