# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every message that a role or playbook prints: text from outside passes a filter first."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml
from jinja2 import Environment, nodes

from tests.support.cloud import ROOT

PRINTED = ("msg", "fail_msg", "success_msg", "label", "prompt")
# Filters that make a text safe for a terminal, or return a number of it.
FIT = {"magiclub.fargate.printable", "magiclub.fargate.failure_reason", "length", "int"}
# By how a variable begins: why its text is not from outside. Any other has to pass a filter.
OURS = {
    "__alb_name": "made of an input",
    "__alb_state.load_balancer.state": "a word of AWS's: active, failed",
    "__destroy_answer.user_input": "typed at this terminal",
    "__destroy_runs.cluster.name": "made of an input, as is every cluster's that is read by its name",
    "__fargate_service_deployment.name": "a service of the inventory",
    "__fargate_service_names": "services of the inventory",
    "__site_plan.msg": "numbers and words of the collection's own",
    "__site_plan.plan_id": "digits of the collection's own",
    "__site_summary.msg": "numbers and words of the collection's own",
    "__fargate_service_gate.service.name": "a service of the inventory",
    "alb_region": "an input",
    "alb_wait_timeout": "an input",
    "answer.name": "a service of the inventory",
    "answer.url": "a request made of the inventory",
    "confirm": "given on this command line",
    "decision": "given on this command line",
    "desired_count": "given on this command line",
    "ecr_push_info.image.tag": "a digest of the source",
    "ecr_push_region": "an input",
    "ecr_push_repository": "an input",
    "ecs_cluster_info.cluster.name": "made of an input",
    "__ecs_cluster_boundary": "made of an input",
    "ecs_cluster_region": "an input",
    "fargate_name_prefix": "made of inputs",
    "follow": "given on this command line",
    "item.nat_gateway_id": "an id of AWS's",
    "item.role": "made of an input",
    "item.service": "a service of the inventory",
    "item.state": "a word of AWS's: available, failed",
    "lotto_service_name": "an input",
    "max_capacity": "given on this command line",
    "min_capacity": "given on this command line",
    "operate_found.status.services": "names and states of ECS, which has letters, digits, _ and - in both",
    "operate_given": "given on this command line",
    "operate_known": "services of the inventory",
    "operate_new_bounds": "numbers",
    "operate_service": "given on this command line",
    "operate_task.exit_code": "a number",
    "operate_task.task_arn": "an id of AWS's",
    "question": "given on this command line",
    "revision": "given on this command line",
    "service": "a service of the inventory, or given on this command line",
    "tower_state": "an input",
    "vpc_info.vpc.name": "made of an input",
    "vpc_name_prefix": "an input",
    "vpc_region": "an input",
}
# Variables of playbooks, whose loops are over the inventory.
OF_PLAYBOOKS = {"item", "item.name", "operate_services"}
FILES = sorted(
    [*ROOT.glob("roles/*/tasks/**/*.yml"), *ROOT.glob("roles/*/handlers/*.yml"), *ROOT.glob("playbooks/**/*.yml")]
)


class Printed(t.NamedTuple):
    """A printed text, and the variables of its task."""

    text: str
    variables: dict[str, t.Any]


def printed(value: t.Any, variables: dict[str, t.Any]) -> t.Iterator[Printed]:
    if isinstance(value, list):
        for one in value:
            yield from printed(one, variables)
    elif isinstance(value, dict):
        own = {**variables, **(value.get("vars") or {})} if isinstance(value.get("vars"), dict) else variables
        for key, one in value.items():
            if key in PRINTED and isinstance(one, str):
                yield Printed(one, own)
            else:
                yield from printed(one, own)


def raw(text: str, variables: dict[str, t.Any]) -> t.Iterator[str]:
    """Yield each variable, as C(a.b), whose value is printed unfiltered."""
    for node in Environment(autoescape=True).parse(text).body:
        yield from _raw(node, variables)


def _raw(node: nodes.Node, variables: dict[str, t.Any]) -> t.Iterator[str]:
    if isinstance(node, nodes.Filter) and node.name in FIT:
        return
    if isinstance(node, nodes.Filter) and node.name == "map" and node.args and node.args[0] in map(nodes.Const, FIT):
        return
    if isinstance(node, (nodes.Compare, nodes.Test, nodes.Not)):
        return
    if isinstance(node, nodes.CondExpr):
        yield from _raw(node.expr1, variables)
        if node.expr2:
            yield from _raw(node.expr2, variables)
        return
    path = _path(node)
    if path:
        given = variables.get(path.partition(".")[0])
        if isinstance(given, str) and not is_named(path):
            yield from raw(given, {key: one for key, one in variables.items() if key != path.partition(".")[0]})
        else:
            yield path
        return
    for one in node.iter_child_nodes():
        yield from _raw(one, variables)


def _path(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        above = _path(node.node)
        return f"{above}.{node.attr}" if above else ""
    return ""


def shown(path: Path) -> list[str]:
    documents = yaml.safe_load(path.read_text(encoding="utf-8"))
    return sorted({name for one in printed(documents, {}) for name in raw(*one)})


def is_named(name: str) -> bool:
    return any(f"{name}.".startswith(f"{ours}.") for ours in OURS)


def is_ours(name: str, path: Path) -> bool:
    if "playbooks" in path.relative_to(ROOT).parts and name in OF_PLAYBOOKS:
        return True
    return is_named(name)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_comes_from_elsewhere_is_made_printable(path):
    assert [name for name in shown(path) if not is_ours(name, path)] == []


def test_every_variable_that_is_called_ours_is_printed():
    every = {name for path in FILES for name in shown(path)}
    assert [ours for ours in OURS if not any(f"{name}.".startswith(f"{ours}.") for name in every)] == []


@pytest.mark.parametrize(
    ("text", "variables", "expected"),
    [
        ("{{ a.b }} {{ c }}", {}, ["a.b", "c"]),
        ("{{ a.b | magiclub.fargate.printable }}", {}, []),
        ("{{ a | join(', ') | magiclub.fargate.printable }} {{ a | join(', ') }}", {}, ["a"]),
        ("{{ a | map('magiclub.fargate.printable') | join('\\n') }}", {}, []),
        ("{{ a | map(attribute='arn') | join }}", {}, ["a"]),
        ("{{ 'x' if a else b or c }}", {}, ["b", "c"]),
        ("{{ a | length }} {{ 'x' ~ (a | magiclub.fargate.printable) ~ b }}", {}, ["b"]),
        ("{{ a }}", {"a": "{{ b.c | magiclub.fargate.printable }}"}, []),
        ("{{ a }}", {"a": "{{ b.c }}"}, ["b.c"]),
        ("{{ a['b'] }}", {}, ["a"]),
    ],
)
def test_how_a_message_is_read(text, variables, expected):
    assert list(raw(text, variables)) == expected
