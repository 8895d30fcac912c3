# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import boto3
import pytest
from ansible_collections.amazon.aws.plugins.module_utils import cloud
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import ClientError, RefusedError
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import api, model
from botocore.stub import Stubber


@pytest.fixture
def ecs(monkeypatch):
    monkeypatch.setattr(cloud.time, "sleep", lambda seconds: None)
    return boto3.client("ecs", region_name="ap-northeast-2", aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="x")


@pytest.mark.parametrize("code", ["ThrottlingException", "ServerException", "UpdateInProgressException"])
def test_transient_errors_are_retried(ecs, code):
    with Stubber(ecs) as stubber:
        stubber.add_client_error("list_clusters", code)
        stubber.add_response("list_clusters", {"clusterArns": ["a"]})
        assert api.clusters(ecs) == ["a"]


def test_permanent_errors_are_not_retried(ecs):
    with Stubber(ecs) as stubber:
        stubber.add_client_error("list_clusters", "AccessDeniedException", "no")
        with pytest.raises(ClientError, match="AccessDeniedException"):
            api.clusters(ecs)
        stubber.assert_no_pending_responses()


def test_another_client_error_is_not_a_missing_task_definition(ecs):
    with Stubber(ecs) as stubber:
        stubber.add_client_error("describe_task_definition", "ClientException", "The revision is odd.")
        with pytest.raises(ClientError, match="The revision is odd"):
            api.task_definition(ecs, name="f")


def test_services_are_described_ten_at_once(ecs):
    names = [f"s{number}" for number in range(25)]
    with Stubber(ecs) as stubber:
        for part in (names[:10], names[10:20], names[20:]):
            expected = {"cluster": "c", "services": part, "include": ["TAGS"]}
            stubber.add_response("describe_services", {"services": [{"serviceName": part[0]}]}, expected)
        found = api.services(ecs, cluster="c", names=names)
    assert [service["serviceName"] for service in found] == ["s0", "s10", "s20"]


def test_all_wrong_options_are_reported_at_once(ecs):
    with pytest.raises(RefusedError) as caught:
        model.request_for(ecs, "CreateCluster", {"brand_new": 1, "capacity_providers": "FARGATE"})
    first, second = str(caught.value).splitlines()
    assert first.startswith("brand_new: the installed botocore ")
    assert second == "capacity_providers: has to be a list, and is a string."


def test_options_of_an_operation(ecs):
    options = model.options_of(ecs, "UpdateService")
    assert {"desired_count", "enable_ecs_managed_tags", "force_new_deployment"} < options
    assert "launch_type" not in options
