# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a load balancer may write its access logs, told of the bucket before anything is made."""

from __future__ import annotations

import json

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb import logs, logs_read
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
PLACE = logs.Place("logs-of-ours", "alb", ACCOUNT, "ap-northeast-2", "aws")
OBJECTS = f"arn:aws:s3:::logs-of-ours/alb/AWSLogs/{ACCOUNT}/*"
WRITES = {
    "Effect": "Allow",
    "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
    "Action": "s3:PutObject",
    "Resource": OBJECTS,
}
DENIES = {**WRITES, "Effect": "Deny", "Principal": "*"}
SEEN = {"exists": True, "region": "ap-northeast-2", "encryption": "AES256", "policy": {"Statement": [WRITES]}}


def but(statement, word, value):
    """A statement of all but that: C(NotAction), C(NotResource), C(NotPrincipal)."""
    return {**{key: one for key, one in statement.items() if key != word}, f"Not{word}": value}


def allows(*statements):
    return logs.may_write(PLACE, {"Statement": list(statements)})


@pytest.mark.parametrize(
    "statement",
    [
        WRITES,
        {**WRITES, "Principal": {"AWS": "arn:aws:iam::600734575887:root"}},
        {**WRITES, "Principal": {"AWS": ["600734575887"]}},
        {**WRITES, "Principal": "*"},
        {**WRITES, "Principal": {"AWS": "*"}},
        {**WRITES, "Principal": {"Service": ["delivery.logs.amazonaws.com", logs.SERVICE]}},
        {**WRITES, "Action": ["s3:GetBucketAcl", "s3:Put*"]},
        {**WRITES, "Action": "s3:*"},
        {**WRITES, "Resource": ["arn:aws:s3:::logs-of-ours", "arn:aws:s3:::logs-of-ours/*"]},
        but(WRITES, "Action", "s3:DeleteObject"),
        but(WRITES, "Resource", ["arn:aws:s3:::logs-of-ours/private/*"]),
        {**WRITES, "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:elasticloadbalancing:*"}}},
    ],
)
def test_a_policy_that_lets_it_write(statement):
    assert allows(statement)
    assert logs.may_write(PLACE, {"Statement": statement})


@pytest.mark.parametrize(
    "statements",
    [
        [],
        [{**WRITES, "Principal": {"Service": "delivery.logs.amazonaws.com"}}],
        [{**WRITES, "Principal": {"AWS": "arn:aws:iam::127311923021:root"}}],
        [{**WRITES, "Action": "s3:GetObject"}],
        [{**WRITES, "Resource": f"arn:aws:s3:::logs-of-ours/AWSLogs/{ACCOUNT}/*"}],
        [{**WRITES, "Resource": "arn:aws:s3:::logs-of-ours/alb/AWSLogs/999999999999/*"}],
        [{**WRITES, "Resource": "arn:aws:s3:::logs-of-ours"}],
        [WRITES, DENIES],
        [but(WRITES, "Action", ["s3:Get*", "s3:Put*"])],
        [but(WRITES, "Resource", "arn:aws:s3:::logs-of-ours/*")],
        [WRITES, but(DENIES, "Principal", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"})],
        [WRITES, but(DENIES, "Action", "s3:GetObject")],
        [WRITES, but(DENIES, "Resource", "arn:aws:s3:::logs-of-ours/private/*")],
    ],
)
def test_a_policy_that_does_not(statements):
    assert not allows(*statements)


@pytest.mark.parametrize(
    ("word", "value"),
    [("Principal", WRITES["Principal"]), ("Action", "s3:PutObject"), ("Resource", OBJECTS)],
)
def test_a_denial_of_all_but_what_it_does_is_none_of_it(word, value):
    assert allows(WRITES, but(DENIES, word, value))


def test_a_denial_with_a_condition_is_not_taken_to_hold():
    assert allows(WRITES, {**WRITES, "Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}})


def test_the_statement_that_it_tells_is_one_that_lets_it_write():
    bare = PLACE._replace(prefix="")
    assert logs.statement(bare)["Resource"] == f"arn:aws:s3:::logs-of-ours/AWSLogs/{ACCOUNT}/*"
    odd = PLACE._replace(prefix="logs[prod]/한글")
    assert all(logs.may_write(one, {"Statement": [logs.statement(one)]}) for one in (PLACE, bare, odd))


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        ({}, []),
        (dict.fromkeys(SEEN), []),
        (
            {"exists": False},
            [
                "alb_access_logs_bucket logs-of-ours: there is no such bucket. Create it in ap-northeast-2, or name"
                " another."
            ],
        ),
        (
            {"region": "us-east-1"},
            [
                "alb_access_logs_bucket logs-of-ours is in us-east-1, and the load balancer in ap-northeast-2: AWS"
                " takes one of the same region. Name another."
            ],
        ),
        (
            {"encryption": "aws:kms"},
            [
                "alb_access_logs_bucket logs-of-ours encrypts by aws:kms, by which the load balancer writes nothing:"
                " AWS takes keys of S3 alone (SSE-S3). Change the bucket's default encryption, or name another."
            ],
        ),
        (
            {"policy": {}},
            [
                "The policy of alb_access_logs_bucket logs-of-ours does not let the load balancer write there. Add the"
                f" statement {json.dumps(WRITES)} to it."
            ],
        ),
    ],
)
def test_what_keeps_the_logs_out(seen, says):
    assert logs.problems(PLACE, {**SEEN, **seen}) == says


def bucket(aws, operation, answer):
    if isinstance(answer, str):
        aws.refuse("s3", operation, answer, Bucket="b")
    else:
        aws.answer("s3", operation, answer, Bucket="b")


KMS = {
    "ServerSideEncryptionConfiguration": {
        "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
    }
}
NONE = "ServerSideEncryptionConfigurationNotFoundError"


@pytest.mark.parametrize(
    ("location", "policy", "encryption", "expected"),
    [
        (
            {"LocationConstraint": "ap-northeast-2"},
            {"Policy": json.dumps({"Statement": [WRITES]})},
            KMS,
            {"exists": True, "region": "ap-northeast-2", "policy": {"Statement": [WRITES]}, "encryption": "aws:kms"},
        ),
        (
            {},
            "NoSuchBucketPolicy",
            NONE,
            {"exists": True, "region": "us-east-1", "policy": {}, "encryption": "AES256"},
        ),
        ({"LocationConstraint": "EU"}, "AccessDenied", "AccessDenied", {"exists": True, "region": "eu-west-1"}),
        ("AccessDenied", "AccessDenied", "AccessDenied", {}),
        ("NoSuchBucket", "NoSuchBucket", "NoSuchBucket", {"exists": False}),
    ],
)
def test_a_bucket_is_read_as_far_as_it_may_be(aws, location, policy, encryption, expected):
    bucket(aws, "get_bucket_location", location)
    bucket(aws, "get_bucket_policy", policy)
    bucket(aws, "get_bucket_encryption", encryption)
    assert logs_read.read(aws.client, "b") == {**dict.fromkeys(SEEN), **expected}


def test_another_error_is_not_hidden(aws):
    for operation in ("get_bucket_location", "get_bucket_policy", "get_bucket_encryption"):
        aws.refuse("s3", operation, "InvalidRequest", Bucket="b")
    with pytest.raises(ClientError, match="InvalidRequest"):
        logs_read.read(aws.client, "b")
