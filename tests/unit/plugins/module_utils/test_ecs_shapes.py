# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The types of the wait match botocore's shapes."""

from __future__ import annotations

import typing as t

import botocore.session
import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import shapes

MODELS = [botocore.session.get_session().get_service_model(name) for name in ("ecs", "elbv2")]
KINDS = {str: "string", int: "integer", bool: "boolean", float: "double", shapes.Timestamp: "timestamp"}
CLASSES = [kind for kind in vars(shapes).values() if t.is_typeddict(kind)]


def members_of(name: str) -> dict[str, t.Any]:
    found = [model.shape_for(name) for model in MODELS if name in model.shape_names]
    assert found, f"botocore has no shape {name}"
    return dict(found[0].members)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_members_exist_in_botocore(kind: t.Any) -> None:
    members = members_of(kind.__name__)
    if kind is shapes.ServiceDeployment:
        members = {**members_of("ServiceDeploymentBrief"), **members}
    for name, hint in t.get_type_hints(kind).items():
        assert name in members, f"{kind.__name__} of botocore has no {name}"
        shape = members[name]
        origin = t.get_origin(hint)
        if origin is list:
            inner = t.get_args(hint)[0]
            assert shape.type_name == "list"
            assert not t.is_typeddict(inner) or shape.member.name == inner.__name__
        elif t.is_typeddict(hint):
            assert shape.name == hint.__name__
        else:
            assert shape.type_name == KINDS[hint]
