# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""AWS as a test announces it, or an empty account of moto's."""

from __future__ import annotations

import boto3
import pytest
from moto import mock_aws

from tests.unit.plugins.modules.aws_stub import CREDENTIALS, Aws, Ecs


@pytest.fixture
def aws(monkeypatch, capsys):
    stubbed = Aws(monkeypatch, capsys)
    yield stubbed
    stubbed.assert_all_called()


@pytest.fixture
def ecs(monkeypatch, capsys):
    return Ecs(monkeypatch, capsys)


@pytest.fixture
def moto(monkeypatch):
    """An empty account; returns a function from a service's name to its client."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv({"region_name": "AWS_DEFAULT_REGION"}.get(name, name.upper()), value)
    with mock_aws():
        yield boto3.client
