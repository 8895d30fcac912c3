# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""IAM policy documents in a canonical form, so that equivalent ones compare equal."""

from __future__ import annotations

import json
import re
import typing as t
import urllib.parse

Values = dict[str, t.Any]

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html#ecs-exec-required-iam-permissions
EXEC_ACTIONS = [
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
]


def execution_policy(partition: str) -> str:
    """Return the ARN of AWS's managed policy for task execution roles."""
    return f"arn:{partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"


def trusting(service: str, condition: t.Mapping[str, t.Any] | None = None) -> Values:
    """Return the trust policy of a role that an AWS service may assume, such as C(ecs-tasks.amazonaws.com)."""
    allowed = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return of([{**allowed, **({"Condition": dict(condition)} if condition else {})}])


def allow(
    actions: str | list[str], resources: str | list[str], condition: t.Mapping[str, t.Any] | None = None
) -> Values:
    """Return a statement that allows actions on resources."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return {**statement, "Condition": dict(condition)} if condition else statement


def of(statements: list[Values]) -> Values:
    """Return a policy document with these statements."""
    return {"Version": "2012-10-17", "Statement": statements}


def document(policy: t.Any) -> t.Any:
    """Return a policy as data: IAM returns URL-encoded JSON, which botocore decodes in most places."""
    return json.loads(urllib.parse.unquote(policy)) if isinstance(policy, str) else policy


def problem(policy: t.Mapping[str, t.Any]) -> str | None:
    """Return the problem with the structure of a policy document, if any; AWS validates the rest."""
    for statement in _statements(policy):
        if not isinstance(statement, dict):
            return f"each entry of its Statement must be a dictionary, and '{statement}' is not. Correct it."
        condition = statement.get("Condition") or {}
        if not isinstance(condition, dict) or not all(isinstance(tests, dict) for tests in condition.values()):
            return f"its Condition must be a dictionary of dictionaries, and {condition} is not. Correct it."
    return None


def _statements(policy: t.Mapping[str, t.Any]) -> list[t.Any]:
    statements = policy.get("Statement") or []
    return statements if isinstance(statements, list) else [statements]


def canonical(document: t.Mapping[str, t.Any]) -> Values:
    """Return an IAM policy document in its canonical form.

    A list of one entry becomes that entry, others are sorted, and an account's root ARN becomes its id, which is
    equivalent (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html).
    """
    result = dict(document)
    result.setdefault("Version", "2008-10-17")
    result["Statement"] = [_statement(one) for one in _statements(document)]
    return result


def _statement(statement: Values) -> Values:
    result = dict(statement)
    for key in ("Action", "NotAction", "Resource", "NotResource"):
        if key in result:
            result[key] = _values(result[key])
    for key in ("Principal", "NotPrincipal"):
        if isinstance(result.get(key), dict):
            result[key] = {kind: _values(who, _account) for kind, who in result[key].items()}
    if "Condition" in result:
        result["Condition"] = {
            operator: {key: _values(value) for key, value in tests.items()}
            for operator, tests in result["Condition"].items()
        }
    return result


def _values(value: t.Any, form: t.Callable[[str], str] = str) -> str | list[str]:
    items = value if isinstance(value, list) else [value]
    texts = sorted(form(str(one).lower() if isinstance(one, bool) else str(one)) for one in items)
    return texts[0] if len(texts) == 1 else texts


def _account(principal: str) -> str:
    return re.sub(r"arn:aws[\w-]*:iam::(\d{12}):root", r"\1", principal)
