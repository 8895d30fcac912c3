# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check the inputs of the role alb.

Each error has the value, the rule and the variable to set.  Rules of AWS:
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html (names).
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ..._aws import region as regions
from ..._constraints.documented import DOCUMENTED
from ..._plan.names import alb_name
from ..._resources.elbv2 import conditions
from ..inputs.spec import beside_kept, twice
from . import domains, kept, rules, web_acl
from .desired import USER_PORTS

Inputs = t.Mapping[str, t.Any]

# Policies with TLS 1.2 and 1.3 only:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
TLS_POLICY = re.compile(r"ELBSecurityPolicy-TLS13-1-[23](-[A-Za-z0-9]+)*-\d{4}-\d{2}")
CERTIFICATE = re.compile(DOCUMENTED["elbv2.CreateListener.Certificates.CertificateArn"].rule["pattern"])
LOAD_BALANCER = re.compile(r"arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:loadbalancer/app/[\w-]+/\w+")
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
HOSTED_ZONE = re.compile("[A-Z0-9]{1,32}")
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")


def alb(inputs: Inputs) -> list[str]:
    """Return the errors in the inputs of the role alb."""
    if kept.asked(inputs):
        return [*regions.problems(inputs["region"]), *_existing(inputs)]
    return [
        *regions.problems(inputs["region"]),
        *load_balancer_name("alb_name_prefix", alb_name(inputs["name_prefix"])),
        *(sentence for name in inputs["records"] for sentence in domain_wrong("alb_records", name)),
        *(domain_wrong("alb_domain", inputs["domain"]) if inputs["domain"] else []),
        *_https(inputs),
        *_sources("alb_allowed_cidrs", inputs["allowed_cidrs"]),
        *_test_ports(inputs["test_ports"]),
        *(_sources("alb_test_allowed_cidrs", inputs["test_allowed_cidrs"]) if inputs["test_ports"] else []),
        *_sources("alb_identity_provider_cidrs", inputs["identity_provider_cidrs"]),
        *twice("alb_records", [domains.canonical(name) for name in inputs["records"]]),
        *rules.problems(inputs["rules"]),
        *_hosted_zone(inputs["hosted_zone_id"]),
        *_idle_timeout(inputs["idle_timeout"]),
        *_bucket(inputs["access_logs_bucket"]),
        *web_acl.problems(inputs["web_acl_arn"], inputs["region"]),
        *_logs_prefix(inputs.get("access_logs_prefix") or ""),
    ]


def _existing(inputs: Inputs) -> list[str]:
    """Return the errors in the inputs of an existing load balancer."""
    arn, listener = inputs["arn"], inputs["listener_arn"]
    named = f"alb_arn {arn}" if arn else f"alb_listener_arn {listener}"
    # by default, the records follow from the domain
    defaults = {**inputs.get("defaults", {}), "records": [inputs["domain"]] if inputs["domain"] else []}
    result = beside_kept("alb", {**inputs, "defaults": defaults}, "load balancer", named)
    if arn and not LOAD_BALANCER.fullmatch(arn):
        result.append(
            f"alb_arn '{arn}' is not the ARN of an application load balancer. Write one as in"
            " arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/app/NAME/ID."
        )
    if listener and not kept.LISTENER.fullmatch(listener):
        result.append(
            f"alb_listener_arn '{listener}' is not the ARN of a listener of an application load balancer. Write one"
            " as in arn:aws:elasticloadbalancing:REGION:ACCOUNT:listener/app/NAME/ID/ID."
        )
    elif arn and listener and kept.of_listener(listener) != arn:
        result.append(f"alb_listener_arn {listener} is not a listener of alb_arn {arn}. Take one of them out.")
    return result or [
        f"{option} {value} is in {there}, and this platform is in {inputs['region']}. Name one of that region."
        for option, value in (("alb_arn", arn), ("alb_listener_arn", listener))
        if value and (there := value.split(":")[3]) != inputs["region"]
    ]


def domain_wrong(variable: str, name: str) -> list[str]:
    """Return the errors in a domain name, the value of I(variable)."""
    labels = domains.canonical(name).split(".")
    rest = labels[1:] if labels[0] == "*" else labels
    if len(name) <= 253 and len(rest) > 1 and all(LABEL.fullmatch(label) for label in rest):
        return []
    return [f"{variable}: '{name}' is not a domain name. {_as_dns_has_it(name)}"]


def _as_dns_has_it(name: str) -> str:
    """Return the next step for a wrong name: the form that DNS has of an internationalized one, or an example."""
    labels = conditions.in_dns(name).split(".")
    if len(labels) > 1 and all(LABEL.fullmatch(label) for label in labels):
        return f"DNS has it as {'.'.join(labels)}. Write it so."
    return "Write one as in lotto.your.company.com."


def _https(inputs: Inputs) -> list[str]:
    further = inputs["certificates"]
    if not inputs["https"]:
        return [
            f"alb_certificates {', '.join(further)} need a listener by HTTPS, and alb_https is false. Set it to true,"
            " or take alb_certificates out."
        ] * bool(further)
    found = [*twice("alb_certificates", further)]
    for one in further:
        if one.startswith("arn:") and not CERTIFICATE.fullmatch(one):
            found.append(
                f"alb_certificates: '{one}' is not the ARN of a certificate. Write one as in"
                " arn:aws:acm:REGION:ACCOUNT:certificate/ID, or a domain name that one is for."
            )
        elif not one.startswith("arn:"):
            found += domain_wrong("alb_certificates", one)
    if not (inputs["certificate_arn"] or inputs["records"] or inputs["domain"]):
        found.append(
            "alb_https is true, and there is no name to find a certificate for."
            " Set alb_domain or alb_certificate_arn, or alb_https: false for plain HTTP."
        )
    elif inputs["certificate_arn"] and not CERTIFICATE.fullmatch(inputs["certificate_arn"]):
        found.append(
            f"alb_certificate_arn: '{inputs['certificate_arn']}' is not the ARN of a certificate."
            " Write one as in arn:aws:acm:REGION:ACCOUNT:certificate/ID, or leave it empty to have one found."
        )
    if not TLS_POLICY.fullmatch(inputs["tls_policy"]):
        found.append(
            f"alb_tls_policy: '{inputs['tls_policy']}' is none that offers TLS 1.3 and nothing older than 1.2."
            " Set ELBSecurityPolicy-TLS13-1-2-2021-06 or a newer one."
        )
    return found


def _test_ports(ports: t.Sequence[int]) -> list[str]:
    return [
        f"alb_test_ports: {port} is not a port for tests: 1 to 65535, without {' and '.join(map(str, USER_PORTS))}, by"
        " which users come in. Change it, or deployment.test.port of the service."
        for port in ports
        if port in USER_PORTS or not 1 <= port <= 65535
    ]


def _sources(variable: str, cidrs: t.Sequence[str]) -> list[str]:
    return [*(sentence for cidr in cidrs for sentence in _source(variable, cidr)), *twice(variable, cidrs)]


def _source(variable: str, cidr: str) -> list[str]:
    try:
        if not cidr.partition("/")[2].isdecimal():  # Python takes a mask, too
            raise ValueError("no length of the prefix")
        canonical = ipaddress.ip_network(cidr).with_prefixlen
    except ValueError as error:
        return [f"{variable}: '{cidr}' is not a CIDR block ({error}). Write one as in 203.0.113.0/24."]
    if canonical == cidr:
        return []
    return [f"{variable}: '{cidr}' is kept by AWS as {canonical}, so that every plan would change it. Write it so."]


def _bucket(name: str) -> list[str]:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    if not name or (BUCKET.fullmatch(name) and ".." not in name):
        return []
    return [
        f"alb_access_logs_bucket: '{name}' is not a name of a bucket:"
        " 3 to 63 lower-case letters, digits, dots and hyphens."
    ]


def _logs_prefix(prefix: str) -> list[str]:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    if "AWSLogs" not in prefix and prefix.strip("/") == prefix:
        return []
    return [
        f"alb_access_logs_prefix: '{prefix}' has AWSLogs in it, or a slash at an end: AWS adds /AWSLogs/ itself."
        " Write one as in alb/production."
    ]


def _hosted_zone(zone: str) -> t.Iterator[str]:
    # https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html
    if zone and not HOSTED_ZONE.fullmatch(zone):
        yield (
            f"alb_hosted_zone_id: '{zone}' is not the id of a hosted zone. Write one as in Z0123456789ABCDEFGHIJ,"
            ' or "" to have it found by name.'
        )


def _idle_timeout(seconds: int) -> list[str]:
    if 1 <= seconds <= 4000:
        return []
    return [f"alb_idle_timeout is {seconds}; AWS takes 1 to 4000 seconds."]


def load_balancer_name(variable: str, name: str) -> list[str]:
    """Return the errors in the name of a load balancer or target group."""
    rule = "letters, digits and single inner hyphens, 32 at most"
    if len(name) > 32:
        return [f"{variable}: '{name}' has {len(name)} characters; AWS takes {rule}. Shorten fargate_project."]
    if not re.fullmatch(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", name) or name.startswith("internal-"):
        return [f"{variable}: AWS does not take the name '{name}': it takes {rule}, not beginning with 'internal-'."]
    return []
