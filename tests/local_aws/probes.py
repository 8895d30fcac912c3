# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One or more probes for each correction: the calls, and AWS's answers."""

from __future__ import annotations

import datetime
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.local_aws.cloud import REGION, Account, Balancer, Network, code_of, eventually, message_of
from tests.support import providers

Look = Callable[[Account], Any]


@dataclass(frozen=True)
class Probe:
    """A probe of an emulator, its correction and AWS's answer."""

    correction: str
    aws: Any
    look: Look
    auth: bool = False

    @property
    def name(self) -> str:
        return f"{self.correction}-{self.look.__name__}"


PROBES: list[Probe] = []


def probe(correction: str, aws: Any, **more: bool) -> Callable[[Look], Look]:
    def enter(look: Look) -> Look:
        PROBES.append(Probe(correction, aws, look, **more))
        return look

    return enter


# gateway -----------------------------------------------------------------


def answering(aws: Account) -> Balancer:
    """Create a load balancer that answers every request itself."""
    made = Balancer(aws)
    answer = {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": "mine"}
    aws.elbv2.modify_listener(
        ListenerArn=made.listener, DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": answer}]
    )
    return made


@probe("elbv2.reach_the_data_plane", [(200, "mine")] * 4)
def every_path_reaches_the_listener(aws: Account) -> Any:
    answering(aws)
    return [aws.get("web", path) for path in ("/health", "/login", "/_ministack/ready", "/v2/x/tags/list")]


@probe("elbv2.reach_the_data_plane", (301, "https://web.100.alb.localhost:443/a?b=c"))
def port_80_redirects_whatever_the_port_of_the_gateway(aws: Account) -> Any:
    made = Balancer(aws)
    action = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
    aws.elbv2.modify_listener(ListenerArn=made.listener, DefaultActions=[action])
    status, location = aws.get("web", "/a?b=c")
    return status, location.replace(aws.number, "100")


@probe("elbv2.reach_the_data_plane", (503, "No load balancer"))
def no_such_load_balancer(aws: Account) -> Any:
    status, body = aws.get("gone")
    return status, body[:16]


# load balancers ------------------------------------------------------------


@probe("elbv2.provision_load_balancers", ["provisioning", "active"])
def a_load_balancer_takes_time(aws: Account) -> Any:
    Balancer(aws)

    def state() -> str:
        return str(aws.elbv2.describe_load_balancers()["LoadBalancers"][0]["State"]["Code"])

    return [state(), eventually(state, "active")]


@probe("elbv2.provision_load_balancers", (True, [f"{REGION}a", f"{REGION}c"], "ZWKZPGTI48KDX"))
def a_load_balancer_is_in_its_network(aws: Account) -> Any:
    made = Balancer(aws)
    shown = aws.elbv2.describe_load_balancers()["LoadBalancers"][0]
    zones = [zone["ZoneName"] for zone in shown["AvailabilityZones"]]
    return shown["VpcId"] == made.vpc, zones, shown["CanonicalHostedZoneId"]


@probe("elbv2.provision_load_balancers", ["ValidationError", "SubnetNotFound", "InvalidSubnet"])
def a_load_balancer_needs_a_network(aws: Account) -> Any:
    made = Network(aws)
    one, none = made.subnets[:1], ["subnet-0", "subnet-1"]

    def create(subnets: list[str]) -> str:
        return code_of(lambda: aws.elbv2.create_load_balancer(Name="web", Subnets=subnets))

    codes = [create(one), create(none)]
    aws.ec2.detach_internet_gateway(InternetGatewayId=made.gateway, VpcId=made.vpc)
    return [*codes, create(made.subnets)]


@probe(
    "elbv2.miss_what_is_not_there",
    ["TargetGroupNotFound", "LoadBalancerNotFound", "ListenerNotFound", "RuleNotFound", "RuleNotFound"],
)
def what_is_not_there(aws: Account) -> Any:
    elb = aws.elbv2
    made = Balancer(aws)
    return [
        code_of(lambda: elb.describe_target_groups(Names=["nope"])),
        code_of(lambda: elb.describe_load_balancers(Names=["web", "nope"])),
        code_of(lambda: elb.describe_listeners(ListenerArns=[made.listener + "0"])),
        code_of(lambda: elb.describe_rules(RuleArns=["arn:aws:elasticloadbalancing:r:1:listener-rule/app/a/b/c/d"])),
        code_of(lambda: elb.delete_rule(RuleArn="arn:aws:elasticloadbalancing:r:1:listener-rule/app/a/b/c/d")),
    ]


@probe("elbv2.provision_load_balancers", ("false", "false", "60"))
def all_attributes_of_a_load_balancer(aws: Account) -> Any:
    made = Balancer(aws)
    given = aws.elbv2.describe_load_balancer_attributes(LoadBalancerArn=made.arn)["Attributes"]
    values = {a["Key"]: a["Value"] for a in given}
    names = ("routing.http.drop_invalid_header_fields.enabled", "deletion_protection.enabled")
    return (*(values.get(name) for name in names), values.get("idle_timeout.timeout_seconds"))


@probe("elbv2.complete_target_groups", ("round_robin", "300", True, "HTTP1"))
def all_of_a_target_group(aws: Account) -> Any:
    made = Balancer(aws)
    given = aws.elbv2.describe_target_group_attributes(TargetGroupArn=made.group_arn)["Attributes"]
    values = {a["Key"]: a["Value"] for a in given}
    aws.elbv2.modify_listener(ListenerArn=made.listener, DefaultActions=[fixed("200")])
    condition = {"Field": "path-pattern", "Values": ["/api/*"]}
    aws.elbv2.create_rule(ListenerArn=made.listener, Priority=1, Conditions=[condition], Actions=[made.forward])
    shown = aws.elbv2.describe_target_groups()["TargetGroups"][0]
    used_by_rule = shown["LoadBalancerArns"] == [made.arn]
    algorithm, delay = "load_balancing.algorithm.type", "deregistration_delay.timeout_seconds"
    return values.get(algorithm), values.get(delay), used_by_rule, shown.get("ProtocolVersion")


def fixed(status: str) -> dict[str, Any]:
    return {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": status, "ContentType": "text/plain"}}


@probe("elbv2.keep_actions_as_sent", [None, 7, True])
def actions_come_back_as_sent(aws: Account) -> Any:
    made = Balancer(aws)
    first = aws.elbv2.describe_listeners(LoadBalancerArn=made.arn)["Listeners"][0]["DefaultActions"][0]
    aws.elbv2.modify_listener(ListenerArn=made.listener, DefaultActions=[{**fixed("200"), "Order": 7}])
    second = aws.elbv2.describe_listeners(LoadBalancerArn=made.arn)["Listeners"][0]["DefaultActions"][0]
    groups = [{"TargetGroupArn": made.group_arn, "Weight": 1}]
    config = {"TargetGroups": groups, "TargetGroupStickinessConfig": {"Enabled": False}}
    return [first.get("Order"), second.get("Order"), first.get("ForwardConfig") == config]


@probe(
    "elbv2.ask_every_condition",
    [{"Key": "v", "Value": "2"}, {"Value": "debug"}],
)
def the_query_of_a_condition_comes_back(aws: Account) -> Any:
    made = Balancer(aws)
    values = [{"Key": "v", "Value": "2"}, {"Value": "debug"}]
    condition = {"Field": "query-string", "QueryStringConfig": {"Values": values}}
    aws.elbv2.create_rule(ListenerArn=made.listener, Priority=1, Conditions=[condition], Actions=[made.forward])
    described = aws.elbv2.describe_rules(ListenerArn=made.listener)["Rules"]
    return next(rule for rule in described if rule["Priority"] == "1")["Conditions"][0]["QueryStringConfig"]["Values"]


@probe("elbv2.ask_every_condition", ["mine", "found", "found", "found", "mine", "found", "mine", "mine"])
def each_condition_is_asked(aws: Account) -> Any:
    made = answering(aws)

    def rule(priority: int, **condition: Any) -> str:
        path = {"Field": "path-pattern", "Values": [f"/{priority}*"]}
        found = {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": "found"}
        action = {"Type": "fixed-response", "FixedResponseConfig": found}
        aws.elbv2.create_rule(
            ListenerArn=made.listener, Priority=priority, Conditions=[path, condition], Actions=[action]
        )
        return str(priority)

    rule(1, Field="query-string", QueryStringConfig={"Values": [{"Key": "V", "Value": "2*"}, {"Value": "debug"}]})
    rule(2, Field="source-ip", SourceIpConfig={"Values": ["127.0.0.0/8"]})
    rule(3, Field="source-ip", SourceIpConfig={"Values": ["203.0.113.0/24"]})
    rule(4, Field="http-request-method", HttpRequestMethodConfig={"Values": ["GET"]})
    rule(5, Field="http-request-method", HttpRequestMethodConfig={"Values": ["POST"]})
    paths = ("1", "1?v=21", "1?x=Debug", "2", "3", "4", "5", "1?v=3")
    return [aws.get("web", f"/{path}")[1].strip() for path in paths]


@probe("elbv2.ask_every_condition", ["ValidationError", "ValidationError"])
def a_rule_takes_five_values_and_one_condition_of_a_field(aws: Account) -> Any:
    made = Balancer(aws)
    path = {"Field": "path-pattern", "Values": ["/a"]}
    header = {"HttpHeaderName": "X", "Values": ["1", "2", "3", "4", "5"]}

    def create(*conditions: Any) -> str:
        given = {"ListenerArn": made.listener, "Conditions": list(conditions), "Actions": [made.forward]}
        return code_of(lambda: aws.elbv2.create_rule(Priority=1, **given))

    return [create(path, {"Field": "http-header", "HttpHeaderConfig": header}), create(path, path)]


PLACES = providers.sent(providers.OIDC)
BY_PATH = [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/office/*"]}}]


def secure(aws: Account, made: Balancer) -> str:
    """Create an HTTPS listener of a load balancer, on 443."""
    certificate = aws.acm.request_certificate(DomainName="web.example")["CertificateArn"]
    return str(
        aws.elbv2.create_listener(
            LoadBalancerArn=made.arn,
            Port=443,
            Protocol="HTTPS",
            Certificates=[{"CertificateArn": certificate}],
            DefaultActions=[made.forward],
        )["Listeners"][0]["ListenerArn"]
    )


def ruled(aws: Account, listener: str) -> list[dict[str, Any]]:
    """Return the actions of a listener's only rule beside its default one."""
    rules = aws.elbv2.describe_rules(ListenerArn=listener)["Rules"]
    return next(rule["Actions"] for rule in rules if not rule["IsDefault"])


def login(config: dict[str, Any], kind: str = "oidc") -> dict[str, Any]:
    name = {"oidc": "AuthenticateOidcConfig", "cognito": "AuthenticateCognitoConfig"}[kind]
    return {"Type": f"authenticate-{kind}", "Order": 1, name: config}


@probe("elbv2.have_users_log_in", ("InvalidLoadBalancerAction", "ValidationError"))
def a_login_needs_https_and_a_secret(aws: Account) -> Any:
    made = Balancer(aws)
    given = {"Priority": 1, "Conditions": BY_PATH}
    sent = [login({**PLACES, "ClientSecret": "s"}), {**made.forward, "Order": 2}]
    plain = code_of(lambda: aws.elbv2.create_rule(ListenerArn=made.listener, Actions=sent, **given))
    lacking = [login(PLACES), {**made.forward, "Order": 2}]
    return plain, code_of(lambda: aws.elbv2.create_rule(ListenerArn=secure(aws, made), Actions=lacking, **given))


@probe(
    "elbv2.have_users_log_in",
    (
        {
            **PLACES,
            "SessionCookieName": "AWSELBAuthSessionCookie",
            "Scope": "openid",
            "SessionTimeout": 604800,
            "OnUnauthenticatedRequest": "deny",
            "AuthenticationRequestExtraParams": {"prompt": "login", "hd": "a&b"},
        },
        ["authenticate-oidc", "forward"],
    ),
)
def a_login_comes_back_with_all_but_the_secret(aws: Account) -> Any:
    made = Balancer(aws)
    config = {**PLACES, "OnUnauthenticatedRequest": "deny"}
    extra = {"AuthenticationRequestExtraParams": {"prompt": "login", "hd": "a&b"}}
    actions = [login({**config, **extra, "ClientSecret": "s"}), {**made.forward, "Order": 2}]
    listener = secure(aws, made)
    aws.elbv2.create_rule(ListenerArn=listener, Priority=1, Conditions=BY_PATH, Actions=actions)
    described = ruled(aws, listener)
    return described[0]["AuthenticateOidcConfig"], [action["Type"] for action in described]


@probe("elbv2.have_users_log_in", (302, "/oauth2/authorize", "1", ["ko"], [True, True]))
def a_user_pool_has_its_own_login(aws: Account) -> Any:
    made = Balancer(aws)
    pool = aws.cognito_idp.create_user_pool(PoolName="staff")["UserPool"]
    client = aws.cognito_idp.create_user_pool_client(UserPoolId=pool["Id"], ClientName="web", GenerateSecret=True)
    config = {
        "UserPoolArn": pool["Arn"],
        "UserPoolClientId": client["UserPoolClient"]["ClientId"],
        "UserPoolDomain": "staff",
        "AuthenticationRequestExtraParams": {"lang": "ko"},
    }
    listener = secure(aws, made)
    actions = [login(config, "cognito"), {**made.forward, "Order": 2}]
    aws.elbv2.create_rule(ListenerArn=listener, Priority=1, Conditions=BY_PATH, Actions=actions)
    described = ruled(aws, listener)[0]["AuthenticateCognitoConfig"]
    status, location = aws.get("web", "/office/x", 443)
    asked = urllib.parse.urlsplit(location)
    query = urllib.parse.parse_qs(asked.query)
    mine = [query["client_id"] == [config["UserPoolClientId"]], described.items() >= config.items()]
    return status, asked.path, str(len(query["state"])), query["lang"], mine


@probe(
    "elbv2.keep_further_certificates",
    (["b"], ["b", "default"], ["default"], ["CertificateNotFound", "OperationNotPermitted"]),
)
def a_listener_has_certificates_beside_its_default_one(aws: Account) -> Any:
    elb, made = aws.elbv2, Balancer(aws)
    listener = secure(aws, made)
    default = elb.describe_listeners(ListenerArns=[listener])["Listeners"][0]["Certificates"][0]["CertificateArn"]
    other = aws.acm.request_certificate(DomainName="b.example")["CertificateArn"]
    names = {default: "default", other: "b"}

    def listed(*, further: bool = False) -> list[str]:
        found = elb.describe_listener_certificates(ListenerArn=listener)["Certificates"]
        return sorted(names[one["CertificateArn"]] for one in found if not (further and one["IsDefault"]))

    for _again in range(2):
        elb.add_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": other}])
    held = listed(further=True), listed()
    elb.remove_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": other}])
    refused = [
        code_of(
            lambda: elb.add_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": "arn:x"}])
        ),
        code_of(
            lambda: elb.remove_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": default}])
        ),
    ]
    return *held, listed(), refused


@probe("elbv2.return_bodies_as_sent", "<p>Later</p>")
def the_body_of_an_answer_comes_back(aws: Account) -> Any:
    made = Balancer(aws)
    answer = {"StatusCode": "503", "ContentType": "text/html", "MessageBody": "<p>Later</p>"}
    action = {"Type": "fixed-response", "FixedResponseConfig": answer}
    condition = [{"Field": "path-pattern", "Values": ["/1"]}]
    aws.elbv2.create_rule(ListenerArn=made.listener, Priority=1, Conditions=condition, Actions=[action])
    rules = aws.elbv2.describe_rules(ListenerArn=made.listener)["Rules"]
    found = next(rule for rule in rules if rule["Priority"] == "1")["Actions"][0]
    return found["FixedResponseConfig"]["MessageBody"]


@probe("elbv2.keep_protocol_versions", ["GRPC", "/AWS.ALB/healthcheck", {"GrpcCode": "12"}, {"GrpcCode": "0-99"}])
def a_target_group_by_grpc(aws: Account) -> Any:
    made = Balancer(aws)
    given = {"Name": "quotes", "Protocol": "HTTP", "Port": 50051, "VpcId": made.vpc, "TargetType": "ip"}
    group = aws.elbv2.create_target_group(ProtocolVersion="GRPC", **given)["TargetGroups"][0]
    changed = aws.elbv2.modify_target_group(TargetGroupArn=group["TargetGroupArn"], Matcher={"GrpcCode": "0-99"})
    shown = [group["ProtocolVersion"], group["HealthCheckPath"], group["Matcher"]]
    return [*shown, changed["TargetGroups"][0]["Matcher"]]


@probe(
    "elbv2.check_listeners_and_rules",
    ["DuplicateListener", "ValidationError", "CertificateNotFound", "PriorityInUse", "ValidationError"],
)
def listeners_and_rules_are_checked(aws: Account) -> Any:
    elb, made = aws.elbv2, Balancer(aws)
    condition = [{"Field": "path-pattern", "Values": ["/a"]}]
    elb.create_rule(ListenerArn=made.listener, Priority=5, Conditions=condition, Actions=[made.forward])

    def listener(port: int, protocol: str, **more: Any) -> str:
        given = {"LoadBalancerArn": made.arn, "DefaultActions": [fixed("200")], **more}
        return code_of(lambda: elb.create_listener(Port=port, Protocol=protocol, **given))

    def rule(priority: int) -> str:
        given = {"ListenerArn": made.listener, "Conditions": condition, "Actions": [made.forward]}
        return code_of(lambda: elb.create_rule(Priority=priority, **given))

    gone = f"arn:aws:acm:{REGION}:{aws.number}:certificate/gone"
    return [
        listener(80, "HTTP"),
        listener(443, "HTTPS"),
        listener(443, "HTTPS", Certificates=[{"CertificateArn": gone}]),
        rule(5),
        rule(50001),
    ]


@probe("elbv2.delete_with_care", ["OperationNotPermitted", "ResourceInUse", "", 0])
def deleting_with_care(aws: Account) -> Any:
    elb, made = aws.elbv2, Balancer(aws)

    def protect(value: str) -> None:
        attributes = [{"Key": "deletion_protection.enabled", "Value": value}]
        elb.modify_load_balancer_attributes(LoadBalancerArn=made.arn, Attributes=attributes)

    protect("true")
    codes = [
        code_of(lambda: elb.delete_load_balancer(LoadBalancerArn=made.arn)),
        code_of(lambda: elb.delete_target_group(TargetGroupArn=made.group_arn)),
    ]
    protect("false")
    elb.delete_load_balancer(LoadBalancerArn=made.arn)
    codes.append(code_of(lambda: elb.delete_target_group(TargetGroupArn=made.group_arn)))
    return [*codes, len(aws.elbv2.describe_listeners()["Listeners"])]


@probe("elbv2.check_targets", ["draining", "Target.DeregistrationInProgress", "unused", "Target.NotInUse"])
def targets_are_checked(aws: Account) -> Any:
    made = Balancer(aws)
    target = [{"Id": "10.20.0.9", "Port": 8080}]
    aws.elbv2.register_targets(TargetGroupArn=made.group_arn, Targets=target)
    aws.elbv2.deregister_targets(TargetGroupArn=made.group_arn, Targets=target)

    def health() -> list[str]:
        shown = aws.elbv2.describe_target_health(TargetGroupArn=made.group_arn, Targets=target)
        found = shown["TargetHealthDescriptions"][0]["TargetHealth"]
        return [found["State"], found["Reason"]]

    leaving = health()
    aws.elbv2.modify_listener(ListenerArn=made.listener, DefaultActions=[fixed("200")])
    aws.elbv2.register_targets(TargetGroupArn=made.group_arn, Targets=target)
    return [*leaving, *health()]


@probe("elbv2.speak_http2_to_targets", 464)
def a_target_by_grpc_takes_no_request_by_http_1(aws: Account) -> Any:
    made = Balancer(aws)
    given = {"Name": "quotes", "Protocol": "HTTP", "Port": 50051, "VpcId": made.vpc, "TargetType": "ip"}
    group = aws.elbv2.create_target_group(ProtocolVersion="GRPC", **given)["TargetGroups"][0]["TargetGroupArn"]
    aws.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": "127.0.0.1", "Port": 9}])
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    aws.elbv2.modify_listener(ListenerArn=made.listener, DefaultActions=forward)
    return eventually(lambda: aws.get("web")[0], 464)


@probe("elbv2.route_to_healthy_targets", (503, "<html>"))
def no_target_no_answer(aws: Account) -> Any:
    Balancer(aws)
    status, body = aws.get("web")
    return status, body[:6]


# ECR -----------------------------------------------------------------------


@probe("ecr.serve_repositories_here", [True, True])
def a_repository_is_reachable(aws: Account) -> Any:
    uri = aws.ecr.create_repository(repositoryName="a/b")["repository"]["repositoryUri"]
    token = aws.ecr.get_authorization_token()["authorizationData"][0]
    here = f"localhost:{aws.port}"
    return [
        uri == f"{here}/{aws.number}.dkr.ecr.{REGION}.amazonaws.com/a/b",
        token["proxyEndpoint"] == f"http://{here}",
    ]


@probe("ecr.describe_images_fully", [30, "ImageNotFoundException"])
def an_image_has_the_size_of_its_layers(aws: Account) -> Any:
    aws.ecr.create_repository(repositoryName="a")
    manifest = {"schemaVersion": 2, "config": {"size": 5}, "layers": [{"size": 10}, {"size": 20}]}
    aws.ecr.put_image(repositoryName="a", imageManifest=json.dumps(manifest), imageTag="t")
    size = aws.ecr.describe_images(repositoryName="a")["imageDetails"][0]["imageSizeInBytes"]
    missing = [{"imageTag": "gone"}]
    return [size, code_of(lambda: aws.ecr.describe_images(repositoryName="a", imageIds=missing))]


@probe("ecr.take_tags_off_images", [["a"], ["a"], []])
def take_tags_off_images(aws: Account) -> list[list[str]]:
    aws.ecr.create_repository(repositoryName="a")
    for image_tag in ("a", "b"):
        aws.ecr.put_image(repositoryName="a", imageManifest="{}", imageTag=image_tag)
    seen = []
    for image_tag in ("b", "c", "a"):
        aws.ecr.batch_delete_image(repositoryName="a", imageIds=[{"imageTag": image_tag}])
        seen.append(
            [tag for image in aws.ecr.describe_images(repositoryName="a")["imageDetails"] for tag in image["imageTags"]]
        )
    return seen


@probe("ecr.serve_what_was_put", "{}")
def an_image_that_was_put_can_be_pulled(aws: Account) -> Any:
    aws.ecr.create_repository(repositoryName="a")
    digest = aws.ecr.put_image(repositoryName="a", imageManifest="{}", imageTag="t")["image"]["imageId"]["imageDigest"]
    url = f"http://127.0.0.1:{aws.port}/v2/{aws.number}.dkr.ecr.{REGION}.amazonaws.com/a/manifests/{digest}"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code


# EC2 -----------------------------------------------------------------------


@probe("ec2.take_time_for_nat_gateways", ["pending", "available", True, "deleting", "deleted"])
def a_nat_gateway_takes_time(aws: Account) -> Any:
    ec2, made = aws.ec2, Network(aws)
    address = ec2.allocate_address(Domain="vpc")
    nat = ec2.create_nat_gateway(SubnetId=made.subnets[0], AllocationId=address["AllocationId"])["NatGateway"]

    def shown() -> dict[str, Any]:
        found: dict[str, Any] = ec2.describe_nat_gateways(NatGatewayIds=[nat["NatGatewayId"]])["NatGateways"][0]
        return found

    states = [nat["State"], eventually(lambda: shown()["State"], "available")]
    has_address = [a.get("PublicIp") for a in shown()["NatGatewayAddresses"]] == [address["PublicIp"]]
    ec2.delete_nat_gateway(NatGatewayId=nat["NatGatewayId"])
    return [*states, has_address, shown()["State"], eventually(lambda: shown()["State"], "deleted")]


@probe("ec2.take_time_for_nat_gateways", ["InvalidSubnetID.NotFound", "MissingParameter", "failed"])
def a_nat_gateway_needs_a_subnet_an_address_and_a_way_out(aws: Account) -> Any:
    ec2, made = aws.ec2, Network(aws)
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    codes = [
        code_of(lambda: ec2.create_nat_gateway(SubnetId="subnet-0", AllocationId=allocation)),
        code_of(lambda: ec2.create_nat_gateway(SubnetId=made.subnets[0])),
    ]
    ec2.detach_internet_gateway(InternetGatewayId=made.gateway, VpcId=made.vpc)
    ec2.create_nat_gateway(SubnetId=made.subnets[0], AllocationId=allocation)

    def state() -> str:
        return str(ec2.describe_nat_gateways()["NatGateways"][-1]["State"])

    return [*codes, eventually(state, "failed", 5)]


@probe("ec2.filter_network_interfaces", [0, 1])
def interfaces_are_filtered(aws: Account) -> Any:
    made = Network(aws)
    aws.ec2.create_network_interface(SubnetId=made.subnets[0])

    def count(vpc: str) -> int:
        filters = [{"Name": "vpc-id", "Values": [vpc]}]
        return len(aws.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"])

    return [count("vpc-0"), count(made.vpc)]


@probe("ec2.keep_addresses", [1, "InvalidIPAddress.InUse", True, "InvalidAllocationID.NotFound"])
def addresses_are_filtered_and_kept(aws: Account) -> Any:
    ec2, made = aws.ec2, Network(aws)
    tags = [{"ResourceType": "elastic-ip", "Tags": [{"Key": "Name", "Value": "nat"}]}]
    allocation = ec2.allocate_address(Domain="vpc", TagSpecifications=tags)["AllocationId"]
    ec2.allocate_address(Domain="vpc")
    ec2.create_nat_gateway(SubnetId=made.subnets[0], AllocationId=allocation)
    found = ec2.describe_addresses(Filters=[{"Name": "tag:Name", "Values": ["nat"]}])["Addresses"]
    return [
        len(found),
        code_of(lambda: ec2.release_address(AllocationId=allocation)),
        "AssociationId" in found[0],
        code_of(lambda: ec2.describe_addresses(AllocationIds=["eipalloc-0"])),
    ]


@probe("ec2.refuse_deleting_what_is_in_use", ["DependencyViolation"] * 6)
def what_is_in_use_is_not_deleted(aws: Account) -> Any:
    ec2, made = aws.ec2, Balancer(aws)
    table = ec2.create_route_table(VpcId=made.vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=made.subnets[0])
    other = ec2.create_security_group(GroupName="h", Description="h", VpcId=made.vpc)["GroupId"]
    permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{"GroupId": other}]}
    ec2.authorize_security_group_ingress(GroupId=made.group, IpPermissions=[permission])
    return [
        code_of(lambda: ec2.delete_subnet(SubnetId=made.subnets[0])),
        code_of(lambda: ec2.delete_security_group(GroupId=made.group)),
        code_of(lambda: ec2.delete_security_group(GroupId=other)),
        code_of(lambda: ec2.detach_internet_gateway(InternetGatewayId=made.gateway, VpcId=made.vpc)),
        code_of(lambda: ec2.delete_internet_gateway(InternetGatewayId=made.gateway)),
        code_of(lambda: ec2.delete_route_table(RouteTableId=table)),
    ]


@probe("ec2.refuse_deleting_what_is_in_use", [""] * 6)
def all_is_deleted_in_the_right_order(aws: Account) -> Any:
    ec2, made = aws.ec2, Balancer(aws)
    aws.elbv2.delete_load_balancer(LoadBalancerArn=made.arn)

    def until_gone(call: Callable[[], Any]) -> str:
        return str(eventually(lambda: code_of(call), "", 10))

    def delete_subnet(subnet: str) -> str:
        return code_of(lambda: ec2.delete_subnet(SubnetId=subnet))

    at_once = code_of(lambda: ec2.delete_security_group(GroupId=made.group))
    first = until_gone(lambda: ec2.delete_security_group(GroupId=made.group)) if at_once else "left at once"
    return [
        first,
        *(delete_subnet(subnet) for subnet in made.subnets),
        until_gone(lambda: ec2.detach_internet_gateway(InternetGatewayId=made.gateway, VpcId=made.vpc)),
        code_of(lambda: ec2.delete_internet_gateway(InternetGatewayId=made.gateway)),
        code_of(lambda: ec2.delete_vpc(VpcId=made.vpc)),
    ]


@probe(
    "ec2.check_networks",
    [
        "InvalidSubnet.Range",
        "InvalidSubnet.Conflict",
        "InvalidVpcID.NotFound",
        "RouteAlreadyExists",
        "InvalidNatGatewayID.NotFound",
        "Resource.AlreadyAssociated",
    ],
)
def networks_are_checked(aws: Account) -> Any:
    ec2, made = aws.ec2, Network(aws)
    tables = [ec2.create_route_table(VpcId=made.vpc)["RouteTable"]["RouteTableId"] for _ in range(2)]
    anywhere = {"RouteTableId": tables[0], "DestinationCidrBlock": "0.0.0.0/0"}
    ec2.create_route(**anywhere, GatewayId=made.gateway)
    ec2.associate_route_table(RouteTableId=tables[0], SubnetId=made.subnets[0])
    return [
        code_of(lambda: ec2.create_subnet(VpcId=made.vpc, CidrBlock="10.99.0.0/24")),
        code_of(lambda: ec2.create_subnet(VpcId=made.vpc, CidrBlock="10.20.0.128/25")),
        code_of(lambda: ec2.create_subnet(VpcId="vpc-0", CidrBlock="10.20.9.0/24")),
        code_of(lambda: ec2.create_route(**anywhere, GatewayId=made.gateway)),
        code_of(
            lambda: ec2.create_route(RouteTableId=tables[1], DestinationCidrBlock="0.0.0.0/0", NatGatewayId="nat-0")
        ),
        code_of(lambda: ec2.associate_route_table(RouteTableId=tables[1], SubnetId=made.subnets[0])),
    ]


@probe("ec2.keep_rules_by_source", [["10.1.0.0/16"], "ours", "InvalidPermission.NotFound"])
def a_rule_has_one_source(aws: Account) -> Any:
    ec2, made = aws.ec2, Network(aws)

    def permission(*ranges: dict[str, str]) -> list[dict[str, Any]]:
        return [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": list(ranges)}]

    first, second = {"CidrIp": "10.1.0.0/16"}, {"CidrIp": "10.2.0.0/16"}
    ec2.authorize_security_group_ingress(GroupId=made.group, IpPermissions=permission(first, second))
    ec2.revoke_security_group_ingress(GroupId=made.group, IpPermissions=permission(second))

    def left() -> list[dict[str, str]]:
        (group,) = ec2.describe_security_groups(GroupIds=[made.group])["SecurityGroups"]
        return [source for one in group["IpPermissions"] for source in one["IpRanges"]]

    ranges = [source["CidrIp"] for source in left()]
    describe = ec2.update_security_group_rule_descriptions_ingress
    describe(GroupId=made.group, IpPermissions=permission({**first, "Description": "ours"}))
    return [
        ranges,
        left()[0].get("Description"),
        code_of(lambda: describe(GroupId=made.group, IpPermissions=permission({**second, "Description": "gone"}))),
    ]


@probe("ec2.keep_flow_logs_whole", [{"Owner": "ops"}, "g", "role/r"])
def a_flow_log_is_made_with_tags_log_group_and_role(aws: Account) -> Any:
    made = Network(aws)
    tags = [{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "Owner", "Value": "ops"}]}]
    aws.ec2.create_flow_logs(
        ResourceIds=[made.vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogGroupName="g",
        DeliverLogsPermissionArn=f"arn:aws:iam::{aws.number}:role/r",
        TagSpecifications=tags,
    )
    (found,) = aws.ec2.describe_flow_logs()["FlowLogs"]
    role = found.get("DeliverLogsPermissionArn", "").rpartition(":")[2]
    return [{tag["Key"]: tag["Value"] for tag in found["Tags"]}, found.get("LogGroupName"), role]


# ECS -----------------------------------------------------------------------


def task_definition(aws: Account, **container: Any) -> str:
    given = {"name": "app", "image": "x", "portMappings": [{"containerPort": 8080}], **container}
    made = aws.ecs.register_task_definition(
        family="app",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[given],
    )
    return str(made["taskDefinition"]["taskDefinitionArn"])


def start_service(aws: Account, network: Network, **more: Any) -> dict[str, Any]:
    aws.ecs.create_cluster(clusterName="c")
    given = {"taskDefinition": task_definition(aws), "desiredCount": 1, "launchType": "FARGATE", **more}
    made: dict[str, Any] = aws.ecs.create_service(
        cluster="c", serviceName="app", networkConfiguration=network.configuration, **given
    )["service"]
    return made


def deployments(aws: Account) -> list[tuple[str, str]]:
    svc = aws.ecs.describe_services(cluster="c", services=["app"])["services"][0]
    return [(d["status"], d["rolloutState"]) for d in svc["deployments"]]


@probe("ecs.schedule_services", ["IN_PROGRESS", [("PRIMARY", "COMPLETED")], "has reached a steady state."])
def a_deployment_is_in_progress_until_steady(aws: Account) -> Any:
    made = start_service(aws, Network(aws))
    ended = eventually(lambda: deployments(aws), [("PRIMARY", "COMPLETED")])
    events = aws.ecs.describe_services(cluster="c", services=["app"])["services"][0]["events"]
    return [made["deployments"][0]["rolloutState"], ended, events[0]["message"].partition(") ")[2] if events else ""]


@probe("ecs.schedule_services", ["DRAINING", "INACTIVE"])
def a_service_drains_before_it_is_gone(aws: Account) -> Any:
    start_service(aws, Network(aws))
    eventually(lambda: deployments(aws), [("PRIMARY", "COMPLETED")])
    deleted = aws.ecs.delete_service(cluster="c", service="app", force=True)["service"]["status"]

    def status() -> str:
        return str(aws.ecs.describe_services(cluster="c", services=["app"])["services"][0]["status"])

    return [deleted, eventually(status, "INACTIVE")]


@probe("ecs.keep_service_deployments", [["SUCCESSFUL"], True, "DISABLED", True, 1, True])
def service_deployments_are_kept(aws: Account) -> Any:
    made = start_service(aws, Network(aws))

    def listed() -> list[str]:
        answer = aws.ecs.list_service_deployments(cluster="c", service="app")
        return [d["status"] for d in answer["serviceDeployments"]]

    statuses = eventually(listed, ["SUCCESSFUL"], 10)
    first = aws.ecs.list_service_deployments(cluster="c", service="app")["serviceDeployments"][0]
    shown = aws.ecs.describe_service_deployments(serviceDeploymentArns=[first["serviceDeploymentArn"]])
    full = shown["serviceDeployments"][0]
    revisions = aws.ecs.describe_service_revisions(serviceRevisionArns=[full["targetServiceRevision"]["arn"]])
    return [
        statuses,
        isinstance(first["createdAt"], datetime.datetime) and first["createdAt"] <= first["finishedAt"],
        full["deploymentCircuitBreaker"]["status"],
        revisions["serviceRevisions"][0]["taskDefinition"] == made["taskDefinition"],
        full["targetServiceRevision"]["runningTaskCount"],
        made["deployments"][0]["id"] == f"ecs-svc/{full['targetServiceRevision']['arn'].rpartition('/')[2]}",
    ]


@probe("ecs.keep_service_deployments", ["", "ROLLBACK_SUCCESSFUL", True])
def a_service_deployment_can_be_rolled_back(aws: Account) -> Any:
    made = start_service(aws, Network(aws))
    eventually(lambda: deployments(aws), [("PRIMARY", "COMPLETED")])
    aws.ecs.update_service(cluster="c", service="app", taskDefinition=task_definition(aws, image="y"))

    def newest() -> dict[str, Any]:
        answer = aws.ecs.list_service_deployments(cluster="c", service="app")
        found: dict[str, Any] = answer["serviceDeployments"][0]
        return found

    arn = newest()["serviceDeploymentArn"]
    code = code_of(lambda: aws.ecs.stop_service_deployment(serviceDeploymentArn=arn))
    status = eventually(lambda: newest()["status"], "ROLLBACK_SUCCESSFUL")
    svc = aws.ecs.describe_services(cluster="c", services=["app"])["services"][0]
    return [code, status, svc["taskDefinition"] == made["taskDefinition"]]


@probe(
    "ecs.keep_and_check_services",
    [
        "ClusterNotFoundException",
        "ClientException",
        "InvalidParameterException",
        "InvalidParameterException",
        "InvalidParameterException",
        "ServiceNotFoundException",
    ],
)
def services_are_checked(aws: Account) -> Any:
    made = Network(aws)
    aws.ecs.create_cluster(clusterName="c")
    definition = task_definition(aws)

    def create(**more: Any) -> str:
        given = {"cluster": "c", "taskDefinition": definition, "networkConfiguration": made.configuration, **more}
        return code_of(lambda: aws.ecs.create_service(serviceName="app", launchType="FARGATE", **given))

    group = f"arn:aws:elasticloadbalancing:{REGION}:{aws.number}:targetgroup/gone/1"
    balancer = {"targetGroupArn": group, "containerName": "app", "containerPort": 8080}
    return [
        create(cluster="gone"),
        create(taskDefinition="gone"),
        create(networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-0"]}}),
        create(networkConfiguration={}),
        create(loadBalancers=[balancer]),
        code_of(lambda: aws.ecs.update_service(cluster="c", service="gone")),
    ]


class TwoSets(Balancer):
    """A service that is deployed by a strategy: two target groups, a production rule and a test rule by a header."""

    def __init__(self, aws: Account, **deployment: Any) -> None:
        super().__init__(aws)
        self.aws = aws
        elb = aws.elbv2
        self.other = elb.create_target_group(Name="other", Protocol="HTTP", Port=8080, VpcId=self.vpc, TargetType="ip")[
            "TargetGroups"
        ][0]["TargetGroupArn"]
        header = {"HttpHeaderName": "X-Release", "Values": ["green"]}
        by_header = [{"Field": "http-header", "HttpHeaderConfig": header}]
        self.test = self.rule(1, by_header, self.other)
        self.production = self.rule(2, [{"Field": "path-pattern", "Values": ["/*"]}], self.group_arn)
        self.role = aws.role("shift")
        self.deployment = deployment

    def rule(self, priority: int, conditions: list[dict[str, Any]], group: str) -> str:
        actions = [{"Type": "forward", "TargetGroupArn": group}]
        made = self.aws.elbv2.create_rule(
            ListenerArn=self.listener, Priority=priority, Conditions=conditions, Actions=actions
        )
        return str(made["Rules"][0]["RuleArn"])

    @property
    def balancers(self) -> list[dict[str, Any]]:
        return [
            {
                "targetGroupArn": self.group_arn,
                "containerName": "app",
                "containerPort": 8080,
                "advancedConfiguration": {
                    "alternateTargetGroupArn": self.other,
                    "productionListenerRule": self.production,
                    "testListenerRule": self.test,
                    "roleArn": self.role,
                },
            }
        ]

    def start(self) -> dict[str, Any]:
        made = start_service(
            self.aws, self, loadBalancers=self.balancers, deploymentConfiguration=BLUE_GREEN, desiredCount=1
        )
        self.ends_in("SUCCESSFUL")
        return made

    def newest(self) -> dict[str, Any]:
        listed = self.aws.ecs.list_service_deployments(cluster="c", service="app")["serviceDeployments"]
        arn = listed[0]["serviceDeploymentArn"]
        shown = self.aws.ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"]
        return dict(shown[0])

    def ends_in(self, status: str) -> str:
        return str(eventually(lambda: self.newest()["status"], status))

    def at(self, stage: str) -> dict[str, Any]:
        eventually(lambda: self.newest().get("lifecycleStage"), stage)
        return self.newest()

    def deploy(self, **more: Any) -> None:
        self.aws.ecs.update_service(
            cluster="c", service="app", forceNewDeployment=True, deploymentConfiguration=self.deployment, **more
        )

    def weights(self, rule: str) -> list[int]:
        actions = self.aws.elbv2.describe_rules(RuleArns=[rule])["Rules"][0]["Actions"]
        given = {g["TargetGroupArn"]: g["Weight"] for g in actions[0]["ForwardConfig"]["TargetGroups"]}
        return [given.get(self.group_arn, 0), given.get(self.other, 0)]

    def share(self) -> tuple[float, float]:
        """Return the percentages of production and test traffic of the new revision."""
        target = self.newest()["targetServiceRevision"]
        return target["requestedProductionTrafficWeight"], target["requestedTestTrafficWeight"]


def pausing(stage: str, minutes: int = 60, action: str = "ROLLBACK") -> dict[str, Any]:
    timeout = {"timeoutInMinutes": minutes, "action": action}
    return {"targetType": "PAUSE", "lifecycleStages": [stage], "timeoutConfiguration": timeout}


AFTER_TEST = "POST_TEST_TRAFFIC_SHIFT"
BLUE_GREEN = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0}


@probe(
    "ecs.shift_traffic",
    [
        ("SUCCESSFUL", [0, 100]),
        ("AWAITING_ACTION", "ROLLBACK", (0.0, 100.0)),
        ([0, 100], [100, 0], ["ACTIVE", "PRIMARY"]),
        "InvalidParameterException",
        ("SUCCESSFUL", [100, 0], ["PRIMARY"]),
        True,
    ],
)
def a_deployment_pauses_between_test_and_production(aws: Account) -> Any:
    made = TwoSets(aws, **BLUE_GREEN)
    made.start()
    first = (made.newest()["status"], made.weights(made.production))
    made.deployment = {**BLUE_GREEN, "lifecycleHooks": [pausing(AFTER_TEST)]}
    made.deploy()
    shown = made.at(AFTER_TEST)
    (hook,) = shown["lifecycleHookDetails"]
    paused = (hook["status"], hook["timeoutAction"], made.share())
    during = made.weights(made.production), made.weights(made.test), sorted(status for status, _ in deployments(aws))
    arn = shown["serviceDeploymentArn"]
    wrong = code_of(lambda: aws.ecs.continue_service_deployment(serviceDeploymentArn=arn, hookId="gone"))
    aws.ecs.continue_service_deployment(serviceDeploymentArn=arn, hookId=hook["hookId"], action="CONTINUE")
    end = made.ends_in("SUCCESSFUL")
    revision = made.newest()["targetServiceRevision"]["arn"]
    found = aws.ecs.describe_service_revisions(serviceRevisionArns=[revision])["serviceRevisions"][0]
    serving = found["resolvedConfiguration"]["loadBalancers"][0]["targetGroupArn"] == made.group_arn
    return [
        first,
        paused,
        during,
        wrong,
        (end, made.weights(made.production), [status for status, _ in deployments(aws)]),
        serving,
    ]


@probe("ecs.shift_traffic", [("ROLLBACK_SUCCESSFUL", [0, 100]), "ROLLBACK_SUCCESSFUL", "SUCCESSFUL"])
def a_pause_that_is_refused_or_forgotten_goes_back(aws: Account) -> Any:
    made = TwoSets(aws, **BLUE_GREEN)
    made.start()
    found: list[Any] = []
    for minutes, action in ((60, "ROLLBACK"), (1, "ROLLBACK"), (1, "CONTINUE")):
        made.deployment = {**BLUE_GREEN, "lifecycleHooks": [pausing(AFTER_TEST, minutes, action)]}
        made.deploy()
        shown = made.at(AFTER_TEST)
        if minutes == 60:
            hook = shown["lifecycleHookDetails"][0]["hookId"]
            arn = shown["serviceDeploymentArn"]
            aws.ecs.continue_service_deployment(serviceDeploymentArn=arn, hookId=hook, action="ROLLBACK")
            found.append((made.ends_in("ROLLBACK_SUCCESSFUL"), made.weights(made.production)))
        else:
            found.append(made.ends_in("SUCCESSFUL" if action == "CONTINUE" else "ROLLBACK_SUCCESSFUL"))
    return found


@probe("ecs.shift_traffic", [[90, 10], [0, 100], "SUCCESSFUL"])
def a_canary_gets_its_share_first(aws: Account) -> Any:
    canary = {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 2}
    made = TwoSets(aws, strategy="CANARY", canaryConfiguration=canary, bakeTimeInMinutes=2)
    made.start()
    made.deploy()
    # the first revision serves from the other group
    first = eventually(lambda: made.weights(made.production)[::-1], [90, 10])
    second = eventually(lambda: made.weights(made.production)[::-1], [0, 100])
    return [first, second, made.ends_in("SUCCESSFUL")]


@probe("ecs.shift_traffic", ["", "ROLLBACK_SUCCESSFUL", [0, 100], ("ROLLBACK_SUCCESSFUL", "TRIGGERED", ["slow"])])
def a_stop_or_an_alarm_in_the_bake_time_shifts_back(aws: Account) -> Any:
    made = TwoSets(aws, strategy="BLUE_GREEN", bakeTimeInMinutes=60)
    made.start()
    made.deploy()
    arn = made.at("BAKE_TIME")["serviceDeploymentArn"]
    stopped = code_of(lambda: aws.ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK"))
    end, weights = made.ends_in("ROLLBACK_SUCCESSFUL"), made.weights(made.production)
    alarm: dict[str, Any] = {"Namespace": "n", "MetricName": "m", "Period": 60, "EvaluationPeriods": 1}
    over = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 1.0, "Statistic": "Sum"}
    aws.cloudwatch.put_metric_alarm(AlarmName="slow", **alarm, **over)
    made.deployment["alarms"] = {"alarmNames": ["slow"], "enable": True, "rollback": True}
    made.deploy()
    made.at("BAKE_TIME")
    aws.cloudwatch.set_alarm_state(AlarmName="slow", StateValue="ALARM", StateReason="test")
    after = made.ends_in("ROLLBACK_SUCCESSFUL")
    alarms = made.newest()["alarms"]
    return [stopped, end, weights, (after, alarms["status"], alarms["triggeredAlarmNames"])]


@probe("ecs.shift_traffic", ["STOPPED", "RECONCILE_SERVICE", "SUCCESSFUL", 1])
def a_deployment_in_the_midst_of_another_reconciles_first(aws: Account) -> Any:
    made = TwoSets(aws, **BLUE_GREEN)
    made.start()
    made.deployment = {**BLUE_GREEN, "lifecycleHooks": [pausing(AFTER_TEST)]}
    made.deploy()
    first = made.at(AFTER_TEST)["serviceDeploymentArn"]
    made.deployment = {**BLUE_GREEN, "lifecycleHooks": [pausing("RECONCILE_SERVICE")]}
    made.deploy()
    old = aws.ecs.describe_service_deployments(serviceDeploymentArns=[first])["serviceDeployments"][0]
    shown = made.at("RECONCILE_SERVICE")
    aws.ecs.continue_service_deployment(
        serviceDeploymentArn=shown["serviceDeploymentArn"], hookId=shown["lifecycleHookDetails"][0]["hookId"]
    )
    end = made.ends_in("SUCCESSFUL")
    running = aws.ecs.describe_services(cluster="c", services=["app"])["services"][0]["runningCount"]
    return [old["status"], shown["lifecycleStage"], end, running]


@probe("ecs.shift_traffic", ["SUCCESSFUL", [0, 100], ["BLUE_GREEN"], "SUCCESSFUL", [0, 100]])
def a_service_moves_from_rolling_to_a_strategy_and_back(aws: Account) -> Any:
    made = TwoSets(aws, **BLUE_GREEN)
    plain = [{k: v for k, v in made.balancers[0].items() if k != "advancedConfiguration"}]
    start_service(aws, made, loadBalancers=plain, desiredCount=1)
    made.ends_in("SUCCESSFUL")
    made.deploy(loadBalancers=made.balancers)
    made.at("CLEAN_UP")
    there, weights = made.ends_in("SUCCESSFUL"), made.weights(made.production)
    shown = aws.ecs.describe_services(cluster="c", services=["app"])["services"][0]["deploymentConfiguration"]
    made.deployment = {"strategy": "ROLLING"}
    made.deploy(loadBalancers=[{**plain[0], "targetGroupArn": made.other}])
    eventually(lambda: len(deployments(aws)), 1)
    return [there, weights, [shown["strategy"]], made.ends_in("SUCCESSFUL"), made.weights(made.production)]


@probe("ecs.shift_traffic", ["InvalidParameterException"] * 6)
def a_strategy_is_checked(aws: Account) -> Any:
    made = TwoSets(aws)
    made.aws.ecs.create_cluster(clusterName="c")
    task_definition(aws)
    balancer = made.balancers[0]
    bare = {k: v for k, v in balancer.items() if k != "advancedConfiguration"}
    nobody = {**balancer["advancedConfiguration"], "roleArn": f"arn:aws:iam::{aws.number}:role/gone"}

    def refusal(configuration: dict[str, Any], given: dict[str, Any] = balancer) -> str:
        return code_of(
            lambda: aws.ecs.create_service(
                cluster="c",
                serviceName="app",
                taskDefinition="app",
                networkConfiguration=made.configuration,
                loadBalancers=[given],
                deploymentConfiguration=configuration,
            )
        )

    return [
        refusal({"strategy": "BLUE_GREEN"}),
        refusal({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 2.0}}),
        refusal({"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 0.15}}),
        refusal({**BLUE_GREEN, "lifecycleHooks": [pausing("PRODUCTION_TRAFFIC_SHIFT")]}),
        refusal(BLUE_GREEN, bare),
        refusal(BLUE_GREEN, {**balancer, "advancedConfiguration": nobody}),
    ]


@probe("ecs.keep_and_check_services", [1, 2, True, "ENABLED"])
def what_update_service_takes_is_kept(aws: Account) -> Any:
    network = Network(aws)
    start_service(aws, network)
    first = aws.ecs.update_service(cluster="c", service="app", enableECSManagedTags=True, propagateTags="SERVICE")
    public = {"awsvpcConfiguration": {**network.configuration["awsvpcConfiguration"], "assignPublicIp": "ENABLED"}}
    second = aws.ecs.update_service(cluster="c", service="app", networkConfiguration=public)["service"]
    return [
        len(first["service"]["deployments"]),
        len(second["deployments"]),
        second["enableECSManagedTags"],
        second["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"],
    ]


@probe(
    "ecs.keep_and_check_services",
    ["Health check grace period is only valid for services configured to use load balancers", "", 30],
)
def a_grace_period_comes_after_the_load_balancers(aws: Account) -> Any:
    made = Balancer(aws)
    start_service(aws, made)
    balancer = {"targetGroupArn": made.group_arn, "containerName": "app", "containerPort": 8080}

    def update(**fields: Any) -> str:
        return message_of(lambda: aws.ecs.update_service(cluster="c", service="app", **fields))

    both = update(loadBalancers=[balancer], healthCheckGracePeriodSeconds=30)
    aws.ecs.update_service(cluster="c", service="app", loadBalancers=[balancer])
    alone = update(healthCheckGracePeriodSeconds=30)
    service = aws.ecs.describe_services(cluster="c", services=["app"])["services"][0]
    return [both, alone, service["healthCheckGracePeriodSeconds"]]


@probe("ecs.keep_and_check_services", [2, "ClientException"])
def a_service_of_a_deregistered_revision_can_be_scaled(aws: Account) -> Any:
    """API_DeregisterTaskDefinition: it 'can still scale up or down', and no service can be updated to reference it."""
    network = Network(aws)
    arn = start_service(aws, network)["taskDefinition"]
    aws.ecs.deregister_task_definition(taskDefinition=arn)
    aws.ecs.update_service(cluster="c", service="app", desiredCount=2)

    def running() -> int:
        return int(aws.ecs.describe_services(cluster="c", services=["app"])["services"][0]["runningCount"])

    return [
        eventually(running, 2),
        code_of(lambda: aws.ecs.update_service(cluster="c", service="app", taskDefinition=arn)),
    ]


@probe("ecs.tag_and_check_tasks", [{"Team": "a", "aws:ecs:clusterName": "c", "aws:ecs:serviceName": "app"}, True])
def tasks_carry_tags_and_their_deployment(aws: Account) -> Any:
    tags = [{"key": "Team", "value": "a"}]
    made = start_service(aws, Network(aws), tags=tags, propagateTags="SERVICE", enableECSManagedTags=True)
    arns = eventually(lambda: len(aws.ecs.list_tasks(cluster="c")["taskArns"]), 1)
    assert arns == 1
    found = aws.ecs.list_tasks(cluster="c")["taskArns"]
    task = aws.ecs.describe_tasks(cluster="c", tasks=found, include=["TAGS"])["tasks"][0]
    return [{t["key"]: t["value"] for t in task["tags"]}, task["startedBy"] == made["deployments"][0]["id"]]


@probe("ecs.keep_milliseconds", True)
def times_have_milliseconds(aws: Account) -> Any:
    for _ in range(5):
        registered = aws.ecs.describe_task_definition(taskDefinition=task_definition(aws))["taskDefinition"]
        if registered["registeredAt"].microsecond:
            return True
    return False


@probe("ecs.register_tasks", ["app", True])
def tasks_are_instances_of_cloud_map(aws: Account) -> Any:
    sd = aws.servicediscovery
    namespace = namespace_of(aws)
    registry = sd.create_service(Name="app", NamespaceId=namespace, DnsConfig=DNS)["Service"]
    start_service(aws, Network(aws), serviceRegistries=[{"registryArn": registry["Arn"]}])

    def instances() -> int:
        return len(sd.list_instances(ServiceId=registry["Id"])["Instances"])

    assert eventually(instances, 1, 5) == 1
    attributes = sd.list_instances(ServiceId=registry["Id"])["Instances"][0]["Attributes"]
    return [attributes["ECS_SERVICE_NAME"], bool(re.match(r"^\d+\.\d+\.\d+\.\d+$", attributes["AWS_INSTANCE_IPV4"]))]


# Cloud Map -----------------------------------------------------------------

DNS = {"DnsRecords": [{"Type": "A", "TTL": 10}]}


@probe("servicediscovery.name_the_namespace", [True, True])
def a_service_of_cloud_map_names_its_namespace_twice(aws: Account) -> Any:
    namespace = namespace_of(aws)
    records = {"DnsRecords": [{"Type": "A", "TTL": 15}]}
    made = aws.servicediscovery.create_service(Name="app", NamespaceId=namespace, DnsConfig=records)["Service"]
    found = aws.servicediscovery.get_service(Id=made["Id"])["Service"]
    return [found["NamespaceId"] == namespace, found["DnsConfig"].get("NamespaceId") == namespace]


def namespace_of(aws: Account) -> str:
    vpc = aws.ec2.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"]
    aws.servicediscovery.create_private_dns_namespace(Name="apps.internal", Vpc=vpc, CreatorRequestId="1")
    return str(aws.servicediscovery.list_namespaces()["Namespaces"][0]["Id"])


@probe("servicediscovery.one_private_namespace_a_vpc", ["", 2])
def a_name_in_two_networks(aws: Account) -> Any:
    sd = aws.servicediscovery
    namespace_of(aws)
    vpc = aws.ec2.create_vpc(CidrBlock="10.31.0.0/16")["Vpc"]["VpcId"]
    code = code_of(lambda: sd.create_private_dns_namespace(Name="apps.internal", Vpc=vpc, CreatorRequestId="2"))
    return [code, eventually(lambda: len(sd.list_namespaces()["Namespaces"]), 2, 5)]


@probe("servicediscovery.take_time_for_namespaces", ["PENDING", "SUCCESS", "DuplicateRequest"])
def a_namespace_takes_time(aws: Account) -> Any:
    sd = aws.servicediscovery
    operation = sd.create_http_namespace(Name="a", CreatorRequestId="1")["OperationId"]

    def status() -> str:
        return str(sd.get_operation(OperationId=operation)["Operation"]["Status"])

    again = code_of(lambda: sd.create_http_namespace(Name="a", CreatorRequestId="1"))
    return [status(), eventually(status, "SUCCESS"), again]


@probe("servicediscovery.filter_lists", [1, 1, 2, 0])
def lists_are_filtered(aws: Account) -> Any:
    sd = aws.servicediscovery
    first = namespace_of(aws)
    sd.create_http_namespace(Name="b", CreatorRequestId="2")
    second = next(n["Id"] for n in sd.list_namespaces()["Namespaces"] if n["Name"] == "b")
    sd.create_service(Name="x", NamespaceId=first, DnsConfig=DNS)
    sd.create_service(Name="y", NamespaceId=second)
    by_type = [{"Name": "TYPE", "Values": ["HTTP"], "Condition": "EQ"}]
    by_namespace = [{"Name": "NAMESPACE_ID", "Values": [first], "Condition": "EQ"}]
    by_owner = [
        [{"Name": "RESOURCE_OWNER", "Values": [owner], "Condition": "EQ"}] for owner in ("SELF", "OTHER_ACCOUNTS")
    ]
    return [
        len(sd.list_namespaces(Filters=by_type)["Namespaces"]),
        len(sd.list_services(Filters=by_namespace)["Services"]),
        *(len(sd.list_namespaces(Filters=owner)["Namespaces"]) for owner in by_owner),
    ]


@probe("servicediscovery.keep_services_in_use", ["ServiceAlreadyExists", "ResourceInUse"])
def a_service_in_use_stays(aws: Account) -> Any:
    sd = aws.servicediscovery
    namespace = namespace_of(aws)
    made = sd.create_service(Name="x", NamespaceId=namespace, DnsConfig=DNS)["Service"]["Id"]
    sd.register_instance(ServiceId=made, InstanceId="i", Attributes={"AWS_INSTANCE_IPV4": "10.0.0.1"})
    return [
        code_of(lambda: sd.create_service(Name="x", NamespaceId=namespace, DnsConfig=DNS)),
        code_of(lambda: sd.delete_service(Id=made)),
    ]


# ACM -----------------------------------------------------------------------


def certificate() -> tuple[bytes, bytes]:
    """Return (certificate, private key) in PEM, for lotto.example.com and www.lotto.example.com."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lotto.example.com")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("lotto.example.com"), x509.DNSName("www.lotto.example.com")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM), private


def imported(aws: Account) -> str:
    body, key = certificate()
    return str(aws.acm.import_certificate(Certificate=body, PrivateKey=key)["CertificateArn"])


@probe(
    "acm.read_imported_certificates",
    ["lotto.example.com", ["lotto.example.com", "www.lotto.example.com"], "ValidationException"],
)
def an_imported_certificate_is_read(aws: Account) -> Any:
    shown = aws.acm.describe_certificate(CertificateArn=imported(aws))["Certificate"]
    broken = code_of(lambda: aws.acm.import_certificate(Certificate=b"no", PrivateKey=b"no"))
    return [shown["DomainName"], shown["SubjectAlternativeNames"], broken]


@probe("acm.give_chains", [False, True])
def chains_of_certificates(aws: Account) -> Any:
    requested = aws.acm.request_certificate(DomainName="a.example.com")["CertificateArn"]
    chain = aws.acm.get_certificate(CertificateArn=requested).get("CertificateChain", "")
    own = aws.acm.get_certificate(CertificateArn=imported(aws))
    return ["CertificateChain" in own, chain.startswith("-----BEGIN CERTIFICATE-----")]


@probe("acm.keep_certificates_in_use", ["ResourceInUseException", True])
def a_certificate_in_use_stays(aws: Account) -> Any:
    made, arn = Balancer(aws), imported(aws)
    aws.elbv2.create_listener(
        LoadBalancerArn=made.arn,
        Port=443,
        Protocol="HTTPS",
        Certificates=[{"CertificateArn": arn}],
        DefaultActions=[fixed("200")],
    )
    users = aws.acm.describe_certificate(CertificateArn=arn)["Certificate"]["InUseBy"]
    return [code_of(lambda: aws.acm.delete_certificate(CertificateArn=arn)), users == [made.arn]]


@probe("acm.wait_for_validation", ["PENDING_VALIDATION", "ISSUED"])
def validation_by_email_waits(aws: Account) -> Any:
    statuses = []
    for method in ("EMAIL", "DNS"):
        arn = aws.acm.request_certificate(DomainName="a.example.com", ValidationMethod=method)["CertificateArn"]
        statuses.append(aws.acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"])
    return statuses


# Application Auto Scaling ----------------------------------------------------

SCALABLE = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/c/app",
    "ScalableDimension": "ecs:service:DesiredCount",
}


@probe(
    "application-autoscaling.add_application_autoscaling",
    ["ObjectNotFoundException", (1, 4), {"Team": "a"}, (50.0, 2), [], "ValidationException"],
)
def targets_and_policies(aws: Account) -> Any:
    scaling = aws.application_autoscaling
    start_service(aws, Network(aws))
    missing = code_of(lambda: scaling.deregister_scalable_target(**SCALABLE))
    scaling.register_scalable_target(**SCALABLE, MinCapacity=1, MaxCapacity=4, Tags={"Team": "a"})
    target = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"][0]
    tracking = {
        "TargetValue": 50.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
    }
    scaling.put_scaling_policy(
        **SCALABLE,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=tracking,
    )
    policy = scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"][0]
    tags = scaling.list_tags_for_resource(ResourceARN=target["ScalableTargetARN"])["Tags"]
    scaling.deregister_scalable_target(**SCALABLE)
    gone = {**SCALABLE, "ResourceId": "service/c/gone"}
    return [
        missing,
        (target["MinCapacity"], target["MaxCapacity"]),
        tags,
        (policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"], len(policy["Alarms"])),
        scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"],
        code_of(lambda: scaling.register_scalable_target(**gone, MinCapacity=1, MaxCapacity=2)),
    ]


@probe(
    "application-autoscaling.add_application_autoscaling",
    [
        (3, 5),
        3,
        {"Setting min capacity to 3 and max capacity to 5.", "Setting desired count to 3."},
        {"scheduled action name morning was triggered", "minimum capacity was set to 3"},
    ],
)
def a_schedule_sets_the_bounds_at_its_time_and_they_stay(aws: Account) -> Any:
    scaling = aws.application_autoscaling
    start_service(aws, Network(aws))
    scaling.register_scalable_target(**SCALABLE, MinCapacity=1, MaxCapacity=2)
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=2)
    scaling.put_scheduled_action(
        **SCALABLE,
        ScheduledActionName="morning",
        Schedule=f"at({soon:%Y-%m-%dT%H:%M:%S})",
        ScalableTargetAction={"MinCapacity": 3, "MaxCapacity": 5},
    )

    def activities() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = scaling.describe_scaling_activities(ServiceNamespace="ecs")["ScalingActivities"]
        return found

    eventually(lambda: len(activities()), 2)
    target = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"][0]
    return [
        (target["MinCapacity"], target["MaxCapacity"]),
        aws.ecs.describe_services(cluster="c", services=["app"])["services"][0]["desiredCount"],
        {one["Description"] for one in activities()},
        {one["Cause"] for one in activities()},
    ]


def tasks_that_track(aws: Account, target: float, metrics: list[dict[str, Any]]) -> Any:
    """Return how a service of one task, with ten at most, is scaled, and the description of the activity."""
    scaling = aws.application_autoscaling
    start_service(aws, Network(aws))
    scaling.register_scalable_target(**SCALABLE, MinCapacity=1, MaxCapacity=10)
    tracking = {"TargetValue": target, "CustomizedMetricSpecification": {"Metrics": metrics}}
    scaling.put_scaling_policy(
        **SCALABLE,
        PolicyName="p",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=tracking,
    )

    def activities() -> list[tuple[str, str]]:
        found = scaling.describe_scaling_activities(ServiceNamespace="ecs")["ScalingActivities"]
        return [(one["StatusCode"], one["Description"]) for one in found]

    eventually(lambda: len(activities()), 1)
    return [aws.ecs.describe_services(cluster="c", services=["app"])["services"][0]["desiredCount"], *activities()]


def tracked(identifier: str, namespace: str, name: str, stat: str, **dimensions: str) -> dict[str, Any]:
    pairs = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": pairs}
    return {"Id": identifier, "MetricStat": {"Metric": metric, "Stat": stat}, "ReturnData": False}


@probe("application-autoscaling.add_application_autoscaling", [3, ("Successful", "Setting desired count to 3.")])
def a_service_grows_with_the_backlog_of_its_queue(aws: Account) -> Any:
    url = aws.sqs.create_queue(QueueName="work")["QueueUrl"]
    for number in range(6):
        aws.sqs.send_message(QueueUrl=url, MessageBody=str(number))
    expression = "FILL(messages, 0) / IF(FILL(tasks, 0) > 0, FILL(tasks, 0), 1)"
    return tasks_that_track(
        aws,
        2.0,
        [
            {"Id": "backlog", "Expression": expression, "ReturnData": True},
            tracked("messages", "AWS/SQS", "ApproximateNumberOfMessagesVisible", "Sum", QueueName="work"),
            tracked("tasks", "AWS/ECS", "CPUUtilization", "SampleCount", ClusterName="c", ServiceName="app"),
        ],
    )


@probe("application-autoscaling.add_application_autoscaling", [4, ("Successful", "Setting desired count to 4.")])
def a_service_grows_with_what_is_put_into_cloudwatch(aws: Account) -> Any:
    for value in (10, 400):
        lag = {"MetricName": "lag", "Dimensions": [{"Name": "Topic", "Value": "orders"}], "Value": value}
        aws.cloudwatch.put_metric_data(Namespace="shop", MetricData=[lag])
    return tasks_that_track(
        aws, 100.0, [{**tracked("lag", "shop", "lag", "Maximum", Topic="orders"), "ReturnData": True}]
    )


# IAM and tags ----------------------------------------------------------------


@probe("iam.name_service_linked_roles", ["AWSServiceRoleForECS", "InvalidInput"])
def service_linked_roles_have_their_names(aws: Account) -> Any:
    made = aws.iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")["Role"]["RoleName"]
    return [made, code_of(lambda: aws.iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com"))]


@probe("resourcegroupstaggingapi.know_all_tags", [True, True, False])
def the_tagging_api_knows_networks_and_clusters(aws: Account) -> Any:
    tags = [{"Key": "Project", "Value": "p"}]
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": tags}])
    aws.ecs.create_cluster(clusterName="c", tags=[{"key": "Project", "value": "p"}])
    aws.ecs.create_cluster(clusterName="d", tags=[{"key": "Project", "value": "p"}])
    aws.ecs.delete_cluster(cluster="d")
    filters = [{"Key": "Project", "Values": ["p"]}]
    found = [
        r["ResourceARN"]
        for r in aws.resourcegroupstaggingapi.get_resources(TagFilters=filters)["ResourceTagMappingList"]
    ]
    return [any(arn.endswith(name) for arn in found) for name in (vpc["Vpc"]["VpcId"], "cluster/c", "cluster/d")]


@probe("ec2.forget_tags_of_deleted_resources", ["m"])
def tags_go_with_their_resource(aws: Account) -> Any:
    for number, name in enumerate(("n", "m")):
        tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": name}]}]
        made = aws.ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16", TagSpecifications=tags)
        if name == "n":
            aws.ec2.delete_vpc(VpcId=made["Vpc"]["VpcId"])
    return [tag["Value"] for tag in aws.ec2.describe_tags()["Tags"]]


def allow(action: str, resource: str, **condition: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": action,
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
    }


@probe("iam.authorize_on_resources", ["", "AccessDenied", "", "AccessDenied"], auth=True)
def policies_and_linked_roles_are_made_by_name(aws: Account) -> Any:
    linked = "arn:aws:iam::*:role/aws-service-role/ecs.amazonaws.com/*"
    user = aws.user(
        allow("iam:CreatePolicy", "arn:aws:iam::*:policy/p-*"), allow("iam:CreateServiceLinkedRole", linked)
    )
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow("ecs:ListClusters", "*")]})
    return [
        code_of(lambda: user.iam.create_policy(PolicyName="p-one", PolicyDocument=document)),
        code_of(lambda: user.iam.create_policy(PolicyName="q-one", PolicyDocument=document)),
        code_of(lambda: user.iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")),
        code_of(lambda: user.iam.create_service_linked_role(AWSServiceName="elasticloadbalancing.amazonaws.com")),
    ]


@probe("iam.authorize_on_resources", ["", "AccessDenied", "", "AccessDenied"], auth=True)
def queues_are_made_by_name_and_with_tags_by_those_who_may_tag(aws: Account) -> Any:
    may_make = [allow("sqs:CreateQueue", f"arn:aws:sqs:*:*:{start}-*") for start in "pt"]
    user = aws.user(*may_make, allow("sqs:TagQueue", "arn:aws:sqs:*:*:t-*")).sqs
    return [
        code_of(lambda: user.create_queue(QueueName="p-one")),
        code_of(lambda: user.create_queue(QueueName="p-two", tags={"Team": "a"})),
        code_of(lambda: user.create_queue(QueueName="t-one", tags={"Team": "a"})),
        code_of(lambda: user.create_queue(QueueName="q-one")),
    ]


@probe("iam.authorize_batches_as_single_messages", ["", "", "", "AccessDenied"], auth=True)
def batches_are_sent_hidden_and_deleted_by_those_who_may_do_so_with_one_message(aws: Account) -> Any:
    url = aws.sqs.create_queue(QueueName="work")["QueueUrl"]
    aws.sqs.send_message(QueueUrl=url, MessageBody="1")
    handle = aws.sqs.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"]
    actions = ("sqs:SendMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility")
    user = aws.user(*(allow(action, "arn:aws:sqs:*:*:work") for action in actions)).sqs
    other = aws.sqs.create_queue(QueueName="other")["QueueUrl"]
    message, held = [{"Id": "a", "MessageBody": "2"}], {"Id": "a", "ReceiptHandle": handle}
    return [
        code_of(lambda: user.send_message_batch(QueueUrl=url, Entries=message)),
        code_of(lambda: user.change_message_visibility_batch(QueueUrl=url, Entries=[{**held, "VisibilityTimeout": 9}])),
        code_of(lambda: user.delete_message_batch(QueueUrl=url, Entries=[held])),
        code_of(lambda: user.send_message_batch(QueueUrl=other, Entries=message)),
    ]


@probe("iam.check_passed_roles", ["AccessDeniedException", ""], auth=True)
def roles_are_passed_by_permission(aws: Account) -> Any:
    role = aws.role()
    register = allow("ecs:RegisterTaskDefinition", "*")
    container = [{"name": "a", "image": "b", "memory": 128}]

    def code(other: Account) -> str:
        given = {"family": "f", "executionRoleArn": role, "containerDefinitions": container}
        return code_of(lambda: other.ecs.register_task_definition(**given))

    first = code(aws.user(register))
    to_tasks = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    statements = [register, allow("iam:PassRole", role, **to_tasks)]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    aws.iam.put_user_policy(UserName="tester", PolicyName="p", PolicyDocument=document)
    key = aws.iam.create_access_key(UserName="tester")["AccessKey"]
    return [first, code(Account(aws.port, aws.number, key["AccessKeyId"], key["SecretAccessKey"]))]


@probe("iam.check_passed_roles", ["AccessDeniedException", "ClusterNotFoundException"], auth=True)
def the_role_that_shifts_traffic_is_passed_to_ecs(aws: Account) -> Any:
    role = aws.role("shift")
    given = {"targetGroupArn": "t", "advancedConfiguration": {"roleArn": role}}

    def code(service: str) -> str:
        passing = allow("iam:PassRole", role, StringEquals={"iam:PassedToService": service})
        user = aws.user(allow("ecs:CreateService", "*"), passing)
        call = {"cluster": "c", "serviceName": "s", "taskDefinition": "f", "loadBalancers": [given]}
        refused = code_of(lambda: user.ecs.create_service(**call))
        key = user.key
        aws.iam.delete_access_key(UserName="tester", AccessKeyId=key)
        aws.iam.delete_user_policy(UserName="tester", PolicyName="p")
        aws.iam.delete_user(UserName="tester")
        return refused

    return [code("ecs-tasks.amazonaws.com"), code("ecs.amazonaws.com")]


@probe(
    "iam.name_the_refused_resource",
    [
        "You are not authorized to perform this operation. User: arn:aws:iam::N:user/tester is not authorized to"
        " perform: ec2:DeleteVpc on resource: arn:aws:ec2:R:N:vpc/vpc-1 because no identity-based policy allows the"
        " ec2:DeleteVpc action",
        "User: arn:aws:iam::N:user/tester is not authorized to perform: ecr:DescribeRepositories on resource:"
        " arn:aws:ecr:R:N:repository/r because no identity-based policy allows the ecr:DescribeRepositories action",
        "User: arn:aws:iam::N:user/tester is not authorized to perform: ec2:DescribeVpcs because no identity-based"
        " policy allows the ec2:DescribeVpcs action",
    ],
    auth=True,
)
def a_refusal_names_the_resource(aws: Account) -> Any:
    user = aws.user(allow("ecs:ListClusters", "*"))

    def said(call: Callable[[], Any]) -> str:
        return message_of(call).replace(aws.number, "N").replace(REGION, "R")

    return [
        said(lambda: user.ec2.delete_vpc(VpcId="vpc-1")),
        said(lambda: user.ecr.describe_repositories(repositoryNames=["r"])),
        said(user.ec2.describe_vpcs),
    ]


@probe("iam.see_tag_specifications", ["UnauthorizedOperation", ""], auth=True)
def request_tags_of_ec2(aws: Account) -> Any:
    ours = {"StringEquals": {"aws:RequestTag/Project": "p"}}
    user = aws.user(allow("ec2:CreateVpc", "*", **ours), allow("ec2:CreateTags", "*"))
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Project", "Value": "p"}]}]
    return [
        code_of(lambda: user.ec2.create_vpc(CidrBlock="10.0.0.0/16")),
        code_of(lambda: user.ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags)),
    ]


@probe(
    "iam.authorize_on_resources",
    ["AccessDeniedException", "arn:aws:servicediscovery:R:N:service/*", "", "AccessDeniedException"],
    auth=True,
)
def every_required_resource_is_authorized(aws: Account) -> Any:
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    tags = [{"Key": "Name", "Value": "p-namespace"}]
    aws.servicediscovery.create_private_dns_namespace(Name="p.internal", Vpc=vpc, Tags=tags)
    namespace = aws.servicediscovery.list_namespaces()["Namespaces"][0]["Id"]
    ours = {"StringLike": {"aws:ResourceTag/Name": "p-*"}}
    start = "arn:aws:servicediscovery:*:*:"
    both = aws.user(allow("servicediscovery:CreateService", f"{start}*/*", **ours))

    def create(name: str) -> Any:
        return lambda: both.servicediscovery.create_service(Name=name, NamespaceId=namespace)

    said = message_of(create("s")).replace(aws.number, "N").replace(REGION, "R")
    found = [code_of(create("s")), said.partition(" on resource: ")[2].partition(" ")[0]]
    statements = [
        allow("servicediscovery:CreateService", f"{start}namespace/*", **ours),
        allow("servicediscovery:CreateService", f"{start}service/*"),
        # it has no resource type, so its requests never have the tags of a resource
        allow("servicediscovery:TagResource", "*", **ours),
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    aws.iam.put_user_policy(UserName="tester", PolicyName="p", PolicyDocument=document)
    arn = aws.servicediscovery.list_namespaces()["Namespaces"][0]["Arn"]
    retag = code_of(lambda: both.servicediscovery.tag_resource(ResourceARN=arn, Tags=tags))
    return [*found, code_of(create("s")), retag]


@probe("iam.authorize_on_resources", ["", "UnauthorizedOperation", "ClusterNotFoundException"], auth=True)
def actions_are_authorized_on_their_resources(aws: Account) -> Any:
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Project", "Value": "p"}]}]
    mine = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
    other = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    tagged = {"StringEquals": {"aws:ResourceTag/Project": "p"}}
    user = aws.user(
        allow("ec2:DeleteVpc", "arn:aws:ec2:*:*:vpc/*", **tagged),
        allow("ecs:UpdateService", "arn:aws:ecs:*:*:service/c/app"),
    )
    return [
        code_of(lambda: user.ec2.delete_vpc(VpcId=mine)),
        code_of(lambda: user.ec2.delete_vpc(VpcId=other)),
        code_of(lambda: user.ecs.update_service(cluster="c", service="app")),
    ]


@probe("ecs.limit_requests", ["InvalidParameterException", "InvalidParameterException", 10, 2, ["DRAINING", False]])
def a_call_has_its_limits(aws: Account) -> Any:
    network = Network(aws)
    start_service(aws, network)
    for number in range(11):
        aws.ecs.create_service(
            cluster="c", serviceName=f"s{number}", taskDefinition="app", networkConfiguration=network.configuration
        )
    first = aws.ecs.list_services(cluster="c")
    second = aws.ecs.list_services(cluster="c", nextToken=first.get("nextToken", "0"))
    deleted = aws.ecs.delete_service(cluster="c", service="app", force=True)["service"]
    left = aws.ecs.list_services(cluster="c", maxResults=100)["serviceArns"]
    return [
        code_of(lambda: aws.ecs.describe_services(cluster="c", services=[f"s{n}" for n in range(11)])),
        code_of(lambda: aws.ecs.describe_tasks(cluster="c", tasks=[f"t{n}" for n in range(101)])),
        len(first["serviceArns"]),
        len(second["serviceArns"]),
        [deleted["status"], deleted["serviceArn"] in left],
    ]


@probe("ecs.keep_clusters_in_use", ["ClusterContainsServicesException", "ClusterContainsTasksException", 1])
def a_cluster_in_use_stays(aws: Account) -> Any:
    network = Network(aws)
    start_service(aws, network, desiredCount=0)
    first = code_of(lambda: aws.ecs.delete_cluster(cluster="c"))
    aws.ecs.delete_service(cluster="c", service="app")
    aws.ecs.run_task(cluster="c", taskDefinition="app", networkConfiguration=network.configuration)

    def code() -> str:
        return code_of(lambda: aws.ecs.delete_cluster(cluster="c"))

    second = eventually(code, "ClusterContainsTasksException", 5)
    definitions = aws.ecs.list_task_definitions()["taskDefinitionArns"]
    return [first, second, len(aws.ecs.delete_task_definitions(taskDefinitions=definitions)["failures"])]


@probe(
    "ecs.complete_task_definitions",
    [f"Fargate compatible task definitions do not support {name}" for name in ("privileged", "sourcePath", "devices")],
)
def no_task_gets_at_its_host(aws: Account) -> Any:
    def refusal(container: dict[str, Any], volumes: list[dict[str, Any]]) -> str:
        size = {"cpu": "256", "memory": "512", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"]}
        containers = [{"name": "a", "image": "b", **container}]
        return message_of(
            lambda: aws.ecs.register_task_definition(
                family="f", containerDefinitions=containers, volumes=volumes, **size
            )
        )

    return [
        refusal({"privileged": True}, []),
        refusal({}, [{"name": "root", "host": {"sourcePath": "/"}}]),
        refusal({"linuxParameters": {"devices": [{"hostPath": "/dev/sda"}]}}, []),
    ]


@probe(
    "ecs.complete_task_definitions",
    [
        {"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"},
        [],
        False,
        ("512", "1024"),
        "No Fargate configuration exists for given values: 512 CPU, 512 memory.",
    ],
)
def task_definitions_are_completed(aws: Account) -> Any:
    container = {"name": "a", "image": "b", "portMappings": [{"containerPort": 8080}]}
    fargate = {"family": "f", "requiresCompatibilities": ["FARGATE"], "containerDefinitions": [container]}
    made = aws.ecs.register_task_definition(**fargate, cpu="0.5 vCPU", memory="1 GB")["taskDefinition"]
    first = made["containerDefinitions"][0]
    try:
        aws.ecs.register_task_definition(**fargate, cpu="512", memory="512")
        refused = ""
    except aws.ecs.exceptions.ClientException as error:
        refused = error.response["Error"]["Message"]
    size = made["cpu"], made["memory"]
    return [first["portMappings"][0], first.get("mountPoints"), "taskRoleArn" in made, size, refused]


@probe("elbv2.answer_for_targets", (502, "<html>"))
def a_target_that_refuses(aws: Account) -> Any:
    made = Balancer(aws)
    aws.elbv2.register_targets(TargetGroupArn=made.group_arn, Targets=[{"Id": "127.0.0.1", "Port": 1}])
    status, body = eventually(lambda: aws.get("web"), (502, BAD_GATEWAY), 5)
    return status, body[:6]


BAD_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
)


@probe("iam.set_default_policy_versions", ["", "v2", "NoSuchEntity"])
def a_policy_version_becomes_the_default(aws: Account) -> Any:
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow("s3:ListAllMyBuckets", "*")]})
    arn = aws.iam.create_policy(PolicyName="p", PolicyDocument=document)["Policy"]["Arn"]
    aws.iam.create_policy_version(PolicyArn=arn, PolicyDocument=document)
    return [
        code_of(lambda: aws.iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")),
        aws.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"],
        code_of(lambda: aws.iam.set_default_policy_version(PolicyArn=arn, VersionId="v9")),
    ]


# Service Connect -----------------------------------------------------------


def connecting(aws: Account, namespace: str, port_name: str = "web", **more: Any) -> dict[str, Any]:
    """Call CreateService in a namespace, with one container whose port is named web."""
    network = Network(aws)
    aws.ecs.create_cluster(clusterName="c")
    mapping = {"containerPort": 8080, "name": "web"}
    aws.ecs.register_task_definition(
        family="app",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "app", "image": "app", "portMappings": [mapping]}],
    )
    offered = {"portName": port_name, **more}
    made: dict[str, Any] = aws.ecs.create_service(
        cluster="c",
        serviceName="app",
        taskDefinition="app",
        desiredCount=0,
        networkConfiguration=network.configuration,
        serviceConnectConfiguration={"enabled": True, "namespace": namespace, "services": [offered]},
    )
    return made


@probe("ecs.connect_services", "NamespaceNotFoundException")
def connect_in_an_unknown_namespace(aws: Account) -> str:
    return code_of(lambda: connecting(aws, "nowhere"))


@probe("ecs.connect_services", ("InvalidParameterException", "InvalidParameterException"))
def connect_by_an_unknown_port_or_two_aliases(aws: Account) -> tuple[str, str]:
    aws.servicediscovery.create_http_namespace(Name="inner")
    aliases = [{"dnsName": name, "port": 80} for name in ("one", "two")]
    return (
        code_of(lambda: connecting(aws, "inner", "other")),
        code_of(lambda: connecting(aws, "inner", clientAliases=aliases)),
    )


@probe("ecs.connect_services", (True, ["web"]))
def connect_tells_the_namespace_by_arn_and_makes_a_service_there(aws: Account) -> tuple[bool, list[str]]:
    aws.servicediscovery.create_http_namespace(Name="inner")
    (namespace,) = aws.servicediscovery.list_namespaces()["Namespaces"]
    connecting(aws, "inner")
    (shown,) = aws.ecs.describe_services(cluster="c", services=["app"])["services"]
    kept = shown["deployments"][0]["serviceConnectConfiguration"]["namespace"]
    services = aws.servicediscovery.list_services()["Services"]
    return kept == namespace["Arn"], [one["Name"] for one in services]


# scheduler ---------------------------------------------------------------


def trusting_scheduler(aws: Account) -> str:
    """Create a role that EventBridge Scheduler may assume and that may run tasks."""
    trust = {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    made: str = aws.iam.create_role(RoleName="scheduler", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow("ecs:RunTask", "*")]})
    aws.iam.put_role_policy(RoleName="scheduler", PolicyName="p", PolicyDocument=policy)
    return made


def scheduled(aws: Account, role: str, expression: str) -> None:
    size = {"cpu": "256", "memory": "512", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"]}
    containers = [{"name": "a", "image": "b"}]
    definition = aws.ecs.register_task_definition(family="f", containerDefinitions=containers, **size)
    cluster = aws.ecs.create_cluster(clusterName="c")["cluster"]["clusterArn"]
    place = {"Subnets": [Network(aws).subnets[0]], "AssignPublicIp": "DISABLED"}
    asked = {
        "TaskDefinitionArn": definition["taskDefinition"]["taskDefinitionArn"],
        "LaunchType": "FARGATE",
        "NetworkConfiguration": {"awsvpcConfiguration": place},
    }
    aws.scheduler.create_schedule(
        Name="nightly",
        ScheduleExpression=expression,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": cluster, "RoleArn": role, "EcsParameters": asked},
    )


@probe("scheduler.check_schedules", ["ValidationException", 185])
def a_schedule_has_a_role_that_scheduler_may_assume(aws: Account) -> Any:
    refused = code_of(lambda: scheduled(aws, aws.role(), "rate(1 hour)"))
    scheduled(aws, trusting_scheduler(aws), "rate(1 hour)")
    return [refused, aws.scheduler.get_schedule(Name="nightly")["Target"]["RetryPolicy"]["MaximumRetryAttempts"]]


@probe("scheduler.start_tasks", ["chronos-schedule/nightly"])
def a_schedule_starts_its_task(aws: Account) -> Any:
    at = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=2)
    scheduled(aws, trusting_scheduler(aws), f"at({at:%Y-%m-%dT%H:%M:%S})")

    def started() -> list[str]:
        asked = [aws.ecs.list_tasks(cluster="c", desiredStatus=status)["taskArns"] for status in ("RUNNING", "STOPPED")]
        arns = [arn for some in asked for arn in some]
        tasks = aws.ecs.describe_tasks(cluster="c", tasks=arns)["tasks"] if arns else []
        return [task["startedBy"] for task in tasks]

    return eventually(started, ["chronos-schedule/nightly"], 8)


# members, pages and missing resources ---------------------------------------------------------------------------------


def answer_of(client: Any, operation: str, call: Callable[[], Any]) -> bytes:
    """Return the body of an answer as it was sent."""
    kept: list[bytes] = []
    name = f"before-parse.{client.meta.service_model.service_id.hyphenize()}.{operation}"

    def keep(response_dict: dict[str, Any], **_more: Any) -> None:
        kept.append(response_dict["body"])

    client.meta.events.register(name, keep)
    call()
    client.meta.events.unregister(name, keep)
    return kept[-1]


@probe("gateway.leave_out_nulls", False)
def a_namespace_without_a_description(aws: Account) -> Any:
    aws.servicediscovery.create_http_namespace(Name="plain")
    listed = eventually(lambda: len(aws.servicediscovery.list_namespaces()["Namespaces"]), 1)
    assert listed == 1
    return b"null" in answer_of(aws.servicediscovery, "ListNamespaces", aws.servicediscovery.list_namespaces)


@probe("acm.describe_no_tags", False)
def a_certificate_is_described_without_tags(aws: Account) -> Any:
    arn = aws.acm.request_certificate(DomainName="a.example.com", Tags=[{"Key": "a", "Value": "b"}])["CertificateArn"]
    sent = answer_of(aws.acm, "DescribeCertificate", lambda: aws.acm.describe_certificate(CertificateArn=arn))
    return b'"Tags"' in sent


@probe("ec2.describe_vpcs_alone", [])
def a_vpc_names_nothing_of_its_own(aws: Account) -> Any:
    Network(aws)
    sent = answer_of(aws.ec2, "DescribeVpcs", aws.ec2.describe_vpcs)
    return re.findall(rb"<(default\w+Id|main\w+Id)>", sent)


@probe("ec2.miss_tables_and_addresses", ["InvalidRouteTableID.NotFound", "InvalidAllocationID.NotFound"])
def a_table_and_an_address_that_are_not_there(aws: Account) -> Any:
    return [
        code_of(lambda: aws.ec2.describe_route_tables(RouteTableIds=["rtb-0badc0de"])),
        code_of(lambda: aws.ec2.describe_addresses_attribute(AllocationIds=["eipalloc-0badc0de"])),
    ]


@probe("ec2.keep_endpoints_whole", (["g"], True, "Interface", ["g", "other"]))
def an_interface_endpoint_has_its_groups_and_its_private_name(aws: Account) -> Any:
    made = Network(aws)
    ec2 = aws.ec2
    created = ec2.create_vpc_endpoint(
        VpcId=made.vpc,
        ServiceName=f"com.amazonaws.{REGION}.ecr.api",
        VpcEndpointType="Interface",
        SubnetIds=made.subnets,
        SecurityGroupIds=[made.group],
    )["VpcEndpoint"]
    other = ec2.create_security_group(GroupName="other", Description="other", VpcId=made.vpc)["GroupId"]
    ec2.modify_vpc_endpoint(VpcEndpointId=created["VpcEndpointId"], AddSecurityGroupIds=[other])
    [now] = ec2.describe_vpc_endpoints(VpcEndpointIds=[created["VpcEndpointId"]])["VpcEndpoints"]
    names = [one["GroupName"] for one in created["Groups"]]
    assert json.loads(now["PolicyDocument"])["Statement"][0]["Action"] == "*"
    return names, now["PrivateDnsEnabled"], now["VpcEndpointType"], [one["GroupName"] for one in now["Groups"]]


@probe(
    "ec2.keep_endpoints_whole",
    [["s3"], ["ecr.api"], ["ecr.api"], [], "InvalidVpcEndpointId.NotFound", ["InvalidVpcEndpoint.NotFound"]],
)
def endpoints_are_found_by_filters(aws: Account) -> Any:
    made = Network(aws)
    ec2 = aws.ec2
    for name, kind in (("s3", "Gateway"), ("ecr.api", "Interface")):
        ec2.create_vpc_endpoint(VpcId=made.vpc, ServiceName=f"com.amazonaws.{REGION}.{name}", VpcEndpointType=kind)

    def named(name: str, value: str) -> list[str]:
        found = ec2.describe_vpc_endpoints(Filters=[{"Name": name, "Values": [value]}])["VpcEndpoints"]
        return [one["ServiceName"].removeprefix(f"com.amazonaws.{REGION}.") for one in found]

    of_interface = [{"Name": "vpc-endpoint-type", "Values": ["Interface"]}]
    interface = ec2.describe_vpc_endpoints(Filters=of_interface)["VpcEndpoints"][0]
    gone = ec2.delete_vpc_endpoints(VpcEndpointIds=["vpce-0badc0de"])["Unsuccessful"]
    return [
        named("service-name", f"com.amazonaws.{REGION}.s3"),
        named("vpc-endpoint-type", "Interface"),
        named("vpc-endpoint-id", interface["VpcEndpointId"]),
        named("vpc-id", "vpc-0badc0de"),
        code_of(lambda: ec2.describe_vpc_endpoints(VpcEndpointIds=["vpce-0badc0de"])),
        [one["Error"]["Code"] for one in gone],
    ]


@probe("ecs.describe_by_shape", 1)
def service_connect_is_described_of_deployments(aws: Account) -> Any:
    aws.ecs.create_cluster(clusterName="c")
    aws.servicediscovery.create_http_namespace(Name="mesh")
    assert eventually(lambda: len(aws.servicediscovery.list_namespaces()["Namespaces"]), 1) == 1
    size = {"cpu": "256", "memory": "512", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"]}
    aws.ecs.register_task_definition(family="f", containerDefinitions=[{"name": "a", "image": "b"}], **size)
    connected = {"enabled": True, "namespace": "mesh"}
    network = Network(aws).configuration
    aws.ecs.create_service(
        cluster="c",
        serviceName="s",
        taskDefinition="f",
        desiredCount=0,
        launchType="FARGATE",
        networkConfiguration=network,
        serviceConnectConfiguration=connected,
    )
    described = answer_of(aws.ecs, "DescribeServices", lambda: aws.ecs.describe_services(cluster="c", services=["s"]))
    return described.count(b'"serviceConnectConfiguration"')


@probe("ecs.describe_by_shape", False)
def a_task_that_runs_has_no_stop_code(aws: Account) -> Any:
    aws.ecs.create_cluster(clusterName="c")
    size = {"cpu": "256", "memory": "512", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"]}
    aws.ecs.register_task_definition(family="f", containerDefinitions=[{"name": "a", "image": "b"}], **size)
    network = Network(aws).configuration
    run = {"cluster": "c", "taskDefinition": "f", "launchType": "FARGATE", "networkConfiguration": network}
    return b"stopCode" in answer_of(aws.ecs, "RunTask", lambda: aws.ecs.run_task(**run))


@probe("servicediscovery.miss_what_has_no_tags", "ResourceNotFoundException")
def tags_of_a_namespace_that_is_not_there(aws: Account) -> Any:
    arn = f"arn:aws:servicediscovery:{REGION}:{aws.number}:namespace/ns-0badc0de"
    return code_of(lambda: aws.servicediscovery.list_tags_for_resource(ResourceARN=arn))


@probe("elbv2.reserve_no_capacity", ([], "LoadBalancerNotFound"))
def a_load_balancer_has_reserved_nothing(aws: Account) -> Any:
    made = Balancer(aws)
    found = aws.elbv2.describe_capacity_reservation(LoadBalancerArn=made.arn)
    gone = made.arn[:-8] + "0badc0de"
    return (
        found["CapacityReservationState"],
        code_of(lambda: aws.elbv2.describe_capacity_reservation(LoadBalancerArn=gone)),
    )


@probe("sqs.return_plain_redrives", ('{"deadLetterTargetArn":"ARN","maxReceiveCount":5}',) * 2)
def a_redrive_policy_comes_back_plain(aws: Account) -> Any:
    dead = aws.sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = aws.sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "5"}, indent=2)
    url = aws.sqs.create_queue(QueueName="work", Attributes={"RedrivePolicy": policy})["QueueUrl"]

    def shown() -> str:
        found = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]
        return str(found["RedrivePolicy"]).replace(arn, "ARN")

    first = shown()
    aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})
    return first, shown()


@probe("gateway.page_as_asked", ([2, 2, 1], [2, 2, 1], [5, 2]))
def lists_come_in_pages(aws: Account) -> Any:
    size = {"cpu": "256", "memory": "512", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"]}
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    for number in range(5):
        name = f"n{number}"
        aws.ecs.register_task_definition(family=name, containerDefinitions=[{"name": "a", "image": "b"}], **size)
        aws.role(name)
        aws.ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)

    def pages(client: Any, operation: str, listed: str, size: int, **given: Any) -> list[int]:
        """Return the number of items on each page; each item is there once."""
        answered = client.get_paginator(operation).paginate(PaginationConfig={"PageSize": size}, **given)
        found = [page[listed] for page in answered]
        every = [str(one) for page in found for one in page]
        assert len(set(every)) == len(every)
        return [len(page) for page in found]

    # a VPC has a default security group, the account a default VPC
    return (
        pages(aws.ecs, "list_task_definition_families", "families", 2),
        pages(aws.iam, "list_roles", "Roles", 2, PathPrefix="/"),
        pages(aws.ec2, "describe_security_groups", "SecurityGroups", 5),
    )


@probe("wafv2.describe_web_acls_alone", False)
def a_web_acl_does_not_say_its_scope(aws: Account) -> Any:
    seen = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "front"}
    made = aws.wafv2.create_web_acl(Name="front", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=seen)[
        "Summary"
    ]
    asked = {"Name": "front", "Scope": "REGIONAL", "Id": made["Id"]}
    return b'"Scope"' in answer_of(aws.wafv2, "GetWebACL", lambda: aws.wafv2.get_web_acl(**asked))


@probe("ec2.keep_flow_logs_whole", (True, 600, "${version} ${account-id}", "SUCCESS"))
def a_flow_log_into_a_log_group_has_no_destination(aws: Account) -> Any:
    made = Network(aws)
    aws.logs.create_log_group(logGroupName="/flow")
    aws.ec2.create_flow_logs(
        ResourceIds=[made.vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogGroupName="/flow",
        DeliverLogsPermissionArn=aws.role("flow"),
    )
    [found] = aws.ec2.describe_flow_logs()["FlowLogs"]
    return (
        "LogDestination" not in found,
        found["MaxAggregationInterval"],
        found["LogFormat"][:24],
        found["DeliverLogsStatus"],
    )


@probe(
    "ec2.miss_what_is_gone",
    ["InvalidVpcID.NotFound", "InvalidSubnetID.NotFound", "InvalidFlowLogId.NotFound", "InvalidAssociationID.NotFound"],
)
def what_is_gone_is_not_tagged(aws: Account) -> Any:
    ec2, tags = aws.ec2, [{"Key": "a", "Value": "b"}]
    made = Network(aws)
    ec2.create_tags(Resources=[made.vpc, *made.subnets, made.group, made.gateway], Tags=tags)
    return [
        code_of(lambda: ec2.create_tags(Resources=[made.vpc, "vpc-0badc0de"], Tags=tags)),
        code_of(lambda: ec2.create_tags(Resources=["subnet-0badc0de"], Tags=tags)),
        code_of(lambda: ec2.describe_flow_logs(FlowLogIds=["fl-0badc0de"])),
        code_of(lambda: ec2.disassociate_route_table(AssociationId="rtbassoc-0badc0de")),
    ]


@probe("elbv2.delete_no_group", "")
def a_target_group_that_is_not_there_is_deleted_all_the_same(aws: Account) -> Any:
    arn = Balancer(aws).group_arn
    return code_of(lambda: aws.elbv2.delete_target_group(TargetGroupArn=f"{arn[:-8]}0badc0de"))


@probe("wafv2.protect_what_is_there", ["WAFNonexistentItemException", ""])
def a_load_balancer_that_is_not_there_is_not_protected(aws: Account) -> Any:
    seen = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "front"}
    acl = aws.wafv2.create_web_acl(Name="front", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=seen)
    arn = Balancer(aws).arn

    def protect(balancer: str) -> str:
        asked = {"WebACLArn": acl["Summary"]["ARN"], "ResourceArn": balancer}
        return code_of(lambda: aws.wafv2.associate_web_acl(**asked))

    return [protect(f"{arn[:-8]}0badc0de"), protect(arn)]
