# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which images the tags keep: what serves, and the newest that served before it."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr import in_use
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr.in_use import Change

ROLE = Path(__file__).parents[4] / "roles" / "ecr_push"


def image(digest: str, *tags: str) -> dict[str, t.Any]:
    return {"imageDigest": digest, "imageTags": list(tags)}


SERVED = [image(f"d{number}", f"content-{number}", f"in-use-lotto-{number}") for number in range(1, 6)]
CHANGES = [
    # images, revision that serves, its digest, how many before are kept, what is done
    ("the first", [image("d1", "content-1")], 1, "d1", 2, Change(["in-use-lotto-1"], [])),
    ("the same again", SERVED[:1], 1, "d1", 2, Change([], [])),
    ("the next", [*SERVED, image("d6", "c")], 6, "d6", 5, Change(["in-use-lotto-6"], [])),
    ("the next, and the oldest go", [*SERVED, image("d6", "c")], 6, "d6", 3,
     Change(["in-use-lotto-6"], ["in-use-lotto-1", "in-use-lotto-2"])),
    ("back to the oldest, which stays", SERVED, 1, "d1", 3, Change([], ["in-use-lotto-2"])),
    ("back to one whose tag was taken off", SERVED[1:], 1, "d1", 9, Change(["in-use-lotto-1"], [])),
    ("numbers count, not letters", [image("a", "c", "in-use-lotto-9"), image("b", "c2", "in-use-lotto-10")], 11, "z", 1,
     Change(["in-use-lotto-11"], ["in-use-lotto-9"])),
    ("another service of that image and one with a longer name",
     [image("d1", "c", "in-use-lotto-worker-1", "in-use-api-1"), image("d2", "c2")], 2, "d2", 0,
     Change(["in-use-lotto-2"], [])),
    ("two revisions of one image", SERVED[:1], 2, "d1", 1, Change(["in-use-lotto-2"], [])),
    ("the last tag of an image stays", [image("d1", "in-use-lotto-1")], 2, "d2", 0, Change(["in-use-lotto-2"], [])),
    ("the number belongs to another image", [image("d1", "c", "in-use-lotto-1")], 1, "d9", 2,
     Change(["in-use-lotto-1"], ["in-use-lotto-1"])),
    ("an image without tags", [{"imageDigest": "d0"}, image("d1", "c")], 1, "d1", 2, Change(["in-use-lotto-1"], [])),
]  # fmt: skip


@pytest.mark.parametrize(
    ("images", "revision", "digest", "keep", "expected"), [pytest.param(*row[1:], id=row[0]) for row in CHANGES]
)
def test_change(images, revision: int, digest: str, keep: int, expected: Change) -> None:
    assert in_use.change("lotto", revision, images, digest, keep) == expected


class Repository:
    """Images of a repository with a lifecycle policy, as the ECR User Guide says that it is evaluated.

    'An image that matches the tagging requirements of a rule cannot be expired by a rule with a lower priority', and
    'Rules can never mark images that are marked by higher priority rules, but can still identify them'.
    """

    def __init__(self, policy: dict[str, t.Any]) -> None:
        self.rules = sorted(policy["rules"], key=lambda rule: rule["rulePriority"])
        self.images: list[dict[str, t.Any]] = []  # the oldest push first

    def expire(self) -> None:
        gone, taken = set(), set()
        for rule in self.rules:
            chosen = rule["selection"]
            matching = [one for one in self.images[::-1] if self._matches(chosen, one["imageTags"])]
            beyond = {one["imageDigest"] for one in matching[chosen["countNumber"] :]}
            gone |= beyond - taken
            if chosen["tagStatus"] == "tagged":
                taken |= {one["imageDigest"] for one in matching}
        self.images = [one for one in self.images if one["imageDigest"] not in gone]

    @staticmethod
    def _matches(chosen: dict[str, t.Any], tags: list[str]) -> bool:
        prefixes = chosen.get("tagPrefixList") or []
        return chosen["tagStatus"] == "any" or any(tag.startswith(prefix) for tag in tags for prefix in prefixes)

    def tagged(self, service: str, revision: int, digest: str, keep: int = 10) -> None:
        change = in_use.change(service, revision, self.images, digest, keep)
        for one in self.images:
            one["imageTags"] = [tag for tag in one["imageTags"] if tag not in change.remove]
            one["imageTags"] += change.add if one["imageDigest"] == digest else []

    def digests(self) -> set[str]:
        return {one["imageDigest"] for one in self.images}


def policy(keep: int = 30) -> dict[str, t.Any]:
    text = (ROLE / "vars" / "main.yml").read_text(encoding="utf-8")
    given: dict[str, t.Any] = yaml.safe_load(text)["__ecr_push_keep_policy"]
    filled = json.dumps(given).replace('"{{ ecr_push_keep_images | int }}"', str(keep))
    return t.cast("dict[str, t.Any]", json.loads(filled))


def test_what_runs_and_the_last_ten_stay_however_many_are_pushed() -> None:
    # issue: the newest 30 by push were kept, so the running image could expire, or the one to go back to
    repository = Repository(policy())
    for number in range(1, 21):
        repository.images.append(image(f"d{number}", f"c{number}"))
        repository.tagged("lotto", number, f"d{number}")
    repository.tagged("worker", 1, "d2")
    for number in range(21, 121):
        repository.images.append(image(f"d{number}", f"c{number}"))
        repository.expire()
    assert {"d2", "d20"} <= repository.digests()
    assert {f"d{number}" for number in range(10, 21)} <= repository.digests()
    assert len(repository.digests()) == 1 + 11 + 30
    repository.tagged("lotto", 11, "d11")  # went back
    repository.expire()
    assert "d11" in repository.digests()


def test_without_the_first_rule_they_would_go() -> None:
    repository = Repository({"rules": policy()["rules"][1:]})
    repository.images.append(image("running", "c"))
    repository.tagged("lotto", 1, "running")
    repository.images += [image(f"d{number}", "c") for number in range(30)]
    repository.expire()
    assert "running" not in repository.digests()


def test_the_policy_names_the_prefix_of_the_tags() -> None:
    assert policy()["rules"][0]["selection"]["tagPrefixList"] == [in_use.PREFIX]
    assert in_use.tag("lotto", 7) == "in-use-lotto-7"
