# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The artifact C(fargate_result) for AWX, with the same keys for every playbook, whether it failed or not.

C(before) is there only after a job of the same workflow that failed.
"""

from __future__ import annotations

import typing as t

from .._aws import denied, printable
from .._resources.ecs.outcomes import NOT_FAILURES, PENDING, STEADY

Data = t.Mapping[str, t.Any]
Result = dict[str, t.Any]

LAST_LINES = 20
"""Log lines at most, as AWX stores artifacts in its database."""
# by the action of the failed task, without its collection
CATEGORIES = {
    "platform_lock": "locked",
    "validate": "refused",
    "validate_argument_spec": "refused",
    "plan": "refused",
    "assert": "refused",
    "fail": "refused",
}


def succeeded(outcome: str, services: Data, address: str = "") -> Result:
    """Return the result of a run that has read the services.

    :param outcome: C(steady), C(unsteady) or another outcome.
    :param services: image, revision and deployment by the name of the service.
    :param address: URL of the services; empty if no load balancer is known.
    """
    return {
        "failed": False,
        "outcome": outcome,
        "category": "",
        "cause": "",
        "next_step": "",
        "exit_code": None,
        "last_lines": [],
        "address": address,
        "services": dict(services),
    }


def failed(
    failure: Data, action: str = "", before: Data | None = None, known: Data | None = None, category: str = ""
) -> Result:
    """Return the result of a run that failed.

    :param failure: the result of the failed task.
    :param action: the name of that task's action.
    :param before: the C(fargate_result) of an earlier job of the workflow; its failure is kept as C(before).
    :param known: an earlier C(fargate_result) of this run; its address and services are kept.
    :param category: category of the failure, if the playbook knows it.
    """
    service = _failed(failure.get("services") or [])
    seen = known or {}
    result = succeeded("failed", seen.get("services") or {}, seen.get("address") or "")
    result |= {
        "failed": True,
        "category": category or _category(failure, action, service),
        "cause": denied.failure_reason(failure),
        "next_step": printable.message(str(service.get("next_step") or "")),
        "exit_code": _exit_code(service),
        "last_lines": [printable.line(str(line)) for line in (service.get("log_lines") or [])[-LAST_LINES:]],
    }
    if service:
        result["outcome"] = service["outcome"]
    return after(result, before)


def _failed(services: t.Sequence[Data]) -> Data:
    """Return the service that the failure is about: one that failed, or else one that is not steady."""
    left = [one for one in services if one.get("outcome") != STEADY]
    return next((one for one in left if one.get("outcome") not in (*NOT_FAILURES, PENDING)), left[0] if left else {})


def after(result: Data, before: Data | None) -> Result:
    """Return I(result) with the failure of an earlier job as C(before), so that a rollback does not hide it."""
    first = (before or {}).get("before") or before or {}
    return {**result, "before": {**first}} if first.get("failed") else {**result}


def _category(failure: Data, action: str, service: Data) -> str:
    if service:
        return str(service.get("cause") or service["outcome"])
    if denied.refusal(str(failure.get("msg", ""))):
        return "denied"
    return CATEGORIES.get(action.rpartition(".")[2], "error")


def _exit_code(service: Data) -> int | None:
    codes = [code for task in service.get("stopped_tasks") or [] for code in task.get("exit_codes") or []]
    return codes[0] if codes else None
