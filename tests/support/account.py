# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An account of the local AWS: an access key of twelve digits, empty until a test creates something."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import secrets
import threading
import typing as t
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from .holdings import left

REGION = "ap-northeast-2"
# Ansible masks every word that contains it, so it must not occur in a name or tag
SECRET = "unchecked-by-a-local-aws"


@dataclasses.dataclass(frozen=True)
class Account:
    """One account; C(key) is both its access key id and its account id."""

    endpoint: str
    key: str
    calls_path: Path | None
    after: int

    @classmethod
    def fresh(cls, endpoint: str, calls_path: Path | None) -> Account:
        """Return an account that no test has used; C(calls) starts now."""
        key = str(300_000_000_000 + secrets.randbelow(600_000_000_000))
        return cls(endpoint, key, calls_path, max((call["seq"] for call in _lines(calls_path)), default=0))

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment variables for a process in this account."""
        return {
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_URL": self.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def session(self) -> boto3.Session:
        """Return a boto3 session in this account; its clients still need the endpoint, see C(client)."""
        return boto3.Session(aws_access_key_id=self.key, aws_secret_access_key=SECRET, region_name=REGION)

    def client(self, service: str) -> t.Any:
        """Return the boto3 client of a service in this account, cached because EC2's model takes long to load."""
        with _OPENING:
            return _client(self.endpoint, self.key, service)

    def calls(self) -> list[dict[str, t.Any]]:
        """Return the entries of this account in the call log: C(service, action, status, error, write, …)."""
        assert self.calls_path is not None, "No call log: set MAGICLUB_CALL_LOG beside MAGICLUB_ENDPOINT."
        return [call for call in _lines(self.calls_path) if call["seq"] > self.after and call["account"] == self.key]

    def writes(self) -> list[dict[str, t.Any]]:
        """Return the calls that may have changed something."""
        return [call for call in self.calls() if call["write"]]

    def left(self, prefix: str) -> list[str]:
        """Return the remaining resources of a platform in this account."""
        return left(self.client, prefix)

    def stop_services(self) -> None:
        """Delete all ECS services and stop all tasks, so that no container outlives its test."""
        ecs = self.client("ecs")
        for cluster in ecs.list_clusters()["clusterArns"]:
            # a cluster that is being deleted has no services to list
            with contextlib.suppress(ClientError):
                for page in ecs.get_paginator("list_services").paginate(cluster=cluster):
                    for service in page["serviceArns"]:
                        ecs.delete_service(cluster=cluster, service=service, force=True)
                for task in ecs.list_tasks(cluster=cluster)["taskArns"]:
                    ecs.stop_task(cluster=cluster, task=task)


_OPENING = threading.Lock()
_SESSION = boto3.Session(region_name=REGION)


@functools.cache
def _client(endpoint: str, key: str, service: str) -> t.Any:
    return _SESSION.client(
        t.cast("t.Any", service), endpoint_url=endpoint, aws_access_key_id=key, aws_secret_access_key=SECRET
    )


class _Log:
    """The lines of a call log, each read once, because tests read a growing log many times."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock, self._read = path, threading.Lock(), 0
        self._lines: list[dict[str, t.Any]] = []

    def lines(self) -> list[dict[str, t.Any]]:
        """Return the complete lines written so far."""
        with self._lock, self._path.open("rb") as log:
            if log.seek(0, os.SEEK_END) < self._read:
                # another run has started a new log
                self._read, self._lines = 0, []
            log.seek(self._read)
            whole, end, _rest = log.read().rpartition(b"\n")
            self._lines.extend(json.loads(line) for line in whole.splitlines())
            self._read += len(whole) + len(end)
            return list(self._lines)


@functools.cache
def _log(path: Path) -> _Log:
    return _Log(path)


def _lines(path: Path | None) -> list[dict[str, t.Any]]:
    return _log(path).lines() if path is not None and path.exists() else []
