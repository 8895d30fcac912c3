# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What strangers say, at the place where each plugin and module prints."""

from __future__ import annotations

import importlib
import json
import types
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleActionFail
from ansible.module_utils.testing import patch_module_args
from ansible.plugins.action import ActionBase
from ansible.utils.vars import get_unique_id
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.magiclub.fargate.plugins.action import (
    adopt,
    ecs_service_wait,
    init,
    plan,
    service_logs_info,
    show,
    summary,
    validate,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.denied import failure_reason
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.progress import writer
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import logs, stopped
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.run import as_fact, with_layer
from ansible_collections.magiclub.fargate.plugins.plugin_utils.in_worker import OfModule

from tests.support.cloud import ROOT
from tests.unit.plugins.action import planned
from tests.unit.plugins.foreign_text import SAID, wrong

EVERY = pytest.mark.parametrize("said", [said for said, _shown in SAID.values()], ids=SAID)
# Plugins that print nothing and fail with nothing that comes from elsewhere.
SILENT = {"lap", "platform_lock", "report"}


def found(said: str) -> dict[str, t.Any]:
    values = {"tags": {"Name": said, said: "x"}, "reason": said, "listed": [said], said: {"deep": said}}
    return {"type": "vpc", "name": f"v{said}", "id": "vpc-1", "values": values}


def of_plan(monkeypatch: pytest.MonkeyPatch, said: str) -> dict[str, t.Any]:
    there = found(said)
    wanted = {
        **there,
        "values": {"tags": {"Name": "w", said: "y"}, "reason": "r", "listed": ["a"], said: {"deep": "d"}},
    }
    new = {**there, "name": f"new{said}"}
    gone = {**there, "name": f"gone{said}"}
    return planned.of(monkeypatch, [wanted, new], [there, gone])


@EVERY
def test_show(run_action, said):
    _, lines = run_action(show, {"lines": [f"  web: {said}", said if "\n" not in said else f"x{said}"]})
    assert len(lines) == 2
    assert wrong(lines) == []


@EVERY
def test_init(run_action, tmp_path, said):
    source = tmp_path / "compose.yaml"
    source.write_text(yaml.safe_dump({"services": {"web": {"image": "nginx:1", "ports": ["80:80"], f"k{said}": "x"}}}))
    given = {"project": "shop", "region": "eu-west-1", "source": str(source), "target": str(tmp_path / "inventory")}
    result, lines = run_action(init, given)
    assert any(f"k{said}" in sentence for sentence in result["left"])
    assert wrong(lines) == []


@EVERY
def test_adopt(run_action, tmp_path, monkeypatch, said):
    given = {"project": "shop", "region": "eu-west-1", "cluster": "c", "target": str(tmp_path / "inventory")}
    read = {"refused": [], "notes": [f"Security group {said} stays."], "definitions": [], "info": {}}
    monkeypatch.setattr(adopt.ActionModule, "_execute_module", lambda *_given, **_named: dict(read))
    monkeypatch.setattr(adopt.ActionModule, "_changes", lambda *_given: [])
    monkeypatch.setattr(adopt.compose, "compose", lambda *_given: None)
    monkeypatch.setattr(adopt.inventory, "adopted", lambda *_given: {})
    _, lines = run_action(adopt, given, check=True)
    assert len(lines) > 3
    assert wrong(lines) == []
    read["refused"] = [f"Service {said} is held."]
    with pytest.raises(AnsibleActionFail) as refused:
        run_action(adopt, given, check=True)
    assert wrong([refused.value.message]) == []


@EVERY
def test_plan(run_action, monkeypatch, said):
    _, (*lines, totals) = run_action(plan, of_plan(monkeypatch, said))
    assert (len(lines), totals[:5]) == (3, "Plan:")
    assert wrong(lines) == []
    assert all(line.startswith("  ") for text in lines for line in text.split("\n"))


@EVERY
def test_the_diff_of_a_plan(run_action, monkeypatch, said):
    result, lines = run_action(plan, of_plan(monkeypatch, said), check=True, diff=True)
    shown = result["diff"][0]["prepared"]
    assert lines == []
    assert wrong([shown]) == []
    assert {line[:1] for line in shown.splitlines()} <= {"+", "~", "-", " "}


@EVERY
def test_a_plan_that_is_refused(run_action, monkeypatch, said):
    desired = {"type": "vpc", "name": "v", "values": {"cidr": "a"}, "fixed": ["cidr"]}
    with pytest.raises(AnsibleActionFail) as refused:
        run_action(plan, planned.of(monkeypatch, [desired], [{**desired, "id": "1", "values": {"cidr": said}}]))
    assert wrong([refused.value.message]) == []
    tags = {"ManagedBy": "ansible", "Project": "p"}
    stranger = {**desired, "id": "1", "values": {"tags": {"ManagedBy": "ansible", "Project": said}}}
    with pytest.raises(AnsibleActionFail) as refused:
        run_action(plan, {"layer": "vpc", "desired": [], "found": [stranger], "tags": tags})
    assert wrong([refused.value.message]) == []


@EVERY
def test_summary(run_action, said):
    change = {"action": "remove", "type": "vpc", "name": said, "fields": [{"path": said, "before": said, "after": "x"}]}
    run = with_layer(None, "vpc", [change], check=False, now=0)
    _, lines = run_action(summary, {"title": "t", "lines": {"Address": said}}, facts=as_fact(run, get_unique_id()))
    assert any("Address" in line for line in lines)
    assert wrong(lines) == []


@EVERY
def test_validate(run_action, said):
    values = {"region": said, "build": {}, "image": "x:1", "repository": {}}
    with pytest.raises(AnsibleActionFail) as refused:
        run_action(validate, {"kind": "ecr_push", "values": values})
    assert wrong([refused.value.message]) == []


@pytest.mark.parametrize("plugin", [ecs_service_wait, service_logs_info])
@pytest.mark.parametrize("transport", ["local", "ssh"])
@EVERY
def test_progress(monkeypatch, plugin, transport, said):
    event = {"timestamp": 0, "logStreamName": "s", "message": said}
    line = logs.line(event)
    monkeypatch.setattr(ActionBase, "run", lambda self, tmp=None, task_vars=None: {})

    class Plugin(plugin.ActionModule):
        def __init__(self) -> None:
            self._task = types.SimpleNamespace(args={}, async_val=0, no_log=False)
            self._connection = types.SimpleNamespace(transport=transport)
            self.shown = list[str]()
            self._display = types.SimpleNamespace(display=self.shown.append)

        def _execute_module(self, module_args: dict[str, t.Any], **_given: t.Any) -> dict[str, t.Any]:
            writer(module_args.get("_progress_file"))(line)
            return {"_progress": [line]}

    running = Plugin()
    running.run(task_vars={})
    assert running.shown
    assert wrong(running.shown) == []
    further = [one for text in running.shown for one in text.split("\n")][1:]
    assert all(one.startswith("      ") for one in further)


@EVERY
def test_lines_of_stopped_tasks(run_action, said):
    containers = [{"name": "app", "exit_code": 1, "reason": said, "log_lines": [said]}]
    entry = {"id": "t", "revision": "f:1", "stopped_at": "", "stop_code": "", "reason": said, "containers": containers}
    _, lines = run_action(show, {"lines": stopped.lines([entry], "web")})
    assert wrong(lines) == []


@EVERY
def test_a_module_that_fails_or_warns(monkeypatch, capsys, said):
    warned = []
    monkeypatch.setattr(AnsibleAWSModule, "warn", lambda _module, text: warned.append(text))
    with patch_module_args({"region": "ap-northeast-2"}):
        module = Module(argument_spec={})
        module.warn(f"a task said {said}")
        with pytest.raises(SystemExit):
            module.fail_json(msg=f"It stopped: {said}", tasks=[{"reason": f"x{said}"}])
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert wrong([*warned, result["msg"], result["tasks"][0]["reason"]]) == []
    assert len(warned) == 1


@EVERY
def test_an_error_of_aws_that_a_module_hands_on(capsys, said):
    with patch_module_args({"region": "ap-northeast-2"}), pytest.raises(SystemExit):
        Module(argument_spec={}).fail_json_aws(RuntimeError(said), msg="Failed to read")
    assert wrong([json.loads(capsys.readouterr().out.splitlines()[-1])["msg"]]) == []


@EVERY
def test_the_reason_of_a_failure(said):
    assert wrong([failure_reason({"msg": f"x {said}", "failed": True})]) == []


def is_of_module(name):
    plugin = importlib.import_module(f"ansible_collections.magiclub.fargate.plugins.action.{name}")
    return issubclass(plugin.ActionModule, OfModule)


def test_every_plugin_that_prints_is_here():
    # what a module says is what the next test asks
    names = {path.stem for path in (ROOT / "plugins" / "action").glob("*.py") if not is_of_module(path.stem)} - SILENT
    here = {name for name in names if name in globals()}
    assert here == names


def test_every_module_fails_as_the_kernel_does():
    modules = [path for path in sorted((ROOT / "plugins" / "modules").glob("*.py")) if "main(" in path.read_text()]
    assert len(modules) >= 20
    for path in modules:
        module = importlib.import_module(f"ansible_collections.magiclub.fargate.plugins.modules.{path.stem}")
        made = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Module)]
        assert made, Path(path).name
