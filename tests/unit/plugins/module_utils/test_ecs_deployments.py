# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import deployments


def service(*pairs):
    return {"deployments": [{"id": name, "status": status} for name, status in pairs]}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, service(("n", "PRIMARY")), "n"),
        (service(("o", "PRIMARY")), service(("o", "PRIMARY")), None),
        (service(("o", "PRIMARY")), service(("n", "PRIMARY"), ("o", "ACTIVE")), "n"),
        (service(("o", "PRIMARY"), ("p", "ACTIVE")), service(("p", "PRIMARY")), None),
        (service(("o", "PRIMARY")), service(("o", "ACTIVE"), ("n", "PRIMARY")), "n"),
        (None, {"taskSets": []}, None),
    ],
)
def test_deployment_started(before, after, expected):
    assert deployments.started(before, after) == expected
