# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import boto3
import pytest
from ansible_collections.amazon.aws.plugins.module_utils import cloud
from ansible_collections.amazon.aws.plugins.module_utils.retries import RetryingBotoClientWrapper
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import api
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.errors import AWSError, RefusedError
from botocore.stub import Stubber


class Module:
    """Connects to a stubbed ECS as AnsibleAWSModule does."""

    def __init__(self):
        self.plain = boto3.client(
            "ecs", region_name="ap-northeast-2", aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="x"
        )

    def client(self, service, retry_decorator):
        assert service == "ecs"
        return RetryingBotoClientWrapper(self.plain, retry_decorator)


@pytest.fixture
def module(monkeypatch):
    monkeypatch.setattr(cloud.time, "sleep", lambda seconds: None)
    return Module()


@pytest.mark.parametrize("code", ["ThrottlingException", "ServerException", "UpdateInProgressException"])
def test_what_passes_is_tried_again(module, code):
    with Stubber(module.plain) as stubber:
        stubber.add_client_error("list_clusters", code)
        stubber.add_response("list_clusters", {"clusterArns": ["a"]})
        assert api.clusters(api.connect(module)) == ["a"]


def test_what_stays_is_not_tried_again(module):
    with Stubber(module.plain) as stubber:
        stubber.add_client_error("list_clusters", "AccessDeniedException", "no")
        with pytest.raises(AWSError, match="Can't list the clusters"):
            api.clusters(api.connect(module))
        stubber.assert_no_pending_responses()


def test_another_client_error_is_not_a_missing_task_definition(module):
    with Stubber(module.plain) as stubber:
        stubber.add_client_error("describe_task_definition", "ClientException", "The revision is odd.")
        with pytest.raises(
            AWSError, match=r"Can't read the task definition f: The revision is odd \(ClientException\)"
        ):
            api.task_definition(api.connect(module), name="f")


def test_services_are_described_ten_at_once(module):
    names = [f"s{number}" for number in range(25)]
    with Stubber(module.plain) as stubber:
        for part in (names[:10], names[10:20], names[20:]):
            expected = {"cluster": "c", "services": part, "include": ["TAGS"]}
            stubber.add_response("describe_services", {"services": [{"serviceName": part[0]}]}, expected)
        found = api.services(api.connect(module), cluster="c", names=names)
    assert [service["serviceName"] for service in found] == ["s0", "s10", "s20"]


def test_wrong_options_are_all_refused_at_once(module):
    with pytest.raises(RefusedError) as caught:
        api.request(api.connect(module), "CreateCluster", {"brand_new": 1, "capacity_providers": "FARGATE"})
    first, second = str(caught.value).splitlines()
    assert first.startswith("brand_new: the installed botocore ")
    assert second == "capacity_providers: has to be a list, and is a string."


def test_options_of_an_operation(module):
    options = api.options_of(api.connect(module), "UpdateService")
    assert {"desired_count", "enable_ecs_managed_tags", "force_new_deployment"} < options
    assert "launch_type" not in options
