# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Waits for Cloud Map operations."""

from __future__ import annotations

import typing as t

from ..._aws.refused import RefusedError

Operation = dict[str, t.Any]


class OperationFailedError(RefusedError):
    """An operation failed or did not end in time; the message has its id and the reason."""


def wait_for_operation(
    operation_id: str,
    fetch: t.Callable[[str], Operation | None],
    *,
    timeout: float,
    clock: t.Callable[[], float],
    sleep: t.Callable[[float], None],
    delay: float = 2,
) -> Operation:
    """Wait for an operation and return it.

    I(timeout) and I(delay), the pause between two polls, are in seconds.
    Raises OperationFailedError if it fails, is unknown, or does not end within I(timeout).
    """
    end = clock() + timeout
    while True:
        operation = fetch(operation_id)
        if operation is None:
            raise OperationFailedError(
                f"Cloud Map does not know operation {operation_id}. Run again: it starts a new one."
            )
        if operation["Status"] == "SUCCESS":
            return operation
        if operation["Status"] == "FAIL":
            raise OperationFailedError(_failure(operation))
        if clock() + delay > end:
            raise OperationFailedError(
                f"Cloud Map operation {operation_id} ({operation['Type']}) is still {operation['Status']}"
                f" after {timeout:g} s. Run again to wait on, or raise wait_timeout."
            )
        sleep(delay)


def _failure(operation: Operation) -> str:
    cause = ": ".join(part for part in (operation.get("ErrorCode"), operation.get("ErrorMessage")) if part)
    return (
        f"Cloud Map operation {operation['Id']} ({operation['Type']}) failed: {cause or 'no cause given'}."
        " Fix the cause and run again."
    )
