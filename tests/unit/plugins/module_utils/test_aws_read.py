# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading what AWS gives in pages that botocore has no paginator for."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import read
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.read import in_parallel, newest, of_each


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


def test_as_many_calls_are_under_way_at_once_as_the_limit_says_when_they_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits = list[int]()

    class Pool(ThreadPoolExecutor):
        def __init__(self, max_workers: int) -> None:
            limits.append(max_workers)
            super().__init__(max_workers)

    monkeypatch.setattr(read, "ThreadPoolExecutor", Pool)
    monkeypatch.setattr(read, "THREADS", 1)
    of_each("ab", str)
    of_each("ab", str, threads=3)
    in_parallel(one=str, two=str)
    assert limits == [1, 3, 1]
