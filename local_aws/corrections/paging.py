# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Lists are paged, also for actions that MiniStack answers as a whole.

The pagination of each action is in botocore's ``paginators-1.json`` of its service.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from local_aws.call_log import action_of
from local_aws.corrections._patch import corrects, part, replace

Answer = tuple[int, dict[str, str], Any]
OURS = "page-from-"


@dataclass(frozen=True)
class Paged:
    """The members of an action's request and answer with the page size, the token, and the list."""

    size: str
    place: str
    next: str
    list: str
    # the member that announces more pages, in IAM
    more: str = ""


def _all(lists: dict[str, str], size: str, place: str, following: str = "", more: str = "") -> dict[str, Paged]:
    """Return the actions of one service by their lists' names; the token has one name, or another one in answers."""
    return {action: Paged(size, place, following or place, name, more) for action, name in lists.items()}


PAGED: dict[str, dict[str, Paged]] = {
    "acm": _all({"ListCertificates": "CertificateSummaryList"}, "MaxItems", "NextToken"),
    "ecr": _all({"DescribeImages": "imageDetails", "ListImages": "imageIds"}, "maxResults", "nextToken"),
    "ecs": _all({"ListClusters": "clusterArns", "ListTaskDefinitionFamilies": "families"}, "maxResults", "nextToken"),
    "tagging": _all({"GetResources": "ResourceTagMappingList"}, "ResourcesPerPage", "PaginationToken"),
    "elasticloadbalancing": _all(
        {
            "DescribeListeners": "Listeners",
            "DescribeListenerCertificates": "Certificates",
            "DescribeLoadBalancers": "LoadBalancers",
            "DescribeRules": "Rules",
            "DescribeTargetGroups": "TargetGroups",
        },
        "PageSize",
        "Marker",
        "NextMarker",
    ),
    "iam": _all(
        {
            "ListAttachedRolePolicies": "AttachedPolicies",
            "ListPolicies": "Policies",
            "ListPolicyVersions": "Versions",
            "ListRolePolicies": "PolicyNames",
            "ListRoles": "Roles",
        },
        "MaxItems",
        "Marker",
        more="IsTruncated",
    ),
    "ec2": _all(
        {
            "DescribeFlowLogs": "flowLogSet",
            "DescribeInternetGateways": "internetGatewaySet",
            "DescribeNatGateways": "natGatewaySet",
            "DescribeNetworkInterfaces": "networkInterfaceSet",
            "DescribeRouteTables": "routeTableSet",
            "DescribeSecurityGroups": "securityGroupInfo",
            "DescribeSubnets": "subnetSet",
            "DescribeTags": "tagSet",
            "DescribeVpcEndpoints": "vpcEndpointSet",
            "DescribeVpcs": "vpcSet",
        },
        "MaxResults",
        "NextToken",
        "nextToken",
    ),
}


def token_of(start: int) -> str:
    """Return the token of the next page, opaque as AWS's."""
    return base64.urlsafe_b64encode(f"{OURS}{start}".encode()).decode()


def start_of(token: str) -> int:
    """Return where the page of a token begins, 0 for an unknown token."""
    try:
        text = base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, ValueError):
        return 0
    return int(text.removeprefix(OURS)) if re.fullmatch(rf"{OURS}\d+", text) else 0


def given(body: bytes) -> dict[str, Any]:
    """Return the parameters of a JSON or form request; none for any other."""
    if body.lstrip().startswith(b"{"):
        try:
            found = json.loads(body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def without(body: bytes, parameters: dict[str, Any], name: str) -> bytes:
    """Return the request without our token, which MiniStack does not know."""
    rest = {key: value for key, value in parameters.items() if key != name}
    return json.dumps(rest).encode() if body.lstrip().startswith(b"{") else urlencode(rest).encode()


def page(answer: Answer, paged: Paged, start: int, size: int) -> Answer:
    """Return the requested page of an answer; errors and short lists are returned whole."""
    status, headers, body = answer
    if status != 200:
        return answer
    raw = body if isinstance(body, bytes) else str(body).encode()
    cut = _of_json if raw.lstrip().startswith(b"{") else _of_xml
    return status, headers, cut(raw, paged, start, size)


def _of_json(raw: bytes, paged: Paged, start: int, size: int) -> bytes:
    found = json.loads(raw)
    every = found.get(paged.list) or []
    if len(every) <= size and not start:
        return raw
    found[paged.list] = every[start : start + size]
    if start + size < len(every):
        found[paged.next] = token_of(start + size)
    return json.dumps(found).encode()


def _of_xml(raw: bytes, paged: Paged, start: int, size: int) -> bytes:
    root = ET.fromstring(raw)  # noqa: S314 - MiniStack wrote it
    namespace = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    lists = [(one, found) for one in root.iter() if (found := one.find(namespace + paged.list)) is not None]
    if not lists:
        return raw
    holder, listed = lists[0]
    every = list(listed)
    if len(every) <= size and not start:
        return raw
    for one in every[:start] + every[start + size :]:
        listed.remove(one)
    if start + size < len(every):
        _set(holder, namespace + paged.next, token_of(start + size))
        if paged.more:
            _set(holder, namespace + paged.more, "true")
    sent: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True, default_namespace=namespace[1:-1] or None)
    return sent


def _set(holder: ET.Element, tag: str, text: str) -> None:
    found = holder.find(tag)
    (ET.SubElement(holder, tag) if found is None else found).text = text


@corrects(
    "gateway",
    aws="a list has at most the requested number per page, and a token for the next one",
    evidence="botocore model: paginators-1.json of acm, ec2, ecr, ecs, elbv2, iam and resourcegroupstaggingapi",
)
def page_as_asked() -> None:
    app, router = part("app"), part("core.router")

    def paging(original: Any) -> Any:
        async def call(
            method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any], request_id: str
        ) -> Any:
            action = action_of(headers, body, query) or ""
            known = next((actions[action] for actions in PAGED.values() if action in actions), None)
            asked = given(body) if known else {}
            if not known or not (asked.get(known.size) or asked.get(known.place)):
                return await original(method, path, headers, body, query, request_id)
            routing = app._routing_params(method, path, headers, body, query)
            name = router.detect_service(method, path, headers, routing)
            paged = PAGED.get(name, {}).get(action)
            start = start_of(str(asked.get(paged.place) or "")) if paged else 0
            sent = without(body, asked, paged.place) if paged and start else body
            answer = await original(method, path, headers, sent, query, request_id)
            size = int(asked.get(paged.size) or 0) if paged else 0
            return page(answer, paged, start, size or 10**9) if paged else answer

        return call

    replace(app, "_dispatch_service_request", paging)
