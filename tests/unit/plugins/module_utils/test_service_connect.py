# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Service Connect of services: desired, found and removed, and the order of deployments."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import (
    connect,
    desired,
    desired_task,
    layer,
    obstacles,
    plan,
    platform,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import decide
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.normal import normalise_service

from tests.unit.plugins.module_utils.service_definitions import ACCOUNT, FULL, PLATFORM, PREFIX, service

OWN = f"arn:aws:servicediscovery:ap-northeast-2:{ACCOUNT}:namespace/ns-1"
SHARED = "arn:aws:servicediscovery:ap-northeast-2:210987654321:namespace/ns-9"
FOUND = {
    "enabled": True,
    "namespace": OWN,
    "services": [
        {
            "portName": "web",
            "discoveryName": "web-connect",
            "clientAliases": [{"dnsName": "web", "port": 8080}],
        }
    ],
    "logConfiguration": {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": f"/ecs/{FULL}",
            "awslogs-region": "ap-northeast-2",
            "awslogs-stream-prefix": "service-connect",
        },
    },
}


def connecting(**given):
    more = {key: given.pop(key) for key in ("port", "rule", "names") if key in given}
    return service(rule=more.pop("rule", None), service_connect=given, **more)


def there(configuration=None, **more):
    shown = connect.values(configuration, PLATFORM["namespaces_by_id"])
    values = {"service_connect": None if shown == connect.OFF else shown, "deployment_configuration": {}}
    own = {"type": "ecs_service", "name": FULL, "id": "arn:web", "values": values}
    return {"resources": [own], "ids": {}, "task_definitions": [], "service": {"name": FULL}, **more}


def wanted(definition, found=None):
    entries = desired.resources(definition, PLATFORM, found or there())
    return next(entry["values"] for entry in entries if entry["type"] == "ecs_service")["service_connect"]


def changed(definition, configuration):
    found = there(configuration)
    has = {"service_connect": found["resources"][0]["values"]["service_connect"]}
    return [field["path"] for field in compare.differences(has, {"service_connect": wanted(definition, found)})]


def test_a_namespace_alone_enables_service_connect():
    assert changed(connecting(), FOUND) == []
    mapping = desired_task.task_definition_options(connecting(), PLATFORM, there())["container_definitions"][0]
    assert mapping["port_mappings"] == [{"container_port": 8080, "protocol": "tcp", "name": "web"}]


def test_an_http_protocol_is_set_and_ports_have_no_names_without_service_connect():
    spoken = desired_task.task_definition_options(connecting(protocol="http"), PLATFORM, there())
    assert spoken["container_definitions"][0]["port_mappings"][0]["app_protocol"] == "http"
    plain = desired_task.task_definition_options(service(), PLATFORM, there())
    assert plain["container_definitions"][0]["port_mappings"] == [{"container_port": 8080, "protocol": "tcp"}]
    assert wanted(service()) is None


@pytest.mark.parametrize("given", [{"client_only": True}, {"port": None}])
def test_a_client_offers_nothing(given):
    assert set(wanted(connecting(**given))) == {"enabled", "namespace", "log_configuration"}


@pytest.mark.parametrize(
    ("given", "has", "expected"),
    [
        ({"client_aliases": [{"name": "db", "port": 80}]}, {}, ["services.web.client_aliases"]),
        ({}, {"clientAliases": [{"dnsName": "other", "port": 8080}]}, ["services.web.client_aliases"]),
        ({}, {"timeout": {"idleTimeoutSeconds": 5}}, ["services.web.timeout"]),
        ({"timeout": {"idle": 5}}, {"timeout": {"idleTimeoutSeconds": 5}}, []),
        (
            {"timeout": {"idle": 6}},
            {"timeout": {"idleTimeoutSeconds": 5}},
            ["services.web.timeout.idle_timeout_seconds"],
        ),
        ({"ingress_port": 15000}, {}, ["services.web.ingress_port_override"]),
        ({"names": {"connect": "shop"}}, {}, ["services.web.discovery_name"]),
    ],
)
def test_each_different_field_is_a_change(given, has, expected):
    found = copy.deepcopy(FOUND)
    found["services"][0] |= has
    assert changed(connecting(**given), found) == [f"service_connect.{path}" for path in expected]


def test_service_connect_no_longer_desired_is_disabled():
    assert changed(service(), FOUND) == ["service_connect.enabled"]
    assert wanted(service(), there(FOUND)) == connect.OFF


def test_plan_and_module_compare_the_same_configuration():
    has = normalise_service({"serviceArn": "arn", "serviceConnectConfiguration": FOUND})
    asked = connect.configuration(connecting(), PLATFORM, OWN, None)
    assert decide.service_changes(normalise_service({"service_connect_configuration": asked}), has) == []
    more = copy.deepcopy(FOUND)
    more["services"][0]["timeout"] = {"idleTimeoutSeconds": 5}
    has = normalise_service({"serviceArn": "arn", "serviceConnectConfiguration": more})
    (change,) = decide.service_changes(normalise_service({"service_connect_configuration": asked}), has)
    assert change["path"] == "service_connect_configuration"


def test_the_default_discovery_name_is_the_port_name():
    given = {"enabled": True, "namespace": "ns-1", "services": [{"port_name": "web"}]}
    has = {"serviceArn": "arn", "serviceConnectConfiguration": {**FOUND, "logConfiguration": None}}
    has["serviceConnectConfiguration"]["services"] = [{"portName": "web", "discoveryName": "web"}]
    assert (
        decide.service_changes(normalise_service({"service_connect_configuration": given}), normalise_service(has))
        == []
    )


@pytest.mark.parametrize(
    ("around", "given", "expected"),
    [
        ({}, None, "magiclub.internal"),
        ({"http_namespace": "magiclub"}, None, "magiclub"),
        ({}, "shared", "shared"),
        ({"namespace": ""}, None, ""),
    ],
)
def test_the_default_namespace_is_the_platforms(around, given, expected):
    assert connect.namespace(connecting(namespace=given), {**PLATFORM, **around}) == expected


def test_an_existing_namespace_is_sent_by_arn_and_compared_by_its_given_name():
    around = platform.with_shared(PLATFORM, {"partner": {"id": "ns-9", "arn": SHARED}, "gone": None})
    assert around["namespace_arns"] == {"magiclub.internal": OWN, "partner": SHARED}
    assert connect.values({"enabled": True, "namespace": SHARED}, around["namespaces_by_id"])["namespace"] == "partner"


def test_a_missing_namespace_is_an_obstacle():
    known = {"name_prefix": PREFIX, "services": {}, "rules": [], "missing_images": [], "shared_namespaces": {"x": None}}
    (said,) = obstacles.obstacles([connecting(namespace="x")], {**PLATFORM, "check_mode": True}, known)
    assert said.startswith("Service 'web': there is no Cloud Map namespace x in this account and region.")


@pytest.mark.parametrize(("named", "conflicts"), [("magiclub.internal", 1), ("partner", 0)])
def test_an_alias_twice_in_the_platforms_namespace_is_an_obstacle_even_if_one_names_it(named, conflicts):
    both = [connecting(), connecting(namespace=named, client_aliases=[{"name": "web", "port": 8080}])]
    both[1] |= {"name": "api"}
    known = {"name_prefix": PREFIX, "services": {}, "rules": [], "missing_images": []}
    known |= {"shared_namespaces": {"partner": {"id": "ns-9", "arn": SHARED}}}
    said = obstacles.obstacles(both, {**PLATFORM, "check_mode": True}, known)
    assert [sentence.partition(",")[0] for sentence in said] == [
        "Services 'web' and 'api' both have the Service Connect alias web:8080"
    ] * conflicts


def test_a_platform_without_a_namespace_is_an_obstacle():
    cluster = {"resources": [], "execution_role": {"name": "x"}, "exec_policy": None, "namespace": None}
    below = {"ecs_cluster": {**cluster, "http_namespace": None, "cluster": {"name": "c"}}, "alb": {}}
    inputs = {"state": "present", "services": [connecting()], "name_prefix": PREFIX}
    (said,) = layer.missing(inputs, below)
    assert said.startswith("Service 'web': service_connect needs a namespace, and the platform has none.")


def test_unused_endpoints_in_cloud_map_are_removed():
    def left(definition):
        endpoint = {"type": "cloud_map_service", "name": "web-connect.magiclub.internal", "id": "arn:srv", "values": {}}
        known = {"services": {"web": there(FOUND, endpoints=[endpoint])}, "rules": [], "name_prefix": PREFIX}
        has = plan.compared([definition], PLATFORM, known)["found"]
        return [entry["name"] for entry in has if entry["type"] == "cloud_map_service"]

    assert left(connecting()) == []
    assert left(connecting(client_only=True)) == left(service()) == ["web-connect.magiclub.internal"]


def test_ecs_issues_certificates_with_a_role_of_the_service():
    tls = {"issuing_ca": "arn:aws:acm-pca:ap-northeast-2:123456789012:certificate-authority/1"}
    definition = connecting(tls=tls)
    roles = {
        one["name"]: one["values"]
        for one in desired.resources(definition, PLATFORM, there())
        if one["type"] == "iam_role"
    }
    assert roles[f"{FULL}-connect"]["managed_policies"] == [
        f"arn:aws:iam::aws:policy/service-role/{connect.TLS_POLICY}"
    ]
    assert wanted(definition)["services"]["web"]["tls"]["role_arn"] == f"{FULL}-connect"
    given = connecting(tls={**tls, "role_arn": "arn:aws:iam::123456789012:role/theirs"})
    assert f"{FULL}-connect" not in [one["name"] for one in desired.resources(given, PLATFORM, there())]


def test_pure_clients_are_deployed_last():
    offered, reached, client = connecting(), connecting(rule={"paths": ["/*"]}), connecting(client_only=True)
    assert sorted([client, reached, offered], key=connect.deploy_order) == [offered, reached, client]


@pytest.mark.parametrize("own", [None, {"name": "X-Mine", "value": "yes"}])
def test_an_alias_keeps_its_own_test_header(own):
    assert connect.test_header(connecting(), {"test_header": own}) == own
