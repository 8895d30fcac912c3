# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs a module of ECS in this process against botocore's Stubber: each call, in order, with its exact parameters."""

from __future__ import annotations

import contextlib
import functools
import json

import boto3
import pytest
from ansible.module_utils.common.parameters import PASS_VARS
from ansible.module_utils.testing import patch_module_args
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry, RetryingBotoClientWrapper
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.until import until
from ansible_collections.magiclub.fargate.plugins.module_utils._ecs import api
from botocore.stub import ANY, Stubber

ACCOUNT = "arn:aws:ecs:ap-northeast-2:123456789012"
CLUSTER = f"{ACCOUNT}:cluster/c"
CREDENTIALS = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "x", "region_name": "ap-northeast-2"}

__all__ = ["ACCOUNT", "ANY", "CLUSTER", "Clock", "Ecs"]


class Clock:
    """A clock that only pauses move, in place of the one that the module waits by."""

    def __init__(self, monkeypatch, behind):
        self.pauses = []
        wait = functools.partial(until, clock=lambda: sum(self.pauses), sleep=self.pauses.append)
        monkeypatch.setattr(behind, "Calls", functools.partial(behind.Calls, wait=wait))


class Ecs:
    """A stubbed ECS (and Cloud Map) that a module runs against."""

    def __init__(self, monkeypatch, capsys):
        self._capsys = capsys
        self._clients = {name: boto3.client(name, **CREDENTIALS) for name in ("ecs", "servicediscovery")}
        self._stubbers = {name: Stubber(client) for name, client in self._clients.items()}
        retry = AWSRetry.jittered_backoff(retries=1)
        monkeypatch.setattr(
            api, "connect", lambda module, service="ecs": RetryingBotoClientWrapper(self._clients[service], retry)
        )

    def answer(self, operation, response, service="ecs", /, **expected):
        """Expect a call with just these parameters and answer it."""
        self._stubbers[service].add_response(operation, response, expected)

    def refuse(self, operation, code, message, /, **expected):
        """Expect a call with just these parameters and answer it with an error."""
        self._stubbers["ecs"].add_client_error(operation, code, message, expected_params=expected)

    def run(self, main, *, check=False, **parameters):
        """Run the module and return its result; every expected call has been made, and no other."""
        # From core 2.20 on the arguments are a part of the result only where they are asked for.
        asked = {"_ansible_inject_invocation": True} if "inject_invocation" in PASS_VARS else {}
        internal = {"_ansible_check_mode": check, **asked}
        arguments = {**parameters, "region": "ap-northeast-2", **internal}
        with contextlib.ExitStack() as stack:
            for stubber in self._stubbers.values():
                stack.enter_context(stubber)
            stack.enter_context(patch_module_args(arguments))
            stack.enter_context(pytest.raises(SystemExit))
            main()
        for stubber in self._stubbers.values():
            stubber.assert_no_pending_responses()
        return json.loads(self._capsys.readouterr().out.splitlines()[-1])
