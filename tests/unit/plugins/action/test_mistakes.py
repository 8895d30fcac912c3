# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What people write into an inventory by mistake, as YAML, beside inventories/poc: what the plan says, without a run.

A row that is refused ends before the first look at AWS, so nothing can be written.
"""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml

from tests.support.cloud import ROOT
from tests.unit.plugins.action import before_aws

TABLE: dict[str, str] = yaml.safe_load((ROOT / "tests/unit/plugins/action/mistakes.yml").read_text("utf-8"))


@pytest.fixture(scope="module")
def inventory() -> dict[str, t.Any]:
    return before_aws.variables_of(ROOT / "inventories" / "poc")


def said(text: str, inventory: dict[str, t.Any], folder: Path) -> str:
    """Return what is said of an inventory with I(text) on top, empty if the plan goes on."""
    path = folder / "wrong.yml"
    path.write_text(text, encoding="utf-8")
    given = before_aws.LOADER.load_from_file(str(path), trusted_as_template=True)
    # lotto's image is ecr_push's, too
    named = {"all" if key == "lotto_service_image" else key for key in given}
    layers = [name for name in before_aws.LAYERS if all(key.startswith(f"{name}_") for key in named)]
    return before_aws.refused({**inventory, **given}, layers)


@pytest.mark.parametrize(("text", "says"), TABLE.items(), ids=TABLE)
def test_a_mistake_is_said_before_the_first_look_at_aws(text, says, inventory, tmp_path):
    assert said(text, inventory, tmp_path) == says.rstrip("\n")


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "lotto_service_environment: {VERSION: '1.10', MODE: '0777', DEBUG: 'yes', EMPTY: '', 'ON': '1'}",
        "lotto_service_environment: {RELEASED: 2026-01-31, LATER: '{{ 2 | string }}'}",
        "lotto_service_environment: {}",
        "lotto_service_options: {port: '8080', cpu: '1024', memory: 2048.0, rule: {priority: null}}",
        "lotto_service_options: {port: null, rule: null, health_check: null, smoke: null}",
        "lotto_service_options: {port: '{{ 8000 + 80 }}', autoscaling: {min: 1, max: 2, cpu: '60.5'}}",
        "lotto_service_options: {command: [], user: '1000:1000', working_directory: /app}",
        "lotto_service_options: {ulimits: [{name: nofile, soft: 1024, hard: -1}]}",
        "lotto_service_options: {smoke: {path: /health, that: [response.json is none, \"'OK' in response.body\"]}}",
        "lotto_service_options: {smoke: {path: /health, that: [response.body | regex_search('O') is truthy]}}",
        "lotto_service_options: {smoke: {path: /health, that: [fargate_project is defined]}}",
        "lotto_service_autoscaling: {min: 1, max: 4, cpu: 60}",
        "lotto_service_priority: 7",
        "lotto_service_priority: ''",
        "lotto_service_priority: null",
        "{fargate_domain: null, alb_https: false, fargate_private_domain: null, fargate_permissions_boundary: ''}",
        "fargate_services: ['{{ hello_service }}']",
        "ecr_push_build: {path: ., build_args: {PYTHON: '3.10'}, platform: linux/arm64}",
        "ecs_cluster_configuration: {execute_command_configuration: {logging: DEFAULT}}",
        "vpc_interface_endpoints: [ecr.api, ecr.dkr, logs, s3]",
        "fargate_services: [{name: a, image: 'x:1', port: 80, service_connect: {namespace: x, client_aliases:"
        " [{name: b, port: 80}]}}, {name: b, image: 'x:1', port: 80, service_connect: {namespace: y}}]",
        "lotto_service_options: {stop_timeout: 2}",
        "lotto_service_options: {stop_timeout: 120}",
        "fargate_services: [{name: a, image: 'x:1', port: 80, firelens: {config_file: /extra.conf}}]",
        "my_own_variable: {yes: no}",
    ],
)  # fmt: skip
def test_what_is_right_passes(text, inventory, tmp_path):
    assert said(text, inventory, tmp_path) == ""


def test_there_are_enough_of_them():
    assert len(TABLE) >= 640
