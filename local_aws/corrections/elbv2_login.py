# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Rules with logins: the values that AWS returns, and Cognito, whose login the gateway emulates."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from local_aws import settings
from local_aws.corrections._patch import corrects, replace, service, unless

Params = dict[str, Any]
Config = dict[str, Any]

OIDC, COGNITO = "AuthenticateOidcConfig", "AuthenticateCognitoConfig"
OF_A_POOL = ("UserPoolArn", "UserPoolClientId", "UserPoolDomain")
DEFAULTS = {
    "Scope": "openid",
    "SessionCookieName": "AWSELBAuthSessionCookie",
    "SessionTimeout": "604800",
    "OnUnauthenticatedRequest": "authenticate",
}
EXTRA = "AuthenticationRequestExtraParams"
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
IDP_ERROR = 561


def extra_params(params: Params, base: str) -> dict[str, str]:
    """Return the extra parameters of a login, as the query API spells a map."""
    alb, found = service("alb"), dict[str, str]()
    while key := alb._p(params, f"{base}.{EXTRA}.entry.{len(found) + 1}.key"):
        found[key] = alb._p(params, f"{base}.{EXTRA}.entry.{len(found) + 1}.value")
    return found


def parse(original: Any) -> Any:
    alb = service("alb")

    def call(params: Params, prefix: str = "DefaultActions") -> list[dict[str, Any]]:
        actions: list[dict[str, Any]] = original(params, prefix)
        for number, action in enumerate(actions, 1):
            base = f"{prefix}.member.{number}"
            if alb._p(params, f"{base}.{COGNITO}.UserPoolArn"):
                own = {name: alb._p(params, f"{base}.{COGNITO}.{name}") for name in OF_A_POOL}
                rest = {name: alb._p(params, f"{base}.{COGNITO}.{name}", value) for name, value in DEFAULTS.items()}
                action[COGNITO] = {**own, **rest}
            for config in (OIDC, COGNITO):
                if config in action and (extra := extra_params(params, f"{base}.{config}")):
                    action[config][EXTRA] = extra
        return actions

    return call


def render(original: Any) -> Any:
    esc = service("alb")._esc

    def entries(config: Config) -> str:
        listed = "".join(
            f"<entry><key>{esc(key)}</key><value>{esc(value)}</value></entry>"
            for key, value in config.get(EXTRA, {}).items()
        )
        return f"<{EXTRA}>{listed}</{EXTRA}>" if listed else ""

    def call(action: dict[str, Any]) -> str:
        safe = {OIDC: {key: esc(one) if isinstance(one, str) else one for key, one in action.get(OIDC, {}).items()}}
        text = str(original({**action, **(safe if OIDC in action else {})}))
        if OIDC in action:
            text = text.replace(f"</{OIDC}>", f"{entries(action[OIDC])}</{OIDC}>")
        if COGNITO in action:
            fields = {key: value for key, value in action[COGNITO].items() if key != EXTRA}
            inner = "".join(f"<{key}>{esc(value)}</{key}>" for key, value in fields.items())
            text = text.removesuffix("</member>")
            text += f"<{COGNITO}>{inner}{entries(action[COGNITO])}</{COGNITO}></member>"
        return text

    return call


def by_http(params: Params) -> Any:
    """Refuse a login on a listener that is not HTTPS."""
    alb = service("alb")
    arn = alb._p(params, "ListenerArn") or alb._rules.get(alb._p(params, "RuleArn"), {}).get("ListenerArn")
    listener = alb._listeners.get(arn)
    kinds = [action["Type"] for action in alb._parse_actions(params, "Actions")]
    if listener and listener["Protocol"] != "HTTPS" and any(kind.startswith("authenticate-") for kind in kinds):
        return alb._error("InvalidLoadBalancerAction", "Authentication actions require an HTTPS listener")
    return None


def without_secret(params: Params) -> Any:
    alb = service("alb")
    for action in alb._parse_actions(params, "Actions"):
        config = action.get(OIDC)
        if config and not config.get("ClientSecret") and not config.get("UseExistingClientSecret"):
            return alb._error("ValidationError", "A client secret must be specified")
    return None


def keep_secret(original: Any) -> Any:
    """Keep a secret that a request omits, if it asks for that."""
    alb = service("alb")

    def call(params: Params) -> Any:
        rule = alb._rules.get(alb._p(params, "RuleArn")) or {}
        had = [action[OIDC].get("ClientSecret") for action in rule.get("Actions", []) if OIDC in action]
        answer = original(params)
        for action in rule.get("Actions", []):
            if had and action.get(OIDC, {}).get("UseExistingClientSecret"):
                action[OIDC].setdefault("ClientSecret", had[0])
        return answer

    return call


def of_pool(action: dict[str, Any]) -> dict[str, Any] | None:
    """Return a user pool's login as one by OpenID Connect at the gateway, which has its pages; None without a pool."""
    config = action[COGNITO]
    pool = service("cognito")._user_pools.get(config["UserPoolArn"].rpartition("/")[2]) or {}
    client = (pool.get("_clients") or {}).get(config["UserPoolClientId"])
    if client is None:
        return None
    base = f"http://127.0.0.1:{settings.gateway_port()}/oauth2"
    own = {
        "AuthorizationEndpoint": f"{base}/authorize",
        "TokenEndpoint": f"{base}/token",
        "UserInfoEndpoint": f"{base}/userInfo",
        "ClientId": config["UserPoolClientId"],
        "ClientSecret": client.get("ClientSecret") or "",
    }
    rest = {key: value for key, value in config.items() if key not in OF_A_POOL}
    return {"Type": "authenticate-oidc", "Order": action.get("Order", 1), OIDC: {**rest, **own}}


def log_in(original: Any) -> Any:
    async def call(actions: list[dict[str, Any]], *rest: Any, **more: Any) -> Any:
        known = [of_pool(action) if COGNITO in action else action for action in actions]
        if None in known:
            return IDP_ERROR, {"Content-Type": "text/plain"}, b"There is no such client of a user pool"
        return await original(known, *rest, **more)

    return call


def with_extra(original: Any) -> Any:
    async def call(action: dict[str, Any], *rest: Any, **more: Any) -> Any:
        answer = await original(action, *rest, **more)
        config = action.get(OIDC, {})
        location = answer[1].get("Location", "") if answer else ""
        if config.get(EXTRA) and location.startswith(f"{config['AuthorizationEndpoint']}?"):
            answer[1]["Location"] = f"{location}&{urlencode(config[EXTRA])}"
        return answer

    return call


@corrects(
    "elbv2",
    aws="rules with logins are returned without the secret, which is kept if it is not given again; they need an "
    "HTTPS listener; Cognito leads to the pages of the user pool",
    evidence="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html",
)
def have_users_log_in() -> None:
    alb = service("alb")
    replace(alb, "_parse_actions", parse)
    replace(alb, "_action_xml", render)
    replace(alb, "_create_rule", unless(by_http))
    replace(alb, "_create_rule", unless(without_secret))
    replace(alb, "_modify_rule", keep_secret)
    replace(alb, "_modify_rule", unless(by_http))
    replace(alb, "_execute_actions", log_in)
    replace(alb, "_authenticate_oidc", with_extra)
