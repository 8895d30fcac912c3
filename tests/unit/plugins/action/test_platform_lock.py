# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who the action plugin says holds the lock: a run is told from another, and a process from its number's next owner."""

from __future__ import annotations

import os

import pytest
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible_collections.magiclub.fargate.plugins.action import platform_lock as action
from ansible_collections.magiclub.fargate.plugins.module_utils._lock import process
from ansible_collections.magiclub.fargate.plugins.plugin_utils import run as this_run

from . import worker


@pytest.fixture
def lock(monkeypatch):
    """Run the plugin with a module that only notes what it is given; return that."""
    monkeypatch.setattr(action.platform, "node", lambda: "builder-1")
    monkeypatch.setattr(action.getpass, "getuser", lambda: "jane")
    # which knows the machine's name
    monkeypatch.setattr(this_run, "mark", lambda: process.mark(this_run.main_process()))

    def run(prefix="magiclub-an2p", state="present", *, check=False, options=None, **variables):
        given = {}

        def execute(_plugin, **keywords):
            given.update(keywords)
            return {"changed": False, "name": "/magiclub-an2p/lock"}

        monkeypatch.setattr(action.ActionModule, "_execute_module", execute)
        args = {"name_prefix": prefix, "state": state, "holder": {"run": "someone else's"}, **(options or {})}
        result = worker.action(args, check=check).run(task_vars=variables)
        assert (result["changed"], result["name"]) == (False, "/magiclub-an2p/lock" if given else f"/{prefix}/lock")
        return given

    return run


def test_the_module_gets_the_users_options_and_this_runs_holder(lock):
    given = lock()
    assert given["module_name"] == "magiclub.fargate.platform_lock"
    assert given["module_args"]["name_prefix"] == "magiclub-an2p"
    holder = given["module_args"]["holder"]
    assert (holder["who"], holder["pid"], holder["job"]) == ("jane@builder-1", os.getpid(), "")
    assert holder["machine"] == process.machine()
    assert holder["started"] == process.started(os.getpid()) != ""
    assert (holder["mark"], holder["uid"]) == (process.mark(os.getpid()), os.getuid())


@pytest.mark.parametrize(
    ("variables", "who", "job"),
    [
        ({"awx_user_name": "ops", "awx_job_id": 4711}, "ops@builder-1", "4711"),
        ({"tower_job_id": 12}, "jane@builder-1", "12"),
    ],
)
def test_a_run_of_awx_is_named_by_its_user_and_job(lock, variables, who, job):
    holder = lock(**variables)["module_args"]["holder"]
    assert (holder["who"], holder["job"]) == (who, job)


def test_all_tasks_of_a_run_are_one_holder(lock):
    assert lock()["module_args"]["holder"]["run"] == lock()["module_args"]["holder"]["run"]


def test_each_host_of_a_run_is_a_holder_of_its_own(lock):
    first, second = (lock(inventory_hostname=name)["module_args"]["holder"] for name in ("first", "second"))
    assert (first["host"], second["host"]) == ("first", "second")
    assert first["run"] != second["run"]


def test_a_later_process_of_the_same_number_is_another_run(lock, monkeypatch):
    first = lock()["module_args"]["holder"]["run"]
    monkeypatch.setattr(process, "started", lambda _pid: "1")
    assert lock()["module_args"]["holder"]["run"] != first


def test_a_user_without_a_name_is_its_number(lock, monkeypatch):
    def nobody():
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr(action.getpass, "getuser", nobody)
    assert lock()["module_args"]["holder"]["who"] == f"{os.getuid()}@builder-1"


@pytest.mark.parametrize("prefix", ["aws-an2p", "awesome-an2p", "ssm-an2p"])
def test_a_name_that_aws_keeps_for_itself_is_refused_before_the_lock_is_written(lock, prefix):
    if prefix.startswith("awe"):
        assert lock(prefix)["module_args"]["name_prefix"] == prefix
        return
    assert lock(prefix, state="absent") == {}
    with pytest.raises(AnsibleActionFail, match=f"lock /{prefix}/lock: the name '/{prefix}/lock' begins with"):
        lock(prefix)


@pytest.mark.parametrize("state", ["present", "absent"])
def test_check_mode_starts_no_process(lock, state):
    assert lock(state=state, check=True) == {}


@pytest.mark.parametrize(("options", "wrong"), [({"state": "gone"}, "state"), ({"maxage": 60}, "maxage")])
def test_check_mode_refuses_what_the_module_does(lock, options, wrong):
    with pytest.raises(AnsibleError, match=wrong):
        lock(check=True, options=options)
