# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check IAM policies against AWS's Service Authorization Reference: statements that can't match, and what is allowed.

I(local_aws.reference) reads the reference. Neither calls anything.
"""

from __future__ import annotations

import functools
import typing as t

from local_aws import reference
from local_aws.reference import Action, Type, fits, has_key

Data = dict[str, t.Any]

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html: in every request
GLOBAL = {
    "aws:calledvia",
    "aws:currenttime",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:viaawsservice",
}


def flaws(documents: t.Iterable[Data]) -> list[str]:
    """Return a message for each statement of an identity's policies that AWS could not match.

    Together they have to allow each action on each resource type that it requires; a statement must not contain
    unknown actions, resources without a type, or condition keys that no such request has.
    """
    statements = [_lists(statement) for document in documents for statement in document["Statement"]]
    found = [flaw for statement in statements for flaw in _of_statement(statement)]
    allows = [statement for statement in statements if statement["Effect"] == "Allow"]
    for name in sorted({name for statement in allows for name in statement["Action"]}):
        action = reference.action(name)
        if action:
            found += _unmet(action, [one for one in allows if name in one["Action"]])
    return found


def beyond(documents: t.Iterable[Data]) -> list[str]:
    """Return a message for each resource of an Allow that covers all regions or all accounts."""
    statements = [_lists(statement) for document in documents for statement in document["Statement"]]
    found = [
        (statement["Sid"], resource, resource.split(":", 5)[3:5])
        for statement in statements
        if statement["Effect"] == "Allow"
        for resource in statement["Resource"]
        if resource != "*"
    ]
    return [f"{sid}: {resource} is of all regions or accounts" for sid, resource, fields in found if "*" in fields]


def _lists(statement: Data) -> Data:
    made = dict(statement)
    for key in ("Action", "Resource"):
        made[key] = [made[key]] if isinstance(made[key], str) else made[key]
    return made


def _of_statement(statement: Data) -> t.Iterator[str]:
    sid = statement["Sid"]
    names = [name for pattern in statement["Action"] for name in reference.actions_like(pattern) or [pattern]]
    known = {name: reference.action(name) for name in names}
    yield from (f"{sid}: there is no action {name}" for name, action in known.items() if action is None)
    actions = [action for action in known.values() if action]
    for resource in statement["Resource"]:
        if resource.startswith("arn:aws:"):
            yield f"{sid}: {resource} is of one partition; write arn:*:"
        if resource != "*" and actions and not any(_meet(action, resource) for action in actions):
            yield f"{sid}: {resource} is of no type that its actions take"
    if statement["Effect"] == "Deny":
        unknown = [key for _operator, key in _keys(statement) if not any(_on_some(action, key) for action in actions)]
        yield from (f"{sid}: no request of its actions has {key}" for key in unknown)
    else:
        yield from (flaw for action in actions for flaw in _of_action(statement, action))


def _on_some(action: Action, key: str) -> bool:
    return any(_exists(action, kind, key) for kind in (*action.types, None))


def _of_action(statement: Data, action: Action) -> t.Iterator[str]:
    """Yield the mistakes of an action in an Allow statement."""
    sid, everywhere = statement["Sid"], "*" in statement["Resource"]
    if not action.types and not everywhere:
        yield f"{sid}: {action.name} has no resource type, so it is allowed on * or not at all"
        return
    if everywhere and action.types and not action.reads:
        yield f"{sid}: {action.name} is allowed on *, and takes {', '.join(kind.name for kind in action.types)}"
    places = _places(action, statement["Resource"])
    if not any(_can_hold(statement, action, kind) for kind in places):
        keys = ", ".join(key for _operator, key in _keys(statement))
        yield f"{sid}: {action.name} is never allowed by it, as no such request has {keys or 'such a resource'}"
    for operator, key in _keys(statement):
        if operator.lower().endswith("ifexists") and not any(_exists(action, kind, key) for kind in places):
            yield f"{sid}: {operator} {key} narrows nothing of {action.name}, which never has it"


def _unmet(action: Action, statements: list[Data]) -> list[str]:
    """Return the resource types that an action requires and that no statement allows."""
    wanted = [kind for kind in action.types if kind.required]
    met = {
        kind.family
        for kind in action.types
        for statement in statements
        if kind in _places(action, statement["Resource"]) and _can_hold(statement, action, kind)
    }
    lacking = dict.fromkeys(kind.family for kind in wanted if kind.family not in met)
    return [f"{action.name} needs {family} too, which no statement allows" for family in lacking]


def _places(action: Action, resources: t.Iterable[str]) -> list[Type | None]:
    """Return the resource types on which a statement's resources allow an action; None if it takes none."""
    if not action.types:
        return [None] if "*" in resources else []
    return [kind for kind in action.types if any(meet(resource, kind.arn) for resource in resources)]


def _meet(action: Action, resource: str) -> bool:
    return any(meet(resource, kind.arn) for kind in action.types)


def _keys(statement: Data) -> list[tuple[str, str]]:
    return [(operator, key) for operator, tests in statement.get("Condition", {}).items() for key in tests]


def _can_hold(statement: Data, action: Action, kind: Type | None) -> bool:
    return all(
        operator.lower().endswith("ifexists") or _exists(action, kind, key) for operator, key in _keys(statement)
    )


def _exists(action: Action, kind: Type | None, key: str) -> bool:
    return key.lower() in GLOBAL or has_key(action.keys_on(kind), key)


def meet(one: str, other: str) -> bool:
    """Return whether an ARN can match both patterns; a wildcard matches a colon only in the last part."""
    parts, others = one.split(":", 5), other.split(":", 5)
    if "*" in (one, other):
        return True
    return len(parts) == len(others) and all(_overlap(*pair) for pair in zip(parts, others, strict=True))


@functools.lru_cache(maxsize=65536)
def _overlap(one: str, other: str) -> bool:
    """Return whether a string can match both patterns with C(*) and C(?)."""
    if not one or not other:
        return not (one or other).strip("*")
    if one[0] == "*":
        return _overlap(one[1:], other) or _overlap(one, other[1:])
    if other[0] == "*":
        return _overlap(one, other[1:]) or _overlap(one[1:], other)
    return (one[0] == other[0] or "?" in (one[0], other[0])) and _overlap(one[1:], other[1:])


class Request(t.NamedTuple):
    """A request as IAM sees it: action, resource ARNs with their tags, and context.

    C(context) is condition keys with one value or a list of them; tags of the request are C(aws:RequestTag/KEY).
    """

    action: str
    resources: t.Mapping[str, t.Mapping[str, str]]
    context: t.Mapping[str, t.Any] = {}


def is_allowed(documents: t.Iterable[Data], request: Request) -> bool:
    """Return whether AWS would allow a request: on each of its resources, an Allow and no Deny.

    Context counts only if the reference has the key for the action and the resource's type. Raises
    LookupError for an action that the reference lacks, or if a required resource type is missing.
    """
    action = reference.action(request.action)
    if action is None:
        raise LookupError(f"The Service Authorization Reference has no action {request.action}.")
    statements = [_lists(statement) for document in documents for statement in document["Statement"]]
    named = {arn: (action.type_of(arn), tags) for arn, tags in request.resources.items()}
    lacking = {kind.family for kind in action.types if kind.required}
    lacking -= {kind.family for kind, _tags in named.values() if kind}
    if lacking:
        raise LookupError(f"{request.action} is authorized on {', '.join(sorted(lacking))} too: name it.")
    places = named if action.types else {"*": (None, {})}
    return all(_verdict(statements, action, request, arn, *place) for arn, place in places.items())


def _verdict(
    statements: list[Data], action: Action, request: Request, arn: str, kind: Type | None, tags: t.Mapping[str, str]
) -> bool:
    said = {key.lower(): value for key, value in request.context.items() if _exists(action, kind, key)}
    has = {f"aws:resourcetag/{key}".lower(): value for key, value in tags.items()}
    context = {**said, **{key: value for key, value in has.items() if _exists(action, kind, key)}}
    matching = [
        statement["Effect"]
        for statement in statements
        if any(fits(action.name.lower(), name.lower()) for name in statement["Action"])
        and any(fits(arn, resource) for resource in statement["Resource"])
        and all(_holds(operator, context.get(key.lower()), value) for operator, key, value in _tests(statement))
    ]
    return "Deny" not in matching and "Allow" in matching


def _tests(statement: Data) -> list[tuple[str, str, list[str]]]:
    return [
        (operator, key, value if isinstance(value, list) else [value])
        for operator, tests in statement.get("Condition", {}).items()
        for key, value in tests.items()
    ]


def _holds(operator: str, actual: t.Any, expected: t.Sequence[str]) -> bool:
    """Return whether a condition holds, for the operators of docs/iam.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    kind, _colon, base = operator.rpartition(":")
    if base == "Null":
        return (actual is None) == (str(expected[0]).lower() == "true")
    plain = base.removesuffix("IfExists")
    negated = "Not" in plain
    compare: t.Callable[[str, str], bool] = {
        "StringEquals": str.__eq__,
        "StringLike": fits,
        "ArnLike": fits,
        "Bool": lambda one, other: one.lower() == other.lower(),
    }[plain.replace("Not", "")]
    if actual is None:
        if kind == "ForAnyValue":
            return False
        return negated or plain != base or kind == "ForAllValues"
    values = [str(value) for value in (actual if isinstance(actual, list) else [actual])]
    fit = [any(compare(value, str(one)) for one in expected) != negated for value in values]
    return any(fit) if kind == "ForAnyValue" else all(fit)
