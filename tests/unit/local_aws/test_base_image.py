# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The base image where no public registry is reachable."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local_aws import base_image, engine


def test_codename() -> None:
    assert base_image.codename('ID=debian\nVERSION_CODENAME="bookworm"') == "bookworm"
    assert not base_image.codename("ID=arch")


def test_python_version_from_apt() -> None:
    policy = "python3:\n  Installed: (none)\n  Candidate: 3.11.2-1+b1\n  Version table:\n"
    assert base_image.python_version(policy) == "3.11"


@pytest.mark.parametrize("policy", ["", "python3:\n  Candidate: (none)\n"])
def test_no_python_in_the_package_lists(policy: str) -> None:
    with pytest.raises(base_image.BaseImageError, match="Run 'apt-get update'"):
        base_image.python_version(policy)


def test_only_sources_of_this_release_are_used(tmp_path: Path) -> None:
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (folder / "debian.sources").write_text("Suites: bookworm")
    (folder / "other.list").write_text("deb https://example.com trixie main")
    (folder / "off.list.disabled").write_text("deb https://example.com bookworm main")
    assert base_image.sources("bookworm", tmp_path) == [str(folder / "debian.sources")]


def test_a_changed_recipe_is_another_image(monkeypatch: pytest.MonkeyPatch) -> None:
    before = base_image.recipe("bookworm")
    assert base_image.recipe("trixie") != before
    monkeypatch.setattr(base_image, "PACKAGES", ("python3",))
    assert base_image.recipe("bookworm") != before


def engine_with(*tags: str) -> Any:
    images = SimpleNamespace(list=lambda filters: [SimpleNamespace(tags=list(tags))])
    return lambda timeout: SimpleNamespace(images=images)


def test_one_that_was_made_is_used_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engine, "client", engine_with("magiclub.local/python:3.11-slim-bookworm"))
    assert base_image.ensure(tmp_path) == "magiclub.local/python:3.11-slim-bookworm"


def test_the_public_one_where_it_is_reachable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engine, "client", engine_with())
    monkeypatch.setattr(base_image, "registry_is_reachable", lambda: True)
    assert base_image.ensure(tmp_path) == base_image.PUBLIC_IMAGE


def test_neither_reachable_nor_makeable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engine, "client", engine_with())
    monkeypatch.setattr(base_image, "registry_is_reachable", lambda: False)
    monkeypatch.setattr(engine, "may_install", lambda: False)
    with pytest.raises(base_image.BaseImageError, match="build argument BASE_IMAGE"):
        base_image.ensure(tmp_path)


def test_an_unreachable_registry_is_told_apart() -> None:
    assert base_image.registry_is_reachable("https://127.0.0.1:1/", timeout=1) is False
