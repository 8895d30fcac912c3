# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A mistake of ours is told as one, by action plugins and modules alike: where it is, and no value."""

from __future__ import annotations

import inspect
import json
import re
import types
from importlib import import_module

import jinja2
import pytest
from ansible.errors import AnsibleActionFail
from ansible.module_utils.testing import patch_module_args
from ansible_collections.magiclub.fargate.plugins.action import lap, platform_lock
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import defect
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.scheduler import decide
from ansible_collections.magiclub.fargate.plugins.modules import platform_info
from ansible_collections.magiclub.fargate.plugins.plugin_utils.action import Action

from tests.support.cloud import ROOT

SECRET = "hunter2"
KINDS = [KeyError, TypeError, AttributeError, IndexError, ValueError]


def action(module, name):
    task = types.SimpleNamespace(args={}, check_mode=False, async_val=0, action=name, _uuid="1")
    connection = types.SimpleNamespace(_shell=types.SimpleNamespace(tmpdir=None))
    return module.ActionModule(task, connection, None, None, None, None)


def failing(error):
    def fail(*_args, **_kwargs):
        raise error

    return fail


@pytest.mark.parametrize("kind", KINDS)
def test_an_action_says_that_it_is_wrong_and_where(monkeypatch, kind):
    # a function of ours, so that the place is one of our files
    monkeypatch.setattr(platform_lock, "name_refusal", lambda *_given: None)
    monkeypatch.setattr(platform_lock.process, "machine", failing(kind(SECRET)))
    with pytest.raises(AnsibleActionFail) as caught:
        action(platform_lock, "magiclub.fargate.platform_lock").run(task_vars={})
    said = str(caught.value)
    place = rf"{kind.__name__} at .*plugins/action/platform_lock\.py:\d+ in act"
    assert re.match(rf"Failed to run magiclub\.fargate\.platform_lock: {place}", said), said
    assert "This is a bug of magiclub.fargate. Report it at https://github.com/magiclub/magiclub.fargate/issues" in said
    assert SECRET not in said
    # Ansible prints what an error was caused by
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "error", [AnsibleActionFail("Not so."), jinja2.UndefinedError("'x' is undefined"), FileNotFoundError("/no/folder")]
)
def test_what_is_no_mistake_of_ours_is_told_as_it_is(monkeypatch, error):
    monkeypatch.setattr(lap.ActionModule, "validate_argument_spec", failing(error))
    with pytest.raises(type(error)) as caught:
        action(lap, "magiclub.fargate.lap").run(task_vars={})
    assert caught.value is error


@pytest.mark.parametrize("kind", KINDS)
def test_a_module_says_that_it_is_wrong_and_where(monkeypatch, capsys, kind):
    monkeypatch.setattr(platform_info.read, "platform", failing(kind(SECRET)))
    with patch_module_args({"name_prefix": "p", "region": "r"}), pytest.raises(SystemExit):
        platform_info.main()
    said = json.loads(capsys.readouterr().out)
    start = f"Failed to read the platform: {kind.__name__} at plugins/modules/platform_info.py:"
    assert said["msg"].startswith(start)
    assert "This is a bug of magiclub.fargate." in said["msg"]
    assert SECRET not in json.dumps(said)


def test_the_innermost_places_come_first():
    with pytest.raises(KeyError) as caught:
        decide.values({})["nothing"]
    assert defect.places(caught.value) == []
    with pytest.raises(TypeError) as caught:
        decide.values({"Target": "no mapping"})
    assert [re.sub(r":\d+", "", place) for place in defect.places(caught.value)] == [
        "plugins/module_utils/_resources/scheduler/decide.py in target_values",
        "plugins/module_utils/_resources/scheduler/decide.py in values",
    ]


def test_every_action_plugin_is_one_of_them():
    for path in sorted((ROOT / "plugins/action").glob("*.py")):
        module = import_module(f"ansible_collections.magiclub.fargate.plugins.action.{path.stem}")
        assert issubclass(module.ActionModule, Action), path
        assert "run" not in vars(module.ActionModule), path


def test_every_module_ends_by_failing():
    for path in sorted((ROOT / "plugins/modules").glob("*.py")):
        module = import_module(f"ansible_collections.magiclub.fargate.plugins.modules.{path.stem}")
        main = getattr(module, "main", None)
        assert main is None or re.search(r"with failing\(|\n    run\(\n        module", inspect.getsource(main)), path


def test_where_to_report_is_where_the_collection_says():
    assert f"issues: {defect.REPORT_AT}\n" in (ROOT / "galaxy.yml").read_text("utf-8")
