# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Parse IAM's access denied messages, and build the policy statement that would allow the action.

The messages: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import json
import re
import typing as t

from . import printable

_REFUSED = re.compile(
    r"User: (?P<who>\S+) is not authorized to perform: (?P<action>[\w-]+:\w+)"
    r"(?: on resource: (?P<resource>\S+(?: \S+)??))?(?=,?\s+(?:because|with an explicit)|[.,]?\s*$|\.\s)"
)
_DENY = re.compile(r"explicit deny in (an? [\w-]+(?: \w+)*)")
# The collection passes roles to tasks only.
_PASSED_TO = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}


class Refusal(t.NamedTuple):
    """A refusal of IAM: the ARN of the principal, the action, the resource (C(*) if unknown) and the denying policy."""

    who: str
    action: str
    resource: str = "*"
    denied_by: str = ""

    def __str__(self) -> str:
        """Return the refusal and the next step, one sentence each."""
        refused = f"{self.who} may not {self.action} on {self.resource}."
        if self.denied_by:
            return f"{refused} That is denied explicitly in {self.denied_by}, so adding an Allow does not help."
        return f"{refused} {self.advice()}"

    def advice(self) -> str:
        """Return the statement to add to the policy as a sentence; empty for an explicit deny."""
        return "" if self.denied_by else f"Add to its policy: {json.dumps(statement(self.action, self.resource))}"


def refusal(text: str) -> Refusal | None:
    """Return the refusal in an error message of AWS, or None if it is another kind of error."""
    found = _REFUSED.search(text)
    if not found:
        return None
    resource = _arn(found["who"], found["resource"] or "*")
    explicit = _DENY.search(text)
    return Refusal(found["who"], found["action"], resource, explicit[1] if explicit else "")


def statement(action: str, resource: str) -> dict[str, t.Any]:
    """Return the policy statement that allows an action on a resource."""
    allowed: dict[str, t.Any] = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {**allowed, "Condition": _PASSED_TO} if action == "iam:PassRole" else allowed


def failure_reason(result: t.Mapping[str, t.Any]) -> str:
    """Return why a task failed, from its result, with the policy statement to add if IAM refused something."""
    failed = [item for item in result.get("results") or [] if item.get("failed")]
    text = " ".join(dict.fromkeys(str(item.get("msg", "")) for item in failed or [result]))
    refused = refusal(text)
    return printable.message(f"{text.rstrip('. ')}. {refused.advice()}".strip() if refused else text)


def _arn(who: str, resource: str) -> str:
    """Return the ARN of a resource, which IAM sometimes writes as C(role NAME)."""
    kind, _space, name = resource.partition(" ")
    if not name or who.count(":") < 5:
        return resource
    _arn, partition, _service, _region, account, _rest = who.split(":", 5)
    return f"arn:{partition}:iam::{account}:{kind}/{name}"
