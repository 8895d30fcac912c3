# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What services stood on before goes last, and not while a deployment waits at a gate: it may go back to all of it."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.support.cloud import ROOT

BELOW = ["vpc", "alb", "ecs_cluster"]


def text(file: str, name: str) -> str:
    plays = yaml.safe_load((ROOT / "playbooks" / file).read_text(encoding="utf-8"))
    return next(str(one["vars"][name]) for one in plays if name in one.get("vars", {}))


def made_of(expression: str, known: dict[str, t.Any]) -> t.Any:
    return Templar(loader=DataLoader(), variables=known).template(trust_as_template(expression))


@pytest.mark.parametrize(
    ("planned", "waiting", "expected"),
    [
        pytest.param({"vpc": (1, 0)}, [], ["vpc"], id="something of the network goes"),
        # a route goes with a change of its table
        pytest.param({"vpc": (0, 1)}, [], ["vpc"], id="or is changed"),
        pytest.param({"alb": (1, 0), "ecs_cluster": (1, 1)}, [], ["ecs_cluster", "alb"], id="of the layers above it"),
        pytest.param({"alb": (0, 1), "ecs_cluster": (0, 1)}, [], [], id="nothing of them goes"),
        pytest.param(dict.fromkeys(BELOW, (1, 1)), [{"service": "web"}], [], id="a deployment waits for an answer"),
    ],
)
def test_what_is_cleaned_up(planned, waiting, expected):
    layers = {name: dict(zip(("remove", "change"), planned.get(name, (0, 0)), strict=True)) for name in BELOW}
    known = {
        "__site_below": BELOW,
        "__site_plan": {"layers": layers},
        **{f"{name}_cleanup": False for name in BELOW},
        **({"fargate_service_waiting": waiting} if waiting else {}),
    }
    assert made_of(text("site.yml", "__site_cleaned_up"), known) == expected


def test_what_is_left_until_the_answer_is_not_missed():
    changes = [
        {"type": "route_table", "name": "apps-rt", "action": "change"},
        {"type": "nat_gateway", "name": "nat", "action": "remove"},
        {"type": "iam_role", "name": "web-task", "action": "change"},
        {"type": "ecs_service", "name": "web", "action": "change"},
    ]
    known = {"__site_changes": changes}
    assert set(made_of(text("tasks/prove.yml", "__site_staying"), known)) == {"apps-rt", "nat", "web-task"}
