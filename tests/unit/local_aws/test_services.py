# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)


from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from local_aws import services

ROOT = Path(__file__).resolve().parents[3]
KNOWN = {"kinesis", "sns", "sqs", "lambda", "glue", "ecs"}
ALIASES = {"topic": "sns", "fn": "lambda"}
# AWS's prefix of an action, if MiniStack's name is different
NAMES = {"cloudwatch": "monitoring", "tag": "tagging"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", ""),
        ("kinesis", "kinesis"),
        (" SNS, kinesis ,", "kinesis,sns"),
        ("topic,sns", "sns"),
        ("ecs,sqs,s3,application-autoscaling", ""),
    ],
)
def test_more_services(asked: str, expected: str) -> None:
    assert services.parse(asked, KNOWN, ALIASES) == expected


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("dynamo", "MiniStack has no service 'dynamo'. It has: ecs, kinesis, sns, sqs."),
        ("kinesis,lambda", "'lambda' stays off: it runs functions as processes of this machine"),
        ("fn", "'lambda' stays off"),
        ("glue", "'glue' stays off"),
    ],
)
def test_services_that_stay_off(asked: str, why: str) -> None:
    with pytest.raises(services.ServicesError, match=re.escape(why)):
        services.parse(asked, KNOWN, ALIASES)


def test_without_names_ministack_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "part", pytest.fail)
    assert services.check(" , ") == ""


def test_every_service_of_the_documented_policies_is_on() -> None:
    # permissions of tasks, which the playbooks don't call
    paths = [path for path in (ROOT / "docs" / "iam").glob("*.json") if path.name != "boundary-policy.json"]
    texts = [path.read_text() for path in paths]
    actions = {action for text in texts for action in re.findall(r'"([a-z0-9-]+):[A-Z*]', json.dumps(json.loads(text)))}
    # aws:ResourceTag and similar are condition keys, and arn:*: begins a resource
    actions -= {"arn", "aws"}
    assert len(actions) > 5
    # only called if a tag names a stack, and there is none
    actions -= {"cloudformation"}
    assert {NAMES.get(name, name) for name in actions} <= services.USED


@pytest.mark.parametrize(
    ("name", "why"), [("kinesis", "up --services kinesis'"), ("eks", "eks stays off in the local AWS: its")]
)
def test_a_service_that_is_off_says_what_to_do(name: str, why: str) -> None:
    assert why in services.why_off(name)
