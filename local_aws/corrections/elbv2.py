# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Load balancers, listeners, rules and target groups: refusals, defaults, and what is in use."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from local_aws import settings
from local_aws.corrections import target_health
from local_aws.corrections._patch import corrects, replace, service, then, unless
from local_aws.elbv2_defaults import LOAD_BALANCER_DEFAULTS, TARGET_GROUP_DEFAULTS

Params = dict[str, Any]

# Seconds on AWS, scaled here: until a new load balancer is active, and until a deleted one has left its subnets.
PROVISIONING = 120.0
LEAVING = 30.0

# https://docs.aws.amazon.com/general/latest/gr/elb.html
HOSTED_ZONES = {
    "us-east-1": "Z35SXDOTRQ7X7K",
    "us-east-2": "Z3AADJGX6KTTL2",
    "us-west-1": "Z368ELLRRE2KJ0",
    "us-west-2": "Z1H1FL5HABSF5",
    "ap-northeast-1": "Z14GRHDCWA56QT",
    "ap-northeast-2": "ZWKZPGTI48KDX",
    "ap-southeast-1": "Z1LMS91P8CMLE5",
    "ap-southeast-2": "Z1GM3OXH4ZPM65",
    "eu-central-1": "Z215JYRZR1TBD5",
    "eu-west-1": "Z32O12XQLNTSW2",
}

# (account, region, load balancer ARN) -> (when it has left, its record); EC2 uses it for dependencies.
LEFT: dict[tuple[str, str, str], tuple[float, dict[str, Any]]] = {}


def listed(alb: Any, params: Params, prefix: str) -> list[str]:
    found: list[str] = alb._parse_member_list(params, prefix)
    return found


def subnets_of(alb: Any, params: Params) -> list[str]:
    """Return the subnet ids of Subnets or SubnetMappings."""
    given = listed(alb, params, "Subnets")
    number = 1
    while not listed(alb, params, "Subnets") and alb._p(params, f"SubnetMappings.member.{number}.SubnetId"):
        given.append(alb._p(params, f"SubnetMappings.member.{number}.SubnetId"))
        number += 1
    return given


def first_problem(alb: Any, params: Params) -> tuple[str, str] | None:
    """Return why AWS refuses this CreateLoadBalancer, as (code, message)."""
    ec2 = service("ec2")
    name, subnets = alb._p(params, "Name"), subnets_of(alb, params)
    if len(name) > 32:
        return "ValidationError", f"The load balancer name '{name}' cannot be longer than '32' characters"
    for subnet in subnets:
        if subnet not in ec2._subnets:
            return "SubnetNotFound", f"The subnet ID '{subnet}' does not exist"
    if len({ec2._subnets[s]["AvailabilityZone"] for s in subnets}) < 2:
        message = "At least two subnets in two different Availability Zones must be specified"
        return "ValidationError", message
    vpc = ec2._subnets[subnets[0]]["VpcId"]
    for group in listed(alb, params, "SecurityGroups"):
        if group not in ec2._security_groups:
            return "InvalidSecurityGroup", f"Security group '{group}' does not exist"
    attached = {a["VpcId"] for igw in ec2._internet_gateways.values() for a in igw.get("Attachments", [])}
    if alb._p(params, "Scheme", "internet-facing") == "internet-facing" and vpc not in attached:
        return "InvalidSubnet", f"VPC {vpc} has no internet gateway"
    return None


def state_of(balancer: dict[str, Any]) -> str:
    return "active" if time.time() >= balancer.get("_active_at", 0) else "provisioning"


def zones_xml(balancer: dict[str, Any]) -> str:
    subnets = service("ec2")._subnets
    return "".join(
        f"<member><ZoneName>{subnets.get(s, {}).get('AvailabilityZone', '')}</ZoneName><SubnetId>{s}</SubnetId>"
        "<LoadBalancerAddresses/></member>"
        for s in balancer.get("Subnets", [])
    )


@corrects(
    "elbv2",
    aws="a load balancer is provisioning at first, in its subnets' VPC and zones; it is refused without subnets in "
    "two zones or, internet-facing, without an internet gateway",
    evidence="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html",
)
def provision_load_balancers() -> None:
    alb = service("alb")

    def create(original: Any) -> Any:
        def call(params: Params) -> Any:
            duplicate = any(b["LoadBalancerName"] == alb._p(params, "Name") for b in alb._lbs.values())
            problem = None if duplicate else first_problem(alb, params)
            if problem:
                return alb._error(*problem)
            before = set(alb._lbs.keys())
            answer = original(params)
            for arn in set(alb._lbs.keys()) - before:
                subnets = subnets_of(alb, params)
                balancer = alb._lbs[arn]
                balancer["Subnets"] = subnets
                balancer["VpcId"] = service("ec2")._subnets[subnets[0]]["VpcId"]
                balancer["_active_at"] = time.time() + PROVISIONING * settings.time_scale()
                alb._lb_attrs[arn] = [{"Key": k, "Value": v} for k, v in LOAD_BALANCER_DEFAULTS.items()]
                shown = f"<LoadBalancers>{alb._lb_xml(balancer)}</LoadBalancers>"
                return alb._xml(200, "CreateLoadBalancer", shown)
            return answer

        return call

    replace(alb, "_create_lb", create)

    def render(original: Any) -> Any:
        def call(balancer: dict[str, Any]) -> str:
            text = str(original({**balancer, "State": state_of(balancer), "Subnets": []}))
            zone = HOSTED_ZONES.get(alb.get_region(), HOSTED_ZONES["us-east-1"])
            text = text.replace("Z35SXDOTRQ7X7K", zone)
            empty = "<AvailabilityZones></AvailabilityZones>"
            return text.replace(empty, f"<AvailabilityZones>{zones_xml(balancer)}</AvailabilityZones>")

        return call

    replace(alb, "_lb_xml", render)


class Reference(NamedTuple):
    """A parameter that must name an existing resource: the existing names, and the error for any other."""

    parameter: str
    known: Callable[[], Any]
    code: str
    what: str


def refuse_missing(params: Params, references: tuple[Reference, ...]) -> Any:
    alb = service("alb")
    for parameter, known, code, what in references:
        single = alb._p(params, parameter)
        named = listed(alb, params, parameter) or ([single] if single else [])
        if any(name not in known() for name in named):
            return alb._error(code, f"One or more {what} not found")
    return None


def naming(*references: Reference) -> Any:
    return unless(lambda params: refuse_missing(params, references))


def names_in(store: Any, key: str) -> Callable[[], set[str]]:
    return lambda: {record[key] for record in store.values()}


@corrects(
    "elbv2",
    aws="describing a missing name or ARN is an error: TargetGroupNotFound and so on",
    evidence="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetGroups.html",
)
def miss_what_is_not_there() -> None:
    alb = service("alb")

    def balancer(parameter: str, known: Callable[[], Any] = alb._lbs.keys) -> Reference:
        return Reference(parameter, known, "LoadBalancerNotFound", "load balancers")

    def group(parameter: str, known: Callable[[], Any] = alb._tgs.keys) -> Reference:
        return Reference(parameter, known, "TargetGroupNotFound", "target groups")

    def listener(parameter: str) -> Reference:
        return Reference(parameter, alb._listeners.keys, "ListenerNotFound", "listeners")

    def rule(parameter: str) -> Reference:
        return Reference(parameter, alb._rules.keys, "RuleNotFound", "rules")

    named_balancer = balancer("Names", names_in(alb._lbs, "LoadBalancerName"))
    named_group = group("Names", names_in(alb._tgs, "TargetGroupName"))
    replace(alb, "_describe_lbs", naming(balancer("LoadBalancerArns"), named_balancer))
    replace(alb, "_describe_tgs", naming(group("TargetGroupArns"), named_group, balancer("LoadBalancerArn")))
    replace(alb, "_describe_listeners", naming(listener("ListenerArns"), balancer("LoadBalancerArn")))
    replace(alb, "_describe_rules", naming(listener("ListenerArn"), rule("RuleArns")))
    replace(alb, "_delete_rule", naming(rule("RuleArn")))


@corrects(
    "elbv2",
    aws="a new target group has every attribute, with its default, and lists the load balancers that use it",
    evidence="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html",
)
def complete_target_groups() -> None:
    alb = service("alb")

    def create(original: Any) -> Any:
        def call(params: Params) -> Any:
            name = alb._p(params, "Name")
            if len(name) > 32:
                message = f"Target group name '{name}' cannot be longer than '32' characters"
                return alb._error("ValidationError", message)
            vpc = alb._p(params, "VpcId")
            if vpc and vpc not in service("ec2")._vpcs:
                return alb._error("ValidationError", f"The VPC ID '{vpc}' is not found")
            before = set(alb._tgs.keys())
            answer = original(params)
            for arn in set(alb._tgs.keys()) - before:
                alb._tg_attrs[arn] = [{"Key": k, "Value": v} for k, v in TARGET_GROUP_DEFAULTS.items()]
            return answer

        return call

    replace(alb, "_create_tg", create)

    def render(original: Any) -> Any:
        def call(group: dict[str, Any]) -> str:
            text = str(original({**group, "LoadBalancerArns": users(group["TargetGroupArn"])}))
            extra = "<ProtocolVersion>HTTP1</ProtocolVersion><IpAddressType>ipv4</IpAddressType></member>"
            return text.removesuffix("</member>") + extra

        return call

    replace(alb, "_tg_xml", render)


def users(group_arn: str) -> list[str]:
    """Return the ARNs of the load balancers that forward to a target group."""
    alb = service("alb")
    found = []
    for rule in alb._rules.values():
        listener = alb._listeners.get(rule["ListenerArn"])
        if listener and group_arn in target_health.groups_in_use(rule.get("Actions", [])):
            found.append(listener["LoadBalancerArn"])
    return sorted(set(found))


def forward_config(alb: Any, params: Params, base: str) -> dict[str, Any]:
    groups: list[dict[str, Any]] = []
    while arn := alb._p(params, f"{base}.ForwardConfig.TargetGroups.member.{len(groups) + 1}.TargetGroupArn"):
        weight = alb._p(params, f"{base}.ForwardConfig.TargetGroups.member.{len(groups) + 1}.Weight", "1")
        groups.append({"TargetGroupArn": arn, "Weight": int(weight)})
    sticky = f"{base}.ForwardConfig.TargetGroupStickinessConfig"
    stickiness: dict[str, Any] = {"Enabled": alb._p(params, f"{sticky}.Enabled", "false") == "true"}
    if alb._p(params, f"{sticky}.DurationSeconds"):
        stickiness["DurationSeconds"] = int(alb._p(params, f"{sticky}.DurationSeconds"))
    return {"TargetGroups": groups, "TargetGroupStickinessConfig": stickiness} if groups else {}


def parse_as_sent(original: Any) -> Any:
    alb = service("alb")

    def call(params: Params, prefix: str = "DefaultActions") -> list[dict[str, Any]]:
        actions: list[dict[str, Any]] = original(params, prefix)
        for number, action in enumerate(actions, 1):
            base = f"{prefix}.member.{number}"
            if not alb._p(params, f"{base}.Order"):
                action.pop("Order", None)
            if action["Type"] == "forward":
                complete_forward(action, forward_config(alb, params, base))
        return actions

    return call


def render_as_sent(original: Any) -> Any:
    def call(action: dict[str, Any]) -> str:
        text = str(original(action))
        if "Order" not in action:
            text = text.replace("<Order>1</Order>", "", 1)
        return text.removesuffix("</member>") + forward_xml(action) + "</member>"

    return call


def forward_by_weight(original: Any) -> Any:
    async def call(action: dict[str, Any], *rest: Any) -> Any:
        groups = (action.get("ForwardConfig") or {}).get("TargetGroups", [])
        if len(groups) > 1 and any(g["Weight"] for g in groups):
            chosen = random.choices(groups, [g["Weight"] for g in groups])[0]  # noqa: S311 - spreads load, no secret
            action = {**action, "TargetGroupArn": chosen["TargetGroupArn"]}
        return await original(action, *rest)

    return call


@corrects(
    "elbv2",
    aws="actions are returned as sent: Order only if given, and forward actions with their ForwardConfig, whose "
    "weights divide requests among target groups",
    evidence="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html",
)
def keep_actions_as_sent() -> None:
    alb = service("alb")
    replace(alb, "_parse_actions", parse_as_sent)
    replace(alb, "_action_xml", render_as_sent)
    replace(alb, "_execute_action", forward_by_weight)


def complete_forward(action: dict[str, Any], config: dict[str, Any]) -> None:
    """Complete a forward action with both forms: the ARN if it has one target group, and always a ForwardConfig."""
    if not config and "TargetGroupArn" in action:
        config = {
            "TargetGroups": [{"TargetGroupArn": action["TargetGroupArn"], "Weight": 1}],
            "TargetGroupStickinessConfig": {"Enabled": False},
        }
    action["ForwardConfig"] = config
    if len(config.get("TargetGroups", [])) == 1:
        action["TargetGroupArn"] = config["TargetGroups"][0]["TargetGroupArn"]


def forward_xml(action: dict[str, Any]) -> str:
    config = action.get("ForwardConfig")
    if not config:
        return ""
    groups = "".join(
        f"<member><TargetGroupArn>{g['TargetGroupArn']}</TargetGroupArn><Weight>{g['Weight']}</Weight></member>"
        for g in config["TargetGroups"]
    )
    sticky = config["TargetGroupStickinessConfig"]
    duration = f"<DurationSeconds>{sticky['DurationSeconds']}</DurationSeconds>" if "DurationSeconds" in sticky else ""
    enabled = f"<Enabled>{str(sticky['Enabled']).lower()}</Enabled>"
    return (
        f"<ForwardConfig><TargetGroups>{groups}</TargetGroups>"
        f"<TargetGroupStickinessConfig>{enabled}{duration}</TargetGroupStickinessConfig></ForwardConfig>"
    )


def missing_group(params: Params, prefix: str) -> Any:
    alb = service("alb")
    for arn in target_health.groups_in_use(alb._parse_actions(params, prefix)):
        if arn not in alb._tgs:
            return alb._error("TargetGroupNotFound", f"Target groups '{arn}' not found")
    return None


def bad_certificate(params: Params) -> Any:
    alb = service("alb")
    given = alb._parse_certificate_arns(params)
    for arn in given:
        if arn not in service("acm")._certificates:
            return alb._error("CertificateNotFound", f"Certificate '{arn}' not found")
    if alb._p(params, "Protocol") == "HTTPS" and not given and not alb._p(params, "ListenerArn"):
        return alb._error("ValidationError", "A certificate must be specified for HTTPS listeners")
    return None


def refuse_new_listener(params: Params) -> Any:
    alb = service("alb")
    balancer, port = alb._p(params, "LoadBalancerArn"), int(alb._p(params, "Port", "80"))
    if any(x["LoadBalancerArn"] == balancer and x["Port"] == port for x in alb._listeners.values()):
        message = f"A listener already exists on this port for this load balancer '{balancer}'"
        return alb._error("DuplicateListener", message)
    return bad_certificate(params) or missing_group(params, "DefaultActions")


def refuse_changed_listener(params: Params) -> Any:
    return bad_certificate(params) or missing_group(params, "DefaultActions")


def refuse_new_rule(params: Params) -> Any:
    alb = service("alb")
    listener, priority = alb._p(params, "ListenerArn"), alb._p(params, "Priority")
    if not priority.isdigit() or not 1 <= int(priority) <= 50000:
        return alb._error("ValidationError", f"Priority '{priority}' must be between 1 and 50000")
    if any(r["ListenerArn"] == listener and r["Priority"] == priority for r in alb._rules.values()):
        return alb._error("PriorityInUse", f"Priority '{priority}' is currently in use")
    if not alb._parse_conditions(params):
        return alb._error("ValidationError", "A condition must be specified")
    return missing_group(params, "Actions")


def refuse_changed_rule(params: Params) -> Any:
    return missing_group(params, "Actions")


def refuse_priorities(params: Params) -> Any:
    alb = service("alb")
    wanted: dict[str, str] = {}
    while arn := alb._p(params, f"RulePriorities.member.{len(wanted) + 1}.RuleArn"):
        if arn not in alb._rules:
            return alb._error("RuleNotFound", "One or more rules not found")
        wanted[arn] = alb._p(params, f"RulePriorities.member.{len(wanted) + 1}.Priority")
    for arn, priority in wanted.items():
        listener = alb._rules[arn]["ListenerArn"]
        others = [r for a, r in alb._rules.items() if r["ListenerArn"] == listener and a not in wanted]
        if any(rule["Priority"] == priority for rule in others):
            return alb._error("PriorityInUse", f"Priority '{priority}' is currently in use")
    return None


@corrects(
    "elbv2",
    aws="a listener or rule is refused on a taken port or priority, or with a missing certificate or target group, "
    "and HTTPS without a certificate",
    evidence="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html",
)
def check_listeners_and_rules() -> None:
    alb = service("alb")
    replace(alb, "_create_listener", unless(refuse_new_listener))
    replace(alb, "_modify_listener", unless(refuse_changed_listener))
    replace(alb, "_create_rule", unless(refuse_new_rule))
    replace(alb, "_modify_rule", unless(refuse_changed_rule))
    replace(alb, "_set_rule_priorities", unless(refuse_priorities))


def refuse_balancer(params: Params) -> Any:
    """Refuse a protected load balancer; else remove its listeners and store when it leaves its subnets."""
    alb = service("alb")
    arn = alb._p(params, "LoadBalancerArn")
    balancer = alb._lbs.get(arn)
    if balancer is None:
        return None
    if alb._lb_attr(arn, "deletion_protection.enabled", "false") == "true":
        message = f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        return alb._error("OperationNotPermitted", message)
    for listener in [x for x in alb._listeners.values() if x["LoadBalancerArn"] == arn]:
        alb._delete_listener({"ListenerArn": listener["ListenerArn"]})
    gone_at = time.time() + LEAVING * settings.time_scale()
    LEFT[alb.get_account_id(), alb.get_region(), arn] = (gone_at, balancer)
    return None


def refuse_group(params: Params) -> Any:
    alb = service("alb")
    arn = alb._p(params, "TargetGroupArn")
    if arn in alb._tgs and users(arn):
        return alb._error("ResourceInUse", f"Target group '{arn}' is currently in use by a listener or a rule")
    return None


@corrects(
    "elbv2",
    aws="deleting honours deletion protection and refuses a target group in use; a load balancer is deleted with its "
    "listeners and leaves its subnets a while later",
    evidence="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html",
)
def delete_with_care() -> None:
    alb = service("alb")
    replace(alb, "_delete_lb", unless(refuse_balancer))
    replace(alb, "_delete_tg", unless(refuse_group))
    replace(alb, "reset", then(LEFT.clear))


def balancers_here() -> list[dict[str, Any]]:
    """Return load balancers of the request's account and region whose interfaces are still in their subnets."""
    alb = service("alb")
    here = (alb.get_account_id(), alb.get_region())
    now = time.time()
    leaving = [balancer for key, (gone_at, balancer) in LEFT.items() if key[:2] == here and gone_at > now]
    return [*alb._lbs.values(), *leaving]
