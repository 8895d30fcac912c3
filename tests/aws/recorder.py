# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Record AWS's answers to the collection's own readers, with names, ids and addresses of the account replaced."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import threading
import typing as t
from pathlib import Path

import boto3
from botocore import awsrequest

Answer = dict[str, t.Any]

ACCOUNT = "123456789012"
PREFIX = "magiclub-an2p"
# RFC 5737, for documentation
ADDRESSES = "192.0.2."
# Ids of resources: a kind, a hyphen and 8 or 17 hexadecimal digits; of tasks and deployments, 32 and 19 digits.
EC2_ID = re.compile(r"\b(?P<kind>[a-z]{2,16}(?:-[a-z]{2,10})?)-(?P<id>[0-9a-f]{17}|[0-9a-f]{8})\b")
ACCOUNT_ID = re.compile(r"(?<![0-9a-f])\d{12}(?![0-9a-f])")
PUBLIC_ADDRESS = re.compile(
    r"(?<![\d.])(?!10\.|127\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|192\.168\.|0\.)"
    r"(?:\d{1,3}\.){3}\d{1,3}(?![\d./])"
)
ADDRESS_IPV6 = re.compile(r"\b(?:[0-9a-f]{1,4}:){3,7}[0-9a-f:]{1,4}(?![0-9a-z])")
# of a hosted zone, a namespace or a service of Cloud Map, a task; the end of a load balancer's ARN, and of its DNS name
ZONE_ID = re.compile(r"\bZ[0-9A-Z]{12,31}\b")
CLOUD_MAP_ID = re.compile(r"\b(?P<kind>ns|srv)-(?P<id>[a-z0-9]{8,})\b")
HEXADECIMAL = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{32}|(?<=/)[0-9a-f]{16})(?![0-9a-f])")
BALANCER_NAME = re.compile(r"(?<=-)\d{6,10}(?=\.[a-z0-9-]+\.elb\.)")
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PERSON = re.compile(r"(?<=:assumed-role/)[^\s\"]+|(?<=:user/)[^\s\"]+")
UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
ACCESS_KEY = re.compile(r"\b(?:AKIA|ASIA|AIDA|AROA)[A-Z0-9]{12,}\b")
# Members that identify only the caller; nothing reads them.
NAMED_BY = ("createdBy", "registeredBy", "RoleId", "UserId", "OwnerId", "RequesterId")


class Cleaner:
    """Replace everything that identifies an account, each value by the same one everywhere.

    C(names) maps the names of this run's resources (the prefix, the domain) to their replacements.
    """

    def __init__(self, names: t.Mapping[str, str]) -> None:
        self._names = dict(sorted(names.items(), key=lambda pair: -len(pair[0])))
        self._addresses: dict[str, str] = {}

    def clean(self, value: t.Any, key: str = "") -> t.Any:
        """Return an answer with everything of the account replaced, times as seconds since 1970."""
        if isinstance(value, dict):
            return {name: self.clean(item, name) for name, item in value.items() if name != "ResponseMetadata"}
        if isinstance(value, list):
            return [self.clean(item, key) for item in value]
        if isinstance(value, datetime.datetime):
            return value.timestamp()
        return self._text(value, key) if isinstance(value, str) else value

    def _text(self, text: str, key: str) -> str:
        if key in NAMED_BY:
            return "(left out)"
        for name, instead in self._names.items():
            text = text.replace(name, instead)
        text = MAIL.sub("somebody@your.company.com", PERSON.sub("Deployer/somebody", text))
        text = ACCESS_KEY.sub("AROAEXAMPLEEXAMPLE12", text)
        text = ZONE_ID.sub(lambda found: f"Z{_hex(found[0], len(found[0]) - 1).upper()}", text)
        text = CLOUD_MAP_ID.sub(lambda found: f"{found['kind']}-{_hex(found['id'], len(found['id']))}", text)
        text = HEXADECIMAL.sub(lambda found: _hex(found[0], len(found[0])), text)
        text = ADDRESS_IPV6.sub("2001:db8::1", BALANCER_NAME.sub("1234567890", text))
        text = UUID.sub(lambda found: _uuid(found[0]), text)
        text = EC2_ID.sub(lambda found: f"{found['kind']}-{_hex(found['id'], len(found['id']))}", text)
        text = PUBLIC_ADDRESS.sub(lambda found: self._address(found[0]), text)
        return ACCOUNT_ID.sub(ACCOUNT, text)

    def _address(self, address: str) -> str:
        if address.startswith(ADDRESSES):
            return address
        return self._addresses.setdefault(address, f"{ADDRESSES}{len(self._addresses) + 1}")


def _hex(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def _uuid(text: str) -> str:
    digits = _hex(text, 32)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


class Recorder:
    """Clients with recorded answers, one JSON line each: stage, service, operation, parameters, answer or error."""

    def __init__(self, path: Path, cleaner: Cleaner, session: boto3.Session, endpoint: str | None = None) -> None:
        self.stage = ""
        self._path, self._cleaner, self._session, self._endpoint = path, cleaner, session, endpoint
        self._lock = threading.Lock()
        self._local = threading.local()
        self._clients: dict[str, t.Any] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")

    def client(self, service: str) -> t.Any:
        """Return the recording client of a service."""
        with self._lock:
            if service not in self._clients:
                made = self._session.client(t.cast("t.Any", service), endpoint_url=self._endpoint)
                made.meta.events.register("provide-client-params", self._asked)
                made.meta.events.register("after-call", self._answered)
                self._clients[service] = made
        return self._clients[service]

    def _asked(self, params: Answer, **_more: t.Any) -> None:
        self._local.params = params

    def _answered(self, http_response: t.Any, parsed: Answer, model: t.Any, **_more: t.Any) -> None:
        line = {
            "stage": self.stage,
            "service": model.service_model.service_name,
            "operation": model.name,
            "status": http_response.status_code,
            "params": self._cleaner.clean(getattr(self._local, "params", {})),
            "answer": self._cleaner.clean(parsed),
        }
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, sort_keys=True, default=str) + "\n")


class Replay:
    """Clients that replay a recording, by service, operation and parameters, and nothing else."""

    def __init__(self, lines: t.Iterable[Answer]) -> None:
        self._answers = {_key(line["service"], line["operation"], line["params"]): line for line in lines}
        self._clients: dict[str, t.Any] = {}
        self._local = threading.local()

    def client(self, service: str, **_options: t.Any) -> t.Any:
        """Return the client of a service; a call that was not recorded raises KeyError."""
        if service not in self._clients:
            made = boto3.client(
                t.cast("t.Any", service),
                region_name="ap-northeast-2",
                aws_access_key_id="AKIAEXAMPLE",
                aws_secret_access_key="none",
            )
            made.meta.events.register("provide-client-params", self._asked)
            made.meta.events.register("before-call", self._answer)
            self._clients[service] = made
        return self._clients[service]

    def _asked(self, params: Answer, **_more: t.Any) -> None:
        self._local.params = params

    def _answer(self, model: t.Any, **_more: t.Any) -> tuple[t.Any, Answer]:
        line = self._answers[_key(model.service_model.service_name, model.name, self._local.params)]
        response = awsrequest.AWSResponse("", line["status"], t.cast("t.Any", {}), None)
        return response, {"ResponseMetadata": {}, **line["answer"]}


def _key(service: str, operation: str, params: Answer) -> str:
    return json.dumps([service, operation, params], sort_keys=True, default=str)


def answers(path: Path) -> list[Answer]:
    """Return the lines of a recording."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
