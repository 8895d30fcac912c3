# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The generic roles run on variables of their own, without those of the collection."""

from __future__ import annotations

import pytest

from tests.support.ansible_run import Runner

pytestmark = pytest.mark.program

GIVEN = {
    "alb": {"alb_https": False},
    "ecr_push": {"ecr_push_image": "registry.example/app:1"},
    "ecs_cluster": {},
    "fargate_service": {"fargate_service_services": [{"name": "web", "image": "registry.example/web:1"}]},
    "vpc": {"vpc_zones": ["apne2-az1", "apne2-az3"]},
}


def play(role):
    own = {f"{role}_name_prefix": "shop-an2p", f"{role}_region": "ap-northeast-2", f"{role}_tags": {"Project": "shop"}}
    task = {"ansible.builtin.import_role": {"name": f"magiclub.fargate.{role}", "tasks_from": "validate"}}
    return {"vars": {**own, **GIVEN[role]}, "tasks": [task]}


def test_a_role_needs_no_variable_of_the_collection(tmp_path):
    run = Runner({}, tmp_path)([play(role) for role in GIVEN])
    assert (run.rc, run.failed) == (0, 0), run.text
    assert {item["task"].split(" : ")[0].rpartition(".")[2] for item in run.results} == set(GIVEN)
