# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs a module in this process against botocore's Stubber, whatever services it calls."""

from __future__ import annotations

import json

import boto3
import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from botocore.stub import ANY, Stubber

CREDENTIALS = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "x", "region_name": "ap-northeast-2"}

__all__ = ["ANY", "Aws"]


class Aws:
    """Clients that answer just the calls that a test has announced, each service's in its order."""

    def __init__(self, monkeypatch, capsys):
        self._capsys = capsys
        self._stubbers = {}
        self._clients = {}
        for module in (AnsibleAWSModule, OneSessionModule):
            monkeypatch.setattr(module, "client", lambda _module, service, **_keywords: self.client(service))

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

    def run(self, main, *, check=False, **parameters):
        """Run the module and return its result; every announced call has been made, and no other."""
        arguments = {**parameters, "region": "ap-northeast-2", "_ansible_check_mode": check}
        with patch_module_args(arguments), pytest.raises(SystemExit):
            main()
        self.assert_all_called()
        return json.loads(self._capsys.readouterr().out.splitlines()[-1])

    def client(self, service, **_keywords):
        """Return the client of a service; it refuses a call that was not announced."""
        if service not in self._clients:
            self._clients[service] = boto3.client(service, **CREDENTIALS)
            self._stubbers[service] = Stubber(self._clients[service])
            self._stubbers[service].activate()
        return self._clients[service]

    def assert_all_called(self):
        """Fail where a call that was announced has not been made."""
        for stubber in self._stubbers.values():
            stubber.assert_no_pending_responses()
