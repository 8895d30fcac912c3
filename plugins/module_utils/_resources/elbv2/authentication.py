# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The authentication of users by a listener rule, as options and as AWS's actions.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
"""

from __future__ import annotations

import re
import typing as t

Data = t.Mapping[str, t.Any]
Values = dict[str, t.Any]

SECRET_TAG = "ClientSecret"  # noqa: S105 - the name of a tag
"""The tag of a rule with the source of its client secret, as AWS does not return the secret itself."""

TYPES = {"oidc": "authenticate-oidc", "cognito": "authenticate-cognito"}
_CONFIGS = {"authenticate-oidc": "AuthenticateOidcConfig", "authenticate-cognito": "AuthenticateCognitoConfig"}
_OWN = {
    "authenticate-oidc": {
        "issuer": "Issuer",
        "authorization_endpoint": "AuthorizationEndpoint",
        "token_endpoint": "TokenEndpoint",
        "user_info_endpoint": "UserInfoEndpoint",
        "client_id": "ClientId",
    },
    "authenticate-cognito": {
        "user_pool_arn": "UserPoolArn",
        "user_pool_client_id": "UserPoolClientId",
        "user_pool_domain": "UserPoolDomain",
    },
}
_COMMON = {
    "session_cookie_name": "SessionCookieName",
    "scope": "Scope",
    "session_timeout": "SessionTimeout",
    "on_unauthenticated_request": "OnUnauthenticatedRequest",
}
_EXTRA = "authentication_request_extra_params"

# API_AuthenticateOidcActionConfig, API_AuthenticateCognitoActionConfig
DEFAULTS: t.Mapping[str, t.Any] = {
    "session_cookie_name": "AWSELBAuthSessionCookie",
    "scope": "openid",
    "session_timeout": 604800,
    "on_unauthenticated_request": "authenticate",
}
LONGEST_SESSION = 604800
EXTRA_PARAMS = 10
# API_Tag
_LONGEST_TAG = 256

_URL = re.compile(r"https://[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[!-~]*)?")
_ENDPOINTS = ("issuer", "authorization_endpoint", "token_endpoint", "user_info_endpoint")
_POOL = re.compile(r"arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:\d{12}:userpool/[\w-]+_[0-9A-Za-z]+")
# "the domain prefix or fully-qualified domain name of the Amazon Cognito user pool"
_DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
# https://www.rfc-editor.org/rfc/rfc6749#appendix-A
_CLIENT = re.compile(r"[ -~]+")
_SCOPE = re.compile(r"[!#-\[\]-~]+(?: [!#-\[\]-~]+)*")
# https://www.rfc-editor.org/rfc/rfc6265#section-4.1.1: a token
_COOKIE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")


def canonical(wanted: Data | None) -> Values:
    """Return an option C(authenticate) with its C(type) and all defaults, in the form of C(found)."""
    for kind, type_ in TYPES.items():
        if given := (wanted or {}).get(kind):
            set_ = {key: value for key, value in given.items() if value is not None}
            fields = {key: set_.get(key) for key in _OWN[type_]}
            common = {key: set_.get(key, default) for key, default in DEFAULTS.items()}
            return {"type": type_, **fields, **common, _EXTRA: _pairs(set_.get(_EXTRA) or {})}
    return {}


def secret_source(wanted: Data | None) -> str | None:
    """Return the source of the client secret in an option C(authenticate)."""
    return ((wanted or {}).get("oidc") or {}).get("client_secret_from") or None


def tags(wanted: Data | None, has: Data) -> dict[str, str]:
    """Return the tag with the source of a rule's secret; empty if the rule I(has) the tag, but no longer needs it."""
    source = secret_source(wanted)
    return {SECRET_TAG: source or ""} if source or has.get(SECRET_TAG) else {}


def as_option(values: Data, source: str | None) -> Values:
    """Return the option C(authenticate) for a canonical form and the I(source) of its secret."""
    if not values:
        return {}
    kind = next(key for key, type_ in TYPES.items() if type_ == values["type"])
    extra = dict(pair.split("=", 1) for pair in values[_EXTRA])
    secret = {"client_secret_from": source} if source and kind == "oidc" else {}
    fields = {key: value for key, value in values.items() if key not in ("type", _EXTRA)}
    return {kind: {**fields, **secret, _EXTRA: extra}}


def option_of(actions: t.Iterable[Data], secret_of: t.Callable[[str], str]) -> Values:
    """Return the option C(authenticate) for described actions, without values that are the default.

    I(secret_of) returns the source of the secret for a client's id, as AWS does not return the secret.
    """
    values = found(actions)
    source = secret_of(str(values["client_id"])) if values.get("client_id") else None
    return {
        kind: {key: value for key, value in own.items() if value != DEFAULTS.get(key, {})}
        for kind, own in as_option(values, source).items()
    }


def _pairs(extra: Data) -> list[str]:
    return sorted(f"{key}={value}" for key, value in extra.items())


def found(actions: t.Iterable[Data]) -> Values:
    """Return the canonical form of the authentication in described actions; empty if there is none."""
    for action in actions:
        if config := action.get(_CONFIGS.get(action["Type"], "")):
            members = {**_OWN[action["Type"]], **_COMMON}
            fields = {key: config.get(member, DEFAULTS.get(key)) for key, member in members.items()}
            fields["session_timeout"] = int(fields["session_timeout"])
            extra = config.get("AuthenticationRequestExtraParams") or {}
            return {"type": action["Type"], **fields, _EXTRA: _pairs(extra)}
    return {}


def without_login(actions: t.Iterable[Data]) -> list[Data]:
    """Return the actions of a rule without those that authenticate users."""
    return [action for action in actions if action["Type"] not in _CONFIGS]


def request(values: Data, secret: str | None) -> Values:
    """Return the action for CreateRule and ModifyRule, the first in order; only OIDC has a I(secret)."""
    type_ = values["type"]
    config = {member: values[key] for key, member in {**_OWN[type_], **_COMMON}.items()}
    if values[_EXTRA]:
        config["AuthenticationRequestExtraParams"] = dict(pair.split("=", 1) for pair in values[_EXTRA])
    if type_ == TYPES["oidc"]:
        config["ClientSecret"] = secret
    return {"Type": type_, "Order": 1, _CONFIGS[type_]: config}


def problems(wanted: Data | None) -> list[str]:
    """Return the problems with an option C(authenticate), one message each."""
    given = {kind: own for kind in TYPES if (own := (wanted or {}).get(kind))}
    if len(given) > 1:
        return ["authenticate has both oidc and cognito, and a rule takes one of them. Remove the other."]
    return [
        f"authenticate.{kind}.{sentence}"
        for kind, own in given.items()
        for sentence in (*_own_problems(kind, own), *_common_problems(own))
    ]


def _own_problems(kind: str, own: Data) -> t.Iterator[str]:
    for key in _ENDPOINTS if kind == "oidc" else ():
        if not _URL.fullmatch(str(own[key])):
            yield f"{key} '{own[key]}' is not an HTTPS URL. Write one as in https://login.example.com/path."
    if kind == "cognito" and not _POOL.fullmatch(str(own["user_pool_arn"])):
        yield (
            f"user_pool_arn '{own['user_pool_arn']}' is not the ARN of a user pool. Write one as in"
            " arn:aws:cognito-idp:REGION:ACCOUNT:userpool/REGION_ID."
        )
    if kind == "cognito" and not _DOMAIN.fullmatch(str(own["user_pool_domain"])):
        yield (
            f"user_pool_domain '{own['user_pool_domain']}' is neither the prefix of a user pool's domain nor a domain"
            " name. Write one as in magiclub or login.your.company.com."
        )
    client = "client_id" if kind == "oidc" else "user_pool_client_id"
    if not _CLIENT.fullmatch(str(own[client])):
        yield (
            f"{client} {str(own[client])!r} is empty or has characters beyond visible ASCII, which no provider issues."
            " Change it."
        )
    source = own.get("client_secret_from") or ""
    if len(source) > _LONGEST_TAG:
        yield (
            f"client_secret_from has {len(source)} characters: at most {_LONGEST_TAG}, as a tag of the rule keeps it."
            " Shorten the name of the secret."
        )


def _common_problems(own: Data) -> t.Iterator[str]:
    timeout, cookie = own.get("session_timeout"), own.get("session_cookie_name")
    if timeout is not None and not 1 <= timeout <= LONGEST_SESSION:
        yield f"session_timeout {timeout} is out of range: 1 to {LONGEST_SESSION} seconds (seven days). Change it."
    if cookie is not None and not _COOKIE.fullmatch(cookie):
        yield f"session_cookie_name '{cookie}' is not the name of a cookie: letters, digits and !#$%&'*+.^_`|~-."
    scope = own.get("scope")
    if scope is not None and not _SCOPE.fullmatch(scope):
        yield f"scope {scope!r} is not a list of scopes separated by spaces, as in openid email. Change it."
    extra = own.get(_EXTRA) or {}
    if len(extra) > EXTRA_PARAMS:
        yield f"{_EXTRA} has {len(extra)} parameters: at most {EXTRA_PARAMS}. Take some out."
    for key, value in extra.items():
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            yield f"{_EXTRA} has {key}, which is neither text nor a number. Write it as text."
        if not key or "=" in key:
            yield f"{_EXTRA} has the name '{key}': not empty, and without an equals sign. Change it."
