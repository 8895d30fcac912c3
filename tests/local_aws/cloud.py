# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An account of an emulator, with clients of every service, and a small network."""

from __future__ import annotations

import itertools
import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

REGION = "ap-northeast-2"
POLL = 0.1
NUMBERS = itertools.count(100_000_000_001)
NO_RETRIES = Config(retries={"max_attempts": 0}, parameter_validation=False)


class Account:
    """A fresh account of an emulator; ``account.ecs`` and so on are boto3 clients."""

    def __init__(self, port: int, number: str | None = None, key: str | None = None, secret: str | None = None) -> None:
        self.port = port
        self.number = number or str(next(NUMBERS))
        self.key, self.secret = key or self.number, secret or "test"

    def __getattr__(self, name: str) -> Any:
        client: Any = boto3.client(  # type: ignore[call-overload]
            name.replace("_", "-"),
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name=REGION,
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            config=NO_RETRIES,
        )
        setattr(self, name, client)
        return client

    def user(self, *statements: dict[str, Any]) -> Account:
        """Return the same account as a user with only these policy statements."""
        self.iam.create_user(UserName="tester")
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        self.iam.put_user_policy(UserName="tester", PolicyName="p", PolicyDocument=json.dumps(policy))
        key = self.iam.create_access_key(UserName="tester")["AccessKey"]
        return Account(self.port, self.number, key["AccessKeyId"], key["SecretAccessKey"])

    def role(self, name: str = "task") -> str:
        document = {"Version": "2012-10-17", "Statement": []}
        made = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))
        return str(made["Role"]["Arn"])

    def get(self, name: str, path: str = "/", port: int | None = None, **headers: str) -> tuple[int, str]:
        """Return (status, body) of a request to a load balancer."""
        host = f"{name}.{self.number}.alb.localhost:{port or self.port}"
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"Host": host, **headers})
        try:
            with OPENER.open(asked, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers.get("Location") or error.read().decode()


class KeepRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any) -> None:
        """Return a redirect as the answer instead of following it."""


OPENER = urllib.request.build_opener(KeepRedirects, urllib.request.ProxyHandler({}))


class Network:
    """A VPC with an internet gateway and two subnets."""

    def __init__(self, aws: Account) -> None:
        ec2 = aws.ec2
        self.vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
        self.gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
        self.subnets = [
            ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.20.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")[
                "Subnet"
            ]["SubnetId"]
            for n, zone in enumerate("ac")
        ]
        self.group = ec2.create_security_group(GroupName="g", Description="g", VpcId=self.vpc)["GroupId"]

    @property
    def configuration(self) -> dict[str, Any]:
        return {"awsvpcConfiguration": {"subnets": self.subnets, "securityGroups": [self.group]}}


class Balancer(Network):
    """A load balancer with a target group behind its listener on port 80."""

    def __init__(self, aws: Account, name: str = "web", **health: Any) -> None:
        super().__init__(aws)
        elb = aws.elbv2
        made = elb.create_load_balancer(Name=name, Subnets=self.subnets, SecurityGroups=[self.group])
        self.arn = made["LoadBalancers"][0]["LoadBalancerArn"]
        self.group_arn = elb.create_target_group(
            Name=name, Protocol="HTTP", Port=8080, VpcId=self.vpc, TargetType="ip", **health
        )["TargetGroups"][0]["TargetGroupArn"]
        self.listener = elb.create_listener(
            LoadBalancerArn=self.arn, Port=80, Protocol="HTTP", DefaultActions=[self.forward]
        )["Listeners"][0]["ListenerArn"]

    @property
    def forward(self) -> dict[str, Any]:
        return {"Type": "forward", "TargetGroupArn": self.group_arn}


def code_of(call: Callable[[], Any]) -> str:
    """Return the error code of a call, '' for none."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def message_of(call: Callable[[], Any]) -> str:
    """Return AWS's error message of a call, '' for none."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Message"])
    return ""


def eventually(look: Callable[[], Any], expected: Any, seconds: float = 20.0) -> Any:
    """Poll ``look`` until it returns the expected value, or to the end of the time; return the last value."""
    until = time.monotonic() + seconds
    while (found := look()) != expected and time.monotonic() < until:
        time.sleep(POLL)
    return found
