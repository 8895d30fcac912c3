# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services that reach each other by Service Connect: from the plan to real containers, drift and removal."""

from __future__ import annotations

import json
import typing as t

import pytest

from tests.conftest import Emulator
from tests.support.account import Account
from tests.support.ansible_run import Runner

from .test_unbalanced import PREFIX, PYTHON, Platform, changes

ASKING = """
import time, urllib.request
while True:
    try:
        print("said", urllib.request.urlopen("http://backend/", timeout=3).status, flush=True)
    except OSError as error:
        print("failed", error, flush=True)
    time.sleep(0.5)
"""
ALIAS = {"client_aliases": [{"name": "backend", "port": 80}], "protocol": "http"}
SERVER = ["python3", "-m", "http.server", "8081"]
BACKEND = {
    **PYTHON,
    "name": "rates",
    "port": 8081,
    "command": SERVER,
    "allow_from": ["172.25.0.0/16"],
    "service_discovery": False,
    "service_connect": ALIAS,
}
CLIENT = {**PYTHON, "name": "asker", "command": ["python3", "-c", ASKING], "service_connect": {}}
NAMESPACE = {"ecs_cluster_http_namespace": "alone"}


@pytest.fixture(scope="module")
def platform(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Platform]:
    account = Account.fresh(emulator.endpoint, emulator.calls_path)
    found = Platform(account, Runner(account.environment, tmp_path_factory.mktemp("connect")))
    found.variables |= NAMESPACE
    made = found.roles("vpc", "ecs_cluster", "vpc ready", "ecs_cluster ready")
    assert made.rc == 0, made.text
    yield found
    account.stop_services()


def said(platform: Platform) -> list[str]:
    """Return what the client's tasks have logged, the lines that tell of an answer."""
    logs = platform.account.client("logs")
    events = logs.filter_log_events(logGroupName=f"/ecs/{PREFIX}-asker")["events"]
    return [event["message"] for event in events if event["message"].startswith("said")]


def endpoints(platform: Platform) -> list[str]:
    return [one["Name"] for one in platform.account.client("servicediscovery").list_services()["Services"]]


def fields(run: t.Any) -> list[str]:
    return [field["path"] for change in changes(run) for field in change["fields"]]


def test_one_reaches_the_other_by_its_alias_wherever_it_stands_in_the_list(platform: Platform) -> None:
    run = platform.services(CLIENT, BACKEND)
    assert run.rc == 0, run.text
    assert "said 200" in said(platform)
    assert endpoints(platform) == ["rates-connect"]

    again = platform.services(CLIENT, BACKEND)
    assert (again.rc, again.changed, changes(again)) == (0, 0, []), again.text


def test_drift_is_named_and_healed(platform: Platform) -> None:
    ecs, service = platform.account.client("ecs"), f"{PREFIX}-rates"
    (shown,) = ecs.describe_services(cluster=f"{PREFIX}-ecs", services=[service])["services"]
    kept = shown["deployments"][0]["serviceConnectConfiguration"]
    moved = json.loads(json.dumps(kept))
    moved["services"][0] |= {"clientAliases": [{"dnsName": "other", "port": 81}], "timeout": {"idleTimeoutSeconds": 9}}
    ecs.update_service(cluster=f"{PREFIX}-ecs", service=service, serviceConnectConfiguration=moved)

    planned = platform.services(CLIENT, BACKEND, check=True)
    named = [f"service_connect.services.rates.{name}" for name in ("client_aliases", "timeout")]
    assert [path for path in fields(planned) if path.startswith("service_connect")] == named, planned.text
    healed = platform.services(CLIENT, BACKEND)
    assert healed.rc == 0, healed.text
    (shown,) = ecs.describe_services(cluster=f"{PREFIX}-ecs", services=[service])["services"]
    assert shown["deployments"][0]["serviceConnectConfiguration"] == kept


def test_what_is_no_longer_asked_for_goes_with_what_ecs_made_for_it(platform: Platform) -> None:
    plain = {key: value for key, value in BACKEND.items() if key != "service_connect"}
    run = platform.services(plain, CLIENT)
    assert run.rc == 0, run.text
    assert endpoints(platform) == []
    again = platform.services(plain, CLIENT)
    assert (again.rc, again.changed, changes(again)) == (0, 0, []), again.text


def test_nothing_is_left(platform: Platform) -> None:
    back = platform.services(BACKEND, CLIENT)
    assert back.rc == 0, back.text
    gone = platform.services(BACKEND, CLIENT, fargate_service_state="absent")
    assert gone.rc == 0, gone.text
    assert endpoints(platform) == []
    cluster = platform.roles("ecs_cluster", ecs_cluster_state="absent")
    assert cluster.rc == 0, cluster.text
    assert platform.account.client("servicediscovery").list_namespaces()["Namespaces"] == []
