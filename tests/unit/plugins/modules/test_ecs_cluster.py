# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import retry
from ansible_collections.magiclub.fargate.plugins.modules import ecs_cluster

from tests.unit.plugins.modules.aws_stub import ACCOUNT, CLUSTER, Clock

INCLUDE = ["ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "TAGS"]
NAMESPACE = "arn:aws:servicediscovery:ap-northeast-2:123456789012:namespace/ns-1"


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    return Clock(monkeypatch)


def cluster(**fields):
    return {"clusterArn": CLUSTER, "clusterName": "c", "status": "ACTIVE", **fields}


def found(ecs, **fields):
    ecs.answer("describe_clusters", {"clusters": [cluster(**fields)]}, clusters=["c"], include=INCLUDE)


def none_found(ecs):
    ecs.answer("describe_clusters", {"clusters": []}, clusters=["c"], include=INCLUDE)


def unused(ecs):
    ecs.answer("list_services", {"serviceArns": []}, cluster="c")
    ecs.answer("list_tasks", {"taskArns": []}, cluster="c")


def run(ecs, **parameters):
    return ecs.run(ecs_cluster.main, name="c", **parameters)


OPTIONS = {
    "capacity_providers": ["FARGATE", "FARGATE_SPOT"],
    "default_capacity_provider_strategy": [{"capacity_provider": "FARGATE", "weight": 1}],
    "settings": {"containerInsights": "enhanced"},
    "configuration": {"execute_command_configuration": {"logging": "DEFAULT"}},
    "tags": {"Project": "magiclub"},
}
REQUEST = {
    "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
    "defaultCapacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1}],
    "settings": [{"name": "containerInsights", "value": "enhanced"}],
    "configuration": {"executeCommandConfiguration": {"logging": "DEFAULT"}},
    "tags": [{"key": "Project", "value": "magiclub"}],
}


@pytest.mark.parametrize("before", [None, "INACTIVE", "DEPROVISIONING", "FAILED"])
def test_creates(ecs, before):
    if before:
        found(ecs, status=before, capacityProviders=["OLD"])
    else:
        none_found(ecs)
    ecs.answer("create_cluster", {"cluster": cluster()}, clusterName="c", **REQUEST)
    found(ecs, **REQUEST)
    result = run(ecs, **OPTIONS)
    assert result["changed"] is True
    assert result["cluster"]["tags"] == {"Project": "magiclub"}
    assert result["cluster"]["settings"] == {"containerInsights": "enhanced"}


def test_creates_nothing_in_check_mode(ecs):
    none_found(ecs)
    result = run(ecs, check=True, **OPTIONS)
    assert (result["changed"], result["cluster"]) == (True, None)
    assert "capacity_providers" in [change["path"] for change in result["changes"]]


def test_a_bare_cluster_is_created_and_changed(ecs):
    none_found(ecs)
    ecs.answer("create_cluster", {"cluster": cluster()}, clusterName="c")
    found(ecs)
    assert run(ecs)["changed"] is True


def test_a_new_cluster_without_options_is_a_difference(ecs):
    none_found(ecs)
    result = run(ecs, check=True)
    assert result["changes"] == [{"path": "status", "before": None, "after": "ACTIVE"}]
    assert (result["changed"], result["diff"]["after"]) == (True, "status: ACTIVE\n")


def test_changes_nothing_if_nothing_differs(ecs):
    found(ecs, **{**REQUEST, "capacityProviders": ["FARGATE_SPOT", "FARGATE"]})
    assert run(ecs, **OPTIONS)["changed"] is False


def test_options_that_are_not_given_are_left_alone(ecs):
    found(ecs, **REQUEST)
    assert run(ecs)["changed"] is False


def test_settings_and_configuration_are_one_call(ecs):
    found(
        ecs,
        **{
            **REQUEST,
            "settings": [{"name": "containerInsights", "value": "disabled"}],
            "configuration": {"executeCommandConfiguration": {"logging": "NONE", "kmsKeyId": "k"}},
        },
    )
    ecs.answer(
        "update_cluster",
        {},
        cluster="c",
        settings=REQUEST["settings"],
        configuration={"executeCommandConfiguration": {"logging": "DEFAULT", "kmsKeyId": "k"}},
    )
    found(ecs, **REQUEST)
    result = run(ecs, **OPTIONS)
    assert [change["path"] for change in result["changes"]] == [
        "configuration.execute_command_configuration.logging",
        "settings.containerInsights",
    ]


def test_the_strategy_stays_if_providers_change(ecs):
    found(ecs, **{**REQUEST, "capacityProviders": ["FARGATE"]})
    ecs.answer(
        "put_cluster_capacity_providers",
        {},
        cluster="c",
        capacityProviders=["FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategy=REQUEST["defaultCapacityProviderStrategy"],
    )
    found(ecs, **REQUEST)
    assert run(ecs, capacity_providers=["FARGATE", "FARGATE_SPOT"])["changed"] is True


def test_tags(ecs):
    found(ecs, tags=[{"key": "Old", "value": "1"}, {"key": "aws:x", "value": "y"}])
    ecs.answer("tag_resource", {}, resourceArn=CLUSTER, tags=[{"key": "New", "value": "1"}])
    ecs.answer("untag_resource", {}, resourceArn=CLUSTER, tagKeys=["Old"])
    found(ecs, tags=[{"key": "New", "value": "1"}])
    assert run(ecs, tags={"New": "1"})["cluster"]["tags"] == {"New": "1"}


@pytest.mark.parametrize(("name", "changed"), [("magiclub.internal", False), ("other", True)])
def test_a_namespace_is_compared_by_name(ecs, name, changed):
    found(ecs, serviceConnectDefaults={"namespace": NAMESPACE})
    ecs.answer(
        "get_namespace", {"Namespace": {"Id": "ns-1", "Name": "magiclub.internal"}}, "servicediscovery", Id="ns-1"
    )
    result = run(ecs, check=True, service_connect_defaults={"namespace": name})
    assert result["changed"] is changed


def test_a_namespace_given_by_arn_is_not_looked_up(ecs):
    found(ecs, serviceConnectDefaults={"namespace": NAMESPACE})
    assert run(ecs, service_connect_defaults={"namespace": NAMESPACE})["changed"] is False


def test_a_strategy_of_other_providers_is_refused(ecs):
    found(ecs, **REQUEST)
    assert run(ecs, capacity_providers=["FARGATE_SPOT"])["msg"] == (
        "default_capacity_provider_strategy: FARGATE has to be in capacity_providers, too."
    )


def test_an_unknown_key_is_refused_before_any_call(ecs):
    result = run(ecs, configuration={"execute_command_configuration": {"loging": "DEFAULT"}})
    assert result["msg"] == ("configuration.execute_command_configuration.loging: no such key; did you mean 'logging'?")


def test_waits_for_the_attachments(ecs, clock):
    none_found(ecs)
    ecs.answer("create_cluster", {"cluster": cluster()}, clusterName="c")
    none_found(ecs)
    found(ecs, status="PROVISIONING")
    found(ecs, attachmentsStatus="UPDATE_IN_PROGRESS")
    found(ecs, attachmentsStatus="UPDATE_COMPLETE")
    assert run(ecs)["changed"] is True
    assert clock.pauses == [1.0, 1.5, 2.25]


def test_failed_attachments_are_an_error(ecs):
    none_found(ecs)
    ecs.answer("create_cluster", {"cluster": cluster()}, clusterName="c")
    found(ecs, attachmentsStatus="UPDATE_FAILED")
    assert "could not be set up (attachments status UPDATE_FAILED)" in run(ecs)["msg"]


def test_slow_attachments_are_an_error(ecs):
    none_found(ecs)
    ecs.answer("create_cluster", {"cluster": cluster()}, clusterName="c")
    found(ecs, attachmentsStatus="UPDATE_IN_PROGRESS")
    assert run(ecs, wait_timeout=0)["msg"] == (
        "The cluster c is still UPDATE_IN_PROGRESS after 0 s. ECS continues in the background:"
        " run this again later, or raise wait_timeout."
    )


def test_absent(ecs):
    found(ecs)
    unused(ecs)
    ecs.answer("delete_cluster", {"cluster": cluster(status="INACTIVE")}, cluster="c")
    assert run(ecs, state="absent")["changed"] is True


@pytest.mark.parametrize("status", [None, "INACTIVE"])
def test_a_missing_cluster_stays_absent(ecs, status):
    if status:
        found(ecs, status=status)
    else:
        none_found(ecs)
    assert run(ecs, state="absent")["changed"] is False


def test_absent_in_check_mode_writes_nothing(ecs):
    found(ecs)
    assert run(ecs, state="absent", check=True)["changed"] is True


def test_absent_reports_remaining_services(ecs):
    found(ecs)
    arns = [f"{ACCOUNT}:service/c/s{number:02}" for number in range(12)]
    ecs.answer("list_services", {"serviceArns": arns}, cluster="c")
    assert run(ecs, state="absent")["msg"] == (
        "The cluster c still has 12 services: s00, s01, s02, s03, s04, s05, s06, s07, s08, s09, 2 more."
        " Remove them first (ecs_service with state: absent)."
    )


def test_absent_reports_remaining_tasks(ecs):
    found(ecs)
    ecs.answer("list_services", {"serviceArns": []}, cluster="c")
    ecs.answer("list_tasks", {"taskArns": [f"{ACCOUNT}:task/c/t1"]}, cluster="c")
    assert run(ecs, state="absent")["msg"] == (
        "The cluster c still runs 1 task of no service: t1. Stop them first (aws ecs stop-task)."
    )


@pytest.mark.parametrize("code", ["ClusterContainsTasksException", "ClusterContainsServicesException"])
def test_absent_waits_for_tasks_that_are_stopping(ecs, monkeypatch, code):
    pauses = []
    monkeypatch.setattr(retry.time, "sleep", pauses.append)
    found(ecs)
    unused(ecs)
    ecs.refuse("delete_cluster", code, "The Cluster cannot be deleted.", cluster="c")
    ecs.answer("delete_cluster", {"cluster": cluster(status="INACTIVE")}, cluster="c")
    assert run(ecs, state="absent")["changed"] is True
    assert pauses == [1.0]


def test_absent_reports_tasks_that_stop_too_slowly(ecs):
    found(ecs)
    unused(ecs)
    ecs.refuse("delete_cluster", "ClusterContainsTasksException", "The Cluster cannot be deleted.", cluster="c")
    assert run(ecs, state="absent", wait_timeout=0)["msg"] == (
        "The cluster c still has tasks that are stopping after 0 s: run this again later, or raise wait_timeout."
    )


def test_absent_reports_other_errors(ecs):
    found(ecs)
    unused(ecs)
    ecs.refuse("delete_cluster", "ClusterContainsContainerInstancesException", "Instances are left.", cluster="c")
    assert run(ecs, state="absent")["msg"] == (
        "Failed to delete cluster c in ap-northeast-2: Instances are left (DeleteCluster:"
        " ClusterContainsContainerInstancesException)."
    )
