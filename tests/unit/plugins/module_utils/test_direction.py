# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Imports only look down: operations know layers, layers know resources, resources know the kernel."""

from __future__ import annotations

import ast
import graphlib
import typing as t
from pathlib import Path

import pytest

from tests.support.cloud import ROOT

UTILS = ROOT / "plugins" / "module_utils"
BELOW = {
    "_aws": set(),
    "_lock": {"_aws"},
    "_plan": {"_aws"},
    "_resources": {"_aws", "_plan"},
    "_constraints": {"_aws", "_plan", "_resources"},
    "_layers": {"_aws", "_constraints", "_plan", "_resources"},
    "_operations": {"_aws", "_layers", "_plan", "_resources"},
}
"""What each package may import; CONTRIBUTING.md draws it."""
FILES = sorted(UTILS.rglob("*.py"))


def imported(file: Path) -> t.Iterator[tuple[str, ...]]:
    """Yield what a file imports of the collection, as parts below C(module_utils)."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom):
            continue
        assert "magiclub.fargate" not in (node.module or ""), f"{file}: within module_utils imports are relative"
        if node.level:
            package = file.relative_to(UTILS).parts[: -node.level]
            base = (*package, *(node.module.split(".") if node.module else ()))
            yield from ((*base, name.name) for name in node.names)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(UTILS)))
def test_a_file_imports_what_is_below_it(file: Path) -> None:
    own = file.relative_to(UTILS).parts[0]
    assert {parts[0] for parts in imported(file)} <= {own, *BELOW[own]}


@pytest.mark.parametrize("package", ["_resources", "_layers"])
def test_folders_import_each_other_in_one_direction(package: str) -> None:
    """The files directly in the package stand above its folders, each for itself."""
    graph: dict[str, set[str]] = {}
    for file in (UTILS / package).rglob("*.py"):
        own = file.relative_to(UTILS).parts[1].removesuffix(".py")
        others = {parts[1] for parts in imported(file) if parts[0] == package}
        graph.setdefault(own, set()).update(others - {own})
    assert list(graphlib.TopologicalSorter(graph).static_order())


def test_no_file_imports_itself_through_others() -> None:
    modules = {file.relative_to(UTILS).with_suffix("").parts: file for file in FILES}
    graph = {
        own: {one for parts in imported(file) for one in (parts, parts[:-1]) if one in modules}
        for own, file in modules.items()
    }
    assert list(graphlib.TopologicalSorter(graph).static_order())
