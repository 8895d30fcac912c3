# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from tests.checks import inventories


def test_unknown():
    names = ["vpc_nat", "vpc_natt", "ansible_connection", "fargate_region"]
    assert inventories.unknown(names, {"vpc_nat", "fargate_region"}) == ["vpc_natt"]


def test_known_variables(tmp_path):
    spec = tmp_path / "vpc" / "meta" / "argument_specs.yml"
    spec.parent.mkdir(parents=True)
    spec.write_text("argument_specs: {main: {options: {vpc_nat: {}}}, ready: {options: {vpc_wait: {}}}, lookup: {}}")
    assert inventories.known_variables(tmp_path) == {*inventories.COLLECTION_WIDE, "vpc_nat", "vpc_wait"}


def test_an_inventory_with_a_typo_and_one_that_does_not_load(monkeypatch, tmp_path):
    monkeypatch.setattr(inventories, "ROOT", tmp_path)
    variables = tmp_path / "poc" / "group_vars" / "all" / "vpc.yml"
    variables.parent.mkdir(parents=True)
    variables.write_text("vpc_natt: none\n")
    (tmp_path / "poc" / "hosts.yml").write_text("all: {hosts: {a: {}}}\n")
    assert [line.partition(". ")[0] for line in inventories.check(tmp_path / "poc", {"vpc_nat"})] == [
        "poc/group_vars/all/vpc.yml: 'vpc_natt' is a variable of no role"
    ]
    (tmp_path / "poc" / "hosts.yml").write_text("all: [\n")
    assert any("poc: " in line and "hosts.yml" in line for line in inventories.check(tmp_path / "poc", {"vpc_natt"}))
