# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the role lotto_service makes of its inputs."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.support.ansible_run import Runner

ROOT = Path(__file__).resolve().parents[3]
IMAGE = yaml.safe_load((ROOT / "roles" / "lotto_service" / "tasks" / "image.yml").read_text(encoding="utf-8"))
VARS = yaml.safe_load((ROOT / "roles" / "lotto_service" / "vars" / "main.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("image", "has", "platform", "expected"),
    [
        ("repository@sha256:1", [], "linux/arm64", "ARM64"),
        ("repository@sha256:1", [], "linux/amd64", "X86_64"),
        ("", ["ARM64"], "linux/amd64", "ARM64"),
        ("", [], "linux/arm64", "ARM64"),
        ("", [], "", "X86_64"),
    ],
    ids=["given, arm64", "given, amd64", "as the image has it", "to be built", "nothing said"],
)
def test_the_architecture_is_the_image_s_or_what_is_built_for(image, has, platform, expected):
    templates = {name: trust_as_template(text) for name, text in VARS.items() if isinstance(text, str)}
    given = {
        "lotto_service_image": image,
        "ecr_push_info": {"image": {"architectures": has}},
        "ecr_push_build": {"platform": platform},
    }
    templar = Templar(loader=DataLoader(), variables={**templates, **given})
    asked = trust_as_template(VARS["__lotto_service_definition"]["cpu_architecture"])
    assert templar.template(asked) == expected


def whole(tags):
    return {"name_prefix": "a-an2p", "region": "ap-northeast-2", "endpoint_url": "http://aws.example", "tags": tags}


def named(lead, tags, **more):
    return {f"{lead}_{name}": value for name, value in {**whole(tags), **more}.items()}


@pytest.mark.parametrize(
    ("given", "tags"),
    [
        (named("fargate", {"Project": "a"}), {"Project": "a"}),
        (named("fargate_service", {"Project": "b"}), {"Project": "b"}),
        (named("ecr_push", {"Project": "c"}), {"Project": "c"}),
        ({**named("fargate", {}, name_prefix="other"), **named("ecr_push", {"Project": "c"})}, {"Project": "c"}),
        ({**named("fargate", {}, region="other"), **named("fargate_service", {"Project": "b"})}, {"Project": "b"}),
    ],
    ids=["the collection's", "fargate_service's", "the repository's", "the repository's first", "the service's first"],
)
def test_the_image_is_where_the_variables_of_any_of_three_say(given, tags):
    (keep,) = [task for task in IMAGE if task["name"] == "Set the location of the image"]
    templates = keep["ansible.builtin.set_fact"]["__lotto_service_repository"]
    templar = Templar(loader=DataLoader(), variables=given)
    assert templar.template({name: trust_as_template(text) for name, text in templates.items()}) == whole(tags)


@pytest.mark.program
def test_without_an_image_it_says_what_to_give(tmp_path):
    wide = {"fargate_name_prefix": "a-an2p", "fargate_region": "ap-northeast-2", "fargate_tags": {}}
    task = {"ansible.builtin.include_role": {"name": "magiclub.fargate.lotto_service"}}
    run = Runner({}, tmp_path)([{"vars": wide, "tasks": [task]}])
    assert run.message == (
        "There is no image to run as 'lotto': neither what to build nor an image is given. Set ecr_push_app and"
        " ecr_push_build, as inventories/poc/group_vars/all/ecr_push.yml has them, or an image in lotto_service_image."
    ), run.text
