# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A collection that is needed and missing, or too old, is told before anything is done."""

from __future__ import annotations

import json

import pytest
import yaml
from ansible.errors import AnsibleActionFail
from ansible_collections.magiclub.fargate.plugins.action import validate
from ansible_collections.magiclub.fargate.plugins.plugin_utils import collections

from tests.support.cloud import ROOT
from tests.unit.plugins.test_defect import action

NEEDED = {"amazon.aws": ">=10.1.0", "community.aws": ">=10.0.0"}


@pytest.mark.parametrize(
    ("there", "says"),
    [
        ({"amazon.aws": "10.1.0", "community.aws": "10.0.0"}, []),
        ({"amazon.aws": "11.4.0", "community.aws": "11.2.1"}, []),
        ({"amazon.aws": "10.1.2"}, ["The collection community.aws >=10.0.0 is needed, and it is not there."]),
        (
            {"amazon.aws": "9.5.0", "community.aws": "10.0.0"},
            ["The collection amazon.aws >=10.1.0 is needed, and 9.5.0 is there."],
        ),
        # 9 is not over 10, and a checkout may have no version
        ({"amazon.aws": "10.1.0-dev0", "community.aws": ""}, ["amazon.aws >=10.1.0 is needed, and 10.1.0-dev0"]),
    ],
)
def test_what_is_not_there_or_too_old(there, says):
    found = collections.missing(NEEDED, there.get)
    assert len(found) == len(says)
    for sentence, part in zip(found, says, strict=True):
        assert part in sentence
        assert sentence.endswith(
            "Nothing was done. Run: ansible-galaxy collection install --upgrade -r collections/requirements.yml"
        )


def test_an_installed_collection_names_the_one_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(collections, "HERE", tmp_path)
    (said,) = collections.missing({"community.aws": ">=10.0.0"}, {}.get)
    assert said.endswith("Run: ansible-galaxy collection install --upgrade 'community.aws:>=10.0.0'")


def test_a_job_of_awx_is_told_what_awx_installs(monkeypatch):
    monkeypatch.setenv("AWX_HOST", "https://awx")
    monkeypatch.setenv("JOB_ID", "7")
    (said,) = collections.missing({"community.aws": ">=10.0.0"}, {}.get)
    assert "ansible-galaxy" not in said
    assert "collections/requirements.yml of the project" in said


def test_whatever_is_needed_is_a_lowest_version():
    assert all(wanted.startswith(">=") for wanted in collections.dependencies().values())


def test_what_is_needed_is_what_the_collection_says(tmp_path, monkeypatch):
    assert collections.dependencies() == yaml.safe_load((ROOT / "galaxy.yml").read_text("utf-8"))["dependencies"]
    listed = yaml.safe_load((ROOT / collections.LISTED).read_text("utf-8"))["collections"]
    assert {one["name"]: one["version"] for one in listed} == collections.dependencies()
    manifest = {"collection_info": {"dependencies": {"a.b": ">=1.0.0"}, "version": "1.2.3"}}
    (tmp_path / "MANIFEST.json").write_text(json.dumps(manifest))
    monkeypatch.setattr(collections, "HERE", tmp_path)
    assert collections.dependencies.__wrapped__() == {"a.b": ">=1.0.0"}


def test_the_version_of_a_collection_that_is_there():
    assert collections.version("amazon.aws").split(".")[0].isdigit()
    assert collections.version("nobody.nothing") is None
    assert collections.missing(collections.dependencies()) == []


@pytest.mark.parametrize(
    ("there", "arguments", "refused"),
    [
        ({"amazon.aws": "10.1.0"}, {"tags": ["vpc"]}, "community.aws >=10.0.0"),
        ({"amazon.aws": "10.1.0"}, {"kind": "service", "values": {}}, "community.aws >=10.0.0"),
        # status.yml and others have no task of it
        ({"amazon.aws": "10.1.0"}, {"options": ["service"]}, None),
        ({"amazon.aws": "9.0.0", "community.aws": "10.0.0"}, {"options": ["service"]}, "amazon.aws >=10.1.0"),
    ],
)
def test_whatever_a_playbook_checks_first_says_it(monkeypatch, there, arguments, refused):
    monkeypatch.setattr(collections, "version", there.get)
    given = {"kind": None, "values": None, "options": [], "tags": [], "inventory": True, "platform": False, **arguments}
    monkeypatch.setattr(validate.ActionModule, "validate_argument_spec", lambda *_spec, **_more: ({}, given))
    with pytest.raises(AnsibleActionFail) as caught:
        action(validate, "magiclub.fargate.validate").run(task_vars={"groups": {"all": []}})
    assert str(caught.value).startswith(f"The collection {refused} is needed" if refused else validate.NO_HOST)
