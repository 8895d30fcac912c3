# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Repeat recorded calls in another way: page by page, and after their resources are gone."""

from __future__ import annotations

import contextlib
import functools
import http.client
import json
import re
import typing as t
import urllib.parse

import botocore.parsers
import botocore.session
import jmespath
from botocore.model import OperationModel

from . import answers
from .kill_proxy import Exchange

Params = dict[str, t.Any]
MANY_PAGES = 500
READS = re.compile(r"(Describe|List|Get|BatchGet)")
# Operations that create something from a missing name, or without a name.
MAKES = re.compile(
    r"(Change|Create(?!Tags)|Register|Put|Run|Allocate|Import|Request|Add(?!Tags)|Get(CallerIdentity|AuthorizationToken|Resources))"
)
# Operations that succeed although their resource is missing.
TAKEN = {
    # "If the load balancer does not exist or has already been deleted, the call succeeds": API_DeleteLoadBalancer
    "elbv2:DeleteLoadBalancer",
    # API_DeleteTargetGroup has no error for it
    "elbv2:DeleteTargetGroup",
    # reported in the answer, as Unsuccessful: API_DeleteFlowLogs, API_DeleteVpcEndpoints
    "ec2:DeleteFlowLogs",
    "ec2:DeleteVpcEndpoints",
    # "a deleted NAT gateway remains visible for a short while", for about an hour
    "ec2:DeleteNatGateway",
    "ec2:DescribeNatGateways",
    # a revision stays, INACTIVE or DELETE_IN_PROGRESS: API_DeleteTaskDefinitions
    "ecs:DeleteTaskDefinitions",
    "ecs:DeregisterTaskDefinition",
}
EC2_ID = re.compile(r"(?!Owner)[A-Za-z]+Id(\.\d+)?")


def once(exchanges: t.Iterable[Exchange]) -> list[Exchange]:
    """Return one successful exchange of each operation with each set of parameters, by their names."""
    found: dict[tuple[str, frozenset[str]], Exchange] = {}
    for one in exchanges:
        operation = answers.operation_of(one)
        if operation is not None and one.status < 400:
            named = frozenset(re.sub(r"\d+", "N", key) for key in sent(one, operation))
            found.setdefault((answers.name_of(one), named), one)
    return list(found.values())


def is_read(exchange: Exchange) -> bool:
    """Return whether an exchange changes nothing."""
    return bool(READS.match(answers.name_of(exchange).partition(":")[2]))


def of_what_is_gone(exchanges: t.Iterable[Exchange]) -> list[Exchange]:
    """Return the exchanges to repeat after a removal: those that create nothing."""
    return [one for one in once(exchanges) if not MAKES.match(answers.name_of(one).partition(":")[2])]


def as_it_was(exchange: Exchange, endpoint: str) -> Exchange:
    """Send a request again unchanged."""
    return _send(exchange, endpoint, exchange.path, exchange.body)


def found_though_gone(exchange: Exchange) -> str | None:
    """Return what an exchange did to, or found of, a missing resource; None if nothing."""
    operation = answers.operation_of(exchange)
    name = answers.name_of(exchange)
    if operation is None or exchange.status >= 400 or name in TAKEN:
        return None
    if not is_read(exchange):
        return f"{name} went well"
    by_id = any(EC2_ID.fullmatch(key) for key in sent(exchange, operation))
    return f"{name} by id went well" if name.startswith("ec2:") and by_id else None


def sent(exchange: Exchange, operation: OperationModel) -> Params:
    """Return the parameters of a request, by botocore's names."""
    protocol = str(operation.metadata["protocol"])
    if protocol in ("json", "rest-json") and exchange.body:
        return t.cast("Params", json.loads(exchange.body))
    form = exchange.body.decode("utf-8", "replace") or exchange.path.partition("?")[2]
    flat = dict(urllib.parse.parse_qsl(form, keep_blank_values=True))
    return {key: value for key, value in flat.items() if key not in ("Action", "Version")}


def again(exchange: Exchange, endpoint: str, changed: t.Callable[[Params], Params]) -> Exchange:
    """Send a request again with other parameters, in JSON or as flat form fields."""
    operation = answers.operation_of(exchange)
    assert operation is not None
    path, body = exchange.path, exchange.body
    if exchange.asked.get("content-type", "").startswith("application/x-amz-json"):
        body = json.dumps(changed(json.loads(body or b"{}"))).encode()
    elif exchange.method == "GET":
        base, _mark, query = path.partition("?")
        flat = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        path = f"{base}?{urllib.parse.urlencode(changed(flat))}"
    else:
        flat = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
        body = urllib.parse.urlencode(changed(flat)).encode()
    return _send(exchange, endpoint, path, body)


def _send(exchange: Exchange, endpoint: str, path: str, body: bytes) -> Exchange:
    headers = {key: value for key, value in exchange.asked.items() if key not in ("content-length", "host", "expect")}
    with contextlib.closing(http.client.HTTPConnection(endpoint.removeprefix("http://"))) as connection:
        connection.request(exchange.method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
    got = {name.lower(): value for name, value in answer.getheaders()}
    return exchange._replace(path=path, body=body, status=answer.status, headers=got, content=content)


def parsed(exchange: Exchange, operation: OperationModel) -> t.Any:
    """Return an answer as boto3 does."""
    parser = botocore.parsers.create_parser(str(operation.metadata["protocol"]))
    raw = {"body": exchange.content, "headers": exchange.headers, "status_code": exchange.status}
    return parser.parse(raw, t.cast("t.Any", operation.output_shape))


# pagination -----------------------------------------------------------------------------------------------------------


class Pages(t.NamedTuple):
    """An operation's pagination: the input members of size and token, and where its answer has token and results."""

    size: str
    place: str
    next: str
    results: tuple[str, ...]


def pages_of(operation: OperationModel) -> Pages | None:
    """Return the pagination of an operation by botocore's paginators, None without one, or without a page size."""
    session = botocore.session.get_session()
    if "cbor" in str(operation.metadata["protocol"]):
        return None
    try:
        model = session.get_component("data_loader").load_service_model(
            operation.service_model.service_name, "paginators-1"
        )
    except botocore.exceptions.UnknownServiceError:
        return None
    found = model["pagination"].get(operation.name)
    if not found or "limit_key" not in found or isinstance(found["input_token"], list):
        return None
    keys = found["result_key"]
    return Pages(
        found["limit_key"],
        found["input_token"],
        found["output_token"],
        tuple(keys if isinstance(keys, list) else [keys]),
    )


def is_paged(exchange: Exchange) -> bool:
    """Return whether the operation of an exchange has pages with a size."""
    operation = answers.operation_of(exchange)
    return operation is not None and pages_of(operation) is not None


def smallest(operation: OperationModel, member: str) -> int:
    """Return the smallest page size of an operation."""
    return max(1, int(_input(operation, member).metadata.get("min", 1)))


def unlike_in_pages(exchange: Exchange, endpoint: str) -> str | None:
    """Return the difference if all pages of a call are read with the smallest size; None if there is none."""
    operation = answers.operation_of(exchange)
    paged = pages_of(operation) if operation else None
    if operation is None or paged is None:
        return None
    size, place = smallest(operation, paged.size), _wire(operation, paged.place)
    bare = {_wire(operation, paged.size), place}

    def whole(given: Params) -> Params:
        return {key: value for key, value in given.items() if key not in bare}

    expected = _results(parsed(again(exchange, endpoint, whole), operation), paged)
    got: list[str] = []
    token: t.Any = None
    for _number in range(MANY_PAGES):
        more = {_wire(operation, paged.size): size, **({place: token} if token else {})}
        page = parsed(again(exchange, endpoint, functools.partial(_with, whole, more)), operation)
        if "Error" in page:
            return f"a page of {size}: {page['Error'].get('Code')}"
        here = _results(page, paged)
        if len(here) > size:
            return f"{len(here)} in a page of {size}"
        got += here
        token = jmespath.search(paged.next.partition(" ||")[0], page)
        if not token:
            return None if sorted(got) == sorted(expected) else f"{len(got)} in pages, {len(expected)} at once"
    return "its pages never end"


def _with(whole: t.Callable[[Params], Params], more: Params, given: Params) -> Params:
    return {**whole(given), **more}


def _input(operation: OperationModel, member: str) -> t.Any:
    shape: t.Any = operation.input_shape
    return shape.members[member]


def _wire(operation: OperationModel, member: str) -> str:
    shape = _input(operation, member)
    kind = operation.metadata["protocol"]
    return str(shape.serialization.get("name", member)) if kind.startswith("rest") else member


def _results(answer: t.Any, paged: Pages) -> list[str]:
    return [
        json.dumps(one, default=str, sort_keys=True)
        for key in paged.results
        for one in jmespath.search(key, answer) or []
    ]
