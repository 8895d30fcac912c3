# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.modules import log_group_retention

NAME = "/ecs/magiclub-an2p-web"


def found(aws, *groups):
    aws.answer(
        "logs",
        "describe_log_groups",
        {"logGroups": [{"logGroupName": NAME + "-more"}, *groups]},
        logGroupNamePrefix=NAME,
    )


def run(aws, retention, **more):
    return aws.run(log_group_retention.main, log_group_name=NAME, retention=retention, **more)


def test_sets_days_that_amazon_aws_does_not_accept(aws):
    found(aws, {"logGroupName": NAME, "retentionInDays": 30})
    aws.answer("logs", "put_retention_policy", {}, logGroupName=NAME, retentionInDays=2557)
    result = run(aws, "2557")
    assert (result["changed"], result["diff"]["before"], result["diff"]["after"]) == (
        True,
        "retention: 30\n",
        "retention: 2557\n",
    )


def test_never_removes_the_retention(aws):
    found(aws, {"logGroupName": NAME, "retentionInDays": 30})
    aws.answer("logs", "delete_retention_policy", {}, logGroupName=NAME)
    assert run(aws, "never")["changed"]


@pytest.mark.parametrize(("has", "wanted"), [({}, "never"), ({"retentionInDays": 1096}, "1096")])
def test_changes_nothing_if_nothing_differs(aws, has, wanted):
    found(aws, {"logGroupName": NAME, **has})
    assert not run(aws, wanted)["changed"]


def test_check_mode_writes_nothing_and_needs_no_group(aws):
    found(aws)
    assert run(aws, "1096", check=True)["changed"]


def test_a_missing_group_is_refused(aws):
    found(aws)
    assert f"There is no log group {NAME}." in run(aws, "1096")["msg"]
