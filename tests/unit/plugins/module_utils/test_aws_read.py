# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading what AWS gives in pages that botocore has no paginator for."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.read import newest


class Ecs:
    """Answers with these pages, whatever number is asked for."""

    def __init__(self, *pages: list[int]) -> None:
        self.pages, self.asked = pages, list[dict[str, t.Any]]()

    def list_service_deployments(self, **asked: t.Any) -> dict[str, t.Any]:
        self.asked.append(asked)
        number = int(asked.get("nextToken", 0))
        more = {"nextToken": str(number + 1)} if number + 1 < len(self.pages) else {}
        return {"serviceDeployments": self.pages[number], "ResponseMetadata": {}, **more}


@pytest.mark.parametrize(
    ("pages", "count", "expected", "calls"),
    [
        ([[1, 2, 3]], 5, [1, 2, 3], 1),
        ([[1, 2], [], [3]], 5, [1, 2, 3], 3),
        ([[], [1, 2, 3]], 2, [1, 2], 2),
        ([[1, 2, 3], [4]], 3, [1, 2, 3], 1),
        ([[]], 3, [], 1),
    ],
    ids=["one page", "short pages", "an empty page first", "as many as were asked for", "none"],
)
def test_the_newest_are_read_over_short_pages(
    pages: list[list[int]], count: int, expected: list[int], calls: int
) -> None:
    ecs = Ecs(*pages)
    assert newest(ecs, "list_service_deployments", "serviceDeployments", count, cluster="c", service="s") == expected
    assert len(ecs.asked) == calls
    assert all(asked["maxResults"] == count and asked["cluster"] == "c" for asked in ecs.asked)
