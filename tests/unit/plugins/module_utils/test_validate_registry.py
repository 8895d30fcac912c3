# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import copy

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._validate import registry

from tests.unit.plugins.module_utils.whole_platform import LAYERS


@pytest.mark.parametrize(
    ("action", "wrong"),
    [
        ({"type": "expire"}, []),
        ({"type": "transition", "targetStorageClass": "archive"}, []),
        (
            "burn",
            [
                "ecr_push_repository.lifecycle_policy: rule 1 has action 'burn'."
                " ECR takes {'type': …} with one of expire, transition. Change it."
            ],
        ),
        (
            {"type": "burn"},
            [
                "ecr_push_repository.lifecycle_policy: rule 1 has action {'type': 'burn'}."
                " ECR takes {'type': …} with one of expire, transition. Change it."
            ],
        ),
    ],
)
def test_what_a_rule_of_the_lifecycle_does(action, wrong):
    inputs = copy.deepcopy(LAYERS["ecr_push"])
    inputs["repository"]["lifecycle_policy"]["rules"][0]["action"] = action
    assert registry.ecr_push(inputs) == wrong
