# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each call of ours that AWS answers page by page is read to its end, or asks for what fits on one page.

botocore's models say which operations have pages: their answers have a token.
"""

from __future__ import annotations

import ast
import functools
import typing as t
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

PLUGINS = Path(__file__).parents[3] / "plugins"
SERVICES = (
    "acm",
    "application-autoscaling",
    "ec2",
    "ecr",
    "ecs",
    "elbv2",
    "iam",
    "logs",
    "resourcegroupstaggingapi",
    "route53",
    "scheduler",
    "servicediscovery",
    "sqs",
    "ssm",
    "sts",
)
TOKENS = {"nextToken", "NextToken", "NextMarker", "Marker", "PaginationToken", "nextBackwardToken"}
# what a call names of its own, so that the answer has a place for each of them
NAMED = {
    "ARNs",
    "Id",
    "ListenerArns",
    "LoadBalancerArns",
    "Names",
    "ResourceArns",
    "RuleArns",
    "TargetGroupArns",
    "imageIds",
    "repositoryNames",
}
# functions of ours that go on to the last page, or to as many entries as are asked for, and what such a one reads by
READERS = {"pages", "newest", "_arns", "Listing"}


@functools.cache
def models() -> tuple[frozenset[str], frozenset[str]]:
    """Return the operations, in snake_case, whose answers have pages, and those that botocore has a paginator for."""
    session, paged, known = botocore.session.get_session(), set(), set()
    for service in SERVICES:
        model = session.get_service_model(service)
        for name in model.operation_names:
            output = model.operation_model(name).output_shape
            if output and TOKENS & set(output.members):
                paged.add(xform_name(name))
        known |= {xform_name(name) for name in session.get_paginator_model(service)._paginator_config}
    return frozenset(paged), frozenset(known)


@functools.cache
def answered() -> dict[str, set[str]]:
    """Return what the answer to each operation has, by the operation in snake_case; services share some names."""
    session, found = botocore.session.get_session(), dict[str, set[str]]()
    for service in SERVICES:
        model = session.get_service_model(service)
        for name in model.operation_names:
            output = model.operation_model(name).output_shape
            found.setdefault(xform_name(name), set()).update(output.members if output else ())
    return found


class Found(t.NamedTuple):
    """A call of an operation with pages: where, and whether that is read to its end."""

    place: str
    operation: str
    whole: bool


def name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def is_ours(function: ast.expr) -> bool:
    """Whether what is called is a function of our C(api), which is looked at itself."""
    return isinstance(function, ast.Attribute) and name_of(function.value) == "api"


def calls(tree: ast.AST) -> t.Iterator[tuple[str, ast.Call | None, int]]:
    """Yield the operations with pages that I(tree) names: called, handed on, or given as text."""
    paged, _known = models()
    handed: set[ast.AST] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        handed |= {node.func}
        if isinstance(node.func, ast.Attribute) and node.func.attr in paged and not is_ours(node.func):
            yield node.func.attr, node, node.lineno
        for argument in node.args:
            if isinstance(argument, ast.Constant) and argument.value in paged:
                yield str(argument.value), node, node.lineno
            if isinstance(argument, ast.Attribute) and argument.attr in paged and not is_ours(argument):
                handed.add(argument)
                yield argument.attr, node, node.lineno
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in paged and node not in handed:
            yield node.attr, None, node.lineno


def is_whole(call: ast.Call | None, source: str, function: ast.AST | None) -> bool:
    """Whether a call reads all pages, or its function goes on by the token, or it asks for what it names."""
    if call and name_of(call.func) in READERS | {"get_paginator", "partial"}:
        return name_of(call.func) != "partial" or goes_on(source, function)
    if call and NAMED & {
        *(keyword.arg for keyword in call.keywords),
        *(argument.value for argument in call.args if isinstance(argument, ast.Constant)),
    }:
        return True
    return goes_on(source, function)


def goes_on(source: str, function: ast.AST | None) -> bool:
    segment = ast.get_source_segment(source, function) or "" if function else ""
    return any(f'"{name}"' in segment for name in TOKENS | NAMED) or "last_events" in segment


def found_in(path: Path) -> list[Found]:
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    result = []
    for operation, call, line in calls(tree):
        around = [node for node in functions if node.lineno <= line <= (node.end_lineno or 0)]
        inner = max(around, key=lambda node: node.lineno, default=None)
        where = f"{path.relative_to(PLUGINS)}:{line}"
        result.append(Found(where, operation, is_whole(call, source, inner)))
    return result


FILES = sorted(PLUGINS.glob("module*/**/*.py"))


def test_every_call_with_pages_is_read_to_its_end() -> None:
    found = [one for path in FILES for one in found_in(path)]
    assert len(found) > 60
    assert [one for one in found if not one.whole] == []


def test_what_is_read_by_a_paginator_has_one() -> None:
    _paged, known = models()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and name_of(node.func) in ("pages", "get_paginator", "Listing"):
                texts = [arg.value for arg in node.args[:3] if isinstance(arg, ast.Constant)][:2]
                paged = name_of(node.func) != "Listing"  # which may be of an operation without pages
                assert all(text in known for text in texts[:1] if paged), (path.name, node.lineno, texts)
                assert all(text in answered()[str(texts[0])] for text in texts[1:]), (path.name, node.lineno, texts)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('def f(client):\n    return call(client, "list_services", cluster="c")["serviceArns"]\n', [False]),
        ('def f(client):\n    return client.describe_log_groups(logGroupNamePrefix="a")\n', [False]),
        ('def f(client):\n    ask = client.describe_rules\n    return ask(ListenerArn="a")\n', [False]),
        ('def f(client):\n    return partial(call, client, "list_tasks")\n', [False]),
        ('def f(client):\n    return pages(client, "list_services", "serviceArns")\n', [True]),
        ('def f(client):\n    return call(client, "describe_load_balancers", Names=["a"])\n', [True]),
        ('def f(client):\n    return call(client, "describe_addresses")\n', []),
    ],
)
def test_the_walk_sees_what_stops_at_the_first_page(
    source: str, expected: list[bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.PLUGINS", tmp_path)
    file = tmp_path / "some.py"
    file.write_text(source)
    assert [one.whole for one in found_in(file)] == expected
