# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compare AWS's answers, byte by byte, with their shapes in botocore.

botocore's own parser ignores unknown members, numbers sent as text and missing lists.  Here each is a difference.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import json
import re
import threading
import typing as t
import urllib.parse
import xml.etree.ElementTree as ET

import botocore.session
from botocore.model import OperationModel

from .kill_proxy import Exchange, Tripwire

Data = t.Mapping[str, t.Any]
# botocore has a class for each kind of shape
Shape = t.Any

SERVICES = (
    "acm", "application-autoscaling", "cloudwatch", "ec2", "ecr", "ecs", "elbv2", "iam", "logs",
    "resourcegroupstaggingapi", "route53", "scheduler", "secretsmanager", "servicediscovery", "sqs", "ssm", "sts",
    "wafv2",
)  # fmt: skip
"""The services that the collection, its modules and Terraform's provider call, by botocore's names."""
SIGNED = re.compile(r"Credential=[^/]+/\d{8}/[^/]+/([^/]+)/aws4_request")
WHOLE, NUMBER = re.compile(r"-?\d+"), re.compile(r"-?\d+(\.\d+)?([Ee]-?\d+)?")
FORMS = {
    "boolean": re.compile("true|false"),
    "integer": WHOLE,
    "long": WHOLE,
    "float": NUMBER,
    "double": NUMBER,
}
"""The form of values in XML."""
INTEGERS, FLOATS = ("integer", "long"), ("float", "double")
# Codes that any operation may return, so that no model lists them (Common Error Types of each API reference).
COMMON = {"AccessDenied", "AccessDeniedException", "ValidationError", "ValidationException", "UnauthorizedOperation"}
# a short poll, so that the server stops quickly
POLL_SECONDS = 0.02
# Members that a protocol adds to each answer, in no shape.
OF_PROTOCOL = {"ResponseMetadata", "requestId", "RequestId", "__type"}

# Members and values of AWS's answers that botocore's model lacks.
RIGHT = {
    # the example of https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html has it
    "ec2:CreateSecurityGroup .return: no such member",
    # in lower case in the examples of API_CreateVpcEndpoint and API_DescribeVpcEndpoints
    "ec2:CreateVpcEndpoint .VpcEndpoint.State: 'available' is none of its values",
    "ec2:DescribeVpcEndpoints .VpcEndpoints[].State: 'available' is none of its values",
    # a stage in which a deployment waits for a hook (API_DeploymentLifecycleHook), missing in its own enum
    "ecs:DescribeServiceDeployments .serviceDeployments[].lifecycleStage: 'PRE_PRODUCTION_TRAFFIC_SHIFT' is none of its"
    " values",
    # https://docs.aws.amazon.com/cli/latest/reference/ec2/describe-internet-gateways.html
    "ec2:DescribeInternetGateways .InternetGateways[].Attachments[].State: 'available' is none of its values",
}


class Difference(t.NamedTuple):
    """A difference of an answer from its shape: C(path) in the answer, without the indexes of lists."""

    operation: str
    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.operation} {self.path}: {self.what}"


class Recorder(Tripwire):
    """A proxy that records all exchanges."""

    def __init__(self, upstream: str) -> None:
        super().__init__(upstream, 0)
        self.exchanges: list[Exchange] = []

    def seen(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)


@contextlib.contextmanager
def recorder(upstream: str) -> t.Iterator[Recorder]:
    server = Recorder(upstream)
    threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


# operations -----------------------------------------------------------------------------------------------------------


@functools.cache
def model(service: str) -> t.Any:
    """Return botocore's model of a service."""
    return botocore.session.get_session().get_service_model(service)


@functools.cache
def _by_signing_name() -> dict[str, str]:
    return {model(service).signing_name: service for service in SERVICES}


def service_of(exchange: Exchange) -> str | None:
    """Return the service that a request is signed for; None for any other, such as a registry."""
    found = SIGNED.search(str(exchange.asked.get("authorization", "")))
    return _by_signing_name().get(found[1]) if found else None


def operation_of(exchange: Exchange) -> OperationModel | None:
    """Return the operation of an exchange; None if no service here has it."""
    service = service_of(exchange)
    name = _name(exchange, service) if service else None
    if not service or name not in model(service).operation_names:
        return None
    return t.cast("OperationModel", model(service).operation_model(name))


def _name(exchange: Exchange, service: str) -> str | None:
    if target := exchange.asked.get("x-amz-target"):
        return str(target).rpartition(".")[2]
    path, _mark, query = exchange.path.partition("?")
    if "/operation/" in path:
        return path.rpartition("/")[2]
    given = urllib.parse.parse_qs(exchange.body.decode("utf-8", "replace")) if exchange.body else {}
    if action := (given.get("Action") or urllib.parse.parse_qs(query).get("Action")):
        return action[0]
    return next(
        (name for name, method, form in _routes(service) if method == exchange.method and form.match(path)), None
    )


@functools.cache
def _routes(service: str) -> list[tuple[str, str, re.Pattern[str]]]:
    """Return name, method and path of each operation, longest path first."""
    found = []
    for name in model(service).operation_names:
        http = model(service).operation_model(name).http
        uri = http["requestUri"].partition("?")[0].rstrip("/")
        form = re.sub(r"\\\{[^{}]+\\\}", "[^/]+", re.escape(re.sub(r"\+\}", "}", uri)))
        found.append((len(uri), name, http["method"], re.compile(f"{form}/?$")))
    return [(name, method, form) for _size, name, method, form in sorted(found, key=lambda one: -one[0])]


def name_of(exchange: Exchange) -> str:
    """Return service and operation of an exchange, such as ecs:DescribeServices; empty if no service here has it."""
    operation = operation_of(exchange)
    return f"{operation.service_model.service_name}:{operation.name}" if operation else ""


# IAM's names for services that botocore names differently.
IN_IAM = {"elbv2": "elasticloadbalancing", "resourcegroupstaggingapi": "tag"}


def iam_action(exchange: Exchange) -> str:
    """Return the IAM action of an exchange, empty if no service here has it."""
    service, _colon, action = name_of(exchange).partition(":")
    return f"{IN_IAM.get(service, service)}:{action}" if action else ""


# answers and shapes ---------------------------------------------------------------------------------------------------


def differences(exchange: Exchange) -> list[Difference]:
    """Return the differences of an exchange's answer from botocore's model of its operation; none if it is unknown."""
    operation = operation_of(exchange)
    if operation is None:
        return []
    found = _of_error(operation, exchange) if exchange.status >= 400 else _of_answer(operation, exchange)
    return [Difference(name_of(exchange), path, what) for path, what in found]


Found = t.Iterator[tuple[str, str]]


def _of_answer(operation: OperationModel, exchange: Exchange) -> Found:
    shape = operation.output_shape
    kind = str(exchange.headers.get("content-type", ""))
    if shape is None or "cbor" in kind:
        return
    if "json" in operation.metadata["protocol"]:
        yield from _of_json(shape, _sent_json(exchange.content), "")
    else:
        yield from _of_xml(shape, _result(shape, exchange.content), "")


def _sent_json(content: bytes) -> t.Any:
    return json.loads(content) if content.strip() else {}


def _of_json(shape: Shape, value: t.Any, path: str) -> Found:
    if shape.type_name == "structure":
        yield from _structure(shape, value, path)
    elif shape.type_name == "list":
        if not isinstance(value, list):
            yield path, f"{_kind(value)} for a list"
            return
        for one in value:
            yield from _of_json(shape.member, one, f"{path}[]")
    elif shape.type_name == "map":
        if not isinstance(value, dict):
            yield path, f"{_kind(value)} for a map"
            return
        for one in value.values():
            yield from _of_json(shape.value, one, f"{path}{{}}")
    else:
        yield from _scalar(shape, value, path)


def _structure(shape: Shape, value: t.Any, path: str) -> Found:
    if getattr(shape, "is_document_type", False):
        return
    if not isinstance(value, dict):
        yield path, f"{_kind(value)} for a structure"
        return
    members = {
        str(member.serialization.get("name", name)): (name, member)
        for name, member in shape.members.items()
        if member.serialization.get("location") not in ("header", "headers", "statusCode")
    }
    for name in value.keys() - members.keys() - (OF_PROTOCOL if not path else set()):
        yield f"{path}.{name}", "no such member"
    for sent, (name, member) in members.items():
        if value.get(sent) is not None:
            yield from _of_json(member, value[sent], f"{path}.{name}")
        elif sent in value:
            yield f"{path}.{name}", "null"
        elif name in shape.required_members:
            yield f"{path}.{name}", "required, and not there"


def _kind(value: t.Any) -> str:
    return type(value).__name__


def _scalar(shape: Shape, value: t.Any, path: str) -> Found:
    """Yield the differences of a JSON value from its shape."""
    kind = shape.type_name
    if kind == "timestamp":
        if _format(shape, "unixTimestamp") == "unixTimestamp":
            right = isinstance(value, (int, float)) and not isinstance(value, bool)
        else:
            right = isinstance(value, str) and _is_moment(value)
    elif kind == "boolean":
        right = isinstance(value, bool)
    elif kind in INTEGERS:
        right = isinstance(value, int) and not isinstance(value, bool)
    elif kind in FLOATS:
        right = isinstance(value, (int, float)) and not isinstance(value, bool)
    else:
        right = isinstance(value, str)
    if not right:
        yield path, f"{_kind(value)} for a {kind}"
    elif kind == "string":
        yield from _string(shape, value, path)


def _string(shape: Shape, value: str, path: str) -> Found:
    enum = getattr(shape, "enum", None)
    if enum and value not in enum:
        yield path, f"'{value}' is none of its values"


def _format(shape: Shape, default: str) -> str:
    return str(shape.serialization.get("timestampFormat", default))


def _is_moment(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", text):
        return False
    try:
        return bool(datetime.datetime.fromisoformat(text))
    except ValueError:
        return False


# XML ---------------------------------------------------------------------------------------------------------------


def _result(shape: Shape, content: bytes) -> ET.Element:
    root = _plain(ET.fromstring(content)) if content.strip() else ET.Element("empty")  # noqa: S314 - the local AWS's
    wrapper = shape.serialization.get("resultWrapper")
    found = root.find(str(wrapper)) if wrapper else root
    return ET.Element("missing") if found is None else found


def _plain(root: ET.Element) -> ET.Element:
    """Return a document without namespaces."""
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def _of_xml(shape: Shape, element: ET.Element, path: str) -> Found:
    if shape.type_name == "structure":
        yield from _xml_structure(shape, element, path)
    elif shape.type_name == "list":
        name = str(shape.member.serialization.get("name", "member"))
        yield from ((path, f"<{one.tag}> in the place of <{name}>") for one in element if one.tag != name)
        for one in element.iterfind(name):
            yield from _of_xml(shape.member, one, f"{path}[]")
    elif shape.type_name == "map":
        for entry in element:
            found = entry.find(str(shape.value.serialization.get("name", "value")))
            if found is not None:
                yield from _of_xml(shape.value, found, f"{path}{{}}")
    else:
        yield from _xml_scalar(shape, element, path)


def _xml_structure(shape: Shape, element: ET.Element, path: str) -> Found:
    members = {}
    for name, member in shape.members.items():
        if member.serialization.get("location") in ("header", "headers", "statusCode"):
            continue
        flat = member.type_name == "list" and member.serialization.get("flattened")
        own = member.serialization.get("name", name)
        members[str(member.member.serialization.get("name", own) if flat else own)] = (name, member, flat)
    for tag in {one.tag for one in element} - members.keys() - (OF_PROTOCOL if not path else set()):
        yield f"{path}.{tag}", "no such member"
    for tag, (name, member, flat) in members.items():
        there = element.findall(tag)
        if not there and name in shape.required_members:
            yield f"{path}.{name}", "required, and not there"
        elif flat:
            for one in there:
                yield from _of_xml(member.member, one, f"{path}.{name}[]")
        elif there:
            if len(there) > 1:
                yield f"{path}.{name}", "more than once"
            yield from _of_xml(member, there[0], f"{path}.{name}")


def _xml_scalar(shape: Shape, element: ET.Element, path: str) -> Found:
    text, kind = element.text or "", shape.type_name
    if len(element):
        yield path, f"<{element[0].tag}> in a {kind}"
    elif kind in FORMS and not FORMS[kind].fullmatch(text):
        yield path, f"'{text}' for a {kind}"
    elif kind == "timestamp" and not _is_moment(text):
        yield path, f"'{text}' for a timestamp"
    elif kind == "string" and (text or not getattr(shape, "enum", None)):
        yield from _string(shape, text, path)
    elif kind == "string":
        yield path, "empty, and it has values"


# errors ------------------------------------------------------------------------------------------------------------


def error_code(exchange: Exchange) -> str:
    """Return the error code of an answer, empty if it has none."""
    found = re.search(rb"<Code>([^<]+)</Code>", exchange.content)
    if found:
        return found[1].decode()
    try:
        sent = json.loads(exchange.content)
    except ValueError:
        return ""
    return str(sent.get("__type") or sent.get("code") or exchange.headers.get("x-amzn-errortype", "")).rpartition("#")[
        2
    ]


def _of_error(operation: OperationModel, exchange: Exchange) -> Found:
    code = error_code(exchange)
    known = {str(shape.metadata.get("error", {}).get("code", shape.name)) for shape in operation.error_shapes}
    known |= {shape.name for shape in operation.error_shapes}
    # EC2's model lists no errors
    if known and code not in known | COMMON:
        yield "", f"the error {code or exchange.content[:80]!r} is none of its own"
