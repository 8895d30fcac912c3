# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The base image if no public registry can be reached."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from docker.errors import APIError

from local_aws import base_image, engine

INVENTORY = Path(__file__).parents[3] / "inventories" / "local" / "group_vars" / "all" / "ecr_push.yml"


def test_codename() -> None:
    assert base_image.codename('ID=debian\nVERSION_CODENAME="bookworm"') == "bookworm"
    assert not base_image.codename("ID=arch")


def test_only_sources_of_this_release_are_used(tmp_path: Path) -> None:
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (folder / "debian.sources").write_text("Suites: bookworm")
    (folder / "other.list").write_text("deb https://example.com trixie main")
    (folder / "off.list.disabled").write_text("deb https://example.com bookworm main")
    assert base_image.sources("bookworm", tmp_path) == [str(folder / "debian.sources")]


class Engine:
    """A fake of the Docker engine that records the base image's calls."""

    def __init__(self, *labels: dict[str, str], pulls: bool = True) -> None:
        self.there = [SimpleNamespace(labels=one) for one in labels]
        self.pulls = pulls
        self.asked: list[tuple[str, ...]] = []
        self.images = self
        self.api = self

    def __call__(self, timeout: int) -> Engine:
        return self

    def list(self, name: str) -> list[SimpleNamespace]:
        assert name == base_image.IMAGE
        return self.there

    def pull(self, repository: str, tag: str) -> Engine:
        if not self.pulls:
            raise APIError("toomanyrequests: Rate exceeded")
        self.asked.append(("pull", f"{repository}:{tag}"))
        return self

    def tag(self, repository: str, tag: str) -> bool:
        self.asked.append(("tag", f"{repository}:{tag}"))
        return True

    def import_image_from_file(self, path: str, repository: str, tag: str, changes: Any) -> None:
        self.asked.append(("import", f"{repository}:{tag}"))


PULLED = [
    ("pull", "public.ecr.aws/docker/library/python:3.11-slim-bookworm"),
    ("tag", "magiclub.local/python:3.11-slim-bookworm"),
]
MADE = [("import", "magiclub.local/python:3.11-slim-bookworm")]


@pytest.mark.parametrize(
    ("labels", "reachable", "asked"),
    [
        pytest.param([{base_image.RECIPE_LABEL: base_image.recipe()}], True, [], id="made before"),
        pytest.param([{}], False, [], id="pulled before"),
        pytest.param([{base_image.RECIPE_LABEL: "another"}], False, MADE, id="made by another recipe"),
        pytest.param([], True, PULLED, id="reachable"),
        pytest.param([], False, MADE, id="not reachable"),
    ],
)
def test_one_name_wherever_the_image_comes_from(
    labels: list[dict[str, str]],
    reachable: bool,
    asked: list[tuple[str, ...]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    docker = Engine(*labels)
    monkeypatch.setattr(engine, "client", docker)
    monkeypatch.setattr(engine, "may_install", lambda: True)
    monkeypatch.setattr(base_image, "registry_is_reachable", lambda: reachable)
    monkeypatch.setattr(base_image, "codename", lambda _text: base_image.RELEASE)
    monkeypatch.setattr(base_image, "bootstrap", lambda target: None)
    monkeypatch.setattr(base_image.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert base_image.ensure(tmp_path) == base_image.IMAGE
    assert docker.asked == asked


def test_the_local_inventory_builds_on_it() -> None:
    build = yaml.safe_load(INVENTORY.read_text(encoding="utf-8"))["ecr_push_build"]
    assert build["build_args"]["PYTHON_IMAGE"] == base_image.IMAGE
    assert build["python_wheels"]["python_version"] == base_image.PYTHON


def test_a_pull_that_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engine, "client", Engine(pulls=False))
    monkeypatch.setattr(base_image, "registry_is_reachable", lambda: True)
    with pytest.raises(base_image.BaseImageError, match="can't be pulled: toomanyrequests: Rate exceeded"):
        base_image.ensure(tmp_path)


@pytest.mark.parametrize(("release", "root"), [("bookworm", False), ("noble", True), ("", True)])
def test_neither_reachable_nor_makeable(
    release: str, root: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(engine, "client", Engine())
    monkeypatch.setattr(base_image, "registry_is_reachable", lambda: False)
    monkeypatch.setattr(engine, "may_install", lambda: root)
    monkeypatch.setattr(base_image, "codename", lambda _text: release)
    with pytest.raises(base_image.BaseImageError, match=f"docker tag YOUR-IMAGE {base_image.IMAGE}"):
        base_image.ensure(tmp_path)


def test_an_unreachable_registry_is_told_apart() -> None:
    assert base_image.registry_is_reachable("https://127.0.0.1:1/", timeout=1) is False
