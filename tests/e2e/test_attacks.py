# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Attacks with the deployer's keys on a local AWS that enforces IAM: each is refused, and changes nothing.

tests/unit/checks/test_attacks.py checks the same with the Service Authorization Reference.
"""

from __future__ import annotations

import json
import typing as t

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.campaigns.principals import ACCOUNT, TRUST, deployers, make_boundary
from tests.checks import iam
from tests.checks.attacks import ATTACKS, DEPLOYER_ROLE, IAM_FULL_ACCESS, Attack, Client, Others
from tests.support.account import REGION, Account
from tests.support.cloud import Cloud, free_port
from tests.support.no_containers import PREFIX

REFUSED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Cloud]:
    """A local AWS that enforces IAM, without containers."""
    cloud = Cloud(free_port(), tmp_path_factory.mktemp("attacks") / "aws", options=("--no-containers", "--auth"))
    cloud.up()
    yield cloud
    cloud.down()


@pytest.fixture(scope="module")
def account(cloud: Cloud) -> Account:
    return Account(cloud.endpoint, ACCOUNT, cloud.calls_path, 0)


@pytest.fixture(scope="module")
def others(account: Account) -> Others:
    make_boundary(account)
    return Others.make(account.client)


@pytest.fixture(scope="module")
def deployer(account: Account, others: Others) -> Client:
    """The clients of the deployer, with role and policies created as in docs/iam/README.md."""
    assert others
    for name, document in zip(iam.DEPLOYER, deployers(), strict=True):
        account.client("iam").create_policy(
            Path=iam.OWN, PolicyName=f"{name}-{PREFIX}", PolicyDocument=json.dumps(document)
        )
    return session_of(account, DEPLOYER_ROLE)


@pytest.fixture(scope="module")
def strengthened(account: Account, deployer: Client) -> Client:
    """The clients of a deployer that also has IAMFullAccess."""
    return session_of(account, "strengthened", IAM_FULL_ACCESS)


def session_of(account: Account, role_name: str, *inline: iam.Data) -> Client:
    """Create a role with the deployer's policies and others, assume it, and return its clients."""
    aws_iam = account.client("iam")
    trust = json.dumps(TRUST)
    role = aws_iam.create_role(Path=iam.OWN, RoleName=role_name, AssumeRolePolicyDocument=trust)["Role"]
    for name in iam.DEPLOYER:
        arn = f"arn:aws:iam::{ACCOUNT}:policy{iam.OWN}{name}-{PREFIX}"
        aws_iam.attach_role_policy(RoleName=role_name, PolicyArn=arn)
    for document in inline:
        aws_iam.put_role_policy(RoleName=role_name, PolicyName="more", PolicyDocument=json.dumps(document))
    given = account.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="attacker")["Credentials"]
    session = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], REGION)
    return lambda service: session.client(t.cast("t.Any", service), endpoint_url=account.endpoint)


@pytest.mark.parametrize("attack", [one for one in ATTACKS if one.call], ids=lambda attack: attack.name)
def test_an_attack_is_refused(deployer: Client, others: Others, attack: Attack) -> None:
    assert attack.call
    with pytest.raises(ClientError) as refused:
        attack.call(deployer, others)
    assert refused.value.response["Error"]["Code"] in REFUSED, refused.value


@pytest.mark.parametrize("attack", [one for one in ATTACKS if one.call and one.denied], ids=lambda attack: attack.name)
def test_an_attack_is_refused_to_who_has_iamfullaccess_too(
    strengthened: Client, others: Others, attack: Attack
) -> None:
    assert attack.call
    with pytest.raises(ClientError) as refused:
        attack.call(strengthened, others)
    assert refused.value.response["Error"]["Code"] in REFUSED, refused.value


def test_the_deployer_can_do_something(deployer: Client) -> None:
    """So refusals are not caused by its session or the policies' format."""
    aws_iam, ecs = deployer("iam"), deployer("ecs")
    assert ecs.create_cluster(clusterName=f"{PREFIX}-ecs", tags=[{"key": "Name", "value": f"{PREFIX}-ecs"}])["cluster"]
    role = aws_iam.create_role(
        RoleName=f"{PREFIX}-x-task",
        AssumeRolePolicyDocument=json.dumps(TRUST),
        PermissionsBoundary=f"arn:aws:iam::{ACCOUNT}:policy/fargate-boundary/{PREFIX}-boundary",
        Tags=[{"Key": "Name", "Value": f"{PREFIX}-x"}],
    )
    assert role["Role"]
    aws_iam.put_role_policy(RoleName=f"{PREFIX}-x-task", PolicyName="x", PolicyDocument=json.dumps(deployers()[0]))


def test_what_is_attacked_can_be_done_by_an_administrator(account: Account, others: Others) -> None:
    """So the calls are refused for the deployer's permissions only."""
    named = {attack.name: attack for attack in ATTACKS}
    for name in ("name a security group that has no name", "write a record of another's zone", "make a user"):
        call = named[name].call
        assert call
        call(account.client, others)
