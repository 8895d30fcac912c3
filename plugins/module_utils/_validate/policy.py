# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with the ARN of a managed policy, and with the statements of a policy.

Rules of AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html and, of the Sid,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html.
"""

from __future__ import annotations

import collections
import re
import typing as t

from .._aws.boundary import PLATFORM

ARN = re.compile(r"arn:aws[a-z-]*:iam::(aws|\d{12}):policy/[\w+=,.@/-]+", re.ASCII)


def wrong(variable: str, arn: str) -> list[str]:
    """Return what is wrong with C(arn), the value of C(variable)."""
    if ARN.fullmatch(arn):
        return []
    return [f"{variable}: '{arn}' is no ARN of a policy. Write one as in arn:aws:iam::123456789012:policy/name."]


def boundary_wrong(variable: str, arn: str) -> list[str]:
    """Return what is wrong with a permissions boundary; empty, there is none."""
    return [] if arn in ("", PLATFORM) else wrong(variable, arn)


EFFECTS = ("Allow", "Deny")
_SID = re.compile("[A-Za-z0-9]*")


def statements_wrong(statements: t.Any) -> t.Iterator[str]:
    """Yield what is wrong with the statement or statements of an identity's policy."""
    every = statements if isinstance(statements, list) else [statements]
    for number, one in enumerate(every, 1):
        if not isinstance(one, t.Mapping):
            yield f"statement {number} is '{one}', which is not a dictionary. Change it."
            continue
        effect, sid = one.get("Effect"), str(one.get("Sid", ""))
        if effect not in EFFECTS:
            yield f"statement {number} has Effect '{effect}': {' or '.join(EFFECTS)}, spelt so. Change it."
        if not _SID.fullmatch(sid):
            yield f"statement {number} has Sid '{sid}': letters A-Z, a-z and digits 0-9 alone. Change it."
    sids = collections.Counter(str(one["Sid"]) for one in every if isinstance(one, t.Mapping) and one.get("Sid"))
    for sid, times in sids.items():
        if times > 1:
            yield f"{times} statements have the Sid '{sid}': it is used once a policy. Change the others."
