# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Acquire and release the lock of a platform, safe against other runs that do the same at the same time."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from .._aws.refused import RefusedError
from . import decide, process

PAUSES = (1.0, 4.0, 8.0, 12.0, 15.0, 0.0)
"""Seconds before the next attempt: 40 in all, as a deleted name can be used again after 30 (API_DeleteParameter)."""
POLL_SECONDS = 1.0


class LockHeldError(RefusedError):
    """Another run holds the platform."""


@dataclasses.dataclass(frozen=True)
class Request:
    """A run's request for the lock.

    :param name: name of the SSM parameter.
    :param prefix: name prefix of the platform, for messages.
    :param max_age: seconds after its last renewal at which a lock is stale if the state of its holder is unknown.
    :param wait: seconds at most to wait for processes that a killed run has left behind.
    :param force: take the lock from another run, whatever its state.
    """

    name: str
    me: decide.Holder
    prefix: str
    max_age: float
    wait: float = 0
    force: bool = False


@dataclasses.dataclass(frozen=True)
class Tools:
    """How to inspect the run of a holder, read the clock, pause, and warn about a wait."""

    inspect: t.Callable[[decide.Holder], process.RunState]
    now: t.Callable[[], datetime.datetime]
    sleep: t.Callable[[float], None]
    warn: t.Callable[[str], None] = lambda _text: None


def acquire(api: t.Any, client: t.Any, request: Request, tools: Tools) -> None:
    """Acquire the lock.

    Raises LockHeldError, with the message for the user, if another run holds it.
    """
    name, me, force = request.name, request.me, request.force
    for pause in PAUSES:
        if api.create(client, name, me):
            return
        parameter = api.read(client, name)
        if parameter is None:
            tools.sleep(pause)
            continue
        holder = decide.holder_of(parameter["Value"])
        age = (tools.now() - parameter["LastModifiedDate"]).total_seconds()
        left, known, waited = _survivors(holder, 0 if force else request.wait, tools)
        verdict = decide.verdict(holder, me, known.state, age, request.max_age, force)
        if verdict == decide.HELD:
            raise LockHeldError(decide.refusal(request.prefix, holder, me, known, age, request.max_age, waited))
        if waited:
            tools.warn(decide.waiting(left, waited))
        if verdict == decide.OURS:
            # unchanged, to keep the time since when it is held
            api.overwrite(client, name, holder)
            return
        if api.overwrite(client, name, me) == parameter["Version"] + 1:
            return
        # Another run has just taken the stale lock, and this write replaced its name.
        api.restore(client, name, parameter["Version"] + 1)
        force = False
    raise LockHeldError(
        f"The lock '{name}' changed hands {len(PAUSES)} times while this run asked for it. Run it again."
    )


def _survivors(
    holder: decide.Holder, wait: float, tools: Tools
) -> tuple[t.Sequence[process.Process], process.RunState, float]:
    """Wait for processes that a killed run has left behind; return them, the state after it, and the seconds waited."""
    waited = 0.0
    known = tools.inspect(holder)
    left = known.left
    while known.state == process.SURVIVED and waited < wait:
        tools.sleep(POLL_SECONDS)
        waited += POLL_SECONDS
        known = tools.inspect(holder)
    return left, known, waited


def release(api: t.Any, client: t.Any, name: str, me: decide.Holder) -> bool:
    """Delete the lock if this run holds it; return whether it did."""
    parameter = api.read(client, name)
    if parameter is None or decide.holder_of(parameter["Value"]).get("run") != me["run"]:
        return False
    api.delete(client, name)
    return True
