# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How what a worker does connects to AWS: as every module does, by options, module_defaults and environment."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import boto3
import pytest
from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec
from ansible_collections.magiclub.fargate.plugins.module_utils._lock import process
from ansible_collections.magiclub.fargate.plugins.plugin_utils import connection
from moto.server import ThreadedMotoServer

from tests.support.ansible_run import Runner

INPUTS = {
    "fargate_name_prefix": "magiclub-an2p",
    "fargate_region": "ap-northeast-2",
    "fargate_tags": {"Project": "magiclub", "Environment": "PoC", "ManagedBy": "ansible"},
}
NOWHERE = {"profile": "no-such-profile"}


ACTIONS: dict[str, dict[str, t.Any]] = {
    "plan": {"layers": ["vpc"], "mode": "lookup"},
    "platform_lock": {"name_prefix": "magiclub-an2p"},
    "ecs_cluster": {"name": "magiclub-an2p-ecs"},
}


def ways(action: str) -> dict[str, tuple[dict[str, t.Any], dict[str, str]]]:
    """Return for each way to say how to connect what a play says, and what the task."""
    return {
        f"{action}, of our group": ({"module_defaults": {"group/magiclub.fargate.aws": NOWHERE}}, {}),
        f"{action}, of the action": ({"module_defaults": {f"magiclub.fargate.{action}": NOWHERE}}, {}),
        f"{action}, of the task": ({}, NOWHERE),
        f"{action}, of the environment": ({"environment": {"AWS_PROFILE": NOWHERE["profile"]}}, {}),
    }


WAYS = {name: (action, *way) for action in ACTIONS for name, way in ways(action).items()}


@pytest.mark.program
def test_connection_options_reach_what_is_asked(tmp_path: Path) -> None:
    plays = []
    for name, (action, play, options) in WAYS.items():
        look = {f"magiclub.fargate.{action}": {**ACTIONS[action], **options}}
        plays.append({**play, "vars": INPUTS, "tasks": [{"name": name, "ignore_errors": True, **look}]})
    run = Runner({"AWS_REGION": INPUTS["fargate_region"]}, tmp_path)(plays)
    for name in WAYS:
        assert "The config profile (no-such-profile) could not be found" in str(run.of(name).get("msg")), run.text


@pytest.fixture
def ssm() -> t.Iterator[t.Any]:
    """Return a Parameter Store behind an address, as a client of its region."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    yield boto3.client("ssm", region_name="eu-west-1", endpoint_url=f"http://{host}:{port}", **keys)
    server.stop()


def lock(ssm: t.Any, *states: str) -> list[dict[str, t.Any]]:
    """Return a play that has its address by the environment, and tasks for these states of the lock."""
    place = {"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": ssm.meta.endpoint_url}
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    options = {"name_prefix": "magiclub-an2p"}
    tasks = [{"name": state, "magiclub.fargate.platform_lock": {**options, "state": state}} for state in states]
    return [{"environment": {**place, **keys}, "tasks": tasks}]


def held(ssm: t.Any) -> list[str]:
    return [one["Name"] for one in ssm.describe_parameters()["Parameters"]]


@pytest.mark.program
def test_a_run_takes_the_lock_of_one_that_has_ended_and_leaves_its_own_without_a_process(
    ssm: t.Any, tmp_path: Path
) -> None:
    run = Runner({"AWS_REGION": "us-east-1"}, tmp_path)
    ended = run(lock(ssm, "present"), "-vvv")
    assert (ended.rc, held(ssm)) == (0, ["/magiclub-an2p/lock"]), ended.text
    holder = json.loads(ssm.get_parameter(Name="/magiclub-an2p/lock")["Parameter"]["Value"])
    assert (holder["host"], holder["machine"]) == ("localhost", process.machine())
    assert process.inspect(holder).state == process.ENDED
    done = run(lock(ssm, "present", "absent"), "-vvv")
    assert (done.rc, held(ssm)) == (0, []), done.text
    assert "AnsiballZ_" not in ended.text + done.text


COMPARED = {"type": "str", "aliases": [], "no_log": None}


def test_the_options_are_those_of_amazon_aws() -> None:
    ours, theirs = (
        {name: {key: option.get(key, default) for key, default in COMPARED.items()} for name, option in spec.items()}
        for spec in (connection.SPEC, aws_argument_spec())
    )
    assert ours == theirs


def test_what_is_not_given_is_left_to_the_module() -> None:
    given = {"profile": "deployer", "validate_certs": False, "access_key": None, "layers": ["vpc"]}
    assert connection.given(given) == {"profile": "deployer", "validate_certs": False}
