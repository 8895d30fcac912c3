# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import copy

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.ecr_push import validate as registry

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
def test_actions_of_lifecycle_rules(action, wrong):
    inputs = copy.deepcopy(LAYERS["ecr_push"])
    inputs["repository"]["lifecycle_policy"]["rules"][0]["action"] = action
    assert registry.ecr_push(inputs) == wrong


SINCE = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14}
COUNT = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 30}


@pytest.mark.parametrize(
    ("selections", "wrong"),
    [
        ([SINCE, COUNT], []),
        ([{**COUNT, "tagStatus": "tagged", "tagPatternList": ["v*"]}], []),
        ([None], ["rule 1 has selection None. ECR takes {'tagStatus': …} with one of tagged, untagged, any."]),
        ([{**COUNT, "tagStatus": "all"}], ["rule 1 has selection {'tagStatus': 'all'"]),
        ([{**COUNT, "tagStatus": "tagged"}], ["rule 1 has tagStatus tagged and no tags. Only tagged takes"]),
        ([{**SINCE, "tagPrefixList": ["v"]}], ["rule 1 has tagStatus untagged and tagPrefixList. Only tagged takes"]),
        ([COUNT, SINCE], ["rule 1 has tagStatus any, which goes with the highest rulePriority."]),
        ([{**COUNT, "countNumber": 0}], ["rule 1 has countNumber 0. ECR takes 1 or more."]),
        ([{**SINCE, "countUnit": None}], ["rule 1 has countUnit days without"]),
        ([{**COUNT, "countUnit": "days"}], ["rule 1 has countUnit days without"]),
    ],
)
def test_selections_of_lifecycle_rules(selections, wrong):
    inputs = copy.deepcopy(LAYERS["ecr_push"])
    inputs["repository"]["lifecycle_policy"]["rules"] = [
        {"rulePriority": number, "selection": selection, "action": {"type": "expire"}}
        for number, selection in enumerate(selections, 9)
    ]
    said = registry.ecr_push(inputs)
    assert len(said) == len(wrong)
    for sentence, words in zip(said, wrong, strict=True):
        assert sentence.startswith(f"ecr_push_repository.lifecycle_policy: {words}")
