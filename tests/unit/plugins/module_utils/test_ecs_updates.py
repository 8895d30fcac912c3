# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import updates

from .test_ecs_decide import change


def test_an_update_has_only_the_changed_fields():
    request = {
        "cluster": "c",
        "serviceName": "s",
        "desiredCount": 2,
        "taskDefinition": "f:2",
        "enableExecuteCommand": True,
    }
    assert updates.service([change("desired_count")], request, {}) == {"desiredCount": 2}


def test_an_update_has_no_tags():
    request = {"tags": [{"key": "A", "value": "1"}], "desiredCount": 2}
    assert updates.service([change("tags.A"), change("desired_count")], request, {}) == {"desiredCount": 2}


def test_an_update_replaces_service_connect_as_a_whole():
    request = {"serviceConnectConfiguration": {"enabled": False}}
    found = {"serviceConnectConfiguration": {"enabled": True, "namespace": "n"}}
    assert updates.service([change("service_connect_configuration.enabled")], request, found) == request


@pytest.mark.parametrize("found", [{}, {"deploymentConfiguration": {"alarms": None}}])
def test_an_update_adds_missing_fields(found):
    request = {"deploymentConfiguration": {"alarms": {"enable": True}}}
    assert updates.service([change("deployment_configuration.alarms.enable")], request, found) == request


def test_an_update_keeps_omitted_parts_of_the_deployment_configuration():
    request = {"deploymentConfiguration": {"maximumPercent": 150}}
    found = {
        "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 50, "alarms": {"enable": True}}
    }
    assert updates.service([change("deployment_configuration.maximum_percent")], request, found) == {
        "deploymentConfiguration": {"maximumPercent": 150, "minimumHealthyPercent": 50, "alarms": {"enable": True}}
    }


CANARY = {
    "strategy": "CANARY",
    "bakeTimeInMinutes": 5,
    "canaryConfiguration": {"canaryPercent": 10.0},
    "maximumPercent": 200,
}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"strategy": "ROLLING"}, {"bakeTimeInMinutes", "maximumPercent"}),
        ({"strategy": "LINEAR"}, {"bakeTimeInMinutes", "maximumPercent"}),
        ({"strategy": "CANARY"}, {"bakeTimeInMinutes", "canaryConfiguration", "maximumPercent"}),
        (
            {"strategy": "ROLLING", "canaryConfiguration": {"canaryPercent": 5.0}},
            {"bakeTimeInMinutes", "canaryConfiguration", "maximumPercent"},
        ),
    ],
)
def test_an_update_drops_parts_of_another_strategy(given, kept):
    request = {"deploymentConfiguration": given}
    found = {"deploymentConfiguration": CANARY}
    changes = [change("deployment_configuration.strategy")]
    sent = updates.service(changes, request, found)["deploymentConfiguration"]
    assert sent.keys() == {"strategy", *kept}
    assert sent == {**{key: CANARY[key] for key in kept}, **given}


@pytest.mark.parametrize(
    ("strategy", "kept"),
    [
        ("ROLLING", ["earlySuccessCriteria"]),
        ("LINEAR", ["linearConfiguration"]),
        ("CANARY", ["canaryConfiguration"]),
        ("BLUE_GREEN", []),
    ],
)
def test_a_strategy_keeps_its_own_part(strategy, kept):
    found = {part: {"a": 1} for part in ("canaryConfiguration", "earlySuccessCriteria", "linearConfiguration")}
    request = {"deploymentConfiguration": {"strategy": strategy}}
    changes = [change("deployment_configuration.strategy")]
    sent = updates.service(changes, request, {"deploymentConfiguration": found})["deploymentConfiguration"]
    assert sorted(sent.keys() - {"strategy"}) == kept


def test_an_update_keeps_omitted_parts_of_the_network_configuration():
    request = {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["b"]}}}
    found = {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["a"], "securityGroups": ["g"]}}}
    assert updates.service([change("network_configuration.subnets")], request, found) == {
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["b"], "securityGroups": ["g"]}}
    }


@pytest.mark.parametrize(
    ("path", "request_", "expected"),
    [
        (
            "capacity_provider_strategy",
            {"capacityProviderStrategy": [{"capacityProvider": "FARGATE"}]},
            {"capacityProviderStrategy": [{"capacityProvider": "FARGATE"}], "forceNewDeployment": True},
        ),
        (
            "launch_type",
            {"launchType": "FARGATE"},
            {"capacityProviderStrategy": [], "forceNewDeployment": True},
        ),
        ("force_new_deployment", {"desiredCount": 1}, {"forceNewDeployment": True}),
    ],
)
def test_an_update_that_starts_a_deployment(path, request_, expected):
    assert updates.service([change(path)], request_, {}) == expected


@pytest.mark.parametrize(
    ("request_", "found", "expected"),
    [
        (
            {"capacityProviders": ["B"]},
            {"capacityProviders": ["A"], "defaultCapacityProviderStrategy": [{"capacityProvider": "B"}]},
            {"capacityProviders": ["B"], "defaultCapacityProviderStrategy": [{"capacityProvider": "B"}]},
        ),
        (
            {"defaultCapacityProviderStrategy": []},
            {"capacityProviders": ["A"], "defaultCapacityProviderStrategy": [{"capacityProvider": "A"}]},
            {"capacityProviders": ["A"], "defaultCapacityProviderStrategy": []},
        ),
        ({"capacityProviders": ["A"]}, {}, {"capacityProviders": ["A"], "defaultCapacityProviderStrategy": []}),
    ],
)
def test_omitted_capacity_stays(request_, found, expected):
    assert updates.capacity(request_, found) == expected


def test_a_cluster_update_keeps_omitted_parts_of_the_configuration():
    request = {"configuration": {"executeCommandConfiguration": {"logging": "DEFAULT"}}, "settings": [{"name": "a"}]}
    found = {"configuration": {"executeCommandConfiguration": {"logging": "NONE", "kmsKeyId": "k"}}}
    assert updates.cluster([change("configuration.x"), change("tags.A")], request, found) == {
        "configuration": {"executeCommandConfiguration": {"logging": "DEFAULT", "kmsKeyId": "k"}}
    }


def test_a_cluster_update_has_only_the_changed_fields():
    request = {
        "settings": [{"name": "a", "value": "1"}],
        "serviceConnectDefaults": {"namespace": "n"},
        "configuration": {"x": 1},
        "tags": [{"key": "A", "value": "1"}],
    }
    changes = [change("settings.a"), change("service_connect_defaults.namespace"), change("tags.A")]
    sent = updates.cluster(changes, request, {})
    assert sent == {key: request[key] for key in ("settings", "serviceConnectDefaults")}
