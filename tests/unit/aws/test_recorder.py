# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an acceptance run keeps of AWS's answers: nothing of the account, and all that the readers need."""

from __future__ import annotations

import datetime
import json

import boto3
import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.vpc import api, found
from moto import mock_aws

from tests.aws.recorder import ACCOUNT, Cleaner, Recorder, Replay, answers
from tests.support.cloud import ROOT

FIXTURES = sorted((ROOT / "tests" / "fixtures" / "aws").glob("*.jsonl"))
NAMES = {"mctest-an2t": "magiclub-an2p", "mctest": "magiclub", "shop.secret.example": "lotto.your.company.com"}


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("arn:aws:ecs:ap-northeast-2:987654321098:cluster/mctest-an2t-ecs",
         "arn:aws:ecs:ap-northeast-2:123456789012:cluster/magiclub-an2p-ecs"),
        ("987654321098.dkr.ecr.ap-northeast-2.amazonaws.com/mctest-an2t-lotto",
         "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/magiclub-an2p-lotto"),
        ("mctest.internal", "magiclub.internal"),
        ("shop.secret.example.", "lotto.your.company.com."),
        ("3.35.10.20", "192.0.2.1"),
        ("172.25.128.7", "172.25.128.7"),
        ("10.0.0.0/16", "10.0.0.0/16"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("AIDACKCEVSQ6C2EXAMPLE", "AROAEXAMPLEEXAMPLE12"),
        (["3.35.10.20", "3.35.10.21", "3.35.10.20"], ["192.0.2.1", "192.0.2.2", "192.0.2.1"]),
        ({"OwnerId": "987654321098", "a": 1}, {"OwnerId": "(left out)", "a": 1}),
        ({"ResponseMetadata": {"RequestId": "x"}, "b": True}, {"b": True}),
        (datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), 1767225600.0),
        ("1767225600000", "1767225600000"),
        ("alb-logs-987654321098", "alb-logs-123456789012"),
        ("arn:aws:sts::987654321098:assumed-role/AWSReservedSSO_Admin_0a1b/kim@secret.example",
         "arn:aws:sts::123456789012:assumed-role/Deployer/somebody"),
        ("owner kim@secret.example", "owner somebody@your.company.com"),
        ("mctest-an2t-pub-alb-1357913579.ap-northeast-2.elb.amazonaws.com",
         "magiclub-an2p-pub-alb-1234567890.ap-northeast-2.elb.amazonaws.com"),
        ("2406:da12:0:1:2:3:4:5", "2001:db8::1"),
        ("00:1B:44:11:3A:B7", "00:1B:44:11:3A:B7"),
        ("ecs-svc/4031517264187265103", "ecs-svc/4031517264187265103"),
    ],
)  # fmt: skip
def test_what_tells_an_account_from_others_is_replaced(value, kept):
    assert Cleaner(NAMES).clean(value) == kept


@pytest.mark.parametrize("value", ["subnet-0a1b2c3d4e5f60718", "vpc-1a2b3c4d", "eni-attach-0a1b2c3d4e5f60718",
                                   "5d41402a-bc4b-2a76-b971-9d911017c592", "Z0123456789ABCDEFGHIJ",
                                   "ns-a2b3c4d5e6f7g8h9", "task/c/0123456789abcdef0123456789abcdef",
                                   "loadbalancer/app/a/50dc6c495c0c9188"])  # fmt: skip
def test_an_id_is_replaced_by_the_same_one_everywhere(value):
    cleaner = Cleaner(NAMES)
    once, again = cleaner.clean(value), cleaner.clean({"Ids": [f"in {value}"]})
    assert once != value
    assert len(once) == len(value)
    assert again == {"Ids": [f"in {once}"]}


@mock_aws
def test_what_was_recorded_reads_as_the_account_did(tmp_path):
    session = boto3.Session(region_name="ap-northeast-2")
    ec2 = session.client("ec2")
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "mctest-an2t-vpc"}]}]
    ec2.create_vpc(CidrBlock="172.25.0.0/16", TagSpecifications=tags)
    path = tmp_path / "answers.jsonl"
    recorder = Recorder(path, Cleaner(NAMES), session)
    recorder.stage = "site"
    there = found.resources(api.read(recorder.client, "mctest-an2t", flow_logs=False), "mctest-an2t")
    with pytest.raises(ec2.exceptions.ClientError):
        recorder.client("ec2").describe_vpcs(VpcIds=["vpc-0123456789abcdef0"])

    lines = answers(path)
    text = json.dumps(lines)
    assert "mctest" not in text
    assert session.client("sts").get_caller_identity()["Account"] in (ACCOUNT, "123456789012")
    assert {line["stage"] for line in lines} == {"site"}
    assert [line["status"] for line in lines if line["operation"] == "DescribeVpcs"] == [200, 400]
    replayed = found.resources(api.read(Replay(lines).client, "magiclub-an2p", flow_logs=False), "magiclub-an2p")
    assert [entry["type"] for entry in replayed] == [entry["type"] for entry in there]
    assert replayed[0]["name"] == "magiclub-an2p-vpc"
    assert replayed[0]["id"] != there[0]["id"]


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_the_readers_take_what_a_real_account_answered(path):
    """The fixtures that `make test-aws` has written; none until somebody has run it."""
    lines = answers(path)
    accounts = {part for line in lines for part in json.dumps(line).split(":") if part.isdigit() and len(part) == 12}
    assert accounts <= {ACCOUNT}
    settled = [line for line in lines if line["stage"] == "update"]
    network = api.read(Replay(settled).client, "magiclub-an2p", flow_logs=True, holders=True)
    assert {entry["type"] for entry in found.resources(network, "magiclub-an2p")} >= {"vpc", "subnet", "nat_gateway"}
