# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What AWX itself renders of tower/controller.yml: the files of a credential, the messages of a notification."""

from __future__ import annotations

import json
import pathlib

import botocore.session
import pytest
import yaml
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import artifact
from jinja2 import ChainableUndefined, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

ROOT = pathlib.Path(__file__).parents[3]
ROLE = "arn:aws:iam::123456789012:role/magiclub-deployer"


class Loader(yaml.SafeLoader):
    """Takes Ansible's !unsafe for text."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))
TOWER = yaml.load((ROOT / "tower" / "controller.yml").read_text(encoding="utf-8"), Loader)  # noqa: S506 - a SafeLoader
MESSAGES = TOWER["tower_messages"]
KEYS = {"access_key_id": "AKIAX", "secret_access_key": "planted"}


@pytest.mark.parametrize(
    ("inputs", "source"),
    [
        ({"source": "keys", **KEYS}, {"source_profile": "keys"}),
        ({"source": "keys", "external_id": "x", **KEYS}, {"source_profile": "keys"}),
        ({"source": "EcsContainer"}, {"credential_source": "EcsContainer"}),
        ({"source": "Ec2InstanceMetadata"}, {"credential_source": "Ec2InstanceMetadata"}),
    ],
)
def test_botocore_takes_the_file_of_a_role(tmp_path, monkeypatch, inputs, source):
    """As AWX renders it (CredentialType.inject_credential), with the fields that are filled in."""
    [template] = TOWER["tower_role_type"]["injectors"]["file"].values()
    path = tmp_path / "config"
    path.write_text(ImmutableSandboxedEnvironment().from_string(template).render(role_arn=ROLE, **inputs))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    monkeypatch.setenv("AWS_PROFILE", TOWER["tower_role_type"]["injectors"]["env"]["AWS_PROFILE"])
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    session = botocore.session.Session()
    profile = session.full_config["profiles"]["deployer"]
    assert profile == {"role_arn": ROLE, **source, **({"external_id": "x"} if "external_id" in inputs else {})}
    if inputs["source"] == "keys":
        assert session.get_credentials().method == "assume-role"


def test_a_role_asks_for_what_its_file_needs_and_keeps_the_secret():
    fields = {field["id"]: field for field in TOWER["tower_role_type"]["inputs"]["fields"]}
    assert set(fields) == {"role_arn", "external_id", "source", *KEYS}
    assert [name for name, field in fields.items() if field.get("secret")] == ["secret_access_key"]


JOB = {"id": 7, "name": "magiclub poc deploy", "status": "failed", "artifacts": {}}
FAILURE = artifact.failed({"msg": "It crashed."}, "x")


@pytest.mark.parametrize(
    ("event", "artifacts", "told"),
    [
        ("error", {}, "magiclub poc deploy failed: see its output"),
        ("error", {"fargate_result": FAILURE}, "magiclub poc deploy failed: It crashed."),
        ("success", {"fargate_result": artifact.succeeded("steady", {}, "http://lotto")}, "steady http://lotto"),
    ],
)
def test_a_notification_says_what_became_of_the_job(event, artifacts, told):
    context = {"job": {**JOB, "artifacts": artifacts}, "job_friendly_name": "Job", "url": "https://awx/#/7"}
    environment = ImmutableSandboxedEnvironment(undefined=ChainableUndefined)
    message, body = (environment.from_string(MESSAGES[event][part]).render(context) for part in ("message", "body"))
    assert told in " ".join(message.split())
    assert json.loads(body)["result"] == artifacts.get("fargate_result", {})


@pytest.mark.parametrize("event", sorted(MESSAGES))
def test_awx_takes_the_message(event):
    """NotificationTemplateSerializer.validate_messages: no line break, and no field that its example has not."""
    assert "\n" not in MESSAGES[event]["message"]
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    context = {"job": JOB, "job_friendly_name": "Job", "url": "https://awx/#/7"}
    for part in ("message", "body"):
        environment.from_string(MESSAGES[event][part]).render(context)
