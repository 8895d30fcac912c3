# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs modules in this process against botocore's Stubber."""

from __future__ import annotations

import functools
import json

import boto3
import pytest
from ansible.module_utils.common.parameters import PASS_VARS
from ansible.module_utils.testing import patch_module_args
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry, RetryingBotoClientWrapper
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import read
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.until import wait_until
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import access
from botocore.exceptions import StubResponseError
from botocore.stub import ANY, Stubber

CREDENTIALS = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "x", "region_name": "ap-northeast-2"}

ACCOUNT = "arn:aws:ecs:ap-northeast-2:123456789012"
CLUSTER = f"{ACCOUNT}:cluster/c"
# a target group as ELB describes it, without name and ARN
TARGET_GROUP = {
    "Protocol": "HTTP",
    "Port": 80,
    "VpcId": "vpc-1",
    "TargetType": "ip",
    "HealthCheckProtocol": "HTTP",
    "HealthCheckPort": "traffic-port",
    "HealthCheckIntervalSeconds": 15,
    "HealthCheckTimeoutSeconds": 5,
    "HealthyThresholdCount": 2,
    "UnhealthyThresholdCount": 3,
    "HealthCheckPath": "/health",
    "Matcher": {"HttpCode": "200"},
}

__all__ = ["ACCOUNT", "ANY", "CLUSTER", "TARGET_GROUP", "Aws", "Clock", "Ecs", "run_module", "timed"]


def run_module(main, capsys, *, check=False, **parameters):
    """Run a module in this process and return its result."""
    # since ansible-core 2.20 a result has the arguments only on request
    invocation = {"_ansible_inject_invocation": True} if "inject_invocation" in PASS_VARS else {}
    arguments = {**parameters, "region": CREDENTIALS["region_name"], "_ansible_check_mode": check, **invocation}
    with patch_module_args(arguments), pytest.raises(SystemExit):
        main()
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def timed(wait):
    """Return a function or class that waits, with a clock that only its pauses advance, and the list of these."""
    pauses = []
    return functools.partial(wait, clock=lambda: sum(pauses), sleep=pauses.append), pauses


class Clock:
    """A clock for the waits of ecs_service and ecs_cluster that only their pauses advance."""

    def __init__(self, monkeypatch):
        wait, self.pauses = timed(wait_until)
        monkeypatch.setattr(access, "Calls", functools.partial(access.Calls, wait=wait))


class StrictStubber(Stubber):
    """Records unexpected calls, as a module may take the stubber's error for one of AWS's and continue."""

    def __init__(self, client):
        super().__init__(client)
        self.unexpected = []

    def _assert_expected_params(self, model, params, context, **keywords):
        try:
            super()._assert_expected_params(model, params, context, **keywords)
        except StubResponseError as error:
            self.unexpected.append(str(error))
            raise


class Aws:
    """Clients that answer only the calls that a test expects, in the order of each service, one at a time."""

    def __init__(self, monkeypatch, capsys):
        monkeypatch.setattr(read, "THREADS", 1)
        self._capsys = capsys
        self._stubbers = {}
        self._clients = {}
        for module in (AnsibleAWSModule, OneSessionModule):
            monkeypatch.setattr(module, "client", lambda _module, service, **keywords: self._handed(service, keywords))

    def _handed(self, service, keywords):
        client = self.client(service)
        once = AWSRetry.jittered_backoff(retries=1)
        return RetryingBotoClientWrapper(client, once) if keywords.get("retry_decorator") else client

    def answer(self, service, operation, response, /, **expected):
        """Expect a call with just these parameters and answer it."""
        self.client(service)
        self._stubbers[service].add_response(operation, response, expected)

    def refuse(self, service, operation, code, /, message="no", fields=None, **expected):
        """Expect a call with just these parameters and answer it with an error."""
        self.client(service)
        self._stubbers[service].add_client_error(
            operation, code, message, expected_params=expected, modeled_fields=fields
        )

    def run(self, main, **parameters):
        """Run the module and return its result; fail unless exactly the expected calls were made."""
        result = run_module(main, self._capsys, **parameters)
        self.assert_all_called()
        return result

    def client(self, service, **_keywords):
        """Return the client of a service, which refuses unexpected calls."""
        if service not in self._clients:
            self._clients[service] = boto3.client(service, **CREDENTIALS)
            self._stubbers[service] = StrictStubber(self._clients[service])
            self._stubbers[service].activate()
        return self._clients[service]

    def assert_all_called(self):
        """Fail if an expected call was not made, or an unexpected one was."""
        for stubber in self._stubbers.values():
            stubber.assert_no_pending_responses()
            assert not stubber.unexpected, "\n".join(stubber.unexpected)


class Ecs(Aws):
    """The same for modules of ECS, which is the default service."""

    def answer(self, operation, response, service="ecs", /, **expected):
        """Expect a call with just these parameters and answer it."""
        super().answer(service, operation, response, **expected)

    def refuse(self, operation, code, message, /, **expected):
        """Expect a call with just these parameters and answer it with an error."""
        super().refuse("ecs", operation, code, message, **expected)
