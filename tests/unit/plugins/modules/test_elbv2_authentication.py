# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module elbv2_listener_rule with the authentication of users."""

from __future__ import annotations

import json

import pytest
from ansible_collections.magiclub.fargate.plugins.modules import elbv2_listener_rule

from tests.support import providers
from tests.unit.plugins.modules.test_elbv2 import ELB, NAMED, PATHS, RULE, RULE_ARN, TARGET, created, found_rules
from tests.unit.plugins.modules.test_elbv2 import rule as plain

SECRET = "GfQ7-not-to-be-seen"
PARAMETER = "/magiclub-an2p/office/client"
MANAGED = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:office-AbCdEf"
CONFIG = {
    **providers.sent(providers.OIDC),
    "SessionCookieName": "AWSELBAuthSessionCookie",
    "Scope": "openid",
    "SessionTimeout": 604800,
    "OnUnauthenticatedRequest": "authenticate",
}
COGNITO = providers.COGNITO
FORWARD = [{**TARGET[0], "Order": 2}]


def oidc(**more):
    return {"authenticate": {"oidc": {**providers.OIDC, "client_secret_from": PARAMETER, **more}}}


def sent(**more):
    """Return the actions of a request."""
    return [{"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": {**CONFIG, **more}}, *FORWARD]


def logging_in(priority="5", **more):
    """Return the rule as AWS describes it, without the secret."""
    return {**plain(priority=priority), "Actions": sent(**more)}


def kept(source=PARAMETER):
    return {**NAMED, "ClientSecret": source}


def parameter(aws):
    aws.answer("ssm", "get_parameter", {"Parameter": {"Value": SECRET}}, Name=PARAMETER, WithDecryption=True)


def test_a_rule_is_created_with_the_secret_of_a_parameter_which_is_never_shown(aws):
    found_rules(aws)
    parameter(aws)
    created(aws, logging_in("1"), actions=sent(ClientSecret=SECRET), tags=kept())

    result = aws.run(elbv2_listener_rule.main, **RULE, **oidc())

    assert SECRET not in json.dumps(result)
    assert result["rule"]["authenticate"] == {
        "type": "authenticate-oidc",
        **providers.OIDC,
        "session_cookie_name": "AWSELBAuthSessionCookie",
        "scope": "openid",
        "session_timeout": 604800,
        "on_unauthenticated_request": "authenticate",
        "authentication_request_extra_params": [],
    }


def test_a_rule_as_wanted_is_left_alone_and_its_secret_is_not_read(aws):
    found_rules(aws, (logging_in(), kept()))

    assert aws.run(elbv2_listener_rule.main, **RULE, **oidc())["changed"] is False


@pytest.mark.parametrize(
    ("drifted", "field"),
    [
        ({"ClientId": "other"}, "client_id"),
        ({"Scope": "openid email"}, "scope"),
        ({"OnUnauthenticatedRequest": "allow"}, "on_unauthenticated_request"),
        ({"SessionTimeout": 60}, "session_timeout"),
        ({"AuthenticationRequestExtraParams": {"prompt": "none"}}, "authentication_request_extra_params"),
    ],
)
def test_a_change_by_hand_is_reverted_with_the_secret(aws, drifted, field):
    found_rules(aws, (logging_in(**drifted), kept()))
    parameter(aws)
    aws.answer(ELB, "modify_rule", {}, RuleArn=RULE_ARN, Conditions=PATHS, Actions=sent(ClientSecret=SECRET))
    found_rules(aws, (logging_in(), kept()))

    result = aws.run(elbv2_listener_rule.main, **RULE, **oidc())

    before, after = (result["diff"][side]["authenticate"] for side in ("before", "after"))
    assert {key for key in after if after[key] != before[key]} == {field}


def test_a_new_source_of_the_secret_is_written(aws):
    """The new source is a JSON key in Secrets Manager in another region."""
    found_rules(aws, (logging_in(), kept()))
    held = {"SecretString": json.dumps({"client": SECRET})}
    aws.answer("secretsmanager", "get_secret_value", held, SecretId=MANAGED, VersionStage="AWSPREVIOUS")
    aws.answer(ELB, "modify_rule", {}, RuleArn=RULE_ARN, Conditions=PATHS, Actions=sent(ClientSecret=SECRET))
    source = f"{MANAGED}:client:AWSPREVIOUS:"
    aws.answer(ELB, "add_tags", {}, ResourceArns=[RULE_ARN], Tags=[{"Key": "ClientSecret", "Value": source}])
    found_rules(aws, (logging_in(), kept(source)))

    result = aws.run(elbv2_listener_rule.main, **RULE, **oidc(client_secret_from=source))

    assert result["diff"] == {"before": {"tags.ClientSecret": PARAMETER}, "after": {"tags.ClientSecret": source}}


@pytest.mark.parametrize(
    ("held", "says"),
    [
        ({"SecretString": json.dumps({"other": SECRET})}, "is not JSON with the key 'client'"),
        ({"SecretString": SECRET}, "is not JSON with the key 'client'"),
        ({"SecretString": json.dumps({"client": None, "x": SECRET})}, "is not JSON with the key 'client'"),
        ({"SecretString": json.dumps({"client": {"x": SECRET}})}, "is not JSON with the key 'client'"),
        ({"SecretBinary": b"x"}, "There is no secret"),
    ],
)
def test_a_secret_of_another_form_is_refused_and_not_shown(aws, held, says):
    found_rules(aws)
    aws.answer("secretsmanager", "get_secret_value", held, SecretId=MANAGED)

    result = aws.run(elbv2_listener_rule.main, **RULE, **oidc(client_secret_from=f"{MANAGED}:client::"))

    assert says in result["msg"]
    assert SECRET not in json.dumps(result)


@pytest.mark.parametrize("code", ["ParameterNotFound", "ParameterVersionNotFound"])
def test_a_missing_parameter_is_reported(aws, code):
    found_rules(aws)
    aws.refuse("ssm", "get_parameter", code, Name=PARAMETER, WithDecryption=True)

    assert (
        f"There is no secret {PARAMETER} in this account." in aws.run(elbv2_listener_rule.main, **RULE, **oidc())["msg"]
    )


def test_a_secret_of_a_variable_is_masked(aws):
    found_rules(aws)
    created(aws, logging_in("1"), actions=sent(ClientSecret=SECRET))
    given = {"authenticate": {"oidc": {**providers.OIDC, "client_secret": SECRET}}}

    result = aws.run(elbv2_listener_rule.main, **RULE, **given)

    assert result["changed"] is True
    assert SECRET not in json.dumps(result)


def test_a_rule_authenticates_with_a_user_pool_and_extra_parameters(aws):
    found_rules(aws, (plain(), NAMED))
    config = {
        "UserPoolArn": COGNITO["user_pool_arn"],
        "UserPoolClientId": "1example23456789",
        "UserPoolDomain": "magiclub",
        "SessionCookieName": "AWSELBAuthSessionCookie",
        "Scope": "openid email",
        "SessionTimeout": 3600,
        "OnUnauthenticatedRequest": "deny",
        "AuthenticationRequestExtraParams": {"lang": "ko", "prompt": "login"},
    }
    actions = [{"Type": "authenticate-cognito", "Order": 1, "AuthenticateCognitoConfig": config}, *FORWARD]
    aws.answer(ELB, "modify_rule", {}, RuleArn=RULE_ARN, Conditions=PATHS, Actions=actions)
    found_rules(aws, ({**plain(), "Actions": actions}, NAMED))
    wanted = {
        **COGNITO,
        "scope": "openid email",
        "session_timeout": 3600,
        "on_unauthenticated_request": "deny",
        "authentication_request_extra_params": {"prompt": "login", "lang": "ko"},
    }

    result = aws.run(elbv2_listener_rule.main, **RULE, authenticate={"cognito": wanted})

    assert result["diff"]["before"] == {"authenticate": {}}
    assert result["rule"]["authenticate"]["authentication_request_extra_params"] == ["lang=ko", "prompt=login"]


def test_an_authentication_that_is_not_wanted_is_removed(aws):
    found_rules(aws, (logging_in(), NAMED))
    aws.answer(ELB, "modify_rule", {}, RuleArn=RULE_ARN, Conditions=PATHS, Actions=TARGET)
    found_rules(aws, (plain(), NAMED))

    assert aws.run(elbv2_listener_rule.main, **RULE)["diff"]["after"] == {"authenticate": {}}


def test_check_mode_reads_no_secret(aws):
    found_rules(aws)

    result = aws.run(elbv2_listener_rule.main, check=True, **RULE, **oidc())

    assert result["diff"]["after"]["authenticate"]["client_id"] == "office"


@pytest.mark.parametrize(
    ("authenticate", "says"),
    [
        ({"oidc": providers.OIDC}, "one of the following is required: client_secret_from, client_secret"),
        (
            {"oidc": {**providers.OIDC, "client_secret_from": PARAMETER, "issuer": "http://login.example"}},
            "authenticate.oidc.issuer 'http://login.example' is not an HTTPS URL.",
        ),
        (
            {"oidc": {**providers.OIDC, "client_secret_from": "/" + "x" * 256}},
            "authenticate.oidc.client_secret_from has 257 characters: at most 256",
        ),
        (
            {"oidc": {**providers.OIDC, "client_secret_from": PARAMETER, "session_timeout": 604801}},
            "authenticate.oidc.session_timeout 604801 is out of range: 1 to 604800 seconds",
        ),
        (
            {"cognito": {**COGNITO, "user_pool_arn": "ap-northeast-2_a1B2c3D4e"}},
            "user_pool_arn 'ap-northeast-2_a1B2c3D4e' is not the ARN of a user pool.",
        ),
        (
            {"cognito": {**COGNITO, "user_pool_domain": "Magi_club"}},
            "user_pool_domain 'Magi_club' is neither the prefix",
        ),
        (
            {"cognito": {**COGNITO, "session_cookie_name": "a b"}},
            "session_cookie_name 'a b' is not the name of a cookie",
        ),
        (
            {"cognito": {**COGNITO, "authentication_request_extra_params": {f"p{n}": "1" for n in range(11)}}},
            "authentication_request_extra_params has 11 parameters: at most 10.",
        ),
        (
            {"cognito": {**COGNITO, "authentication_request_extra_params": {"a=b": "1"}}},
            "authentication_request_extra_params has the name 'a=b'",
        ),
    ],
)
def test_invalid_options_are_refused_before_any_call(aws, authenticate, says):
    assert says in aws.run(elbv2_listener_rule.main, **RULE, authenticate=authenticate)["msg"]
