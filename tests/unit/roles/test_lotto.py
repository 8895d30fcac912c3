# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the role lotto_service makes of its inputs."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

ROOT = Path(__file__).resolve().parents[3]
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
