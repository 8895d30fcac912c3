# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import names
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.owner import ownership_conflict

OURS = names.tags("magiclub", "PoC", "DevOps", "opsmaster@your.company.com")
OTHERS = {**OURS, "Environment": "Prod"}


def resource(tags, name="magiclub-an2p-vpc", **more):
    return {"type": "vpc", "name": name, "id": "vpc-1", "values": {"tags": tags}, **more}


@pytest.mark.parametrize(
    ("found", "tags"),
    [
        pytest.param([], OURS, id="nothing there"),
        pytest.param([resource(OURS)], OURS, id="ours"),
        pytest.param([resource({**OURS, "Team": "Web"})], OURS, id="another team is a change of tags"),
        pytest.param([resource(OTHERS), resource(OURS, "magiclub-an2p-igw")], OURS, id="one of ours is enough"),
        pytest.param([resource({**OTHERS, "ManagedBy": "terraform"})], OURS, id="taken over from Terraform"),
        pytest.param([resource(OTHERS, foreign=True)], OURS, id="not of the platform"),
        pytest.param([resource({"ManagedBy": "ansible"})], OURS, id="without these tags"),
        pytest.param([{"type": "image", "name": "x", "id": "x", "values": {}}], OURS, id="without tags"),
        pytest.param([{"type": "image", "name": "x", "id": "x", "values": {"tags": None}}], OURS, id="tags unknown"),
        pytest.param([resource(OTHERS)], {}, id="none wanted"),
        pytest.param([resource({**OURS, "Environment": "7"})], {**OURS, "Environment": 7}, id="a number"),
        pytest.param([resource({**OTHERS, "ManagedBy": None})], OURS, id="another without ManagedBy"),
    ],
)
def test_these_may_be_planned(found, tags):
    assert ownership_conflict([], found, tags) is None


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (
            [resource(OTHERS)],
            "vpc magiclub-an2p-vpc has the tag Environment=Prod, and this inventory has Environment=PoC:",
        ),
        (
            [resource({**OURS, "Project": "shop"})],
            "has the tag Project=shop, and this inventory has Project=magiclub:",
        ),
        ([resource({"ManagedBy": "ansible"}), resource(OTHERS)], "has the tag Environment=Prod"),
        ([resource(OURS, foreign=True), resource(OTHERS)], "has the tag Environment=Prod"),
    ],
)
def test_another_platforms_are_refused(found, told):
    sentence = ownership_conflict([], found, OURS)
    assert told in sentence
    assert "Set fargate_name_prefix" in sentence
    assert "-e platform_rename=true" in sentence


def test_a_resource_may_have_an_environment_of_its_own():
    other = resource(OTHERS, "magiclub-an2p-shop")
    assert ownership_conflict([other], [other], OURS) is None
    assert ownership_conflict([resource(OURS, "magiclub-an2p-shop")], [other], OURS) is not None
