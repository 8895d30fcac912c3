# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Validation of the ARNs of managed policies and of the statements of inline ones.

AWS's rules: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html and, for the Sid,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html.
"""

from __future__ import annotations

import collections
import re
import typing as t

from .boundary import PLATFORM

ARN = re.compile(r"arn:aws[a-z-]*:iam::(aws|\d{12}):policy/[\w+=,.@/-]+", re.ASCII)


def wrong(variable: str, arn: str) -> list[str]:
    """Return the problems with I(arn), the value of I(variable)."""
    if ARN.fullmatch(arn):
        return []
    return [f"{variable}: '{arn}' is not an ARN of a policy. Write one as in arn:aws:iam::123456789012:policy/name."]


def boundary_wrong(variable: str, arn: str) -> list[str]:
    """Return the problems with a permissions boundary, which may be empty."""
    return [] if arn in ("", PLATFORM) else wrong(variable, arn)


Document = t.Mapping[str, t.Any]
EFFECTS = ("Allow", "Deny")
VERSIONS = ("2012-10-17", "2008-10-17")
_KEYS = ("Version", "Id", "Statement")
_STATEMENT_KEYS = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")
_SID = re.compile("[A-Za-z0-9]*")
# IAM's errors: 'Actions/Conditions must be prefaced by a vendor', 'Resource … must be in ARN format or "*"'
_FORMS = {
    "Action": (re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+"), "SERVICE:ACTION, as s3:GetObject"),
    "Resource": (re.compile(r"\*|arn:\S(.*\S)?"), "an ARN, as arn:aws:s3:::bucket/*, or *"),
}


def document_wrong(document: Document) -> t.Iterator[str]:
    """Yield the problems with an identity-based policy, which has a Statement."""
    for key in document:
        if key not in _KEYS:
            yield f"it has {key}, and a policy has {', '.join(_KEYS)}. Change it."
    if str(document.get("Version", VERSIONS[0])) not in VERSIONS:
        yield f"it has Version '{document['Version']}': {' or '.join(VERSIONS)}. Change it."
    statements = document["Statement"]
    every = statements if isinstance(statements, list) else [statements]
    if not every:
        yield "it has no statement, and needs at least one. Add one, or remove the policy."
    for number, one in enumerate(every, 1):
        for sentence in _statement_wrong(one):
            yield f"statement {number} {sentence}. Change it."
    sids = collections.Counter(str(one["Sid"]) for one in every if isinstance(one, t.Mapping) and one.get("Sid"))
    for sid, times in sids.items():
        if times > 1:
            yield f"{times} statements have the Sid '{sid}': it is used once a policy. Change the others."


def _statement_wrong(statement: t.Any) -> t.Iterator[str]:
    if not isinstance(statement, t.Mapping):
        yield f"is '{statement}', which is not a dictionary"
        return
    for key in statement:
        if key not in _STATEMENT_KEYS:
            yield f"has {key}, and a statement of a role's policy has {', '.join(_STATEMENT_KEYS)}"
    effect, sid = statement.get("Effect"), str(statement.get("Sid", ""))
    if effect not in EFFECTS:
        yield f"has Effect '{effect}': {' or '.join(EFFECTS)}, spelt so"
    if not _SID.fullmatch(sid):
        yield f"has Sid '{sid}': letters A-Z, a-z and digits 0-9 alone"
    yield from _who_does_what(statement)
    condition = statement.get("Condition") or {}
    if not isinstance(condition, t.Mapping) or not all(isinstance(tests, t.Mapping) for tests in condition.values()):
        yield f"has Condition {condition}: a dictionary of dictionaries, as StringEquals of a key and its values"


def _who_does_what(statement: Document) -> t.Iterator[str]:
    for key, (form, words) in _FORMS.items():
        given = [one for one in (key, f"Not{key}") if one in statement]
        if len(given) != 1:
            yield f"has {' and '.join(given) or f'neither {key} nor Not{key}'}: a statement has one of the two"
        for one in given:
            values = statement[one] if isinstance(statement[one], list) else [statement[one]]
            for value in [value for value in values if not form.fullmatch(str(value))] if values else [[]]:
                yield f"has {one} '{value}': {words}"
