# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lock as a module and in a worker of Ansible, and its calls, against moto's Parameter Store."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from ansible_collections.amazon.aws.plugins.module_utils import botocore as botocore_of_amazon
from ansible_collections.magiclub.fargate.plugins.module_utils._lock import api, process
from ansible_collections.magiclub.fargate.plugins.modules import platform_lock
from botocore.exceptions import ClientError

from tests.unit.plugins.action import worker
from tests.unit.plugins.modules.aws_stub import run_module

REGION = "ap-northeast-2"
PREFIX = "magiclub-an2p"
NAME = f"/{PREFIX}/lock"
ME = {"who": "me@here", "machine": "here/boot", "pid": os.getpid(), "run": "here/1", "since": "2026-11-22T15:00:00Z"}
OTHER = {**ME, "who": "you@there", "machine": "there/boot", "run": "there/1"}


@pytest.fixture
def ssm(moto):
    """The Parameter Store of an empty account."""
    return moto("ssm")


def as_module(capsys, check, parameters):
    return run_module(platform_lock.main, capsys, check=check, **parameters)


def in_worker(_capsys, check, parameters):
    action = worker.action(parameters, check=check)
    return action._execute_module(worker.NAME, parameters, worker.HERE)


@pytest.fixture(params=[as_module, in_worker])
def run(request, capsys):
    def run(*, check=False, **parameters):
        return request.param(capsys, check, {"name_prefix": PREFIX, "holder": ME, "region": REGION, **parameters})

    return run


def raising(error):
    def refuse(*_args, **_kwargs):
        raise error

    return refuse


def warnings_of(found):
    """Return the texts of the warnings, which ansible-core 2.19 wraps into events."""
    return [one["event"]["msg"] if isinstance(one, dict) else str(one) for one in found.get("warnings") or []]


def holder(ssm):
    parameter = api.read(ssm, NAME)
    return json.loads(parameter["Value"]) if parameter else None


def test_a_lock_is_acquired_renewed_and_released(ssm, run):
    taken = run()
    assert (taken["changed"], taken["name"], holder(ssm)) == (False, NAME, ME)
    run()
    assert (holder(ssm), api.read(ssm, NAME)["Version"]) == (ME, 2)
    run(state="absent")
    assert holder(ssm) is None
    assert "failed" not in run(state="absent")


def test_check_mode_acquires_and_releases_nothing(ssm, run):
    assert run(check=True)["changed"] is False
    assert holder(ssm) is None
    api.create(ssm, NAME, ME)
    run(check=True, state="absent")
    assert holder(ssm) == ME


def test_a_second_run_is_refused_with_the_holder_and_changes_nothing(ssm, run):
    run(holder=OTHER)
    second = run()
    assert second["failed"] is True
    assert second["msg"].startswith(f"Another run holds {PREFIX}: you@there")
    run(state="absent")
    assert holder(ssm) == OTHER


def test_force_takes_the_lock_from_its_holder(ssm, run):
    run(holder=OTHER)
    assert "failed" not in run(force=True)
    assert holder(ssm) == ME


def test_an_expired_lock_is_taken_over(ssm, run):
    run(holder=OTHER)
    assert "failed" not in run(max_age=-1)
    assert holder(ssm) == ME


def test_the_lock_of_a_process_that_ended_on_this_machine_is_taken_over(ssm, run):
    with subprocess.Popen(["true"]) as ended:
        pass
    run(holder={**ME, "run": "here/2", "machine": process.machine(), "pid": ended.pid})
    assert "failed" not in run()
    assert holder(ssm) == ME


def test_the_lock_of_a_process_whose_pid_was_reused_is_taken_over(ssm, run):
    run(holder={**ME, "run": "here/2", "machine": process.machine(), "started": "1"})
    assert "failed" not in run()
    assert holder(ssm) == ME


def test_the_lock_of_a_running_process_is_refused_whatever_its_age(ssm, run):
    holds = {**ME, "run": "here/2", "machine": process.machine(), "started": process.started(os.getpid())}
    run(holder=holds)
    second = run(max_age=-1)
    assert f"(process {os.getpid()}), since 2026-11-22T15:00:00Z. It runs on this machine." in second["msg"]
    assert holder(ssm) == holds


def test_an_error_of_aws_is_reported_with_its_code(ssm, run, monkeypatch):
    refused = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
    monkeypatch.setattr(api, "call", raising(ClientError(refused, "PutParameter")))
    found = run()
    assert found["msg"] == (
        f"Failed to lock {PREFIX} by the parameter '{NAME}' in {REGION}: this identity may not PutParameter"
        " (AccessDeniedException: no). Add it to its policy."
    )
    assert (found["failed"], found["error"]) == (True, {"code": "AccessDeniedException", "message": "no"})


def test_a_missing_profile_is_reported(ssm, run, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    found = run(profile="no-such-profile")
    assert "Couldn't connect to AWS: The config profile (no-such-profile) could not be found" in found["msg"]
    assert found["failed"] is True


def test_an_unexpected_exception_is_reported_without_its_value(ssm, run, monkeypatch):
    monkeypatch.setattr(api, "call", raising(KeyError("hunter2")))
    found = run()
    assert f"Failed to lock {PREFIX} by the parameter '{NAME}': KeyError at " in found["msg"]
    assert "This is a bug of magiclub.fargate." in found["msg"]
    assert "hunter2" not in str(found)


def test_a_secret_option_is_masked(ssm, run, monkeypatch):
    monkeypatch.setattr(api, "call", raising(ClientError({"Error": {"Code": "No", "Message": "by hunter2"}}, "X")))
    found = run(access_key="x", secret_key="hunter2")
    assert ("********" in found["msg"], "hunter2" in str(found)) == (True, False)


def test_a_missing_boto3_is_reported(ssm, run, monkeypatch):
    monkeypatch.setattr(botocore_of_amazon, "HAS_BOTO3", False)
    found = run()
    assert found["failed"] is True
    assert found["msg"].startswith("Failed to import the required Python library (botocore and boto3) on")


def test_an_old_boto3_is_a_warning(ssm, run, monkeypatch):
    monkeypatch.setattr(botocore_of_amazon, "MINIMUM_BOTO3_VERSION", "99.0.0")
    monkeypatch.setattr(botocore_of_amazon.boto3, "__version__", "1.0.0")
    assert warnings_of(run()) == ["boto3 < 99.0.0 is not supported or tested.  Some features may not work."]


def test_waiting_for_surviving_processes_is_a_warning(ssm, run, monkeypatch):
    states = [
        process.RunState(process.SURVIVED, [process.Process(9, "ec2_eip", "then")]),
        process.RunState(process.ENDED),
    ]
    monkeypatch.setattr(process, "inspect", lambda _holder: states.pop(0))
    monkeypatch.setattr(platform_lock.time, "sleep", lambda _seconds: None)
    run(holder=OTHER)
    assert warnings_of(run()) == [
        "Waited 1 s for processes that a killed run had left behind: 9 (ec2_eip, since then)."
    ]
    assert holder(ssm) == ME


def test_a_parameter_is_created_once(ssm):
    assert (api.create(ssm, NAME, ME), api.create(ssm, NAME, OTHER)) == (True, False)
    assert holder(ssm) == ME


def test_each_write_increments_the_version(ssm):
    api.create(ssm, NAME, ME)
    assert (api.overwrite(ssm, NAME, OTHER), api.overwrite(ssm, NAME, ME)) == (2, 3)


def test_a_missing_parameter_is_none_and_can_be_deleted(ssm):
    assert api.read(ssm, NAME) is None
    api.create(ssm, NAME, ME)
    api.delete(ssm, NAME)
    api.delete(ssm, NAME)
    assert api.read(ssm, NAME) is None


@pytest.mark.parametrize(("version", "expected"), [(1, ME), (2, OTHER), (9, OTHER)])
def test_an_earlier_value_is_restored(ssm, version, expected):
    api.create(ssm, NAME, ME)
    api.overwrite(ssm, NAME, OTHER)
    api.restore(ssm, NAME, version)
    assert holder(ssm) == expected


def test_a_missing_parameter_is_not_restored(ssm):
    api.restore(ssm, NAME, 1)
    assert api.read(ssm, NAME) is None
