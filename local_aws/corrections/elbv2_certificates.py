# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Certificates of a listener beside its default one, which MiniStack lacks."""

from __future__ import annotations

from typing import Any

from local_aws.corrections._patch import corrects, service
from local_aws.corrections.elbv2 import bad_certificate

Params = dict[str, Any]
LISTED = "_further_certificates"


def listener_of(params: Params) -> tuple[Any, Any]:
    alb = service("alb")
    listener = alb._listeners.get(alb._p(params, "ListenerArn"))
    if listener is None:
        return None, alb._error("ListenerNotFound", "One or more listeners not found")
    if listener["Protocol"] not in ("HTTPS", "TLS"):
        message = f"Certificates cannot be specified for listeners with protocol {listener['Protocol']}"
        return None, alb._error("OperationNotPermitted", message)
    return listener, None


def shown(arns: list[str], default: bool) -> str:
    esc = service("alb")._esc
    return "".join(
        f"<member><CertificateArn>{esc(arn)}</CertificateArn><IsDefault>{str(default).lower()}</IsDefault></member>"
        for arn in arns
    )


def describe(params: Params) -> Any:
    alb = service("alb")
    listener, refused = listener_of(params)
    if refused:
        return refused
    certificates = shown(listener.get("Certificates", []), True) + shown(listener.get(LISTED, []), False)
    return alb._xml(200, "DescribeListenerCertificates", f"<Certificates>{certificates}</Certificates>")


def add(params: Params) -> Any:
    alb = service("alb")
    listener, refused = listener_of(params)
    refused = refused or bad_certificate(params)
    if refused:
        return refused
    has = listener.setdefault(LISTED, [])
    has += [arn for arn in alb._parse_certificate_arns(params) if arn not in has]
    answer = f"<Certificates>{shown(alb._parse_certificate_arns(params), False)}</Certificates>"
    return alb._xml(200, "AddListenerCertificates", answer)


def remove(params: Params) -> Any:
    alb = service("alb")
    listener, refused = listener_of(params)
    if refused:
        return refused
    gone = alb._parse_certificate_arns(params)
    if set(gone) & set(listener.get("Certificates", [])):
        message = "Default certificate cannot be removed"
        return alb._error("OperationNotPermitted", message)
    listener[LISTED] = [arn for arn in listener.get(LISTED, []) if arn not in gone]
    return alb._xml(200, "RemoveListenerCertificates", "")


@corrects(
    "elbv2",
    aws="an HTTPS listener has certificates beside its default one, added and removed by separate calls",
    evidence="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddListenerCertificates.html",
)
def keep_further_certificates() -> None:
    actions = service("alb")._ACTION_MAP
    actions |= {
        "AddListenerCertificates": add,
        "DescribeListenerCertificates": describe,
        "RemoveListenerCertificates": remove,
    }
