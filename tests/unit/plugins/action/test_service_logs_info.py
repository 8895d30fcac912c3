# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plugin shows each line that its module reads just once, near and far."""

from __future__ import annotations

import json
import types
import typing as t

import boto3
import pytest
from ansible.module_utils.testing import patch_module_args
from ansible.plugins.action import ActionBase
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.magiclub.fargate.plugins.action import service_logs_info as action
from ansible_collections.magiclub.fargate.plugins.modules import service_logs_info as module

Result = dict[str, t.Any]

NOON = 1_795_348_800
SECONDS = 30


class Group:
    """A log group that gets a line each second of its clock, which only sleeps move."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        clock = types.SimpleNamespace(time=lambda: NOON + self.now, monotonic=lambda: self.now, sleep=self.sleep)
        monkeypatch.setattr(module, "time", clock)
        monkeypatch.setattr(AnsibleAWSModule, "client", lambda _module, _service: self)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def get_paginator(self, operation: str) -> t.Any:
        assert operation in boto3.client("logs", region_name="ap-northeast-2").meta.method_to_api_mapping
        return types.SimpleNamespace(paginate=lambda **asked: [{"events": self._since(asked["startTime"])}])

    def _since(self, start: int) -> list[Result]:
        moments = [(NOON + second) * 1000 for second in range(int(self.now) + 1)]
        return [{"eventId": str(at), "timestamp": at, "message": "line"} for at in moments if at >= start]


class Plugin(action.ActionModule):
    """The plugin with the module itself, in this process."""

    def __init__(self, transport: str, capsys: pytest.CaptureFixture[str]) -> None:
        args = {"log_group": "/ecs/lotto", "since": "0", "follow": SECONDS, "region": "ap-northeast-2"}
        self._task = types.SimpleNamespace(args=args, async_val=0, no_log=False)
        self._connection = types.SimpleNamespace(transport=transport, has_native_async=False)
        self.shown, self.runs, self._capsys = list[str](), 0, capsys
        self._display = types.SimpleNamespace(display=self.shown.append)

    def _execute_module(self, module_args: Result, **_given: t.Any) -> Result:
        self.runs += 1
        with patch_module_args(module_args), pytest.raises(SystemExit):
            module.main()
        return t.cast("Result", json.loads(self._capsys.readouterr().out.splitlines()[-1]))


@pytest.mark.parametrize("transport", ["local", "ssh"])
def test_each_line_is_shown_once_and_returned(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], transport: str
) -> None:
    monkeypatch.setattr(ActionBase, "run", lambda self, tmp=None, task_vars=None: {})
    group, plugin = Group(monkeypatch), Plugin(transport, capsys)

    result = plugin.run(task_vars={})

    assert len(result["lines"]) == SECONDS + 1
    assert plugin.shown == [f"  {line}" for line in result["lines"]]
    assert (plugin.runs, group.now) == (1, SECONDS)
    assert "_progress" not in result
