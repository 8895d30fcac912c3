# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a worker runs a module of ours itself, and what the module finds there.

What comes of it, tests/unit/plugins/modules/test_platform_lock.py compares with a process of its own.
"""

from __future__ import annotations

import os
import sys
import threading
import types
from importlib import import_module
from pathlib import Path

import pytest
from ansible._internal._datatag._tags import TrustedAsTemplate
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.template import trust_as_template
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._lock import process
from ansible_collections.magiclub.fargate.plugins.modules import platform_lock
from ansible_collections.magiclub.fargate.plugins.plugin_utils import in_worker
from ansible_collections.magiclub.fargate.plugins.plugin_utils import run as this_run

from tests.support.cloud import ROOT

from . import worker

OPTIONS = {"name_prefix": "magiclub-an2p"}


@pytest.fixture
def ways(monkeypatch):
    """Note what runs the module, and what it finds if that is a worker."""
    done = []

    def main():
        module = Module(argument_spec=platform_lock.ARGUMENTS, supports_check_mode=True)
        values = {name: os.environ.get(name) for name in ("AWS_REGION", "AWS_MAX_ATTEMPTS", "HOME")}
        done.append(("worker", module.params, values, str(Path.cwd())))
        assert process.marked(this_run.mark(), whole=True), "the lock does not know of it"
        module.exit_json(changed=False, name=module.params["name_prefix"])

    def by_ansible(_action, module_name, module_args, task_vars, wrap_async):
        done.append(("process", module_args))
        return {"changed": False, "name": "n"}

    monkeypatch.setattr(platform_lock, "main", main)
    monkeypatch.setattr(ActionBase, "_execute_module", by_ansible)
    return done


def run(options=OPTIONS, *, variables=worker.HERE, folder=None, wrap_async=False, **more):
    action = worker.action(options, **more)
    if folder:
        action._loader.set_basedir(str(folder))
    return action._execute_module(worker.NAME, options, variables, wrap_async=wrap_async)


def test_on_this_machine_no_process_is_started(ways):
    assert run()["name"] == "magiclub-an2p"
    [(way, params, _values, _folder)] = ways
    assert way == "worker"
    assert (params["name_prefix"], params["state"], params["max_age"]) == ("magiclub-an2p", "present", 3600)


@pytest.mark.parametrize(
    "different",
    [
        pytest.param({"connection": {"transport": "ssh"}}, id="another machine"),
        pytest.param({"connection": {"become": "sudo"}}, id="another user"),
        pytest.param({"task": {"delegate_to": "bastion"}}, id="another host"),
        pytest.param({"wrap_async": True}, id="in the background"),
        pytest.param({"variables": {"ansible_python_interpreter": "/usr/bin/python"}}, id="another Python"),
        pytest.param({"variables": {}}, id="a Python that is yet to be found"),
    ],
)
def test_whatever_is_not_here_has_a_process(ways, different):
    run(**different)
    assert ways == [("process", OPTIONS)]


def test_the_python_of_a_host_may_be_that_of_ansibles_settings(ways, monkeypatch):
    monkeypatch.setenv("ANSIBLE_PYTHON_INTERPRETER", sys.executable)
    run(variables={})
    assert [way[0] for way in ways] == ["worker"]


def test_on_macos_whose_forked_processes_may_ask_for_no_proxy_there_is_a_process(ways, monkeypatch):
    monkeypatch.setattr(in_worker.sys, "platform", "darwin")
    run()
    assert ways == [("process", OPTIONS)]


def test_without_amazon_aws_there_is_a_process_as_ansible_says_what_that_lacks(ways, monkeypatch):
    monkeypatch.setitem(sys.modules, platform_lock.__name__, None)
    run()
    assert ways == [("process", OPTIONS)]
    in_worker.ready("platform_lock")


def test_the_module_has_environment_and_folder_of_its_task_and_the_worker_keeps_neither(ways, monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_MAX_ATTEMPTS", raising=False)
    before = (dict(os.environ), Path.cwd())
    run(environment=[{"AWS_REGION": "ap-northeast-2"}, {"AWS_MAX_ATTEMPTS": 10}], folder=tmp_path)
    [(_way, params, values, folder)] = ways
    assert params["region"] == "ap-northeast-2"
    assert values == {"AWS_REGION": "ap-northeast-2", "AWS_MAX_ATTEMPTS": "10", "HOME": os.environ["HOME"]}
    assert folder == str(tmp_path)
    assert (dict(os.environ), Path.cwd()) == before


def test_options_go_before_the_environment_of_the_task_and_that_before_the_processs(ways, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "of-the-process")
    monkeypatch.setenv("AWS_URL", "http://of-the-process")
    options = {**OPTIONS, "aws_region": "us-east-1", "aws_config": {"retries": {"max_attempts": 3}}}
    run(options, environment={"AWS_REGION": "eu-west-1", "AWS_URL": "http://of-the-task"})
    [(_way, params, _values, _folder)] = ways
    chosen = {name: params[name] for name in ("region", "endpoint_url", "profile", "aws_config")}
    assert chosen == {
        "region": "us-east-1",
        "endpoint_url": "http://of-the-task",
        "profile": "of-the-process",
        "aws_config": {"retries": {"max_attempts": 3}},
    }


def test_what_fails_leaves_the_environment_as_it_was_and_the_next_module_what_it_is_sent(ways, monkeypatch):
    main, before = platform_lock.main, dict(os.environ)

    def fail():
        raise KeyError("x")

    monkeypatch.setattr(platform_lock, "main", fail)
    with pytest.raises(KeyError):
        run(environment={"AWS_REGION": "ap-northeast-2"})
    assert dict(os.environ) == before
    monkeypatch.setattr(platform_lock, "main", main)
    run({**OPTIONS, "max_age": 7})
    assert ways[-1][1]["max_age"] == 7


def test_what_it_is_sent_and_returns_is_plain(ways):
    found = run({"name_prefix": trust_as_template("magiclub-an2p")})
    [(_way, params, _values, _folder)] = ways
    assert not TrustedAsTemplate.is_tagged_on(params["name_prefix"])
    assert not TrustedAsTemplate.is_tagged_on(found["name"])


@pytest.mark.parametrize(("options", "wrong"), [({"state": "gone"}, "state"), ({"maxage": 60}, "maxage")])
def test_wrong_options_are_refused_as_by_any_module(ways, options, wrong):
    found = run({**OPTIONS, **options})
    assert (found["failed"], wrong in found["msg"], ways) == (True, True, [])


OF_MODULES = [
    path.stem for path in (ROOT / "plugins" / "action").glob("*.py") if "OfModule" in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", OF_MODULES)
@pytest.mark.parametrize(("async_val", "wrap_async"), [(0, False), (60, True)])
def test_the_action_of_a_module_runs_that_with_the_options_of_the_task(monkeypatch, name, async_val, wrap_async):
    plugin = import_module(f"ansible_collections.magiclub.fargate.plugins.action.{name}")
    given = []

    def run_it(_action, module_name, module_args, task_vars, wrap_async=False):
        given.append((module_name, module_args, task_vars, wrap_async))
        return {"changed": True}

    monkeypatch.setattr(in_worker.InWorker, "_execute_module", run_it)
    task = {"action": f"magiclub.fargate.{name}", "async_val": async_val}
    action = worker.action({"name": "x"}, task=task, connection={"has_native_async": False}, of=plugin)
    assert action.run(task_vars=worker.HERE) == {"changed": True}
    assert given == [(f"magiclub.fargate.{name}", {"name": "x"}, worker.HERE, wrap_async)]
    assert callable(in_worker._main_of(f"magiclub.fargate.{name}"))


def test_what_a_worker_asks_is_answered_before_it_ends_with_its_run():
    ended = []
    with this_run.asking():
        watching = threading.Thread(target=this_run.watch, args=(lambda: True, ended.append))
        watching.start()
        watching.join(timeout=0.2)
        assert (watching.is_alive(), ended) == (True, [])
    watching.join(timeout=30)
    assert ended == [1]


def test_a_bug_of_an_action_is_told_without_its_value_and_with_vvv_where_it_is(monkeypatch):
    value = "hunter" + "2"

    def act(_action, _variables):
        raise KeyError(value)

    monkeypatch.setattr(worker.platform_lock.ActionModule, "act", act)
    action = worker.action(OPTIONS)
    said = []
    monkeypatch.setattr(action, "_display", types.SimpleNamespace(vvv=said.append))
    with pytest.raises(AnsibleActionFail) as failure:
        action.run(task_vars={})
    assert "This is a bug of magiclub.fargate." in str(failure.value)
    assert "hunter2" not in str(failure.value) + "".join(said)
    assert len(said) == 1
    assert "in act" in said[0]
