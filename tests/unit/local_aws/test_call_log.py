# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The call log: writes, names of calls, complete lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local_aws.call_log import CallLog, action_of, error_of, is_write


@pytest.mark.parametrize(
    ("action", "method", "write"),
    [
        ("DescribeServices", "POST", False),
        ("ListTagsForResource", "POST", False),
        ("GetCallerIdentity", "POST", False),
        ("BatchGetImage", "POST", False),
        ("AssumeRole", "POST", False),
        ("SimulatePrincipalPolicy", "POST", False),
        ("CreateService", "POST", True),
        ("UpdateService", "POST", True),
        ("TagResource", "POST", True),
        ("PutRetentionPolicy", "POST", True),
        ("AuthorizeSecurityGroupIngress", "POST", True),
        ("ChangeResourceRecordSets", "POST", True),
        ("GET /v2/", "GET", False),
        ("HEAD /v2/x/blobs/y", "HEAD", False),
        ("PUT /v2/x/manifests/y", "PUT", True),
    ],
)
def test_is_write(action: str, method: str, write: bool) -> None:
    assert is_write(action, method) is write


@pytest.mark.parametrize(
    ("headers", "body", "query", "action"),
    [
        ({"x-amz-target": "AmazonEC2ContainerServiceV20141113.RunTask"}, b"{}", {}, "RunTask"),
        ({}, b"Action=DescribeVpcs&Version=2016-11-15", {}, "DescribeVpcs"),
        ({}, b"", {"Action": ["CreateRole"]}, "CreateRole"),
        ({}, b"<xml/>", {}, None),
    ],
)
def test_action_of(headers: dict[str, str], body: bytes, query: dict[str, Any], action: str | None) -> None:
    assert action_of(headers, body, query) == action


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, b"<Code>InvalidVpcID.NotFound</Code>", None),
        (400, b"<Error><Code>InvalidVpcID.NotFound</Code></Error>", "InvalidVpcID.NotFound"),
        (400, b'{"__type": "com.amazonaws.ecs#ClientException"}', "ClientException"),
        (400, b'{"__type": "ClusterNotFoundException", "message": "x"}', "ClusterNotFoundException"),
        (500, b"broken", None),
        (500, b'["not", "an", "object"]', None),
    ],
)
def test_error_of(status: int, body: bytes, error: str | None) -> None:
    assert error_of(status, body) == error


def test_each_call_is_one_line_that_is_there_at_once(tmp_path: Path) -> None:
    path = tmp_path / "log" / "calls.jsonl"
    log = CallLog(path)
    for action in ("DescribeVpcs", "CreateVpc", "CreateVpc"):
        log.add(action=action, method="POST", status=200, error=None, started=0.0, service="ec2", account="1")
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        assert lines[-1]["action"] == action
    assert [(x["seq"], x["write"], x["write_seq"]) for x in lines] == [(1, False, 0), (2, True, 1), (3, True, 2)]
    assert path.stat().st_mode & 0o077 == 0


def test_a_new_log_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_text("old\n")
    CallLog(path)
    assert not path.read_text()
