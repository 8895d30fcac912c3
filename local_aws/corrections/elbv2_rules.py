# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Conditions of rules, and the protocol version of target groups."""

from __future__ import annotations

import ipaddress
import re
import urllib.parse
from typing import Any

from local_aws.corrections._patch import corrects, instead, part, replace, service

Params = dict[str, Any]
Condition = dict[str, Any]

CONFIGS = {
    "path-pattern": "PathPatternConfig",
    "host-header": "HostHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "source-ip": "SourceIpConfig",
}
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
VALUES_OF_A_RULE = 5
ONCE = frozenset(CONFIGS)


def query_pairs(params: Params, base: str) -> list[dict[str, str]]:
    """Return key and value of each entry of a QueryStringConfig; the key is optional."""
    alb = service("alb")
    pairs: list[dict[str, str]] = []
    while value := alb._p(params, f"{base}.QueryStringConfig.Values.member.{len(pairs) + 1}.Value"):
        key = alb._p(params, f"{base}.QueryStringConfig.Values.member.{len(pairs) + 1}.Key")
        pairs.append({**({"Key": key} if key else {}), "Value": value})
    return pairs


def parse_conditions(original: Any) -> Any:
    def call(params: Params, prefix: str = "Conditions") -> list[Condition]:
        conditions: list[Condition] = original(params, prefix)
        for number, condition in enumerate(conditions, 1):
            if condition["Field"] == "query-string":
                condition["QueryStringConfig"] = {"Values": query_pairs(params, f"{prefix}.member.{number}")}
        return conditions

    return call


def render_condition(condition: Condition) -> str:
    """Return a condition as in DescribeRules: paths and hosts also in Values, others only in their configuration."""
    esc = service("alb")._esc
    field = condition["Field"]
    values = "".join(f"<member>{esc(value)}</member>" for value in condition.get("Values", []))
    text = f"<member><Field>{esc(field)}</Field>"
    if field in ("path-pattern", "host-header"):
        text += f"<Values>{values}</Values>"
    if field in CONFIGS:
        text += f"<{CONFIGS[field]}><Values>{values}</Values></{CONFIGS[field]}>"
    if header := condition.get("HttpHeaderConfig"):
        listed = "".join(f"<member>{esc(value)}</member>" for value in header["Values"])
        name = f"<HttpHeaderName>{esc(header['HttpHeaderName'])}</HttpHeaderName>"
        text += f"<HttpHeaderConfig>{name}<Values>{listed}</Values></HttpHeaderConfig>"
    if query := condition.get("QueryStringConfig"):
        listed = "".join(
            "<member>" + "".join(f"<{name}>{esc(text)}</{name}>" for name, text in pair.items()) + "</member>"
            for pair in query["Values"]
        )
        text += f"<QueryStringConfig><Values>{listed}</Values></QueryStringConfig>"
    return f"{text}</member>"


def fits(pattern: str, text: str, fold: bool) -> bool:
    """Return whether a text matches a pattern, in which only * and ? are wildcards."""
    regex = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(regex, text, re.DOTALL | (re.IGNORECASE if fold else 0)) is not None


def has_pair(pair: dict[str, str], query: dict[str, Any]) -> bool:
    for key, given in query.items():
        if fits(pair.get("Key", "*"), key, fold=True):
            values = given if isinstance(given, list) else [given]
            if any(fits(pair["Value"], urllib.parse.unquote_plus(str(value)), fold=True) for value in values):
                return True
    return False


def match_condition(original: Any) -> Any:
    def call(condition: Condition, method: str, path: str, headers: dict[str, str], query: dict[str, Any]) -> bool:
        field, values = condition.get("Field", ""), condition.get("Values", [])
        if field == "path-pattern":
            return any(fits(value, path, fold=False) for value in values)
        if field == "host-header":
            return any(fits(value, headers.get("host", "").partition(":")[0], fold=True) for value in values)
        if field == "http-request-method":
            return method in values
        if field == "query-string":
            return any(has_pair(pair, query) for pair in (condition.get("QueryStringConfig") or {}).get("Values", []))
        if field == "source-ip":
            sender = ipaddress.ip_address(part("core.responses").get_request_client_ip() or "127.0.0.1")
            return any(sender in ipaddress.ip_network(value, strict=False) for value in values)
        return bool(original(condition, method, path, headers, query))

    return call


def count_of(condition: Condition) -> int:
    configs = [condition.get(name) or {} for name in ("HttpHeaderConfig", "QueryStringConfig")]
    return len(condition.get("Values", [])) + sum(len(config.get("Values", [])) for config in configs)


def refused_conditions(params: Params) -> Any:
    """Refuse a repeated kind of condition, and more values than a rule accepts."""
    alb = service("alb")
    conditions = alb._parse_conditions(params)
    fields = [condition["Field"] for condition in conditions if condition["Field"] in ONCE]
    if len(set(fields)) < len(fields):
        return alb._error("ValidationError", "A rule can have a condition of each of these fields once")
    if sum(map(count_of, conditions)) > VALUES_OF_A_RULE:
        return alb._error("ValidationError", f"A rule can only have '{VALUES_OF_A_RULE}' condition values")
    return None


def refusing(original: Any) -> Any:
    def call(params: Params) -> Any:
        refused = refused_conditions(params)
        return original(params) if refused is None else refused

    return call


@corrects(
    "elbv2",
    aws="conditions are returned as sent, also query strings; each is evaluated, also source addresses and query "
    "strings; a rule accepts five values",
    evidence="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html",
)
def ask_every_condition() -> None:
    alb = service("alb")
    replace(alb, "_parse_conditions", parse_conditions)
    replace(alb, "_condition_xml", instead(render_condition))
    replace(alb, "_match_condition", match_condition)
    replace(alb, "_create_rule", refusing)
    replace(alb, "_modify_rule", refusing)


# MiniStack returns these unescaped; it escapes the query itself.
RAW = {"RedirectConfig": ("Host", "Path"), "FixedResponseConfig": ("MessageBody",)}


def render_action(original: Any) -> Any:
    esc = service("alb")._esc

    def call(action: dict[str, Any]) -> str:
        safe = {
            config: {**action[config], **{name: esc(action[config][name]) for name in names if name in action[config]}}
            for config, names in RAW.items()
            if config in action
        }
        return str(original({**action, **safe}))

    return call


@corrects(
    "elbv2",
    aws="the body of a fixed response and the path of a redirect are returned as sent, also with < and &",
    evidence="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_FixedResponseActionConfig.html",
)
def return_bodies_as_sent() -> None:
    replace(service("alb"), "_action_xml", render_action)


OF_GRPC = {"HealthCheckPath": "/AWS.ALB/healthcheck", "Matcher": {"GrpcCode": "12"}}
VERSIONS = ("HTTP1", "HTTP2", "GRPC")


def create_group(original: Any) -> Any:
    alb = service("alb")

    def call(params: Params) -> Any:
        version = alb._p(params, "ProtocolVersion", "HTTP1")
        if version not in VERSIONS:
            return alb._error("ValidationError", f"Protocol version '{version}' must be one of '{', '.join(VERSIONS)}'")
        before = set(alb._tgs.keys())
        answer = original(params)
        for arn in set(alb._tgs.keys()) - before:
            group = alb._tgs[arn]
            group["ProtocolVersion"] = version
            if version == "GRPC":
                code = alb._p(params, "Matcher.GrpcCode", "12")
                path = alb._p(params, "HealthCheckPath", OF_GRPC["HealthCheckPath"])
                group |= {"HealthCheckPath": path, "Matcher": {"GrpcCode": code}}
            return alb._xml(200, "CreateTargetGroup", f"<TargetGroups>{alb._tg_xml(group)}</TargetGroups>")
        return answer

    return call


def modify_group(original: Any) -> Any:
    alb = service("alb")

    def call(params: Params) -> Any:
        group, code = alb._tgs.get(alb._p(params, "TargetGroupArn")), alb._p(params, "Matcher.GrpcCode")
        if group and code:
            group["Matcher"] = {"GrpcCode": code}
        return original(params)

    return call


def render_group(original: Any) -> Any:
    def call(group: dict[str, Any]) -> str:
        text = str(original(group))
        if group.get("ProtocolVersion", "HTTP1") != "HTTP1":
            text = text.replace("<ProtocolVersion>HTTP1<", f"<ProtocolVersion>{group['ProtocolVersion']}<")
        if code := group.get("Matcher", {}).get("GrpcCode"):
            text = re.sub("<Matcher>.*</Matcher>", f"<Matcher><GrpcCode>{code}</GrpcCode></Matcher>", text)
        return text

    return call


@corrects(
    "elbv2",
    aws="a target group has a protocol version; GRPC ones are checked with a gRPC method and gRPC codes",
    evidence="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html",
)
def keep_protocol_versions() -> None:
    alb = service("alb")
    replace(alb, "_create_tg", create_group)
    replace(alb, "_modify_tg", modify_group)
    replace(alb, "_tg_xml", render_group)
