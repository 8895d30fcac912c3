# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Policies with one limit removed each, which the tests of policies have to notice."""

from __future__ import annotations

import re
import typing as t

Data = dict[str, t.Any]


class Mutant(t.NamedTuple):
    """A widened statement: the change, as C(Sid: …), and the statement, None if it was removed."""

    what: str
    statement: Data | None


def mutants(statement: Data) -> t.Iterator[Mutant]:
    """Yield a statement with each of its limits removed, one at a time: of an Allow, of a Deny.

    An Allow loses a condition key, a key's values, and a resource its name, region and account. A Deny loses itself,
    an action, a resource, and the values of a condition. A missing Allow removes no limit: the run stops there.
    """
    changed = _of_deny(statement) if statement["Effect"] == "Deny" else _of_allow(statement)
    for what, made in changed:
        yield Mutant(f"{statement['Sid']}: {what}", made)


def replaced(documents: t.Sequence[Data], sid: str, statement: Data | None) -> list[Data]:
    """Return policies with the statement of a Sid replaced or removed."""
    given = [] if statement is None else [statement]
    return [
        {
            **document,
            "Statement": [one for item in document["Statement"] for one in (given if item["Sid"] == sid else [item])],
        }
        for document in documents
    ]


def _of_allow(statement: Data) -> t.Iterator[tuple[str, Data]]:
    for operator, tests in statement.get("Condition", {}).items():
        for key, values in tests.items():
            yield f"without {operator} {key}", _without_key(statement, operator, key)
            if operator not in ("Null", "Bool"):
                freed = _without_key(statement, operator, key)
                like = re.sub(r"(String|Arn)\w+$", r"\1Like", operator)
                condition = freed.get("Condition", {})
                condition = {**condition, like: {**condition.get(like, {}), key: "*"}}
                yield f"{operator} {key} of any value, not {values}", {**freed, "Condition": condition}
    for number, resource in enumerate(statement["Resource"]):
        for wide in dict.fromkeys(_wider(resource)):
            others = statement["Resource"][:number] + statement["Resource"][number + 1 :]
            yield f"{wide}, not {resource}", {**statement, "Resource": [*others, wide]}


def _of_deny(statement: Data) -> t.Iterator[tuple[str, Data | None]]:
    yield "removed", None
    for field in ("Action", "Resource"):
        for value in statement[field] if len(statement[field]) > 1 else ():
            yield f"without {value}", {**statement, field: [one for one in statement[field] if one != value]}
    for operator, tests in statement.get("Condition", {}).items():
        for key in tests:
            condition = {**statement["Condition"], operator: {**tests, key: "*"}}
            yield f"{operator} {key} of any value", {**statement, "Condition": condition}


def _without_key(statement: Data, operator: str, key: str) -> Data:
    condition = {
        name: {one: value for one, value in tests.items() if (name, one) != (operator, key)}
        for name, tests in statement["Condition"].items()
    }
    condition = {name: tests for name, tests in condition.items() if tests}
    rest = {name: value for name, value in statement.items() if name != "Condition"}
    return {**rest, "Condition": condition} if condition else rest


def _wider(resource: str) -> t.Iterator[str]:
    """Yield an ARN without each part of its name except the type, without its region, its account, and all of them."""
    if resource == "*":
        return
    yield "*"
    head, name = resource.rsplit(":", 1) if ":log-group:" in resource or ":alarm:" in resource else _split(resource)
    parts = [part for part in re.split(r"(?<=/)", name) if part]
    for number, part in enumerate(parts):
        # the type of the resource stays, because ARNs are matched by it
        is_type = re.fullmatch(r"[a-z-]+/", part) and number == 0
        wide = "*/" if part.endswith("/") else "*"
        if not is_type and part not in ("app/", "/", wide):
            yield f"{head}:{''.join([*parts[:number], wide, *parts[number + 1 :]])}"
    fields = resource.split(":", 5)
    for number in (3, 4):
        if fields[number] not in ("", "*", "aws"):
            yield ":".join([*fields[:number], "*", *fields[number + 1 :]])


def _split(resource: str) -> tuple[str, str]:
    fields = resource.split(":", 5)
    return ":".join(fields[:5]), fields[5]
