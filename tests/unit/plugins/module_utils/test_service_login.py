# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Authentication of users by listener rules: shown, compared and refused by a plan."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import (
    desired,
    obstacles,
    priorities,
    read,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services.info import info as info_of
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services.routes import client_secrets
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import authentication
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2.decide import rule_values

from tests.support import providers
from tests.unit.plugins.action.test_layer_inputs import inputs_with
from tests.unit.plugins.module_utils.service_definitions import FULL, PLATFORM, PREFIX, nothing, problems, service

SOURCE = "/office/client"
OIDC = {**providers.OIDC, "client_secret_from": SOURCE}
COGNITO = providers.COGNITO


def with_login(login, **more):
    return service(rule={"paths": ["/office/*"], "authenticate": login}, **more)


def rule(definition, found=None):
    made = desired.resources(definition, PLATFORM, found or {})
    return next(entry for entry in made if entry["type"] == "listener_rule")


def there(login, tags):
    """Return the state of the service's rule."""
    actions = [authentication.request(authentication.canonical(login), None)] if login else []
    for action in actions:
        action.get("AuthenticateOidcConfig", {}).pop("ClientSecret", None)
    described = {"Actions": [*actions, {"Type": "forward", "TargetGroupArn": "arn:g", "Order": 2}], "Conditions": []}
    values = {**rule_values(described, tags), "target_group": FULL}
    return {"resources": [{"type": "listener_rule", "name": FULL, "id": "arn:r", "values": values}]}


def fields(login, found):
    """Return the changed fields of the authentication and its tag."""
    with_priority = priorities.with_priorities(
        [with_login(login)], PREFIX, {"name_prefix": PREFIX, "rules": [], "services": {}}
    )[0]
    wanted = rule(with_priority, found)
    (change,) = compare.changes([wanted], found["resources"])
    return {field["path"] for field in change["fields"] if field["path"].startswith(("auth", "tags.Client"))}


KEPT = {"ClientSecret": SOURCE}


@pytest.mark.parametrize(
    ("has", "tags", "wanted", "expected"),
    [
        ({"oidc": OIDC}, KEPT, {"oidc": OIDC}, set()),
        ({"oidc": {**OIDC, "scope": "openid email"}}, KEPT, {"oidc": OIDC}, {"authenticate.scope"}),
        ({"oidc": {**OIDC, "client_id": "x"}}, KEPT, {"oidc": OIDC}, {"authenticate.client_id"}),
        (
            {"oidc": {**OIDC, "authentication_request_extra_params": {"prompt": "none"}}},
            KEPT,
            {"oidc": OIDC},
            {"authenticate.authentication_request_extra_params"},
        ),
        ({"oidc": OIDC}, {"ClientSecret": "/other"}, {"oidc": OIDC}, {"tags.ClientSecret"}),
        ({"oidc": OIDC}, {}, {"oidc": OIDC}, {"tags.ClientSecret"}),
        ({"cognito": COGNITO}, {}, None, {"authenticate"}),
        ({"oidc": OIDC}, KEPT, None, {"authenticate", "tags.ClientSecret"}),
        ({"oidc": OIDC}, KEPT, {}, {"authenticate", "tags.ClientSecret"}),
        (None, {}, None, set()),
    ],
)
def test_a_plan_shows_all_differences_except_the_secret(has, tags, wanted, expected):
    assert fields(wanted, there(has, tags)) == expected


def test_another_identity_provider_is_shown_field_by_field():
    changed = fields({"oidc": OIDC}, there({"cognito": COGNITO}, {}))
    assert changed > {"authenticate.type", "authenticate.issuer", "tags.ClientSecret"}
    assert fields({"cognito": COGNITO}, there(None, {})) > {"authenticate.type", "authenticate.user_pool_arn"}


def test_a_plan_contains_no_secret():
    login = with_login({"oidc": OIDC})
    assert rule(login)["values"]["tags"]["ClientSecret"] == SOURCE
    assert client_secrets([login, with_login({"oidc": OIDC}, name="b"), with_login({"cognito": COGNITO})]) == [SOURCE]


@pytest.mark.parametrize(("protocol", "refused"), [("HTTP", 1), ("HTTPS", 0), (None, 0)])
def test_authentication_needs_an_https_listener(protocol, refused):
    known = {"name_prefix": PREFIX, "rules": [], "services": {}, "missing_images": [], "missing_secrets": []}
    platform = {**PLATFORM, "check_mode": True, "listener_protocol": protocol}
    sentences = obstacles.obstacles([with_login({"cognito": COGNITO})], platform, known)
    assert len(sentences) == refused
    assert all("rule.authenticate needs a listener by HTTPS, and magiclub-an2p-pub-alb:443" in one for one in sentences)


def test_a_missing_client_secret_is_an_obstacle():
    known = {"name_prefix": PREFIX, "rules": [], "services": {}, "missing_images": [], "missing_secrets": [SOURCE]}
    assert obstacles.obstacles([with_login({"oidc": OIDC})], {**PLATFORM, "check_mode": True}, known) == [
        f"Service 'web': there is no secret {SOURCE} for rule.authenticate. Put the client secret there, or name"
        " another in client_secret_from."
    ]


@pytest.mark.parametrize(("is_there", "missing"), [(True, []), (False, [SOURCE]), (None, [])])
def test_a_client_secret_that_can_not_be_read_is_left_to_the_run(monkeypatch, is_there, missing):
    raw = {**nothing(), "shared_namespaces": {}, "naming_groups": []}
    raw |= {"client_secrets": {SOURCE: is_there}, "other_queues": []}
    monkeypatch.setattr(read, "read", lambda _client, _query: raw)
    query = read.Query(services=[], cluster="c", listener_arn=None, namespace_id=None, client_secrets=[SOURCE])
    assert info_of(None, query, {"names": {}, "namespace": "n"})["missing_secrets"] == missing


@pytest.mark.parametrize(
    ("login", "smoke", "says"),
    [
        ({"cognito": COGNITO}, {}, "answers with 302"),
        ({"cognito": {**COGNITO, "on_unauthenticated_request": "deny"}}, {}, "answers with 401"),
        ({"cognito": {**COGNITO, "on_unauthenticated_request": "allow"}}, {}, None),
        ({"cognito": COGNITO}, {"status": 302}, None),
        (None, {}, None),
    ],
)
def test_a_smoke_request_answered_by_the_login_is_refused(login, smoke, says):
    definition = with_login(login, smoke={"path": "/office/x", **smoke})
    found = problems(definition)
    assert len(found) == bool(says)
    assert all(says in sentence for sentence in found)


@pytest.mark.parametrize("login", [{}, {"oidc": None}, {"oidc": None, "cognito": None}])
def test_authentication_without_a_provider_is_refused(login):
    [found] = problems(with_login(login))
    assert "rule.authenticate has neither oidc nor cognito" in found


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        ([], []),
        ([{"name": "a", "rule": {"paths": ["/a"]}}, {"name": "b", "rules": [{"paths": ["/b"]}]}, {"name": "c"}], []),
        ([{"name": "a", "rule": {"authenticate": {"cognito": COGNITO}}}], ["0.0.0.0/0"]),
        ([{"name": "b", "rules": [{"paths": ["/b"]}, {"authenticate": {"oidc": OIDC}}]}], ["0.0.0.0/0"]),
        ([{"name": "a", "rule": {"authenticate": {}}}, {"name": "b", "rule": {"authenticate": None}}], []),
    ],
)
def test_the_load_balancer_may_reach_the_provider_if_a_service_needs_it(services, expected):
    assert inputs_with(fargate_services=services).asked("alb").inputs["identity_provider_cidrs"] == expected
