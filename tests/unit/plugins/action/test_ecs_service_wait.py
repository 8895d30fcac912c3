# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plugin that shows the progress of a wait."""

from __future__ import annotations

import types
import typing as t
from pathlib import Path

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible_collections.magiclub.fargate.plugins.action import ecs_service_wait as action
from ansible_collections.magiclub.fargate.plugins.plugin_utils import progress

Result = dict[str, t.Any]


def test_tail_shows_each_line_once_and_the_last_ones_when_it_is_left(tmp_path: Path) -> None:
    path, shown = tmp_path / "progress", list[str]()
    tail = progress.Tail(path, shown.append)
    path.write_text("one\ntw", encoding="utf-8")
    tail.show_new()
    assert shown == ["one"]
    with path.open("a", encoding="utf-8") as stream:
        stream.write("o\nthree é\n")
    with tail:
        pass
    assert shown == ["one", "two", "three é"]


class Plugin(action.ActionModule):
    """The plugin with a module that answers by a script."""

    def __init__(
        self, transport: str, script: t.Callable[[Result], Result], asynchronous: int = 0, no_log: bool = False
    ) -> None:
        args = {"cluster": "c", "services": ["lotto"]}
        self._task = types.SimpleNamespace(args=args, async_val=asynchronous, no_log=no_log)
        self._connection = types.SimpleNamespace(transport=transport, has_native_async=False)
        self.script, self.ran, self.shown = script, list[Result](), list[str]()
        self._display = types.SimpleNamespace(display=self.shown.append)

    def _execute_module(self, module_args: Result, **kwargs: t.Any) -> Result:
        self.ran.append({**module_args, **kwargs})
        answer = self.script(module_args)
        return {**answer, "invocation": {"module_args": dict(module_args)}}


@pytest.fixture(autouse=True)
def bare_base(monkeypatch: pytest.MonkeyPatch) -> None:
    """ActionBase.run sets up what a playbook gives; here there is none."""
    monkeypatch.setattr(ActionBase, "run", lambda self, tmp=None, task_vars=None: {})


def test_local_the_module_runs_once_and_its_lines_are_shown() -> None:
    def script(args: Result) -> Result:
        Path(args["_progress_file"]).write_text("lotto: 1/2 running (1 s)\n", encoding="utf-8")
        return {"steady": True, "_progress": ["lotto: 1/2 running (1 s)"]}

    plugin = Plugin("local", script)
    result = plugin.run(task_vars={})
    assert plugin.shown == ["  lotto: 1/2 running (1 s)"]
    assert result == {"steady": True, "invocation": {"module_args": {"cluster": "c", "services": ["lotto"]}}}
    assert not Path(plugin.ran[0]["_progress_file"]).parent.exists()


def test_with_several_hosts_each_line_says_whose_it_is() -> None:
    plugin = Plugin("ssh", lambda _args: {"steady": True, "_progress": ["lotto: steady (1 s)"]})
    plugin.run(task_vars={"inventory_hostname": "poc", "ansible_play_hosts_all": ["poc", "prod"]})
    assert plugin.shown == ["[poc]   lotto: steady (1 s)"]


@pytest.mark.parametrize("transport", ["local", "ssh"])
def test_nothing_is_shown_of_a_task_with_no_log(transport: str) -> None:
    def script(args: Result) -> Result:
        if "_progress_file" in args:
            Path(args["_progress_file"]).write_text("lotto: 1/2 running (1 s)\n", encoding="utf-8")
        return {"steady": True, "_progress": ["lotto: 1/2 running (1 s)"]}

    plugin = Plugin(transport, script, no_log=True)
    assert plugin.run(task_vars={})["steady"] is True
    assert plugin.shown == []


def test_a_module_that_fails_leaves_no_file() -> None:
    def script(_args: Result) -> Result:
        raise AnsibleConnectionFailure("connection lost")

    plugin = Plugin("local", script)
    with pytest.raises(AnsibleConnectionFailure):
        plugin.run(task_vars={})
    assert not Path(plugin.ran[0]["_progress_file"]).parent.exists()


def test_elsewhere_the_lines_are_shown_when_the_module_has_ended() -> None:
    lines = ["lotto: 0/2 running (0 s)", "lotto: steady (17 s)"]
    plugin = Plugin("ssh", lambda _args: {"steady": True, "_progress": lines})
    result = plugin.run(task_vars={})
    assert plugin.shown == [f"  {line}" for line in lines]
    assert (result["steady"], "_progress" in result, len(plugin.ran)) == (True, False, 1)
    assert set(result["invocation"]["module_args"]) == {"cluster", "services"}


def test_in_the_background_the_module_runs_as_any_other() -> None:
    plugin = Plugin("local", lambda _args: {"ansible_job_id": "j1"}, asynchronous=600)
    assert plugin.run(task_vars={})["ansible_job_id"] == "j1"
    assert plugin.ran[0]["wrap_async"] is True
    assert "_progress_file" not in plugin.ran[0]


@pytest.mark.parametrize(("transport", "expected"), [("local", {"_progress_file"}), ("ssh", set())])
def test_the_option_of_the_plugins_own_is_not_taken_from_a_task(transport: str, expected: set[str]) -> None:
    plugin = Plugin(transport, lambda _args: {"steady": True})
    plugin._task.args["_progress_file"] = "/etc/passwd"
    plugin.run(task_vars={})
    (ran,) = plugin.ran
    assert set(ran) & {"_progress_file"} == expected
    assert ran.get("_progress_file") != "/etc/passwd"
